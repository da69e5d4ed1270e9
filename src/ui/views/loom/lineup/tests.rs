use super::*;
use crate::ui::views::testing::World;

fn lineup(world: &World, wishes: &Wishes, passes: impl Fn(StreamId) -> bool) -> Lineup {
    let connection = world.trace.main_connection().unwrap();
    let http2 = connection.http2().unwrap();
    Lineup::new(connection, http2, wishes, 0..http2.frames.len(), passes)
}

fn ids(world: &World, lineup: &Lineup) -> Vec<u32> {
    let http2 = world.trace.main_connection().unwrap().http2().unwrap();
    let streams = http2.streams();
    lineup
        .lanes
        .iter()
        .map(|at| streams[*at as usize].id.0)
        .collect()
}

#[test]
fn without_wishes_lanes_stand_in_the_order_of_their_streams() {
    let world = World::of_capture("downloads.pcapng");
    let lineup = lineup(&world, &Wishes::default(), |_| true);
    assert!(lineup.lanes.is_sorted() && lineup.lanes.len() == lineup.all);
    assert_eq!((lineup.words(), lineup.headings.len()), (None, 0));
    assert_eq!(lineup.position(3), Some(3));
}

#[test]
fn the_largest_come_first_when_asked_for() {
    let world = World::of_capture("downloads.pcapng");
    let wishes = Wishes {
        order: Order::Size,
        ..Wishes::default()
    };
    let lineup = lineup(&world, &wishes, |_| true);
    let streams = world
        .trace
        .main_connection()
        .unwrap()
        .http2()
        .unwrap()
        .streams();
    let sizes: Vec<u64> = (lineup.lanes.iter())
        .map(|at| stream_words::content_bytes(&streams[*at as usize]))
        .collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    let last = lineup.lanes.len() - 1;
    assert_eq!(lineup.position(lineup.lanes[last] as usize), Some(last));
}

#[test]
fn pinned_lanes_come_first_whatever_is_hidden() {
    let world = World::of_capture("downloads.pcapng");
    let connection = world.connection.unwrap();
    let wishes = Wishes {
        pinned: [5, 3].map(|stream| (connection, StreamId(stream))).into(),
        search: "no such words".to_owned(),
        ..Wishes::default()
    };
    let lineup = lineup(&world, &wishes, |_| true);
    assert_eq!(ids(&world, &lineup), [5, 3]);
    assert_eq!(lineup.pinned, 2);
    assert_eq!(lineup.words(), Some(format!("2 of {} lanes", lineup.all)));
}

#[test]
fn what_the_filter_leaves_out_is_hidden_or_kept() {
    let world = World::of_capture("downloads.pcapng");
    let mut wishes = Wishes::default();
    let only_three = |stream| stream == StreamId(3);
    let hidden = lineup(&world, &wishes, only_three);
    assert_eq!(ids(&world, &hidden), [3]);
    wishes.keeps_filtered = true;
    let kept = lineup(&world, &wishes, only_three);
    assert_eq!(kept.lanes.len(), kept.all);
    assert_eq!(kept.filtered, kept.all - 1);
}

#[test]
fn groups_have_headings_and_fold_away() {
    let world = World::of_capture("priorities.pcapng");
    let mut wishes = Wishes {
        grouping: Grouping::Priority,
        ..Wishes::default()
    };
    let open = lineup(&world, &wishes, |_| true);
    assert!(open.headings.len() > 1, "{:?}", open.headings);
    assert_eq!(open.lanes.len(), open.all);
    let lanes: usize = open.headings.iter().map(|heading| heading.lanes).sum();
    assert_eq!(lanes, open.all);
    let elsewhere = ConnectionId::from_index(7);
    wishes.folded = vec![(elsewhere, open.headings[0].title.clone())];
    assert_eq!(
        lineup(&world, &wishes, |_| true),
        open,
        "that is of another connection"
    );
    wishes.folded = vec![(world.connection.unwrap(), open.headings[0].title.clone())];
    let folded = lineup(&world, &wishes, |_| true);
    assert_eq!(folded.headings[1].before, 0);
    assert_eq!(folded.lanes.len(), open.all - open.headings[0].lanes);
    assert_eq!(folded.words(), None, "nothing is missing, only folded");
}

#[test]
fn streams_that_only_priorities_name_stand_below_those_that_carry_something() {
    let world = World::of_capture("push.pcap");
    for (order, _, _) in Order::ALL {
        let wishes = Wishes {
            order,
            ..Wishes::default()
        };
        let mut ids = ids(&world, &lineup(&world, &wishes, |_| true));
        if order == Order::Start {
            assert_eq!(ids, [13, 2, 4, 6, 8, 15, 3, 5, 7, 9, 11]);
        }
        let mut only_named = ids.split_off(6);
        only_named.sort_unstable();
        assert_eq!(only_named, [3, 5, 7, 9, 11], "{order:?}");
    }
}
