//! Packets of a capture as a capture of their own: a connection, a stream, a stretch of time, whatever a filter leaves.
//!
//! What leaves is as it came: times to the nanosecond, link types, how long packets were on the wire, comments, and the keys
//! that lay in the capture. A part of a connection lacks what its HPACK tables held before; `with_start` takes all of it
//! from its first packet on.

use super::notes::note_report;
use crate::capture::pcapng_writer::PcapngWriter;
use crate::capture::{Interface, Section};
use crate::filter::{Evaluation, Filter, Subject};
use crate::notes::Notes;
use crate::trace::{ConnectionId, PacketId, Trace};
use crate::wire::http2::StreamId;
use crate::wire::link::Skip;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::ops::RangeInclusive;

/// Which packets are wanted: those for which everything holds that is said.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those of a connection.
    pub connection: Option<ConnectionId>,
    /// Those with bytes of a stream of that connection.
    pub stream: Option<StreamId>,
    /// Those captured within this time, in nanoseconds since the first packet.
    pub times_ns: Option<RangeInclusive<i64>>,
    /// Those that pass a filter.
    pub filter: Option<Filter>,
    /// Of each connection that has any, all packets before as well.
    pub with_start: bool,
}

/// The packets that are wanted, ascending.
pub fn selection(trace: &Trace, wanted: &Wanted) -> Vec<PacketId> {
    let all = (0..trace.packets.len()).map(PacketId::from_index);
    let of_connection = wanted.connection.map(|id| packets_of(trace, id));
    let of_stream = wanted.connection.zip(wanted.stream);
    let of_stream = of_stream.map(|(id, stream)| packets_of_stream(trace, id, stream));
    let start_ns = trace.start_ns();
    let filter = wanted.filter.as_ref().filter(|filter| !filter.is_empty());
    let evaluation = Evaluation::new(trace);
    let is_wanted = |packet: &PacketId| {
        let is_in = |set: &Option<BTreeSet<PacketId>>| {
            set.as_ref().is_none_or(|packets| packets.contains(packet))
        };
        let since_start = trace.time_ns(*packet).saturating_sub(start_ns);
        let subject = || Subject {
            packet: Some(*packet),
            ..Subject::default()
        };
        is_in(&of_connection)
            && is_in(&of_stream)
            && (wanted.times_ns.as_ref()).is_none_or(|times| times.contains(&since_start))
            && filter.is_none_or(|filter| evaluation.passes(filter, &subject()))
    };
    let mut packets: Vec<PacketId> = all.filter(is_wanted).collect();
    if wanted.with_start {
        packets = with_start(trace, packets);
    }
    packets
}

/// The packets of a connection, and those that lie in it as fragments.
fn packets_of(trace: &Trace, id: ConnectionId) -> BTreeSet<PacketId> {
    let owned = trace.packets.iter().enumerate().filter_map(|(index, row)| {
        let owner = row.owner?;
        (owner.connection == id).then(|| PacketId::from_index(index))
    });
    let mut packets: BTreeSet<PacketId> = owned.collect();
    if let Some(connection) = trace.connection(id) {
        for side in crate::trace::Side::BOTH {
            let pieces = connection.stream(side).pieces().iter();
            packets.extend(pieces.filter_map(|piece| piece.packet));
        }
    }
    let is_fragment = |packet: &PacketId| {
        let row = trace.packets.get(packet.index());
        row.is_some_and(|row| row.skipped == Some(Skip::IpFragment))
    };
    let ends = (packets.first().copied()).zip(packets.last().copied());
    if let Some((first, last)) = ends.filter(|_| packets.iter().any(is_fragment)) {
        // Which fragments belong together is known to nobody any more: those that brought no new bytes may be needed too.
        let between = (first.index()..=last.index()).map(PacketId::from_index);
        packets.extend(between.filter(is_fragment));
    }
    packets
}

fn packets_of_stream(trace: &Trace, id: ConnectionId, stream: StreamId) -> BTreeSet<PacketId> {
    let connection = trace.connection(id);
    let Some((connection, http2)) = connection.and_then(|of| Some((of, of.http2()?))) else {
        return BTreeSet::new();
    };
    if !stream.is_connection() && http2.stream(stream).is_none() {
        return BTreeSet::new();
    }
    let frames = http2.frames_of(stream);
    let rows = (0..frames.len())
        .filter_map(|at| frames.get(at).copied())
        .filter_map(|frame| http2.frames.get(frame.index()));
    rows.flat_map(|row| {
        let slices = connection.stream(row.side).slices(row.range());
        slices.filter_map(|slice| slice.packet)
    })
    .collect()
}

/// Adds what came before on the same connections, up to the last packet of each.
fn with_start(trace: &Trace, packets: Vec<PacketId>) -> Vec<PacketId> {
    let owner = |packet: PacketId| Some(trace.packets.get(packet.index())?.owner?.connection);
    let mut last: BTreeMap<ConnectionId, PacketId> = BTreeMap::new();
    for packet in &packets {
        if let Some(connection) = owner(*packet) {
            last.insert(connection, *packet);
        }
    }
    let mut all: BTreeSet<PacketId> = packets.into_iter().collect();
    for (connection, last) in last {
        all.extend(packets_of(trace, connection).range(..=last));
    }
    all.into_iter().collect()
}

/// Writes packets as pcapng, with notes as comments on the packets that they stand at. `about` becomes the section's comment.
///
/// # Errors
///
/// Those of `out`, and when the capture can no longer be read.
pub fn write(
    trace: &Trace,
    packets: &[PacketId],
    notes: Option<&Notes>,
    about: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    let noted = notes.map(|notes| noted(trace, notes)).unwrap_or_default();
    let section = Section {
        application: Some(concat!("Wireloom ", env!("CARGO_PKG_VERSION")).into()),
        comment: (!about.is_empty()).then(|| about.into()),
        ..Section::default()
    };
    let mut writer = PcapngWriter::new(out, &section)?;
    for row in &trace.interfaces {
        // Numbers stay as they are, so that packets find theirs.
        writer.interface(&Interface {
            number: 0,
            section: 0,
            link_type: row.link_type,
            snapshot_len: row.snapshot_len,
            fcs_len: row.fcs_len,
            name: (!row.name.is_empty()).then(|| row.name.as_str().into()),
            description: row.words.description.clone(),
            filter: row.words.filter.clone(),
            comment: row.words.comment.clone(),
        })?;
    }
    for secrets in &trace.secrets {
        writer.secrets(secrets.secrets_type, &secrets.bytes)?;
    }
    for packet in packets {
        let Some(row) = trace.packets.get(packet.index()) else {
            continue;
        };
        if trace.interfaces.get(usize::from(row.interface)).is_none() {
            // Its interface was never described, so nobody knows what its bytes are.
            continue;
        }
        let bytes = trace.packet_bytes(*packet).ok_or_else(|| {
            let number = packet.number();
            io::Error::other(format!("packet {number} can no longer be read"))
        })?;
        let mut comment = trace.comment(*packet).unwrap_or_default().to_owned();
        for note in noted.get(packet).into_iter().flatten() {
            if !comment.is_empty() {
                comment.push('\n');
            }
            comment.push_str(note);
        }
        let comment = (!comment.is_empty()).then_some(comment.as_str());
        let interface = u32::from(row.interface);
        writer.packet(interface, row.time_ns, row.original_len, &bytes, comment)?;
    }
    writer.flush()
}

/// What notes say, by the packets that they stand at.
fn noted(trace: &Trace, notes: &Notes) -> BTreeMap<PacketId, Vec<String>> {
    let mut noted: BTreeMap<PacketId, Vec<String>> = BTreeMap::new();
    for note in notes.in_order() {
        let (row, packet) = note_report(trace, note);
        if let Some(packet) = packet {
            let text = format!("{}: {}", row.place(), note.text);
            noted.entry(packet).or_default().push(text);
        }
    }
    noted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use crate::notes::{Note, Place, Target};
    use crate::report::frames::frames;
    use crate::trace::FrameId;
    use crate::wire::link::LinkType;
    use bytes::Bytes;
    use std::path::Path;

    fn capture(name: &str) -> Trace {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("captures")
            .join(name);
        crate::dissect::read_all(Capture::open(&path).unwrap())
    }

    fn again(trace: &Trace, packets: &[PacketId], notes: Option<&Notes>) -> Trace {
        let mut out = Vec::new();
        write(trace, packets, notes, "a part", &mut out).unwrap();
        let capture = Capture::from_bytes(Bytes::from(out), "part.pcapng").unwrap();
        let again = crate::dissect::read_all(capture);
        assert!((again.findings.iter()).all(|finding| finding.file_offset.is_none()));
        again
    }

    /// What frames say, without the numbers that differ between a capture and a part of it.
    fn said(trace: &Trace, connection: usize) -> Vec<serde_json::Value> {
        let rows = frames(trace).filter(|row| row.connection == connection);
        rows.map(|row| {
            let mut row = serde_json::to_value(row).unwrap();
            let members = row.as_object_mut().unwrap();
            members.retain(|key, _| {
                !key.contains("packet") && key != "connection" && key != "findings"
            });
            row
        })
        .collect()
    }

    #[test]
    fn a_connection_alone_has_the_same_frames() {
        for name in [
            "grpc-chain.pcapng",
            "push.pcap",
            "lossy.pcapng",
            "mid-connection.pcapng",
        ] {
            let trace = capture(name);
            for connection in &trace.connections {
                let wanted = Wanted {
                    connection: Some(connection.id),
                    ..Wanted::default()
                };
                let packets = selection(&trace, &wanted);
                assert_eq!(packets.len(), connection.row.packets as usize, "{name}");
                let part = again(&trace, &packets, None);
                assert_eq!(
                    said(&part, 0),
                    said(&trace, connection.id.index()),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn packets_leave_as_they_came() {
        let trace = capture("tls.pcapng");
        let packets = selection(&trace, &Wanted::default());
        assert_eq!(packets.len(), trace.packets.len());
        let part = again(&trace, &packets, None);
        for (before, after) in trace.packets.iter().zip(part.packets.iter()) {
            assert_eq!(before.time_ns, after.time_ns);
            assert_eq!(
                (before.original_len, before.captured),
                (after.original_len, after.captured)
            );
            assert_eq!(before.interface, after.interface);
        }
        let types = |trace: &Trace| {
            trace
                .interfaces
                .iter()
                .map(|row| row.link_type)
                .collect::<Vec<_>>()
        };
        assert_eq!(types(&part), types(&trace));
        assert_eq!(part.secrets.len(), trace.secrets.len());
    }

    #[test]
    fn what_a_capture_says_about_its_interfaces_leaves_with_it() {
        let interface = Interface {
            number: 0,
            section: 0,
            link_type: LinkType::ETHERNET,
            snapshot_len: Some(96),
            fcs_len: 4,
            name: Some("eth0".into()),
            description: Some("to the rack".into()),
            filter: Some("tcp port 8080".into()),
            comment: Some("a mirror port".into()),
        };
        let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
        writer.interface(&interface).unwrap();
        writer.packet(0, 5, 128, &[0; 96], None).unwrap();
        let capture = Capture::from_bytes(writer.into_inner().into(), "said.pcapng").unwrap();
        let trace = crate::dissect::read_all(capture);
        let part = again(&trace, &[PacketId::FIRST], None);
        let [row] = part.interfaces.as_slice() else {
            panic!("{:?}", part.interfaces);
        };
        assert_eq!((row.snapshot_len, row.fcs_len), (Some(96), 4));
        assert_eq!(row.name, "eth0");
        let words = &row.words;
        assert_eq!(words.description, interface.description);
        assert_eq!(words.filter, interface.filter);
        assert_eq!(words.comment, interface.comment);
    }

    #[test]
    fn a_stretch_of_time_with_its_start_knows_every_header() {
        let trace = capture("downloads.pcapng");
        let (connection, times_ns) = (Some(ConnectionId::FIRST), Some(50_000_000..=110_000_000));
        let wanted = Wanted {
            connection,
            times_ns,
            ..Wanted::default()
        };
        let alone = selection(&trace, &wanted);
        let start_ns = trace.start_ns();
        for packet in &alone {
            let since = trace.time_ns(*packet) - start_ns;
            assert!((50_000_000..=110_000_000).contains(&since));
        }
        let whole = selection(
            &trace,
            &Wanted {
                with_start: true,
                ..wanted
            },
        );
        assert_eq!(whole.first(), Some(&PacketId::FIRST));
        assert_eq!(whole.last(), alone.last());
        assert!(whole.len() > alone.len());
        let part = said(&again(&trace, &whole, None), 0);
        assert!(!part.is_empty());
        assert_eq!(part[..30], said(&trace, 0)[..30]);
    }

    #[test]
    fn a_stream_and_a_filter_leave_what_they_name() {
        let trace = capture("push.pcap");
        let wanted = Wanted {
            connection: Some(ConnectionId::FIRST),
            stream: Some(StreamId(13)),
            ..Wanted::default()
        };
        let packets = selection(&trace, &wanted);
        assert!(!packets.is_empty() && packets.len() < trace.packets.len());
        let wanted = Wanted {
            filter: Some(Filter::parse("type:PUSH_PROMISE").unwrap()),
            ..Wanted::default()
        };
        let packets = selection(&trace, &wanted);
        assert!(!packets.is_empty() && packets.len() < trace.packets.len());
    }

    #[test]
    fn notes_become_comments_where_they_stand() {
        let trace = capture("push.pcap");
        let mut notes = Notes::default();
        let target = Target::Frame(ConnectionId::FIRST, FrameId::from_index(12));
        let place = Place::of(&trace, target).unwrap();
        notes.put(Note::new(place, "A promise.\nLook here.", 1));
        let packets = selection(&trace, &Wanted::default());
        let part = again(&trace, &packets, Some(&notes));
        let row = trace.connections[0].http2().unwrap().frames[12];
        let comment = part.comment(row.packet).unwrap();
        assert_eq!(
            comment,
            "frame 12, PUSH_PROMISE on stream 13: A promise.\nLook here."
        );
        assert_eq!(part.comments.len(), 1);
    }
}
