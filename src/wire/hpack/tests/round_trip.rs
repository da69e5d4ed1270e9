//! What our encoder writes, our decoder reads, and the past can be read again.

use super::*;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn blocks_decode_to_what_was_encoded_and_both_tables_agree(plans in conversation::plans()) {
        let mut encoder = Encoder::new();
        let (mut table, mut log) = (Table::default(), VecLog::new());
        let mut moments = Vec::new();
        for plan in &plans {
            let block = conversation::write(&mut encoder, plan);
            let before = table;
            let (steps, result) = steps(&block, &mut table, &mut log, Some(4096));
            check_steps(&block, &steps, &result);
            check_table(&table, &log);
            let summary = result.unwrap();
            prop_assert_eq!(header_list(&steps), conversation::list(plan));
            prop_assert_eq!(table, *encoder.table());
            prop_assert_eq!(summary.insertions as u64, table.end - before.end);
            prop_assert_eq!(summary.evictions as u64, table.first - before.first);
            prop_assert_eq!(summary.wrong_size_updates + summary.unknown_fields, 0);
            prop_assert!(table.is_certain());
            moments.push((before, block, steps, table));
        }
        // Any block of the past, in any order, on the log that has grown since.
        for (before, block, seen, after) in moments.iter().rev() {
            let (mut table, mut replay) = (*before, Replay::new(&log));
            let (again, result) = steps(block, &mut table, &mut replay, Some(4096));
            prop_assert!(result.is_ok());
            prop_assert_eq!(&again, seen);
            prop_assert_eq!(table, *after);
            prop_assert_eq!(replay.first_difference(), None);
        }
    }

    /// A reader who missed the first blocks: what it calls certain is right, and one unseen entry never has
    /// two placeholders, nor one placeholder two entries.
    #[test]
    fn a_late_reader_is_never_wrong(plans in conversation::plans(), missed in 1usize..5) {
        let mut encoder = Encoder::new();
        let (mut table, mut log) = (Table::default(), VecLog::new());
        let (mut late, mut late_log) = (Table::unseen(), VecLog::new());
        let mut placeholders = std::collections::HashMap::new();
        let mut joined = 0;
        for (number, plan) in plans.iter().enumerate() {
            let block = conversation::write(&mut encoder, plan);
            if number == missed {
                joined = table.end;
            }
            let (truth, _) = steps(&block, &mut table, &mut log, None);
            if number < missed {
                continue;
            }
            let (seen, result) = steps(&block, &mut late, &mut late_log, None);
            prop_assert!(result.is_ok(), "{:?}", result);
            check_steps(&block, &seen, &result);
            check_table(&late, &late_log);
            for (truth, seen) in fields(&truth).into_iter().zip(fields(&seen)) {
                if let Some(name) = &seen.name {
                    prop_assert_eq!(Some(name), truth.name.as_ref());
                }
                if let Some(value) = &seen.value {
                    prop_assert_eq!(Some(value), truth.value.as_ref());
                }
                if let Source::Unseen(placeholder) = seen.field.source {
                    prop_assert_eq!(seen.field.placeholder, Some(placeholder));
                    let known = *placeholders.entry(placeholder).or_insert(truth.field.source);
                    prop_assert_eq!(known, truth.field.source);
                    let Source::Dynamic(true_number) = truth.field.source else { unreachable!() };
                    prop_assert_eq!(u64::from(placeholder.distance()), joined - true_number);
                }
            }
            // Insertions are numbered alike, unless an entry was too large for a table that only the
            // true reader knew the size of.
            if late.is_certain() {
                prop_assert_eq!(late.size_bytes, table.size_bytes);
                prop_assert_eq!(late.len(), table.len());
            }
        }
    }
}
