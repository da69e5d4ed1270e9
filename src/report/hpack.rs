//! `wireloom hpack`: what the tables were good for, one row per direction of a connection.

use super::table::{Column, Tabular};
use super::text;
use crate::analysis::hpack::hints::{NameHint, hints_for};
use crate::analysis::hpack::inference::Inference;
use crate::analysis::hpack::{Usage, uncertain_spans};
use crate::trace::{Connection, Direction, FrameId, Trace};
use serde::Serialize;

/// The header compression of one direction.
#[derive(Clone, Debug, Serialize)]
pub struct HpackReport {
    /// The connection.
    pub connection: usize,
    /// Who sent the blocks.
    pub direction: Direction,
    /// Header blocks.
    pub blocks: usize,
    /// Their bytes.
    pub encoded_bytes: u64,
    /// Names and values as text.
    pub decoded_bytes: u64,
    /// The difference.
    pub saved_bytes: i64,
    /// Of it, names and values that an index into the static table stood for.
    pub by_static: u64,
    /// Those that an index into the dynamic table stood for.
    pub by_dynamic: u64,
    /// What Huffman code saved of strings.
    pub by_huffman: i64,
    /// What was sent beside strings.
    pub overhead: u64,
    /// Entries that were inserted.
    pub inserted: usize,
    /// Those that no field referred to afterwards.
    pub never_used: usize,
    /// When the table may have held entries that were never seen.
    pub uncertain: Vec<UncertainReport>,
    /// The last frame with a field that refers to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_unknown_frame: Option<usize>,
    /// Names of unseen entries that follow from something else.
    pub inferred: Vec<InferredReport>,
}

/// A time in which a table was not certain.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct UncertainReport {
    /// The frame after which it began; left out for the beginning of the capture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_frame: Option<usize>,
    /// The frame after which everything is certain again; left out when that never came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_frame: Option<usize>,
}

/// The name of an unseen entry.
#[derive(Clone, Debug, Serialize)]
pub struct InferredReport {
    /// The stable number of the entry.
    pub placeholder: u64,
    /// What it is called.
    pub name: String,
    /// Why.
    pub by: &'static str,
    /// How many fields refer to it.
    pub uses: usize,
}

/// Two rows per HTTP/2 connection, the client's first.
pub fn hpack(trace: &Trace) -> impl Iterator<Item = HpackReport> + '_ {
    hpack_with(trace, &[])
}

/// The same, with names that a person gives to unseen entries.
pub fn hpack_with<'t>(
    trace: &'t Trace,
    hints: &'t [NameHint],
) -> impl Iterator<Item = HpackReport> + 't {
    trace.connections.iter().flat_map(move |connection| {
        let directions = Direction::BOTH.into_iter();
        directions.filter_map(move |direction| report(trace, connection, direction, hints))
    })
}

fn report(
    trace: &Trace,
    connection: &Connection,
    direction: Direction,
    hints: &[NameHint],
) -> Option<HpackReport> {
    let http2 = connection.http2()?;
    let side = connection.side(direction);
    let usage = Usage::of(trace, connection, side);
    let end = http2.frames.len().checked_sub(1).map(FrameId::from_index);
    let savings = usage.savings_at(end);
    let inserted = http2.insertions[side.index()].len();
    let uses = (0..inserted as u64).map(|number| usage.entry_uses(number, end));
    let hints = hints_for(hints, trace, connection, side);
    let inference = Inference::of(trace, connection, side, &hints);
    Some(HpackReport {
        connection: connection.id.index(),
        direction,
        blocks: http2.blocks[side.index()].len(),
        encoded_bytes: savings.encoded,
        decoded_bytes: savings.decoded,
        saved_bytes: savings.saved(),
        by_static: savings.by_static,
        by_dynamic: savings.by_dynamic,
        by_huffman: savings.by_huffman,
        overhead: savings.overhead,
        inserted,
        never_used: uses.filter(|uses| *uses == 0).count(),
        uncertain: uncertain_spans(http2, side)
            .into_iter()
            .map(|span| UncertainReport {
                from_frame: span.from.map(FrameId::index),
                until_frame: span.until.map(FrameId::index),
            })
            .collect(),
        last_unknown_frame: usage.last_unknown().map(FrameId::index),
        inferred: inference
            .names
            .iter()
            .map(|(&placeholder, inferred)| InferredReport {
                placeholder: placeholder.0,
                name: String::from_utf8_lossy(&inferred.name).into_owned(),
                by: inferred.reason.name(),
                uses: usage.unseen_uses(placeholder, end),
            })
            .collect(),
    })
}

impl Tabular for HpackReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Text("sender"),
        Column::Number("blocks"),
        Column::Number("sent"),
        Column::Number("of"),
        Column::Number("static"),
        Column::Number("dynamic"),
        Column::Number("Huffman"),
        Column::Number("overhead"),
        Column::Number("inserted"),
        Column::Number("never used"),
        Column::Text("certain"),
    ];

    fn amounts(&self) -> Vec<(&'static str, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "bytes of header blocks")]
        let huffman = self.by_huffman as f64;
        vec![
            ("sent", text::number(self.encoded_bytes)),
            ("of", text::number(self.decoded_bytes)),
            ("static", text::number(self.by_static)),
            ("dynamic", text::number(self.by_dynamic)),
            ("Huffman", huffman),
            ("overhead", text::number(self.overhead)),
        ]
    }

    fn cells(&self) -> Vec<String> {
        let mut certain = match (self.uncertain.last(), self.last_unknown_frame) {
            (None, _) => "always".to_owned(),
            (Some(span), _) if span.until_frame.is_some() => {
                let frame = span.until_frame.unwrap_or_default();
                format!("after frame {frame}")
            }
            (Some(_), Some(frame)) => format!("every field after frame {frame}"),
            (Some(_), None) => "every field".to_owned(),
        };
        for inferred in &self.inferred {
            certain.push_str(&format!(
                "; unseen entry {} is {}",
                inferred.placeholder, inferred.name
            ));
        }
        vec![
            self.connection.to_string(),
            self.direction.name().to_owned(),
            self.blocks.to_string(),
            text::size(self.encoded_bytes),
            text::size(self.decoded_bytes),
            text::size(self.by_static),
            text::size(self.by_dynamic),
            match self.by_huffman {
                cost @ ..0 => format!("-{}", text::size(cost.unsigned_abs())),
                saved => text::size(saved.unsigned_abs()),
            },
            text::size(self.overhead),
            self.inserted.to_string(),
            self.never_used.to_string(),
            text::one_line(&certain, 120),
        ]
    }
}
