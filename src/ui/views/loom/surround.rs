//! What surrounds the frames: axis, cursor, labels, legend, and what is said when there are none.

use super::copies::again_sign;
use super::glyph::{Glyph, RADIUS_POINTS};
use super::layout::{FOOTNOTE_POINTS, SCROLL_BAR_POINTS};
use super::paint::Picture;
use super::reader::Extent;
use super::text::nothing_words;
use super::waits::{Shading, WaitsSeen};
use crate::trace::Severity;
use crate::ui::ViewContext;
use crate::ui::widgets::mark;
use egui::{
    Color32, FontId, Painter, Rangef, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

/// Text on the axis and beside the lanes, in points.
pub const TEXT_POINTS: f32 = 12.5;
/// Text that explains.
pub const SMALL_POINTS: f32 = 11.5;
/// Half the width of the cursor's handle.
const HANDLE_POINTS: f32 = 6.0;
/// Room for saying how many signs the legend has no room for.
const MORE_POINTS: f32 = 34.0;
/// From the edge to a label.
pub const LABEL_INSET_POINTS: f32 = 10.0;

impl Picture<'_> {
    /// Labels at round times, and lines down from them.
    pub(super) fn paint_axis(&self, painter: &Painter, in_plot: &Painter) {
        let theme = self.context.theme;
        let axis = self.layout.axis;
        let font = FontId::proportional(SMALL_POINTS);
        let scale = &self.model.places.scale;
        let width = f64::from(self.layout.width());
        let text_width = |text: String| {
            painter
                .layout_no_wrap(text, font.clone(), theme.text_weak)
                .size()
                .x
        };
        let widest = text_width(scale.ticks(width, 90.0).longest_label());
        let ticks = scale.ticks(width, f64::from(widest * 1.5 + 18.0).max(72.0));
        let down = Rangef::new(axis.bottom(), self.layout.legend.top());
        let minor = scale.ticks(width, ticks.step_ns() / scale.ns_per_point() / 5.1);
        for time_ns in minor.times_ns() {
            let x = self.layout.plot.min + scale.x_from_time(time_ns) as f32;
            let short = Rangef::new(axis.bottom() - 3.0, axis.bottom());
            painter.vline(x, short, Stroke::new(1.0, theme.line));
        }
        let taken = self
            .cursor_words_rect(painter)
            .map(|(rect, _)| rect.x_range().expand(6.0));
        for time_ns in ticks.times_ns() {
            let x = self.layout.plot.min + scale.x_from_time(time_ns) as f32;
            in_plot.vline(x, down, Stroke::new(1.0, theme.line.gamma_multiply(0.6)));
            painter.vline(
                x,
                axis.bottom() - 6.0..=axis.bottom(),
                Stroke::new(1.0, theme.line),
            );
            let galley =
                painter.layout_no_wrap(ticks.label(time_ns), font.clone(), theme.text_weak);
            let half = galley.size().x / 2.0;
            let centre = x.max(axis.left() + half).min(axis.right() - half);
            let covered = Rangef::new(centre - half, centre + half);
            if taken.is_none_or(|taken| taken.intersection(covered).span() <= 0.0) {
                painter.galley(pos2(covered.min, axis.top() + 4.0), galley, theme.text_weak);
            }
        }
        painter.hline(axis.x_range(), axis.bottom(), Stroke::new(1.0, theme.line));
    }

    /// The cursor's time, in a pill on the axis, and where it goes.
    pub(super) fn cursor_words_rect(
        &self,
        painter: &Painter,
    ) -> Option<(Rect, std::sync::Arc<egui::Galley>)> {
        let x = self.cursor_x().filter(|x| self.layout.plot.contains(*x))?;
        let cursor = self.context.cursor?;
        let time_ns = self.reader.trace.time_ns(cursor.packet);
        let words = super::words::time_words(time_ns.saturating_sub(self.reader.origin_ns));
        let font = FontId::proportional(SMALL_POINTS);
        let galley = painter.layout_no_wrap(words, font, self.context.theme.background);
        let size = galley.size() + vec2(12.0, 3.0);
        let axis = self.layout.axis;
        let left = (x - size.x / 2.0).clamp(axis.left(), (axis.right() - size.x).max(axis.left()));
        Some((
            Rect::from_min_size(pos2(left, axis.top() + 2.0), size),
            galley,
        ))
    }

    /// The line through everything at the cursor, its handle and its time.
    pub(super) fn paint_cursor(&self, painter: &Painter) {
        let theme = self.context.theme;
        let Some((pill, galley)) = self.cursor_words_rect(painter) else {
            return;
        };
        let Some(x) = self.cursor_x() else {
            return;
        };
        let x = painter.round_to_pixel_center(x);
        let bottom = self.layout.axis.bottom();
        let halo = theme.background.gamma_multiply(0.5);
        let down = Rangef::new(bottom, self.layout.legend.top());
        painter.vline(x, down, Stroke::new(3.0, halo));
        painter.vline(
            x,
            Rangef::new(pill.bottom(), down.max),
            Stroke::new(1.4, theme.cursor),
        );
        painter.rect_filled(pill, 4.0, theme.cursor);
        painter.galley(pill.min + vec2(6.0, 1.5), galley, theme.background);
        let handle = vec![
            pos2(x - HANDLE_POINTS, pill.bottom() - 0.5),
            pos2(x + HANDLE_POINTS, pill.bottom() - 0.5),
            pos2(x, bottom + 2.0),
        ];
        painter.add(Shape::convex_polygon(handle, theme.cursor, Stroke::NONE));
    }

    /// The bar that shows which of the lanes are visible.
    pub(super) fn paint_scroll_bar(&self, painter: &Painter) {
        let layout = &self.layout;
        if layout.max_scroll() <= 0.0 {
            return;
        }
        let all = layout.height;
        let share = |points: f64| (points / all) as f32 * layout.lanes.height();
        let length = share(f64::from(layout.lanes.height())).max(18.0);
        let travel = layout.lanes.height() - length;
        let top = layout.lanes.top() + travel * (layout.scroll / layout.max_scroll()) as f32;
        let handle = Rect::from_min_size(
            pos2(layout.rect.right() - SCROLL_BAR_POINTS, top),
            vec2(SCROLL_BAR_POINTS - 3.0, length),
        );
        painter.rect_filled(
            handle,
            3.0,
            self.context.theme.text_weak.gamma_multiply(0.45),
        );
    }

    /// The shapes that occur, with their names; with several connections, in any of their parts.
    pub fn legend_ui(&self, ui: &mut Ui, extent: Option<&Extent>, parts: &[Picture<'_>]) {
        let Some(extent) = extent else {
            return;
        };
        let theme = self.context.theme;
        let place = self.layout.legend;
        let painter = ui.painter_at(place);
        let footnote = match self.layout.content.footnote {
            true => place.with_min_y((place.bottom() - FOOTNOTE_POINTS).max(place.top())),
            false => place.with_min_y(place.bottom()),
        };
        let place = place.with_max_y(footnote.top());
        painter.hline(place.x_range(), place.top(), Stroke::new(1.0, theme.line));
        let font = FontId::proportional(SMALL_POINTS);
        let mut x = place.left() + LABEL_INSET_POINTS;
        let y = place.center().y;
        let mut left_out: Vec<String> = Vec::new();
        let mut item = |sign: Sign, name: &str, help: String| {
            let galley = painter.layout_no_wrap(name.to_owned(), font.clone(), theme.text_weak);
            let width = 18.0 + galley.size().x;
            if x + width > place.right() - MORE_POINTS || !left_out.is_empty() {
                left_out.push(format!("{name}: {help}"));
                return;
            }
            let colour = theme.text_weak;
            match sign {
                Sign::Shape(glyph) => {
                    let at = pos2(x + 6.0, y);
                    glyph.paint(&painter, at, RADIUS_POINTS - 0.5, colour, theme.background);
                }
                Sign::Finding(severity) => {
                    mark::severity(&painter, pos2(x + 6.0, y), severity, theme);
                }
                Sign::Note => mark::flag(&painter, pos2(x + 6.0, y), theme.accent),
                Sign::Bar => {
                    let bar = Rect::from_center_size(pos2(x + 6.0, y), vec2(2.0, 12.0));
                    painter.rect_filled(bar, 0.0, theme.text);
                }
                Sign::Again => {
                    let sign = Rect::from_center_size(pos2(x + 6.0, y), vec2(12.0, 13.0));
                    let stroke = Stroke::new(1.0, theme.error);
                    painter.rect_stroke(sign, 2.0, stroke, egui::StrokeKind::Inside);
                    again_sign(&painter, sign.center(), theme.error);
                }
                Sign::Shade(colour, shading) => {
                    let area = Rect::from_center_size(pos2(x + 5.0, y), vec2(14.0, 12.0));
                    painter.rect_filled(area, 0.0, colour.gamma_multiply(0.25));
                    shading.paint(&painter, area, colour);
                }
            }
            let height = galley.size().y;
            painter.galley(pos2(x + 15.0, y - height / 2.0), galley, colour);
            let area = Rect::from_min_size(pos2(x, place.top()), vec2(width, place.height()));
            let response = ui.interact(area, ui.scope_id().with(("legend", name)), Sense::hover());
            response
                .widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("legend: {name}")));
            response.on_hover_text(help);
            x += width + 14.0;
        };
        for kind in extent.kinds.iter() {
            let name = if kind.is_known() {
                kind.name()
            } else {
                "unknown type"
            };
            let help = format!("{} ({})", kind.meaning(), kind.section());
            item(Sign::Shape(Glyph::of(kind)), name, help);
        }
        if extent.ends_stream {
            let help =
                "The flag END_STREAM: the sender sends no more on this stream (RFC 9113 §5.1).";
            item(Sign::Bar, "END_STREAM", help.to_owned());
        }
        let signs = || std::iter::once(self).chain(parts);
        let waits = (signs().map(Picture::waits_seen)).fold(Default::default(), WaitsSeen::with);
        for (colour, shading, name, help) in waits.signs(theme) {
            item(Sign::Shade(colour, shading), name, help.to_owned());
        }
        if signs().any(Picture::has_copies) {
            let help = "A TCP segment that crossed the wire a second time. The pointer on the sign says what was sent again, \
                        why, and which streams had to wait. Grey: in vain.";
            item(Sign::Again, "sent again", help.to_owned());
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
            item(Sign::Finding(severity), name, help);
        }
        if signs().any(Picture::has_flags) {
            let help =
                "A note that somebody wrote; the pointer on it says what, a click leads there.";
            item(Sign::Note, "note", help.to_owned());
        }
        let standpoint = signs().find_map(Picture::standpoint);
        // Up to where the footnote's line is taken.
        let mut said_until = f32::INFINITY;
        if let Some(words) = standpoint.filter(|_| footnote.is_positive()) {
            let galley = painter.layout(words.clone(), font.clone(), theme.text, f32::INFINITY);
            let at = footnote.left_top() + vec2(LABEL_INSET_POINTS, 1.0);
            let area = Rect::from_min_size(at, galley.size()).intersect(footnote);
            said_until = area.right();
            painter.galley(at, galley, theme.text);
            let id = ui.scope_id().with("legend, standpoint");
            let response = ui.interact(area, id, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
            // Where it is cut off.
            response.on_hover_text(words);
        }
        let halves = "above a lane's line: client, below: server";
        let galley = painter.layout_no_wrap(halves.to_owned(), font.clone(), theme.text_weak);
        let size = galley.size();
        if left_out.is_empty() && x + size.x <= place.right() - 10.0 {
            painter.galley(pos2(x, y - size.y / 2.0), galley, theme.text_weak);
            x += size.x + 14.0;
        } else if said_until + size.x + 24.0 <= footnote.right() {
            let at = pos2(footnote.right() - size.x - 10.0, footnote.top() + 1.0);
            painter.galley(at, galley, theme.text_weak);
        } else {
            left_out.push(halves.to_owned());
        }
        if !left_out.is_empty() {
            let words = format!("+ {}", left_out.len());
            let galley = painter.layout_no_wrap(words, font.clone(), theme.accent);
            let height = galley.size().y;
            let at = pos2(x, y - height / 2.0);
            let area = Rect::from_x_y_ranges(x..=place.right(), place.y_range());
            painter.galley(at, galley, theme.accent);
            let response = ui.interact(area, ui.scope_id().with("legend, more"), Sense::hover());
            let said = left_out.join("\n");
            let label = format!("legend, more: {said}");
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
            response.on_hover_text(said);
            return;
        }
        let keys = "wheel: lanes   Ctrl+wheel: zoom   drag: move   double-click: all";
        let galley = painter.layout_no_wrap(keys.to_owned(), font, theme.later(theme.text_weak));
        let left = place.right() - galley.size().x - 10.0;
        if left > x {
            painter.galley(
                pos2(left, y - galley.size().y / 2.0),
                galley,
                theme.text_weak,
            );
        }
    }
}

/// What stands before a name in the legend.
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
    /// What shades a span of time, and how.
    Shade(Color32, Shading),
}

/// Says why there is nothing to draw, and what to do.
pub fn nothing_ui(ui: &mut Ui, rect: Rect, context: &ViewContext<'_>) {
    let mut words = nothing_words(context);
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink(24.0)));
    child.vertical_centered(|ui| {
        ui.add_space((rect.height() / 2.0 - 48.0).max(0.0));
        if context.loading {
            ui.spinner();
        }
        let text = egui::RichText::new(words)
            .size(14.0)
            .color(context.theme.text_weak);
        ui.label(text);
    });
}
