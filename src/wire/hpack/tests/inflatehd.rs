//! The table after every block, as nghttp2's `inflatehd -d` prints it.
//!
//! `tests/data/hpack-stories/make_nghttp2.py` wrote the pages: stories of Python's `hpack` and of nghttp2's own encoder, some of
//! which change the size of their table, taken apart by nghttp2.

use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Story {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    wire: String,
    /// The `SETTINGS_HEADER_TABLE_SIZE` that holds from this block on.
    settings: Option<u32>,
    headers: Vec<(String, String)>,
    size: u64,
    max_size: u32,
    /// Name and value, the newest first.
    entries: Vec<(String, String)>,
}

fn replay(name: &str, text: &str) {
    let story: Story = serde_json::from_str(text).unwrap();
    let (mut table, mut log) = (Table::new(4096), VecLog::new());
    let mut allowed = 4096;
    for (number, case) in story.cases.iter().enumerate() {
        let place = format!("{name}, block {number}");
        allowed = case.settings.unwrap_or(allowed);
        let wire = bytes_from_hex(&case.wire);
        let (steps, result) = steps(&wire, &mut table, &mut log, Some(allowed));
        check_steps(&wire, &steps, &result);
        check_table(&table, &log);
        let summary = result.unwrap();
        assert!(!summary.size_update_missing, "{place}");
        let text = |octets: &[u8]| str::from_utf8(octets).unwrap().to_owned();
        let list: Vec<_> = header_list(&steps)
            .iter()
            .map(|(name, value)| (text(name), text(value)))
            .collect();
        assert_eq!(list, case.headers, "{place}");
        let entries: Vec<_> = table
            .entries(&log)
            .map(|held| {
                let name = held.entry.name.known().unwrap();
                (text(name), text(held.entry.value))
            })
            .collect();
        assert_eq!(entries, case.entries, "{place}");
        assert_eq!(table.size_bytes, case.size, "{place}");
        assert_eq!(table.max_size_bytes, case.max_size, "{place}");
    }
    assert!(story.cases.len() >= 16, "{name}");
}

macro_rules! stories {
    ($($test:ident: $name:literal,)*) => {$(
        #[test]
        fn $test() {
            replay($name, include_str!(concat!(
                "../../../../tests/data/hpack-stories/inflatehd/", $name, ".json"
            )));
        }
    )*};
}

stories! {
    nghttp2_agrees_on_requests_of_python: "requests",
    nghttp2_agrees_on_responses_without_huffman_code: "responses-plain",
    nghttp2_agrees_while_python_changes_its_table: "requests-changing-table",
    nghttp2_agrees_on_its_own_requests: "nghttp2-requests",
    nghttp2_agrees_on_its_own_table_of_256_bytes: "nghttp2-256-bytes",
    nghttp2_agrees_while_settings_change_its_own_table: "nghttp2-changing-table",
}
