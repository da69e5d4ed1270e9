//! What is worked out once for a connection and then drawn in every picture: at once where that is
//! quick, else in a thread of its own, so that no picture waits for it.

use crate::trace::{Connection, ConnectionId, Trace};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// Up to so many packets of a connection the answer comes within the same picture: some
/// milliseconds. Beyond, a person would feel the wait.
const QUICK_PACKETS: u32 = 20_000;

/// Of what an answer was made.
type Key = (ConnectionId, u32);

/// An answer about a connection, which follows the connection as it is read.
#[derive(Debug)]
pub struct Background<T> {
    done: Option<(Key, T)>,
    going: Option<(Key, Receiver<T>)>,
}

impl<T> Default for Background<T> {
    fn default() -> Self {
        Self {
            done: None,
            going: None,
        }
    }
}

impl<T: Clone> Clone for Background<T> {
    /// What is being worked out stays with the original.
    fn clone(&self) -> Self {
        Self {
            done: self.done.clone(),
            going: None,
        }
    }
}

impl<T: Send + 'static> Background<T> {
    /// Works out the answer when it is not there or the connection has grown, and takes in what a
    /// thread has found. While a capture is read the answer follows in steps: each doubling.
    pub fn follow(
        &mut self,
        ctx: &egui::Context,
        trace: &Trace,
        connection: &Connection,
        loading: bool,
        work: fn(&Trace, &Connection) -> T,
    ) {
        let packets = connection.row.packets;
        let step = if loading {
            // The last power of two that is full.
            1 << (31 - packets.max(1).leading_zeros())
        } else {
            packets
        };
        let key = (connection.id, step);
        self.receive();
        let is = |of: &Key| *of == key;
        if self.done.as_ref().is_some_and(|(of, _)| is(of))
            || self.going.as_ref().is_some_and(|(of, _)| is(of))
        {
            return;
        }
        if packets <= QUICK_PACKETS {
            self.going = None;
            self.done = Some((key, work(trace, connection)));
            return;
        }
        if self
            .done
            .as_ref()
            .is_some_and(|((of, _), _)| *of != connection.id)
        {
            self.done = None;
        }
        let (sender, receiver) = channel();
        let (trace, ctx, id) = (trace.clone(), ctx.clone(), connection.id);
        let started = std::thread::Builder::new()
            .name("wireloom waits".to_owned())
            .spawn(move || {
                if let Some(connection) = trace.connection(id) {
                    // The window may show something else by now.
                    let _ = sender.send(work(&trace, connection));
                    ctx.request_repaint();
                }
            });
        if started.is_ok() {
            self.going = Some((key, receiver));
        }
    }

    fn receive(&mut self) {
        let Some((key, receiver)) = &self.going else {
            return;
        };
        match receiver.try_recv() {
            Ok(answer) => {
                self.done = Some((*key, answer));
                self.going = None;
            }
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => self.going = None,
        }
    }

    /// The answer about a connection; perhaps one that does not know its end yet.
    pub fn get(&self, connection: ConnectionId) -> Option<&T> {
        let ((of, _), answer) = self.done.as_ref()?;
        (*of == connection).then_some(answer)
    }

    /// Whether a better answer is being worked out.
    pub fn is_working(&self) -> bool {
        self.going.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    #[test]
    fn a_small_connection_is_answered_at_once_and_only_once() {
        let world = World::of_capture("lossy.pcapng");
        let connection = world.trace.main_connection().unwrap();
        let ctx = egui::Context::default();
        let mut answer = Background::default();
        let work = |_: &Trace, connection: &Connection| connection.row.packets;
        answer.follow(&ctx, &world.trace, connection, false, work);
        assert_eq!(answer.get(connection.id), Some(&connection.row.packets));
        let never = |_: &Trace, _: &Connection| 0;
        answer.follow(&ctx, &world.trace, connection, false, never);
        assert_eq!(answer.get(connection.id), Some(&connection.row.packets));
        assert_eq!(answer.get(ConnectionId::from_index(99)), None);
        assert!(!answer.is_working());
    }

    #[test]
    fn a_large_connection_is_answered_by_a_thread() {
        let mut world = World::of_capture("lossy.pcapng");
        let id = world.connection.unwrap();
        world.trace.connections.edit(id).row.packets = QUICK_PACKETS + 1;
        let connection = world.trace.connection(id).unwrap();
        let ctx = egui::Context::default();
        let mut answer = Background::default();
        let work = |_: &Trace, connection: &Connection| connection.row.packets;
        let began = std::time::Instant::now();
        while answer.get(id).is_none() {
            answer.follow(&ctx, &world.trace, connection, false, work);
            assert!(began.elapsed().as_secs() < 30);
            std::thread::yield_now();
        }
        assert_eq!(answer.get(id), Some(&(QUICK_PACKETS + 1)));
    }
}
