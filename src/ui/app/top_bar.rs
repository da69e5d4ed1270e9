//! The bar at the top: what is open, which connection is shown, and what else can be opened.

use super::document::{Document, Reading, connection_line, connection_title};
use super::keys::{hint, key_of};
use crate::ui::listening::{self, Desk};
use crate::ui::settings::Settings;
use crate::ui::theme::ThemeChoice;
use crate::ui::tour;
use crate::ui::views::ViewId;
use crate::ui::widgets::anchor;
use crate::ui::widgets::format;
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::workspace::preset::Preset;
use crate::ui::workspace::{self, Workspace};
use crate::ui::{Command, ViewContext, filter_bar, grpc};
use egui::containers::menu::MenuButton;
use egui::{
    Align, ComboBox, Frame, Layout, Margin, Panel, ProgressBar, RichText, Role, ScrollArea, Shape,
    Stroke, Ui, WidgetInfo, pos2, vec2,
};

/// Room for the filter, what it found and the switches.
const BESIDE_POINTS: f32 = 620.0;

/// Room for how much was read, and the button that stops it.
const PROGRESS_POINTS: f32 = 200.0;

/// Shows the bar.
pub(super) fn show(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    (document, desk): (Option<&Document>, &Desk),
    settings: &Settings,
    workspace: &Workspace,
    filter_input: &mut filter_bar::Input,
) {
    let frame = Frame::new()
        .fill(context.theme.panel)
        .inner_margin(Margin::symmetric(12, 6));
    Panel::top("top bar")
        .exact_size(42.0)
        .frame(frame)
        .show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                word_mark_ui(ui, context);
                ui.add_space(4.0);
                open_ui(ui, context, settings, document.is_some());
                if let Some(document) = document {
                    view_ui(ui, context, workspace);
                    title_ui(ui, context, document);
                    connections_ui(ui, context, document);
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    switches_ui(ui, context);
                    if let Some(document) = document {
                        progress_ui(ui, context, document, desk);
                    }
                    if document.is_some_and(|document| document.connection().is_some()) {
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            filter_bar::filter_ui(ui, context, filter_input);
                        });
                    }
                });
            });
        });
}

/// Three threads through a shuttle, and the name.
fn word_mark_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    let (rect, _) = ui.allocate_exact_size(vec2(20.0, 20.0), egui::Sense::hover());
    for (row, start, end) in [(0, 0.0, 0.75), (1, 0.2, 1.0), (2, 0.05, 0.6)] {
        let y = rect.top() + 4.0 + 6.0 * row as f32;
        let (left, right) = (
            rect.left() + rect.width() * start,
            rect.left() + rect.width() * end,
        );
        let stroke = Stroke::new(2.5, context.theme.stream(row));
        ui.painter()
            .line_segment([pos2(left, y), pos2(right, y)], stroke);
        let knot = pos2(rect.left() + rect.width() * (0.35 + 0.15 * row as f32), y);
        let diamond = [(0.0, -3.5), (3.5, 0.0), (0.0, 3.5), (-3.5, 0.0)]
            .map(|(x, y)| knot + vec2(x, y))
            .to_vec();
        let colour = context.theme.stream(row);
        ui.painter()
            .add(Shape::convex_polygon(diamond, colour, Stroke::NONE));
    }
    ui.label(
        RichText::new("wireloom")
            .size(16.0)
            .strong()
            .color(context.theme.text),
    );
}

fn open_ui(ui: &mut Ui, context: &ViewContext<'_>, settings: &Settings, open: bool) {
    let (response, _) = MenuButton::new("Open…").ui(ui, |ui| {
        ui.set_min_width(300.0);
        long_menu_ui(ui, |ui| open_menu_ui(ui, context, settings, open));
    });
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Open"));
    response.on_hover_text("Open a file, one opened lately, or a capture of the tour");
}

fn open_menu_ui(ui: &mut Ui, context: &ViewContext<'_>, settings: &Settings, open: bool) {
    let weak = |text: &str| RichText::new(text).small().color(context.theme.text_weak);
    let choose = egui::Button::new("Open a file…")
        .shortcut_text(key_of(&Command::ChooseFile).unwrap_or_default());
    if ui.add(choose).clicked() {
        context.send(Command::ChooseFile);
        ui.close();
    }
    let listen = ui.button("Listen to live traffic…");
    let hint = "Record what passes a network interface, and see it as it comes";
    if listen.on_hover_text(hint).clicked() {
        context.send(Command::Listen(listening::Command::Choose));
        ui.close();
    }
    if open
        && ui
            .button("Close")
            .on_hover_text("Back to the start page")
            .clicked()
    {
        context.send(Command::Close);
        ui.close();
    }
    if !settings.recent.is_empty() {
        ui.separator();
        ui.label(weak("Opened lately"));
        for path in &settings.recent {
            let name = path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy();
            let item = ui.button(name.as_ref());
            if item.on_hover_text(path.display().to_string()).clicked() {
                context.send(Command::Open(path.clone()));
                ui.close();
            }
        }
        if ui.button(weak("Forget these")).clicked() {
            context.send(Command::ForgetRecent);
            ui.close();
        }
    }
    ui.separator();
    schemas_menu_ui(ui, context, settings);
    ui.separator();
    ui.label(weak("The tour: captures that come with Wireloom"));
    for (index, stop) in tour::STOPS.iter().enumerate() {
        if ui.button(stop.title).on_hover_text(stop.look_for).clicked() {
            context.send(Command::OpenTour(index));
            ui.close();
        }
    }
}

/// Schemas that name the fields of protobuf messages.
fn schemas_menu_ui(ui: &mut Ui, context: &ViewContext<'_>, settings: &Settings) {
    let weak = |text: &str| RichText::new(text).small().color(context.theme.text_weak);
    let send = |command| context.send(Command::Grpc(command));
    ui.label(weak("Schemas: names for the fields of protobuf messages"));
    let files = ui.button("Add .proto files or descriptor sets…");
    let hint = "What they import is looked for beside and above them";
    if files.on_hover_text(hint).clicked() {
        send(grpc::Command::ChooseSchemas);
        ui.close();
    }
    let folder = ui.button("Add a folder of .proto files…");
    if folder
        .on_hover_text("All schemas in it and below")
        .clicked()
    {
        send(grpc::Command::ChooseSchemaFolder);
        ui.close();
    }
    let other = ui.button("Compare with another version of the schemas…");
    let hint = "What old and new programs read in the same bytes: see Versions in the Message view";
    if other.on_hover_text(hint).clicked() {
        send(grpc::Command::ChooseOtherVersion);
        ui.close();
    }
    let sandbox = ui.button("Protobuf sandbox");
    let hint = "Type a schema and values and see the bytes, or paste bytes and see the fields";
    if sandbox.on_hover_text(hint).clicked() {
        send(grpc::Command::Sandbox);
        ui.close();
    }
    for path in &settings.schemas {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let item = ui.button(format!("Forget {}", name.to_string_lossy()));
        let hint = format!("No longer use {}", path.display());
        if item.on_hover_text(hint).clicked() {
            send(grpc::Command::ForgetSchema(path.clone()));
            ui.close();
        }
    }
    let state = &context.grpc.schemas;
    if let Some(reflection) = state.reflection() {
        ui.label(weak(&reflection));
    }
    if let Some(problem) = state.problem() {
        let words = RichText::new(problem).small().color(context.theme.warning);
        ui.add(egui::Label::new(words).truncate())
            .on_hover_text(state.problems.join("\n"));
    }
}

/// Which views are open, and how the panes are arranged.
fn view_ui(ui: &mut Ui, context: &ViewContext<'_>, workspace: &Workspace) {
    let (response, _) = MenuButton::new("View").ui(ui, |ui| {
        ui.set_min_width(250.0);
        long_menu_ui(ui, |ui| view_menu_ui(ui, context, workspace));
    });
    response.on_hover_text("Open and close panes, or arrange them all");
}

/// A menu that may be higher than a small screen: its rows are low, and it can be scrolled.
fn long_menu_ui(ui: &mut Ui, rows_ui: impl FnOnce(&mut Ui)) {
    // A menu is given the height of a small area at first; all of it is to be seen at once.
    let height = ui.ctx().content_rect().height() - 90.0;
    let rows = ScrollArea::vertical()
        .max_height(height)
        .min_scrolled_height(height);
    // A bar that is always seen: that there is more has to be told.
    ui.spacing_mut().scroll = egui::style::ScrollStyle::solid();
    rows.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.spacing_mut().button_padding.y = 2.0;
        ui.spacing_mut().interact_size.y = 22.0;
        rows_ui(ui);
    });
}

fn view_menu_ui(ui: &mut Ui, context: &ViewContext<'_>, workspace: &Workspace) {
    let weak = |text: &str| RichText::new(text).small().color(context.theme.text_weak);
    let send = |command| context.send(Command::Workspace(command));
    ui.label(weak("Panes: a click opens one, or brings it to the front"));
    for view in ViewId::all() {
        let (open, front) = workspace.is_open(view);
        let state = match (open, front) {
            (true, true) => "shown",
            (true, false) => "behind",
            (false, _) => "",
        };
        let item = egui::Button::selectable(front, view.title()).shortcut_text(weak(state));
        let item = ui.add(item);
        item.widget_info(|| WidgetInfo {
            current_text_value: Some(state.to_owned()),
            ..WidgetInfo::selected(Role::MenuItem, true, front, view.title())
        });
        if item.on_hover_text(view.entry().help).clicked() {
            send(workspace::Command::Show(view));
            ui.close();
        }
    }
    ui.separator();
    let present = egui::Button::new("Present: one view, large")
        .shortcut_text(key_of(&Command::TogglePresenter).unwrap_or_default());
    if ui
        .add(present)
        .on_hover_text("For a projector: large type, a sentence for each frame, a clicker's keys")
        .clicked()
    {
        context.send(Command::TogglePresenter);
        ui.close();
    }
    ui.separator();
    ui.label(weak("Arranged for a"));
    for preset in Preset::ALL {
        let chosen = workspace.preset() == preset;
        let item = ui.selectable_label(chosen, preset.name());
        if item.on_hover_text(preset.help()).clicked() {
            send(workspace::Command::Arrange(preset));
            ui.close();
        }
    }
    if ui
        .button("Reset layout")
        .on_hover_text("Put the panes back as this arrangement has them")
        .clicked()
    {
        send(workspace::Command::Reset);
        ui.close();
    }
}

fn title_ui(ui: &mut Ui, context: &ViewContext<'_>, document: &Document) {
    let trace = context.trace;
    let text = RichText::new(&document.title).color(context.theme.text);
    let title = ui.add(egui::Label::new(text).truncate());
    let mut about = format!("{} packets", format::count(trace.packets.len() as u64));
    if let Some((first, last)) = trace.time_range_ns {
        about.push_str(&format!(
            " over {}, the first at {}",
            format::duration_ns(last.saturating_sub(first)),
            format::utc(first)
        ));
    }
    title.on_hover_text(about);
}

/// Chooses the connection. There may be many thousands, so only the visible ones are drawn.
fn connections_ui(ui: &mut Ui, context: &ViewContext<'_>, document: &Document) {
    let connections = &context.trace.connections;
    if connections.is_empty() {
        return;
    }
    let shown = match document.connection() {
        Some(connection) => format!(
            "{} · {}",
            connection_title(connection),
            connection_line(connection)
        ),
        None => "No connection".to_owned(),
    };
    // What stands at its right needs room too, the same whatever is typed there: nothing jumps.
    let beside = match document.reading {
        Reading::Going(_) => BESIDE_POINTS + PROGRESS_POINTS,
        _ => BESIDE_POINTS,
    };
    let width = (ui.available_width() - beside).clamp(140.0, 560.0);
    let row_height = ui.spacing().interact_size.y;
    let combo = |ui: &mut Ui| {
        ui.set_max_width(width);
        ComboBox::from_id_salt("connection")
            .selected_text(shown.as_str())
            .truncate()
            .width(width)
            .height(f32::INFINITY)
            .show_ui(ui, |ui| {
                let rows = ScrollArea::vertical()
                    .max_height(420.0)
                    .auto_shrink([false, true]);
                rows.show_rows(ui, row_height, connections.len(), |ui, range| {
                    for connection in connections.range(range) {
                        let text = format!(
                            "{} · {}",
                            connection_title(connection),
                            connection_line(connection)
                        );
                        let current = document.connection == Some(connection.id);
                        let item = egui::Button::selectable(current, text)
                            .wrap_mode(egui::TextWrapMode::Extend)
                            .min_size(vec2(0.0, row_height));
                        if ui.add(item).clicked() {
                            context.send(Command::ShowConnection(connection.id));
                            ui.close();
                        }
                    }
                });
            })
    };
    let combo = ui.scope(combo).inner;
    combo.response.widget_info(|| {
        let name = format!("Connection shown: {shown}");
        WidgetInfo::labeled(Role::ComboBox, true, name)
    });
    combo.response.on_hover_text(format!(
        "{shown}\nThe TCP connection shown: its ends, client first, and what it carries. Click to choose another."
    ));
}

fn progress_ui(ui: &mut Ui, context: &ViewContext<'_>, document: &Document, desk: &Desk) {
    let Reading::Going(loader) = &document.reading else {
        return;
    };
    let progress = loader.progress();
    if let Some(recording) = desk.recording(document.path()) {
        let stop = ui.add_enabled(!recording.is_stopping(), egui::Button::new("Stop"));
        stop.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Stop listening"));
        if stop.on_hover_text("The recording is kept").clicked() {
            context.send(Command::Listen(listening::Command::Stop));
        }
        let text = format!("● live · {}", format::bytes(progress.read_bytes));
        let (interface, place) = (recording.interface(), recording.file().display());
        let place =
            format!("What comes from {interface} is recorded in {place} and read as it comes.");
        ui.label(RichText::new(text).color(context.theme.accent))
            .on_hover_text(place);
        return;
    }
    let stop = ui.button("Cancel");
    if stop
        .on_hover_text("Stop reading; what was read stays")
        .clicked()
    {
        context.send(Command::CancelLoading);
    }
    match progress.share() {
        Some(share) => {
            let text = format!("{:.0} %", share * 100.0);
            ui.add(ProgressBar::new(share).desired_width(110.0).text(text))
                .on_hover_text("How much of the file was read");
        }
        None => {
            let (word, why) = match (loader.is_live(), loader.is_quiet()) {
                (true, _) => (
                    "live",
                    "What another program writes is read as it comes. Cancel ends that.",
                ),
                (false, false) => (
                    "reading",
                    "How much there is cannot be told before its end.",
                ),
                (false, true) => (
                    "does it grow?",
                    "This file was changed a moment ago. If it does not grow within two seconds, it is read as finished.",
                ),
            };
            let text = format!("{word} · {}", format::bytes(progress.read_bytes));
            ui.label(RichText::new(text).color(context.theme.accent))
                .on_hover_text(why);
        }
    }
}

fn switches_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    let help = IconButton {
        icon: Icon::Help,
        label: "Keys",
        hint: &hint("List all keys", &Command::ToggleHelp),
        enabled: true,
        prominent: false,
    };
    let help = help.show(ui, context.theme);
    anchor::mark(ui.ctx(), "keys", help.rect);
    if help.clicked() {
        context.send(Command::ToggleHelp);
    }
    let find = IconButton {
        icon: Icon::Search,
        label: "Find an action",
        hint: &hint(
            "Find any action, view, stream or frame by a few letters",
            &Command::TogglePalette,
        ),
        enabled: true,
        prominent: false,
    };
    if find.show(ui, context.theme).clicked() {
        context.send(Command::TogglePalette);
    }
    let (icon, label) = match context.theme.choice {
        ThemeChoice::Dark => (Icon::Sun, "Light theme"),
        ThemeChoice::Light => (Icon::Moon, "Dark theme"),
    };
    let switch = IconButton {
        icon,
        label,
        hint: &hint(label, &Command::ToggleTheme),
        enabled: true,
        prominent: false,
    };
    if switch.show(ui, context.theme).clicked() {
        context.send(Command::ToggleTheme);
    }
}
