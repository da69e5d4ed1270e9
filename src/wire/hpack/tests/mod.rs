//! What holds for the parts together: the RFC's examples, other implementations, hostile input.

mod appendix_c;
mod blocks;
mod hostile;
mod inflatehd;
mod round_trip;
mod second_opinion;
mod stories;

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

/// What must hold of a table at any time.
fn check_table(table: &Table, log: &VecLog) {
    assert!(table.first <= table.end);
    assert_eq!(table.end, log.len() as u64);
    let entries: Vec<_> = table.entries(log).collect();
    assert_eq!(entries.len() as u64, table.len());
    let size: u64 = entries.iter().map(|held| held.entry.size_bytes()).sum();
    assert_eq!(table.size_bytes, size);
    let unnamed = entries
        .iter()
        .filter(|held| held.entry.name.known().is_none());
    assert_eq!(table.unnamed_entries as usize, unnamed.count());
    if table.limit == Limit::Known {
        assert!(table.size_bytes <= u64::from(table.max_size_bytes));
    }
    for held in entries {
        assert_eq!(table.lookup(held.index), Lookup::Dynamic(held.number));
        assert_eq!(table.index_of(held.number), Some(held.index));
    }
}

/// What must hold of the steps of any block, read to its end or not.
fn check_steps(block: &[u8], steps: &[OwnedStep], result: &Result<Summary, BlockError>) {
    let mut end = 0;
    for step in steps {
        let range = match step {
            OwnedStep::SizeUpdate(update) => update.range.clone(),
            OwnedStep::Field(owned) => {
                let field = &owned.field;
                let mut part_end = field.index_range.end;
                assert_eq!(field.index_range.start, field.range.start);
                for string in [&field.name_string, &field.value_string]
                    .into_iter()
                    .flatten()
                {
                    assert_eq!(string.length_range.start, part_end);
                    assert!(!string.length_range.is_empty());
                    assert_eq!(string.data_range.start, string.length_range.end);
                    part_end = string.data_range.end;
                }
                assert_eq!(part_end, field.range.end);
                field.range.clone()
            }
        };
        assert_eq!(range.start, end);
        assert!(range.end > range.start);
        end = range.end;
    }
    match result {
        Ok(summary) => {
            assert_eq!(end, block.len());
            assert_eq!(
                steps.len(),
                (summary.fields + summary.size_updates) as usize
            );
        }
        Err(error) => {
            assert_eq!(end, error.step_offset);
            assert!(error.step_offset <= error.offset && error.offset <= block.len());
            assert!(error.step_offset < block.len());
        }
    }
}

/// Generated conversations: blocks whose fields often meet in the tables.
mod conversation {
    use super::*;
    use proptest::prelude::*;

    /// One block before it is written.
    #[derive(Clone, Debug)]
    pub(super) struct Plan {
        pub(super) size_updates: Vec<u32>,
        pub(super) fields: Vec<(Vec<u8>, Vec<u8>, How)>,
    }

    pub(super) fn plans() -> impl Strategy<Value = Vec<Plan>> {
        let plan = (
            proptest::collection::vec(0u32..=4096, 0..2),
            proptest::collection::vec(field(), 1..12),
        )
            .prop_map(|(size_updates, fields)| Plan {
                size_updates,
                fields,
            });
        proptest::collection::vec(plan, 1..8)
    }

    fn field() -> impl Strategy<Value = (Vec<u8>, Vec<u8>, How)> {
        let name = prop_oneof![
            3 => proptest::sample::select(vec![":method", ":path", ":status", "cookie", "x-a", "x-b", "date"])
                .prop_map(|name| name.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..40),
        ];
        let value = prop_oneof![
            3 => proptest::sample::select(vec!["GET", "/", "200", "", "1", "a longer value, with spaces"])
                .prop_map(|value| value.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..300),
        ];
        (name, value, how())
    }

    fn how() -> impl Strategy<Value = How> {
        (
            proptest::sample::select(Representation::ALL.to_vec()),
            proptest::sample::select(vec![
                HuffmanUse::Auto,
                HuffmanUse::Always,
                HuffmanUse::Never,
            ]),
            any::<bool>(),
        )
            .prop_map(|(representation, huffman, use_name_index)| How {
                representation,
                huffman,
                use_name_index,
            })
    }

    /// Writes a block; a field that no table holds is sent as a literal with indexing instead of an index.
    pub(super) fn write(encoder: &mut Encoder, plan: &Plan) -> Vec<u8> {
        let mut out = Vec::new();
        for &size in &plan.size_updates {
            encoder.size_update(size, &mut out);
        }
        for (name, value, how) in &plan.fields {
            if encoder.field(name, value, *how, &mut out).is_err() {
                let how = How {
                    representation: Representation::LiteralIncremental,
                    ..*how
                };
                encoder.field(name, value, how, &mut out).unwrap();
            }
        }
        out
    }

    /// What a decoder should answer.
    pub(super) fn list(plan: &Plan) -> Vec<(Vec<u8>, Vec<u8>)> {
        let fields = plan.fields.iter();
        fields
            .map(|(name, value, _)| (name.clone(), value.clone()))
            .collect()
    }
}
