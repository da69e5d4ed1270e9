//! Listening to live traffic from the window: where, for what, and what has become of it.
//!
//! [`Desk`] holds the helper at work ([`crate::capture::listen`]) and the form that asks for it. What the helper hears is
//! written to a recording first, which the window reads as it grows: so nothing is lost that was seen, and time is the same
//! as in any capture.

mod form;
mod page;
mod place;

pub use form::form_ui;
pub use page::{trouble_ui, waiting_ui};
pub use place::recording_of_now;

use super::background::drop_elsewhere;
use super::loader::Waker;
use crate::capture::listen::{
    Helper, InterfaceName, Listed, ListenError, Listening, News, Wanted, filter_of,
};
use form::Form;
use place::new_recording;
use std::path::{Path, PathBuf};

/// What a person asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show where one could listen.
    Choose,
    /// Put that away.
    Dismiss,
    /// Look again what interfaces there are.
    LookAgain,
    /// Listen on an interface.
    Start {
        /// Where.
        interface: InterfaceName,
        /// What was typed: ports, a capture filter, or nothing.
        typed: String,
    },
    /// Listen no longer. The recording stays.
    Stop,
    /// Save the recording under another name too.
    SaveCopy,
}

/// Where to listen, with which helper: what the command line asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The program that listens.
    pub helper: Helper,
    /// Where, and for what.
    pub wanted: Wanted,
}

/// What the window has to do with listening. See the module text.
#[derive(Debug, Default)]
pub struct Desk {
    /// The helper that somebody named.
    helper: Option<PathBuf>,
    /// Where recordings are kept.
    folder: Option<PathBuf>,
    form: Option<Form>,
    /// A helper that was started and does not listen yet.
    starting: Option<Listening>,
    /// The helper that listens.
    going: Option<Listening>,
    /// The recording that was begun last.
    last: Option<PathBuf>,
}

/// What has happened.
#[derive(Debug)]
pub enum Told {
    /// The recording has begun.
    Begun(PathBuf),
    /// The recording has ended.
    Ended {
        /// Where it is.
        file: PathBuf,
        /// Where it was made.
        interface: InterfaceName,
        /// Why, if nobody has asked for that.
        error: Option<ListenError>,
    },
}

impl Desk {
    /// One that keeps recordings in the data folder, and takes this helper instead of looking for one.
    pub fn new(data_folder: Option<&Path>, helper: Option<PathBuf>) -> Self {
        Self {
            helper,
            folder: data_folder.map(place::recordings),
            ..Self::default()
        }
    }

    /// Shows the form. What was listened to last is chosen.
    pub fn open_form(&mut self, last: Option<&str>, typed: &str, waker: Waker) {
        let looking = form::look(self.helper.clone(), waker);
        self.form = Some(Form::new(looking, last, typed, self.folder()));
    }

    /// Puts the form away. What was about to begin does not.
    pub fn close_form(&mut self) {
        self.form = None;
        drop_elsewhere(self.starting.take());
    }

    /// Whether the form is shown.
    pub fn is_asking(&self) -> bool {
        self.form.is_some()
    }

    /// Looks again what interfaces there are.
    pub fn look_again(&mut self, waker: Waker) {
        if let Some(form) = &mut self.form {
            form.look_again(form::look(self.helper.clone(), waker));
        }
    }

    /// Begins to listen. Why that does not work is said in the form.
    pub fn start(&mut self, interface: InterfaceName, typed: &str, waker: Waker) {
        let started = self.try_start(interface, typed, waker);
        let Some(form) = &mut self.form else {
            return;
        };
        match started {
            Ok(listening) => {
                form.starts();
                // A helper takes a moment to end.
                drop_elsewhere(self.starting.replace(listening));
            }
            Err(error) => form.fails(error),
        }
    }

    fn try_start(
        &self,
        interface: InterfaceName,
        typed: &str,
        waker: Waker,
    ) -> Result<Listening, ListenError> {
        let helper = Helper::find(self.helper.as_deref())?;
        let wanted = Wanted {
            file: new_recording(&self.folder(), &interface, helper.ending())?,
            filter: filter_of(typed),
            interface,
        };
        Listening::start(&helper, &wanted, move || waker.wake())
    }

    /// Takes over a helper that listens. The one before ends.
    pub fn take_over(&mut self, listening: Listening) {
        self.last = Some(listening.file().to_owned());
        drop_elsewhere(self.going.replace(listening));
    }

    /// What has happened since the last time.
    pub fn follow(&mut self) -> Option<Told> {
        if let Some(form) = &mut self.form {
            form.follow();
        }
        let news = self.starting.as_mut().and_then(Listening::receive);
        match (news, self.starting.take()) {
            (Some(News::Begun), Some(listening)) => {
                let file = listening.file().to_owned();
                self.form = None;
                self.take_over(listening);
                return Some(Told::Begun(file));
            }
            (Some(News::Ended(result)), _) => {
                if let (Err(error), Some(form)) = (result, &mut self.form) {
                    form.fails(error);
                }
            }
            (_, starting) => self.starting = starting,
        }
        match self.going.as_mut()?.receive()? {
            News::Begun => None,
            News::Ended(result) => {
                let listening = self.going.take()?;
                Some(Told::Ended {
                    file: listening.file().to_owned(),
                    interface: listening.interface().clone(),
                    error: result.err(),
                })
            }
        }
    }

    /// Listens no longer. That it has ended is told later.
    pub fn stop(&mut self) {
        if let Some(listening) = &mut self.going {
            listening.stop();
        }
    }

    /// The helper at work, if what it records is this file.
    pub fn recording(&self, file: Option<&Path>) -> Option<&Listening> {
        let listening = self.going.as_ref()?;
        (Some(listening.file()) == file).then_some(listening)
    }

    /// The recording that was begun last.
    pub fn last(&self) -> Option<&Path> {
        self.last.as_deref()
    }

    fn folder(&self) -> PathBuf {
        self.folder
            .clone()
            .unwrap_or_else(place::folder_without_home)
    }
}

/// What an interface is for, in words for who has never chosen one.
fn about(listed: &Listed) -> String {
    let lower = listed.about.to_lowercase();
    let is_loopback = matches!(listed.name.as_str(), "lo" | "lo0") || lower.contains("loopback");
    let meaning = match listed.name.as_str() {
        _ if is_loopback => "this machine talking to itself: local servers and clients",
        "any" => "all interfaces at once",
        _ => "",
    };
    // What the helper says of these two says the same.
    let said = match meaning.is_empty() {
        true => listed.about.to_string(),
        false => {
            let parts = listed.about.split(", ");
            let addresses = parts.filter(|part| part.parse::<std::net::IpAddr>().is_ok());
            addresses.collect::<Vec<_>>().join(", ")
        }
    };
    let parts = [meaning, said.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" · ")
}

/// Whether it is the interface on which a machine talks to itself.
fn is_loopback(listed: &Listed) -> bool {
    about(listed).starts_with("this machine")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, about: &str) -> Listed {
        Listed {
            name: name.parse().unwrap(),
            about: about.into(),
        }
    }

    #[test]
    fn interfaces_are_explained_to_who_has_never_chosen_one() {
        assert_eq!(
            about(&listed("lo", "loopback, 127.0.0.1, ::1")),
            "this machine talking to itself: local servers and clients · 127.0.0.1, ::1"
        );
        assert_eq!(
            about(&listed("any", "Pseudo-device")),
            "all interfaces at once"
        );
        assert_eq!(about(&listed("eth0", "192.0.2.7")), "192.0.2.7");
        assert_eq!(about(&listed("tun0", "")), "");
        assert!(is_loopback(&listed("lo0", "")));
        assert!(!is_loopback(&listed("eth0", "192.0.2.7")));
    }
}
