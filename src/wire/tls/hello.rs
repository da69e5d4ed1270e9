//! What client and server say first: versions, cipher suites, the server's name, the protocol above.

use std::fmt;

use tls_parser::{
    TlsExtension, parse_tls_client_hello_extensions, parse_tls_handshake_client_hello,
    parse_tls_handshake_server_hello, parse_tls_server_hello_extensions,
};

use super::CipherSuite;

/// A version of TLS as it is written. Every 16-bit number is a value. Source: RFC 8446 §4.1.2, §4.2.1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProtocolVersion(pub u16);

impl ProtocolVersion {
    /// SSL 3.0.
    pub const SSL_3_0: Self = Self(0x0300);
    /// TLS 1.0.
    pub const TLS_1_0: Self = Self(0x0301);
    /// TLS 1.1.
    pub const TLS_1_1: Self = Self(0x0302);
    /// TLS 1.2.
    pub const TLS_1_2: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS_1_3: Self = Self(0x0304);

    /// The usual name; `None` for other numbers.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SSL_3_0 => "SSL 3.0",
            Self::TLS_1_0 => "TLS 1.0",
            Self::TLS_1_1 => "TLS 1.1",
            Self::TLS_1_2 => "TLS 1.2",
            Self::TLS_1_3 => "TLS 1.3",
            _ => return None,
        })
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "TLS version 0x{:04x}", self.0),
        }
    }
}

impl fmt::Debug for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProtocolVersion({self})")
    }
}

/// The first message of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hello {
    /// The sender is the client.
    Client(ClientHello),
    /// The sender is the server.
    Server(ServerHello),
}

/// `ClientHello`: what the client can do and whom it wants to talk to. Source: RFC 8446 §4.1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// At most TLS 1.2; newer versions are in `supported_versions`.
    pub legacy_version: ProtocolVersion,
    /// 32 random bytes: the name of the connection in a key log.
    pub client_random: [u8; 32],
    /// The host it asks for (SNI). Source: RFC 6066 §3.
    pub server_name: Option<String>,
    /// Application protocols it offers, in its order, as sent: `h2`, `http/1.1`. Source: RFC 7301 §3.1.
    pub alpn: Vec<Box<[u8]>>,
    /// Versions it offers, GREASE too; empty before TLS 1.3.
    pub supported_versions: Vec<ProtocolVersion>,
    /// Cipher suites it offers, in its order, GREASE too.
    pub cipher_suites: Vec<CipherSuite>,
}

impl ClientHello {
    /// The application protocols as text.
    pub fn alpn_names(&self) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
        self.alpn.iter().map(|name| String::from_utf8_lossy(name))
    }
}

/// `ServerHello`: what the server chose. Source: RFC 8446 §4.1.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version that will be spoken.
    pub version: ProtocolVersion,
    /// 32 random bytes.
    pub server_random: [u8; 32],
    /// The cipher suite that will be used.
    pub cipher_suite: CipherSuite,
    /// The application protocol it chose, as sent. TLS 1.3 says it encrypted, so it is `None` there.
    pub alpn: Option<Box<[u8]>>,
    /// Whether this asks the client for another `ClientHello`. Version and cipher suite stay as they are here.
    pub is_hello_retry_request: bool,
}

impl ServerHello {
    /// The application protocol as text.
    pub fn alpn_name(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.alpn.as_deref().map(String::from_utf8_lossy)
    }
}

/// Why a hello could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// Its lengths contradict each other.
    #[error("the {message} contradicts itself")]
    Malformed {
        /// `ClientHello` or `ServerHello`.
        message: &'static str,
    },
}

/// The random of a server hello that is a hello retry request: SHA-256 of `HelloRetryRequest`.
///
/// Source: RFC 8446 §4.1.3.
const HELLO_RETRY_REQUEST: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

impl ClientHello {
    /// Reads the body of the message: what follows type and length.
    ///
    /// # Errors
    ///
    /// [`HelloError::Malformed`] when the fixed part cannot be read. Extensions are read as far as they go.
    pub fn decode(body: &[u8]) -> Result<Self, HelloError> {
        let malformed = HelloError::Malformed {
            message: "ClientHello",
        };
        let (_, hello) = parse_tls_handshake_client_hello(body).map_err(|_| malformed)?;
        let mut client = Self {
            legacy_version: ProtocolVersion(hello.version.0),
            client_random: hello.random.try_into().map_err(|_| malformed)?,
            server_name: None,
            alpn: Vec::new(),
            supported_versions: Vec::new(),
            cipher_suites: hello.ciphers.iter().map(|id| CipherSuite(id.0)).collect(),
        };
        let extensions = hello.ext.unwrap_or_default();
        let (_, extensions) =
            parse_tls_client_hello_extensions(extensions).unwrap_or((&[], Vec::new()));
        for extension in extensions {
            match extension {
                TlsExtension::SNI(names) => {
                    // Type 0 is the only one there is: a host name.
                    client.server_name = names
                        .iter()
                        .find(|(kind, _)| kind.0 == 0)
                        .map(|(_, name)| String::from_utf8_lossy(name).into_owned());
                }
                TlsExtension::ALPN(names) => {
                    client.alpn = names.into_iter().map(Into::into).collect();
                }
                TlsExtension::SupportedVersions(versions) => {
                    client.supported_versions = versions
                        .iter()
                        .map(|version| ProtocolVersion(version.0))
                        .collect();
                }
                _ => {}
            }
        }
        Ok(client)
    }
}

impl ServerHello {
    /// Reads the body of the message: what follows type and length.
    ///
    /// # Errors
    ///
    /// [`HelloError::Malformed`] when the fixed part cannot be read. Extensions are read as far as they go.
    pub fn decode(body: &[u8]) -> Result<Self, HelloError> {
        let malformed = HelloError::Malformed {
            message: "ServerHello",
        };
        let (_, hello) = parse_tls_handshake_server_hello(body).map_err(|_| malformed)?;
        let server_random = hello.random.try_into().map_err(|_| malformed)?;
        let mut server = Self {
            version: ProtocolVersion(hello.version.0),
            server_random,
            cipher_suite: CipherSuite(hello.cipher.0),
            alpn: None,
            is_hello_retry_request: server_random == HELLO_RETRY_REQUEST,
        };
        let extensions = hello.ext.unwrap_or_default();
        let (_, extensions) =
            parse_tls_server_hello_extensions(extensions).unwrap_or((&[], Vec::new()));
        for extension in extensions {
            match extension {
                TlsExtension::ALPN(names) => {
                    server.alpn = names.first().map(|&name| name.into());
                }
                TlsExtension::SupportedVersions(versions) => {
                    if let Some(version) = versions.first() {
                        server.version = ProtocolVersion(version.0);
                    }
                }
                _ => {}
            }
        }
        Ok(server)
    }
}
