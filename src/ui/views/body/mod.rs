//! The content of the request and response of the selected stream or exchange: as text, JSON, bytes or a picture, and
//! a way to save it.

pub mod model;

use crate::trace::{Carrier, Connection, ConnectionId, Direction};
use crate::ui::svg::Shown;
use crate::ui::views::View;
use crate::ui::widgets::row_list::{RowList, RowScroll};
use crate::ui::{Command, ViewContext};
use egui::{FontId, RichText, Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo};
use model::{Content, Mode};
use std::sync::mpsc::{Receiver, channel};

/// A body up to this size is made ready within the picture; a larger one in a thread.
const QUICK_BYTES: u64 = 512 << 10;

/// Rows that are said in words at most.
const MAX_SAID: usize = 200;

/// Of what content was made: the stream or exchange, who sent it, and how much of it there was.
type Key = (ConnectionId, Carrier, Direction, u64);

/// What the view remembers from picture to picture.
#[derive(Default)]
pub struct State {
    /// Whose content was chosen; `None` shows the response, or the request of a stream without one.
    direction: Option<Direction>,
    mode: Option<Mode>,
    ready: Option<(Key, Option<Content>)>,
    going: Option<(Key, Receiver<Option<Content>>)>,
    picture: Option<(Key, Shown)>,
    scroll: RowScroll,
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        body_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// The stream or exchange that is looked at, and how many bytes each side sent: the client's first.
fn subject<'a>(context: &ViewContext<'a>) -> Option<(&'a Connection, Carrier, [u64; 2])> {
    let connection = context.connection?;
    let carrier = context.selected_carrier()?;
    let bytes = match carrier {
        Carrier::Stream(stream) => {
            let row = connection.http2()?.stream(stream)?;
            Direction::BOTH.map(|direction| {
                let side = connection.side(direction).index();
                row.data_bytes.get(side).copied().unwrap_or(0)
            })
        }
        Carrier::Exchange(exchange) => {
            let http1 = connection.http1()?;
            http1.exchange(exchange)?;
            Direction::BOTH.map(|direction| {
                let row = http1.message_of(exchange, connection.side(direction));
                row.map_or(0, |row| row.content_bytes)
            })
        }
    };
    Some((connection, carrier, bytes))
}

fn direction_of(state: &State, bytes: [u64; 2]) -> Direction {
    state.direction.unwrap_or(match bytes {
        [client, 0] if client > 0 => Direction::Client,
        _ => Direction::Server,
    })
}

/// Draws the view into the space that is left.
pub fn body_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    let Some((connection, carrier, bytes)) = subject(context) else {
        ui.label(RichText::new(nothing(context)).color(theme.text_weak));
        return;
    };
    let direction = direction_of(state, bytes);
    let key = (connection.id, carrier, direction, bytes[direction.index()]);
    prepare(ui, context, state, connection, key);
    head_ui(ui, context, state, key);
    let Some((_, content)) = state.ready.as_ref().filter(|(of, _)| *of == key) else {
        ui.spinner();
        return;
    };
    let Some(content) = content.as_ref().filter(|content| !content.bytes.is_empty()) else {
        let words = "No content was sent this way.";
        ui.label(RichText::new(words).color(theme.text_weak));
        return;
    };
    ui.add(
        egui::Label::new(RichText::new(&content.about).small().color(theme.text_weak)).truncate(),
    );
    if let Some(trouble) = &content.trouble {
        ui.label(RichText::new(trouble).small().color(theme.warning));
    }
    let mode = shown_mode(state.mode, content);
    match mode {
        Mode::Picture => picture_ui(ui, content, key, &mut state.picture),
        mode => {
            let list = RowList {
                name: "Content",
                row_height: ui.text_style_height(&TextStyle::Monospace) + 3.0,
                count: content.rows(mode),
                current: None,
            };
            let font = FontId::monospace(crate::ui::theme::text_size::SMALL);
            list.show(ui, &mut state.scroll, |ui, row, rect, _| {
                let words = content.row(mode, row);
                let response = ui.interact(rect, ui.scope_id().with(("line", row)), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
                let at = rect.left_center();
                let anchor = egui::Align2::LEFT_CENTER;
                ui.painter()
                    .text(at, anchor, words, font.clone(), theme.text);
            });
        }
    }
}

fn shown_mode(chosen: Option<Mode>, content: &Content) -> Mode {
    let chosen = chosen.filter(|mode| content.modes.contains(mode));
    chosen
        .or(content.modes.first().copied())
        .unwrap_or(Mode::Hex)
}

/// Sees to it that the content is made ready: at once, or by a thread.
fn prepare(
    ui: &Ui,
    context: &ViewContext<'_>,
    state: &mut State,
    connection: &Connection,
    key: Key,
) {
    if let Some((of, receiver)) = &state.going
        && let Ok(content) = receiver.try_recv()
    {
        state.ready = Some((*of, content));
        state.going = None;
    }
    let is_key = |of: &Key| *of == key;
    if state.ready.as_ref().is_some_and(|(of, _)| is_key(of)) {
        return;
    }
    if state.going.as_ref().is_some_and(|(of, _)| is_key(of)) {
        return;
    }
    state.scroll = RowScroll::default();
    let (_, carrier, direction, bytes) = key;
    if bytes <= QUICK_BYTES {
        let content = Content::of(context.trace, connection, carrier, direction);
        state.ready = Some((key, content));
        state.going = None;
        return;
    }
    let (sender, receiver) = channel();
    let (trace, ctx, id) = (context.trace.clone(), ui.ctx().clone(), connection.id);
    let started = std::thread::Builder::new()
        .name("wireloom body".to_owned())
        .spawn(move || {
            let connection = trace.connection(id);
            let content = connection.and_then(|of| Content::of(&trace, of, carrier, direction));
            // The window may show something else by now.
            let _ = sender.send(content);
            ctx.request_repaint();
        });
    if started.is_ok() {
        state.going = Some((key, receiver));
    }
}

fn head_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State, key: Key) {
    let (_, carrier, direction, _) = key;
    let content = state.ready.as_ref().filter(|(of, _)| *of == key);
    let content = content.and_then(|(_, content)| content.clone());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().button_padding = egui::vec2(6.0, 1.0);
        ui.spacing_mut().interact_size.y = 20.0;
        let small = |words: &str| RichText::new(words).small();
        for (of, words) in [
            (Direction::Client, "request →"),
            (Direction::Server, "← response"),
        ] {
            let item = ui.selectable_label(of == direction, small(words));
            let hover = format!("What the {} sent: {carrier}", of.name());
            if item.on_hover_text(hover).clicked() {
                state.direction = Some(of);
            }
        }
        let Some(content) = content else {
            return;
        };
        ui.separator();
        let shown = shown_mode(state.mode, &content);
        for mode in &content.modes {
            let item = ui.selectable_label(shown == *mode, small(mode.title()));
            if item.clicked() {
                state.mode = Some(*mode);
                state.scroll = RowScroll::default();
            }
        }
        if content.bytes.is_empty() {
            return;
        }
        ui.separator();
        let save = ui.small_button("Save…");
        if save
            .on_hover_text("Write the content, without its codings, to a file")
            .clicked()
        {
            context.send(Command::SaveFile {
                name: content.name.clone(),
                bytes: content.bytes.clone(),
            });
        }
        if content.kind.is_text() && ui.small_button("Copy").clicked() {
            ui.ctx()
                .copy_text(String::from_utf8_lossy(&content.bytes).into_owned());
        }
    });
}

fn picture_ui(ui: &mut Ui, content: &Content, key: Key, picture: &mut Option<(Key, Shown)>) {
    let Some(pixels) = &content.pixels else {
        return;
    };
    if picture.as_ref().is_none_or(|(of, _)| *of != key) {
        let image = egui::ColorImage::from_rgba_unmultiplied(pixels.size, &pixels.rgba);
        *picture = Some((key, Shown::new(ui.ctx(), "content", image)));
    }
    let Some((_, shown)) = picture else {
        return;
    };
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        let [width, height] = pixels.size;
        let picture = egui::Image::new(&shown.texture)
            .max_size(ui.available_size())
            .shrink_to_fit();
        let label = format!("Picture of {width} by {height} pixels");
        ui.add(picture.alt_text(&label)).on_hover_text(label);
    });
}

/// What the view says, line by line.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let Some((connection, carrier, bytes)) = subject(context) else {
        return nothing(context).to_owned();
    };
    let direction = direction_of(state, bytes);
    let content = Content::of(context.trace, connection, carrier, direction);
    let mut lines = vec![format!("{carrier}, sent by the {}", direction.name())];
    let Some(content) = content.filter(|content| !content.bytes.is_empty()) else {
        lines.push("No content was sent this way.".to_owned());
        return lines.join("\n");
    };
    lines.push(content.about.clone());
    lines.extend(content.trouble.clone());
    let mode = shown_mode(state.mode, &content);
    if let Some(pixels) = &content.pixels {
        let [width, height] = pixels.size;
        lines.push(format!("a picture of {width} by {height} pixels"));
    }
    let count = content.rows(mode);
    lines.extend((0..count.min(MAX_SAID)).map(|row| content.row(mode, row)));
    if count > MAX_SAID {
        lines.push("and so on".to_owned());
    }
    lines.join("\n")
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    match context.connection {
        Some(_) => {
            "Select a stream or an exchange, on the loom or in a list, to see the content it carried."
        }
        None => "Open a capture, and select a stream to see the content it carried.",
    }
}

#[cfg(test)]
mod tests;
