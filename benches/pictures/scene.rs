//! A picture without a GPU, and what is drawn into it.

use crate::World;
use egui::{Event, FullOutput, RawInput, Rect, vec2};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use wireloom::trace::{Connection, Cursor};
use wireloom::ui::app::App;
use wireloom::ui::theme::Theme;
use wireloom::ui::transport::Transport;
use wireloom::ui::views::{ViewId, Views};
use wireloom::ui::{Command, Item, ViewContext};

/// The size of a small laptop's screen.
const SIZE: egui::Vec2 = vec2(1366.0, 768.0);
/// Sixty pictures a second.
pub const SECONDS_PER_PICTURE: f64 = 1.0 / 60.0;

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
pub struct Painter {
    pub ctx: egui::Context,
    pictures: usize,
    /// What a hand does before the next picture.
    pub events: Vec<Event>,
}

impl Painter {
    pub fn new(theme: &Theme) -> Self {
        let ctx = egui::Context::default();
        theme.apply(&ctx);
        Self {
            ctx,
            pictures: 0,
            events: Vec::new(),
        }
    }

    fn input(&mut self) -> RawInput {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, SIZE)),
            time: Some(self.pictures as f64 * SECONDS_PER_PICTURE),
            predicted_dt: SECONDS_PER_PICTURE as f32,
            events: std::mem::take(&mut self.events),
            ..RawInput::default()
        };
        self.pictures += 1;
        input
    }

    /// The places of what is on the screen by its accessible name.
    pub fn places(
        &mut self,
        mut draw: impl FnMut(&mut egui::Ui),
        is_it: impl Fn(&egui::accesskit::Node) -> bool,
    ) -> Vec<Rect> {
        self.ctx.enable_accesskit();
        let input = self.input();
        let output = self.ctx.run_ui(input, &mut draw);
        self.ctx.disable_accesskit();
        let nodes = output.platform_output.accesskit_update.into_iter();
        let nodes = nodes.flat_map(|update| update.nodes);
        nodes
            .filter(|(_, node)| is_it(node))
            .filter_map(|(_, node)| node.bounds())
            .map(|of| {
                let corners = [(of.x0, of.y0), (of.x1, of.y1)];
                let [min, max] = corners.map(|(x, y)| egui::pos2(x as f32, y as f32));
                Rect { min, max }
            })
            .collect()
    }

    /// One picture with its tessellation, and how long both took.
    pub fn picture(&mut self, mut draw: impl FnMut(&mut egui::Ui)) -> Duration {
        let input = self.input();
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
pub enum Scene<'a> {
    Window(Box<App>),
    View(ViewScene<'a>),
}

/// A view alone.
pub struct ViewScene<'a> {
    view: ViewId,
    views: Views,
    world: &'a World,
    /// Position of the connection shown.
    connection: usize,
    theme: Theme,
    transport: Transport,
    selection: Option<Item>,
    hovered: Option<Item>,
}

impl<'a> ViewScene<'a> {
    /// The end of a capture.
    pub fn new(view: ViewId, world: &'a World, theme: Theme) -> Self {
        let mut transport = Transport::default();
        transport.move_to(Cursor::end_of(&world.trace).unwrap());
        Self {
            view,
            views: Views::default(),
            world,
            connection: 0,
            theme,
            transport,
            selection: None,
            hovered: None,
        }
    }

    fn shown(&self) -> Option<&'a Connection> {
        self.world.trace.connections.get(self.connection)
    }

    fn send(&mut self, command: Command) {
        match command {
            Command::Select(item) => {
                if let Item::Frame(connection, _) = item {
                    self.connection = connection.index();
                }
                self.selection = Some(item);
            }
            Command::MoveCursor(cursor) => self.transport.move_to(cursor),
            Command::TogglePlay => {
                let shown = self.shown();
                self.transport.toggle_play(&self.world.trace, shown);
            }
            command => {
                self.reading(|views, context| views.command(&command, context));
            }
        }
    }

    fn draw(&mut self, view: ViewId, ui: &mut egui::Ui) {
        self.hovered = self.reading(|views, context| {
            views.framed_ui(view, ui, context);
            context.next_hovered.get()
        });
    }

    fn reading<T>(&mut self, act: impl FnOnce(&mut Views, &ViewContext<'_>) -> T) -> T {
        let (next_hovered, commands) = (Cell::new(None), RefCell::default());
        let context = ViewContext {
            trace: &self.world.trace,
            connection: self.shown(),
            cursor: self.transport.cursor(),
            running_ns: self.transport.running_ns(&self.world.trace),
            selection: self.selection,
            hovered: self.hovered,
            theme: &self.theme,
            matches: None,
            grpc: &self.world.grpc,
            notes: wireloom::ui::notes::Board::none(),
            loading: false,
            next_hovered: &next_hovered,
            commands: &commands,
        };
        act(&mut self.views, &context)
    }
}

impl Scene<'_> {
    pub fn send(&mut self, command: Command) {
        match self {
            Scene::Window(app) => app.send(command),
            Scene::View(scene) => scene.send(command),
        }
    }

    /// Lets a sixtieth of a second pass and draws.
    pub fn draw(&mut self, ui: &mut egui::Ui) {
        match self {
            Scene::Window(app) => {
                app.logic(SECONDS_PER_PICTURE);
                app.ui(ui);
            }
            Scene::View(scene) => {
                let shown = scene.shown();
                let trace = &scene.world.trace;
                scene
                    .transport
                    .update(SECONDS_PER_PICTURE, trace, shown, false);
                scene.draw(scene.view, ui);
            }
        }
    }

    /// Views that follow the loom's window know it only once the loom was drawn.
    pub fn draw_loom(&mut self, painter: &mut Painter) {
        let loom = ViewId::from_name("loom").unwrap();
        if let Scene::View(scene) = self {
            for _ in 0..30 {
                painter.picture(|ui| scene.draw(loom, ui));
            }
        }
    }
}
