//! `wireloom calls --totals`: one row per method, with what its messages would be as JSON.

use super::calls::{CallReport, PerPart};
use super::carrier::CarrierReport;
use super::table::{Column, Tabular};
use super::text;
use crate::analysis::grpc::{MessageReader, unpacked};
use crate::trace::Trace;
use crate::wire::protobuf::size::{Sizes, sizes};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The calls of one method together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TotalsReport {
    /// Service and method, as `users.UserService/GetUser`.
    pub method: String,
    /// How many calls there are.
    pub calls: usize,
    /// Those that ended with another status than OK, or with none.
    pub failed: usize,
    /// Their whole messages.
    pub messages: PerPart<u64>,
    /// The bytes of those, as they travelled.
    pub bytes: PerPart<u64>,
    /// Its whole messages of protobuf as far as they could be unpacked, whether or not a schema tells their types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protobuf: Option<Unpacked>,
    /// The sizes of the messages for which a schema gives canonical JSON: each message by itself, then added up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Sizes>,
    /// How many messages that are.
    pub compared: usize,
}

/// Messages of protobuf as programs write and read them, without gRPC's compression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unpacked {
    /// How many.
    pub messages: u64,
    /// How long they are together, in bytes.
    pub bytes: u64,
}

/// One row per method of these calls, by name.
pub fn totals(
    trace: &Trace,
    reader: &MessageReader,
    calls: impl Iterator<Item = CallReport>,
) -> Vec<TotalsReport> {
    let mut methods: BTreeMap<String, TotalsReport> = BTreeMap::new();
    let mut names: HashMap<(usize, CarrierReport), String> = HashMap::new();
    for call in calls {
        let name = call.name();
        let row = methods.entry(name.clone()).or_default();
        row.calls += 1;
        let status = call.implied_status.or(call.status);
        let failed = call.ended_ns.is_some() && status.is_none_or(|status| status.code != 0);
        row.failed += usize::from(failed);
        row.messages.request += u64::from(call.messages.request);
        row.messages.response += u64::from(call.messages.response);
        row.bytes.request += call.bytes.request;
        row.bytes.response += call.bytes.response;
        names.insert((call.connection, call.carrier), name);
    }
    unpacked::each_message(trace, |connection, call, message, decoded| {
        let Some(name) = names.get(&(connection.id.index(), call.id.carrier.into())) else {
            return;
        };
        let Some(row) = methods.get_mut(name) else {
            return;
        };
        let unpacked = row.protobuf.get_or_insert_default();
        unpacked.messages += 1;
        unpacked.bytes += decoded.len() as u64;
        let message_type = reader.message_type(call, message.direction);
        let measured = message_type.and_then(|message_type| sizes(decoded, &message_type));
        if let Some(measured) = measured {
            *row.size.get_or_insert_default() += measured;
            row.compared += 1;
        }
    });
    methods
        .into_iter()
        .map(|(method, row)| TotalsReport { method, ..row })
        .collect()
}

impl Tabular for TotalsReport {
    const COLUMNS: &'static [Column] = &[
        Column::Text("service/method"),
        Column::Number("calls"),
        Column::Number("failed"),
        Column::Number("requests"),
        Column::Number("responses"),
        Column::Number("bytes sent"),
        Column::Number("protobuf"),
        Column::Number("compared"),
        Column::Number("JSON"),
        Column::Number("protobuf gzip"),
        Column::Number("JSON gzip"),
    ];

    fn cells(&self) -> Vec<String> {
        let size = |of: fn(&Sizes) -> u64| {
            self.size
                .as_ref()
                .map_or_else(String::new, |sizes| text::size(of(sizes)))
        };
        vec![
            text::one_line(&self.method, 80),
            self.calls.to_string(),
            self.failed.to_string(),
            self.messages.request.to_string(),
            self.messages.response.to_string(),
            text::size(self.bytes.request.saturating_add(self.bytes.response)),
            self.protobuf
                .map_or_else(String::new, |unpacked| text::size(unpacked.bytes)),
            self.compared.to_string(),
            size(|sizes| sizes.json),
            size(|sizes| sizes.protobuf_gzip),
            size(|sizes| sizes.json_gzip),
        ]
    }
}
