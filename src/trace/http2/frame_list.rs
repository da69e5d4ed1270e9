//! The frames of one stream.

use crate::trace::ids::FrameId;
use crate::trace::log::Log;
use std::sync::Arc;

/// How many frames lie in the list itself: a request and its answer have about as many, and the list takes 24 bytes.
const FEW: usize = 5;

/// The frames that name a stream, in order. There is one for each stream.
#[derive(Clone, Debug)]
pub struct FrameList(Frames);

#[derive(Clone, Debug)]
enum Frames {
    /// The first places, in order, are taken.
    Few([Option<FrameId>; FEW]),
    /// Shared with copies of the trace until it grows.
    Many(Arc<Log<FrameId>>),
}

const _: () = assert!(size_of::<FrameList>() == 24);

impl Default for FrameList {
    fn default() -> Self {
        Self(Frames::Few([None; FEW]))
    }
}

impl FrameList {
    /// Number of frames.
    pub fn len(&self) -> usize {
        match &self.0 {
            Frames::Few(frames) => frames.iter().flatten().count(),
            Frames::Many(frames) => frames.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.get(0).is_none()
    }

    /// The frame at a position, counting from 0.
    pub fn get(&self, index: usize) -> Option<&FrameId> {
        match &self.0 {
            Frames::Few(frames) => frames.get(index)?.as_ref(),
            Frames::Many(frames) => frames.get(index),
        }
    }

    /// The last one.
    pub fn last(&self) -> Option<&FrameId> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &FrameId> + ExactSizeIterator {
        self.range(0..self.len())
    }

    /// Those at positions in `range`, cut to what exists.
    pub fn range(
        &self,
        range: std::ops::Range<usize>,
    ) -> impl DoubleEndedIterator<Item = &FrameId> + ExactSizeIterator {
        let end = range.end.min(self.len());
        (range.start.min(end)..end).map(|index| &self[index])
    }

    /// The first position for which `before` is false, given that it is true for the beginning of the list and
    /// false for the rest.
    pub fn partition_point(&self, mut before: impl FnMut(&FrameId) -> bool) -> usize {
        match &self.0 {
            Frames::Few(frames) => frames.iter().flatten().take_while(|id| before(id)).count(),
            Frames::Many(frames) => frames.partition_point(before),
        }
    }

    /// Appends a frame.
    pub(super) fn push(&mut self, id: FrameId) {
        match &mut self.0 {
            Frames::Few(frames) => match frames.iter_mut().find(|place| place.is_none()) {
                Some(place) => *place = Some(id),
                None => {
                    let mut many = Log::default();
                    many.extend(frames.iter().copied().flatten());
                    many.push(id);
                    self.0 = Frames::Many(Arc::new(many));
                }
            },
            Frames::Many(frames) => Arc::make_mut(frames).push(id),
        }
    }

    /// Bytes of memory beside the list itself.
    pub fn memory_bytes(&self) -> usize {
        match &self.0 {
            Frames::Few(_) => 0,
            Frames::Many(frames) => size_of::<Log<FrameId>>() + frames.memory_bytes(),
        }
    }
}

impl std::ops::Index<usize> for FrameList {
    type Output = FrameId;

    /// # Panics
    ///
    /// Beyond the end: positions come from the trace itself, never from a capture's bytes.
    fn index(&self, index: usize) -> &FrameId {
        match &self.0 {
            Frames::Few(frames) => frames[index].as_ref().unwrap_or(&FrameId::FIRST),
            Frames::Many(frames) => &frames[index],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_the_same_below_and_above_a_few_frames() {
        let mut list = FrameList::default();
        assert!(list.is_empty());
        assert_eq!(list.last(), None);
        for count in 1..=2 * FEW {
            list.push(FrameId::from_index(10 * count));
            assert_eq!(list.len(), count);
            assert_eq!(list.last(), Some(&FrameId::from_index(10 * count)));
            let indexes: Vec<usize> = list.iter().map(|id| id.index()).collect();
            let expected: Vec<usize> = (1..=count).map(|number| 10 * number).collect();
            assert_eq!(indexes, expected);
            assert_eq!(list.get(count), None);
            assert_eq!(list.range(1..99).len(), count - 1);
            assert_eq!(list.partition_point(|id| id.index() < 25), count.min(2));
            assert_eq!(list.partition_point(|_| true), count);
        }
    }
}
