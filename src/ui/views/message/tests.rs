use super::*;
use crate::report;
use crate::trace::{ConnectionId, FrameId, Unit};
use crate::ui::grpc::Sources;
use crate::ui::views::testing::{World, pane};
use crate::wire::http2::StreamId;
use crate::wire::protobuf::reading::ReadingKind;
use egui_kittest::kittest::{NodeT, Queryable};
use std::ops::Range;

/// The fields of a command's row, number and value, outermost first.
fn numbers(fields: &[report::fields::FieldReport], into: &mut Vec<u32>) {
    for field in fields {
        into.push(field.number);
        numbers(field.children.as_deref().unwrap_or(&[]), into);
    }
}

#[test]
fn every_field_of_the_command_is_a_row_and_lies_where_its_bytes_are() {
    for name in [
        "grpc-user-service.pcapng",
        "grpc-shapes.pcapng",
        "grpc-web.pcapng",
        "grpc-web-packed.pcapng",
    ] {
        let world = World::of_calls(name);
        let told: Vec<_> = report::messages::messages(&world.trace, &world.grpc.reader).collect();
        for told in told.iter().filter(|told| told.fields.is_some()) {
            let connection = world
                .trace
                .connection(ConnectionId::from_index(told.connection))
                .unwrap();
            let open = world
                .grpc
                .open(&world.trace, connection, told.carrier.carrier().unwrap())
                .unwrap();
            let position = open
                .messages
                .list
                .iter()
                .position(|m| m.direction == told.direction && m.number == told.number)
                .unwrap();
            let message = open
                .message(&world.grpc, &world.trace, connection, position)
                .unwrap();
            let parsed = message.parsed.as_ref().unwrap();
            let mut wanted = Vec::new();
            numbers(told.fields.as_ref().unwrap(), &mut wanted);
            let shown: Vec<u32> = parsed
                .rows
                .iter()
                .map(|row| row.path.last().unwrap().0)
                .collect();
            assert_eq!(shown, wanted, "{name} {:?}", told.carrier);
            assert_eq!(parsed.type_name, told.type_name);
            for row in &parsed.rows {
                let item = message.item(connection.id, row.range.clone(), None);
                let Some((unit, Range { start, end })) = item.and_then(Item::bytes) else {
                    panic!("{name}: field {row:?} has no bytes");
                };
                // There and back.
                if let Some(at) = message.decoded_at(unit, start) {
                    assert_eq!(at, row.range.start);
                    assert_eq!((end - start) as usize, row.range.len());
                    let found = world.grpc.field_at(&world.trace, connection, unit, start);
                    assert!(found.is_some_and(|(range, _)| range.start <= start + 4));
                }
            }
        }
    }
}

/// A call with `id: 42`-like fields: the first unary call of the service.
fn world() -> World {
    let mut world = World::of_calls("grpc-user-service.pcapng");
    world.selection = Some(Item::Stream(world.connection.unwrap(), StreamId(1)));
    world
}

#[test]
fn a_click_on_a_field_selects_just_its_bytes_and_the_bytes_lead_back() {
    let mut harness = pane(world(), [1100.0, 420.0], message_ui);
    harness.run_steps(3);
    let begins = |begins: &'static str| {
        move |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.label().is_some_and(|label| label.starts_with(begins))
        }
    };
    harness.get_by(begins("field 1, ")).click();
    harness.run_steps(3);
    let (world, state) = harness.state();
    assert_eq!(state.field, Some(0));
    let Some(Item::Bytes {
        frame, start, end, ..
    }) = world.selection
    else {
        panic!("{:?}", world.selection);
    };
    // Nine bytes of frame header and five of the message's prefix come first.
    assert_eq!(start, 14);
    let connection = world.trace.main_connection().unwrap();
    let row = &connection.http2().unwrap().frames[frame.index()];
    assert!(end <= 9 + row.length);
    let found = world
        .grpc
        .field_at(&world.trace, connection, Unit::Frame(frame), start);
    assert_eq!(found.unwrap().0, start..end);
}

#[test]
fn the_tag_is_split_into_number_and_type_and_said_in_words() {
    let mut harness = pane(world(), [1100.0, 420.0], message_ui);
    harness.run_steps(3);
    harness
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("field 1, "))
        })
        .click();
    harness.run_steps(3);
    let tag = harness.get_by(|node| node.label().is_some_and(|label| label.starts_with("tag: ")));
    let label = tag.accesskit_node().label().unwrap();
    assert!(label.contains(" ends, 0001 number 1, "), "{label}");
    harness.get_by_label("Beside the fields: JSON").click();
    harness.run_steps(3);
    assert_eq!(harness.state().1.tab, Tab::Json);
}

#[test]
fn what_is_said_about_a_field_is_asked_of_the_app_and_changes_the_reading() {
    let world = world();
    let mut sources = Sources::default();
    let connection = world.trace.main_connection().unwrap();
    let open = world
        .grpc
        .open(&world.trace, connection, StreamId(1))
        .unwrap();
    let message = open
        .message(&world.grpc, &world.trace, connection, 1)
        .unwrap();
    let parsed = message.parsed.as_ref().unwrap();
    let text = parsed
        .rows
        .iter()
        .find(|row| {
            row.readings
                .first()
                .is_some_and(|r| r.kind == ReadingKind::Text)
        })
        .unwrap();
    sources.say(&message.scope, &text.path, Some(ReadingKind::Bytes));
    let mut worker = crate::ui::grpc::Worker::of(world.grpc.clone(), &world.trace);
    worker.set_sources(sources);
    let open = worker
        .grpc()
        .open(&world.trace, connection, StreamId(1))
        .unwrap();
    let again = open
        .message(worker.grpc(), &world.trace, connection, 1)
        .unwrap();
    let row = again
        .parsed
        .as_ref()
        .unwrap()
        .rows
        .iter()
        .find(|row| row.path == text.path);
    assert!(row.unwrap().type_words.starts_with("bytes"), "{row:?}");
    // The draft follows.
    let draft = crate::analysis::grpc::draft(&world.trace, &worker.grpc().reader);
    let before = crate::analysis::grpc::draft(&world.trace, &world.grpc.reader);
    let count = |files: &[crate::wire::protobuf::draft::DraftFile]| {
        files
            .iter()
            .map(|file| file.text.matches("\n  bytes ").count())
            .sum::<usize>()
    };
    assert!(count(&draft) > count(&before));
}

#[test]
fn the_message_follows_the_frame_that_is_selected() {
    let mut world = World::of_calls("grpc-user-service.pcapng");
    let connection = world.trace.main_connection().unwrap();
    let http2 = connection.http2().unwrap();
    let data: Vec<usize> = (0..http2.frames.len())
        .filter(|at| {
            let row = &http2.frames[*at];
            row.kind == crate::wire::http2::FrameKind::DATA && row.length > 5
        })
        .collect();
    for frame in data {
        world.select_frame(frame);
        let words = world.read(|context| {
            let mut state = State::default();
            let looked = follow(context, &mut state).unwrap();
            let message = &looked.call.messages.list[looked.position];
            (message.first, message.last)
        });
        let frame = Unit::Frame(FrameId::from_index(frame));
        assert!(words.0 <= frame && frame <= words.1);
    }
    let nothing = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
    assert!(
        nothing
            .read(|context| text(context, &State::default()))
            .starts_with("Open")
    );
}

/// What Python read by both versions of the catalogue stands in the facts.
#[test]
fn two_versions_of_a_schema_read_a_message_of_the_capture_side_by_side() {
    let folder = |version: &str| {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        root.join("captures/proto").join(version)
    };
    let mut world = World::of_calls("grpc-newer-server.pcapng");
    let sources = Sources {
        paths: vec![folder("v1")],
        against: vec![folder("v2")],
        ..Sources::default()
    };
    world.grpc.read_by(&sources, &world.trace);
    world.selection = Some(Item::Stream(world.connection.unwrap(), StreamId(1)));
    let mut harness = pane(world, [1300.0, 520.0], message_ui);
    harness.run_steps(3);
    harness.get_by_label("Beside the fields: Versions").click();
    harness.run_steps(3);
    let shows = |part: &str| {
        let has = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            let said = [node.label(), node.value()].into_iter().flatten();
            said.into_iter().any(|said| said.contains(part))
        };
        harness.query_all_by(has).next().is_some()
    };
    assert!(shows("What changed in catalog.Article"));
    let (world, state) = harness.state();
    let said = world.read(|context| text(context, state));
    // `balance` was int32 and is sint32; `rating` is a field that the old version lacks.
    assert!(said.contains("balance: int32 = 5"), "{said}");
    assert!(said.contains("balance: sint32 = -3"), "{said}");
    assert!(said.contains("rating: double = 4.5"), "{said}");
}

#[test]
fn a_large_message_is_taken_apart_by_a_thread_and_lies_in_many_frames() {
    let mut world = World::of_calls("grpc-large.pcapng.gz");
    // As in the window, where no picture waits.
    let ready = world.grpc.clone();
    world.grpc = Default::default();
    world.grpc.calls = ready.calls.clone();
    world.grpc.reader = ready.reader.clone();
    // Stream 11: a megabyte that is not compressed.
    let connection = world.trace.main_connection().unwrap();
    let open = world
        .grpc
        .open(&world.trace, connection, StreamId(11))
        .unwrap();
    let list = &open.messages.list;
    let large = (0..list.len())
        .max_by_key(|at| list[*at].span.prefix.length)
        .unwrap();
    let read = || {
        open.message(&world.grpc, &world.trace, connection, large)
            .unwrap()
    };
    let first = read();
    assert!(first.working && first.parsed.is_none());
    assert!(
        first
            .trouble
            .as_ref()
            .unwrap()
            .contains("are being taken apart")
    );
    let began = std::time::Instant::now();
    let message = loop {
        let message = read();
        if !message.working {
            break message;
        }
        assert!(began.elapsed().as_secs() < 30);
        std::thread::yield_now();
    };
    let words = message.place_words().unwrap();
    assert!(words.starts_with("The message lies in "), "{words}");
    // Every frame of it is lit when one part of its large field is pointed at.
    let rows = &message.parsed.as_ref().unwrap().rows;
    let row = rows.iter().max_by_key(|row| row.range.len()).unwrap();
    let parts: Vec<_> = message.parts(row.range.clone()).collect();
    assert!(parts.len() > 1, "{}", parts.len());
    let bytes: usize = parts.iter().map(|(_, range)| range.len()).sum();
    assert_eq!(bytes, row.range.len());
    let middle = message.item(connection.id, row.range.clone(), Some(parts[1].0));
    let all = world
        .grpc
        .parts_of(&world.trace, connection, middle.unwrap());
    assert_eq!(all, parts);
}

#[test]
fn of_a_compressed_message_the_whole_is_lit_and_that_is_said() {
    let world = World::of_calls("grpc-large.pcapng.gz");
    let connection = world.trace.main_connection().unwrap();
    // Stream 1: gzip both ways.
    let open = world
        .grpc
        .open(&world.trace, connection, StreamId(1))
        .unwrap();
    let compressed = open.messages.list.iter();
    let at = compressed
        .clone()
        .position(|message| message.span.prefix.compressed())
        .unwrap();
    let message = open
        .message(&world.grpc, &world.trace, connection, at)
        .unwrap();
    let words = message.place_words().unwrap();
    assert!(words.contains("of compressed data became them"), "{words}");
    let row = &message.parsed.as_ref().unwrap().rows[0];
    let item = message
        .item(connection.id, row.range.clone(), None)
        .unwrap();
    let all = world.grpc.parts_of(&world.trace, connection, item);
    let bytes: usize = all.iter().map(|(_, range)| range.len()).sum();
    assert_eq!(bytes, message.payload.sent.len());
}

#[test]
fn defaults_of_what_was_not_sent_are_said_those_of_proto2_too() {
    let mut world = World::of_calls("grpc-shapes.pcapng");
    let sources = Sources {
        paths: vec![concat!(env!("CARGO_MANIFEST_DIR"), "/captures/proto").into()],
        ..Sources::default()
    };
    world.grpc.read_by(&sources, &world.trace);
    let connection = world.trace.main_connection().unwrap();
    let schema = world.grpc.reader.schema();
    let mut with_default = 0;
    // These streams speak proto2.
    for stream in [45, 47, 49] {
        let open = world
            .grpc
            .open(&world.trace, connection, StreamId(stream))
            .unwrap();
        let message = open
            .message(&world.grpc, &world.trace, connection, 0)
            .unwrap();
        let parsed = message.parsed.as_ref().unwrap();
        let name = parsed.type_name.as_deref().unwrap();
        let sent: Vec<u32> = parsed.rows.iter().map(|row| row.path[0].0).collect();
        for field in schema.message(name).unwrap().fields() {
            let Some(default) = field.field_descriptor_proto().default_value.as_deref() else {
                continue;
            };
            if sent.contains(&field.number()) {
                continue;
            }
            let begins = format!("{} {} = ", field.number(), field.name());
            let said = parsed
                .not_sent
                .iter()
                .find(|said| said.starts_with(&begins));
            assert!(said.unwrap().contains(default), "{said:?} {default}");
            with_default += 1;
        }
    }
    assert!(with_default > 0);
}
