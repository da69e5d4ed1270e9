//! `wireloom messages --against`: the messages of a capture as two versions of a schema read them.

use super::carrier::CarrierReport;
use super::protobuf::{SideBySide, side_by_side};
use super::table::{Column, Tabular};
use super::text;
use crate::analysis::grpc::evolution::counterpart;
use crate::analysis::grpc::{MessageReader, unpacked};
use crate::trace::{Direction, FrameId, Trace};
use crate::wire::protobuf::evolution::{Verdict, changes};
use crate::wire::protobuf::{Decoder, Schema, tree};
use prost_reflect::{Kind, MessageDescriptor};
use serde::Serialize;
use std::collections::BTreeMap;

/// A message as two versions of its type read it.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedReport {
    /// The connection.
    pub connection: usize,
    /// What carries it.
    #[serde(flatten)]
    pub carrier: CarrierReport,
    /// Who sends it.
    pub direction: Direction,
    /// Its number per stream or exchange and direction, from 0.
    pub number: u32,
    /// The frame with its last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<usize>,
    /// Its type in the version of `--proto`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Fields that only the newer version knows: older readers keep them unread.
    pub ignored_by_old: Vec<String>,
    /// Fields that only the older version knows.
    pub ignored_by_new: Vec<String>,
    /// Fields of the newer version that this message has not, and what its readers see.
    pub defaulted_by_new: Vec<String>,
    /// Fields of the message that one of the two misreads.
    pub misread: Vec<String>,
    /// Its fields in the order of the bytes, then those that were not sent.
    pub fields: Vec<SideBySide>,
}

/// One row per message whose type both versions have.
pub fn compared(trace: &Trace, reader: &MessageReader, against: &Schema) -> Vec<ComparedReport> {
    let mut rows = Vec::new();
    let mut misread: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    unpacked::each_message(trace, |connection, call, message, decoded| {
        let Some((old, new)) = counterpart(reader, against, call, message.direction) else {
            return;
        };
        let broken = misread
            .entry(old.full_name().to_owned())
            .or_insert_with(|| incompatible(&old, &new));
        rows.push(ComparedReport {
            connection: connection.id.index(),
            carrier: call.id.carrier.into(),
            direction: message.direction,
            number: message.number,
            frame: message.last.frame().map(FrameId::index),
            type_name: old.full_name().to_owned(),
            ignored_by_old: only_in(decoded, &new, &old),
            ignored_by_new: only_in(decoded, &old, &new),
            defaulted_by_new: defaulted(decoded, &old, &new),
            misread: names_of(decoded, &old, broken),
            fields: side_by_side(decoded, &old, &new),
        });
    });
    rows
}

/// The numbers of fields of which the two versions read different things.
fn incompatible(old: &MessageDescriptor, new: &MessageDescriptor) -> Vec<u32> {
    changes(old, new)
        .into_iter()
        .filter(|change| change.verdict == Verdict::Breaking && change.type_name == old.full_name())
        .filter_map(|change| u32::try_from(change.number).ok())
        .collect()
}

/// Fields of the message that one type has and the other has not, those within others as `price.discount`.
fn only_in(bytes: &[u8], one: &MessageDescriptor, other: &MessageDescriptor) -> Vec<String> {
    let message = Decoder::new().decode(bytes, Some(one));
    let mut names = Vec::new();
    collect(&message, one, other, "", &mut names);
    names
}

fn collect(
    message: &tree::Message,
    one: &MessageDescriptor,
    other: &MessageDescriptor,
    within: &str,
    names: &mut Vec<String>,
) {
    for field in &message.fields {
        let number = field.number.0;
        let Some(own) = one.get_field(number) else {
            continue;
        };
        let name = format!("{within}{}", own.name());
        let Some(theirs) = other.get_field(number) else {
            if !names.contains(&name) {
                names.push(name);
            }
            continue;
        };
        if let (Some(inner), Kind::Message(one), Kind::Message(other)) =
            (&field.inner, own.kind(), theirs.kind())
        {
            collect(inner, &one, &other, &format!("{name}."), names);
        }
    }
}

/// Fields that only the new type has and the message has not, with what a reader sees.
fn defaulted(bytes: &[u8], old: &MessageDescriptor, new: &MessageDescriptor) -> Vec<String> {
    let sent = numbers(bytes);
    let added = new
        .fields()
        .filter(|field| old.get_field(field.number()).is_none());
    added
        .filter(|field| !sent.contains(&field.number()))
        .map(|field| {
            let default = crate::wire::protobuf::evolution::default_text(&field);
            format!("{}: {default}", field.name())
        })
        .collect()
}

fn names_of(bytes: &[u8], old: &MessageDescriptor, wanted: &[u32]) -> Vec<String> {
    let sent = numbers(bytes).into_iter();
    let names = sent.filter(|number| wanted.contains(number));
    names
        .filter_map(|number| Some(old.get_field(number)?.name().to_owned()))
        .collect()
}

/// The numbers of the outermost fields, each once.
fn numbers(bytes: &[u8]) -> Vec<u32> {
    let message = Decoder::new().decode(bytes, None);
    let mut numbers: Vec<u32> = message.fields.iter().map(|field| field.number.0).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

impl Tabular for ComparedReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("stream"),
        Column::Number("exchange"),
        Column::Text(""),
        Column::Number("#"),
        Column::Text("type"),
        Column::Text("old readers ignore"),
        Column::Text("new readers ignore"),
        Column::Text("new readers see instead"),
        Column::Text("misread"),
    ];

    fn cells(&self) -> Vec<String> {
        let list = |names: &[String], chars| text::one_line(&names.join(", "), chars);
        let [stream, exchange] = self.carrier.cells();
        vec![
            self.connection.to_string(),
            stream,
            exchange,
            self.direction.arrow().to_owned(),
            self.number.to_string(),
            self.type_name.clone(),
            list(&self.ignored_by_old, 60),
            list(&self.ignored_by_new, 40),
            list(&self.defaulted_by_new, 80),
            list(&self.misread, 40),
        ]
    }
}
