//! What can be shown beside the fields of a message, in the message view and in the sandbox.

use crate::ui::Theme;
use crate::ui::widgets::switch::{Choice, choices_ui};
use egui::Ui;

/// What is shown beside the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// A field bit by bit.
    #[default]
    Bits,
    /// The message as JSON.
    Json,
    /// The readings of a field, and the draft of a schema.
    Readings,
    /// What another version of the schema reads in the message.
    Versions,
}

impl Tab {
    fn label(self) -> &'static str {
        match self {
            Tab::Bits => "Bits",
            Tab::Json => "JSON",
            Tab::Readings => "Readings",
            Tab::Versions => "Versions",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Tab::Bits => "The field under the pointer, or the chosen one, bit by bit",
            Tab::Json => "The message as protobuf's canonical JSON, and the sizes of both",
            Tab::Readings => {
                "How the field can be read where no schema tells; what you say is remembered"
            }
            Tab::Versions => "The same bytes as this and another version of the schema read them",
        }
    }
}

/// Draws the tabs as one switch of this name, and takes a click on it.
pub fn tabs_ui(ui: &mut Ui, theme: &Theme, name: &str, tabs: &[Tab], chosen: &mut Tab) {
    let choices: Vec<Choice<'_>> = tabs
        .iter()
        .map(|tab| Choice {
            label: tab.label(),
            help: tab.help(),
            chosen: tab == chosen,
        })
        .collect();
    let clicked = choices_ui(ui, theme, name, &choices);
    if let Some(tab) = clicked.and_then(|clicked| tabs.get(clicked)) {
        *chosen = *tab;
    }
}
