//! Draws the layers.

use super::focus::Focus;
use super::layout::Layout;
use super::model::{Layer, Slice};
use super::{heads, words};
use crate::trace::Connection;
use crate::ui::theme::text_size;
use crate::ui::widgets::switch::tinted;
use crate::ui::widgets::{format, terms};
use crate::ui::{Command, ViewContext};
use egui::{
    Align2, Color32, FontId, Galley, Painter, Rangef, Rect, Role, Sense, Shape, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// One picture: what is drawn, and where.
pub struct Picture<'a> {
    /// What the view may read.
    pub context: &'a ViewContext<'a>,
    /// The connection.
    pub connection: &'a Connection,
    /// The places.
    pub layout: Layout,
    /// The layers, from top to bottom.
    pub layers: &'a [(Layer, Vec<Slice>)],
    /// What stands below.
    pub words: Words,
    /// What is lit.
    pub focus: &'a Focus,
    /// What the pointer is over, here or in another view.
    pub pointed: Option<&'a Focus>,
}

/// What stands below the layers: what is lit, what the beginnings of boxes are, and how the picture is read.
pub struct Words {
    lines: Vec<Arc<Galley>>,
}

/// A row lower than this has room for one line of words.
const LEAST_FOR_TWO_LINES: f32 = 44.0;

/// A pane lower than this has room for few words.
const LEAST_FOR_HINT: f32 = 260.0;

impl Words {
    /// The sentences, broken to the width.
    pub fn new(
        ui: &Ui,
        context: &ViewContext<'_>,
        connection: &Connection,
        focus: &Focus,
        layers: &[(Layer, Vec<Slice>)],
        rect: Rect,
    ) -> Self {
        let theme = context.theme;
        let width = (rect.width() - 12.0).max(40.0);
        let line = |words: String, size: f32, colour: Color32| {
            let font = FontId::proportional(size);
            ui.painter().layout(words, font, colour, width)
        };
        let small = text_size::SMALL;
        if rect.height() < LEAST_FOR_HINT {
            let lit = words::focus_in_short(connection, focus);
            let heads = words::heads_in_short(focus, layers);
            let lines = vec![
                line(lit, small + 1.0, theme.text),
                line(heads, small, theme.text_weak),
            ];
            return Self { lines };
        }
        let lit = words::focus_words(connection, focus, layers);
        let heads = words::heads_words(focus, layers);
        let lines = vec![
            line(lit, text_size::BODY, theme.text),
            line(heads, small, theme.text_weak),
            line(words::HINT.to_owned(), small, theme.text_weak),
        ];
        Self { lines }
    }

    /// How high they are together.
    pub fn height(&self) -> f32 {
        let each = self.lines.iter().map(|line| line.size().y + 3.0);
        each.sum::<f32>() + 3.0
    }
}

impl Picture<'_> {
    /// Draws everything.
    pub fn paint_ui(&self, ui: &Ui) {
        let painter = ui.painter_at(self.layout.rect);
        self.paint_axis(&painter);
        self.paint_ground(&painter);
        for (row, (layer, slices)) in self.layers.iter().enumerate() {
            self.name_ui(ui, *layer, row);
            for (position, slice) in slices.iter().enumerate() {
                self.slice_ui(ui, *layer, row, position, slice);
            }
        }
        self.paint_focus(&painter);
    }

    fn paint_axis(&self, painter: &Painter) {
        let theme = self.context.theme;
        let small = FontId::proportional(text_size::SMALL);
        let y = self.layout.axis_y();
        let bottom = self
            .layout
            .row(self.layers.len().saturating_sub(1))
            .bottom();
        for byte in self.layout.ticks() {
            let x = self.layout.x(byte);
            let stroke = Stroke::new(1.0, theme.line.gamma_multiply(0.7));
            painter.vline(x, Rangef::new(y, bottom), stroke);
            let words = format::count(byte);
            painter.text(
                pos2(x, y - 3.0),
                Align2::CENTER_BOTTOM,
                words,
                small.clone(),
                theme.text_weak,
            );
        }
        let at = pos2(self.layout.plot.min - 10.0, y - 3.0);
        let sender = self.connection.direction(self.focus.side).name();
        let words = format!("{sender}'s byte");
        painter.text(at, Align2::RIGHT_BOTTOM, words, small, theme.text_weak);
    }

    fn name_ui(&self, ui: &Ui, layer: Layer, row: usize) {
        let theme = self.context.theme;
        let place = self.layout.row(row);
        let font = FontId::proportional(text_size::MONOSPACE);
        let at = pos2(place.left() - 10.0, place.center().y);
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, layer.name(), font, theme.text);
        // Which end of the sandwich it is, where there is room.
        let last = self.layers.len().saturating_sub(1);
        let end = match row {
            0 => "innermost",
            row if row == last => "outermost",
            _ => "",
        };
        if place.height() >= LEAST_FOR_TWO_LINES {
            let font = FontId::proportional(text_size::SMALL);
            let below = at + vec2(0.0, text_size::MONOSPACE + 4.0);
            ui.painter()
                .text(below, Align2::RIGHT_CENTER, end, font, theme.text_weak);
        }
        let area = Rect::from_x_y_ranges(self.layout.rect.left()..=place.left(), place.y_range());
        let response = ui.interact(area, ui.scope_id().with(("layer", layer)), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Label, true, format!("layer: {}", layer.name()))
        });
        response.on_hover_text(layer.help());
    }

    fn colour(&self, layer: Layer, slice: &Slice) -> Color32 {
        let theme = self.context.theme;
        match (layer, slice.carrier) {
            (Layer::Segment, _) => theme.accent,
            (_, Some(carrier)) => self.context.carrier_colour(carrier),
            _ => theme.connection_frames,
        }
    }

    fn slice_ui(&self, ui: &Ui, layer: Layer, row: usize, position: usize, slice: &Slice) {
        let theme = self.context.theme;
        let whole = self.layout.slice(row, &slice.range);
        let tab = match layer {
            Layer::Packet => self.tab(row, slice),
            _ => None,
        };
        let plot = self.layout.row(row);
        let seen = whole.intersect(plot);
        if !seen.is_positive() {
            return;
        }
        let painter = ui.painter_at(plot.expand2(vec2(1.0, 1.0)));
        let id = ui.scope_id().with((layer, position));
        let place = tab.map_or(seen, |tab| seen.union(tab));
        let response = ui.interact(place, id, Sense::click());
        let lit = self.focus.touches(&slice.range);
        response.widget_info(|| {
            let label = format!("{}: {}", layer.name(), slice.about.replace('\n', ", "));
            WidgetInfo::selected(Role::Button, true, lit, label)
        });
        let colour = self.colour(layer, slice);
        let pointed =
            self.pointed.is_some_and(|of| of.touches(&slice.range)) || response.has_focus();
        let strength = match (lit, pointed) {
            (true, true) => 0.5,
            (true, false) => 0.36,
            (false, true) => 0.26,
            (false, false) => 0.12,
        };
        let fill = theme.tinted_for_text(theme.lane, colour, strength);
        // A gap of a point between neighbours: where one ends and the next begins is seen without
        // any colour.
        let inner = Rect::from_x_y_ranges(
            (whole.left() + 0.5)..=(whole.right() - 0.5).max(whole.left() + 1.0),
            whole.y_range(),
        );
        if slice.missing {
            painter.rect_filled(inner, 3.0, tinted(theme.background, theme.warning, 0.12));
            let hatched = painter.with_clip_rect(inner.intersect(painter.clip_rect()));
            let mut x = inner.left().max(plot.left()) - inner.height();
            while x < inner.right().min(plot.right()) {
                let points = [
                    pos2(x, inner.bottom()),
                    pos2(x + inner.height(), inner.top()),
                ];
                hatched.line_segment(points, Stroke::new(1.0, theme.warning.gamma_multiply(0.5)));
                x += 8.0;
            }
        } else {
            painter.rect_filled(inner, 3.0, fill);
        }
        let ground = theme.tinted_for_text(theme.lane, colour, strength + 0.16);
        let mut left = inner.left();
        if slice.head > 0 {
            let end = self
                .layout
                .x(slice.range.start + slice.head)
                .max(inner.left() + heads::LEAST);
            let head = inner.with_max_x(end.min(inner.right()));
            painter.rect_filled(head, 3.0, ground);
            let visible = head.intersect(plot);
            heads::paint_name(
                &painter,
                visible,
                &heads::names(layer, slice.head),
                theme.text,
            );
            left = head.right();
        }
        let edge = if lit {
            Stroke::new(1.6, colour)
        } else {
            Stroke::new(1.0, tinted(theme.line, colour, 0.5))
        };
        painter.rect_stroke(inner, 3.0, edge, StrokeKind::Inside);
        self.paint_torn(&painter, inner, plot);
        if let Some(tab) = tab {
            self.paint_tab(&ui.painter_at(tab.expand(1.0)), tab, slice, edge.color);
        }
        let body = FontId::proportional(text_size::MONOSPACE);
        let visible = inner
            .with_min_x(left)
            .intersect(plot)
            .shrink2(vec2(7.0, 0.0));
        let text = match lit || pointed {
            true => theme.text,
            false => theme.text_weak,
        };
        // Pieces of a body are counted from the body's beginning, as their labels say.
        let ranged = match layer {
            Layer::Frame | Layer::Http1Message | Layer::Segment if !slice.missing => {
                format!("{} · {}", slice.label, format::span(slice.range.clone()))
            }
            _ => slice.label.clone(),
        };
        let ways = [ranged.as_str(), &slice.label, &slice.short];
        heads::paint_label(&painter, visible, ways, &body, text);
        if response.hovered() {
            self.context.hover(slice.item);
        }
        if response.clicked() {
            self.context.send(Command::Select(slice.item));
        }
        let term = match layer {
            Layer::Frame => terms::hover_text("frame"),
            _ => String::new(),
        };
        let said = format!("{}\n{term}", slice.about);
        response.on_hover_text(said.trim_end());
    }

    /// A torn edge where a box goes on beyond what is shown.
    fn paint_torn(&self, painter: &Painter, rect: Rect, plot: Rect) {
        let ground = self.context.theme.panel;
        let tear = |x: f32, inwards: f32| {
            let teeth = (rect.height() / 8.0).ceil() as usize;
            let height = rect.height() / teeth.max(1) as f32;
            for tooth in 0..teeth {
                let top = rect.top() + tooth as f32 * height;
                let points = vec![
                    pos2(x, top),
                    pos2(x + inwards, top + height / 2.0),
                    pos2(x, top + height),
                ];
                painter.add(Shape::convex_polygon(points, ground, Stroke::NONE));
            }
        };
        if rect.left() < plot.left() - 1.0 {
            tear(plot.left() - 1.0, 6.0);
        }
        if rect.right() > plot.right() + 1.0 {
            tear(plot.right() + 1.0, -6.0);
        }
    }

    /// A pointed part that is not also the lit one.
    fn also_pointed(&self) -> Option<&Focus> {
        self.pointed.filter(|pointed| *pointed != self.focus)
    }

    /// Behind the layers: where the bytes are that the pointer is over, and the selected ones.
    fn paint_ground(&self, painter: &Painter) {
        let accent = self.context.theme.accent;
        let pointed = self.also_pointed().map(|pointed| (pointed, 0.1));
        for (focus, strength) in pointed.into_iter().chain([(self.focus, 0.06)]) {
            for (in_plot, rect) in self.places(painter, focus) {
                in_plot.rect_filled(rect, 4.0, accent.gamma_multiply(strength));
            }
        }
    }

    /// The frames around them, through all layers, and what they are.
    fn paint_focus(&self, painter: &Painter) {
        let theme = self.context.theme;
        let pointed = self
            .also_pointed()
            .map(|pointed| (pointed, Stroke::new(1.0, theme.accent)));
        let lit = (self.focus, Stroke::new(2.0, theme.text));
        for (focus, stroke) in pointed.into_iter().chain([lit]) {
            for (in_plot, rect) in self.places(painter, focus) {
                in_plot.rect_stroke(rect, 4.0, stroke, StrokeKind::Outside);
            }
        }
        let mut at = self.layout.words().left_top() + vec2(6.0, 3.0);
        for line in &self.words.lines {
            painter.galley(at, line.clone(), theme.text);
            at.y += line.size().y + 3.0;
        }
    }
}
