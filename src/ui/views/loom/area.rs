//! A stretch of time that a person has chosen, with what crossed the connection in it. It is kept until it is cleared.
//!
//! The frames are counted one by one, since totals per stream must be exact; a bounded number per picture.

use super::paint::Picture;
use super::reader::{Reader, Summaries};
use super::words::{frames_words, stream_words, time_words};
use super::{Command, State, stack};
use crate::report::text;
use crate::trace::{ConnectionId, Direction, FrameId, Side};
use crate::ui::widgets::{filtered, format, mark};
use crate::ui::{Item, ViewContext};
use crate::wire::http2::{FrameKind, StreamId};
use crate::wire::keyed::KeyedMap;
use egui::{Rangef, Rect, RichText, Stroke, Ui, pos2, vec2};
use std::collections::BTreeMap;

/// Frames counted per picture: less than a millisecond.
const FRAMES_PER_PICTURE: usize = 50_000;
/// Shares that the card names; the others are one line.
const NAMED_SHARES: usize = 6;
/// How wide the card is.
const CARD_POINTS: f32 = 258.0;

/// Frames, and their bytes with headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many frames.
    pub frames: u64,
    /// Their bytes, headers included.
    pub bytes: u64,
}

impl Sum {
    fn add(&mut self, bytes: u64) {
        self.frames += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// Of what an area adds up the frames.
#[derive(Clone, Debug, PartialEq)]
enum Scope {
    /// One connection, and who of it is the client.
    One(ConnectionId, Side),
    /// All connections that pass the filter.
    All(filtered::Progress),
}

/// A chosen stretch of time and its totals, as far as they have been counted.
#[derive(Clone, Debug)]
pub struct Area {
    /// Its first instant, in nanoseconds since the first packet.
    pub start_ns: f64,
    /// Its end.
    pub end_ns: f64,
    scope: Option<Scope>,
    /// The frame from which each connection is counted on.
    next: KeyedMap<ConnectionId, usize>,
    /// Packets of the capture when all that was there had been counted.
    counted: Option<usize>,
    /// All frames.
    pub all: Sum,
    /// By sender.
    pub directions: [Sum; 2],
    /// By type.
    pub kinds: BTreeMap<u8, Sum>,
    /// By stream; of all connections, by connection.
    shares: KeyedMap<Item, Sum>,
}

impl Area {
    /// A stretch of time of which nothing has been counted.
    pub fn new(start_ns: f64, end_ns: f64) -> Self {
        Self {
            start_ns,
            end_ns: end_ns.max(start_ns),
            scope: None,
            next: KeyedMap::default(),
            counted: None,
            all: Sum::default(),
            directions: Default::default(),
            kinds: BTreeMap::new(),
            shares: KeyedMap::default(),
        }
    }

    /// Begins anew where something else is to be counted.
    fn begin(&mut self, scope: Scope) {
        if self.scope.as_ref() != Some(&scope) {
            *self = Self::new(self.start_ns, self.end_ns);
            self.scope = Some(scope);
        }
    }

    /// Counts on. Returns whether there is more to count.
    pub fn follow(&mut self, reader: &Reader<'_>, summaries: &Summaries) -> bool {
        let connection = reader.connection;
        let client = connection.side(Direction::Client);
        self.begin(Scope::One(connection.id, client));
        let range = summaries.frames_within(reader, self.start_ns..self.end_ns);
        let next = self.next.get(&connection.id).copied().unwrap_or(0);
        let from = next.max(range.start);
        let until = range.end.min(from.saturating_add(FRAMES_PER_PICTURE));
        self.count(reader, from..until, |stream| {
            Item::Stream(connection.id, stream)
        });
        self.next.insert(connection.id, until.max(next));
        let complete = until >= range.end && !summaries.is_behind(reader);
        self.counted = complete.then_some(reader.trace.packets.len());
        !complete
    }

    /// Counts on, on every connection that passes the filter. Returns whether there is more to count.
    pub fn follow_all(&mut self, context: &ViewContext<'_>) -> bool {
        self.begin(Scope::All(filtered::progress(context)));
        let trace = context.trace;
        if self.counted == Some(trace.packets.len()) {
            return false;
        }
        let mut room = FRAMES_PER_PICTURE;
        for connection in trace.connections.iter() {
            let Some(reader) = Reader::of(trace, connection) else {
                continue;
            };
            let len = reader.http2.frames.len();
            let from = self.next.get(&connection.id).copied().unwrap_or(0);
            if from >= len || stack::is_filtered_out(context, connection.id) {
                continue;
            }
            if room == 0 {
                return true;
            }
            let until = len.min(from.saturating_add(room));
            self.count(&reader, from..until, |_| Item::Connection(connection.id));
            self.next.insert(connection.id, until);
            room -= until - from;
        }
        self.counted = Some(trace.packets.len());
        false
    }

    fn count(
        &mut self,
        reader: &Reader<'_>,
        frames: std::ops::Range<usize>,
        owner: impl Fn(StreamId) -> Item,
    ) {
        for at in frames {
            let Some((time_ns, frame)) = reader.frame(FrameId::from_index(at)) else {
                continue;
            };
            // Clocks that run backwards put strangers between.
            if (time_ns as f64) < self.start_ns || time_ns as f64 > self.end_ns {
                continue;
            }
            let bytes = super::summary::frame_bytes(frame);
            let direction = reader.connection.direction(frame.side);
            self.all.add(bytes);
            self.directions[direction.index()].add(bytes);
            self.kinds.entry(frame.kind.0).or_default().add(bytes);
            let share = self.shares.entry(owner(frame.stream)).or_default();
            share.add(bytes);
        }
    }

    /// Whether everything has been counted.
    pub fn complete(&self) -> bool {
        self.counted.is_some()
    }

    /// What has a share, what has most bytes first: streams, or connections where there are several.
    pub fn shares(&self) -> Vec<(Item, Sum)> {
        let mut shares: Vec<_> = self
            .shares
            .iter()
            .map(|(item, sum)| (*item, *sum))
            .collect();
        shares.sort_unstable_by_key(|(item, sum)| (std::cmp::Reverse(sum.bytes), rank(*item)));
        shares
    }

    fn noun(&self) -> &'static str {
        match self.scope {
            Some(Scope::All(_)) => "connection",
            _ => "stream",
        }
    }

    /// What the card says, line by line.
    pub fn lines(&self) -> Vec<String> {
        let length = text::duration((self.end_ns - self.start_ns) as u64);
        let (from, to) = (
            time_words(self.start_ns as i64),
            time_words(self.end_ns as i64),
        );
        let is_own = |item: &Item| matches!(item, Item::Stream(_, StreamId::CONNECTION));
        let own = self.shares.keys().filter(|item| is_own(item)).count();
        let owners = (self.shares.len() - own) as u64;
        let mut lines = vec![
            format!("{length}: {from} to {to}"),
            format!(
                "{}, {}, {}",
                frames_words(self.all.frames),
                text::size(self.all.bytes),
                format::counted(owners, self.noun()),
            ),
        ];
        lines.extend(Direction::BOTH.into_iter().map(|direction| {
            let sum = self.directions[direction.index()];
            let (name, bytes) = (direction.name(), text::size(sum.bytes));
            let plural = if self.noun() == "connection" { "s" } else { "" };
            format!("{name}{plural}: {}, {bytes}", frames_words(sum.frames))
        }));
        for (kind, sum) in &self.kinds {
            let (count, bytes) = (text::grouped(sum.frames), text::size(sum.bytes));
            lines.push(format!("{count} {}: {bytes}", FrameKind(*kind)));
        }
        lines
    }

    /// A share of the bytes: `stream 5: 34 %, 12 frames`.
    pub fn share_words(&self, item: Item, sum: Sum) -> String {
        let share = sum.bytes as f64 / self.all.bytes.max(1) as f64 * 100.0;
        let share = if share < 1.0 && sum.bytes > 0 {
            "under 1 %".to_owned()
        } else {
            format!("{share:.0} %")
        };
        let name = match item {
            Item::Stream(_, stream) => stream_words(stream),
            Item::Connection(connection) => format!("connection {connection}"),
            Item::Frame(..) | Item::Bytes { .. } | Item::Packet(_) => String::new(),
        };
        format!("{name}: {share}, {}", frames_words(sum.frames))
    }

    /// Everything as text, for copying and for screen readers.
    pub fn text(&self) -> String {
        let mut lines = self.lines();
        let shares = self.shares();
        lines.extend(
            shares
                .iter()
                .map(|(item, sum)| self.share_words(*item, *sum)),
        );
        lines.join("\n")
    }
}

/// By number, where the bytes are the same.
fn rank(item: Item) -> (usize, u32) {
    match item {
        Item::Stream(connection, stream) => (connection.index(), stream.0),
        item => (item.connection().map_or(0, ConnectionId::index), 0),
    }
}

impl Picture<'_> {
    /// Where a stretch of time is, from the axis to the legend.
    fn area_rect(&self, area: &Area) -> Rect {
        let scale = &self.model.places.scale;
        let width = f64::from(self.layout.width());
        let x = |time_ns: f64| self.x(scale.x_from_time(time_ns).clamp(-4.0, width + 4.0) as f32);
        let down = self.layout.axis.bottom()..=self.layout.legend.top();
        Rect::from_x_y_ranges(x(area.start_ns)..=x(area.end_ns), down)
    }

    /// Draws the chosen stretch of time and its card.
    pub fn area_ui(&self, ui: &mut Ui, area: &Area) {
        let rect = self.area_rect(area);
        let plot = Rect::from_x_y_ranges(self.layout.plot, rect.y_range());
        let painter = ui.painter_at(plot);
        let accent = self.context.theme.accent;
        painter.rect_filled(rect, 0.0, accent.gamma_multiply(0.10));
        for x in [rect.left(), rect.right()] {
            painter.vline(x, rect.y_range(), Stroke::new(1.2, accent));
        }
        self.area_card_ui(ui, area, rect.x_range());
    }

    /// The card stands where the area is not, as far as there is room.
    fn area_card_ui(&self, ui: &mut Ui, area: &Area, covered: Rangef) {
        let theme = self.context.theme;
        let layout = &self.layout;
        let right = layout.plot.max - 8.0;
        let left = layout.plot.min + 8.0;
        let at_left = covered.center() > (left + right) / 2.0;
        let x = if at_left { left } else { right - CARD_POINTS };
        let top = layout.connection_lane.top().max(layout.wire[1].bottom()) + 6.0;
        let place = Rect::from_min_max(
            pos2(x.max(layout.rect.left()), top),
            pos2(
                x.max(layout.rect.left()) + CARD_POINTS,
                layout.legend.top() - 4.0,
            ),
        );
        let builder = egui::UiBuilder::new().id_salt("area card").max_rect(place);
        let mut ui = ui.new_child(builder);
        let frame = egui::Frame::new()
            .fill(theme.panel)
            .stroke(Stroke::new(1.0, theme.accent))
            .corner_radius(5.0)
            .inner_margin(egui::Margin::symmetric(9, 7));
        frame.show(&mut ui, |ui| {
            ui.set_width(CARD_POINTS - 20.0);
            ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
            for (index, line) in area.lines().into_iter().enumerate() {
                let words = RichText::new(line).small();
                ui.label(if index < 2 {
                    words.strong()
                } else {
                    words.color(theme.text_weak)
                });
            }
            if !area.complete() {
                ui.label(RichText::new("counting …").small().color(theme.text_weak));
            }
            ui.add_space(3.0);
            let shares = area.shares();
            for (item, sum) in shares.iter().take(NAMED_SHARES) {
                self.share_ui(ui, area, *item, *sum);
            }
            if let Some(others) = shares
                .get(NAMED_SHARES..)
                .filter(|others| !others.is_empty())
            {
                let bytes: u64 = others.iter().map(|(_, sum)| sum.bytes).sum();
                let others = format::counted(others.len() as u64, &format!("more {}", area.noun()));
                let words = format!("and {others}: {}", text::size(bytes));
                ui.label(RichText::new(words).small().color(theme.text_weak));
            }
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let send = |command| self.context.send(crate::ui::Command::Loom(command));
                let small = |words: &str| egui::Button::new(RichText::new(words).small()).small();
                if ui.add(small("Zoom to it")).clicked() {
                    let (start_ns, end_ns) = (area.start_ns, area.end_ns);
                    send(Command::ShowTimes { start_ns, end_ns });
                }
                if ui
                    .add(small("Loop"))
                    .on_hover_text("Play it over and over")
                    .clicked()
                {
                    let times_ns = (area.start_ns.max(0.0) as i64, area.end_ns.max(0.0) as i64);
                    self.context
                        .send(crate::ui::Command::SetLoop(Some(times_ns)));
                }
                if ui
                    .add(small("Copy"))
                    .on_hover_text("Copy the totals as text")
                    .clicked()
                {
                    ui.ctx().copy_text(area.text());
                }
                if ui
                    .add(small("Clear"))
                    .on_hover_text("Choose nothing (Esc)")
                    .clicked()
                {
                    send(Command::ClearArea);
                }
            });
        });
    }

    /// A share, as a bar with words.
    fn share_ui(&self, ui: &mut Ui, area: &Area, item: Item, sum: Sum) {
        let theme = self.context.theme;
        let (rect, _) =
            ui.allocate_exact_size(vec2(ui.available_width(), 15.0), egui::Sense::hover());
        let share = sum.bytes as f32 / area.all.bytes.max(1) as f32;
        let bar = rect.with_max_x(rect.left() + rect.width() * share);
        let colour = match item {
            Item::Stream(_, stream) => self.context.stream_colour(stream),
            _ => theme.text_weak,
        };
        ui.painter()
            .rect_filled(bar, 2.0, colour.gamma_multiply(0.35));
        mark::swatch(
            ui.painter(),
            pos2(rect.left() + 7.0, rect.center().y),
            colour,
        );
        let words = area.share_words(item, sum);
        let font = egui::FontId::proportional(11.0);
        let at = pos2(rect.left() + 17.0, rect.center().y);
        ui.painter()
            .text(at, egui::Align2::LEFT_CENTER, &words, font, theme.text);
        let id = ui.scope_id().with(("share", item));
        let response = ui.interact(rect, id, egui::Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("share of {words}"))
        });
        if response.hovered() {
            self.context.hover(item);
        }
        if response.clicked() {
            self.context.send(crate::ui::Command::Select(item));
        }
    }
}

impl State {
    /// Counts what is in the chosen stretch of time. Returns whether there is more to count.
    pub(super) fn follow_area(&mut self, reader: &Reader<'_>) -> bool {
        let summaries = &self.summaries;
        self.area
            .as_mut()
            .is_some_and(|area| area.follow(reader, summaries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::loom::test_trace::{busy_trace, client, server, trace_of};
    use crate::ui::views::testing::World;

    fn counted(world: &World, start_ns: f64, end_ns: f64) -> Area {
        world.read(|context| {
            let reader = Reader::new(context).unwrap();
            let mut summaries = Summaries::default();
            while {
                summaries.follow(&reader);
                summaries.is_behind(&reader)
            } {}
            let mut area = Area::new(start_ns, end_ns);
            while area.follow(&reader, &summaries) {}
            assert!(area.complete());
            area
        })
    }

    #[test]
    fn totals_are_those_of_the_frames_in_the_area() {
        let world = World::of_trace(trace_of(&[
            client(0, 0, FrameKind::SETTINGS, 18),
            client(1_000, 1, FrameKind::HEADERS, 41),
            server(2_000, 1, FrameKind::DATA, 991),
            server(3_000, 3, FrameKind::DATA, 91),
            server(9_000, 1, FrameKind::DATA, 5),
        ]));
        let area = counted(&world, 500.0, 3_000.0);
        let sum = |frames, bytes| Sum { frames, bytes };
        assert_eq!(area.all, sum(3, 1150));
        let stream = |id| Item::Stream(world.connection.unwrap(), StreamId(id));
        assert_eq!(
            area.shares(),
            [(stream(1), sum(2, 1050)), (stream(3), sum(1, 100))]
        );
        assert_eq!(area.kinds.get(&FrameKind::DATA.0), Some(&sum(2, 1100)));
        let text = area.text();
        for line in [
            "3 frames, 1.1",
            "2 streams",
            "client: 1 frame",
            "2 DATA: ",
            "stream 1: 91 %, 2 frames",
            "stream 3: 9 %, 1 frame",
        ] {
            assert!(text.contains(line), "{line:?} is missing in\n{text}");
        }
    }

    #[test]
    fn a_large_area_is_counted_over_several_pictures_and_loses_nothing() {
        let world = World::of_trace(busy_trace(120_000, 50));
        let area = counted(&world, 0.0, 1e12);
        assert_eq!(area.all.frames, 120_000);
        let streams: u64 = area.shares().iter().map(|(_, sum)| sum.frames).sum();
        assert_eq!(streams, 120_000);
    }
}
