//! What the row of a call is made of: its status, its metadata, and the calls it belongs to.

use crate::analysis::grpc::{MetadataField, StatusDetails};
use crate::report::carrier::CarrierReport;
use crate::report::streams::ErrorReport;
use crate::report::text;
use crate::trace::Direction;
use crate::wire::grpc::GrpcStatus;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value as Json;

/// Something of the request and of the response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PerPart<T> {
    /// Of the request.
    pub request: T,
    /// Of the response.
    pub response: T,
}

impl<T> From<[T; 2]> for PerPart<T> {
    fn from([request, response]: [T; 2]) -> Self {
        Self { request, response }
    }
}

/// What the caller and the one called announced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Announced {
    /// With the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// With the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
}

impl Announced {
    pub(super) fn is_empty(&self) -> bool {
        self.request.is_none() && self.response.is_none()
    }
}

impl From<&[Option<Bytes>; 2]> for Announced {
    fn from(values: &[Option<Bytes>; 2]) -> Self {
        let [request, response] = values.each_ref().map(|value| {
            let value = value.as_deref()?;
            Some(String::from_utf8_lossy(value).into_owned())
        });
        Self { request, response }
    }
}

/// The call that was being served.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ParentReport {
    /// Its connection.
    pub connection: usize,
    /// What carries it.
    #[serde(flatten)]
    pub carrier: CarrierReport,
    /// How it is known.
    pub known_by: &'static str,
    /// How many calls it could have been.
    pub candidates: usize,
    /// What was left of its time when this call began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_ns: Option<i64>,
}

/// Another call: the attempt before, or the one that a failure came from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LinkReport {
    /// Its connection.
    pub connection: usize,
    /// What carries it.
    #[serde(flatten)]
    pub carrier: CarrierReport,
    /// How it is known.
    pub known_by: &'static str,
}

/// A deadline that was over, and not at the time of the call's own.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct OtherDeadlineReport {
    /// `early`, `late`, or `without` one of its own.
    pub when: &'static str,
    /// By how much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_ns: Option<i64>,
}

/// A status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StatusReport {
    /// The number.
    pub code: u32,
    /// Its name, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
}

impl From<GrpcStatus> for StatusReport {
    fn from(status: GrpcStatus) -> Self {
        Self {
            code: status.0,
            name: status.name(),
        }
    }
}

/// What the server says about a status.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StatusMessage {
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// All bytes of a text that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message_hex: Option<String>,
}

impl From<Option<&Bytes>> for StatusMessage {
    fn from(message: Option<&Bytes>) -> Self {
        let message = message.map(|message| text::text_and_hex(message));
        Self {
            status_message_hex: message.as_ref().and_then(|(_, hex)| hex.clone()),
            status_message: message.map(|(text, _)| text),
        }
    }
}

/// A `google.rpc.Status`.
#[derive(Clone, Debug, Serialize)]
pub struct DetailsReport {
    /// The code.
    pub code: i64,
    /// The message.
    pub message: String,
    /// The details in protobuf's JSON, each with its type as `@type`; `hex` has the bytes of a type that is not
    /// known.
    pub details: Vec<Json>,
}

impl From<&StatusDetails> for DetailsReport {
    fn from(status: &StatusDetails) -> Self {
        let details = status.details.iter().map(|detail| {
            let mut object = serde_json::Map::new();
            object.insert("@type".to_owned(), detail.type_url.clone().into());
            match &detail.json {
                Some(Json::Object(fields)) => object.extend(fields.clone()),
                // A type that is written as one thing, such as a duration.
                Some(value) => {
                    object.insert("value".to_owned(), value.clone());
                }
                None => {
                    object.insert("hex".to_owned(), text::hex(&detail.bytes).into());
                }
            }
            Json::Object(object)
        });
        Self {
            code: status.code,
            message: status.message.clone(),
            details: details.collect(),
        }
    }
}

/// Somebody gave the call up.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CancelledReport {
    /// Who.
    pub by: Direction,
    /// The error code of `RST_STREAM`.
    pub error: ErrorReport,
    /// Whether its time was over by then.
    pub deadline_passed: bool,
}

/// Metadata, where it came.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MetadataReport {
    /// With the request.
    pub request: Vec<MetadataFieldReport>,
    /// At the beginning of the response.
    pub initial: Vec<MetadataFieldReport>,
    /// In the trailers.
    pub trailing: Vec<MetadataFieldReport>,
}

/// A field of metadata.
#[derive(Clone, Debug, Serialize)]
pub struct MetadataFieldReport {
    /// Its name.
    pub name: String,
    /// Its value as it was sent; `null` when it cannot be known.
    pub value: Option<String>,
    /// All bytes of a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_hex: Option<String>,
    /// The bytes that the value of a `-bin` field stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoded_hex: Option<String>,
}

impl From<&MetadataField> for MetadataFieldReport {
    fn from(field: &MetadataField) -> Self {
        let value = field.value.as_deref().map(text::text_and_hex);
        let binary = field
            .binary
            .as_ref()
            .and_then(|binary| binary.as_ref().ok());
        Self {
            name: String::from_utf8_lossy(&field.name).into_owned(),
            value_hex: value.as_ref().and_then(|(_, hex)| hex.clone()),
            value: value.map(|(text, _)| text),
            decoded_hex: binary.map(|bytes| text::hex(bytes)),
        }
    }
}
