use super::model::Part;
use super::*;
use crate::trace::{ConnectionId, MessageId};
use crate::ui::views::loom::loom_ui;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;

fn world(connection: usize) -> World {
    let mut world = World::of_capture("http1-programs.pcapng");
    world.connection = Some(ConnectionId::from_index(connection));
    world
}

fn said(world: &World) -> String {
    world.read(|context| text(context, shown(context).unwrap(), &State::default()))
}

fn lanes(world: &World) -> Vec<Lane> {
    world.read(|context| {
        let connection = shown(context).unwrap();
        let scale = TimeScale::new(0.0, 1e9, 1000.0);
        let ids = (0..exchange_count(connection)).map(ExchangeId::from_index);
        ids.filter_map(|id| Lane::of(context.trace, connection, id, &scale))
            .collect()
    })
}

#[test]
fn the_connection_with_most_exchanges_is_shown_first() {
    let world = World::of_capture("http1-programs.pcapng");
    assert_eq!(world.connection, Some(ConnectionId::from_index(0)));
    let said = said(&world);
    let heading = "HTTP/1.1 · 8 exchanges on one connection, opened at 0 ms, closed by the client at 213 ms\n";
    assert!(said.starts_with(heading), "{said}");
    assert_eq!(said.lines().count(), 9);
    let third = said.lines().nth(3).unwrap();
    assert!(
        third.starts_with("exchange 2, GET /style.css, request by the client at "),
        "{third}"
    );
    assert!(
        third.contains("304 Not Modified by the server") && third.ends_with("no content"),
        "{third}"
    );
}

#[test]
fn each_part_has_its_mark_and_lies_within_its_lane() {
    let mut seen = std::collections::HashSet::new();
    for connection in 0..7 {
        for lane in lanes(&world(connection)) {
            let content: u64 = (lane.marks.iter())
                .filter(|mark| mark.part == Part::Body)
                .map(|mark| mark.bytes)
                .sum();
            let sent: u64 = lane.exchange.messages().map(|row| row.body_bytes).sum();
            let has_content = lane.exchange.messages().any(|row| row.content_bytes > 0);
            assert!(content == sent || !has_content, "{content} of {sent}");
            for mark in &lane.marks {
                seen.insert(mark.part);
                assert!(lane.times_ns.start <= mark.time_ns && mark.end_ns <= lane.times_ns.end);
            }
        }
    }
    for part in [
        Part::Head,
        Part::Interim,
        Part::Body,
        Part::Trailers,
        Part::Switch,
    ] {
        assert!(seen.contains(&part), "{part:?}");
    }
    // Four events, 40 ms apart, are four bars.
    let events = &lanes(&world(4))[0];
    let bars = events.marks.iter().filter(|mark| mark.part == Part::Body);
    assert_eq!(bars.count(), 4);
}

#[test]
fn what_lies_behind_the_cursor_has_not_come() {
    let mut world = world(0);
    let packet = world.trace.connections[0].http1().unwrap().messages()[2].head_packet;
    world.cursor = Some(Cursor::after_packet(packet));
    let said = said(&world);
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[2].contains("request by the client") && !lines[2].contains("200 by"),
        "{said}"
    );
    assert!(lines[3].ends_with("not yet started"), "{said}");
}

#[test]
fn a_click_on_a_lane_selects_the_exchange_and_a_filter_leaves_those_that_pass() {
    let connection = ConnectionId::from_index(0);
    let mut harness = pane(world(0), [1100.0, 460.0], loom_ui);
    harness.run_steps(2);
    harness
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("exchange 4, HEAD"))
        })
        .click();
    harness.run_steps(2);
    let (world, _) = harness.state_mut();
    let chosen = world.selection.unwrap();
    let exchange = ExchangeId::from_index(4);
    let on_it = chosen == Item::Exchange(connection, exchange)
        || matches!(chosen, Item::Message(_, id) if id > MessageId::FIRST);
    assert!(on_it, "{chosen:?}");
    world.filter("http.response.code == 404");
    harness.run_steps(2);
    let labels = |begins: &'static str| {
        harness
            .query_all_by(move |node: &egui_kittest::kittest::AccessKitNode<'_>| {
                node.label().is_some_and(|label| label.starts_with(begins))
            })
            .count()
    };
    assert_eq!(labels("exchange 7, GET /no/such/page"), 1);
    assert_eq!(labels("exchange 4, HEAD"), 0);
}

#[test]
fn a_step_goes_from_message_to_message_and_back() {
    use crate::ui::transport::{Step, Transport};
    let world = world(0);
    let connection = &world.trace.connections[0];
    let messages = connection.http1().unwrap().messages();
    let mut transport = Transport::default();
    transport.to_start(&world.trace);
    let mut steps = 0;
    while let Some(item) = transport.step_message(connection, Step::Forward) {
        assert_eq!(
            item,
            Item::Message(connection.id, MessageId::from_index(steps))
        );
        steps += 1;
    }
    assert_eq!(steps, messages.len());
    let back = transport.step_message(connection, Step::Back);
    let before = MessageId::from_index(steps - 2);
    assert_eq!(back, Some(Item::Message(connection.id, before)));
}

#[test]
fn the_key_names_what_occurs_here_and_nothing_else() {
    let key = |connection: usize| {
        let world = world(connection);
        world.read(|context| Part::occurring(shown(context).unwrap()))
    };
    assert_eq!(key(1), [Part::Head, Part::Body]);
    assert!(key(2).contains(&Part::Interim) && !key(2).contains(&Part::Switch));
    assert!(key(6).contains(&Part::Switch));
}

#[test]
fn pipelined_requests_and_responses_without_content_say_so() {
    let notes = |connection: usize| {
        let lanes = lanes(&world(connection));
        lanes.into_iter().map(|lane| lane.notes).collect::<Vec<_>>()
    };
    // Three requests in one packet.
    assert_eq!(
        notes(1),
        [vec![], vec![model::PIPELINED], vec![model::PIPELINED]]
    );
    assert!(said(&world(1)).contains("in the order of requests"));
    let kept_alive = notes(0);
    assert!(
        kept_alive
            .iter()
            .all(|notes| !notes.contains(&model::PIPELINED))
    );
    // 304, and the response to HEAD.
    let without = [2, 4].map(|at| kept_alive[at].as_slice());
    assert_eq!(without, [["no content"], ["no content"]]);
}

#[test]
fn time_runs_from_message_to_message_and_to_the_last_byte() {
    use crate::ui::transport::{Pace, Transport};
    let world = world(0);
    let connection = &world.trace.connections[0];
    let messages = connection.http1().unwrap().messages();
    for pace in [Pace::Beat, Pace::Speed(0.05)] {
        let mut transport = Transport::default();
        transport.to_start(&world.trace);
        transport.set_pace(pace);
        transport.toggle_play(&world.trace, Some(connection));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2000 {
            transport.update(0.1, &world.trace, Some(connection), false);
            let read = Read::at(connection, transport.cursor());
            let heads = messages
                .iter()
                .filter(|row| read.has(crate::trace::Moment::Packet(row.head_packet)));
            seen.insert(heads.count());
        }
        assert!(!transport.playing(), "{pace:?}");
        // In one packet there may be more than one head.
        assert!(seen.len() > messages.len() / 2, "{pace:?}: {seen:?}");
        assert!(seen.contains(&messages.len()), "{pace:?}: {seen:?}");
    }
}

#[test]
fn the_key_says_what_dashes_and_the_two_sides_of_a_thread_mean() {
    for width in [1100.0, 520.0] {
        let mut harness = pane(world(0), [width, 460.0], loom_ui);
        harness.run_steps(2);
        let place = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, 460.0));
        for words in [
            "key: head",
            "key: content",
            "key: above the thread: request, below: response",
            "key: dashed: the response is awaited",
        ] {
            let sign = harness.get_by_label(words).rect();
            assert!(place.contains_rect(sign), "{words} at {sign:?}");
        }
    }
}

#[test]
fn how_long_a_response_was_awaited_is_what_lies_between_the_two_heads() {
    let world = world(0);
    for lane in lanes(&world) {
        let head = |client: bool| {
            let mut heads = lane.marks.iter().filter(|mark| mark.part == Part::Head);
            heads.find(|mark| mark.client == client).unwrap().time_ns
        };
        assert_eq!(lane.awaited_ns(), Some(head(false) - head(true)));
    }
    let first = said(&world).lines().nth(1).unwrap().to_owned();
    assert!(first.contains(" ms after the request: head of "), "{first}");
}

#[test]
fn a_line_is_explained_only_where_a_response_is_seen_to_come() {
    let explained = |connection: usize| {
        let mut harness = pane(world(connection), [1366.0, 700.0], loom_ui);
        harness.run_steps(2);
        let sign = harness.query_by_label("key: solid: the response comes");
        sign.is_some()
    };
    // Every response came in one packet, or in two at once.
    assert!(!explained(0));
    // Four events, 40 ms apart.
    assert!(explained(4));
}

#[test]
fn nothing_is_drawn_later_than_it_was() {
    use super::layout::{LANE_POINTS, Places};
    let lanes = lanes(&world(0));
    let row = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1366.0, LANE_POINTS));
    let places = Places::of(row, 300.0);
    // As in the picture of all of the connection.
    let scale = TimeScale::new(0.0, 240e6, 1066.0);
    let mut at_once = 0;
    for pair in lanes.windows(2) {
        let asked = pair[1].marks.iter().find(|mark| mark.client).unwrap();
        let asked_x = places.mark(&scale, asked).center().x;
        let answer = pair[0].marks.iter().filter(|mark| !mark.client);
        for mark in answer.clone() {
            // What is asked next left after the answer came, and is drawn so.
            assert!(mark.end_ns <= asked.time_ns, "{mark:?} {asked:?}");
            let place = places.mark(&scale, mark);
            assert!(place.center().x <= asked_x, "{mark:?} {asked:?}");
            assert!(row.contains_rect(place), "{place:?}");
            let mut others = answer.clone().filter(|other| other.part != mark.part);
            let hidden = others.any(|other| places.mark(&scale, other).intersects(place));
            assert!(!hidden, "{mark:?}");
            at_once += usize::from(mark.part == Part::Body);
        }
    }
    assert!(at_once > 3, "{at_once}");
}

#[test]
fn how_a_connection_ended_is_said_where_it_is_known() {
    let heading = |connection: usize| {
        let said = said(&world(connection));
        said.lines().next().unwrap().to_owned()
    };
    assert!(heading(1).ends_with("closed by the client at 1.02 s"));
    assert!(heading(5).ends_with("closed by the server at 1.82 s"));
}
