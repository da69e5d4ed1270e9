//! Schema files from disk: `.proto` files, folders of them, and descriptor sets.
//!
//! Nobody has to say where the import root is: an import is looked for in every folder above the file that imports it, and
//! in every folder that was given.

use crate::wire::protobuf::SchemaBuilder;
use crate::wire::protobuf::schema::MAX_FILES;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// The largest schema file that is read. Those that people write have some kilobytes, descriptor sets some megabytes.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// How deep folders are searched.
const MAX_FOLDER_DEPTH: usize = 32;
/// How many folders above a file are tried for its imports.
const MAX_FOLDERS_ABOVE: usize = 32;

/// A schema file that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("The schema {} cannot be read: {source}.", path.display())]
pub struct SchemaFileError {
    path: PathBuf,
    source: io::Error,
}

/// Reads files and folders into a builder, and what they import as far as it is found.
///
/// A folder gives its `.proto` files and descriptor sets; a file that does not end in `.proto` is a descriptor set, unless
/// it is text. Gives how many files were read.
///
/// # Errors
///
/// When a path does not exist or cannot be read. What is wrong within the files is for the schema to tell.
pub fn read(builder: &mut SchemaBuilder, paths: &[PathBuf]) -> Result<usize, SchemaFileError> {
    let mut files = Files {
        builder,
        roots: Vec::new(),
        seen: BTreeSet::new(),
        open: Vec::new(),
    };
    for path in paths {
        let failed = |source| SchemaFileError {
            path: path.clone(),
            source,
        };
        let is_folder = std::fs::metadata(path).map_err(failed)?.is_dir();
        if is_folder {
            files.roots.push(path.clone());
            files.folder(path, 0).map_err(failed)?;
        } else {
            files.roots.extend(path.parent().map(Path::to_path_buf));
            files.file(path).map_err(failed)?;
        }
        files.imports();
    }
    Ok(files.seen.len())
}

struct Files<'b> {
    builder: &'b mut SchemaBuilder,
    /// Folders that were given.
    roots: Vec<PathBuf>,
    /// Files that were read, by their one true path.
    seen: BTreeSet<PathBuf>,
    /// Files whose imports are still to be found, with the imports.
    open: Vec<(PathBuf, Vec<String>)>,
}

impl Files<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        let entries: Result<Vec<_>, _> = std::fs::read_dir(folder)?.collect();
        let mut paths: Vec<PathBuf> = entries?.iter().map(std::fs::DirEntry::path).collect();
        // The same answer on every machine.
        paths.sort_unstable();
        for path in paths {
            let hidden = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if hidden || self.seen.len() >= MAX_FILES {
                continue;
            }
            // A link may lead back up; what it leads to is in the search anyway or was not meant.
            let is_link = path.is_symlink();
            if path.is_dir() && !is_link && depth < MAX_FOLDER_DEPTH {
                self.folder(&path, depth + 1)?;
            } else if (is_proto(&path) || is_descriptor_set(&path)) && path.is_file() {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        let true_path = std::fs::canonicalize(path)?;
        if !self.seen.insert(true_path) {
            return Ok(());
        }
        if std::fs::metadata(path)?.len() > MAX_FILE_BYTES {
            let text = "a schema file has at most 64 MB";
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        let bytes = std::fs::read(path)?;
        let name = name(path);
        match String::from_utf8(bytes) {
            Ok(text) if is_proto(path) || looks_like_proto(&text) => {
                let imports = self.builder.add_source(&name, &text);
                self.open.push((path.to_path_buf(), imports));
            }
            Ok(text) => self.builder.add_descriptor_set(&name, text.as_bytes()),
            Err(not_text) => self.builder.add_descriptor_set(&name, not_text.as_bytes()),
        }
        Ok(())
    }

    /// Reads what the files import and was not read yet. What is not found is for the schema to tell.
    fn imports(&mut self) {
        while let Some((path, imports)) = self.open.pop() {
            for import in imports {
                if Path::new(&import).is_absolute() {
                    continue;
                }
                let path = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
                let above = path.ancestors().skip(1).take(MAX_FOLDERS_ABOVE);
                let folders = above.chain(self.roots.iter().map(PathBuf::as_path));
                let found = folders
                    .map(|folder| folder.join(&import))
                    .find(|candidate| candidate.is_file());
                if let Some(found) = found
                    && self.seen.len() < MAX_FILES
                {
                    // One that cannot be read is as good as missing.
                    let _ = self.file(&found);
                }
            }
        }
    }
}

fn is_proto(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "proto")
}

/// Descriptor sets by the usual ends of their names.
fn is_descriptor_set(path: &Path) -> bool {
    const ENDS: [&str; 5] = ["binpb", "desc", "fds", "pb", "protoset"];
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ENDS.contains(&extension))
}

/// Tags and lengths of a descriptor set are control characters, which no text has.
fn looks_like_proto(text: &str) -> bool {
    let odd = |character: char| character.is_control() && !character.is_whitespace();
    !text.contains(odd)
}

/// A path with slashes, as imports have them.
fn name(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    // The root is a slash by itself.
    parts.join("/").replace("//", "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::protobuf::Schema;

    fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn schema(paths: &[PathBuf]) -> Schema {
        let mut builder = SchemaBuilder::default();
        read(&mut builder, paths).unwrap();
        builder.build()
    }

    const USER: &str = r#"syntax = "proto3"; package api.v1; import "api/common/id.proto";
        message User { api.common.Id id = 1; }"#;
    const ID: &str = r#"syntax = "proto3"; package api.common; message Id { int64 n = 1; }"#;

    #[test]
    fn one_file_brings_its_imports_along_from_a_folder_above_it() {
        let folder = tempfile::tempdir().unwrap();
        let user = write(folder.path(), "root/api/v1/user.proto", USER);
        write(folder.path(), "root/api/common/id.proto", ID);
        let schema = schema(&[user]);
        assert!(schema.problems().is_empty(), "{:?}", schema.problems());
        assert!(schema.message("api.common.Id").is_some());
    }

    #[test]
    fn a_folder_is_read_whole_and_a_descriptor_set_is_recognised() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "root/api/v1/user.proto", USER);
        write(folder.path(), "root/api/common/id.proto", ID);
        write(folder.path(), "root/notes.txt", "not a schema");
        let from_folder = schema(&[folder.path().to_path_buf()]);
        assert!(from_folder.problems().is_empty());
        let set = folder.path().join("set.binpb");
        std::fs::write(&set, from_folder.pool().encode_to_vec()).unwrap();
        let from_set = schema(&[set]);
        assert!(from_set.problems().is_empty(), "{:?}", from_set.problems());
        assert_eq!(from_set.message_names(), from_folder.message_names());
    }

    #[test]
    fn what_does_not_exist_is_an_error_that_names_it() {
        let error = read(&mut SchemaBuilder::default(), &["no/such.proto".into()]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("The schema no/such.proto cannot be read")
        );
    }
}
