//! The content of a message, made ready to be looked at: decoded, told apart, cut into lines.

use crate::analysis::bodies::{Body, ContentKind};
use crate::trace::{Carrier, Connection, Direction, Trace};
use crate::ui::widgets::format;
use std::ops::Range;
use std::sync::Arc;

/// Lines longer than this are broken: a line of a megabyte would stall the picture.
const MAX_LINE_BYTES: usize = 400;

/// A picture with more pixels is not drawn: it would take more memory than it is worth.
const MAX_PIXELS: u64 = 32 << 20;

/// JSON longer than this is shown as it was sent.
const MAX_PRETTY_BYTES: usize = 8 << 20;

/// How content is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As text, as it was sent.
    Text,
    /// As JSON with a line for each value.
    Json,
    /// As bytes.
    Hex,
    /// As a picture.
    Picture,
}

impl Mode {
    /// What its button says.
    pub fn title(self) -> &'static str {
        match self {
            Mode::Text => "Text",
            Mode::Json => "JSON",
            Mode::Hex => "Hex",
            Mode::Picture => "Picture",
        }
    }
}

/// Pixels of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Width and height.
    pub size: [usize; 2],
    /// Four bytes each, rows from the top.
    pub rgba: Vec<u8>,
}

/// Content, ready to be looked at.
#[derive(Clone, Debug)]
pub struct Content {
    /// About it, in one line: `24 KB of text/css, gzip: 8 KB were sent`.
    pub about: String,
    /// What is missing or could not be decoded.
    pub trouble: Option<String>,
    /// The bytes, without codings.
    pub bytes: Arc<[u8]>,
    /// What they are.
    pub kind: ContentKind,
    /// A name to save it under.
    pub name: String,
    /// The ways it can be shown, the best first.
    pub modes: Vec<Mode>,
    text_lines: Vec<Range<usize>>,
    pretty: Option<(String, Vec<Range<usize>>)>,
    /// The picture, when it is one that can be drawn.
    pub pixels: Option<Pixels>,
}

impl Content {
    /// The content that a direction sent on a stream or in an exchange; `None` when there is no such one.
    pub fn of(
        trace: &Trace,
        connection: &Connection,
        carrier: impl Into<Carrier>,
        direction: Direction,
    ) -> Option<Self> {
        let carrier = carrier.into();
        let body = Body::of(trace, connection, carrier, connection.side(direction))?;
        let decoded = body.decoded(trace, connection);
        let content_type = body.content_type().map(<[u8]>::to_vec);
        let kind = ContentKind::of(content_type.as_deref(), &decoded.bytes);
        let path = path(connection, carrier);
        let mut content = Self {
            about: about(&body, content_type.as_deref(), decoded.bytes.len() as u64),
            trouble: trouble(&body, &decoded),
            name: file_name(path.as_deref(), carrier, kind),
            kind,
            modes: Vec::new(),
            text_lines: Vec::new(),
            pretty: None,
            pixels: None,
            bytes: decoded.bytes.into(),
        };
        content.make_ready();
        Some(content)
    }

    fn make_ready(&mut self) {
        if self.kind == ContentKind::Json && self.bytes.len() <= MAX_PRETTY_BYTES {
            let value: Option<serde_json::Value> = serde_json::from_slice(&self.bytes).ok();
            let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
            self.pretty = pretty.map(|text| {
                let lines = lines(text.as_bytes());
                (text, lines)
            });
        }
        if self.kind == ContentKind::Png {
            self.pixels = png_pixels(&self.bytes);
        }
        if self.kind.is_text() {
            self.text_lines = lines(&self.bytes);
        }
        let modes = [
            (self.pixels.is_some(), Mode::Picture),
            (self.pretty.is_some(), Mode::Json),
            (self.kind.is_text(), Mode::Text),
            (true, Mode::Hex),
        ];
        self.modes = modes
            .into_iter()
            .filter_map(|(possible, mode)| possible.then_some(mode))
            .collect();
    }

    /// How many rows a way of showing it has.
    pub fn rows(&self, mode: Mode) -> usize {
        match mode {
            Mode::Text => self.text_lines.len(),
            Mode::Json => self.pretty.as_ref().map_or(0, |(_, lines)| lines.len()),
            Mode::Hex => self.bytes.len().div_ceil(16),
            Mode::Picture => 0,
        }
    }

    /// A row as text.
    pub fn row(&self, mode: Mode, row: usize) -> String {
        match mode {
            Mode::Text => {
                let line = self.text_lines.get(row).cloned().unwrap_or_default();
                readable(self.bytes.get(line).unwrap_or_default())
            }
            Mode::Json => {
                let Some((text, lines)) = &self.pretty else {
                    return String::new();
                };
                let line = lines.get(row).cloned().unwrap_or_default();
                readable(text.as_bytes().get(line).unwrap_or_default())
            }
            Mode::Hex => {
                let start = row.saturating_mul(16);
                let end = start.saturating_add(16).min(self.bytes.len());
                hex_row(start, self.bytes.get(start..end).unwrap_or_default())
            }
            Mode::Picture => String::new(),
        }
    }
}

/// Text as a font can draw it: tabs as spaces, other control characters as their pictures.
fn readable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut readable = String::with_capacity(text.len());
    for letter in text.trim_end_matches(['\r', '\n']).chars() {
        match letter {
            '\t' => readable.push_str("    "),
            letter if letter.is_control() => readable.push('\u{fffd}'),
            letter => readable.push(letter),
        }
    }
    readable
}

fn hex_row(offset: usize, bytes: &[u8]) -> String {
    let digits = format::hex(bytes, 16);
    let letters: String = bytes
        .iter()
        .map(|byte| match byte {
            0x20..=0x7e => char::from(*byte),
            _ => '.',
        })
        .collect();
    format!("{offset:06x}  {digits:<47}  {letters}")
}

/// Where each line begins and ends; long ones are broken between characters.
fn lines(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let rest = bytes.get(start..).unwrap_or_default();
        let ahead = rest.get(..MAX_LINE_BYTES.min(rest.len())).unwrap_or(rest);
        let end = match ahead.iter().position(|byte| *byte == b'\n') {
            Some(at) => start + at + 1,
            None if ahead.len() < rest.len() => start + character_end(rest, ahead.len()),
            None => bytes.len(),
        };
        lines.push(start..end);
        start = end;
    }
    lines
}

/// The last place up to `limit` at which no character of UTF-8 is cut; `limit` when there is none.
fn character_end(bytes: &[u8], limit: usize) -> usize {
    let begins = |at: usize| bytes.get(at).is_none_or(|byte| byte & 0xc0 != 0x80);
    (limit.saturating_sub(4).max(1)..=limit)
        .rev()
        .find(|at| begins(*at))
        .unwrap_or(limit)
}

fn about(body: &Body, content_type: Option<&[u8]>, decoded: u64) -> String {
    let mut words = format::exact_bytes(decoded);
    if let Some(content_type) = content_type {
        words.push_str(&format!(" of {}", readable(content_type)));
    }
    let codings = body.codings();
    if !codings.is_empty() {
        let names: Vec<&str> = codings.iter().map(|coding| coding.name()).collect();
        words.push_str(&format!(
            " · sent as {} with {}",
            format::exact_bytes(body.len()),
            names.join(", ")
        ));
    }
    let parts = body.parts.len() as u64;
    let unit = match body.carrier {
        Carrier::Stream(_) => "DATA frame",
        Carrier::Exchange(_) if body.is_chunked() => "chunk",
        Carrier::Exchange(_) => return words,
    };
    words.push_str(&format!(" · in {}", format::counted(parts, unit)));
    words
}

fn trouble(body: &Body, decoded: &crate::analysis::bodies::Decoded) -> Option<String> {
    if let Some(trouble) = &decoded.trouble {
        return Some(trouble.to_string());
    }
    if body.may_be_longer {
        return Some(match body.carrier {
            Carrier::Stream(_) => "Frames of it may be missing from the capture.".to_owned(),
            Carrier::Exchange(_) => "Where it ends cannot be known.".to_owned(),
        });
    }
    (!body.ended && !body.is_empty()).then(|| "Its end was not seen.".to_owned())
}

/// What was asked for.
fn path(connection: &Connection, carrier: Carrier) -> Option<String> {
    let symbol = match carrier {
        Carrier::Stream(stream) => connection.http2()?.stream(stream)?.path?,
        Carrier::Exchange(exchange) => {
            let http1 = connection.http1()?;
            http1.message(http1.exchange(exchange)?.request?)?.target?
        }
    };
    Some(connection.text_lossy(symbol).into_owned())
}

/// The last part of the path, as far as it is safe as the name of a file.
fn file_name(path: Option<&str>, carrier: Carrier, kind: ContentKind) -> String {
    let path = path.and_then(|path| path.split(['?', '#']).next());
    let last = path
        .and_then(|path| path.rsplit('/').next())
        .unwrap_or_default();
    let safe: String = last
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(*letter))
        .take(80)
        .collect();
    let safe = safe.trim_start_matches('.');
    match (safe.is_empty(), safe.contains('.')) {
        (true, _) => {
            let carrier = carrier.to_string().replace(' ', "-");
            format!("{carrier}.{}", ending(kind))
        }
        (false, true) => safe.to_owned(),
        (false, false) => format!("{safe}.{}", ending(kind)),
    }
}

fn ending(kind: ContentKind) -> &'static str {
    match kind {
        ContentKind::Png => "png",
        ContentKind::Jpeg => "jpg",
        ContentKind::Gif => "gif",
        ContentKind::WebP => "webp",
        ContentKind::Json => "json",
        ContentKind::Text => "txt",
        ContentKind::Empty | ContentKind::Binary => "bin",
    }
}

/// The pixels of a PNG; `None` when it is damaged or too large.
fn png_pixels(bytes: &[u8]) -> Option<Pixels> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = (reader.info().width, reader.info().height);
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return None;
    }
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut pixels).ok()?;
    pixels.truncate(frame.buffer_size());
    let rgba: Vec<u8> = match frame.color_type {
        png::ColorType::Rgba => pixels,
        png::ColorType::Rgb => (pixels.chunks_exact(3))
            .flat_map(|pixel| pixel.iter().copied().chain([255]))
            .collect(),
        png::ColorType::Grayscale => (pixels.iter())
            .flat_map(|grey| [*grey, *grey, *grey, 255])
            .collect(),
        png::ColorType::GrayscaleAlpha => (pixels.chunks_exact(2))
            .flat_map(|pixel| {
                let grey = pixel.first().copied().unwrap_or(0);
                [grey, grey, grey, pixel.last().copied().unwrap_or(255)]
            })
            .collect(),
        png::ColorType::Indexed => return None,
    };
    let size = [width as usize, height as usize];
    (rgba.len() == size[0].checked_mul(size[1])?.checked_mul(4)?).then_some(Pixels { size, rgba })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::http2::StreamId;

    #[test]
    fn lines_end_at_line_feeds_and_long_ones_are_broken_between_characters() {
        assert_eq!(lines(b"ab\n\nc"), [0..3, 3..4, 4..5]);
        assert!(lines(b"").is_empty());
        let long = "é".repeat(MAX_LINE_BYTES);
        let broken = lines(long.as_bytes());
        assert!(broken.len() >= 2);
        let joined: String = broken
            .iter()
            .map(|line| std::str::from_utf8(&long.as_bytes()[line.clone()]).unwrap())
            .collect();
        assert_eq!(joined, long);
        // Bytes that are no UTF-8 at all still come to an end.
        let odd = vec![0x80; 3 * MAX_LINE_BYTES];
        assert_eq!(lines(&odd).last().unwrap().end, odd.len());
    }

    #[test]
    fn names_of_files_leave_their_folder_to_the_person() {
        let name = |path| file_name(path, StreamId(5).into(), ContentKind::Text);
        assert_eq!(name(Some("/css/style.css?v=3")), "style.css");
        assert_eq!(name(Some("/../../etc/passwd")), "passwd.txt");
        assert_eq!(name(Some("/..")), "stream-5.txt");
        assert_eq!(name(None), "stream-5.txt");
    }

    #[test]
    fn a_row_of_bytes_has_place_digits_and_letters() {
        let row = hex_row(16, b"Hi\x00");
        assert!(row.starts_with("000010  48 69 00 "), "{row}");
        assert!(row.ends_with("  Hi."), "{row}");
    }

    #[test]
    fn damaged_and_huge_pictures_are_not_drawn() {
        assert_eq!(png_pixels(b"\x89PNG\r\n\x1a\nnonsense"), None);
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 2, 1);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[1, 2, 3, 4, 5, 6]).unwrap();
        writer.finish().unwrap();
        let pixels = png_pixels(&file).unwrap();
        assert_eq!(pixels.size, [2, 1]);
        assert_eq!(pixels.rgba, [1, 2, 3, 255, 4, 5, 6, 255]);
    }
}
