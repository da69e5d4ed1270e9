//! `wireloom shares`: what each stream should have got of a connection within a span, and what it got.

use super::table::{Column, Tabular};
use super::text;
use crate::analysis::shares::{Readiness, Share, Shares};
use crate::trace::http2::Instant;
use crate::trace::{Connection, Direction, Http2State, Trace};
use crate::wire::http2::{ClosedStreams, PriorityNode};
use serde::Serialize;

/// A stream's share.
#[derive(Clone, Debug, Serialize)]
pub struct ShareReport {
    /// The connection.
    pub connection: usize,
    /// The stream.
    pub stream: u32,
    /// Who sent.
    pub direction: Direction,
    /// The stream it depends on at the end of the span, by the tree of RFC 7540.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Its weight there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u16>,
    /// 0 first to 7 last, by RFC 9218; 3 when nothing was said.
    pub urgency: u8,
    /// Whether parts are useful as they come.
    pub incremental: bool,
    /// `ready`, `window-used-up`, `not-begun` or `nothing-left` at the end of the span.
    pub readiness: &'static str,
    /// Its share at the end of the span by the tree, in millionths of the connection.
    pub ideal_ppm: u64,
    /// What it should have got of what was delivered within the span, by the tree at each moment.
    pub expected_bytes: u64,
    /// What it got.
    pub delivered_bytes: u64,
    /// That, in millionths of what all of them got.
    pub delivered_ppm: u64,
    /// Its turn at the end of the span by RFC 9218 §10, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<usize>,
    /// What it got while another one would have been served first by RFC 9218 §10.
    pub out_of_turn_bytes: u64,
}

/// The shares of one sender's streams in the frames behind `from` up to and including `to`.
pub fn shares(
    trace: &Trace,
    connection: &Connection,
    sender: Direction,
    (from, to): (Instant, Instant),
    policy: ClosedStreams,
) -> Vec<ShareReport> {
    let Some(shares) = Shares::new(trace, connection, connection.side(sender)) else {
        return Vec::new();
    };
    let tree = Http2State::after(connection, to)
        .map(|state| state.priority_tree_by(policy))
        .unwrap_or_default();
    let rows = shares.over(from, to, policy);
    let delivered: u64 = rows.iter().map(|share| share.delivered_bytes).sum();
    rows.iter()
        .map(|share| {
            let node = tree.node(share.stream);
            report(connection, sender, share, node, delivered)
        })
        .collect()
}

fn report(
    connection: &Connection,
    sender: Direction,
    share: &Share,
    node: Option<PriorityNode>,
    delivered_by_all: u64,
) -> ShareReport {
    ShareReport {
        connection: connection.id.index(),
        stream: share.stream.0,
        direction: sender,
        parent: node.map(|node| node.parent.0),
        weight: node.map(|node| node.weight),
        urgency: share.urgency.urgency,
        incremental: share.urgency.incremental,
        readiness: share.readiness.name(),
        ideal_ppm: rounded(share.ideal * 1e6),
        expected_bytes: rounded(share.expected_bytes),
        delivered_bytes: share.delivered_bytes,
        delivered_ppm: ppm(share.delivered_bytes, delivered_by_all),
        turn: share.turn,
        out_of_turn_bytes: share.out_of_turn_bytes,
    }
}

fn ppm(part: u64, whole: u64) -> u64 {
    let ppm = u128::from(part) * 1_000_000 / u128::from(whole.max(1));
    u64::try_from(ppm).unwrap_or(u64::MAX)
}

fn rounded(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share or a sum of shares: never negative, and the cast saturates"
    )]
    let rounded = value.round() as u64;
    rounded
}

impl Tabular for ShareReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("stream"),
        Column::Number("parent"),
        Column::Number("weight"),
        Column::Text("urgency"),
        Column::Text("at the end"),
        Column::Number("ideal"),
        Column::Number("expected"),
        Column::Number("got"),
        Column::Number("out of turn"),
    ];

    fn amounts(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("ideal", text::number(self.ideal_ppm) / 1e4),
            ("expected", text::number(self.expected_bytes)),
            ("got", text::number(self.delivered_bytes)),
            ("out of turn", text::number(self.out_of_turn_bytes)),
        ]
    }

    fn cells(&self) -> Vec<String> {
        fn cell(value: Option<impl ToString>) -> String {
            value.map_or_else(String::new, |value| value.to_string())
        }
        let incremental = if self.incremental { ", i" } else { "" };
        let readiness = match self.turn {
            Some(turn) if self.readiness == Readiness::Ready.name() => {
                format!("{}, turn {turn}", self.readiness)
            }
            _ => self.readiness.to_owned(),
        };
        vec![
            self.connection.to_string(),
            self.stream.to_string(),
            cell(self.parent),
            cell(self.weight),
            format!("{}{incremental}", self.urgency),
            readiness,
            format!(
                "{}.{} %",
                self.ideal_ppm / 10_000,
                self.ideal_ppm / 1000 % 10
            ),
            text::size(self.expected_bytes),
            text::size(self.delivered_bytes),
            text::size(self.out_of_turn_bytes),
        ]
    }
}
