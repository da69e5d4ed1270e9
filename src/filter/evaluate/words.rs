//! Words: what a person reads of a row.

use super::{Evaluation, Subject};
use crate::filter::expression::has_ignoring_case;
use crate::trace::{Side, Symbol};

impl Evaluation<'_> {
    /// Whether a word stands in what a person reads of the row.
    pub(super) fn has_word(&self, word: &str, subject: &Subject<'_>) -> bool {
        let mut has = |text: &str| has_ignoring_case(text, word);
        subject.words.iter().any(|text| has(text))
            || self.any_frame(&narrowed(subject), &mut |_, _, row| {
                has(row.kind.name()) || row.flags.names(row.kind).any(&mut has)
            })
            || self.any_stream(&narrowed(subject), &mut |connection, row| {
                let texts = [
                    row.method,
                    row.path,
                    row.authority,
                    row.status,
                    row.content_type,
                ];
                texts
                    .into_iter()
                    .flatten()
                    .any(|symbol: Symbol| has(&connection.text_lossy(symbol)))
            })
            || self.any_message(&narrowed(subject), &mut |connection, row| {
                let texts = [row.method, row.target, row.host, row.content_type];
                let mut texts = texts.into_iter().flatten();
                texts.any(|symbol| has(&connection.text_lossy(symbol)))
                    || (row.status > 0 && has(&row.status.to_string()))
            })
            || self.any_header(subject, &mut |name, value| {
                name.is_some_and(&mut has) || value.is_some_and(&mut has)
            })
            || subject
                .packet
                .is_some_and(|packet| self.trace.comment(packet).is_some_and(&mut has))
            || self.any_finding(subject, &mut |finding| {
                has(finding.rule) || has(&finding.text)
            })
            || (subject.frame.is_none()
                && subject.streams.is_empty()
                && subject.exchange.is_none()
                && self.ends_have(subject, &mut has))
    }

    pub(super) fn ends_have(
        &self,
        subject: &Subject<'_>,
        has: &mut dyn FnMut(&str) -> bool,
    ) -> bool {
        self.connection_of(subject).is_some_and(|connection| {
            has(connection.row.protocol.name())
                || Side::BOTH
                    .iter()
                    .any(|side| has(&connection.row.ends[side.index()].to_string()))
        })
    }
}

/// A header field is read for itself: the words of its frame and stream are not its own.
fn narrowed<'r>(subject: &Subject<'r>) -> Subject<'r> {
    if subject.header.is_some() || subject.finding.is_some() {
        return Subject::default();
    }
    subject.clone()
}
