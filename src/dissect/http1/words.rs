//! What findings about HTTP/1.1 say.

use crate::trace::rules::{Rule, http1 as rules};
use crate::trace::{MessageKind, MessageRow};
use crate::wire::counted::counted;
use crate::wire::http1::{ChunkError, FramingOddity, HeadOddity};

/// What is to be said of one message.
pub(super) struct Said<'a> {
    pub(super) row: &'a MessageRow,
}

impl Said<'_> {
    fn what(&self) -> String {
        let exchange = self.row.exchange;
        match self.row.kind {
            MessageKind::Request => format!("The request of exchange {exchange}"),
            MessageKind::Interim | MessageKind::Response => {
                format!("The response {} of exchange {exchange}", self.row.status)
            }
        }
    }

    pub(super) fn head(&self, oddity: HeadOddity, line: &[u8]) -> String {
        let what = self.what();
        let line = shown(line);
        match oddity {
            HeadOddity::BareLineFeed => format!("{what} has lines that end in LF alone."),
            HeadOddity::Folded => {
                format!("{what} has a field that goes on in another line: {line}.")
            }
            HeadOddity::SpaceBeforeColon => {
                format!("{what} has white space before the colon of a field: {line}.")
            }
            HeadOddity::NoField => format!("{what} has a line that is no field: {line}."),
            HeadOddity::ControlCharacter => {
                format!("{what} has a control character in a field: {line}.")
            }
            HeadOddity::SpaceInTarget => format!("{what} has white space in its target: {line}."),
        }
    }

    pub(super) fn framing(&self, oddity: FramingOddity) -> String {
        let what = self.what();
        match oddity {
            FramingOddity::LengthAndEncoding => {
                format!("{what} has both Content-Length and Transfer-Encoding.")
            }
            FramingOddity::DifferentLengths => {
                format!("{what} has several Content-Length that differ; the first is taken.")
            }
            FramingOddity::LengthUnreadable => {
                format!("{what} has a Content-Length that is no number.")
            }
            FramingOddity::ChunkedNotLast => {
                format!("{what} has a Transfer-Encoding that does not end in chunked.")
            }
            FramingOddity::EncodingInOldVersion => {
                format!(
                    "{what} is of HTTP/{} and has Transfer-Encoding.",
                    self.row.version
                )
            }
            FramingOddity::BodyWhereNone => {
                format!("{what} says how long its body is, though it cannot have one.")
            }
        }
    }

    pub(super) fn host(&self, count: usize) -> String {
        match count {
            0 => format!("{} names no Host.", self.what()),
            count => format!("{} has {count} fields Host.", self.what()),
        }
    }

    pub(super) fn unasked(&self) -> String {
        format!("{} came when no request waited for one.", self.what())
    }

    pub(super) fn tunnel(&self, upgrade: Option<&[u8]>) -> String {
        let exchange = self.row.exchange;
        match upgrade.filter(|_| self.row.status == 101) {
            Some(name) => format!(
                "The response of exchange {exchange} switches to {}: what follows is not read.",
                shown(name)
            ),
            None => format!(
                "The response of exchange {exchange} opens a tunnel: what follows is not read."
            ),
        }
    }

    pub(super) fn chunk(&self, error: ChunkError) -> String {
        format!(
            "{} cannot be read behind {} of its content: {error}.",
            self.what(),
            counted(self.row.content_bytes, "byte")
        )
    }

    pub(super) fn cut(&self) -> String {
        format!(
            "{} is cut short: the connection ended behind {} of its content.",
            self.what(),
            counted(self.row.content_bytes, "byte")
        )
    }
}

pub(super) fn no_start_line(who: &str) -> String {
    format!("The {who} sent something where a message has to begin; it is passed over.")
}

pub(super) fn head_too_long(who: &str) -> String {
    format!("A head of the {who} is longer than 64 KiB; it is passed over.")
}

pub(super) fn head_cut(who: &str) -> String {
    format!("The connection ended within a head of the {who}.")
}

pub(super) fn resumed(who: &str) -> String {
    format!("Messages of the {who} are read again from here on.")
}

/// A line for a person, cut when it is long.
fn shown(line: &[u8]) -> String {
    const SHOWN_BYTES: usize = 60;
    let line = line.trim_ascii_end();
    let part = line.get(..SHOWN_BYTES).unwrap_or(line);
    format!("{:?}", String::from_utf8_lossy(part))
}

pub(super) fn rule_of_head(oddity: HeadOddity) -> &'static Rule {
    match oddity {
        HeadOddity::BareLineFeed => &rules::BARE_LINE_FEED,
        HeadOddity::Folded => &rules::FOLDED_FIELD,
        HeadOddity::SpaceBeforeColon => &rules::SPACE_BEFORE_COLON,
        HeadOddity::NoField => &rules::NO_FIELD,
        HeadOddity::ControlCharacter => &rules::CONTROL_CHARACTER,
        HeadOddity::SpaceInTarget => &rules::SPACE_IN_TARGET,
    }
}

pub(super) fn rule_of_framing(oddity: FramingOddity) -> &'static Rule {
    match oddity {
        FramingOddity::LengthAndEncoding => &rules::LENGTH_AND_ENCODING,
        FramingOddity::DifferentLengths => &rules::DIFFERENT_LENGTHS,
        FramingOddity::LengthUnreadable => &rules::LENGTH_UNREADABLE,
        FramingOddity::ChunkedNotLast => &rules::CHUNKED_NOT_LAST,
        FramingOddity::EncodingInOldVersion => &rules::ENCODING_IN_OLD_VERSION,
        FramingOddity::BodyWhereNone => &rules::BODY_WHERE_NONE,
    }
}
