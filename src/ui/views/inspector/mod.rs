//! The inspector: everything known about what is selected, in tabs.

mod call;
mod connection;
mod exchange;
mod frame;
mod hpack;
mod hpack_ui;
mod noted;
mod section;
mod stream;

use crate::analysis::exchanges::{self, Exchange};
use crate::trace::{
    Carrier, Connection, ExchangeId, FrameId, FrameRow, MessageId, MessageRow, PacketId, StreamRow,
    Trace, Unit,
};
use crate::ui::grpc::CallRow;
use crate::ui::views::View;
use crate::ui::views::bytes::model::FrameCache;
use crate::ui::widgets::copy::{self, Format};
use crate::ui::widgets::findings::ByFrame;
use crate::ui::widgets::terms;
use crate::ui::{Item, ViewContext};
use egui::{RichText, ScrollArea, Ui};

/// A tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// A frame's fields.
    #[default]
    Frame,
    /// A header block and its table.
    Headers,
    /// A gRPC call.
    Call,
    /// A stream.
    Stream,
    /// A message of HTTP/1.1.
    Message,
    /// An exchange of HTTP/1.1.
    Exchange,
    /// A packet.
    Packet,
    /// A connection.
    Connection,
}

impl Tab {
    /// What is written on it.
    pub fn title(self) -> &'static str {
        match self {
            Tab::Frame => "Frame",
            Tab::Headers => "Headers & HPACK",
            Tab::Call => "Call",
            Tab::Stream => "Stream",
            Tab::Message => "Message",
            Tab::Exchange => "Exchange",
            Tab::Packet => "Packet",
            Tab::Connection => "Connection",
        }
    }

    fn hover(self) -> &'static str {
        match self {
            Tab::Frame => "Every field of the selected frame",
            Tab::Headers => "The header fields, how they are written, and the table after them",
            Tab::Call => {
                "The gRPC call: its deadline, how it ended, what that means and what to do"
            }
            Tab::Stream | Tab::Exchange => "The request and its response",
            Tab::Message => "Every field of the selected request or response, and what it means",
            Tab::Packet => "The packet",
            Tab::Connection => "The two ends and what TCP did between them",
        }
    }
}

/// What the inspector remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The tab that was chosen. One that does not apply gives way for the moment and comes back.
    tab: Tab,
    cache: FrameCache,
    checked: hpack::Checked,
    counts: stream::KindCounts,
    all: bool,
    seen: Option<Item>,
    findings: ByFrame,
}

impl State {
    /// A state in which this tab is chosen.
    pub fn with_tab(tab: Tab) -> Self {
        Self {
            tab,
            ..Self::default()
        }
    }
}

impl State {
    /// What was found about an exchange of HTTP/1.1.
    fn findings_of(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        exchange: ExchangeId,
    ) -> section::Section {
        self.findings.follow(trace);
        let found = self.findings.of_exchange(trace, connection.id, exchange);
        section::Section::of_findings(&found)
    }
}

/// What is selected, looked up.
#[derive(Clone, Default)]
struct Subject<'a> {
    connection: Option<&'a Connection>,
    frame: Option<(FrameId, &'a FrameRow)>,
    stream: Option<&'a StreamRow>,
    message: Option<(MessageId, &'a MessageRow)>,
    exchange: Option<Exchange>,
    call: Option<&'a CallRow>,
    packet: Option<PacketId>,
}

impl<'a> Subject<'a> {
    fn of(context: &ViewContext<'a>) -> Self {
        let connection = match context.selection.and_then(Item::connection) {
            Some(id) => context.trace.connection(id),
            None => context.connection,
        };
        let http2 = connection.and_then(Connection::http2);
        let frame = context
            .selection
            .and_then(Item::frame)
            .and_then(|(_, frame)| Some((frame, http2?.frames.get(frame.index())?)));
        let stream = match context.selection {
            Some(Item::Stream(_, stream)) => Some(stream),
            _ => frame.map(|(_, row)| row.stream),
        };
        let packet = match context.selection {
            Some(Item::Packet(packet)) => Some(packet),
            _ => None,
        };
        let owner = packet
            .and_then(|packet| context.trace.packets.get(packet.index())?.owner)
            .and_then(|owner| context.trace.connection(owner.connection));
        let stream = stream.and_then(|stream| http2?.stream(stream));
        let message = match context.selection.and_then(Item::unit) {
            Some((_, Unit::Message(id))) => {
                connection.and_then(|of| Some((id, of.http1()?.message(id)?)))
            }
            _ => None,
        };
        let exchange = connection.and_then(|connection| {
            let carrier = context.selection?.carrier(connection)?;
            exchanges::exchange(connection, carrier.exchange()?)
        });
        let carrier = match (stream, &exchange) {
            (Some(row), _) => Some(Carrier::Stream(row.id)),
            (None, exchange) => exchange.as_ref().map(|exchange| exchange.id.into()),
        };
        Self {
            connection: if packet.is_some() { owner } else { connection },
            frame,
            stream,
            message,
            exchange,
            call: connection
                .zip(carrier)
                .and_then(|(connection, carrier)| call::of_carrier(context, connection, carrier)),
            packet,
        }
    }

    fn tabs(&self) -> Vec<Tab> {
        let mut tabs = Vec::new();
        if let Some((_, row)) = self.frame {
            tabs.push(Tab::Frame);
            if row.block.is_some() || row.starts_block() {
                tabs.push(Tab::Headers);
            }
        }
        if self.packet.is_some() {
            tabs.push(Tab::Packet);
        }
        if self.message.is_some() {
            tabs.push(Tab::Message);
        }
        if self.call.is_some() {
            tabs.push(Tab::Call);
        }
        if self.stream.is_some() {
            tabs.push(Tab::Stream);
        }
        if self.exchange.is_some() {
            tabs.push(Tab::Exchange);
        }
        if self.connection.is_some() {
            tabs.push(Tab::Connection);
        }
        tabs
    }

    /// The tab to show: the one chosen where it applies, else the first.
    fn tab(&self, chosen: Tab) -> Option<Tab> {
        let tabs = self.tabs();
        tabs.iter()
            .copied()
            .find(|tab| *tab == chosen)
            .or(tabs.first().copied())
    }
}

impl View for State {
    fn ui(&mut self, ui: &mut egui::Ui, context: &ViewContext<'_>) {
        inspector_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Draws the inspector into the space that is left.
pub fn inspector_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let subject = Subject::of(context);
    if state.seen.and_then(Item::unit) != context.selection.and_then(Item::unit) {
        state.all = false;
    }
    state.seen = context.selection;
    tabs_ui(ui, context, state, &subject);
    if context.selection.is_none() {
        hint_ui(ui, context);
    }
    let Some(tab) = subject.tab(state.tab) else {
        return;
    };
    ScrollArea::vertical()
        .id_salt(("inspector", tab.title()))
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            // The bar comes over what is there when the pointer is near.
            ui.set_max_width(ui.available_width() - 10.0);
            tab_ui(ui, context, state, &subject, tab);
            ui.add_space(12.0);
        });
}

/// What the inspector says.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let subject = Subject::of(context);
    let mut state = state.clone();
    let Some(tab) = subject.tab(state.tab) else {
        return nothing(context).to_owned();
    };
    let (heading, sections) = content(context, &mut state, &subject, tab);
    let mut lines = vec![tab.title().to_owned(), heading];
    if let (Tab::Headers, Some((id, row)), Some(connection)) =
        (tab, subject.frame, subject.connection)
    {
        let fields = state.cache.get(context.trace, connection, id);
        lines.push(match &fields.block {
            Some(block) => hpack::Block {
                connection,
                row,
                block,
            }
            .text(),
            None => NO_BLOCK.to_owned(),
        });
    }
    lines.push(noted::text(context, &subject, tab));
    lines.push(section::text(&sections));
    if context.selection.is_none() {
        lines.insert(0, nothing(context).to_owned());
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

const NO_BLOCK: &str = "Not all of this header block is in the capture, so it cannot be decoded.";

fn nothing(context: &ViewContext<'_>) -> &'static str {
    match (context.connection, context.loading) {
        (Some(_), _) => {
            "Click a knot on the loom, a row in a list or a finding: everything known about it is said here."
        }
        (None, true) => "Reading the capture.",
        (None, false) => "Open a capture, or drop one here; then click anything in it.",
    }
}

fn hint_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    ui.add_space(6.0);
    ui.label(RichText::new(nothing(context)).color(context.theme.text_weak));
    ui.add_space(6.0);
}

fn tabs_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State, subject: &Subject<'_>) {
    let shown = subject.tab(state.tab);
    // In as many lines as it takes: a row that is too long would push everything below it out of the pane.
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(1.0, 3.0);
        ui.spacing_mut().button_padding.x = 7.0;
        for tab in subject.tabs() {
            let active = shown == Some(tab);
            let colour = if active {
                context.theme.text
            } else {
                context.theme.text_weak
            };
            let button = egui::Button::selectable(active, RichText::new(tab.title()).color(colour));
            let response = ui.add(button).on_hover_text(tab.hover());
            if active {
                let line = response.rect;
                let stroke = egui::Stroke::new(2.0, context.theme.accent);
                ui.painter()
                    .hline(line.x_range(), line.bottom() + 1.0, stroke);
            }
            if response.clicked() {
                state.tab = tab;
            }
        }
    });
    ui.add_space(2.0);
    let y = ui.cursor().top();
    let stroke = egui::Stroke::new(1.0, context.theme.line);
    ui.painter().hline(ui.max_rect().x_range(), y, stroke);
    ui.add_space(4.0);
}

/// Heading and rows of a tab. The header tab draws its own rows.
fn content(
    context: &ViewContext<'_>,
    state: &mut State,
    subject: &Subject<'_>,
    tab: Tab,
) -> (String, Vec<section::Section>) {
    let trace = context.trace;
    match (
        tab,
        subject.connection,
        subject.frame,
        subject.stream,
        subject.packet,
    ) {
        (Tab::Frame, Some(connection), Some((id, row)), _, _) => {
            let fields = state.cache.get(trace, connection, id);
            state.findings.follow(trace);
            let findings: Vec<_> = state.findings.of_frame(trace, connection.id, id).collect();
            let frame = frame::Frame {
                trace,
                connection,
                id,
                row,
                fields,
                findings: &findings,
            };
            let mut sections = frame.sections();
            if let Some(row) = subject.call {
                // What a person looks for first stands first.
                sections.insert(0, call::of_frame(context, row, (id, frame.row)));
            }
            (frame.heading(), sections)
        }
        (Tab::Headers, Some(connection), Some((id, row)), _, _) => {
            let fields = state.cache.get(trace, connection, id);
            state.findings.follow(trace);
            let findings: Vec<_> = state.findings.of_frame(trace, connection.id, id).collect();
            let frame = frame::Frame {
                trace,
                connection,
                id,
                row,
                fields,
                findings: &findings,
            };
            (frame.heading(), Vec::new())
        }
        (Tab::Call, Some(connection), ..) => match subject.call {
            Some(row) => (
                call::heading(context, row),
                call::sections(context, connection, row),
            ),
            None => (String::new(), Vec::new()),
        },
        (Tab::Stream, Some(connection), _, Some(row), _) => {
            let counts = state.counts.update(connection, row);
            let sections = connection.http2().map_or_else(Vec::new, |http2| {
                stream::sections(trace, connection, http2, row, counts)
            });
            (stream::heading(connection, row), sections)
        }
        (Tab::Message, Some(connection), ..) => match subject.message {
            Some((id, row)) => {
                let fields = state.cache.message(trace, connection, id, row);
                let mut sections = exchange::message_sections(connection, (id, row), fields);
                sections.insert(0, state.findings_of(trace, connection, row.exchange));
                (exchange::message_heading(connection, row), sections)
            }
            None => (String::new(), Vec::new()),
        },
        (Tab::Exchange, Some(connection), ..) => match &subject.exchange {
            Some(exchange) => {
                let mut sections = exchange::sections(trace, connection, exchange);
                sections.insert(0, state.findings_of(trace, connection, exchange.id));
                (exchange::heading(connection, exchange), sections)
            }
            None => (String::new(), Vec::new()),
        },
        (Tab::Packet, _, _, _, Some(packet)) => {
            let heading = format!("Packet {}", packet.number());
            (heading, connection::packet_sections(trace, packet))
        }
        (Tab::Connection, Some(connection), _, _, _) => (
            connection::heading(connection),
            connection::sections(trace, connection),
        ),
        _ => (String::new(), Vec::new()),
    }
}

/// Copies what the tab says. A frame's JSON is the row of `wireloom frames --json`.
fn copy_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    subject: &Subject<'_>,
    tab: Tab,
    (heading, sections): (&str, &[section::Section]),
) {
    let of_frame = match (tab, subject.connection, subject.frame) {
        (Tab::Frame | Tab::Headers, Some(connection), Some((id, row))) => {
            Some((connection, id, row))
        }
        _ => None,
    };
    let formats: &[Format] = match of_frame {
        Some(_) => &[Format::Text, Format::Hex, Format::Json],
        None => &[Format::Text, Format::Json],
    };
    copy::menu_ui(
        ui,
        context.theme,
        "what the inspector says",
        formats,
        |format| match (format, of_frame) {
            (Format::Text, _) => {
                let state = State::with_tab(tab);
                Some(text(context, &state))
            }
            (Format::Hex, Some((connection, _, row))) => {
                let bytes = context.trace.frame_bytes_prefix(connection, row);
                Some(crate::ui::widgets::format::hex(&bytes, bytes.len()))
            }
            (Format::Hex, None) => None,
            (Format::Json, Some((connection, id, _))) => {
                let report = crate::report::frames::frame(context.trace, connection, id)?;
                serde_json::to_string(&report).ok()
            }
            (Format::Json, None) => Some(section::json(heading, sections).to_string()),
        },
    );
}

fn tab_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    state: &mut State,
    subject: &Subject<'_>,
    tab: Tab,
) {
    let (heading, sections) = content(context, state, subject, tab);
    ui.horizontal_top(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
            copy_ui(ui, context, subject, tab, (&heading, &sections));
            noted::write_ui(ui, context, subject, tab);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Min), |ui| {
                let heading = RichText::new(&heading).strong().color(context.theme.text);
                ui.add(egui::Label::new(heading).wrap());
            });
        });
    });
    if let (Tab::Frame, Some((_, row))) = (tab, subject.frame) {
        let purpose = terms::with_section(row.kind.meaning(), row.kind.section());
        ui.label(
            RichText::new(purpose.replace('\n', " "))
                .small()
                .color(context.theme.text_weak),
        );
    }
    noted::notes_ui(ui, context, subject, tab);
    if let (Tab::Headers, Some((id, row)), Some(connection)) =
        (tab, subject.frame, subject.connection)
    {
        let fields = state.cache.get(context.trace, connection, id);
        match &fields.block {
            Some(block) => {
                let block = hpack::Block {
                    connection,
                    row,
                    block,
                };
                let check = state.checked.get(context.trace, id, &block);
                hpack_ui::block_ui(ui, context, &block, check, &mut state.all);
            }
            None => {
                ui.label(RichText::new(NO_BLOCK).color(context.theme.warning));
            }
        }
    }
    section::sections_ui(ui, context, &sections, &mut state.all);
}

#[cfg(test)]
mod tests;
