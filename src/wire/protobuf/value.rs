//! The values of fields.

use std::fmt;

/// What a field or an element of a list holds, once it is clear how to read it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number without sign.
    Unsigned(u64),
    /// A number with sign.
    Signed(i64),
    /// True or false.
    Bool(bool),
    /// A `float`.
    Float(f32),
    /// A `double`.
    Double(f64),
    /// Text.
    Text(String),
    /// What should be text and is not UTF-8.
    NotText(Vec<u8>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A value of an enum.
    Enum {
        /// Its number.
        number: i32,
        /// Its name, when the schema has one for the number.
        name: Option<String>,
    },
    /// What a `Struct`, `Value` or `ListValue` of protobuf stands for.
    Json(serde_json::Value),
    /// Elements of a packed field, one after another.
    List(Vec<Element>),
}

impl Value {
    /// What should be text, which may not be UTF-8.
    pub fn from_text_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::NotText(bytes.to_vec()),
        }
    }
}

/// One element of a packed field.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Its value, never a list.
    pub value: Value,
    /// First byte, from the start of the outermost message.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// As a person reads it: text in quotes, bytes in hex, lists in brackets. Long ones are not shortened.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(number) => number.fmt(f),
            Self::Signed(number) => number.fmt(f),
            Self::Bool(truth) => truth.fmt(f),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Double(number) => write!(f, "{number:?}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::NotText(bytes) => write!(f, "{:?}", String::from_utf8_lossy(bytes)),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::Enum {
                name: Some(name), ..
            } => f.write_str(name),
            Self::Enum { number, name: None } => number.fmt(f),
            Self::Json(value) => value.fmt(f),
            Self::List(elements) => {
                f.write_str("[")?;
                for (index, element) in elements.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}{}", element.value)?;
                }
                f.write_str("]")
            }
        }
    }
}
