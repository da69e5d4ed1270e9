//! The lines below the lanes that say what shapes, shades and letters mean. They take as many rows as that needs, up to
//! what the loom has room for; what is left out opens at a button.

use super::copies::again_sign;
use super::glyph::{Glyph, RADIUS_POINTS};
use super::layout::LEGEND_ROW_POINTS;
use super::paint::Picture;
use super::reader::Extent;
use super::surround::{LABEL_INSET_POINTS, SMALL_POINTS};
use super::waits::Shading;
use crate::analysis::stalls::Cause;
use crate::trace::Severity;
use crate::ui::Theme;
use crate::ui::widgets::mark;
use crate::ui::widgets::waits::{Occurring, Reason};
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, Color32, FontId, Painter, Popup, Pos2, Rect, RichText, Role, Sense, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

/// Between two signs.
const GAP_POINTS: f32 = 14.0;
/// From a sign's left edge to its name.
const NAME_POINTS: f32 = 18.0;
/// Above and below the rows.
const MARGIN_POINTS: f32 = 3.0;

/// What stands before a name.
enum Sign {
    /// The sign of something found.
    Finding(Severity),
    /// The flag of a note.
    Note,
    /// The shape of a type of frame.
    Shape(Glyph),
    /// The bar at the end of a stream.
    Bar,
    /// A segment that was sent again.
    Again,
    /// What shades a span of time, and how; with the letter that stands in it.
    Shade(Color32, Shading, Option<&'static str>),
    /// A thread with something above it and something below it.
    Halves,
}

impl Sign {
    fn paint(&self, painter: &Painter, at: Pos2, theme: &Theme) {
        let colour = theme.text_weak;
        match self {
            Sign::Shape(glyph) => {
                glyph.paint(painter, at, RADIUS_POINTS - 0.5, colour, theme.background);
            }
            Sign::Finding(severity) => mark::severity(painter, at, *severity, theme),
            Sign::Note => mark::flag(painter, at, theme.accent),
            Sign::Bar => {
                let bar = Rect::from_center_size(at, vec2(2.0, 12.0));
                painter.rect_filled(bar, 0.0, theme.text);
            }
            Sign::Again => {
                let sign = Rect::from_center_size(at, vec2(12.0, 13.0));
                let stroke = Stroke::new(1.0, theme.error);
                painter.rect_stroke(sign, 2.0, stroke, egui::StrokeKind::Inside);
                again_sign(painter, sign.center(), theme.error);
            }
            Sign::Shade(shade, shading, letter) => {
                let area = Rect::from_center_size(at, vec2(14.0, 14.0));
                painter.rect_filled(area, 0.0, shade.gamma_multiply(0.25));
                shading.paint(painter, area, *shade);
                if let Some(letter) = letter {
                    let edge = area.with_min_y(area.bottom() - 2.0);
                    painter.rect_filled(edge, 0.0, shade.gamma_multiply(0.8));
                    let font = FontId::proportional(if letter.len() > 1 { 7.0 } else { 10.0 });
                    let above = at - vec2(0.0, 1.0);
                    painter.text(above, Align2::CENTER_CENTER, letter, font, *shade);
                }
            }
            Sign::Halves => {
                let thread = at.x - 6.0..=at.x + 6.0;
                painter.hline(thread, at.y, Stroke::new(1.2, colour));
                for (dx, dy) in [(-2.5, -4.0), (2.5, 4.0)] {
                    painter.circle_filled(at + vec2(dx, dy), 2.0, colour);
                }
            }
        }
    }
}

/// A sign with what it means.
struct Entry {
    sign: Sign,
    name: String,
    help: String,
}

/// Where each of some widths stands, row by row from left to right: its row and its left edge.
fn flow(widths: &[f32], room: f32) -> Vec<(usize, f32)> {
    let (mut row, mut x) = (0, 0.0);
    let place = |width: &f32| {
        if x > 0.0 && x + width > room {
            (row, x) = (row + 1, 0.0);
        }
        let place = (row, x);
        x += width + GAP_POINTS;
        place
    };
    widths.iter().map(place).collect()
}

/// How many of the first fit into so many rows, with a button of this width behind them where some do not.
fn shown(places: &[(usize, f32)], widths: &[f32], rows: usize, room: f32, button: f32) -> usize {
    let fit = places.partition_point(|(row, _)| *row < rows);
    if fit == places.len() {
        return fit;
    }
    let leaves_room = |at: &usize| {
        let last = (*at).checked_sub(1).and_then(|last| places.get(last));
        let (Some((row, x)), Some(width)) = (last, widths.get(at.saturating_sub(1))) else {
            return true;
        };
        row + 1 < rows || x + width + GAP_POINTS + button <= room
    };
    (0..=fit).rev().find(leaves_room).unwrap_or(0)
}

impl Picture<'_> {
    /// What the signs mean; with several connections, those of all their parts. Returns how many rows it takes to say
    /// all of it.
    pub fn legend_ui(
        &self,
        ui: &mut Ui,
        extent: Option<&Extent>,
        parts: &[Picture<'_>],
    ) -> Option<usize> {
        let entries = self.entries(extent?, parts);
        let theme = self.context.theme;
        let whole = self.layout.legend;
        let painter = ui.painter_at(whole);
        let foot = self.layout.content.footnote_points();
        let footnote = whole.with_min_y((whole.bottom() - foot).max(whole.top()));
        let place = whole.with_max_y(footnote.top());
        painter.hline(place.x_range(), place.top(), Stroke::new(1.0, theme.line));
        let font = FontId::proportional(SMALL_POINTS);
        let said =
            |words: &str| painter.layout_no_wrap(words.to_owned(), font.clone(), theme.text_weak);
        let widths: Vec<f32> = (entries.iter())
            .map(|entry| NAME_POINTS + said(&entry.name).size().x)
            .collect();
        let left = place.left() + LABEL_INSET_POINTS;
        let room = (place.right() - LABEL_INSET_POINTS - left).max(1.0);
        let places = flow(&widths, room);
        let rows = self.layout.content.legend_rows.max(1);
        let button = said(&more_words(entries.len())).size().x + 12.0;
        let count = shown(&places, &widths, rows, room, button);
        let at = |row: usize, x: f32| {
            let top = place.top() + MARGIN_POINTS + row as f32 * LEGEND_ROW_POINTS;
            pos2(left + x, top + LEGEND_ROW_POINTS / 2.0)
        };
        let mut end = at(0, 0.0);
        for ((entry, (row, x)), width) in entries.iter().zip(&places).zip(&widths).take(count) {
            let at = at(*row, *x);
            end = pos2(at.x + width + GAP_POINTS, at.y);
            entry.sign.paint(&painter, at + vec2(6.0, 0.0), theme);
            let galley = said(&entry.name);
            let name = at + vec2(NAME_POINTS - 2.0, -galley.size().y / 2.0);
            painter.galley(name, galley, theme.text_weak);
            let area = Rect::from_min_size(
                at - vec2(0.0, LEGEND_ROW_POINTS / 2.0),
                vec2(*width, LEGEND_ROW_POINTS),
            );
            let id = ui.scope_id().with(("legend", &entry.name));
            let response = ui.interact(area.intersect(place), id, Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(Role::Label, true, format!("legend: {}", entry.name))
            });
            response.on_hover_text(&entry.help);
        }
        self.standpoint_ui(ui, footnote, parts);
        let left_out = entries.get(count..).unwrap_or_default();
        if left_out.is_empty() {
            let keys = said("wheel: lanes   Ctrl+wheel: zoom   drag: move   double-click: all");
            let x = place.right() - keys.size().x - LABEL_INSET_POINTS;
            if x > end.x {
                let at = pos2(x, end.y - keys.size().y / 2.0);
                painter.galley(at, keys, theme.text_weak);
            }
        } else {
            more_ui(ui, self.context.theme, end, place, left_out);
        }
        Some(places.last().map_or(1, |(row, _)| row + 1))
    }

    /// Everything that occurs on the connection, whatever of it is in view: so the lines stay as they are while a hand
    /// moves through time. What was found and noted is counted in view.
    fn entries(&self, extent: &Extent, parts: &[Picture<'_>]) -> Vec<Entry> {
        let theme = self.context.theme;
        let mut entries = Vec::new();
        let mut add = |sign: Sign, name: &str, help: String| {
            let name = name.to_owned();
            entries.push(Entry { sign, name, help });
        };
        for kind in extent.kinds.iter() {
            let name = if kind.is_known() {
                kind.name()
            } else {
                "unknown type"
            };
            let help = format!("{} ({})", kind.meaning(), kind.section());
            add(Sign::Shape(Glyph::of(kind)), name, help);
        }
        if extent.ends_stream {
            let help =
                "The flag END_STREAM: the sender sends no more on this stream (RFC 9113 §5.1).";
            add(Sign::Bar, "END_STREAM", help.to_owned());
        }
        let signs = || std::iter::once(self).chain(parts);
        let occurring = signs()
            .filter_map(|picture| picture.waits)
            .fold(Occurring::default(), |all, waits| {
                all.with(&waits.occurring)
            });
        for cause in &occurring.causes {
            let reason = Reason::Paused(*cause);
            let (colour, name, why) = match cause {
                Cause::Network => (
                    theme.text_weak,
                    reason.label(),
                    "A pause of the sender, which had sent what it may.",
                ),
                _ => (
                    theme.warning,
                    reason.label(),
                    "A pause of the sender, which had more to send and was not allowed to.",
                ),
            };
            let sign = Sign::Shade(colour, Shading::Plain, reason.sign());
            let help = format!(
                "{why} {} The letter stands where there is no room for words.",
                reason.sentence()
            );
            add(sign, name, help);
        }
        if occurring.lost {
            let help = "TCP lost a segment: what came behind it could not be read by the receiver before it was sent again. \
                        Frames stand where the capture has them, which is earlier when it was taken near the sender.";
            let sign = Sign::Shade(theme.error, Shading::Hatched, None);
            add(sign, "missing segment", help.to_owned());
        }
        if occurring.late {
            let help = "A TCP segment was overtaken by others and came late; nothing was lost. What had come behind it \
                        waited for it.";
            let sign = Sign::Shade(theme.error, Shading::Dashed, None);
            add(sign, "late segment", help.to_owned());
        }
        let copies =
            |picture: &Picture<'_>| picture.waits.is_some_and(|waits| !waits.copies.is_empty());
        if signs().any(copies) {
            let help = "A TCP segment that crossed the wire a second time. The pointer on the sign says what was sent again, \
                        why, and which streams had to wait. Grey: in vain.";
            add(Sign::Again, "sent again", help.to_owned());
        }
        for (severity, count) in self.findings_seen(parts) {
            let name = match severity {
                Severity::Error => "error found",
                Severity::Warning => "warning",
                Severity::Note => "remark",
            };
            let help = format!(
                "Beside a frame about which something was found: {count} in view. The pointer on the frame, or the view of \
                 findings, says what."
            );
            add(Sign::Finding(severity), name, help);
        }
        if signs().any(Picture::has_flags) {
            let help =
                "A note that somebody wrote; the pointer on it says what, a click leads there.";
            add(Sign::Note, "note", help.to_owned());
        }
        let help = "In each lane, frames of the client stand above the thread, frames of the server below it.";
        let name = "above the thread: client, below: server";
        add(Sign::Halves, name, help.to_owned());
        entries
    }

    /// Where the capture was taken, where that changes what the picture means.
    pub(super) fn standpoint_ui(&self, ui: &Ui, footnote: Rect, parts: &[Picture<'_>]) {
        let mut all = std::iter::once(self).chain(parts);
        let Some(words) = all
            .find_map(Picture::standpoint)
            .filter(|_| footnote.is_positive())
        else {
            return;
        };
        let theme = self.context.theme;
        let painter = ui.painter_at(footnote);
        let font = FontId::proportional(SMALL_POINTS);
        let format = TextFormat::simple(font, theme.text);
        let mut job = LayoutJob::single_section(words.clone(), format);
        job.wrap.max_width = footnote.width() - 2.0 * LABEL_INSET_POINTS;
        job.wrap.max_rows = 1;
        job.wrap.break_anywhere = true;
        let galley = painter.layout_job(job);
        let height = galley.size().y;
        let at = footnote.left_center() + vec2(LABEL_INSET_POINTS, -height / 2.0);
        let area = Rect::from_min_size(at, galley.size()).intersect(footnote);
        painter.galley(at, galley, theme.text);
        let id = ui.scope_id().with("legend, standpoint");
        let response = ui.interact(area, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        // Where it is cut off.
        response.on_hover_text(words);
    }
}

fn more_words(count: usize) -> String {
    match count {
        1 => "1 more sign".to_owned(),
        _ => format!("{count} more signs"),
    }
}

/// A button that opens what there was no room for.
fn more_ui(ui: &Ui, theme: &Theme, at: Pos2, place: Rect, left_out: &[Entry]) {
    let painter = ui.painter_at(place);
    let words = more_words(left_out.len());
    let font = FontId::proportional(SMALL_POINTS);
    let galley = painter.layout_no_wrap(words.clone(), font, theme.accent);
    let size = vec2(galley.size().x + 12.0, LEGEND_ROW_POINTS - 2.0);
    let area = Rect::from_min_size(pos2(at.x, at.y - size.y / 2.0), size);
    let id = ui.scope_id().with("legend, more");
    let response = ui.interact(area.intersect(place), id, Sense::click());
    let names: Vec<&str> = left_out.iter().map(|entry| &*entry.name).collect();
    let label = format!("{words}: {}", names.join(", "));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    let lit = response.hovered() || response.has_focus();
    let fill = if lit { theme.hover } else { theme.panel };
    painter.rect(
        area,
        4.0,
        fill,
        Stroke::new(1.0, theme.line),
        egui::StrokeKind::Inside,
    );
    let corner = area.center() - galley.size() / 2.0;
    painter.galley(corner, galley, theme.accent);
    Popup::from_toggle_button_response(&response).show(|ui| {
        ui.set_max_width(380.0);
        for entry in left_out {
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
                entry.sign.paint(ui.painter(), rect.center(), theme);
                ui.label(RichText::new(&entry.name).strong());
            });
            ui.label(RichText::new(&entry.help).small().color(theme.text_weak));
        }
    });
    response.on_hover_text(names.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::loom::{State, loom_ui};
    use crate::ui::views::testing::{World, pane};
    use egui_kittest::kittest::Queryable;

    #[test]
    fn signs_stand_in_rows_and_the_button_has_room_behind_the_last() {
        let widths = [40.0, 40.0, 40.0, 40.0];
        let places = flow(&widths, 100.0);
        assert_eq!(places, [(0, 0.0), (0, 54.0), (1, 0.0), (1, 54.0)]);
        let shown = |rows| shown(&places, &widths, rows, 100.0, 30.0);
        assert_eq!([shown(1), shown(2)], [1, 4]);
        assert_eq!(flow(&[500.0, 10.0], 100.0), [(0, 0.0), (1, 0.0)]);
        assert!(flow(&[], 100.0).is_empty());
    }

    #[test]
    fn in_a_narrow_loom_every_sign_has_its_row_and_in_a_tiny_one_a_button_opens_the_rest() {
        let labels = |size: [f32; 2]| {
            let mut harness = pane(World::of_capture("push.pcap"), size, loom_ui);
            harness.run();
            harness
        };
        let narrow = labels([780.0, 430.0]);
        narrow.get_by_label("legend: network");
        narrow.get_by_label("legend: above the thread: client, below: server");
        assert!(narrow.query_by_label_contains("more signs: ").is_none());
        let mut tiny = labels([360.0, 260.0]);
        let missing = "legend: above the thread: client, below: server";
        assert!(tiny.query_by_label(missing).is_none());
        tiny.get_by_label_contains(" more signs: ").click();
        tiny.run_steps(4);
        tiny.get_by_label("above the thread: client, below: server");
    }

    #[test]
    fn the_lines_stay_as_they_are_while_a_hand_moves_through_time() {
        let mut harness = pane(World::of_capture("push.pcap"), [780.0, 430.0], loom_ui);
        harness.run();
        let legend = |state: &State| state.layout.as_ref().unwrap().legend;
        let before = legend(&harness.state().1);
        // Nothing waits there.
        let early = super::super::window::Window {
            start_ns: 0.0,
            end_ns: 30e6,
        };
        harness.state_mut().1.set_window(early);
        harness.run_steps(6);
        assert_eq!(legend(&harness.state().1), before);
        harness.get_by_label("legend: network");
    }
}
