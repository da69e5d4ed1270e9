//! What blocks may and may not say, and what is told about those that break a rule.

use super::*;
use Representation::{Indexed, LiteralIncremental, LiteralNotIndexed};

fn error_of(block: &[u8]) -> BlockError {
    steps(block, &mut Table::default(), &mut VecLog::new(), None)
        .1
        .unwrap_err()
}

#[test]
fn index_0_and_indexes_beyond_the_tables_are_errors_at_their_byte() {
    let error = error_of(&[0x82, 0x80]);
    assert_eq!(error.offset, 1);
    assert_eq!(error.kind, BlockErrorKind::IndexZero);
    assert_eq!(
        error.to_string(),
        "byte 1 of the header block: index 0 names no entry; indexes begin at 1"
    );

    let error = error_of(&[0x82, 0xbe]);
    assert_eq!((error.offset, error.step_offset), (1, 1));
    assert_eq!(
        error.to_string(),
        "byte 1 of the header block: index 62 is beyond the last entry: the static table has 61, \
         the dynamic table 0 in 0 of 4096 bytes"
    );
}

#[test]
fn a_literal_may_not_name_an_entry_beyond_the_tables_either() {
    // 0x7f 0x00: literal with indexing, name index 63
    let error = error_of(&[0x7f, 0x00, 0x01, b'x']);
    assert!(matches!(
        error.kind,
        BlockErrorKind::IndexOutOfRange { index: 63, .. }
    ));
}

#[test]
fn a_cut_string_says_what_it_should_have_had() {
    // literal without indexing, name of 5 bytes, "cook"
    let error = error_of(&[0x82, 0x00, 0x05, b'c', b'o', b'o', b'k']);
    assert_eq!((error.offset, error.step_offset), (7, 1));
    assert_eq!(
        error.kind,
        BlockErrorKind::StringTruncated {
            part: Part::Name,
            length: 5,
            available: 4
        }
    );
    // A length of 4 GB allocates nothing.
    let error = error_of(&[0x04, 0xff, 0x80, 0xff, 0xff, 0xff, 0x0f]);
    assert!(matches!(
        error.kind,
        BlockErrorKind::StringTruncated {
            length: u32::MAX,
            available: 0,
            ..
        }
    ));
}

#[test]
fn a_huffman_error_lies_at_its_byte_of_the_block() {
    // `:path` by index 4, Huffman, 2 bytes: `00011` (a) and 11 ones
    let error = error_of(&[0x82, 0x04, 0x82, 0x1f, 0xff]);
    assert_eq!((error.offset, error.step_offset), (3, 1));
    assert_eq!(
        error.kind,
        BlockErrorKind::Huffman {
            part: Part::Value,
            error: huffman::HuffmanError::PaddingTooLong { offset: 0 }
        }
    );
}

#[test]
fn the_byte_that_panics_others_is_a_truncated_integer_here() {
    let error = error_of(&[0x3f]);
    assert_eq!(
        error.kind,
        BlockErrorKind::Integer(integer::IntegerError::Truncated { offset: 1 })
    );
    assert_eq!(error.offset, 1);
}

#[test]
fn steps_before_an_error_have_taken_effect_and_the_broken_one_has_not() {
    let (mut table, mut log) = (Table::default(), VecLog::new());
    // `a: 1` with indexing; then `b` with indexing, whose value is cut
    let block = [0x40, 1, b'a', 1, b'1', 0x40, 1, b'b', 9, b'x'];
    let (steps, result) = steps(&block, &mut table, &mut log, None);
    assert_eq!(steps.len(), 1);
    assert_eq!(result.unwrap_err().step_offset, 5);
    assert_eq!((table.end, table.size_bytes, log.len()), (1, 34, 1));
}

#[test]
fn an_empty_block_has_no_steps() {
    let (mut table, mut log) = (Table::default(), VecLog::new());
    let (steps, result) = steps(&[], &mut table, &mut log, Some(0));
    assert!(steps.is_empty());
    assert_eq!(result, Ok(Summary::default()));
}

#[test]
fn size_updates_evict_and_those_that_break_a_rule_take_effect_too() {
    let (mut table, mut log) = (Table::default(), VecLog::new());
    let mut block = Vec::new();
    encoder::size_update(100, &mut block); // 3f 45
    encoder::size_update(4097, &mut block); // 3f e2 1f: above the allowed 4096
    block.extend([0x40, 1, b'a', 1, b'1']);
    encoder::size_update(0, &mut block); // 20: after a field
    let (steps, result) = steps(&block, &mut table, &mut log, Some(4096));
    let updates: Vec<_> = steps
        .iter()
        .filter_map(|step| match step {
            OwnedStep::SizeUpdate(update) => Some(update),
            OwnedStep::Field(_) => None,
        })
        .collect();
    assert_eq!(updates[0].range, 0..2);
    assert!(!updates[0].breaks_a_rule());
    assert_eq!(updates[1].above_allowed, Some(4096));
    assert!(!updates[1].after_a_field);
    assert_eq!((updates[2].after_a_field, updates[2].evicted), (true, 1));
    assert_eq!((table.max_size_bytes, table.size_bytes), (0, 0));
    let summary = result.unwrap();
    assert_eq!((summary.size_updates, summary.wrong_size_updates), (3, 2));
    assert_eq!((summary.insertions, summary.evictions), (1, 1));
}

#[test]
fn a_sender_that_ignores_a_smaller_setting_is_noticed() {
    let missing = |block: &[u8]| {
        let (_, result) = steps(block, &mut Table::default(), &mut VecLog::new(), Some(1024));
        result.unwrap().size_update_missing
    };
    assert!(missing(&[0x82]));
    // 3f e1 07: 1024
    assert!(!missing(&[0x3f, 0xe1, 0x07, 0x82]));
    // 3f e2 07: 1025 is still too much
    assert!(missing(&[0x3f, 0xe2, 0x07, 0x82]));
}

#[test]
fn a_field_may_take_its_name_from_the_entry_it_evicts() {
    let (mut table, mut log) = (Table::new(64), VecLog::new());
    // `name: 1` with indexing (37 bytes); then index 62's name with a new value
    let block = [0x40, 4, b'n', b'a', b'm', b'e', 1, b'1', 0x7e, 1, b'2'];
    let (steps, result) = steps(&block, &mut table, &mut log, None);
    result.unwrap();
    let last = fields(&steps)[1];
    assert_eq!(last.name.as_deref(), Some(&b"name"[..]));
    assert_eq!((last.field.inserted, last.field.evicted), (Some(1), 1));
    assert_eq!(last.field.source, Source::Dynamic(0));
    assert_eq!(log.entry(1), Some(Entry::new(b"name", b"2")));
    assert_eq!((table.first, table.end), (1, 2));
}

#[test]
fn an_entry_larger_than_the_table_empties_it_and_is_a_field_all_the_same() {
    let (mut table, mut log) = (Table::new(40), VecLog::new());
    let block = [
        0x40, 1, b'a', 1, b'1', 0x40, 1, b'b', 9, b'2', b'2', b'2', b'2', b'2', b'2', b'2', b'2',
        b'2',
    ];
    let (steps, result) = steps(&block, &mut table, &mut log, None);
    let last = fields(&steps)[1];
    assert_eq!((last.field.inserted, last.field.evicted), (None, 1));
    assert_eq!(last.value.as_deref(), Some(&b"222222222"[..]));
    assert!(table.is_empty());
    let summary = result.unwrap();
    assert_eq!((summary.insertions, summary.evictions), (1, 1));
}

#[test]
fn unseen_entries_are_placeholders_with_lasting_numbers() {
    let (mut table, mut log) = (Table::unseen(), VecLog::new());
    // index 64; name of 62 with a new value, indexed; name of 63, not indexed; and index 65, which is the first again
    let block = [0xc0, 0x7e, 1, b'v', 0x0f, 0x30, 1, b'w', 0xc1, 0xbe];
    let (steps, result) = steps(&block, &mut table, &mut log, Some(4096));
    let fields = fields(&steps);
    let seen: Vec<_> = fields
        .iter()
        .map(|f| (f.name.is_some(), f.value.as_deref(), f.field.placeholder))
        .collect();
    assert_eq!(
        seen,
        [
            (false, None, Some(Placeholder(3))),
            (false, Some(&b"v"[..]), Some(Placeholder(1))),
            (false, Some(b"w"), Some(Placeholder(1))),
            (false, None, Some(Placeholder(3))),
            // The entry inserted here is known but for its name.
            (false, Some(b"v"), Some(Placeholder(1))),
        ]
    );
    assert_eq!(fields[4].field.source, Source::Dynamic(0));
    assert_eq!(fields[1].field.inserted, Some(0));
    assert!(
        fields
            .iter()
            .all(|f| f.field.certainty == Certainty::Unknown)
    );
    assert_eq!(result.unwrap().unknown_fields, 5);
}

#[test]
fn what_is_inserted_after_the_start_is_certain() {
    let (mut table, mut log) = (Table::unseen(), VecLog::new());
    let block = [0x40, 1, b'a', 1, b'1', 0xbe, 0xbf];
    let (steps, _) = steps(&block, &mut table, &mut log, None);
    let certainty: Vec<_> = fields(&steps).iter().map(|f| f.field.certainty).collect();
    assert_eq!(
        certainty,
        [Certainty::Certain, Certainty::Certain, Certainty::Unknown]
    );
}

#[test]
fn a_header_bomb_stops_at_the_limit() {
    let (mut table, mut log) = (Table::new(65_536), VecLog::new());
    let mut bomb = Vec::new();
    let value = vec![b'x'; 60_000];
    encoder::literal(
        LiteralIncremental,
        encoder::NameBy::String(b"n"),
        &value,
        HuffmanUse::Never,
        &mut bomb,
    );
    let first = bomb.len();
    bomb.resize(first + 16_384, 0xbe);
    let mut delivered = 0u64;
    let error = decoder::decode(&bomb, &mut table, &mut log, None, |step| {
        if let Step::Field(field) = step {
            delivered += field.decoded_bytes() as u64;
        }
    })
    .unwrap_err();
    assert_eq!(error.kind, BlockErrorKind::DecodedTooLarge);
    assert!(delivered <= decoder::MAX_DECODED_BLOCK_BYTES);
    assert_eq!(error.offset as u64, first as u64 + delivered / 60_001 - 1);
}

#[test]
fn names_repeated_from_the_table_take_no_memory() {
    let (mut table, mut log) = (Table::new(65_536), VecLog::new());
    let mut block = Vec::new();
    encoder::literal(
        LiteralIncremental,
        encoder::NameBy::String(&[b'n'; 4000]),
        b"",
        HuffmanUse::Never,
        &mut block,
    );
    for _ in 0..1000 {
        // Two bytes each, 4032 bytes of table.
        encoder::literal(
            LiteralIncremental,
            encoder::NameBy::Index(62),
            b"",
            HuffmanUse::Never,
            &mut block,
        );
    }
    steps(&block, &mut table, &mut log, None).1.unwrap();
    assert_eq!(log.len(), 1001);
    assert!(log.memory_bytes() < 100_000, "{}", log.memory_bytes());
}

#[test]
fn an_encoder_writes_as_asked_or_says_why_not() {
    let mut encoder = Encoder::new();
    let mut out = Vec::new();
    assert_eq!(
        encoder.field(b"x", b"1", How::new(Indexed), &mut out),
        Err(EncodeError::NoSuchEntry)
    );
    assert!(out.is_empty());
    let how = How::new(LiteralNotIndexed).huffman(HuffmanUse::Never);
    encoder.field(b":path", b"/x", how, &mut out).unwrap();
    assert_eq!(out, [0x04, 2, b'/', b'x']);
    out.clear();
    encoder
        .field(b":path", b"/x", how.without_name_index(), &mut out)
        .unwrap();
    assert_eq!(out, [0x00, 5, b':', b'p', b'a', b't', b'h', 2, b'/', b'x']);
    assert!(encoder.table().is_empty());
}

#[test]
fn the_policy_keeps_secrets_out_of_the_table_and_uses_indexes() {
    let mut encoder = Encoder::new();
    let list: [(&[u8], &[u8]); 5] = [
        (b":method", b"GET"),
        (b":path", b"/some/page"),
        (b"authorization", b"Bearer xyz"),
        (b"user-agent", b"loom"),
        (b"user-agent", b"loom"),
    ];
    let block = encoder.block(list);
    let (steps, _) = steps(
        &block,
        &mut Table::default(),
        &mut VecLog::new(),
        Some(4096),
    );
    let written: Vec<_> = fields(&steps)
        .iter()
        .map(|f| f.field.representation.name())
        .collect();
    assert_eq!(
        written,
        [
            "indexed",
            "literal-not-indexed",
            "literal-never-indexed",
            "literal-incremental",
            "indexed"
        ]
    );
    assert_eq!(encoder.table().len(), 1);
}

#[test]
fn an_encoder_that_shrinks_its_table_agrees_with_the_decoder() {
    let mut encoder = Encoder::new();
    let (mut table, mut log) = (Table::default(), VecLog::new());
    let incremental = How::new(LiteralIncremental);
    let first = block(
        &mut encoder,
        &[("a", "1", incremental), ("b", "2", incremental)],
    );
    let mut second = Vec::new();
    encoder.size_update(40, &mut second);
    encoder
        .field(b"b", b"2", How::new(Indexed), &mut second)
        .unwrap();
    for bytes in [first, second] {
        steps(&bytes, &mut table, &mut log, Some(4096)).1.unwrap();
    }
    assert_eq!(table, *encoder.table());
    assert_eq!((table.first, table.end), (1, 2));
}
