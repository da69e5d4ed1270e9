//! Gathers the hello of one direction from its first bytes.

use super::record::{AlertDescription, ContentType, RecordHeader};
use super::{ClientHello, Hello, HelloError, ServerHello};

/// The longest hello that is gathered.
///
/// Our choice: real ones have a few hundred bytes, some kilobytes with post-quantum keys. The format would allow
/// 16 MiB, which we would keep for every connection that claims so.
pub const MAX_HELLO_LEN: usize = 64 * 1024;

/// Handshake message types. Source: RFC 8446 §4.
mod handshake_type {
    pub(super) const HELLO_REQUEST: u8 = 0;
    pub(super) const CLIENT_HELLO: u8 = 1;
    pub(super) const SERVER_HELLO: u8 = 2;
}

/// Reads the first hello of one direction, fed its bytes in order and in any slices.
///
/// ```text
///          feed              feed
/// ┌───────────────┐  … ┌───────────────┐      ┌──────────────────────────────┐
/// │ record header │ ─► │ record bodies │ ───► │ Done, Alert, Missed, NotTls  │ stays so
/// └───────────────┘ ◄─ └───────────────┘      └──────────────────────────────┘
/// ```
///
/// A hello may lie in several records, and a record in several segments; at most [`MAX_HELLO_LEN`] bytes are kept.
#[derive(Debug, Default)]
pub struct HelloReader {
    /// Bytes of a record header that is not complete.
    header: [u8; RecordHeader::LEN],
    header_len: usize,
    /// Content type and what is to come of the current record's body.
    record: Option<(ContentType, usize)>,
    /// The handshake messages so far.
    handshake: Vec<u8>,
    /// Whether a hello request came before.
    requested: bool,
    /// The body of an alert so far.
    alert: Vec<u8>,
    outcome: Option<HelloProgress>,
}

/// How far a [`HelloReader`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelloProgress {
    /// The hello is not complete.
    NeedMore,
    /// Here it is.
    Done(Hello),
    /// The side gave up before it said hello.
    Alert(AlertDescription),
    /// It is TLS, but the capture began after the hello.
    Missed,
    /// It is not TLS, or none that can be followed.
    NotTls(NotTls),
}

/// Why a direction's first bytes are not a TLS hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTls {
    /// A record header that TLS would not write.
    #[error("the bytes are not a TLS record")]
    NoRecord,
    /// The first message is none of the hellos.
    #[error("the first handshake message is of type {found}, not a hello")]
    NoHello {
        /// The type of the message.
        found: u8,
    },
    /// The hello says it is longer than [`MAX_HELLO_LEN`].
    #[error("the hello says it is {found} bytes long")]
    TooLong {
        /// The length it gives.
        found: usize,
    },
    /// The hello cannot be read.
    #[error(transparent)]
    Hello(#[from] HelloError),
}

impl HelloReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the direction. After any answer but `NeedMore` further bytes change nothing.
    pub fn feed(&mut self, bytes: &[u8]) -> HelloProgress {
        if self.outcome.is_none() {
            self.outcome = self.read(bytes);
            if self.outcome.is_some() {
                self.handshake = Vec::new();
            }
        }
        self.progress()
    }

    /// How far it is, without new bytes.
    pub fn progress(&self) -> HelloProgress {
        self.outcome.clone().unwrap_or(HelloProgress::NeedMore)
    }

    fn read(&mut self, mut bytes: &[u8]) -> Option<HelloProgress> {
        while !bytes.is_empty() {
            let Some((content_type, body_left)) = self.record else {
                let wanted = self.header.get_mut(self.header_len..).unwrap_or_default();
                let len = wanted.len().min(bytes.len());
                let (now, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
                wanted
                    .iter_mut()
                    .zip(now)
                    .for_each(|(slot, byte)| *slot = *byte);
                self.header_len += len;
                bytes = rest;
                if self.header_len == RecordHeader::LEN {
                    self.header_len = 0;
                    let header = RecordHeader::decode(self.header);
                    if !header.plausible() {
                        return Some(HelloProgress::NotTls(NotTls::NoRecord));
                    }
                    self.record = Some((header.content_type, header.length.into()));
                }
                continue;
            };
            let len = body_left.min(bytes.len());
            let (body, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
            bytes = rest;
            self.record = (body_left > len).then_some((content_type, body_left - len));
            let outcome = match content_type {
                ContentType::HANDSHAKE => self.handshake(body),
                ContentType::ALERT => self.alert(body),
                // Before a hello nobody sends these in the clear; a client's second hello may follow the first.
                ContentType::CHANGE_CIPHER_SPEC => None,
                _ => Some(HelloProgress::Missed),
            };
            if outcome.is_some() {
                return outcome;
            }
        }
        None
    }

    /// A piece of the handshake messages: type (1), length (3), body each. Source: RFC 8446 §4.
    fn handshake(&mut self, piece: &[u8]) -> Option<HelloProgress> {
        self.handshake.extend_from_slice(piece);
        loop {
            let &[message_type, l0, l1, l2] = self.handshake.first_chunk::<4>()?;
            let len = u32::from_be_bytes([0, l0, l1, l2]) as usize;
            if message_type == handshake_type::HELLO_REQUEST && len == 0 && !self.requested {
                // A server may ask for a hello first, once. Source: RFC 5246 §7.4.1.1.
                self.requested = true;
                self.handshake.drain(..4);
                continue;
            }
            if !matches!(
                message_type,
                handshake_type::CLIENT_HELLO | handshake_type::SERVER_HELLO
            ) {
                return Some(HelloProgress::NotTls(NotTls::NoHello {
                    found: message_type,
                }));
            }
            if len > MAX_HELLO_LEN {
                return Some(HelloProgress::NotTls(NotTls::TooLong { found: len }));
            }
            let body = self.handshake.get(4..4 + len)?;
            let hello = if message_type == handshake_type::CLIENT_HELLO {
                ClientHello::decode(body).map(Hello::Client)
            } else {
                ServerHello::decode(body).map(Hello::Server)
            };
            return Some(match hello {
                Ok(hello) => HelloProgress::Done(hello),
                Err(error) => HelloProgress::NotTls(error.into()),
            });
        }
    }

    /// A piece of an alert: level (1), description (1). One of another length is encrypted. Source: RFC 8446 §6.
    fn alert(&mut self, piece: &[u8]) -> Option<HelloProgress> {
        self.alert.extend(piece.iter().take(3));
        if self.record.is_some() {
            return None;
        }
        match *self.alert {
            [1 | 2, description] => Some(HelloProgress::Alert(AlertDescription(description))),
            _ => Some(HelloProgress::Missed),
        }
    }
}

#[cfg(test)]
mod tests;
