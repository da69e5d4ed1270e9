//! What a person asks about gRPC and protobuf: schemas, readings of fields, the draft of a schema.

use super::{App, DialogAnswer};
use crate::analysis::grpc;
use crate::report::output::{write_beside, write_whole};
use crate::ui::grpc::{Command, SchemaState, Sources, Worker};
use crate::ui::settings::Settings;
use crate::ui::views::ViewId;
use crate::ui::workspace;
use std::path::{Path, PathBuf};

/// The file beside the settings with what was said about fields.
const SAID_FILE: &str = "readings.json";

/// A worker that knows the schemas that are remembered and what was said.
pub(super) fn worker(settings: &Settings, settings_path: Option<&Path>) -> Worker {
    let mut sources = Sources {
        paths: settings.schemas.clone(),
        against: settings.other_schemas.clone(),
        ..Sources::default()
    };
    if let Some(path) = settings_path {
        sources.load_said(&path.with_file_name(SAID_FILE));
    }
    Worker::new(sources)
}

impl App {
    pub(super) fn carry_out_grpc(&mut self, command: Command) {
        match command {
            Command::Read {
                scope,
                path,
                reading,
            } => {
                let mut sources = self.grpc.sources().clone();
                sources.say(&scope, &path, reading);
                if let Some(settings) = &self.settings_path
                    && let Err(error) = sources.save_said(&settings.with_file_name(SAID_FILE))
                {
                    self.tell(&format!(
                        "What you said about the field holds until the window closes; it could not be \
                         written down: {error}."
                    ));
                }
                self.grpc.set_sources(sources);
            }
            Command::SaveDraft => self.save_draft(),
            Command::Sandbox => self.show_sandbox(),
            Command::AddSchemas(paths) => self.add_schemas(paths),
            Command::ForgetSchema(path) => {
                self.settings.schemas.retain(|other| *other != path);
                self.use_schemas();
            }
            Command::ChooseSchemas => {
                let dialog = self.dialog_for_schemas("Add schemas of protobuf");
                self.ask(move || dialog.pick_files().map(DialogAnswer::Schemas));
            }
            Command::CompareWith(paths) => self.compare_with(paths),
            Command::ChooseOtherVersion => {
                let title = "Another version of the schema, to compare with";
                let dialog = self.dialog_for_schemas(title);
                self.ask(move || dialog.pick_files().map(DialogAnswer::OtherVersion));
            }
            Command::ChooseSchemaFolder => {
                let dialog = self.dialog_at_capture();
                self.ask(move || {
                    let dialog = dialog.set_title("Add a folder of .proto files");
                    let folder = dialog.pick_folder()?;
                    Some(DialogAnswer::Schemas(vec![folder]))
                });
            }
        }
    }

    /// A dialog for files with schemas, which often lie beside the capture.
    fn dialog_for_schemas(&self, title: &str) -> rfd::FileDialog {
        let endings = ["proto", "binpb", "desc", "fds", "pb", "protoset"];
        (self.dialog_at_capture().set_title(title))
            .add_filter("Schemas", &endings)
            .add_filter("All files", &["*"])
    }

    /// As a pane beside a capture, else in place of the start page.
    fn show_sandbox(&mut self) {
        let has_panes = (self.document.as_ref()).is_some_and(|of| of.connection().is_some());
        match ViewId::from_name("sandbox") {
            Some(view) if has_panes => self.workspace.command(workspace::Command::Show(view)),
            _ => self.sandbox_open = !self.sandbox_open,
        }
    }

    pub(super) fn add_schemas(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            let path = std::path::absolute(&path).unwrap_or(path);
            if !self.settings.schemas.contains(&path) {
                self.settings.schemas.push(path);
            }
        }
        self.use_schemas();
        self.tell(match self.settings.schemas.len() {
            1 => "One schema file or folder is in use; the Open menu names it.",
            _ => "The schemas are in use; the Open menu lists all of them.",
        });
    }

    /// Another version of the schemas: remembered like these, until it is taken away.
    pub(super) fn compare_with(&mut self, paths: Vec<PathBuf>) {
        self.schema_problems.clear();
        let paths = paths.into_iter();
        let paths = paths.map(|path| std::path::absolute(&path).unwrap_or(path));
        self.settings.other_schemas = paths.collect();
        self.grpc.set_sources(Sources {
            against: self.settings.other_schemas.clone(),
            ..self.grpc.sources().clone()
        });
        self.save_settings();
    }

    fn use_schemas(&mut self) {
        self.schema_problems.clear();
        self.grpc.set_sources(Sources {
            paths: self.settings.schemas.clone(),
            ..self.grpc.sources().clone()
        });
        self.save_settings();
    }

    /// Says what is wrong with schemas, once; else that a server told its own.
    pub(super) fn tell_schemas(&mut self, state: &SchemaState) {
        if let Some(problem) = state.problem() {
            if self.schema_problems != state.problems {
                self.schema_problems.clone_from(&state.problems);
                self.tell(&problem);
            }
        } else if let Some(reflection) = state.reflection()
            && self.notice.is_none()
        {
            self.tell(&reflection);
        }
    }

    /// Drafts in the dialog's thread: it reads every call of the capture.
    fn save_draft(&mut self) {
        let trace = self.document.as_ref().and_then(|of| of.trace.clone());
        let Some(trace) = trace else { return };
        let reader = self.grpc.grpc().reader.clone();
        let dialog = self.dialog_at_capture();
        self.ask(move || {
            let files = grpc::draft(&trace, &reader);
            match files.as_slice() {
                [] => Some(DialogAnswer::NothingToDraft),
                [only] => {
                    let dialog = dialog.set_title("Save the draft of a schema");
                    let path = dialog.set_file_name(&only.name).save_file()?;
                    let written = write_whole(&path, |out| out.write_all(only.text.as_bytes()));
                    Some(match written {
                        Ok(()) => DialogAnswer::Saved(path),
                        Err(error) => DialogAnswer::NotSaved(path, error),
                    })
                }
                several => {
                    let dialog = dialog.set_title("Save the draft: a file for each package");
                    let folder = dialog.pick_folder()?;
                    for file in several {
                        if let Err(error) = write_beside(&folder, &file.name, &file.text) {
                            let path = folder.join(&file.name);
                            return Some(DialogAnswer::NotSaved(path, error));
                        }
                    }
                    Some(DialogAnswer::Saved(folder))
                }
            }
        });
    }
}
