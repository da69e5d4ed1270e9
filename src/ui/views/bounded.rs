//! No picture looks at more rows because there are more frames: said by counting, not by a clock.

use super::loom::test_trace::busy_trace_with_holes;
use super::registry::VIEWS;
use super::testing::World;
use super::{ViewId, Views};
use crate::trace::log::looks;
use crate::trace::{Cursor, FrameId};
use std::time::{Duration, Instant};

/// Streams of the captures: as many at every size.
const STREAMS: u32 = 200;
/// How long what is worked out beside the pictures may take.
const SETTLING: Duration = Duration::from_secs(60);
/// Pictures that nothing comes after: what is worked out in a thread may take as long, on a machine with much to do.
const QUIET: usize = 10;
/// Rows that one picture may look at while a view catches up with a capture: that is bounded too.
const MOST_WHILE_CATCHING_UP: u64 = 250_000;

/// Frames, and holes in the TCP stream.
type Size = (usize, usize);

/// A view with a capture of so many frames.
struct Screen {
    ctx: egui::Context,
    world: World,
    views: Views,
    view: ViewId,
}

impl Screen {
    fn new(view: ViewId, (frames, holes): Size) -> Self {
        let mut world = World::of_trace(busy_trace_with_holes(frames, STREAMS, holes));
        world.select_frame(frames / 3);
        let mut screen = Self {
            ctx: egui::Context::default(),
            world,
            views: Views::default(),
            view,
        };
        screen.go_to(frames / 2);
        screen
    }

    fn go_to(&mut self, frame: usize) {
        let connection = self.world.trace.connections.first().unwrap();
        self.world.cursor = Cursor::after_frame(connection, FrameId::from_index(frame));
    }

    /// Draws one picture. Returns how many rows it looked at.
    fn draw(&mut self) -> u64 {
        let size = egui::vec2(1366.0, 768.0);
        let input = egui::RawInput {
            screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, size)),
            ..Default::default()
        };
        let before = looks::so_far();
        let (views, view, world) = (&mut self.views, self.view, &self.world);
        let mut output = self.ctx.run_ui(input, |ui| {
            world.read(|context| views.framed_ui(view, ui, context));
        });
        assert!(!output.shapes.is_empty());
        output.textures_delta.clear();
        looks::so_far() - before
    }

    /// Draws until nothing is worked out any more. Returns the most rows that one picture looked at.
    fn settle(&mut self) -> u64 {
        let began = Instant::now();
        let (mut quiet, mut most) = (0, 0);
        while quiet < QUIET {
            assert!(began.elapsed() < SETTLING);
            most = most.max(self.draw());
            if self.ctx.has_requested_repaint() {
                quiet = 0;
                std::thread::yield_now();
            } else {
                quiet += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        most
    }
}

/// Rows that a picture looks at when the cursor has moved by a frame, and the most that one before it looked at.
fn looks_of(view: ViewId, size: Size) -> (u64, u64) {
    let mut screen = Screen::new(view, size);
    let catching_up = screen.settle();
    screen.go_to(size.0 / 2 + 1);
    (screen.draw(), catching_up)
}

/// Every view with a small and a large capture.
fn compare(small: Size, large: Size, what: &str) {
    let mut said = Vec::new();
    for entry in VIEWS {
        let view = ViewId::from_name(entry.name).unwrap();
        let (few, _) = looks_of(view, small);
        let (many, catching_up) = looks_of(view, large);
        said.push(format!(
            "{}: {few} rows with few {what}, {many} with many, {catching_up} at most before",
            entry.name
        ));
        // What is searched for takes a step or two more; walking over everything would be four times as much.
        assert!(many <= few + few / 2 + 2_000, "{}", said.join("\n"));
        assert!(catching_up <= MOST_WHILE_CATCHING_UP, "{}", said.join("\n"));
    }
    println!("{}", said.join("\n"));
}

#[test]
fn no_view_looks_at_more_rows_because_there_are_more_frames() {
    compare((40_000, 0), (160_000, 0), "frames");
}

#[test]
fn no_view_looks_at_more_rows_because_there_are_more_holes() {
    compare((40_000, 1_000), (40_000, 10_000), "holes");
}

/// Frames that come between two pictures while a capture is read.
const FRAMES_BETWEEN: usize = 20_000;
/// Rows that a picture may look at meanwhile: many fewer than the capture has in the end.
const MOST_WHILE_READING: u64 = 200_000;

#[test]
fn no_view_looks_at_more_rows_in_a_picture_because_many_came_between() {
    let sizes = (1..=8).map(|step| step * FRAMES_BETWEEN);
    let traces: Vec<_> = sizes
        .map(|frames| busy_trace_with_holes(frames, STREAMS, 0))
        .collect();
    for entry in VIEWS {
        let view = ViewId::from_name(entry.name).unwrap();
        let mut screen = Screen::new(view, (FRAMES_BETWEEN, 0));
        screen.world.loading = true;
        let looked: Vec<u64> = (traces.iter())
            .map(|trace| {
                screen.world.trace = trace.clone();
                screen.draw()
            })
            .collect();
        println!("{}: {looked:?}", entry.name);
        let most = looked.iter().max().unwrap();
        assert!(*most <= MOST_WHILE_READING, "{}: {looked:?}", entry.name);
    }
}
