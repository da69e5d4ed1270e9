//! `wireloom calls`: one row per gRPC call.

use super::carrier::CarrierReport;
use super::table::{Column, Tabular};
use super::text;
use crate::analysis::grpc::{
    self, Call, CallId, CallLinks, LinkedBy, Links, MessageReader, MetadataField,
};
use crate::trace::Trace;
use serde::Serialize;

mod parts;

pub use parts::{
    Announced, CancelledReport, DetailsReport, LinkReport, MetadataFieldReport, MetadataReport,
    OtherDeadlineReport, ParentReport, PerPart, StatusMessage, StatusReport,
};

/// A gRPC call.
#[derive(Clone, Debug, Serialize)]
pub struct CallReport {
    /// The connection.
    pub connection: usize,
    /// What carries it.
    #[serde(flatten)]
    pub carrier: CarrierReport,
    /// The service, from the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The method, from the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// `:authority`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// How many messages either side may send.
    pub kind: &'static str,
    /// The kind is what was seen, not what a schema says.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub kind_seen: bool,
    /// How it travels.
    pub transport: &'static str,
    /// How messages are written, when it is not protobuf.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub codec: String,
    /// No header said that it is a call: its messages or its status did.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
    /// How long the caller will wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ns: Option<i64>,
    /// `grpc-encoding`.
    #[serde(skip_serializing_if = "Announced::is_empty")]
    pub encoding: Announced,
    /// `content-encoding` of gRPC-Web, and transfer codings: how the content was compressed as a whole.
    #[serde(skip_serializing_if = "Announced::is_empty")]
    pub content_encoding: Announced,
    /// `grpc-accept-encoding`.
    #[serde(skip_serializing_if = "Announced::is_empty")]
    pub accept_encoding: Announced,
    /// Whole messages.
    pub messages: PerPart<u32>,
    /// Their bytes as they travelled, without prefixes.
    pub bytes: PerPart<u64>,
    /// `grpc-status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusReport>,
    /// What the caller's library reports when none came, or came too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_status: Option<StatusReport>,
    /// Of which other deadline than its own a status of `DEADLINE_EXCEEDED` tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_deadline: Option<OtherDeadlineReport>,
    /// `grpc-message`, decoded.
    #[serde(flatten)]
    pub status_message: StatusMessage,
    /// `grpc-status-details-bin`: a `google.rpc.Status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<DetailsReport>,
    /// When its first frame could be read.
    pub started_ns: i64,
    /// When the response's first frame could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response_ns: Option<i64>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_ns: Option<i64>,
    /// How it ended.
    pub ended_by: &'static str,
    /// Who gave it up, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<CancelledReport>,
    /// What the callers themselves sent along.
    pub metadata: MetadataReport,
    /// How often the caller's library has tried already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_attempts: Option<u32>,
    /// The attempt before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<LinkReport>,
    /// The call that was being served when this one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<ParentReport>,
    /// The call that its failure likely came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_after: Option<LinkReport>,
}

/// One row per call, connection by connection, in the order of first frames, or of exchanges.
pub fn calls<'t>(
    trace: &'t Trace,
    reader: &'t MessageReader,
) -> impl Iterator<Item = CallReport> + 't {
    let links = Links::of(trace);
    grpc::calls(trace).map(move |call| report(&call, &links, reader))
}

fn report(call: &Call, links: &Links, reader: &MessageReader) -> CallReport {
    let kind_said = reader.method(call).map(|method| method.kind.name());
    let details = call.status_details.as_deref();
    let CallLinks {
        parent,
        retry_of,
        failed_after,
    } = links.of_call(call.id);
    let link = |id: CallId, known_by: LinkedBy| LinkReport {
        connection: id.connection.index(),
        carrier: id.carrier.into(),
        known_by: known_by.name(),
    };
    let fields = |list: &[MetadataField]| list.iter().map(MetadataFieldReport::from).collect();
    CallReport {
        connection: call.id.connection.index(),
        carrier: call.id.carrier.into(),
        service: call.service().map(str::to_owned),
        method: call.method().map(str::to_owned),
        authority: call.authority.clone(),
        kind: kind_said.unwrap_or_else(|| links.kind_seen(call).name()),
        kind_seen: kind_said.is_none(),
        transport: call.transport.name(),
        codec: if call.protobuf {
            String::new()
        } else {
            call.codec.clone()
        },
        inferred: call.known_by.is_inferred(),
        timeout_ns: call.timeout.map(|timeout| timeout.ns()),
        encoding: (&call.encodings).into(),
        content_encoding: {
            let [request, response] = call.content_codings.clone();
            Announced { request, response }
        },
        accept_encoding: (&call.accept_encodings).into(),
        messages: call.messages.into(),
        bytes: call.bytes.into(),
        status: call.status.map(StatusReport::from),
        implied_status: call.implied_status.map(StatusReport::from),
        other_deadline: call.other_deadline.map(|other| OtherDeadlineReport {
            when: other.name(),
            by_ns: other.by_ns(),
        }),
        status_message: call.status_message.as_ref().into(),
        details: details
            .map(|bytes| DetailsReport::from(&grpc::status_details(bytes, Some(reader.schema())))),
        started_ns: call.started_ns,
        first_response_ns: call.first_response_ns,
        ended_ns: call.ended_ns,
        ended_by: call.ended_by.name(),
        cancelled: call.cancelled.map(|cancelled| CancelledReport {
            by: cancelled.by,
            error: cancelled.error.into(),
            deadline_passed: cancelled.deadline_passed,
        }),
        metadata: MetadataReport {
            request: fields(&call.request_metadata),
            initial: fields(&call.initial_metadata),
            trailing: fields(&call.trailing_metadata),
        },
        previous_attempts: call.previous_attempts,
        retry_of: retry_of.map(|earlier| link(earlier.id, earlier.known_by)),
        failed_after: failed_after.map(|from| link(from.id, from.known_by)),
        parent: parent.map(|parent| ParentReport {
            connection: parent.id.connection.index(),
            carrier: parent.id.carrier.into(),
            known_by: parent.known_by.name(),
            candidates: parent.candidates,
            left_ns: parent.left_ns,
        }),
    }
}

impl CallReport {
    /// Service and method, as `users.UserService/GetUser`; `?` where the request was not seen.
    pub fn name(&self) -> String {
        match (&self.service, &self.method) {
            (Some(service), Some(method)) => format!("{service}/{method}"),
            _ => "?".to_owned(),
        }
    }
}

impl Tabular for CallReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("stream"),
        Column::Number("exchange"),
        Column::Text("service/method"),
        Column::Text("kind"),
        Column::Number("timeout"),
        Column::Number("requests"),
        Column::Number("responses"),
        Column::Number("bytes"),
        Column::Text("status"),
        Column::Text("message"),
        Column::Text("ended by"),
        Column::Number("lasted"),
    ];

    fn amounts(&self) -> Vec<(&'static str, f64)> {
        let milliseconds = |ns: Option<i64>| ns.map(text::milliseconds);
        let lasted = self
            .ended_ns
            .map(|ended| ended.saturating_sub(self.started_ns));
        let status = self.implied_status.or(self.status);
        let bytes = self.bytes.request.saturating_add(self.bytes.response);
        [
            ("timeout", milliseconds(self.timeout_ns)),
            ("bytes", Some(text::number(bytes))),
            ("lasted", milliseconds(lasted)),
            ("status", status.map(|status| f64::from(status.code))),
        ]
        .into_iter()
        .filter_map(|(title, amount)| Some((title, amount?)))
        .collect()
    }

    fn cells(&self) -> Vec<String> {
        let name = self.name();
        let status = match (self.status, self.implied_status) {
            (_, Some(implied)) => format!("({})", implied.name.unwrap_or("?")),
            (Some(status), None) => status
                .name
                .map_or_else(|| status.code.to_string(), str::to_owned),
            (None, None) => String::new(),
        };
        let duration = |ns: Option<i64>| {
            ns.and_then(|ns| u64::try_from(ns).ok())
                .map_or_else(String::new, text::duration)
        };
        let lasted = self
            .ended_ns
            .map(|ended| ended.saturating_sub(self.started_ns));
        let message = self.status_message.status_message.as_deref();
        let [stream, exchange] = self.carrier.cells();
        vec![
            self.connection.to_string(),
            stream,
            exchange,
            text::one_line(&name, 60),
            self.kind.to_owned(),
            duration(self.timeout_ns),
            self.messages.request.to_string(),
            self.messages.response.to_string(),
            text::size(self.bytes.request.saturating_add(self.bytes.response)),
            status,
            text::one_line(message.unwrap_or_default(), 40),
            self.ended_by.to_owned(),
            duration(lasted),
        ]
    }
}
