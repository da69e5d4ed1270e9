//! Wireloom shows how HTTP/2 and gRPC really travel.

pub mod wire;
