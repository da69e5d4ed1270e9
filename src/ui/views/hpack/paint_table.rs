//! Draws the dynamic table as a queue, and the static table beside it.

use super::layout::{Queue, flow};
use super::model::{Kind, Part, Shown, known, parts};
use super::motion::Pose;
use super::paint_card::{Face, face_ui};
use super::{State, paint_block, words};
use crate::report::text::one_line;
use crate::ui::theme::text_size;
use crate::ui::widgets::filtered::LEFT_OUT;
use crate::ui::widgets::format::exact_bytes;
use crate::ui::widgets::switch::{caption_ui, tinted};
use crate::ui::widgets::{mark, terms};
use crate::ui::{Command, Item, ViewContext};
use crate::wire::hpack::table::{ENTRY_OVERHEAD_BYTES, FIRST_DYNAMIC_INDEX, STATIC_ENTRIES};
use crate::wire::hpack::{Source, static_table};
use egui::{
    Align, Align2, Color32, FontId, Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};
use std::collections::BTreeSet;

/// Entries pushed out by the block that are drawn behind the queue.
const MAX_FALLEN: u64 = 4;
/// Unseen entries that are drawn.
const MAX_UNSEEN: usize = 8;
/// Entries that are drawn as parts of the bar.
const MAX_BAR_PARTS: u64 = 300;

/// Draws caption, bar and queue.
pub fn table_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &State, shown: &Shown<'_>) {
    let theme = context.theme;
    let title = format!("Dynamic table of the {}", shown.direction.name());
    let mut about = words::table_words(shown);
    for words in words::evicted_words(shown)
        .into_iter()
        .chain([words::whose_words(shown)])
    {
        about.push_str(" · ");
        about.push_str(&words);
    }
    caption_ui(
        ui,
        theme,
        &title,
        &about,
        &terms::hover_text("dynamic table"),
    );
    bar_ui(ui, context, shown);
    queue_ui(ui, context, state, shown);
    let hint = format!(
        "Newest first, with index {FIRST_DYNAMIC_INDEX}; one that enters moves every other number on by one, and when the bar is \
         full, the oldest fall out. Size: name, value and {ENTRY_OVERHEAD_BYTES} bytes more, as wide in the bar; bright: new. 3× = \
         named three times so far."
    );
    ui.label(
        egui::RichText::new(hint)
            .size(text_size::SMALL)
            .color(theme.text_weak),
    );
}

/// Entries one beside the other, as wide as they count, against the limit.
fn bar_ui(ui: &mut Ui, context: &ViewContext<'_>, shown: &Shown<'_>) {
    let theme = context.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 14.0), Sense::hover());
    response.widget_info(|| {
        let label = format!("dynamic table: {}", words::table_words(shown));
        WidgetInfo::labeled(Role::Meter, true, label)
    });
    let painter = ui.painter();
    painter.rect_filled(rect, 3.0, theme.lane);
    let limit = u64::from(shown.table.max_size_bytes)
        .max(shown.table.size_bytes)
        .max(1);
    let x = |bytes: u64| rect.left() + rect.width() * (bytes as f64 / limit as f64) as f32;
    if shown.table.len() > MAX_BAR_PARTS {
        let filled = rect.with_max_x(x(shown.table.size_bytes));
        painter.rect_filled(filled, 3.0, tinted(theme.lane, theme.accent, 0.7));
    } else {
        let mut from = 0;
        for number in (shown.table.first..shown.table.end).rev() {
            let size = shown.entry(number).map_or(0, |entry| entry.size_bytes());
            let part = Rect::from_min_max(
                pos2(x(from), rect.top()),
                pos2((x(from + size) - 1.0).max(x(from) + 0.5), rect.bottom()),
            );
            let strength = if shown.is_new(number) { 0.95 } else { 0.5 };
            let strength = match shown.is_filtered_out(context, number) {
                true => strength * LEFT_OUT,
                false => strength,
            };
            painter.rect_filled(part, 1.0, tinted(theme.lane, theme.accent, strength));
            from += size;
        }
    }
    painter.rect_stroke(
        rect,
        3.0,
        Stroke::new(1.0, theme.text_weak),
        StrokeKind::Inside,
    );
    response.on_hover_text(format!(
        "{}\nEach entry counts its name, its value and 32 bytes more (RFC 7541 §4.1). \
         The outline is the limit, which the receiver's SETTINGS_HEADER_TABLE_SIZE allows at most.",
        words::table_words(shown)
    ));
}

fn queue_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &State, shown: &Shown<'_>) {
    let queue = Queue::new(ui.available_width());
    let evicted = shown.evicted();
    let fallen = (evicted.end - evicted.start).min(MAX_FALLEN);
    let unseen = shown.unseen();
    let behind = fallen + unseen.len().min(MAX_UNSEEN) as u64;
    let places = shown.table.len() + behind;
    if places == 0 {
        let words = "Empty: no block has added an entry yet.";
        ui.label(egui::RichText::new(words).color(context.theme.text_weak));
        return;
    }
    let sink = if fallen > 0 { 16.0 } else { 0.0 };
    let size = vec2(ui.available_width(), queue.height(places) + sink);
    let (_, area) = ui.allocate_space(size);
    let clip = ui.clip_rect().intersect(area.expand2(vec2(2.0, 20.0)));
    let painter = ui.painter().with_clip_rect(clip);
    let visible = queue.visible(clip.top() - area.top(), clip.bottom() - area.top());
    let used = used_entries(shown);
    // Newest first, so that an entry which comes in lies above those that make room.
    let numbers = state.motion.numbers();
    let end = shown.table.end;
    let first = numbers
        .start
        .max(end.saturating_sub(visible.end.max(0) as u64 + 1));
    for number in (first..numbers.end.min(end.saturating_add(64))).rev() {
        let Some(mut pose) = state.motion.pose(&queue, number) else {
            continue;
        };
        if shown.is_filtered_out(context, number) {
            pose.strength *= LEFT_OUT;
        }
        pose.rect = pose.rect.translate(area.min.to_vec2());
        if clip.intersects(pose.rect.expand(20.0)) {
            let uses = state.uses(shown, number);
            entry_ui(ui, context, &painter, shown, (number, uses), &pose, &used);
        }
    }
    let after = i64::try_from(shown.table.len()).unwrap_or(i64::MAX);
    for (place, (index, placeholder)) in (after..).zip(unseen.iter().take(MAX_UNSEEN)) {
        let rect = queue.place(place).translate(area.min.to_vec2());
        let face = Face {
            number: index.to_string(),
            note: "unseen".to_owned(),
            name: "inserted before".to_owned(),
            value: format!("unseen entry {}", placeholder.distance()),
            edge: context.theme.text_weak,
            fill: Color32::TRANSPARENT,
            dashed: true,
        };
        face_ui(&painter, context.theme, &face, &still(rect));
        let id = ui.scope_id().with(("unseen", placeholder.0));
        let response = ui.interact(rect.intersect(clip), id, Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Row, true, format!("index {index}: unseen entry"))
        });
        response.on_hover_text(
            "This block names an entry that was inserted before the capture began, so its text is not \
             known. Numbers count from the newest entry, so its place still is.",
        );
    }
    let after = after + unseen.len().min(MAX_UNSEEN) as i64;
    let more = (evicted.end - evicted.start).saturating_sub(fallen);
    for (position, number) in (0i64..).zip((evicted.end - fallen)..evicted.end) {
        let rect = queue
            .place(after + fallen as i64 - 1 - position)
            .translate(area.min.to_vec2() + vec2(0.0, 8.0));
        let (name, value) = words::entry_words(shown, number);
        let note = match (position, more) {
            (0, 1..) => format!("evicted, +{more} more"),
            _ => "evicted".to_owned(),
        };
        let face = Face {
            number: String::new(),
            note,
            name,
            value,
            edge: context.theme.warning,
            fill: Color32::TRANSPARENT,
            dashed: true,
        };
        let pose = Pose {
            rect,
            strength: 0.75,
            tilt: 0.06,
        };
        face_ui(&painter, context.theme, &face, &pose);
        let id = ui.scope_id().with(("evicted", number));
        let response = ui.interact(rect.intersect(clip), id, Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(
                Role::Row,
                true,
                format!("evicted: {}: {}", face.name, face.value),
            )
        });
        response.on_hover_text(format!(
            "{}\nPushed out by this block.\n{}",
            words::entry_hover(shown, number),
            terms::hover_text("evicted")
        ));
    }
}

fn still(rect: Rect) -> Pose {
    Pose {
        rect,
        strength: 1.0,
        tilt: 0.0,
    }
}

/// The dynamic entries that the block's fields name.
fn used_entries(shown: &Shown<'_>) -> BTreeSet<u64> {
    let fields = shown.decoded().map_or(&[][..], |block| &block.fields);
    let dynamic = fields.iter().filter_map(|field| match field.source {
        Source::Dynamic(number) => Some(number),
        _ => None,
    });
    dynamic.collect()
}

fn entry_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    painter: &Painter,
    shown: &Shown<'_>,
    (number, uses): (u64, Option<usize>),
    pose: &Pose,
    used: &BTreeSet<u64>,
) {
    let theme = context.theme;
    let (name, value) = words::entry_words(shown, number);
    let index = shown.table.index_of(number);
    let (new, used) = (shown.is_new(number), used.contains(&number));
    let size = shown.entry(number).map(|entry| entry.size_bytes());
    let size = size.map_or_else(|| "size unknown".to_owned(), exact_bytes);
    let note = words::entry_note((new, used), uses, size);
    let (edge, fill) = match (new, used) {
        (true, _) => {
            let colour = paint_block::colour(theme, Kind::Added);
            (colour, tinted(theme.lane, colour, 0.16))
        }
        (false, true) => {
            let colour = paint_block::colour(theme, Kind::Dynamic);
            (colour, tinted(theme.lane, colour, 0.16))
        }
        (false, false) => (theme.line, theme.lane),
    };
    let face = Face {
        number: index.map_or_else(String::new, |index| index.to_string()),
        note,
        name,
        value,
        edge,
        fill,
        dashed: false,
    };
    face_ui(painter, theme, &face, pose);
    let Some(index) = index else {
        return;
    };
    let id = ui.scope_id().with(("entry", number));
    let response = ui.interact(pose.rect.intersect(painter.clip_rect()), id, Sense::click());
    response.widget_info(|| {
        let label = format!(
            "index {index}: {}: {}, {}",
            face.name,
            one_line(&face.value, 120),
            face.note
        );
        WidgetInfo::labeled(Role::Button, true, label)
    });
    let inserter = shown.inserted_by(number);
    if let Some(frame) = inserter {
        let item = Item::Frame(shown.connection.id, frame);
        if response.hovered() {
            context.hover(item);
        }
        if response.clicked() {
            context.send(Command::Select(item));
        }
    }
    response.on_hover_ui(|ui| {
        ui.label(words::entry_hover(shown, number));
        if let Some(uses) = uses {
            ui.label(words::uses_words(uses));
        }
        if inserter.is_some() {
            let words = egui::RichText::new("Click to go to the frame that inserted it.");
            ui.label(words.color(theme.text_weak));
        }
    });
}

/// Draws the static table, with what the block uses of it marked.
pub fn static_ui(ui: &mut Ui, context: &ViewContext<'_>, shown: &Shown<'_>) {
    let theme = context.theme;
    let about = format!(
        "{STATIC_ENTRIES} entries that never change; those this block names are marked. \
         The dynamic table follows with index {FIRST_DYNAMIC_INDEX}."
    );
    caption_ui(ui, theme, "Static table", &about, "RFC 7541 Appendix A");
    let named: BTreeSet<u32> = shown
        .decoded()
        .map(parts)
        .unwrap_or_default()
        .iter()
        .filter_map(|part| match part {
            Part::Field(field) => field.index.filter(|&index| index <= STATIC_ENTRIES),
            Part::Update(_) => None,
        })
        .collect();
    let width = ui.available_width();
    let columns = (width / 250.0).floor().max(1.0);
    let each = (width + 8.0) / columns - 8.0;
    let rects = flow(&[each; STATIC_ENTRIES as usize], width + 0.5, 18.0, 8.0);
    let height = rects
        .iter()
        .fold(0.0_f32, |height, rect| height.max(rect.bottom()));
    let (_, area) = ui.allocate_space(vec2(width, height));
    let (small, mono) = (
        FontId::proportional(text_size::SMALL),
        FontId::monospace(text_size::SMALL),
    );
    for (index, rect) in (1..=STATIC_ENTRIES).zip(rects) {
        let rect = rect.translate(area.min.to_vec2());
        let Some((name, value)) = static_table::entry(index) else {
            continue;
        };
        if !ui.is_rect_visible(rect) {
            continue;
        }
        let colour = paint_block::colour(theme, Kind::Static);
        if named.contains(&index) {
            ui.painter().rect(
                rect,
                3.0,
                tinted(theme.lane, colour, 0.2),
                Stroke::new(1.0, colour),
                StrokeKind::Inside,
            );
        }
        ui.painter().text(
            pos2(rect.left() + 22.0, rect.center().y),
            Align2::RIGHT_CENTER,
            index,
            small.clone(),
            theme.text_weak,
        );
        let words = if value.is_empty() {
            known(Some(name.as_bytes()))
        } else {
            format!("{name}: {value}")
        };
        let row = rect.with_min_x(rect.left() + 30.0);
        mark::line(ui.painter(), row, Align::Min, &words, &mono, theme.text);
        let response = ui.interact(rect, ui.scope_id().with(("static", index)), Sense::hover());
        response.widget_info(|| {
            let used = if named.contains(&index) {
                ", used now"
            } else {
                ""
            };
            WidgetInfo::labeled(Role::Row, true, format!("static {index}: {words}{used}"))
        });
    }
}
