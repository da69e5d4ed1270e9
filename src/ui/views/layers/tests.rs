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
                let http2 = connection.http2().unwrap();
                let focus = Focus::new(context, connection, http2).unwrap();
                let mut kept = Kept::default();
                kept.follow(context.trace, connection, http2, &focus);
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
    assert!(said.contains("packet: packet"), "{said}");
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
        let http2 = connection.http2().unwrap();
        let focus = Focus::new(context, connection, http2).unwrap();
        let pointed = focus.pointed(context, connection, http2).unwrap();
        assert_eq!(pointed.parts[0].end - pointed.parts[0].start, 2);
        let mut kept = Kept::default();
        kept.follow(context.trace, connection, http2, &focus);
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
