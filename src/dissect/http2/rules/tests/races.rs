//! What looks like a broken rule and is none: frames that crossed on the wire, limits that were not yet
//! known, and whatever the capture does not show.

use super::*;

#[test]
fn frames_that_crossed_a_reset_are_no_fault() {
    let mut talk = Talk::new();
    talk.headers(CLIENT, 1, WHOLE, &post());
    talk.reset(SERVER, 1, 7);
    talk.data(CLIENT, 1, NONE, b"on its way");
    talk.window(CLIENT, 1, 10);
    talk.reset(CLIENT, 1, 8);
    assert_eq!(talk.found(), []);
}

#[test]
fn a_ping_that_was_sent_before_the_reset_proves_nothing() {
    let mut talk = Talk::new();
    talk.headers(CLIENT, 1, WHOLE, &post());
    talk.ping(SERVER, NONE, 1);
    talk.reset(SERVER, 1, 7);
    talk.ping(CLIENT, Flags::ACK, 1);
    talk.data(CLIENT, 1, NONE, b"on its way");
    assert_eq!(talk.found(), []);
}

#[test]
fn requests_that_crossed_a_goaway_are_no_fault() {
    let mut talk = Talk::new();
    talk.goaway(SERVER, 0);
    talk.headers(CLIENT, 1, LAST, &get());
    talk.goaway(SERVER, 0);
    assert_eq!(talk.found(), []);
}

#[test]
fn a_limit_counts_from_its_acknowledgment_and_a_larger_one_from_its_announcement() {
    let mut talk = Talk::silent();
    talk.settings(CLIENT, &[]);
    talk.headers(CLIENT, 1, WHOLE, &post());
    talk.data(
        CLIENT,
        1,
        NONE,
        b"before the settings of the server were read",
    );
    let settings = [
        (SettingId::INITIAL_WINDOW_SIZE, 1),
        (SettingId::MAX_CONCURRENT_STREAMS, 1),
        (SettingId::MAX_FRAME_SIZE, 20_000),
        (SettingId::HEADER_TABLE_SIZE, 0),
    ];
    talk.settings(SERVER, &settings);
    talk.headers(CLIENT, 3, WHOLE, &post());
    talk.data(CLIENT, 3, NONE, &[0; 20_000]);
    assert_eq!(talk.found(), []);
    talk.acknowledge(CLIENT);
    talk.data(CLIENT, 3, NONE, b"!");
    assert_eq!(talk.found(), [("window-exceeded", 7)]);
}

#[test]
fn a_size_update_that_obeys_a_smaller_table_is_enough_however_often_it_changed() {
    let mut talk = Talk::new();
    for size in [64, 0, 2048] {
        talk.settings(SERVER, &[(SettingId::HEADER_TABLE_SIZE, size)]);
        talk.acknowledge(CLIENT);
    }
    talk.headers(
        CLIENT,
        1,
        LAST,
        &[&[0x20, 0x3f, 0xe1, 0x0f][..], &get()].concat(),
    );
    talk.headers(CLIENT, 3, LAST, &get());
    assert_eq!(talk.found(), []);
}

#[test]
fn push_is_only_forbidden_once_the_server_has_acknowledged_so() {
    let mut talk = Talk::silent();
    talk.settings(CLIENT, &[(SettingId::ENABLE_PUSH, 0)]);
    talk.settings(SERVER, &[]);
    talk.headers(CLIENT, 1, LAST, &get());
    talk.promise(SERVER, 1, 2, &get());
    talk.headers(SERVER, 2, WHOLE, &ok());
    talk.data(SERVER, 2, END, b"pushed");
    talk.headers(SERVER, 1, LAST, &ok());
    assert_eq!(talk.found(), []);
}

#[test]
fn content_length_of_an_answer_without_content_promises_none() {
    let mut talk = Talk::new();
    let length = [("content-length", "5")];
    let head = list(&[
        (":method", "HEAD"),
        (":scheme", "https"),
        (":authority", "loom.example"),
        (":path", "/"),
    ]);
    talk.headers(CLIENT, 1, LAST, &head);
    talk.headers(SERVER, 1, LAST, &with(&ok(), &length));
    talk.headers(CLIENT, 3, LAST, &get());
    talk.headers(
        SERVER,
        3,
        LAST,
        &with(&list(&[(":status", "304")]), &length),
    );
    assert_eq!(talk.found(), []);
}

#[test]
fn extended_connect_is_used_after_the_server_allowed_it() {
    let mut talk = Talk::with_settings(&[], &[(SettingId::ENABLE_CONNECT_PROTOCOL, 1)]);
    let fields = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":authority", "loom.example"),
        (":path", "/chat"),
    ];
    talk.headers(CLIENT, 1, WHOLE, &list(&fields));
    talk.headers(SERVER, 1, WHOLE, &ok());
    talk.data(CLIENT, 1, NONE, b"hello");
    talk.data(SERVER, 1, END, b"hello");
    assert_eq!(talk.found(), []);
}

#[test]
fn streams_that_ended_or_were_reset_make_room_for_others() {
    let mut talk = Talk::with_settings(&[], &[(SettingId::MAX_CONCURRENT_STREAMS, 1)]);
    for number in 0..20 {
        let stream = 4 * number + 1;
        talk.exchange(stream);
        talk.headers(CLIENT, stream + 2, LAST, &get());
        talk.reset(CLIENT, stream + 2, 8);
    }
    assert_eq!(talk.found(), []);
}

#[test]
fn priorities_may_name_idle_streams_and_unknown_frames_may_come_anywhere() {
    let mut talk = Talk::new();
    talk.frame(CLIENT, FrameKind::PRIORITY, NONE, 3, &[0, 0, 0, 0, 200]);
    talk.frame(
        CLIENT,
        FrameKind::PRIORITY_UPDATE,
        NONE,
        0,
        b"\x00\x00\x00\x05u=1",
    );
    talk.frame(CLIENT, FrameKind(0xbe), Flags(0xff), 77, b"grease");
    talk.frame(
        SERVER,
        FrameKind::ALTSVC,
        NONE,
        0,
        b"\x00\x14https://loom.exampleh2=\":443\"",
    );
    talk.frame(
        SERVER,
        FrameKind::ORIGIN,
        NONE,
        0,
        b"\x00\x14https://loom.example",
    );
    assert_eq!(talk.found(), []);
}

#[test]
fn slow_keepalives_and_pings_between_messages_are_no_flood() {
    let mut talk = Talk::new();
    for number in 0..300 {
        talk.ping(CLIENT, NONE, 1);
        talk.ping(SERVER, Flags::ACK, 1);
        if number < 150 {
            talk.time_ns += 2_000_000_000;
        } else {
            talk.exchange(2 * number + 1);
        }
    }
    assert_eq!(talk.found(), []);
}

#[test]
fn small_credits_for_small_content_are_no_dribble_while_the_window_is_wide() {
    let mut talk = Talk::new();
    talk.headers(CLIENT, 1, LAST, &get());
    talk.headers(SERVER, 1, WHOLE, &ok());
    for _ in 0..300 {
        talk.data(SERVER, 1, NONE, b"tick");
        talk.window(CLIENT, 1, 4);
        talk.window(CLIENT, 0, 4);
    }
    assert_eq!(talk.found(), []);
}

#[test]
fn a_burst_is_said_once_and_a_later_one_again() {
    let mut talk = Talk::new();
    for _ in 0..2 {
        (0..500).for_each(|_| talk.ping(CLIENT, NONE, 1));
        talk.time_ns += 5_000_000_000;
    }
    assert_eq!(talk.found(), [("ping-flood", 104), ("ping-flood", 604)]);
}

#[test]
fn a_client_that_cancels_all_it_has_once_is_not_resetting_rapidly() {
    let mut talk = Talk::new();
    for stream in 0..100 {
        talk.headers(CLIENT, 2 * stream + 1, LAST, &get());
    }
    for stream in 0..100 {
        talk.reset(CLIENT, 2 * stream + 1, 8);
    }
    assert_eq!(talk.found(), []);
}

/// Frames that prove where they start, as the search for frames needs them.
fn pings(talk: &mut Talk) {
    for side in Side::BOTH {
        for _ in 0..12 {
            talk.frame(side, FrameKind::WINDOW_UPDATE, NONE, 0, &[0, 0, 1, 0]);
        }
    }
}

#[test]
fn nothing_is_said_about_what_was_sent_before_the_capture_began() {
    let mut talk = Talk::from_the_middle();
    pings(&mut talk);
    talk.data(SERVER, 7, NONE, b"a response that began before");
    talk.headers(SERVER, 7, LAST, &list(&[("trailer", "1")]));
    talk.window(CLIENT, 9, 10);
    talk.reset(CLIENT, 9, 8);
    talk.acknowledge(CLIENT);
    talk.ping(SERVER, Flags::ACK, 3);
    // Size updates cannot be judged without the settings.
    talk.headers(
        CLIENT,
        13,
        WHOLE,
        &[&[0x3f, 0xe2, 0x7f][..], &post()].concat(),
    );
    talk.data(CLIENT, 13, NONE, &[0; 70_000]);
    let found = talk.found();
    assert!(
        found.iter().all(|(rule, _)| *rule == "resynchronised"),
        "{found:?}"
    );
}

#[test]
fn a_stream_that_begins_in_the_capture_is_judged_even_if_others_do_not() {
    let mut talk = Talk::from_the_middle();
    pings(&mut talk);
    talk.headers(CLIENT, 13, LAST, &get());
    talk.data(CLIENT, 13, NONE, b"too late");
    let found = talk.found();
    assert!(found.contains(&("frame-after-end-stream", 25)), "{found:?}");
}

#[test]
fn after_a_hole_nothing_is_said_that_the_hole_may_explain() {
    let mut talk = Talk::new();
    talk.headers(CLIENT, 1, WHOLE, &post());
    let mut outside = Outside {
        texts: &mut talk.texts,
        findings: &mut talk.findings,
        connection: ConnectionId::from_index(0),
        time_ns: 0,
    };
    let (offset, now) = (talk.offsets[0], PacketId::from_index(9));
    talk.http2.hole(CLIENT, offset, 500, now, &mut outside);
    talk.offsets[0] += 500;
    talk.frame(CLIENT, FrameKind::CONTINUATION, WHOLE, 3, &[]);
    talk.ping(CLIENT, NONE, 1);
    talk.ping(CLIENT, NONE, 2);
    talk.headers(SERVER, 5, LAST, &ok());
    talk.ping(SERVER, Flags::ACK, 9);
    talk.data(CLIENT, 7, NONE, &[0; 10]);
    let found = talk.found();
    let quiet = ["capture-hole", "resynchronised"];
    assert!(
        found.iter().all(|(rule, _)| quiet.contains(rule)),
        "{found:?}"
    );
}

#[test]
fn one_rule_does_not_bury_the_others() {
    let mut talk = Talk::new();
    for _ in 0..1_500 {
        talk.window(CLIENT, 0, 0);
        talk.time_ns += 2_000_000_000;
    }
    let mut outside = Outside {
        texts: &mut talk.texts,
        findings: &mut talk.findings,
        connection: ConnectionId::from_index(0),
        time_ns: 0,
    };
    let now = PacketId::from_index(1);
    talk.http2.capture_ended(now, &mut outside);
    let zeros = talk
        .found()
        .iter()
        .filter(|(rule, _)| *rule == "window-update-zero")
        .count();
    assert_eq!(zeros, 1000);
    let last = talk.findings.last().unwrap();
    assert_eq!(last.rule, "more-of-the-same");
    assert!(last.text.starts_with("500 more findings"), "{}", last.text);
}

#[test]
fn streams_that_ended_long_ago_are_forgotten_and_not_blamed() {
    let mut talk = Talk::new();
    for number in 0..3_000 {
        talk.exchange(2 * number + 1);
    }
    talk.window(CLIENT, 1, 10);
    talk.reset(SERVER, 3, 8);
    talk.data(SERVER, 5_999, NONE, b"ended lately");
    assert_eq!(talk.found(), [("frame-after-end-stream", 6_006)]);
}
