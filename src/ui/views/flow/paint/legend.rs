//! Below the windows: the names of the lines, and what hatching, rings and dots mean.

use super::{DOUBLE_POINTS, Picture};
use crate::ui::theme::text_size;
use crate::ui::views::flow::line::Line;
use crate::ui::views::flow::words;
use crate::ui::widgets::{format, hatch};
use crate::ui::{Command, Item};
use egui::{
    Align2, FontId, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

/// What is explained below the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Waits,
    Credit,
    Settings,
    Shared,
}

impl Sign {
    /// What stands beside it, what it means, and what is said where there is little room.
    fn words(self) -> [&'static str; 3] {
        match self {
            Sign::Waits => [
                "hatched: must wait, with how long and what ended it",
                "The sender had DATA to send, and the window was used up. In the rows who waits; behind the plots for the \
                 selected stream, and where all wait (RFC 9113 §6.9.1).",
                "hatched: must wait",
            ],
            Sign::Credit => [
                "ring: WINDOW_UPDATE adds to the window",
                "The receiver has made room and says so: the sender may send so many bytes more (RFC 9113 §6.9).",
                "ring: WINDOW_UPDATE",
            ],
            Sign::Settings => [
                "dotted: SETTINGS moves the windows of all streams",
                "SETTINGS_INITIAL_WINDOW_SIZE is what every stream begins with. When it changes, the windows of all open \
                 streams move by as much, but not the connection's (RFC 9113 §6.9.2).",
                "dotted: SETTINGS",
            ],
            Sign::Shared => [
                "dashed: the connection's window, which all share",
                "DATA of any stream uses up both its stream's window and this one (RFC 9113 §6.9.1).",
                "dashed: connection",
            ],
        }
    }
}

impl Picture<'_> {
    /// The names of the lines; a click selects.
    pub fn legend_ui(&self, ui: &Ui) {
        let theme = self.context.theme;
        let place = self.layout.legend;
        let painter = ui.painter_at(place);
        let small = FontId::proportional(text_size::SMALL + 0.5);
        painter.hline(place.x_range(), place.top(), Stroke::new(1.0, theme.line));
        let mut x = place.left() + 10.0;
        let mut left_out = self.model.hidden;
        // What is selected has its name here, however many there are.
        let mut lines: Vec<&Line> = self.model.lines.iter().collect();
        let first =
            |line: &&Line| line.stream.is_connection() || Some(line.stream) == self.selected;
        lines.sort_by_key(|line| !first(line));
        for line in lines {
            let mut words = words::line_words(line);
            if line.relative {
                words.push_str(" (changes only)");
            } else if self.model.lines.len() <= 6 && !line.stream.is_connection() {
                words = format!(
                    "{words} {}",
                    words::purpose(self.reader.connection, line.stream)
                );
            }
            let galley = painter.layout_no_wrap(words.clone(), small.clone(), theme.text);
            let size = vec2(galley.size().x + 34.0, place.height() - 6.0);
            if x + size.x + 190.0 > place.right() {
                left_out += 1;
                continue;
            }
            let rect = Rect::from_min_size(pos2(x, place.top() + 3.0), size);
            let selected = Some(line.stream) == self.selected;
            let response = ui.interact(
                rect,
                ui.scope_id().with(("line", line.stream.0)),
                Sense::click(),
            );
            response.widget_info(|| {
                WidgetInfo::selected(Role::Button, true, selected, format!("window of {words}"))
            });
            if selected {
                painter.rect_filled(rect, 4.0, theme.selection);
            } else if response.hovered() || response.has_focus() {
                painter.rect_filled(rect, 4.0, theme.hover);
            }
            let y = rect.center().y;
            let sample = [pos2(rect.left() + 6.0, y), pos2(rect.left() + 24.0, y)];
            let lap = self.context.carrier_lap(line.stream.into());
            let width = if lap > 0 { 2.4 + DOUBLE_POINTS } else { 2.4 };
            let stroke = Stroke::new(width, self.colour(line.stream));
            if line.stream.is_connection() || line.relative {
                painter.extend(Shape::dashed_line(&sample, stroke, 5.0, 3.0));
            } else {
                painter.line_segment(sample, stroke);
            }
            if !line.relative && lap > 0 {
                painter.line_segment(sample, Stroke::new(DOUBLE_POINTS, theme.panel));
            }
            painter.galley(
                pos2(rect.left() + 29.0, y - galley.size().y / 2.0),
                galley,
                theme.text,
            );
            let item = Item::Stream(self.reader.connection.id, line.stream);
            if response.hovered() {
                self.context.hover(item);
            }
            if response.clicked() {
                self.context.send(Command::Select(item));
            }
            x += size.x + 4.0;
        }
        if left_out > 0 || self.model.unread {
            let words = match self.model.unread {
                true => words::UNREAD.to_owned(),
                false => format!(
                    "{} more: select one to see it",
                    format::count(left_out as u64)
                ),
            };
            let at = pos2(place.right() - 8.0, place.center().y);
            painter.text(at, Align2::RIGHT_CENTER, words, small, theme.text_weak);
        }
    }

    /// What the signs mean that are in the picture.
    pub fn signs_ui(&self, ui: &Ui) {
        let place = self.layout.signs;
        if !place.is_positive() {
            return;
        }
        let theme = self.context.theme;
        let painter = ui.painter_at(place);
        let font = FontId::proportional(text_size::SMALL);
        let occurring = [
            (Sign::Waits, !self.waiting.is_empty()),
            (Sign::Credit, true),
            (Sign::Settings, !self.model.settings.is_empty()),
            (Sign::Shared, true),
        ];
        let signs = occurring.into_iter().filter(|(_, occurs)| *occurs);
        let signs: Vec<Sign> = signs.map(|(sign, _)| sign).collect();
        let laid =
            |words: &str| painter.layout_no_wrap(words.to_owned(), font.clone(), theme.text_weak);
        let room = place.width() - 20.0;
        let width = |way: usize| -> f32 {
            let widths = signs
                .iter()
                .map(|sign| laid(sign.words()[way]).size().x + 40.0);
            widths.sum()
        };
        let way = if width(0) <= room { 0 } else { 2 };
        let mut x = place.left() + 10.0;
        for sign in signs {
            let words = sign.words();
            let galley = laid(words[way]);
            let size = vec2(galley.size().x + 26.0, place.height());
            if x + size.x > place.right() {
                break;
            }
            let area = Rect::from_min_size(pos2(x, place.top()), size);
            self.paint_sign(&painter, area.left_center() + vec2(9.0, 0.0), sign);
            let corner = pos2(x + 22.0, area.center().y - galley.size().y / 2.0);
            painter.galley(corner, galley, theme.text_weak);
            let id = ui.scope_id().with(("sign", words[2]));
            let response = ui.interact(area, id, Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(Role::Label, true, format!("legend: {}", words[0]))
            });
            response.on_hover_text(format!("{}. {}", words[0], words[1]));
            x += size.x + 14.0;
        }
    }

    fn paint_sign(&self, painter: &Painter, at: Pos2, sign: Sign) {
        let theme = self.context.theme;
        let stroke = Stroke::new(1.6, theme.text_weak);
        match sign {
            Sign::Waits => {
                let area = Rect::from_center_size(at, vec2(18.0, 12.0));
                let colour = theme.warning;
                painter.rect_filled(area, 1.0, colour.gamma_multiply(0.3));
                hatch::hatch(&painter.with_clip_rect(area), area, colour);
            }
            Sign::Credit => {
                painter.circle(at, 4.2, theme.lane, stroke);
            }
            Sign::Settings => {
                let line = [at - vec2(0.0, 8.0), at + vec2(0.0, 8.0)];
                let stroke = Stroke::new(1.4, theme.accent);
                painter.extend(Shape::dashed_line(&line, stroke, 3.0, 3.0));
            }
            Sign::Shared => {
                let line = [at - vec2(9.0, 0.0), at + vec2(9.0, 0.0)];
                painter.extend(Shape::dashed_line(&line, stroke, 5.0, 3.0));
            }
        }
    }
}
