use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use std::time::{Duration, Instant};
use wireloom::trace::{ConnectionId, FrameId};
use wireloom::ui::app::{App, AppOptions};
use wireloom::ui::loader::Input;
use wireloom::ui::{Command, Item};

/// A window's inside on a capture of the tour, read to its end. Nothing is remembered.
pub(crate) fn window(stop: usize) -> Harness<'static, App> {
    let app = App::new(AppOptions {
        input: Some(Input::Tour(stop)),
        ..AppOptions::default()
    });
    let mut harness = inside(app, [1366.0, 768.0]);
    let began = Instant::now();
    while harness
        .state()
        .document()
        .is_some_and(|document| document.loading())
    {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "reading takes too long"
        );
        std::thread::sleep(Duration::from_millis(2));
        harness.step();
    }
    harness.run_steps(3);
    harness
}

/// The inside of a window of this size, in points.
pub(crate) fn inside(app: App, size: [f32; 2]) -> Harness<'static, App> {
    Harness::builder().with_size(size).build_ui_state(
        |ui, app: &mut App| {
            app.logic(1.0 / 60.0);
            app.ui(ui);
        },
        app,
    )
}

pub(crate) fn click(harness: &mut Harness<'_, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

pub(crate) fn shows(harness: &Harness<'_, App>, text: &str) -> bool {
    let said = |node: &egui_kittest::Node<'_>| {
        let node = node.accesskit_node();
        [node.label(), node.value()]
            .into_iter()
            .flatten()
            .any(|said| said.contains(text))
    };
    harness.root().children_recursive().any(|node| said(&node))
}

fn selected(harness: &Harness<'_, App>) -> Option<FrameId> {
    match harness.state().selection()? {
        Item::Frame(_, frame) => Some(frame),
        _ => None,
    }
}

#[test]
fn the_first_picture_shows_everything_that_was_read() {
    let harness = window(0);
    assert!(shows(&harness, "after frame 133 · the last"));
    assert!(shows(&harness, "GET /style.css"));
    assert!(shows(&harness, "Parallel downloads"));
}

#[test]
fn step_buttons_move_the_cursor_and_select_the_frame() {
    let mut harness = window(0);
    click(&mut harness, "To start");
    assert!(shows(&harness, "before frame 0 · 134 to come"));
    click(&mut harness, "Step forward");
    assert!(shows(&harness, "after frame 0 · 133 to come"));
    assert_eq!(selected(&harness), Some(FrameId::from_index(0)));
    click(&mut harness, "Step forward");
    click(&mut harness, "Step back");
    assert!(shows(&harness, "after frame 0 · 133 to come"));
    click(&mut harness, "To end");
    assert!(shows(&harness, "after frame 133 · the last"));
}

#[test]
fn play_runs_from_the_start_and_pause_keeps_the_place() {
    let mut harness = window(0);
    click(&mut harness, "Play");
    harness.run_steps(90);
    click(&mut harness, "Pause");
    let seen = |harness: &Harness<'_, App>| {
        let app = harness.state();
        let connection = app.document().unwrap().connection().unwrap();
        app.transport().cursor().unwrap().frame_count(connection)
    };
    let paused_at = seen(&harness);
    assert!((1..134).contains(&paused_at), "{paused_at}");
    harness.run_steps(30);
    assert_eq!(seen(&harness), paused_at);
}

#[test]
fn keys_step_through_a_stream_and_space_plays() {
    let mut harness = window(0);
    harness.key_press(egui::Key::Home);
    harness.run_steps(3);
    for _ in 0..3 {
        harness.key_press(egui::Key::ArrowRight);
        harness.run_steps(3);
    }
    let stream = |harness: &Harness<'_, App>| {
        let app = harness.state();
        let http2 = app
            .document()
            .unwrap()
            .connection()
            .unwrap()
            .http2()
            .unwrap();
        http2.frames[selected(harness).unwrap().index()].stream
    };
    let (before, frame) = (stream(&harness), selected(&harness));
    harness.key_press(egui::Key::Period);
    harness.run_steps(3);
    assert_eq!(stream(&harness), before);
    assert!(selected(&harness) > frame);
    harness.key_press(egui::Key::Space);
    harness.run_steps(3);
    assert!(harness.state().transport().playing());
}

#[test]
fn every_capture_of_the_tour_can_be_walked_to_from_the_one_before() {
    let mut harness = window(0);
    for stop in 1..wireloom::ui::tour::STOPS.len() {
        let title = wireloom::ui::tour::STOPS[stop].title;
        click(&mut harness, &format!("Next: {title}"));
        let began = Instant::now();
        while harness
            .state()
            .document()
            .is_some_and(|document| document.loading())
        {
            assert!(began.elapsed() < Duration::from_secs(30), "{title}");
            std::thread::sleep(Duration::from_millis(2));
            harness.step();
        }
        harness.run_steps(3);
        assert!(shows(&harness, title));
    }
    assert!(shows(&harness, "encrypted TLS 1.3 to wireloom.example"));
}

#[test]
fn a_file_that_is_no_capture_is_named_and_something_else_is_offered() {
    let mut harness = window(0);
    harness
        .state_mut()
        .send(Command::Open("/nowhere/at-all.pcap".into()));
    let began = Instant::now();
    while !shows(&harness, "/nowhere/at-all.pcap: there is no such file") {
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(2));
        harness.step();
    }
    click(&mut harness, "Server push");
    let count = wireloom::ui::tour::STOPS.len();
    assert!(shows(&harness, &format!("The tour, 3 of {count}")));
}

#[test]
fn the_list_of_keys_opens_and_closes() {
    let mut harness = window(0);
    click(&mut harness, "Keys");
    assert!(shows(&harness, "Step one frame forward"));
    harness.key_press(egui::Key::Questionmark);
    harness.run_steps(3);
    assert!(!shows(&harness, "Next frame of the selected stream"));
}

fn filter(harness: &mut Harness<'_, App>, text: &str) {
    harness.get_by_label("Filter").focus();
    harness.run_steps(2);
    harness.get_by_label("Filter").type_text(text);
    harness.run_steps(4);
}

#[test]
fn find_next_without_a_filter_asks_for_one() {
    let mut harness = window(0);
    harness.key_press(egui::Key::N);
    harness.run_steps(4);
    assert!(harness.get_by_label("Filter").is_focused());
}

#[test]
fn a_filter_leaves_the_frames_and_streams_that_pass_and_enter_leads_through_them() {
    let mut harness = window(0);
    let listed = |harness: &Harness<'_, App>, stream: &str| {
        let rows = harness.query_all_by_role(egui::Role::ListBoxOption);
        rows.filter_map(|row| row.accesskit_node().label())
            .any(|label| label.starts_with(stream))
    };
    assert!(listed(&harness, "stream 3, GET /app.js"));
    filter(&mut harness, "path:/style.css type:DATA");
    assert!(shows(&harness, "5 of 134 frames"));
    assert!(listed(&harness, "stream 1, GET /style.css"));
    assert!(!listed(&harness, "stream 3, GET /app.js"));
    harness.key_press(egui::Key::Enter);
    harness.run_steps(4);
    let first = selected(&harness).unwrap();
    harness.key_press(egui::Key::Enter);
    harness.run_steps(4);
    assert!(selected(&harness).unwrap() > first);
    assert!(shows(&harness, "match 2 of 5"));
    for _ in 0..4 {
        click(&mut harness, "Next match");
    }
    assert!(shows(&harness, "match 1 of 5") && shows(&harness, "from the start again"));
    click(&mut harness, "Previous match");
    assert!(shows(&harness, "match 5 of 5") && shows(&harness, "from the end again"));
    click(&mut harness, "Clear the filter");
    assert!(!shows(&harness, "of 134 frames"));
    assert!(listed(&harness, "stream 3, GET /app.js"));
}

#[test]
fn a_filter_being_typed_says_what_is_wrong_and_what_could_follow() {
    let mut harness = window(0);
    filter(&mut harness, "type:DATUM");
    assert!(shows(&harness, "column 6: type has no value DATUM"));
    let mut harness = window(0);
    filter(&mut harness, "stream:3 type:WIND");
    assert!(shows(&harness, "WINDOW_UPDATE"));
    harness.key_press(egui::Key::Tab);
    harness.run_steps(4);
    assert!(shows(&harness, "stream:3 type:WINDOW_UPDATE"));
}

#[test]
fn a_word_that_is_only_begun_empties_no_list_until_enter() {
    let mut harness = window(0);
    filter(&mut harness, "type:DATA");
    assert!(shows(&harness, "57 of 134 frames"));
    filter(&mut harness, " pat");
    assert!(shows(&harness, "57 of 134 frames"));
    assert!(shows(&harness, "still type:DATA"));
    assert!(shows(&harness, "Enter looks for the word “pat”"));
    filter(&mut harness, "h:/app.js");
    assert!(shows(&harness, "12 of 134 frames"));
    assert!(!shows(&harness, "still type:DATA"));
    click(&mut harness, "Clear the filter");
    filter(&mut harness, "typ");
    assert!(!shows(&harness, "of 134 frames"));
    harness.key_press(egui::Key::Enter);
    harness.run_steps(4);
    assert!(shows(&harness, "of 134 frames") && !shows(&harness, "Enter looks for"));
}

#[test]
fn a_hint_that_is_open_does_not_stay_above_the_list_of_keys() {
    let mut harness = window(0);
    let item = Item::Frame(ConnectionId::FIRST, FrameId::from_index(11));
    harness.state_mut().send(Command::Select(item));
    harness.run_steps(4);
    harness.get_by_label("length: 25 bytes").hover();
    harness.run_steps(60);
    assert!(shows(&harness, "How many bytes of payload follow"));
    harness.key_press(egui::Key::Questionmark);
    harness.run_steps(6);
    assert!(shows(&harness, "Step one frame forward"));
    assert!(!shows(&harness, "How many bytes of payload follow"));
}
