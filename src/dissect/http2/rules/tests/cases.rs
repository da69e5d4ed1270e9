//! One conversation for each rule, which breaks that rule alone.

use super::*;
use crate::trace::rules;
use std::collections::BTreeSet;

type Case = (&'static str, fn(&mut Talk));

/// Each begins after the exchange of settings, unless it makes its own [`Talk`].
const CASES: &[Case] = &[
    // Frames
    ("first-frame-not-settings", |talk| {
        *talk = Talk::silent();
        talk.here().ping(CLIENT, NONE, 1);
    }),
    ("first-frame-not-settings", |talk| {
        *talk = Talk::silent();
        talk.settings(CLIENT, &[]);
        talk.here().acknowledge(SERVER);
    }),
    ("reserved-bit-set", |talk| {
        talk.raw(CLIENT, b"\x00\x00\x08\x06\x00\x80\x00\x00\x00pingpong");
    }),
    ("payload-reserved-bit-set", |talk| {
        talk.window(CLIENT, 0, 0x8000_0005)
    }),
    ("undefined-flag", |talk| talk.ping(CLIENT, Flags(0x02), 1)),
    ("undefined-flag", |talk| {
        talk.headers(CLIENT, 1, Flags(0x45), &get());
    }),
    ("frame-too-large", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.data(CLIENT, 1, END, &[0; 16_385]);
    }),
    ("frame-too-large", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::MAX_FRAME_SIZE, 20_000)]);
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.data(CLIENT, 1, NONE, &[0; 20_000]);
        talk.data(CLIENT, 1, END, &[0; 20_001]);
    }),
    ("frame-length-wrong", |talk| {
        talk.frame(CLIENT, FrameKind::PING, NONE, 0, &[0; 7])
    }),
    ("frame-length-wrong", |talk| {
        talk.frame(CLIENT, FrameKind::WINDOW_UPDATE, NONE, 0, &[1])
    }),
    ("frame-length-wrong", |talk| {
        talk.frame(CLIENT, FrameKind::SETTINGS, NONE, 0, &[0; 5])
    }),
    ("frame-length-wrong", |talk| {
        talk.frame(CLIENT, FrameKind::GOAWAY, NONE, 0, &[0; 7])
    }),
    ("frame-length-wrong", |talk| {
        talk.frame(CLIENT, FrameKind::PRIORITY, NONE, 1, &[0; 4])
    }),
    ("frame-length-wrong", |talk| {
        talk.frame(CLIENT, FrameKind::PRIORITY_UPDATE, NONE, 0, &[0; 3])
    }),
    ("frame-length-wrong", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.frame(CLIENT, FrameKind::RST_STREAM, NONE, 1, &[0; 3]);
    }),
    ("frame-length-wrong", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.data(CLIENT, 1, Flags::PADDED, &[]);
    }),
    ("frame-needs-a-stream", |talk| {
        talk.data(CLIENT, 0, NONE, b"hello")
    }),
    ("frame-needs-a-stream", |talk| {
        talk.headers(CLIENT, 0, LAST, &get())
    }),
    ("frame-needs-a-stream", |talk| talk.reset(CLIENT, 0, 8)),
    ("frame-needs-a-stream", |talk| {
        talk.frame(CLIENT, FrameKind::PRIORITY, NONE, 0, &[0, 0, 0, 3, 15]);
    }),
    ("frame-needs-a-stream", |talk| {
        talk.promise(SERVER, 0, 2, &get())
    }),
    ("frame-needs-stream-zero", |talk| {
        talk.frame(CLIENT, FrameKind::PING, NONE, 1, &[0; 8]);
    }),
    ("frame-needs-stream-zero", |talk| {
        talk.frame(CLIENT, FrameKind::SETTINGS, NONE, 1, &[]);
    }),
    ("frame-needs-stream-zero", |talk| {
        talk.frame(CLIENT, FrameKind::GOAWAY, NONE, 1, &[0; 8]);
    }),
    ("frame-needs-stream-zero", |talk| {
        talk.frame(
            CLIENT,
            FrameKind::PRIORITY_UPDATE,
            NONE,
            1,
            b"\x00\x00\x00\x01u=1",
        );
    }),
    ("padding-too-long", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.data(CLIENT, 1, Flags(0x09), b"\x06hello");
    }),
    ("padding-too-long", |talk| {
        talk.headers(CLIENT, 1, Flags(0x0d), &[&[200][..], &get()].concat());
    }),
    ("padding-not-zero", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.data(CLIENT, 1, Flags(0x09), b"\x03hello\0\0!");
    }),
    ("padding-not-zero", |talk| {
        talk.headers(
            CLIENT,
            1,
            Flags(0x0d),
            &[&[2][..], &get(), b"\0\x01"].concat(),
        );
    }),
    ("header-block-interrupted", |talk| {
        talk.headers(CLIENT, 1, END, &get());
        talk.here().ping(CLIENT, NONE, 1);
    }),
    ("header-block-interrupted", |talk| {
        talk.headers(CLIENT, 1, END, &get());
        talk.here()
            .frame(CLIENT, FrameKind::CONTINUATION, WHOLE, 3, &[]);
    }),
    ("continuation-without-headers", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.frame(CLIENT, FrameKind::CONTINUATION, WHOLE, 1, &[]);
    }),
    // Streams
    ("stream-id-parity", |talk| {
        talk.headers(CLIENT, 2, LAST, &get())
    }),
    ("stream-id-not-increasing", |talk| {
        talk.exchange(5);
        talk.headers(CLIENT, 3, LAST, &get());
    }),
    ("frame-on-idle-stream", |talk| {
        talk.data(CLIENT, 1, END, b"hello")
    }),
    ("frame-on-idle-stream", |talk| talk.reset(CLIENT, 1, 8)),
    ("frame-on-idle-stream", |talk| talk.window(SERVER, 1, 10)),
    ("frame-on-idle-stream", |talk| {
        talk.headers(SERVER, 1, LAST, &ok())
    }),
    ("frame-on-idle-stream", |talk| {
        talk.headers(SERVER, 2, LAST, &ok())
    }),
    ("frame-after-end-stream", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.data(CLIENT, 1, NONE, b"more");
    }),
    ("frame-after-end-stream", |talk| {
        talk.exchange(1);
        talk.headers(CLIENT, 1, LAST, &list(&[("trailer", "late")]));
    }),
    ("frame-after-own-reset", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.reset(CLIENT, 1, 8);
        talk.data(CLIENT, 1, END, b"hello");
    }),
    ("frame-after-peer-reset", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.reset(SERVER, 1, 7);
        talk.ping(SERVER, NONE, 1);
        talk.ping(CLIENT, Flags::ACK, 1);
        talk.data(CLIENT, 1, END, b"hello");
    }),
    ("frame-after-peer-reset", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.reset(CLIENT, 1, 8);
        talk.headers(CLIENT, 3, LAST, &get());
        talk.headers(SERVER, 3, LAST, &ok());
        talk.headers(SERVER, 1, LAST, &ok());
    }),
    ("update-on-closed-stream", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.reset(CLIENT, 1, 8);
        talk.window(CLIENT, 1, 10);
    }),
    ("too-many-streams", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::MAX_CONCURRENT_STREAMS, 2)]);
        talk.exchange(1);
        talk.headers(CLIENT, 3, LAST, &get());
        talk.headers(CLIENT, 5, LAST, &get());
        talk.headers(CLIENT, 7, LAST, &get());
    }),
    ("too-many-streams", |talk| {
        *talk = Talk::with_settings(&[(SettingId::MAX_CONCURRENT_STREAMS, 0)], &[]);
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 2, &get());
        talk.headers(SERVER, 2, LAST, &ok());
    }),
    ("stream-after-goaway", |talk| {
        talk.goaway(SERVER, 0);
        talk.ping(SERVER, NONE, 1);
        talk.ping(CLIENT, Flags::ACK, 1);
        talk.headers(CLIENT, 1, LAST, &get());
    }),
    ("goaway-last-stream-rises", |talk| {
        talk.goaway(SERVER, 3);
        talk.goaway(SERVER, 5);
    }),
    ("data-before-headers", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.here().data(SERVER, 1, NONE, b"hello");
        talk.headers(SERVER, 1, LAST, &list(&[("trailer", "1")]));
    }),
    ("interim-with-end-stream", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, LAST, &list(&[(":status", "103")]));
    }),
    ("trailers-without-end-stream", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.headers(CLIENT, 1, WHOLE, &list(&[("trailer", "1")]));
    }),
    ("content-length-mismatch", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &with(&post(), &[("content-length", "5")]));
        talk.data(CLIENT, 1, END, b"four");
    }),
    ("content-length-mismatch", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, LAST, &with(&ok(), &[("content-length", "5")]));
    }),
    ("frame-on-tunnel", |talk| {
        let connect = list(&[(":method", "CONNECT"), (":authority", "loom.example:443")]);
        talk.headers(CLIENT, 1, WHOLE, &connect);
        talk.headers(SERVER, 1, WHOLE, &ok());
        talk.headers(CLIENT, 1, LAST, &list(&[("trailer", "1")]));
    }),
    ("window-exceeded", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::INITIAL_WINDOW_SIZE, 10)]);
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.data(CLIENT, 1, NONE, b"0123456789");
        talk.data(CLIENT, 1, END, b"!");
    }),
    ("window-exceeded", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::INITIAL_WINDOW_SIZE, 100_000)]);
        talk.headers(CLIENT, 1, WHOLE, &post());
        for _ in 0..4 {
            talk.data(CLIENT, 1, NONE, &[0; 16_383]);
        }
        talk.data(CLIENT, 1, END, b"3210");
    }),
    ("window-overflow", |talk| {
        talk.window(CLIENT, 0, 0x7fff_ffff)
    }),
    ("window-overflow", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.window(CLIENT, 1, 0x7fff_ffff);
    }),
    ("window-overflow", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.window(CLIENT, 1, 0x7fff_0000);
        talk.settings(CLIENT, &[(SettingId::INITIAL_WINDOW_SIZE, 100_000)]);
    }),
    ("window-update-zero", |talk| talk.window(CLIENT, 0, 0)),
    // Header fields
    ("field-name-uppercase", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("X-Loom", "1")]));
    }),
    ("field-name-invalid", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("x loom", "1")]));
    }),
    ("field-name-invalid", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("", "1")]))
    }),
    ("field-value-invalid", |talk| {
        talk.headers(
            CLIENT,
            1,
            LAST,
            &with(&get(), &[("x-loom", "1\r\nevil: 2")]),
        );
    }),
    ("field-value-invalid", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("x-loom-bin", "\0raw")]));
    }),
    ("field-value-whitespace", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("x-loom", " 1")]));
    }),
    ("raw-binary-metadata", |talk| {
        let raw = &[(SettingId(0xfe03), 1)];
        *talk = Talk::with_settings(raw, raw);
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("x-loom-bin", "\0raw")]));
    }),
    ("connection-specific-field", |talk| {
        talk.headers(
            CLIENT,
            1,
            LAST,
            &with(&get(), &[("connection", "keep-alive")]),
        );
    }),
    ("connection-specific-field", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        let chunked = with(&ok(), &[("transfer-encoding", "chunked")]);
        talk.headers(SERVER, 1, LAST, &chunked);
    }),
    ("te-not-trailers", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("te", "gzip")]));
    }),
    ("pseudo-header-after-field", |talk| {
        let rest = [("accept", "*/*"), (":path", "/")];
        let begin = [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", "a"),
        ];
        talk.headers(CLIENT, 1, LAST, &with(&list(&begin), &rest));
    }),
    ("pseudo-header-unknown", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[(":loom", "1")]));
    }),
    ("pseudo-header-repeated", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[(":path", "/")]));
    }),
    ("pseudo-header-misplaced", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[(":status", "200")]));
    }),
    ("pseudo-header-misplaced", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, LAST, &with(&ok(), &[(":path", "/")]));
    }),
    ("pseudo-header-in-trailers", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.headers(CLIENT, 1, LAST, &list(&[(":path", "/")]));
    }),
    ("pseudo-header-missing", |talk| {
        talk.headers(
            CLIENT,
            1,
            LAST,
            &list(&[(":method", "GET"), (":path", "/")]),
        );
    }),
    ("pseudo-header-missing", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, LAST, &list(&[("server", "loom")]));
    }),
    ("path-empty", |talk| {
        let empty = [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", "a"),
            (":path", ""),
        ];
        talk.headers(CLIENT, 1, LAST, &list(&empty));
    }),
    ("authority-userinfo", |talk| {
        let fields = [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", "ada:secret@loom.example"),
            (":path", "/"),
        ];
        talk.headers(CLIENT, 1, LAST, &list(&fields));
    }),
    ("host-differs", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("host", "other.example")]));
    }),
    ("status-invalid", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, LAST, &list(&[(":status", "20")]));
    }),
    ("status-switching-protocols", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, WHOLE, &list(&[(":status", "101")]));
    }),
    ("content-length-invalid", |talk| {
        let two = [("content-length", "0"), ("content-length", "1")];
        talk.headers(CLIENT, 1, LAST, &with(&get(), &two));
    }),
    ("connect-pseudo-headers", |talk| {
        let fields = [
            (":method", "CONNECT"),
            (":authority", "loom.example:443"),
            (":path", "/"),
        ];
        talk.headers(CLIENT, 1, WHOLE, &list(&fields));
    }),
    ("connect-pseudo-headers", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &list(&[(":method", "CONNECT")]));
    }),
    ("protocol-without-connect", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::ENABLE_CONNECT_PROTOCOL, 1)]);
        talk.headers(
            CLIENT,
            1,
            LAST,
            &with(&get(), &[(":protocol", "websocket")]),
        );
    }),
    ("connect-protocol-not-enabled", |talk| {
        let fields = [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "https"),
            (":authority", "loom.example"),
            (":path", "/chat"),
        ];
        talk.headers(CLIENT, 1, WHOLE, &list(&fields));
    }),
    // HPACK
    ("hpack-index-zero", |talk| {
        talk.headers(CLIENT, 1, LAST, &[0x80])
    }),
    ("hpack-index-out-of-range", |talk| {
        talk.headers(CLIENT, 1, LAST, &[0x82, 0xbe])
    }),
    ("hpack-integer-overflow", |talk| {
        talk.headers(CLIENT, 1, LAST, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    }),
    ("hpack-string-cut", |talk| {
        talk.headers(CLIENT, 1, LAST, &[0x00, 0x09, b'a'])
    }),
    ("hpack-huffman-eos", |talk| {
        talk.headers(CLIENT, 1, LAST, &[0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00]);
    }),
    ("hpack-huffman-padding", |talk| {
        // "a" is 00011; its padding should be 111.
        talk.headers(CLIENT, 1, LAST, &[0x00, 0x81, 0b0001_1000, 0x00]);
    }),
    ("hpack-size-update-late", |talk| {
        talk.headers(CLIENT, 1, LAST, &[&get()[..], &[0x20]].concat());
    }),
    ("hpack-size-update-too-large", |talk| {
        // 31 + 0x62 + (0x1f << 7) = 4097
        talk.headers(CLIENT, 1, LAST, &[&[0x3f, 0xe2, 0x1f][..], &get()].concat());
    }),
    ("hpack-size-update-missing", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::HEADER_TABLE_SIZE, 0)]);
        talk.headers(CLIENT, 1, LAST, &get());
    }),
    ("hpack-size-update-missing", |talk| {
        // Down and up again before the next block: the smaller size has to be told.
        talk.settings(SERVER, &[(SettingId::HEADER_TABLE_SIZE, 64)]);
        talk.acknowledge(CLIENT);
        talk.settings(SERVER, &[(SettingId::HEADER_TABLE_SIZE, 4096)]);
        talk.acknowledge(CLIENT);
        talk.headers(CLIENT, 1, LAST, &get());
    }),
    ("header-list-too-large", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::MAX_HEADER_LIST_SIZE, 100)]);
        talk.headers(CLIENT, 1, LAST, &get());
    }),
    // Signals
    ("setting-out-of-range", |talk| {
        talk.settings(CLIENT, &[(SettingId::ENABLE_PUSH, 2)])
    }),
    ("setting-out-of-range", |talk| {
        talk.settings(SERVER, &[(SettingId::INITIAL_WINDOW_SIZE, 0x8000_0000)]);
    }),
    ("setting-out-of-range", |talk| {
        talk.settings(CLIENT, &[(SettingId::MAX_FRAME_SIZE, 16_383)]);
    }),
    ("settings-ack-with-payload", |talk| {
        talk.settings(SERVER, &[]);
        talk.frame(
            CLIENT,
            FrameKind::SETTINGS,
            Flags::ACK,
            0,
            &[0, 1, 0, 0, 0, 0],
        );
    }),
    ("settings-ack-unasked", |talk| talk.acknowledge(CLIENT)),
    ("settings-not-acknowledged", |talk| {
        talk.settings(SERVER, &[]);
        talk.headers(CLIENT, 1, LAST, &get());
        talk.time_ns += 11_000_000_000;
        talk.here().headers(CLIENT, 3, LAST, &get());
        talk.headers(CLIENT, 5, LAST, &get());
    }),
    ("ping-not-answered", |talk| {
        talk.ping(CLIENT, NONE, 1);
        talk.headers(CLIENT, 1, LAST, &get());
        talk.time_ns += 11_000_000_000;
        talk.headers(SERVER, 1, LAST, &ok());
    }),
    ("settings-many-entries", |talk| {
        talk.settings(CLIENT, &[(SettingId(0x7777), 1); 33]);
    }),
    ("enable-push-from-server", |talk| {
        talk.settings(SERVER, &[(SettingId::ENABLE_PUSH, 1)])
    }),
    ("connect-protocol-withdrawn", |talk| {
        talk.settings(SERVER, &[(SettingId::ENABLE_CONNECT_PROTOCOL, 1)]);
        talk.settings(SERVER, &[(SettingId::ENABLE_CONNECT_PROTOCOL, 0)]);
    }),
    ("no-rfc7540-priorities-changed", |talk| {
        talk.settings(CLIENT, &[(SettingId::NO_RFC7540_PRIORITIES, 1)]);
    }),
    ("ping-ack-unasked", |talk| {
        talk.ping(SERVER, NONE, 1);
        talk.ping(CLIENT, Flags::ACK, 2);
    }),
    ("push-from-client", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.promise(CLIENT, 1, 3, &get());
    }),
    ("push-disabled", |talk| {
        *talk = Talk::with_settings(&[(SettingId::ENABLE_PUSH, 0)], &[]);
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 2, &get());
    }),
    ("push-on-wrong-stream", |talk| {
        talk.exchange(1);
        talk.promise(SERVER, 1, 2, &get());
    }),
    ("push-on-wrong-stream", |talk| {
        talk.promise(SERVER, 1, 2, &get())
    }),
    ("push-stream-id", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 3, &get());
    }),
    ("push-stream-id", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 4, &get());
        talk.promise(SERVER, 1, 2, &get());
    }),
    ("push-method", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 2, &post());
    }),
    ("push-with-content", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 2, &with(&get(), &[("content-length", "5")]));
    }),
    ("pushed-stream-used-by-client", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 2, &get());
        talk.headers(CLIENT, 2, LAST, &list(&[("accept", "*/*")]));
    }),
    ("priority-self-dependency", |talk| {
        talk.frame(CLIENT, FrameKind::PRIORITY, NONE, 3, &[0, 0, 0, 3, 15]);
    }),
    ("priority-self-dependency", |talk| {
        let block = [&[0, 0, 0, 1, 15][..], &get()].concat();
        talk.headers(CLIENT, 1, Flags(0x25), &block);
    }),
    ("priority-signal-unwanted", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::NO_RFC7540_PRIORITIES, 1)]);
        talk.frame(CLIENT, FrameKind::PRIORITY, NONE, 3, &[0, 0, 0, 1, 15]);
    }),
    ("priority-update-from-server", |talk| {
        talk.frame(
            SERVER,
            FrameKind::PRIORITY_UPDATE,
            NONE,
            0,
            b"\x00\x00\x00\x01u=1",
        );
    }),
    ("priority-update-stream-zero", |talk| {
        talk.frame(
            CLIENT,
            FrameKind::PRIORITY_UPDATE,
            NONE,
            0,
            b"\x00\x00\x00\x00u=1",
        );
    }),
    ("priority-update-idle-push", |talk| {
        talk.frame(
            CLIENT,
            FrameKind::PRIORITY_UPDATE,
            NONE,
            0,
            b"\x00\x00\x00\x02u=1",
        );
    }),
    ("priority-update-too-many", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::MAX_CONCURRENT_STREAMS, 3)]);
        prioritize(talk, 1, "u=1");
        talk.headers(CLIENT, 1, LAST, &get()); // Open now, and no longer ahead.
        prioritize(talk, 3, "u=1");
        prioritize(talk, 3, "u=2"); // The same again.
        prioritize(talk, 5, "u=1");
        talk.here();
        prioritize(talk, 7, "u=1");
    }),
    ("priority-update-unreadable", |talk| {
        prioritize(talk, 1, "u=1,,i")
    }),
    ("priority-parameter-ignored", |talk| {
        prioritize(talk, 1, "u=9")
    }),
    ("alt-svc-unreadable", |talk| {
        talk.frame(
            SERVER,
            FrameKind::ALTSVC,
            NONE,
            0,
            b"\x00\x09https://ah2=8000",
        );
    }),
    ("alt-svc-unreadable", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, LAST, &with(&ok(), &[("alt-svc", "h3")]));
    }),
    ("origin-entry-ignored", |talk| {
        talk.frame(
            SERVER,
            FrameKind::ORIGIN,
            NONE,
            0,
            b"\x00\x09https://a\x00\x04null",
        );
    }),
    ("altsvc-ignored", |talk| {
        talk.frame(SERVER, FrameKind::ALTSVC, NONE, 0, b"\x00\x00h2=\":8000\"");
    }),
    ("altsvc-ignored", |talk| {
        talk.frame(CLIENT, FrameKind::ALTSVC, NONE, 0, b"\x00\x01ah2=\":8000\"");
    }),
    ("origin-ignored", |talk| {
        talk.frame(
            CLIENT,
            FrameKind::ORIGIN,
            NONE,
            0,
            b"\x00\x14https://loom.example",
        );
    }),
    ("origin-ignored", |talk| {
        talk.frame(SERVER, FrameKind::ORIGIN, Flags(0x01), 0, &[]);
    }),
    // Targets, and values with a grammar
    ("path-not-absolute", |talk| {
        let request = [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", "a"),
            (":path", "a"),
        ];
        talk.headers(CLIENT, 1, LAST, &list(&request));
    }),
    ("path-not-absolute", |talk| {
        let request = [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", "a"),
            (":path", "*"),
        ];
        talk.headers(CLIENT, 1, LAST, &list(&request));
    }),
    ("authority-missing", |talk| {
        let request = [(":method", "GET"), (":scheme", "https"), (":path", "/")];
        talk.headers(CLIENT, 1, LAST, &list(&request));
    }),
    ("connect-without-port", |talk| {
        let request = [(":method", "CONNECT"), (":authority", "loom.example")];
        talk.headers(CLIENT, 1, WHOLE, &list(&request));
    }),
    ("websocket-scheme", |talk| {
        *talk = Talk::with_settings(&[], &[(SettingId::ENABLE_CONNECT_PROTOCOL, 1)]);
        let request = [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "wss"),
            (":path", "/chat"),
            (":authority", "loom.example"),
        ];
        talk.headers(CLIENT, 1, WHOLE, &list(&request));
    }),
    ("priority-unreadable", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("priority", "u=1 i")]));
    }),
    ("priority-parameter-ignored", |talk| {
        talk.headers(CLIENT, 1, LAST, &with(&get(), &[("priority", "u=1, i=1")]));
    }),
    // Streams that are reserved, given up or without content
    ("frame-on-reserved-stream", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 2, &get());
        talk.window(CLIENT, 2, 5); // The client may.
        talk.here().window(SERVER, 2, 5);
        talk.headers(SERVER, 2, LAST, &ok());
    }),
    ("data-before-headers", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.promise(SERVER, 1, 2, &get());
        talk.data(SERVER, 2, NONE, b"early");
    }),
    ("answer-after-goaway", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(CLIENT, 3, LAST, &get());
        talk.goaway(SERVER, 1);
        talk.headers(SERVER, 1, LAST, &ok());
        talk.headers(SERVER, 3, LAST, &ok());
    }),
    ("goes-on-after-error", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.frame(
            SERVER,
            FrameKind::GOAWAY,
            NONE,
            0,
            &[0, 0, 0, 1, 0, 0, 0, 1],
        );
        talk.here().headers(SERVER, 1, WHOLE, &ok());
        talk.data(SERVER, 1, END, b"x");
    }),
    ("content-not-allowed", |talk| {
        let head = [
            (":method", "HEAD"),
            (":scheme", "https"),
            (":authority", "a"),
            (":path", "/"),
        ];
        talk.headers(CLIENT, 1, LAST, &list(&head));
        talk.headers(SERVER, 1, WHOLE, &with(&ok(), &[("content-length", "5")]));
        talk.data(SERVER, 1, NONE, b"");
        talk.here().data(SERVER, 1, NONE, b"no");
        talk.data(SERVER, 1, END, b"ne");
    }),
    ("content-not-allowed", |talk| {
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, WHOLE, &list(&[(":status", "204")]));
        talk.data(SERVER, 1, END, b"no");
    }),
    // Patterns
    ("rapid-reset", |talk| {
        for stream in 0..101 {
            talk.headers(CLIENT, 2 * stream + 1, LAST, &get());
            talk.reset(CLIENT, 2 * stream + 1, 8);
        }
    }),
    ("made-you-reset", |talk| {
        for stream in 0..101 {
            talk.headers(CLIENT, 2 * stream + 1, LAST, &get());
            talk.reset(SERVER, 2 * stream + 1, 1);
        }
    }),
    ("continuation-flood", |talk| {
        talk.headers(CLIENT, 1, END, &get());
        for _ in 0..9 {
            talk.frame(CLIENT, FrameKind::CONTINUATION, NONE, 1, &[]);
        }
    }),
    ("ping-flood", |talk| {
        (0..101).for_each(|_| talk.ping(CLIENT, NONE, 1))
    }),
    ("settings-flood", |talk| {
        (0..100).for_each(|_| talk.settings(CLIENT, &[]))
    }),
    ("empty-data-flood", |talk| {
        talk.headers(CLIENT, 1, WHOLE, &post());
        talk.data(CLIENT, 1, NONE, b"");
        talk.here().data(CLIENT, 1, Flags::PADDED, b"\x01\0");
        talk.data(CLIENT, 1, NONE, b"");
    }),
    ("window-update-flood", |talk| {
        (0..6).for_each(|_| talk.window(CLIENT, 0, 1000))
    }),
    ("window-update-tiny", |talk| {
        *talk = Talk::with_settings(&[(SettingId::INITIAL_WINDOW_SIZE, 0)], &[]);
        talk.headers(CLIENT, 1, LAST, &get());
        talk.headers(SERVER, 1, WHOLE, &ok());
        for _ in 0..100 {
            talk.window(CLIENT, 1, 1);
            talk.data(SERVER, 1, NONE, b"x");
        }
        talk.window(CLIENT, 1, 1);
    }),
    ("priority-flood", |talk| {
        for _ in 0..101 {
            talk.frame(CLIENT, FrameKind::PRIORITY, NONE, 3, &[0, 0, 0, 1, 15]);
        }
    }),
    ("header-bomb", |talk| {
        // A field of 1,000 bytes goes into the table; then its index comes 100 times.
        let mut block = get();
        block.extend_from_slice(b"\x40\x01x\x7f\xe9\x06");
        block.extend(std::iter::repeat_n(b'y', 1000));
        talk.headers(CLIENT, 1, WHOLE, &block);
        block.clear();
        block.extend(std::iter::repeat_n(0xbe, 100));
        talk.headers(CLIENT, 1, LAST, &block);
    }),
];

/// `PRIORITY_UPDATE` of the client.
fn prioritize(talk: &mut Talk, stream: u32, value: &str) {
    let payload = [&stream.to_be_bytes()[..], value.as_bytes()].concat();
    talk.frame(CLIENT, FrameKind::PRIORITY_UPDATE, NONE, 0, &payload);
}

#[test]
fn each_case_breaks_its_rule_once_at_its_frame_and_nothing_else() {
    let mut wrong = Vec::new();
    for (number, (rule, say)) in CASES.iter().enumerate() {
        let mut talk = Talk::new();
        say(&mut talk);
        let here = talk.here.unwrap_or(talk.frames - 1);
        let texts: Vec<_> = talk.findings.iter().map(|finding| &finding.text).collect();
        let place = format!("case {number}: {texts:#?}");
        if talk.found() != [(*rule, here)] {
            wrong.push(format!("{rule} at {here}: {:?} {place}", talk.found()));
            continue;
        }
        let finding = &talk.findings[0];
        let known = rules::by_name(rule).unwrap();
        assert_eq!(finding.severity, known.severity, "{place}");
        assert!(
            finding.text.ends_with('.') && finding.text.len() > 20,
            "{place}"
        );
        assert!(
            finding.section.is_some() == known.section.is_some(),
            "{place}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_of_http2_has_a_case() {
    // A block of 16 MiB would be needed for this one.
    let left_out = ["header-block-too-long"];
    let cases: BTreeSet<&str> = CASES.iter().map(|(rule, _)| *rule).collect();
    for (subject, rules) in rules::subjects() {
        // Those of gRPC and protobuf are judged, and tried, in `analysis::grpc`, those of TLS in `dissect::tls`, those of
        // HTTP/1.1 in `dissect::http1`, with cases in `analysis::exchanges`.
        if matches!(
            subject,
            "The capture itself" | "gRPC" | "Protobuf" | "TLS" | "HTTP/1.1"
        ) {
            continue;
        }
        for rule in rules {
            let covered = cases.contains(rule.name) || left_out.contains(&rule.name);
            assert!(covered, "{} has no case", rule.name);
        }
    }
}
