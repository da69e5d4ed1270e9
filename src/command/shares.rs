//! `wireloom shares`: what each stream should have got of a connection, and what it got.

use super::Failure;
use super::arguments::{Instant, Sender};
use super::state::{self, Policy, StateError};
use crate::filter::Filter;
use crate::report::{self, passing};
use clap::Args;
use std::io::{BufWriter, Write};

/// A span of one connection.
#[derive(Debug, Args)]
pub(super) struct SharesWanted {
    #[command(flatten)]
    end: Instant,

    /// Only rows that pass, such as `got:>1000`
    #[arg(
        long,
        value_name = "EXPR",
        default_value = "",
        hide_default_value = true
    )]
    filter: Filter,

    /// The frame behind which the span begins [default: from the beginning]
    #[arg(long, value_name = "FRAME")]
    from: Option<usize>,

    /// Whose streams share
    #[arg(long, value_enum, default_value = "server")]
    direction: Sender,

    /// What becomes of closed streams in the tree of RFC 7540
    #[arg(long, value_enum, default_value = "keep")]
    closed_streams: Policy,
}

/// Prints the shares. Nothing but a note when the capture holds no HTTP/2.
pub(super) fn shares(wanted: &SharesWanted) -> Result<(), Failure> {
    let listing = &wanted.end.listing;
    let trace = super::read(&listing.input)?;
    let Some(connection) = state::connection(&trace, wanted.end.connection)? else {
        state::no_http2(&listing.input);
        return Ok(());
    };
    let to = state::state_at(connection, wanted.end.at)?.last_frame();
    let from = match wanted.from {
        Some(frame) => state::state_at(connection, Some(frame))?.last_frame(),
        None => None,
    };
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(StateError::EmptySpan { from, to }.into());
    }
    let policy = wanted.closed_streams.into();
    let sender = wanted.direction.into();
    let rows = report::shares::shares(&trace, connection, sender, (from, to), policy);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let rows = passing(&trace, &wanted.filter, rows.into_iter());
    report::write_rows(&mut out, listing.format(), rows)?;
    out.flush()?;
    Ok(())
}
