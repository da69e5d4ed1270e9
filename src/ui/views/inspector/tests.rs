//! The inspector on shipped captures: what it says of each kind of thing.

use super::*;
use crate::ui::Command;
use crate::ui::views::testing::{World, pane};
use crate::wire::http2::StreamId;
use egui_kittest::kittest::Queryable;

const SIZE: [f32; 2] = [370.0, 560.0];

fn said(world: &World, tab: Tab) -> String {
    world
        .read(|context| text(context, &State::with_tab(tab)))
        .replace(crate::ui::widgets::format::GROUP_SEPARATOR, " ")
}

fn frame(name: &str, frame: usize) -> World {
    let mut world = World::of_capture(name);
    world.select_frame(frame);
    world
}

#[test]
fn a_frame_says_every_field() {
    let text = said(&frame("downloads.pcapng", 0), Tab::Frame);
    for line in [
        "SETTINGS · whole connection · client → server",
        "length: 12 bytes",
        "MAX_CONCURRENT_STREAMS: 100 streams (no limit at first)",
        "INITIAL_WINDOW_SIZE: 8 191 bytes (at first 65 535 bytes)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_block_says_what_each_field_cost_and_what_the_table_holds() {
    let text = said(&frame("grpc-user-service.pcapng", 17), Tab::Headers);
    for line in [
        "99 bytes for 272 bytes of text · 64 % saved",
        "83 | indexed 3 | :method: POST",
        "c3 | indexed 67 | :authority: users.loom.example",
        "dynamic table after this block: 503 of 4 096 bytes · 8 entries · 0 evicted",
        "62 | grpc-timeout: 501m | 48 bytes | new",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_click_on_a_field_selects_its_bytes_and_the_second_opinion_is_given() {
    let world = frame("grpc-user-service.pcapng", 17);
    let connection = world.connection.unwrap();
    let mut harness = pane(world, SIZE, inspector_ui);
    harness.get_by_label("Headers & HPACK").click();
    harness.run_ok();
    harness.get_by_label("cross-checked");
    harness.get_by_label(":method: POST").click();
    harness.run_ok();
    let commands = &harness.state().0.commands;
    let [
        Command::Select(Item::Bytes {
            connection: of,
            start,
            end,
            ..
        }),
    ] = commands[..]
    else {
        panic!("{commands:?}");
    };
    assert_eq!((of, end - start), (connection, 1));
}

#[test]
fn a_tab_that_does_not_apply_comes_back() {
    let mut harness = pane(frame("grpc-user-service.pcapng", 17), SIZE, inspector_ui);
    harness.get_by_label("Headers & HPACK").click();
    harness.run_ok();
    // A PING carries no header block.
    harness.state_mut().0.select_frame(16);
    harness.run_ok();
    assert!(harness.query_by_label("Headers & HPACK").is_none());
    harness.state_mut().0.select_frame(17);
    harness.run_ok();
    harness.get_by_label("cross-checked");
}

#[test]
fn a_stream_says_its_request_its_response_and_its_frames() {
    let mut world = World::of_capture("push.pcap");
    let connection = world.connection.unwrap();
    world.selection = Some(Item::Stream(connection, StreamId(2)));
    let text = said(&world, Tab::Frame);
    for line in [
        "Stream 2 · pushed /style.css",
        "path: /style.css",
        "pushed: promised on stream 13",
        "status: 200",
        "HEADERS: 1 frame",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn connections_and_packets_say_what_is_known() {
    let mut world = World::of_capture("tls.pcapng");
    let connection = world.trace.connections.first().unwrap();
    world.selection = Some(Item::Connection(connection.id));
    let text = said(&world, Tab::Frame);
    assert!(
        text.contains("version: TLS 1.3") && text.contains("SNI: wireloom.example"),
        "{text}"
    );
    world.selection = Some(Item::Packet(PacketId::from_index(0)));
    let text = said(&world, Tab::Frame);
    assert!(
        text.starts_with("Packet\nPacket 1\ntime: 0.000 000 ms"),
        "{text}"
    );
}

#[test]
fn without_a_selection_it_says_what_to_do() {
    let world = World::of_capture("downloads.pcapng");
    assert!(said(&world, Tab::Frame).starts_with("Click a knot on the loom"));
    let empty = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
    assert!(said(&empty, Tab::Frame).starts_with("Open a capture"));
}

#[test]
fn every_frame_of_every_capture_can_be_inspected() {
    for name in [
        "lossy.pcapng",
        "mid-connection.pcapng",
        "mid-download.pcapng",
        "large-headers.pcapng",
        "priorities.pcapng",
    ] {
        let mut world = World::of_capture(name);
        let count = world
            .trace
            .main_connection()
            .unwrap()
            .http2()
            .unwrap()
            .frames
            .len();
        for frame in 0..count {
            world.select_frame(frame);
            for tab in [Tab::Frame, Tab::Headers, Tab::Stream] {
                assert!(!said(&world, tab).is_empty(), "{name} {frame}");
            }
        }
    }
}

#[test]
fn a_frame_that_breaks_a_rule_says_so_with_the_section() {
    let mut world = World::of_capture("fourteen-breaks.pcapng");
    let finding = (world.trace.findings.iter())
        .find(|finding| finding.frame.is_some() && finding.section.is_some())
        .unwrap()
        .clone();
    world.connection = finding.connection;
    world.select_frame(finding.frame.unwrap().index());
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.contains(&finding.text), "{said}");
    assert!(said.contains(finding.section.unwrap()), "{said}");
}

#[test]
fn the_call_tab_explains_the_status_and_a_frame_says_what_is_left_of_the_deadline() {
    let mut world = World::of_calls("grpc-errors.pcapng");
    let connection = world.connection.unwrap();
    let rows = world.grpc.calls.rows().to_vec();
    for row in &rows {
        world.selection = Some(Item::of_carrier(connection, row.id.carrier));
        let said = world.read(|context| text(context, &State::with_tab(Tab::Call)));
        assert!(said.starts_with("Call\n"), "{said}");
        let Some(status) = row.status_seen() else {
            continue;
        };
        let Some(explained) = crate::wire::grpc::status::explanation(status) else {
            continue;
        };
        for words in [&explained.meaning, &explained.what_to_do] {
            assert!(said.contains(words.as_str()), "{said}");
        }
        let http = format!("most like HTTP: {} {}", explained.http, explained.http_name);
        assert!(said.contains(&http), "{said}");
    }
    // What the server said, decoded: no percent signs of the encoding are left.
    let details = rows.iter().find_map(|row| {
        world.selection = Some(Item::of_carrier(connection, row.id.carrier));
        let said = world.read(|context| text(context, &State::with_tab(Tab::Call)));
        said.contains("GRPC-STATUS-DETAILS-BIN").then_some(said)
    });
    let details = details.unwrap();
    assert!(details.contains("detail 1: google.rpc."), "{details}");
    assert!(details.contains("GRPC-MESSAGE"), "{details}");
    // Right after its first frame, all of the deadline is left.
    let row = rows.iter().find(|row| row.timeout_ns.is_some()).unwrap();
    let frame = row.first.frame().unwrap();
    world.selection = Some(Item::Frame(connection, frame));
    let said = world.read(|context| text(context, &State::with_tab(Tab::Frame)));
    let whole = crate::ui::widgets::format::duration_ns(row.timeout_ns.unwrap());
    assert!(
        said.contains(&format!("time left: {whole} of {whole} left")),
        "{said}"
    );
}

#[test]
fn rows_out_of_sight_take_the_room_that_they_have_in_sight() {
    let tall = egui::vec2(370.0, 4000.0);
    let worlds = [
        (World::of_capture("downloads.pcapng"), Tab::Connection),
        (frame("grpc-user-service.pcapng", 17), Tab::Frame),
        (frame("grpc-user-service.pcapng", 17), Tab::Stream),
    ];
    for (world, tab) in worlds {
        let height = |seen: egui::Rect| {
            let ctx = egui::Context::default();
            world.theme.apply(&ctx);
            let input = egui::RawInput {
                screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, tall)),
                ..Default::default()
            };
            let (mut height, mut shapes) = (0.0, 0);
            let mut output = ctx.run_ui(input, |ui| {
                world.read(|context| {
                    ui.set_clip_rect(seen);
                    let subject = Subject::of(context);
                    let mut state = State::with_tab(tab);
                    let (_, sections) = content(context, &mut state, &subject, tab);
                    let top = ui.cursor().top();
                    section::sections_ui(ui, context, &sections, &mut false);
                    height = ui.cursor().top() - top;
                });
            });
            shapes += output.shapes.len();
            output.textures_delta.clear();
            (height, shapes)
        };
        let (whole, all) = height(egui::Rect::from_min_size(egui::Pos2::ZERO, tall));
        let top = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(370.0, 60.0));
        let (cut, few) = height(top);
        assert!(few < all, "{tab:?}: {few} of {all} shapes");
        assert_eq!(cut, whole, "{tab:?}");
    }
}
