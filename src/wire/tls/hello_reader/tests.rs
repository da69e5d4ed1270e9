use proptest::prelude::*;

use super::*;
use crate::wire::tls::{CipherSuite, ProtocolVersion};

/// A length of two bytes, then the bytes.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap();
    [&len.to_be_bytes()[..], bytes].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &sized(body)].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &len[1..], body].concat()
}

/// Cuts handshake bytes into records of at most `len` bytes.
fn records(handshake: &[u8], len: usize) -> Vec<u8> {
    handshake
        .chunks(len)
        .flat_map(|chunk| [&[22, 3, 1][..], &sized(chunk)].concat())
        .collect()
}

fn client_hello() -> Vec<u8> {
    let extensions = [
        extension(0x1a1a, &[]),                                             // GREASE
        extension(0, &sized(&[&[0][..], &sized(b"example.org")].concat())), // server_name
        extension(16, &sized(b"\x02h2\x08http/1.1")),                       // ALPN
        extension(43, &[4, 0x03, 0x04, 0x03, 0x03]),                        // TLS 1.3, TLS 1.2
        extension(0xfe0d, &[0; 40]), // encrypted client hello
    ]
    .concat();
    let body = [
        &[0x03, 0x03][..],                 // legacy version: TLS 1.2
        &[7; 32],                          // random
        &[0],                              // no session id
        &sized(&[0x13, 0x01, 0xc0, 0x2f]), // cipher suites
        &[1, 0],                           // no compression
        &sized(&extensions),
    ]
    .concat();
    message(1, &body)
}

fn server_hello(random: [u8; 32], extensions: &[u8]) -> Vec<u8> {
    let body = [
        &[0x03, 0x03][..], // legacy version: TLS 1.2
        &random,
        &[0],          // no session id
        &[0x13, 0x02], // cipher suite
        &[0],          // no compression
        &sized(extensions),
    ]
    .concat();
    message(2, &body)
}

fn client(progress: HelloProgress) -> ClientHello {
    match progress {
        HelloProgress::Done(Hello::Client(hello)) => hello,
        other => panic!("{other:?}"),
    }
}

fn server(progress: HelloProgress) -> ServerHello {
    match progress {
        HelloProgress::Done(Hello::Server(hello)) => hello,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_hello_says_name_protocols_and_versions() {
    let hello = client(HelloReader::new().feed(&records(&client_hello(), 1000)));
    assert_eq!(hello.legacy_version, ProtocolVersion::TLS_1_2);
    assert_eq!(hello.client_random, [7; 32]);
    assert_eq!(hello.server_name.as_deref(), Some("example.org"));
    assert_eq!(hello.alpn_names().collect::<Vec<_>>(), ["h2", "http/1.1"]);
    assert_eq!(
        hello.supported_versions,
        [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
    );
    assert_eq!(
        hello.cipher_suites,
        [CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite(0xc02f)]
    );
}

#[test]
fn a_hello_over_many_records_and_segments_is_the_same() {
    let whole = client(HelloReader::new().feed(&records(&client_hello(), 1000)));
    for record_len in [1, 3, 50] {
        for segment_len in [1, 4, 7, 100] {
            let mut reader = HelloReader::new();
            let stream = records(&client_hello(), record_len);
            let mut progress = HelloProgress::NeedMore;
            for segment in stream.chunks(segment_len) {
                assert_eq!(progress, HelloProgress::NeedMore);
                progress = reader.feed(segment);
            }
            assert_eq!(client(progress), whole, "{record_len} {segment_len}");
        }
    }
}

#[test]
fn a_server_hello_says_version_suite_and_in_tls_1_2_the_protocol() {
    let old = server_hello([9; 32], &extension(16, &sized(b"\x02h2")));
    let old = server(HelloReader::new().feed(&records(&old, 1000)));
    assert_eq!(old.version, ProtocolVersion::TLS_1_2);
    assert_eq!(old.alpn_name().as_deref(), Some("h2"));
    assert_eq!(old.cipher_suite, CipherSuite::TLS_AES_256_GCM_SHA384);
    assert!(!old.is_hello_retry_request);

    let new = server_hello([9; 32], &extension(43, &[0x03, 0x04]));
    let new = server(HelloReader::new().feed(&records(&new, 1000)));
    assert_eq!(new.version, ProtocolVersion::TLS_1_3);
    assert_eq!(new.version.to_string(), "TLS 1.3");
    assert_eq!(new.alpn, None);
}

#[test]
fn a_hello_retry_request_is_known_by_its_random() {
    let random = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8,
        0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8,
        0x33, 0x9c,
    ];
    let hello = server_hello(random, &extension(43, &[0x03, 0x04]));
    assert!(server(HelloReader::new().feed(&records(&hello, 1000))).is_hello_retry_request);
}

#[test]
fn what_is_no_hello_says_so() {
    let feed = |bytes: &[u8]| HelloReader::new().feed(bytes);
    assert_eq!(
        feed(b"GET / HTTP/1.1"),
        HelloProgress::NotTls(NotTls::NoRecord)
    );
    assert_eq!(
        feed(&[21, 3, 3, 0, 2, 2, 40]),
        HelloProgress::Alert(AlertDescription(40))
    );
    assert_eq!(feed(&[23, 3, 3, 0, 9, 1]), HelloProgress::Missed);
    assert_eq!(
        feed(&records(&message(11, &[0; 9]), 100)),
        HelloProgress::NotTls(NotTls::NoHello { found: 11 })
    );
    assert_eq!(
        feed(&[22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff]),
        HelloProgress::NotTls(NotTls::TooLong { found: 0xff_ffff })
    );
    assert_eq!(
        feed(&records(&message(1, &[3, 3, 0]), 100)),
        HelloProgress::NotTls(NotTls::Hello(HelloError::Malformed {
            message: "ClientHello"
        }))
    );
}

proptest! {
    #[test]
    fn any_bytes_in_any_slices_come_to_one_end(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        cut in 1_usize..50,
    ) {
        let mut whole = HelloReader::new();
        let mut sliced = HelloReader::new();
        let expected = whole.feed(&bytes);
        for slice in bytes.chunks(cut) {
            sliced.feed(slice);
        }
        prop_assert_eq!(sliced.progress(), expected);
    }

    #[test]
    fn a_damaged_hello_never_panics(
        damage in prop::collection::vec((0_usize..200, any::<u8>()), 1..6),
        cut in 1_usize..300,
    ) {
        let mut hello = client_hello();
        for (at, value) in damage {
            if let Some(byte) = hello.get_mut(at) {
                *byte = value;
            }
        }
        HelloReader::new().feed(&records(&hello, cut));
        let mut body = hello.split_off(4);
        let _ = ServerHello::decode(&body);
        body.truncate(cut);
        let _ = ClientHello::decode(&body);
    }
}
