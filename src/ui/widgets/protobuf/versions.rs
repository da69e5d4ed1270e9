//! The same bytes as two versions of a schema read them, side by side, and what changed between the versions.

use crate::report::protobuf::{ChangeReport, ComparisonReport, SideBySide};
use crate::ui::Theme;
use crate::ui::theme::text_size;
use crate::ui::widgets::switch::caption_ui;
use egui::{Color32, Label, RichText, ScrollArea, Ui, vec2};

/// Lines that are drawn of each of the two lists.
const MAX_LINES: usize = 500;

/// Draws the comparison into the space that is left.
pub fn versions_ui(ui: &mut Ui, theme: &Theme, comparison: &ComparisonReport) {
    ScrollArea::both()
        .id_salt("versions")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            changes_ui(ui, theme, comparison);
            caption_ui(
                ui,
                theme,
                "The same bytes, read by both",
                "— is seen by one of them alone",
                "A field that a version lacks it keeps as an unknown field. What was not sent has its default.",
            );
            let spacing = vec2(14.0, 3.0);
            egui::Grid::new("side by side")
                .num_columns(3)
                .spacing(spacing)
                .striped(true)
                .show(ui, |ui| {
                    for title in ["bytes", "this version reads", "the other version reads"] {
                        let title = RichText::new(title).size(text_size::SMALL);
                        ui.label(title.color(theme.text_weak));
                    }
                    ui.end_row();
                    for row in comparison.fields.iter().take(MAX_LINES) {
                        row_ui(ui, theme, row);
                    }
                });
        });
}

fn changes_ui(ui: &mut Ui, theme: &Theme, comparison: &ComparisonReport) {
    let about = match comparison.changes.is_empty() {
        true => "none: both versions are the same",
        false => "from this version to the other",
    };
    caption_ui(
        ui,
        theme,
        &format!("What changed in {}", comparison.type_name),
        about,
        "safe: old and new programs go on to understand each other. careful: they do as long as something is \
         kept in mind. breaking: one misreads what the other wrote.",
    );
    for change in comparison.changes.iter().take(MAX_LINES) {
        ui.horizontal_wrapped(|ui| {
            let colour = verdict_colour(theme, change);
            ui.label(RichText::new(change.verdict).strong().color(colour));
            ui.label(RichText::new(&change.text).color(theme.text));
        });
    }
}

fn verdict_colour(theme: &Theme, change: &ChangeReport) -> Color32 {
    match change.verdict {
        "breaking" => theme.error,
        "careful" => theme.warning,
        _ => theme.text_weak,
    }
}

fn row_ui(ui: &mut Ui, theme: &Theme, row: &SideBySide) {
    let mono = |words: String, colour| RichText::new(words).monospace().color(colour);
    let range = row.range.map_or_else(
        || "not sent".to_owned(),
        |[start, end]| format!("{start}–{}", end.saturating_sub(1)),
    );
    ui.label(mono(range, theme.text_weak));
    let differs = row.old != row.new;
    for side in [&row.old, &row.new] {
        let colour = match (side, differs) {
            (None, _) => theme.text_weak,
            (Some(_), true) => theme.text,
            (Some(_), false) => theme.text_weak,
        };
        let words = side.clone().unwrap_or_else(|| "—".to_owned());
        let words = crate::report::text::one_line(&words, 120);
        ui.add(Label::new(mono(words, colour)).extend());
    }
    ui.end_row();
}

/// The comparison in words, a line for each.
pub fn versions_text(comparison: &ComparisonReport) -> Vec<String> {
    let changes = comparison.changes.iter().take(MAX_LINES);
    let changes = changes.map(|change| format!("{}: {}", change.verdict, change.text));
    let side = |side: &Option<String>| {
        side.as_deref()
            .map_or_else(|| "—".to_owned(), |words| words.trim().to_owned())
    };
    let fields = comparison.fields.iter().take(MAX_LINES).map(|row| {
        format!(
            "this version reads {}; the other version reads {}",
            side(&row.old),
            side(&row.new)
        )
    });
    changes.chain(fields).collect()
}
