//! What views share.

pub mod time_scale;
