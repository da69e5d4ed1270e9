//! `content-type`: whether a request is a gRPC call, how it travels, and what its messages are.

/// How a call travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// gRPC over HTTP/2.
    Grpc,
    /// gRPC-Web: trailers are the last message of the body.
    GrpcWeb,
    /// gRPC-Web with the body in base64.
    GrpcWebText,
}

impl Transport {
    /// The media type's own word.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Grpc => "grpc",
            Transport::GrpcWeb => "grpc-web",
            Transport::GrpcWebText => "grpc-web-text",
        }
    }

    /// Whether trailers travel inside the body.
    pub fn is_web(self) -> bool {
        self != Transport::Grpc
    }
}

/// A content type of gRPC, such as `application/grpc+proto`.
///
/// Sources: `PROTOCOL-HTTP2.md`, Requests: `Content-Type`; `PROTOCOL-WEB.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentType<'a> {
    /// How the call travels.
    pub transport: Transport,
    /// How messages are written: what follows the `+`; empty means protobuf.
    pub codec: &'a str,
}

impl<'a> ContentType<'a> {
    /// Reads a field's value; `None` when it is not of gRPC. Parameters after `;` are passed over.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        // Asked of every stream of a capture, of which most are no calls: their types are told by the first letters.
        let main = value.trim_ascii_start().get(..APPLICATION.len())?;
        if !main.eq_ignore_ascii_case(APPLICATION) {
            return None;
        }
        let value = std::str::from_utf8(value).ok()?;
        let essence = value.split(';').next()?.trim();
        let (_, sub) = essence.split_once('/')?;
        let (name, codec) = sub.split_once('+').unwrap_or((sub, ""));
        let transports = [Transport::Grpc, Transport::GrpcWeb, Transport::GrpcWebText];
        let transport = transports
            .into_iter()
            .find(|transport| transport.name().eq_ignore_ascii_case(name))?;
        Some(Self { transport, codec })
    }

    /// Whether messages are protobuf.
    pub fn is_protobuf(&self) -> bool {
        self.codec.is_empty() || self.codec.eq_ignore_ascii_case("proto")
    }
}

/// What a content type of gRPC begins with.
const APPLICATION: &[u8] = b"application/grpc";

/// Service and method of a call's `:path`, such as `/users.UserService/GetUser`. The service may have
/// slashes of its own. `None` for a path that names no method.
pub fn service_and_method(path: &str) -> Option<(&str, &str)> {
    let (service, method) = path.strip_prefix('/')?.rsplit_once('/')?;
    (!service.is_empty() && !method.is_empty()).then_some((service, method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transports_and_codecs_are_told_apart() {
        let parse = |text: &'static str| {
            let parsed = ContentType::parse(text.as_bytes())?;
            Some((parsed.transport, parsed.codec, parsed.is_protobuf()))
        };
        assert_eq!(parse("application/grpc"), Some((Transport::Grpc, "", true)));
        assert_eq!(
            parse("application/grpc+proto; charset=utf-8"),
            Some((Transport::Grpc, "proto", true))
        );
        assert_eq!(
            parse("Application/gRPC+json"),
            Some((Transport::Grpc, "json", false))
        );
        assert_eq!(
            parse("application/grpc-web+proto"),
            Some((Transport::GrpcWeb, "proto", true))
        );
        assert_eq!(
            parse("application/grpc-web-text"),
            Some((Transport::GrpcWebText, "", true))
        );
        assert_eq!(parse("application/grpcx"), None);
        assert_eq!(parse("text/grpc"), None);
        assert_eq!(parse("application/json"), None);
        assert_eq!(ContentType::parse(b"application/grpc\xff"), None);
    }

    #[test]
    fn a_path_is_a_service_and_a_method() {
        assert_eq!(
            service_and_method("/users.UserService/GetUser"),
            Some(("users.UserService", "GetUser"))
        );
        assert_eq!(service_and_method("/a/b/C"), Some(("a/b", "C")));
        for path in ["", "/", "/x", "/x/", "//y", "x/y"] {
            assert_eq!(service_and_method(path), None, "{path}");
        }
    }
}
