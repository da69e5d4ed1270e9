//! The sentences of the HPACK view, and the view in words.

use super::bits;
use super::model::{Kind, Part, Shown, known, parts};
use super::{State, chosen_part};
use crate::report::text::one_line;
use crate::ui::ViewContext;
use crate::ui::widgets::filtered;
use crate::ui::widgets::format::{count, counted, exact_bytes, percent};
use crate::wire::hpack::table::{ENTRY_OVERHEAD_BYTES, FIRST_DYNAMIC_INDEX};
use crate::wire::hpack::{Limit, Name, Representation, Source, Start};
use std::fmt::Write;

/// Entries and fields that the view in words lists at most.
const MAX_LINES: usize = 200;

/// What the first bits of a representation say.
pub fn pattern_words(representation: Representation) -> &'static str {
    match representation {
        Representation::Indexed => "1 = name and value stand in a table",
        Representation::LiteralIncremental => "01 = text that joins the table",
        Representation::LiteralNotIndexed => "0000 = text that is not added",
        Representation::LiteralNeverIndexed => "0001 = text that may never be added",
    }
}

/// Which block is shown: `block 3 of 7 from the client · frame 12 HEADERS · stream 5`.
pub fn block_words(shown: &Shown<'_>) -> String {
    let sender = shown.direction.name();
    let Some(block) = &shown.block else {
        return format!("the {sender} has sent no header block yet");
    };
    let mut words = format!(
        "block {} of {} from the {sender} · frame {} {} · stream {}",
        count(block.id.index() as u64 + 1),
        count(shown.block_count() as u64),
        block.frame,
        block.row.kind,
        block.row.stream
    );
    if !block.read {
        words.push_str(" · it goes on in a later frame, so the table has not changed yet");
    }
    words
}

/// Entries of a table that are asked whether they pass the filter; of very large tables, the newest.
const MAX_ASKED: u64 = 10_000;

/// What the filter says of the block and of the table's entries; nothing without a filter.
pub fn passing_words(context: &ViewContext<'_>, shown: &Shown<'_>) -> Option<String> {
    context.matches?;
    let first = (shown.table.first).max(shown.table.end.saturating_sub(MAX_ASKED));
    let asked = first..shown.table.end;
    let all = asked.end.saturating_sub(asked.start);
    let passing = asked.filter(|number| !shown.is_filtered_out(context, *number));
    let entries = match all {
        1 => "entry",
        _ => "entries",
    };
    let newest = match shown.table.len() > all {
        true => "newest ",
        false => "",
    };
    let mut words = format!(
        "{} of {} {newest}{entries} came with a frame that passes the filter",
        count(passing.count() as u64),
        count(all),
    );
    let connection = shown.connection.id;
    if let Some(block) = &shown.block
        && filtered::hides_frame(context, connection, block.frame)
    {
        words.push_str("; this block's frame does not");
    }
    Some(words)
}

/// What the whole block cost: `17 bytes for 130 bytes of text · 87 % saved`.
pub fn cost_words(shown: &Shown<'_>) -> String {
    let Some(block) = shown.decoded() else {
        return match shown.block {
            Some(_) => "its bytes are not all in the capture".to_owned(),
            None => String::new(),
        };
    };
    let (wire, text) = cost(shown);
    if block.fields.iter().any(|field| field.placeholder.is_some()) {
        return format!(
            "{} on the wire; how much text they stand for is not known",
            exact_bytes(wire)
        );
    }
    if wire > text {
        return format!("{} for {} of text", exact_bytes(wire), exact_bytes(text));
    }
    format!(
        "{} for {} of text · {} saved",
        exact_bytes(wire),
        exact_bytes(text),
        percent(text - wire, text)
    )
}

/// Bytes on the wire, and of text.
pub fn cost(shown: &Shown<'_>) -> (u64, u64) {
    shown.decoded().map_or((0, 0), |block| {
        let text = block
            .fields
            .iter()
            .map(|field| field.decoded_bytes() as u64);
        (block.bytes.len() as u64, text.sum())
    })
}

/// How full the table is: `5 entries · 247 of 4 096 bytes`.
pub fn table_words(shown: &Shown<'_>) -> String {
    let table = &shown.table;
    let entries = if table.len() == 1 {
        "1 entry".to_owned()
    } else if table.is_empty() && table.start == Start::Unseen {
        "no entry seen yet".to_owned()
    } else {
        format!("{} entries", count(table.len()))
    };
    let mut words = format!(
        "{entries} · {} of {}",
        count(table.size_bytes),
        exact_bytes(u64::from(table.max_size_bytes))
    );
    if table.limit == Limit::Assumed {
        words.push_str(" (the default; the limit in force is not known)");
    }
    if table.start == Start::Unseen {
        words.push_str(" · older entries unseen");
    }
    words
}

/// An entry's name and value.
pub fn entry_words(shown: &Shown<'_>, number: u64) -> (String, String) {
    match shown.entry(number) {
        Some(entry) => {
            let name = match entry.name {
                Name::Known(name) => known(Some(name)),
                Name::Unseen(_) => "(name unseen)".to_owned(),
            };
            (name, known(Some(entry.value)))
        }
        None => ("?".to_owned(), "?".to_owned()),
    }
}

/// What is said of an entry when the pointer is over it.
pub fn entry_hover(shown: &Shown<'_>, number: u64) -> String {
    let (name, value) = entry_words(shown, number);
    let mut words = format!("{}: {}", one_line(&name, 200), one_line(&value, 600));
    if let Some(frame) = shown.inserted_by(number) {
        let _ = write!(
            words,
            "\ninserted by frame {frame}, as entry {number} of all"
        );
    }
    if let Some(entry) = shown.entry(number) {
        let size = entry.size_bytes();
        let _ = write!(
            words,
            "\n{size} bytes: {} of name and value, and {ENTRY_OVERHEAD_BYTES} that every entry counts (RFC 7541 §4.1)",
            size.saturating_sub(ENTRY_OVERHEAD_BYTES)
        );
    }
    words
}

/// Whether old entries had to leave: `this block pushed out none`.
pub fn evicted_words(shown: &Shown<'_>) -> Option<String> {
    shown.block.as_ref().filter(|block| block.read)?;
    let evicted = shown.evicted();
    Some(match evicted.end.saturating_sub(evicted.start) {
        0 => "nothing evicted by this block".to_owned(),
        gone => format!("{} evicted by this block", count(gone)),
    })
}

/// Whose table it is: `filled by the server's blocks; the client keeps the same`.
pub fn whose_words(shown: &Shown<'_>) -> String {
    let (sender, receiver) = (shown.direction.name(), shown.direction.other().name());
    format!("filled by the {sender}'s blocks; the {receiver} keeps the same")
}

/// `the 5th time`.
fn time_words(uses: usize) -> String {
    let end = match (uses % 10, uses % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("the {uses}{end} time")
}

/// What stands in an entry's corner: whether this block added or named it, how often it was named so far, and its size.
pub fn entry_note((new, used): (bool, bool), uses: Option<usize>, size: String) -> String {
    let mut parts = Vec::new();
    match (new, used) {
        (true, true) => parts.push("new, used".to_owned()),
        (true, false) => parts.push("new".to_owned()),
        (false, true) => parts.push("used now".to_owned()),
        (false, false) => {}
    }
    match uses.filter(|_| !new) {
        // With this block.
        Some(uses @ 1..) if used => {
            parts.clear();
            parts.push(format!("used now, {}", time_words(uses)));
        }
        Some(0) => parts.push("unused".to_owned()),
        Some(uses) => parts.push(format!("{uses}×")),
        None => {}
    }
    parts.push(size);
    parts.join(" · ")
}

/// What the shades are shades of.
pub const SHADES_OF: &str = "bytes, in the colour of the field's sign:";

/// The shades of a field's bytes, from the strongest to the faintest, and what the small bar means: the key below the block's title.
pub const KEY: [&str; 4] = [
    "which kind, which entry",
    "length of a text",
    "the text itself",
    "sent (filled) of the text it stands for (outline)",
];

/// Blocks before the one shown of which the view in words says what they saved.
const MAX_SAVED: usize = 12;

/// What each block saved up to the one that is shown: `saved, block by block: 1: 62 %, 2: 80 %`.
fn saved_words(shown: &Shown<'_>) -> Option<String> {
    let last = shown.block.as_ref()?.id.index();
    let first = (last + 1).saturating_sub(MAX_SAVED);
    let rows = shown.http2.blocks[shown.side.index()].range(first..last + 1);
    let saved: Vec<String> = (first + 1..)
        .zip(rows)
        .map(|(number, row)| {
            let (wire, text) = (u64::from(row.encoded_bytes), u64::from(row.decoded_bytes));
            format!("{number}: {}", percent(text.saturating_sub(wire), text))
        })
        .collect();
    Some(format!("saved, block by block: {}", saved.join(", ")))
}

/// How often an entry was of use: `named by 3 fields so far`.
pub fn uses_words(uses: usize) -> String {
    match uses {
        0 => "no field has named it yet: so far it only takes room".to_owned(),
        _ => format!(
            "named by {} so far, for its name or for all of it",
            counted(uses as u64, "field")
        ),
    }
}

/// What a part does, and where the entry that it names is after the block, when others came before it:
/// `dynamic index 65, now 66: 1 came in`.
pub fn means_now(shown: &Shown<'_>, part: &Part<'_>) -> String {
    let means = part.means();
    let Part::Field(field) = part else {
        return means;
    };
    let Source::Dynamic(number) = field.source else {
        return means;
    };
    match shown.table.index_of(number) {
        Some(now) if part.kind() == Kind::Dynamic => match field.index {
            Some(named) if now > named => {
                let since = now.saturating_sub(named);
                format!("dynamic index {named}, now {now}: {since} came in")
            }
            _ => means,
        },
        _ => means,
    }
}

/// What is said of a part when the pointer is over it.
pub fn part_hover(shown: &Shown<'_>, position: usize) -> String {
    let Some(block) = shown.decoded() else {
        return String::new();
    };
    let parts = parts(block);
    let Some(part) = parts.get(position) else {
        return String::new();
    };
    let mut lines = vec![
        one_line(&part.says(), 600),
        format!("{} · {}", part.means(), part.cost()),
        kind_help(part.kind()).to_owned(),
    ];
    if let Part::Field(field) = part {
        if part.kind() == Kind::Dynamic
            && let (Source::Dynamic(number), Some(named)) = (field.source, field.index)
            && let Some(now) = shown.table.index_of(number)
            && let Some(since @ 1..) = now.checked_sub(named)
        {
            let entries = if since == 1 { "entry" } else { "entries" };
            lines.push(format!(
                "The block named it as index {named}; {since} {entries} came in behind that, so it has index {now} now."
            ));
        }
        if let Some(number) = field.inserted {
            lines.push(match shown.table.index_of(number) {
                Some(index) => format!("Its entry has index {index} after this block."),
                None => "Its entry was pushed out again within this block.".to_owned(),
            });
        }
        if field.evicted > 0 {
            lines.push(format!(
                "It pushed out {} of the oldest entries.",
                field.evicted
            ));
        }
    }
    lines.join("\n")
}

/// The view in words, for screen readers and tests.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let mut decoded = super::model::Decoded::default();
    let Some(shown) = Shown::new(context, state.sender, &mut decoded) else {
        return format!("hpack: {}", nothing_words(context));
    };
    let mut lines = vec![format!(
        "hpack, {} to {}: {}",
        shown.direction.name(),
        shown.direction.other().name(),
        block_words(&shown)
    )];
    lines.extend(passing_words(context, &shown));
    lines.push(cost_words(&shown));
    if shown.http2.initial_table.start == Start::Known {
        lines.extend(saved_words(&shown));
    }
    if let Some(block) = shown.decoded() {
        let [kind, length, letters, bar] = KEY;
        lines.push(format!(
            "{SHADES_OF} strongest first: {kind}; {length}; {letters} | small bar: {bar}"
        ));
        let parts = parts(block);
        for part in parts.iter().take(MAX_LINES) {
            let range = part.range();
            let bytes = block.bytes.get(range).unwrap_or_default();
            lines.push(format!(
                "{} | {} | {} | {}",
                crate::ui::widgets::format::hex(bytes, 8),
                means_now(&shown, part),
                one_line(&part.says(), 200),
                part.cost()
            ));
        }
        if parts.len() > MAX_LINES {
            lines.push(format!(
                "{} more fields",
                count((parts.len() - MAX_LINES) as u64)
            ));
        }
        lines.extend(
            block
                .error
                .as_ref()
                .map(|error| format!("the block cannot be read further: {error}")),
        );
        if let Some(part) =
            chosen_part(context, &shown).and_then(|chosen| parts.get(chosen).copied())
        {
            lines.push(format!("bit by bit: {}", one_line(&part.says(), 200)));
            for group in bits::groups(&block.bytes, &part) {
                let runs: Vec<_> = group
                    .runs
                    .iter()
                    .map(|run| format!("{} {}", run.label, run.bits))
                    .collect();
                lines.push(format!(
                    "{} | {} | {}",
                    group.title,
                    runs.join(", "),
                    group.sum
                ));
            }
        }
    }
    lines.push(format!(
        "dynamic table of the {}: {}, {}",
        shown.direction.name(),
        table_words(&shown),
        whose_words(&shown)
    ));
    lines.extend(evicted_words(&shown));
    let made;
    let usage = match state.usage.get(shown.connection.id) {
        Some(usage) => usage,
        None => {
            made = super::usage(context.trace, shown.connection);
            &made
        }
    };
    for (index, number) in (FIRST_DYNAMIC_INDEX..)
        .zip((shown.table.first..shown.table.end).rev())
        .take(MAX_LINES)
    {
        let (name, value) = entry_words(&shown, number);
        let new = if shown.is_new(number) { " | new" } else { "" };
        lines.push(format!(
            "{index} | {}: {}{new} | {} | {}",
            one_line(&name, 80),
            one_line(&value, 120),
            shown
                .entry(number)
                .map_or_else(String::new, |entry| exact_bytes(entry.size_bytes())),
            match usage[shown.side.index()].entry_uses(number, shown.at) {
                0 => "not used yet".to_owned(),
                uses => format!("used {uses} times"),
            }
        ));
    }
    for (index, placeholder) in shown.unseen() {
        lines.push(format!(
            "{index} | unseen entry {} before the capture's first",
            placeholder.distance()
        ));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// Why there is nothing to show, and what to do.
pub fn nothing_words(context: &ViewContext<'_>) -> String {
    match context.connection {
        None if context.loading => {
            "Reading the capture; no connection has been met yet.".to_owned()
        }
        None => "Open a capture to see how its header fields are packed.".to_owned(),
        Some(connection) => format!(
            "Connection {} carries {}, which has no HPACK: choose an HTTP/2 connection.",
            connection.id,
            connection.row.protocol.name()
        ),
    }
}

/// What a kind means, for the key of colours.
pub fn kind_help(kind: Kind) -> &'static str {
    match kind {
        Kind::Static => {
            "A number of the static table, the 61 entries that everybody knows. RFC 7541 §6.1, Appendix A"
        }
        Kind::Dynamic => {
            "A number of the dynamic table: an earlier block of this sender brought the text. RFC 7541 §6.1"
        }
        Kind::Unseen => {
            "A number of the dynamic table whose text was sent before the capture began."
        }
        Kind::Added => {
            "The text travels, and joins the dynamic table: next time a number is enough. RFC 7541 §6.2.1"
        }
        Kind::NotAdded => "The text travels and is not remembered. RFC 7541 §6.2.2",
        Kind::Never => {
            "The text travels, and nobody on the way may remember it: a secret. RFC 7541 §6.2.3"
        }
        Kind::Update => {
            "The sender says how large its dynamic table may be from here on. RFC 7541 §6.3"
        }
    }
}
