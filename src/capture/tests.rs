//! Captures built byte by byte, read whole, cut anywhere, damaged, and dribbled through a pipe.

use std::io::{self, Read};

use bytes::Bytes;
use proptest::prelude::*;

use super::pcapng_writer::PcapngWriter;
use super::trouble::Damage;
use super::*;

fn from(bytes: &[u8]) -> Capture {
    Capture::from_bytes(Bytes::copy_from_slice(bytes), "test").unwrap()
}

fn events(bytes: &[u8]) -> Vec<Event> {
    from(bytes).collect()
}

fn packets(events: &[Event]) -> Vec<&Packet> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Packet(packet) => Some(packet),
            _ => None,
        })
        .collect()
}

fn troubles(events: &[Event]) -> Vec<Trouble> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Trouble(trouble) => Some(*trouble),
            _ => None,
        })
        .collect()
}

/// The numbers of a file in one byte order.
#[derive(Clone, Copy)]
struct Order {
    big: bool,
}

const LITTLE: Order = Order { big: false };
const BIG: Order = Order { big: true };

impl Order {
    fn u16(self, number: u16) -> [u8; 2] {
        if self.big {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }
    }

    fn u32(self, number: u32) -> [u8; 4] {
        if self.big {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }
    }

    fn u64(self, number: u64) -> [u8; 8] {
        if self.big {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }
    }

    fn pcap_header(self, magic: u32, network: u32) -> Vec<u8> {
        [
            &self.u32(magic)[..],
            &self.u16(2), // version 2.4
            &self.u16(4),
            &self.u32(0),       // time zone
            &self.u32(0),       // accuracy
            &self.u32(262_144), // snapshot length
            &self.u32(network),
        ]
        .concat()
    }

    fn pcap_record(self, seconds: u32, fraction: u32, original_len: u32, data: &[u8]) -> Vec<u8> {
        [
            &self.u32(seconds)[..],
            &self.u32(fraction),
            &self.u32(u32::try_from(data.len()).unwrap()),
            &self.u32(original_len),
            data,
        ]
        .concat()
    }

    fn block(self, block_type: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0xee); // padding that must not come out
        let len = self.u32(u32::try_from(body.len() + 12).unwrap());
        [&self.u32(block_type)[..], &len, &body, &len].concat()
    }

    fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut value_padded = value.to_vec();
        value_padded.resize(value.len().next_multiple_of(4), 0);
        [
            &self.u16(code)[..],
            &self.u16(u16::try_from(value.len()).unwrap()),
            &value_padded,
        ]
        .concat()
    }

    fn section(self, options: &[u8]) -> Vec<u8> {
        let body = [
            &self.u32(0x1a2b_3c4d)[..], // byte order
            &self.u16(1),               // version 1.0
            &self.u16(0),
            &[0xff; 8], // length not said
            options,
        ]
        .concat();
        self.block(0x0a0d_0d0a, &body)
    }

    fn interface(self, link_type: u16, snapshot_len: u32, options: &[u8]) -> Vec<u8> {
        let body = [
            &self.u16(link_type)[..],
            &self.u16(0), // reserved
            &self.u32(snapshot_len),
            options,
        ]
        .concat();
        self.block(1, &body)
    }

    fn enhanced(self, interface: u32, ticks: u64, data: &[u8], options: &[u8]) -> Vec<u8> {
        let len = u32::try_from(data.len()).unwrap();
        let mut padded = data.to_vec();
        padded.resize(data.len().next_multiple_of(4), 0xee);
        let body = [
            &self.u32(interface)[..],
            &self.u32(u32::try_from(ticks >> 32).unwrap()),
            &self.u32(u32::try_from(ticks & 0xffff_ffff).unwrap()),
            &self.u32(len),
            &self.u32(len + 100), // original length
            &padded,
            options,
        ]
        .concat();
        self.block(6, &body)
    }
}

#[test]
fn pcap_is_read_in_both_byte_orders_and_all_variants() {
    for order in [LITTLE, BIG] {
        for (magic, nanosecond_unit, header_extra, record_extra) in [
            (0xa1b2_c3d4, 1000, 0, 0),
            (0xa1b2_3c4d, 1, 0, 0),
            (0xa1b2_cd34, 1000, 0, 8),
            (0x1c00_01ac, 1, 4, 0),
            (0x1c00_01ab, 1000, 4, 0),
        ] {
            let mut file = order.pcap_header(magic, 1);
            file.extend(vec![0xdd; header_extra]);
            for (index, data) in [&b"first"[..], b"second"].into_iter().enumerate() {
                let index = u32::try_from(index).unwrap();
                let record = order.pcap_record(1_700_000_000, 5 + index, 60, data);
                file.extend(&record[..16]);
                file.extend(vec![0xdd; record_extra]);
                file.extend(&record[16..]);
            }
            let events = events(&file);
            assert_eq!(events.len(), 3, "{magic:x}");
            assert!(matches!(
                &events[0],
                Event::Interface(interface) if interface.link_type == LinkType::ETHERNET
            ));
            let packets = packets(&events);
            assert_eq!(packets[0].bytes, "first");
            assert_eq!(packets[1].bytes, "second");
            assert_eq!(packets[0].original_len, 60);
            assert_eq!(
                packets[1].time_ns,
                1_700_000_000_000_000_000 + 6 * nanosecond_unit
            );
            let source = from(&file).source();
            for packet in packets {
                assert_eq!(
                    source.bytes(packet.offset, packet.bytes.len()).unwrap(),
                    packet.bytes
                );
            }
        }
    }
}

#[test]
fn a_frame_check_sequence_announced_by_pcap_is_known() {
    let file = LITTLE.pcap_header(0xa1b2_c3d4, 0x2400_0001); // two units of two bytes, Ethernet
    assert!(matches!(
        &events(&file)[..],
        [Event::Interface(interface)] if interface.fcs_len == 4 && interface.link_type == LinkType::ETHERNET
    ));
}

/// Two sections of different byte order, interfaces with different link types and clocks, and every kind of block.
fn sections() -> Vec<u8> {
    let mut file = Vec::new();
    for order in [LITTLE, BIG] {
        file.extend(order.section(&[order.option(4, b"test"), order.option(1, b"hello")].concat()));
        file.extend(order.interface(1, 0, &order.option(2, b"eth0"))); // Ethernet, microseconds
        file.extend(
            order.interface(
                101, // raw IP
                32,  // snapshot length
                &[
                    order.option(9, &[9]),                       // nanoseconds
                    order.option(14, &order.u64(1_000_000_000)), // offset in seconds
                ]
                .concat(),
            ),
        );
        file.extend(order.interface(101, 0, &order.option(9, &[0x80 | 10]))); // 1/1024 s
        // Decryption secrets of 19 bytes.
        file.extend(
            order.block(
                0x0a,
                &[
                    &order.u32(0x544c_534b)[..], // TLS key log
                    &order.u32(19),
                    b"CLIENT_RANDOM 00 11",
                ]
                .concat(),
            ),
        );
        file.extend(order.enhanced(0, 5_000_001, b"micro", &order.option(1, b"look here")));
        file.extend(order.enhanced(1, 7, b"nano!!!", &[]));
        file.extend(order.enhanced(2, 512, b"half", &[]));
        // Simple packet of 33 bytes.
        file.extend(order.block(3, &[&order.u32(33)[..], &[0x33; 33]].concat()));
        // Obsolete packet block on interface 1, with no drops.
        file.extend(
            order.block(
                2,
                &[
                    &order.u16(1)[..],
                    &order.u16(0),
                    &order.u32(0), // time
                    &order.u32(9),
                    &order.u32(3), // captured
                    &order.u32(4), // original
                    b"old\0",
                ]
                .concat(),
            ),
        );
        // Name resolution: 10.0.0.1 is a and b.
        file.extend(
            order.block(
                4,
                &[
                    &order.u16(1)[..],
                    &order.u16(8),
                    &[10, 0, 0, 1],
                    b"a\0b\0",
                    &[0; 4], // end of records
                ]
                .concat(),
            ),
        );
        // Interface statistics with 12 packets received.
        file.extend(
            order.block(
                5,
                &[
                    &order.u32(1)[..],
                    &order.u32(0),
                    &order.u32(0),
                    &order.option(4, &order.u64(12)),
                ]
                .concat(),
            ),
        );
        file.extend(order.block(0x0bad, &[1, 2, 3, 4])); // custom
        file.extend(order.block(0x7777, b"who knows"));
    }
    file
}

#[test]
fn pcapng_sections_interfaces_and_blocks_are_read() {
    let file = sections();
    let events = events(&file);
    assert_eq!(troubles(&events), []);
    let half = events.len() / 2;
    for (section, events) in events.chunks(half).enumerate() {
        let section = u32::try_from(section).unwrap();
        let [
            Event::Section(header),
            Event::Interface(first),
            Event::Interface(second),
            Event::Interface(third),
            Event::Secrets(secrets),
            Event::Packet(micro),
            Event::Packet(nano),
            Event::Packet(binary),
            Event::Packet(simple),
            Event::Packet(obsolete),
            Event::NameResolution(names),
            Event::Statistics(statistics),
            Event::Skipped(custom),
            Event::Skipped(unknown),
        ] = events
        else {
            panic!("{events:#?}");
        };
        assert_eq!(header.number, section);
        assert_eq!(header.big_endian, section == 1);
        assert_eq!(header.application.as_deref(), Some("test"));
        assert_eq!(header.comment.as_deref(), Some("hello"));
        assert_eq!(
            [first.number, second.number, third.number],
            [0, 1, 2].map(|number| number + 3 * section)
        );
        assert_eq!(first.name.as_deref(), Some("eth0"));
        assert_eq!(second.snapshot_len, Some(32));
        assert_eq!(secrets.secrets_type, SecretsType::TLS_KEY_LOG);
        assert_eq!(secrets.bytes, "CLIENT_RANDOM 00 11");
        assert_eq!(micro.bytes, "micro");
        assert_eq!(micro.original_len, 105);
        assert_eq!(micro.time_ns, 5_000_001_000);
        assert_eq!(micro.comment.as_deref(), Some("look here"));
        assert_eq!(micro.link_type, LinkType::ETHERNET);
        assert_eq!(nano.bytes, "nano!!!");
        assert_eq!(nano.time_ns, 1_000_000_000_000_000_007);
        assert_eq!(nano.link_type, LinkType::RAW);
        assert_eq!(nano.interface, 1 + 3 * section);
        assert_eq!(binary.time_ns, 500_000_000);
        assert_eq!(simple.bytes, [0x33; 33][..]);
        assert!(!simple.timed);
        assert_eq!(simple.time_ns, binary.time_ns);
        assert_eq!(obsolete.bytes, "old");
        assert_eq!(obsolete.original_len, 4);
        assert_eq!(obsolete.time_ns, 1_000_000_000_000_000_009);
        assert_eq!(
            names.names,
            [
                ([10, 0, 0, 1].into(), "a".into()),
                ([10, 0, 0, 1].into(), "b".into())
            ]
        );
        assert_eq!(statistics.interface, 1 + 3 * section);
        assert_eq!(statistics.received, Some(12));
        assert_eq!(statistics.dropped, None);
        assert_eq!(custom.block_type, BlockType::CUSTOM);
        assert_eq!(unknown.block_type.to_string(), "block of type 0x00007777");
    }
    let source = from(&file).source();
    for packet in packets(&events) {
        assert_eq!(
            source.bytes(packet.offset, packet.bytes.len()).unwrap(),
            packet.bytes
        );
    }
}

#[test]
fn a_simple_packet_is_cut_to_the_snapshot_length() {
    let file = [
        LITTLE.section(&[]),
        LITTLE.interface(1, 5, &[]),
        LITTLE.block(3, &[&LITTLE.u32(100)[..], b"12345"].concat()),
    ]
    .concat();
    let events = events(&file);
    assert_eq!(packets(&events)[0].bytes, "12345");
    assert_eq!(packets(&events)[0].original_len, 100);
}

#[test]
fn a_packet_of_an_undescribed_interface_is_kept_and_reported_once() {
    let file = [
        LITTLE.section(&[]),
        LITTLE.enhanced(4, 1, b"one", &[]),
        LITTLE.enhanced(4, 2, b"two", &[]),
    ]
    .concat();
    let events = events(&file);
    assert_eq!(packets(&events).len(), 2);
    assert_eq!(packets(&events)[0].link_type, LinkType::MISSING);
    assert_eq!(packets(&events)[0].interface, u32::MAX);
    assert_eq!(
        troubles(&events),
        [Trouble {
            offset: 28,
            kind: TroubleKind::UnknownInterface { interface: 4 }
        }]
    );
}

fn small_pcap() -> Vec<u8> {
    let mut file = LITTLE.pcap_header(0xa1b2_c3d4, 1);
    for number in 0..4_u8 {
        file.extend(LITTLE.pcap_record(1_700_000_000, u32::from(number), 50, &[number; 50]));
    }
    file
}

fn small_pcapng() -> Vec<u8> {
    let mut file = LITTLE.section(&[]);
    file.extend(LITTLE.interface(1, 0, &[]));
    for number in 0..4_u8 {
        file.extend(LITTLE.enhanced(0, number.into(), &[number; 50], &[]));
    }
    file
}

#[test]
fn a_file_cut_anywhere_gives_every_whole_packet_and_says_that_it_is_cut() {
    for (file, header, record) in [(small_pcap(), 24, 66), (small_pcapng(), 28, 84)] {
        let whole = events(&file);
        for cut in 0..file.len() {
            let Ok(capture) = Capture::from_bytes(Bytes::copy_from_slice(&file[..cut]), "test")
            else {
                assert!(cut < header, "{cut}");
                continue;
            };
            let events: Vec<_> = capture.collect();
            let packets = packets(&events);
            let first = file.len() - 4 * record;
            assert_eq!(packets.len(), cut.saturating_sub(first) / record, "{cut}");
            assert!(whole.starts_with(&events[..events.len() - troubles(&events).len()]));
            let at_boundary = cut == header || (cut >= first && (cut - first) % record == 0);
            match troubles(&events)[..] {
                [] => assert!(at_boundary, "{cut}"),
                [trouble] => {
                    assert!(!at_boundary, "{cut}");
                    assert!(
                        matches!(trouble.kind, TroubleKind::CutRecord { .. }),
                        "{cut}"
                    );
                }
                _ => panic!("{cut}"),
            }
        }
    }
}

#[test]
fn reading_goes_on_behind_a_damaged_record() {
    // The captured length of the second record becomes absurd.
    let mut file = small_pcap();
    file[24 + 66 + 8..24 + 66 + 12].fill(0xff);
    let events1 = events(&file);
    assert_eq!(packets(&events1).len(), 3);
    assert_eq!(
        troubles(&events1),
        [Trouble {
            offset: 24 + 66,
            kind: TroubleKind::DamagedRecord {
                damage: Damage::Length { found: u32::MAX },
                skipped: 66
            }
        }]
    );

    // The first length of the second packet becomes absurd, or merely wrong; or its last one does.
    let at = small_pcapng().len() - 3 * 84;
    for (field, value) in [(at + 4, 0xffff_ffff_u32), (at + 4, 88), (at + 80, 9)] {
        let mut file = small_pcapng();
        file[field..field + 4].copy_from_slice(&value.to_le_bytes());
        let events = events(&file);
        assert_eq!(packets(&events).len(), 3, "{value}");
        let [trouble] = troubles(&events)[..] else {
            panic!("{events:?}");
        };
        assert_eq!(trouble.offset, at as u64);
        assert!(
            matches!(trouble.kind, TroubleKind::DamagedRecord { skipped: 84, .. }),
            "{trouble}"
        );
    }
}

#[test]
fn a_block_with_contradicting_contents_is_skipped() {
    let mut file = small_pcapng();
    let at = file.len() - 3 * 84;
    file[at + 20..at + 24].copy_from_slice(&1000_u32.to_le_bytes()); // captured length
    let events = events(&file);
    assert_eq!(packets(&events).len(), 3);
    assert_eq!(
        troubles(&events),
        [Trouble {
            offset: at as u64,
            kind: TroubleKind::DamagedBlock {
                block_type: BlockType::ENHANCED_PACKET
            }
        }]
    );
}

#[test]
fn noise_behind_good_packets_ends_in_one_trouble() {
    for mut file in [small_pcap(), small_pcapng()] {
        let offset = file.len() as u64;
        file.extend((0..2_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80));
        let events = events(&file);
        assert_eq!(packets(&events).len(), 4);
        let [trouble] = troubles(&events)[..] else {
            panic!("{:?}", troubles(&events));
        };
        assert_eq!(trouble.offset, offset);
        assert!(matches!(
            trouble.kind,
            TroubleKind::DamagedEnd {
                skipped: 2_000_000,
                ..
            }
        ));
    }
}

/// Gives a byte at a time and counts them.
struct Dribble(std::collections::VecDeque<u8>);

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.pop_front() {
            Some(byte) => {
                buffer[0] = byte;
                Ok(1)
            }
            None => Ok(0),
        }
    }
}

#[test]
fn a_pipe_gives_the_same_as_a_file_and_each_packet_as_soon_as_it_is_complete() {
    for file in [small_pcap(), small_pcapng(), sections()] {
        let mut capture = Capture::from_reader(Dribble(file.clone().into()), "pipe").unwrap();
        let source = capture.source();
        let mut seen = Vec::new();
        for event in capture.by_ref() {
            if let Event::Packet(packet) = &event {
                let end = packet.offset + packet.bytes.len() as u64;
                assert!(source.len() <= end + 3 + 4 + 16, "read ahead of the packet");
                assert_eq!(
                    source.bytes(packet.offset, packet.bytes.len()).unwrap(),
                    packet.bytes
                );
            }
            seen.push(event);
        }
        assert_eq!(seen, events(&file));
        assert_eq!(capture.bytes_read(), file.len() as u64);
        assert_eq!(capture.total_bytes(), None);
    }
}

#[test]
fn a_capture_can_move_to_a_worker_and_its_source_be_shared() {
    fn sendable<T: Send>() {}
    fn shared<T: Send + Sync + Clone>() {}
    sendable::<Capture>();
    sendable::<OpenError>();
    shared::<Source>();
    shared::<Event>();
}

#[test]
fn opening_what_is_no_capture_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Capture::open(&path).map(|_| ()).unwrap_err().to_string()
    };
    assert!(write("empty", b"").ends_with("empty: it is empty; a capture has at least a header"));
    assert!(write("text", b"hello world").ends_with(
        "text: this is not a pcap or pcapng capture, it begins with 68 65 6c 6c 6f 20 77 6f"
    ));
    assert!(write("log", b"CLIENT_RANDOM 1").contains("--keylog"));
    assert!(write("two", b"ab").contains("begins with 61 62"));
    assert!(write("cut", &small_pcap()[..20]).contains("after 20 bytes"));
    assert!(matches!(
        Capture::open(folder.path()),
        Err(OpenError::Directory { .. })
    ));
    assert!(matches!(
        Capture::open(&folder.path().join("missing")),
        Err(OpenError::Missing { .. })
    ));
}

#[test]
fn a_file_gives_its_packets_mapped_when_it_is_old_and_read_when_it_may_still_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pcapng");
    let file = small_pcapng();
    std::fs::write(&path, &file).unwrap();
    let hour = std::time::Duration::from_secs(3600);
    for age in [hour, std::time::Duration::ZERO] {
        let written = std::fs::File::options().append(true).open(&path).unwrap();
        written
            .set_modified(std::time::SystemTime::now() - age)
            .unwrap();
        let mut capture = Capture::open(&path).unwrap();
        assert_eq!(capture.format(), CaptureFormat::Pcapng);
        assert_eq!(capture.total_bytes(), Some(file.len() as u64));
        let source = capture.source();
        let read: Vec<_> = capture.by_ref().collect();
        assert_eq!(read, events(&file));
        assert_eq!(capture.bytes_read(), file.len() as u64);
        assert_eq!(source.bytes(0, file.len()).unwrap(), file);
        if age.is_zero() {
            // A mapped file would end the process here.
            written.set_len(0).unwrap();
            assert_eq!(source.bytes(0, file.len()), None);
        }
    }
}

#[test]
fn a_followed_capture_waits_for_its_packets() {
    let mut writer = tempfile::NamedTempFile::new().unwrap();
    let path = writer.path().to_owned();
    let follow = Follow::new();
    let following = follow.clone();
    let reading = std::thread::spawn(move || {
        let capture = Capture::follow(&path, &following).unwrap();
        capture
            .inspect(|event| {
                // The third packet is the sign that all that was written has come.
                if matches!(event, Event::Packet(packet) if packet.bytes[0] == 3) {
                    following.stop();
                }
            })
            .collect::<Vec<_>>()
    });
    let file = small_pcap();
    for part in file.chunks(50) {
        io::Write::write_all(&mut writer, part).unwrap();
    }
    assert_eq!(reading.join().unwrap(), events(&file));
    assert!(follow.is_stopped());
}

/// Ways to compress: gzip and zstd.
fn compressed(bytes: &[u8]) -> [Vec<u8>; 2] {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut gzip, bytes).unwrap();
    [
        gzip.finish().unwrap(),
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest),
    ]
}

#[test]
fn a_compressed_capture_gives_the_same_whatever_its_name_and_from_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no-ending");
    for file in [small_pcap(), small_pcapng()] {
        for (packed, compression) in compressed(&file)
            .into_iter()
            .zip([Compression::Gzip, Compression::Zstd])
        {
            std::fs::write(&path, &packed).unwrap();
            for capture in [
                Capture::open(&path),
                Capture::follow(&path, &Follow::new()),
                Capture::from_reader(Dribble(packed.clone().into()), "pipe"),
            ] {
                let mut capture = capture.unwrap();
                assert_eq!(capture.compression(), Some(compression));
                let source = capture.source();
                assert_eq!(capture.by_ref().collect::<Vec<_>>(), events(&file));
                assert_eq!(source.bytes(0, file.len()).unwrap(), file);
            }
        }
    }
}

#[test]
fn a_compressed_capture_that_was_cut_gives_all_before_the_cut_and_says_so() {
    let mut file = small_pcap();
    for number in 0..2000_u32 {
        // Numbers that do not repeat, so that the cut is in the middle of many blocks.
        let data: Vec<u8> = (0..200_u32)
            .map(|i| ((number * 200 + i).wrapping_mul(2_654_435_761) >> 23) as u8)
            .collect();
        file.extend(LITTLE.pcap_record(1_000_000, number, 200, &data));
    }
    for packed in compressed(&file) {
        let cut = &packed[..packed.len() * 3 / 4];
        let capture = Capture::from_reader(io::Cursor::new(cut.to_vec()), "test").unwrap();
        let events: Vec<_> = capture.collect();
        assert!(packets(&events).len() > 800, "{}", packets(&events).len());
        let names: Vec<_> = troubles(&events)
            .iter()
            .map(|trouble| trouble.kind.to_string())
            .collect();
        assert_eq!(names[0], "reading failed: the compressed data ends early");
        assert!(names.len() <= 2, "{names:?}");
    }
    let Err(error) =
        Capture::from_reader(io::Cursor::new(compressed(&file)[0][..12].to_vec()), "x.gz")
    else {
        panic!("nothing of it can be read");
    };
    assert_eq!(
        error.to_string(),
        "x.gz: it cannot be read: reading failed: the compressed data ends early"
    );
}

#[test]
fn what_the_writer_writes_is_read_back() {
    let section = Section {
        application: Some("wireloom".into()),
        operating_system: Some("Linux".into()),
        comment: Some("odd length".into()),
        ..Section::default()
    };
    let interface = Interface {
        number: 0,
        section: 0,
        link_type: LinkType::LINUX_SLL2,
        snapshot_len: Some(65535),
        fcs_len: 4,
        name: Some("any".into()),
        description: Some("all of them".into()),
        filter: Some("tcp port 80".into()),
        comment: None,
    };
    let statistics = Statistics {
        interface: 0,
        received: Some(2),
        dropped: Some(0),
        accepted: None,
        dropped_by_system: None,
    };
    let mut writer = PcapngWriter::new(Vec::new(), &section).unwrap();
    assert_eq!(writer.interface(&interface).unwrap(), 0);
    writer
        .packet(0, 1_700_000_000_123_456_789, 99, b"hello", Some("why?"))
        .unwrap();
    writer.packet(0, -5, 3, b"old", None).unwrap();
    writer.secrets(SecretsType::TLS_KEY_LOG, b"key").unwrap();
    writer.statistics(5, &statistics).unwrap();
    let file = writer.into_inner();
    let events = events(&file);
    let [
        Event::Section(read_section),
        Event::Interface(read_interface),
        Event::Packet(first),
        Event::Packet(second),
        Event::Secrets(secrets),
        Event::Statistics(read_statistics),
    ] = &events[..]
    else {
        panic!("{events:#?}");
    };
    assert_eq!(*read_section, section);
    assert_eq!(*read_interface, interface);
    assert_eq!(first.time_ns, 1_700_000_000_123_456_789);
    assert_eq!(first.original_len, 99);
    assert_eq!(first.bytes, "hello");
    assert_eq!(first.comment.as_deref(), Some("why?"));
    assert_eq!(second.time_ns, 0);
    assert_eq!(secrets.bytes, "key");
    assert_eq!(*read_statistics, statistics);
}

/// Reads to the end and checks what must hold of any bytes.
fn read_anything(bytes: &[u8]) {
    let Ok(capture) = Capture::from_bytes(Bytes::copy_from_slice(bytes), "test") else {
        return;
    };
    let source = capture.source();
    let mut count = 0;
    for event in capture {
        count += 1;
        assert!(count <= bytes.len() + 10, "more events than bytes");
        if let Event::Packet(packet) = event {
            assert_eq!(
                source.bytes(packet.offset, packet.bytes.len()).unwrap(),
                packet.bytes
            );
        }
    }
}

proptest! {
    #[test]
    fn noise_after_a_magic_number_is_survived(
        magic in prop::sample::select(vec![
            vec![0xa1, 0xb2, 0xc3, 0xd4], vec![0x4d, 0x3c, 0xb2, 0xa1], vec![0xa1, 0xb2, 0xcd, 0x34],
            LITTLE.section(&[]), BIG.section(&[]),
        ]),
        noise in prop::collection::vec(any::<u8>(), 0..500),
    ) {
        read_anything(&[magic, noise].concat());
    }

    #[test]
    fn damage_anywhere_is_survived(
        which in 0..3,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut file = [small_pcap(), small_pcapng(), sections()][which as usize].clone();
        for (at, value) in damage {
            let at = at.index(file.len());
            file[at] = value;
        }
        read_anything(&file);
        file.truncate(cut.index(file.len()));
        read_anything(&file);
    }
}
