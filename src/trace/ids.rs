//! What rows are called: typed numbers, and who sent a thing.

use std::fmt;
use std::num::NonZeroU32;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Stored as its row number plus one, so that an absent id costs no space in a row.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The id of the first row.
            pub const FIRST: Self = Self(NonZeroU32::MIN);

            /// The id of the row with this number, counting from 0. Numbers beyond what a log
            /// can hold become the largest id.
            #[inline]
            pub fn from_index(index: usize) -> Self {
                let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
                Self(NonZeroU32::new(number).unwrap_or(NonZeroU32::MAX))
            }

            /// The row number, counting from 0.
            #[inline]
            pub fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.index())
            }
        }
    };
}

row_id! {
    /// A packet of the capture, in file order.
    PacketId
}

impl PacketId {
    /// The number a person sees: the first packet is 1, as in Wireshark.
    pub fn number(self) -> u64 {
        u64::from(self.0.get())
    }
}

row_id! {
    /// A TCP connection, in the order of first packets. People count from 0.
    ConnectionId
}

row_id! {
    /// A frame of one connection, in the order in which frames became readable, both directions
    /// together. People count from 0.
    FrameId
}

row_id! {
    /// A header block of one side of a connection.
    BlockId
}

row_id! {
    /// A piece of text that a connection has interned: a header name or value, as bytes.
    Symbol
}

row_id! {
    /// A message of HTTP/1.1 on one connection, in the order in which heads became readable, both directions together.
    MessageId
}

row_id! {
    /// An exchange of HTTP/1.1 on one connection: a request and its responses, in the order in which the first of them was
    /// seen. People count from 0.
    ExchangeId
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.index().fmt(f)
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.index().fmt(f)
    }
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.index().fmt(f)
    }
}

/// One of the two ends of a TCP connection, before anybody knows which of them is the client.
///
/// `A` sent the first packet that the capture holds. Rows store sides; a connection translates
/// them to a [`Direction`], so that learning late who the client is changes no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The sender of the connection's first packet.
    A,
    /// The other end.
    B,
}

impl Side {
    /// Both sides, `A` first.
    pub const BOTH: [Side; 2] = [Side::A, Side::B];

    /// The other end.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }

    /// 0 or 1, for arrays with one element per side.
    #[inline]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Who sent it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The client sent it.
    Client,
    /// The server sent it.
    Server,
}

impl Direction {
    /// Both, the client first.
    pub const BOTH: [Direction; 2] = [Direction::Client, Direction::Server];

    /// `client` or `server`.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Client => "client",
            Direction::Server => "server",
        }
    }

    /// An arrow from the client's point of view: requests go right, responses left.
    pub fn arrow(self) -> &'static str {
        match self {
            Direction::Client => "→",
            Direction::Server => "←",
        }
    }

    /// The other end.
    #[must_use]
    pub fn other(self) -> Direction {
        match self {
            Direction::Client => Direction::Server,
            Direction::Server => Direction::Client,
        }
    }

    /// 0 for the client, 1 for the server, for arrays with one element per direction.
    #[inline]
    pub fn index(self) -> usize {
        self as usize
    }
}
