//! Names that a person gives to unseen entries, as the command line writes them: `client:3=x-request-id`.

use super::inference::{Hints, Inference};
use crate::trace::{Connection, ConnectionId, Direction, Side, Trace};
use crate::wire::hpack::Placeholder;
use bytes::Bytes;
use std::str::FromStr;

/// What an unseen entry is called, as a person knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameHint {
    /// The connection; `None` for the HTTP/2 connection with most frames.
    pub connection: Option<ConnectionId>,
    /// Whose blocks refer to the entry.
    pub sender: Direction,
    /// The number under which the entry is shown.
    pub entry: Placeholder,
    /// Its name.
    pub name: Bytes,
}

/// Why a text is no hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HintError {
    /// The parts are missing.
    #[error(
        "a hint is SENDER:ENTRY=NAME or CONNECTION:SENDER:ENTRY=NAME, such as client:3=x-request-id"
    )]
    Form,
    /// Nobody else sends header blocks.
    #[error("the sender is client or server")]
    Sender,
    /// The number of the entry or of the connection is none.
    #[error(
        "the entry is its number, as in \"unseen entry 3\", and the connection is a number too"
    )]
    Number,
    /// No field can be called so.
    #[error(
        "a field name is lower-case letters, digits and signs such as -, perhaps with a colon before"
    )]
    Name,
}

impl FromStr for NameHint {
    type Err = HintError;

    fn from_str(text: &str) -> Result<Self, HintError> {
        let (place, name) = text.split_once('=').ok_or(HintError::Form)?;
        let parts: Vec<&str> = place.split(':').collect();
        let (connection, sender, entry) = match parts.as_slice() {
            [sender, entry] => (None, *sender, *entry),
            [connection, sender, entry] => (Some(*connection), *sender, *entry),
            _ => return Err(HintError::Form),
        };
        let connection = match connection {
            Some(number) => Some(number.parse().map_err(|_| HintError::Number)?),
            None => None,
        };
        let token = name.strip_prefix(':').unwrap_or(name);
        let allowed =
            |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && byte != b':';
        if token.is_empty() || !token.bytes().all(allowed) {
            return Err(HintError::Name);
        }
        Ok(Self {
            connection: connection.map(ConnectionId::from_index),
            sender: match sender {
                "client" => Direction::Client,
                "server" => Direction::Server,
                _ => return Err(HintError::Sender),
            },
            entry: Placeholder(entry.parse().map_err(|_| HintError::Number)?),
            name: Bytes::copy_from_slice(name.as_bytes()),
        })
    }
}

/// The hints for one side of a connection.
pub fn hints_for(hints: &[NameHint], trace: &Trace, connection: &Connection, side: Side) -> Hints {
    let main = trace.main_connection().map(|main| main.id);
    let meant = |hint: &&NameHint| hint.connection.or(main) == Some(connection.id);
    hints
        .iter()
        .filter(meant)
        .filter(|hint| connection.side(hint.sender) == side)
        .map(|hint| (hint.entry, hint.name.clone()))
        .collect()
}

/// What can be concluded of both sides' unseen entries, with what a person knows. By [`Side::index`].
pub fn inferences(trace: &Trace, connection: &Connection, hints: &[NameHint]) -> [Inference; 2] {
    Side::BOTH.map(|side| {
        let hints = hints_for(hints, trace, connection, side);
        Inference::of(trace, connection, side, &hints)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_sender_entry_and_perhaps_connection() {
        let hint: NameHint = "client:3=x-request-id".parse().unwrap();
        assert_eq!(hint.connection, None);
        assert_eq!(hint.sender, Direction::Client);
        assert_eq!(hint.entry, Placeholder(3));
        assert_eq!(hint.name, "x-request-id");
        let hint: NameHint = "2:server:4294967297=:status".parse().unwrap();
        assert_eq!(hint.connection, Some(ConnectionId::from_index(2)));
        assert_eq!(hint.entry, Placeholder(4_294_967_297));
        assert_eq!(hint.name, ":status");
    }

    #[test]
    fn what_is_no_hint_is_told_apart() {
        for (text, error) in [
            ("", HintError::Form),
            ("client:3", HintError::Form),
            ("3=x", HintError::Form),
            ("1:2:client:3=x", HintError::Form),
            ("me:3=x", HintError::Sender),
            ("client:x=x", HintError::Number),
            ("-1:client:3=x", HintError::Number),
            ("client:3=", HintError::Name),
            ("client:3=:", HintError::Name),
            ("client:3=X-Id", HintError::Name),
            ("client:3=a b", HintError::Name),
        ] {
            assert_eq!(text.parse::<NameHint>(), Err(error), "{text}");
        }
    }
}
