//! Two other decoders read what we read. Where they differ from us is listed here, each with its reason.

use super::*;
use proptest::prelude::*;

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// `hpack` 0.3.0 ends the program on a size update that it cannot read (RUSTSEC-2023-0085), so it only ever
/// sees blocks that we accepted, and none with an integer longer than the five bytes it reads.
fn other_answers(block: &[u8]) -> (Option<Fields>, Option<Fields>) {
    (
        mended(::hpack::Decoder::new().decode(block).ok()),
        loona_hpack::Decoder::new().decode(block).ok(),
    )
}

/// The static table of `hpack` 0.3.0 has `accept-` where RFC 7541 Appendix A has `accept-charset` (15).
fn mended(fields: Option<Fields>) -> Option<Fields> {
    let mut fields = fields?;
    for (name, _) in &mut fields {
        if name == b"accept-" {
            name.extend(b"charset");
        }
    }
    Some(fields)
}

/// Integers of more than five bytes, prefix included: we read 32 bits, both others refuse them.
fn has_a_long_integer(steps: &[OwnedStep]) -> bool {
    steps.iter().any(|step| match step {
        OwnedStep::SizeUpdate(update) => update.range.len() > 5,
        OwnedStep::Field(owned) => {
            let strings = [&owned.field.name_string, &owned.field.value_string];
            let lengths = strings
                .into_iter()
                .flatten()
                .map(|string| string.length_range.len());
            lengths
                .chain([owned.field.index_range.len()])
                .any(|length| length > 5)
        }
    })
}

/// A size update as the last step: we and `hpack` read it, `loona-hpack` refuses the block.
fn ends_in_a_size_update(steps: &[OwnedStep]) -> bool {
    matches!(steps.last(), Some(OwnedStep::SizeUpdate(_)))
}

/// Being accepted by us is not enough before `hpack` 0.3.0 may see a block: see [`other_answers`].
#[test]
fn a_long_size_update_that_we_read_panics_the_other() {
    let block = [0x3f, 0x80, 0x80, 0x80, 0x80, 0x00, 0x82];
    let (steps, result) = steps(&block, &mut Table::default(), &mut VecLog::new(), None);
    assert!(result.is_ok() && has_a_long_integer(&steps));
    let other = std::panic::catch_unwind(|| ::hpack::Decoder::new().decode(&block));
    assert!(other.is_err());
}

#[test]
fn the_listed_differences_are_there() {
    let read = |block: &[u8]| steps(block, &mut Table::default(), &mut VecLog::new(), None);

    // The value 31 + 0 in six bytes, as a field's index (0x1f: never indexed, index 15 + …)
    let long = [0x1f, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00];
    let (steps, result) = read(&long);
    assert!(result.is_ok() && has_a_long_integer(&steps));
    assert_eq!(other_answers(&long), (None, None));

    let index_15 = [0x8f];
    let wrong = vec![(b"accept-".to_vec(), Vec::new())];
    assert_eq!(::hpack::Decoder::new().decode(&index_15), Ok(wrong));
    let right = vec![(b"accept-charset".to_vec(), Vec::new())];
    assert_eq!(header_list(&read(&index_15).0), right);

    let update_last = [0x82, 0x20];
    let (steps, result) = read(&update_last);
    assert!(result.is_ok() && ends_in_a_size_update(&steps));
    let get = vec![(b":method".to_vec(), b"GET".to_vec())];
    assert_eq!(other_answers(&update_last), (Some(get), None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn written_blocks_are_read_alike(plans in conversation::plans()) {
        let mut encoder = Encoder::new();
        let (mut table, mut log) = (Table::default(), VecLog::new());
        let mut first_other = ::hpack::Decoder::new();
        let mut second_other = loona_hpack::Decoder::new();
        for plan in &plans {
            let block = conversation::write(&mut encoder, plan);
            let (steps, result) = steps(&block, &mut table, &mut log, Some(4096));
            prop_assert!(result.is_ok());
            let list = header_list(&steps);
            prop_assert_eq!(mended(first_other.decode(&block).ok()), Some(list.clone()));
            prop_assert_eq!(second_other.decode(&block).ok(), Some(list.clone()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn short_random_blocks_are_accepted_and_read_alike(
        block in proptest::collection::vec(prop_oneof![any::<u8>(), 0u8..6, 0x3f_u8..=0x42, 0x80_u8..=0xc2], 0..24),
    ) {
        let (mut table, mut log) = (Table::default(), VecLog::new());
        let (steps, result) = steps(&block, &mut table, &mut log, None);
        if result.is_err() {
            // `loona-hpack` alone may see these.
            prop_assert!(loona_hpack::Decoder::new().decode(&block).is_err());
        } else if !has_a_long_integer(&steps) {
            let list = header_list(&steps);
            let (first, second) = other_answers(&block);
            prop_assert_eq!(first.as_ref(), Some(&list));
            if !ends_in_a_size_update(&steps) {
                prop_assert_eq!(second.as_ref(), Some(&list));
            }
        }
    }

    /// Huffman strings are where decoders differ most, so they are tried alone: one value with the H bit.
    #[test]
    fn huffman_strings_are_accepted_and_read_alike(coded in proptest::collection::vec(any::<u8>(), 0..12)) {
        let mut block = vec![0x04, 0x80 | u8::try_from(coded.len()).unwrap()];
        block.extend(&coded);
        let (mut table, mut log) = (Table::default(), VecLog::new());
        let (steps, result) = steps(&block, &mut table, &mut log, None);
        let other = loona_hpack::Decoder::new().decode(&block).ok();
        prop_assert_eq!(result.is_ok().then(|| header_list(&steps)), other);
    }
}
