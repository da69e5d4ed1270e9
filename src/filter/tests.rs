use super::*;
use crate::capture::Capture;
use crate::dissect::read_all;
use crate::trace::{Connection, FrameId, PacketId, Trace};
use crate::wire::http2::StreamId;
use proptest::prelude::*;

fn shipped(name: &str) -> Trace {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name);
    read_all(Capture::open(&path).unwrap())
}

fn frames(trace: &Trace, filter: &str) -> Vec<usize> {
    let filter = Filter::parse(filter).unwrap();
    let evaluation = Evaluation::new(trace);
    let connection = trace.main_connection().unwrap();
    (0..connection.http2().unwrap().frames.len())
        .filter(|index| {
            let subject = Subject {
                connection: Some(connection.id),
                frame: Some(FrameId::from_index(*index)),
                ..Subject::default()
            };
            evaluation.passes(&filter, &subject)
        })
        .collect()
}

fn streams(trace: &Trace, filter: &str) -> Vec<u32> {
    let filter = Filter::parse(filter).unwrap();
    let evaluation = Evaluation::new(trace);
    let connection: &Connection = trace.main_connection().unwrap();
    let rows = connection.http2().unwrap().streams().iter();
    rows.map(|row| row.id)
        .filter(|id: &StreamId| {
            let subject = Subject {
                connection: Some(connection.id),
                streams: vec![*id],
                ..Subject::default()
            };
            evaluation.passes(&filter, &subject)
        })
        .map(|id| id.0)
        .collect()
}

fn packets(trace: &Trace, filter: &str) -> Vec<u64> {
    let filter = Filter::parse(filter).unwrap();
    let evaluation = Evaluation::new(trace);
    (0..trace.packets.len())
        .map(PacketId::from_index)
        .filter(|packet| {
            let subject = Subject {
                packet: Some(*packet),
                ..Subject::default()
            };
            evaluation.passes(&filter, &subject)
        })
        .map(PacketId::number)
        .collect()
}

fn problem(text: &str) -> (Problem, std::ops::Range<usize>) {
    let error = Filter::parse(text).unwrap_err();
    (error.problem, error.range)
}

#[test]
fn our_fields_and_wiresharks_say_the_same() {
    let trace = shipped("push.pcap");
    for (ours, wiresharks) in [
        ("stream:13", "http2.streamid == 13"),
        ("type:DATA", "http2.type == 0"),
        ("type:0,1", "http2.type in {0, 1}"),
        ("status:200", "http2.headers.status == 200"),
        (
            "path:/style.css",
            r#"http2.headers.path contains "style.css""#,
        ),
        ("header.value:css", r#"http2.header.value contains "css""#),
        ("not type:DATA", "http2.type != 0"),
        ("length:>100", "http2.length gt 100"),
        ("flag:END_STREAM", "http2.flags.end_stream == 1"),
        (
            "promised:2..4",
            "http2.push_promise.promised_stream_id <= 4",
        ),
    ] {
        let found = frames(&trace, ours);
        assert!(!found.is_empty(), "{ours}");
        assert_eq!(found, frames(&trace, wiresharks), "{ours} and {wiresharks}");
    }
}

#[test]
fn a_status_by_number_is_http_and_by_name_grpc() {
    let trace = shipped("grpc-errors.pcapng");
    let all = frames(&trace, "status:200");
    let one = frames(&trace, "status:NOT_FOUND");
    assert!(!one.is_empty() && one.len() < all.len());
    assert_eq!(one, frames(&trace, "grpc-status:5"));
    assert_eq!(one, frames(&trace, "grpc-status:NOT_FOUND"));
    assert_eq!(one, frames(&trace, "grpc-status:5 status:200"));
    // gRPC's numbers are no HTTP statuses, also where something else than 200 is asked for.
    assert!(frames(&trace, "status:5").is_empty());
    let not_found = frames(&trace, "status!=200 status:NOT_FOUND");
    assert!(not_found.is_empty(), "{not_found:?}");
    let failed = frames(&trace, "status!=OK");
    assert_eq!(failed, frames(&trace, "grpc-status:>0"));
}

#[test]
fn operators_bind_as_people_expect() {
    let trace = shipped("downloads.pcapng");
    let both = frames(&trace, "stream:3 type:DATA");
    assert_eq!(both, frames(&trace, "stream:3 and type:DATA"));
    assert_eq!(both, frames(&trace, "stream:3 && type:DATA"));
    assert_eq!(both, frames(&trace, "not (not stream:3 or !type:DATA)"));
    // `and` binds tighter than `or`.
    let mut either = frames(&trace, "stream:5");
    either.extend(&both);
    either.sort_unstable();
    either.dedup();
    assert_eq!(frames(&trace, "stream:5 or stream:3 type:DATA"), either);
    assert_eq!(frames(&trace, "").len(), frames(&trace, "length:>=0").len());
}

#[test]
fn a_stream_passes_for_what_any_of_its_frames_is() {
    let trace = shipped("push.pcap");
    assert_eq!(streams(&trace, "pushed"), [2, 4, 6, 8]);
    assert_eq!(streams(&trace, "type:PUSH_PROMISE"), [13]);
    assert_eq!(streams(&trace, "path:/style.css"), [2]);
    assert_eq!(
        streams(&trace, "style.css type:DATA"),
        streams(&trace, "style.css")
    );
}

#[test]
fn an_exchange_passes_for_the_fields_of_its_heads() {
    // `tshark -Y 'http.user_agent contains "curl"'` and `-Y http.server` find six each; the others speak HTTP/2.
    let trace = shipped("http1-and-h2c.pcapng");
    let evaluation = Evaluation::new(&trace);
    let passing = |filter: &str| {
        let filter = Filter::parse(filter).unwrap();
        let connections = trace.connections.iter();
        let exchanges = connections.flat_map(|connection| {
            let exchanges = connection
                .http1()
                .map_or(0, |http1| http1.exchanges().len());
            (0..exchanges).map(move |index| Subject {
                connection: Some(connection.id),
                exchange: Some(crate::trace::ExchangeId::from_index(index)),
                ..Subject::default()
            })
        });
        exchanges
            .filter(|subject| evaluation.passes(&filter, subject))
            .count()
    };
    assert_eq!(passing("header:\"user-agent: curl\""), 6);
    assert_eq!(passing("header.name:server"), 6);
    assert_eq!(passing("curl"), 6, "plain words look there too");
    assert_eq!(passing("header.name:transfer-encoding"), 0);
}

#[test]
fn a_packet_passes_for_the_frames_in_it_and_for_what_tcp_did() {
    let trace = shipped("lossy.pcapng");
    let marked = packets(&trace, "mark:retransmission");
    assert!(!marked.is_empty());
    assert_eq!(marked, packets(&trace, "tcp.analysis.retransmission"));
    assert_eq!(packets(&trace, "frame.number == 7"), [7]);
    assert_eq!(packets(&trace, "tcp.flags.syn").len(), 2);
    let settings = packets(&trace, "http2.type == 4");
    assert!(!settings.is_empty() && settings.len() < 10);
    let all = packets(&trace, "ip.addr == 0.0.0.0/0").len();
    assert_eq!(all, packets(&trace, "tcp.port == 8080").len());
    assert_eq!(packets(&trace, "ip:203.0.113.1").len(), 0);
    let to = packets(&trace, "tcp.dstport == 8080").len();
    assert_eq!(to + packets(&trace, "tcp.srcport == 8080").len(), all);
}

/// The names that numbers of a field have.
fn problem_names(field: &str) -> &'static [&'static str] {
    let info = FIELDS.iter().find(|info| info.names.contains(&field));
    match info.map(|info| info.kind) {
        Some(Kind::Named(names)) => names,
        _ => &[],
    }
}

#[test]
fn a_mistake_is_told_with_its_place() {
    assert_eq!(
        problem("stream:3 colour:red"),
        (
            Problem::UnknownField {
                name: "colour".into(),
                suggestion: None
            },
            9..15
        )
    );
    assert_eq!(
        problem("http2.stream == 3").0,
        Problem::UnknownField {
            name: "http2.stream".into(),
            suggestion: Some("stream")
        }
    );
    assert_eq!(
        problem("status:abc"),
        (
            Problem::NotANumberOrName {
                field: "status",
                value: "abc".into(),
                names: problem_names("status"),
            },
            7..10
        )
    );
    assert_eq!(
        problem("stream:abc"),
        (
            Problem::NotANumber {
                field: "stream",
                value: "abc".into()
            },
            7..10
        )
    );
    assert_eq!(
        problem("time:40..20"),
        (
            Problem::EmptyRange {
                from: "40".into(),
                to: "20".into()
            },
            5..11
        )
    );
    assert_eq!(
        problem("stream:3 | stream:5"),
        (Problem::HalfAnOperator('|'), 9..10)
    );
    assert!(matches!(
        problem("type:DATUM").0,
        Problem::NotANumberOrName { field: "type", .. }
    ));
    assert!(matches!(
        problem("ip:300.1.1.1").0,
        Problem::NotAnAddress { .. }
    ));
    assert_eq!(problem("stream:").0, Problem::MissingValue);
    assert_eq!(problem("(stream:3"), (Problem::OpenParenthesis, 0..1));
    assert_eq!(problem("stream:3)"), (Problem::Unexpected, 8..9));
    assert_eq!(problem("\"abc").0, Problem::OpenQuote);
    assert_eq!(problem("stream:3 or").0, Problem::MissingOperand);
    assert_eq!(
        problem("path matches \"(\"").0,
        Problem::NotAPattern("(".into())
    );
    assert!(matches!(
        problem("stream contains 3").0,
        Problem::WrongOperator { .. }
    ));
    assert_eq!(problem(&"(".repeat(5000)).0, Problem::TooDeep);
    assert_eq!(problem(&"not ".repeat(5000)).0, Problem::TooDeep);
    assert_eq!(
        Filter::parse("stream:abc").unwrap_err().to_string(),
        "The filter is not understood at column 8: stream is a number, and abc is none."
    );
}

#[test]
fn addresses_and_links_are_words_when_they_are_quoted_or_cannot_be_fields() {
    assert!(Filter::parse("http://localhost/style.css").is_ok());
    assert!(Filter::parse("/img/loom.png").is_ok());
    assert!(Filter::parse("\"localhost:8080\"").is_ok());
    assert!(Filter::parse("user.UserService/ListUsers").is_ok());
}

#[test]
fn what_could_follow_is_offered() {
    let texts = |text: &str| -> Vec<String> {
        completions(text, text.len())
            .into_iter()
            .map(|found| found.text)
            .collect()
    };
    assert_eq!(texts("str"), ["stream:"]);
    assert_eq!(texts("stream:3 type:WIN"), ["WINDOW_UPDATE"]);
    assert_eq!(texts("type:DATA,PI"), ["PING"]);
    assert_eq!(texts("http2.st"), ["http2.streamid == "]);
    assert_eq!(texts("path:/st"), [""; 0]);
    assert_eq!(texts(""), [""; 0]);
    let text = "not dir";
    assert_eq!(completions(text, 7)[0].range, 4..7);
}

#[test]
fn a_run_asks_a_little_at_a_time_and_ends_where_one_go_would() {
    let trace = shipped("downloads.pcapng");
    let connection = trace.main_connection().unwrap();
    let mut run = Run::new(
        Filter::parse("type:WINDOW_UPDATE stream:1..").unwrap(),
        connection.id,
    );
    let mut turns = 0;
    while !run.advance(&trace, |_, _, _| String::new(), || true) {
        turns += 1;
        assert!(run.asked() <= 64 * turns);
    }
    assert!(turns > 0);
    let found: Vec<usize> = run.frames().iter().map(|id| id.index()).collect();
    assert_eq!(found, frames(&trace, "type:WINDOW_UPDATE stream:1.."));
    let [first, second] = [run.frames()[0], run.frames()[1]];
    assert_eq!(run.next(None), Some(first));
    assert_eq!(run.next(Some(first)), Some(second));
    assert_eq!(run.previous(Some(second)), Some(first));
    assert_eq!(run.previous(Some(first)), None);
    assert!(run.passes(first) && run.frames_of(StreamId(0)).is_empty());
    let of_streams: usize = (1..12).map(|id| run.frames_of(StreamId(id)).len()).sum();
    assert_eq!(of_streams, run.frames().len());
}

#[test]
fn a_run_asks_every_connection_and_every_finding_and_follows_what_is_shown() {
    let trace = shipped("grpc-chain.pcapng");
    let shown = trace.connections[0].id;
    let mut run = Run::new(Filter::parse("stream:3").unwrap(), shown);
    assert!(!run.is_complete(&trace));
    while !run.advance(&trace, |_, _, _| String::new(), || true) {}
    assert!(run.is_complete(&trace));
    let evaluation = Evaluation::new(&trace);
    for connection in &trace.connections {
        let subject = Subject {
            connection: Some(connection.id),
            ..Subject::default()
        };
        assert_eq!(
            run.connection_passes(connection.id),
            Some(evaluation.passes(run.filter(), &subject))
        );
        let Some(http2) = connection.http2() else {
            continue;
        };
        run.show(connection.id);
        assert_eq!(run.asked(), http2.frames.len());
        for (at, row) in http2.frames.iter().enumerate() {
            let id = FrameId::from_index(at);
            assert_eq!(run.frame_passes(connection.id, id), Some(row.stream.0 == 3));
        }
        for row in http2.streams() {
            assert_eq!(
                run.stream_passes(&trace, connection.id, row.id),
                Some(row.id.0 == 3)
            );
        }
    }
    assert_eq!(run.frame_passes(shown, FrameId::from_index(1 << 30)), None);
    let of_three = trace.findings.iter().filter(|finding| {
        let frame = finding.frame.and_then(|frame| {
            let http2 = trace.connection(finding.connection?)?.http2()?;
            Some(http2.frames.get(frame.index())?.stream)
        });
        frame.or(finding.stream) == Some(StreamId(3))
    });
    assert_eq!(run.findings_count(), of_three.count());
}

#[test]
fn a_run_finds_words_in_what_a_person_reads_of_a_frame() {
    let trace = shipped("downloads.pcapng");
    let connection = trace.main_connection().unwrap();
    let found = |summary: fn(&Trace, &Connection, FrameId) -> String| {
        let mut run = Run::new(Filter::parse("\"said of 3\"").unwrap(), connection.id);
        assert!(run.advance(&trace, summary, || false));
        run.frames().to_vec()
    };
    assert_eq!(
        found(|_, _, id| format!("said of {id}.")),
        [3, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39].map(FrameId::from_index)
    );
    assert_eq!(found(|_, _, _| String::new()), []);
}

#[test]
fn the_words_of_a_field_are_those_that_its_values_have() {
    use crate::trace::{Marks, Protocol, StreamState};
    use crate::wire::http2::{ErrorCode, FrameKind};
    let words = |name: &str| match field::field_named(name).unwrap().kind {
        Kind::Word(words) | Kind::Named(words) => words.to_vec(),
        _ => Vec::new(),
    };
    let mut kinds: Vec<_> = (0..=255).map(|code| FrameKind(code).name()).collect();
    kinds.dedup();
    for kind in &kinds {
        assert!(words("type").contains(kind), "{kind}");
    }
    assert!(words("type").iter().all(|word| kinds.contains(word)));
    let errors: Vec<_> = (0..64).filter_map(|code| ErrorCode(code).name()).collect();
    assert_eq!(words("error"), errors);
    let all = Marks::RETRANSMISSION
        | Marks::FAST_RETRANSMISSION
        | Marks::SPURIOUS_RETRANSMISSION
        | Marks::OUT_OF_ORDER
        | Marks::OVERLAP
        | Marks::DUPLICATE_ACK
        | Marks::KEEP_ALIVE
        | Marks::WINDOW_PROBE
        | Marks::ZERO_WINDOW
        | Marks::DUPLICATE_CAPTURE;
    assert_eq!(words("mark"), all.names().collect::<Vec<_>>());
    let states = [
        StreamState::Idle,
        StreamState::Reserved,
        StreamState::Open,
        StreamState::HalfClosed(crate::trace::Side::A),
        StreamState::Closed,
    ];
    assert_eq!(words("state"), states.map(StreamState::name));
    let protocols = [
        Protocol::Http2,
        Protocol::Http1,
        Protocol::Tls,
        Protocol::Unknown,
    ];
    // Behind them what carries a message.
    let carried = ["grpc", "grpc-web", "http"];
    let protocols = protocols.map(Protocol::name).into_iter().chain(carried);
    assert_eq!(words("protocol"), protocols.collect::<Vec<_>>());
}

#[test]
fn no_two_fields_share_a_name() {
    let fields = FIELDS.iter().chain(columns::COLUMNS);
    let mut names: Vec<_> = fields.flat_map(|info| info.names).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_place_in_it(text in "\\PC{0,60}|[a-z:()! \".,<>=0-9]{0,40}") {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(error.range.start <= error.range.end);
            prop_assert!(error.range.end <= text.len() + 1);
            prop_assert!(text.is_char_boundary(error.range.start));
        }
        for caret in 0..=text.len() {
            for completion in completions(&text, caret) {
                prop_assert!(text.get(completion.range.clone()).is_some());
            }
        }
    }
}

#[test]
fn a_word_that_may_become_a_field_a_value_or_an_operator_is_only_begun() {
    for begun in [
        "typ",
        "type",
        "TYPE",
        "type:",
        "type:D",
        "stream:3 ty",
        "(pa",
        "not st",
        "stream:3 an",
        "method:GET o",
        "http2.stre",
        "flag:END_",
        "state:half",
    ] {
        assert!(is_begun(begun, begun.len()), "{begun}");
    }
    for whole in [
        "",
        "css",
        "type:DATA",
        "type:DATA ",
        "stream:3",
        "pushed",
        "typo",
        "\"typ",
        "/img",
        "3",
        "path:/im",
        "type:DATUM",
        "nothing",
    ] {
        assert!(!is_begun(whole, whole.len()), "{whole}");
    }
    // In the middle of a word nothing is begun.
    assert!(!is_begun("typhoon", 3));
    assert!(is_begun("typ stream:3", 3));
    assert!(is_begun("(typ)", 4));
}

#[test]
fn exchanges_that_had_not_ended_are_asked_again_when_more_was_read() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/http1-programs.pcapng");
    let bytes = std::fs::read(path).unwrap();
    let read = |until: usize| {
        let part: Vec<u8> = bytes.get(..until).unwrap().to_vec();
        read_all(Capture::from_bytes(part.into(), "part").unwrap())
    };
    let whole = read(bytes.len());
    // Responses come after their exchanges were asked first.
    let filter = Filter::parse("status:200 or status:404 or status:304").unwrap();
    let connection = whole.main_http1_connection().unwrap().id;
    let ask = |run: &mut Run, trace: &Trace| {
        assert!(run.advance(trace, |_, _, _| String::new(), || false));
    };
    let passing = |run: &Run| -> Vec<Vec<_>> {
        let connections = whole.connections.iter();
        connections
            .map(|of| run.exchanges_on(of.id).to_vec())
            .collect()
    };
    let mut fresh = Run::new(filter.clone(), connection);
    ask(&mut fresh, &whole);
    assert!(passing(&fresh).iter().flatten().count() > 5);
    let mut run = Run::new(filter, connection);
    let mut grew = 0;
    for step in 1..=60 {
        let part = read(bytes.len() * step / 60);
        let before = run.progress();
        ask(&mut run, &part);
        grew += usize::from(run.progress() != before);
        let mut anew = Run::new(run.filter().clone(), connection);
        ask(&mut anew, &part);
        assert_eq!(passing(&run), passing(&anew), "step {step}");
    }
    assert_eq!(passing(&run), passing(&fresh));
    assert!(grew > 10);
}
