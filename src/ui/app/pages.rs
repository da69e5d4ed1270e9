//! What is shown when there are no panes to show: the start page, a file being read, one that
//! cannot be read, and one without any connection. Each says what to do next.

use super::Notice;
use super::document::{Document, Reading};
use crate::trace::Trace;
use crate::ui::grpc;
use crate::ui::listening::{self, Desk};
use crate::ui::settings::Settings;
use crate::ui::tour;
use crate::ui::views::{ViewId, Views};
use crate::ui::widgets::format;
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::{Command, ViewContext};
use egui::{
    Align, Align2, Button, CentralPanel, Color32, FontId, Frame, Id, Label, LayerId, Layout,
    Margin, Order, Panel, ProgressBar, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo,
    vec2,
};

/// How wide a page's text is at most: lines of about ninety letters.
const PAGE_WIDTH: f32 = 760.0;

/// Shows the page that fits.
pub(super) fn page_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    (document, desk): (Option<&Document>, &Desk),
    settings: &Settings,
) {
    let frame = Frame::new()
        .fill(context.theme.background)
        .inner_margin(Margin::same(24));
    CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                let width = ui.available_width().min(PAGE_WIDTH);
                let left = ((ui.available_width() - width) / 2.0).max(0.0);
                ui.horizontal_top(|ui| {
                    ui.add_space(left);
                    ui.vertical(|ui| {
                        ui.set_width(width);
                        match document {
                            None => start_ui(ui, context, settings),
                            Some(document) => document_ui(ui, context, (document, desk), settings),
                        }
                    });
                });
            });
    });
}

/// The sandbox in place of the start page.
pub(super) fn sandbox_page_ui(ui: &mut Ui, context: &ViewContext<'_>, views: &mut Views) {
    let frame = Frame::new()
        .fill(context.theme.panel)
        .inner_margin(Margin::same(16));
    CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            let back = ui.button("Back to the start page");
            if back.clicked() {
                context.send(Command::Grpc(grpc::Command::Sandbox));
            }
            ui.heading("Protobuf, byte by byte");
        });
        ui.add_space(8.0);
        if let Some(view) = ViewId::from_name("sandbox") {
            views.view_ui(view, ui, context);
        }
    });
}

fn document_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    (document, desk): (&Document, &Desk),
    settings: &Settings,
) {
    match &document.reading {
        Reading::Failed(error) => failed_ui(ui, context, &error.to_string(), settings),
        Reading::Going(_) => match desk.recording(document.path()) {
            Some(recording) => listening::waiting_ui(ui, context, recording),
            None => loading_ui(ui, context, document),
        },
        Reading::Done | Reading::Cancelled(_) => no_connection_ui(ui, context, document),
    }
}

fn start_ui(ui: &mut Ui, context: &ViewContext<'_>, settings: &Settings) {
    let theme = context.theme;
    ui.add_space(18.0);
    ui.heading("See how HTTP/2 and gRPC really travel");
    ui.add_space(4.0);
    let text = "Open a capture (pcap or pcapng, from tcpdump or Wireshark), or drop one onto this \
                window.";
    ui.label(RichText::new(text).color(theme.text_weak));
    ui.add_space(10.0);
    open_button_ui(ui, context);
    if !settings.recent.is_empty() {
        section_ui(ui, context, "Opened lately");
        for path in settings.recent.iter().take(5) {
            let name = path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy();
            let folder = path.parent().map(|folder| folder.display().to_string());
            let row = row_ui(ui, context, &name, folder.as_deref().unwrap_or_default());
            if row {
                context.send(Command::Open(path.clone()));
            }
        }
    }
    section_ui(ui, context, "Without a capture");
    let about =
        "The textbooks' example bit by bit: paste bytes and see fields, type values and see bytes.";
    if row_ui(ui, context, "Try protobuf out", about) {
        context.send(Command::Grpc(grpc::Command::Sandbox));
    }
    tour_ui(ui, context);
}

fn tour_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    section_ui(
        ui,
        context,
        "New here? Take the tour: small captures of real programs",
    );
    // Two columns where lines stay long enough to be read.
    let columns = if ui.available_width() > 600.0 { 2 } else { 1 };
    ui.columns(columns, |uis| {
        for (index, stop) in tour::STOPS.iter().enumerate() {
            if let Some(ui) = uis.get_mut(index % columns)
                && row_ui(ui, context, stop.title, stop.look_for)
            {
                context.send(Command::OpenTour(index));
            }
        }
    });
}

fn section_ui(ui: &mut Ui, context: &ViewContext<'_>, title: &str) {
    ui.add_space(16.0);
    ui.label(RichText::new(title).color(context.theme.accent));
    ui.add_space(2.0);
}

fn open_button_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    let theme = context.theme;
    let button = Button::new("Open a capture…")
        .fill(theme.selection)
        .stroke(Stroke::new(1.0, theme.accent))
        .min_size(vec2(150.0, 32.0));
    let listen = Button::new("Listen to live traffic…").min_size(vec2(150.0, 32.0));
    ui.horizontal(|ui| {
        let hint = super::keys::hint("Choose a file", &Command::ChooseFile);
        if ui.add(button).on_hover_text(hint).clicked() {
            context.send(Command::ChooseFile);
        }
        let hint = "Record what passes a network interface, and see it as it comes";
        if ui.add(listen).on_hover_text(hint).clicked() {
            context.send(Command::Listen(listening::Command::Choose));
        }
    });
}

/// A line one can click: a name and what it is. Answers whether it was clicked.
fn row_ui(ui: &mut Ui, context: &ViewContext<'_>, name: &str, about: &str) -> bool {
    let theme = context.theme;
    let width = ui.available_width();
    let about_font = FontId::proportional(crate::ui::theme::text_size::SMALL);
    let name_font = FontId::proportional(crate::ui::theme::text_size::BODY);
    let inner = width - 24.0;
    let name_galley = ui
        .painter()
        .layout(name.to_owned(), name_font, theme.text, inner);
    let about_galley = ui
        .painter()
        .layout(about.to_owned(), about_font, theme.text_weak, inner);
    let height = name_galley.size().y + about_galley.size().y + 14.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(about.to_owned()),
        ..WidgetInfo::labeled(Role::Button, true, name)
    });
    let (fill, line) = if response.hovered() || response.has_focus() {
        (theme.hover, theme.accent)
    } else {
        (theme.panel, theme.line)
    };
    let painter = ui.painter();
    painter.rect(
        rect,
        6.0,
        fill,
        Stroke::new(1.0, line),
        egui::StrokeKind::Inside,
    );
    let at = rect.left_top() + vec2(12.0, 6.0);
    let below = at + vec2(0.0, name_galley.size().y + 2.0);
    painter.galley(at, name_galley, theme.text);
    painter.galley(below, about_galley, theme.text_weak);
    response.clicked()
}

fn loading_ui(ui: &mut Ui, context: &ViewContext<'_>, document: &Document) {
    let theme = context.theme;
    ui.add_space(60.0);
    ui.heading(format!("Reading {}", document.title));
    ui.add_space(8.0);
    let progress = document.progress().unwrap_or_default();
    let packets = format::count(context.trace.packets.len() as u64);
    match progress.share() {
        Some(share) => {
            let text = format!("{:.0} %", share * 100.0);
            ui.add(ProgressBar::new(share).text(text));
            let text = format!(
                "{packets} packets, {} of {}. The picture appears with the first TCP connection.",
                format::bytes(progress.read_bytes),
                format::bytes(progress.total_bytes.unwrap_or_default()),
            );
            ui.label(RichText::new(text).color(theme.text_weak));
        }
        None => {
            let text = match context.trace.packets.is_empty() {
                true => "Waiting for the first packets.".to_owned(),
                false => format!("{packets} packets so far, none of TCP yet."),
            };
            ui.label(RichText::new(text).color(theme.text_weak));
        }
    }
    ui.add_space(10.0);
    if ui
        .button("Cancel")
        .on_hover_text("Stop reading; what was read stays")
        .clicked()
    {
        context.send(Command::CancelLoading);
    }
}

fn failed_ui(ui: &mut Ui, context: &ViewContext<'_>, sentence: &str, settings: &Settings) {
    let theme = context.theme;
    ui.add_space(18.0);
    ui.heading("This could not be opened");
    ui.add_space(4.0);
    ui.label(RichText::new(sentence).color(theme.error));
    let text = "Open another capture, or take the tour.";
    ui.label(RichText::new(text).color(theme.text_weak));
    ui.add_space(10.0);
    open_button_ui(ui, context);
    if !settings.recent.is_empty() {
        section_ui(ui, context, "Opened lately");
        for path in settings.recent.iter().take(4) {
            let name = path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy();
            if row_ui(ui, context, &name, &path.display().to_string()) {
                context.send(Command::Open(path.clone()));
            }
        }
    }
    tour_ui(ui, context);
}

/// There is no connection at all, and what that may be due to.
fn no_connection_ui(ui: &mut Ui, context: &ViewContext<'_>, document: &Document) {
    ui.add_space(18.0);
    ui.heading(format!("No TCP connection in {}", document.title));
    ui.add_space(4.0);
    ui.label(nothing_found(context.trace));
    ui.add_space(16.0);
    open_button_ui(ui, context);
    tour_ui(ui, context);
}

fn nothing_found(trace: &Trace) -> &'static str {
    if trace.packets.is_empty() {
        "The capture holds no packets. Record again while the traffic is flowing."
    } else {
        "The capture holds packets, but no TCP connection. Check the filter it was recorded with."
    }
}

/// A line below the top bar that says what has happened.
pub(super) fn notice_ui(ui: &mut Ui, context: &ViewContext<'_>, notice: &Notice) {
    let frame = Frame::new()
        .fill(context.theme.selection)
        .inner_margin(Margin::symmetric(12, 5));
    Panel::top("notice").frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = IconButton {
                icon: Icon::Close,
                label: "Dismiss",
                hint: "Take this line away",
                enabled: true,
                prominent: false,
            };
            if close.show(ui, context.theme).clicked() {
                context.send(Command::DismissNotice);
            }
            if let Some((label, command)) = &notice.button
                && ui.button(label).clicked()
            {
                context.send(command.clone());
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(&notice.text).truncate());
            });
        });
    });
}

/// While a file hangs over the window: what happens when it is let go.
pub(super) fn drop_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    if ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let theme = context.theme;
    let layer = LayerId::new(Order::Foreground, Id::unique("drop"));
    let painter = ui.ctx().layer_painter(layer);
    let rect = ui.ctx().content_rect();
    let veil = Color32::from_rgba_unmultiplied(
        theme.background.r(),
        theme.background.g(),
        theme.background.b(),
        220,
    );
    painter.rect_filled(rect, 0.0, veil);
    let edge = Stroke::new(2.0, theme.accent);
    painter.rect_stroke(rect.shrink(16.0), 10.0, edge, egui::StrokeKind::Inside);
    let font = FontId::proportional(24.0);
    let schema = ui.input(|input| {
        let path = input
            .raw
            .hovered_files
            .first()
            .and_then(|file| file.path.clone());
        path.is_some_and(|path| crate::ui::grpc::sources::is_schema(&path))
    });
    let text = match schema {
        true => "Let go to use these schemas",
        false => "Let go to open this capture",
    };
    painter.text(rect.center(), Align2::CENTER_CENTER, text, font, theme.text);
}
