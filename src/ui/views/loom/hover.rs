//! What is under the pointer, and what is said about it.

use super::fold::{Record, Strand};
use super::layout::Zone;
use super::paint::Picture;
use super::summary::Part;
use super::words::{frames_words, sender_words, stream_words, time_words};
use crate::report::text;
use crate::trace::{Direction, FrameId, Side};
use crate::ui::Item;
use crate::ui::views::stream_list::model as stream_words;
use crate::wire::http2::{FrameKind, StreamId};
use egui::{PopupAnchor, Pos2, Response, RichText, Ui};

/// A pointer this far from a record still means it.
const REACH_POINTS: f32 = 7.0;
/// Frames that are looked through to say what fell together; beyond, the kinds alone are named.
const MAX_COUNTED: usize = 4096;

/// Frames that fell together and are listed one by one.
const MAX_LISTED: usize = 6;

/// What is at a point.
#[derive(Clone, Debug)]
pub enum Hit {
    /// The axis.
    Axis,
    /// A frame, or several that fell together.
    Frames {
        /// What the column shows.
        record: Record,
        /// Who sent it.
        side: Side,
        /// The lane; `None` on the wire.
        lane: Option<StreamId>,
    },
    /// A lane, beside its frames.
    Lane(StreamId),
    /// Segments that were sent again, by their positions among those.
    Copies(Vec<usize>),
    /// A hole in the TCP stream, by its position among those.
    Hole(usize),
    /// Nothing.
    Nothing,
}

impl Hit {
    /// Whether it is a frame or several, or a segment.
    pub fn is_frames(&self) -> bool {
        matches!(self, Hit::Frames { .. } | Hit::Copies(_) | Hit::Hole(_))
    }

    /// What a click selects.
    pub fn item(&self, picture: &Picture<'_>) -> Option<Item> {
        let connection = picture.reader.connection.id;
        match self {
            Hit::Frames { record, side, lane } => {
                let frame = first_frame(picture, record, *side, *lane)?;
                Some(Item::Frame(connection, frame))
            }
            Hit::Lane(stream) => Some(Item::Stream(connection, *stream)),
            Hit::Copies(copies) => {
                let first = picture.waits?.copies.get(*copies.first()?)?;
                Some(Item::Packet(first.row.packet))
            }
            Hit::Hole(at) => {
                let row = &picture.waits?.holes.get(*at)?.row;
                Some(Item::Packet(row.closed.unwrap_or(row.opened)))
            }
            Hit::Axis | Hit::Nothing => None,
        }
    }
}

/// What is at a point.
pub fn hit(picture: &Picture<'_>, at: Pos2) -> Hit {
    let x = at.x - picture.layout.plot.min;
    let side_of = |direction| picture.reader.connection.side(direction);
    match picture.layout.zone(at) {
        Zone::Axis => Hit::Axis,
        Zone::Losses => picture.loss_hit(at).unwrap_or(Hit::Nothing),
        Zone::Wire(direction) => {
            if let Some(hit) = picture.copy_hit(at) {
                return hit;
            }
            let side = side_of(direction);
            match nearest(&picture.model.wire, side, x) {
                Some(record) => Hit::Frames {
                    record,
                    side,
                    lane: None,
                },
                None => Hit::Nothing,
            }
        }
        Zone::Lane(row, direction) => {
            let Some(lane) = picture.model.lanes.iter().find(|lane| lane.at == row) else {
                return Hit::Nothing;
            };
            let side = side_of(direction);
            match nearest(&lane.strand, side, x) {
                Some(record) => Hit::Frames {
                    record: record.of_lane(),
                    side,
                    lane: Some(lane.stream),
                },
                None => Hit::Lane(lane.stream),
            }
        }
        Zone::Label(_) | Zone::Heading(_) | Zone::Elsewhere => Hit::Nothing,
    }
}

fn nearest<S: Copy>(strand: &Strand<S>, side: Side, x: f32) -> Option<Record<S>> {
    let records = strand.get(side.index())?;
    let behind = records.partition_point(|record| record.centre() < x);
    let away = |record: &&Record<S>| (record.centre() - x).abs();
    records
        .get(behind.saturating_sub(1)..(behind + 1).min(records.len()))?
        .iter()
        .min_by(|a, b| away(a).total_cmp(&away(b)))
        .filter(|record| away(record) <= REACH_POINTS.max(record.width / 2.0))
        .copied()
}

/// The frames of a record, one by one.
fn frames_of<'a>(
    picture: &'a Picture<'_>,
    record: &Record,
    side: Side,
    lane: Option<StreamId>,
) -> impl Iterator<Item = FrameId> + 'a {
    let (first, last) = (record.first, record.last);
    let http2 = picture.reader.http2;
    // A lane's frames lie far apart among all of them.
    let of_lane = lane.map(|stream| {
        let ids = http2.frames_of(stream);
        (ids, ids.partition_point(|id| *id < first))
    });
    let ids = (0..).map_while(move |step: usize| match of_lane {
        Some((ids, start)) => ids.get(start + step).copied().filter(|id| *id <= last),
        None => Some(FrameId::from_index(first.index() + step)).filter(|id| *id <= last),
    });
    ids.filter(move |id| {
        let row = http2.frames.get(id.index());
        row.is_some_and(|row| row.side == side)
    })
}

fn first_frame(
    picture: &Picture<'_>,
    record: &Record,
    side: Side,
    lane: Option<StreamId>,
) -> Option<FrameId> {
    frames_of(picture, record, side, lane).next()
}

/// Says at the pointer what is there.
pub fn tooltip_ui(ui: &Ui, response: &Response, picture: &Picture<'_>, hit: &Hit) {
    if let Hit::Copies(copies) = hit {
        tooltip(ui, response).show(|ui| picture.copies_ui(ui, copies));
        return;
    }
    if let Hit::Hole(hole) = hit {
        tooltip(ui, response).show(|ui| picture.hole_ui(ui, *hole));
        return;
    }
    let Hit::Frames { record, side, lane } = hit else {
        return wait_ui(ui, response, picture, hit);
    };
    tooltip(ui, response).show(|ui| {
        let direction = picture.reader.connection.direction(*side);
        match first_frame(picture, record, *side, *lane) {
            Some(frame) if record.is_single() => frame_ui(ui, picture, frame),
            _ => folded_ui(ui, picture, record, direction, *lane),
        }
    });
}

fn tooltip<'a>(ui: &Ui, response: &Response) -> egui::Tooltip<'a> {
    egui::Tooltip::always_open(
        ui.ctx().clone(),
        ui.layer_id(),
        response.id.with("tooltip"),
        PopupAnchor::Pointer,
    )
    .gap(14.0)
    .width(380.0)
}

/// Beside the frames of a lane: why nothing came there.
fn wait_ui(ui: &Ui, response: &Response, picture: &Picture<'_>, hit: &Hit) {
    let (Hit::Lane(stream), Some(at)) = (hit, response.hover_pos()) else {
        return;
    };
    let (wait, why) = (
        picture.wait_at(*stream, at.x),
        picture.why_at(*stream, at.x),
    );
    if wait.is_none() && why.is_none() {
        return;
    }
    tooltip(ui, response).show(|ui| {
        title_ui(ui, picture, stream_words(*stream));
        if let Some(why) = why {
            ui.label(sentence(&why.words()));
            let from = time_words(why.times_ns.0);
            weak_ui(ui, picture, format!("from {from} on"));
        }
        // That its sender had nothing to send says less than what it sent meanwhile.
        let wait = wait.filter(|wait| why.is_none() || wait.reason.is_held_back());
        if let (Some(waits), Some(wait)) = (picture.waits, wait) {
            ui.label(waits.words(wait));
            if let Some(words) = picture.ended_words(wait) {
                ui.label(words);
            }
            if let Some(words) = picture.sent_words(*stream, wait) {
                ui.label(words);
            }
            let from = time_words(wait.from_ns);
            weak_ui(ui, picture, format!("from {from} on"));
        }
    });
}

/// What begins with a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase());
    first.into_iter().flatten().chain(letters).collect()
}

fn title_ui(ui: &mut Ui, picture: &Picture<'_>, text: String) {
    ui.label(
        RichText::new(text)
            .strong()
            .color(picture.context.theme.text),
    );
}

fn weak_ui(ui: &mut Ui, picture: &Picture<'_>, text: String) {
    ui.label(RichText::new(text).color(picture.context.theme.text_weak));
}

fn frame_ui(ui: &mut Ui, picture: &Picture<'_>, id: FrameId) {
    let reader = &picture.reader;
    let Some((time_ns, frame)) = reader.frame(id) else {
        return;
    };
    let direction = reader.connection.direction(frame.side);
    let of = stream_words(frame.stream);
    title_ui(ui, picture, format!("frame {id} · {} · {of}", frame.kind));
    let flags: Vec<_> = frame.flags.names(frame.kind).collect();
    let info = crate::report::frames::info(reader.trace, reader.connection, id);
    for line in [info, flags.join(" ")] {
        if !line.is_empty() {
            ui.label(text::one_line(&line, 160));
        }
    }
    let payload = text::grouped(u64::from(frame.length));
    let sender = sender_words(direction);
    let at = time_words(time_ns);
    weak_ui(
        ui,
        picture,
        format!("{sender} · {payload} bytes of payload · {at}"),
    );
    let noted = crate::notes::Target::Frame(reader.connection.id, id);
    for note in picture.context.notes.on(noted) {
        let words = text::visible_lines(&note.text, 400);
        ui.label(RichText::new(format!("note: {words}")).color(picture.context.theme.accent));
    }
    for finding in picture.findings_of(id) {
        let colour =
            crate::ui::widgets::mark::severity_colour(finding.severity, picture.context.theme);
        ui.label(RichText::new(&finding.text).color(colour));
    }
    let kind = frame.kind;
    weak_ui(
        ui,
        picture,
        format!("{} ({})", kind.meaning(), kind.section()),
    );
    if id.index() >= picture.model.frame_count {
        weak_ui(
            ui,
            picture,
            "Behind the cursor: it has not happened yet.".to_owned(),
        );
    }
}

fn folded_ui(
    ui: &mut Ui,
    picture: &Picture<'_>,
    record: &Record,
    direction: Direction,
    lane: Option<StreamId>,
) {
    let part = &record.part;
    let frames = text::grouped(u64::from(part.frames));
    let size = text::size(part.bytes);
    let from = match lane {
        Some(stream) => format!(" · {}", stream_words(stream)),
        None => String::new(),
    };
    title_ui(ui, picture, format!("{frames} frames, {size}{from}"));
    ui.label(kind_words(picture, record, direction, lane));
    if lane.is_none() {
        ui.label(share_words(part));
    }
    let side = picture.reader.connection.side(direction);
    for id in frames_of(picture, record, side, lane).take(MAX_LISTED) {
        ui.label(RichText::new(frame_line(picture, id)).small());
    }
    if let more @ 1.. = (part.frames as usize).saturating_sub(MAX_LISTED) {
        weak_ui(ui, picture, format!("and {more} more"));
    }
    let (first, last) = (time_words(record.times_ns.0), time_words(record.times_ns.1));
    let when = if first == last {
        first
    } else {
        format!("{first} to {last}")
    };
    weak_ui(ui, picture, format!("{} · {when}", sender_words(direction)));
    weak_ui(
        ui,
        picture,
        "Too close to tell apart here: double-click to zoom in.".to_owned(),
    );
}

/// One frame of several: `frame 12 · HEADERS · stream 5 · GET /`.
fn frame_line(picture: &Picture<'_>, id: FrameId) -> String {
    let reader = &picture.reader;
    let Some((_, frame)) = reader.frame(id) else {
        return format!("frame {id}");
    };
    let info = crate::report::frames::info(reader.trace, reader.connection, id);
    let mut line = format!(
        "frame {id} · {} · {}",
        frame.kind,
        stream_words(frame.stream)
    );
    if !info.is_empty() {
        line.push_str(&format!(" · {}", text::one_line(&info, 60)));
    }
    line
}

/// How many frames of which type, where they are few enough to look through.
fn kind_words(
    picture: &Picture<'_>,
    record: &Record,
    direction: Direction,
    lane: Option<StreamId>,
) -> String {
    let span = record.last.index().saturating_sub(record.first.index());
    let side = picture.reader.connection.side(direction);
    let words = |kind: FrameKind| {
        if span > MAX_COUNTED {
            return kind.name().to_owned();
        }
        let count = frames_of(picture, record, side, lane)
            .filter_map(|id| Some(picture.reader.frame(id)?.1))
            .filter(|frame| super::summary::Kinds::of(frame.kind).contains(kind))
            .count();
        format!("{count} {}", kind.name())
    };
    let kinds: Vec<_> = record.part.kinds.iter().map(words).collect();
    kinds.join(", ")
}

/// Which streams sent how much of the bytes.
fn share_words(part: &Part) -> String {
    let (owners, rest) = part.owners();
    let mut owners: Vec<_> = owners.collect();
    owners.sort_by_key(|owner| std::cmp::Reverse(owner.bytes));
    let percent = |bytes: u64| {
        let share = bytes as f64 / part.bytes.max(1) as f64 * 100.0;
        if share < 1.0 {
            "under 1 %".to_owned()
        } else {
            format!("{share:.0} %")
        }
    };
    let mut words: Vec<_> = owners
        .iter()
        .map(|owner| format!("{} {}", stream_words(owner.stream), percent(owner.bytes)))
        .collect();
    if rest > 0 {
        words.push(format!("others {}", percent(rest)));
    }
    words.join(", ")
}

/// Why gaps lie across a stream's colour, where others had that colour before.
fn lap_words(lap: usize) -> Option<&'static str> {
    (lap > 0).then_some(
        "Gaps across its colour: there are more streams than colours, and another one has this colour without them.",
    )
}

/// What is said at a lane's label.
pub fn lane_words(picture: &Picture<'_>, row: Option<usize>) -> Vec<String> {
    let reader = &picture.reader;
    let Some(stream) = row.and_then(|row| reader.http2.streams().get(row)) else {
        return vec![
            "the connection".to_owned(),
            "Frames on stream 0 speak about the connection as a whole: settings, pings, its \
             flow-control window and its end (RFC 9113 §5.1.1)."
                .to_owned(),
        ];
    };
    let purpose = text::one_line(&stream_words::purpose(reader.connection, stream), 200);
    let mut words = vec![format!("stream {} · {purpose}", stream.id)];
    words.extend(lap_words(picture.lap(Some(stream.id))).map(str::to_owned));
    words.extend(picture.links.words(stream.id, picture.model.frame_count));
    let sent = |direction: Direction| {
        let side = reader.connection.side(direction);
        text::size(stream.data_bytes.get(side.index()).copied().unwrap_or(0))
    };
    words.push(format!(
        "in all: {}, {} of DATA from the client, {} from the server",
        frames_words(u64::from(stream.frames)),
        sent(Direction::Client),
        sent(Direction::Server),
    ));
    let reasons = picture.waits.map(|waits| waits.reasons(stream.id));
    let why = picture.waits.map_or(&[][..], |waits| waits.why(stream.id));
    words.extend(why.iter().map(|why| why.words()));
    words.extend((reasons.into_iter().flatten()).map(|(label, count, ns)| {
        format!("held back {count}× for {}: {label}", text::duration(ns))
    }));
    words.push(format!(
        "at the end: {}",
        stream_words::outcome(reader.connection, stream)
    ));
    words
}
