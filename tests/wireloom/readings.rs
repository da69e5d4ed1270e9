//! How often the readings without a schema are what the fields are, where the truth is known from Python's protobuf.

use crate::protobuf::{Row, folded, folder, rows};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use wireloom::capture::schema_files;
use wireloom::wire::protobuf::tree::{Field, Message};
use wireloom::wire::protobuf::{Decoder, Evidence, ReadingKind, SchemaBuilder};

/// What the truth calls a reading.
fn category(kind: ReadingKind) -> &'static str {
    match kind {
        ReadingKind::Message => "message",
        ReadingKind::Text => "string",
        ReadingKind::Bytes => "bytes",
        ReadingKind::PackedFloat | ReadingKind::PackedFixed32 => "packed 32",
        ReadingKind::PackedDouble | ReadingKind::PackedFixed64 => "packed 64",
        _ => "packed varint",
    }
}

/// The field whose content has this range, if the tree has it.
fn find<'t>(message: &'t Message, truth: &Json) -> Option<&'t Field> {
    let mut path = truth[0].as_array().unwrap().iter().peekable();
    let range = |at: usize| usize::try_from(truth[1][at].as_u64().unwrap()).unwrap();
    let (start, end) = (range(0), range(1));
    let mut message = Some(message);
    while let Some(number) = path.next() {
        let field = message?.fields.iter().find(|field| {
            u64::from(field.number.0) == number.as_u64().unwrap()
                && field.content.start <= start
                && field.content.end >= end
        })?;
        if path.peek().is_none() {
            return (field.content == (start..end)).then_some(field);
        }
        message = field.inner.as_ref();
    }
    None
}

/// How many of the `LEN` fields are read as what they are, and how many there are; and what was taken for what.
fn score(rows: &[Row], decoder: impl Fn(&Row) -> Message) -> (usize, usize, Vec<String>) {
    let (mut right, mut all, mut wrong) = (0, 0, Vec::new());
    for row in rows {
        let message = decoder(row);
        for truth in &row.fields {
            all += 1;
            let found = find(&message, truth);
            let said = found.map_or("nothing", |field| category(field.readings[0].kind));
            if said == truth[2].as_str().unwrap() {
                right += 1;
            } else {
                wrong.push(format!(
                    "{} {}: {} taken for {said}",
                    row.type_name, truth[0], truth[2]
                ));
            }
        }
    }
    (right, all, wrong)
}

/// The scores of the messages of a file: with the evidence of all messages of a type, each by itself, and of how many.
fn scores(file: &str) -> (usize, usize, usize) {
    let rows = rows(file);
    assert!(rows.len() >= 200);
    let mut evidence = Evidence::default();
    for row in &rows {
        evidence.feed(&row.type_name, &row.bytes);
    }
    let (pooled, all, wrong) = score(&rows, |row| {
        Decoder::new()
            .with_evidence(&evidence, &row.type_name)
            .decode(&row.bytes, None)
    });
    let (alone, _, wrong_alone) = score(&rows, |row| Decoder::new().decode(&row.bytes, None));
    println!("{file}, {} messages", rows.len());
    for (what, right, wrong) in [
        ("with evidence of all messages", pooled, wrong),
        ("each message by itself", alone, wrong_alone),
    ] {
        println!("{what}: {right} of {all} are right");
        let mut counts = BTreeMap::new();
        for line in wrong {
            *counts.entry(line).or_insert(0) += 1;
        }
        for (line, count) in counts {
            println!("{count:5} {line}");
        }
    }
    (pooled, alone, all)
}

#[test]
fn without_a_schema_nearly_all_fields_are_read_as_what_they_are() {
    let (pooled, alone, all) = scores("messages.jsonl");
    assert!(all > 2000);
    // 98 in a hundred, and 95 when every message stands alone.
    assert!(pooled * 100 >= all * 98, "{pooled} of {all}");
    assert!(alone * 100 >= all * 95, "{alone} of {all}");
}

#[test]
fn messages_that_nothing_was_tuned_on_are_read_nearly_as_well() {
    let (pooled, alone, all) = scores("unseen.jsonl");
    assert!(all > 2000);
    assert!(pooled * 100 >= all * 97, "{pooled} of {all}");
    assert!(alone * 100 >= all * 94, "{alone} of {all}");
}

#[test]
fn messages_made_at_random_equal_what_pythons_protobuf_decodes() {
    let mut builder = SchemaBuilder::default();
    schema_files::read(&mut builder, &[folder().join("unseen.proto")]).unwrap();
    let schema = builder.build();
    assert!(schema.problems().is_empty(), "{:?}", schema.problems());
    for row in &rows("unseen.jsonl") {
        let message_type = schema.message(&row.type_name).unwrap();
        let message = Decoder::new().decode(&row.bytes, Some(&message_type));
        assert_eq!(folded(&message, &row.bytes), row.json);
    }
}
