//! The connections of a capture.
//!
//! A copy of a trace shares them with the original, some thousand at a time, so that a copy costs next to nothing however
//! many there are. One that grows while somebody else still has it is copied then, and it alone.

use super::connection::Connection;
use super::ids::ConnectionId;
use super::log::Log;
use std::ops::{Index, Range};
use std::sync::Arc;

/// All connections, in the order of their first packets. See the module text.
#[derive(Clone, Debug, Default)]
pub struct Connections(Log<Arc<Connection>>);

impl Connections {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The connection at a position, which is its number.
    pub fn get(&self, index: usize) -> Option<&Connection> {
        self.0.get(index).map(|connection| &**connection)
    }

    /// The one with the first packet.
    pub fn first(&self) -> Option<&Connection> {
        self.get(0)
    }

    /// The one that began last.
    pub fn last(&self) -> Option<&Connection> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All of them.
    pub fn iter(&self) -> Iter<'_> {
        self.range(0..self.len())
    }

    /// Those at positions in `range`, cut to what exists.
    pub fn range(&self, range: Range<usize>) -> Iter<'_> {
        let end = range.end.min(self.len());
        Iter {
            connections: self,
            rest: range.start.min(end)..end,
        }
    }

    pub(super) fn push(&mut self, connection: Connection) {
        self.0.push(Arc::new(connection));
    }

    /// One that is to change.
    pub(super) fn get_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.shared_mut(id).map(Arc::make_mut)
    }

    /// One that is to be made one's own with [`Arc::make_mut`] when it changes.
    pub(super) fn shared_mut(&mut self, id: ConnectionId) -> Option<&mut Arc<Connection>> {
        self.0.get_mut(id.index())
    }

    /// One for a test to change.
    #[cfg(test)]
    pub(crate) fn edit(&mut self, id: ConnectionId) -> &mut Connection {
        self.get_mut(id).expect("a connection of this trace")
    }
}

impl Index<usize> for Connections {
    type Output = Connection;

    /// # Panics
    ///
    /// Beyond the end: numbers of connections come from the trace itself, never from a capture's bytes.
    fn index(&self, index: usize) -> &Connection {
        &self.0[index]
    }
}

/// Connections one after the other. Made by [`Connections::iter`] and [`Connections::range`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    connections: &'a Connections,
    rest: Range<usize>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Connection;

    fn next(&mut self) -> Option<Self::Item> {
        self.connections.get(self.rest.next()?)
    }

    fn nth(&mut self, ahead: usize) -> Option<Self::Item> {
        self.connections.get(self.rest.nth(ahead)?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.connections.get(self.rest.next_back()?)
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Connections {
    type Item = &'a Connection;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{ClientKnownBy, ConnectionRow, PacketId, Protocol, Side};

    fn row() -> ConnectionRow {
        let end = "192.0.2.1:8080".parse().unwrap();
        ConnectionRow {
            ends: [end, end],
            client: Side::A,
            client_known_by: ClientKnownBy::Preface,
            protocol: Protocol::Http2,
            tls: None,
            first_packet: PacketId::from_index(0),
            last_packet: PacketId::from_index(0),
            packets: 1,
            start_seen: false,
            end_seen: false,
            tcp: Default::default(),
        }
    }

    #[test]
    fn a_copy_shares_all_connections_but_the_one_that_has_grown() {
        let mut connections = Connections::default();
        for id in (0..5).map(ConnectionId::from_index) {
            connections.push(Connection::new(id, row()));
        }
        let copy = connections.clone();
        connections.edit(ConnectionId::from_index(2)).row.packets = 7;
        let packets =
            |of: &Connections| -> Vec<u32> { of.iter().map(|of| of.row.packets).collect() };
        assert_eq!(packets(&copy), [1, 1, 1, 1, 1]);
        assert_eq!(packets(&connections), [1, 1, 7, 1, 1]);
        let shared = |at: usize| std::ptr::eq(&copy[at], &connections[at]);
        assert_eq!([0, 1, 2, 3, 4].map(shared), [true, true, false, true, true]);
        assert_eq!(connections.range(3..9).len(), 2);
        assert_eq!(connections.range(9..12).len(), 0);
        assert_eq!(connections.last().map(|of| of.id.index()), Some(4));
        let backwards: Vec<_> = connections.iter().rev().map(|of| of.id.index()).collect();
        assert_eq!(backwards, [4, 3, 2, 1, 0]);
        assert_eq!(connections.iter().nth(3).map(|of| of.id.index()), Some(3));
    }
}
