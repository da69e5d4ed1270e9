//! The numbers of cipher suites.

use std::fmt;

use tls_parser::TlsCipherSuite;

/// A cipher suite, as a hello offers or chooses it. Every 16-bit number is a value.
///
/// Source: RFC 8446 §B.4 and the IANA registry of TLS cipher suites.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CipherSuite(pub u16);

impl CipherSuite {
    /// `TLS_AES_128_GCM_SHA256`, which every TLS 1.3 program has.
    pub const TLS_AES_128_GCM_SHA256: Self = Self(0x1301);
    /// `TLS_AES_256_GCM_SHA384`.
    pub const TLS_AES_256_GCM_SHA384: Self = Self(0x1302);
    /// `TLS_CHACHA20_POLY1305_SHA256`.
    pub const TLS_CHACHA20_POLY1305_SHA256: Self = Self(0x1303);

    /// The name in the IANA registry; `None` for numbers it does not know, reserved ones among them.
    pub fn name(self) -> Option<&'static str> {
        TlsCipherSuite::from_id(self.0).map(|suite| suite.name)
    }

    /// Whether it is one of the values that clients offer so that servers learn to ignore the unknown.
    ///
    /// Source: RFC 8701 §2 (GREASE): both bytes are the same and end in `a`.
    pub fn is_grease(self) -> bool {
        let [high, low] = self.0.to_be_bytes();
        high == low && low & 0x0f == 0x0a
    }
}

impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None if self.is_grease() => write!(f, "GREASE (0x{:04x})", self.0),
            None => write!(f, "0x{:04x}", self.0),
        }
    }
}

impl fmt::Debug for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CipherSuite({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_suites_have_their_registry_names() {
        assert_eq!(
            CipherSuite::TLS_AES_128_GCM_SHA256.to_string(),
            "TLS_AES_128_GCM_SHA256"
        );
        assert_eq!(
            CipherSuite(0xc02f).to_string(),
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        );
        assert_eq!(
            CipherSuite(0xcca8).to_string(),
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
        );
        assert_eq!(CipherSuite(0xfefe).to_string(), "0xfefe");
        assert_eq!(CipherSuite(0x1a1a).to_string(), "GREASE (0x1a1a)");
    }
}
