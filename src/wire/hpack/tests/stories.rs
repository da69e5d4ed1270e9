//! Stories written by Python's `hpack`: every list and every table, block by block.
//!
//! `tests/data/hpack-stories/make.py` writes them and says what is in them.

use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Story {
    table_size: u32,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    seqno: usize,
    wire: String,
    headers: Vec<(String, String)>,
    table: SenderTable,
}

/// The sender's table after the block.
#[derive(Deserialize)]
struct SenderTable {
    max_size: u32,
    size: u64,
    entries: Vec<(String, String)>,
}

fn replay(name: &str, text: &str) {
    let story: Story = serde_json::from_str(text).unwrap();
    let (mut table, mut log) = (Table::new(story.table_size), VecLog::new());
    for case in &story.cases {
        let place = format!("{name}, block {}", case.seqno);
        let wire = bytes_from_hex(&case.wire);
        let (steps, result) = steps(&wire, &mut table, &mut log, Some(4096));
        check_steps(&wire, &steps, &result);
        check_table(&table, &log);
        let summary = result.unwrap();
        assert_eq!(summary.wrong_size_updates, 0, "{place}");
        let list: Vec<_> = header_list(&steps)
            .into_iter()
            .map(|(name, value)| {
                (
                    String::from_utf8(name).unwrap(),
                    String::from_utf8(value).unwrap(),
                )
            })
            .collect();
        assert_eq!(list, case.headers, "{place}");
        let entries: Vec<_> = table
            .entries(&log)
            .map(|held| {
                let text = |octets: &[u8]| str::from_utf8(octets).unwrap().to_owned();
                (
                    text(held.entry.name.known().unwrap()),
                    text(held.entry.value),
                )
            })
            .collect();
        assert_eq!(entries, case.table.entries, "{place}");
        assert_eq!(table.size_bytes, case.table.size, "{place}");
        assert_eq!(table.max_size_bytes, case.table.max_size, "{place}");
    }
    assert!(story.cases.len() >= 20, "{name}");
}

macro_rules! stories {
    ($($test:ident: $name:literal,)*) => {$(
        #[test]
        fn $test() {
            replay($name, include_str!(concat!("../../../../tests/data/hpack-stories/", $name, ".json")));
        }
    )*};
}

stories! {
    requests_with_the_default_table: "requests",
    responses_without_huffman_code: "responses-plain",
    responses_on_a_table_of_256_bytes: "responses-256-bytes",
    requests_whose_sender_changes_its_table_size: "requests-changing-table",
}
