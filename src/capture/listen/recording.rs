//! A helper at work: it is started, watched over, and stopped.

use super::{Helper, InterfaceName, ListenError, Wanted};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it is looked whether the helper still runs: nobody notices a quarter of a second, and looking costs one
/// call of the system.
const LOOK: Duration = Duration::from_millis(250);

/// The same while something is about to happen: it begins, or was asked to end.
const LOOK_CLOSELY: Duration = Duration::from_millis(15);

/// How long a helper that was asked to end may take. `wireloom-capture` needs a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the last words of a helper that has ended are waited for: something that it started may still hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// What is kept of a helper's words, in bytes.
const MAX_WORDS_LEN: usize = 4096;

/// What becomes of listening.
#[derive(Debug)]
pub enum News {
    /// The helper listens: the recording has begun.
    Begun,
    /// It has ended: because it was asked to, or because of an error. What was recorded is there.
    Ended(Result<(), ListenError>),
}

/// A helper at work. Dropping it ends the helper; the recording stays.
#[derive(Debug)]
pub struct Listening {
    interface: InterfaceName,
    filter: Option<Box<str>>,
    file: PathBuf,
    news: Receiver<News>,
    /// Without it the helper is asked to end.
    goes_on: Option<Sender<()>>,
    watching: Option<JoinHandle<()>>,
}

impl Listening {
    /// Makes the file of the recording, and starts the helper. `wake` is called with each of the news.
    ///
    /// # Errors
    ///
    /// When there is a file of that name already or none can be made, or when the helper cannot be run. Whatever else
    /// goes wrong is news.
    pub fn start(
        helper: &Helper,
        wanted: &Wanted,
        wake: impl Fn() + Send + 'static,
    ) -> Result<Self, ListenError> {
        let path = &wanted.file;
        let file = new_file(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ListenError::Exists { path: path.clone() },
            _ => ListenError::File {
                path: path.clone(),
                error,
            },
        })?;
        match Self::run(helper, wanted, file, wake) {
            Ok(listening) => Ok(listening),
            Err(error) => {
                remove_if_empty(path);
                Err(error)
            }
        }
    }

    fn run(
        helper: &Helper,
        wanted: &Wanted,
        file: File,
        wake: impl Fn() + Send + 'static,
    ) -> Result<Self, ListenError> {
        let mut command = helper.listen(&wanted.interface, wanted.filter.as_deref());
        // A helper that does not notice when this program dies writes into a pipe, which breaks then.
        let (output, through_pipe) = match helper.ends_with_input() {
            true => (Stdio::from(file), None),
            false => (Stdio::piped(), Some(file)),
        };
        let mut child = (command.stdin(Stdio::piped()).stdout(output))
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| ListenError::NotStarted {
                program: helper.program().to_owned(),
                error,
            })?;
        let words = words_of(&mut child).map_err(ListenError::Thread);
        let copying = copy(&mut child, through_pipe).map_err(ListenError::Thread);
        let (words, copying) = match (words, copying) {
            (Ok(words), Ok(copying)) => (words, copying),
            (Err(error), _) | (_, Err(error)) => {
                end(&mut child);
                return Err(error);
            }
        };
        let (teller, news) = channel();
        let (goes_on, orders) = channel();
        let watch = Watch {
            input: child.stdin.take(),
            child,
            helper: helper.clone(),
            interface: wanted.interface.clone(),
            file: wanted.file.clone(),
            words,
            copying,
            orders,
            tell: Box::new(move |told| {
                // Whoever has dropped it does not want to know.
                let _ = teller.send(told);
                wake();
            }),
        };
        let watching = std::thread::Builder::new()
            .name("wireloom listening".to_owned())
            .spawn(move || watch.run())
            .map_err(ListenError::Thread)?;
        Ok(Self {
            interface: wanted.interface.clone(),
            filter: wanted.filter.clone(),
            file: wanted.file.clone(),
            news,
            goes_on: Some(goes_on),
            watching: Some(watching),
        })
    }

    /// Where it listens.
    pub fn interface(&self) -> &InterfaceName {
        &self.interface
    }

    /// For what it listens; `None` is everything.
    pub fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// The recording.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Asks the helper to end. That it has is news.
    pub fn stop(&mut self) {
        self.goes_on = None;
    }

    /// Whether the helper was asked to end.
    pub fn is_stopping(&self) -> bool {
        self.goes_on.is_none()
    }

    /// What has happened, if anything. After [`News::Ended`] there is nothing more.
    pub fn receive(&mut self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// Waits until the helper listens.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub fn wait_begun(&mut self) -> Result<(), ListenError> {
        match self.news.recv() {
            Ok(News::Begun | News::Ended(Ok(()))) | Err(_) => Ok(()),
            Ok(News::Ended(Err(error))) => Err(error),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop();
        if let Some(watching) = self.watching.take() {
            // Ends within PATIENCE.
            let _ = watching.join();
        }
    }
}

/// The watching thread's side.
struct Watch {
    child: Child,
    /// The helper ends when this does.
    input: Option<ChildStdin>,
    helper: Helper,
    interface: InterfaceName,
    file: PathBuf,
    words: Receiver<Vec<u8>>,
    copying: Option<JoinHandle<io::Result<()>>>,
    orders: Receiver<()>,
    tell: Box<dyn Fn(News) + Send>,
}

impl Watch {
    fn run(mut self) {
        let mut begun = false;
        let mut asked: Option<Instant> = None;
        let mut killed = false;
        let success = loop {
            let ended = self.child.try_wait();
            if !begun && len_of(&self.file) > 0 {
                begun = true;
                (self.tell)(News::Begun);
            }
            match ended {
                Ok(Some(status)) => break status.success(),
                Ok(None) => {}
                Err(_) => break false,
            }
            let patience = match begun && asked.is_none() {
                true => LOOK,
                false => LOOK_CLOSELY,
            };
            if let Some(asked) = asked {
                std::thread::sleep(patience);
                if asked.elapsed() > PATIENCE && !killed {
                    killed = true;
                    end(&mut self.child);
                }
                continue;
            }
            if self.orders.recv_timeout(patience) == Err(RecvTimeoutError::Disconnected) {
                asked = Some(Instant::now());
                self.input = None;
                if !self.helper.ends_with_input() {
                    killed = true;
                    end(&mut self.child);
                }
            }
        };
        // Nobody starts more through it.
        self.input = None;
        let copied = self.copying.take().map(JoinHandle::join);
        let result = match copied {
            Some(Ok(Err(error))) => Err(ListenError::File {
                path: self.file.clone(),
                error,
            }),
            _ if asked.is_some() || (success && begun) => Ok(()),
            _ => {
                let said = last_words(&self.words);
                let interface = Some(&self.interface);
                Err(ListenError::of_words(
                    &said,
                    self.helper.program(),
                    interface,
                ))
            }
        };
        remove_if_empty(&self.file);
        (self.tell)(News::Ended(result));
    }
}

/// Makes a file that is not there yet. What passes an interface is nobody else's business.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// A recording into which nothing was ever written is none.
fn remove_if_empty(path: &Path) {
    if std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == 0) {
        // It is as well if it stays.
        let _ = std::fs::remove_file(path);
    }
}

fn len_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Ends a helper that does not end by itself.
fn end(child: &mut Child) {
    // It has ended already, or nobody can end it.
    let _ = child.kill();
}

/// Collects what the helper says on its standard error.
fn words_of(child: &mut Child) -> io::Result<Receiver<Vec<u8>>> {
    let (sender, words) = channel();
    if let Some(mut said) = child.stderr.take() {
        let listen = move || {
            let mut chunk = [0; 1024];
            let mut room = MAX_WORDS_LEN;
            // Read on without keeping it, so that the helper does not wait.
            while let Ok(read @ 1..) = said.read(&mut chunk) {
                let kept = chunk.get(..read.min(room)).unwrap_or_default();
                room -= kept.len();
                if !kept.is_empty() && sender.send(kept.to_vec()).is_err() {
                    break;
                }
            }
        };
        let builder = std::thread::Builder::new().name("wireloom helper's words".to_owned());
        builder.spawn(listen)?;
    }
    Ok(words)
}

fn last_words(words: &Receiver<Vec<u8>>) -> Vec<u8> {
    let deadline = Instant::now() + LAST_WORDS;
    let mut all = Vec::new();
    while let Ok(said) = words.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        all.extend(said);
    }
    all
}

/// Writes what comes from the helper's standard output into the file.
fn copy(child: &mut Child, file: Option<File>) -> io::Result<Option<JoinHandle<io::Result<()>>>> {
    let (Some(mut file), Some(mut output)) = (file, child.stdout.take()) else {
        return Ok(None);
    };
    let builder = std::thread::Builder::new().name("wireloom recording".to_owned());
    let copying = builder.spawn(move || io::copy(&mut output, &mut file).map(drop))?;
    Ok(Some(copying))
}
