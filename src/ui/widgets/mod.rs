//! What views share.

pub mod anchor;
pub mod copy;
pub mod filtered;
pub mod findings;
pub mod format;
pub mod hatch;
pub mod icon;
pub mod mark;
pub mod row_list;
pub mod switch;
pub mod table;
pub mod terms;
pub mod time_scale;
pub mod waits;
