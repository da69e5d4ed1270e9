//! How many frames a picture has time to take in, for what is added up from picture to picture.

/// Where nothing else is new: about a millisecond.
pub const FRAMES_PER_PICTURE: usize = 12_000;

/// While a capture is read all else in a picture costs more, since it is new.
const WHILE_READING: usize = FRAMES_PER_PICTURE / 2;

/// In the first pictures meanwhile the views come, and lay out all their texts: frames wait.
const AT_FIRST: usize = 1_000;
const PICTURES_AT_FIRST: u8 = 8;

/// The room of one picture after the other, from the first of a connection on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Room {
    /// Pictures so far, as far as they are counted.
    pictures: u8,
}

impl Room {
    /// Frames that the next picture may take in.
    pub fn of_next(&mut self, loading: bool) -> usize {
        let at_first = self.pictures < PICTURES_AT_FIRST;
        self.pictures = self.pictures.saturating_add(1);
        match (loading, at_first) {
            (true, true) => AT_FIRST,
            (true, false) => WHILE_READING,
            (false, _) => FRAMES_PER_PICTURE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_a_capture_is_read_there_is_less_room_and_least_at_first() {
        let mut room = Room::default();
        let reading: Vec<usize> = (0..10).map(|_| room.of_next(true)).collect();
        assert_eq!(reading[..8], [1_000; 8]);
        assert_eq!(reading[8..], [6_000; 2]);
        assert_eq!(room.of_next(false), 12_000);
        assert_eq!(Room::default().of_next(false), 12_000);
        // The count ends and does not begin again.
        (0..1_000).for_each(|_| assert!(room.of_next(true) == 6_000));
    }
}
