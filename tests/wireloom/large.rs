use crate::made::{self, Conversation, Made};
use wireloom::dissect::read_all;
use wireloom::trace::{FrameId, Http2State, StreamState};
use wireloom::wire::http2::{
    ErrorCode, PriorityChange, PriorityTree, RstStream, StreamId, WindowUpdate,
};

#[test]
fn frames_on_a_stream_that_was_closed_long_ago_still_count() {
    let mut made = Made::new();
    let mut conversation = Conversation::begin(&mut made, 0);
    for number in 0..10_000_u32 {
        conversation.request(2 * number + 1, "/");
        conversation.response(2 * number + 1);
        conversation.send(&mut made);
    }
    for increment_bytes in [1, 2] {
        WindowUpdate { increment_bytes }.encode(&mut conversation.client.bytes, StreamId(5));
        conversation.send(&mut made);
    }
    let error = ErrorCode::CANCEL;
    RstStream { error }.encode(&mut conversation.client.bytes, StreamId(5));
    conversation
        .server
        .data(5, wireloom::wire::http2::Flags::NONE, b"late");
    conversation.send(&mut made);
    let trace = read_all(made::open(made));
    let connection = &trace.connections[0];
    let http2 = connection.http2().unwrap();
    assert_eq!(http2.streams().len(), 10_000);
    let row = http2.stream(StreamId(5)).unwrap();
    assert_eq!((row.frames, row.data_bytes), (7, [0, 9]));
    assert_eq!((row.state, row.error), (StreamState::Closed, None));
    assert_eq!(row.last_frame, FrameId::from_index(http2.frames.len() - 1));
    assert_eq!(http2.frames_of(StreamId(5)).len(), 7);
    assert_eq!(http2.stream(StreamId(7)).unwrap().frames, 3);
    // It was no opening.
    let at_the_end = Http2State::after(connection, Some(row.last_frame)).unwrap();
    assert_eq!(at_the_end.stream_state(StreamId(5)), StreamState::Closed);
    assert!(at_the_end.active_streams().is_empty());
}

#[test]
fn without_priorities_the_tree_is_the_one_that_every_opening_and_closing_makes() {
    let made = made::requests(1, 4_000, 700);
    let trace = read_all(made::open(made));
    let connection = &trace.connections[0];
    let http2 = connection.http2().unwrap();
    let mut tree = PriorityTree::default();
    let mut compared = 0;
    for (index, frame) in http2.frames.iter().enumerate() {
        let before = index.checked_sub(1).map(FrameId::from_index);
        let before = Http2State::after(connection, before)
            .unwrap()
            .stream_state(frame.stream);
        let now = Http2State::after(connection, Some(FrameId::from_index(index))).unwrap();
        let after = now.stream_state(frame.stream);
        if after.is_active() && !before.is_active() {
            tree.apply(frame.stream, PriorityChange::Open);
        } else if after == StreamState::Closed && before != after {
            tree.apply(frame.stream, PriorityChange::Close);
        }
        if index % 97 == 0 {
            assert_eq!(
                now.priority_tree().nodes(),
                tree.nodes(),
                "after frame {index}"
            );
            let children = |tree: &PriorityTree| tree.children(StreamId::CONNECTION);
            assert_eq!(
                children(&now.priority_tree()),
                children(&tree),
                "after frame {index}"
            );
            compared += 1;
        }
    }
    assert!(compared > 100);
    assert_eq!(tree.len(), PriorityTree::MAX_STREAMS);
}
