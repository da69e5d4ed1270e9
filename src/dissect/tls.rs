//! TLS that stays encrypted: what its hellos show in clear text.

use crate::trace::Side;
use crate::trace::connection::TlsSummary;
use crate::wire::tls::HelloReader;

/// Reads the hellos of both sides and nothing behind them.
pub(super) struct TlsDissector {
    client: Side,
    hellos: [HelloReader; 2],
}

impl TlsDissector {
    pub(super) fn new(client: Side) -> Self {
        Self {
            client,
            hellos: Default::default(),
        }
    }

    /// Takes the next bytes of a side.
    pub(super) fn data(&mut self, side: Side, bytes: &[u8]) {
        self.hellos[side.index()].feed(bytes);
    }

    /// Takes a hole: a hello that is not whole by now cannot be read.
    pub(super) fn hole(&mut self, side: Side) {
        self.hellos[side.index()].give_up();
    }

    /// What the hellos said so far.
    pub(super) fn summary(&self) -> TlsSummary {
        let mut summary = TlsSummary::default();
        if let Some(hello) = self.hellos[self.client.index()].client_hello() {
            summary.server_name = hello.server_name.clone();
            summary.alpn_offered = hello.alpn.clone();
        }
        if let Some(hello) = self.hellos[self.client.other().index()].server_hello() {
            summary.version = Some(hello.version);
            summary.cipher_suite = Some(hello.cipher_suite);
            summary.alpn = hello.alpn.clone();
        }
        summary
    }
}
