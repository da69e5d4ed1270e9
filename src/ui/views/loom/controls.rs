//! What a person chooses from above the wire, and the headings of groups.

use super::lineup::{Grouping, Lineup, Order};
use super::paint::Picture;
use super::surround::{LABEL_INSET_POINTS, SMALL_POINTS};
use super::{Command, State, links};
use crate::ui::ViewContext;
use crate::ui::widgets::filtered;
use egui::{
    Align2, FontId, Rect, RichText, Role, Sense, Shape, Stroke, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

/// Narrower looms have the field for searching in their menu alone.
const SEARCH_FROM_POINTS: f32 = 520.0;

impl State {
    /// Whether the line of controls is hidden: while presenting, as long as nothing in it is in use. What leaves lanes
    /// out has to be seen.
    pub(super) fn hides_controls(&self, context: &ViewContext<'_>) -> bool {
        let chosen = self.chooses_area || self.area.is_some() || self.ruler.is_some();
        let lanes =
            self.stack.on || self.links_at_rest == Some(true) || self.lineup.words().is_some();
        let found = !self.wishes.search.is_empty() || context.matches.is_some();
        context.theme.presenting && !chosen && !lanes && !found
    }
}

/// Draws the line of controls.
pub fn controls_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    place: Rect,
    state: &State,
    links: Option<links::Shown>,
) {
    let send = |command| context.send(crate::ui::Command::Loom(command));
    if !place.is_positive() {
        return;
    }
    let painter = ui.painter_at(place);
    painter.rect_filled(place, 0.0, context.theme.background);
    painter.hline(
        place.x_range(),
        place.bottom() - 0.5,
        Stroke::new(1.0, context.theme.line),
    );
    let builder = UiBuilder::new()
        .id_salt("loom controls")
        .max_rect(place.shrink2(vec2(LABEL_INSET_POINTS - 2.0, 3.0)));
    let mut ui = ui.new_child(builder);
    ui.shrink_clip_rect(place);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let has_room = place.width() >= SEARCH_FROM_POINTS;
        ui.menu_button(RichText::new("Lanes").small(), |ui| {
            lanes_menu(ui, state, &send);
            if !has_room {
                ui.separator();
                search_ui(ui, state, &send);
            }
        })
        .response
        .on_hover_text("How lanes are sorted and grouped, and which are left out");
        if has_room {
            search_ui(ui, state, &send);
        }
        let toggle = |ui: &mut Ui, (words, label): (&str, &str), on: bool, help: &str, command| {
            let response = ui
                .selectable_label(on, RichText::new(words).small())
                .on_hover_text(help);
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, label));
            if response.clicked() {
                send(command);
            }
        };
        if state.stack.on || context.trace.connections.len() > 1 {
            let help = "All connections with HTTP/2, one below the other on one time axis, or only the one shown (C)";
            let names = ("All connections", "all connections on one time axis");
            toggle(ui, names, state.stack.on, help, Command::ToggleStack);
        }
        let help = "A drag chooses a stretch of time and adds up what is in it; Shift and a drag does so at any time (E)";
        let names = ("Area", "choose an area by dragging");
        toggle(ui, names, state.chooses_area, help, Command::ToggleAreaMode);
        let help = "The time between two points: R lays the ruler on at the pointer or the cursor, R again ends it there (R)";
        let names = ("Ruler", "ruler between two points");
        toggle(ui, names, state.ruler.is_some(), help, Command::Ruler);
        if let Some(shown) = links {
            let help = match shown {
                links::Shown::Pushes => {
                    "Each push hangs by a line from the request that it came with. Off: only of what is selected or pointed at; \
                     on again: also what streams depend on (K)"
                }
                _ => {
                    "Pushes with their promises, and what streams depend on: for all lanes, not only what is selected or pointed at (K)"
                }
            };
            let names = ("Links", "links of all lanes");
            let on = shown != links::Shown::Pointed;
            toggle(ui, names, on, help, Command::ToggleLinks);
        }
        let weak = |words: String| RichText::new(words).small().color(context.theme.text_weak);
        if state.stack.on {
            let left_out = state.stack.left_out();
            if let Some(words) = left_out.words() {
                ui.label(weak(words));
            }
            let passing = left_out.all.saturating_sub(left_out.filtered);
            return filtered::note_ui(ui, context, passing, left_out.all, "connection");
        }
        if let Some(words) = state.lineup.words() {
            ui.label(weak(words));
        }
        let all = state.lineup.all;
        let passing = all.saturating_sub(state.lineup.filtered);
        filtered::note_ui(ui, context, passing, all, "stream");
    });
}

fn search_ui(ui: &mut Ui, state: &State, send: &impl Fn(Command)) {
    let mut text = state.wishes.search.clone();
    let field = TextEdit::singleline(&mut text)
        .id(egui::Id::unique("loom search"))
        .desired_width(130.0)
        .font(FontId::proportional(SMALL_POINTS))
        .hint_text("find lanes");
    let response = ui.add(field).on_hover_text(
        match state.stack.on {
            true => {
                "Show only lanes whose number, path, status or outcome contains this, of all connections, folded or not; \
                 connections without one are left out. The filter at the top does the same for every view."
            }
            false => {
                "Show only lanes whose number, path, status or outcome contains this. The filter at the top does the \
                 same for every view."
            }
        },
    );
    response.widget_info(|| WidgetInfo::text_edit(true, &state.wishes.search, &text, "find lanes"));
    if text != state.wishes.search {
        send(Command::Search(text));
    }
}

fn lanes_menu(ui: &mut Ui, state: &State, send: &impl Fn(Command)) {
    let wishes = &state.wishes;
    let stacked = state.stack.on;
    if stacked {
        let words = "Connections stand in the order of their first packets; what is chosen here is done to the lanes of each.";
        ui.label(RichText::new(words).small().weak());
    }
    ui.label(RichText::new("Sort by").small().strong());
    for (order, name, help) in Order::ALL {
        let choice = ui.radio(wishes.order == order, format!("sort by {name}"));
        if choice.on_hover_text(help).clicked() {
            send(Command::SortBy(order));
        }
    }
    ui.separator();
    ui.label(RichText::new("Group by").small().strong());
    for (grouping, name, help) in Grouping::ALL {
        let label = match grouping {
            Grouping::None => "no groups".to_owned(),
            _ => format!("group by {name}"),
        };
        let choice = ui.radio(wishes.grouping == grouping, label);
        if choice.on_hover_text(help).clicked() {
            send(Command::GroupBy(grouping));
        }
    }
    ui.separator();
    let mut hides = wishes.hides_idle;
    let (words, help) = match stacked {
        true => (
            "hide idle connections and lanes",
            "Leave out connections without a packet around the time shown, and streams that are not open in it",
        ),
        false => (
            "hide idle lanes",
            "Leave out streams that are not open in the time shown",
        ),
    };
    let idle = ui.checkbox(&mut hides, words);
    if idle.on_hover_text(help).changed() {
        send(Command::ToggleIdle);
    }
    let mut keeps = wishes.keeps_filtered;
    let kept = ui.checkbox(&mut keeps, "keep filtered lanes, dimmed");
    if kept
        .on_hover_text(
            "Streams that do not pass the filter stay where they are and lose their colour",
        )
        .changed()
    {
        send(Command::ToggleFiltered);
    }
    if !wishes.pinned.is_empty() {
        let words = format!("unpin {}", super::words::lanes_words(wishes.pinned.len()));
        if ui.button(words).clicked() {
            for (connection, stream) in &wishes.pinned {
                send(Command::Pin(*connection, *stream));
            }
        }
    }
}

/// The headings of groups, which fold their lanes away.
pub fn headings_ui(ui: &Ui, picture: &Picture<'_>, lineup: &Lineup) {
    let theme = picture.context.theme;
    let painter = ui.painter_at(picture.layout.lanes);
    for (at, place) in picture.layout.visible_headings() {
        let Some(heading) = lineup.headings.get(at) else {
            continue;
        };
        let visible = place.intersect(picture.layout.lanes);
        if !visible.is_positive() {
            continue;
        }
        let response = ui.interact(
            visible,
            ui.scope_id()
                .with(("heading", picture.reader.connection.id, &heading.title)),
            Sense::click(),
        );
        let state = if heading.folded { "folded" } else { "open" };
        let count = super::words::lanes_words(heading.lanes);
        response.widget_info(|| {
            let of = match picture.is_part {
                true => format!(" of connection {}", picture.reader.connection.id),
                false => String::new(),
            };
            let label = format!("group {}{of}, {count}, {state}", heading.title);
            WidgetInfo::labeled(Role::Button, true, label)
        });
        let fill = if response.hovered() {
            theme.hover
        } else {
            theme.panel
        };
        painter.rect_filled(place, 3.0, fill);
        let centre = pos2(place.left() + LABEL_INSET_POINTS + 4.0, place.center().y);
        triangle(&painter, centre, !heading.folded, theme.text_weak);
        let font = FontId::proportional(SMALL_POINTS + 0.5);
        let words = format!("{} · {count}", heading.title);
        let at = pos2(centre.x + 12.0, place.center().y);
        painter.text(at, Align2::LEFT_CENTER, words, font, theme.text);
        if response.clicked() {
            let fold = Command::Fold(picture.reader.connection.id, heading.title.clone());
            picture.context.send(crate::ui::Command::Loom(fold));
        }
    }
}

/// A triangle that points down at what is open, and right at what is folded away.
pub fn triangle(painter: &egui::Painter, centre: egui::Pos2, open: bool, colour: egui::Color32) {
    let turned = if open {
        std::f32::consts::FRAC_PI_2
    } else {
        0.0
    };
    turned_triangle(painter, centre, turned, colour);
}

/// A triangle that points to the right, turned by so much, in radians.
pub fn turned_triangle(
    painter: &egui::Painter,
    centre: egui::Pos2,
    turned: f32,
    colour: egui::Color32,
) {
    let rotate = egui::emath::Rot2::from_angle(turned);
    let points = [vec2(-2.5, -4.0), vec2(3.5, 0.0), vec2(-2.5, 4.0)];
    let points = points.map(|point| centre + rotate * point).to_vec();
    painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
}
