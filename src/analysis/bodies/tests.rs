use super::*;
use crate::analysis::content_length;
use crate::analysis::conversation::{Conversation, data, frame, get, headers, shipped};
use proptest::prelude::*;
use std::io::Write;

fn text() -> Vec<u8> {
    b"A shuttle carries the weft. ".repeat(40)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// `text()`, as Node's zlib compresses it with brotli.
fn brotli() -> Vec<u8> {
    BROTLI
        .as_bytes()
        .chunks(2)
        .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap())
        .collect()
}

const BROTLI: &str = "1b5f04f8056a72a407147806df82ac6f5541b5d50a0f21d93e7bc4c5f97f9503";

fn codings(names: &str) -> Vec<Coding> {
    names
        .split(',')
        .filter_map(|name| Coding::parse(name.as_bytes()))
        .collect()
}

fn decoded(sent: &[u8], names: &str) -> Decoded {
    decode(sent, &codings(names), MAX_DECODED_BYTES)
}

fn whole(bytes: Vec<u8>) -> Decoded {
    Decoded {
        bytes,
        trouble: None,
    }
}

#[test]
fn each_coding_comes_off() {
    for (sent, name) in [
        (gzip(&text()), "gzip"),
        (gzip(&text()), "X-GZip"),
        (zlib(&text()), "deflate"),
        (deflate(&text()), "deflate"),
        (brotli(), "br"),
        (zstd(&text()), "zstd"),
        (text(), "identity"),
        (text(), ""),
    ] {
        assert_eq!(decoded(&sent, name), whole(text()), "{name}");
    }
}

#[test]
fn chains_come_off_from_the_last_to_the_first() {
    let sent = gzip(&zstd(&deflate(&text())));
    assert_eq!(decoded(&sent, "deflate, zstd , gzip"), whole(text()));
    assert_eq!(decoded(&gzip(&brotli()), "br,identity,gzip"), whole(text()));
}

#[test]
fn an_unknown_coding_stops_the_chain_and_says_so() {
    let Decoded { bytes, trouble } = decoded(&gzip(b"as it is"), "rot13, gzip");
    assert_eq!(bytes, b"as it is");
    assert_eq!(
        trouble,
        Some(Trouble::UnknownCoding {
            coding: "rot13".into()
        })
    );
    let many = "gzip,".repeat(9);
    let trouble = decoded(b"", &many).trouble;
    assert_eq!(trouble, Some(Trouble::TooManyCodings { count: 9 }));
}

#[test]
fn what_was_decoded_before_a_cut_is_kept() {
    let noise: Vec<u8> = (0..300_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8)
        .collect();
    for (sent, name) in [
        (gzip(&noise), "gzip"),
        (zlib(&noise), "deflate"),
        (deflate(&noise), "deflate"),
        (zstd(&noise), "zstd"),
        (brotli(), "br"),
    ] {
        for cut in [0, 1, sent.len() / 2, sent.len() - 1] {
            let Decoded { bytes, trouble } = decoded(&sent[..cut], name);
            if name == "zstd" && cut == 0 {
                assert_eq!(trouble, None, "no frame is a whole stream of zstd");
                continue;
            }
            match trouble {
                Some(Trouble::Cut {
                    coding,
                    decoded_bytes,
                }) => {
                    assert_eq!(coding.name(), name);
                    assert_eq!(decoded_bytes, bytes.len() as u64);
                }
                other => panic!("{name} at {cut}: {other:?}"),
            }
            let original = if name == "br" { text() } else { noise.clone() };
            assert!(original.starts_with(&bytes), "{name} at {cut}");
            if cut > 100_000 {
                assert!(bytes.len() > 50_000, "{name} at {cut}");
            }
        }
    }
}

#[test]
fn damage_names_the_coding_that_met_it() {
    let mut sent = gzip(&zstd(&text()));
    sent[0] = 0;
    let trouble = decoded(&sent, "zstd, gzip").trouble;
    assert!(
        matches!(
            &trouble,
            Some(Trouble::Damaged {
                coding: Coding::Gzip,
                decoded_bytes: 0
            })
        ),
        "{trouble:?}"
    );
    let trouble = decoded(&gzip(b"not zstd at all"), "zstd, gzip").trouble;
    assert!(
        matches!(
            &trouble,
            Some(Trouble::Damaged {
                coding: Coding::Zstd,
                ..
            })
        ),
        "{trouble:?}"
    );
    for name in ["br", "deflate", "gzip", "zstd"] {
        let trouble = decoded(&[0xff; 400], name).trouble;
        assert!(
            matches!(trouble, Some(Trouble::Damaged { .. })),
            "{name}: {trouble:?}"
        );
    }
}

#[test]
fn a_bomb_gives_what_is_allowed_and_no_more() {
    let bomb = gzip(&gzip(&vec![0; 3 << 20]));
    assert!(bomb.len() < 1000);
    let Decoded { bytes, trouble } = decode(&bomb[..], &codings("gzip, gzip"), 1 << 20);
    assert_eq!(bytes.len(), 1 << 20);
    let limit_bytes = 1 << 20;
    assert_eq!(trouble, Some(Trouble::TooLong { limit_bytes }));
    // Empty members, again and again: nothing comes out, and yet it is a lot of work.
    let empty = gzip(b"").repeat(200_000);
    let quiet = gzip(&empty);
    let Decoded { bytes, trouble } = decode(&quiet[..], &codings("gzip, gzip"), 1 << 20);
    assert!(bytes.is_empty());
    assert_eq!(trouble, Some(Trouble::TooLong { limit_bytes }));
}

proptest! {
    #[test]
    fn nothing_that_is_sent_breaks_a_decoder(
        sent in prop::collection::vec(any::<u8>(), 0..600),
        names in "(gzip|deflate|br|zstd)(,(gzip|deflate|br|zstd)){0,2}",
        valid in any::<bool>(),
    ) {
        let sent = if valid { gzip(&sent) } else { sent };
        let Decoded { bytes, .. } = decode(&sent[..], &codings(&names), 1 << 20);
        prop_assert!(bytes.len() <= 1 << 20);
    }
}

fn body(trace: &Trace, stream: u32, sender: &str) -> Body {
    let connection = trace.main_connection().unwrap();
    let side = connection.row.client;
    let side = if sender == "client" {
        side
    } else {
        side.other()
    };
    Body::of(trace, connection, StreamId(stream), side).unwrap()
}

fn sent(trace: &Trace, body: &Body) -> Vec<u8> {
    let connection = trace.main_connection().unwrap();
    body.runs(trace, connection).collect::<Vec<_>>().concat()
}

#[test]
fn padding_is_no_part_of_a_body_and_its_bytes_know_their_frames() {
    let mut made = Conversation::new();
    made.client(&get(1, "/"));
    let ok = [
        (":status", "200"),
        ("content-encoding", "deflate"),
        ("content-encoding", "gzip"),
    ];
    made.server(&headers(1, false, &ok));
    let content = gzip(&zlib(&text()));
    let (first, second) = content.split_at(20);
    let mut padded = vec![3];
    padded.extend_from_slice(first);
    padded.extend([0; 3]);
    made.server(&frame(FrameKind::DATA, Flags::PADDED, 1, &padded));
    made.server(&frame(FrameKind::DATA, Flags::PADDED, 1, &[2, 0, 0]));
    made.server(&frame(FrameKind::DATA, Flags::END_STREAM, 1, second));
    let trace = made.trace();
    let body = body(&trace, 1, "server");
    assert_eq!(sent(&trace, &body), content);
    let offsets: Vec<u64> = body.parts.iter().map(|part| part.offset).collect();
    assert_eq!(offsets, [0, 20, 20]);
    let connection = trace.main_connection().unwrap();
    assert!(body.is_complete());
    assert_eq!(body.decoded(&trace, connection), whole(text()));
    assert!(self::body(&trace, 1, "client").is_empty());
    assert!(Body::of(&trace, connection, StreamId(9), body.sender).is_none());
}

#[test]
fn an_unfinished_body_is_not_complete() {
    let mut made = Conversation::new();
    made.client(&get(1, "/"));
    made.server(&headers(1, false, &[(":status", "200")]));
    made.server(&data(1, 10, false));
    let trace = made.trace();
    let body = body(&trace, 1, "server");
    assert_eq!(
        (body.len(), body.ended, body.is_complete()),
        (10, false, false)
    );
}

#[test]
fn bytes_that_the_capture_missed_are_said_and_not_decoded_over() {
    let mut made = Conversation::new();
    made.client(&get(1, "/"));
    let ok = [(":status", "200"), ("content-encoding", "gzip")];
    made.server(&headers(1, false, &ok));
    let content = gzip(&text());
    let frame = frame(FrameKind::DATA, Flags::END_STREAM, 1, &content);
    made.server(&frame[..19]);
    made.skip_server(5);
    made.server(&frame[24..]);
    made.client(&[]);
    let trace = made.trace();
    let body = body(&trace, 1, "server");
    let missing: Vec<(u64, u64)> = body
        .missing
        .iter()
        .map(|range| (range.start, range.end))
        .collect();
    assert_eq!(missing, [(10, 15)]);
    assert_eq!(body.captured_bytes(), content.len() as u64 - 5);
    assert_eq!(
        sent(&trace, &body),
        [&content[..10], &content[15..]].concat()
    );
    let connection = trace.main_connection().unwrap();
    let decoded = body.decoded(&trace, connection);
    assert_eq!(
        decoded.trouble,
        Some(Trouble::Missing {
            offset: 10,
            bytes: 5
        })
    );
    assert!(text().starts_with(&decoded.bytes));
}

#[test]
fn the_shipped_downloads_are_the_files_of_the_site() {
    let trace = shipped("downloads.pcapng");
    let connection = trace.main_connection().unwrap();
    for row in connection.http2().unwrap().streams() {
        let body = body(&trace, row.id.0, "server");
        assert!(body.is_complete(), "{:?}", row.id);
        assert_eq!(body.len(), row.data_bytes[body.sender.index()]);
        let length = content_length::announced(&trace, connection, row.id, body.sender);
        assert_eq!(length, Some(body.len()));
    }
    let picture = sent(&trace, &body(&trace, 5, "server"));
    assert_eq!(ContentKind::of(None, &picture), ContentKind::Png);
    // Whoever met the connection in the middle cannot know whether a body began earlier.
    let trace = shipped("mid-download.pcapng");
    let connection = trace.main_connection().unwrap();
    let first = connection.http2().unwrap().streams()[0].id.0;
    assert!(body(&trace, first, "server").may_be_longer);
}
