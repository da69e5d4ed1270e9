use super::field::wrong_part;
use super::*;
use crate::filter::Run;
use crate::trace::{Cursor, PacketId};
use crate::ui::Item;
use crate::ui::views::testing::World;

fn at_start(capture: &str, filter: &str) -> World {
    let mut world = World::of_capture(capture);
    world.filter(filter);
    world.cursor = Some(Cursor {
        packet: PacketId::from_index(0),
        frames_in_packet: 0,
    });
    world
}

/// Goes on by a step, and answers what was said.
fn go(world: &mut World, forward: bool) -> Option<&'static str> {
    let found = world.read(|context| step(context, forward));
    world.selection = found.item.or(world.selection);
    found.words
}

#[test]
fn steps_lead_through_all_matches_of_every_kind_of_filter_and_say_where_they_begin_again() {
    for filter in [
        "type:DATA",
        "http2.streamid == 5",
        "path:/style.css and not type:DATA",
        "css",
        "frame.number == 9",
        "http2.header.value contains \"css\"",
    ] {
        let mut world = at_start("downloads.pcapng", filter);
        let frames = world.matches.as_ref().unwrap().frames().to_vec();
        assert!(!frames.is_empty(), "{filter}");
        let connection = world.connection.unwrap();
        for frame in &frames {
            assert_eq!(go(&mut world, true), None, "{filter}");
            assert_eq!(world.selection, Some(Item::Frame(connection, *frame)));
        }
        assert_eq!(
            go(&mut world, true),
            Some("from the start again"),
            "{filter}"
        );
        let first = Some(Item::Frame(connection, frames[0]));
        assert_eq!(world.selection, first);
        assert_eq!(
            go(&mut world, false),
            Some("from the end again"),
            "{filter}"
        );
        let run = world.matches.as_ref().unwrap();
        let last = *frames.last().unwrap();
        let words = count_text(&world.trace, run, Some(last));
        assert_eq!(words, format!("match {0} of {0}", frames.len()));
    }
}

#[test]
fn exchanges_of_http1_are_stepped_through_like_frames() {
    let mut world = at_start("http1-programs.pcapng", "method:GET");
    assert_eq!(go(&mut world, true), None);
    let first = world.selection;
    assert!(matches!(first, Some(Item::Exchange(..))), "{first:?}");
    let mut steps = 1;
    while go(&mut world, true).is_none() {
        steps += 1;
    }
    assert!(steps > 2 && world.selection == first, "{steps}");
    assert_eq!(go(&mut world, false), Some("from the end again"));
    let mut world = at_start("http1-programs.pcapng", "path:/nothing-like-it");
    assert_eq!(go(&mut world, true), Some("nothing passes"));
}

#[test]
fn a_step_asks_no_exchange_itself_and_says_that_they_are_still_asked() {
    let mut world = World::of_capture("http1-programs.pcapng");
    let filter = Filter::parse("method:GET").unwrap();
    world.matches = Some(Run::new(filter, world.connection.unwrap()));
    for forward in [true, false] {
        assert_eq!(go(&mut world, forward), Some("still searching"));
        assert_eq!(world.selection, None);
    }
}

#[test]
fn what_is_not_understood_or_only_begun_leaves_the_filter_before_it_in_force() {
    let mut input = Input::default();
    let first = input.set("type:DATA", None);
    assert_eq!(first.as_ref().map(Filter::text), Some("type:DATA"));
    let second = input.set("type:DATA stream:x", first.clone());
    assert!(input.error().is_some());
    assert_eq!(second, first);
    input.begin("type:DATA st");
    assert!(input.error().is_none() && input.text() == "type:DATA st");
    assert_eq!(input.set("  ", second), None);
}

#[test]
fn what_is_wrong_is_underlined_in_characters_not_bytes() {
    let wrong = |text: &str| {
        let error = Filter::parse(text).unwrap_err();
        let part = wrong_part(text, &error);
        let said: String = text.chars().skip(part.start).take(part.len()).collect();
        (said, part.start)
    };
    assert_eq!(wrong("stream:3 type:DATTA"), ("DATTA".to_owned(), 14));
    assert_eq!(wrong("\"für\" type:DATTA"), ("DATTA".to_owned(), 11));
    // What is missing is missing behind the end.
    let (said, start) = wrong("stream:3 and");
    assert!(said.is_empty() && start >= 12, "{said:?} at {start}");
}

#[test]
fn before_the_first_frame_a_step_back_begins_at_the_end() {
    let mut world = at_start("downloads.pcapng", "type:SETTINGS");
    assert_eq!(go(&mut world, false), Some("from the end again"));
}

#[test]
fn where_nothing_passes_that_is_said_and_nothing_is_selected() {
    let mut world = at_start("downloads.pcapng", "stream:999");
    for forward in [true, false] {
        assert_eq!(go(&mut world, forward), Some("nothing passes"));
    }
    assert_eq!(world.selection, None);
    let mut world = at_start("more-servers.pcapng", "tcp.port == 8084");
    assert_eq!(
        go(&mut world, true),
        Some("none here, but on other connections")
    );
}

#[test]
fn while_frames_are_still_asked_no_search_begins_again() {
    let mut world = World::of_capture("downloads.pcapng");
    let filter = Filter::parse("type:GOAWAY or stream:3").unwrap();
    let mut run = Run::new(filter, world.connection.unwrap());
    run.advance(&world.trace, crate::report::frames::info, || true);
    let last = run.frames().last().copied();
    world.matches = Some(run);
    world.selection = last.map(|frame| Item::Frame(world.connection.unwrap(), frame));
    let before = world.selection;
    assert_eq!(go(&mut world, true), Some("still searching"));
    assert_eq!(world.selection, before);
}
