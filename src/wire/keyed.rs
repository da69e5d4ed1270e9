//! Hash tables keyed by what a capture holds: addresses, stream ids, header texts.
//!
//! A capture may be made to collide, so the hash depends on numbers drawn when the program starts. The standard
//! hasher does that too, but takes longer for a stream id than everything else that is done with a small frame.

use std::collections::{HashMap, HashSet};

/// A table whose keys come from a capture. Its order is another one in every run: sort before printing.
pub type KeyedMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A set whose members come from a capture.
pub type KeyedSet<K> = HashSet<K, foldhash::fast::RandomState>;

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn two_tables_hash_the_same_key_differently() {
        let (one, other) = (
            KeyedMap::<u32, ()>::default(),
            KeyedMap::<u32, ()>::default(),
        );
        let differs =
            (0..64).any(|key: u32| one.hasher().hash_one(key) != other.hasher().hash_one(key));
        assert!(differs, "the hash of a key can be known from outside");
    }
}
