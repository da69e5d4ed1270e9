//! Turns any bytes into a capture of one connection, so that what is tried gets past the file, the packets and the
//! checks before the part that is meant.
//!
//! Files and packets made by chance are nearly always refused before TCP sees them. Here every byte is a choice of
//! something that TCP or HTTP/2 has to make sense of.

use crate::wire::http2::{FrameHeader, PREFACE};

/// Bytes read as choices; at the end every choice is zero.
pub(super) struct Choices<'a> {
    rest: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        first
    }

    pub(super) fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }
}

/// A pcap file of raw IPv4 packets between two endpoints. Side 0 has the higher port.
pub(super) struct Packets {
    file: Vec<u8>,
    time_us: u32,
    ip_id: u16,
}

/// One TCP segment to write.
#[derive(Clone, Copy)]
pub(super) struct Segment<'a> {
    pub(super) from: usize,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: u8,
    pub(super) window: u16,
    pub(super) payload: &'a [u8],
}

/// The flag bits of a TCP header. Source: RFC 9293 §3.1.
pub(super) const FIN: u8 = 0x01;
pub(super) const SYN: u8 = 0x02;
pub(super) const ACK: u8 = 0x10;

impl Packets {
    pub(super) fn new() -> Self {
        let mut file = Vec::new();
        file.extend_from_slice(&0xa1b2_c3d4_u32.to_le_bytes()); // magic, microseconds
        file.extend_from_slice(&[2, 0, 4, 0]); // version 2.4
        file.extend_from_slice(&[0; 8]); // time zone, accuracy
        file.extend_from_slice(&0x0004_0000_u32.to_le_bytes()); // snap length
        file.extend_from_slice(&101_u32.to_le_bytes()); // LINKTYPE_RAW
        Self {
            file,
            time_us: 0,
            ip_id: 0,
        }
    }

    pub(super) fn push(&mut self, segment: Segment<'_>) {
        // A packet of more is not read whole by the file's snap length.
        let payload = segment.payload.get(..60_000).unwrap_or(segment.payload);
        let len = u16::try_from(40 + payload.len()).unwrap_or(u16::MAX);
        self.time_us = self.time_us.saturating_add(100);
        self.ip_id = self.ip_id.wrapping_add(1);
        let file = &mut self.file;
        file.extend_from_slice(&(self.time_us / 1_000_000).to_le_bytes());
        file.extend_from_slice(&(self.time_us % 1_000_000).to_le_bytes());
        file.extend_from_slice(&u32::from(len).to_le_bytes());
        file.extend_from_slice(&u32::from(len).to_le_bytes());
        let address = |side: usize| [10, 0, 0, if side == 0 { 1 } else { 2 }];
        let port = |side: usize| if side == 0 { 50_000_u16 } else { 8080 };
        let to = 1 - segment.from;
        file.extend_from_slice(&[0x45, 0]);
        file.extend_from_slice(&len.to_be_bytes());
        file.extend_from_slice(&self.ip_id.to_be_bytes());
        file.extend_from_slice(&[0, 0, 64, 6, 0, 0]); // no fragment, time to live, TCP, checksum
        file.extend_from_slice(&address(segment.from));
        file.extend_from_slice(&address(to));
        file.extend_from_slice(&port(segment.from).to_be_bytes());
        file.extend_from_slice(&port(to).to_be_bytes());
        file.extend_from_slice(&segment.seq.to_be_bytes());
        file.extend_from_slice(&segment.ack.to_be_bytes());
        file.extend_from_slice(&[0x50, segment.flags]);
        file.extend_from_slice(&segment.window.to_be_bytes());
        file.extend_from_slice(&[0; 4]); // checksum, urgent pointer
        file.extend_from_slice(payload);
    }

    pub(super) fn into_file(self) -> Vec<u8> {
        self.file
    }
}

/// Segments at any place of the sequence space, with any flags, windows and acknowledgements.
pub(super) fn segments(bytes: &[u8]) -> Vec<u8> {
    let mut choices = Choices::new(bytes);
    let mut packets = Packets::new();
    let mut next = [
        u32::from(choices.byte()) << 24,
        u32::from(choices.byte()) << 24,
    ];
    while !choices.is_empty() {
        let choice = choices.byte();
        let from = usize::from(choice & 1);
        // Where it lies: in order, back, ahead, or anywhere.
        let place = i32::from(choices.byte().cast_signed());
        let shift = match choice >> 1 & 3 {
            0 => 0,
            1 => place,
            2 => place.saturating_mul(1_000),
            _ => place.saturating_mul(16_777_216),
        };
        let flags = if choice & 8 == 0 { ACK } else { choices.byte() };
        let acknowledged = if choice & 16 == 0 {
            0
        } else {
            i32::from(choices.byte().cast_signed()).saturating_mul(100)
        };
        let window = if choice & 32 == 0 {
            512
        } else {
            u16::from(choices.byte())
        };
        let len = usize::from(choices.byte()) * if choice & 64 == 0 { 1 } else { 40 };
        let seq = at(next, from).wrapping_add_signed(shift);
        let filler;
        let payload = if choice & 128 == 0 {
            choices.bytes(len)
        } else {
            filler = vec![choice; len];
            &filler
        };
        packets.push(Segment {
            from,
            seq,
            ack: at(next, 1 - from).wrapping_add_signed(acknowledged),
            flags,
            window,
            payload,
        });
        let phantom = u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        let end = seq
            .wrapping_add(u32::try_from(payload.len()).unwrap_or(u32::MAX))
            .wrapping_add(phantom);
        if shift == 0
            && let Some(next) = next.get_mut(from)
        {
            *next = end;
        }
    }
    packets.into_file()
}

fn at(pair: [u32; 2], side: usize) -> u32 {
    pair.get(side).copied().unwrap_or_default()
}

/// Two sides that speak something like HTTP/2: frames of any type with any payload, bytes that are none, and holes.
pub(super) fn conversation(bytes: &[u8]) -> Vec<u8> {
    let mut choices = Choices::new(bytes);
    let mut packets = Packets::new();
    let mut next = [1_000_u32, 2_000];
    let start = choices.byte();
    if start & 1 != 0 {
        packets.push(Segment {
            from: 0,
            seq: 999,
            ack: 0,
            flags: SYN,
            window: 512,
            payload: b"",
        });
        packets.push(Segment {
            from: 1,
            seq: 1_999,
            ack: 1_000,
            flags: SYN | ACK,
            window: 512,
            payload: b"",
        });
    }
    if start & 2 != 0 {
        say(&mut packets, &mut next, 0, PREFACE);
    }
    if start & 4 != 0 {
        for side in 0..2 {
            say(&mut packets, &mut next, side, &[0, 0, 0, 4, 0, 0, 0, 0, 0]);
            say(&mut packets, &mut next, side, &[0, 0, 0, 4, 1, 0, 0, 0, 0]);
        }
    }
    while !choices.is_empty() {
        let choice = choices.byte();
        let from = usize::from(choice & 1);
        match choice >> 1 & 7 {
            // Bytes as they are.
            0 => {
                let len = usize::from(choices.byte());
                say(&mut packets, &mut next, from, choices.bytes(len));
            }
            // A hole, which the other side acknowledges or not.
            1 => {
                if let Some(next) = next.get_mut(from) {
                    *next = next.wrapping_add(u32::from(choices.byte()) * 8);
                }
                if choice & 16 != 0 {
                    say(&mut packets, &mut next, 1 - from, b"");
                }
            }
            // A frame.
            _ => {
                let head = [
                    choices.byte(),
                    choices.byte(),
                    choices.byte(),
                    choices.byte(),
                ];
                let [kind, flags, stream, len] = head;
                let stream = if choice & 32 == 0 {
                    stream & 15
                } else {
                    stream
                };
                let payload = choices.bytes(len.into());
                let filler;
                let payload = if choice & 64 == 0 {
                    payload
                } else {
                    filler = [payload, &vec![0; usize::from(len) * 64]].concat();
                    &filler
                };
                let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
                let mut frame = length.to_be_bytes().get(1..).unwrap_or_default().to_vec();
                frame.extend_from_slice(&[kind & if choice & 16 == 0 { 15 } else { 31 }, flags]);
                frame.extend_from_slice(&u32::from(stream).to_be_bytes());
                debug_assert_eq!(frame.len(), FrameHeader::LEN);
                frame.extend_from_slice(payload);
                say(&mut packets, &mut next, from, &frame);
            }
        }
    }
    packets.into_file()
}

/// What two sides of HTTP/1.1 may send, and what they may not.
const LINES: [&[u8]; 16] = [
    b"GET / HTTP/1.1\r\nHost: a\r\n",
    b"HEAD /b HTTP/1.1\r\nHost: a\r\n",
    b"POST /c HTTP/1.0\n",
    b"CONNECT d:80 HTTP/1.1\r\nHost: d\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 304 \r\n",
    b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\n",
    b"Content-Length: 12\r\n",
    b"Content-Length : 3\r\n folded\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n",
    b"\r\n",
    b"5\r\nhello\r\n",
    b"ffff;a=b\r\n",
    b"0\r\nX: y\r\n\r\n",
];

/// Two sides that speak something like HTTP/1.1: lines that begin and fill messages, other bytes, and holes.
pub(super) fn http1(bytes: &[u8]) -> Vec<u8> {
    let mut choices = Choices::new(bytes);
    let (mut packets, mut next) = (Packets::new(), [1_000_u32, 2_000]);
    say(&mut packets, &mut next, 0, LINES[0]);
    while !choices.is_empty() {
        let choice = choices.byte();
        let from = usize::from(choice & 1);
        match choice >> 1 & 7 {
            0 => {
                let len = usize::from(choices.byte());
                say(&mut packets, &mut next, from, choices.bytes(len));
            }
            1 => {
                if let Some(next) = next.get_mut(from) {
                    *next = next.wrapping_add(u32::from(choices.byte()));
                }
                say(&mut packets, &mut next, 1 - from, b"");
            }
            // Several lines in one segment.
            count => {
                let lines = (2..=count).map(|_| usize::from(choices.byte() & 15));
                let lines = lines.filter_map(|line| LINES.get(line));
                let segment: Vec<u8> = lines.flat_map(|line| line.iter().copied()).collect();
                say(&mut packets, &mut next, from, &segment);
            }
        }
    }
    packets.into_file()
}

fn say(packets: &mut Packets, next: &mut [u32; 2], from: usize, payload: &[u8]) {
    for payload in payload
        .chunks(1_400)
        .chain(payload.is_empty().then_some(payload))
    {
        packets.push(Segment {
            from,
            seq: at(*next, from),
            ack: at(*next, 1 - from),
            flags: ACK,
            window: 512,
            payload,
        });
        if let Some(next) = next.get_mut(from) {
            *next = next.wrapping_add(u32::try_from(payload.len()).unwrap_or(u32::MAX));
        }
    }
}
