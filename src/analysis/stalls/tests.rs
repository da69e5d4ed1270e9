use super::*;
use crate::analysis::conversation::{
    Conversation, START_NS, data, frame, get, headers, shipped, window_update,
};
use crate::wire::http2::{Flags, FrameKind, SettingId};

/// Stream, sender, beginning and end in microseconds after the first packet, cause, certainty.
type Found = (u32, &'static str, i64, Option<i64>, Cause, Certainty);

fn found(trace: &Trace) -> Vec<Found> {
    let connection = trace.main_connection().unwrap();
    let us = |time_ns: i64| (time_ns - START_NS) / 1000;
    stalls(trace, connection)
        .iter()
        .map(|stall| {
            (
                stall.stream.0,
                connection.direction(stall.sender).name(),
                us(stall.from_ns),
                stall.until_ns.map(us),
                stall.cause,
                stall.certainty,
            )
        })
        .collect()
}

const OK: [(&str, &str); 1] = [(":status", "200")];

/// The server answers the request on stream 1 with a length.
fn answering(made: &mut Conversation, length: &str) {
    made.at_us(1_000).client(&get(1, "/"));
    let ok = [(":status", "200"), ("content-length", length)];
    made.at_us(2_500).server(&headers(1, false, &ok));
}

#[test]
fn a_window_of_the_stream_that_is_used_up_is_certain_when_the_sender_goes_on_at_once() {
    let small = [(SettingId::INITIAL_WINDOW_SIZE, 1000)];
    let mut made = Conversation::with_settings(&small, &[]);
    made.client(&[]);
    made.server(&frame(FrameKind::SETTINGS, Flags::ACK, 0, b""));
    answering(&mut made, "1500");
    made.at_us(3_000).server(&data(1, 1000, false));
    made.at_us(50_000).client(&window_update(1, 1000));
    made.at_us(50_500).server(&data(1, 500, true));
    let trace = made.trace();
    assert_eq!(
        found(&trace),
        [(
            1,
            "server",
            3_000,
            Some(50_000),
            Cause::StreamWindow,
            Certainty::Certain
        )]
    );
    let connection = trace.main_connection().unwrap();
    let stall = stalls(&trace, connection)[0];
    assert_eq!(stall.waiting_bytes, Some(500));
    assert_eq!(stall.lasted_ns(), Some(47_000_000));
    assert_eq!(flow_control_stalls(&trace, connection), [stall]);
}

#[test]
fn a_sender_that_takes_its_time_after_the_window_opened_is_only_likely() {
    let mut made = Conversation::new();
    answering(&mut made, "70000");
    made.at_us(3_000).server(&data(1, 16_384, false));
    for _ in 0..2 {
        made.server(&data(1, 16_384, false));
    }
    made.server(&data(1, 16_383, false));
    made.at_us(10_000).client(&window_update(1, 100_000));
    made.at_us(20_000).client(&window_update(0, 100_000));
    made.at_us(90_000).server(&data(1, 4_465, true));
    assert_eq!(
        found(&made.trace()),
        [(
            1,
            "server",
            3_000,
            Some(20_000),
            Cause::BothWindows,
            Certainty::Likely
        )]
    );
}

#[test]
fn another_stream_waits_for_the_connections_window_too() {
    let mut made = Conversation::new();
    answering(&mut made, "65535");
    made.client(&get(3, "/"));
    made.server(&headers(3, false, &OK));
    made.at_us(3_000);
    for length in [16_384, 16_384, 16_384, 16_383] {
        made.server(&data(1, length, false));
    }
    made.at_us(30_000).client(&window_update(0, 100_000));
    made.at_us(30_500).server(&data(3, 100, true));
    let trace = made.trace();
    assert_eq!(
        found(&trace),
        [(
            3,
            "server",
            3_000,
            Some(30_500),
            Cause::ConnectionWindow,
            Certainty::Likely
        )],
        "stream 1 had sent everything"
    );
}

#[test]
fn a_full_window_of_tcp_is_told_apart() {
    let mut made = Conversation::new();
    answering(&mut made, "9000");
    // The client takes 4000 bytes more, of which the server sends all, in the middle of its frame.
    made.client_window(4000).at_us(2_600).client(&[]);
    let frame = data(1, 8_000, false);
    made.client_owes(4000);
    made.at_us(3_000).server(&frame[..4000]);
    made.client_owes(0).client_window(60_000);
    made.at_us(40_000).client(&[]);
    made.at_us(40_200).server(&frame[4000..]);
    made.at_us(40_300).server(&data(1, 1_000, true));
    assert_eq!(
        found(&made.trace()),
        [(
            1,
            "server",
            3_000,
            Some(40_200),
            Cause::TcpWindow,
            Certainty::Certain
        )]
    );
}

#[test]
fn a_window_of_zero_is_certain_even_when_its_scale_is_unknown() {
    let mut made = Conversation::new();
    answering(&mut made, "9000");
    made.at_us(3_000).server(&data(1, 4_000, false));
    made.client_window(0).at_us(3_500).client(&[]);
    made.client_window(60_000).at_us(40_000).client(&[]);
    made.at_us(40_200).server(&data(1, 5_000, true));
    assert_eq!(
        found(&made.trace()),
        [(
            1,
            "server",
            3_000,
            Some(40_200),
            Cause::TcpWindow,
            Certainty::Certain
        )]
    );
}

#[test]
fn bytes_that_follow_when_earlier_ones_are_acknowledged_waited_for_that() {
    let mut made = Conversation::new();
    answering(&mut made, "9000");
    made.client(&[]);
    made.at_us(3_000);
    let frame = data(1, 8_000, false);
    for part in frame[..6_000].chunks(1_400) {
        made.server(part);
    }
    made.at_us(23_000).client(&[]);
    made.at_us(23_100).server(&frame[6_000..]);
    assert_eq!(
        found(&made.trace()),
        [(
            1,
            "server",
            3_000,
            Some(23_100),
            Cause::Network,
            Certainty::Likely
        )]
    );
}

#[test]
fn with_every_window_open_and_everything_acknowledged_there_was_nothing_to_send() {
    let mut made = Conversation::new();
    answering(&mut made, "9000");
    made.at_us(3_000).server(&data(1, 4_000, false));
    made.at_us(3_200).client(&[]);
    made.at_us(90_000).server(&data(1, 5_000, true));
    assert_eq!(
        found(&made.trace()),
        [(
            1,
            "server",
            3_000,
            Some(90_000),
            Cause::NothingToSend,
            Certainty::Certain
        )]
    );
}

#[test]
fn nothing_to_send_is_only_likely_while_acknowledgments_are_missing_or_just_came() {
    for acknowledged_us in [None, Some(88_500)] {
        let mut made = Conversation::new();
        answering(&mut made, "9000");
        made.at_us(3_000).server(&data(1, 400, false));
        if let Some(time_us) = acknowledged_us {
            made.at_us(time_us).client(&[]);
        } else {
            made.client_owes(400);
        }
        made.at_us(90_000).server(&data(1, 5_000, true));
        let found = found(&made.trace());
        let [(1, "server", 3_000, Some(90_000), Cause::NothingToSend, certainty)] = found[..]
        else {
            panic!("{found:?}");
        };
        assert_eq!(certainty, Certainty::Likely, "{acknowledged_us:?}");
    }
}

#[test]
fn a_stream_opened_right_when_another_closed_had_waited_for_room() {
    let two = [(SettingId::MAX_CONCURRENT_STREAMS, 2)];
    let mut made = Conversation::with_settings(&[], &two);
    made.at_us(1_000).client(&get(1, "/"));
    made.at_us(1_100).client(&get(3, "/"));
    made.at_us(30_000).server(&headers(1, true, &OK));
    made.at_us(30_400).client(&get(5, "/"));
    made.at_us(40_000).server(&headers(3, true, &OK));
    made.at_us(90_000).client(&get(7, "/"));
    assert_eq!(
        found(&made.trace()),
        [(
            5,
            "client",
            1_100,
            Some(30_400),
            Cause::ConcurrentStreams,
            Certainty::Likely
        )],
        "stream 7 could have been opened long before"
    );
}

#[test]
fn a_stream_whose_priority_was_sent_ahead_certainly_waited_for_room() {
    let one = [(SettingId::MAX_CONCURRENT_STREAMS, 1)];
    let ahead: [(FrameKind, u32, &[u8]); 2] = [
        (FrameKind::PRIORITY, 3, &[0, 0, 0, 0, 15]),
        (FrameKind::PRIORITY_UPDATE, 0, b"\0\0\0\x03u=1"),
    ];
    for (kind, on, payload) in ahead {
        let mut made = Conversation::with_settings(&[], &one);
        made.at_us(1_000).client(&get(1, "/"));
        made.at_us(2_000)
            .client(&frame(kind, Flags::NONE, on, payload));
        made.at_us(30_000).server(&headers(1, true, &OK));
        made.at_us(30_400).client(&get(3, "/"));
        let found = found(&made.trace());
        let [(3, "client", 1_000, Some(30_400), Cause::ConcurrentStreams, certainty)] = found[..]
        else {
            panic!("{kind}: {found:?}");
        };
        assert_eq!(certainty, Certainty::Certain, "{kind}");
    }
}

#[test]
fn five_streams_in_a_row_that_open_with_the_room_for_them_waited_for_certain() {
    let certainties = |late: Option<u32>| -> Vec<Certainty> {
        let one = [(SettingId::MAX_CONCURRENT_STREAMS, 1)];
        let mut made = Conversation::with_settings(&[], &one);
        made.at_us(1_000).client(&get(1, "/"));
        for number in 1..=6 {
            let at_us = u64::from(number) * 100_000;
            let wait_us = if late == Some(number) { 50_000 } else { 300 };
            made.at_us(at_us)
                .server(&headers(2 * number - 1, true, &OK));
            made.at_us(at_us + wait_us)
                .client(&get(2 * number + 1, "/"));
        }
        let found = found(&made.trace());
        found.iter().map(|stall| stall.5).collect()
    };
    assert_eq!(certainties(None), [Certainty::Certain; 6]);
    assert_eq!(certainties(Some(3)), [Certainty::Likely; 5]);
}

#[test]
fn a_new_response_after_a_silence_is_no_stall() {
    let mut made = Conversation::new();
    answering(&mut made, "100");
    made.at_us(2_600).server(&data(1, 100, true));
    made.at_us(50_000).client(&get(3, "/"));
    made.at_us(90_000).server(&headers(3, false, &OK));
    made.at_us(90_100).server(&data(3, 100, true));
    assert_eq!(found(&made.trace()), []);
}

#[test]
fn the_downloads_wait_for_their_own_windows() {
    let trace = shipped("downloads.pcapng");
    let connection = trace.main_connection().unwrap();
    let stalls = stalls(&trace, connection);
    let windows = stalls
        .iter()
        .filter(|stall| stall.cause == Cause::StreamWindow);
    assert!(windows.count() >= 40, "{stalls:?}");
    for stall in &stalls {
        assert!(
            stall.waiting_bytes.is_some_and(|bytes| bytes > 0),
            "{stall:?}"
        );
    }
    // Whoever met the connection in the middle knows no window of HTTP/2.
    let trace = shipped("mid-download.pcapng");
    let connection = trace.main_connection().unwrap();
    let causes = super::stalls(&trace, connection)
        .into_iter()
        .map(|stall| stall.cause);
    assert!(causes.into_iter().all(|cause| !cause.is_flow_control()));
}
