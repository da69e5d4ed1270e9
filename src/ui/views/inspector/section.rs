//! What every tab is made of: sections of rows, a name and a value each, that explain themselves on
//! hover and light their bytes.

use crate::trace::Finding;
use crate::ui::widgets::format::GROUP_SEPARATOR;
use crate::ui::widgets::{findings, mark, terms};
use crate::ui::{Command, Item, ViewContext};
use egui::text::{LayoutJob, TextFormat};
use egui::{FontId, RichText, Role, Sense, TextStyle, Ui, WidgetInfo};

/// Lines that a value takes at most; all of it is there on hover.
const MAX_VALUE_LINES: usize = 6;

/// Rows of one section that are drawn before somebody asks for all: more than a screen holds, few
/// enough for every picture.
pub(super) const FEW_ROWS: usize = 120;

/// Between a name and its value, in points.
const NAME_MARGIN: f32 = 6.0;

/// Above and below the words of a row together, in points.
const ROW_MARGIN: f32 = 4.0;

/// A name and a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) value: String,
    /// What the name means.
    pub(super) hover: String,
    /// What pointing at it lights and a click selects.
    pub(super) item: Option<Item>,
}

impl Entry {
    pub(super) fn new(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
            hover: terms::hover_text(name),
            item: None,
        }
    }

    /// The same row under another name, for a plural.
    pub(super) fn called(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    pub(super) fn hover(mut self, text: &str, section: &str) -> Self {
        self.hover = terms::with_section(text, section);
        self
    }

    pub(super) fn item(mut self, item: Item) -> Self {
        self.item = Some(item);
        self
    }
}

/// Rows under a title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) entries: Vec<Entry>,
    /// Text in full width below the rows, such as the start of some content.
    pub(super) preview: Option<String>,
}

impl Section {
    pub(super) fn new(title: &str, entries: Vec<Entry>) -> Self {
        Self {
            title: title.to_owned(),
            entries,
            preview: None,
        }
    }

    /// What was found about something: the sentences, and on hover the rules with their sections.
    pub(super) fn of_findings(list: &[&Finding]) -> Self {
        let entry = |finding: &&Finding| {
            let name = mark::severity_name(finding.severity);
            let section = finding.section.unwrap_or_default();
            let value = match section {
                "" => finding.text.clone(),
                section => format!("{} ({section})", finding.text),
            };
            let why = findings::why(finding);
            let hover = format!("{}: {why}", finding.rule.replace('-', " "));
            let entry = Entry::new(name, value).hover(&hover, section);
            match findings::bytes(finding) {
                Some(item @ Item::Bytes { .. }) => entry.item(item),
                _ => entry,
            }
        };
        Self::new("findings", list.iter().map(entry).collect())
    }
}

/// The sections as text, for screen readers and tests.
pub(super) fn text(sections: &[Section]) -> String {
    let mut lines = Vec::new();
    for section in sections {
        if !section.title.is_empty() {
            lines.push(section.title.to_uppercase());
        }
        for entry in &section.entries {
            lines.push(format!("{}: {}", entry.name, entry.value));
        }
        lines.extend(section.preview.clone());
    }
    lines.join("\n")
}

/// The sections as JSON: an object per section, a value per row.
pub(super) fn json(heading: &str, sections: &[Section]) -> serde_json::Value {
    let mut all = serde_json::Map::new();
    all.insert("heading".to_owned(), heading.into());
    for section in sections {
        let rows = section
            .entries
            .iter()
            .map(|entry| serde_json::json!({ "name": entry.name, "value": entry.value }));
        let rows: Vec<_> = rows.collect();
        let title = match section.title.as_str() {
            "" => "about",
            title => title,
        };
        if !rows.is_empty() {
            all.insert(title.to_owned(), rows.into());
        }
    }
    all.into()
}

/// Draws sections below each other.
pub(super) fn sections_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    sections: &[Section],
    all: &mut bool,
) {
    // One width for all sections, so that values stand below each other; a section with longer names
    // may take more, as far as that leaves room for its values.
    let available = ui.available_width();
    let limit = if *all { usize::MAX } else { FEW_ROWS };
    let letters = Letters::of(ui);
    let names: Vec<_> = sections
        .iter()
        .map(|section| letters.name_widths(ui, section, limit))
        .collect();
    let widths = names.iter().map(|names| column_width(names));
    let common = widths
        .fold(0.0, f32::max)
        .clamp((available * 0.3).min(190.0), available * 0.38);
    // A section without a title would touch what is above.
    if sections.first().is_some_and(|first| first.title.is_empty()) {
        ui.add_space(4.0);
    }
    for (section, names) in sections.iter().zip(names) {
        if section.entries.is_empty() && section.preview.is_none() {
            continue;
        }
        title_ui(ui, context, &section.title);
        let width = column_width(&names).clamp(common, available * 0.54);
        for (row, (entry, name)) in section.entries.iter().zip(names).enumerate() {
            let surely_one_line = name <= width - NAME_MARGIN
                && letters.fits_one_line(&entry.value, ui.available_width() - width);
            // Out of sight nothing is laid out where it is known how high it is.
            if surely_one_line && skip(ui, letters.line_height + ROW_MARGIN) {
                continue;
            }
            entry_ui(ui, context, entry, &letters, width, (&section.title, row));
        }
        more_ui(ui, section.entries.len(), all);
        if let Some(preview) = &section.preview {
            preview_ui(ui, context, preview);
        }
    }
}

/// A title in small capitals.
pub(super) fn title_ui(ui: &mut Ui, context: &ViewContext<'_>, title: &str) {
    if title.is_empty() {
        return;
    }
    ui.add_space(8.0);
    let text = RichText::new(title.to_uppercase()).small().strong();
    ui.label(text.color(context.theme.text_weak));
    ui.add_space(1.0);
}

/// Says how many rows are left out, and offers them.
pub(super) fn more_ui(ui: &mut Ui, count: usize, all: &mut bool) {
    if count <= FEW_ROWS {
        return;
    }
    let words = if *all {
        "show fewer".to_owned()
    } else {
        format!("show {} more", count - FEW_ROWS)
    };
    if ui.small_button(words).clicked() {
        *all = !*all;
    }
}

fn preview_ui(ui: &mut Ui, context: &ViewContext<'_>, preview: &str) {
    let font = egui::FontId::monospace(TextStyle::Small.resolve(ui.style()).size);
    egui::Frame::new()
        .fill(context.theme.lane)
        .corner_radius(3.0)
        .inner_margin(6.0)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(egui::Label::new(RichText::new(preview).font(font)).wrap());
        });
}

/// What is known of letters before a row is laid out.
struct Letters {
    /// The font of names.
    body: FontId,
    /// The font of values.
    mono: FontId,
    /// How wide each letter of a value is, in points.
    mono_width: f32,
    /// How high a line with both is, in points.
    line_height: f32,
}

impl Letters {
    fn of(ui: &Ui) -> Self {
        let body = TextStyle::Body.resolve(ui.style());
        let mono = FontId::monospace((body.size - 1.0).max(9.0));
        // Laid out, a line is higher than its font says: it ends at whole pixels.
        let height = |font: &FontId| {
            let (letter, colour) = ("0".to_owned(), egui::Color32::PLACEHOLDER);
            let line = ui.painter().layout_no_wrap(letter, font.clone(), colour);
            line.size().y
        };
        Self {
            mono_width: ui.fonts_mut(|fonts| fonts.glyph_width(&mono, '0')),
            line_height: height(&body).max(height(&mono)),
            body,
            mono,
        }
    }

    /// How wide each name of a section is on one line, in points.
    fn name_widths(&self, ui: &Ui, section: &Section, limit: usize) -> Vec<f32> {
        let entries = section.entries.iter().take(limit);
        ui.fonts_mut(|fonts| {
            let mut width = |letter| fonts.glyph_width(&self.body, letter);
            let names = entries.map(|entry| entry.name.chars().map(&mut width).sum());
            names.collect()
        })
    }

    /// Whether a value surely takes one line.
    fn fits_one_line(&self, value: &str, width: f32) -> bool {
        let is_known = |of: char| matches!(of, ' '..='~' | GROUP_SEPARATOR);
        let letters = value.chars().count() as f32;
        value.chars().all(is_known) && letters * self.mono_width + 1.0 <= value_width(width)
    }
}

/// How wide a column is for names of these widths, in points. Beyond the rows that are drawn at first they do not count:
/// nothing moves when all are asked for.
fn column_width(names: &[f32]) -> f32 {
    let widest = names.iter().take(FEW_ROWS).copied().fold(0.0, f32::max);
    if names.is_empty() { 0.0 } else { widest + 14.0 }
}

/// How wide a value may be that has so much room beside its name, in points.
fn value_width(room: f32) -> f32 {
    (room - 4.0).max(40.0)
}

/// Leaves room for a row where it would be out of sight. Returns whether it is.
fn skip(ui: &mut Ui, height: f32) -> bool {
    let size = egui::vec2(ui.available_width(), height);
    let is_seen = ui.is_rect_visible(egui::Rect::from_min_size(ui.cursor().min, size));
    if !is_seen {
        ui.allocate_space(size);
    }
    !is_seen
}

fn entry_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    entry: &Entry,
    letters: &Letters,
    name_width: f32,
    salt: (&str, usize),
) {
    let theme = context.theme;
    let width = ui.available_width();
    let mut name = LayoutJob::single_section(
        entry.name.clone(),
        TextFormat::simple(letters.body.clone(), theme.text_weak),
    );
    name.wrap.max_width = name_width - NAME_MARGIN;
    name.wrap.max_rows = 2;
    let colour = match entry.item {
        Some(Item::Bytes { .. }) | None => theme.text,
        Some(_) => theme.accent,
    };
    let lines = |value: String| {
        let format = TextFormat::simple(letters.mono.clone(), colour);
        let mut value = LayoutJob::single_section(value, format);
        value.wrap.max_width = value_width(width - name_width);
        value.wrap.max_rows = MAX_VALUE_LINES;
        ui.painter().layout_job(value)
    };
    let (name, mut value) = (ui.painter().layout_job(name), lines(entry.value.clone()));
    if value.rows.len() > 1 {
        value = lines(whole_numbers(&entry.value));
    }
    let cut = value.elided;
    let height = name.size().y.max(value.size().y) + ROW_MARGIN;
    let (_, rect) = ui.allocate_space(egui::vec2(width, height));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let response = ui.interact(rect, ui.scope_id().with(salt), Sense::CLICK);
    let selected = entry.item.is_some() && entry.item == context.selection;
    response.widget_info(|| {
        let label = format!("{}: {}", entry.name, entry.value);
        WidgetInfo::selected(Role::Row, true, selected, label)
    });
    if let Some(item) = entry.item {
        if response.hovered() {
            context.hover(item);
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        }
        if response.clicked() {
            context.send(Command::Select(item));
        }
    }
    if let Some(fill) = row_fill(context, entry.item) {
        ui.painter().rect_filled(rect, 3.0, fill);
    }
    let top = rect.left_top() + egui::vec2(2.0, 2.0);
    ui.painter().galley(top, name, theme.text_weak);
    let right = top + egui::vec2(name_width, 0.0);
    ui.painter().galley(right, value, theme.text);
    let mut hover = entry.hover.clone();
    if cut {
        hover = format!("{}\n{hover}", entry.value);
    }
    if !hover.trim().is_empty() {
        response.on_hover_text(hover.trim());
    }
}

/// The same words, with spaces in numbers at which no line is broken.
fn whole_numbers(words: &str) -> String {
    const NO_BREAK: &str = "\u{a0}";
    words.replace(GROUP_SEPARATOR, NO_BREAK)
}

/// What lies behind a row: what is selected is tinted, and so is what the pointer is over, here or in
/// another view.
pub(super) fn row_fill(context: &ViewContext<'_>, item: Option<Item>) -> Option<egui::Color32> {
    let item = item?;
    if context.selection == Some(item) {
        Some(context.theme.selection)
    } else if context.hovered == Some(item) {
        Some(context.theme.hover)
    } else {
        None
    }
}
