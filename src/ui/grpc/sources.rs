//! Where the names of fields come from: schema files that a person named, what servers told of themselves, and what a
//! person said about fields without a schema.

use crate::analysis::grpc::{MessageReader, learn_reflection};
use crate::capture::schema_files;
use crate::trace::Trace;
use crate::wire::protobuf::number::FieldNumber;
use crate::wire::protobuf::overrides::Override;
use crate::wire::protobuf::reading::ReadingKind;
use crate::wire::protobuf::{Overrides, Schema, SchemaBuilder};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a person named and said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// `.proto` files, descriptor sets, and folders of them.
    pub paths: Vec<PathBuf>,
    /// Another version of the schemas, to compare with: files and folders.
    pub against: Vec<PathBuf>,
    /// What was said about fields.
    pub overrides: Overrides,
}

/// What became of the schemas.
#[derive(Clone, Debug, Default)]
pub struct SchemaState {
    /// How many files were read.
    pub files: usize,
    /// Types that servers told of themselves in the capture.
    pub reflected_types: usize,
    /// Another version of the schemas, when there is one.
    pub against: Option<Arc<Schema>>,
    /// Where that lies.
    pub against_paths: Vec<PathBuf>,
    /// What is wrong, each a sentence.
    pub problems: Vec<String>,
}

/// A file with what was said that is larger than this was not written by us.
const MAX_SAID_BYTES: u64 = 16 << 20;

impl Sources {
    /// Reads what was said about fields: the file that `wireloom draft --overrides` reads too. Nothing when there is
    /// none that can be read.
    pub fn load_said(&mut self, path: &Path) {
        let small = std::fs::metadata(path).is_ok_and(|file| file.len() <= MAX_SAID_BYTES);
        let text = small.then(|| std::fs::read_to_string(path).ok()).flatten();
        let said = text.and_then(|text| serde_json::from_str(&text).ok());
        self.overrides = said.unwrap_or_default();
    }

    /// Writes what was said: first beside the old file, then in its place.
    ///
    /// # Errors
    ///
    /// Says what the system says.
    pub fn save_said(&self, path: &Path) -> std::io::Result<()> {
        let text = serde_json::to_string_pretty(&self.overrides)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension("json.new");
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, path)
    }

    /// Says how to read a field, or takes back what was said; a name that was given to it stays.
    pub fn say(&mut self, scope: &str, path: &[FieldNumber], reading: Option<ReadingKind>) {
        let before = self.overrides.get(scope, path).cloned().unwrap_or_default();
        let said = Override { reading, ..before };
        self.overrides.set(scope, path, said);
    }

    /// A reader that knows all schemas and has learnt from the capture, and what became of the schemas.
    pub(super) fn reader(&self, trace: &Trace) -> (MessageReader, SchemaState) {
        let mut reflected = SchemaBuilder::default();
        learn_reflection(trace, &mut reflected);
        let mut state = SchemaState::default();
        if !reflected.is_empty() {
            state.reflected_types = own_types(&reflected.build().message_names());
        }
        let mut builder = SchemaBuilder::default();
        for path in &self.paths {
            // One that cannot be read must not take the others away.
            match schema_files::read(&mut builder, std::slice::from_ref(path)) {
                Ok(0) => state.problems.push(format!(
                    "{} holds no .proto file and no descriptor set.",
                    path.display()
                )),
                Ok(files) => state.files += files,
                Err(error) => state.problems.push(error.to_string()),
            }
        }
        learn_reflection(trace, &mut builder);
        let schema = builder.build();
        state.problems.extend(
            schema
                .problems()
                .iter()
                .map(|problem| format!("{problem}.")),
        );
        state.against = self.other_version(&mut state.problems);
        state.against_paths.clone_from(&self.against);
        let mut reader = MessageReader::new(schema, self.overrides.clone());
        reader.learn(trace);
        (reader, state)
    }

    fn other_version(&self, problems: &mut Vec<String>) -> Option<Arc<Schema>> {
        if self.against.is_empty() {
            return None;
        }
        let mut builder = SchemaBuilder::default();
        if let Err(error) = schema_files::read(&mut builder, &self.against) {
            problems.push(error.to_string());
        }
        let schema = builder.build();
        let own = schema.problems().iter();
        problems.extend(own.map(|problem| format!("In the other version, {problem}.")));
        Some(Arc::new(schema))
    }
}

/// Types that are not protobuf's own.
fn own_types(names: &[String]) -> usize {
    let own = |name: &&String| !name.starts_with("google.protobuf.");
    names.iter().filter(own).count()
}

/// Whether a path looks like a schema and not like a capture: by its ending, or because it is a folder.
pub fn is_schema(path: &Path) -> bool {
    const ENDINGS: [&str; 6] = ["proto", "binpb", "desc", "fds", "pb", "protoset"];
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending)) || path.is_dir()
}

impl SchemaState {
    /// What a person calls the other version: its files, each with its folder, `v1/catalog.proto`.
    pub fn other_name(&self) -> String {
        let names = self.against_paths.iter().map(|path| {
            let end: Vec<_> = path.components().rev().take(2).collect();
            let end: PathBuf = end.into_iter().rev().collect();
            end.display().to_string()
        });
        names.collect::<Vec<_>>().join(", ")
    }

    /// What is wrong in one sentence; `None` when nothing is.
    pub fn problem(&self) -> Option<String> {
        let first = self.problems.first()?;
        Some(match self.problems.len() - 1 {
            0 => format!("A schema has a problem, and the rest of it is used: {first}"),
            1 => format!("Schemas have 2 problems, and the rest of them is used; one is: {first}"),
            more => format!(
                "Schemas have {} problems, and the rest of them is used; one is: {first}",
                more + 1
            ),
        })
    }

    /// What servers told of themselves, as a sentence.
    pub fn reflection(&self) -> Option<String> {
        let types = self.reflected_types;
        (types > 0).then(|| {
            format!(
                "A server told its own schema in this capture (reflection): {} named by it.",
                match types {
                    1 => "1 type of messages is".to_owned(),
                    types => format!("{types} types of messages are"),
                }
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_written_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/readings.json");
        let mut sources = Sources::default();
        sources.say(
            "/a.B/C request",
            &[FieldNumber(1)],
            Some(ReadingKind::Bytes),
        );
        sources.save_said(&path).unwrap();
        let mut again = Sources::default();
        again.load_said(&path);
        assert_eq!(again, sources);
        again.say("/a.B/C request", &[FieldNumber(1)], None);
        assert!(again.overrides.is_empty());
        std::fs::write(&path, "nonsense").unwrap();
        again.load_said(&path);
        assert!(again.overrides.is_empty());
    }

    #[test]
    fn a_missing_schema_is_one_sentence_and_the_others_are_used() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = Sources {
            paths: vec![root.join("no/such.proto"), root.join("captures/proto")],
            ..Sources::default()
        };
        let trace = Trace::new(crate::capture::Source::empty());
        let (reader, state) = sources.reader(&trace);
        assert!(state.files > 0);
        assert!(!reader.schema().is_empty());
        let problem = state.problem().unwrap();
        assert!(problem.contains("such.proto cannot be read"), "{problem}");
        assert_eq!(problem.lines().count(), 1);
    }

    #[test]
    fn the_other_version_is_named_by_its_file_and_folder() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = Sources {
            against: vec![root.join("captures/proto/v1/catalog.proto")],
            ..Sources::default()
        };
        let trace = Trace::new(crate::capture::Source::empty());
        let (_, state) = sources.reader(&trace);
        assert!(state.against.is_some());
        let name = Path::new("v1").join("catalog.proto");
        assert_eq!(state.other_name(), name.display().to_string());
    }

    #[test]
    fn schemas_are_told_from_captures() {
        assert!(is_schema(Path::new("a/user.proto")));
        assert!(is_schema(Path::new("all.binpb")));
        assert!(!is_schema(Path::new("a/traffic.pcapng")));
    }
}
