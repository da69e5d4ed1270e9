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

    /// Whether HTTP/2 should not be used with it over TLS 1.2: its keys are not exchanged anew for each connection, or
    /// it is no authenticated encryption. `None` for numbers without a name.
    ///
    /// Source: RFC 9113 Appendix A lists these one by one, and says by which two properties they were chosen.
    pub fn is_prohibited_for_http2(self) -> Option<bool> {
        let name = self.name()?;
        let ephemeral = name.starts_with("TLS_ECDHE_") || name.starts_with("TLS_DHE_");
        let authenticated = ["_GCM_", "_CCM", "_CHACHA20_POLY1305_"]
            .iter()
            .any(|mode| name.contains(mode));
        Some(!(ephemeral && authenticated))
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

    #[test]
    fn http2_wants_fresh_keys_and_authenticated_encryption() {
        let prohibited = |number| CipherSuite(number).is_prohibited_for_http2();
        for (number, answer) in [
            (0xc02f, Some(false)), // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, which every endpoint has
            (0xcca8, Some(false)), // TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
            (0x009e, Some(false)), // TLS_DHE_RSA_WITH_AES_128_GCM_SHA256
            (0xc0ac, Some(false)), // TLS_ECDHE_ECDSA_WITH_AES_128_CCM
            (0x009c, Some(true)),  // TLS_RSA_WITH_AES_128_GCM_SHA256: no fresh keys
            (0xc013, Some(true)),  // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
            (0x00a6, Some(true)),  // TLS_DH_anon_WITH_AES_128_GCM_SHA256
            (0x0005, Some(true)),  // TLS_RSA_WITH_RC4_128_SHA
            (0xfefe, None),
        ] {
            assert_eq!(prohibited(number), answer, "{number:#06x}");
        }
    }
}
