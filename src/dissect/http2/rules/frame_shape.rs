//! What a single frame must look like, whatever came before it.

use super::{Rules, Scene};
use crate::dissect::http2::framing::ReadFrame;
use crate::trace::rules::frames as rules;
use crate::wire::counted::counted;
use crate::wire::http2::{Flags, FrameError, FrameKind, Padding, Payload};

impl Rules {
    /// Each side begins with `SETTINGS`. Source: RFC 9113 §3.4.
    pub(super) fn first_frame(&mut self, scene: &mut Scene<'_>) {
        let sender = &mut self.senders[scene.side.index()];
        if std::mem::replace(&mut sender.began, true) {
            return;
        }
        let header = &scene.header;
        if header.kind == FrameKind::SETTINGS && !header.flags.contains(Flags::ACK) {
            return;
        }
        if !self.from_the_start {
            self.lose_track(); // This side began before the capture did.
            return;
        }
        let what = match header.kind {
            FrameKind::SETTINGS => "an acknowledgment of SETTINGS",
            kind => kind.name(),
        };
        let text = format!(
            "{}'s first frame is {what}, but each side has to begin with its SETTINGS.",
            scene.sender()
        );
        self.book
            .broken(&rules::FIRST_FRAME_NOT_SETTINGS, text, scene);
    }

    /// The frame header. Source: RFC 9113 §4.1, §4.2, §5.1.1.
    pub(super) fn frame_shape(&mut self, read: &ReadFrame<'_>, scene: &mut Scene<'_>) {
        let header = &read.header;
        if header.reserved {
            let text = format!(
                "{} set the reserved bit in the header of {}, which has to stay 0.",
                scene.sender(),
                header.kind
            );
            scene.at(5..6);
            self.book.broken(&rules::RESERVED_BIT_SET, text, scene);
        }
        if header.length > LEAST_MAX_FRAME_SIZE {
            self.frame_size(scene);
        }
        let Some(shape) = Shape::of(header.kind) else {
            return;
        };
        if header.flags.0 & !shape.flags != 0 {
            let text = format!(
                "{} has the flag bits {:#04x} set, which mean nothing for its type and have to stay \
                 0.",
                header.kind,
                header.flags.0 & !shape.flags
            );
            scene.at(4..5);
            self.book.broken(&rules::UNDEFINED_FLAG, text, scene);
        }
        match (shape.place, header.stream.is_connection()) {
            (Place::Stream, true) => {
                let text = format!(
                    "{} belongs to a stream, but {} sent it on stream 0.",
                    header.kind,
                    lower(scene.sender())
                );
                let section = Some(header.kind.section());
                scene.at(5..9);
                self.book
                    .broken_in(&rules::FRAME_NEEDS_A_STREAM, section, text, scene);
            }
            (Place::Connection, false) => {
                let text = format!(
                    "{} is about the whole connection and belongs on stream 0, but {} sent it on \
                     stream {}.",
                    header.kind,
                    lower(scene.sender()),
                    header.stream
                );
                let section = Some(header.kind.section());
                scene.at(5..9);
                self.book
                    .broken_in(&rules::FRAME_NEEDS_STREAM_ZERO, section, text, scene);
            }
            _ => {}
        }
    }

    #[cold]
    fn frame_size(&mut self, scene: &mut Scene<'_>) {
        let limit = self.senders[scene.side.index()].limits.frame_size;
        let length = scene.header.length;
        if let Some(limit) = limit.filter(|&limit| length > limit) {
            let text = format!(
                "{} has a payload of {length} bytes, but {} accepts at most {limit} \
                 (SETTINGS_MAX_FRAME_SIZE).",
                scene.header.kind,
                scene.receiver()
            );
            scene.at(0..3);
            self.book.broken(&rules::FRAME_TOO_LARGE, text, scene);
        }
    }

    /// The padding of `DATA`, of which only the first byte of the payload is kept.
    pub(super) fn data_padding(&mut self, read: &ReadFrame<'_>, scene: &mut Scene<'_>) {
        let header = &read.header;
        if !header.flags.contains(Flags::PADDED) {
            return;
        }
        if header.length == 0 {
            let text = "DATA has the flag PADDED, but no payload in which a pad length could be."
                .to_owned();
            let section = Some(header.kind.section());
            self.book
                .broken_in(&rules::FRAME_LENGTH_WRONG, section, text, scene);
        } else if let Some(pad_length) = read.first_byte
            && u32::from(pad_length) >= header.length
        {
            let text = format!(
                "DATA claims {} of padding, as many as its payload of {} has or more.",
                counted(pad_length, "byte"),
                counted(header.length, "byte")
            );
            scene.at_payload(0..1);
            self.book.broken(&rules::PADDING_TOO_LONG, text, scene);
        } else if read.padding_not_zero {
            self.padding_not_zero(scene);
        }
    }

    /// A payload that could not be read.
    pub(super) fn frame_error(&mut self, error: &FrameError, scene: &mut Scene<'_>) {
        let text = format!("{error}.");
        let section = Some(scene.header.kind.section());
        match error {
            FrameError::PaddingTooLong { .. } => {
                scene.at_payload(0..1);
                self.book
                    .broken_in(&rules::PADDING_TOO_LONG, section, text, scene);
            }
            FrameError::WrongLength { .. }
            | FrameError::NotAMultiple { .. }
            | FrameError::TooShort { .. } => {
                scene.at(0..3);
                self.book
                    .broken_in(&rules::FRAME_LENGTH_WRONG, section, text, scene);
            }
        }
    }

    /// Padding and free bits within a payload.
    pub(super) fn payload_details(
        &mut self,
        payload: &Payload<'_>,
        bytes: &[u8],
        scene: &mut Scene<'_>,
    ) {
        if let Some(padding) = payload.padding()
            && !is_zero(padding)
        {
            scene.at_payload(padding.range.clone());
            self.padding_not_zero(scene);
        }
        let free_bit = match payload {
            Payload::WindowUpdate(_) | Payload::Goaway(_) | Payload::PriorityUpdate(_) => {
                bytes.first()
            }
            Payload::PushPromise(promise) => bytes.get(usize::from(promise.padding.is_some())),
            _ => None,
        };
        if free_bit.is_some_and(|byte| byte & 0x80 != 0) {
            let text = format!(
                "The free bit before the 31-bit number in {} is set; receivers ignore it.",
                scene.header.kind
            );
            let section = Some(scene.header.kind.section());
            let first = match payload {
                Payload::PushPromise(promise) => usize::from(promise.padding.is_some()),
                _ => 0,
            };
            scene.at_payload(first..first + 1);
            self.book
                .broken_in(&rules::PAYLOAD_RESERVED_BIT_SET, section, text, scene);
        }
    }

    fn padding_not_zero(&mut self, scene: &mut Scene<'_>) {
        let text = format!(
            "The padding at the end of {} holds bytes other than 0.",
            scene.header.kind
        );
        self.book.broken(&rules::PADDING_NOT_ZERO, text, scene);
    }
}

/// The smallest value that `SETTINGS_MAX_FRAME_SIZE` may have. Source: RFC 9113 §6.5.2.
const LEAST_MAX_FRAME_SIZE: u32 = 16_384;

fn is_zero(padding: &Padding<'_>) -> bool {
    padding.bytes.iter().all(|&byte| byte == 0)
}

/// The beginning of a sentence, within a sentence.
pub(super) fn lower(name: &'static str) -> &'static str {
    match name {
        "The client" => "the client",
        "The server" => "the server",
        _ => "the sender",
    }
}

/// Where a frame may be sent.
#[derive(Clone, Copy)]
enum Place {
    Stream,
    Connection,
    Anywhere,
}

/// What the header of a type may hold.
#[derive(Clone, Copy)]
struct Shape {
    /// The flag bits that have a meaning.
    flags: u8,
    place: Place,
}

impl Shape {
    fn of(kind: FrameKind) -> Option<Self> {
        let (flags, place) = match kind {
            FrameKind::DATA => (0x09, Place::Stream),
            FrameKind::HEADERS => (0x2d, Place::Stream),
            FrameKind::PRIORITY | FrameKind::RST_STREAM => (0, Place::Stream),
            FrameKind::SETTINGS | FrameKind::PING => (0x01, Place::Connection),
            FrameKind::PUSH_PROMISE => (0x0c, Place::Stream),
            FrameKind::GOAWAY | FrameKind::PRIORITY_UPDATE => (0, Place::Connection),
            FrameKind::WINDOW_UPDATE | FrameKind::ALTSVC => (0, Place::Anywhere),
            FrameKind::CONTINUATION => (0x04, Place::Stream),
            // On another stream, or with flags, it is ignored: that is a note of its own.
            FrameKind::ORIGIN => (0xff, Place::Anywhere),
            _ => return None,
        };
        Some(Self { flags, place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_with_a_meaning_are_those_that_have_names() {
        for kind in FrameKind::KNOWN {
            if kind == FrameKind::ORIGIN {
                continue;
            }
            let shape = Shape::of(kind).unwrap();
            assert_eq!(Flags(0xff).undefined(kind).0, !shape.flags, "{kind}");
        }
    }
}
