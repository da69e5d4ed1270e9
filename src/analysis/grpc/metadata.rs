//! The header fields of a call: those of the protocol read, the others as metadata.

use crate::trace::{FrameId, HeaderField, MessageField, Moment};
use crate::wire::grpc::metadata::is_binary;
use crate::wire::grpc::{BinaryError, binary_value, percent_decode};
use bytes::Bytes;

/// A field of metadata: what the callers themselves sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataField {
    /// Its name.
    pub name: Bytes,
    /// Its value as it was sent; `None` when it cannot be known.
    pub value: Option<Bytes>,
    /// The bytes that a value in base64 stands for, where the name ends in `-bin`.
    pub binary: Option<Result<Vec<u8>, BinaryError>>,
}

impl MetadataField {
    fn new(name: Bytes, value: Option<Bytes>) -> Self {
        let binary = is_binary(&name)
            .then(|| value.as_deref().map(binary_value))
            .flatten();
        Self {
            name,
            value,
            binary,
        }
    }
}

/// The protocol's own fields of one header list, and the rest. Of a field that comes twice, the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// When the frame that starts the header block was there, or the head of the message of HTTP/1.1. `None` when there
    /// was none, and for the trailers inside a body.
    pub(super) at: Option<Moment>,
    pub(super) http_status: Option<Bytes>,
    pub(super) content_type: Option<Bytes>,
    pub(super) te: Option<Bytes>,
    pub(super) timeout: Option<Bytes>,
    pub(super) encoding: Option<Bytes>,
    pub(super) accept_encoding: Option<Bytes>,
    pub(super) message_type: Option<Bytes>,
    pub(super) previous_attempts: Option<Bytes>,
    pub(super) status: Option<Bytes>,
    pub(super) message: Option<Bytes>,
    pub(super) details: Option<Bytes>,
    pub(super) metadata: Vec<MetadataField>,
    /// Whether every name and value is known.
    pub(super) complete: bool,
}

impl Fields {
    /// Tells the fields of a header list apart.
    pub(super) fn of(frame: FrameId, list: &[HeaderField]) -> Self {
        let known = |field: &HeaderField| field.name.is_some() && field.value.is_some();
        let mut fields = Self {
            at: Some(Moment::Frame(frame)),
            complete: list.iter().all(known),
            ..Self::default()
        };
        for field in list {
            if let Some(name) = &field.name {
                fields.take(name.clone(), field.value.clone());
            }
        }
        fields
    }

    /// Tells the fields of a head of HTTP/1.1 apart.
    pub(super) fn of_head(at: Moment, list: &[MessageField]) -> Self {
        let mut fields = Self {
            at: Some(at),
            complete: true,
            ..Self::default()
        };
        for field in list {
            let name = field.name.to_ascii_lowercase();
            // Of the connection, not of the call.
            if name != b"host" && name != b"connection" && name != b"transfer-encoding" {
                fields.take(name.into(), Some(field.value.clone()));
            }
        }
        fields
    }

    /// The trailers inside a body of gRPC-Web.
    pub(super) fn of_web_trailers<'a>(lines: impl Iterator<Item = (Vec<u8>, &'a [u8])>) -> Self {
        let mut fields = Self {
            complete: true,
            ..Self::default()
        };
        for (name, value) in lines {
            fields.take(name.into(), Some(Bytes::copy_from_slice(value)));
        }
        fields
    }

    fn take(&mut self, name: Bytes, value: Option<Bytes>) {
        let slot = match &*name {
            b":status" => &mut self.http_status,
            b"content-type" => &mut self.content_type,
            b"te" => &mut self.te,
            b"grpc-timeout" => &mut self.timeout,
            b"grpc-encoding" => &mut self.encoding,
            b"grpc-accept-encoding" => &mut self.accept_encoding,
            b"grpc-message-type" => &mut self.message_type,
            b"grpc-previous-rpc-attempts" => &mut self.previous_attempts,
            b"grpc-status" => &mut self.status,
            b"grpc-message" => &mut self.message,
            b"grpc-status-details-bin" => &mut self.details,
            [b':', ..] => return,
            _ => {
                self.metadata.push(MetadataField::new(name, value));
                return;
            }
        };
        if slot.is_none() {
            *slot = value;
        }
    }

    /// `grpc-message` as text.
    pub(super) fn message_text(&self) -> Option<Bytes> {
        self.message
            .as_deref()
            .map(|message| percent_decode(message).into())
    }
}
