//! Writes header blocks, with every representation at the caller's choice: for lessons and made-up captures.
//!
//! Source: RFC 7541 §6. An [`Encoder`] keeps a table of its own, as an HTTP/2 sender does; the functions
//! beside it write single representations and know no table.

use super::huffman;
use super::integer;
use super::log::{Entry, Source, VecLog};
use super::representation::Representation;
use super::static_table;
use super::table::{DEFAULT_MAX_SIZE_BYTES, Table};

/// Whether a string is written in Huffman code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HuffmanUse {
    /// When that is shorter.
    #[default]
    Auto,
    /// Even when it is longer.
    Always,
    /// Never.
    Never,
}

/// How a field is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct How {
    /// Indexed needs an entry with this name and value; the literals are always possible.
    pub representation: Representation,
    /// For the name and the value, where they are sent.
    pub huffman: HuffmanUse,
    /// Whether a literal names its name by index when a table has it.
    pub use_name_index: bool,
}

impl How {
    /// This representation, Huffman code where it is shorter, and names by index where a table has them.
    #[must_use]
    pub const fn new(representation: Representation) -> Self {
        Self {
            representation,
            huffman: HuffmanUse::Auto,
            use_name_index: true,
        }
    }

    /// The same with another use of Huffman code.
    #[must_use]
    pub const fn huffman(self, huffman: HuffmanUse) -> Self {
        Self { huffman, ..self }
    }

    /// The same with the name always sent as a string.
    #[must_use]
    pub const fn without_name_index(self) -> Self {
        Self {
            use_name_index: false,
            ..self
        }
    }
}

/// Why a field could not be written as asked. Nothing was written then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Asked for [`Representation::Indexed`].
    #[error(
        "no table has an entry with this name and value, so the field cannot be written as an index"
    )]
    NoSuchEntry,
}

/// A sender's side of HPACK.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    table: Table,
    log: VecLog,
}

/// What the tables hold of a field.
#[derive(Clone, Copy)]
struct Found {
    index: u32,
    source: Source,
    whole: bool,
}

impl Encoder {
    /// An encoder at the start of a connection, with 4096 bytes for its table.
    #[must_use]
    pub fn new() -> Self {
        Self::with_max_size(DEFAULT_MAX_SIZE_BYTES)
    }

    /// An encoder whose table has another limit, on which both sides agreed without a size update.
    #[must_use]
    pub fn with_max_size(max_size_bytes: u32) -> Self {
        Self {
            table: Table::new(max_size_bytes),
            log: VecLog::new(),
        }
    }

    /// The dynamic table as it is now.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// All entries it ever inserted.
    #[must_use]
    pub fn log(&self) -> &VecLog {
        &self.log
    }

    /// Appends a field, written exactly as asked.
    ///
    /// # Errors
    ///
    /// [`EncodeError::NoSuchEntry`] when the field cannot be written as an index.
    pub fn field(
        &mut self,
        name: &[u8],
        value: &[u8],
        how: How,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let found = self.find(name, value);
        if how.representation == Representation::Indexed {
            let whole = found
                .filter(|found| found.whole)
                .ok_or(EncodeError::NoSuchEntry)?;
            indexed(whole.index, out);
            return Ok(());
        }
        self.literal(name, value, found, how, out);
        Ok(())
    }

    /// Appends a field as a careful sender would: an index where there is one, secrets never indexed, values
    /// that hardly repeat kept out of the table, everything else put into it.
    ///
    /// The two lists of names are our own, close to what nghttp2 does.
    pub fn field_by_policy(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let found = self.find(name, value);
        let representation = match name {
            b"authorization" | b"proxy-authorization" => Representation::LiteralNeverIndexed,
            _ if found.is_some_and(|found| found.whole) => Representation::Indexed,
            b":path" | b"age" | b"content-length" | b"etag" | b"if-modified-since"
            | b"if-none-match" | b"location" | b"set-cookie" => Representation::LiteralNotIndexed,
            _ => Representation::LiteralIncremental,
        };
        match found {
            Some(found) if representation == Representation::Indexed => indexed(found.index, out),
            _ => self.literal(name, value, found, How::new(representation), out),
        }
    }

    /// A whole block by [`Self::field_by_policy`].
    pub fn block<'f>(&mut self, fields: impl IntoIterator<Item = (&'f [u8], &'f [u8])>) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, value) in fields {
            self.field_by_policy(name, value, &mut out);
        }
        out
    }

    /// Appends a size update and obeys it. Where it stands in the block is the caller's choice; only the
    /// start is allowed by RFC 7541 §4.2.
    pub fn size_update(&mut self, max_size_bytes: u32, out: &mut Vec<u8>) {
        self.table.resize(&mut self.log, max_size_bytes);
        size_update(max_size_bytes, out);
    }

    fn literal(
        &mut self,
        name: &[u8],
        value: &[u8],
        found: Option<Found>,
        how: How,
        out: &mut Vec<u8>,
    ) {
        let found = found.filter(|_| how.use_name_index);
        let by = found.map_or(NameBy::String(name), |found| NameBy::Index(found.index));
        literal(how.representation, by, value, how.huffman, out);
        if how.representation == Representation::LiteralIncremental {
            let source = found.map_or(Source::Literal, |found| found.source);
            let entry = Entry::new(name, value);
            self.table.insert(&mut self.log, entry, source);
        }
    }

    /// The whole field before its name alone, the static table before the dynamic one, the newest entry first.
    fn find(&self, name: &[u8], value: &[u8]) -> Option<Found> {
        let in_static = static_table::find(name, value).map(|found| Found {
            index: found.index.into(),
            source: Source::Static(found.index),
            whole: found.whole,
        });
        if in_static.is_some_and(|found| found.whole) {
            return in_static;
        }
        let mut named = in_static;
        for held in self.table.entries(&self.log) {
            if held.entry.name.known() != Some(name) {
                continue;
            }
            let whole = held.entry.value == value;
            let found = Found {
                index: held.index,
                source: Source::Dynamic(held.number),
                whole,
            };
            if whole {
                return Some(found);
            }
            named.get_or_insert(found);
        }
        named
    }
}

/// How a literal says its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameBy<'a> {
    /// By the index of an entry. Index 0 would announce a string; it is written all the same.
    Index(u32),
    /// In full.
    String(&'a [u8]),
}

/// Appends an indexed field, whether or not the index means anything. Source: RFC 7541 §6.1.
pub fn indexed(index: u32, out: &mut Vec<u8>) {
    let representation = Representation::Indexed;
    integer::encode(
        index,
        representation.prefix_bits(),
        representation.pattern(),
        out,
    );
}

/// Appends a literal field; [`Representation::Indexed`] has none and is taken for one without indexing.
///
/// Source: RFC 7541 §6.2.
pub fn literal(
    representation: Representation,
    name: NameBy<'_>,
    value: &[u8],
    huffman: HuffmanUse,
    out: &mut Vec<u8>,
) {
    let representation = match representation {
        Representation::Indexed => Representation::LiteralNotIndexed,
        literal => literal,
    };
    let index = match name {
        NameBy::Index(index) => index,
        NameBy::String(_) => 0,
    };
    integer::encode(
        index,
        representation.prefix_bits(),
        representation.pattern(),
        out,
    );
    if let NameBy::String(name) = name {
        string(name, huffman, out);
    }
    string(value, huffman, out);
}

/// Appends a size update. Source: RFC 7541 §6.3.
pub fn size_update(max_size_bytes: u32, out: &mut Vec<u8>) {
    integer::encode(max_size_bytes, 5, 0b0010_0000, out);
}

/// Appends a string with its length. Source: RFC 7541 §5.2.
///
/// A string of more than 4 GB has no length on the wire; it is cut.
pub fn string(text: &[u8], huffman: HuffmanUse, out: &mut Vec<u8>) {
    let text = text.get(..u32::MAX as usize).unwrap_or(text);
    let coded_len = huffman::encoded_len(text);
    let coded = match huffman {
        HuffmanUse::Auto => coded_len < text.len(),
        HuffmanUse::Always => true,
        HuffmanUse::Never => false,
    };
    if coded {
        let length = u32::try_from(coded_len).unwrap_or(u32::MAX);
        integer::encode(length, 7, 0b1000_0000, out);
        huffman::encode(text, out);
    } else {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        integer::encode(length, 7, 0, out);
        out.extend_from_slice(text);
    }
}
