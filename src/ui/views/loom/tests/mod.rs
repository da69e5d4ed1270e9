//! The loom as a whole: what it draws from, how its window moves, and what a hand does.

mod frames;
mod hands;
mod moving;

use super::test_trace::{Sent, client, server};
use crate::trace::{Cursor, Trace};
use crate::ui::theme::ThemeChoice;
use crate::ui::{Item, Theme, ViewContext};
use crate::wire::http2::{Flags, FrameKind};
use std::cell::{Cell, RefCell};

/// What a context borrows.
struct Owned {
    trace: Trace,
    theme: Theme,
    next_hovered: Cell<Option<Item>>,
    commands: RefCell<Vec<crate::ui::Command>>,
    grpc: crate::ui::grpc::Grpc,
}

impl Owned {
    fn new(trace: Trace) -> Self {
        Self {
            trace,
            theme: Theme::new(ThemeChoice::Dark),
            next_hovered: Cell::new(None),
            commands: RefCell::default(),
            grpc: crate::ui::grpc::Grpc::default(),
        }
    }

    fn context(&self) -> ViewContext<'_> {
        ViewContext {
            trace: &self.trace,
            connection: self.trace.main_connection(),
            cursor: Cursor::end_of(&self.trace),
            running_ns: 0,
            selection: None,
            hovered: None,
            theme: &self.theme,
            matches: None,
            grpc: &self.grpc,
            notes: crate::ui::notes::Board::none(),
            loading: false,
            next_hovered: &self.next_hovered,
            commands: &self.commands,
        }
    }
}

/// A page: settings, a request, its response.
fn page() -> Vec<Sent> {
    vec![
        client(0, 0, FrameKind::SETTINGS, 18),
        client(0, 1, FrameKind::HEADERS, 40),
        server(2_000_000, 0, FrameKind::SETTINGS, 0),
        server(2_000_000, 1, FrameKind::HEADERS, 30),
        server(2_000_000, 1, FrameKind::DATA, 16_384),
        Sent {
            flags: Flags::END_STREAM,
            ..server(4_000_000, 1, FrameKind::DATA, 900)
        },
    ]
}
