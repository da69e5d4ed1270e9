//! What views share.

pub mod format;
pub mod icon;
pub mod mark;
pub mod row_list;
pub mod switch;
pub mod terms;
pub mod time_scale;
