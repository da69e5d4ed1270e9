//! The bytes of a field bit by bit: the tag split into field number and wire type, varints with their continuation bits,
//! lengths, zigzag; each run under a heading that says what it means.

use super::{FieldRow, Parsed, step_words, zigzag_hint};
use crate::ui::Theme;
use crate::ui::theme::text_size;
use crate::wire::protobuf::bits::{Part, Step};
use egui::{
    Align2, Color32, FontId, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

/// Width of one bit, in points: at least so much, and more where few bytes have much room.
const BIT: [f32; 2] = [18.0, 26.0];
/// Between two bytes.
const GAP: f32 = 10.0;
/// Height of the row of bits.
const BITS_HEIGHT: f32 = 22.0;
/// Above the bits: the byte in hex.
const HEX_HEIGHT: f32 = 17.0;
/// Below the bits: what they are for.
const WORDS_HEIGHT: f32 = 17.0;

/// Bytes of a run whose bits are drawn; a varint has at most ten.
const MAX_BYTES: usize = 16;

/// Steps that are drawn of one field. A packed list may have thousands.
const MAX_STEPS: usize = 40;

/// What one bit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role8 {
    Continues,
    Number,
    WireType,
    Value,
}

impl Role8 {
    fn colour(self, theme: &Theme) -> Color32 {
        match self {
            Role8::Continues => theme.warning,
            Role8::Number => theme.accent,
            Role8::WireType => theme.stream(2),
            Role8::Value => theme.text,
        }
    }
}

/// What the eight bits of a byte are for, the highest first, and the words below each run of them.
fn roles(step: &Step, index: usize, byte: u8) -> Vec<(usize, Role8, String)> {
    let last = index + 1 == step.groups.len();
    let more = if last { "ends" } else { "more" };
    match step.part {
        Part::Tag | Part::EndTag if index == 0 => vec![
            (1, Role8::Continues, more.to_owned()),
            (
                4,
                Role8::Number,
                match last {
                    true => format!("number {}", byte >> 3),
                    false => "number".to_owned(),
                },
            ),
            (3, Role8::WireType, format!("type {}", byte & 7)),
        ],
        Part::Tag | Part::EndTag => vec![
            (1, Role8::Continues, more.to_owned()),
            (7, Role8::Number, "number".to_owned()),
        ],
        Part::Length | Part::Varint => {
            let shift = step.groups.get(index).map_or(0, |group| group.shift);
            let words = match (shift, step.groups.len()) {
                (0, 1) if step.part == Part::Length => format!("length {byte}"),
                (0, 1) => format!("value {byte}"),
                (0, _) => "lowest 7 bits".to_owned(),
                (shift, _) => format!("× 2^{shift}"),
            };
            vec![
                (1, Role8::Continues, more.to_owned()),
                (7, Role8::Value, words),
            ]
        }
        Part::Fixed | Part::Bytes | Part::Damaged => vec![(8, Role8::Value, String::new())],
    }
}

/// Draws the steps of a field into the space that is left.
pub fn bits_ui(ui: &mut Ui, theme: &Theme, parsed: &Parsed, row: &FieldRow) {
    let steps = parsed.steps_of(&row.range);
    let title = RichText::new(format!("field {}", row.title())).strong();
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.label(title);
            let bit = bit_points(ui.available_width(), steps);
            for step in steps.iter().take(MAX_STEPS) {
                step_ui(ui, theme, parsed, step, bit);
                if let Some(words) = zigzag_hint(step, row) {
                    let words = format!("If it is an sint: {words}.");
                    ui.label(RichText::new(words).small().color(theme.text_weak));
                }
            }
            if steps.len() > MAX_STEPS {
                let more = format!("… and {} more elements", steps.len() - MAX_STEPS);
                ui.label(RichText::new(more).color(theme.text_weak));
            }
            ui.add_space(4.0);
            let key = RichText::new(KEY).small().color(theme.text_weak);
            ui.add(egui::Label::new(key).wrap());
            let inner = parsed.rows.iter().filter(|other| {
                other.depth == row.depth + 1
                    && other.range.start > row.range.start
                    && other.range.end <= row.range.end
            });
            let inner = inner.take(1000).count() as u64;
            if inner > 0 {
                let words = format!(
                    "Its bytes are {} more; choose one to see its bits.",
                    crate::ui::widgets::format::counted(inner, "field")
                );
                ui.label(RichText::new(words).small().color(theme.text_weak));
            }
        });
}

/// What the first bit is for.
const KEY: &str = "The first bit of such a byte says whether another byte of the same number follows (1, more) or not (0, ends).";

/// How wide a bit is drawn: the longest run of the field in one line, if that leaves its bits wide enough.
fn bit_points(width: f32, steps: &[Step]) -> f32 {
    let longest = steps.iter().map(|step| step.range.len()).max();
    let bytes = longest.unwrap_or(1).clamp(2, MAX_BYTES) as f32;
    (((width + GAP) / bytes - GAP) / 8.0)
        .clamp(BIT[0], BIT[1])
        .floor()
}

fn step_ui(ui: &mut Ui, theme: &Theme, parsed: &Parsed, step: &Step, bit: f32) {
    ui.add_space(5.0);
    let bytes = parsed.bytes.get(step.range.clone()).unwrap_or_default();
    let heading = RichText::new(step_words(step)).size(text_size::SMALL + 0.5);
    ui.add(egui::Label::new(heading).truncate())
        .on_hover_text(step_words(step));
    let shown = bytes.len().min(MAX_BYTES);
    let byte_width = 8.0 * bit + GAP;
    let per_line = ((ui.available_width() + GAP) / byte_width).floor().max(1.0) as usize;
    let lines = shown.div_ceil(per_line.max(1)).max(1);
    let line_height = HEX_HEIGHT + BITS_HEIGHT + WORDS_HEIGHT;
    let size = vec2(ui.available_width(), line_height * lines as f32);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, step_text(step, bytes)));
    for (index, byte) in bytes.iter().take(MAX_BYTES).enumerate() {
        let line = index / per_line;
        let x = rect.left() + (index % per_line) as f32 * byte_width;
        let y = rect.top() + line as f32 * line_height;
        byte_ui(ui, theme, step, index, *byte, (pos2(x, y), bit));
    }
    if bytes.len() > MAX_BYTES {
        let words = format!("… {} more bytes", bytes.len() - MAX_BYTES);
        ui.label(RichText::new(words).small().color(theme.text_weak));
    }
    if step.groups.len() > 1 {
        ui.label(RichText::new(sum_words(step)).monospace().small());
    }
}

fn byte_ui(
    ui: &Ui,
    theme: &Theme,
    step: &Step,
    index: usize,
    byte: u8,
    (at, width): (egui::Pos2, f32),
) {
    let painter = ui.painter();
    let mono = FontId::monospace(text_size::MONOSPACE);
    let small = FontId::proportional(text_size::SMALL - 1.0);
    let hex = match step.part {
        Part::Bytes if byte.is_ascii_graphic() => format!("{byte:02x} '{}'", byte as char),
        _ => format!("{byte:02x}"),
    };
    let middle = at + vec2(4.0 * width, HEX_HEIGHT / 2.0);
    painter.text(
        middle,
        Align2::CENTER_CENTER,
        hex,
        mono.clone(),
        theme.text_weak,
    );
    let mut bit = 0;
    for (count, role, words) in roles(step, index, byte) {
        let colour = role.colour(theme);
        let left = at.x + bit as f32 * width;
        let run = Rect::from_min_size(
            pos2(left, at.y + HEX_HEIGHT),
            vec2(count as f32 * width, BITS_HEIGHT),
        );
        painter.rect(
            run.shrink(0.5),
            2.0,
            colour.gamma_multiply(0.14),
            Stroke::new(1.0, colour.gamma_multiply(0.7)),
            StrokeKind::Inside,
        );
        for place in 0..count {
            let digit = (byte >> (7 - bit - place)) & 1;
            let centre = pos2(left + (place as f32 + 0.5) * width, run.center().y);
            painter.text(
                centre,
                Align2::CENTER_CENTER,
                digit,
                mono.clone(),
                theme.text,
            );
        }
        // A lone bit is too narrow for its word, which then begins at its left edge.
        let (anchor, align) = match count {
            1 => (pos2(left, run.bottom() + 2.0), Align2::LEFT_TOP),
            _ => (
                pos2(run.center().x + 6.0, run.bottom() + 2.0),
                Align2::CENTER_TOP,
            ),
        };
        // The colour is that of the frame around the bits; words keep to one that is read in both themes.
        painter.text(anchor, align, words, small.clone(), theme.text_weak);
        bit += count;
    }
}

/// How the groups of a varint are put together: `0000001 0010110 = 150`.
fn sum_words(step: &Step) -> String {
    let groups: Vec<String> = (step.groups.iter().rev())
        .map(|group| format!("{:07b}", group.bits))
        .collect();
    let number = step.number.map_or_else(String::new, |n| format!(" = {n}"));
    format!("last group first: {}{number}", groups.join(" "))
}

/// A step in words, bit by bit.
pub(super) fn step_text(step: &Step, bytes: &[u8]) -> String {
    let mut words = step_words(step);
    for (index, byte) in bytes.iter().take(MAX_BYTES).enumerate() {
        let mut bit = 0;
        let mut parts = Vec::new();
        for (count, _, name) in roles(step, index, *byte) {
            let bits: String = (bit..bit + count)
                .map(|place| {
                    if (byte >> (7 - place)) & 1 == 1 {
                        '1'
                    } else {
                        '0'
                    }
                })
                .collect();
            parts.push(format!("{bits} {name}").trim_end().to_owned());
            bit += count;
        }
        words.push_str(&format!("; {byte:02x}: {}", parts.join(", ")));
    }
    if step.groups.len() > 1 {
        words.push_str(&format!("; {}", sum_words(step)));
    }
    words
}
