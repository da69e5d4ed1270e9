use crate::screens::{click, inside, shows, window};
use egui::{Key, MouseWheelUnit, TouchPhase, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::io::Write;
use std::time::{Duration, Instant};
use wireloom::ui::app::{App, AppOptions};
use wireloom::ui::loader::Input;

pub(crate) fn frames(harness: &Harness<'_, App>) -> usize {
    let connection = harness.state().document().and_then(|of| of.connection());
    let http2 = connection.and_then(|of| of.http2());
    http2.map_or(0, |http2| http2.frames.len())
}

/// Frames that have happened at the cursor.
pub(crate) fn seen(harness: &Harness<'_, App>) -> usize {
    let app = harness.state();
    let connection = app.document().and_then(|of| of.connection());
    let cursor = app.transport().cursor().zip(connection);
    cursor.map_or(0, |(cursor, connection)| cursor.frame_count(connection))
}

#[track_caller]
pub(crate) fn until(harness: &mut Harness<'_, App>, what: impl Fn(&Harness<'_, App>) -> bool) {
    let began = Instant::now();
    while !what(harness) {
        // Machines on which much else runs take their time; what hangs is found all the same.
        assert!(began.elapsed() < Duration::from_secs(120));
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

/// Whether a row whose name begins so is on the screen.
fn shows_row(harness: &Harness<'_, App>, begins: &str) -> bool {
    use egui_kittest::kittest::NodeT;
    let named = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.to_lowercase().starts_with(begins))
    };
    let rows = harness.query_all_by_role(egui::Role::Row);
    let options = harness.query_all_by_role(egui::Role::ListBoxOption);
    rows.into_iter().chain(options).any(|row| named(&row))
}

fn wheel(harness: &mut Harness<'_, App>, at: egui::Pos2, points: f32) {
    harness.hover_at(at);
    harness.run_steps(2);
    harness.event(egui::Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run_steps(10);
}

#[test]
fn while_playing_lists_follow_the_cursor_until_one_is_scrolled_away() {
    let mut harness = window(0);
    let visible =
        |harness: &Harness<'_, App>, frame: usize| shows_row(harness, &format!("frame {frame}, "));
    harness.key_press(Key::Space);
    harness.run_steps(3);
    let follows = |harness: &Harness<'_, App>| harness.state().transport().views_follow();
    assert!(follows(&harness));
    until(&mut harness, |harness| seen(harness) > 30);
    let last = seen(&harness) - 1;
    assert!(visible(&harness, last), "frame {last}");
    assert!(!shows(&harness, "Follow the cursor again"));
    // A turn of the wheel over the list takes it away, and it alone.
    let list = harness
        .get_by_role_and_label(egui::Role::ListBox, "Frames")
        .rect();
    wheel(&mut harness, list.center(), 4000.0);
    assert!(follows(&harness));
    until(&mut harness, |harness| seen(harness) > 60);
    assert!(!visible(&harness, seen(&harness) - 1));
    // Steps do not bring it back either, but its button does.
    harness.key_press(Key::Space);
    harness.run_steps(3);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(3);
    assert!(!visible(&harness, seen(&harness) - 1));
    click(&mut harness, "Follow the cursor again");
    assert!(visible(&harness, seen(&harness) - 1));
    assert!(!shows(&harness, "Follow the cursor again"));
    harness.key_press(Key::ArrowRight);
    harness.run_steps(3);
    assert!(visible(&harness, seen(&harness) - 1));
}

#[test]
fn views_that_are_not_to_follow_stay_and_come_back_when_they_are() {
    let mut harness = window(0);
    click(&mut harness, "To start");
    click(&mut harness, "Follow the cursor");
    for _ in 0..30 {
        harness.key_press(Key::ArrowRight);
        harness.run_steps(2);
    }
    let row = format!("frame {}, ", seen(&harness) - 1);
    assert!(!shows_row(&harness, &row), "{row}");
    click(&mut harness, "Follow the cursor");
    assert!(shows_row(&harness, &row), "{row}");
}

#[test]
fn every_list_keeps_what_the_cursor_is_at_in_sight() {
    use wireloom::ui::views::ViewId;
    use wireloom::ui::{Command, workspace};
    // So low that no list has room for all of its rows.
    for (view, height) in [("streams", 420.0), ("requests", 420.0), ("frames", 640.0)] {
        let mut harness = window(0);
        let id = ViewId::from_name(view).unwrap();
        let show = Command::Workspace(workspace::Command::Show(id));
        harness.state_mut().send(show);
        harness.set_size([1366.0, height].into());
        harness.run_steps(4);
        click(&mut harness, "To start");
        let mut streams = std::collections::BTreeSet::new();
        for _ in 0..60 {
            harness.key_press(Key::ArrowRight);
            harness.run_steps(3);
            let last = seen(&harness) - 1;
            let document = harness.state().document().unwrap();
            let http2 = document.connection().unwrap().http2().unwrap();
            let stream = http2.frames.get(last).unwrap().stream;
            let row = match view {
                "frames" => format!("frame {last}, "),
                _ if stream.is_connection() => continue,
                _ => format!("stream {stream}, "),
            };
            streams.insert(stream);
            assert!(shows_row(&harness, &row), "{view}: {row}");
        }
        assert!(streams.len() > 5, "{streams:?}");
    }
}
