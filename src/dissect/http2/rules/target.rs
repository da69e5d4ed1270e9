//! Where a request goes: `:authority`, `:path` and what CONNECT asks for. Source: RFC 9113 §8.3.1, §8.5, RFC 8441 §5.

use super::fields::{FieldCheck, Pseudo};
use super::lives::Method;
use super::{Rules, Scene};
use crate::trace::rules::fields as rules;

/// What is noted of a request's target while its fields pass.
#[derive(Clone, Copy, Default)]
pub(super) struct Target {
    /// Whether the scheme is `http` or `https`, for which the rules about target and host are made.
    web_scheme: bool,
    /// Whether the scheme is one of those that only WebSocket URIs have.
    socket_scheme: bool,
    /// Whether `:protocol` is `websocket`.
    socket_protocol: bool,
    options: bool,
    path: Path,
    userinfo: bool,
    /// Whether `:authority` ends in a port.
    port: bool,
    authority: Option<u64>,
    host: Option<u64>,
}

/// How `:path` begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Path {
    /// With `/`, or nothing is known of it.
    #[default]
    Fine,
    Empty,
    /// It is `*` alone.
    Asterisk,
    /// With something else.
    Relative,
}

impl Target {
    pub(super) fn pseudo_header(&mut self, pseudo: Pseudo, value: &[u8]) {
        match pseudo {
            Pseudo::METHOD => self.options = value == b"OPTIONS",
            Pseudo::SCHEME => {
                self.web_scheme = matches!(value, b"http" | b"https");
                self.socket_scheme = matches!(value, b"ws" | b"wss");
            }
            Pseudo::PROTOCOL => self.socket_protocol = value == b"websocket",
            Pseudo::AUTHORITY => {
                self.authority = Some(fingerprint(value));
                self.userinfo = value.contains(&b'@');
                self.port = has_port(value);
            }
            Pseudo::PATH => {
                self.path = match value {
                    [] => Path::Empty,
                    b"*" => Path::Asterisk,
                    [b'/', ..] => Path::Fine,
                    _ => Path::Relative,
                };
            }
            _ => {}
        }
    }

    /// The field `host`.
    pub(super) fn host(&mut self, value: &[u8]) {
        self.host = Some(fingerprint(value));
    }

    fn hosts_differ(self) -> bool {
        matches!((self.host, self.authority), (Some(host), Some(authority)) if host != authority)
    }
}

/// A number that tells two texts apart, letters of either case being the same. Two texts with one number would
/// only hide a finding.
fn fingerprint(text: &[u8]) -> u64 {
    // FNV-1a
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Whether an authority ends in a colon and a number above 0.
fn has_port(authority: &[u8]) -> bool {
    let Some(colon) = authority.iter().rposition(|&byte| byte == b':') else {
        return false;
    };
    let (host, port) = authority.split_at(colon);
    let digits = port.get(1..).unwrap_or_default();
    !host.is_empty()
        && !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && digits.iter().any(|&digit| digit != b'0')
}

impl Rules {
    /// The target of a request, which is complete when every name and value of its list is known.
    pub(super) fn target(&mut self, fields: &FieldCheck, complete: bool, scene: &mut Scene<'_>) {
        let (target, pseudo) = (fields.target, fields.pseudo);
        let tunnel = fields.method == Method::Connect && !pseudo.any_of(Pseudo::PROTOCOL);
        let mut broken = |rule, text: &str| self.book.broken(rule, text.to_owned(), scene);
        if target.web_scheme && !tunnel {
            match target.path {
                Path::Fine => {}
                Path::Empty => broken(
                    &rules::PATH_EMPTY,
                    "The :path of this request is empty; it is at least \"/\".",
                ),
                Path::Asterisk if target.options || pseudo.any_of(Pseudo::STATUS) => {}
                Path::Asterisk => broken(
                    &rules::PATH_NOT_ABSOLUTE,
                    "The :path of this request is \"*\", which only OPTIONS can ask for.",
                ),
                Path::Relative => broken(
                    &rules::PATH_NOT_ABSOLUTE,
                    "The :path of this request does not begin with \"/\".",
                ),
            }
            if complete && target.authority.is_none() && target.host.is_none() {
                broken(
                    &rules::AUTHORITY_MISSING,
                    "This request has neither :authority nor host, so it names no host at all.",
                );
            }
        }
        if target.web_scheme && target.userinfo {
            broken(
                &rules::AUTHORITY_USERINFO,
                "The :authority of this request holds \"user@\", which is not sent in HTTP.",
            );
        }
        if target.hosts_differ() {
            broken(
                &rules::HOST_DIFFERS,
                "The fields :authority and host of this request name different hosts.",
            );
        }
        if tunnel && target.authority.is_some() && !target.port {
            broken(
                &rules::CONNECT_WITHOUT_PORT,
                "This CONNECT names no port in :authority, so nobody knows where the tunnel ends.",
            );
        }
        if target.socket_scheme && target.socket_protocol {
            broken(
                &rules::WEBSOCKET_SCHEME,
                "This request for a WebSocket has the :scheme ws or wss; over HTTP/2 it is http or \
                 https.",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_a_number_behind_a_host() {
        for fine in ["a:1", "a.example:443", "[::1]:8080"] {
            assert!(has_port(fine.as_bytes()), "{fine}");
        }
        for odd in ["", "a", "a:", ":443", "a:0", "a:x", "[::1]"] {
            assert!(!has_port(odd.as_bytes()), "{odd}");
        }
    }
}
