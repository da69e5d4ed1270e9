//! What is drawn, and what goes on meanwhile.

use crate::World;
use crate::scene::{Painter, SECONDS_PER_PICTURE, Scene, ViewScene};
use egui::accesskit::Role;
use egui::{
    Event, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, vec2,
};
use std::path::Path;
use std::time::{Duration, Instant};
use wireloom::trace::{Cursor, FrameId};
use wireloom::ui::app::{App, AppOptions};
use wireloom::ui::loader::Input;
use wireloom::ui::theme::{Theme, ThemeChoice};
use wireloom::ui::views::{ViewId, loom};
use wireloom::ui::workspace::{self, preset::Preset};
use wireloom::ui::{Command, Item, filter_bar};

/// Pictures of each case.
const PICTURES: usize = 100;
/// How long what is worked out beside the pictures may take before the measuring begins.
const SETTLING: Duration = Duration::from_secs(30);
/// Pictures of another capture before.
const WARMING_UP: usize = 20;
/// Pictures between two letters or clicks of a person who is quick.
const PICTURES_PER_LETTER: usize = 5;
/// What is typed. Every letter makes another filter, or none.
const TYPED: &str = "path:/7 type:DATA";

/// What is drawn.
#[derive(Clone, Copy)]
pub enum Subject {
    /// The whole window.
    Window(Preset),
    /// The whole window as engineers have it, with a view in front.
    With(ViewId),
    /// One view in all the space.
    View(ViewId),
}

/// How much time the loom and the views that follow it show.
#[derive(Clone, Copy)]
pub enum Zoom {
    /// All of it.
    Whole,
    /// This part of it, from the middle on.
    Part(f64),
}

/// What is going on.
#[derive(Clone, Copy)]
pub enum Case {
    /// The very first pictures.
    First,
    /// The window of time moves a little in each picture.
    Zoomed(Zoom),
    /// Time runs.
    Playing(Zoom),
    /// The cursor is at another frame in each picture, which is also selected or not.
    Jumping { select: bool },
    /// The list is scrolled by some pages in each picture.
    Scrolling,
    /// The list is sorted by one column after the other.
    Sorting,
    /// A filter is typed, letter by letter.
    Typing,
    /// The file is read.
    Reading,
}

impl Subject {
    fn arrange(self, app: &mut App) {
        let arrange = |preset| Command::Workspace(workspace::Command::Arrange(preset));
        match self {
            Subject::Window(preset) => app.send(arrange(preset)),
            Subject::With(view) | Subject::View(view) => {
                app.send(arrange(Preset::Engineer));
                app.send(Command::Workspace(workspace::Command::Show(view)));
            }
        }
    }

    fn scene(self, world: &World) -> Scene<'_> {
        let theme = Theme::new(ThemeChoice::Dark);
        if let Subject::View(view) = self {
            return Scene::View(ViewScene::new(view, world, theme));
        }
        let trace = world.trace.clone();
        let (connection, end) = (trace.connections.first(), Cursor::end_of(&trace));
        let connection = connection.map(|connection| connection.id);
        let mut app = App::of_trace("busy", trace, connection, end, theme.choice);
        self.arrange(&mut app);
        Scene::Window(Box::new(app))
    }

    /// Another, small capture was shown before: letters are rastered once per run of the program.
    fn warm_up(self, painter: &mut Painter) {
        let mut app = App::new(AppOptions {
            input: Some(Input::Tour(0)),
            theme: Some(ThemeChoice::Dark),
            ..AppOptions::default()
        });
        self.arrange(&mut app);
        let mut scene = Scene::Window(Box::new(app));
        for _ in 0..WARMING_UP {
            painter.picture(|ui| scene.draw(ui));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Draws the pictures of a case. Returns what each took; nothing where the case is none of this view's.
    pub fn draw(self, world: &World, case: Case) -> Vec<Duration> {
        let trace = &world.trace;
        let mut painter = Painter::new(&Theme::new(ThemeChoice::Dark));
        self.warm_up(&mut painter);
        if matches!(case, Case::Reading) {
            return self.reading(&world.file, &mut painter);
        }
        let mut scene = self.scene(world);
        if matches!(case, Case::First) {
            return (0..5)
                .map(|_| painter.picture(|ui| scene.draw(ui)))
                .collect();
        }
        let length_ns = trace.time_range_ns.map_or(0, |(first, last)| last - first) as f64;
        let zoom = match case {
            Case::Zoomed(zoom) | Case::Playing(zoom) => zoom,
            _ => Zoom::Whole,
        };
        let shown_ns = |zoom| match zoom {
            Zoom::Whole => (0.0, length_ns),
            Zoom::Part(part) => (length_ns / 2.0, length_ns / 2.0 + length_ns / part),
        };
        let show =
            |(start_ns, end_ns)| Command::Loom(loom::Command::ShowTimes { start_ns, end_ns });
        scene.draw_loom(&mut painter);
        if let Zoom::Part(_) = zoom {
            scene.send(show(shown_ns(zoom)));
            scene.draw_loom(&mut painter);
        }
        let main = trace.connections.first().unwrap();
        let frames = main.http2().unwrap().frames.len();
        if let Case::Playing(_) = case {
            let middle = Cursor::after_frame(main, FrameId::from_index(frames / 2));
            scene.send(Command::MoveCursor(middle.unwrap()));
        }
        settle(&mut painter, &mut scene);
        if let Case::Playing(_) = case {
            scene.send(Command::TogglePlay);
        }
        let places = match case {
            Case::Sorting => painter.places(
                |ui| scene.draw(ui),
                |node| {
                    node.label()
                        .is_some_and(|name| name.starts_with("Sort by "))
                },
            ),
            Case::Scrolling => {
                painter.places(|ui| scene.draw(ui), |node| node.role() == Role::ListBox)
            }
            _ => Vec::new(),
        };
        if matches!(case, Case::Sorting | Case::Scrolling) && places.is_empty() {
            return Vec::new();
        }
        let mut times = Vec::with_capacity(PICTURES);
        for number in 0..PICTURES {
            // The same places in every run, spread over all of it.
            let spread = number.wrapping_mul(0x9e37_79b9);
            let step = number / PICTURES_PER_LETTER;
            let new_step = number.is_multiple_of(PICTURES_PER_LETTER);
            match case {
                Case::Zoomed(zoom) => {
                    let (start, end) = shown_ns(zoom);
                    let by = (end - start) * 0.01 * number as f64;
                    scene.send(show((start + by, end + by)));
                }
                Case::Jumping { select } => {
                    let connection = &trace.connections[spread % trace.connections.len()];
                    let frames = connection.http2().unwrap().frames.len();
                    let frame = FrameId::from_index(spread % frames);
                    let cursor = Cursor::after_frame(connection, frame);
                    scene.send(Command::MoveCursor(cursor.unwrap()));
                    if select {
                        scene.send(Command::Select(Item::Frame(connection.id, frame)));
                    }
                }
                Case::Sorting if new_step => {
                    painter.events = click(places[step % places.len()].center());
                }
                Case::Scrolling => {
                    let list = places[0];
                    painter.events = scroll(list.center(), -5.0 * list.height());
                }
                Case::Typing if new_step => {
                    let typed = TYPED.get(..step % (TYPED.len() + 1)).unwrap();
                    let set = filter_bar::Command::Set(typed.to_owned());
                    scene.send(Command::Filter(set));
                }
                _ => {}
            }
            times.push(painter.picture(|ui| scene.draw(ui)));
        }
        times
    }

    /// The pictures while a file is read, from opening it on.
    fn reading(self, file: &Path, painter: &mut Painter) -> Vec<Duration> {
        let mut app = App::new(AppOptions {
            input: Some(Input::File(file.to_owned())),
            theme: Some(ThemeChoice::Dark),
            ..AppOptions::default()
        });
        self.arrange(&mut app);
        let mut scene = Scene::Window(Box::new(app));
        let mut times = Vec::new();
        loop {
            let took = painter.picture(|ui| scene.draw(ui));
            times.push(took);
            let Scene::Window(app) = &scene else {
                return times;
            };
            if !app.document().is_some_and(|document| document.loading()) {
                return times;
            }
            std::thread::sleep(Duration::from_secs_f64(SECONDS_PER_PICTURE).saturating_sub(took));
        }
    }
}

fn click(pos: Pos2) -> Vec<Event> {
    let button = |pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    vec![Event::PointerMoved(pos), button(true), button(false)]
}

fn scroll(at: Pos2, points: f32) -> Vec<Event> {
    let wheel = Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    };
    vec![Event::PointerMoved(at), wheel]
}

/// Draws until nothing is worked out any more that is drawn later.
fn settle(painter: &mut Painter, scene: &mut Scene<'_>) {
    let began = Instant::now();
    let mut quiet = 0;
    while quiet < 10 && began.elapsed() < SETTLING {
        painter.picture(|ui| scene.draw(ui));
        if painter.ctx.has_requested_repaint() {
            quiet = 0;
        } else {
            quiet += 1;
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
