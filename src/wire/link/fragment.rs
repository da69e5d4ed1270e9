//! IP packets that were cut into fragments on their way.

use std::net::IpAddr;

use super::Segment;

/// What a packet carries for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents<'a> {
    /// A whole TCP segment.
    Segment(Segment<'a>),
    /// A part of an IP packet, of whatever protocol.
    Fragment(Fragment<'a>),
}

/// One fragment of an IP packet as it lies in one captured packet. Nothing is copied.
///
/// Offsets count in what the fragments make up together: the payload of an IPv4 packet, the *fragmentable part* of an
/// IPv6 packet.
///
/// Source: RFC 791 §3.2 (IPv4), RFC 8200 §4.5 (IPv6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// Address of the sender.
    pub source: IpAddr,
    /// Address of the receiver.
    pub destination: IpAddr,
    /// What all fragments of a packet have in common: 16 bits in IPv4, 32 in IPv6.
    pub id: u32,
    /// The protocol of what the fragments make up; in IPv6 it may be that of another extension header.
    pub protocol: u8,
    /// Where the payload belongs, in bytes. A multiple of 8, at most 65 528.
    pub offset: usize,
    /// Whether this is not the last one.
    pub more: bool,
    /// The part of the payload that was captured.
    pub payload: &'a [u8],
    /// How many bytes of payload the fragment had on the wire. At least `payload.len()`.
    pub payload_len: usize,
    /// Where `payload` begins, counted from the first byte of the packet.
    pub payload_offset: usize,
}

/// What the fragments of an IP packet made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined<'a> {
    /// Address of the sender.
    pub source: IpAddr,
    /// Address of the receiver.
    pub destination: IpAddr,
    /// What the fragments had in common.
    pub id: u32,
    /// The protocol of `payload`.
    pub protocol: u8,
    /// What was captured of it, up to the first byte that was not.
    pub payload: &'a [u8],
    /// How long it was on the wire.
    pub payload_len: usize,
}
