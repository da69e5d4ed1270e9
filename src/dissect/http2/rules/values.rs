//! Field values with a grammar of their own, which receivers leave alone when they cannot read them.

use super::fields::{Broken, quoted};
use super::{Rules, Scene};
use crate::trace::rules::{Rule, fields as rules, signals};
use crate::wire::http2::{PriorityUpdate, Urgency, is_alt_svc_value};

/// What is to be said about the value of `priority`. Source: RFC 9218 §4, §5.
pub(super) fn priority(value: &[u8]) -> Option<(&'static Rule, String)> {
    match Urgency::read(value) {
        Ok((_, None)) => None,
        Ok((_, Some(member))) => Some((&rules::PRIORITY_PARAMETER_IGNORED, ignored(member, value))),
        Err(error) => Some((
            &rules::PRIORITY_UNREADABLE,
            format!(
                "The field priority is \"{}\", which cannot be read: {error}; it is ignored",
                quoted(value)
            ),
        )),
    }
}

fn ignored(member: &str, value: &[u8]) -> String {
    let allowed = match member {
        "u" => "an urgency is a whole number from 0 to 7",
        _ => "incremental is true (i or i=?1) or false (i=?0)",
    };
    let value = quoted(value);
    format!("In the priority \"{value}\" the parameter {member} is ignored: {allowed}")
}

/// What is to be said about the value of `alt-svc`. Source: RFC 7838 §3.
pub(super) fn alt_svc(value: &[u8]) -> Option<(&'static Rule, String)> {
    (!is_alt_svc_value(value)).then(|| {
        (
            &signals::ALT_SVC_UNREADABLE,
            format!(
                "The alternative service \"{}\" does not follow the grammar, so it is ignored",
                quoted(value)
            ),
        )
    })
}

impl Rules {
    /// What `PRIORITY_UPDATE` says. Source: RFC 9218 §7.
    pub(super) fn priority_update_value(
        &mut self,
        update: &PriorityUpdate<'_>,
        scene: &mut Scene<'_>,
    ) {
        let value = update.field_value;
        match Urgency::read(value) {
            Ok((_, None)) => {}
            Ok((_, Some(member))) => {
                let text = format!("{}.", ignored(member, value));
                self.book
                    .broken(&rules::PRIORITY_PARAMETER_IGNORED, text, scene);
            }
            Err(error) => {
                let text = format!(
                    "The PRIORITY_UPDATE for stream {} says \"{}\", which cannot be read: {error}.",
                    update.prioritized_stream,
                    quoted(value)
                );
                self.book
                    .broken(&signals::PRIORITY_UPDATE_UNREADABLE, text, scene);
            }
        }
    }
}

impl super::FieldCheck {
    /// A value that was sent as a string, under a name that has a grammar.
    pub(super) fn value_with_grammar(
        &mut self,
        trouble: Option<(&'static Rule, String)>,
        range: &std::ops::Range<usize>,
    ) {
        if let Some((rule, text)) = trouble {
            self.note(Broken::at(rule, text, range));
        }
    }
}
