use super::*;
use crate::trace::Direction;

fn layout(lanes: usize, scroll: f64) -> Layout {
    let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(780.0, 480.0));
    Layout::new(rect, content(lanes), scroll)
}

fn content(lanes: usize) -> Content {
    Content {
        lanes,
        connection_lane: true,
        ..Content::default()
    }
}

#[test]
fn headings_push_lanes_down_and_every_place_is_found_again() {
    let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(780.0, 480.0));
    let content = Content {
        pinned: 1,
        headings: [1, 1, 30, 60].into(),
        ..content(100)
    };
    for scroll in [0.0, 37.0, 1400.0, f64::MAX] {
        let layout = Layout::new(rect, content.clone(), scroll);
        let x = layout.plot.center();
        let mut bottom = layout.lanes.top();
        for lane in layout.visible_lanes() {
            let place = layout.lane(lane);
            assert!(place.top() >= bottom || bottom == layout.lanes.top());
            bottom = place.bottom();
            let at = pos2(x, place.center().y + 1.0);
            if layout.lanes.contains(at) {
                assert_eq!(layout.zone(at), Zone::Lane(Some(lane), Direction::Server));
            }
        }
        for (heading, place) in layout.visible_headings() {
            if layout.lanes.contains(place.center()) {
                assert_eq!(layout.zone(place.center()), Zone::Heading(heading));
            }
        }
        assert_eq!(
            layout.zone(layout.lane(0).center() - vec2(0.0, 2.0)),
            Zone::Lane(Some(0), Direction::Client)
        );
    }
}

#[test]
fn pinned_lanes_stay_while_the_others_scroll() {
    let pinned = |scroll| {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(780.0, 480.0));
        let content = Content {
            pinned: 2,
            ..content(100)
        };
        Layout::new(rect, content, scroll)
    };
    let (top, down) = (pinned(0.0), pinned(900.0));
    assert_eq!(top.lane(1), down.lane(1));
    assert_ne!(top.lane(5), down.lane(5));
    assert!(down.shown_lanes().take(2).eq([0, 1]));
    let all = pinned(f64::MAX);
    assert_eq!(all.visible_lanes().end, 100);
    let many = Layout::new(
        all.rect,
        Content {
            pinned: 90,
            ..content(100)
        },
        0.0,
    );
    assert!(many.content.pinned < 8, "some room is left for the others");
}

#[test]
fn only_visible_lanes_of_many_are_laid_out() {
    let pitch = f64::from(layout(5000, 0.0).lane_pitch);
    let layout = layout(5000, 2000.0 * pitch + 0.01);
    let visible = layout.visible_lanes();
    assert_eq!(visible.start, 2000);
    assert!(visible.len() < 12, "{visible:?}");
    assert!(layout.lane(visible.start).bottom() > layout.lanes.top());
    assert!(layout.lane(visible.end - 1).top() < layout.lanes.bottom());
}

#[test]
fn scrolling_ends_with_the_last_lane() {
    let layout = layout(5000, f64::MAX);
    assert_eq!(layout.visible_lanes().end, 5000);
    assert!((layout.lane(4999).bottom() - layout.lanes.bottom()).abs() <= LANE_GAP_POINTS + 0.1);
}

#[test]
fn lanes_that_fit_do_not_scroll() {
    let layout = layout(3, 500.0);
    assert_eq!((layout.scroll, layout.max_scroll()), (0.0, 0.0));
    assert_eq!(layout.visible_lanes(), 0..3);
}

#[test]
fn areas_follow_each_other_without_overlap() {
    let layout = layout(40, 0.0);
    let tops_and_bottoms = [
        layout.axis,
        layout.wire[0],
        layout.wire[1],
        layout.losses,
        layout.connection_lane,
        layout.lanes,
        layout.more,
        layout.legend,
    ];
    for pair in tops_and_bottoms.windows(2) {
        assert!(pair[0].bottom() <= pair[1].top(), "{pair:?}");
    }
}

#[test]
fn the_middle_of_a_lane_parts_client_from_server() {
    let layout = layout(9, 0.0);
    let lane = layout.lane(2);
    let x = layout.plot.center();
    let above = layout.zone(pos2(x, lane.center().y - 3.0));
    let below = layout.zone(pos2(x, lane.center().y + 3.0));
    assert_eq!(above, Zone::Lane(Some(2), Direction::Client));
    assert_eq!(below, Zone::Lane(Some(2), Direction::Server));
    assert_eq!(
        layout.zone(layout.label(Some(2)).center()),
        Zone::Label(Some(2))
    );
    assert_eq!(layout.zone(layout.label(None).center()), Zone::Label(None));
}

#[test]
fn a_lane_out_of_view_is_scrolled_to_the_nearer_edge() {
    let down = layout(100, 0.0);
    let revealed = layout(100, down.scroll_to(50));
    assert!(revealed.lane(50).bottom() <= revealed.lanes.bottom() + 0.1);
    assert_eq!(revealed.scroll_to(50), revealed.scroll);
    assert_eq!(
        layout(100, 3000.0).scroll_to(5),
        5.0 * f64::from(down.lane_pitch)
    );
}

#[test]
fn a_place_too_small_for_anything_is_still_laid_out() {
    for size in [vec2(0.0, 0.0), vec2(50.0, 30.0), vec2(3000.0, 80.0)] {
        let layout = Layout::new(Rect::from_min_size(pos2(0.0, 0.0), size), content(9), 10.0);
        assert!(layout.width() >= 1.0 && layout.lanes.height() >= 0.0);
        assert!(layout.visible_lanes().len() <= 9);
    }
}

#[test]
fn lanes_out_of_view_are_counted_and_every_page_leads_to_new_ones() {
    let mut layout = layout(40, 0.0);
    assert!(layout.more.height() > 0.0);
    assert!(layout.lanes.bottom() <= layout.more.top());
    let mut seen = std::collections::BTreeSet::new();
    assert!(layout.lane_pitch >= 46.0);
    for _ in 0..40 {
        for lane in layout.visible_lanes() {
            let lane = layout.lane(lane);
            let seen = lane.intersect(layout.lanes).height();
            assert!(
                seen < 1.0 || seen > lane.height() - 1.0,
                "lanes in view are whole"
            );
        }
        let [above, below] = layout.hidden_lanes();
        seen.extend(above..40 - below);
        if below == 0 {
            break;
        }
        layout = self::layout(40, layout.page(true));
    }
    assert_eq!(seen.len(), 40, "every lane can be reached: {seen:?}");
    assert_eq!(layout.hidden_lanes()[1], 0);
    let back = self::layout(40, layout.page(false));
    assert!(back.scroll < layout.scroll && back.hidden_lanes()[1] > 0);
    let few = self::layout(3, 0.0);
    assert_eq!((few.more.height(), few.hidden_lanes()), (0.0, [0, 0]));
}

#[test]
fn the_legend_takes_the_rows_it_needs_as_far_as_there_is_room() {
    let height = |rows: usize, height: f32| {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(780.0, height));
        let content = Content {
            legend_rows: rows,
            ..content(4)
        };
        Layout::new(rect, content, 0.0).legend.height()
    };
    assert_eq!([height(0, 430.0), height(1, 430.0)], [26.0, 26.0]);
    assert_eq!([height(2, 430.0), height(9, 430.0)], [44.0, 44.0]);
    assert_eq!([height(2, 200.0), height(3, 800.0)], [26.0, 62.0]);
}

#[test]
fn what_tcp_lost_stands_between_the_wire_and_the_lanes_in_lines_of_their_own() {
    for (height, lines) in [(430.0, 1), (600.0, 2), (768.0, 3)] {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(780.0, height));
        let content = Content {
            losses: true,
            ..content(4)
        };
        let layout = Layout::new(rect, content, 0.0);
        assert!(layout.wire[1].bottom() < layout.losses.top());
        assert!(layout.losses.bottom() < layout.connection_lane.top());
        assert_eq!(layout.zone(layout.losses.center()), Zone::Losses);
        let (signs, words) = layout.losses_lines();
        let words: Vec<Rect> = words.collect();
        assert_eq!(words.len(), lines);
        assert!(signs.bottom() <= words[0].top() && signs.height() > 13.0);
        assert!(words.last().unwrap().bottom() <= layout.losses.bottom() + 0.1);
    }
    assert_eq!(layout(4, 0.0).losses.height(), 0.0);
}

#[test]
fn a_sentence_below_the_legend_costs_no_lane_where_lanes_are_out_of_view() {
    let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(780.0, 413.0));
    let layout = |lanes, footnote| {
        let content = Content {
            lanes,
            footnote,
            ..Content::default()
        };
        Layout::new(rect, content, 0.0)
    };
    let (with, without) = (layout(20, true), layout(20, false));
    assert!(with.more.is_positive() && with.content.footnote_in_more);
    assert_eq!(with.lanes, without.lanes);
    let few = layout(2, true);
    assert!(!few.more.is_positive() && !few.content.footnote_in_more);
    assert!(few.legend.top() < layout(2, false).legend.top());
}
