use super::super::area::Area;
use super::super::ruler::Ruler;
use super::*;
use crate::trace::{Cursor, FrameId};
use crate::ui::Item;
use crate::ui::views::loom::lineup::Grouping;
use crate::ui::views::loom::{Command, loom_ui, text};
use crate::ui::views::testing::{World, pane};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

type Stacked = Harness<'static, (World, State)>;

/// All connections of a capture in a pane of this height.
fn stacked(capture: &str, height: f32) -> Stacked {
    let mut harness = pane(World::of_capture(capture), [1100.0, height], loom_ui);
    ask(&mut harness, Command::ToggleStack);
    harness
}

/// Carries out a command, and draws until nothing moves.
fn ask(harness: &mut Stacked, command: Command) {
    let (world, state) = harness.state_mut();
    world.read(|context| state.command(command, context));
    harness.run();
}

fn said(harness: &Stacked) -> String {
    let (world, state) = harness.state();
    world.read(|context| text(context, state))
}

fn shown(harness: &Stacked) -> Vec<usize> {
    let sections = &harness.state().1.stack.sections;
    sections.iter().map(|section| section.id.index()).collect()
}

fn lanes(harness: &Stacked, connection: usize) -> usize {
    let sections = &harness.state().1.stack.sections;
    let id = ConnectionId::from_index(connection);
    let section = sections.iter().find(|section| section.id == id);
    section.map_or(0, |section| section.content.lanes)
}

#[test]
fn every_connection_in_view_says_what_its_streams_waited_for() {
    let mut harness = stacked("more-servers.pcapng", 700.0);
    let (world, state) = harness.state();
    let layout = state.layout.clone().unwrap();
    let visible = state
        .stack
        .visible(layout.scroll, layout.lanes.height().into());
    assert!(visible.len() > 1);
    for section in visible {
        let kept = &state.stack.kept[&section.id];
        let connection = world.trace.connection(section.id).unwrap();
        assert!(kept.waits.get(connection.id).is_some(), "{}", section.id);
    }
    // The legend explains what is hatched, wherever it is.
    let mut lossy = stacked("lossy.pcapng", 700.0);
    lossy.get_by_label("legend: missing segment");
    let id = lossy.state().0.connection.unwrap();
    ask(&mut lossy, Command::FoldConnection(id));
    let said = said(&lossy);
    assert!(said.contains("lost segment"), "{said}");
    harness.run();
}

#[test]
fn an_area_adds_up_all_connections() {
    let mut harness = stacked("more-servers.pcapng", 500.0);
    let state = &mut harness.state_mut().1;
    state.area = Some(Area::new(0.0, 1e12));
    harness.run();
    let (world, state) = harness.state();
    let frames = |id: usize| {
        let connection = world.trace.connections.get(id).unwrap();
        connection.http2().map_or(0, |http2| http2.frames.len())
    };
    let all: usize = (0..world.trace.connections.len()).map(frames).sum();
    let area = state.area.as_ref().unwrap();
    assert!(area.complete());
    assert_eq!(area.all.frames, all as u64);
    let shares = area.shares();
    assert_eq!(shares.len(), state.stack.left_out().all);
    for (item, sum) in shares {
        assert_eq!(
            sum.frames,
            frames(item.connection().unwrap().index()) as u64
        );
    }
    let words = area.text();
    assert!(
        words.contains(" connections\n") && words.contains("clients: "),
        "{words}"
    );
    // A share leads to its connection.
    let label = harness.query_all_by_label_contains("share of connection 1:");
    label.into_iter().next().unwrap().click();
    harness.run();
    let one = Item::Connection(ConnectionId::from_index(1));
    assert_eq!(harness.state().0.selection, Some(one));
}

#[test]
fn pinned_lanes_stay_below_their_wire_while_it_is_folded() {
    let mut harness = stacked("more-servers.pcapng", 700.0);
    let one = ConnectionId::from_index(1);
    let http2 = |harness: &Stacked| {
        let connection = harness.state().0.trace.connection(one).unwrap();
        connection.http2().unwrap().streams()[0].id
    };
    let stream = http2(&harness);
    assert_eq!(lanes(&harness, 1), 0);
    ask(&mut harness, Command::Pin(one, stream));
    assert_eq!((lanes(&harness, 0), lanes(&harness, 1)), (0, 1));
    harness
        .get_by_label(&format!("unpin stream {stream} of connection 1"))
        .click();
    harness.run();
    // The pane carries out no commands of the loom; what was asked for is told.
    let asked = harness.state().0.commands.last().cloned();
    assert_eq!(
        asked,
        Some(crate::ui::Command::Loom(Command::Pin(one, stream)))
    );
}

#[test]
fn groups_have_their_headings_below_each_connection_and_fold_apart() {
    let mut harness = stacked("more-servers.pcapng", 2400.0);
    ask(&mut harness, Command::GroupBy(Grouping::Kind));
    for connection in [0, 1] {
        ask(
            &mut harness,
            Command::FoldConnection(ConnectionId::from_index(connection)),
        );
    }
    let (zero, one) = (lanes(&harness, 0), lanes(&harness, 1));
    assert!(zero > 0 && one > 0);
    let label = "group requests of connection 1";
    harness.get_by_label_contains(label).click();
    harness.run();
    let asked = harness.state().0.commands.last().cloned();
    let fold = Command::Fold(ConnectionId::from_index(1), "requests".to_owned());
    assert_eq!(asked, Some(crate::ui::Command::Loom(fold.clone())));
    ask(&mut harness, fold);
    assert_eq!(lanes(&harness, 0), zero);
    assert!(lanes(&harness, 1) < one);
}

#[test]
fn idle_connections_are_left_out_and_said() {
    let mut harness = stacked("more-servers.pcapng", 500.0);
    let all = shown(&harness).len();
    ask(&mut harness, Command::ToggleIdle);
    assert_eq!(shown(&harness).len(), all, "the whole capture is in view");
    let first = harness
        .state()
        .0
        .trace
        .connections
        .get(0)
        .unwrap()
        .row
        .last_packet;
    let end_ns = reader::packet_ns(&harness.state().0.trace, first);
    ask(
        &mut harness,
        Command::ShowTimes {
            start_ns: end_ns - 1e5,
            end_ns,
        },
    );
    let left = shown(&harness).len();
    assert!(left > 0 && left < all, "{left} of {all}");
    harness.get_by_label_contains(&format!("{left} of {all} connections"));
}

#[test]
fn a_search_shows_its_lanes_also_of_folded_connections() {
    let mut harness = stacked("more-servers.pcapng", 500.0);
    let all = shown(&harness).len();
    ask(&mut harness, Command::Search("no such words".to_owned()));
    assert!(shown(&harness).is_empty());
    ask(&mut harness, Command::Search(String::new()));
    assert_eq!(shown(&harness).len(), all);
    let path = {
        let connection = harness.state().0.trace.connections.get(1).unwrap();
        let row = connection
            .http2()
            .unwrap()
            .streams()
            .iter()
            .find(|row| row.path.is_some());
        connection
            .text_lossy(row.unwrap().path.unwrap())
            .into_owned()
    };
    ask(&mut harness, Command::Search(path));
    assert!(lanes(&harness, 1) > 0, "{}", said(&harness));
    // Another connection is chosen, and the search stays.
    let two = harness.state().0.trace.connections.get(1).unwrap().id;
    harness.state_mut().0.connection = Some(two);
    harness.run();
    assert!(lanes(&harness, 1) > 0);
    assert!(!harness.state().1.wishes.search.is_empty());
}

#[test]
fn a_selected_stream_is_scrolled_to_wherever_its_connection_is() {
    let mut harness = stacked("more-servers.pcapng", 330.0);
    let last = *shown(&harness).last().unwrap();
    let id = ConnectionId::from_index(last);
    let in_view = |harness: &Stacked| {
        let state = &harness.state().1;
        let layout = state.layout.clone().unwrap();
        let height = layout.lanes.height();
        let selected = harness.state().0.selection.unwrap();
        let stream = match selected {
            Item::Stream(_, stream) => Some(stream),
            _ => None,
        };
        let place = state
            .stack
            .place(&harness.state().0.trace, &layout, (id, stream));
        let (top, bottom) = place.unwrap();
        top >= layout.scroll && bottom <= layout.scroll + f64::from(height)
    };
    // Folded: its wire.
    harness.state_mut().0.connection = Some(id);
    harness.state_mut().0.selection = Some(Item::Connection(id));
    assert!(!in_view(&harness));
    harness.run();
    assert!(in_view(&harness));
    // Unfolded: its lane.
    ask(&mut harness, Command::FoldConnection(id));
    let stream = {
        let connection = harness.state().0.trace.connection(id).unwrap();
        connection.http2().unwrap().streams().last().unwrap().id
    };
    harness.state_mut().1.scroll = 0.0;
    harness.run();
    harness.state_mut().0.selection = Some(Item::Stream(id, stream));
    assert!(!in_view(&harness));
    harness.run();
    assert!(in_view(&harness));
}

#[test]
fn the_ruler_measures_the_connection_shown_and_names_it() {
    let mut harness = stacked("more-servers.pcapng", 500.0);
    let (world, state) = harness.state_mut();
    state.ruler = Some(Ruler {
        from_ns: 0.0,
        to_ns: Some(1e12),
    });
    let id = ConnectionId::from_index(1);
    world.connection = Some(id);
    harness.run();
    let (world, state) = harness.state();
    let frames = world
        .trace
        .connection(id)
        .unwrap()
        .http2()
        .unwrap()
        .frames
        .len();
    let words =
        world.read(|context| paint::ruler_words(context, state.stack.kept.get(&id), 0.0, 1e12));
    assert!(
        words.ends_with(&format!("{frames} frames on connection 1")),
        "{words}"
    );
}

#[test]
fn a_connection_without_http2_does_not_take_the_others_away() {
    let mut harness = stacked("http1-and-h2c.pcapng", 500.0);
    let other = {
        let mut connections = harness.state().0.trace.connections.iter();
        connections
            .find(|connection| connection.http2().is_none())
            .unwrap()
            .id
    };
    harness.state_mut().0.connection = Some(other);
    harness.run();
    assert!(!shown(&harness).is_empty());
    harness.get_by_label("all connections on one time axis");
}

#[test]
fn of_very_many_connections_a_picture_works_out_only_a_few() {
    use crate::ui::views::loom::test_trace::{client, server, traces_of};
    use crate::wire::http2::FrameKind;
    let frames: Vec<_> = (0..40)
        .map(|number| match number % 2 {
            0 => client(number * 1000, 1, FrameKind::HEADERS, 20),
            _ => server(number * 1000, 1, FrameKind::DATA, 900),
        })
        .collect();
    let world = World::of_trace(traces_of(600, &frames));
    let mut harness: Stacked = pane(world, [1000.0, 500.0], loom_ui);
    ask(&mut harness, Command::ToggleStack);
    let full = |harness: &Stacked| {
        let kept = harness.state().1.stack.kept.iter();
        kept.filter(|(id, kept)| kept.waits.get(**id).is_some())
            .count()
    };
    assert_eq!(shown(&harness).len(), 600);
    assert!(full(&harness) < 20, "{}", full(&harness));
    // Scrolled through, what was drawn long ago is given up again.
    for step in 0..60 {
        harness.state_mut().1.scroll = f64::from(step) * 500.0;
        harness.run_steps(2);
    }
    assert!((100..=140).contains(&full(&harness)), "{}", full(&harness));
    let connection = harness.state().0.trace.connections.get(599).unwrap();
    let cursor = Cursor::after_frame(connection, FrameId::from_index(3));
    harness.state_mut().0.cursor = cursor;
    harness.run();
}
