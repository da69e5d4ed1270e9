use super::*;
use crate::trace::PacketId;
use crate::wire::http2::Flags;
use proptest::prelude::*;

fn frame(number: usize, stream: u32) -> FrameRow {
    FrameRow {
        offset: 0,
        packet: PacketId::from_index(number),
        stream: StreamId(stream),
        length: 91,
        block: None,
        kind: FrameKind::DATA,
        flags: Flags::NONE,
        side: Side::BOTH[number % 2],
        whole: true,
    }
}

fn summary_of<S: Shares>(frames: &[FrameRow]) -> Summary<S> {
    let mut summary = Summary::default();
    summary.extend(frames.len(), |at| Some((at as i64, frames.get(at)?)));
    summary
}

#[test]
fn a_total_names_the_streams_that_sent_most() {
    let mut part = Part::<Owners>::default();
    for stream in [1, 3, 5, 7, 9, 11, 13, 15] {
        part.add_frame(&frame(0, stream));
    }
    let mut later = Part::default();
    for stream in [17, 17, 17] {
        later.add_frame(&frame(0, stream));
    }
    part.add(&later);
    assert_eq!((part.frames, part.bytes), (11, 1100));
    let (owners, rest) = part.owners();
    let owners: Vec<_> = owners.map(|owner| (owner.stream.0, owner.bytes)).collect();
    assert_eq!(owners.len(), 8);
    assert_eq!((owners.last(), rest), (Some(&(17, 300)), 100));
}

#[test]
fn every_named_type_has_a_place_of_its_own() {
    for kind in FrameKind::KNOWN {
        let set: Vec<_> = Kinds::of(kind).iter().collect();
        assert_eq!(set, [kind]);
    }
    assert_eq!(Kinds::of(FrameKind(0x4d)).iter().count(), 1);
}

#[test]
fn a_long_walk_is_offered_few_totals() {
    let frames: Vec<_> = (0..100_000).map(|n| frame(n, 1)).collect();
    let mut offered = 0;
    let mut single = 0;
    summary_of::<Owners>(&frames).walk(
        0..100_000,
        |_, _| {
            offered += 1;
            true
        },
        |_| single += 1,
    );
    assert!(
        offered < 40 && single < Owners::LEAF_FRAMES,
        "{offered} totals, {single} frames"
    );
}

proptest! {
    #[test]
    fn a_walk_meets_every_frame_once_in_order(
        count in 0usize..6000, start in 0usize..3000, end in 0usize..6000, grain in 1usize..5000,
    ) {
        let frames: Vec<_> = (0..count).map(|n| frame(n, 1)).collect();
        let summary = summary_of::<()>(&frames);
        let end = end.min(count);
        let met = std::cell::RefCell::new(Vec::new());
        summary.walk(
            start..end,
            |total, range| {
                let take = range.len() <= grain;
                if take {
                    let frames = total.sides[0].frames + total.sides[1].frames;
                    assert_eq!(frames as usize, range.len());
                    assert_eq!(total.min_ns..total.max_ns + 1, range.start as i64..range.end as i64);
                    met.borrow_mut().extend(range);
                }
                take
            },
            |position| met.borrow_mut().push(position),
        );
        prop_assert_eq!(met.into_inner(), (start..end).collect::<Vec<_>>());
    }
}
