//! Live traffic: a helper program listens on an interface, and what it hears is written to a file that is read as it grows.
//!
//! Wireloom itself never asks for the right to listen. The [`Helper`] has it: `wireloom-capture`, which lies beside the
//! program, or `dumpcap` or `tcpdump` where that is missing. [`Listening`] is such a helper at work. Its recording is an
//! ordinary capture file from its first byte on, so nothing is lost when the window closes, and reading it is
//! [`Capture::follow`](super::Capture::follow).
//!
//! | module | what it answers |
//! | --- | --- |
//! | [`wanted`](Wanted) | where to listen, and for what |
//! | [`helper`](Helper) | which program listens, and on what it could |
//! | [`recording`](Listening) | the helper at work, its beginning and its end |
//! | [`trouble`](ListenError) | why it does not work, and what to do |

mod helper;
mod recording;
mod trouble;
mod wanted;

pub use helper::{Helper, Listed};
pub use recording::{Listening, News};
pub use trouble::ListenError;
pub use wanted::{BadInterface, InterfaceName, Wanted, filter_of};

#[cfg(test)]
#[cfg(unix)]
mod tests;
