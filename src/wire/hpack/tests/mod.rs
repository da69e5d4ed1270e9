//! What holds for the parts together: the RFC's examples, other implementations, hostile input.

mod appendix_c;
mod blocks;

use super::*;

/// Bytes from hexadecimal text; white space is ignored.
fn bytes_from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c.to_digit(16).expect("a hexadecimal digit")).unwrap())
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// A step that owns what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
enum OwnedStep {
    Field(Box<OwnedField>),
    SizeUpdate(SizeUpdate),
}

/// A field and its octets; `field` itself has been stripped of them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OwnedField {
    name: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    field: Field<'static>,
}

impl From<Step<'_>> for OwnedStep {
    fn from(step: Step<'_>) -> Self {
        match step {
            Step::SizeUpdate(update) => Self::SizeUpdate(update),
            Step::Field(field) => Self::Field(Box::new(OwnedField {
                name: field.name.map(<[u8]>::to_vec),
                value: field.value.map(<[u8]>::to_vec),
                field: stripped(&field),
            })),
        }
    }
}

fn stripped(field: &Field<'_>) -> Field<'static> {
    Field {
        name: None,
        value: None,
        representation: field.representation,
        index: field.index,
        source: field.source,
        range: field.range.clone(),
        index_range: field.index_range.clone(),
        name_string: field.name_string.clone(),
        value_string: field.value_string.clone(),
        inserted: field.inserted,
        evicted: field.evicted,
        placeholder: field.placeholder,
        certainty: field.certainty,
    }
}

/// The steps of a block and how it ended.
fn steps(
    block: &[u8],
    table: &mut Table,
    log: &mut impl InsertionLog,
    max_allowed_table_size: Option<u32>,
) -> (Vec<OwnedStep>, Result<Summary, BlockError>) {
    let mut steps = Vec::new();
    let result = decoder::decode(block, table, log, max_allowed_table_size, |step| {
        steps.push(step.into());
    });
    (steps, result)
}

/// Only the fields.
fn fields(steps: &[OwnedStep]) -> Vec<&OwnedField> {
    steps
        .iter()
        .filter_map(|step| match step {
            OwnedStep::Field(field) => Some(field.as_ref()),
            OwnedStep::SizeUpdate(_) => None,
        })
        .collect()
}

/// Names and values of a block that is known in full.
fn header_list(steps: &[OwnedStep]) -> Vec<(Vec<u8>, Vec<u8>)> {
    fields(steps)
        .into_iter()
        .map(|field| (field.name.clone().unwrap(), field.value.clone().unwrap()))
        .collect()
}

/// Encodes fields, each its own way.
fn block(encoder: &mut Encoder, fields: &[(&str, &str, How)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value, how) in fields {
        encoder
            .field(name.as_bytes(), value.as_bytes(), *how, &mut out)
            .unwrap();
    }
    out
}
