//! A row as a list of named cells, in the order of its keys. Keys that a row leaves out are named as well, so that the
//! columns do not depend on the capture.

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, Serializer,
};
use serde_json::Error;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// A number, a truth value, or JSON.
    Plain(String),
    /// A text.
    Text(String),
}

/// A row, or a value of one.
enum Node {
    Cell(Cell),
    Object(Vec<(String, Node)>),
}

/// The cells of a row.
pub(super) fn flatten(row: &impl Serialize) -> Result<Vec<(String, Cell)>, Error> {
    let mut cells = Vec::new();
    collect(String::new(), row.serialize(ToNode)?, &mut cells);
    Ok(cells)
}

fn collect(name: String, node: Node, cells: &mut Vec<(String, Cell)>) {
    match node {
        Node::Cell(cell) => cells.push((name, cell)),
        Node::Object(members) => {
            for (key, node) in members {
                let name = match name.is_empty() {
                    true => key,
                    false => format!("{name}.{key}"),
                };
                collect(name, node, cells);
            }
        }
    }
}

fn plain(value: impl ToString) -> Result<Node, Error> {
    Ok(Node::Cell(Cell::Plain(value.to_string())))
}

fn text(value: &str) -> Result<Node, Error> {
    Ok(Node::Cell(Cell::Text(value.to_owned())))
}

struct ToNode;

impl Serializer for ToNode {
    type Ok = Node;
    type Error = Error;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Impossible<Node, Error>;
    type SerializeMap = Object;
    type SerializeStruct = Object;
    type SerializeStructVariant = Impossible<Node, Error>;

    fn serialize_bool(self, value: bool) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_i8(self, value: i8) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_i16(self, value: i16) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_i32(self, value: i32) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_i64(self, value: i64) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_u8(self, value: u8) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_u16(self, value: u16) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_u32(self, value: u32) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_u64(self, value: u64) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_f32(self, value: f32) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_f64(self, value: f64) -> Result<Node, Error> {
        plain(value)
    }

    fn serialize_char(self, value: char) -> Result<Node, Error> {
        text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<Node, Error> {
        text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Node, Error> {
        plain(serde_json::to_string(value)?)
    }

    fn serialize_none(self) -> Result<Node, Error> {
        Ok(Node::Cell(Cell::Empty))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Node, Error> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Node, Error> {
        self.serialize_none()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Node, Error> {
        text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Node, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, Error> {
        let node = value.serialize(self)?;
        Ok(Node::Object(vec![(variant.to_owned(), node)]))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<List, Error> {
        Ok(List::default())
    }

    fn serialize_tuple(self, _len: usize) -> Result<List, Error> {
        Ok(List::default())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<List, Error> {
        Ok(List::default())
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(Error::custom(format!("no row has such a thing as {name}")))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Object, Error> {
        Ok(Object::default())
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Object, Error> {
        Ok(Object::default())
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Err(Error::custom(format!("no row has such a thing as {name}")))
    }
}

/// A list: the JSON of its elements.
#[derive(Default)]
struct List {
    json: String,
}

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !self.json.is_empty() {
            self.json.push(',');
        }
        self.json.push_str(&serde_json::to_string(value)?);
        Ok(())
    }

    fn node(self) -> Result<Node, Error> {
        plain(format!("[{}]", self.json))
    }
}

impl SerializeSeq for List {
    type Ok = Node;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Error> {
        self.node()
    }
}

impl SerializeTuple for List {
    type Ok = Node;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Error> {
        self.node()
    }
}

impl SerializeTupleStruct for List {
    type Ok = Node;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Error> {
        self.node()
    }
}

/// An object: its members.
#[derive(Default)]
struct Object {
    members: Vec<(String, Node)>,
    key: String,
}

impl SerializeMap for Object {
    type Ok = Node;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let json = serde_json::to_value(key)?;
        self.key = match json.as_str() {
            Some(text) => text.to_owned(),
            None => json.to_string(),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let node = value.serialize(ToNode)?;
        self.members.push((std::mem::take(&mut self.key), node));
        Ok(())
    }

    fn end(self) -> Result<Node, Error> {
        Ok(Node::Object(self.members))
    }
}

impl SerializeStruct for Object {
    type Ok = Node;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let node = value.serialize(ToNode)?;
        self.members.push((key.to_owned(), node));
        Ok(())
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), Error> {
        self.members.push((key.to_owned(), Node::Cell(Cell::Empty)));
        Ok(())
    }

    fn end(self) -> Result<Node, Error> {
        Ok(Node::Object(self.members))
    }
}
