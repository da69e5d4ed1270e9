//! Icons drawn from lines and polygons, so that no font has to have them, and buttons that bear
//! them.

use crate::ui::Theme;
use egui::{
    Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A triangle that points right.
    Play,
    /// Two bars.
    Pause,
    /// A bar and a triangle that points right.
    StepForward,
    /// A bar and a triangle that points left.
    StepBack,
    /// A triangle that points right, against a wall.
    ToEnd,
    /// A triangle that points left, against a wall.
    ToStart,
    /// A crescent.
    Moon,
    /// A disc with rays.
    Sun,
    /// A question mark.
    Help,
    /// A cross.
    Close,
    /// A ring that ends in an arrow.
    Loop,
    /// A magnifying glass.
    Search,
}

impl Icon {
    /// Draws the icon into a square around `centre`, `size` points wide.
    pub fn paint(self, painter: &Painter, centre: Pos2, size: f32, colour: Color32) {
        let half = size / 2.0;
        let at = |x: f32, y: f32| centre + vec2(x, y) * half;
        let fill = |points: Vec<Pos2>| Shape::convex_polygon(points, colour, Stroke::NONE);
        let bar = |left: f32, right: f32| {
            let rect = Rect::from_min_max(at(left, -0.8), at(right, 0.8));
            Shape::rect_filled(rect, 1.0, colour)
        };
        let right = |from: f32, to: f32| fill(vec![at(from, -0.8), at(to, 0.0), at(from, 0.8)]);
        let left = |from: f32, to: f32| fill(vec![at(from, -0.8), at(from, 0.8), at(to, 0.0)]);
        let stroke = Stroke::new((size / 9.0).max(1.2), colour);
        match self {
            Icon::Play => {
                painter.add(right(-0.6, 0.9));
            }
            Icon::Pause => {
                painter.extend([bar(-0.65, -0.15), bar(0.15, 0.65)]);
            }
            Icon::StepForward => {
                painter.extend([bar(-0.75, -0.5), right(-0.25, 0.75)]);
            }
            Icon::StepBack => {
                painter.extend([bar(0.5, 0.75), left(0.25, -0.75)]);
            }
            Icon::ToEnd => {
                painter.extend([right(-0.75, 0.15), right(-0.15, 0.6), bar(0.6, 0.85)]);
            }
            Icon::ToStart => {
                painter.extend([left(0.75, -0.15), left(0.15, -0.6), bar(-0.85, -0.6)]);
            }
            Icon::Moon => {
                // The outer arc from tip to tip, back along a flatter inner one.
                let arc = |from: f32, to: f32, radius: f32, x: f32| {
                    (0..=12).map(move |step| {
                        let angle = from + (to - from) * step as f32 / 12.0;
                        (x + radius * angle.cos(), radius * angle.sin())
                    })
                };
                let mut outline: Vec<_> =
                    arc(0.9, 5.4, 0.85, -0.05).map(|(x, y)| at(x, y)).collect();
                outline.extend(arc(4.86, 1.42, 0.68, 0.38).map(|(x, y)| at(x, y)));
                painter.add(Shape::closed_line(outline, stroke));
            }
            Icon::Sun => {
                painter.circle_stroke(centre, 0.42 * half, stroke);
                for ray in 0..8 {
                    let angle = std::f32::consts::TAU * ray as f32 / 8.0;
                    let towards = vec2(angle.cos(), angle.sin()) * half;
                    painter.line_segment([centre + towards * 0.68, centre + towards], stroke);
                }
            }
            Icon::Help => {
                let hook: Vec<_> = (0..=10)
                    .map(|step| {
                        let angle = std::f32::consts::PI * (1.0 + 1.35 * step as f32 / 10.0);
                        at(0.45 * angle.cos(), -0.4 + 0.42 * angle.sin())
                    })
                    .chain([at(0.0, 0.15), at(0.0, 0.35)])
                    .collect();
                painter.add(Shape::line(hook, stroke));
                painter.circle_filled(at(0.0, 0.75), stroke.width * 0.75, colour);
            }
            Icon::Loop => {
                let arc = (0..=14).map(|step| {
                    let angle = -0.9 + 5.2 * step as f32 / 14.0;
                    at(0.7 * angle.cos(), 0.7 * angle.sin())
                });
                painter.add(Shape::line(arc.collect(), stroke));
                painter.add(fill(vec![at(0.05, -0.85), at(0.85, -0.95), at(0.6, -0.25)]));
            }
            Icon::Search => {
                painter.circle_stroke(at(-0.2, -0.2), 0.55 * half, stroke);
                painter.line_segment([at(0.2, 0.2), at(0.85, 0.85)], stroke);
            }
            Icon::Close => {
                painter.line_segment([at(-0.6, -0.6), at(0.6, 0.6)], stroke);
                painter.line_segment([at(0.6, -0.6), at(-0.6, 0.6)], stroke);
            }
        }
    }
}

/// How a button with an icon looks and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct IconButton<'a> {
    /// What it shows.
    pub icon: Icon,
    /// Its name for screen readers and tests.
    pub label: &'a str,
    /// What is said when the pointer rests on it.
    pub hint: &'a str,
    /// Whether it can be pressed.
    pub enabled: bool,
    /// Whether it is the one that matters most.
    pub prominent: bool,
}

impl IconButton<'_> {
    /// Shows the button.
    pub fn show(self, ui: &mut Ui, theme: &Theme) -> Response {
        self.show_sized(ui, theme, vec2(30.0, 28.0), true)
    }

    /// Shows the button small and without a frame, for bars that are not to draw the eye.
    pub fn show_small(self, ui: &mut Ui, theme: &Theme) -> Response {
        self.show_sized(ui, theme, vec2(22.0, 20.0), false)
    }

    fn show_sized(self, ui: &mut Ui, theme: &Theme, size: Vec2, framed: bool) -> Response {
        let sense = if self.enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, self.enabled, self.label));
        if ui.is_rect_visible(rect) {
            let visuals = ui.style().interact(&response);
            let (fill, border) = if self.prominent && self.enabled {
                (theme.selection, theme.accent)
            } else if framed || response.hovered() {
                (visuals.weak_bg_fill, visuals.bg_stroke.color)
            } else {
                (Color32::TRANSPARENT, Color32::TRANSPARENT)
            };
            let colour = match (self.enabled, self.prominent) {
                (false, _) => theme.text_weak.gamma_multiply(0.5),
                (true, true) if response.hovered() => theme.accent,
                (true, false) if !framed && !response.hovered() => theme.text_weak,
                (true, _) => theme.text,
            };
            let painter = ui.painter();
            painter.rect(
                rect,
                visuals.corner_radius,
                fill,
                Stroke::new(1.0, border),
                egui::StrokeKind::Inside,
            );
            if response.has_focus() {
                let focus = Stroke::new(2.0, theme.accent);
                painter.rect_stroke(rect, visuals.corner_radius, focus, egui::StrokeKind::Inside);
            }
            let centre = pos2(rect.center().x.round(), rect.center().y.round());
            let icon = if framed { 14.0 } else { 11.0 };
            self.icon.paint(painter, centre, icon, colour);
        }
        response.on_hover_text(self.hint)
    }
}
