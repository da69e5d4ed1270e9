//! The palette: everything that can be asked for, found by a few letters of its name.
//!
//! It opens over the window, keeps the keyboard while it is open, and gives it back to whatever had
//! it before.

mod entries;
mod search;

use crate::ui::settings::Settings;
use crate::ui::theme::text_size;
use crate::ui::widgets::row_list::{RowList, RowScroll};
use crate::ui::workspace::Workspace;
use crate::ui::{Command, ViewContext};
use egui::text::LayoutJob;
use egui::{
    Align2, Event, EventFilter, FontId, Frame, Id, Key, Margin, Modal, Modifiers, Rect, RichText,
    Role, Sense, Stroke, TextEdit, TextFormat, Ui, WidgetInfo, pos2, vec2,
};
use entries::Entry;
use search::Found;

/// How wide it is, in points: a name, what it is and its key side by side.
const WIDTH: f32 = 700.0;

/// How high a row is, in points.
const ROW: f32 = 28.0;

/// Rows that are seen at once.
const ROWS: usize = 12;

/// The name by which screen readers and tests find the field.
const LABEL: &str = "What to do or find";

/// The palette while it is open.
#[derive(Clone, Debug)]
pub(super) struct Palette {
    query: String,
    /// What can be listed, as it was when the palette was opened.
    listed: Vec<Entry>,
    /// What is shown for the query: letters to light up, and the entry.
    shown: Vec<(Vec<u32>, Entry)>,
    searched: Option<String>,
    chosen: usize,
    scroll: RowScroll,
    /// What had the keyboard before.
    before: Option<Id>,
    opened: bool,
}

impl Palette {
    /// A palette about to be shown.
    pub(super) fn new(
        context: &ViewContext<'_>,
        settings: &Settings,
        workspace: &Workspace,
        presenting: bool,
    ) -> Self {
        Self {
            query: String::new(),
            listed: entries::listed(context, settings, workspace, presenting),
            shown: Vec::new(),
            searched: None,
            chosen: 0,
            scroll: RowScroll::default(),
            before: None,
            opened: false,
        }
    }

    /// What is to get the keyboard back.
    pub(super) fn before(&self) -> Option<Id> {
        self.before
    }

    /// Looks again when another text stands there.
    fn search(&mut self, context: &ViewContext<'_>) {
        if self.searched.as_ref() == Some(&self.query) {
            return;
        }
        let (first, last) = entries::typed(context, &self.query);
        let listed = self.listed.iter();
        let texts = listed.map(|entry| (entry.name.as_str(), entry.about.as_str()));
        let found = search::search(&self.query, texts);
        let entry = |found: Found| {
            let entry = self.listed.get(found.entry)?.clone();
            Some((found.letters, entry))
        };
        let typed = |entry: Entry| (Vec::new(), entry);
        let mut shown: Vec<(Vec<u32>, Entry)> = first.into_iter().map(typed).collect();
        // A stream that was named by its number is in the list as well.
        let found = found.into_iter().filter_map(entry);
        for (letters, entry) in found {
            if !shown.iter().any(|(_, other)| other.name == entry.name) || shown.len() > ROWS {
                shown.push((letters, entry));
            }
        }
        shown.extend(last.into_iter().map(typed));
        self.shown = shown;
        self.chosen = 0;
        self.scroll = RowScroll::default();
        self.searched = Some(self.query.clone());
    }

    /// Moves what is chosen by the keys pressed in the field.
    fn keys(&mut self, ui: &Ui) -> bool {
        let last = self.shown.len().saturating_sub(1);
        let page = ROWS - 1;
        let times = |key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
        let (down, up) = (times(Key::ArrowDown), times(Key::ArrowUp));
        let (page_down, page_up) = (times(Key::PageDown), times(Key::PageUp));
        let enter = times(Key::Enter) > 0;
        let onwards = down + page * page_down;
        let back = up + page * page_up;
        if onwards + back > 0 {
            let chosen = self.chosen.saturating_add(onwards).min(last);
            self.chosen = chosen.saturating_sub(back);
            self.scroll.reveal(self.chosen);
        }
        enter
    }
}

/// Draws the palette, and asks for what was chosen.
pub(super) fn palette_ui(ui: &Ui, context: &ViewContext<'_>, palette: &mut Palette) {
    if !palette.opened {
        palette.before = ui.memory(|memory| memory.focused());
    }
    let window = ui.ctx().content_rect();
    let width = WIDTH.min(window.width() - 60.0);
    // Large type leaves fewer rows.
    let room = ((window.height() - 210.0) / ROW).floor().max(3.0) as usize;
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(12));
    let id = Id::unique("palette");
    let top = (window.height() * 0.1).min(70.0);
    let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, top));
    let modal = Modal::new(id).area(area).frame(frame);
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(width);
        palette.search(context);
        let enter = palette.keys(ui);
        field_ui(ui, palette);
        palette.search(context);
        let clicked = rows_ui(ui, context, palette, room.min(ROWS));
        foot_ui(ui, context, palette);
        clicked.or(enter.then_some(palette.chosen))
    });
    if let Some((_, entry)) = response.inner.and_then(|row| palette.shown.get(row)) {
        context.send(Command::TogglePalette);
        context.send(entry.command.clone());
    } else if response.should_close() {
        context.send(Command::TogglePalette);
    }
}

fn field_ui(ui: &mut Ui, palette: &mut Palette) {
    let id = ui.make_persistent_id("field");
    let field = TextEdit::singleline(&mut palette.query)
        .id(id)
        .desired_width(f32::INFINITY)
        .margin(Margin::symmetric(10, 7))
        .font(FontId::proportional(15.0))
        .hint_text("An action, a view, stream 3, frame 41, type:DATA …");
    let response = ui.add(field).accessible_name(LABEL);
    if response.changed() {
        // The field has drawn what stood there before.
        ui.ctx().request_repaint();
    }
    if !palette.opened || ui.memory(|memory| memory.focused().is_none()) {
        response.request_focus();
        palette.opened = true;
    }
    if response.has_focus() {
        // Tab has nowhere to go here; the arrows choose.
        let filter = EventFilter {
            tab: true,
            vertical_arrows: true,
            horizontal_arrows: true,
            escape: false,
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        ui.input_mut(|input| {
            input
                .events
                .retain(|event| !matches!(event, Event::Key { key: Key::Tab, .. }));
        });
    }
    let row = row_id(palette.chosen);
    let any = !palette.shown.is_empty();
    ui.ctx().accesskit_node_builder(id, |node| {
        // A screen reader reads the row that is chosen while the field has the keyboard.
        node.set_role(Role::SearchInput);
        node.set_expanded(true);
        if any {
            node.set_active_descendant(row.accesskit_id());
        }
    });
    ui.add_space(4.0);
}

fn row_id(row: usize) -> Id {
    Id::unique(("palette row", row))
}

/// The rows. Answers which one was clicked.
fn rows_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    palette: &mut Palette,
    rows: usize,
) -> Option<usize> {
    let theme = context.theme;
    let size = vec2(ui.available_width(), ROW * rows as f32);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    if palette.shown.is_empty() {
        let words = "Nothing has these letters. A few of a name are enough, in their order: \
                     hpk finds Show HPACK.";
        let text = RichText::new(words).color(theme.text_weak);
        ui.put(
            Rect::from_min_size(rect.min, vec2(rect.width(), ROW * 2.0)),
            egui::Label::new(text).wrap(),
        );
        return None;
    }
    let mut clicked = None;
    let mut pointed = None;
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    let list = RowList {
        name: "Actions",
        row_height: ROW,
        count: palette.shown.len(),
        current: Some(palette.chosen),
    };
    let moved = ui.input(|input| input.pointer.delta() != vec2(0.0, 0.0));
    let (shown, chosen) = (&palette.shown, palette.chosen);
    list.show(&mut child, &mut palette.scroll, |ui, row, rect, _| {
        let Some((letters, entry)) = shown.get(row) else {
            return;
        };
        let response = ui.interact(rect, row_id(row), Sense::CLICK);
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(spoken(entry)),
            ..WidgetInfo::selected(Role::ListBoxOption, true, row == chosen, &entry.name)
        });
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_selected(row == chosen));
        if response.clicked() {
            clicked = Some(row);
        }
        if response.hovered() && moved {
            pointed = Some(row);
        }
        row_ui(ui, context, rect, letters, entry, row == chosen);
    });
    palette.chosen = pointed.unwrap_or(palette.chosen);
    clicked
}

/// What a screen reader says after the name.
fn spoken(entry: &Entry) -> String {
    match entry.key {
        Some(key) if entry.about.is_empty() => format!("key {key}"),
        Some(key) => format!("{}, key {key}", entry.about),
        None => entry.about.clone(),
    }
}

fn row_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    rect: Rect,
    letters: &[u32],
    entry: &Entry,
    chosen: bool,
) {
    let theme = context.theme;
    let painter = ui.painter();
    if chosen {
        painter.rect_filled(rect, 5.0, theme.selection);
        let bar = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
        painter.rect_filled(bar, 1.5, theme.accent);
    }
    let mut right = rect.right() - 8.0;
    if let Some(key) = entry.key {
        let font = FontId::monospace(text_size::SMALL);
        let galley = painter.layout_no_wrap(key.to_owned(), font, theme.text);
        let cap = Rect::from_min_size(
            pos2(
                right - galley.size().x - 12.0,
                rect.center().y - galley.size().y / 2.0 - 2.0,
            ),
            galley.size() + vec2(12.0, 4.0),
        );
        let border = Stroke::new(1.0, theme.line);
        let inside = egui::StrokeKind::Inside;
        painter.rect(cap, 4.0, theme.background, border, inside);
        painter.galley(cap.min + vec2(6.0, 2.0), galley, theme.text);
        right = cap.left() - 10.0;
    }
    let job = lit(&entry.name, letters, theme);
    let name = painter.layout_job(job);
    let at = pos2(rect.left() + 12.0, rect.center().y - name.size().y / 2.0);
    let clip = painter.with_clip_rect(rect.with_max_x(right).intersect(painter.clip_rect()));
    let after = at.x + name.size().x + 14.0;
    clip.galley(at, name, theme.text);
    if right - after > 60.0 && !entry.about.is_empty() {
        let font = FontId::proportional(text_size::SMALL);
        let mut about = LayoutJob::simple_singleline(entry.about.clone(), font, theme.text_weak);
        about.wrap.max_width = right - after;
        about.wrap.max_rows = 1;
        about.wrap.break_anywhere = true;
        let about = painter.layout_job(about);
        let y = rect.center().y - about.size().y / 2.0;
        clip.galley(pos2(after, y), about, theme.text_weak);
    }
}

/// A name with the letters that were asked for lit, and underlined, for colour is not enough.
fn lit(name: &str, letters: &[u32], theme: &crate::ui::Theme) -> LayoutJob {
    let font = FontId::proportional(text_size::BODY);
    let mut job = LayoutJob::default();
    for (at, letter) in name.chars().enumerate() {
        let is_lit = u32::try_from(at).is_ok_and(|at| letters.binary_search(&at).is_ok());
        let colour = if is_lit { theme.accent } else { theme.text };
        let mut format = TextFormat::simple(font.clone(), colour);
        if is_lit {
            format.underline = Stroke::new(1.0, theme.accent);
        }
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    job
}

fn foot_ui(ui: &mut Ui, context: &ViewContext<'_>, palette: &Palette) {
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        let weak = |text: String| RichText::new(text).small().color(context.theme.text_weak);
        let found = match palette.shown.len() {
            1 => "1 found".to_owned(),
            count => format!("{} found", crate::ui::widgets::format::count(count as u64)),
        };
        ui.label(weak(found));
        let keys = "↑ ↓ choose · Enter does it · Esc closes";
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(weak(keys.to_owned()));
        });
    });
}
