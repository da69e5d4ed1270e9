//! The state of a connection as a person reads it.

use super::{EntryReport, PriorityReport, StateReport, UrgencyReport};
use crate::report::connections::PerDirection;
use crate::report::table::{Column, Tabular, write_table};
use crate::report::text;
use crate::wire::counted::counted;
use crate::wire::http2::StreamId;
use std::collections::BTreeMap;
use std::io::{self, Write};

struct EntryLine<'a>(&'a EntryReport);

impl Tabular for EntryLine<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Number("  index"),
        Column::Number("size"),
        Column::Number("by frame"),
        Column::Text("name"),
        Column::Text("value"),
    ];

    fn cells(&self) -> Vec<String> {
        let entry = self.0;
        vec![
            entry.index.to_string(),
            known(entry.size),
            known(entry.inserted_by),
            match (&entry.name, entry.inferred_by, entry.placeholder) {
                (Some(name), None, _) => text::one_line(name, 40),
                (Some(name), Some(reason), _) => format!("{} ({reason})", text::one_line(name, 40)),
                (None, _, placeholder) => format!("? (unseen entry {})", placeholder.unwrap_or(0)),
            },
            text::one_line(&entry.value, 80),
        ]
    }
}

struct StreamLine {
    stream: u32,
    state: String,
    windows: PerDirection<Option<i64>>,
    urgency: Option<UrgencyReport>,
}

impl Tabular for StreamLine {
    const COLUMNS: &'static [Column] = &[
        Column::Number("  stream"),
        Column::Text("state"),
        Column::Number("client may send"),
        Column::Number("server may send"),
        Column::Text("urgency"),
    ];

    fn cells(&self) -> Vec<String> {
        let urgency = self.urgency.map_or_else(String::new, |urgency| {
            let incremental = if urgency.incremental {
                ", incremental"
            } else {
                ""
            };
            format!("{}{incremental}", urgency.urgency)
        });
        vec![
            self.stream.to_string(),
            self.state.clone(),
            known(self.windows.client),
            known(self.windows.server),
            urgency,
        ]
    }
}

fn known(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

impl StateReport {
    /// Prints the state for a person.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        match self.frame {
            Some(frame) => writeln!(
                out,
                "Connection {} after frame {frame} (packet {})",
                self.connection,
                known(self.packet)
            )?,
            None => writeln!(out, "Connection {} before its first frame", self.connection)?,
        }
        let sides = |of: &PerDirection<BTreeMap<String, Option<u32>>>| {
            [("client", of.client.clone()), ("server", of.server.clone())]
        };
        writeln!(out, "\nSettings (announced and acknowledged)")?;
        let proposed = sides(&self.proposed_settings);
        for ((who, in_force), (_, proposed)) in sides(&self.settings).into_iter().zip(proposed) {
            writeln!(out, "  {who}  {}", list(&in_force))?;
            if !proposed.is_empty() {
                writeln!(out, "          not acknowledged yet: {}", list(&proposed))?;
            }
        }
        let windows = &self.windows.connection;
        writeln!(
            out,
            "\nWindow of the connection: the client may send {}, the server {} (\"?\" cannot be known)",
            known(windows.client),
            known(windows.server)
        )?;
        writeln!(out, "\nStreams")?;
        self.write_streams(out)?;
        let kept = match self.closed_streams {
            "keep" => "closed streams are kept",
            _ => "closed streams are removed",
        };
        writeln!(out, "\nPriority tree (RFC 7540; {kept})")?;
        self.write_tree(out)?;
        let tables = [
            ("client", &self.hpack.client),
            ("server", &self.hpack.server),
        ];
        for (who, table) in tables {
            let rest = if table.certain {
                ""
            } else {
                "; older entries may be in it"
            };
            writeln!(
                out,
                "\nHPACK table of the {who}'s blocks: {}, {} of {} bytes{rest}",
                counted(table.entries.len(), "entry"),
                known(table.size),
                known(table.max_size)
            )?;
            if !table.entries.is_empty() {
                write_table(out, table.entries.iter().map(EntryLine))?;
            }
        }
        Ok(())
    }

    fn write_streams(&self, out: &mut impl Write) -> io::Result<()> {
        if self.streams.is_empty() {
            return writeln!(out, "  none is open");
        }
        let lines = self.streams.iter().map(|(&stream, &state)| StreamLine {
            stream,
            state: match self.half_closed_by.get(&stream) {
                Some(side) => format!("{state} by the {}", side.name()),
                None => state.to_owned(),
            },
            windows: self
                .windows
                .streams
                .get(&stream)
                .copied()
                .unwrap_or_default(),
            urgency: self
                .urgency
                .iter()
                .find(|row| row.stream == stream)
                .copied(),
        });
        write_table(out, lines)
    }

    fn write_tree(&self, out: &mut impl Write) -> io::Result<()> {
        let mut children: BTreeMap<u32, Vec<&PriorityReport>> = BTreeMap::new();
        for node in self.priority.iter().rev() {
            children.entry(node.parent).or_default().push(node);
        }
        let root = StreamId::CONNECTION.0;
        if !children.contains_key(&root) {
            return writeln!(out, "  empty");
        }
        // Depth first with an own stack: a tree from a capture may be thousands of levels deep.
        let mut waiting: Vec<(usize, &PriorityReport)> = Vec::new();
        let below = |stream: u32, depth: usize| {
            let nodes = children.get(&stream).into_iter().flatten();
            nodes.map(move |&node| (depth, node))
        };
        waiting.extend(below(root, 1));
        while let Some((depth, node)) = waiting.pop() {
            let indent = "  ".repeat(depth.min(MAX_INDENT));
            writeln!(
                out,
                "{indent}{} weight {} ({})",
                node.stream, node.weight, node.state
            )?;
            waiting.extend(below(node.stream, depth + 1));
        }
        Ok(())
    }
}

/// Levels of the priority tree that are indented; deeper ones stay at that column.
const MAX_INDENT: usize = 30;

fn list(settings: &BTreeMap<String, Option<u32>>) -> String {
    if settings.is_empty() {
        return "none".to_owned();
    }
    let words: Vec<String> = settings
        .iter()
        .map(|(name, value)| format!("{name} = {}", known(*value)))
        .collect();
    words.join(", ")
}
