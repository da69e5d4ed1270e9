use super::layout::{deadline_bar, folded};
use super::list::{Listed, Order};
use super::*;
use crate::report::{self, carrier::CarrierReport};
use crate::trace::{ConnectionId, Cursor, FrameId, Moment, Read};
use crate::ui::Command;
use crate::ui::grpc::{CallRow, MessageMark, Standing};
use crate::ui::views::testing::{World, pane};
use crate::ui::widgets::table::{self, Column};
use crate::ui::widgets::time_scale::TimeScale;
use crate::wire::http2::StreamId;
use egui_kittest::kittest::{NodeT, Queryable};

const CAPTURES: [&str; 8] = [
    "grpc-user-service.pcapng",
    "grpc-chain.pcapng",
    "grpc-errors.pcapng",
    "grpc-retries.pcapng",
    "grpc-shapes.pcapng",
    "grpc-tonic.pcapng",
    "grpc-web.pcapng",
    "grpc-web-packed.pcapng",
];

fn id(connection: usize, stream: u32) -> CallId {
    CallId {
        connection: ConnectionId::from_index(connection),
        carrier: StreamId(stream).into(),
    }
}

fn id_of(connection: usize, carrier: CarrierReport) -> CallId {
    CallId {
        connection: ConnectionId::from_index(connection),
        carrier: carrier.carrier().unwrap(),
    }
}

/// The chain right after a frame of the connection from A to B.
fn chain_after(frame: usize) -> World {
    let mut world = World::of_calls("grpc-chain.pcapng");
    let connection = world.trace.connection(ConnectionId::from_index(1)).unwrap();
    world.cursor = Cursor::after_frame(connection, FrameId::from_index(frame));
    world.connection = Some(connection.id);
    world
}

fn row(world: &World, id: CallId) -> &CallRow {
    world.grpc.calls.get(id).unwrap()
}

#[test]
fn the_table_says_what_the_command_says() {
    for name in CAPTURES {
        let world = World::of_calls(name);
        let told: Vec<_> = report::calls::calls(&world.trace, &world.grpc.reader).collect();
        assert_eq!(told.len(), world.grpc.calls.rows().len(), "{name}");
        world.read(|context| {
            let mut instant = Instant::new(context.trace, context.cursor);
            for call in &told {
                let row = row(&world, id_of(call.connection, call.carrier));
                let cells = model::cells(context, row, &mut instant);
                let status = match (call.status, call.implied_status) {
                    (_, Some(status)) => Some(format!("({})", status.name.unwrap())),
                    (Some(status), None) => status.name.map(str::to_owned),
                    (None, None) => None,
                };
                let running = call.ended_ns.is_none();
                if let Some(status) = status.filter(|_| !running) {
                    assert_eq!(cells[4], status, "{name}");
                }
                assert_eq!(cells[1], call.service.as_deref().unwrap_or("?"));
                assert_eq!(cells[2], call.method.as_deref().unwrap_or("?"));
                assert_eq!(cells[3], call.kind);
                let (out, back) = (call.messages.request, call.messages.response);
                assert_eq!(cells[9], format!("{out} → {back}"), "{name} {}", cells[0]);
                assert_eq!(row.timeout_ns, call.timeout_ns);
                let took = call.ended_ns.map(|ended| ended - call.started_ns);
                assert_eq!(row.duration_ns(), took);
                let parent = call.parent.map(|of| {
                    format!(
                        "called by {}",
                        words::place(id_of(of.connection, of.carrier))
                    )
                });
                let again = (call.retry_of)
                    .map(|of| format!("again {}", words::place(id_of(of.connection, of.carrier))));
                for linked in parent.into_iter().chain(again) {
                    assert!(
                        cells[12].replace('?', "").contains(&linked),
                        "{name}: {}",
                        cells[12]
                    );
                }
                if let Some(cancelled) = call.cancelled {
                    let who = format!("by {}", cancelled.by.name());
                    assert!(cells[11].contains(&who), "{name}: {}", cells[11]);
                }
                // Marks lead to every whole message.
                let marks = row.message_marks.each_ref().map(Vec::len);
                assert_eq!(marks, [out as usize, back as usize], "{name} {}", cells[0]);
            }
        });
    }
}

#[test]
fn a_call_that_a_server_made_stands_behind_the_one_it_was_made_for() {
    let world = World::of_calls("grpc-chain.pcapng");
    let calls = &world.grpc.calls;
    assert_eq!(calls.by_family().len(), calls.rows().len());
    let mut all = calls.by_family().to_vec();
    all.sort_unstable();
    assert!(all.iter().copied().eq(0..calls.rows().len()));
    let place = |id| {
        let row = calls.position(id).unwrap();
        calls.by_family().iter().position(|at| *at == row).unwrap()
    };
    let parent = place(id(1, 11));
    assert_eq!(
        [place(id(0, 27)), place(id(0, 29))],
        [parent + 1, parent + 2]
    );
    assert_eq!(row(&world, id(1, 11)).depth, 0);
    assert_eq!(row(&world, id(0, 27)).depth, 1);
    let child = calls.position(id(0, 29)).unwrap();
    assert_eq!(calls.root(child), calls.position(id(1, 11)).unwrap());
}

#[test]
fn a_call_names_those_that_were_made_for_it_and_the_one_whose_failure_came_before_its_own() {
    let world = World::of_calls("grpc-chain.pcapng");
    let calls = &world.grpc.calls;
    assert_eq!(
        words::linked(calls, row(&world, id(1, 1))),
        "called 0\u{a0}·\u{a0}5, 0\u{a0}·\u{a0}7\u{a0}+\u{a0}2"
    );
    assert_eq!(
        words::linked(calls, row(&world, id(0, 5))),
        "called by 1\u{a0}·\u{a0}1"
    );
    let told = world.read(|context| text(context, &State::default()));
    let line = |begins: &str| {
        let mut lines = told.lines();
        lines.find(|line| line.starts_with(begins)).unwrap()
    };
    assert!(
        line("connection 1 stream 1, ")
            .contains("called connection 0 stream 5, connection 0 stream 7\u{a0}+\u{a0}2")
    );
    assert!(line("connection 0 stream 5, ").contains("called by connection 1 stream 1 ("));
    let failed = calls
        .rows()
        .iter()
        .filter(|row| row.links.failed_after.is_some());
    let said: Vec<String> = failed.map(|row| said::words(calls, row)).collect();
    assert!(!said.is_empty());
    for said in said {
        assert!(
            said.contains("likely from ") && said.ends_with(" before this ended"),
            "{said}"
        );
    }
}

#[test]
fn a_call_that_failed_says_who_noticed_first_and_how_long_before() {
    let said = |capture, id| {
        let world = World::of_calls(capture);
        let said = said::words(&world.grpc.calls, row(&world, id));
        said.replace('\u{a0}', " ")
    };
    // A server gave up the call that it had made, and then said so.
    let served = said("grpc-deadlines.pcapng", id(0, 3));
    let expected = "“stock did not answer: Deadline Exceeded” (1.85 s before its own deadline); \
                    likely from 1 · 3, made for it: its client cancelled at 304.47 ms, ";
    assert!(served.starts_with(expected), "{served}");
    let made = said("grpc-deadlines.pcapng", id(1, 3));
    assert!(
        made.starts_with("its client cancelled at 304.47 ms, 3."),
        "{made}"
    );
    let expected = " ms past its deadline; made for 0 · 3, which ended ";
    assert!(made.contains(expected), "{made}");
    assert!(
        made.contains(" later: DEADLINE_EXCEEDED; means: "),
        "{made}"
    );
    // Both tell the same time between the two.
    let between = |said: &str, behind: &str, before: &str| {
        let (_, rest) = said.split_once(behind).unwrap();
        rest.split_once(before).unwrap().0.to_owned()
    };
    assert_eq!(
        between(&served, "304.47 ms, ", " before"),
        between(&made, "which ended ", " later")
    );
    // What a server reports that it was told.
    let told = said("grpc-chain.pcapng", id(1, 9));
    assert!(
        told.contains("likely from 0 · 25, made for it: NOT_FOUND at "),
        "{told}"
    );
    // Here the caller gave up first, and the server passed that on.
    let passed_on = said("grpc-chain.pcapng", id(0, 41));
    assert!(
        passed_on.contains("made for 1 · 15, which had ended "),
        "{passed_on}"
    );
}

#[test]
fn the_bar_of_a_deadline_shrinks_as_the_cursor_moves_on_and_then_says_how_late_it_is() {
    let scale = TimeScale::new(0.0, 4e9, 4000.0);
    // Right after the request's HEADERS, and after a ping of the same connection.
    let world = chain_after(
        row(&chain_after(0), id(1, 13))
            .first
            .frame()
            .unwrap()
            .index(),
    );
    let call = row(&world, id(1, 13));
    let bar_at = |now_ns: i64| {
        let read = Read {
            frames: call.first.frame().unwrap().index() + 1,
            packets: 0,
        };
        let standing = call.standing(read, now_ns);
        (
            deadline_bar(call, standing, now_ns, &scale, 4000.0).unwrap(),
            standing,
        )
    };
    let (begun, _) = bar_at(call.started_ns);
    assert_eq!(begun.left, begun.whole);
    let (later, standing) = bar_at(call.started_ns + 100_000_000);
    assert_eq!(
        words::left(call, standing).unwrap(),
        "151 ms of 251 ms left"
    );
    assert!(
        (later.left.end - later.left.start - 151.0).abs() < 0.5,
        "{later:?}"
    );
    assert_eq!(later.whole, begun.whole);
    let (late, standing) = bar_at(call.started_ns + 300_000_000);
    assert_eq!(late.left.start, late.left.end);
    assert!((late.over.map_or(0.0, |over| over.end - over.start) - 49.0).abs() < 0.5);
    assert_eq!(
        words::left(call, standing).unwrap(),
        "251 ms were over 49 ms ago"
    );
    let unseen = deadline_bar(call, Standing::NotYet, 0, &scale, 4000.0).unwrap();
    assert_eq!((unseen.left, unseen.over), (unseen.whole, None));
}

#[test]
fn the_bar_of_a_deadline_is_to_scale_wherever_the_axis_holds_it() {
    let world = World::of_calls("grpc-errors.pcapng");
    let call = row(&world, id(0, 1));
    let ended_ns = call.ended_ns.unwrap();
    let bar = |ms_per_point: f64| {
        let scale = TimeScale::new(0.0, ms_per_point * 1e9, 1000.0);
        let bar = deadline_bar(call, Standing::Ended, ended_ns, &scale, 1000.0).unwrap();
        (bar, scale.x_from_time(call.deadline_ns().unwrap() as f64))
    };
    // The call takes 22 ms of its 3 s: an axis of 4 s holds them.
    let (whole, deadline_x) = bar(4.0);
    assert_eq!((whole.whole.end, whole.cut), (deadline_x, None));
    assert!(deadline_x > 700.0, "{deadline_x}");
    // An axis of 1 s does not.
    let (cut, _) = bar(1.0);
    assert_eq!(cut.cut, Some(1000.0 - layout::GOES_ON_POINTS));
}

#[test]
fn what_went_on_beyond_a_deadline_can_be_seen_and_is_told_by_how_much() {
    let world = World::of_calls("grpc-deadlines.pcapng");
    let call = row(&world, id(1, 3));
    let past_ns = call.ended_ns.unwrap() - call.deadline_ns().unwrap();
    assert!((3_000_000..4_000_000).contains(&past_ns), "{past_ns}");
    let over = |ms_per_point: f64| {
        let scale = TimeScale::new(0.0, ms_per_point * 1e9, 1000.0);
        let ended_ns = call.ended_ns.unwrap();
        let bar = deadline_bar(call, Standing::Ended, ended_ns, &scale, 1000.0).unwrap();
        let over = bar.over.unwrap();
        over.end - over.start
    };
    // A point is worth 10 ms: nothing would be seen of 3.
    assert!((over(10.0) - layout::LEAST_OVER_POINTS).abs() < 1e-9);
    assert!((over(0.1) - past_ns as f64 / 1e5).abs() < 0.01);
    let said = words::exceeded(call);
    assert!(said.starts_with("exceeded by 3.") && said.contains("ms: deadline 151 ms, shorter"));
    // Here the capture shows no more than that the caller's clock was first.
    let chain = World::of_calls("grpc-chain.pcapng");
    let said = words::exceeded(row(&chain, id(1, 15)));
    assert_eq!(said, "exceeded by its caller's clock: deadline 251 ms");
}

#[test]
fn the_words_of_a_deadline_leave_the_plot_nowhere() {
    let plot = egui::Rangef::new(300.0, 1300.0);
    let x = |start: f32, end: f32, width: f32| {
        let bar = egui::Rangef::new(start, end);
        layout::deadline_words_x(plot, bar, end + 8.0, width)
    };
    assert_eq!(x(400.0, 600.0, 200.0), 608.0, "behind the bar");
    assert_eq!(x(400.0, 1250.0, 200.0), 1046.0, "before its end");
    assert_eq!(x(1200.0, 1250.0, 200.0), 992.0, "before a short bar");
    assert_eq!(x(310.0, 1290.0, 1100.0), 302.0, "wider than the plot");
}

#[test]
fn the_cursor_among_the_lanes_says_when_it_is() {
    let world = World::of_calls("grpc-chain.pcapng");
    let origin_ns = world.trace.time_range_ns.unwrap().0;
    let at_ns = world.trace.time_ns(world.cursor.unwrap().packet) - origin_ns;
    let mut harness = pane(world, [1366.0, 700.0], calls_ui);
    harness.run_steps(2);
    harness.get_by_label(&format!("cursor {}", words::at(at_ns)));
}

#[test]
fn a_call_is_told_as_it_stands_at_the_cursor() {
    let first = row(&chain_after(0), id(1, 11))
        .first
        .frame()
        .unwrap()
        .index();
    let said = |frame| {
        let world = chain_after(frame);
        let said = world.read(|context| text(context, &State::default()));
        let wanted = "connection 1 stream 11, ";
        said.lines()
            .find(|line| line.starts_with(wanted))
            .unwrap()
            .to_owned()
    };
    assert!(said(first - 1).contains("not begun"));
    let running = said(first);
    assert!(
        running.contains("running, 251 ms of 251 ms left"),
        "{running}"
    );
    assert!(running.contains("0 messages out, 0 back"), "{running}");
    let end = row(&chain_after(0), id(1, 11))
        .end
        .unwrap()
        .frame()
        .unwrap()
        .index();
    let ended = said(end);
    assert!(ended.contains("DEADLINE_EXCEEDED"), "{ended}");
    assert!(
        ended.contains("deadline 251 ms, 1 message out, 0 back"),
        "{ended}"
    );
}

#[test]
fn a_deadline_is_compared_with_the_time_that_its_caller_had_left() {
    let chain = chain_after(0);
    let allowed = |world: &World, id| words::allowed(row(world, id));
    let handed_on = allowed(&chain, id(0, 5)).unwrap();
    assert_eq!(handed_on, "deadline 1.98 s, handed on by its caller");
    assert_eq!(allowed(&chain, id(0, 1)).unwrap(), "deadline 951 ms");
    let deadlines = World::of_calls("grpc-deadlines.pcapng");
    let shorter = allowed(&deadlines, id(1, 1)).unwrap();
    assert_eq!(
        shorter,
        "deadline 124 ms, shorter than the 1.95 s its caller had left"
    );
    // Its caller waits without end: there is nothing to hand on.
    assert_eq!(allowed(&deadlines, id(1, 5)).unwrap(), "deadline 151 ms");
}

#[test]
fn a_million_messages_fold_to_what_the_width_can_show() {
    let marks: Vec<MessageMark> = (0..1_000_000_i64)
        .map(|number| MessageMark {
            at: Moment::Frame(FrameId::from_index(number as usize)),
            time_ns: number * 1000,
            sum_bytes: (number as u64 + 1) * 10,
        })
        .collect();
    let scale = TimeScale::new(0.0, 1e9, 1000.0);
    let folds = folded(&marks, &scale, 1000.0);
    assert!(folds.len() <= 251, "{}", folds.len());
    assert_eq!(
        folds.iter().map(|fold| fold.count).sum::<usize>(),
        marks.len()
    );
    assert_eq!(folds.iter().map(|fold| fold.bytes).sum::<u64>(), 10_000_000);
    let near = TimeScale::new(0.0, 1e5, 1000.0);
    let folds = folded(&marks, &near, 1000.0);
    assert!(folds.iter().all(|fold| fold.count == 1));
}

fn by(column: usize) -> Order {
    let descending = true;
    Order {
        sort: Sort { column, descending },
        failed_only: false,
    }
}

#[test]
fn what_the_calls_say_has_the_width_that_other_columns_do_not_need() {
    let world = World::of_calls("grpc-errors.pcapng");
    world.read(|context| {
        let listed = Listed::complete(context, by(0));
        let columns = paint_table::columns(context, listed.table());
        let width = |columns: &[Column]| {
            let place = table::places(columns, 1340.0)[5].clone();
            place.end - place.start
        };
        let [usual, now] = [width(&paint_table::COLUMNS), width(&columns)];
        assert!(now > usual + 30.0, "{usual} {now}");
        // Of very many calls nothing is measured.
        let all: Vec<usize> = std::iter::repeat_n(0, 501).collect();
        let many = paint_table::columns(context, &all);
        assert_eq!(width(&many), usual);
    });
}

#[test]
fn columns_sort_by_what_they_show() {
    let world = World::of_calls("grpc-errors.pcapng");
    world.read(|context| {
        for column in 0..paint_table::COLUMNS.len() {
            let listed = Listed::complete(context, by(column));
            assert_eq!(listed.table().len(), context.grpc.calls.rows().len());
        }
        let listed = Listed::complete(context, by(7));
        let rows = listed
            .table()
            .iter()
            .map(|at| &context.grpc.calls.rows()[*at]);
        let took: Vec<_> = rows.map(CallRow::duration_ns).collect();
        assert!(took.is_sorted_by(|a, b| a >= b));
    });
}

#[test]
fn a_click_on_a_row_or_a_lane_selects_the_stream_and_on_a_title_sorts() {
    let world = World::of_calls("grpc-user-service.pcapng");
    let connection = world.connection.unwrap();
    let mut harness = pane(world, [1400.0, 700.0], calls_ui);
    harness.run_steps(2);
    let row = |node: &egui_kittest::kittest::AccessKitNode<'_>, begins: &str| {
        node.label().is_some_and(|label| label.starts_with(begins))
    };
    harness
        .get_by(|node| row(node, "connection 0 stream 3, "))
        .click();
    harness.run_steps(2);
    let selected = |stream| Some(Item::Stream(connection, StreamId(stream)));
    assert_eq!(harness.state().0.selection, selected(3));
    harness.get_by_label("Sort by took, ms").click();
    harness.run_steps(2);
    assert_eq!(
        harness.state().1.sort,
        Sort {
            column: 7,
            descending: true
        }
    );
    harness
        .get_by(|node| row(node, "Lane of connection 0 stream 5, "))
        .click();
    harness.run_steps(2);
    // Where the pointer came down there may be a mark, which leads to its frame.
    let last = harness.state().0.commands.last().cloned();
    assert!(matches!(last, Some(Command::Select(_))), "{last:?}");
    harness.get_by_label("Calls as: Lanes").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1.shown, Shown::Lanes);
    harness.get_by_label("Lanes show: Selected").click();
    harness.run_steps(2);
    assert_eq!(harness.state().1.fit, Fit::Selected);
}

#[test]
fn a_click_on_a_status_of_the_sum_filters_by_it() {
    let world = World::of_calls("grpc-chain.pcapng");
    let mut harness = pane(world, [1400.0, 700.0], calls_ui);
    harness.run_steps(2);
    let sum = harness
        .state()
        .0
        .read(|context| text(context, &State::default()));
    let first = sum.lines().next().unwrap().to_owned();
    assert!(first.contains("(CANCELLED) concluded"), "{first}");
    let of = |begins: &'static str| {
        move |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.label().is_some_and(|label| label.starts_with(begins))
        }
    };
    harness.get_by(of("Key of the lanes"));
    harness.get_by_label("1 NOT_FOUND").click();
    harness.run_steps(2);
    let said = format!("{:?}", harness.state().0.commands.last());
    assert!(said.contains("status:NOT_FOUND"), "{said}");
}

#[test]
fn methods_add_up_what_their_messages_would_be_as_json() {
    let mut world = World::of_calls("grpc-user-service.pcapng");
    let sources = crate::ui::grpc::Sources {
        paths: vec![concat!(env!("CARGO_MANIFEST_DIR"), "/captures/proto").into()],
        ..Default::default()
    };
    world.grpc.read_by(&sources, &world.trace);
    let told: Vec<_> = {
        let calls = report::calls::calls(&world.trace, &world.grpc.reader);
        report::totals::totals(&world.trace, &world.grpc.reader, calls)
    };
    let sum: u64 = told
        .iter()
        .map(|row| row.size.unwrap_or_default().json)
        .sum();
    assert!(sum > 0);
    let mut harness = pane(world, [1100.0, 500.0], calls_ui);
    harness.run_steps(2);
    harness.get_by_label("Calls as: Methods").click();
    harness.run_steps(2);
    let shows = |begins: &str| {
        let starts = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.label().is_some_and(|label| label.starts_with(begins))
        };
        harness.query_by(starts).is_some()
    };
    for row in &told {
        let begins = format!("{}, {} call", row.method, row.calls);
        assert!(shows(&begins), "{begins}");
    }
    let (world, state) = harness.state();
    let said = world.read(|context| text(context, state));
    let sum = crate::ui::widgets::format::exact_bytes(sum);
    assert!(said.contains(&format!("{sum} as JSON")), "{said}");
}

#[test]
fn without_a_schema_methods_still_say_how_much_protobuf_there_was() {
    let mut world = World::of_calls("grpc-user-service.pcapng");
    let calls = report::calls::calls(&world.trace, &world.grpc.reader);
    let told = report::totals::totals(&world.trace, &world.grpc.reader, calls);
    let bytes: u64 = told.iter().map(|row| row.protobuf.unwrap().bytes).sum();
    assert!(told.iter().all(|row| row.size.is_none()) && bytes > 0);
    let state = State {
        shown: super::Shown::Methods,
        ..State::default()
    };
    world.cursor = None;
    let said = world.read(|context| text(context, &state));
    let sum = crate::ui::widgets::format::exact_bytes(bytes);
    assert!(said.contains(&format!("as protobuf: {sum}")), "{said}");
    assert!(
        said.contains("as protobuf, and no schema tells its types"),
        "{said}"
    );
}

#[test]
fn quotes_are_round_what_a_server_said_and_nothing_else() {
    let (mut quoted, mut meant, mut concluded) = (0, 0, 0);
    for name in CAPTURES {
        let world = World::of_calls(name);
        for row in world.grpc.calls.rows() {
            let said = said::words(&world.grpc.calls, row);
            match row.status_message.as_deref() {
                Some(message) => {
                    assert!(said.starts_with(&format!("“{message}”")), "{said}");
                    quoted += 1;
                }
                None => {
                    assert!(!said.contains('“'), "{said}");
                    meant += usize::from(said.starts_with("means: "));
                }
            }
            world.read(|context| {
                let mut instant = Instant::new(context.trace, context.cursor);
                let parts = words::parts(context, row, &mut instant);
                let at = |begins: &dyn Fn(&str) -> bool| parts.iter().position(|part| begins(part));
                // Where a status comes from that nobody sent never stands above the server's words.
                let from =
                    at(&|part| part.contains("concluded from") || part.contains("given up before"));
                let words = at(&|part| part.starts_with('“'));
                if let Some(from) = from {
                    assert!(words.is_none_or(|words| words < from), "{parts:?}");
                    concluded += 1;
                }
                assert!(
                    !parts
                        .iter()
                        .any(|part| part.contains("not sent by the server"))
                );
            });
        }
    }
    assert!(
        quoted > 10 && meant > 0 && concluded > 0,
        "{quoted} {meant} {concluded}"
    );
}

#[test]
fn the_selected_call_says_all_of_it_without_a_pointer() {
    let mut world = World::of_calls("grpc-errors.pcapng");
    let long = (world.grpc.calls.rows().iter())
        .filter(|row| row.has_failed())
        .max_by_key(|row| said::words(&world.grpc.calls, row).chars().count())
        .unwrap();
    let said = said::words(&world.grpc.calls, long);
    assert!(said.chars().count() > 80, "{said}");
    world.selection = Some(model::item(long.id));
    world.connection = Some(long.id.connection);
    let said_by_view = world.read(|context| text(context, &State::default()));
    assert!(said_by_view.contains(&format!("selected {}", words::place(long.id))));
    let mut harness = pane(world, [1366.0, 700.0], calls_ui);
    harness.run_steps(3);
    let line = harness.get_by_label_contains("selected ");
    let line = line.accesskit_node();
    let line = line.label().or_else(|| line.value()).unwrap();
    assert!(line.contains(&said), "{line}");
}
