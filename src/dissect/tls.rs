//! TLS that stays encrypted: what its hellos show in clear text.

use super::connection::Outside;
use crate::trace::connection::TlsSummary;
use crate::trace::rules::tls as rules;
use crate::trace::{Finding, PacketId, Side};
use crate::wire::tls::{Hello, HelloProgress, HelloReader, ProtocolVersion};

/// Reads the hellos of both sides and nothing behind them.
#[derive(Default)]
pub(super) struct TlsDissector {
    hellos: [HelloReader; 2],
    given_up: [bool; 2],
    summary: TlsSummary,
}

impl TlsDissector {
    /// Takes the next bytes of a side.
    pub(super) fn data(
        &mut self,
        side: Side,
        bytes: &[u8],
        now: PacketId,
        outside: &mut Outside<'_>,
    ) {
        if self.given_up[side.index()] {
            return;
        }
        match self.hellos[side.index()].feed(bytes) {
            HelloProgress::NeedMore => return,
            HelloProgress::Done(Hello::Client(hello)) => {
                self.summary.server_name.clone_from(&hello.server_name);
                self.summary.alpn_offered = hello.alpn_names().map(Into::into).collect();
            }
            HelloProgress::Done(Hello::Server(hello)) => {
                self.summary.version = Some(hello.version);
                self.summary.cipher_suite = Some(hello.cipher_suite);
                self.summary.alpn = hello.alpn_name().map(Into::into);
                // A HelloRetryRequest is not the last word: the ServerHello follows.
                if hello.is_hello_retry_request {
                    self.hellos[side.index()] = HelloReader::new();
                    return;
                }
                self.judge(now, outside);
            }
            HelloProgress::Alert(_) | HelloProgress::Missed | HelloProgress::NotTls(_) => {}
        }
        self.given_up[side.index()] = true;
    }

    /// Whether HTTP/2 may be spoken over what the server chose. In TLS 1.3 the protocol is encrypted, but every choice
    /// there is a good one.
    fn judge(&self, now: PacketId, outside: &mut Outside<'_>) {
        let (Some(version), Some(suite)) = (self.summary.version, self.summary.cipher_suite) else {
            return;
        };
        if self.summary.alpn.as_deref() != Some("h2") {
            return;
        }
        let (rule, text) = if version.0 < ProtocolVersion::TLS_1_2.0 {
            let text =
                format!("The server chose HTTP/2 over {version}; it needs TLS 1.2 or newer.");
            (&rules::TLS_TOO_OLD, text)
        } else if version == ProtocolVersion::TLS_1_2
            && suite.is_prohibited_for_http2() == Some(true)
        {
            let text = format!(
                "The server chose HTTP/2 with {suite}, which is on the list of suites not to be used with it."
            );
            (&rules::TLS_CIPHER_PROHIBITED, text)
        } else {
            return;
        };
        outside.find(Finding::new(rule, text).in_packet(now));
    }

    /// Takes a hole: a hello that is not whole by now cannot be read.
    pub(super) fn hole(&mut self, side: Side) {
        self.given_up[side.index()] = true;
    }

    /// What the hellos said so far.
    pub(super) fn summary(&self) -> TlsSummary {
        self.summary.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::interner::Interner;
    use crate::trace::ConnectionId;

    /// A ServerHello that chooses `h2`, in one record.
    fn server_hello(version: u16, suite: u16) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend([7; 32]); // random
        body.push(0); // no session
        body.extend(suite.to_be_bytes());
        body.push(0); // no compression
        body.extend([0, 9, 0, 16, 0, 5, 0, 3, 2, b'h', b'2']); // extensions: ALPN, h2
        let mut message = vec![2, 0, 0, body.len() as u8];
        message.extend(&body);
        let mut record = vec![22, 3, 1, 0, message.len() as u8];
        record.extend(&message);
        record
    }

    fn found(version: u16, suite: u16) -> Vec<&'static str> {
        let mut findings = Vec::new();
        let mut outside = Outside {
            texts: &mut Interner::default(),
            findings: &mut findings,
            connection: ConnectionId::from_index(0),
            time_ns: 0,
        };
        let mut tls = TlsDissector::default();
        let bytes = server_hello(version, suite);
        tls.data(Side::B, &bytes, PacketId::from_index(3), &mut outside);
        assert_eq!(tls.summary().alpn.as_deref(), Some("h2"));
        findings.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn http2_needs_a_new_tls_and_a_good_cipher_suite() {
        assert_eq!(found(0x0303, 0xc02f), [""; 0]);
        assert_eq!(found(0x0302, 0xc013), ["tls-too-old"]);
        assert_eq!(found(0x0303, 0xc013), ["tls-cipher-prohibited"]);
        assert_eq!(found(0x0303, 0x009c), ["tls-cipher-prohibited"]);
        assert_eq!(found(0x0303, 0xfefe), [""; 0], "nobody knows this suite");
    }
}
