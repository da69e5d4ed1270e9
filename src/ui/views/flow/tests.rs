use super::*;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;

fn said(world: &World) -> String {
    world.read(|context| text(context, &State::default()))
}

/// Every point of every line, read back at the pixel, must be what `state` says after that frame.
#[test]
fn lines_say_at_each_of_their_steps_what_the_state_is_there() {
    for capture in [
        "push.pcap",
        "downloads.pcapng",
        "lossy.pcapng",
        "grpc-user-service.pcapng",
    ] {
        let world = World::of_capture(capture);
        world.read(|context| {
            for sender in Direction::BOTH {
                let reader = Reader::new(context, Some(sender)).unwrap();
                let (first, last) = reader.extent_ns().unwrap();
                let columns = 1200;
                let scale = Window::fitted(first, last, columns as f64).scale(columns as f64);
                let model = Model::new(context, &reader, &mut Kept::default(), &scale, columns);
                assert!(!model.lines.is_empty());
                for line in &model.lines {
                    assert!(!line.relative);
                    let mut before = f32::NEG_INFINITY;
                    for step in &line.steps {
                        assert!(step.x >= before - 1.0, "{capture}: steps go to the right");
                        before = step.x;
                        assert!(step.span.least <= step.after && step.after <= step.span.greatest);
                    }
                    let Some(step) = line.steps.last() else {
                        continue;
                    };
                    let count = step.frame.index() + 1;
                    let expected = reader.window_at(line.stream, count);
                    assert_eq!(Some(step.after), expected, "{capture}, {:?}", line.stream);
                }
            }
        });
    }
}

#[test]
fn the_text_names_the_windows_of_the_state_command() {
    let world = World::at_frame("downloads.pcapng", 60);
    let said = said(&world);
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    let state = crate::trace::Http2State::at(connection, world.cursor.unwrap()).unwrap();
    let side = connection.side(Direction::Server);
    let window = state.connection_window(side).unwrap();
    assert!(
        said.contains(&format!("connection: {}", words::size_words(window))),
        "{said}"
    );
    for stream in state.active_streams().into_keys() {
        let window = words::size_words(state.stream_window(stream, side).unwrap());
        let line = said
            .lines()
            .find(|line| line.starts_with(&format!("stream {stream} ")))
            .unwrap();
        let under_way = format!("; {window} when what is on its way has arrived");
        let told = line.ends_with(&format!(": {window}")) || line.ends_with(&under_way);
        assert!(told, "{line}");
    }
}

#[test]
fn two_cursors_show_two_states() {
    assert_ne!(
        said(&World::at_frame("downloads.pcapng", 30)),
        said(&World::at_frame("downloads.pcapng", 90))
    );
}

#[test]
fn a_capture_from_the_middle_shows_changes_only() {
    let world = World::of_capture("mid-download.pcapng");
    world.read(|context| {
        let reader = Reader::new(context, None).unwrap();
        let (first, last) = reader.extent_ns().unwrap();
        let scale = Window::fitted(first, last, 800.0).scale(800.0);
        let model = Model::new(context, &reader, &mut Kept::default(), &scale, 800);
        assert!(model.lines[0].relative);
    });
    let said = said(&world);
    assert!(said.contains("longest wait: not known") && said.contains("at the cursor: not known"));
}

#[test]
fn the_sender_is_switched_and_a_line_selected_by_its_name() {
    let mut world = World::of_capture("downloads.pcapng");
    world.select_frame(20);
    let mut harness = pane(world, [1200.0, 600.0], flow_ui);
    harness.run_steps(2);
    harness.get_by_label("window of stream 3").click();
    harness.run_steps(2);
    let connection = harness.state().0.connection.unwrap();
    assert_eq!(
        harness.state().0.selection,
        Some(Item::Stream(connection, StreamId(3)))
    );
    harness.get_by_label("Windows: Client sends").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1.sender, Some(Direction::Client));
}

#[test]
fn the_view_moves_with_the_loom() {
    let mut state = State::default();
    state.follow_time(Some((1e6, 2e6)));
    assert_eq!(state.window.map(|window| window.start_ns), Some(1e6));
    // Its own zoom stays until the loom moves again.
    state.window = Some(Window {
        start_ns: 0.0,
        end_ns: 5.0,
    });
    state.follow_time(Some((1e6, 2e6)));
    assert_eq!(state.window.map(|window| window.end_ns), Some(5.0));
    state.follow_time(Some((3e6, 4e6)));
    assert_eq!(state.window.map(|window| window.end_ns), Some(4e6));
}

#[test]
fn nothing_open_is_said_with_what_to_do() {
    let world = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
    assert!(said(&world).contains("Open a capture"));
    let mut harness = pane(world, [300.0, 200.0], flow_ui);
    harness.run_steps(2);
}

#[test]
fn a_stretch_of_time_moves_with_the_cursor_unless_a_hand_has_moved_it_away() {
    use crate::trace::{Cursor, FrameId};
    use crate::ui::views::View;
    let mut world = World::of_capture("downloads.pcapng");
    let frames = world
        .trace
        .main_connection()
        .unwrap()
        .http2()
        .unwrap()
        .frames
        .len();
    let after = |world: &World, frame: usize| {
        let connection = world.trace.main_connection().unwrap();
        Cursor::after_frame(connection, FrameId::from_index(frame))
    };
    world.cursor = after(&world, 0);
    let mut harness = pane(world, [800.0, 400.0], flow_ui);
    harness.run();
    harness.state_mut().1.window = Some(Window {
        start_ns: 0.0,
        end_ns: 2e6,
    });
    let in_sight = |harness: &egui_kittest::Harness<'_, (World, State)>| {
        let (world, state) = harness.state();
        let at =
            crate::ui::views::loom::reader::packet_ns(&world.trace, world.cursor.unwrap().packet);
        state.window.unwrap().contains(at)
    };
    harness.state_mut().1.follow_cursor(Some(true));
    harness.run();
    let late = after(&harness.state().0, frames - 2);
    harness.state_mut().0.cursor = late;
    harness.run();
    assert!(in_sight(&harness));
    // Asked to stay, it stays.
    harness.state_mut().1.follow_cursor(Some(false));
    let early = after(&harness.state().0, 0);
    harness.state_mut().0.cursor = early;
    harness.run();
    assert!(!in_sight(&harness));
    harness.state_mut().1.follow_cursor(Some(true));
    harness.run();
    assert!(in_sight(&harness));
}

#[test]
fn a_filter_leaves_the_lines_of_its_streams_and_says_how_many() {
    let mut world = World::of_capture("downloads.pcapng");
    let drawn = |world: &World| {
        world.read(|context| {
            let reader = Reader::new(context, Some(Direction::Server)).unwrap();
            let (first_ns, last_ns) = reader.extent_ns().unwrap();
            let scale = Window::fitted(first_ns, last_ns, 800.0).scale(800.0);
            Model::new(context, &reader, &mut Kept::default(), &scale, 800)
        })
    };
    let all = drawn(&world);
    assert_eq!(
        (all.in_view, all.passing),
        (all.lines.len() - 1, all.in_view)
    );
    assert!(!said(&world).contains("filter"));
    let stream = all.lines[1].stream;
    world.filter(&format!("stream:{stream}"));
    let some = drawn(&world);
    let streams: Vec<StreamId> = some.lines.iter().map(|line| line.stream).collect();
    assert_eq!(streams, [StreamId::CONNECTION, stream]);
    assert_eq!((some.in_view, some.passing), (all.in_view, 1));
    let mut harness = pane(world, [800.0, 400.0], flow_ui);
    harness.run();
    let words = format!("1 of {} streams passes the filter", all.in_view);
    harness.get_by_label_contains(&words);
    let said = said(&harness.state().0);
    assert!(said.contains(" the filter"), "{said}");
}

#[test]
fn every_wait_says_which_frame_ended_it_also_where_the_next_follows_at_once() {
    let world = World::of_capture("downloads.pcapng");
    let said = said(&world);
    let waits: Vec<&str> = said
        .lines()
        .filter(|line| line.contains(" waits "))
        .collect();
    assert!(waits.len() > 30, "{said}");
    for wait in &waits {
        assert!(
            wait.contains(" until ") && wait.contains("WINDOW_UPDATE +"),
            "{wait}"
        );
    }
    world.read(|context| {
        let reader = Reader::new(context, Some(Direction::Server)).unwrap();
        let pauses = stalls::Pauses::of(context.trace, reader.connection);
        let of_one = pauses.within(reader.side, i64::MIN, i64::MAX);
        let of_one: Vec<_> = of_one.filter(|pause| pause.stream == StreamId(5)).collect();
        let ends: Vec<_> = of_one
            .iter()
            .map(|pause| pause.credit_frame_words())
            .collect();
        let different: std::collections::BTreeSet<_> = ends.iter().flatten().collect();
        assert_eq!(different.len(), of_one.len(), "{ends:?}");
    });
}

#[test]
fn what_streams_began_with_before_settings_does_not_flatten_what_follows() {
    let spans = |capture: &str| {
        World::of_capture(capture).read(|context| {
            let reader = Reader::new(context, Some(Direction::Server)).unwrap();
            let (first, last) = reader.extent_ns().unwrap();
            let scale = Window::fitted(first, last, 900.0).scale(900.0);
            let model = Model::new(context, &reader, &mut Kept::default(), &scale, 900);
            let streams = model.lines.iter().skip(1);
            let spans = streams.map(|line| (line.span(), line.span_in_use(&model.settings)));
            spans.collect::<Vec<_>>()
        })
    };
    let downloads = spans("downloads.pcapng");
    assert_eq!(downloads.len(), 6);
    for (all, (in_use, above)) in downloads {
        assert_eq!((all.greatest, above), (65_535, Some(65_535)));
        assert!(
            in_use.greatest < 16_384 && in_use.least == all.least,
            "{in_use:?}"
        );
    }
    // Here SETTINGS changes nothing.
    for (all, in_use) in spans("push.pcap") {
        assert_eq!((all, None), in_use);
    }
}

#[test]
fn the_longest_wait_and_that_at_the_cursor_are_said_with_what_ended_them() {
    let world = World::at_frame("downloads.pcapng", 60);
    let said = said(&world);
    let longest = said.lines().find(|line| line.starts_with("longest wait: "));
    let longest = longest.unwrap();
    for words in [
        "stream 1, ",
        " ms, 55.2 ms: its own window; ended by frame 16, WINDOW_UPDATE +",
        " bytes for stream 1, when it arrived at the sender",
    ] {
        assert!(longest.contains(words), "{words:?} is missing in {longest}");
    }
    world.read(|context| {
        let reader = Reader::new(context, Some(Direction::Server)).unwrap();
        let all = stalls::Pauses::of(context.trace, reader.connection);
        let now = context.trace.time_ns(context.cursor.unwrap().packet);
        let everything = all.within(reader.side, i64::MIN, i64::MAX);
        let going_on: Vec<_> = everything.filter(|of| of.is_at(now)).copied().collect();
        let first = going_on.iter().max_by_key(|of| of.lasted_ns()).unwrap();
        let words = format!("at the cursor: {}", first.line_words(&reader));
        assert!(said.lines().any(|line| line.starts_with(&words)), "{said}");
        let longest_known: Vec<i64> = all.longest(reader.side).map(|of| of.lasted_ns()).collect();
        assert!(longest_known.is_sorted_by(|a, b| a >= b) && longest_known.len() > 30);
    });
}

#[test]
fn within_a_wait_it_is_said_that_nothing_may_be_sent_until_the_credit_arrives() {
    let world = World::at_frame("downloads.pcapng", 62);
    let words = said(&world).replace('\u{202f}', " ");
    let seven = words.lines().find(|line| line.starts_with("stream 7 "));
    let told = ": the server may send 0 now; 9 630 bytes when what is on its way has arrived";
    assert!(seven.is_some_and(|line| line.ends_with(told)), "{words}");
    // The connection's window is open.
    let whole = words.lines().find(|line| line.starts_with("connection: "));
    assert_eq!(whole, Some("connection: 43 281 bytes"));
}

#[test]
fn a_click_on_a_wait_of_the_list_leads_to_the_frame_with_which_it_began() {
    let world = World::at_frame("downloads.pcapng", 30);
    let connection = world.connection.unwrap();
    let first = world.read(|context| {
        let reader = Reader::new(context, Some(Direction::Server)).unwrap();
        let all = stalls::Pauses::of(context.trace, reader.connection);
        *all.longest(reader.side).next().unwrap()
    });
    for height in [800.0, 430.0] {
        let world = World::at_frame("downloads.pcapng", 30);
        let mut harness = pane(world, [1000.0, height], flow_ui);
        harness.run_steps(3);
        let listed = |harness: &egui_kittest::Harness<'_, (World, State)>| {
            harness.query_all_by_label_contains("wait: stream ").count()
        };
        if height < 600.0 {
            assert_eq!(listed(&harness), 1, "only the line about the longest");
            harness.get_by_label_contains("list the ").click();
            harness.run_steps(3);
        }
        assert!(listed(&harness) > 3);
        let rows = harness.query_all_by(|node: &egui_kittest::kittest::AccessKitNode<'_>| {
            let label = node.label().unwrap_or_default();
            label.starts_with("wait: stream 1, 51.4 to ")
        });
        let rows: Vec<_> = rows.collect();
        rows.last().unwrap().click();
        drop(rows);
        harness.run_steps(3);
        let selected = harness.state().0.selection;
        assert_eq!(selected, Some(Item::Frame(connection, first.from)));
        harness.get_by_label_contains("hide the ").click();
        harness.run_steps(3);
        assert_eq!(listed(&harness), 1);
    }
}

#[test]
fn what_hatching_rings_and_dots_mean_stands_below_the_lines() {
    for size in [[780.0, 400.0], [1900.0, 1000.0]] {
        let mut harness = pane(World::of_capture("downloads.pcapng"), size, flow_ui);
        harness.run_steps(3);
        for words in [
            "legend: hatched: must wait, with how long and what ended it",
            "legend: ring: WINDOW_UPDATE adds to the window",
            "legend: dotted: SETTINGS moves the windows of all streams",
            "legend: dashed: the connection's window, which all share",
        ] {
            let sign = harness.get_by_label(words).rect();
            assert!(sign.right() <= size[0], "{words} at {sign:?}");
        }
    }
}
