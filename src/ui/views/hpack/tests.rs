use super::*;
use crate::trace::{ConnectionId, FrameId};
use crate::ui::views::testing::{World, pane};
use crate::ui::{Command, Item};
use egui_kittest::kittest::{NodeT, Queryable};

/// The first frame of this side whose block meets a condition.
fn frame_where(
    world: &World,
    holds: impl Fn(&crate::trace::headers::HeaderBlock) -> bool,
) -> usize {
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    let http2 = connection.http2().unwrap();
    (0..http2.frames.len())
        .find(|&index| {
            let starts = http2.frames[index].starts_block();
            let block = starts
                .then(|| {
                    world
                        .trace
                        .header_block(connection, FrameId::from_index(index))
                })
                .flatten();
            block.is_some_and(|block| holds(&block))
        })
        .unwrap()
}

#[test]
fn the_table_in_words_is_the_table_of_the_state_command() {
    for capture in ["push.pcap", "downloads.pcapng", "large-headers.pcapng"] {
        let world = World::of_capture(capture);
        let connection = world.trace.connection(world.connection.unwrap()).unwrap();
        let http2 = connection.http2().unwrap();
        for (index, row) in http2.frames.iter().enumerate() {
            if row.block.is_none() {
                continue;
            }
            let world = World::on_frame(capture, index);
            let said = world.read(|context| text(context, &State::default()));
            let state =
                crate::trace::Http2State::after(connection, Some(FrameId::from_index(index)));
            for entry in state.unwrap().table_entries(row.side).into_iter().take(200) {
                let name = entry.entry.name.known().unwrap();
                let line = format!("{} | {}", entry.index, String::from_utf8_lossy(name));
                assert!(
                    said.lines()
                        .any(|said| said.starts_with(&crate::report::text::one_line(&line, 80))),
                    "{capture}, frame {index}: {line}"
                );
            }
        }
    }
}

#[test]
fn two_cursors_show_two_tables() {
    let world = World::of_capture("push.pcap");
    let first = frame_where(&world, |block| {
        block.table_after.len() > block.table_before.len()
    });
    let said = |frame: usize| {
        World::on_frame("push.pcap", frame).read(|context| text(context, &State::default()))
    };
    assert!(said(first).contains("| new"));
    let later = frame_where(&world, |block| block.row.first_frame.index() > first);
    assert_ne!(said(first), said(later));
    let empty = World {
        cursor: None,
        ..World::of_capture("push.pcap")
    };
    let said = empty.read(|context| text(context, &State::default()));
    assert!(
        said.contains("the client has sent no header block yet"),
        "{said}"
    );
    assert!(said.contains("0 entries"), "{said}");
}

#[test]
fn a_click_on_a_field_selects_its_bytes_and_spells_its_bits() {
    let world = World::of_capture("push.pcap");
    let frame = frame_where(&world, |block| block.fields.len() > 3);
    let mut harness = pane(
        World::on_frame("push.pcap", frame),
        [1200.0, 900.0],
        hpack_ui,
    );
    harness.run_steps(2);
    harness.get_by_label_contains("field 2: ").click();
    harness.run_steps(3);
    let (world, _) = harness.state();
    let Some(Item::Bytes {
        frame: selected, ..
    }) = world.selection
    else {
        panic!("{:?}", world.selection);
    };
    assert_eq!(selected.index(), frame);
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.contains("bit by bit: "), "{said}");
}

#[test]
fn the_direction_can_be_chosen_and_the_static_table_shown() {
    let mut harness = pane(
        World::of_capture("downloads.pcapng"),
        [1200.0, 900.0],
        hpack_ui,
    );
    harness.get_by_label("Blocks: Server → client").click();
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("dynamic table: ").is_some());
    assert!(harness.state().1.sender == Sender::Of(Direction::Server));
    harness.get_by_label("Static table").click();
    harness.run_steps(2);
    assert!(harness.state().1.static_table);
}

#[test]
fn an_entry_leads_to_the_frame_that_inserted_it() {
    let world = World::of_capture("push.pcap");
    let frame = frame_where(&world, |block| block.table_after.len() > 1);
    let mut harness = pane(
        World::on_frame("push.pcap", frame),
        [1200.0, 900.0],
        hpack_ui,
    );
    harness.run_steps(2);
    harness.get_by_label_contains("index 62: ").click();
    harness.run_steps(2);
    let sent = &harness.state().0.commands;
    let is_frame = |command: &Command| {
        *command
            == Command::Select(Item::Frame(
                ConnectionId::from_index(0),
                FrameId::from_index(frame),
            ))
    };
    assert!(sent.iter().any(is_frame), "{sent:?}");
}

#[test]
fn a_capture_from_the_middle_shows_what_it_cannot_know() {
    let world = World::of_capture("mid-connection.pcapng");
    let frame = frame_where(&world, |block| {
        block.fields.iter().any(|field| field.placeholder.is_some())
    });
    let world = World::on_frame("mid-connection.pcapng", frame);
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.contains("unseen entry"), "{said}");
    assert!(
        said.contains("how much text they stand for is not known"),
        "{said}"
    );
}

#[test]
fn nothing_open_is_said_with_what_to_do() {
    let world = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.contains("Open a capture"), "{said}");
    let mut harness = pane(world, [600.0, 400.0], hpack_ui);
    harness.run_steps(2);
}

#[test]
fn an_entry_says_what_it_counts_and_how_often_it_was_named() {
    let world = World::on_frame("push.pcap", 28);
    let said = world.read(|context| text(context, &State::default()));
    // `server: nghttpd nghttp2/1.…` is named by every response since the first.
    let entry = |line: &&str| line.starts_with("69 | server: ");
    let server = said.lines().find(entry).unwrap();
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    let side = connection.side(Direction::Server);
    let usage = Usage::of(&world.trace, connection, side);
    let number = connection.http2().unwrap().insertions[side.index()]
        .iter()
        .count() as u64;
    let most = (0..number)
        .map(|entry| usage.entry_uses(entry, Some(FrameId::from_index(28))))
        .max()
        .unwrap();
    assert!(most > 3);
    assert!(server.ends_with(&format!("used {most} times")), "{server}");
    let mut harness = pane(world, [1300.0, 900.0], hpack_ui);
    harness.run_steps(3);
    assert!(
        harness
            .query_all_by_label_contains(&format!("used now, the {most}th time"))
            .next()
            .is_some()
    );
    assert!(
        harness
            .query_all_by_label_contains(", unused · ")
            .next()
            .is_some()
    );
}

#[test]
fn a_filter_dims_the_entries_of_other_frames_and_says_how_many() {
    let mut world = World::of_capture("downloads.pcapng");
    let shown_of = |world: &World, look: &dyn Fn(&ViewContext<'_>, &Shown<'_>)| {
        world.read(|context| {
            let mut decoded = model::Decoded::default();
            let sender = Sender::Of(Direction::Server);
            let shown = Shown::new(context, sender, &mut decoded).unwrap();
            look(context, &shown);
        });
    };
    shown_of(&world, &|context, shown| {
        assert_eq!(words::passing_words(context, shown), None);
        assert!(!shown.is_filtered_out(context, shown.table.first));
    });
    let brought = std::cell::Cell::new(None);
    shown_of(&world, &|_, shown| {
        brought.set(shown.inserted_by(shown.table.end - 1))
    });
    let frame = brought.get().unwrap();
    let stream = world
        .trace
        .main_connection()
        .unwrap()
        .http2()
        .unwrap()
        .frames
        .get(frame.index())
        .unwrap()
        .stream;
    world.filter(&format!("stream:{stream}"));
    shown_of(&world, &|context, shown| {
        let http2 = shown.http2;
        let numbers = shown.table.first..shown.table.end;
        let own = numbers.filter(|number| {
            let frame = shown.inserted_by(*number).unwrap();
            let is_own = http2.frames.get(frame.index()).unwrap().stream == stream;
            assert_eq!(shown.is_filtered_out(context, *number), !is_own);
            is_own
        });
        let own = own.count();
        assert!(own > 0 && (own as u64) < shown.table.len());
        let words = words::passing_words(context, shown).unwrap();
        assert!(
            words.starts_with(&format!("{own} of {} entries", shown.table.len())),
            "{words}"
        );
    });
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.contains("passes the filter"), "{said}");
}

#[test]
fn entries_that_are_used_keep_their_sizes() {
    let note = |new, used, uses| words::entry_note((new, used), uses, "65 bytes".to_owned());
    assert_eq!(
        note(false, true, Some(5)),
        "used now, the 5th time · 65 bytes"
    );
    assert_eq!(
        note(false, true, Some(22)),
        "used now, the 22nd time · 65 bytes"
    );
    assert_eq!(
        note(false, true, Some(11)),
        "used now, the 11th time · 65 bytes"
    );
    assert_eq!(note(false, true, None), "used now · 65 bytes");
    assert_eq!(note(true, true, Some(1)), "new, used · 65 bytes");
    assert_eq!(note(true, false, Some(0)), "new · 65 bytes");
    assert_eq!(note(false, false, Some(0)), "unused · 65 bytes");
    assert_eq!(note(false, false, Some(3)), "3× · 65 bytes");
    let mut harness = pane(World::at_frame("push.pcap", 28), [1366.0, 768.0], hpack_ui);
    harness.run_steps(3);
    let used: Vec<String> = harness
        .query_all_by_label_contains("used now")
        .filter_map(|node| node.accesskit_node().label())
        .collect();
    assert!(used.len() >= 4, "{used:?}");
    assert!(
        used.iter().all(|label| label.contains(" bytes")),
        "{used:?}"
    );
}

#[test]
fn shades_and_bars_have_a_key_and_the_line_says_which_blocks() {
    let mut harness = pane(World::at_frame("push.pcap", 28), [1366.0, 768.0], hpack_ui);
    harness.run_steps(2);
    for name in words::KEY {
        let sign = format!("sign: {name}");
        assert!(harness.query_by_label(&sign).is_some(), "{sign}");
    }
    let shapes = harness.output().shapes.iter();
    let painted: Vec<String> = shapes
        .filter_map(|shape| match &shape.shape {
            egui::Shape::Text(text) => Some(text.galley.text().to_owned()),
            _ => None,
        })
        .collect();
    for words in [
        "bytes, in the colour of the field's sign:",
        "block 10: 86 %",
        "dynamic index 68, now 69: 1 came in",
    ] {
        assert!(painted.iter().any(|of| of == words), "{words}: {painted:?}");
    }
    let world = World::at_frame("push.pcap", 28);
    let said = world.read(|context| text(context, &State::default()));
    let whose =
        "filled by the server's blocks; the client keeps the same\nnothing evicted by this block";
    assert!(said.contains(whose), "{said}");
    assert!(said.contains("saved, block by block: 1: "), "{said}");
    assert!(said.contains(", 10: 86 %"), "{said}");
}
