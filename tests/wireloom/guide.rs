use crate::screens::{click, inside, shows};
use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::Path;
use std::time::{Duration, Instant};
use wireloom::ui::app::{App, AppOptions, guide};
use wireloom::ui::loader::Input;
use wireloom::ui::settings::Settings;
use wireloom::ui::theme::ThemeChoice;
use wireloom::ui::views::ViewId;
use wireloom::ui::{Command, workspace};

/// The window as it opens without a capture named, with settings kept in this file.
fn start(settings: &Path, theme: Option<ThemeChoice>) -> Harness<'static, App> {
    let app = App::new(AppOptions {
        input: Some(Input::Tour(0)),
        settings_path: Some(settings.to_owned()),
        theme,
        ..AppOptions::default()
    });
    let mut harness = inside(app, [1366.0, 768.0]);
    settle(&mut harness);
    harness
}

/// Until what was opened is read and the step has begun.
fn settle(harness: &mut Harness<'_, App>) {
    let began = Instant::now();
    loop {
        harness.run_steps(4);
        let document = harness.state().document();
        if !document.is_some_and(|document| document.loading()) {
            return harness.run_steps(6);
        }
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[track_caller]
fn step(harness: &Harness<'_, App>, number: usize) {
    let words = format!("Step {number} of {}", guide::len());
    assert!(shows(harness, &words), "{words}");
}

/// Time passes, until the guide goes on by itself.
fn wait(harness: &mut Harness<'_, App>) {
    assert!(shows(harness, "Done: "));
    for _ in 0..400 {
        if !shows(harness, "Done: ") {
            break;
        }
        harness.step();
    }
    settle(harness);
}

#[test]
fn the_guide_is_done_step_by_step_and_never_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.ron");
    let mut harness = start(&settings, None);
    step(&harness, 1);
    click(&mut harness, "Play");
    wait(&mut harness);
    step(&harness, 2);
    harness
        .get_by(|node| {
            let named = |label: &String| label.starts_with("stream 3, GET /app.js");
            node.role() == egui::Role::Button && node.label().as_ref().is_some_and(named)
        })
        .click();
    harness.run_steps(3);
    wait(&mut harness);
    step(&harness, 3);
    click(&mut harness, "Step forward");
    wait(&mut harness);
    step(&harness, 4);
    harness.get_by_label("length: 25 bytes").hover();
    harness.run_steps(60);
    wait(&mut harness);
    step(&harness, 5);
    assert!(!shows(&harness, "Explain HPACK"));
    harness
        .get_by_role_and_label(egui::Role::Tab, "HPACK")
        .click();
    harness.run_steps(3);
    wait(&mut harness);
    step(&harness, 6);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(3);
    wait(&mut harness);
    step(&harness, 7);
    assert_eq!(harness.state().document().unwrap().title, "push.pcap");
    harness.key_press(Key::Home);
    harness.run_steps(2);
    for _ in 0..11 {
        harness.key_press(Key::ArrowRight);
        harness.run_steps(2);
    }
    wait(&mut harness);
    step(&harness, 8);
    click(&mut harness, "Close the guide");
    assert!(!shows(&harness, "Step 8"));
    assert!(Settings::load(&settings).guide_seen);
    let harness = start(&settings, None);
    assert!(!shows(&harness, "Step 1 of"));
}

#[test]
fn the_guide_can_be_skipped_gone_back_in_and_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.ron");
    let mut harness = start(&settings, Some(ThemeChoice::Light));
    click(&mut harness, "Next");
    settle(&mut harness);
    step(&harness, 2);
    click(&mut harness, "Back");
    step(&harness, 1);
    click(&mut harness, "Skip the guide");
    assert!(!shows(&harness, "Skip the guide"));
    assert!(Settings::load(&settings).guide_seen);
    click(&mut harness, "Keys");
    click(&mut harness, "Show the guide");
    settle(&mut harness);
    step(&harness, 1);
}

#[test]
fn the_guide_opens_the_panes_that_it_needs_when_all_were_closed() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.ron");
    let mut harness = start(&settings, None);
    for number in 1..=guide::len() {
        step(&harness, number);
        for view in ViewId::all() {
            let close = Command::Workspace(workspace::Command::Close(view));
            harness.state_mut().send(close);
        }
        harness.run_steps(8);
        let needed = match number {
            1..=3 | 7 => Some("loom"),
            4 => Some("inspector"),
            5 | 6 => Some("hpack"),
            _ => None,
        };
        if let Some(view) = needed.and_then(ViewId::from_name) {
            assert!(harness.state().workspace().is_open(view).0, "{number}");
        }
        click(
            &mut harness,
            if number < guide::len() {
                "Next"
            } else {
                "Close the guide"
            },
        );
        settle(&mut harness);
    }
}

#[test]
fn who_names_a_capture_is_not_guided() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.ron");
    let capture = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/push.pcap");
    let app = App::new(AppOptions {
        input: Some(Input::File(capture)),
        settings_path: Some(settings),
        ..AppOptions::default()
    });
    let mut harness = inside(app, [1366.0, 768.0]);
    settle(&mut harness);
    assert!(!shows(&harness, "Step 1 of"));
}

#[test]
fn escape_leaves_the_guide_and_so_does_opening_something_else() {
    for leave in [Command::ClearSelection, Command::OpenTour(2)] {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("settings.ron");
        let mut harness = start(&settings, None);
        assert!(shows(&harness, "Skip the guide"));
        harness.state_mut().send(leave.clone());
        settle(&mut harness);
        assert!(!shows(&harness, "Skip the guide"), "{leave:?}");
        // It does not come back by itself.
        assert!(Settings::load(&settings).guide_seen, "{leave:?}");
    }
}
