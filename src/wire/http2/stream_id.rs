//! The number that says which stream a frame belongs to.

use std::fmt;

/// A stream's number, 31 bits. Source: RFC 9113 §5.1.1.
///
/// The client opens the odd ones, the server the even ones, each counting upwards, and 0 is the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

impl StreamId {
    /// Stream 0: what is said about the connection as a whole.
    pub const CONNECTION: Self = Self(0);
    /// The largest number; a connection that has used it opens no more streams.
    pub const MAX: Self = Self(0x7fff_ffff);

    /// The identifier in the low 31 bits of four bytes from the wire; the top bit is another field.
    pub fn from_low_31_bits(raw: u32) -> Self {
        Self(raw & Self::MAX.0)
    }

    /// Whether this is stream 0.
    pub fn is_connection(self) -> bool {
        self == Self::CONNECTION
    }

    /// Whether the client opens it: odd numbers. Stream 1 may also stem from an HTTP/1.1 upgrade.
    pub fn is_client_initiated(self) -> bool {
        self.0 % 2 == 1
    }

    /// Whether the server opens it, by a push promise: even numbers other than 0.
    pub fn is_server_initiated(self) -> bool {
        self.0.is_multiple_of(2) && !self.is_connection()
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_opens_odd_streams_the_server_even_ones_and_zero_is_neither() {
        assert!(StreamId(1).is_client_initiated() && !StreamId(1).is_server_initiated());
        assert!(StreamId(2).is_server_initiated() && !StreamId(2).is_client_initiated());
        assert!(StreamId::CONNECTION.is_connection());
        assert!(!StreamId(0).is_client_initiated() && !StreamId(0).is_server_initiated());
        assert!(StreamId::MAX.is_client_initiated());
    }

    #[test]
    fn the_top_bit_is_no_part_of_the_number() {
        assert_eq!(StreamId::from_low_31_bits(0x8000_0003), StreamId(3));
        assert_eq!(StreamId(15).to_string(), "15");
    }
}
