//! Where a step from match to match leads, and what is said about it.

use crate::filter::Run;
use crate::trace::{Connection, ExchangeId, FrameId, Trace};
use crate::ui::widgets::format;
use crate::ui::{Item, ViewContext};

/// Where a step from match to match leads, and what is said about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The match; `None` where there is none, or none that is known yet.
    pub item: Option<Item>,
    /// What has to be said.
    pub words: Option<&'static str>,
}

/// Where a step from match to match leads, from what is selected or from the cursor. At an end the search begins again
/// at the other, and says so; not while frames are still asked.
pub fn step(context: &ViewContext<'_>, forward: bool) -> Found {
    let Some(run) = context.matches else {
        return Found::default();
    };
    if let Some(connection) = http1_of(context.trace, run) {
        return step_exchange(context, run, connection, forward);
    }
    let selected = context.selected_frame().map(|(frame, _)| frame);
    let from = selected.or_else(|| {
        let read = context.frame_count().checked_sub(1)?;
        Some(FrameId::from_index(read))
    });
    let near = match (forward, from) {
        (true, from) => run.next(from),
        // Nothing comes before the start.
        (false, None) => None,
        (false, from) => run.previous(from),
    };
    let frames = (context.trace.connection(run.connection()))
        .and_then(Connection::http2)
        .map_or(0, |http2| http2.frames.len());
    if near.is_none() && run.asked() < frames {
        return Found {
            item: None,
            words: Some("still searching"),
        };
    }
    let item = |frame| Item::Frame(run.connection(), frame);
    let from_other_end = || {
        let frame = match forward {
            true => run.next(None),
            false => run.previous(None),
        };
        frame.map(item)
    };
    found(context.trace, run, forward, near.map(item), from_other_end)
}

/// What is near; else what comes first from the other end, and that it does.
fn found(
    trace: &Trace,
    run: &Run,
    forward: bool,
    near: Option<Item>,
    from_other_end: impl FnOnce() -> Option<Item>,
) -> Found {
    if near.is_some() {
        return Found {
            item: near,
            words: None,
        };
    }
    let item = from_other_end();
    let words = match (item, forward) {
        (Some(_), true) => "from the start again",
        (Some(_), false) => "from the end again",
        (None, _) if passes_elsewhere(trace, run) => "none here, but on other connections",
        (None, _) => "nothing passes",
    };
    Found {
        item,
        words: Some(words),
    }
}

/// The connection that a filter is asked of first, when it has exchanges of HTTP/1.1 in place of frames.
fn http1_of<'t>(trace: &'t Trace, run: &Run) -> Option<&'t Connection> {
    let connection = trace.connection(run.connection())?;
    (connection.http2().is_none() && connection.http1().is_some()).then_some(connection)
}

/// The same from exchange to exchange of HTTP/1.1.
fn step_exchange(
    context: &ViewContext<'_>,
    run: &Run,
    connection: &Connection,
    forward: bool,
) -> Found {
    let count = connection.http1().map_or(0, |of| of.exchanges().len());
    let selected = context
        .selection
        .and_then(|item| item.carrier(connection)?.exchange());
    let passing = run.exchanges_on(connection.id);
    let near = match (forward, selected) {
        (true, Some(at)) => passing.get(passing.partition_point(|id| *id <= at)),
        (true, None) => passing.first(),
        (false, Some(at)) => {
            let before = passing.partition_point(|id| *id < at);
            before.checked_sub(1).and_then(|last| passing.get(last))
        }
        // Nothing is known of what has not been asked at the end.
        (false, None) => passing
            .last()
            .filter(|_| run.exchanges_asked_on(connection.id) >= count),
    };
    if near.is_none() && run.exchanges_asked_on(connection.id) < count {
        return Found {
            item: None,
            words: Some("still searching"),
        };
    }
    let item = |id: &ExchangeId| Item::Exchange(connection.id, *id);
    let from_other_end = || match forward {
        true => passing.first().map(item),
        false => passing.last().map(item),
    };
    found(context.trace, run, forward, near.map(item), from_other_end)
}

/// Whether a frame of another connection passes.
fn passes_elsewhere(trace: &Trace, run: &Run) -> bool {
    let mut others = trace.connections.iter();
    others.any(|connection| !run.frames_on(connection.id).is_empty())
}

/// What the bar says beside the field: how many frames pass, and which of them is selected.
pub fn count_text(trace: &Trace, run: &Run, selected: Option<FrameId>) -> String {
    if http1_of(trace, run).is_some() {
        // The views that list exchanges say how many of them pass.
        return "filtered".to_owned();
    }
    let all = trace
        .connection(run.connection())
        .and_then(Connection::http2)
        .map_or(0, |http2| http2.frames.len());
    let found = format::count(run.frames().len() as u64);
    if run.asked() < all {
        let share = run.asked() as f64 / all as f64 * 100.0;
        return format!("{found} so far, {share:.0} %");
    }
    let at = selected.and_then(|frame| run.frames().binary_search(&frame).ok());
    if let Some(at) = at {
        return format!("match {} of {found}", format::count(at as u64 + 1));
    }
    format!("{found} of {}", format::counted(all as u64, "frame"))
}
