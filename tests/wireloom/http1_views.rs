//! HTTP/1.1 in the window: what a click on a finding, a field, a byte or a layer selects, and that all views follow it.

use crate::program::shipped;
use crate::screens::{click, inside, shows};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use wireloom::capture::Capture;
use wireloom::trace::{ConnectionId, Cursor, ExchangeId, MessageId, MessageKind, PacketId, Trace};
use wireloom::ui::app::App;
use wireloom::ui::theme::ThemeChoice;
use wireloom::ui::views::ViewId;
use wireloom::ui::{Command, Item, workspace};

const PROGRAMS: &str = "http1-programs.pcapng";

fn trace(capture: &str) -> Trace {
    wireloom::dissect::read_all(Capture::open(&shipped(capture)).unwrap())
}

/// The window on a connection of a capture, read to its end, with one view brought to the front.
fn window(capture: &str, connection: usize, view: &str) -> Harness<'static, App> {
    let trace = trace(capture);
    let last = PacketId::from_index(trace.packets.len() - 1);
    let connection = ConnectionId::from_index(connection);
    let cursor = Cursor::after_packet(last);
    let dark = ThemeChoice::Dark;
    let app = App::of_trace(capture, trace, Some(connection), Some(cursor), dark);
    let mut harness = inside(app, [1920.0, 1080.0]);
    bring(&mut harness, view);
    harness
}

fn bring(harness: &mut Harness<'_, App>, view: &str) {
    let view = ViewId::from_name(view).unwrap();
    let show = Command::Workspace(workspace::Command::Show(view));
    harness.state_mut().send(show);
    harness.run_steps(4);
}

fn select(harness: &mut Harness<'_, App>, item: Item) {
    harness.state_mut().send(Command::Select(item));
    harness.run_steps(4);
}

/// Clicks on what a name begins.
fn click_on(harness: &mut Harness<'_, App>, begins: &str) {
    harness
        .query_all_by(|node| node.label().is_some_and(|label| label.starts_with(begins)))
        .next()
        .unwrap_or_else(|| panic!("nothing begins with {begins:?}"))
        .click();
    harness.run_steps(4);
}

fn exchange(connection: usize, exchange: usize) -> Item {
    let exchange = ExchangeId::from_index(exchange);
    Item::Exchange(ConnectionId::from_index(connection), exchange)
}

#[test]
fn a_click_on_a_finding_of_http1_selects_its_exchange_at_that_instant() {
    let mut harness = window(PROGRAMS, 0, "findings");
    click_on(
        &mut harness,
        "The response of exchange 0 switches to \"websocket\"",
    );
    let app = harness.state();
    assert_eq!(app.selection(), Some(exchange(6, 0)));
    let packet = app.transport().cursor().unwrap().packet;
    assert_eq!(packet.number(), 116);
    let shown = app.document().unwrap().connection;
    assert_eq!(shown, Some(ConnectionId::from_index(6)));
    // The inspector tells of it where the exchange is told.
    bring(&mut harness, "inspector");
    assert!(shows(&harness, "note: The response of exchange 0 switches"));
}

#[test]
fn the_inspector_leads_from_an_exchange_to_a_message_and_to_the_bytes_of_a_field() {
    let mut harness = window(PROGRAMS, 0, "inspector");
    select(&mut harness, exchange(0, 1));
    click_on(&mut harness, "response: head of ");
    let Some(Item::Message(_, message)) = harness.state().selection() else {
        panic!("{:?}", harness.state().selection());
    };
    click_on(&mut harness, "status: 200");
    let trace = trace(PROGRAMS);
    let connection = trace.connection(ConnectionId::FIRST).unwrap();
    let row = *connection.http1().unwrap().message(message).unwrap();
    assert_eq!(row.kind, MessageKind::Response);
    // `HTTP/1.1 200`: the status is behind eight characters and a space.
    let status = Item::MessageBytes {
        connection: connection.id,
        message,
        start: 9,
        end: 12,
    };
    assert_eq!(harness.state().selection(), Some(status));
    // The bytes and the layers show the same.
    bring(&mut harness, "bytes");
    assert!(shows(&harness, "response of exchange 1"));
    assert!(shows(&harness, "status"));
    bring(&mut harness, "layers");
    assert!(shows(
        &harness,
        "content: first line and fields of the response 200 of exchange 1"
    ));
    let found = harness.query_all_by(|node| {
        let label = node.label().unwrap_or_default();
        label.starts_with("HTTP/1.1 message: response 200 of exchange 1")
    });
    assert_eq!(found.count(), 1);
}

#[test]
fn a_click_on_a_byte_of_a_message_selects_the_field_that_owns_it() {
    let mut harness = window(PROGRAMS, 0, "bytes");
    let request = MessageId::from_index(0);
    let connection = ConnectionId::FIRST;
    select(&mut harness, Item::Message(connection, request));
    let row = harness.get_by_label_contains("bytes from 0:").rect();
    // The first byte is the G of GET, which has a space behind it.
    let pointer = egui::pos2(row.left() + 50.0, row.center().y);
    for pressed in [true, false] {
        harness.event(egui::Event::PointerMoved(pointer));
        harness.event(egui::Event::PointerButton {
            pos: pointer,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Default::default(),
        });
    }
    harness.run_steps(4);
    let method = Item::MessageBytes {
        connection,
        message: request,
        start: 0,
        end: 4,
    };
    assert_eq!(harness.state().selection(), Some(method));
    click(&mut harness, "request of exchange 0");
    let whole = Item::Message(connection, request);
    assert_eq!(harness.state().selection(), Some(whole));
}

#[test]
fn each_layer_of_a_chunked_response_selects_its_own_bytes() {
    let mut harness = window(PROGRAMS, 0, "layers");
    select(&mut harness, exchange(0, 1));
    for (layer, begins) in [("content: bytes 0", "content"), ("chunk: chunk 0", "chunk")] {
        click_on(&mut harness, layer);
        let selected = harness.state().selection();
        let bytes = matches!(selected, Some(Item::MessageBytes { .. }));
        assert!(bytes, "{begins}: {selected:?}");
    }
    click_on(&mut harness, "HTTP/1.1 message: response 200 of exchange 1");
    let selected = harness.state().selection();
    assert!(matches!(selected, Some(Item::Message(..))), "{selected:?}");
    click_on(&mut harness, "packet: packet ");
    let selected = harness.state().selection();
    assert!(matches!(selected, Some(Item::Packet(_))), "{selected:?}");
}

#[test]
fn a_note_on_an_exchange_is_found_at_the_exchange() {
    let mut harness = window(PROGRAMS, 0, "inspector");
    select(&mut harness, exchange(0, 2));
    click(&mut harness, "Write a note");
    assert!(shows(&harness, "Note on exchange 2"));
}

/// How many messages of the connection shown have begun at the cursor, and how many there are.
fn messages_seen(harness: &Harness<'_, App>) -> (usize, usize) {
    let app = harness.state();
    let packet = app.transport().cursor().unwrap().packet;
    let messages = app.document().unwrap().connection().unwrap();
    let messages = messages.http1().unwrap().messages();
    let seen = messages.iter().filter(|row| row.head_packet <= packet);
    (seen.count(), messages.len())
}

#[test]
fn play_runs_through_the_messages_of_http1_and_begins_again_at_the_end() {
    let mut harness = window(PROGRAMS, 0, "requests");
    let (seen, all) = messages_seen(&harness);
    assert_eq!(seen, all);
    assert!(shows(&harness, &format!("after message {all} · the last")));
    // At the end there is nothing to play but all of it.
    click(&mut harness, "Play");
    assert!(harness.state().transport().playing());
    assert_eq!(messages_seen(&harness).0, 0);
    click(&mut harness, "Pause");
    click(&mut harness, "To start");
    assert!(shows(
        &harness,
        &format!("before message 1 · {all} to come")
    ));
    harness
        .query_all_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("Speed: "))
        })
        .next()
        .unwrap()
        .click();
    harness.run_steps(3);
    click(&mut harness, "message by message");
    click(&mut harness, "Play");
    harness.run_steps(100);
    click(&mut harness, "Pause");
    let (seen, _) = messages_seen(&harness);
    assert!((1..all).contains(&seen), "{seen} of {all}");
    assert!(shows(&harness, &format!("after message {seen} · ")));
    harness.run_steps(30);
    assert_eq!(messages_seen(&harness), (seen, all));
}
