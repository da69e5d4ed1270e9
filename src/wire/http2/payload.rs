//! Any frame's payload, by the type in its header.

use std::ops::Range;

use super::{
    AltSvc, Continuation, Data, FrameError, FrameHeader, FrameKind, Goaway, Headers, Origin,
    Padding, Ping, Priority, PriorityUpdate, PushPromise, RstStream, Settings, WindowUpdate,
};

/// A decoded payload. It borrows the bytes it was read from. Source: RFC 9113 §6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Content.
    Data(Data<'a>),
    /// A header block's beginning.
    Headers(Headers<'a>),
    /// A place in the priority tree.
    Priority(Priority),
    /// The end of a stream.
    RstStream(RstStream),
    /// Rules, or their acknowledgement.
    Settings(Settings<'a>),
    /// A promised request.
    PushPromise(PushPromise<'a>),
    /// A question, or its answer.
    Ping(Ping),
    /// The end of the connection.
    Goaway(Goaway<'a>),
    /// Room for more `DATA`.
    WindowUpdate(WindowUpdate),
    /// A header block's next part.
    Continuation(Continuation<'a>),
    /// Another place for an origin.
    AltSvc(AltSvc<'a>),
    /// What the connection may serve.
    Origin(Origin<'a>),
    /// A request's new urgency.
    PriorityUpdate(PriorityUpdate<'a>),
    /// The payload of a type without a name, as it is.
    Unknown(&'a [u8]),
}

impl<'a> Payload<'a> {
    /// Reads `payload` as the type in `header` wants it. The whole slice counts as the payload: a caller that has
    /// more or less than `header.length` bytes must cut it, or not ask.
    ///
    /// # Errors
    ///
    /// Those of the type's own `decode`. A type without a name has none.
    pub fn decode(header: &FrameHeader, payload: &'a [u8]) -> Result<Self, FrameError> {
        let flags = header.flags;
        Ok(match header.kind {
            FrameKind::DATA => Self::Data(Data::decode(payload, flags)?),
            FrameKind::HEADERS => Self::Headers(Headers::decode(payload, flags)?),
            FrameKind::PRIORITY => Self::Priority(Priority::decode(payload)?),
            FrameKind::RST_STREAM => Self::RstStream(RstStream::decode(payload)?),
            FrameKind::SETTINGS => Self::Settings(Settings::decode(payload, flags)?),
            FrameKind::PUSH_PROMISE => Self::PushPromise(PushPromise::decode(payload, flags)?),
            FrameKind::PING => Self::Ping(Ping::decode(payload, flags)?),
            FrameKind::GOAWAY => Self::Goaway(Goaway::decode(payload)?),
            FrameKind::WINDOW_UPDATE => Self::WindowUpdate(WindowUpdate::decode(payload)?),
            FrameKind::CONTINUATION => Self::Continuation(Continuation::decode(payload, flags)),
            FrameKind::ALTSVC => Self::AltSvc(AltSvc::decode(payload)?),
            FrameKind::ORIGIN => Self::Origin(Origin::decode(payload)?),
            FrameKind::PRIORITY_UPDATE => Self::PriorityUpdate(PriorityUpdate::decode(payload)?),
            _ => Self::Unknown(payload),
        })
    }

    /// The part of a header block in `HEADERS`, `PUSH_PROMISE` or `CONTINUATION`, and where in the payload it lies.
    pub fn header_block_fragment(&self) -> Option<(&'a [u8], Range<usize>)> {
        match self {
            Self::Headers(frame) => {
                Some((frame.header_block_fragment, frame.fragment_range.clone()))
            }
            Self::PushPromise(frame) => {
                Some((frame.header_block_fragment, frame.fragment_range.clone()))
            }
            Self::Continuation(frame) => Some((
                frame.header_block_fragment,
                0..frame.header_block_fragment.len(),
            )),
            _ => None,
        }
    }

    /// The padding of `DATA`, `HEADERS` or `PUSH_PROMISE`; `None` without the `PADDED` flag.
    pub fn padding(&self) -> Option<&Padding<'a>> {
        match self {
            Self::Data(frame) => frame.padding.as_ref(),
            Self::Headers(frame) => frame.padding.as_ref(),
            Self::PushPromise(frame) => frame.padding.as_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Flags, PREFACE, SettingId, StreamId};
    use super::*;
    use crate::wire::reader::Reader;
    use proptest::prelude::*;

    /// Reads frame after frame, as a dissector would.
    fn frames(bytes: &[u8]) -> Vec<(FrameHeader, Payload<'_>)> {
        let mut reader = Reader::new(bytes);
        let mut frames = Vec::new();
        while !reader.is_empty() {
            let header = FrameHeader::read(&mut reader).unwrap();
            let payload = reader.take(header.length as usize).unwrap();
            frames.push((header, Payload::decode(&header, payload).unwrap()));
        }
        frames
    }

    #[test]
    fn a_written_conversation_reads_back_frame_by_frame() {
        let mut out = PREFACE.to_vec();
        Settings::encode(&mut out, &[(SettingId::ENABLE_PUSH, 0)]);
        let flags = Flags::END_STREAM;
        Headers::encode(&mut out, StreamId(1), flags, &[0x82], None, Some(2));
        Continuation::encode(&mut out, StreamId(1), Flags::END_HEADERS, &[0x84]);
        Data::encode(&mut out, StreamId(1), Flags::NONE, b"hello", None);

        assert!(out.starts_with(PREFACE));
        let frames = frames(&out[PREFACE.len()..]);
        let names: Vec<_> = frames
            .iter()
            .map(|(header, _)| header.kind.name())
            .collect();
        assert_eq!(names, ["SETTINGS", "HEADERS", "CONTINUATION", "DATA"]);
        let block: Vec<u8> = frames
            .iter()
            .filter_map(|(_, payload)| payload.header_block_fragment())
            .flat_map(|(fragment, _)| fragment.to_vec())
            .collect();
        assert_eq!(block, [0x82, 0x84]);
        assert_eq!(frames[1].1.padding().unwrap().length, 2);
        assert_eq!(frames[3].1.padding(), None);
    }

    #[test]
    fn a_type_without_a_name_keeps_its_payload() {
        let header = FrameHeader {
            length: 2,
            kind: FrameKind(0xbb),
            flags: Flags(0xff),
            reserved: false,
            stream: StreamId(1),
        };
        assert_eq!(
            Payload::decode(&header, &[1, 2]),
            Ok(Payload::Unknown(&[1, 2]))
        );
    }

    proptest! {
        #[test]
        fn no_payload_panics_and_ranges_lie_within_it(
            kind in 0_u8..=0x12,
            flags: u8,
            payload in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let header = FrameHeader {
                length: payload.len() as u32,
                kind: FrameKind(kind),
                flags: Flags(flags),
                reserved: false,
                stream: StreamId(1),
            };
            match Payload::decode(&header, &payload) {
                Ok(decoded) => {
                    if let Some((fragment, range)) = decoded.header_block_fragment() {
                        prop_assert_eq!(payload.get(range), Some(fragment));
                    }
                    if let Some(padding) = decoded.padding() {
                        prop_assert_eq!(payload.get(padding.range.clone()), Some(padding.bytes));
                        prop_assert_eq!(usize::from(padding.length), padding.bytes.len());
                        prop_assert_eq!(padding.range.end, payload.len());
                    }
                    if let Payload::Data(data) = decoded {
                        prop_assert_eq!(payload.get(data.data_range), Some(data.data));
                    }
                }
                Err(error) => prop_assert!(error.offset() <= payload.len()),
            }
        }
    }
}
