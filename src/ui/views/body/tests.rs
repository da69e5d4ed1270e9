use super::*;
use crate::ui::Item;
use crate::ui::views::testing::{World, pane};
use crate::wire::http2::StreamId;
use egui_kittest::kittest::Queryable;

/// A capture with a stream selected.
fn world(name: &str, stream: u32) -> World {
    let mut world = World::of_capture(name);
    let connection = world.connection.unwrap();
    world.selection = Some(Item::Stream(connection, StreamId(stream)));
    world
}

/// The streams of a capture's main connection that carry a response with content.
fn with_content(world: &World) -> Vec<StreamId> {
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    let side = connection.side(Direction::Server).index();
    let streams = connection.http2().unwrap().streams().iter();
    streams
        .filter(|row| row.data_bytes[side] > 0)
        .map(|row| row.id)
        .collect()
}

#[test]
fn the_content_has_as_many_bytes_as_the_streams_data() {
    let world = world("downloads.pcapng", 1);
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    let streams = with_content(&world);
    assert_eq!(streams.len(), 6);
    for stream in streams {
        let content = Content::of(&world.trace, connection, stream, Direction::Server).unwrap();
        let row = connection.http2().unwrap().stream(stream).unwrap();
        let side = connection.side(Direction::Server).index();
        assert_eq!(content.bytes.len() as u64, row.data_bytes[side]);
        assert!(content.about.contains("DATA frame"), "{}", content.about);
        for mode in &content.modes {
            let rows = content.rows(*mode);
            assert!(*mode == Mode::Picture || !content.row(*mode, rows / 2).is_empty());
        }
    }
}

#[test]
fn a_stream_without_content_says_so_and_so_does_no_stream() {
    let world = world("downloads.pcapng", 1);
    let state = State {
        direction: Some(Direction::Client),
        ..State::default()
    };
    let said = world.read(|context| text(context, &state));
    assert!(said.contains("No content was sent this way"), "{said}");
    let none = World::of_capture("downloads.pcapng");
    let said = none.read(|context| text(context, &State::default()));
    assert!(said.starts_with("Select a stream"), "{said}");
}

#[test]
fn content_can_be_seen_as_bytes_and_saved() {
    let world = world("downloads.pcapng", 1);
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    let content = Content::of(&world.trace, connection, StreamId(1), Direction::Server).unwrap();
    let mut harness = pane(world, [700.0, 400.0], body_ui);
    harness.run_steps(2);
    harness.get_by_label("Hex").click();
    harness.run_steps(2);
    harness.get_by_label(&content.row(Mode::Hex, 0));
    harness.get_by_label("Save…").click();
    harness.run_steps(2);
    let (world, _) = harness.state();
    let saved = world.commands.iter().find_map(|command| match command {
        Command::SaveFile { name, bytes } => Some((name.clone(), bytes.clone())),
        _ => None,
    });
    assert_eq!(saved, Some((content.name.clone(), content.bytes.clone())));
}
