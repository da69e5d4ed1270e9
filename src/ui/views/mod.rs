//! One folder per view. [`REGISTRY`] lists them for the menu, `wireloom render` and the tests.

pub mod bytes;
pub mod frame_list;
pub mod inspector;
pub mod loom;
pub mod stream_list;

#[cfg(test)]
pub(crate) mod testing;
