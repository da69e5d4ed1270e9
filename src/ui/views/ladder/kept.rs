//! What the ladder keeps from picture to picture: segments and calls, and which of them pass the filter.

use super::track::{Reader, Rungs};
use crate::filter::Run;
use crate::trace::{ConnectionId, FrameId, Http2, PacketId};
use crate::wire::http2::StreamId;

/// Packets looked through per picture while a large capture is caught up with.
const PACKETS_PER_PICTURE: usize = 200_000;
/// Segments or calls of which one picture asks whether they pass the filter.
const ASKED_PER_PICTURE: usize = 20_000;

/// Where a call begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallEnd {
    /// Its frame.
    pub frame: FrameId,
    /// The call's stream.
    pub stream: StreamId,
    /// Whether it ends there.
    pub ends: bool,
}

/// The rungs of one connection, as far as they cannot be counted off.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    of: Option<(ConnectionId, i64)>,
    packets_read: usize,
    pub(super) segments: Vec<PacketId>,
    calls_of: usize,
    pub(super) calls: Vec<CallEnd>,
    passing: Passing,
}

/// Which segments or calls pass the filter, by their places. Frames are told by the filter itself.
#[derive(Clone, Debug, Default)]
struct Passing {
    of: Option<(Rungs, String, usize)>,
    asked: usize,
    places: Vec<u32>,
}

impl Passing {
    /// Asks more places, a bounded number per picture. Returns whether there are more.
    fn follow(
        &mut self,
        (rungs, run, len): (Rungs, &Run, usize),
        passes: impl Fn(usize) -> bool,
    ) -> bool {
        let of = Some((rungs, run.filter().text().to_owned(), run.asked()));
        if self.of != of || len < self.asked {
            *self = Self {
                of,
                ..Self::default()
            };
        }
        let end = len.min(self.asked + ASKED_PER_PICTURE);
        let places = (self.asked..end).filter(|at| passes(*at));
        self.places
            .extend(places.filter_map(|at| u32::try_from(at).ok()));
        self.asked = end;
        end < len
    }
}

impl Kept {
    /// The places of what passes the filter, ascending.
    pub fn passing(&self) -> &[u32] {
        &self.passing.places
    }

    /// Takes in what was read since the last picture, and what the filter leaves of it. Returns whether
    /// there is more to take in.
    pub fn follow(
        &mut self,
        reader: &Reader<'_>,
        rungs: Rungs,
        matches: Option<&Run>,
        loading: bool,
    ) -> bool {
        let more = self.read_on(reader, rungs, loading);
        let Some(run) = matches else {
            return more;
        };
        let connection = reader.connection.id;
        let frames = &reader.http2.frames;
        let hidden = |frame: FrameId| run.frame_passes(connection, frame) == Some(false);
        let more_asked = match rungs {
            Rungs::Frames => false,
            Rungs::Segments => {
                let segments = &self.segments;
                let ask = (rungs, run, segments.len());
                self.passing.follow(ask, |at| {
                    segments.get(at).is_some_and(|packet| {
                        let first = frames.partition_point(|row| row.packet < *packet);
                        (first..)
                            .take_while(|at| {
                                frames.get(*at).is_some_and(|row| row.packet == *packet)
                            })
                            .any(|at| !hidden(FrameId::from_index(at)))
                    })
                })
            }
            Rungs::Calls => {
                let calls = &self.calls;
                let ask = (rungs, run, calls.len());
                self.passing.follow(ask, |at| {
                    calls.get(at).is_some_and(|end| {
                        run.stream_passes(reader.trace, connection, end.stream) != Some(false)
                    })
                })
            }
        };
        more || more_asked
    }

    fn read_on(&mut self, reader: &Reader<'_>, rungs: Rungs, loading: bool) -> bool {
        let of = Some((reader.connection.id, reader.origin_ns));
        if self.of != of || self.packets_read > reader.trace.packets.len() {
            *self = Self {
                of,
                ..Self::default()
            };
        }
        match rungs {
            Rungs::Frames => false,
            Rungs::Segments => {
                let all = reader.trace.packets.len();
                let end = all.min(self.packets_read + PACKETS_PER_PICTURE);
                let rows = reader.trace.packets.range(self.packets_read..end);
                for (index, row) in (self.packets_read..end).zip(rows) {
                    if row
                        .owner
                        .is_some_and(|owner| owner.connection == reader.connection.id)
                    {
                        self.segments.push(PacketId::from_index(index));
                    }
                }
                self.packets_read = end;
                end < all
            }
            Rungs::Calls => {
                let frames = reader.http2.frames.len();
                if frames == self.calls_of || (loading && frames < 2 * self.calls_of) {
                    return false;
                }
                self.calls_of = frames;
                self.calls = call_ends(reader.http2);
                false
            }
        }
    }
}

fn call_ends(http2: &Http2) -> Vec<CallEnd> {
    let mut ends: Vec<CallEnd> = http2
        .streams()
        .iter()
        .filter(|row| row.method.is_some() || row.status.is_some())
        .flat_map(|row| {
            // A PRIORITY may have named it before; the call begins with its headers.
            let frames = http2.frames_of(row.id);
            let begins = frames
                .range(0..32)
                .find(|id| {
                    http2
                        .frames
                        .get(id.index())
                        .is_some_and(|row| row.block.is_some())
                })
                .copied()
                .unwrap_or(row.first_frame);
            let begins = CallEnd {
                frame: if row.pushed_by.is_some() {
                    row.first_frame
                } else {
                    begins
                },
                stream: row.id,
                ends: false,
            };
            let ends = row
                .end_frame
                .filter(|end| *end > begins.frame)
                .map(|frame| CallEnd {
                    frame,
                    ends: true,
                    ..begins
                });
            [Some(begins), ends].into_iter().flatten()
        })
        .collect();
    ends.sort_unstable();
    ends
}
