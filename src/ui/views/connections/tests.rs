use super::*;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;

#[test]
fn the_start_page_says_what_a_capture_holds_and_what_is_worth_a_look() {
    let world = World::of_capture("lossy.pcapng");
    let said = world.read(|context| text(context, &State::default()));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 1 + world.trace.connections.len());
    assert!(lines[0].contains("1 HTTP/2"), "{}", lines[0]);
    assert!(
        lines[1].starts_with("connection 0, shown: client "),
        "{}",
        lines[1]
    );
    assert!(lines[1].contains("retransmissions"), "{}", lines[1]);
    assert!(
        lines[1].contains("holes in the byte streams"),
        "{}",
        lines[1]
    );
}

#[test]
fn pushes_and_encrypted_connections_are_named() {
    let of = |name| World::of_capture(name).read(|context| text(context, &State::default()));
    let push = of("push.pcap");
    assert!(push.contains("pushes of the server"), "{push}");
    let tls = of("tls.pcapng");
    assert!(
        tls.contains("encrypted: only the handshake is shown"),
        "{tls}"
    );
}

#[test]
fn rows_are_sorted_by_every_column_and_stay_complete() {
    let world = World::of_capture("http1-and-h2c.pcapng");
    for column in 0..COLUMNS.len() {
        for descending in [false, true] {
            let rows = world.read(|context| Rows::complete(context, Sort { column, descending }));
            assert_eq!(rows.len(), world.trace.connections.len());
            let bytes: Vec<u64> = (0..rows.len())
                .filter_map(|position| rows.get(position))
                .map(|row| row.bytes[0] + row.bytes[1])
                .collect();
            if column == 3 {
                assert!(bytes.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }));
            }
        }
    }
}

#[test]
fn a_click_chooses_the_connection() {
    let world = World::of_capture("http1-and-h2c.pcapng");
    let count = world.trace.connections.len();
    assert!(count > 1);
    let mut harness = pane(world, [900.0, 400.0], connections_ui);
    harness.run_steps(2);
    harness
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("connection 1: client"))
        })
        .click();
    harness.run_steps(2);
    let (world, _) = harness.state();
    let chosen = Command::Select(Item::Connection(ConnectionId::from_index(1)));
    assert!(world.commands.contains(&chosen), "{:?}", world.commands);
}
