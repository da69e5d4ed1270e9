//! Pictures inside a picture, such as a body that is a photograph: their pixels are kept where they are drawn, and become a
//! PNG within the SVG.

use super::Svg;
use super::number::Num;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egui::epaint::RectShape;
use egui::{ColorImage, Id, Rect, TextureHandle, TextureId, TextureOptions, pos2};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// The pixels of textures that are drawn now, by their textures.
#[derive(Clone, Debug, Default)]
pub struct Pictures(HashMap<TextureId, Arc<ColorImage>>);

impl Pictures {
    /// Those that views of this window show.
    pub fn of(ctx: &egui::Context) -> Self {
        ctx.data(|data| data.get_temp(kept_id()).unwrap_or_default())
    }

    pub(super) fn get(&self, texture: TextureId) -> Option<&ColorImage> {
        self.0.get(&texture).map(Arc::as_ref)
    }
}

fn kept_id() -> Id {
    Id::unique("pictures that an SVG would embed")
}

/// A picture that a view shows: for the screen, and for an SVG of the view.
pub struct Shown {
    /// For the screen.
    pub texture: TextureHandle,
    /// Kept for [`Pictures::of`].
    _pixels: Arc<ColorImage>,
}

impl Shown {
    /// Makes a picture ready to be drawn.
    pub fn new(ctx: &egui::Context, name: &str, pixels: ColorImage) -> Self {
        let pixels = Arc::new(pixels);
        let texture = ctx.load_texture(name, pixels.clone(), TextureOptions::LINEAR);
        ctx.data_mut(|data| {
            let kept: &mut Pictures = data.get_temp_mut_or_default(kept_id());
            // What only we still hold is shown by nobody any more.
            kept.0.retain(|_, pixels| Arc::strong_count(pixels) > 1);
            kept.0.insert(texture.id(), pixels.clone());
        });
        Self {
            texture,
            _pixels: pixels,
        }
    }
}

impl Svg<'_> {
    /// A rectangle that is filled with a picture. Returns whether its pixels are known.
    pub(super) fn textured(&mut self, shape: &RectShape) -> bool {
        let (texture, uv) = (
            shape.fill_texture_id(),
            shape.brush.as_ref().map(|of| of.uv),
        );
        let Some(uv) = uv.filter(|_| texture != TextureId::default()) else {
            return false;
        };
        let pixels = self.pictures.get(texture);
        let png = pixels.and_then(|pixels| png(&part(pixels, uv)).ok());
        match png {
            Some(png) => self.image(shape.rect, f32::from(shape.fill.a()) / 255.0, &png),
            None => self.empty_place(shape.rect),
        }
        true
    }

    fn image(&mut self, rect: Rect, opacity: f32, png: &[u8]) {
        let (x, y) = (Num(rect.left()), Num(rect.top()));
        let (width, height) = (Num(rect.width()), Num(rect.height()));
        let opacity = match opacity {
            1.0 => String::new(),
            part => format!(" opacity=\"{}\"", Num(part)),
        };
        let data = STANDARD.encode(png);
        self.element(&format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\"{opacity} href=\"data:image/png;base64,{data}\"/>"
        ));
    }
}

/// The part of a picture that is drawn, of which `uv` says where it lies, from 0 to 1.
fn part(pixels: &ColorImage, uv: Rect) -> ColorImage {
    if uv == Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)) {
        return pixels.clone();
    }
    let cut = |from: f32, to: f32, size: usize| {
        let pixel = |at: f32| ((at * size as f32).round().max(0.0) as usize).min(size);
        (pixel(from), pixel(to).saturating_sub(pixel(from)))
    };
    let (x, width) = cut(uv.left(), uv.right(), pixels.width());
    let (y, height) = cut(uv.top(), uv.bottom(), pixels.height());
    pixels.region_by_pixels([x, y], [width, height])
}

fn png(pixels: &ColorImage) -> io::Result<Vec<u8>> {
    let [width, height] = pixels.size.map(|side| u32::try_from(side).unwrap_or(0));
    let rgba: Vec<u8> = (pixels.pixels.iter())
        .flat_map(egui::Color32::to_srgba_unmultiplied)
        .collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&rgba).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::epaint::ClippedShape;
    use egui::{Color32, RawInput, Shape, vec2};

    const SIZE: Rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 50.0));

    fn drawn(ctx: &egui::Context, texture: TextureId) -> String {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let place = Rect::from_min_size(pos2(10.0, 20.0), vec2(20.0, 10.0));
        let rect = RectShape::filled(place, 0.0, Color32::WHITE).with_texture(texture, whole);
        let shapes = [ClippedShape::new(SIZE, Shape::Rect(rect))];
        super::super::write(&shapes, SIZE, Color32::BLACK, "x", &Pictures::of(ctx))
    }

    #[test]
    fn a_picture_is_embedded_with_its_pixels_while_it_is_shown_and_outlined_when_they_are_gone() {
        let ctx = egui::Context::default();
        let pixels = vec![
            Color32::RED,
            Color32::from_rgba_unmultiplied(0, 255, 0, 128),
        ];
        let shown = Shown::new(&ctx, "a picture", ColorImage::new([2, 1], pixels));
        let texture = shown.texture.id();
        let svg = drawn(&ctx, texture);
        let start = svg.find("base64,").unwrap() + 7;
        let data = svg[start..].split('"').next().unwrap();
        assert!(svg.contains("<image x=\"10\" y=\"20\" width=\"20\" height=\"10\""));
        let file = STANDARD.decode(data).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut rgba = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut rgba).unwrap();
        assert_eq!((frame.width, frame.height), (2, 1));
        assert_eq!(rgba, [255, 0, 0, 255, 0, 255, 0, 128]);
        // The screen has taken the pixels, and the view shows something else.
        ctx.run_ui(RawInput::default(), |_| {})
            .textures_delta
            .clear();
        drop(shown);
        let other = Shown::new(&ctx, "another", ColorImage::filled([1, 1], Color32::BLUE));
        let svg = drawn(&ctx, texture);
        assert!(!svg.contains("<image") && svg.contains("stroke-dasharray"));
        assert!(drawn(&ctx, other.texture.id()).contains("<image"));
    }
}
