//! What a user would see, through the program itself. One binary, so that it is linked once.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail like the tests do"
)]

/// gRPC calls and their messages, against what Python's libraries found.
#[path = "wireloom/calls.rs"]
mod calls;
/// The captures that ship with the program, against the facts that other readers found in them.
#[path = "wireloom/captures.rs"]
mod captures;
/// What the commands print and how they end.
#[path = "wireloom/commands.rs"]
mod commands;
/// Schemas in editions, against what Python's protobuf reads by them.
#[path = "wireloom/editions.rs"]
mod editions;
/// Two versions of a schema, and the types that are built in.
#[path = "wireloom/evolution.rs"]
mod evolution;
/// Parts of a capture as captures of their own.
#[path = "wireloom/export.rs"]
mod export;
/// Programs that tests write, such as a helper that only pretends to listen.
#[cfg(all(feature = "gui", unix))]
#[path = "wireloom/fake_program.rs"]
mod fake_program;
/// Views follow the cursor, and the cursor the end of what grows.
#[cfg(feature = "gui")]
#[path = "wireloom/following.rs"]
mod following;
/// gRPC calls, against what the programs that made them wrote down.
#[path = "wireloom/grpc_logged.rs"]
mod grpc_logged;
/// Values of gRPC messages, against what Python's protobuf decodes.
#[path = "wireloom/grpc_values.rs"]
mod grpc_values;
/// gRPC in the window, against the commands.
#[cfg(feature = "gui")]
#[path = "wireloom/grpc_views.rs"]
mod grpc_views;
/// The guide of the first minute.
#[cfg(feature = "gui")]
#[path = "wireloom/guide.rs"]
mod guide;
/// Broken, cut and hostile input: nothing may panic, hang or exhaust memory.
#[path = "wireloom/hostile.rs"]
mod hostile;
/// Exchanges of HTTP/1.1: what the commands say of them, against other readers and the programs themselves.
#[path = "wireloom/http1.rs"]
mod http1;
/// HTTP/1.1 in the window.
#[cfg(feature = "gui")]
#[path = "wireloom/http1_views.rs"]
mod http1_views;
/// Names for screen readers, and the way of the keyboard through the window.
#[cfg(feature = "gui")]
#[path = "wireloom/keyboard.rs"]
mod keyboard;
/// What a capture with many connections, streams and frames costs, and that nothing is lost by being sparing.
#[path = "wireloom/large.rs"]
mod large;
/// Live traffic: a helper records it, and the window and the command line show that.
#[cfg(all(feature = "gui", unix))]
#[path = "wireloom/listening.rs"]
mod listening;
/// What a hand does in the loom.
#[cfg(feature = "gui")]
#[path = "wireloom/loom.rs"]
mod loom;
/// Captures made in memory.
#[path = "wireloom/made.rs"]
mod made;
/// Menus in a window that is too low for them.
#[cfg(feature = "gui")]
#[path = "wireloom/menus.rs"]
mod menus;
/// What people wrote about a capture.
#[path = "wireloom/notes.rs"]
mod notes;
/// Notes in the window.
#[cfg(feature = "gui")]
#[path = "wireloom/noting.rs"]
mod noting;
/// The palette and the list of keys.
#[cfg(feature = "gui")]
#[path = "wireloom/palette.rs"]
mod palette;
/// What the views draw and say at an instant.
#[cfg(feature = "gui")]
#[path = "wireloom/pictures.rs"]
mod pictures;
/// Presenter mode: one view alone, a clicker's keys, and everything back as it was.
#[cfg(feature = "gui")]
#[path = "wireloom/presenter.rs"]
mod presenter;
/// Running the program.
#[path = "wireloom/program.rs"]
mod program;
/// Protobuf, against what Python's protobuf reads.
#[path = "wireloom/protobuf.rs"]
mod protobuf;
/// How often the readings without a schema are right.
#[path = "wireloom/readings.rs"]
mod readings;
/// The rooms of the house: arrows between them go down only.
#[path = "wireloom/rooms.rs"]
mod rooms;
/// What breaks a rule or hurts.
#[path = "wireloom/rules.rs"]
mod rules;
/// The window, clicked by the names that a screen reader reads.
#[cfg(feature = "gui")]
#[path = "wireloom/screens.rs"]
mod screens;
/// The state after a frame, against replay from the start by a second implementation.
#[path = "wireloom/state.rs"]
mod state;
/// What streams carried, when, and what they waited for.
#[path = "wireloom/streams.rs"]
mod streams;
/// What TCP did: marks, holes, and the way from bytes to their owners and back.
#[path = "wireloom/tcp.rs"]
mod tcp;
/// The views that show HPACK, flow control, priorities, the ladder and the layers, in the window.
#[cfg(feature = "gui")]
#[path = "wireloom/views.rs"]
mod views;
/// The panes: opened, closed, arranged, explained.
#[cfg(feature = "gui")]
#[path = "wireloom/workspace.rs"]
mod workspace;
