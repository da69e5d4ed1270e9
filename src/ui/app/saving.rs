//! What is saved to a file: the system's dialog asks where, in a thread, and what it takes to write is done there too.

use super::document::Document;
use super::{App, DialogAnswer};
use crate::report::export as packets;
use crate::report::output::{free_path, write_whole};
use crate::ui::export::{self, PictureFormat, packets_wanted, write_table};
use crate::ui::svg;
use crate::ui::views::ViewId;
use egui::{ColorImage, Rect};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Instant;

/// A picture that was asked for and is taken with the next one that is drawn.
#[derive(Debug)]
pub(super) struct WantedPicture {
    pane: Option<ViewId>,
    format: PictureFormat,
    /// Where the pixels come, once the window was asked for them, and which of them are wanted.
    pixels: Option<(Receiver<Arc<ColorImage>>, Rect)>,
}

impl App {
    pub(super) fn carry_out_export(&mut self, command: export::Command) {
        match command {
            export::Command::Table(view, format) => self.save_table(view, format),
            export::Command::Picture(pane, format) => {
                self.picture = Some(WantedPicture {
                    pane,
                    format,
                    pixels: None,
                });
            }
            export::Command::Packets(which) => self.save_packets(which),
        }
    }

    fn save_table(&mut self, view: ViewId, format: export::TableFormat) {
        let mut table = None;
        let mut reader = None;
        self.with_context(|workspace, context| {
            table = workspace.views.table(view, context);
            reader = Some(Arc::clone(&context.grpc.reader));
        });
        let trace = self.document.as_ref().and_then(|of| of.trace.clone());
        let (Some(table), Some(reader), Some(trace)) = (table, reader, trace) else {
            return;
        };
        let name = format!("{}.{}", view.name(), format.ending());
        self.save_by("Export the table", name, move |out| {
            write_table(&trace, &reader, table, format, out)
        });
    }

    fn save_packets(&mut self, which: export::Packets) {
        let shown = self.workspace.views.shown_ns();
        let shown = shown.map(|(start, end)| (start.max(0.0) as i64, end.max(0.0) as i64));
        let times_ns = self.transport.looped_ns().or(shown);
        let stream = self.selected_stream();
        let document = self.document.as_ref();
        let connection = document.and_then(Document::connection).map(|of| of.id);
        let trace = document.and_then(|document| document.trace.clone());
        let (Some(connection), Some(trace)) = (connection, trace) else {
            return;
        };
        let Some((wanted, name)) = packets_wanted(which, connection, stream, times_ns) else {
            return self.tell("Select a stream first: its packets are what is saved.");
        };
        let notes = self.notes.board.notes().clone();
        let about = document.map_or(String::new(), |of| format!("a part of {}", of.title));
        self.save_by("Save packets", name, move |mut out| {
            let packets = packets::selection(&trace, &wanted);
            packets::write(&trace, &packets, Some(&notes), &about, &mut out)
        });
    }

    /// Takes the picture that was asked for, once it is drawn.
    pub(super) fn take_picture(&mut self, ctx: &egui::Context) {
        let Some(mut wanted) = self.picture.take() else {
            return;
        };
        let whole = ctx.content_rect();
        let pane = wanted.pane.and_then(|pane| self.workspace.views.rect(pane));
        let rect = pane.map_or(whole, |pane| pane.intersect(whole));
        match wanted.format {
            PictureFormat::Svg => {
                // The menu in which it was asked for is still fading.
                let layers = match wanted.pane {
                    Some(_) => vec![egui::LayerId::background()],
                    None => ctx.memory(|memory| memory.layer_ids().collect()),
                };
                let shapes: Vec<_> = ctx.graphics(|graphics| {
                    let lists = layers.iter().filter_map(|layer| graphics.get(*layer));
                    lists.flat_map(|list| list.all_entries().cloned()).collect()
                });
                let pictures = svg::Pictures::of(ctx);
                let ground = self.theme.background;
                let title = wanted.pane.map_or("Wireloom", ViewId::title).to_owned();
                self.save_by("Save the picture", file_name(&wanted), move |out| {
                    out.write_all(svg::write(&shapes, rect, ground, &title, &pictures).as_bytes())
                });
            }
            PictureFormat::Png => match wanted.pixels.take() {
                None => {
                    let (sender, pixels) = channel();
                    // It comes with a later picture.
                    ctx.request_screenshot(move |image| {
                        let _ = sender.send(image);
                    });
                    wanted.pixels = Some((pixels, rect));
                    self.picture = Some(wanted);
                    ctx.request_repaint();
                }
                Some((pixels, rect)) => match pixels.try_recv() {
                    Ok(image) => {
                        let part = part(&image, rect, ctx.pixels_per_point());
                        self.save_by("Save the picture", file_name(&wanted), move |out| {
                            write_png(&part, out)
                        });
                    }
                    Err(TryRecvError::Empty) => {
                        wanted.pixels = Some((pixels, rect));
                        self.picture = Some(wanted);
                        ctx.request_repaint();
                    }
                    Err(TryRecvError::Disconnected) => {
                        self.tell("The window could not be read; save the picture as SVG instead.");
                    }
                },
            },
        }
    }

    /// A dialog that starts where the capture lies, where it is a file.
    pub(super) fn dialog_at_capture(&self) -> rfd::FileDialog {
        let dialog = rfd::FileDialog::new();
        match self.capture_folder() {
            Some(folder) => dialog.set_directory(folder),
            None => dialog,
        }
    }

    /// The folder in which the capture lies, from the root of the file system: some systems' dialogs know no other.
    fn capture_folder(&self) -> Option<PathBuf> {
        let folder = self.document.as_ref().and_then(Document::folder)?;
        std::path::absolute(folder).ok()
    }

    /// Asks where, and writes there whole or not at all. Where no dialog can be shown, the file goes to the folder in
    /// which the program was started, under a name that is free.
    pub(super) fn save_by(
        &mut self,
        title: &'static str,
        name: String,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
    ) {
        let dialog = self.dialog_at_capture().set_title(title);
        self.ask(move || {
            let opened = Instant::now();
            let chosen = dialog.set_file_name(&name).save_file();
            let path = match chosen {
                Some(path) => path,
                None if opened.elapsed() < super::carry_out::DIALOG_NEVER_SEEN => {
                    free_path(&std::env::current_dir().ok()?, &name)?
                }
                None => return Some(DialogAnswer::Closed),
            };
            Some(match write_whole(&path, write) {
                Ok(()) => DialogAnswer::Saved(path),
                Err(error) => DialogAnswer::NotSaved(path, error),
            })
        });
    }
}

fn file_name(wanted: &WantedPicture) -> String {
    let ending = match wanted.format {
        PictureFormat::Png => "png",
        PictureFormat::Svg => "svg",
    };
    format!("{}.{ending}", wanted.pane.map_or("wireloom", ViewId::name))
}

/// The pixels of a part of the window.
fn part(image: &ColorImage, rect: Rect, pixels_per_point: f32) -> ColorImage {
    let cut = |from: f32, to: f32, limit: usize| {
        // What lies outside has no pixels.
        let pixel = |at: f32| ((at * pixels_per_point).round().max(0.0) as usize).min(limit);
        (pixel(from), pixel(to).saturating_sub(pixel(from)))
    };
    let (x, width) = cut(rect.left(), rect.right(), image.width());
    let (y, height) = cut(rect.top(), rect.bottom(), image.height());
    image.region_by_pixels([x, y], [width, height])
}

fn write_png(pixels: &ColorImage, out: &mut dyn Write) -> io::Result<()> {
    let size = pixels
        .size
        .map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let mut encoder = png::Encoder::new(out, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let opaque: Vec<u8> = (pixels.pixels.iter())
        .flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()])
        .collect();
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&opaque).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::app::AppOptions;
    use crate::ui::loader::Input;

    fn app(input: Option<Input>) -> App {
        App::new(AppOptions {
            input,
            ..AppOptions::default()
        })
    }

    #[test]
    fn dialogs_begin_where_the_capture_lies() {
        let folder = tempfile::tempdir().unwrap();
        let file = app(Some(Input::File(folder.path().join("a.pcap"))));
        assert_eq!(file.capture_folder().as_deref(), Some(folder.path()));
        let asked = format!("{:?}", file.dialog_at_capture());
        assert!(asked.contains(&format!("{:?}", folder.path())), "{asked}");
        // A file as a person names it in a terminal.
        let relative = app(Some(Input::File("captures/push.pcap".into())));
        let here = std::env::current_dir().unwrap();
        assert_eq!(relative.capture_folder(), Some(here.join("captures")));
        // What lies nowhere leaves the choice to the system.
        for nowhere in [None, Some(Input::Tour(0))] {
            assert_eq!(app(nowhere).capture_folder(), None);
        }
    }
}
