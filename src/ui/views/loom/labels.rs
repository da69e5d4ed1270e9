//! The names beside the wire and the lanes: what each stream was for, and how far it has come.

use super::hover;
use super::model::Lane;
use super::paint::Picture;
use super::surround::{LABEL_INSET_POINTS, SMALL_POINTS, TEXT_POINTS};
use crate::report::text;
use crate::trace::{Direction, FrameId, StreamRow};
use crate::ui::views::stream_list::model as stream_words;
use crate::ui::widgets::anchor;
use crate::ui::{Command, Item};
use crate::wire::http2::StreamId;
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

/// A stream's number and what it was for, in points.
const TITLE_POINTS: f32 = 13.0;
/// Room for a number of two digits.
const NUMBER_POINTS: f32 = 24.0;

impl Picture<'_> {
    /// The names beside wire and lanes; a click selects the stream.
    pub fn labels_ui(&self, ui: &mut Ui) {
        let theme = self.context.theme;
        let left = self.layout.rect.left() + LABEL_INSET_POINTS;
        let painter = ui.painter_at(self.layout.rect);
        let help = ["sent by the client", "sent by the server"];
        for ((row, direction), help) in self.layout.wire.iter().zip(Direction::BOTH).zip(help) {
            let font = FontId::proportional(TEXT_POINTS);
            let right = self.layout.plot.min - 10.0;
            let name = direction.name();
            arrow(
                &painter,
                pos2(right - 7.0, row.center().y),
                direction,
                theme.text_weak,
            );
            let at = pos2(right - 20.0, row.center().y);
            painter.text(at, Align2::RIGHT_CENTER, name, font, theme.text_weak);
            let place = Rect::from_x_y_ranges(left..=self.layout.plot.min, row.y_range());
            let response = ui.interact(place, ui.scope_id().with(("wire", name)), Sense::hover());
            response.on_hover_text(format!(
                "The wire: every frame {help}, in the order in which they crossed the connection. \
                 Height shows bytes, colour the stream."
            ));
        }
        let font = FontId::proportional(SMALL_POINTS);
        let at = pos2(left, self.layout.axis.top() + 4.0);
        painter.text(at, Align2::LEFT_TOP, "THE WIRE", font, theme.text_weak);
        self.lane_labels_ui(ui);
    }

    /// The names beside the lanes alone.
    pub fn lane_labels_ui(&self, ui: &mut Ui) {
        for lane in &self.model.lanes {
            self.label_ui(ui, lane);
        }
    }

    fn label_ui(&self, ui: &mut Ui, lane: &Lane) {
        let (row, stream) = (lane.row, lane.stream);
        let place = self.layout.label(lane.at);
        let visible = place.intersect(self.layout.lane_clip(lane.at));
        if !visible.is_positive() {
            return;
        }
        let theme = self.context.theme;
        let streams = self.reader.http2.streams();
        let stream_row = row.and_then(|row| streams.get(row));
        let (name, about, outcome) = match stream_row {
            Some(row) => (
                row.id.to_string(),
                text::one_line(&stream_words::purpose(self.reader.connection, row), 120),
                match row.pushed_by {
                    Some(by) => format!("by {by} · {}", self.outcome_at_cursor(row)),
                    None => self.outcome_at_cursor(row),
                },
            ),
            None => (
                "0".to_owned(),
                "connection".to_owned(),
                "settings, window, pings".to_owned(),
            ),
        };
        // What it waits for at the cursor is said in the place of how far it has come.
        let waiting = self.waits_at_cursor(lane);
        let painter = ui.painter_at(visible);
        let inner = Rect::from_min_max(
            pos2(place.left() + LABEL_INSET_POINTS, place.top()),
            pos2(self.layout.plot.min - 8.0, place.bottom()),
        );
        let begun = stream_row.is_none_or(|row| row.first_frame.index() < self.model.frame_count);
        let text = if begun { theme.text } else { theme.text_weak };
        let bold = self.context.stream_words(stream);
        let upper = inner.center().y - 8.5;
        let number = line(
            &painter,
            pos2(inner.left(), upper),
            inner.width(),
            TITLE_POINTS,
            &name,
            bold,
        );
        // What follows starts at one line for all but very long numbers.
        let left = inner.left() + (number + 7.0).max(NUMBER_POINTS);
        let width = inner.right() - left;
        line(
            &painter,
            pos2(left, upper),
            width,
            TITLE_POINTS,
            &about,
            text,
        );
        let lower = inner.center().y + 8.5;
        let (below, colour) = match &waiting {
            Some((colour, ways)) => {
                let fits = |words: &&String| {
                    let font = FontId::proportional(SMALL_POINTS);
                    let galley = painter.layout_no_wrap((*words).clone(), font, theme.text);
                    galley.size().x <= width
                };
                let words = ways.iter().find(fits).or(ways.last());
                let words = words.map_or("", |words| words.as_str());
                (words, *colour)
            }
            None => (outcome.as_str(), theme.text_weak),
        };
        line(
            &painter,
            pos2(left, lower),
            width,
            SMALL_POINTS,
            below,
            colour,
        );

        let response = ui.interact(
            visible,
            ui.scope_id()
                .with(("lane", self.reader.connection.id, stream.0)),
            Sense::click(),
        );
        anchor::mark(ui.ctx(), &format!("lane {}", stream.0), visible);
        let now = waiting.as_ref().and_then(|(_, ways)| ways.first());
        let said = match (row, now) {
            (Some(_), Some(now)) => format!("stream {name}, {about}, {now}, {outcome}"),
            (Some(_), None) => format!("stream {name}, {about}, {outcome}"),
            (None, _) => "the connection, stream 0".to_owned(),
        };
        response.widget_info(|| {
            let selected = self.context.selected_stream() == Some(stream);
            WidgetInfo::selected(Role::Button, true, selected, &said)
        });
        let item = Item::Stream(self.reader.connection.id, stream);
        if response.hovered() {
            self.context.hover(item);
        }
        if response.clicked() {
            self.context.send(Command::Select(item));
        }
        let over = response.hovered();
        response.on_hover_ui(|ui| {
            for (index, words) in hover::lane_words(self, row).into_iter().enumerate() {
                let words = egui::RichText::new(words);
                ui.label(if index == 0 { words.strong() } else { words });
            }
        });
        if let (Some(pins), Some(_)) = (self.pins, row) {
            let pin = (self.reader.connection.id, stream);
            self.pin_ui(ui, stream, visible, pins.contains(&pin), over);
        }
    }

    /// A pin at the label's corner keeps the lane at the top. It is seen where it is set, and under the pointer.
    fn pin_ui(&self, ui: &Ui, stream: StreamId, label: Rect, pinned: bool, over: bool) {
        let theme = self.context.theme;
        let corner = pos2(self.layout.plot.min - 22.0, label.top() + 1.0);
        let place = Rect::from_min_size(corner, vec2(18.0, 18.0)).intersect(label);
        let connection = self.reader.connection.id;
        let id = ui.scope_id().with(("pin", connection, stream.0));
        let response = ui.interact(place, id, Sense::click());
        let what = if pinned { "unpin" } else { "pin" };
        let of = match self.is_part {
            true => format!(" of connection {connection}"),
            false => String::new(),
        };
        response.widget_info(|| {
            WidgetInfo::selected(
                Role::Button,
                true,
                pinned,
                format!("{what} stream {stream}{of}"),
            )
        });
        let colour = match (pinned, response.hovered()) {
            (_, true) => theme.text,
            (true, _) => theme.accent,
            (false, false) if over => theme.text_weak,
            _ => Color32::TRANSPARENT,
        };
        let painter = ui.painter_at(place);
        let head = place.center() - vec2(0.0, 2.5);
        painter.circle(
            head,
            3.0,
            if pinned { colour } else { Color32::TRANSPARENT },
            Stroke::new(1.3, colour),
        );
        painter.line_segment(
            [head + vec2(0.0, 3.0), head + vec2(0.0, 8.5)],
            Stroke::new(1.3, colour),
        );
        if response.clicked() {
            self.context
                .send(Command::Loom(super::Command::Pin(connection, stream)));
        }
        response.on_hover_text(match (pinned, self.is_part) {
            (true, false) => "Pinned: it stays at the top. A click lets it go (I)",
            (false, false) => "Keep this lane at the top (I)",
            (true, true) => "Pinned: it stays below its connection's wire, also while that is folded. A click lets it go (I)",
            (false, true) => "Keep this lane first below its connection's wire, also while that is folded (I)",
        });
    }

    /// How far the stream has come at the cursor.
    fn outcome_at_cursor(&self, row: &StreamRow) -> String {
        let count = self.model.frame_count;
        let has_come = |frame: Option<FrameId>| frame.is_some_and(|frame| frame.index() < count);
        if !has_come(Some(row.first_frame)) {
            return "not yet opened".to_owned();
        }
        if row.last_frame.index() < count || has_come(row.end_frame) {
            return stream_words::outcome(self.reader.connection, row);
        }
        if has_come(row.response_frame) {
            "response under way".to_owned()
        } else {
            "waiting for the response".to_owned()
        }
    }
}

/// Which way a row's frames go: the client's to the right. Drawn, because not every font has it.
fn arrow(painter: &Painter, centre: Pos2, direction: Direction, colour: Color32) {
    let forward = match direction {
        Direction::Client => 6.0,
        Direction::Server => -6.0,
    };
    let stroke = Stroke::new(1.3, colour);
    let tip = centre + vec2(forward, 0.0);
    painter.line_segment([centre - vec2(forward, 0.0), tip], stroke);
    for side in [-3.0, 3.0] {
        painter.line_segment([tip, tip + vec2(-forward * 0.55, side)], stroke);
    }
}

/// One line of text, cut with `…` where it is too long. Returns its width.
fn line(painter: &Painter, at: Pos2, width: f32, size: f32, text: &str, colour: Color32) -> f32 {
    let format = TextFormat::simple(FontId::proportional(size), colour);
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap.max_width = width.max(1.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = painter.layout_job(job);
    let size = galley.size();
    painter.galley(pos2(at.x, at.y - size.y / 2.0), galley, colour);
    size.x
}
