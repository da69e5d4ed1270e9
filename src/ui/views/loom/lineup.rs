//! Which lanes there are, in which order, and under which headings. Pure: it reads streams and draws nothing.
//!
//! A lineup is made again only when something that it depends on has changed; a picture then finds lanes by their
//! positions.

use crate::trace::{Connection, ConnectionId, FrameId, Http2, StreamRow};
use crate::ui::views::stream_list::model as stream_words;
use crate::wire::http2::{PriorityChange, StreamId};
use crate::wire::keyed::KeyedMap;
use std::ops::Range;

/// How lanes are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// By their first frames.
    #[default]
    Start,
    /// What the client wants first: by urgency, then by weight.
    Priority,
    /// The most content first.
    Size,
    /// By host and path, or by gRPC service and method.
    Service,
}

impl Order {
    /// All of them, with what they are called and what they mean.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::Start,
            "start",
            "In the order of their first frames; as in every order, streams that only priorities name stand last",
        ),
        (
            Self::Priority,
            "priority",
            "By urgency (RFC 9218), then by weight (RFC 7540 §5.3.2): what the client wants first is at the top",
        ),
        (Self::Size, "size", "The streams with most content first"),
        (
            Self::Service,
            "service",
            "By host and path; gRPC calls by service and method",
        ),
    ];
}

/// What lanes are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// Nothing: one below the other.
    #[default]
    None,
    /// Host and the first part of the path, or the gRPC service.
    Service,
    /// Urgency, or weight where no urgency was said.
    Priority,
    /// Requests, pushes of the server, and streams that only priorities name.
    Kind,
}

impl Grouping {
    /// All of them, with what they are called and what they mean.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::None, "none", "One lane below the other"),
        (
            Self::Service,
            "service",
            "Streams of one host and folder, or of one gRPC service, stand together",
        ),
        (
            Self::Priority,
            "priority",
            "Streams of one urgency or weight stand together",
        ),
        (
            Self::Kind,
            "kind",
            "Requests, pushes of the server, and streams without a request stand apart",
        ),
    ];
}

/// What a person asked of the lanes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    /// How they are sorted.
    pub order: Order,
    /// What they are put together by.
    pub grouping: Grouping,
    /// Whether lanes without a frame in the time shown are left out.
    pub hides_idle: bool,
    /// Whether streams that the filter leaves out keep their lanes, dimmed.
    pub keeps_filtered: bool,
    /// Only streams whose number or words contain this.
    pub search: String,
    /// Streams that stay at the top, in the order in which they were pinned.
    pub pinned: Vec<(ConnectionId, StreamId)>,
    /// Headings whose lanes are folded away.
    pub folded: Vec<(ConnectionId, String)>,
}

impl Wishes {
    /// The pinned streams of a connection.
    pub fn pinned_on(&self, connection: ConnectionId) -> impl Iterator<Item = StreamId> + '_ {
        let of_it = self.pinned.iter().filter(move |(of, _)| *of == connection);
        of_it.map(|(_, stream)| *stream)
    }
}

/// A heading and the lanes below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// What it says.
    pub title: String,
    /// The position of the first lane below it.
    pub before: usize,
    /// How many lanes belong to it, also while they are folded away.
    pub lanes: usize,
    /// Whether they are folded away.
    pub folded: bool,
}

/// The lanes of a connection. See the module text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineup {
    /// The streams by position: each a place among [`Http2::streams`].
    pub lanes: Vec<u32>,
    /// How many of them, from the first on, are pinned.
    pub pinned: usize,
    /// The headings, by position.
    pub headings: Vec<Heading>,
    /// How many streams there are, shown or not.
    pub all: usize,
    /// Streams that the filter leaves out, whether their lanes are hidden or dimmed.
    pub filtered: usize,
}

impl Lineup {
    /// Lines up the streams of a connection. `in_view` are the frames of the time shown; `passes` is what the filter
    /// says of a stream.
    pub fn new(
        connection: &Connection,
        http2: &Http2,
        wishes: &Wishes,
        in_view: Range<usize>,
        passes: impl Fn(StreamId) -> bool,
    ) -> Self {
        let streams = http2.streams();
        let wanted = wishes.search.trim().to_lowercase();
        let mut filtered = 0;
        let mut lanes: Vec<u32> = Vec::with_capacity(streams.len());
        for (place, row) in (0_u32..).zip(streams) {
            if !passes(row.id) {
                filtered += 1;
                if !wishes.keeps_filtered {
                    continue;
                }
            }
            let idle =
                row.last_frame.index() < in_view.start || row.first_frame.index() >= in_view.end;
            if (wishes.hides_idle && idle)
                || (!wanted.is_empty() && !stream_words::found(connection, row, &wanted))
            {
                continue;
            }
            lanes.push(place);
        }
        let priorities = Priorities::of(http2, wishes);
        let row = |place: u32| streams.get(place as usize);
        match wishes.order {
            Order::Start => {}
            Order::Priority => {
                lanes.sort_by_key(|&place| row(place).map(|row| priorities.rank(row.id)));
            }
            Order::Size => lanes.sort_by_key(|&place| {
                std::cmp::Reverse(row(place).map_or(0, stream_words::content_bytes))
            }),
            Order::Service => {
                lanes.sort_by_cached_key(|&place| row(place).map(|row| service(connection, row)));
            }
        }
        // The inner nodes of a priority tree carry nothing, and would push what is asked for out of sight.
        lanes.sort_by_key(|&place| row(place).is_some_and(stream_words::is_only_named));
        let places = (wishes.pinned_on(connection.id)).filter_map(|id| http2.stream_index(id));
        let pinned: Vec<u32> = places
            .filter_map(|place| u32::try_from(place).ok())
            .collect();
        if !pinned.is_empty() {
            lanes.retain(|place| !pinned.contains(place));
        }
        let mut lineup = Self {
            pinned: pinned.len(),
            lanes: pinned,
            headings: Vec::new(),
            all: streams.len(),
            filtered,
        };
        if wishes.grouping == Grouping::None {
            lineup.lanes.extend(lanes);
            return lineup;
        }
        // Groups stand in the order of their first lanes.
        let mut groups: Vec<(String, Vec<u32>)> = Vec::new();
        let mut known: KeyedMap<String, usize> = KeyedMap::default();
        for place in lanes {
            let Some(row) = row(place) else {
                continue;
            };
            let title = match wishes.grouping {
                Grouping::None | Grouping::Service => folder(connection, row),
                Grouping::Priority => priorities.words(row.id),
                Grouping::Kind => kind(row).to_owned(),
            };
            let group = *known.entry(title).or_insert_with_key(|title| {
                groups.push((title.clone(), Vec::new()));
                groups.len() - 1
            });
            if let Some((_, lanes)) = groups.get_mut(group) {
                lanes.push(place);
            }
        }
        for (title, lanes) in groups {
            let folded =
                (wishes.folded.iter()).any(|(of, folded)| *of == connection.id && *folded == title);
            lineup.headings.push(Heading {
                title,
                before: lineup.lanes.len(),
                lanes: lanes.len(),
                folded,
            });
            if !folded {
                lineup.lanes.extend(lanes);
            }
        }
        lineup
    }

    /// The same with nothing but the pinned lanes.
    #[must_use]
    pub fn only_pinned(mut self) -> Self {
        self.lanes.truncate(self.pinned);
        self.headings.clear();
        self
    }

    /// Where the lane of a stream is, by the stream's place among [`Http2::streams`]; `None` while it has none.
    pub fn position(&self, place: usize) -> Option<usize> {
        let place = u32::try_from(place).ok()?;
        // Without any wish a lane is where its stream is.
        if self.lanes.get(place as usize) == Some(&place) {
            return Some(place as usize);
        }
        self.lanes.iter().position(|lane| *lane == place)
    }

    /// The positions of the headings, for the layout.
    pub fn heading_places(&self) -> Vec<usize> {
        self.headings.iter().map(|heading| heading.before).collect()
    }

    /// `12 of 5000 lanes`; nothing while all are there.
    pub fn words(&self) -> Option<String> {
        let folded = self.headings.iter().filter(|heading| heading.folded);
        let folded: usize = folded.map(|heading| heading.lanes).sum();
        let there = self.lanes.len() + folded;
        (there < self.all).then(|| format!("{there} of {} lanes", self.all))
    }
}

/// What the client said about priorities, last words first.
#[derive(Default)]
struct Priorities {
    weights: KeyedMap<StreamId, u16>,
    urgencies: KeyedMap<StreamId, u8>,
}

impl Priorities {
    /// Reads them where somebody wants to know.
    fn of(http2: &Http2, wishes: &Wishes) -> Self {
        let mut own = Self::default();
        if wishes.order != Order::Priority && wishes.grouping != Grouping::Priority {
            return own;
        }
        for row in http2.history.priority.iter() {
            if let PriorityChange::Prioritize(priority) = row.change {
                own.weights.insert(row.stream, priority.weight);
            }
        }
        let last = http2.frames.len().checked_sub(1).map(FrameId::from_index);
        let said = http2.streams().iter().filter_map(|row| {
            let urgency = http2.history.urgency_at(row.id, last)?;
            Some((row.id, urgency.urgency))
        });
        own.urgencies = said.collect();
        own
    }

    /// What comes first has the lowest rank. Source: RFC 9218 §4.1 (urgency 3 unless said), RFC 7540 §5.3.5 (weight 16).
    fn rank(&self, stream: StreamId) -> (u8, u16) {
        let urgency = self.urgencies.get(&stream).copied().unwrap_or(3);
        let weight = self.weights.get(&stream).copied().unwrap_or(16);
        (urgency, 256_u16.saturating_sub(weight))
    }

    fn words(&self, stream: StreamId) -> String {
        match (self.urgencies.get(&stream), self.weights.get(&stream)) {
            (Some(urgency), _) => format!("urgency {urgency}"),
            (None, Some(weight)) => format!("weight {weight}"),
            (None, None) => "no priority said".to_owned(),
        }
    }
}

fn kind(row: &StreamRow) -> &'static str {
    match (row.pushed_by, row.method.or(row.path)) {
        (Some(_), _) => "pushed by the server",
        (None, Some(_)) => "requests",
        (None, None) => "no request seen",
    }
}

/// Host and path, for sorting.
fn service(connection: &Connection, row: &StreamRow) -> (String, String) {
    let text = |symbol: Option<_>| {
        symbol.map_or_else(String::new, |symbol| {
            connection.text_lossy(symbol).into_owned()
        })
    };
    (text(row.authority), text(row.path))
}

/// `example.org/images/`, or the gRPC service.
fn folder(connection: &Connection, row: &StreamRow) -> String {
    let (host, path) = service(connection, row);
    if path.is_empty() {
        return if host.is_empty() {
            "no request seen".to_owned()
        } else {
            host
        };
    }
    let inner = path.strip_prefix('/').unwrap_or(&path);
    if stream_words::is_grpc(connection, row) {
        return inner.split('/').next().unwrap_or_default().to_owned();
    }
    match inner.split_once('/') {
        Some((first, _)) => format!("{host}/{first}/"),
        None => format!("{host}/"),
    }
}

#[cfg(test)]
mod tests;
