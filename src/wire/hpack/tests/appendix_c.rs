//! RFC 7541 Appendix C, example by example: header lists, tables, ranges, and back again.

use super::*;
use Representation::{Indexed, LiteralIncremental, LiteralNeverIndexed, LiteralNotIndexed};

/// One header block of the appendix.
struct Example {
    hex: &'static str,
    /// `name: value`, in order.
    list: &'static [&'static str],
    /// How each is written, the index on the wire (0: none), and where its bytes end.
    steps: &'static [(Representation, u32, usize)],
    /// The table afterwards, newest first: `size` and `name: value`.
    table: &'static [(u64, &'static str)],
    table_size: u64,
    /// How many entries each field evicts.
    evicted: &'static [u32],
}

fn line(name: &[u8], value: &[u8]) -> String {
    format!(
        "{}: {}",
        str::from_utf8(name).unwrap(),
        str::from_utf8(value).unwrap()
    )
}

/// Decodes the examples one after another on one table, and encodes their lists again.
fn check(max_size_bytes: u32, huffman: bool, examples: &[Example]) {
    let (mut table, mut log) = (Table::new(max_size_bytes), VecLog::new());
    let mut decoder = Decoder::new();
    let mut encoder = Encoder::with_max_size(max_size_bytes);
    for example in examples {
        let bytes = bytes_from_hex(example.hex);
        let before = table;
        let mut steps: Vec<OwnedStep> = Vec::new();
        let summary = decoder
            .decode(&bytes, &mut table, &mut log, None, |step| {
                steps.push(step.into())
            })
            .unwrap();

        let list: Vec<_> = header_list(&steps)
            .iter()
            .map(|(name, value)| line(name, value))
            .collect();
        assert_eq!(list, example.list);

        let mut start = 0;
        let mut inserted = before.end;
        assert_eq!(steps.len(), example.steps.len());
        for ((owned, &(representation, index, end)), &evicted) in fields(&steps)
            .iter()
            .zip(example.steps)
            .zip(example.evicted)
        {
            let field = &owned.field;
            assert_eq!(field.representation, representation);
            assert_eq!(field.index.unwrap_or(0), index);
            assert_eq!(field.range, start..end);
            assert_eq!(field.evicted, evicted);
            assert_eq!(field.certainty, Certainty::Certain);
            let adds = representation == LiteralIncremental;
            assert_eq!(field.inserted, adds.then_some(inserted));
            inserted += u64::from(adds);
            // The parts follow one another and fill the field.
            let mut part_end = field.index_range.end;
            assert_eq!(field.index_range, start..start + 1);
            for string in [&field.name_string, &field.value_string]
                .into_iter()
                .flatten()
            {
                assert_eq!(string.length_range.start, part_end);
                assert_eq!(string.data_range.start, string.length_range.end);
                assert_eq!(string.huffman, huffman);
                part_end = string.data_range.end;
            }
            assert_eq!(part_end, end);
            start = end;
        }
        assert_eq!(start, bytes.len());
        assert_eq!(summary.fields as usize, example.list.len());
        assert_eq!(summary.evictions, example.evicted.iter().sum::<u32>());

        let entries: Vec<_> = table
            .entries(&log)
            .map(|held| {
                let name = held.entry.name.known().unwrap();
                (held.entry.size_bytes(), line(name, held.entry.value))
            })
            .collect();
        let expected: Vec<_> = example
            .table
            .iter()
            .map(|&(size, line)| (size, line.to_owned()))
            .collect();
        assert_eq!(entries, expected);
        assert_eq!(table.size_bytes, example.table_size);

        // The same block again, on the log that now holds its insertions.
        let (mut past, mut replay) = (before, Replay::new(&log));
        let (again, _) = super::steps(&bytes, &mut past, &mut replay, None);
        assert_eq!(again, steps);
        assert_eq!(past, table);
        assert_eq!(replay.first_difference(), None);

        // And written by our own encoder, byte for byte.
        let mut written = Vec::new();
        for (line, &(representation, _, _)) in example.list.iter().zip(example.steps) {
            let (name, value) = line.split_once(": ").unwrap();
            let how = How::new(representation).huffman(if huffman {
                HuffmanUse::Always
            } else {
                HuffmanUse::Never
            });
            encoder
                .field(name.as_bytes(), value.as_bytes(), how, &mut written)
                .unwrap();
        }
        assert_eq!(written, bytes);
        assert_eq!(*encoder.table(), table);
    }
}

#[test]
fn c21_a_literal_with_indexing() {
    check(
        4096,
        false,
        &[Example {
            hex: "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
            list: &["custom-key: custom-header"],
            steps: &[(LiteralIncremental, 0, 26)],
            table: &[(55, "custom-key: custom-header")],
            table_size: 55,
            evicted: &[0],
        }],
    );
}

#[test]
fn c22_a_literal_without_indexing() {
    check(
        4096,
        false,
        &[Example {
            hex: "040c 2f73 616d 706c 652f 7061 7468",
            list: &[":path: /sample/path"],
            steps: &[(LiteralNotIndexed, 4, 14)],
            table: &[],
            table_size: 0,
            evicted: &[0],
        }],
    );
}

#[test]
fn c23_a_literal_never_indexed() {
    check(
        4096,
        false,
        &[Example {
            hex: "1008 7061 7373 776f 7264 0673 6563 7265 74",
            list: &["password: secret"],
            steps: &[(LiteralNeverIndexed, 0, 17)],
            table: &[],
            table_size: 0,
            evicted: &[0],
        }],
    );
}

#[test]
fn c24_an_indexed_field() {
    check(
        4096,
        false,
        &[Example {
            hex: "82",
            list: &[":method: GET"],
            steps: &[(Indexed, 2, 1)],
            table: &[],
            table_size: 0,
            evicted: &[0],
        }],
    );
}

const REQUEST_LISTS: [&[&str]; 3] = [
    &[
        ":method: GET",
        ":scheme: http",
        ":path: /",
        ":authority: www.example.com",
    ],
    &[
        ":method: GET",
        ":scheme: http",
        ":path: /",
        ":authority: www.example.com",
        "cache-control: no-cache",
    ],
    &[
        ":method: GET",
        ":scheme: https",
        ":path: /index.html",
        ":authority: www.example.com",
        "custom-key: custom-value",
    ],
];

const REQUEST_TABLES: [&[(u64, &str)]; 3] = [
    &[(57, ":authority: www.example.com")],
    &[
        (53, "cache-control: no-cache"),
        (57, ":authority: www.example.com"),
    ],
    &[
        (54, "custom-key: custom-value"),
        (53, "cache-control: no-cache"),
        (57, ":authority: www.example.com"),
    ],
];

#[test]
fn c3_requests_without_huffman() {
    check(
        4096,
        false,
        &[
            Example {
                hex: "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
                list: REQUEST_LISTS[0],
                steps: &[
                    (Indexed, 2, 1),
                    (Indexed, 6, 2),
                    (Indexed, 4, 3),
                    (LiteralIncremental, 1, 20),
                ],
                table: REQUEST_TABLES[0],
                table_size: 57,
                evicted: &[0; 4],
            },
            Example {
                hex: "8286 84be 5808 6e6f 2d63 6163 6865",
                list: REQUEST_LISTS[1],
                steps: &[
                    (Indexed, 2, 1),
                    (Indexed, 6, 2),
                    (Indexed, 4, 3),
                    (Indexed, 62, 4),
                    (LiteralIncremental, 24, 14),
                ],
                table: REQUEST_TABLES[1],
                table_size: 110,
                evicted: &[0; 5],
            },
            Example {
                hex: "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
                list: REQUEST_LISTS[2],
                steps: &[
                    (Indexed, 2, 1),
                    (Indexed, 7, 2),
                    (Indexed, 5, 3),
                    (Indexed, 63, 4),
                    (LiteralIncremental, 0, 29),
                ],
                table: REQUEST_TABLES[2],
                table_size: 164,
                evicted: &[0; 5],
            },
        ],
    );
}

#[test]
fn c4_requests_with_huffman() {
    check(
        4096,
        true,
        &[
            Example {
                hex: "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
                list: REQUEST_LISTS[0],
                steps: &[
                    (Indexed, 2, 1),
                    (Indexed, 6, 2),
                    (Indexed, 4, 3),
                    (LiteralIncremental, 1, 17),
                ],
                table: REQUEST_TABLES[0],
                table_size: 57,
                evicted: &[0; 4],
            },
            Example {
                hex: "8286 84be 5886 a8eb 1064 9cbf",
                list: REQUEST_LISTS[1],
                steps: &[
                    (Indexed, 2, 1),
                    (Indexed, 6, 2),
                    (Indexed, 4, 3),
                    (Indexed, 62, 4),
                    (LiteralIncremental, 24, 12),
                ],
                table: REQUEST_TABLES[1],
                table_size: 110,
                evicted: &[0; 5],
            },
            Example {
                hex: "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
                list: REQUEST_LISTS[2],
                steps: &[
                    (Indexed, 2, 1),
                    (Indexed, 7, 2),
                    (Indexed, 5, 3),
                    (Indexed, 63, 4),
                    (LiteralIncremental, 0, 24),
                ],
                table: REQUEST_TABLES[2],
                table_size: 164,
                evicted: &[0; 5],
            },
        ],
    );
}

const RESPONSE_LISTS: [&[&str]; 3] = [
    &[
        ":status: 302",
        "cache-control: private",
        "date: Mon, 21 Oct 2013 20:13:21 GMT",
        "location: https://www.example.com",
    ],
    &[
        ":status: 307",
        "cache-control: private",
        "date: Mon, 21 Oct 2013 20:13:21 GMT",
        "location: https://www.example.com",
    ],
    &[
        ":status: 200",
        "cache-control: private",
        "date: Mon, 21 Oct 2013 20:13:22 GMT",
        "location: https://www.example.com",
        "content-encoding: gzip",
        "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ],
];

const RESPONSE_TABLES: [&[(u64, &str)]; 3] = [
    &[
        (63, "location: https://www.example.com"),
        (65, "date: Mon, 21 Oct 2013 20:13:21 GMT"),
        (52, "cache-control: private"),
        (42, ":status: 302"),
    ],
    &[
        (42, ":status: 307"),
        (63, "location: https://www.example.com"),
        (65, "date: Mon, 21 Oct 2013 20:13:21 GMT"),
        (52, "cache-control: private"),
    ],
    &[
        (
            98,
            "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
        ),
        (52, "content-encoding: gzip"),
        (65, "date: Mon, 21 Oct 2013 20:13:22 GMT"),
    ],
];

/// In the third response `date` displaces `cache-control`, `content-encoding` the older `date`, and
/// `set-cookie` both `location` and `:status: 307`.
const RESPONSE_EVICTIONS: [&[u32]; 3] = [&[0; 4], &[1, 0, 0, 0], &[0, 0, 1, 0, 1, 2]];

#[test]
fn c5_responses_without_huffman_on_a_table_of_256_bytes() {
    check(
        256,
        false,
        &[
            Example {
                hex: "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
                      2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70
                      6c65 2e63 6f6d",
                list: RESPONSE_LISTS[0],
                steps: &[
                    (LiteralIncremental, 8, 5),
                    (LiteralIncremental, 24, 14),
                    (LiteralIncremental, 33, 45),
                    (LiteralIncremental, 46, 70),
                ],
                table: RESPONSE_TABLES[0],
                table_size: 222,
                evicted: RESPONSE_EVICTIONS[0],
            },
            Example {
                hex: "4803 3330 37c1 c0bf",
                list: RESPONSE_LISTS[1],
                steps: &[(LiteralIncremental, 8, 5), (Indexed, 65, 6), (Indexed, 64, 7), (Indexed, 63, 8)],
                table: RESPONSE_TABLES[1],
                table_size: 222,
                evicted: RESPONSE_EVICTIONS[1],
            },
            Example {
                hex: "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
                      54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
                      5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
                      3d31",
                list: RESPONSE_LISTS[2],
                steps: &[
                    (Indexed, 8, 1),
                    (Indexed, 65, 2),
                    (LiteralIncremental, 33, 33),
                    (Indexed, 64, 34),
                    (LiteralIncremental, 26, 40),
                    (LiteralIncremental, 55, 98),
                ],
                table: RESPONSE_TABLES[2],
                table_size: 215,
                evicted: RESPONSE_EVICTIONS[2],
            },
        ],
    );
}

#[test]
fn c6_responses_with_huffman_on_a_table_of_256_bytes() {
    check(
        256,
        true,
        &[
            Example {
                hex: "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
                      2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
                list: RESPONSE_LISTS[0],
                steps: &[
                    (LiteralIncremental, 8, 4),
                    (LiteralIncremental, 24, 11),
                    (LiteralIncremental, 33, 35),
                    (LiteralIncremental, 46, 54),
                ],
                table: RESPONSE_TABLES[0],
                table_size: 222,
                evicted: RESPONSE_EVICTIONS[0],
            },
            Example {
                hex: "4883 640e ffc1 c0bf",
                list: RESPONSE_LISTS[1],
                steps: &[(LiteralIncremental, 8, 5), (Indexed, 65, 6), (Indexed, 64, 7), (Indexed, 63, 8)],
                table: RESPONSE_TABLES[1],
                table_size: 222,
                evicted: RESPONSE_EVICTIONS[1],
            },
            Example {
                hex: "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
                      77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
                      9587 3160 65c0 03ed 4ee5 b106 3d50 07",
                list: RESPONSE_LISTS[2],
                steps: &[
                    (Indexed, 8, 1),
                    (Indexed, 65, 2),
                    (LiteralIncremental, 33, 26),
                    (Indexed, 64, 27),
                    (LiteralIncremental, 26, 32),
                    (LiteralIncremental, 55, 79),
                ],
                table: RESPONSE_TABLES[2],
                table_size: 215,
                evicted: RESPONSE_EVICTIONS[2],
            },
        ],
    );
}
