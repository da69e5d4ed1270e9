use super::*;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;
use model::Layer;

fn said(world: &World) -> String {
    world.read(|context| text(context, &State::default()))
}

#[test]
fn every_layer_covers_every_byte_of_a_frame() {
    for capture in [
        "push.pcap",
        "lossy.pcapng",
        "large-headers.pcapng",
        "grpc-user-service.pcapng",
    ] {
        let world = World::of_capture(capture);
        let count = world
            .trace
            .main_connection()
            .unwrap()
            .http2()
            .unwrap()
            .frames
            .len();
        for frame in 0..count {
            World::on_frame(capture, frame).read(|context| {
                let connection = context.connection.unwrap();
                let focus = Focus::new(context, connection).unwrap();
                let mut kept = Kept::default();
                kept.follow(context.trace, connection, &focus);
                let found = layers(
                    context.trace,
                    connection,
                    &kept,
                    &focus,
                    focus.range.clone(),
                );
                for layer in [Layer::Segment, Layer::Packet] {
                    let slices = &found.iter().find(|(other, _)| *other == layer).unwrap().1;
                    let within = |slice: &model::Slice| {
                        let end = slice.range.end.min(focus.range.end);
                        end - slice.range.start.max(focus.range.start)
                    };
                    let bytes: u64 = slices.iter().map(within).sum();
                    assert_eq!(
                        bytes,
                        focus.range.end - focus.range.start,
                        "{capture} {frame}"
                    );
                }
                let frames = &found
                    .iter()
                    .find(|(layer, _)| *layer == Layer::Frame)
                    .unwrap()
                    .1;
                assert_eq!(frames.len(), 1);
                assert_eq!(frames[0].range, focus.range);
            });
        }
    }
}

#[test]
fn a_call_has_a_layer_of_messages_whose_bytes_lie_in_its_content() {
    let world = World::of_capture("grpc-user-service.pcapng");
    let http2 = world.trace.main_connection().unwrap().http2().unwrap();
    let data = http2
        .frames
        .iter()
        .position(|row| row.kind == crate::wire::http2::FrameKind::DATA && row.length > 5)
        .unwrap();
    let said = said(&World::on_frame("grpc-user-service.pcapng", data));
    assert!(said.contains("gRPC message: message 0"), "{said}");
    assert!(said.contains("content: body of"), "{said}");
    assert!(said.contains("HTTP/2 frame: DATA"), "{said}");
    assert!(said.contains("packet, outermost: packet"), "{said}");
}

#[test]
fn two_selections_show_two_sandwiches() {
    assert_ne!(
        said(&World::on_frame("push.pcap", 6)),
        said(&World::on_frame("push.pcap", 21))
    );
}

#[test]
fn a_click_on_a_packet_selects_it_and_lights_its_bytes() {
    let mut harness = pane(World::on_frame("push.pcap", 21), [1200.0, 500.0], layers_ui);
    harness.run_steps(2);
    let label = "packet: packet ";
    let node = harness.query_all_by_label_contains(label).nth(2).unwrap();
    node.click();
    harness.run_steps(2);
    let selected = harness.state().0.selection;
    assert!(matches!(selected, Some(Item::Packet(_))), "{selected:?}");
    let said = said(&harness.state().0);
    assert!(said.contains(" frames, 1 TCP segment"), "{said}");
}

#[test]
fn nothing_open_is_said_with_what_to_do() {
    let world = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
    assert!(said(&world).contains("Open a capture"));
    let before = World {
        cursor: None,
        ..World::of_capture("push.pcap")
    };
    assert!(said(&before).contains("Select a frame"));
    let mut harness = pane(world, [300.0, 200.0], layers_ui);
    harness.run_steps(2);
}

#[test]
fn bytes_that_another_view_points_at_light_up_in_every_layer() {
    let mut world = World::of_calls("grpc-user-service.pcapng");
    let connection = world.trace.main_connection().unwrap();
    let frames = &connection.http2().unwrap().frames;
    let is_message = |row: &&crate::trace::FrameRow| {
        row.kind == crate::wire::http2::FrameKind::DATA && row.length > 7
    };
    let data = frames.iter().position(|row| is_message(&row)).unwrap();
    let frame = crate::trace::FrameId::from_index(data);
    let id = connection.id;
    world.selection = Some(Item::Frame(id, frame));
    // The first two bytes of the message, behind nine of the frame's header and five of the prefix.
    world.hovered = Some(Item::Bytes {
        connection: id,
        frame,
        start: 14,
        end: 16,
    });
    world.read(|context| {
        let connection = context.connection.unwrap();
        let focus = Focus::new(context, connection).unwrap();
        let pointed = focus.pointed(context, connection).unwrap();
        assert_eq!(pointed.parts[0].end - pointed.parts[0].start, 2);
        let mut kept = Kept::default();
        kept.follow(context.trace, connection, &focus);
        let view = focus.range.clone();
        let found = layers(context.trace, connection, &kept, &focus, view);
        let of = |layer: Layer| found.iter().find(|(other, _)| *other == layer).unwrap();
        for layer in [
            Layer::Message,
            Layer::Content,
            Layer::Frame,
            Layer::Segment,
            Layer::Packet,
        ] {
            let touched = of(layer).1.iter();
            let touched = touched.filter(|slice| pointed.touches(&slice.range));
            assert_eq!(touched.count(), 1, "{layer:?}");
        }
    });
}

/// Calls `look` for each message of HTTP/1.1 of a capture, selected.
fn each_message(name: &str, mut look: impl FnMut(&World, &crate::trace::MessageRow)) -> usize {
    let mut world = World::of_calls(name);
    let all: Vec<_> = world
        .trace
        .connections
        .iter()
        .filter_map(|connection| Some((connection.id, connection.http1()?.messages().to_vec())))
        .collect();
    let mut count = 0;
    for (connection, messages) in all {
        world.connection = Some(connection);
        for (index, row) in messages.iter().enumerate() {
            let id = crate::trace::MessageId::from_index(index);
            world.selection = Some(Item::Message(connection, id));
            look(&world, row);
            count += 1;
        }
    }
    count
}

#[test]
fn every_layer_covers_every_byte_of_a_message_of_http1() {
    let mut chunked = 0;
    let captures = [
        "http1-programs.pcapng",
        "grpc-web.pcapng",
        "http1-and-h2c.pcapng",
    ];
    for capture in captures {
        let count = each_message(capture, |world, row| {
            world.read(|context| {
                let connection = context.connection.unwrap();
                let focus = Focus::new(context, connection).unwrap();
                assert_eq!(focus.range, row.range(), "{capture}");
                assert_eq!(focus.carrier, Some(row.exchange.into()));
                let mut kept = Kept::default();
                kept.follow(context.trace, connection, &focus);
                let found = layers(
                    context.trace,
                    connection,
                    &kept,
                    &focus,
                    focus.range.clone(),
                );
                let of = |layer: Layer| {
                    let mut all = found.iter().filter(|(other, _)| *other == layer);
                    all.next().map_or(&[][..], |(_, slices)| slices.as_slice())
                };
                let within = |slice: &model::Slice| {
                    let end = slice.range.end.min(focus.range.end);
                    end - slice.range.start.max(focus.range.start)
                };
                let covered = |layer: Layer| of(layer).iter().map(within).sum::<u64>();
                let len = focus.range.end - focus.range.start;
                assert_eq!(covered(Layer::Segment), len, "{capture}");
                assert_eq!(covered(Layer::Packet), len, "{capture}");
                assert_eq!(covered(Layer::Http1Message), len, "{capture}");
                assert_eq!(of(Layer::Http1Message).len(), 1, "{capture}");
                assert!(of(Layer::Frame).is_empty(), "{capture}");
                let content = u64::from(row.head_bytes) + row.content_bytes;
                if of(Layer::Content).len() < model::MAX_BOXES {
                    assert_eq!(covered(Layer::Content), content, "{capture}");
                }
                let in_chunks = row.framing == crate::wire::http1::Framing::Chunked;
                if in_chunks && row.end == crate::trace::MessageEnd::Whole {
                    chunked += 1;
                    assert_eq!(covered(Layer::Chunk), row.body_bytes, "{capture}");
                    // The line with the size is what the chunk has before its bytes.
                    let framing: u64 = of(Layer::Chunk).iter().map(|slice| slice.head).sum();
                    let chunks = of(Layer::Chunk).len() as u64 - 1;
                    let last = within(of(Layer::Chunk).last().unwrap());
                    assert_eq!(
                        framing + chunks * 2 + last + row.content_bytes,
                        row.body_bytes
                    );
                }
            });
        });
        assert!(count > 0, "{capture}");
    }
    assert!(chunked > 3, "{chunked}");
}

#[test]
fn a_message_of_grpc_web_lies_in_chunks_of_a_message_of_http1() {
    let mut seen = 0;
    each_message("grpc-web.pcapng", |world, _| {
        let said = said(world);
        if said.contains("gRPC message: message 0") {
            assert!(said.contains("content: content of exchange"), "{said}");
            assert!(said.contains("HTTP/1.1 message: re"), "{said}");
            assert!(said.contains("packet, outermost: packet"), "{said}");
            seen += 1;
        }
    });
    assert!(seen > 3, "{seen}");
}

#[test]
fn a_click_on_a_layer_of_http1_selects_its_bytes_and_its_message() {
    let mut world = World::of_calls("http1-programs.pcapng");
    let connection = (world.trace.connections.iter())
        .find(|connection| connection.http1().is_some())
        .unwrap();
    let (id, http1) = (connection.id, connection.http1().unwrap());
    let chunked = (http1.messages().iter())
        .position(|row| row.framing == crate::wire::http1::Framing::Chunked);
    let message = crate::trace::MessageId::from_index(chunked.unwrap_or_default());
    let row = *http1.message(message).unwrap();
    world.connection = Some(id);
    world.selection = Some(Item::Exchange(id, row.exchange));
    world.cursor = Some(crate::trace::Cursor::after_packet(row.head_packet));
    let mut harness = pane(world, [1300.0, 500.0], layers_ui);
    harness.run_steps(2);
    let (other, rest) = (
        "HTTP/1.1 message: re",
        "content: first line and fields of the re",
    );
    harness
        .query_all_by_label_contains(rest)
        .next()
        .unwrap()
        .click();
    harness.run_steps(2);
    let selected = harness.state().0.selection;
    assert!(
        matches!(selected, Some(Item::MessageBytes { start: 0, .. })),
        "{selected:?}"
    );
    assert!(said(&harness.state().0).contains("of exchange"));
    harness
        .query_all_by_label_contains(other)
        .next()
        .unwrap()
        .click();
    harness.run_steps(2);
    let selected = harness.state().0.selection;
    assert!(matches!(selected, Some(Item::Message(..))), "{selected:?}");
}

#[test]
fn every_header_has_a_name_and_a_length_that_end_where_the_bytes_begin() {
    for capture in ["push.pcap", "lossy.pcapng", "grpc-user-service.pcapng"] {
        let world = World::of_capture(capture);
        let connection = world.trace.main_connection().unwrap();
        let mut seen = 0;
        for side in crate::trace::Side::BOTH {
            for piece in connection.stream(side).pieces().iter() {
                let Some(packet) = piece.packet else { continue };
                let (link, lens) = world.trace.header_lens(packet).unwrap();
                assert_eq!(lens.sum() as u32, piece.offset_in_packet, "{capture}");
                assert!(link.name().is_some());
                seen += 1;
            }
        }
        assert!(seen > 10, "{capture}");
    }
    let said = said(&World::on_frame("push.pcap", 21));
    assert!(said.contains("Ethernet 14 + IPv4 20 + TCP 32"), "{said}");
}

#[test]
fn beginnings_without_room_for_a_name_are_named_below() {
    let push = said(&World::on_frame("push.pcap", 6));
    assert!(
        push.contains("frame header 9 bytes (length 3, type 1, flags 1, stream 4)"),
        "{push}"
    );
    assert!(!push.contains("gRPC"), "{push}");
    let world = World::of_capture("grpc-user-service.pcapng");
    let frames = &world
        .trace
        .main_connection()
        .unwrap()
        .http2()
        .unwrap()
        .frames;
    let is_data = |row: &crate::trace::FrameRow| {
        row.kind == crate::wire::http2::FrameKind::DATA && row.length > 5
    };
    let data = frames.iter().position(is_data).unwrap();
    let grpc = said(&World::on_frame("grpc-user-service.pcapng", data));
    assert!(grpc.contains("gRPC prefix 5 bytes"), "{grpc}");
    // The longest name that has room; the line below has the others.
    let names = heads::names(Layer::Frame, 9);
    assert!(
        names.windows(2).all(|pair| pair[0].len() > pair[1].len()),
        "{names:?}"
    );
}

#[test]
fn a_range_of_bytes_counts_both_of_its_ends() {
    let world = World::on_frame("push.pcap", 21);
    world.read(|context| {
        let connection = context.connection.unwrap();
        let focus = Focus::new(context, connection).unwrap();
        let (first, last) = (focus.range.start, focus.range.end - 1);
        let span = crate::ui::widgets::format::span(first..last + 1);
        let said = text(context, &State::default()).replace('\u{202f}', "");
        let named = format!(": bytes {};", span.replace('\u{202f}', ""));
        assert!(said.contains(&named), "{named}: {said}");
        // The bytes view names the same ones.
        let bytes = crate::ui::views::bytes::text(context, &Default::default());
        let crumb = format!("TCP stream bytes {span}");
        assert!(bytes.contains(&crumb), "{crumb}: {bytes}");
    });
}

#[test]
fn the_pane_of_a_small_screen_has_room_for_layers_and_their_names() {
    for size in [[614.0, 182.0], [1366.0, 768.0]] {
        let mut harness = pane(World::on_frame("push.pcap", 21), size, layers_ui);
        harness.run_steps(2);
        let packet = harness
            .query_all_by_label_contains("packet: packet ")
            .next()
            .unwrap();
        let bottom = packet.rect().bottom();
        assert!(bottom < size[1] - 30.0, "{size:?}: {bottom}");
    }
}

#[test]
fn a_packet_stands_exactly_below_its_segment() {
    let world = World::on_frame("grpc-user-service.pcapng", 30);
    let mut harness = pane(world, [1366.0, 500.0], layers_ui);
    harness.run_steps(2);
    let places = |label: &'static str| {
        let nodes = harness.query_all_by_label_contains(label);
        nodes.map(|node| node.rect()).collect::<Vec<_>>()
    };
    let (segments, packets) = (places("TCP segment: "), places("packet: packet "));
    assert!(segments.len() > 1 && segments.len() == packets.len());
    for (segment, packet) in segments.iter().zip(&packets) {
        assert!(
            (segment.left() - packet.left()).abs() < 1.0,
            "{segment} {packet}"
        );
        assert!(
            (segment.right() - packet.right()).abs() < 1.0,
            "{segment} {packet}"
        );
        assert!(packet.top() > segment.bottom());
    }
    let said = said(&harness.state().0);
    assert!(said.contains("packet 24 · 160 bytes"), "{said}");
}
