//! Draws the chosen stretch of time and its card.

use super::{Area, Sum};
use crate::report::text;
use crate::ui::Item;
use crate::ui::views::loom::Command;
use crate::ui::views::loom::paint::Picture;
use crate::ui::widgets::{format, mark};
use egui::{Rangef, Rect, RichText, ScrollArea, Stroke, Ui, pos2, vec2};

/// Shares that the card names; the others are one line.
const NAMED_SHARES: usize = 6;
/// Lines that say how much it is; they stay in sight.
const HEAD_LINES: usize = 2;
/// How wide the card is.
const CARD_POINTS: f32 = 258.0;

impl Picture<'_> {
    /// Where a stretch of time is, from the axis to the legend.
    fn area_rect(&self, area: &Area) -> Rect {
        let scale = &self.model.places.scale;
        let width = f64::from(self.layout.width());
        let x = |time_ns: f64| self.x(scale.x_from_time(time_ns).clamp(-4.0, width + 4.0) as f32);
        let down = self.layout.axis.bottom()..=self.layout.legend.top();
        Rect::from_x_y_ranges(x(area.start_ns)..=x(area.end_ns), down)
    }

    /// Draws the chosen stretch of time and its card.
    pub fn area_ui(&self, ui: &mut Ui, area: &Area) {
        let rect = self.area_rect(area);
        let plot = Rect::from_x_y_ranges(self.layout.plot, rect.y_range());
        let painter = ui.painter_at(plot);
        let accent = self.context.theme.accent;
        painter.rect_filled(rect, 0.0, accent.gamma_multiply(0.10));
        for x in [rect.left(), rect.right()] {
            painter.vline(x, rect.y_range(), Stroke::new(1.2, accent));
        }
        self.area_card_ui(ui, area, rect.x_range());
    }

    /// The card stands where the area is not, as far as there is room.
    fn area_card_ui(&self, ui: &mut Ui, area: &Area, covered: Rangef) {
        let theme = self.context.theme;
        let layout = &self.layout;
        let right = layout.plot.max - 8.0;
        let left = layout.plot.min + 8.0;
        let at_left = covered.center() > (left + right) / 2.0;
        let x = if at_left { left } else { right - CARD_POINTS };
        let top = layout.connection_lane.top().max(layout.wire[1].bottom()) + 6.0;
        let place = Rect::from_min_max(
            pos2(x.max(layout.rect.left()), top),
            pos2(
                x.max(layout.rect.left()) + CARD_POINTS,
                layout.legend.top() - 4.0,
            ),
        );
        let builder = egui::UiBuilder::new().id_salt("area card").max_rect(place);
        let mut ui = ui.new_child(builder);
        let frame = egui::Frame::new()
            .fill(theme.panel)
            .stroke(Stroke::new(1.0, theme.accent))
            .corner_radius(5.0)
            .inner_margin(egui::Margin::symmetric(9, 7));
        frame.show(&mut ui, |ui| {
            ui.set_width(CARD_POINTS - 20.0);
            ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
            let lines = area.lines();
            for line in lines.iter().take(HEAD_LINES) {
                ui.label(RichText::new(line).small().strong());
            }
            ui.add_space(2.0);
            self.area_buttons_ui(ui, area);
            ui.add_space(3.0);
            // In a low pane the rest is scrolled.
            let room = (place.bottom() - ui.cursor().top() - 9.0).max(0.0);
            let rest = ScrollArea::vertical()
                .id_salt("area totals")
                .auto_shrink([false, true])
                .min_scrolled_height(0.0)
                .max_height(room);
            rest.show(ui, |ui| {
                for line in lines.iter().skip(HEAD_LINES) {
                    ui.label(RichText::new(line).small().color(theme.text_weak));
                }
                self.shares_ui(ui, area);
            });
        });
    }

    /// What can be done with it.
    fn area_buttons_ui(&self, ui: &mut Ui, area: &Area) {
        ui.horizontal(|ui| {
            let send = |command| self.context.send(crate::ui::Command::Loom(command));
            let small = |words: &str| egui::Button::new(RichText::new(words).small()).small();
            if ui.add(small("Zoom to it")).clicked() {
                let (start_ns, end_ns) = (area.start_ns, area.end_ns);
                send(Command::ShowTimes { start_ns, end_ns });
            }
            if ui
                .add(small("Loop"))
                .on_hover_text("Play it over and over")
                .clicked()
            {
                let times_ns = (area.start_ns.max(0.0) as i64, area.end_ns.max(0.0) as i64);
                self.context
                    .send(crate::ui::Command::SetLoop(Some(times_ns)));
            }
            if ui
                .add(small("Copy"))
                .on_hover_text("Copy the totals as text")
                .clicked()
            {
                ui.ctx().copy_text(area.text());
            }
            if ui
                .add(small("Clear"))
                .on_hover_text("Choose nothing (Esc)")
                .clicked()
            {
                send(Command::ClearArea);
            }
        });
    }

    /// Who had how much of it.
    fn shares_ui(&self, ui: &mut Ui, area: &Area) {
        let theme = self.context.theme;
        if !area.complete() {
            ui.label(RichText::new("counting …").small().color(theme.text_weak));
        }
        ui.add_space(3.0);
        let shares = area.shares();
        for (item, sum) in shares.iter().take(NAMED_SHARES) {
            self.share_ui(ui, area, *item, *sum);
        }
        if let Some(others) = shares
            .get(NAMED_SHARES..)
            .filter(|others| !others.is_empty())
        {
            let bytes: u64 = others.iter().map(|(_, sum)| sum.bytes).sum();
            let others = format::counted(others.len() as u64, &format!("more {}", area.noun()));
            let words = format!("and {others}: {}", text::size(bytes));
            ui.label(RichText::new(words).small().color(theme.text_weak));
        }
    }

    /// A share, as a bar with words.
    fn share_ui(&self, ui: &mut Ui, area: &Area, item: Item, sum: Sum) {
        let theme = self.context.theme;
        let (rect, _) =
            ui.allocate_exact_size(vec2(ui.available_width(), 15.0), egui::Sense::hover());
        let share = sum.bytes as f32 / area.all.bytes.max(1) as f32;
        let bar = rect.with_max_x(rect.left() + rect.width() * share);
        let colour = match item {
            Item::Stream(_, stream) => self.context.stream_colour(stream),
            _ => theme.text_weak,
        };
        ui.painter()
            .rect_filled(bar, 2.0, colour.gamma_multiply(0.35));
        mark::swatch(
            ui.painter(),
            pos2(rect.left() + 7.0, rect.center().y),
            colour,
            match item {
                Item::Stream(_, stream) => self.context.carrier_lap(stream.into()),
                _ => 0,
            },
        );
        let words = area.share_words(item, sum);
        let font = egui::FontId::proportional(11.0);
        let at = pos2(rect.left() + 17.0, rect.center().y);
        ui.painter()
            .text(at, egui::Align2::LEFT_CENTER, &words, font, theme.text);
        let id = ui.scope_id().with(("share", item));
        let response = ui.interact(rect, id, egui::Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("share of {words}"))
        });
        if response.hovered() {
            self.context.hover(item);
        }
        if response.clicked() {
            self.context.send(crate::ui::Command::Select(item));
        }
    }
}
