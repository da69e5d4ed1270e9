use super::*;
use crate::ui::views::loom::test_trace::{busy_trace, client, server, trace_of};
use crate::ui::views::testing::World;

fn counted(world: &World, start_ns: f64, end_ns: f64) -> Area {
    world.read(|context| {
        let reader = Reader::new(context).unwrap();
        let mut summaries = Summaries::default();
        while {
            summaries.follow(&reader);
            summaries.is_behind(&reader)
        } {}
        let mut area = Area::new(start_ns, end_ns);
        while area.follow(&reader, &summaries) {}
        assert!(area.complete());
        area
    })
}

#[test]
fn totals_are_those_of_the_frames_in_the_area() {
    let world = World::of_trace(trace_of(&[
        client(0, 0, FrameKind::SETTINGS, 18),
        client(1_000, 1, FrameKind::HEADERS, 41),
        server(2_000, 1, FrameKind::DATA, 991),
        server(3_000, 3, FrameKind::DATA, 91),
        server(9_000, 1, FrameKind::DATA, 5),
    ]));
    let area = counted(&world, 500.0, 3_000.0);
    let sum = |frames, bytes| Sum { frames, bytes };
    assert_eq!(area.all, sum(3, 1150));
    let stream = |id| Item::Stream(world.connection.unwrap(), StreamId(id));
    assert_eq!(
        area.shares(),
        [(stream(1), sum(2, 1050)), (stream(3), sum(1, 100))]
    );
    assert_eq!(area.kinds.get(&FrameKind::DATA.0), Some(&sum(2, 1100)));
    let text = area.text();
    for line in [
        "3 frames, 1.1",
        "2 streams",
        "client: 1 frame",
        "2 DATA: ",
        "stream 1: 91 %, 2 frames",
        "stream 3: 9 %, 1 frame",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
}

#[test]
fn a_large_area_is_counted_over_several_pictures_and_loses_nothing() {
    let world = World::of_trace(busy_trace(120_000, 50));
    let area = counted(&world, 0.0, 1e12);
    assert_eq!(area.all.frames, 120_000);
    let streams: u64 = area.shares().iter().map(|(_, sum)| sum.frames).sum();
    assert_eq!(streams, 120_000);
}
