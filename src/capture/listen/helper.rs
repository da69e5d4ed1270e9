//! The program that listens.

use super::{InterfaceName, ListenError};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Interfaces that carry no TCP, by how their names begin: libpcap lists them on Linux.
const WITHOUT_TCP: [&str; 6] = [
    "nflog",
    "nfqueue",
    "usbmon",
    "bluetooth",
    "dbus-",
    "rdmasniff",
];

/// A program that may listen, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    program: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `wireloom-capture`.
    Own,
    /// Wireshark's.
    Dumpcap,
    Tcpdump,
}

/// An interface on which a helper could listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: InterfaceName,
    /// What the helper says about it; may be empty.
    pub about: Box<str>,
}

impl Helper {
    /// The helper that somebody named; else `wireloom-capture` beside this program or on the path, else `dumpcap` or
    /// `tcpdump` on the path.
    ///
    /// # Errors
    ///
    /// [`ListenError::NoHelper`] when there is none.
    pub fn find(named: Option<&Path>) -> Result<Self, ListenError> {
        if let Some(program) = named {
            return Ok(Self::of(program.to_owned()));
        }
        let here = std::env::current_exe().ok();
        let real = here.as_ref().and_then(|path| path.canonicalize().ok());
        let beside = here
            .iter()
            .chain(real.iter())
            .filter_map(|path| path.parent());
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self::among(beside, &path).ok_or(ListenError::NoHelper)
    }

    fn among<'a>(beside: impl Iterator<Item = &'a Path>, path: &OsString) -> Option<Self> {
        let named = |folder: &Path, name: &str| {
            let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            program.is_file().then_some(program)
        };
        // A folder that is not named from the root on depends on where one happens to be.
        let folders = || std::env::split_paths(path).filter(|folder| folder.is_absolute());
        let mut beside = beside.filter_map(|folder| named(folder, "wireloom-capture"));
        let on_path = |name| folders().find_map(|folder| named(&folder, name));
        let found = beside.next();
        let found = found.or_else(|| on_path("wireloom-capture"));
        let found = found.or_else(|| on_path("dumpcap"));
        found.or_else(|| on_path("tcpdump")).map(Self::of)
    }

    fn of(program: PathBuf) -> Self {
        let stem = program.file_stem().unwrap_or_default().to_string_lossy();
        let kind = match stem.as_ref() {
            "dumpcap" => Kind::Dumpcap,
            "tcpdump" => Kind::Tcpdump,
            _ => Kind::Own,
        };
        Self { program, kind }
    }

    /// Where it is.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The ending of the files it writes.
    pub fn ending(&self) -> &'static str {
        match self.kind {
            Kind::Own | Kind::Dumpcap => "pcapng",
            Kind::Tcpdump => "pcap",
        }
    }

    /// Whether it ends when its standard input does: then it may write to the recording itself.
    pub(super) fn ends_with_input(&self) -> bool {
        self.kind == Kind::Own
    }

    /// What is run to listen. It writes the recording to standard output.
    pub(super) fn listen(&self, interface: &InterfaceName, filter: Option<&str>) -> Command {
        let interface = interface.as_str();
        let mut command = self.command();
        match self.kind {
            Kind::Own => {
                command.arg(format!("--interface={interface}"));
                command.args(filter.map(|filter| format!("--filter={filter}")));
                command.arg("--until-input-ends");
            }
            Kind::Dumpcap => {
                command.args(["-q", "-i", interface, "-w", "-"]);
                command.args(filter.map(|filter| ["-f", filter]).into_iter().flatten());
            }
            Kind::Tcpdump => {
                command.args(["-i", interface, "-U", "-w", "-", "--"]);
                command.args(filter);
            }
        }
        command
    }

    /// The interfaces there are, those without TCP left out.
    ///
    /// # Errors
    ///
    /// When the helper cannot be run, or cannot tell. Waits for the helper.
    pub fn interfaces(&self) -> Result<Vec<Listed>, ListenError> {
        let mut command = self.command();
        let output = (command.arg("-D").stdin(Stdio::null()).output()).map_err(|error| {
            ListenError::NotStarted {
                program: self.program.clone(),
                error,
            }
        })?;
        if !output.status.success() {
            return Err(ListenError::of_words(&output.stderr, &self.program, None));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().filter_map(|line| self.listed(line));
        Ok(lines
            .filter(|of| {
                !WITHOUT_TCP
                    .iter()
                    .any(|begin| of.name.as_str().starts_with(begin))
            })
            .collect())
    }

    /// A line of the list: `lo<TAB>loopback`, and of the others `2. lo (Loopback)` or `2.lo [Up, Running]`.
    fn listed(&self, line: &str) -> Option<Listed> {
        let (name, about) = match self.kind {
            Kind::Own => line.split_once('\t').unwrap_or((line, "")),
            Kind::Dumpcap | Kind::Tcpdump => {
                let (_, rest) = line.split_once('.')?;
                let rest = rest.trim_start();
                rest.split_once(' ').unwrap_or((rest, ""))
            }
        };
        let name = name.trim().parse().ok()?;
        let about = about.trim();
        let inside = about.strip_prefix('(').and_then(|of| of.strip_suffix(')'));
        let about = inside.unwrap_or(about).into();
        Some(Listed { name, about })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // Its words are compared with English ones.
        command.env("LC_ALL", "C");
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt;
            /// No console window of its own (`CREATE_NO_WINDOW`).
            const NO_WINDOW: u32 = 0x0800_0000;
            command.creation_flags(NO_WINDOW);
        }
        command
    }
}

impl fmt::Display for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Own => "wireloom-capture",
            Kind::Dumpcap => "dumpcap",
            Kind::Tcpdump => "tcpdump",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(program: &str, filter: Option<&str>) -> Vec<String> {
        let interface = "eth0".parse().unwrap();
        let command = Helper::of(program.into()).listen(&interface, filter);
        let arguments = command
            .get_args()
            .map(|of| of.to_string_lossy().into_owned());
        arguments.collect()
    }

    #[test]
    fn no_filter_can_be_taken_for_an_option() {
        let filter = Some("-z evil");
        assert_eq!(
            arguments("/x/wireloom-capture", filter),
            ["--interface=eth0", "--filter=-z evil", "--until-input-ends"]
        );
        assert_eq!(
            arguments("/x/dumpcap", filter),
            ["-q", "-i", "eth0", "-w", "-", "-f", "-z evil"]
        );
        assert_eq!(
            arguments("/x/tcpdump", filter),
            ["-i", "eth0", "-U", "-w", "-", "--", "-z evil"]
        );
        assert_eq!(arguments("/x/fake", None).len(), 2);
    }

    #[test]
    fn lists_of_all_three_programs_are_read() {
        let listed = |program: &str, line: &str| {
            let listed = Helper::of(program.into()).listed(line)?;
            Some((listed.name.to_string(), listed.about.to_string()))
        };
        let of = |name: &str, about: &str| Some((name.to_owned(), about.to_owned()));
        let own = "/x/wireloom-capture";
        assert_eq!(listed(own, "lo\tloopback, up"), of("lo", "loopback, up"));
        assert_eq!(listed(own, "eth0"), of("eth0", ""));
        assert_eq!(listed("dumpcap", "2. lo (Loopback)"), of("lo", "Loopback"));
        let tcpdump = "tcpdump";
        assert_eq!(
            listed(tcpdump, "3.lo [Up, Running, Loopback]"),
            of("lo", "[Up, Running, Loopback]")
        );
        assert_eq!(listed(tcpdump, "no list"), None);
        assert_eq!(listed(own, "--option\tx"), None);
    }

    #[test]
    fn the_helper_beside_goes_before_the_path_and_relative_folders_are_not_searched() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
        };
        let suffix = std::env::consts::EXE_SUFFIX;
        let beside = folder.path().join("beside");
        let path = std::env::join_paths([Path::new("relative"), &folder.path().join("bin")]);
        let path = path.unwrap();
        let find = || Helper::among(std::iter::once(beside.as_path()), &path);
        assert_eq!(find(), None);
        place(&format!("bin/tcpdump{suffix}"));
        assert_eq!(find().unwrap().kind, Kind::Tcpdump);
        place(&format!("bin/dumpcap{suffix}"));
        assert_eq!(find().unwrap().kind, Kind::Dumpcap);
        place(&format!("bin/wireloom-capture{suffix}"));
        assert_eq!(find().unwrap().kind, Kind::Own);
        place(&format!("beside/wireloom-capture{suffix}"));
        assert!(find().unwrap().program.starts_with(&beside));
    }
}
