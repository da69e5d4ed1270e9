//! What views share: how numbers are written, how long lists scroll.

pub mod format;
pub mod icon;
pub mod mark;
pub mod row_list;
pub mod terms;
