//! What a `PING` is for, as far as its eight bytes tell: gRPC's libraries use the same ones always.

/// What a `PING` is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PingPurpose {
    /// Is the other end still there?
    Keepalive,
    /// How many bytes arrive within one round trip? The receive window is then made as large.
    Bandwidth,
    /// Sent with a first `GOAWAY`: when the answer comes, no request can be on its way any more.
    Shutdown,
}

impl PingPurpose {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            PingPurpose::Keepalive => "keepalive",
            PingPurpose::Bandwidth => "bandwidth",
            PingPurpose::Shutdown => "shutdown",
        }
    }

    /// What the library that sends these bytes wants to know, and which one that is; `None` for bytes
    /// that say nothing.
    ///
    /// ```text
    /// 02 04 10 10 09 0e 07 07   bandwidth   grpc-go
    /// 01 06 01 08 00 03 03 09   shutdown    grpc-go
    /// 00 00 00 00 00 00 04 d2   bandwidth   grpc-java (1234)
    /// 00 00 00 00 00 00 de ad   keepalive   grpc-java
    /// 00 00 00 09 7a ce f0 01   shutdown    grpc-java with Netty
    /// 00 00 00 00 00 00 11 11   shutdown    grpc-java with OkHttp
    /// 0b 7b a2 f0 8b 9b fe 54   shutdown    hyper and tonic
    /// ```
    pub fn from_opaque(opaque: [u8; 8]) -> Option<(Self, &'static str)> {
        match opaque {
            [2, 4, 16, 16, 9, 14, 7, 7] => Some((PingPurpose::Bandwidth, "grpc-go")),
            [1, 6, 1, 8, 0, 3, 3, 9] => Some((PingPurpose::Shutdown, "grpc-go")),
            [0, 0, 0, 0, 0, 0, 0x04, 0xd2] => Some((PingPurpose::Bandwidth, "grpc-java")),
            [0, 0, 0, 0, 0, 0, 0xde, 0xad] => Some((PingPurpose::Keepalive, "grpc-java")),
            [0, 0, 0, 0x09, 0x7a, 0xce, 0xf0, 0x01] | [0, 0, 0, 0, 0, 0, 0x11, 0x11] => {
                Some((PingPurpose::Shutdown, "grpc-java"))
            }
            [0x0b, 0x7b, 0xa2, 0xf0, 0x8b, 0x9b, 0xfe, 0x54] => {
                Some((PingPurpose::Shutdown, "hyper"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_libraries_are_known() {
        let purpose = |number: u64| {
            let known = PingPurpose::from_opaque(number.to_be_bytes());
            known.map(|(purpose, library)| (purpose.name(), library))
        };
        assert_eq!(
            purpose(0x0204_1010_090e_0707),
            Some(("bandwidth", "grpc-go"))
        );
        assert_eq!(purpose(0xdead), Some(("keepalive", "grpc-java")));
        assert_eq!(purpose(1234), Some(("bandwidth", "grpc-java")));
        assert_eq!(purpose(0x0009_7ace_f001), Some(("shutdown", "grpc-java")));
        assert_eq!(purpose(0), None);
    }
}
