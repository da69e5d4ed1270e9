//! What is shown while nothing has been heard yet, and what is said when listening does not work.

use super::Command;
use crate::capture::listen::{ListenError, Listening};
use crate::ui::widgets::format;
use crate::ui::{Command as UiCommand, ViewContext};
use egui::{RichText, Ui};

/// The page while a recording has no connection: what was heard so far, and what to do so that more is heard.
pub fn waiting_ui(ui: &mut Ui, context: &ViewContext<'_>, listening: &Listening) {
    let theme = context.theme;
    ui.add_space(40.0);
    ui.heading(format!("Listening on {}", listening.interface()));
    ui.add_space(6.0);
    let packets = context.trace.packets.len() as u64;
    ui.label(heard(packets));
    ui.add_space(12.0);
    ui.label(RichText::new("Nothing comes?").color(theme.accent));
    for words in advice(listening, packets) {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new("•").color(theme.text_weak));
            ui.add(egui::Label::new(words).wrap());
        });
    }
    ui.add_space(12.0);
    let place = format!("The recording: {}", listening.file().display());
    ui.label(RichText::new(place).color(theme.text_weak));
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        let send = |command| context.send(UiCommand::Listen(command));
        let stop = ui.button("Stop listening");
        if stop.on_hover_text("The recording is kept").clicked() {
            send(Command::Stop);
        }
        let elsewhere = ui.button("Listen elsewhere…");
        let hint = "Choose another interface, or record more of what passes";
        if elsewhere.on_hover_text(hint).clicked() {
            send(Command::Choose);
        }
    });
}

fn heard(packets: u64) -> String {
    match packets {
        0 => "No packet has come yet. The picture appears with the first connection.".to_owned(),
        _ => format!(
            "{} so far, but no TCP connection. The picture appears with the first.",
            format::counted(packets, "packet")
        ),
    }
}

/// What may be the reason that nothing comes, likeliest first.
fn advice(listening: &Listening, packets: u64) -> Vec<String> {
    let mut advice = vec![
        "Let programs talk HTTP/2 or gRPC now. Connections are understood best from their beginning: restart a client that \
         is connected already. For a try: curl --http2-prior-knowledge http://127.0.0.1:8080/ where a server listens."
            .to_owned(),
    ];
    if let Some(filter) = listening.filter() {
        advice.push(format!(
            "Only what passes the capture filter {filter} is recorded. Is it the right port?"
        ));
    }
    if packets == 0 {
        let interface = listening.interface();
        advice.push(match interface.as_str() {
            "lo" | "lo0" => format!(
                "{interface} carries only what this machine says to itself. Traffic with other machines passes another \
                 interface; containers have interfaces of their own."
            ),
            _ => format!(
                "What this machine says to itself passes the loopback interface (lo), not {interface}."
            ),
        });
    }
    advice
}

/// Why listening does not work, and the line that helps, where there is one.
pub fn trouble_ui(ui: &mut Ui, context: &ViewContext<'_>, error: &ListenError) {
    // Nobody is to take a full stop for a part of the command.
    let end = error.remedy().map_or(".", |_| "");
    let words = RichText::new(format!("! {error}{end}")).color(context.theme.error);
    ui.add(egui::Label::new(words).wrap());
    if let Some(line) = error.remedy() {
        let copy = ui.button("Copy the command");
        if copy.on_hover_text(line.as_str()).clicked() {
            ui.ctx().copy_text(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_is_counted() {
        assert!(heard(0).starts_with("No packet has come yet."));
        assert!(heard(1).starts_with("1 packet so far, but no TCP connection."));
        assert!(heard(1200).contains("packets so far"));
    }
}
