//! Rules about TLS under HTTP/2, as far as its hellos show them.

super::rules! {
    TLS_TOO_OLD = "tls-too-old", Error, Some("RFC 9113 §9.2"),
        "HTTP/2 over TLS needs TLS 1.2 or newer. Older versions have weaknesses that nobody can mend, and browsers have given them up.";
    TLS_CIPHER_PROHIBITED = "tls-cipher-prohibited", Warning, Some("RFC 9113 §9.2.2"),
        "Of TLS 1.2, HTTP/2 uses only cipher suites that exchange keys anew for each connection (ECDHE, DHE) and protect data as a whole (GCM, CCM, ChaCha20). Appendix A lists the others; a peer may end the connection with INADEQUATE_SECURITY.";
}
