//! TLS that stays encrypted: what its hellos show in clear text.

use crate::trace::Side;
use crate::trace::connection::TlsSummary;
use crate::wire::tls::{Hello, HelloProgress, HelloReader};

/// Reads the hellos of both sides and nothing behind them.
#[derive(Default)]
pub(super) struct TlsDissector {
    hellos: [HelloReader; 2],
    given_up: [bool; 2],
    summary: TlsSummary,
}

impl TlsDissector {
    /// Takes the next bytes of a side.
    pub(super) fn data(&mut self, side: Side, bytes: &[u8]) {
        let given_up = &mut self.given_up[side.index()];
        if *given_up {
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
            }
            HelloProgress::Alert(_) | HelloProgress::Missed | HelloProgress::NotTls(_) => {}
        }
        *given_up = true;
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
