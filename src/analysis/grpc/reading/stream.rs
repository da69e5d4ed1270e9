//! A call on a stream of HTTP/2: what its frames tell.

use super::{Course, Ending};
use crate::analysis::grpc::call::EndedBy;
use crate::analysis::grpc::metadata::Fields;
use crate::trace::{ClosedBy, Connection, FrameId, Http2, Moment, Side, StreamRow, Trace};
use crate::wire::http2::{ErrorCode, FrameHeader, FrameKind, Payload, StreamId};

/// What the frames of a stream tell, before its content is looked at.
#[derive(Default)]
struct Frames {
    request: Fields,
    initial: Fields,
    trailing: Fields,
    trailers_only: bool,
    first_response: Option<FrameId>,
    /// The first frame with END_STREAM of the one called, and whether it is `HEADERS`.
    response_end: Option<(FrameId, bool)>,
    reset: Option<(FrameId, Side, ErrorCode)>,
}

/// Reads the frames of a stream. `web_trailers` are those inside the body.
pub(super) fn read(
    trace: &Trace,
    connection: &Connection,
    (http2, row): (&Http2, &StreamRow),
    requester: Side,
    web_trailers: Option<Fields>,
) -> (Course, Ending) {
    let mut frames = Frames::read(trace, connection, http2, row.id, requester);
    let in_body = web_trailers.is_some();
    if let Some(trailing) = web_trailers {
        frames.trailing = trailing;
    }
    let ending = frames.ending(trace, connection, http2, row, in_body);
    let text = |symbol| connection.text_lossy(symbol).into_owned();
    let course = Course {
        path: row.path.map(text),
        authority: row.authority.map(text),
        first: Moment::Frame(row.first_frame),
        request: frames.request,
        initial: frames.initial,
        trailing: frames.trailing,
        first_response: frames.first_response.map(Moment::Frame),
        reset: frames
            .reset
            .map(|(frame, side, error)| (Moment::Frame(frame), side, error)),
    };
    (course, ending)
}

impl Frames {
    fn read(
        trace: &Trace,
        connection: &Connection,
        http2: &Http2,
        stream: StreamId,
        requester: Side,
    ) -> Self {
        let mut frames = Self::default();
        for &id in http2.frames_of(stream).iter() {
            let Some(frame) = http2.frames.get(id.index()) else {
                break;
            };
            let responds = frame.side != requester;
            if frame.kind == FrameKind::HEADERS && frame.whole {
                let list = trace.header_fields(connection, id);
                let fields = Fields::of(id, &list);
                let ends = frame.ends_stream();
                if !responds {
                    if frames.request.at.is_none() {
                        frames.request = fields;
                    }
                    continue;
                }
                if fields.http_status.as_deref().is_some_and(is_interim) {
                    continue;
                }
                let begins = frames.initial.at.is_none() && (fields.http_status.is_some() || !ends);
                match (begins, ends) {
                    (true, true) => {
                        frames.trailers_only = true;
                        frames.initial = Fields {
                            metadata: Vec::new(),
                            ..fields.clone()
                        };
                        frames.trailing = fields;
                    }
                    (true, false) => frames.initial = fields,
                    (false, _) => frames.trailing = fields,
                }
            }
            if responds && (frame.kind == FrameKind::HEADERS || frame.kind == FrameKind::DATA) {
                frames.first_response.get_or_insert(id);
                if frame.ends_stream() && frame.whole {
                    let headers = frame.kind == FrameKind::HEADERS;
                    frames.response_end.get_or_insert((id, headers));
                }
            }
            if frame.kind == FrameKind::RST_STREAM && frames.reset.is_none() {
                let bytes = trace.frame_bytes(connection, frame);
                let error = bytes.and_then(|bytes| reset_error(&bytes));
                frames.reset = Some((id, frame.side, error.unwrap_or(ErrorCode::NO_ERROR)));
            }
        }
        frames
    }

    fn ending(
        &self,
        trace: &Trace,
        connection: &Connection,
        http2: &Http2,
        row: &StreamRow,
        trailers_in_body: bool,
    ) -> Ending {
        let web_trailers = trailers_in_body && self.trailing.status.is_some();
        let answered = self.response_end.map(|(frame, headers)| {
            let by = if self.trailers_only {
                EndedBy::TrailersOnly
            } else if headers || web_trailers {
                EndedBy::Trailers
            } else {
                EndedBy::EndOfStream
            };
            (frame, by)
        });
        let reset = self
            .reset
            .map(|(frame, side, _)| (frame, EndedBy::Reset(connection.direction(side))));
        let cut_off = match row.closed_by {
            Some(ClosedBy::Goaway) => row.end_frame.map(|frame| (frame, EndedBy::Goaway)),
            _ => None,
        };
        let first = [answered, reset, cut_off]
            .into_iter()
            .flatten()
            .min_by_key(|(frame, _)| *frame);
        if let Some((frame, by)) = first {
            let row = http2.frames.get(frame.index());
            return Ending {
                by,
                at: Some(Moment::Frame(frame)),
                time_ns: row.map(|row| trace.time_ns(row.packet)),
            };
        }
        if row.closed_by == Some(ClosedBy::Connection) {
            return Ending {
                by: EndedBy::Connection,
                at: None,
                time_ns: Some(trace.time_ns(connection.row.last_packet)),
            };
        }
        Ending {
            by: EndedBy::CaptureEnd,
            at: None,
            time_ns: None,
        }
    }
}

/// Whether a `:status` is 1xx.
fn is_interim(status: &[u8]) -> bool {
    status.len() == 3 && status.first() == Some(&b'1')
}

fn reset_error(frame: &[u8]) -> Option<ErrorCode> {
    let (header, payload) = frame.split_first_chunk::<{ FrameHeader::LEN }>()?;
    match Payload::decode(&FrameHeader::decode(header), payload).ok()? {
        Payload::RstStream(reset) => Some(reset.error),
        _ => None,
    }
}
