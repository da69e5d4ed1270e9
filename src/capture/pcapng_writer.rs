//! Writes pcapng: what `wireloom-capture` prints, and what an export is.
//!
//! Little endian, times in nanoseconds, each block handed to the output in one piece, so that a pipe's reader gets
//! whole blocks. Source: draft-ietf-opsawg-pcapng §4.

use std::io::{self, Write};

use super::{BlockType, Interface, SecretsType, Section, Statistics};

/// Numbers of the options that we write. Source: draft-ietf-opsawg-pcapng §3.5 and the sections of the blocks.
mod option {
    pub(super) const END: u16 = 0;
    pub(super) const COMMENT: u16 = 1;
    pub(super) const SHB_HARDWARE: u16 = 2;
    pub(super) const SHB_OS: u16 = 3;
    pub(super) const SHB_APPLICATION: u16 = 4;
    pub(super) const IF_NAME: u16 = 2;
    pub(super) const IF_DESCRIPTION: u16 = 3;
    pub(super) const IF_TSRESOL: u16 = 9;
    pub(super) const IF_FILTER: u16 = 11;
    pub(super) const IF_FCS_LEN: u16 = 13;
    pub(super) const ISB_RECEIVED: u16 = 4;
    pub(super) const ISB_DROPPED: u16 = 5;
    pub(super) const ISB_ACCEPTED: u16 = 6;
    pub(super) const ISB_DROPPED_BY_SYSTEM: u16 = 7;
}

/// `if_tsresol` for nanoseconds.
const NANOSECONDS: u8 = 9;

/// One section of a pcapng file, written block by block.
#[derive(Debug)]
pub struct PcapngWriter<W> {
    output: W,
    /// The block that is being put together.
    block: Vec<u8>,
    interfaces: u32,
}

impl<W: Write> PcapngWriter<W> {
    /// Begins a section: writes its header with the texts of `section`.
    ///
    /// # Errors
    ///
    /// Those of the output; the same holds for all methods.
    pub fn new(output: W, section: &Section) -> io::Result<Self> {
        let mut writer = Self {
            output,
            block: Vec::new(),
            interfaces: 0,
        };
        writer.begin(BlockType::SECTION_HEADER);
        writer.u32(0x1a2b_3c4d); // byte order
        writer.u16(1); // version 1.0
        writer.u16(0);
        writer.block.extend([0xff; 8]); // length of the section: not said
        writer.text(option::COMMENT, section.comment.as_deref());
        writer.text(option::SHB_HARDWARE, section.hardware.as_deref());
        writer.text(option::SHB_OS, section.operating_system.as_deref());
        writer.text(option::SHB_APPLICATION, section.application.as_deref());
        writer.end()?;
        Ok(writer)
    }

    /// Describes an interface and returns its number, for its packets. `number` and `section` of it are not used.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn interface(&mut self, interface: &Interface) -> io::Result<u32> {
        self.begin(BlockType::INTERFACE_DESCRIPTION);
        self.u16(interface.link_type.0);
        self.u16(0); // reserved
        self.u32(interface.snapshot_len.unwrap_or(0));
        self.text(option::COMMENT, interface.comment.as_deref());
        self.text(option::IF_NAME, interface.name.as_deref());
        self.text(option::IF_DESCRIPTION, interface.description.as_deref());
        self.option(option::IF_TSRESOL, &[NANOSECONDS]);
        if let Some(filter) = &interface.filter {
            // The first byte says that text as for tcpdump follows.
            self.option(option::IF_FILTER, format!("\0{filter}").as_bytes());
        }
        if interface.fcs_len > 0 {
            self.option(option::IF_FCS_LEN, &[interface.fcs_len]);
        }
        self.end()?;
        let number = self.interfaces;
        self.interfaces = self.interfaces.saturating_add(1);
        Ok(number)
    }

    /// Writes a packet of an interface that was described. Times before 1970 cannot be said and become 1970.
    ///
    /// # Errors
    ///
    /// Those of the output; `InvalidInput` for more bytes than a block can hold.
    pub fn packet(
        &mut self,
        interface: u32,
        time_ns: i64,
        original_len: u32,
        bytes: &[u8],
        comment: Option<&str>,
    ) -> io::Result<()> {
        self.begin(BlockType::ENHANCED_PACKET);
        self.u32(interface);
        self.time(time_ns);
        self.len_of(bytes)?;
        self.u32(original_len);
        self.padded(bytes);
        self.text(option::COMMENT, comment);
        self.end()
    }

    /// Writes keys.
    ///
    /// # Errors
    ///
    /// Those of the output; `InvalidInput` for more bytes than a block can hold.
    pub fn secrets(&mut self, secrets_type: SecretsType, bytes: &[u8]) -> io::Result<()> {
        self.begin(BlockType::DECRYPTION_SECRETS);
        self.u32(secrets_type.0);
        self.len_of(bytes)?;
        self.padded(bytes);
        self.end()
    }

    /// Writes what an interface counted up to `time_ns`.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn statistics(&mut self, time_ns: i64, statistics: &Statistics) -> io::Result<()> {
        self.begin(BlockType::INTERFACE_STATISTICS);
        self.u32(statistics.interface);
        self.time(time_ns);
        for (code, count) in [
            (option::ISB_RECEIVED, statistics.received),
            (option::ISB_DROPPED, statistics.dropped),
            (option::ISB_ACCEPTED, statistics.accepted),
            (option::ISB_DROPPED_BY_SYSTEM, statistics.dropped_by_system),
        ] {
            if let Some(count) = count {
                self.option(code, &count.to_le_bytes());
            }
        }
        self.end()
    }

    /// Hands on what the output holds back.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// The output, for its own end.
    pub fn into_inner(self) -> W {
        self.output
    }

    fn begin(&mut self, block_type: BlockType) {
        self.block.clear();
        self.u32(block_type.0);
        self.u32(0); // the length, known at the end
    }

    /// Closes the options when there are any, fills in both lengths and writes the block.
    fn end(&mut self) -> io::Result<()> {
        let len = self.block.len().saturating_add(4);
        let len = u32::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?;
        if let Some(field) = self.block.get_mut(4..8) {
            field.copy_from_slice(&len.to_le_bytes());
        }
        self.u32(len);
        self.output.write_all(&self.block)
    }

    fn u16(&mut self, number: u16) {
        self.block.extend(number.to_le_bytes());
    }

    fn u32(&mut self, number: u32) {
        self.block.extend(number.to_le_bytes());
    }

    /// The upper half of a time comes first, in both byte orders.
    fn time(&mut self, time_ns: i64) {
        let ticks = u64::try_from(time_ns).unwrap_or(0);
        self.u32(u32::try_from(ticks >> 32).unwrap_or(0));
        self.u32(u32::try_from(ticks & 0xffff_ffff).unwrap_or(0));
    }

    fn len_of(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.u32(u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?);
        Ok(())
    }

    fn padded(&mut self, bytes: &[u8]) {
        self.block.extend_from_slice(bytes);
        let padded = self.block.len().next_multiple_of(4);
        self.block.resize(padded, 0);
    }

    fn text(&mut self, code: u16, text: Option<&str>) {
        if let Some(text) = text {
            self.option(code, text.as_bytes());
        }
    }

    /// An option; the end of the list is optional and left out. Longer values than 16 bits can say are cut.
    fn option(&mut self, code: u16, value: &[u8]) {
        debug_assert_ne!(code, option::END, "the end of the list is never written");
        let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
        self.u16(code);
        self.u16(u16::try_from(value.len()).unwrap_or(u16::MAX));
        self.padded(value);
    }
}
