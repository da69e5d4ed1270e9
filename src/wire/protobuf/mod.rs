//! Protobuf's wire format: bytes to fields, with a schema and without.
//!
//! The path of a message: [`Walk`] cuts it into [`RawField`]s, each part with its place. [`decode::Decoder`] makes a
//! [`tree::Message`] of it: with a message type of a [`schema::Schema`] the fields have names, types and values; without, and for
//! fields that the schema lacks, each has ranked [`Reading`]s and is shown as the best of them. Which is best is told by
//! [`Evidence`], pooled over all messages of one scope, unless a person has said so in [`Overrides`].
//!
//! ```text
//! let mut evidence = Evidence::default();
//! for message in &messages { evidence.feed(scope, message); }      // decompressed, whole
//! let tree = Decoder::new().with_evidence(&evidence, scope).with_overrides(&overrides)
//!     .decode(message, None);                                      // or Some(&descriptor)
//! ```
//!
//! Decoding never fails: a damaged message has the fields before the damage, and says which byte and why.

pub mod bits;
pub mod cost;
pub mod damage;
pub mod decode;
pub mod draft;
pub mod encode;
pub mod evidence;
pub mod evolution;
pub mod number;
pub mod overrides;
mod ranking;
pub mod reading;
pub mod schema;
pub mod size;
pub mod textbook;
pub mod tree;
pub mod value;
pub mod varint;
pub mod walk;

pub use damage::{Damage, DamageKind};
pub use decode::Decoder;
pub use evidence::Evidence;
pub use number::{FieldNumber, WireType};
pub use overrides::{Override, Overrides};
pub use reading::{Reading, ReadingKind};
pub use schema::{Schema, SchemaBuilder};
pub use value::{Element, Value};
pub use walk::{RawField, RawValue, Walk};

/// How deep messages may be nested: what protobuf's own parsers allow. A deeper one is shown as bytes.
pub const MAX_DEPTH: usize = 100;
/// How many fields of one outermost message are read, nested ones and elements of packed fields included. A tree of
/// more would cost more memory than anybody looks at: at most some 40 MB.
pub const MAX_FIELDS: usize = 100_000;
