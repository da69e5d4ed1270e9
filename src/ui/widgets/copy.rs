//! A menu that copies what is shown: as text, as hexadecimal digits, as JSON.

use crate::ui::Theme;
use egui::containers::menu::MenuButton;
use egui::{RichText, Role, Ui, WidgetInfo};

/// How something is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As a person reads it.
    Text,
    /// Bytes as pairs of hexadecimal digits.
    Hex,
    /// As JSON.
    Json,
}

impl Format {
    /// What its line of the menu says.
    fn label(self) -> &'static str {
        match self {
            Format::Text => "As text",
            Format::Hex => "As hex",
            Format::Json => "As JSON",
        }
    }
}

/// Shows the menu's button. `what` says what is copied; `make` makes it when somebody asks.
pub fn menu_ui(
    ui: &mut Ui,
    theme: &Theme,
    what: &str,
    formats: &[Format],
    make: impl Fn(Format) -> Option<String>,
) {
    let button = egui::Button::new(RichText::new("Copy").small().color(theme.text)).small();
    let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
        for format in formats {
            if ui.button(format.label()).clicked() {
                if let Some(text) = make(*format) {
                    ui.ctx().copy_text(text);
                }
                ui.close();
            }
        }
    });
    let label = format!("Copy {what}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    response.on_hover_text(label);
}
