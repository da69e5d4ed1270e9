//! Puts files together: finds what each imports, and adds them to the pool in an order that works.

use super::Schema;
use super::built_in;
use super::editions;
use super::features;
use super::problem::SchemaProblem;
use super::repair;
use prost_reflect::DescriptorPool;
use prost_reflect::prost::Message;
use prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};
use std::collections::{BTreeMap, BTreeSet};

/// How many files a schema may have. Reflection in a capture could tell of new ones for ever.
pub const MAX_FILES: usize = 5_000;

/// Collects files. Where two define the same, the one that was added first counts.
#[derive(Debug, Default)]
pub struct SchemaBuilder {
    /// In the order in which they were added.
    files: Vec<FileDescriptorProto>,
    by_name: BTreeMap<String, usize>,
    problems: Vec<SchemaProblem>,
    full: bool,
}

impl SchemaBuilder {
    /// Adds the text of a `.proto` file. `name` is its path with slashes; imports are matched with the ends of paths, so
    /// that nobody has to say where the import root is. Gives the imports, for whoever can look for them.
    pub fn add_source(&mut self, name: &str, source: &str) -> Vec<String> {
        let edition = editions::as_proto3(source);
        let text = edition.as_deref().unwrap_or(source);
        match protox::file::File::from_source(name, text) {
            Ok(file) => {
                let imports = file.file_descriptor_proto().dependency.clone();
                let mut file: FileDescriptorProto = file.into();
                if edition.is_some() {
                    file.syntax = Some(editions::SYNTAX.to_owned());
                }
                self.add_file(file);
                imports
            }
            Err(source) => {
                self.problems.push(SchemaProblem::Syntax {
                    file: name.to_owned(),
                    source,
                });
                Vec::new()
            }
        }
    }

    /// Adds a descriptor set: the bytes that `protoc --descriptor_set_out` writes. `name` is for problems alone.
    pub fn add_descriptor_set(&mut self, name: &str, bytes: &[u8]) {
        match FileDescriptorSet::decode(bytes) {
            Ok(set) => {
                let contents = features::contents(bytes, 1);
                for (mut file, bytes) in set.file.into_iter().zip(contents) {
                    features::attach(&mut file, bytes);
                    self.add_file(file);
                }
            }
            Err(source) => self.problems.push(SchemaProblem::Descriptor {
                file: name.to_owned(),
                source,
            }),
        }
    }

    /// Adds one `FileDescriptorProto`, as server reflection sends it in `file_descriptor_response`.
    pub fn add_file_descriptor(&mut self, bytes: &[u8]) {
        match FileDescriptorProto::decode(bytes) {
            Ok(mut file) => {
                features::attach(&mut file, bytes);
                self.add_file(file);
            }
            Err(source) => self.problems.push(SchemaProblem::Descriptor {
                file: "what a server told by reflection".to_owned(),
                source,
            }),
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.problems.is_empty()
    }

    pub(super) fn add_file(&mut self, mut file: FileDescriptorProto) {
        if self.by_name.contains_key(file.name()) {
            return;
        }
        if self.files.len() >= MAX_FILES {
            if !self.full {
                self.problems.push(SchemaProblem::TooManyFiles {
                    file: file.name().to_owned(),
                });
            }
            self.full = true;
            return;
        }
        file.source_code_info = None;
        if !matches!(file.syntax(), "" | "proto2" | "proto3") {
            editions::apply(&mut file);
        }
        repair::tidy(&mut file);
        self.by_name
            .insert(file.name().to_owned(), self.files.len());
        self.files.push(file);
    }

    /// Makes a schema of all that can be understood.
    pub fn build(mut self) -> Schema {
        let mut building = Building {
            state: vec![State::New; self.files.len()],
            pool: DescriptorPool::new(),
            missing: BTreeSet::new(),
            problems: std::mem::take(&mut self.problems),
            builder: self,
        };
        let mut index = 0;
        // Imports may bring further files along.
        while index < building.builder.files.len() {
            building.add(index);
            index += 1;
        }
        Schema::new(building.pool, building.missing, building.problems)
    }

    /// The file that an import means: the one with that name; else the one whose path ends so and shares most with the
    /// importing file's; else one that the program brings along.
    fn import(&mut self, importing: &str, import: &str) -> Option<usize> {
        if let Some(&index) = self.by_name.get(import) {
            return Some(index);
        }
        let ending = format!("/{import}");
        let shared = |name: &str| {
            let pairs = name.split('/').zip(importing.split('/'));
            pairs.take_while(|(own, other)| own == other).count()
        };
        let found = self
            .by_name
            .iter()
            .filter(|(name, _)| name.ends_with(&ending))
            .max_by_key(|(name, _)| (shared(name), std::cmp::Reverse(name.len())));
        if let Some((_, &index)) = found {
            return Some(index);
        }
        if let Some(source) = built_in::source(import) {
            self.add_source(import, source);
        } else if let Some(file) = built_in::well_known(import) {
            self.add_file(file);
        }
        self.by_name.get(import).copied()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    /// Its imports are being added.
    Open,
    Added,
    LeftOut,
}

struct Building {
    builder: SchemaBuilder,
    state: Vec<State>,
    pool: DescriptorPool,
    missing: BTreeSet<String>,
    problems: Vec<SchemaProblem>,
}

impl Building {
    /// Adds a file after its imports. The files on the way to it are kept in a list, since a chain of imports may be
    /// longer than a stack is deep.
    fn add(&mut self, index: usize) {
        let mut open = vec![index];
        while let Some(&index) = open.last() {
            match self.state(index) {
                State::New => {
                    self.set_state(index, State::Open);
                    open.extend(self.open_imports(index));
                }
                State::Open => {
                    // Everything that it imports has been dealt with, or waits for it further down the list.
                    open.pop();
                    self.link(index);
                }
                State::Added | State::LeftOut => {
                    open.pop();
                }
            }
        }
    }

    fn state(&self, index: usize) -> State {
        self.state.get(index).copied().unwrap_or(State::LeftOut)
    }

    fn set_state(&mut self, index: usize, state: State) {
        if let Some(own) = self.state.get_mut(index) {
            *own = state;
        }
    }

    /// Resolves a file's imports to the names of files. Gives those that are still to be added.
    fn open_imports(&mut self, index: usize) -> Vec<usize> {
        let Some(file) = self.builder.files.get_mut(index) else {
            return Vec::new();
        };
        let name = file.name().to_owned();
        let imports = std::mem::take(&mut file.dependency);
        let mut resolved: Vec<String> = Vec::new();
        let mut wait_for = Vec::new();
        for import in &imports {
            let found = self.builder.import(&name, import);
            self.state.resize(self.builder.files.len(), State::New);
            let Some(found) = found else {
                self.problems.push(SchemaProblem::MissingImport {
                    file: name.clone(),
                    import: import.clone(),
                });
                continue;
            };
            if self.state(found) == State::Open {
                self.problems.push(SchemaProblem::Circle {
                    file: name.clone(),
                    import: import.clone(),
                });
                continue;
            }
            let own_name = self.builder.files.get(found).map(|file| file.name());
            let own_name = own_name.unwrap_or_default().to_owned();
            if resolved.contains(&own_name) {
                continue;
            }
            resolved.push(own_name);
            wait_for.push(found);
        }
        if let Some(file) = self.builder.files.get_mut(index) {
            file.dependency = resolved;
        }
        wait_for.retain(|&index| self.state(index) == State::New);
        wait_for
    }

    fn link(&mut self, index: usize) {
        let Some(mut file) = self.builder.files.get(index).cloned() else {
            return;
        };
        repair::only_added_imports(&mut file, &self.pool);
        for name in repair::resolve_names(&mut file, &self.pool) {
            self.stand_in(&mut file, &name);
        }
        // Extensions of a file that fails would stay behind in the messages that they extend, so they are tried on a copy.
        let copy = repair::has_extensions(&file).then(|| self.pool.clone());
        match self.pool.add_file_descriptor_proto(file.clone()) {
            Ok(()) => self.set_state(index, State::Added),
            Err(source) => {
                if let Some(copy) = copy {
                    self.pool = copy;
                }
                self.set_state(index, State::LeftOut);
                let problem = match repair::defined_before(&file, &self.pool) {
                    Some((name, taken)) => SchemaProblem::DefinedTwice {
                        file: file.name().to_owned(),
                        taken,
                        name,
                    },
                    None => SchemaProblem::Contradiction {
                        file: file.name().to_owned(),
                        source,
                    },
                };
                self.problems.push(problem);
            }
        }
    }

    /// Puts an empty message where a type is missing, so that whoever uses it can still be read: what it holds is then
    /// shown as unknown fields.
    fn stand_in(&mut self, file: &mut FileDescriptorProto, name: &str) {
        self.problems.push(SchemaProblem::MissingType {
            file: file.name().to_owned(),
            name: name.to_owned(),
        });
        let stand_in = repair::stand_in(name);
        let stand_in_name = stand_in.name().to_owned();
        if self.pool.add_file_descriptor_proto(stand_in).is_ok() {
            self.missing.insert(name.to_owned());
            file.dependency.push(stand_in_name);
        } else {
            repair::drop_uses(file, name);
        }
    }
}
