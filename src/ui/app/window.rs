//! The real window: made by eframe, drawn with wgpu, or with OpenGL where wgpu finds nothing.

use super::{App, AppOptions};
use crate::capture::listen::{ListenError, Listening};
use crate::ui::listening::Asked;
use crate::ui::loader::{Input, Waker};
use crate::ui::settings;
use crate::ui::theme::ThemeChoice;
use egui::{IconData, ViewportBuilder, vec2};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// The window's size when it opens, in points: fits the smallest laptop screens still sold.
const SIZE: egui::Vec2 = vec2(1366.0, 768.0);

/// Below this the panes have no room left.
const MIN_SIZE: egui::Vec2 = vec2(800.0, 480.0);

/// What draws the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Renderer {
    /// Vulkan, Metal, Direct3D or OpenGL, through wgpu
    #[default]
    Wgpu,
    /// OpenGL, through glow
    Glow,
}

/// How the window opens.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// The capture file to open, `-` for standard input; `None` opens the tour.
    pub capture: Option<PathBuf>,
    /// Where to listen, in place of a capture.
    pub listen: Option<Asked>,
    /// What is to draw it. The other one is tried when it fails; `None` begins with wgpu.
    pub renderer: Option<Renderer>,
}

/// Why there is no window. One plain sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// Neither X11 nor Wayland.
    #[error(
        "There is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set): use \
         `wireloom render loom CAPTURE -o loom.png` for a picture, or `wireloom frames CAPTURE` \
         for a list."
    )]
    NoDisplay,
    /// There should be a display, but no window can be made on it.
    #[error(
        "The display cannot be reached (DISPLAY or WAYLAND_DISPLAY may be out of date, or access \
         is refused): use `wireloom render loom CAPTURE -o loom.png` for a picture, or `wireloom \
         frames CAPTURE` for a list."
    )]
    Unreachable(#[source] eframe::Error),
    /// There is a display, but nothing can draw on it.
    #[error(
        "No window could be opened: {0}. `wireloom render loom CAPTURE -o loom.png` and \
         `wireloom frames CAPTURE` need no window."
    )]
    NoWindow(#[source] eframe::Error),
    /// Nothing can be heard that the window could show.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// A helper that listens until the window takes over, and who wakes that.
type Heard = Rc<RefCell<Option<(Listening, Waker)>>>;

/// Opens the window and stays in it until it is closed.
///
/// # Errors
///
/// When there is no display, or nothing that could draw on it, or when listening was asked for and does not work.
pub fn run(options: WindowOptions) -> Result<(), WindowError> {
    if !has_display() {
        return Err(WindowError::NoDisplay);
    }
    // Whoever has asked for it in a terminal is told there why it does not work.
    let heard = match &options.listen {
        None => None,
        Some(asked) => Some(listen(asked)?),
    };
    let heard = Rc::new(RefCell::new(heard));
    let renderers = match options.renderer.unwrap_or_default() {
        Renderer::Wgpu => [Renderer::Wgpu, Renderer::Glow],
        Renderer::Glow => [Renderer::Glow, Renderer::Wgpu],
    };
    let mut failure = None;
    for renderer in renderers {
        match run_with(renderer, &options, &heard) {
            Ok(()) => return Ok(()),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(match failure {
        None => return Ok(()),
        Some(error @ (eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_))) => {
            WindowError::Unreachable(error)
        }
        Some(error) => WindowError::NoWindow(error),
    })
}

/// What to open first. Standard input can be read only once, but a second try comes only when
/// the first never got as far as opening a window.
fn input(capture: Option<&Path>) -> Input {
    match capture {
        None => Input::Tour(0),
        Some(path) if path == Path::new("-") => Input::StandardInput,
        Some(path) => Input::File(path.to_owned()),
    }
}

/// Begins to listen.
fn listen(asked: &Asked) -> Result<(Listening, Waker), ListenError> {
    let waker = Waker::default();
    let wakes = waker.clone();
    let mut listening = Listening::start(&asked.helper, &asked.wanted, move || wakes.wake())?;
    listening.wait_begun()?;
    let (interface, place) = (listening.interface(), listening.file().display());
    eprintln!("wireloom: listening on {interface}; the recording is {place}");
    Ok((listening, waker))
}

fn run_with(
    renderer: Renderer,
    options: &WindowOptions,
    heard: &Heard,
) -> Result<(), eframe::Error> {
    let native = eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Wireloom")
            .with_app_id("wireloom")
            .with_icon(Arc::new(icon()))
            .with_inner_size(SIZE)
            .with_min_inner_size(MIN_SIZE)
            .with_drag_and_drop(true),
        renderer: match renderer {
            Renderer::Wgpu => eframe::Renderer::Wgpu,
            Renderer::Glow => eframe::Renderer::Glow,
        },
        persist_window: false,
        ..eframe::NativeOptions::default()
    };
    let heard = Rc::clone(heard);
    let helper = options
        .listen
        .as_ref()
        .map(|of| of.helper.program().to_owned());
    let input = input(options.capture.as_deref());
    eframe::run_native(
        "wireloom",
        native,
        Box::new(move |creation| {
            let heard = heard.borrow_mut().take();
            let app = App::new(AppOptions {
                input: Some(input).filter(|_| heard.is_none()),
                theme: None,
                settings_path: settings::default_path(),
                data_folder: crate::notes::home::data_folder(),
                helper,
            });
            let app = match heard {
                Some((listening, waker)) => app.listening_to(listening, waker),
                None => app,
            };
            creation.egui_ctx.options_mut(|options| {
                // Ctrl with plus and minus is for the text size everywhere.
                options.zoom_with_keyboard = true;
            });
            Ok(Box::new(app))
        }),
    )
}

/// Only Linux and the BSDs have displays that may not be there.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let may_lack = cfg!(all(unix, not(target_os = "macos")));
    !may_lack || set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET")
}

/// The word mark's threads and knots, as pixels.
fn icon() -> IconData {
    const SIZE: usize = 64;
    let theme = crate::ui::Theme::new(ThemeChoice::Dark);
    let mut rgba = Vec::with_capacity(SIZE * SIZE * 4);
    for y in 0..SIZE {
        for x in 0..SIZE {
            let thread = (y / 20).min(2);
            let (dx, dy) = (x.abs_diff(20 + 12 * thread), y.abs_diff(12 + 20 * thread));
            let on_thread = dy <= 3 && (6..SIZE - 6).contains(&x);
            let colour = if on_thread || dx + dy <= 9 {
                theme.stream(thread)
            } else {
                theme.panel
            };
            rgba.extend(colour.to_array());
        }
    }
    IconData {
        rgba,
        width: SIZE as u32,
        height: SIZE as u32,
    }
}
