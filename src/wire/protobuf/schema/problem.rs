//! What was wrong with a schema. Everything else of it is used all the same.

/// Something of a schema that could not be read or found.
#[derive(Debug, thiserror::Error)]
pub enum SchemaProblem {
    /// An import that is nowhere.
    #[error("{file} imports {import}, which was not found")]
    MissingImport {
        /// The file that imports.
        file: String,
        /// What it imports.
        import: String,
    },
    /// A type that no file defines.
    #[error("{file} uses the type {name}, which no file defines: its fields are shown as unknown")]
    MissingType {
        /// The file that uses it.
        file: String,
        /// The type's name.
        name: String,
    },
    /// The text is not a `.proto` file.
    #[error("{}", placed(file, source))]
    Syntax {
        /// The file.
        file: String,
        /// Why.
        source: protox::Error,
    },
    /// The file contradicts itself or another one.
    #[error("{file} was left out: {source}")]
    Contradiction {
        /// The file.
        file: String,
        /// Why.
        source: prost_reflect::DescriptorError,
    },
    /// Another file, which was read before, defines the same: mostly two versions of one file.
    #[error(
        "{file} was left out, since {taken} defines {name} too and was read first; to go by {file}, name it in front of the folder or alone"
    )]
    DefinedTwice {
        /// The file that was left out.
        file: String,
        /// The file that is used.
        taken: String,
        /// The first type or service that both define.
        name: String,
    },
    /// The bytes are not a descriptor set.
    #[error("{file} is not a descriptor set: {source}")]
    Descriptor {
        /// Where the bytes came from.
        file: String,
        /// Why.
        source: prost_reflect::prost::DecodeError,
    },
    /// Files that import each other in a circle.
    #[error("{file} imports {import}, which imports it in turn")]
    Circle {
        /// One file of the circle.
        file: String,
        /// The next.
        import: String,
    },
    /// Too many files.
    #[error("{file} and what came after it was left out: a schema has at most {limit} files", limit = super::MAX_FILES)]
    TooManyFiles {
        /// The first file that was left out.
        file: String,
    },
}

/// The file with line and column, and what is wrong there: all of it is in the error's debug text alone.
fn placed(file: &str, error: &protox::Error) -> String {
    let text = format!("{error:?}");
    let place = text.strip_prefix(file).unwrap_or_default();
    match place.split_once(": ") {
        Some((place, _)) => format!("{file}{place}: {error}"),
        None => format!("{file}: {error}"),
    }
}
