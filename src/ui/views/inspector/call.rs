//! The tab of a gRPC call: what was asked, how much of its time is left, how it ended, what that means and what to do,
//! details of an error, and metadata.

use super::section::{Entry, Section};
use crate::analysis::grpc::{self, Call, MetadataField, StatusDetails};
use crate::trace::{Carrier, Connection, Direction, FrameId, FrameRow, Moment, Read};
use crate::ui::grpc::{CallRow, Instant, Standing};
use crate::ui::views::calls::{model, words};
use crate::ui::widgets::{format, grpc_status};
use crate::ui::{Item, ViewContext};
use crate::wire::grpc::GrpcStatus;
use crate::wire::grpc::status::explanation;
use std::rc::Rc;

/// Details of an error and metadata that are read: an error has a handful.
const MAX_DETAILS: usize = 50;

/// Characters of one value.
const VALUE_CHARS: usize = 2000;

/// The call on a stream or in an exchange, when it carries one.
pub(super) fn of_carrier<'a>(
    context: &ViewContext<'a>,
    connection: &Connection,
    carrier: Carrier,
) -> Option<&'a CallRow> {
    context.grpc.calls.get(grpc::CallId {
        connection: connection.id,
        carrier,
    })
}

/// `UserService/GetUser · unary`.
pub(super) fn heading(context: &ViewContext<'_>, row: &CallRow) -> String {
    format!(
        "{} · {}",
        row.short_name(),
        model::kind(context.grpc, row).0
    )
}

/// All rows of the tab.
pub(super) fn sections(
    context: &ViewContext<'_>,
    connection: &Connection,
    row: &CallRow,
) -> Vec<Section> {
    let mut instant = Instant::new(context.trace, context.cursor);
    let standing = instant.standing(row);
    let mut about = vec![
        Entry::new("service", row.service()),
        Entry::new("method", row.method()),
        Entry::new("kind", model::kind(context.grpc, row).0).hover(
            "How many messages each side may send: a schema tells, else what was seen.",
            "",
        ),
        Entry::new("transport", row.transport.name()),
    ];
    if row.inferred {
        about.push(Entry::new(
            "known by",
            "its messages or its status: no header said it",
        ));
    }
    about.push(
        Entry::new("began with", row.first.to_string()).item(model::item_at(
            context.trace,
            row.id,
            Direction::Client,
            row.first,
        )),
    );
    if let Some(parent) = row.links.parent {
        let words = format!(
            "{}, known by {}",
            words::place_words(parent.id),
            parent.known_by.name()
        );
        about.push(
            Entry::new("made for", words)
                .hover(
                    "The call that the server was serving when it made this one.",
                    "",
                )
                .item(model::item(parent.id)),
        );
        if let Some(left) = parent.left_ns {
            about.push(
                Entry::new("caller had left", format::duration_ns(left))
                    .hover("What was left of that call's time when this one began: a deadline should be handed on.", ""),
            );
            about.extend(words::allowed(row).map(|allowed| Entry::new("may take", allowed)));
        }
    }
    if let Some(retry) = row.links.retry_of {
        let words = format!(
            "{}, known by {}",
            words::place_words(retry.id),
            retry.known_by.name()
        );
        let item = model::item(retry.id);
        about.push(Entry::new("tries again", words).item(item));
    }
    if let Some(position) = context.grpc.calls.position(row.id) {
        for child in context
            .grpc
            .calls
            .children(position)
            .iter()
            .take(MAX_DETAILS)
        {
            let Some(child) = context.grpc.calls.rows().get(*child) else {
                continue;
            };
            let words = format!("{} ({})", child.short_name(), words::place(child.id));
            let item = model::item(child.id);
            about.push(Entry::new("made in turn", words).item(item));
        }
    }
    let mut all = vec![
        Section::new("call", about),
        Section::new("at the cursor", at_cursor(row, standing)),
    ];
    // What has not happened at the cursor yet is not told before.
    if standing == Standing::Ended {
        all.push(Section::new("how it ended", ending(context, row)));
        if let Some(status) = row.status_seen() {
            all.push(Section::new("what that means", meaning(status)));
        }
    }
    if let Some(open) = context.grpc.open(context.trace, connection, row.id.carrier) {
        all.extend(said(context, &open.call, standing));
        all.push(messages(connection, &open));
    }
    all
}

/// How it stands: running, with what is left of its time.
fn at_cursor(row: &CallRow, standing: Standing) -> Vec<Entry> {
    let mut entries = vec![Entry::new("stands", words::status(row, standing))];
    match standing {
        Standing::Running { for_ns, .. } => {
            entries.push(Entry::new("running for", format::duration_ns(for_ns)));
        }
        Standing::Ended => {
            let took = row.duration_ns().map(format::duration_ns);
            entries.extend(took.map(|took| Entry::new("took", took)));
        }
        Standing::NotYet => {}
    }
    if let Some(timeout) = row.timeout_ns {
        entries.push(deadline_entry(timeout));
        if let Some(left) = words::left(row, standing) {
            entries.push(Entry::new("time left", left));
        }
    }
    entries
}

fn deadline_entry(timeout_ns: i64) -> Entry {
    let mut entry = Entry::new("Deadline", format::duration_ns(timeout_ns));
    entry.name = "deadline".to_owned();
    entry
}

fn ending(context: &ViewContext<'_>, row: &CallRow) -> Vec<Entry> {
    let mut entries = Vec::new();
    match (row.status, row.implied_status) {
        (Some(status), None) => entries.push(Entry::new("status", grpc_status::title(status))),
        (Some(status), Some(implied)) => entries.push(
            Entry::new(
                "status",
                format!(
                    "{} came too late; the caller reports {}",
                    grpc_status::title(status),
                    grpc_status::title(implied)
                ),
            )
            .hover(
                "The caller had given the call up already: what was still under way changes nothing for it.",
                "gRPC over HTTP/2, Errors",
            ),
        ),
        (None, Some(implied)) => entries.push(
            Entry::new(
                "status",
                format!(
                    "none came; the caller reports {}",
                    grpc_status::title(implied)
                ),
            )
            .hover(
                "What libraries report when a call ends without grpc-status.",
                "gRPC over HTTP/2, Errors",
            ),
        ),
        (None, None) => entries.push(Entry::new("status", "none came")),
    }
    entries.push(Entry::new("ended by", row.ended_by.name()));
    if let Some(by) = row.cancelled {
        let late = if by.deadline_passed {
            ", its time was over"
        } else {
            ""
        };
        let words = format!("by the {}, {}{late}", by.by.name(), by.error);
        entries.push(Entry::new("given up", words));
    }
    if let (Some(timeout), Some(took)) = (row.timeout_ns, row.duration_ns()) {
        let left = timeout.saturating_sub(took);
        let words = match left {
            ..0 => format!("{} too late", format::duration_ns(left.saturating_neg())),
            _ => format!("{} were left", format::duration_ns(left)),
        };
        entries.push(Entry::new("of its time", words));
    }
    if let Some(other) = row.other_deadline {
        entries.push(Entry::new("another deadline", other.sentence()));
    }
    if let Some(from) = row.links.failed_after {
        let words = format!(
            "{}, known by {}",
            words::place_words(from.id),
            from.known_by.name()
        );
        entries.push(
            Entry::new("failed after", words)
                .hover(
                    "A call that was made while serving this one and failed right before it did: the failure \
                     likely comes from there.",
                    "",
                )
                .item(model::item(from.id)),
        );
    }
    if let Some(end) = row.end {
        let item = model::item_at(context.trace, row.id, Direction::Server, end);
        entries.push(Entry::new("ended in", end.to_string()).item(item));
    }
    entries
}

/// Meaning, likeness and advice.
fn meaning(status: GrpcStatus) -> Vec<Entry> {
    let Some(explained) = explanation(status) else {
        return vec![Entry::new("meaning", grpc_status::title(status))];
    };
    vec![
        Entry::new("meaning", explained.meaning.as_str()),
        Entry::new("most like HTTP", grpc_status::http_words(explained)),
        Entry::new("what to do", explained.what_to_do.as_str()),
        Entry::new("trying again", grpc_status::retry_words(explained)),
    ]
}

/// Message, details and metadata.
fn said(context: &ViewContext<'_>, call: &Call, standing: Standing) -> Vec<Section> {
    let mut all = Vec::new();
    if standing == Standing::Ended {
        let message = call.status_message.as_deref();
        let message = message.map(String::from_utf8_lossy);
        if let Some(message) = message.filter(|message| !message.is_empty()) {
            let mut section = Section::new("what the server says (grpc-message)", Vec::new());
            section.preview = Some(crate::report::text::one_line(&message, VALUE_CHARS));
            all.push(section);
        }
        if let Some(bytes) = call.status_details.as_deref() {
            let details = grpc::status_details(bytes, Some(context.grpc.reader.schema()));
            all.push(details_section(&details));
        }
    }
    let lists = [
        ("metadata of the request", &call.request_metadata),
        ("metadata of the response", &call.initial_metadata),
        ("metadata of the trailers", &call.trailing_metadata),
    ];
    for (title, list) in lists {
        let entries = list.iter().take(MAX_DETAILS).map(metadata_entry).collect();
        all.push(Section::new(title, entries));
    }
    all
}

/// `grpc-status-details-bin` as a tree.
fn details_section(status: &StatusDetails) -> Section {
    let mut entries = vec![
        Entry::new("code", status.code.to_string()),
        Entry::new("message", status.message.as_str()),
    ];
    for (number, detail) in status.details.iter().take(MAX_DETAILS).enumerate() {
        let type_name = detail.type_url.rsplit('/').next().unwrap_or_default();
        entries.push(Entry::new(&format!("detail {}", number + 1), type_name));
        match &detail.json {
            Some(json) => branch("", json, 1, &mut entries),
            None => entries.push(Entry::new("  bytes", format::hex(&detail.bytes, 64))),
        }
    }
    Section::new("details (grpc-status-details-bin)", entries)
}

/// How deep a detail is followed, and rows it may take.
const MAX_DEPTH: usize = 8;
const MAX_BRANCHES: usize = 400;

/// A value of JSON as rows, set in by how deep they lie.
fn branch(name: &str, value: &serde_json::Value, depth: usize, into: &mut Vec<Entry>) {
    use serde_json::Value;
    if depth > MAX_DEPTH || into.len() > MAX_BRANCHES {
        return;
    }
    let indented = format!("{}{name}", "  ".repeat(depth));
    match value {
        Value::Object(fields) => {
            if !name.is_empty() {
                into.push(Entry::new(&indented, ""));
            }
            let depth = depth + usize::from(!name.is_empty());
            for (name, value) in fields {
                branch(name, value, depth, into);
            }
        }
        Value::Array(elements) => {
            for (number, value) in elements.iter().enumerate() {
                branch(&format!("{name} {}", number + 1), value, depth, into);
            }
        }
        Value::String(text) => {
            let words = crate::report::text::one_line(text, VALUE_CHARS);
            into.push(Entry::new(&indented, words));
        }
        value => into.push(Entry::new(&indented, value.to_string())),
    }
}

fn metadata_entry(field: &MetadataField) -> Entry {
    let name = String::from_utf8_lossy(&field.name);
    let value = match (&field.binary, &field.value) {
        (Some(Ok(bytes)), _) => format!(
            "{} = {}",
            format::exact_bytes(bytes.len() as u64),
            format::hex(bytes, 64)
        ),
        (_, Some(value)) => {
            crate::report::text::one_line(&String::from_utf8_lossy(value), VALUE_CHARS)
        }
        (_, None) => "not known".to_owned(),
    };
    Entry::new(&name, value)
}

/// The messages of the call, each leading to its first frame.
fn messages(connection: &Connection, open: &Rc<crate::ui::grpc::OpenCall>) -> Section {
    let list = open.messages.list.iter().take(MAX_DETAILS);
    let entries = list.map(|message| {
        let name = format!("{} {}", message.direction.name(), message.number);
        let size = format::exact_bytes(message.span.prefix.length.into());
        let words = match message.first.begun(connection) {
            Some(moment) => format!("{size}, {moment}"),
            None => size,
        };
        Entry::new(&name, words).item(Item::of_unit(connection.id, message.first))
    });
    Section::new("messages", entries.collect())
}

/// What a frame of a call says about it: how much of its time is left right after the frame, and at its end the status.
pub(super) fn of_frame(
    context: &ViewContext<'_>,
    row: &CallRow,
    (id, frame): (FrameId, &FrameRow),
) -> Section {
    let origin = context.trace.time_range_ns.map_or(0, |(first, _)| first);
    let now_ns = context.trace.time_ns(frame.packet).saturating_sub(origin);
    let read = Read {
        frames: id.index().saturating_add(1),
        packets: 0,
    };
    let standing = row.standing(read, now_ns);
    let item = model::item(row.id);
    let mut entries = vec![Entry::new("call", row.short_name()).item(item)];
    if let Some(left) = words::left(row, standing) {
        entries.push(Entry::new("time left", left).hover(
            "Of the time that grpc-timeout allows, counted from the call's first frame to this one.",
            "gRPC over HTTP/2, Requests",
        ));
    }
    if row.end == Some(Moment::Frame(id))
        && let Some(status) = row.status_seen()
    {
        entries.push(Entry::new("status", grpc_status::title(status)));
        entries.extend(meaning(status));
    }
    Section::new("gRPC", entries)
}
