//! Reads the schemas that `--proto` names: files, descriptor sets, and folders of them.

use crate::analysis::grpc::learn_reflection;
use crate::trace::Trace;
use crate::wire::protobuf::schema::MAX_FILES;
use crate::wire::protobuf::{Schema, SchemaBuilder};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

/// Why a schema could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SchemaError {
    /// The file or folder cannot be read.
    #[error("The schema {} cannot be read: {source}.", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The largest schema file that is read. Our choice: descriptor sets of whole companies have a tenth of it.
const MAX_SCHEMA_BYTES: u64 = 256 << 20;

/// How deep folders are searched.
const MAX_FOLDER_DEPTH: usize = 32;

/// Descriptor sets by the usual ends of their names.
const DESCRIPTOR_SET_EXTENSIONS: [&str; 6] = ["binpb", "pb", "desc", "protoset", "fds", "bin"];

/// The schema that a person names, together with what servers told of themselves in the capture. What is wrong
/// with it goes to standard error.
pub(super) fn load(paths: &[PathBuf], trace: &Trace) -> Result<Schema, SchemaError> {
    let mut files = Files::default();
    for path in paths {
        files.add(path)?;
    }
    learn_reflection(trace, &mut files.builder);
    let schema = files.builder.build();
    for problem in schema.problems() {
        eprintln!("wireloom: {problem}.");
    }
    Ok(schema)
}

#[derive(Default)]
struct Files {
    builder: SchemaBuilder,
    read: HashSet<PathBuf>,
}

impl Files {
    /// A file, or all files of a folder.
    fn add(&mut self, path: &Path) -> Result<(), SchemaError> {
        if path.is_dir() {
            let before = self.read.len();
            self.folder(path, path, 0)?;
            if self.read.len() == before {
                eprintln!(
                    "wireloom: {} holds no .proto file and no descriptor set.",
                    path.display()
                );
            }
            Ok(())
        } else {
            let name = slashes(path);
            self.file(path, &name)
        }
    }

    fn folder(&mut self, root: &Path, folder: &Path, depth: usize) -> Result<(), SchemaError> {
        let failed = |source| SchemaError::Read {
            path: folder.to_owned(),
            source,
        };
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
            .map_err(failed)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        entries.sort();
        for entry in entries {
            if self.read.len() >= MAX_FILES {
                return Ok(());
            }
            // A link to a folder may lead back to where it lies.
            if entry.is_dir() && !entry.is_symlink() && depth < MAX_FOLDER_DEPTH {
                self.folder(root, &entry, depth + 1)?;
            } else if is_source(&entry) || is_descriptor_set(&entry) {
                let name = slashes(entry.strip_prefix(root).unwrap_or(&entry));
                self.file(&entry, &name)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: &str) -> Result<(), SchemaError> {
        let key = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !self.read.insert(key) {
            return Ok(());
        }
        let bytes = read(path).map_err(|source| SchemaError::Read {
            path: path.to_owned(),
            source,
        })?;
        if !is_source(path) {
            self.builder.add_descriptor_set(name, &bytes);
            return Ok(());
        }
        let imports = self
            .builder
            .add_source(name, &String::from_utf8_lossy(&bytes));
        for import in imports {
            self.import(path, &import);
        }
        Ok(())
    }

    /// Looks for an import below the folders that the importing file lies in, the nearest first: one of them is the
    /// import root. One that is nowhere is said when the schema is put together.
    fn import(&mut self, importing: &Path, import: &str) {
        if self.read.len() >= MAX_FILES || Path::new(import).is_absolute() {
            return;
        }
        let absolute = std::path::absolute(importing).unwrap_or_else(|_| importing.to_owned());
        let roots = absolute.ancestors().skip(1).take(MAX_FOLDER_DEPTH);
        let found = roots
            .map(|root| root.join(import))
            .find(|path| path.is_file());
        if let Some(path) = found {
            // Whoever imports it can do without it.
            let _ = self.file(&path, import);
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > MAX_SCHEMA_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    std::fs::read(path)
}

fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| wanted.iter().any(|own| own.eq_ignore_ascii_case(extension)))
}

fn is_source(path: &Path) -> bool {
    has_extension(path, &["proto"])
}

fn is_descriptor_set(path: &Path) -> bool {
    has_extension(path, &DESCRIPTOR_SET_EXTENSIONS)
}

/// A path as protobuf writes it.
fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .filter_map(|part| match part {
            std::path::Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        })
        .collect();
    parts.join("/")
}
