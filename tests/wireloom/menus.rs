use crate::screens::{click, inside, shows};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use wireloom::ui::app::{App, AppOptions};
use wireloom::ui::loader::Input;
use wireloom::ui::tour;

/// A window, in points, that is too low for the rows of its longest menus.
const LOW: [f32; 2] = [1024.0, 400.0];

/// Whether what has this name is within the window, from top to bottom.
fn is_in_window(harness: &Harness<'_, App>, label: &str) -> bool {
    let rect = harness.get_by_label(label).rect();
    rect.top() >= 0.0 && rect.bottom() <= LOW[1]
}

/// Turns the wheel by as much as the window is high, three times.
fn scroll_down_at(harness: &mut Harness<'_, App>, at: egui::Pos2) {
    harness.event(egui::Event::PointerMoved(at));
    harness.run_steps(2);
    for _ in 0..3 {
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, -LOW[1]),
            phase: egui::TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
            source: egui::MouseWheelSource::Unknown,
        });
        harness.run_steps(20);
    }
}

#[test]
fn a_menu_with_more_rows_than_there_is_room_for_is_scrolled_to_its_last() {
    let last = tour::STOPS.last().unwrap();
    for (menu, first_row, last_row) in [
        ("Open", "Listen to live traffic…", last.title),
        (
            "View",
            "Panes: a click opens one, or brings it to the front",
            "Reset layout",
        ),
    ] {
        let app = App::new(AppOptions {
            input: Some(Input::Tour(0)),
            ..AppOptions::default()
        });
        let mut harness = inside(app, LOW);
        harness.run_steps(6);
        click(&mut harness, menu);
        assert!(!is_in_window(&harness, last_row), "{menu} has room");
        let at = harness.get_by_label(first_row).rect().center();
        let at = egui::pos2(at.x, at.y.min(LOW[1] / 2.0));
        scroll_down_at(&mut harness, at);
        assert!(is_in_window(&harness, last_row), "{menu}: {last_row}");
        click(&mut harness, last_row);
        // A row that was chosen closes the menu.
        assert!(harness.query_by_label(first_row).is_none(), "{menu}");
        if menu == "Open" {
            let count = tour::STOPS.len();
            assert!(shows(&harness, &format!("The tour, {count} of {count}")));
        }
    }
}
