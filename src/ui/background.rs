//! What is worked out once for a connection and then drawn in every picture: at once where that is
//! quick, else in a thread of its own, so that no picture waits for it.

use crate::trace::{Connection, ConnectionId, Trace};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// Up to so many packets and frames of a connection the answer comes within the same picture: a few milliseconds. Beyond,
/// a person would feel the wait.
const QUICK_ROWS: usize = 8000;

/// The same while a capture is read, when every picture has more to do and the answer is asked for again and again.
const QUICK_ROWS_WHILE_LOADING: usize = 1000;

/// Up to so many packets and frames the answer comes within the picture.
pub fn quick_rows(loading: bool) -> usize {
    if loading {
        QUICK_ROWS_WHILE_LOADING
    } else {
        QUICK_ROWS
    }
}

/// Packets and frames of a connection.
pub fn rows_of(connection: &Connection) -> usize {
    let frames = connection.http2().map_or(0, |http2| http2.frames.len());
    frames + connection.row.packets as usize
}

/// Of what an answer was made.
type Key = (ConnectionId, u32);

fn key(connection: &Connection, loading: bool) -> Key {
    let packets = connection.row.packets;
    let step = if loading {
        // The last power of two that is full.
        1 << (31 - packets.max(1).leading_zeros())
    } else {
        packets
    };
    (connection.id, step)
}

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
        let key = key(connection, loading);
        self.receive();
        if self.is_current(connection, loading)
            || self.going.as_ref().is_some_and(|(of, _)| *of == key)
        {
            return;
        }
        if rows_of(connection) <= quick_rows(loading) {
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

    /// Whether the answer about a connection is there, as good as can be asked for now.
    pub fn is_current(&self, connection: &Connection, loading: bool) -> bool {
        let done = self.done.as_ref();
        done.is_some_and(|(of, _)| *of == key(connection, loading))
    }

    fn receive(&mut self) {
        let Some((key, receiver)) = &self.going else {
            return;
        };
        match receiver.try_recv() {
            Ok(answer) => {
                if let Some(before) = self.done.replace((*key, answer)) {
                    drop_elsewhere(before.1);
                }
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

/// An answer to a question that changes: the last one stays until there is another. There is one thread at a time, so
/// questions that change faster than they are answered are left out.
#[derive(Debug)]
pub struct Latest<K, T> {
    done: Option<(K, T)>,
    going: Option<(K, Receiver<T>)>,
}

impl<K, T> Default for Latest<K, T> {
    fn default() -> Self {
        Self {
            done: None,
            going: None,
        }
    }
}

impl<K: Clone, T: Clone> Clone for Latest<K, T> {
    /// What is being worked out stays with the original.
    fn clone(&self) -> Self {
        Self {
            done: self.done.clone(),
            going: None,
        }
    }
}

impl<K: Clone + PartialEq, T: Send + 'static> Latest<K, T> {
    /// Takes in what a thread has found, and asks anew when the question is another: at once where that is `quick`.
    /// `work` copies what the answer needs, and gives what finds it.
    pub fn follow<W>(&mut self, ctx: &egui::Context, key: K, quick: bool, work: impl FnOnce() -> W)
    where
        W: FnOnce() -> T + Send + 'static,
    {
        if let Some((of, receiver)) = &self.going {
            match receiver.try_recv() {
                Ok(answer) => {
                    if let Some(before) = self.done.replace((of.clone(), answer)) {
                        drop_elsewhere(before.1);
                    }
                    self.going = None;
                }
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => self.going = None,
            }
        }
        if self.done.as_ref().is_some_and(|(of, _)| *of == key) {
            return;
        }
        if quick {
            self.going = None;
            self.done = Some((key, work()()));
            return;
        }
        if self.going.is_some() {
            return;
        }
        let (sender, receiver) = channel();
        let (ctx, work) = (ctx.clone(), work());
        let started = std::thread::Builder::new()
            .name("wireloom lists".to_owned())
            .spawn(move || {
                // The window may ask for something else by now.
                let _ = sender.send(work());
                ctx.request_repaint();
            });
        if started.is_ok() {
            self.going = Some((key, receiver));
        }
    }

    /// The last answer, perhaps to the question before, with the question.
    pub fn get(&self) -> Option<(&K, &T)> {
        self.done.as_ref().map(|(key, answer)| (key, answer))
    }
}

/// Gives up something of very many parts without the picture waiting until all of them are.
pub fn drop_elsewhere<T: Send + 'static>(value: T) {
    // Where no thread can be started it is dropped here.
    let _ = std::thread::Builder::new()
        .name("wireloom cleaner".to_owned())
        .spawn(move || drop(value));
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
        world.trace.connections.edit(id).row.packets = QUICK_ROWS as u32 + 1;
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
        assert_eq!(answer.get(id), Some(&(QUICK_ROWS as u32 + 1)));
    }

    #[test]
    fn the_newest_question_is_answered_and_the_answer_before_stays_until_then() {
        let ctx = egui::Context::default();
        let mut latest = Latest::default();
        latest.follow(&ctx, 1, true, || || 10);
        assert_eq!(latest.get(), Some((&1, &10)));
        let (go, wait) = channel::<()>();
        latest.follow(&ctx, 2, false, || {
            move || {
                wait.recv().unwrap();
                20
            }
        });
        assert_eq!(latest.get(), Some((&1, &10)));
        // Asked while another question is being answered: it waits its turn.
        let not_yet: fn() -> fn() -> i32 = || unreachable!("there is one thread at a time");
        latest.follow(&ctx, 3, false, not_yet);
        go.send(()).unwrap();
        let began = std::time::Instant::now();
        while latest.get() != Some((&3, &30)) {
            latest.follow(&ctx, 3, false, || || 30);
            assert!(began.elapsed().as_secs() < 30);
            std::thread::yield_now();
        }
    }
}
