//! Bytes that nobody meant as a header block: no panic, no endless memory, and every step where it says.

use super::*;
use proptest::prelude::*;

/// Bytes that look like blocks more often than chance would have it.
fn hostile_bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => any::<u8>(),
        1 => Just(0xffu8),
        1 => Just(0x80),
        1 => 0x3e_u8..=0x42,
        1 => 0xbe_u8..=0xc8,
        2 => 0u8..8,
    ];
    proptest::collection::vec(byte, 0..120)
}

/// A written block with some bytes changed, removed or added.
fn mutated() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let edits = proptest::collection::vec(
        (any::<proptest::sample::Index>(), any::<u8>(), 0u8..4),
        0..4,
    );
    (conversation::plans(), edits).prop_map(|(plans, edits)| {
        let mut encoder = Encoder::new();
        let mut blocks: Vec<_> = plans
            .iter()
            .map(|plan| conversation::write(&mut encoder, plan))
            .collect();
        for (place, byte, kind) in edits {
            let block = &mut blocks[place.index(plans.len())];
            if block.is_empty() {
                continue;
            }
            let at = place.index(block.len());
            match kind {
                0 => block[at] = byte,
                1 => block[at] ^= 1 << (byte & 7),
                2 => drop(block.remove(at)),
                _ => block.truncate(at),
            }
        }
        blocks
    })
}

/// Reads blocks on tables of all kinds and checks everything that must hold.
fn read(blocks: &[Vec<u8>], allowed: Option<u32>) {
    for start in [Table::default(), Table::new(100), Table::unseen()] {
        let (mut table, mut log) = (start, VecLog::new());
        for block in blocks {
            let before = table;
            let (seen, result) = steps(block, &mut table, &mut log, allowed);
            check_steps(block, &seen, &result);
            check_table(&table, &log);
            let (mut again, mut replay) = (before, Replay::new(&log));
            let (twice, _) = steps(block, &mut again, &mut replay, allowed);
            assert_eq!(twice, seen);
            assert_eq!(again, table);
            if result.is_err() {
                table.lose_history();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn random_bytes_are_read_or_refused_at_a_place(blocks in proptest::collection::vec(hostile_bytes(), 1..4), allowed: Option<u32>) {
        read(&blocks, allowed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn damaged_blocks_are_read_or_refused_at_a_place(blocks in mutated()) {
        read(&blocks, Some(4096));
    }

    /// A block that goes wrong somewhere is, up to there, the block that ends there.
    #[test]
    fn a_refused_block_is_a_whole_one_up_to_the_broken_step(block in hostile_bytes()) {
        let (mut table, mut log) = (Table::default(), VecLog::new());
        let (seen, result) = steps(&block, &mut table, &mut log, None);
        if let Err(error) = result {
            let (mut whole, mut whole_log) = (Table::default(), VecLog::new());
            let (again, result) = steps(&block[..error.step_offset], &mut whole, &mut whole_log, None);
            prop_assert!(result.is_ok());
            prop_assert_eq!(again, seen);
            prop_assert_eq!(whole, table);
        }
    }
}
