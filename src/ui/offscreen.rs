//! Pictures without a window: the same code draws, a software or hardware renderer paints, and
//! the pixels become a PNG. This is `wireloom render`.

pub use super::scene::Scene;
use super::svg;
use super::theme::{Theme, ThemeChoice};
use super::views::{ViewId, Views, registry};
use egui::{FullOutput, RawInput, Rect, Ui, vec2};
use egui_wgpu::{RenderState, RendererOptions, ScreenDescriptor, WgpuSetup, wgpu};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

/// Pictures drawn until sizes and scroll positions have settled; the last one is kept.
const PICTURES: usize = 4;

/// Pictures drawn at most while views still have something to take in: a million frames need some forty, a million
/// segments two hundred.
const MOST_PICTURES: usize = 400;

/// Time between them, as the views see it: longer than any animation.
const SECONDS_PER_PICTURE: f64 = 0.25;

/// How long the renderer may take. A software renderer needs some tenths of a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no picture. One plain sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OffscreenError {
    /// No renderer, neither hardware nor software.
    #[error(
        "Nothing on this machine can draw: install a software renderer (Debian and Ubuntu: \
         `apt-get install mesa-vulkan-drivers`)."
    )]
    NoRenderer,
    /// There is one, but it does not work.
    #[error(
        "The renderer could not be started: {0}; a software renderer may help (Debian and Ubuntu: \
         `apt-get install mesa-vulkan-drivers`)."
    )]
    Renderer(#[source] egui_wgpu::WgpuError),
    /// More pixels than the renderer can hold.
    #[error(
        "A picture of {width}x{height} pixels cannot be drawn; each side may have 1 to {limit}."
    )]
    Size {
        /// What was asked for.
        width: u32,
        /// What was asked for.
        height: u32,
        /// What the renderer can do.
        limit: u32,
    },
    /// The renderer took too long or gave up.
    #[error("The renderer did not finish the picture: {0}.")]
    Unfinished(#[from] wgpu::PollError),
    /// The pixels could not be fetched.
    #[error("The picture could not be read back from the renderer.")]
    ReadBack,
    /// The pixels could not be written as PNG.
    #[error("The picture could not be written as PNG: {0}.")]
    Png(#[from] png::EncodingError),
    /// No such view.
    #[error(
        "There is no view of that name; there are window, {}.",
        registry::names()
    )]
    NoSuchView,
}

/// Draws a view of a trace as PNG: `window` for all of them, or the name of one view.
///
/// # Errors
///
/// When there is no such view, or nothing that could draw it.
pub fn render_view(
    view: &str,
    scene: &Scene,
    [width, height]: [u32; 2],
    theme: ThemeChoice,
) -> Result<Vec<u8>, OffscreenError> {
    let draw = scene.painter(pane(view)?, theme);
    render_png(width, height, &Theme::new(theme), 1.0, draw)
}

/// The same as SVG, which needs no renderer.
///
/// # Errors
///
/// When there is no such view.
pub fn render_svg(
    view: &str,
    scene: &Scene,
    [width, height]: [u32; 2],
    theme: ThemeChoice,
) -> Result<String, OffscreenError> {
    let pane = pane(view)?;
    let title = pane.map_or("Wireloom", ViewId::title);
    let colours = Theme::new(theme);
    let ctx = egui::Context::default();
    colours.apply(&ctx);
    let mut output = pictures(&ctx, width, height, 1.0, scene.painter(pane, theme));
    // Letters are written, not painted.
    output.textures_delta.clear();
    let size = vec2(width as f32, height as f32);
    Ok(svg::write(
        &output.shapes,
        Rect::from_min_size(egui::Pos2::ZERO, size),
        colours.background,
        title,
        &svg::Pictures::of(&ctx),
    ))
}

/// The view with a name; `None` for the whole window.
fn pane(view: &str) -> Result<Option<ViewId>, OffscreenError> {
    match (view, ViewId::from_name(view)) {
        ("window", _) => Ok(None),
        (_, None) => Err(OffscreenError::NoSuchView),
        (_, pane) => Ok(pane),
    }
}

/// What a view says in words: what screen readers read, of the same instant and selection as the
/// picture. The whole window has no words of its own.
///
/// # Errors
///
/// When there is no such view.
pub fn view_text(view: &str, scene: &Scene) -> Result<String, OffscreenError> {
    let view = ViewId::from_name(view).ok_or(OffscreenError::NoSuchView)?;
    let theme = Theme::new(ThemeChoice::default());
    let views = Views::default();
    let mut text = String::new();
    scene.read(&theme, |context| text = views.text(view, context));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// Draws whatever `draw` draws, as PNG. It is called several times, so that what depends on the
/// picture before can settle.
///
/// # Errors
///
/// When nothing on this machine can draw a picture of this size.
pub fn render_png(
    width: u32,
    height: u32,
    theme: &Theme,
    pixels_per_point: f32,
    draw: impl FnMut(&mut Ui),
) -> Result<Vec<u8>, OffscreenError> {
    let state = renderer()?;
    let limit = state.device.limits().max_texture_dimension_2d;
    if width == 0 || height == 0 || width > limit || height > limit {
        return Err(OffscreenError::Size {
            width,
            height,
            limit,
        });
    }
    let ctx = egui::Context::default();
    theme.apply(&ctx);
    let output = pictures(&ctx, width, height, pixels_per_point.clamp(0.25, 8.0), draw);
    let pixels = paint(&state, &ctx, output, width, height)?;
    encode(&pixels, width, height)
}

/// A renderer that needs no display. OpenGL comes last: asking for it makes drivers complain on
/// standard error where there is no session. Mesa's Vulkan layer that chooses a device looks for a
/// Wayland session too, and libwayland may complain that `XDG_RUNTIME_DIR` is not set: wgpu asks for
/// surfaces of every window system, whether they are wanted or not. `NODEVICE_SELECT=1` leaves that
/// layer out.
fn renderer() -> Result<RenderState, OffscreenError> {
    match renderer_of(wgpu::Backends::PRIMARY) {
        Err(OffscreenError::NoRenderer) => renderer_of(wgpu::Backends::GL),
        answer => answer,
    }
}

/// The best renderer of these kinds; a software renderer first, because it gives the same picture
/// on every machine.
fn renderer_of(backends: wgpu::Backends) -> Result<RenderState, OffscreenError> {
    let mut setup = egui_wgpu::WgpuSetupCreateNew::without_display_handle();
    setup.instance_descriptor.backends = backends;
    setup.native_adapter_selector = Some(Arc::new(|adapters, _surface| {
        let hardware =
            |adapter: &&wgpu::Adapter| adapter.get_info().device_type != wgpu::DeviceType::Cpu;
        let best = adapters
            .iter()
            .filter(|adapter| adapter.get_info().backend != wgpu::Backend::Noop)
            .min_by_key(hardware);
        best.cloned().ok_or_else(|| "none".to_owned())
    }));
    let setup = WgpuSetup::CreateNew(setup);
    let instance = pollster::block_on(setup.new_instance());
    let config = egui_wgpu::WgpuConfiguration {
        wgpu_setup: setup,
        ..Default::default()
    };
    let options = RendererOptions::PREDICTABLE;
    let state = pollster::block_on(RenderState::create(&config, &instance, None, options));
    state.map_err(|error| match error {
        egui_wgpu::WgpuError::CustomNativeAdapterSelectionError(_)
        | egui_wgpu::WgpuError::RequestAdapterError(_) => OffscreenError::NoRenderer,
        other => OffscreenError::Renderer(other),
    })
}

/// Lets egui draw some pictures in a row. Textures of all of them are needed, shapes only of the
/// last.
fn pictures(
    ctx: &egui::Context,
    width: u32,
    height: u32,
    pixels_per_point: f32,
    mut draw: impl FnMut(&mut Ui),
) -> FullOutput {
    let size = vec2(width as f32, height as f32) / pixels_per_point;
    let mut all = FullOutput::default();
    for picture in 0..MOST_PICTURES {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, size)),
            time: Some(picture as f64 * SECONDS_PER_PICTURE),
            ..RawInput::default()
        };
        let viewport = input.viewports.entry(egui::ViewportId::ROOT).or_default();
        viewport.native_pixels_per_point = Some(pixels_per_point);
        all.append(ctx.run_ui(input, &mut draw));
        if picture + 1 >= PICTURES && !ctx.has_requested_repaint() {
            break;
        }
    }
    all
}

fn paint(
    state: &RenderState,
    ctx: &egui::Context,
    mut output: FullOutput,
    width: u32,
    height: u32,
) -> Result<Pixels, OffscreenError> {
    let (device, queue) = (&state.device, &state.queue);
    let mut renderer = state.renderer.write();
    for (id, deltas) in &output.textures_delta.set {
        for delta in deltas {
            renderer.update_texture(device, queue, *id, delta);
        }
    }
    output.textures_delta.clear();
    let screen = ScreenDescriptor {
        size_in_pixels: [width, height],
        pixels_per_point: output.pixels_per_point,
    };
    let triangles = ctx.tessellate(output.shapes, output.pixels_per_point);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let buffers = renderer.update_buffers(device, queue, &mut encoder, &triangles, &screen);
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("picture"),
        size: wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: state.target_format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    {
        let attachment = wgpu::RenderPassColorAttachment {
            view: &view,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                store: wgpu::StoreOp::Store,
            },
            depth_slice: None,
        };
        let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(attachment)],
            ..wgpu::RenderPassDescriptor::default()
        });
        renderer.render(&mut pass.forget_lifetime(), &triangles, &screen);
    }
    // Rows in a buffer start at multiples of 256 bytes.
    let row_bytes = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("pixels"),
        size: u64::from(row_bytes) * u64::from(height),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row_bytes),
                rows_per_image: None,
            },
        },
        texture.size(),
    );
    queue.submit(buffers.into_iter().chain([encoder.finish()]));

    let (sender, mapped) = channel();
    buffer
        .slice(..)
        .map_async(wgpu::MapMode::Read, move |result| {
            // Nobody listens when waiting took too long.
            let _ = sender.send(result);
        });
    device.poll(wgpu::PollType::Wait {
        submission_index: None,
        timeout: Some(PATIENCE),
    })?;
    let mapped = mapped.recv().map_err(|_| OffscreenError::ReadBack)?;
    mapped.map_err(|_| OffscreenError::ReadBack)?;
    let rows = buffer
        .slice(..)
        .get_mapped_range()
        .map_err(|_| OffscreenError::ReadBack)?;
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 4);
    for row in rows.chunks_exact(row_bytes as usize) {
        pixels.extend(row.iter().take(width as usize * 4));
    }
    let bgra = matches!(
        state.target_format,
        wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Bgra8UnormSrgb
    );
    Ok(Pixels {
        bytes: pixels,
        bgra,
    })
}

/// Four bytes per pixel, rows from the top.
struct Pixels {
    bytes: Vec<u8>,
    bgra: bool,
}

/// Writes the pixels without their transparency: everything was drawn on an opaque ground.
fn encode(pixels: &Pixels, width: u32, height: u32) -> Result<Vec<u8>, OffscreenError> {
    let mut opaque = Vec::with_capacity(pixels.bytes.len() / 4 * 3);
    for pixel in pixels.bytes.chunks_exact(4) {
        if let &[first, green, third, _] = pixel {
            let (red, blue) = if pixels.bgra {
                (third, first)
            } else {
                (first, third)
            };
            opaque.extend([red, green, blue]);
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&opaque)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_size_and_the_colours_that_were_asked_for() {
        let theme = Theme::new(ThemeChoice::Light);
        let file = render_png(300, 20, &theme, 1.0, |ui| {
            let red = egui::Color32::from_rgb(200, 10, 20);
            ui.painter().rect_filled(ui.max_rect(), 0.0, red);
        });
        let file = match file {
            Err(OffscreenError::NoRenderer) => return,
            file => file.unwrap(),
        };
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels.len(), 300 * 20 * 3);
        assert_eq!(pixels[..3], [200, 10, 20]);
    }

    #[test]
    fn a_picture_without_pixels_is_an_error() {
        let theme = Theme::new(ThemeChoice::Dark);
        let result = render_png(0, 20, &theme, 1.0, |_| {});
        assert!(matches!(
            result,
            Err(OffscreenError::Size { .. } | OffscreenError::NoRenderer)
        ));
    }
}
