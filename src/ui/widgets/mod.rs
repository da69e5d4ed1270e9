//! What views share.

pub mod anchor;
pub mod axis;
pub mod copy;
pub mod explained;
pub mod filtered;
pub mod findings;
pub mod focus;
pub mod following;
pub mod format;
pub mod grpc_status;
pub mod hatch;
pub mod icon;
pub mod mark;
pub mod protobuf;
pub mod row_list;
pub mod switch;
pub mod table;
pub mod terms;
pub mod time_scale;
pub mod waits;
