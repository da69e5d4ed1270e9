//! One folder per view. [`Pane::ALL`](super::app::panes::Pane::ALL) lists them for
//! the window, `wireloom render` and the tests.

pub mod bytes;
pub mod flow;
pub mod frame_list;
pub mod hpack;
pub mod inspector;
pub mod loom;
pub mod stream_list;

#[cfg(test)]
pub(crate) mod testing;
