//! The window: reads the trace, draws it, and answers to a person.
//!
//! Each picture has two halves. *Logic* takes batches from the loader and carries out commands; *ui*
//! reads and draws. A view gets `&` to what it reads through a [`ViewContext`] and answers with a
//! [`Command`], never by changing the app; `app` only routes.

pub mod app;
pub mod background;
pub mod command;
pub mod context;
pub mod export;
pub mod filter_bar;
pub mod filtering;
pub mod grpc;
pub mod item;
pub mod listening;
pub mod loader;
pub mod narrate;
pub mod notes;
pub mod offscreen;
mod room;
pub mod scene;
pub mod settings;
pub mod svg;
pub mod theme;
pub mod tour;
pub mod transport;
pub mod views;
pub mod widgets;
pub mod workspace;

pub use app::{Renderer, WindowError, WindowOptions, run};
pub use command::Command;
pub use context::ViewContext;
pub use item::Item;
pub use theme::Theme;
