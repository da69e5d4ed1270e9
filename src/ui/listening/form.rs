//! The form that asks where to listen, and for what.

use super::{Command, about, is_loopback, trouble_ui};
use crate::capture::listen::{Helper, InterfaceName, Listed, ListenError, filter_of};
use crate::ui::loader::Waker;
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::{Command as UiCommand, ViewContext};
use egui::{
    Align, Button, Frame, Grid, Id, Key, Layout, Margin, Modal, Modifiers, RadioButton, RichText,
    Role, ScrollArea, Stroke, TextEdit, Ui, WidgetInfo, vec2,
};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// Lines of about ninety letters.
const WIDTH: f32 = 560.0;

/// Room for about eight interfaces; more are scrolled.
const LIST_HEIGHT: f32 = 210.0;

/// What a helper answers that was asked for the interfaces there are.
type Looked = Result<Vec<Listed>, ListenError>;

/// What is chosen so far.
#[derive(Debug)]
pub(super) struct Form {
    interfaces: Interfaces,
    chosen: Option<InterfaceName>,
    typed: String,
    /// Where recordings are kept.
    folder: PathBuf,
    /// Why the last attempt has not worked.
    trouble: Option<ListenError>,
    starting: bool,
}

#[derive(Debug)]
enum Interfaces {
    Asked(Receiver<Looked>),
    Known(Vec<Listed>),
    Unknown(ListenError),
}

/// Asks a helper for the interfaces there are, in a thread: a program has to be started.
pub(super) fn look(helper: Option<PathBuf>, waker: Waker) -> Receiver<Looked> {
    let (sender, answer) = channel();
    let asking = std::thread::Builder::new().name("wireloom interfaces".to_owned());
    // Where no thread can be started the channel is closed, and that is the answer.
    let _ = asking.spawn(move || {
        let looked = Helper::find(helper.as_deref()).and_then(|helper| helper.interfaces());
        let _ = sender.send(looked);
        waker.wake();
    });
    answer
}

impl Form {
    pub(super) fn new(
        looking: Receiver<Looked>,
        last: Option<&str>,
        typed: &str,
        folder: PathBuf,
    ) -> Self {
        Self {
            interfaces: Interfaces::Asked(looking),
            chosen: last.and_then(|name| name.parse().ok()),
            typed: typed.to_owned(),
            folder,
            trouble: None,
            starting: false,
        }
    }

    pub(super) fn look_again(&mut self, looking: Receiver<Looked>) {
        self.interfaces = Interfaces::Asked(looking);
        self.trouble = None;
    }

    pub(super) fn starts(&mut self) {
        self.trouble = None;
        self.starting = true;
    }

    pub(super) fn fails(&mut self, error: ListenError) {
        self.trouble = Some(error);
        self.starting = false;
    }

    /// Takes the helper's answer.
    pub(super) fn follow(&mut self) {
        let Interfaces::Asked(answer) = &self.interfaces else {
            return;
        };
        self.interfaces = match answer.try_recv() {
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => Interfaces::Known(Vec::new()),
            Ok(Err(error)) => Interfaces::Unknown(error),
            Ok(Ok(listed)) => {
                let is_there = |name: &InterfaceName| listed.iter().any(|of| of.name == *name);
                let chosen = self.chosen.take().filter(is_there);
                let first = listed.iter().find(|of| is_loopback(of)).or(listed.first());
                self.chosen = chosen.or_else(|| first.map(|of| of.name.clone()));
                Interfaces::Known(listed)
            }
        };
    }

    fn start(&self) -> Option<Command> {
        let known = matches!(self.interfaces, Interfaces::Known(_));
        let interface = self.chosen.clone().filter(|_| known && !self.starting)?;
        Some(Command::Start {
            interface,
            typed: self.typed.clone(),
        })
    }
}

/// Draws the form over everything, when it is open.
pub fn form_ui(ui: &Ui, context: &ViewContext<'_>, desk: &mut super::Desk) {
    let Some(form) = &mut desk.form else {
        return;
    };
    let send = |command| context.send(UiCommand::Listen(command));
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(16));
    let room = ui.ctx().content_rect().size();
    let modal = Modal::new(Id::unique("listen")).frame(frame);
    let height = room.y - 120.0;
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(WIDTH.min(room.x - 60.0));
        title_ui(ui, context);
        ScrollArea::vertical()
            .max_height(height)
            .min_scrolled_height(height)
            .show(ui, |ui| parts_ui(ui, context, form));
    });
    if response.should_close() {
        send(Command::Dismiss);
    }
}

fn title_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    ui.horizontal(|ui| {
        ui.heading("Listen to live traffic");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = IconButton {
                icon: Icon::Close,
                label: "Close the form",
                hint: "Close (Esc)",
                enabled: true,
                prominent: false,
            };
            if close.show(ui, context.theme).clicked() {
                context.send(UiCommand::Listen(Command::Dismiss));
            }
        });
    });
}

fn parts_ui(ui: &mut Ui, context: &ViewContext<'_>, form: &mut Form) {
    let theme = context.theme;
    let send = |command| context.send(UiCommand::Listen(command));
    let heading = |ui: &mut Ui, words: &str| {
        ui.add_space(10.0);
        ui.label(RichText::new(words).color(theme.accent));
    };
    heading(ui, "Where");
    match &form.interfaces {
        Interfaces::Asked(_) => {
            ui.label(RichText::new("Looking for network interfaces.").color(theme.text_weak));
        }
        Interfaces::Unknown(error) => unknown_ui(ui, context, error),
        Interfaces::Known(listed) if listed.is_empty() => {
            let words = "There is no network interface that this user could listen on.";
            ui.label(RichText::new(words).color(theme.warning));
            if ui.button("Look again").clicked() {
                send(Command::LookAgain);
            }
        }
        Interfaces::Known(listed) => {
            let rows = |ui: &mut Ui| {
                for of in listed {
                    interface_ui(ui, context, of, &mut form.chosen);
                    ui.end_row();
                }
            };
            ScrollArea::vertical()
                .id_salt("interfaces")
                .max_height(LIST_HEIGHT)
                .min_scrolled_height(LIST_HEIGHT)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    Grid::new("interfaces")
                        .num_columns(2)
                        .spacing([12.0, 4.0])
                        .show(ui, rows);
                });
        }
    }
    heading(ui, "What");
    let field = TextEdit::singleline(&mut form.typed)
        .hint_text("everything, or a port (8080), or a capture filter (tcp port 443)")
        .margin(Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("Ports, or a capture filter");
    let meaning = "The language of tcpdump and of Wireshark's capture filters (pcap-filter): host 192.0.2.7, tcp port 443, not \
                   port 22. What does not pass is never recorded.";
    let field = field.on_hover_text(meaning);
    let enter =
        field.lost_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let words = match filter_of(&form.typed) {
        None => "All packets are recorded.".to_owned(),
        Some(filter) => format!("Recorded is what passes the capture filter {filter}."),
    };
    ui.label(RichText::new(words).small().color(theme.text_weak));
    let place = format!("The recording is kept in {}.", form.folder.display());
    ui.label(RichText::new(place).small().color(theme.text_weak));
    if let Some(error) = &form.trouble {
        ui.add_space(8.0);
        trouble_ui(ui, context, error);
    }
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        let start = form.start();
        let words = match form.starting {
            true => "Starting…",
            false => "Listen",
        };
        let button = Button::new(words)
            .fill(theme.selection)
            .stroke(Stroke::new(1.0, theme.accent))
            .min_size(vec2(110.0, 30.0));
        let button = ui.add_enabled(start.is_some(), button);
        let button = button.on_hover_text("Begin a recording and show it as it grows (Enter)");
        if let Some(start) = start
            && (button.clicked() || enter)
        {
            send(start);
        }
        if ui.button("Cancel").on_hover_text("Esc").clicked() {
            send(Command::Dismiss);
        }
    });
}

fn interface_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    of: &Listed,
    chosen: &mut Option<InterfaceName>,
) {
    let is_chosen = chosen.as_ref() == Some(&of.name);
    let about = about(of);
    let radio = ui.add(RadioButton::new(
        is_chosen,
        RichText::new(of.name.as_str()).strong(),
    ));
    radio.widget_info(|| WidgetInfo {
        current_text_value: Some(about.clone()),
        ..WidgetInfo::selected(Role::RadioButton, true, is_chosen, of.name.as_str())
    });
    let words = RichText::new(about.as_str()).color(context.theme.text_weak);
    let words = egui::Label::new(words).truncate().sense(egui::Sense::CLICK);
    let beside = !about.is_empty() && ui.add(words).clicked();
    if radio.clicked() || beside {
        *chosen = Some(of.name.clone());
    }
}

/// It is not known which interfaces there are, and why.
fn unknown_ui(ui: &mut Ui, context: &ViewContext<'_>, error: &ListenError) {
    trouble_ui(ui, context, error);
    if matches!(error, ListenError::NoHelper) {
        let words = "wireloom-capture is a second small program, the only one that listens: it needs libpcap (libpcap-dev on \
                     Debian and Ubuntu, libpcap-devel on Fedora; Npcap and its SDK on Windows) and lies beside wireloom. \
                     `make run` builds both. Another machine's tcpdump -w FILE records as well: open that file here.";
        ui.label(RichText::new(words).color(context.theme.text_weak));
    }
    ui.add_space(4.0);
    if ui.button("Look again").clicked() {
        context.send(UiCommand::Listen(Command::LookAgain));
    }
}
