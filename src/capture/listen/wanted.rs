//! Where to listen, and for what.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The longest name of an interface that is passed on. Linux has 15 bytes, Windows writes paths of about 60.
const MAX_INTERFACE_LEN: usize = 255;

/// The name of a network interface: `lo`, `eth0`, `en0`. Never empty, and nothing that a program could take for an option.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InterfaceName(Box<str>);

/// What cannot be the name of an interface.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot be the name of an interface; `wireloom live --list` lists them")]
pub struct BadInterface {
    /// What was given.
    pub name: Box<str>,
}

impl InterfaceName {
    /// The name as the system has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InterfaceName {
    type Err = BadInterface;

    fn from_str(name: &str) -> Result<Self, BadInterface> {
        let fits = (1..=MAX_INTERFACE_LEN).contains(&name.len());
        match fits && !name.starts_with('-') && !name.chars().any(char::is_control) {
            true => Ok(Self(name.into())),
            false => Err(BadInterface { name: name.into() }),
        }
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What somebody wants to listen to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Where.
    pub interface: InterfaceName,
    /// A capture filter as [`filter_of`] makes it; `None` records everything.
    pub filter: Option<Box<str>>,
    /// The recording. There must be no file of that name yet.
    pub file: PathBuf,
}

/// The capture filter that is meant by what a person typed: numbers alone are TCP ports, everything else is handed to
/// libpcap as it is. `None` where nothing was typed.
pub fn filter_of(typed: &str) -> Option<Box<str>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let words = typed.split([',', ' ']).filter(|word| !word.is_empty());
    let ports: Option<Vec<u16>> = words.map(|word| word.parse().ok()).collect();
    let Some(ports) = ports.filter(|ports| !ports.is_empty()) else {
        return Some(typed.into());
    };
    let ports: Vec<String> = (ports.iter())
        .map(|port| format!("tcp port {port}"))
        .collect();
    Some(ports.join(" or ").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_option_or_like_nothing_is_no_interface() {
        for name in ["lo", "eth0", "any", r"\Device\NPF_{1-2}", "br-0a"] {
            assert_eq!(name.parse::<InterfaceName>().unwrap().as_str(), name);
        }
        for name in ["", "-w", "--help", "lo\n", "a\0b", &"x".repeat(256)] {
            let error = name.parse::<InterfaceName>().unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("cannot be the name of an interface"),
                "{error}"
            );
        }
    }

    #[test]
    fn numbers_alone_are_ports_and_everything_else_is_a_filter() {
        let of = |typed| filter_of(typed).map(String::from);
        assert_eq!(of("  "), None);
        assert_eq!(of("8080").as_deref(), Some("tcp port 8080"));
        let two = Some("tcp port 8080 or tcp port 50051");
        assert_eq!(of("8080, 50051").as_deref(), two);
        assert_eq!(of("8080 50051").as_deref(), two);
        // No port, so libpcap says what is wrong with it.
        assert_eq!(of("80800").as_deref(), Some("80800"));
        assert_eq!(of(",").as_deref(), Some(","));
        assert_eq!(of(" host 192.0.2.7 ").as_deref(), Some("host 192.0.2.7"));
    }
}
