//! Which streams belong together: a push and its promise, and what a stream depends on by its priority. Told for the
//! stream that is selected or pointed at, and for all where a person wants it.

mod paint;

use super::reader::Reader;
use crate::trace::{ConnectionId, FrameId};
use crate::wire::http2::{PriorityChange, StreamId};
use crate::wire::keyed::KeyedMap;

/// Up to so many pushes are shown without being asked for: what a server pushed, and with which request, is what a reader of
/// such a connection looks for.
const FEW_PUSHES: usize = 12;

/// Which links are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Those of the stream that is selected or pointed at.
    Pointed,
    /// Every push besides.
    Pushes,
    /// Those of all lanes.
    All,
}

/// A promise: on which stream, by which frame, for which stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Push {
    /// The stream that carries the promise.
    pub carrier: StreamId,
    /// The `PUSH_PROMISE`; `None` when it was not captured.
    pub promise: Option<FrameId>,
    /// The promised stream.
    pub pushed: StreamId,
}

/// What a frame said that a stream depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The frame.
    pub at: FrameId,
    /// The stream it depends on from then on; 0 is the connection.
    pub parent: StreamId,
    /// Its share among its siblings, 1 to 256.
    pub weight: u16,
}

/// All links of a connection, found as it grows.
#[derive(Clone, Debug, Default)]
pub struct Links {
    of: Option<(ConnectionId, i64)>,
    streams_read: usize,
    priorities_read: usize,
    pushes: KeyedMap<StreamId, Vec<Push>>,
    push_count: usize,
    dependencies: KeyedMap<StreamId, Vec<Dependency>>,
}

impl Links {
    /// Takes in what was read since the last picture.
    pub fn follow(&mut self, reader: &Reader<'_>) {
        let of = Some((reader.connection.id, reader.origin_ns));
        let http2 = reader.http2;
        if self.of != of || http2.streams().len() < self.streams_read {
            *self = Self {
                of,
                ..Self::default()
            };
        }
        for row in http2.streams().get(self.streams_read..).unwrap_or_default() {
            if let Some(carrier) = row.pushed_by {
                let push = Push {
                    carrier,
                    promise: crate::analysis::pushes::promise(http2, row.id).0,
                    pushed: row.id,
                };
                self.push_count += 1;
                for stream in [carrier, row.id] {
                    self.pushes.entry(stream).or_default().push(push);
                }
            }
        }
        self.streams_read = http2.streams().len();
        let log = &http2.history.priority;
        for row in log.range(self.priorities_read..log.len()) {
            if let (PriorityChange::Prioritize(priority), Some(at)) = (row.change, row.at) {
                let of_stream = self.dependencies.entry(row.stream).or_default();
                of_stream.push(Dependency {
                    at,
                    parent: priority.depends_on,
                    weight: priority.weight,
                });
            }
        }
        self.priorities_read = log.len();
    }

    /// The promises that a stream carries or was promised by.
    pub fn pushes_of(&self, stream: StreamId) -> &[Push] {
        self.pushes.get(&stream).map_or(&[], Vec::as_slice)
    }

    /// What a stream depends on after so many frames, as was said last.
    pub fn dependency_of(&self, stream: StreamId, frame_count: usize) -> Option<Dependency> {
        let said = self.dependencies.get(&stream)?;
        let count = said.partition_point(|row| row.at.index() < frame_count);
        said.get(count.checked_sub(1)?).copied()
    }

    /// What is shown of them: what was asked for, else pushes if they are few.
    pub fn shown(&self, asked: Option<bool>) -> Shown {
        match asked {
            Some(true) => Shown::All,
            None if (1..=FEW_PUSHES).contains(&self.push_count) => Shown::Pushes,
            Some(false) | None => Shown::Pointed,
        }
    }

    /// Whether there is any link.
    pub fn is_empty(&self) -> bool {
        self.pushes.is_empty() && self.dependencies.is_empty()
    }

    /// The links of a stream in words, for its label and for screen readers.
    pub fn words(&self, stream: StreamId, frame_count: usize) -> Vec<String> {
        let mut words: Vec<String> = (self.pushes_of(stream).iter())
            .map(|push| match push.promise {
                Some(frame) if push.carrier == stream => {
                    format!("promises stream {} in frame {frame}", push.pushed)
                }
                None if push.carrier == stream => format!("promises stream {}", push.pushed),
                Some(frame) => format!("promised on stream {} in frame {frame}", push.carrier),
                None => format!("promised on stream {}", push.carrier),
            })
            .collect();
        if let Some(dependency) = self.dependency_of(stream, frame_count) {
            let on = match dependency.parent {
                StreamId::CONNECTION => "nothing else".to_owned(),
                parent => format!("stream {parent}"),
            };
            let weight = dependency.weight;
            words.push(format!(
                "depends on {on} with weight {weight}, says frame {}",
                dependency.at
            ));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    fn links(world: &World) -> Links {
        let mut links = Links::default();
        world.read(|context| links.follow(&Reader::new(context).unwrap()));
        links
    }

    #[test]
    fn a_push_is_found_from_both_ends() {
        let world = World::of_capture("push.pcap");
        let pushed = pushed_stream(&world).unwrap();
        let links = links(&world);
        let of_pushed = links.pushes_of(pushed);
        assert_eq!(of_pushed.len(), 1);
        assert!(
            links
                .pushes_of(of_pushed[0].carrier)
                .contains(&of_pushed[0])
        );
        let words = links.words(pushed, 0).join(" ");
        assert!(words.contains("promised on stream"), "{words}");
    }

    fn pushed_stream(world: &World) -> Option<StreamId> {
        let http2 = world.trace.main_connection()?.http2()?;
        let mut rows = http2.streams().iter();
        Some(rows.find(|row| row.pushed_by.is_some())?.id)
    }

    #[test]
    fn a_few_pushes_are_shown_at_first_and_whatever_was_asked_for() {
        let pushes = links(&World::of_capture("push.pcap"));
        assert_eq!(pushes.push_count, 4);
        assert_eq!(pushes.shown(None), Shown::Pushes);
        assert_eq!(pushes.shown(Some(false)), Shown::Pointed);
        assert_eq!(pushes.shown(Some(true)), Shown::All);
        let none = links(&World::of_capture("downloads.pcapng"));
        assert_eq!(none.shown(None), Shown::Pointed);
    }

    #[test]
    fn what_a_stream_depends_on_is_what_was_said_last() {
        let world = World::of_capture("priorities.pcapng");
        let links = links(&world);
        let http2 = world.trace.main_connection().unwrap().http2().unwrap();
        let said = http2
            .history
            .priority
            .iter()
            .filter_map(|row| match row.change {
                PriorityChange::Prioritize(priority) => Some((row.stream, row.at?, priority)),
                _ => None,
            });
        let said: Vec<_> = said.collect();
        let (stream, at, priority) = said.last().unwrap();
        let found = links.dependency_of(*stream, http2.frames.len()).unwrap();
        assert_eq!(
            (found.at, found.parent, found.weight),
            (*at, priority.depends_on, priority.weight)
        );
        assert!(
            links.dependency_of(*stream, 0).is_none(),
            "nothing was said before the first frame"
        );
        assert!(
            links
                .words(*stream, http2.frames.len())
                .join("")
                .contains("depends on")
        );
    }
}
