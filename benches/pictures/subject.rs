//! What is drawn, and how it is timed.

use egui::{FullOutput, RawInput, Rect, vec2};
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use wireloom::trace::{Cursor, FrameId, Trace};
use wireloom::ui::app::{App, AppOptions};
use wireloom::ui::grpc::Grpc;
use wireloom::ui::loader::Input;
use wireloom::ui::theme::{Theme, ThemeChoice};
use wireloom::ui::transport::Transport;
use wireloom::ui::views::{ViewId, Views, loom};
use wireloom::ui::workspace::{self, preset::Preset};
use wireloom::ui::{Command, Item, ViewContext};

/// Pictures of each case.
const PICTURES: usize = 100;
/// The size of a small laptop's screen.
const SIZE: egui::Vec2 = vec2(1366.0, 768.0);
/// Sixty pictures a second.
const SECONDS_PER_PICTURE: f64 = 1.0 / 60.0;
/// How long what is worked out beside the pictures may take before the measuring begins.
const SETTLING: Duration = Duration::from_secs(30);

/// What is drawn.
#[derive(Clone, Copy)]
pub enum Subject {
    /// The whole window.
    Window(Preset),
    /// One view in all the space.
    View(&'static str),
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
}

/// CPU time of this thread so far; what a clock says where the system does not tell.
fn now() -> Duration {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    // The scheduler counts up to the last time it was asked.
    std::thread::yield_now();
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = said.and_then(|said| said.split(' ').next()?.parse().ok());
    let by_clock = || BEGAN.get_or_init(Instant::now).elapsed();
    ns.map_or_else(by_clock, Duration::from_nanos)
}

/// Draws pictures without a GPU.
struct Painter {
    ctx: egui::Context,
    pictures: usize,
}

impl Painter {
    fn new(theme: &Theme) -> Self {
        let ctx = egui::Context::default();
        theme.apply(&ctx);
        Self { ctx, pictures: 0 }
    }

    /// One picture with its tessellation, and how long both took.
    fn picture(&mut self, mut draw: impl FnMut(&mut egui::Ui)) -> Duration {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, SIZE)),
            time: Some(self.pictures as f64 * SECONDS_PER_PICTURE),
            predicted_dt: SECONDS_PER_PICTURE as f32,
            ..RawInput::default()
        };
        self.pictures += 1;
        let began = now();
        let mut output: FullOutput = self.ctx.run_ui(input, &mut draw);
        let shapes = std::mem::take(&mut output.shapes);
        let triangles = self.ctx.tessellate(shapes, output.pixels_per_point);
        let took = now().saturating_sub(began);
        assert!(!triangles.is_empty());
        output.textures_delta.clear();
        took
    }
}

/// What is drawn into, with what it shows.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
enum Scene<'a> {
    Window(Box<App>),
    View {
        view: ViewId,
        views: Views,
        trace: &'a Trace,
        theme: Theme,
        transport: Transport,
        selection: Option<Item>,
        hovered: Option<Item>,
    },
}

impl Scene<'_> {
    fn send(&mut self, command: Command) {
        match self {
            Scene::Window(app) => app.send(command),
            Scene::View {
                views,
                trace,
                theme,
                transport,
                selection,
                ..
            } => match command {
                Command::Select(item) => *selection = Some(item),
                Command::MoveCursor(cursor) => transport.move_to(cursor),
                Command::TogglePlay => {
                    transport.toggle_play(trace, trace.connections.first());
                }
                command => reading_with(trace, transport, *selection, None, theme, |context| {
                    views.command(&command, context);
                }),
            },
        }
    }

    /// Lets a sixtieth of a second pass and draws.
    fn draw(&mut self, ui: &mut egui::Ui) {
        match self {
            Scene::Window(app) => {
                app.logic(SECONDS_PER_PICTURE);
                app.ui(ui);
            }
            Scene::View {
                view,
                views,
                trace,
                theme,
                transport,
                selection,
                hovered,
            } => {
                transport.update(SECONDS_PER_PICTURE, trace, trace.connections.first(), false);
                reading_with(trace, transport, *selection, *hovered, theme, |context| {
                    views.framed_ui(*view, ui, context);
                    *hovered = context.next_hovered.get();
                });
            }
        }
    }

    /// Views that follow the loom's window know it only once the loom was drawn.
    fn draw_loom(&mut self, painter: &mut Painter) {
        let loom = ViewId::from_name("loom").unwrap();
        if let Scene::View {
            views,
            trace,
            theme,
            transport,
            selection,
            ..
        } = self
        {
            for _ in 0..30 {
                painter.picture(|ui| {
                    reading_with(trace, transport, *selection, None, theme, |context| {
                        views.framed_ui(loom, ui, context);
                    });
                });
            }
        }
    }
}

fn reading_with(
    trace: &Trace,
    transport: &Transport,
    selection: Option<Item>,
    hovered: Option<Item>,
    theme: &Theme,
    act: impl FnOnce(&ViewContext<'_>),
) {
    let (next_hovered, commands) = (Cell::new(None), RefCell::default());
    let grpc = Grpc::default();
    act(&ViewContext {
        trace,
        connection: trace.connections.first(),
        cursor: transport.cursor(),
        selection,
        hovered,
        theme,
        matches: None,
        grpc: &grpc,
        notes: wireloom::ui::notes::Board::none(),
        loading: false,
        next_hovered: &next_hovered,
        commands: &commands,
    });
}

impl Subject {
    fn scene(self, trace: &Trace) -> Scene<'_> {
        let end = Cursor::end_of(trace);
        let theme = Theme::new(ThemeChoice::Dark);
        match self {
            Subject::Window(preset) => {
                let connection = trace.connections.first().map(|connection| connection.id);
                let mut app = App::of_trace("busy", trace.clone(), connection, end, theme.choice);
                app.send(Command::Workspace(workspace::Command::Arrange(preset)));
                Scene::Window(Box::new(app))
            }
            Subject::View(name) => {
                let mut transport = Transport::default();
                transport.move_to(end.unwrap());
                Scene::View {
                    view: ViewId::from_name(name).unwrap(),
                    views: Views::default(),
                    trace,
                    theme,
                    transport,
                    selection: None,
                    hovered: None,
                }
            }
        }
    }

    /// Draws the pictures of a case. Returns what each took.
    pub fn draw(self, trace: &Trace, case: Case) -> Vec<Duration> {
        let mut scene = self.scene(trace);
        let mut painter = Painter::new(&Theme::new(ThemeChoice::Dark));
        // Fonts are laid out once per run of the program.
        painter.picture(|ui| drop(ui.label("wireloom 0123456789")));
        if matches!(case, Case::First) {
            return (0..5)
                .map(|_| painter.picture(|ui| scene.draw(ui)))
                .collect();
        }
        let length_ns = trace.time_range_ns.map_or(0, |(first, last)| last - first) as f64;
        let zoom = match case {
            Case::Zoomed(zoom) | Case::Playing(zoom) => zoom,
            Case::First | Case::Jumping { .. } => Zoom::Whole,
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
        let connection = trace.connections.first().unwrap();
        let cursor_at = |frame: usize| {
            Command::MoveCursor(
                Cursor::after_frame(connection, FrameId::from_index(frame)).unwrap(),
            )
        };
        let frames = connection.http2().unwrap().frames.len();
        if let Case::Playing(_) = case {
            scene.send(cursor_at(frames / 2));
        }
        settle(&mut painter, &mut scene);
        if let Case::Playing(_) = case {
            scene.send(Command::TogglePlay);
        }
        let mut times = Vec::with_capacity(PICTURES);
        for number in 0..PICTURES {
            // The same places in every run, spread over all of it.
            let frame = number.wrapping_mul(0x9e37_79b9) % frames;
            match case {
                Case::Zoomed(zoom) => {
                    let (start, end) = shown_ns(zoom);
                    let by = (end - start) * 0.01 * number as f64;
                    scene.send(show((start + by, end + by)));
                }
                Case::Jumping { select: false } => scene.send(cursor_at(frame)),
                Case::Jumping { select: true } => {
                    scene.send(cursor_at(frame));
                    let item = Item::Frame(connection.id, FrameId::from_index(frame));
                    scene.send(Command::Select(item));
                }
                Case::Playing(_) | Case::First => {}
            }
            times.push(painter.picture(|ui| scene.draw(ui)));
        }
        times
    }
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

/// The pictures while a file is read, from opening it on.
pub fn reading(preset: Preset, file: &Path) -> Vec<Duration> {
    let mut app = App::new(AppOptions {
        input: Some(Input::File(file.to_owned())),
        theme: Some(ThemeChoice::Dark),
        ..AppOptions::default()
    });
    app.send(Command::Workspace(workspace::Command::Arrange(preset)));
    let mut scene = Scene::Window(Box::new(app));
    let mut painter = Painter::new(&Theme::new(ThemeChoice::Dark));
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
