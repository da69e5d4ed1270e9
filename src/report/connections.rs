//! `wireloom connections`: one row per TCP connection.

use super::table::{Column, Tabular};
use super::text;
use crate::trace::{ClientKnownBy, Connection, Direction, Trace};
use crate::wire::counted::counted;
use serde::Serialize;

/// A TCP connection.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectionReport {
    /// Its number.
    pub connection: usize,
    /// The client's address and port.
    pub client: String,
    /// The server's address and port.
    pub server: String,
    /// How it is known who is who.
    pub client_known_by: ClientKnownBy,
    /// What it carries.
    pub protocol: &'static str,
    /// When its first packet was captured.
    pub started_ns: i64,
    /// When its last packet was captured.
    pub ended_ns: i64,
    /// How many packets.
    pub packets: u32,
    /// Bytes of the two streams, each once.
    pub bytes: PerDirection<u64>,
    /// HTTP/2 frames that are whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames: Option<usize>,
    /// HTTP/2 streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streams: Option<usize>,
    /// Whether its beginning and its end are in the capture.
    pub complete: Complete,
    /// What TCP did, both sides together.
    pub tcp: TcpReport,
    /// What the hellos say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsReport>,
}

/// A number for each direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PerDirection<T> {
    /// What the client sent.
    pub client: T,
    /// What the server sent.
    pub server: T,
}

impl<T: Copy> PerDirection<T> {
    /// Asks for each direction.
    pub fn of(mut number: impl FnMut(Direction) -> T) -> Self {
        Self {
            client: number(Direction::Client),
            server: number(Direction::Server),
        }
    }

    /// The number of a direction.
    pub fn get_mut(&mut self, direction: Direction) -> &mut T {
        match direction {
            Direction::Client => &mut self.client,
            Direction::Server => &mut self.server,
        }
    }
}

/// Whether the ends of a connection were seen.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Complete {
    /// The handshake.
    pub start: bool,
    /// FIN of both sides, or RST.
    pub end: bool,
}

/// Counts of what TCP did.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TcpReport {
    /// Segments whose bytes were all there already.
    pub retransmissions: u32,
    /// Segments that came before bytes that precede them.
    pub out_of_order: u32,
    /// Acknowledgments that repeat the one before.
    pub duplicate_acks: u32,
    /// Segments announcing a window of 0.
    pub zero_windows: u32,
    /// Ranges that the capture does not hold.
    pub holes: u32,
    /// Bytes in them.
    pub missing_bytes: u64,
}

/// What is known of a TLS connection.
#[derive(Clone, Debug, Serialize)]
pub struct TlsReport {
    /// The version that the server chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The cipher suite that the server chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher: Option<String>,
    /// The application protocol: the server's choice where it can be read, else the client's only
    /// offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// What the client offered, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alpn_offered: Vec<String>,
    /// The server name that the client asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sni: Option<String>,
    /// Whether the records were decrypted.
    pub decrypted: bool,
    /// Why not, in one plain sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// Why TLS is not read.
pub const NOT_DECRYPTED: &str = "The records are encrypted and cannot be read yet.";

/// One row per connection.
pub fn connections(trace: &Trace) -> impl Iterator<Item = ConnectionReport> + '_ {
    trace
        .connections
        .iter()
        .map(|connection| report(trace, connection))
}

fn report(trace: &Trace, connection: &Connection) -> ConnectionReport {
    let row = &connection.row;
    let counts = row.tcp[0] + row.tcp[1];
    let http2 = connection.http2();
    ConnectionReport {
        connection: connection.id.index(),
        client: connection.end(Direction::Client).to_string(),
        server: connection.end(Direction::Server).to_string(),
        client_known_by: row.client_known_by,
        protocol: row.protocol.name(),
        started_ns: trace.time_ns(row.first_packet),
        ended_ns: trace.time_ns(row.last_packet),
        packets: row.packets,
        bytes: PerDirection::of(|direction| stream_bytes(connection, direction)),
        frames: http2.map(|http2| http2.frames.iter().filter(|frame| frame.whole).count()),
        streams: http2.map(|http2| http2.streams().len()),
        complete: Complete {
            start: row.start_seen,
            end: row.end_seen,
        },
        tcp: TcpReport {
            retransmissions: counts.retransmissions,
            out_of_order: counts.out_of_order,
            duplicate_acks: counts.duplicate_acks,
            zero_windows: counts.zero_windows,
            holes: counts.holes,
            missing_bytes: counts.missing_bytes,
        },
        tls: row.tls.as_ref().map(|tls| TlsReport {
            version: tls.version.map(|version| version.to_string()),
            cipher: tls.cipher_suite.map(|cipher| cipher.to_string()),
            alpn: tls
                .alpn
                .clone()
                .or_else(|| match tls.alpn_offered.as_slice() {
                    [only] => Some(only.clone()),
                    _ => None,
                }),
            alpn_offered: tls.alpn_offered.clone(),
            sni: tls.server_name.clone(),
            decrypted: false,
            reason: Some(NOT_DECRYPTED),
        }),
    }
}

/// Bytes of a direction's stream that the capture holds, each once.
pub fn stream_bytes(connection: &Connection, direction: Direction) -> u64 {
    let side = connection.side(direction);
    let missing = connection.row.tcp[side.index()].missing_bytes;
    connection.stream(side).len().saturating_sub(missing)
}

impl Tabular for ConnectionReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("#"),
        Column::Text("client"),
        Column::Text("server"),
        Column::Text("protocol"),
        Column::Number("packets"),
        Column::Number("client sent"),
        Column::Number("server sent"),
        Column::Number("frames"),
        Column::Number("streams"),
        Column::Number("lasted"),
        Column::Text("notes"),
    ];

    fn amounts(&self) -> Vec<(&'static str, f64)> {
        let lasted = self.ended_ns.saturating_sub(self.started_ns);
        vec![
            ("client sent", text::number(self.bytes.client)),
            ("server sent", text::number(self.bytes.server)),
            ("lasted", text::milliseconds(lasted)),
        ]
    }

    fn cells(&self) -> Vec<String> {
        let lasted = u64::try_from(self.ended_ns.saturating_sub(self.started_ns)).unwrap_or(0);
        vec![
            self.connection.to_string(),
            self.client.clone(),
            self.server.clone(),
            self.protocol.to_owned(),
            self.packets.to_string(),
            text::size(self.bytes.client),
            text::size(self.bytes.server),
            self.frames
                .map_or_else(String::new, |frames| frames.to_string()),
            self.streams
                .map_or_else(String::new, |streams| streams.to_string()),
            text::duration(lasted),
            self.notes(),
        ]
    }
}

impl ConnectionReport {
    fn notes(&self) -> String {
        let mut notes = Vec::new();
        if let Some(tls) = &self.tls {
            let words = [&tls.version, &tls.sni, &tls.alpn].map(|part| part.clone());
            notes.push(words.into_iter().flatten().collect::<Vec<_>>().join(" "));
            notes.extend(tls.reason.map(str::to_owned));
        }
        if !self.complete.start {
            notes.push("its beginning is not in the capture".to_owned());
        }
        let counts = [
            (u64::from(self.tcp.retransmissions), "retransmission", ""),
            (u64::from(self.tcp.out_of_order), "segment", " out of order"),
            (u64::from(self.tcp.zero_windows), "zero window", ""),
            (self.tcp.missing_bytes, "byte", " missing"),
        ];
        for (count, noun, how) in counts {
            if count > 0 {
                notes.push(counted(count, noun) + how);
            }
        }
        notes.join("; ")
    }
}
