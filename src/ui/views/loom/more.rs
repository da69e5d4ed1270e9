//! The line between lanes and legend: how many lanes are out of view, and a way to them.

use super::Command;
use super::controls::turned_triangle;
use super::paint::Picture;
use super::surround::{LABEL_INSET_POINTS, SMALL_POINTS};
use super::words::lanes_words;
use egui::{FontId, Pos2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// What is said of so many lanes that are out of view.
fn words(count: usize, below: bool) -> String {
    let side = if below { "below" } else { "above" };
    format!("{} {side}", lanes_words(count).replacen(' ', " more ", 1))
}

/// Says how many lanes are out of view; a click shows them.
pub fn more_ui(ui: &Ui, picture: &Picture<'_>) {
    let place = picture.layout.more;
    if !place.is_positive() {
        return;
    }
    let theme = picture.context.theme;
    ui.painter().rect_filled(place, 0.0, theme.background);
    let [above, below] = picture.layout.hidden_lanes();
    let mut at = place.left_center() + vec2(LABEL_INSET_POINTS, 0.0);
    for (count, is_below) in [(below, true), (above, false)] {
        if count > 0 {
            at = button_ui(ui, picture, at, count, is_below);
        }
    }
    if picture.layout.content.footnote_in_more {
        return picture.standpoint_ui(ui, place.with_min_x(at.x), &[]);
    }
    let font = FontId::proportional(SMALL_POINTS);
    let hint = ui.painter().layout_no_wrap(
        "or turn the wheel over the lanes".to_owned(),
        font,
        theme.text_weak,
    );
    let corner = pos2(at.x, at.y - hint.size().y / 2.0);
    if corner.x + hint.size().x <= place.right() {
        ui.painter().galley(corner, hint, theme.text_weak);
    }
}

/// Returns where the next thing stands.
fn button_ui(ui: &Ui, picture: &Picture<'_>, at: Pos2, count: usize, below: bool) -> Pos2 {
    let theme = picture.context.theme;
    let words = words(count, below);
    let font = FontId::proportional(SMALL_POINTS);
    let galley = ui
        .painter()
        .layout_no_wrap(words.clone(), font, theme.accent);
    let size = vec2(galley.size().x + 26.0, picture.layout.more.height() - 2.0);
    let area = Rect::from_min_size(pos2(at.x, at.y - size.y / 2.0), size);
    let id = ui.scope_id().with(("more lanes", below));
    let response = ui.interact(area, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let lit = response.hovered() || response.has_focus();
    let fill = if lit { theme.hover } else { theme.panel };
    ui.painter().rect_filled(area, 4.0, fill);
    let sign = area.left_center() + vec2(11.0, 0.0);
    let turned = std::f32::consts::FRAC_PI_2 * if below { 1.0 } else { -1.0 };
    turned_triangle(ui.painter(), sign, turned, theme.accent);
    let corner = pos2(sign.x + 8.0, at.y - galley.size().y / 2.0);
    ui.painter().galley(corner, galley, theme.accent);
    if response.clicked() {
        let command = if below {
            Command::LanesBelow
        } else {
            Command::LanesAbove
        };
        picture.context.send(crate::ui::Command::Loom(command));
    }
    response.on_hover_text("Scrolls to them. The wheel over the lanes does it too.");
    pos2(area.right() + 10.0, at.y)
}

#[cfg(test)]
mod tests {
    use crate::ui::views::View;
    use crate::ui::views::loom::{State, loom_ui};
    use crate::ui::views::testing::{World, pane};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    /// Clicks, and lets the view have what was asked for.
    fn click(harness: &mut Harness<'_, (World, State)>, label: &str) {
        harness.get_by_label(label).click();
        harness.run_steps(3);
        let (world, state) = harness.state_mut();
        let commands = std::mem::take(&mut world.commands);
        world.read(|context| {
            for command in &commands {
                View::command(state, command, context);
            }
        });
        harness.run_steps(3);
    }

    #[test]
    fn lanes_below_the_last_in_view_are_counted_and_a_click_shows_them() {
        let mut harness = pane(World::of_capture("push.pcap"), [780.0, 430.0], loom_ui);
        harness.run();
        let last = "stream 11, priority only, no request, ";
        assert!(harness.query_by_label_contains(last).is_none());
        let hidden = harness.state().1.layout.as_ref().unwrap().hidden_lanes();
        assert!(hidden[0] == 0 && hidden[1] > 4, "{hidden:?}");
        click(&mut harness, &format!("{} more lanes below", hidden[1]));
        let above = harness.state().1.layout.as_ref().unwrap().hidden_lanes()[0];
        assert!(above > 0);
        harness.get_by_label_contains(&format!("{above} more lane"));
        for _ in 0..4 {
            let below = harness.state().1.layout.as_ref().unwrap().hidden_lanes()[1];
            if below > 0 {
                let plural = if below == 1 { "" } else { "s" };
                click(&mut harness, &format!("{below} more lane{plural} below"));
            }
        }
        harness.get_by_label_contains(last);
        let layout = harness.state().1.layout.clone().unwrap();
        assert_eq!(layout.hidden_lanes()[1], 0);
        assert!(layout.lane(layout.content.lanes - 1).bottom() <= layout.legend.top());
    }
}
