//! `wireloom protobuf`: bytes to fields and values to bytes, without a capture.

use super::{Failure, schema};
use crate::report::output::{write_csv, write_json};
use crate::report::protobuf::{ProtobufReport, compare, lines, protobuf};
use crate::wire::protobuf::encode::{EncodeError, encode};
use crate::wire::protobuf::tree::{Field, Message};
use crate::wire::protobuf::{
    Decoder, Evidence, FieldNumber, Override, Overrides, ReadingKind, Schema, draft, textbook,
};
use clap::Args;
use prost_reflect::MessageDescriptor;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;

/// The largest message that is read from standard input or a file: far more than gRPC lets through by default (4 MB).
const MAX_INPUT_BYTES: u64 = 64 << 20;
/// Whose messages the bytes given are, for evidence and overrides.
const SCOPE: &str = "message";

/// A protobuf message, without a capture.
#[derive(Debug, Args)]
pub(super) struct Protobuf {
    /// The bytes in hex, in any grouping; a file with the bytes; `-` is standard input [default: the textbook's example]
    hex: Vec<String>,

    /// A .proto file, a folder of them, or a descriptor set; may be given several times
    #[arg(long, value_name = "PATH")]
    proto: Vec<PathBuf>,

    /// The message type, as in `users.User` [default: the one that fits the bytes best]
    #[arg(long = "type", value_name = "TYPE", requires = "proto")]
    type_name: Option<String>,

    /// Write this message, given as protobuf's JSON, and show its bytes
    #[arg(long, value_name = "JSON", conflicts_with = "hex", requires = "proto")]
    encode: Option<String>,

    /// Another version of the schema: what each version reads in the same bytes, and which changes break
    #[arg(long, value_name = "PATH", requires = "proto")]
    against: Vec<PathBuf>,

    /// Read the field at a path of numbers in another way, as in `1.5=bytes`; may be given several times
    #[arg(long = "as", value_name = "PATH=READING", value_parser = said)]
    said: Vec<(Vec<FieldNumber>, ReadingKind)>,

    /// Print a draft of the schema instead
    #[arg(long, conflicts_with_all = ["against", "json"])]
    draft: bool,

    /// JSON instead of a table
    #[arg(long)]
    json: bool,

    /// CSV instead: a line for each field, or with `--against` for each field as both versions read it
    #[arg(long, conflicts_with_all = ["json", "draft"])]
    csv: bool,
}

/// What was asked for makes no sense.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProtobufError {
    /// The text is not hex.
    #[error("`{0}` is neither hex digits in pairs nor a file.")]
    NotHex(String),
    /// A file or standard input cannot be read.
    #[error("{0} cannot be read: {1}.")]
    Read(String, io::Error),
    /// No schema has the type.
    #[error("There is no message type {name} in {schema}.{known}")]
    NoType {
        name: String,
        schema: &'static str,
        known: String,
    },
    /// `--encode` needs a type.
    #[error("`--type` has to say which message type to write; there are: {0}.")]
    TypeNeeded(String),
    /// The schema has no types at all.
    #[error("The schema has no message types.")]
    NoTypes,
    /// The values do not fit the type.
    #[error("The values do not fit {0}: {1}.")]
    Encode(String, EncodeError),
}

impl ProtobufError {
    /// Whether what was asked for is wrong, rather than a file.
    pub(super) fn is_usage(&self) -> bool {
        !matches!(self, Self::Read(..))
    }
}

/// Reads or writes a message and explains it.
pub(super) fn run(wanted: &Protobuf) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    answer(wanted, &mut out)?;
    out.flush()?;
    Ok(())
}

fn answer(wanted: &Protobuf, out: &mut impl Write) -> Result<(), Failure> {
    if wanted.hex.is_empty() && wanted.proto.is_empty() {
        return exercise(wanted, out);
    }
    let schema = schema::from_files(&wanted.proto)?;
    if let Some(json) = &wanted.encode {
        let message_type = named(&schema, wanted.type_name.as_deref())?;
        let bytes = encode(json, &message_type)
            .map_err(|error| ProtobufError::Encode(message_type.full_name().to_owned(), error))?;
        return explain(wanted, &bytes, Some(&message_type), out);
    }
    let bytes = input(&wanted.hex)?;
    let message_type = match &wanted.type_name {
        Some(name) => Some(find(&schema, name, "the schema")?),
        None => best_fit(&schema, &bytes),
    };
    if wanted.draft {
        let mut evidence = Evidence::default();
        evidence.feed(SCOPE, &bytes);
        let text = draft::draft_message(&evidence, &overrides(wanted), SCOPE, "Message");
        return Ok(out.write_all(text.as_bytes())?);
    }
    if wanted.against.is_empty() {
        return explain(wanted, &bytes, message_type.as_ref(), out);
    }
    let Some(old) = message_type else {
        return Err(ProtobufError::NoTypes.into());
    };
    let other = schema::from_files(&wanted.against)?;
    let new = find(&other, old.full_name(), "the schema it is compared with")?;
    let report = compare(&bytes, &old, &new);
    if wanted.csv {
        write_csv(out, report.fields.iter())?;
    } else if wanted.json {
        write_json(out, &report)?;
    } else {
        report.write_table(out)?;
    }
    Ok(())
}

fn overrides(wanted: &Protobuf) -> Overrides {
    let mut overrides = Overrides::default();
    for (path, kind) in &wanted.said {
        let said = Override {
            reading: Some(*kind),
            name: None,
        };
        overrides.set(SCOPE, path, said);
    }
    overrides
}

fn report(
    wanted: &Protobuf,
    bytes: &[u8],
    message_type: Option<&MessageDescriptor>,
) -> ProtobufReport {
    let mut evidence = Evidence::default();
    evidence.feed(SCOPE, bytes);
    let overrides = overrides(wanted);
    let message = Decoder::new()
        .with_evidence(&evidence, SCOPE)
        .with_overrides(&overrides, SCOPE)
        .decode(bytes, message_type);
    protobuf(message, bytes, message_type)
}

fn explain(
    wanted: &Protobuf,
    bytes: &[u8],
    message_type: Option<&MessageDescriptor>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let report = report(wanted, bytes, message_type);
    if wanted.csv {
        write_csv(out, lines(&report.fields).iter())?;
    } else if wanted.json {
        write_json(out, &report)?;
    } else {
        report.write_table(out)?;
    }
    Ok(())
}

/// The textbook's example: its first fields without and with a schema, then the whole message beside its JSON.
fn exercise(wanted: &Protobuf, out: &mut impl Write) -> Result<(), Failure> {
    let Some(user) = textbook::user_type() else {
        return Err(ProtobufError::NoTypes.into());
    };
    let whole = encode(textbook::USER_JSON, &user)
        .map_err(|error| ProtobufError::Encode(user.full_name().to_owned(), error))?;
    if wanted.json || wanted.csv {
        return explain(wanted, &whole, Some(&user), out);
    }
    writeln!(
        out,
        "The textbooks' example. These bytes came from a server, and nobody has the schema:\n"
    )?;
    explain(wanted, &textbook::FIRST_FIELDS, None, out)?;
    writeln!(
        out,
        "\nWith the schema the same bytes have names:\n\n{}",
        textbook::PROTO
    )?;
    explain(wanted, &textbook::FIRST_FIELDS, Some(&user), out)?;
    writeln!(out, "\nAnd this is all of Alice:\n")?;
    explain(wanted, &whole, Some(&user), out)?;
    writeln!(
        out,
        "\nTry `wireloom protobuf 0896011a03010203`, or write bytes of your own with `--proto FILE --type TYPE --encode JSON`."
    )?;
    Ok(())
}

fn find(
    schema: &Schema,
    name: &str,
    which: &'static str,
) -> Result<MessageDescriptor, ProtobufError> {
    schema.message(name).ok_or_else(|| ProtobufError::NoType {
        name: name.to_owned(),
        schema: which,
        known: match &schema.message_names()[..] {
            [] => String::new(),
            names => format!(" There are: {}.", list(names)),
        },
    })
}

fn named(schema: &Schema, name: Option<&str>) -> Result<MessageDescriptor, ProtobufError> {
    if let Some(name) = name {
        return find(schema, name, "the schema");
    }
    match &schema.message_names()[..] {
        [only] => find(schema, only, "the schema"),
        [] => Err(ProtobufError::NoTypes),
        names => Err(ProtobufError::TypeNeeded(list(names))),
    }
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(", ") + &more
}

/// The type that names most of the fields and contradicts fewest.
fn best_fit(schema: &Schema, bytes: &[u8]) -> Option<MessageDescriptor> {
    let mut names = schema.message_names();
    // Those that protobuf brings along are small and fit nearly everything.
    let is_own = |name: &String| !name.starts_with("google.protobuf.");
    if names.iter().any(is_own) {
        names.retain(is_own);
    }
    let best = names
        .iter()
        .filter_map(|name| schema.pool().get_message_by_name(name))
        .map(|message_type| {
            let message = Decoder::new().decode(bytes, Some(&message_type));
            (fit(&message), message_type)
        })
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (_, message_type) = best?;
    if names.len() > 1 {
        eprintln!(
            "wireloom: Without `--type`, the bytes are read as {}, which fits best of {} types.",
            message_type.full_name(),
            names.len()
        );
    }
    Some(message_type)
}

fn fit(message: &Message) -> i64 {
    let field = |field: &Field| {
        let own = if field.unknown { -1 } else { 1 };
        own - 2 * i64::try_from(field.notes.len()).unwrap_or(i64::MAX / 4)
            + field.inner.as_ref().map_or(0, fit)
    };
    let fields: i64 = message.fields.iter().map(field).sum();
    fields - if message.damage.is_some() { 2 } else { 0 }
}

/// The bytes that were given: hex, a file, or standard input.
fn input(arguments: &[String]) -> Result<Vec<u8>, ProtobufError> {
    if let [only] = arguments
        && only == "-"
    {
        let name = || "Standard input".to_owned();
        let bytes = limited(io::stdin().lock(), name)?;
        return Ok(bytes_from_text(&bytes).unwrap_or(bytes));
    }
    let text = arguments.join(" ");
    if let Some(bytes) = bytes_from_text(text.as_bytes()) {
        return Ok(bytes);
    }
    if let [only] = arguments
        && std::path::Path::new(only).is_file()
    {
        let file =
            std::fs::File::open(only).map_err(|error| ProtobufError::Read(only.clone(), error))?;
        return limited(file, || only.clone());
    }
    Err(ProtobufError::NotHex(crate::report::text::one_line(
        &text, 60,
    )))
}

fn limited(from: impl Read, name: impl Fn() -> String) -> Result<Vec<u8>, ProtobufError> {
    let mut bytes = Vec::new();
    from.take(MAX_INPUT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| ProtobufError::Read(name(), error))?;
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        let error = io::Error::new(io::ErrorKind::FileTooLarge, "a message has at most 64 MB");
        return Err(ProtobufError::Read(name(), error));
    }
    Ok(bytes)
}

/// Bytes from hex digits in pairs, between which there may be spaces, commas, colons, `0x` and `\x`.
fn bytes_from_text(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let text = text.replace("0x", " ").replace("\\x", " ");
    let mut bytes = Vec::new();
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '-' | '_'));
    for word in words {
        if word.len() % 2 != 0 || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for pair in word.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair).ok()?;
            bytes.push(u8::from_str_radix(pair, 16).ok()?);
        }
    }
    Some(bytes)
}

fn said(text: &str) -> Result<(Vec<FieldNumber>, ReadingKind), String> {
    let parts = text
        .split_once('=')
        .ok_or("it is PATH=READING, as in 1.5=bytes")?;
    let path: Result<Vec<FieldNumber>, _> = parts
        .0
        .split('.')
        .map(|number| number.parse().map(FieldNumber))
        .collect();
    let path = path.map_err(|_| "a path is field numbers with dots between, as in 1.5")?;
    let kind = ReadingKind::from_name(parts.1).ok_or_else(|| {
        let names: Vec<&str> = ReadingKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("a reading is one of: {}", names.join(", "))
    })?;
    Ok((path, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_may_be_grouped_in_any_way() {
        let expected = Some(vec![0x08, 0x2a, 0x12]);
        for text in [
            "082a12",
            "08 2A 12",
            "0x08, 0x2a, 0x12",
            "08:2a:12",
            "\\x08\\x2a\\x12",
            "08 2a\n12\n",
        ] {
            assert_eq!(bytes_from_text(text.as_bytes()), expected, "{text}");
        }
        for text in ["08 2", "hello", "08 2g"] {
            assert_eq!(bytes_from_text(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_reading_is_given_by_path_and_name() {
        let path = vec![FieldNumber(1), FieldNumber(5)];
        assert_eq!(
            said("1.5=packed sint64"),
            Ok((path, ReadingKind::PackedZigZag))
        );
        assert!(said("1.5").is_err());
        assert!(said("a=bytes").is_err());
        assert!(said("1=text").is_err());
    }
}
