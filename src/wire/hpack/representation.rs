//! The ways a header field can be written in a block. Source: RFC 7541 §6.

/// How one header field is written. The first bits of its first byte tell.
///
/// Source: RFC 7541 §6.1, §6.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Representation {
    /// Name and value are those of a table entry.
    ///
    /// ```text
    ///   0   1   2   3   4   5   6   7
    /// +---+---+---+---+---+---+---+---+
    /// | 1 |        Index (7+)         |
    /// +---+---------------------------+
    /// ```
    ///
    /// Source: RFC 7541 §6.1.
    Indexed,
    /// The value is sent, the name is sent (index 0) or that of an entry; both join the dynamic table.
    ///
    /// ```text
    ///   0   1   2   3   4   5   6   7
    /// +---+---+---+---+---+---+---+---+
    /// | 0 | 1 |      Index (6+)       |
    /// +---+---+-----------------------+
    /// | H |     Name Length (7+)      |  only when the index is 0
    /// +---+---------------------------+
    /// |  Name String (Length octets)  |
    /// +---+---------------------------+
    /// | H |     Value Length (7+)     |
    /// +---+---------------------------+
    /// | Value String (Length octets)  |
    /// +-------------------------------+
    /// ```
    ///
    /// Source: RFC 7541 §6.2.1.
    LiteralIncremental,
    /// As [`Self::LiteralIncremental`], but the table stays as it is.
    ///
    /// ```text
    ///   0   1   2   3   4   5   6   7
    /// +---+---+---+---+---+---+---+---+
    /// | 0 | 0 | 0 | 0 |  Index (4+)   |
    /// +---+---+-----------------------+
    /// ```
    ///
    /// Source: RFC 7541 §6.2.2.
    LiteralNotIndexed,
    /// As [`Self::LiteralNotIndexed`], and nobody who passes it on may index it either: a secret.
    ///
    /// ```text
    ///   0   1   2   3   4   5   6   7
    /// +---+---+---+---+---+---+---+---+
    /// | 0 | 0 | 0 | 1 |  Index (4+)   |
    /// +---+---+-----------------------+
    /// ```
    ///
    /// Source: RFC 7541 §6.2.3.
    LiteralNeverIndexed,
}

impl Representation {
    /// All four, in the order of RFC 7541 §6.
    pub const ALL: [Self; 4] = [
        Self::Indexed,
        Self::LiteralIncremental,
        Self::LiteralNotIndexed,
        Self::LiteralNeverIndexed,
    ];

    /// The first bits, with zeros where the index goes.
    #[must_use]
    pub const fn pattern(self) -> u8 {
        match self {
            Self::Indexed => 0b1000_0000,
            Self::LiteralIncremental => 0b0100_0000,
            Self::LiteralNotIndexed => 0b0000_0000,
            Self::LiteralNeverIndexed => 0b0001_0000,
        }
    }

    /// How many bits of the first byte belong to the index.
    #[must_use]
    pub const fn prefix_bits(self) -> u8 {
        match self {
            Self::Indexed => 7,
            Self::LiteralIncremental => 6,
            Self::LiteralNotIndexed | Self::LiteralNeverIndexed => 4,
        }
    }

    /// A short stable name, such as `literal-incremental`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Indexed => "indexed",
            Self::LiteralIncremental => "literal-incremental",
            Self::LiteralNotIndexed => "literal-not-indexed",
            Self::LiteralNeverIndexed => "literal-never-indexed",
        }
    }
}
