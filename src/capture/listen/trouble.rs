//! Why listening does not work.

use super::InterfaceName;
use std::io;
use std::path::{Path, PathBuf};

/// The most that is repeated of what a helper said, in bytes: two or three sentences.
const MAX_SAID_LEN: usize = 400;

/// Why nothing is heard, or no longer. One plain sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// There is no program that could listen.
    #[error(
        "There is no program here that could listen: build wireloom-capture with `cargo build --release --features live`, \
         or install Wireshark's dumpcap or tcpdump"
    )]
    NoHelper,
    /// The program that was named, or found, cannot be run.
    #[error("{}: it cannot be run: {error}", program.display())]
    NotStarted {
        /// The helper.
        program: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The helper may not listen.
    #[error(
        "Listening on {interface} is not permitted; {}",
        permit_sentence(program)
    )]
    NotPermitted {
        /// Where it was to listen.
        interface: InterfaceName,
        /// The helper.
        program: PathBuf,
    },
    /// The helper said why it does not listen (any longer).
    #[error("{said}")]
    Refused {
        /// Its own words.
        said: Box<str>,
    },
    /// The helper ended, and nobody has asked it to.
    #[error("{} ended without saying why", program.display())]
    Silent {
        /// The helper.
        program: PathBuf,
    },
    /// There is a file of that name.
    #[error("{}: there is a file of that name already; give another one", path.display())]
    Exists {
        /// Where the recording was to be.
        path: PathBuf,
    },
    /// The recording cannot be written.
    #[error("{}: the recording cannot be written: {error}", path.display())]
    File {
        /// Where the recording was to be.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The system refuses another thread.
    #[error("no thread could be started to watch over the recording: {0}")]
    Thread(#[source] io::Error),
}

impl ListenError {
    /// What a helper's words mean. The last ones count: the first may be a greeting.
    pub(super) fn of_words(said: &[u8], program: &Path, interface: Option<&InterfaceName>) -> Self {
        let said = String::from_utf8_lossy(said);
        let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
        let said = lines.collect::<Vec<_>>().join(" ");
        let lower = said.to_lowercase();
        if let Some(interface) = interface
            && (lower.contains("not permitted") || lower.contains("permission"))
        {
            return Self::NotPermitted {
                interface: interface.clone(),
                program: program.to_owned(),
            };
        }
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        let said = (said.strip_prefix(name.as_ref()))
            .and_then(|said| said.strip_prefix(": "))
            .unwrap_or(&said);
        match last_part(said) {
            "" => Self::Silent {
                program: program.to_owned(),
            },
            said => Self::Refused { said: said.into() },
        }
    }

    /// What a person can type into a terminal so that it works next time.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::NotPermitted { program, .. } => permit(program),
            Self::NoHelper => Some("cargo build --release --features live".to_owned()),
            _ => None,
        }
    }
}

/// The end of a text, from the beginning of a character on.
fn last_part(text: &str) -> &str {
    let mut start = text.len().saturating_sub(MAX_SAID_LEN);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..).unwrap_or_default()
}

/// The line that gives a helper the right to listen.
fn permit(program: &Path) -> Option<String> {
    cfg!(target_os = "linux").then(|| {
        let program = program.display().to_string();
        let quoted =
            match program.contains(|c: char| c.is_whitespace() || "'\"\\$`&;()<>|*?".contains(c)) {
                true => format!("'{}'", program.replace('\'', r"'\''")),
                false => program,
            };
        format!("sudo setcap cap_net_raw=ep {quoted}")
    })
}

fn permit_sentence(program: &Path) -> String {
    match permit(program) {
        Some(line) => format!("allow it once with: {line}"),
        None if cfg!(target_os = "macos") => {
            "install the ChmodBPF of Wireshark, or start Wireloom with sudo".to_owned()
        }
        None => "start Wireloom as administrator".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(said: &str, program: &str) -> ListenError {
        let lo = "lo".parse().unwrap();
        ListenError::of_words(said.as_bytes(), Path::new(program), Some(&lo))
    }

    #[test]
    fn a_missing_right_is_told_whichever_program_misses_it() {
        for said in [
            "wireloom-capture: lo: capturing is not permitted; allow it once with: x",
            "tcpdump: lo: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)",
            "dumpcap: You do not have permission to capture on device \"lo\".\n",
        ] {
            let error = of(said, "/opt/with space/helper");
            assert!(matches!(error, ListenError::NotPermitted { .. }), "{said}");
            if cfg!(target_os = "linux") {
                let line = "sudo setcap cap_net_raw=ep '/opt/with space/helper'";
                assert_eq!(error.remedy().as_deref(), Some(line));
                assert!(error.to_string().ends_with(line), "{error}");
            }
        }
    }

    #[test]
    fn other_words_are_repeated_without_the_name_in_front() {
        let error = of(
            "wireloom-capture: nope: there is no such interface\n",
            "/x/wireloom-capture",
        );
        assert_eq!(error.to_string(), "nope: there is no such interface");
        assert_eq!(error.remedy(), None);
        let error = of(" \n", "/x/wireloom-capture");
        assert!(matches!(error, ListenError::Silent { .. }));
        let error = of(&"ä".repeat(2000), "/x/y");
        assert!(error.to_string().len() <= MAX_SAID_LEN);
    }
}
