use super::*;
use crate::trace::Http2State;
use crate::ui::views::testing::{World, pane};
use crate::ui::{Command, Item};
use crate::wire::http2::StreamId;
use egui_kittest::kittest::Queryable;

fn said(world: &World) -> String {
    let state = State {
        closed: true,
        ..State::default()
    };
    world.read(|context| text(context, &state))
}

#[test]
fn the_tree_in_words_is_the_tree_of_the_state_command() {
    for (capture, frames) in [
        ("push.pcap", [5, 6, 13, 30]),
        ("priorities.pcapng", [6, 17, 25, 40]),
    ] {
        for frame in frames {
            let world = World::at_frame(capture, frame);
            let said = said(&world);
            let connection = world.trace.connection(world.connection.unwrap()).unwrap();
            let state = Http2State::after(connection, Some(FrameId::from_index(frame))).unwrap();
            for node in state.priority_tree().nodes() {
                let parent = match node.parent {
                    StreamId::CONNECTION => "connection".to_owned(),
                    parent => format!("stream {parent}"),
                };
                let line = format!(
                    "stream {} below {parent} | weight {} |",
                    node.stream, node.weight
                );
                assert!(
                    said.contains(&line),
                    "{capture}, frame {frame}: {line}\n{said}"
                );
            }
        }
    }
}

#[test]
fn delivered_shares_are_all_of_what_was_delivered() {
    let world = World::at_frame("priorities.pcapng", 40);
    world.read(|context| {
        let shown = Shown::new(context).unwrap();
        let tree = shown.tree(ClosedStreams::Keep, &mut None);
        let shares = shown.shares(&tree, 3);
        assert!(shares.bytes > 0);
        let at = (shown.at, &tree);
        let nodes = model::nodes(shown.connection, shown.http2, at, &shares, false);
        let delivered: f32 = nodes.iter().map(|node| node.got.delivered).sum();
        let ideal: f32 = nodes.iter().map(|node| node.got.ideal).sum();
        assert!((delivered - 1.0).abs() < 0.01, "{delivered}");
        assert!(ideal <= 1.01, "{ideal}");
    });
}

#[test]
fn groups_and_connections_without_priorities_are_explained() {
    assert!(said(&World::at_frame("push.pcap", 6)).contains("idle group, no data of its own"));
    let none = said(&World::of_capture("grpc-user-service.pcapng"));
    assert!(none.contains("no priorities were signalled"), "{none}");
    assert!(said(&World::at_frame("push.pcap", 0)).contains("the first come with frame 1"));
}

#[test]
fn a_click_selects_a_stream_and_a_snapshot_moves_the_cursor() {
    let mut harness = pane(
        World::at_frame("push.pcap", 13),
        [1300.0, 900.0],
        priority_ui,
    );
    harness.run_steps(3);
    harness.get_by_label_contains("stream 13, weight").click();
    harness.run_steps(2);
    let connection = harness.state().0.connection.unwrap();
    assert_eq!(
        harness.state().0.selection,
        Some(Item::Stream(connection, StreamId(13)))
    );
    harness.get_by_label("Keep this moment").click();
    harness.run_steps(2);
    harness.get_by_label_contains("tree after frame 13").click();
    harness.run_steps(2);
    let moved = |command: &Command| matches!(command, Command::MoveCursor(_));
    assert!(harness.state().0.commands.iter().any(moved));
}

#[test]
fn cards_glide_to_their_new_places_and_arrive() {
    let world = World::at_frame("push.pcap", 13);
    world.read(|context| {
        let shown = Shown::new(context).unwrap();
        let earlier = Some(FrameId::from_index(4));
        let before = model::nodes(
            shown.connection,
            shown.http2,
            (earlier, &shown.http2.history.tree_at(earlier)),
            &Shares::default(),
            false,
        );
        let after = model::nodes(
            shown.connection,
            shown.http2,
            (shown.at, &shown.http2.history.tree_at(shown.at)),
            &Shares::default(),
            false,
        );
        let mut glided = HashMap::new();
        assert!(!paint::glide(
            &mut glided,
            &before,
            &layout::places(&before, egui::vec2(900.0, 900.0)),
            0.0
        ));
        let targets = layout::places(&after, egui::vec2(900.0, 900.0));
        assert!(paint::glide(&mut glided, &after, &targets, 0.016));
        let mut pictures = 0;
        while paint::glide(&mut glided, &after, &targets, 0.016) {
            pictures += 1;
            assert!(pictures < 200);
        }
        assert_eq!(glided, targets);
    });
}

#[test]
fn nothing_open_is_said_with_what_to_do() {
    let world = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
    assert!(said(&world).contains("Open a capture"));
    let mut harness = pane(world, [300.0, 200.0], priority_ui);
    harness.run_steps(2);
}

#[test]
fn closed_streams_go_from_the_tree_by_the_other_policy_however_the_cursor_came() {
    let kept = said(&World::at_frame("priorities.pcapng", 50));
    assert!(kept.contains("closed streams: keep"), "{kept}");
    let mut came = None;
    for frame in [10, 30, 31, 50, 20] {
        let world = World::at_frame("priorities.pcapng", frame);
        world.read(|context| {
            let shown = Shown::new(context).unwrap();
            let at_once = shown
                .http2
                .history
                .tree_by_policy_at(ClosedStreams::Remove, shown.at);
            let by_steps = shown.tree(ClosedStreams::Remove, &mut came);
            assert_eq!(by_steps.nodes(), at_once.nodes(), "frame {frame}");
            let kept = shown.http2.history.tree_at(shown.at);
            if frame == 50 {
                assert!(at_once.nodes().len() < kept.nodes().len());
            }
        });
    }
}

#[test]
fn a_click_switches_what_becomes_of_closed_streams() {
    let mut harness = pane(
        World::at_frame("priorities.pcapng", 50),
        [1300.0, 900.0],
        priority_ui,
    );
    harness.run_steps(2);
    let closed = "3 closed streams, weight";
    assert!(harness.query_by_label_contains(closed).is_some());
    harness.get_by_label("Closed streams: Remove them").click();
    harness.run_steps(2);
    assert!(harness.query_by_label_contains(closed).is_none());
    assert!(harness.query_by_label("One by one").is_none());
}

#[test]
fn equal_weights_with_different_dues_are_explained_by_when_each_could_send() {
    let said = said(&World::at_frame("push.pcap", 39));
    let line = said
        .lines()
        .find(|line| line.starts_with("Streams 2, 6 and 8, all of weight 16, are due"))
        .unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.contains(" had something to send only during "),
        "{line}"
    );
    let world = World::at_frame("push.pcap", 39);
    world.read(|context| {
        let shown = Shown::new(context).unwrap();
        let tree = shown.tree(ClosedStreams::Keep, &mut None);
        let shares = shown.shares(&tree, 1);
        let at = (shown.at, &tree);
        let nodes = model::nodes(shown.connection, shown.http2, at, &shares, false);
        let mut seen = 0;
        for node in nodes.iter().filter(|node| node.got.ideal > 0.0) {
            // Nobody is due more than all that was sent while it could send.
            assert!(node.got.could_send + 1e-4 >= node.got.ideal, "{node:?}");
            assert!(node.got.could_send <= 1.0 + 1e-4, "{node:?}");
            let hover = words::hover_words(node);
            assert!(hover.contains("It could send while"), "{hover}");
            seen += 1;
        }
        assert!(seen >= 4, "{seen}");
    });
}

#[test]
fn the_key_names_the_edges_of_cards() {
    for (capture, frame) in [("push.pcap", 39), ("grpc-user-service.pcapng", 20)] {
        let said = said(&World::at_frame(capture, frame));
        let named = "dashed edge: closed · dotted: idle · blue frame: selected";
        assert!(said.contains(named), "{said}");
    }
}

#[test]
fn a_student_reads_why_equal_weights_are_due_different_shares_and_who_sent_nothing() {
    let world = World::of_capture("priorities.pcapng");
    let said = world.read(|context| text(context, &State::default()));
    let why =
        "23 had something to send only during 28 % of these bytes and is due half of that, 14 %.";
    assert!(said.contains(why), "{said}");
    // It needed no more, so it is no news that it got less.
    assert!(
        said.contains("Every stream got about what the tree made its due"),
        "{said}"
    );
    assert!(said.contains("Dependencies after frame 54 · "), "{said}");
    for stream in [13, 25] {
        let line = said
            .lines()
            .find(|line| line.starts_with(&format!("stream {stream} below")));
        assert!(
            line.unwrap().ends_with("sent nothing in the last 100 ms"),
            "{said}"
        );
    }
}

#[test]
fn closed_streams_that_share_a_card_are_told_one_by_one() {
    let world = World::of_capture("priorities.pcapng");
    world.read(|context| {
        let shown = Shown::new(context).unwrap();
        let tree = shown.tree(ClosedStreams::Keep, &mut None);
        let shares = shown.shares(&tree, 1);
        let nodes = model::nodes(
            shown.connection,
            shown.http2,
            (shown.at, &tree),
            &shares,
            true,
        );
        let node = nodes
            .iter()
            .find(|node| node.title == "3 closed streams")
            .unwrap();
        let hover = words::hover_words(node);
        for stream in [15, 17, 19] {
            let weight = tree.node(StreamId(stream)).unwrap().weight;
            let line = format!("stream {stream}, weight {weight}: GET /");
            assert!(hover.contains(&line), "{hover}");
        }
        assert!(!hover.contains("of 256"), "{hover}");
    });
}
