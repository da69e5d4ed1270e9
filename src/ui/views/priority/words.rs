//! The sentences of the priority view, and the view in words.

use super::model::{Key, Node, Signals, chips, nodes};
use super::{SPANS_NS, Shown, State};
use crate::trace::http2::Instant;
use crate::ui::ViewContext;
use crate::ui::widgets::format::{count, duration_ns, exact_bytes};
use crate::ui::widgets::waits::Waits;
use std::collections::BTreeMap;

/// Streams that the view in words lists.
const MAX_LINES: usize = 200;

/// Whose tree and when.
pub fn tree_words(shown: &Shown<'_>) -> String {
    match shown.at {
        Some(frame) => {
            let row = shown.http2.frames.get(frame.index());
            let origin = shown.context.trace.time_range_ns;
            let origin = origin.map_or(0, |(first, _)| first);
            let at = row.map_or_else(String::new, |row| {
                let time_ns = shown.context.trace.time_ns(row.packet);
                format!(" · {}", duration_ns(time_ns.saturating_sub(origin)))
            });
            format!("Dependencies after frame {frame}{at}")
        }
        None => "Dependencies before the first frame".to_owned(),
    }
}

/// Which of the schemes was used, and how the picture is read.
pub fn scheme_words(tree: bool, urgencies: bool, first: Option<Instant>, span: usize) -> String {
    if tree {
        return format!("thicker line: larger weight · {}", key_words(span));
    }
    let rest = "every stream hangs below the connection (or, when pushed, below the stream that promised \
                it) with weight 16, so all have the same right";
    let which = match (urgencies, first) {
        (true, _) => {
            "no dependencies were signalled, only urgencies: everything hangs below the connection"
                .to_owned()
        }
        (false, Some(Some(frame))) => {
            format!("no priorities were signalled yet; the first come with frame {frame}")
        }
        (false, _) => format!("no priorities were signalled: {rest}"),
    };
    format!("{which} · {}", key_words(span))
}

/// What the parts of a card mean.
fn key_words(span: usize) -> String {
    format!(
        "bar: got, its share of all that the server sent {}; tick: due, its share by the tree while it could send · dashed edge: \
         closed · dotted: idle · blue frame: selected",
        over_words(span)
    )
}

/// Streams that are named when it is said why their dues differ.
const MAX_ALIKE: usize = 4;
/// Dues that are so many points of a hundred apart are shown as different.
const LEAST_APART: i64 = 1;

/// Why streams that hang side by side with the same weight are due different shares, where that is to be seen: of those that are
/// furthest apart.
pub fn alike_words(nodes: &[Node]) -> Option<String> {
    let points = |share: f32| (f64::from(share) * 100.0).round() as i64;
    let mut groups: BTreeMap<(Option<Key>, u16), Vec<&Node>> = BTreeMap::new();
    for node in nodes.iter().filter(|node| node.got.could_send > 0.0) {
        groups
            .entry((node.parent, node.weight))
            .or_default()
            .push(node);
    }
    let apart = |group: &Vec<&Node>| {
        let dues = group.iter().map(|node| points(node.got.ideal));
        dues.clone().max().unwrap_or(0) - dues.min().unwrap_or(0)
    };
    let ((_, weight), group) = groups
        .iter()
        .filter(|(_, group)| apart(group) >= LEAST_APART)
        .max_by_key(|(_, group)| apart(group))?;
    let named = group.get(..MAX_ALIKE).unwrap_or(group);
    let streams: Vec<&str> = named
        .iter()
        .map(|node| node.title.trim_start_matches("stream "))
        .collect();
    let list = |share: fn(&Node) -> f32| {
        let shares: Vec<String> = named
            .iter()
            .map(|node| points(share(node)).to_string())
            .collect();
        format!("{} %", joined(&shares))
    };
    let more = match group.len() - named.len() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let all = if group.len() == 2 { "both" } else { "all" };
    // The one that could send least says why.
    let least = named
        .iter()
        .min_by(|one, other| one.got.could_send.total_cmp(&other.got.could_send))?;
    Some(format!(
        "Streams {}{more}, {all} of weight {weight}, are due {}: {} had something to send only during {} of these bytes and is due {}.",
        joined(&streams),
        list(|node| node.got.ideal),
        least.title.trim_start_matches("stream "),
        share_words(least.got.could_send),
        part_words(least.got.ideal, least.got.could_send)
    ))
}

/// What a due is of that during which a stream could send: `half of that, 14 %`.
fn part_words(due: f32, of: f32) -> String {
    let names = [
        (1.0, "all of that"),
        (0.5, "half of that"),
        (1.0 / 3.0, "a third of that"),
        (0.25, "a quarter of that"),
        (0.2, "a fifth of that"),
    ];
    let part = due / of.max(f32::EPSILON);
    let name = names
        .into_iter()
        .find(|(exact, _)| (part - exact).abs() < 0.015);
    let name = name.map_or("its part of that", |(_, name)| name);
    format!("{name}, {}", share_words(due))
}

/// When a stream can send, for hovering over the sentence about dues.
pub const CAN_SEND: &str = "A stream can send while its response has begun and is not over, and its flow-control window is open. Only then the tree gives \
                            it a share, and what it cannot use goes to its dependents and siblings (RFC 7540 §5.3.1).";

/// `2, 6 and 8`.
fn joined<S: AsRef<str>>(parts: &[S]) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match parts.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

/// Over what shares are counted: `in the last 100 ms`.
pub fn over_words(span: usize) -> String {
    match SPANS_NS.get(span) {
        Some((name, ns)) if *ns < i64::MAX => format!("in the last {name}"),
        Some((name, _)) => (*name).to_owned(),
        None => String::new(),
    }
}

/// What stands on a card in a bar's place: nothing was sent on the stream, and nothing was its due.
pub fn nothing_sent_words(node: &Node, span: usize) -> Option<String> {
    let counted = node.got.delivered_bytes > 0 || node.got.ideal > 0.0;
    let is_stream = matches!(node.key, Key::Stream(stream) if !stream.is_connection());
    (is_stream && !node.idle && !counted).then(|| format!("sent nothing {}", over_words(span)))
}

/// `weight 201`.
pub fn weight_words(weight: u16) -> String {
    format!("weight {weight}")
}

/// A share: `38 %`.
pub fn share_words(share: f32) -> String {
    format!("{:.0} %", f64::from(share) * 100.0)
}

/// What a card says when the pointer is over it.
pub fn hover_words(node: &Node) -> String {
    let mut lines = vec![
        format!("{} {}", node.title, node.about)
            .trim_end()
            .to_owned(),
    ];
    if !node.members.is_empty() {
        // Each has a weight of its own.
        lines.extend(node.members.iter().cloned());
        lines.push(
            "They are closed; their places are kept so that others can still depend on them."
                .to_owned(),
        );
        return lines.join("\n");
    }
    lines.push(format!(
        "{} of 256, among those that hang beside it (RFC 7540 §5.3.2)",
        weight_words(node.weight)
    ));
    if node.idle {
        lines.push(
            "It was never opened: a group that gives what it is given to those below it (RFC 7540 §5.3.4)."
                .to_owned(),
        );
    }
    if node.closed {
        lines.push(
            "It is closed; its place is kept so that others can still depend on it.".to_owned(),
        );
    }
    if node.got.delivered_bytes > 0 || node.got.ideal > 0.0 {
        lines.push(format!(
            "delivered: {}, {} of all; the tree would have given it {}",
            exact_bytes(node.got.delivered_bytes),
            share_words(node.got.delivered),
            share_words(node.got.ideal)
        ));
        lines.push(format!(
            "It could send while {} of these bytes were sent: only then it is due something.",
            share_words(node.got.could_send)
        ));
    }
    lines.join("\n")
}

/// How urgent a band is.
pub fn band_words(urgency: u8) -> &'static str {
    match urgency {
        0 => "most urgent",
        3 => "the default",
        7 => "in the background",
        _ => "",
    }
}

/// The view in words, for screen readers and tests.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let Some(shown) = Shown::new(context) else {
        return format!("priority: {}", nothing_words(context));
    };
    let tree = shown.tree(state.policy, &mut None);
    let shares = shown.shares(&tree, state.span);
    let first = Signals::default().first(context, shown.connection, shown.http2);
    let bands = chips(shown.connection, shown.http2, shown.at);
    let told = bands.values().flatten().any(|chip| chip.said);
    let span = SPANS_NS.get(state.span).map_or("", |(name, _)| name);
    let mut lines = vec![
        format!(
            "priority: {}, closed streams: {}",
            tree_words(&shown),
            state.policy.name()
        ),
        scheme_words(
            first.is_some_and(|first| first <= shown.at),
            told,
            first,
            state.span,
        ),
        shown.verdict(
            &shares,
            state.span,
            Some(&Waits::of(context.trace, shown.connection)),
            (first.is_some_and(|first| first <= shown.at), told),
        ),
        format!(
            "shares over {span}: {} bytes delivered",
            count(shares.bytes)
        ),
    ];
    let nodes = nodes(
        shown.connection,
        shown.http2,
        (shown.at, &tree),
        &shares,
        !state.closed,
    );
    lines.extend(alike_words(&nodes));
    for node in nodes.iter().skip(1).take(MAX_LINES) {
        let parent = nodes
            .iter()
            .find(|other| Some(other.key) == node.parent)
            .map_or("", |parent| parent.title.as_str());
        let got = match nothing_sent_words(node, state.span) {
            Some(nothing) => nothing,
            None => format!(
                "delivered {}, ideal {}",
                share_words(node.got.delivered),
                share_words(node.got.ideal)
            ),
        };
        lines.push(format!(
            "{} below {parent} | {} | {} | {got}",
            node.title,
            weight_words(node.weight),
            node.about
        ));
    }
    if told {
        for (urgency, chips) in &bands {
            for chip in chips {
                let incremental = if chip.urgency.incremental {
                    ", incremental"
                } else {
                    ""
                };
                let said = if chip.said { "" } else { ", by default" };
                lines.push(format!(
                    "urgency {urgency}{incremental}{said}: stream {} {}",
                    chip.stream, chip.about
                ));
            }
        }
    }
    lines.join("\n")
}

/// Why there is nothing to show, and what to do.
pub fn nothing_words(context: &ViewContext<'_>) -> String {
    match context.connection {
        None if context.loading => {
            "Reading the capture; no connection has been met yet.".to_owned()
        }
        None => "Open a capture to see who was to be served first.".to_owned(),
        Some(connection) => format!(
            "Connection {} carries {}, which has no priorities: choose an HTTP/2 connection.",
            connection.id,
            connection.row.protocol.name()
        ),
    }
}
