//! A message for a terminal.

use super::StepReport;
use crate::report::text;
use crate::wire::protobuf::size::Sizes;
use crate::wire::protobuf::tree::{Field, Message};
use std::io::{self, Write};

/// Bytes of text or fixed numbers on one line.
const BYTES_PER_LINE: usize = 8;
/// The longest value or meaning that is printed.
const MAX_CHARS: usize = 100;

/// Bytes, bits and meaning, a line per byte of a varint.
pub(super) fn steps(out: &mut impl Write, hex: &str, steps: &[StepReport]) -> io::Result<()> {
    let pairs: Vec<&str> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap_or_default())
        .collect();
    writeln!(out, "byte  hex                      bits        meaning")?;
    for step in steps {
        let [start, end] = step.range;
        let indent = "  ".repeat(step.depth);
        if step.groups.is_empty() {
            let bytes = pairs.get(start..end).unwrap_or_default();
            let meaning = text::one_line(&step.meaning, MAX_CHARS);
            for (index, line) in bytes.chunks(BYTES_PER_LINE).enumerate() {
                let at = start + index * BYTES_PER_LINE;
                let part = if index == 0 {
                    format!("{indent}{}", with_part(step.part, &meaning))
                } else {
                    String::new()
                };
                let hex = line.join(" ");
                let line = format!("{at:4}  {hex:<23}  {:10}  {part}", "");
                writeln!(out, "{}", line.trim_end())?;
            }
            continue;
        }
        let count = step.groups.len();
        for (index, group) in step.groups.iter().enumerate() {
            let is_tag = matches!(step.part, "tag" | "end tag");
            let bits = if is_tag && index == 0 {
                let (number, wire_type) = (group.bits >> 3, group.bits & 7);
                format!("{} {number:04b} {wire_type:03b}", u8::from(group.more))
            } else {
                format!("{} {:07b}", u8::from(group.more), group.bits)
            };
            let weight = 1_u128 << group.shift.min(70);
            let worth = u128::from(group.bits) * weight;
            let meaning = match (count, index + 1 == count) {
                (1, _) => with_part(step.part, &step.meaning),
                (_, false) => format!(
                    "{} × {weight} = {worth}, and another byte follows",
                    group.bits
                ),
                (_, true) => {
                    let number = step.number.unwrap_or_default();
                    let meaning = with_part(step.part, &step.meaning);
                    format!(
                        "{} × {weight} = {worth}, together {number} → {meaning}",
                        group.bits
                    )
                }
            };
            let meaning = text::one_line(&meaning, 2 * MAX_CHARS);
            let at = start + index;
            let hex = format!("{:02x}", group.byte);
            writeln!(out, "{at:4}  {hex:<23}  {bits:10}  {indent}{meaning}")?;
        }
    }
    Ok(())
}

fn with_part(part: &str, meaning: &str) -> String {
    match part {
        "tag" | "end tag" | "length" => format!("{part}: {meaning}"),
        "damaged" => format!("cannot be read: {meaning}"),
        _ => meaning.to_owned(),
    }
}

/// The tree of fields.
pub(super) fn fields(out: &mut impl Write, message: &Message, depth: usize) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    for field in &message.fields {
        writeln!(out, "{indent}{}", line(field))?;
        for note in &field.notes {
            writeln!(out, "{indent}  ! {note}")?;
        }
        if let [best, others @ ..] = &field.readings[..] {
            writeln!(
                out,
                "{indent}  {} ({}): {}",
                best.kind.name(),
                best.score,
                best.reason
            )?;
            let others: Vec<String> = others
                .iter()
                .map(|reading| {
                    let value = reading.value.as_ref();
                    let value = value.map(|value| format!(" {value}")).unwrap_or_default();
                    let value = text::one_line(&value, 40);
                    format!("{} ({}){value}", reading.kind.name(), reading.score)
                })
                .collect();
            if !others.is_empty() {
                writeln!(out, "{indent}  or {}", others.join(", "))?;
            }
        }
        if let Some(inner) = &field.inner {
            fields(out, inner, depth + 1)?;
        }
    }
    if let Some(damage) = message.damage {
        writeln!(out, "{indent}! byte {}: {}", damage.at, damage.kind)?;
    }
    Ok(())
}

/// A field in one line.
pub(super) fn line(field: &Field) -> String {
    let mut line = field.number.to_string();
    if let Some(name) = &field.name {
        line.push(' ');
        line.push_str(name);
    }
    if field.unknown {
        line.push_str(" (unknown)");
    }
    if let Some(type_name) = &field.type_name {
        let label = field.label.as_ref().and_then(|label| label.word());
        let label = label.map(|word| format!("{word} ")).unwrap_or_default();
        line.push_str(": ");
        line.push_str(&label);
        line.push_str(type_name);
    }
    if let Some(value) = &field.value {
        line.push_str(" = ");
        line.push_str(&text::one_line(&value.to_string(), MAX_CHARS));
    }
    line
}

/// Sizes side by side.
pub(super) fn size(out: &mut impl Write, size: &Sizes, json: &str) -> io::Result<()> {
    writeln!(out, "{}", text::one_line(json, 2 * MAX_CHARS))?;
    writeln!(out, "          protobuf      JSON")?;
    writeln!(out, "plain  {:>11}  {:>8}", size.protobuf, size.json)?;
    writeln!(
        out,
        "gzip   {:>11}  {:>8}",
        size.protobuf_gzip, size.json_gzip
    )
}
