//! What the palette offers: every action, and what there is to choose from in this capture.

use crate::filter::Filter;
use crate::report::text::one_line;
use crate::trace::{Connection, FrameId, PacketId};
use crate::ui::app::actions;
use crate::ui::app::document::{connection_line, connection_title};
use crate::ui::app::keys::key_of;
use crate::ui::settings::Settings;
use crate::ui::transport::Pace;
use crate::ui::transport::stepping::StepUnit;
use crate::ui::views::ViewId;
use crate::ui::workspace::preset::Preset;
use crate::ui::workspace::{self, Workspace};
use crate::ui::{Command, Item, ViewContext, filter_bar, narrate, tour};
use crate::wire::http2::StreamId;

/// Connections and streams that are listed each. Whoever knows the number of another types it.
const MAX_LISTED: usize = 2_000;

/// Something to choose.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// What it is called.
    pub(super) name: String,
    /// What it is, in a few words.
    pub(super) about: String,
    /// Its key.
    pub(super) key: Option<&'static str>,
    /// What is asked for.
    pub(super) command: Command,
}

impl Entry {
    fn new(name: impl Into<String>, about: impl Into<String>, command: Command) -> Self {
        Self {
            name: name.into(),
            about: about.into(),
            key: key_of(&command),
            command,
        }
    }
}

/// Everything that can be listed, in the order in which it is shown to whoever has typed nothing.
pub(super) fn listed(
    context: &ViewContext<'_>,
    settings: &Settings,
    workspace: &Workspace,
    presenting: bool,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for action in actions::all(presenting) {
        let command = (action.command)();
        if command != Command::TogglePalette {
            let mut entry = Entry::new(action.label, "", command);
            entry.key = action.key;
            entries.push(entry);
        }
    }
    views(&mut entries, workspace);
    for pace in Pace::CHOICES {
        let name = format!("Speed: {}", pace.label());
        entries.push(Entry::new(name, pace.help(), Command::SetPace(pace)));
    }
    for unit in StepUnit::ALL {
        let name = format!("Step by {}", unit.name());
        entries.push(Entry::new(name, unit.help(), Command::SetStepUnit(unit)));
    }
    for path in &settings.recent {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = format!("Open {}", name.to_string_lossy());
        let folder = path.parent().map(|folder| folder.display().to_string());
        let command = Command::Open(path.clone());
        entries.push(Entry::new(name, folder.unwrap_or_default(), command));
    }
    for (index, stop) in tour::STOPS.iter().enumerate() {
        let name = format!("Tour: {}", stop.title);
        entries.push(Entry::new(name, stop.look_for, Command::OpenTour(index)));
    }
    for connection in context.trace.connections.iter().take(MAX_LISTED) {
        let command = Command::ShowConnection(connection.id);
        let about = connection_line(connection);
        entries.push(Entry::new(connection_title(connection), about, command));
    }
    if let Some(connection) = context.connection {
        let streams = connection.http2().map_or(&[][..], |http2| http2.streams());
        let ids = streams.iter().take(MAX_LISTED).map(|row| row.id);
        entries.extend(ids.filter_map(|id| stream(connection, id)));
    }
    entries
}

fn views(entries: &mut Vec<Entry>, workspace: &Workspace) {
    use workspace::layout::Side;
    let layout = workspace.layout();
    let open = layout.views();
    for view in ViewId::all() {
        let command = Command::Workspace(workspace::Command::Show(view));
        let name = format!("Show {}", view.title());
        entries.push(Entry::new(name, view.entry().help, command));
    }
    for view in ViewId::all() {
        let title = view.title();
        let mut add = |name: String, about: &str, command| {
            entries.push(Entry::new(name, about, Command::Workspace(command)));
        };
        let explained = "What it is, how to read it, what to try";
        add(
            format!("Explain {title}"),
            explained,
            workspace::Command::Explain(view),
        );
        if open.contains(&view.name()) {
            let beside = "Gives it a pane of its own";
            let (right, below) = (Side::Right, Side::Below);
            add(
                format!("Move {title} to the right"),
                beside,
                workspace::Command::Split(view, right),
            );
            add(
                format!("Move {title} below"),
                beside,
                workspace::Command::Split(view, below),
            );
            add(
                format!("Move {title} to the next tabs"),
                "",
                workspace::Command::MoveOn(view),
            );
            add(
                format!("Close {title}"),
                "",
                workspace::Command::Close(view),
            );
        }
    }
    for preset in Preset::ALL {
        let command = Command::Workspace(workspace::Command::Arrange(preset));
        let name = format!("Arrange for a {}", preset.name());
        entries.push(Entry::new(name, preset.help(), command));
    }
}

/// What the text itself may mean: a number of a frame, a stream, a packet or a connection, and an expression to
/// filter by.
pub(super) fn typed(context: &ViewContext<'_>, query: &str) -> (Vec<Entry>, Vec<Entry>) {
    let query = query.trim();
    let mut first = Vec::new();
    let (word, number) = word_and_number(query);
    if let (Some(number), Some(connection)) = (number, context.connection) {
        let wants = |name: &str| word.is_empty() || name.starts_with(&word);
        if wants("frame") {
            first.extend(frame(context, connection, number));
        }
        if wants("stream") {
            let id = u32::try_from(number).ok().map(StreamId);
            first.extend(id.and_then(|id| stream(connection, id)));
        }
        if wants("packet") {
            first.extend(packet(context, number));
        }
        if wants("connection")
            && let Some(of) = context.trace.connections.get(number)
        {
            let command = Command::ShowConnection(of.id);
            first.push(Entry::new(
                connection_title(of),
                connection_line(of),
                command,
            ));
        }
    }
    let mut last = Vec::new();
    if !query.is_empty() && context.connection.is_some_and(|of| of.http2().is_some()) {
        let command = Command::Filter(filter_bar::Command::Set(query.to_owned()));
        let entry = match Filter::parse(query) {
            Ok(_) => Some(Entry::new(
                format!("Filter by {query}"),
                "Lists only what passes",
                command,
            )),
            Err(_) => None,
        };
        // What has a colon or a comparison was meant as one.
        let meant = query.contains(':') || query.contains("==") || query.contains("contains");
        match meant {
            true => first.splice(0..0, entry).for_each(drop),
            false => last.extend(entry),
        }
    }
    (first, last)
}

/// `stream 3` and `s3` as a word and a number, `41` as a number alone.
fn word_and_number(query: &str) -> (String, Option<usize>) {
    let digits = query.find(|letter: char| letter.is_ascii_digit());
    let (word, number) = query.split_at(digits.unwrap_or(query.len()));
    (word.trim().to_lowercase(), number.trim().parse().ok())
}

fn frame(context: &ViewContext<'_>, connection: &Connection, number: usize) -> Option<Entry> {
    let frames = &connection.http2()?.frames;
    frames.get(number)?;
    let id = FrameId::from_index(number);
    let about = narrate::of_frame(context.trace, connection, id);
    let command = Command::Select(Item::Frame(connection.id, id));
    Some(Entry::new(format!("Frame {number}"), about, command))
}

fn stream(connection: &Connection, id: StreamId) -> Option<Entry> {
    let row = connection.http2()?.stream(id)?;
    let text = |symbol| connection.text_lossy(symbol).into_owned();
    let parts = [row.method, row.path, row.status].into_iter().flatten();
    let about: Vec<String> = parts.map(text).collect();
    let about = match about.is_empty() {
        true => row.state.name().to_owned(),
        false => one_line(&about.join(" "), 90),
    };
    let command = Command::Select(Item::Stream(connection.id, id));
    Some(Entry::new(format!("Stream {id}"), about, command))
}

fn packet(context: &ViewContext<'_>, number: usize) -> Option<Entry> {
    let index = number.checked_sub(1)?;
    context.trace.packets.get(index)?;
    let command = Command::Select(Item::Packet(PacketId::from_index(index)));
    let about = "Its place in the file, as Wireshark counts";
    Some(Entry::new(format!("Packet {number}"), about, command))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    fn names(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn numbers_lead_to_frames_streams_and_packets() {
        let world = World::of_capture("downloads.pcapng");
        world.read(|context| {
            let found = |query: &str| {
                let (first, _) = typed(context, query);
                names(&first).join(", ")
            };
            assert_eq!(found("5"), "Frame 5, Stream 5, Packet 5");
            assert_eq!(found("frame 41"), "Frame 41");
            assert_eq!(found("s3"), "Stream 3");
            assert_eq!(found("stream 4"), "");
            assert_eq!(
                found("0"),
                "Frame 0, Connection 0 · 192.0.2.1:55264 → 192.0.2.2:8080"
            );
            assert_eq!(found("frame 99999999999999999999"), "");
        });
    }

    #[test]
    fn an_expression_is_offered_as_a_filter_first_when_it_looks_like_one() {
        let world = World::of_capture("downloads.pcapng");
        world.read(|context| {
            let (first, last) = typed(context, "type:DATA");
            assert_eq!(names(&first), ["Filter by type:DATA"]);
            assert!(last.is_empty());
            let (first, last) = typed(context, "style");
            assert!(first.is_empty());
            assert_eq!(names(&last), ["Filter by style"]);
            let (first, last) = typed(context, "type:NOTHING");
            assert!(first.is_empty() && last.is_empty());
        });
    }

    #[test]
    fn views_presets_captures_connections_and_streams_are_listed_and_no_two_are_alike() {
        let world = World::of_capture("downloads.pcapng");
        let workspace = Workspace::default();
        let mut settings = Settings::default();
        settings.remember(std::path::Path::new("/captures/mine.pcap"));
        let entries = world.read(|context| listed(context, &settings, &workspace, false));
        let names = names(&entries);
        for name in [
            "Play or pause",
            "Show HPACK",
            "Explain Loom",
            "Arrange for a Teacher",
            "Open mine.pcap",
            "Tour: Server push",
            "Stream 1",
            "Speed: 0.05×",
            "Step by packet",
            "Close Bytes",
        ] {
            assert!(names.contains(&name), "{name}: {names:?}");
        }
        for (index, name) in names.iter().enumerate() {
            assert!(!names[index + 1..].contains(name), "{name}");
        }
    }
}
