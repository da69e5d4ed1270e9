use super::fold::Strand;
use super::layout::{Content, Layout};
use super::model::Model;
use super::reader::{Reader, Summaries};
use super::test_trace::{Sent, busy_trace, client, server, trace_of};
use super::window::Window;
use super::{Command, State};
use crate::trace::{Cursor, FrameId, Side, Trace};
use crate::ui::theme::ThemeChoice;
use crate::ui::{Item, Theme, ViewContext};
use crate::wire::http2::{Flags, FrameKind, StreamId};
use egui::{Rect, pos2, vec2};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};

/// What a context borrows.
struct Owned {
    trace: Trace,
    theme: Theme,
    next_hovered: Cell<Option<Item>>,
    commands: RefCell<Vec<crate::ui::Command>>,
    grpc: crate::ui::grpc::Grpc,
}

impl Owned {
    fn new(trace: Trace) -> Self {
        Self {
            trace,
            theme: Theme::new(ThemeChoice::Dark),
            next_hovered: Cell::new(None),
            commands: RefCell::default(),
            grpc: crate::ui::grpc::Grpc::default(),
        }
    }

    fn context(&self) -> ViewContext<'_> {
        ViewContext {
            trace: &self.trace,
            connection: self.trace.main_connection(),
            cursor: Cursor::end_of(&self.trace),
            selection: None,
            hovered: None,
            theme: &self.theme,
            matches: None,
            grpc: &self.grpc,
            notes: crate::ui::notes::Board::none(),
            loading: false,
            next_hovered: &self.next_hovered,
            commands: &self.commands,
        }
    }
}

const WIDTH: f64 = 1000.0;

/// Lanes where their streams are.
fn in_order(rows: std::ops::Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    rows.map(|row| (row, row))
}

fn model_of(owned: &Owned, start_ns: f64, end_ns: f64) -> Model {
    let context = owned.context();
    let reader = Reader::new(&context).unwrap();
    let mut summaries = Summaries::default();
    while {
        summaries.follow(&reader);
        summaries.is_behind(&reader)
    } {}
    let scale = Window { start_ns, end_ns }.scale(WIDTH);
    Model::new(
        &reader,
        &mut summaries,
        scale,
        WIDTH,
        in_order(0..20),
        context.frame_count(),
    )
}

fn frames<S>(strand: &Strand<S>) -> u64 {
    strand
        .iter()
        .flatten()
        .map(|record| u64::from(record.part.frames))
        .sum()
}

/// A page: settings, a request, its response.
fn page() -> Vec<Sent> {
    vec![
        client(0, 0, FrameKind::SETTINGS, 18),
        client(0, 1, FrameKind::HEADERS, 40),
        server(2_000_000, 0, FrameKind::SETTINGS, 0),
        server(2_000_000, 1, FrameKind::HEADERS, 30),
        server(2_000_000, 1, FrameKind::DATA, 16_384),
        Sent {
            flags: Flags::END_STREAM,
            ..server(4_000_000, 1, FrameKind::DATA, 900)
        },
    ]
}

#[test]
fn frames_of_one_packet_stand_side_by_side_in_order() {
    let owned = Owned::new(trace_of(&page()));
    let model = model_of(&owned, -1e6, 9e6);
    let server: Vec<_> = model.wire[Side::B.index()]
        .iter()
        .map(|record| record.x)
        .collect();
    assert_eq!(server.len(), 4);
    assert_eq!(server[0], 300.0, "the first stands at the packet's time");
    assert!(
        server.windows(2).all(|pair| pair[1] - pair[0] >= 10.0),
        "{server:?}"
    );
    assert!(server[3] == 500.0, "none is pushed beyond the next packet");
}

#[test]
fn a_frame_stands_at_the_same_place_on_the_wire_and_in_its_lane() {
    let owned = Owned::new(trace_of(&page()));
    let model = model_of(&owned, -1e6, 9e6);
    let lane = model
        .lanes
        .iter()
        .find(|lane| lane.stream == StreamId(1))
        .unwrap();
    for record in lane.strand.iter().flatten() {
        let on_wire = model
            .wire
            .iter()
            .flatten()
            .find(|other| other.first == record.first);
        assert_eq!(on_wire.unwrap().x, record.x);
    }
}

#[test]
fn the_thread_runs_from_the_request_over_the_response_to_the_end() {
    let owned = Owned::new(trace_of(&page()));
    let model = model_of(&owned, -1e6, 9e6);
    assert_eq!(
        model.lanes[0].row, None,
        "the connection's lane comes first"
    );
    let life = model.lanes[1].life.unwrap();
    assert!(
        life.start < life.response && life.response < life.end,
        "{life:?}"
    );
}

#[test]
fn what_lies_behind_the_cursor_is_never_folded_with_what_lies_before() {
    let owned = Owned::new(trace_of(&page()));
    let mut context = owned.context();
    let connection = context.connection.unwrap();
    context.cursor = Cursor::after_frame(connection, FrameId::from_index(3));
    let reader = Reader::new(&context).unwrap();
    let mut summaries = Summaries::default();
    while {
        summaries.follow(&reader);
        summaries.is_behind(&reader)
    } {}
    // So far away that everything falls into one column.
    let scale = Window {
        start_ns: -1e12,
        end_ns: 1e12,
    }
    .scale(WIDTH);
    let model = Model::new(
        &reader,
        &mut summaries,
        scale,
        WIDTH,
        in_order(0..9),
        context.frame_count(),
    );
    let of = |future| {
        model
            .wire
            .iter()
            .flatten()
            .filter(move |record| record.future == future)
    };
    assert_eq!(of(false).map(|record| record.part.frames).sum::<u32>(), 4);
    assert_eq!(of(true).map(|record| record.part.frames).sum::<u32>(), 2);
}

#[test]
fn a_million_frames_make_no_more_records_than_the_width_has_room_for() {
    let owned = Owned::new(busy_trace(1_000_000, 5000));
    let context = owned.context();
    let reader = Reader::new(&context).unwrap();
    let mut summaries = Summaries::default();
    while {
        summaries.follow(&reader);
        summaries.is_behind(&reader)
    } {}
    for length_ns in [2e9, 3e8, 3e7, 3e6, 1e5] {
        let scale = Window {
            start_ns: 0.0,
            end_ns: length_ns,
        }
        .scale(WIDTH);
        let started = std::time::Instant::now();
        let model = Model::new(
            &reader,
            &mut summaries,
            scale,
            WIDTH,
            in_order(0..12),
            700_000,
        );
        println!(
            "{length_ns} ns: {} frames in {:?}",
            model.places.visible.len(),
            started.elapsed()
        );
        let columns = (WIDTH / 3.0) as usize + 14;
        assert!(model.wire.iter().all(|records| records.len() <= columns));
        for lane in &model.lanes {
            assert!(lane.strand.iter().all(|records| records.len() <= columns));
        }
        let in_view = (length_ns / 2000.0).min(1_000_000.0);
        let told = frames(&model.wire) as f64;
        assert!(
            (told - in_view).abs() <= in_view * 0.04 + 40.0,
            "{told} of {in_view}"
        );
    }
}

#[test]
fn long_lanes_are_read_by_their_totals_and_lose_nothing() {
    let owned = Owned::new(busy_trace(200_000, 3));
    let model = model_of(&owned, 0.0, 4e8);
    assert!(!model.places.detailed());
    let lanes: u64 = model.lanes.iter().map(|lane| frames(&lane.strand)).sum();
    assert_eq!(lanes, frames(&model.wire));
    assert_eq!(lanes, 200_000);
    fn bytes<S>(strand: &Strand<S>) -> u64 {
        strand.iter().flatten().map(|r| r.part.bytes).sum()
    }
    let in_lanes: u64 = model.lanes.iter().map(|lane| bytes(&lane.strand)).sum();
    assert_eq!(in_lanes, bytes(&model.wire));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn folding_loses_no_frame_whatever_the_clock_does(
        steps in prop::collection::vec((-40_000i64..100_000, 0u32..5, any::<bool>()), 1..400),
        length_ns in 1e3..1e9,
    ) {
        let mut time_ns = 0;
        let sent: Vec<_> = steps
            .iter()
            .map(|&(step, stream, from_client)| {
                time_ns += step;
                let kind = FrameKind(u8::try_from(stream).unwrap());
                if from_client { client(time_ns, stream, kind, 9) } else { server(time_ns, stream, kind, 900) }
            })
            .collect();
        let times: Vec<i64> = sent.iter().map(|sent| sent.time_ns).collect();
        let zero = times[0];
        let owned = Owned::new(trace_of(&sent));
        // All frames in view, whatever the scale.
        let low = times.iter().min().unwrap() - zero;
        let high = times.iter().max().unwrap() - zero;
        let model = model_of(&owned, low as f64 - length_ns, high as f64 + length_ns);
        prop_assert_eq!(frames(&model.wire), sent.len() as u64);
        let lanes: u64 = model.lanes.iter().map(|lane| frames(&lane.strand)).sum();
        prop_assert_eq!(lanes, sent.len() as u64);
        for records in &model.wire {
            prop_assert!(records.windows(2).all(|pair| pair[0].centre() <= pair[1].centre() + 3.0));
        }
    }
}

fn state_for(owned: &Owned) -> State {
    let mut state = State::default();
    let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 500.0));
    let streams = owned
        .context()
        .connection
        .unwrap()
        .http2()
        .unwrap()
        .streams()
        .len();
    let content = Content {
        lanes: streams,
        connection_lane: true,
        ..Content::default()
    };
    state.layout = Some(Layout::new(rect, content, 0.0));
    let context = owned.context();
    let reader = Reader::new(&context).unwrap();
    while {
        state.summaries.follow(&reader);
        state.summaries.is_behind(&reader)
    } {}
    state.settle(&reader, &context, 1.0);
    state
}

#[test]
fn centring_twice_fits() {
    let owned = Owned::new(trace_of(&page()));
    let mut state = state_for(&owned);
    let mut context = owned.context();
    let connection = context.connection.unwrap().id;
    context.selection = Some(Item::Frame(connection, FrameId::from_index(3)));
    state.command(Command::ZoomIn, &context);
    state.command(Command::CentreSelection, &context);
    let centred = state.target.unwrap();
    assert!((centred.centre_ns() - 2e6).abs() < 1.0, "{centred:?}");
    state.command(Command::CentreSelection, &context);
    let fitted = state.target.unwrap();
    assert!(fitted.length_ns() < centred.length_ns() / 2.0, "{fitted:?}");
    state.command(Command::FitAll, &context);
    assert!(state.target.unwrap().contains(0.0) && state.target.unwrap().contains(4e6));
}

#[test]
fn zooming_in_for_ever_ends_at_a_microsecond_per_hundred_points() {
    let owned = Owned::new(trace_of(&page()));
    let mut state = state_for(&owned);
    for _ in 0..100 {
        state.command(Command::ZoomIn, &owned.context());
    }
    let per_point = state.target.unwrap().length_ns() / state.width();
    assert!((per_point - 10.0).abs() < 0.01, "{per_point} ns per point");
    for _ in 0..100 {
        state.command(Command::ZoomOut, &owned.context());
    }
    assert!(state.target.unwrap().contains(0.0) && state.target.unwrap().contains(4e6));
}

#[test]
fn a_cursor_that_leaves_the_window_takes_it_along() {
    let owned = Owned::new(trace_of(&page()));
    let mut state = state_for(&owned);
    let mut context = owned.context();
    let connection = context.connection.unwrap();
    context.cursor = Cursor::after_frame(connection, FrameId::from_index(0));
    let reader = Reader::new(&context).unwrap();
    state.settle(&reader, &context, 1.0);
    state.command(
        Command::ShowTimes {
            start_ns: -1e5,
            end_ns: 3e5,
        },
        &context,
    );
    state.settle(&reader, &context, 1.0);
    context.cursor = Cursor::after_frame(connection, FrameId::from_index(5));
    state.settle(&reader, &context, 1.0);
    assert!(state.target.unwrap().contains(4e6), "{:?}", state.target);
}

#[test]
fn the_text_twin_tells_lanes_frames_and_cursor() {
    let owned = Owned::new(trace_of(&page()));
    let state = state_for(&owned);
    let text = super::text(&owned.context(), &state);
    for part in [
        "6 frames read at the cursor",
        "the connection (settings, pings and its window): 2 SETTINGS; 0.000 ms to 2.000 ms",
        "stream 1 (request not seen, ",
        "2 HEADERS, 2 DATA; 0.000 ms to 4.000 ms",
        "after frame 5: DATA on stream 1",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

/// The loom in a window of 900 × 500 points, with what it answered.
struct Screen {
    owned: Owned,
    state: State,
    cursor: Option<Cursor>,
}

fn screen<'a>(trace: Trace) -> egui_kittest::Harness<'a, Screen> {
    let owned = Owned::new(trace);
    let cursor = Cursor::end_of(&owned.trace);
    let screen = Screen {
        owned,
        state: State::default(),
        cursor,
    };
    let mut harness = egui_kittest::Harness::builder()
        .with_size(vec2(900.0, 500.0))
        // Two clicks of a double-click are nearer than the default step of a quarter second.
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(100)
        .build_ui_state(
            |ui, screen: &mut Screen| {
                let mut context = screen.owned.context();
                context.cursor = screen.cursor;
                super::loom_ui(ui, &context, &mut screen.state);
            },
            screen,
        );
    harness.run();
    harness
}

fn answers(harness: &egui_kittest::Harness<'_, Screen>) -> Vec<crate::ui::Command> {
    harness.state().owned.commands.borrow().clone()
}

fn press(harness: &mut egui_kittest::Harness<'_, Screen>, from: egui::Pos2, to: egui::Pos2) {
    harness.hover_at(from);
    harness.run();
    harness.drag_at(from);
    harness.run();
    if to != from {
        harness.hover_at(to);
        harness.run();
    }
    harness.drop_at(to);
    harness.run();
}

#[test]
fn a_click_on_a_label_selects_its_stream() {
    use egui_kittest::kittest::Queryable;
    let mut harness = screen(trace_of(&page()));
    harness
        .get_by_label_contains("stream 1, request not seen")
        .click();
    harness.run();
    let connection = harness.state().owned.context().connection.unwrap().id;
    let select = crate::ui::Command::Select(Item::Stream(connection, StreamId(1)));
    assert_eq!(answers(&harness), [select]);
    harness.get_by_label("loom");
    harness.get_by_label("legend: HEADERS");
    assert!(harness.query_by_label("legend: WINDOW_UPDATE").is_none());
}

#[test]
fn a_click_on_a_frame_selects_it_on_the_wire_and_in_its_lane() {
    let mut harness = screen(trace_of(&page()));
    let state = &harness.state().state;
    let layout = state.layout.clone().unwrap();
    let (start_ns, end_ns) = state.shown_ns().unwrap();
    let share = (4e6 - start_ns) / (end_ns - start_ns);
    let x = layout.plot.min + layout.width() * share as f32 + 2.0;
    let on_wire = pos2(x, layout.wire[1].top() + 5.0);
    let in_lane = pos2(x, layout.lane(0).center().y + 5.0);
    press(&mut harness, on_wire, on_wire);
    press(&mut harness, in_lane, in_lane);
    let connection = harness.state().owned.context().connection.unwrap().id;
    let select = crate::ui::Command::Select(Item::Frame(connection, FrameId::from_index(5)));
    assert_eq!(answers(&harness), [select.clone(), select]);
}

#[test]
fn dragging_along_the_axis_moves_the_cursor_frame_by_frame() {
    let mut harness = screen(trace_of(&page()));
    let layout = harness.state().state.layout.clone().unwrap();
    let y = layout.axis.center().y;
    press(
        &mut harness,
        pos2(layout.plot.max - 20.0, y),
        pos2(layout.plot.min + 20.0, y),
    );
    let answers = answers(&harness);
    let Some(crate::ui::Command::MoveCursor(cursor)) = answers.last() else {
        panic!("no cursor in {answers:?}");
    };
    let count = cursor.frame_count(harness.state().owned.context().connection.unwrap());
    assert_eq!(
        count, 1,
        "the second of two frames in one packet has not been read"
    );
}

#[test]
fn dragging_the_background_pans_and_a_double_click_shows_all_again() {
    let mut harness = screen(trace_of(&page()));
    let before = harness.state().state.shown_ns().unwrap();
    let layout = harness.state().state.layout.clone().unwrap();
    let from = pos2(layout.plot.center(), layout.legend.top() - 20.0);
    harness.hover_at(from);
    harness.event(egui::Event::Zoom(3.0));
    harness.run();
    let closer = harness.state().state.shown_ns().unwrap();
    assert!(
        closer.1 - closer.0 < (before.1 - before.0) / 2.0,
        "{closer:?}"
    );
    press(&mut harness, from, from + vec2(100.0, 0.0));
    let panned = harness.state().state.shown_ns().unwrap();
    assert!(panned.0 < closer.0, "{panned:?} is not before {closer:?}");
    for _ in 0..2 {
        harness.drag_at(from);
        harness.drop_at(from);
    }
    harness.run();
    assert_eq!(harness.state().state.shown_ns().unwrap(), before);
}

#[test]
fn the_words_say_which_streams_a_lost_segment_held_back() {
    let world = crate::ui::views::testing::World::of_capture("lossy.pcapng");
    let said = world.read(|context| super::text(context, &State::default()));
    let waited: Vec<&str> = (said.lines())
        .filter(|line| line.contains("lost segment"))
        .collect();
    assert!(waited.len() >= 2, "{said}");
    assert!(
        waited.iter().all(|line| line.starts_with("stream ")),
        "{said}"
    );
}
