//! Rules about header lists: what they must hold, what they may not, and how fields are written.

super::rules! {
    FIELD_NAME_UPPERCASE = "field-name-uppercase", Error, Some("RFC 9113 §8.2.1"),
        "Field names are lower case in HTTP/2, so that one name is always the same bytes and finds its entry in the HPACK table.";
    FIELD_NAME_INVALID = "field-name-invalid", Error, Some("RFC 9113 §8.2.1"),
        "A field name holds no spaces, control characters or bytes above 0x7e, is not empty, and has a colon only as the first letter of a pseudo-header. Passed on as HTTP/1.1, such a name could become two fields.";
    FIELD_VALUE_INVALID = "field-value-invalid", Error, Some("RFC 9113 §8.2.1"),
        "A field value holds no zero byte, line feed or carriage return. In HTTP/1.1 these end a line, so whoever passes the field on could be made to send a second request.";
    FIELD_VALUE_WHITESPACE = "field-value-whitespace", Error, Some("RFC 9113 §8.2.1"),
        "A field value neither begins nor ends with a space or tab: HTTP/1.1 cuts them off, and two programs would see two values.";
    RAW_BINARY_METADATA = "raw-binary-metadata", Note, Some("gRPC, setting 0xfe03"),
        "gRPC writes binary metadata (names that end in -bin) as base64. When both sides announced setting 0xfe03 it may send the raw bytes, which HTTP/2 itself forbids.";
    CONNECTION_SPECIFIC_FIELD = "connection-specific-field", Error, Some("RFC 9113 §8.2.2"),
        "connection, proxy-connection, keep-alive, transfer-encoding and upgrade steer an HTTP/1.1 connection. HTTP/2 has frames for that, and a message with such a field is malformed.";
    TE_NOT_TRAILERS = "te-not-trailers", Error, Some("RFC 9113 §8.2.2"),
        "Of the field te, only the value \"trailers\" is left in HTTP/2: it says that the client reads trailers, as gRPC needs them.";
    PSEUDO_HEADER_AFTER_FIELD = "pseudo-header-after-field", Error, Some("RFC 9113 §8.3"),
        "Pseudo-headers come before all other fields, so that a receiver knows what it is asked before it reads the rest.";
    PSEUDO_HEADER_UNKNOWN = "pseudo-header-unknown", Error, Some("RFC 9113 §8.3"),
        "Names that begin with a colon are no header fields but parts of the request or status line. Nobody may make up new ones; a message with one is malformed.";
    PSEUDO_HEADER_REPEATED = "pseudo-header-repeated", Error, Some("RFC 9113 §8.3"),
        "Each pseudo-header comes once. With two :path or :authority fields, a proxy might check one and a server obey the other.";
    PSEUDO_HEADER_MISPLACED = "pseudo-header-misplaced", Error, Some("RFC 9113 §8.3"),
        ":status belongs in responses; :method, :scheme, :authority, :path and :protocol belong in requests.";
    PSEUDO_HEADER_IN_TRAILERS = "pseudo-header-in-trailers", Error, Some("RFC 9113 §8.1"),
        "Trailers come after the content; they cannot change any more what was asked for or answered.";
    PSEUDO_HEADER_MISSING = "pseudo-header-missing", Error, Some("RFC 9113 §8.3"),
        "A request needs :method, :scheme and :path, a response :status: they are what the first line was in HTTP/1.1.";
    PATH_EMPTY = "path-empty", Error, Some("RFC 9113 §8.3.1"),
        "The path of an http or https URI is at least \"/\", or \"*\" for OPTIONS about the whole server.";
    PATH_NOT_ABSOLUTE = "path-not-absolute", Error, Some("RFC 9113 §8.3.1"),
        "The path of an http or https URI begins with \"/\". Anything else there, such as a whole URI, is read differently by every proxy; \"*\" is for OPTIONS alone.";
    AUTHORITY_MISSING = "authority-missing", Error, Some("RFC 9113 §8.3.1"),
        "A request for an http or https URI says which host it is for, in :authority (or in host, when it was translated from HTTP/1.1). One server answers for many hosts.";
    AUTHORITY_USERINFO = "authority-userinfo", Error, Some("RFC 9113 §8.3.1"),
        "\"user:password@\" before the host is not sent in :authority for http and https: secrets would end up in logs, and the part before the @ has deceived many readers about which host is meant.";
    HOST_DIFFERS = "host-differs", Error, Some("RFC 9113 §8.3.1"),
        "When a request has :authority and host, both name the same. Otherwise a proxy could route by one and the server answer for the other.";
    STATUS_INVALID = "status-invalid", Error, Some("RFC 9113 §8.3.2"),
        ":status is a number of three digits, from 100 to 599 as HTTP defines them.";
    STATUS_SWITCHING_PROTOCOLS = "status-switching-protocols", Error, Some("RFC 9113 §8.6"),
        "101 switches an HTTP/1.1 connection to another protocol. HTTP/2 has many streams on one connection and does not have it; extended CONNECT takes its place.";
    CONTENT_LENGTH_INVALID = "content-length-invalid", Error, Some("RFC 9113 §8.1.1"),
        "content-length is one number in decimal digits. Several that differ, or something else, make it unclear where the content ends.";
    CONNECT_PSEUDO_HEADERS = "connect-pseudo-headers", Error, Some("RFC 9113 §8.5"),
        "CONNECT asks for a tunnel to a host, so it has :authority but neither :scheme nor :path.";
    CONNECT_WITHOUT_PORT = "connect-without-port", Error, Some("RFC 9113 §8.5"),
        "CONNECT asks for a tunnel to one port of one host. Without a scheme there is no port that would go without saying, so servers refuse (RFC 9110 §9.3.6).";
    WEBSOCKET_SCHEME = "websocket-scheme", Error, Some("RFC 8441 §5"),
        "A WebSocket over HTTP/2 is asked for with the scheme of the connection: https for wss URIs, http for ws URIs.";
    PROTOCOL_WITHOUT_CONNECT = "protocol-without-connect", Error, Some("RFC 8441 §4"),
        ":protocol says which protocol a tunnel will carry. It belongs to CONNECT alone, with :scheme, :path and :authority.";
    CONNECT_PROTOCOL_NOT_ENABLED = "connect-protocol-not-enabled", Error, Some("RFC 8441 §3"),
        "A client may use :protocol only after the server announced SETTINGS_ENABLE_CONNECT_PROTOCOL 1. Older servers would take it for a plain, malformed CONNECT.";
    PRIORITY_UNREADABLE = "priority-unreadable", Note, Some("RFC 9218 §5"),
        "The field priority is a dictionary of structured fields (RFC 8941), as in \"u=1, i\". With one mistake in it a receiver ignores all of it, and the response has the default urgency 3.";
    PRIORITY_PARAMETER_IGNORED = "priority-parameter-ignored", Note, Some("RFC 9218 §4"),
        "The urgency u is a whole number from 0 to 7, and i is true or false. Receivers ignore other values, as if the parameter had not been sent.";
}
