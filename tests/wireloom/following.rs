use crate::screens::{click, inside, shows, window};
use egui::{Key, MouseWheelUnit, TouchPhase, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::io::Write;
use std::time::{Duration, Instant};
use wireloom::ui::app::{App, AppOptions};
use wireloom::ui::loader::Input;

fn frames(harness: &Harness<'_, App>) -> usize {
    let connection = harness.state().document().and_then(|of| of.connection());
    let http2 = connection.and_then(|of| of.http2());
    http2.map_or(0, |http2| http2.frames.len())
}

/// Frames that have happened at the cursor.
fn seen(harness: &Harness<'_, App>) -> usize {
    let app = harness.state();
    let connection = app.document().and_then(|of| of.connection());
    let cursor = app.transport().cursor().zip(connection);
    cursor.map_or(0, |(cursor, connection)| cursor.frame_count(connection))
}

#[track_caller]
fn until(harness: &mut Harness<'_, App>, what: impl Fn(&Harness<'_, App>) -> bool) {
    let began = Instant::now();
    while !what(harness) {
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
    harness.run_steps(2);
}

#[test]
fn a_file_that_grows_is_followed_until_the_reader_steps_back() {
    let whole = wireloom::ui::tour::STOPS[0].bytes;
    let (first, rest) = whole.split_at(whole.len() / 2);
    let (second, third) = rest.split_at(rest.len() / 2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.pcapng");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(first).unwrap();
    let app = App::new(AppOptions {
        input: Some(Input::Growing(path)),
        ..AppOptions::default()
    });
    let mut harness = inside(app, [1366.0, 768.0]);
    // All that there is was read, and the bar says that more may come.
    let read = |harness: &Harness<'_, App>| {
        let document = harness.state().document().unwrap();
        document.live() && !document.loading()
    };
    until(&mut harness, read);
    let half = frames(&harness);
    assert!((1..134).contains(&half), "{half}");
    assert_eq!(seen(&harness), half);
    assert!(shows(&harness, "Follow the end of the capture"));
    // It grows, and the cursor stays at the end.
    file.write_all(second).unwrap();
    until(&mut harness, |harness| frames(harness) > half);
    until(&mut harness, read);
    let more = frames(&harness);
    assert_eq!(seen(&harness), more);
    // A step back holds it.
    harness.key_press(Key::ArrowLeft);
    harness.run_steps(3);
    file.write_all(third).unwrap();
    until(&mut harness, |harness| frames(harness) == 134);
    assert_eq!(seen(&harness), more - 1);
    // And it follows again when it is asked to.
    click(&mut harness, "Follow the end of the capture");
    assert_eq!(seen(&harness), 134);
    assert!(harness.state().document().unwrap().live());
    // All was read, and more could come for as long as one likes.
    until(&mut harness, read);
    click(&mut harness, "Cancel");
    harness.run_steps(3);
    assert!(!harness.state().document().unwrap().live());
}

#[test]
fn a_file_that_was_just_finished_is_not_live_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fresh.pcapng");
    std::fs::write(&path, wireloom::ui::tour::STOPS[0].bytes).unwrap();
    let app = App::new(AppOptions {
        input: Some(Input::File(path)),
        ..AppOptions::default()
    });
    let mut harness = inside(app, [1366.0, 768.0]);
    until(&mut harness, |harness| frames(harness) == 134);
    assert!(!harness.state().document().unwrap().live());
    until(&mut harness, |harness| {
        matches!(
            harness.state().document().unwrap().reading,
            wireloom::ui::app::document::Reading::Done
        )
    });
    assert!(shows(
        &harness,
        "fresh.pcapng was written a moment ago and does not grow any more, so it is read as finished."
    ));
    // Who knows better says so.
    click(&mut harness, "Wait for more");
    until(&mut harness, |harness| {
        let document = harness.state().document().unwrap();
        document.live() && !document.loading()
    });
    click(&mut harness, "Cancel");
    assert!(!harness.state().document().unwrap().live());
}

#[test]
fn while_playing_lists_follow_the_cursor_until_one_is_scrolled() {
    let mut harness = window(0);
    let visible = |harness: &Harness<'_, App>, frame: usize| {
        let words = format!("frame {frame}, ");
        let rows = harness.query_all_by_role(egui::Role::Row);
        let named = |node: &egui_kittest::Node<'_>| {
            use egui_kittest::kittest::NodeT;
            let label = node.accesskit_node().label();
            label.is_some_and(|label| label.to_lowercase().starts_with(&words))
        };
        rows.into_iter().any(|row| named(&row))
    };
    harness.key_press(Key::Space);
    harness.run_steps(3);
    let follows = |harness: &Harness<'_, App>| harness.state().transport().views_follow();
    assert!(follows(&harness));
    until(&mut harness, |harness| seen(harness) > 30);
    let last = seen(&harness) - 1;
    assert!(visible(&harness, last), "frame {last}");
    // A turn of the wheel over the list ends that, and the switch says so.
    let list = harness
        .get_by_role_and_label(egui::Role::ListBox, "Frames")
        .rect();
    harness.hover_at(list.center());
    harness.run_steps(2);
    harness.event(egui::Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 4000.0),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run_steps(10);
    assert!(!follows(&harness));
    until(&mut harness, |harness| seen(harness) > 60);
    assert!(!visible(&harness, seen(&harness) - 1));
    click(&mut harness, "Follow the cursor");
    assert!(follows(&harness));
}
