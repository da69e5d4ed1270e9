//! Captures from an interface and writes pcapng to standard output, nothing else.
//!
//! A program of its own because it is the only one that needs libpcap and rights to capture; what reads captures
//! needs neither. `wireloom-capture -i lo | wireloom -` looks at live traffic.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use wireloom::capture::pcapng_writer::PcapngWriter;
use wireloom::capture::{Interface, LinkType, Section, Statistics};

/// How long a quiet interface is waited for before looking whether to stop. Our choice: nobody notices a tenth of a
/// second.
const WAIT: Duration = Duration::from_millis(100);

/// How long packets that have passed before the end are waited for: twice what the system packs at once.
const LAST: Duration = Duration::from_millis(40);

/// Packets that are taken from libpcap at once, when so many are there; then they are handed on.
const BATCH: usize = 256;

/// How long packets may wait in the system for others, in milliseconds. Our choice: nobody notices, and the system then
/// packs them tightly: handed on one by one, each takes the room of the largest, so that a burst on the loopback interface is lost.
#[cfg(target_os = "linux")]
const PACKING_MS: i32 = 20;

/// Room for packets that wait in the system, in bytes. Our choice: about a tenth of a second at 1 Gbit/s.
const SYSTEM_BUFFER_LEN: i32 = 16 * 1024 * 1024;

/// Capture from an interface and write pcapng to standard output.
#[derive(Parser)]
#[command(name = "wireloom-capture", version)]
struct Arguments {
    /// Interface to capture from.
    #[arg(short, long, required_unless_present = "list")]
    interface: Option<String>,
    /// Capture filter in the language of tcpdump, such as "tcp port 443".
    #[arg(short, long)]
    filter: Option<String>,
    /// Cut packets to this many bytes.
    #[arg(short, long, default_value_t = 262_144, value_parser = clap::value_parser!(i32).range(1..=262_144))]
    snaplen: i32,
    /// Stop after this many packets.
    #[arg(short, long)]
    count: Option<u64>,
    /// Stop after this many seconds.
    #[arg(long)]
    duration: Option<f64>,
    /// Also capture what is addressed to other machines.
    #[arg(long)]
    promiscuous: bool,
    /// Do not capture what is addressed to other machines (this is the default; accepted for those used to tcpdump).
    #[arg(short = 'p', long = "no-promiscuous", conflicts_with = "promiscuous")]
    no_promiscuous: bool,
    /// Also stop when standard input ends, because whoever has started this is gone.
    #[arg(long)]
    until_input_ends: bool,
    /// List the interfaces and stop.
    #[arg(short = 'D', long)]
    list: bool,
}

/// Why capturing is not possible. One plain sentence.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{interface}: capturing is not permitted; {}", permit())]
    NotPermitted { interface: String },
    #[error("{interface}: there is no such interface; wireloom-capture -D lists them")]
    NoInterface { interface: String },
    #[error("{interface}: the interface is down; bring it up first")]
    Down { interface: String },
    #[error("{filter:?} is not a capture filter: {error}")]
    Filter { filter: String, error: pcap::Error },
    #[error("the interfaces cannot be listed: {error}")]
    List { error: pcap::Error },
    #[error("{interface}: capturing failed: {error}")]
    Capture {
        interface: String,
        error: pcap::Error,
    },
    #[error("standard output cannot be written: {0}")]
    Output(io::Error),
    #[error("--duration takes a number of seconds above zero")]
    Duration,
    #[error("the signals that stop a capture cannot be caught: {0}")]
    Signals(ctrlc::Error),
    #[error("no thread could be started to watch standard input: {0}")]
    Thread(io::Error),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read has seen enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("wireloom-capture: {failure}");
            match failure {
                Failure::Duration | Failure::Filter { .. } => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.list {
        return list();
    }
    let deadline = match arguments.duration.map(Duration::try_from_secs_f64) {
        None => None,
        Some(Ok(duration)) if !duration.is_zero() => Instant::now().checked_add(duration),
        Some(_) => return Err(Failure::Duration),
    };
    let interface = arguments.interface.as_deref().unwrap_or_default();
    let mut capture = open(arguments, interface)?;
    give_up_rights();
    let stop = Arc::new(AtomicBool::new(false));
    let stop_on_signal = Arc::clone(&stop);
    ctrlc::set_handler(move || stop_on_signal.store(true, Ordering::Relaxed))
        .map_err(Failure::Signals)?;
    if arguments.until_input_ends {
        stop_with_input(Arc::clone(&stop)).map_err(Failure::Thread)?;
    }

    let output = BufWriter::with_capacity(256 * 1024, output().map_err(Failure::Output)?);
    let mut writer = begin(arguments, interface, &capture, output).map_err(Failure::Output)?;
    let mut left = arguments.count.unwrap_or(u64::MAX);
    while left > 0
        && !stop.load(Ordering::Relaxed)
        && deadline.is_none_or(|deadline| Instant::now() < deadline)
    {
        let taken = take(&mut capture, &mut writer, interface, left)?;
        left = left.saturating_sub(taken);
        if taken == 0 && wait(&capture) == Waited::ReaderGone {
            return Ok(());
        }
    }
    // What has passed before the end may still wait in the system.
    std::thread::sleep(LAST);
    let deadline = Instant::now() + LAST;
    while left > 0 && Instant::now() < deadline {
        let taken = take(&mut capture, &mut writer, interface, left)?;
        if taken == 0 {
            break;
        }
        left = left.saturating_sub(taken);
    }
    end(&mut writer, &mut capture).map_err(Failure::Output)
}

/// Writes the packets that are there, a batch at most and no more than `left`. Returns how many.
fn take<W: Write>(
    capture: &mut pcap::Capture<pcap::Active>,
    writer: &mut PcapngWriter<W>,
    interface: &str,
    left: u64,
) -> Result<u64, Failure> {
    let batch = usize::try_from(left).unwrap_or(BATCH).min(BATCH);
    let mut written = Ok(());
    let taken = capture
        .dispatch(Some(batch), |packet| {
            if written.is_ok() {
                let ts = packet.header.ts;
                let time_ns = time_ns(ts.tv_sec, ts.tv_usec);
                written = writer.packet(0, time_ns, packet.header.len, packet.data, None);
            }
        })
        .map_err(|error| failure(error, interface))?;
    written.map_err(Failure::Output)?;
    if taken > 0 {
        writer.flush().map_err(Failure::Output)?;
    }
    Ok(taken as u64)
}

/// Sets `stop` when there is no more to read from standard input. What is read means nothing.
fn stop_with_input(stop: Arc<AtomicBool>) -> io::Result<()> {
    let watch = move || {
        // An input that cannot be read has ended too.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        stop.store(true, Ordering::Relaxed);
    };
    let builder = std::thread::Builder::new().name("input".to_owned());
    builder.spawn(watch).map(drop)
}

/// Opens the interface and sets the filter.
fn open(arguments: &Arguments, interface: &str) -> Result<pcap::Capture<pcap::Active>, Failure> {
    let fails = |error| failure(error, interface);
    let inactive = pcap::Capture::from_device(interface)
        .map_err(fails)?
        .promisc(arguments.promiscuous)
        .snaplen(arguments.snaplen)
        .buffer_size(SYSTEM_BUFFER_LEN);
    // Elsewhere nanoseconds may be refused, and libpcap's wrapper does not say whether they were.
    #[cfg(target_os = "linux")]
    let inactive = inactive
        .precision(pcap::Precision::Nano)
        .timeout(PACKING_MS);
    #[cfg(not(target_os = "linux"))]
    let inactive = inactive.immediate_mode(true);
    let mut capture = inactive
        .open()
        .map_err(fails)?
        .setnonblock()
        .map_err(fails)?;
    if let Some(filter) = &arguments.filter {
        capture
            .filter(filter, true)
            .map_err(|error| Failure::Filter {
                filter: filter.clone(),
                error,
            })?;
    }
    Ok(capture)
}

/// Writes the headers of the section and of the interface.
fn begin<W: Write>(
    arguments: &Arguments,
    interface: &str,
    capture: &pcap::Capture<pcap::Active>,
    output: W,
) -> io::Result<PcapngWriter<W>> {
    let section = Section {
        operating_system: Some(std::env::consts::OS.into()),
        application: Some(concat!("wireloom-capture ", env!("CARGO_PKG_VERSION")).into()),
        ..Section::default()
    };
    let mut writer = PcapngWriter::new(output, &section)?;
    writer.interface(&Interface {
        number: 0,
        section: 0,
        link_type: LinkType::from_dlt(capture.get_datalink().0),
        snapshot_len: u32::try_from(arguments.snaplen).ok(),
        fcs_len: 0,
        name: Some(interface.into()),
        description: None,
        filter: arguments.filter.as_deref().map(Into::into),
        comment: None,
    })?;
    writer.flush()?;
    Ok(writer)
}

/// Writes what was counted.
fn end<W: Write>(
    writer: &mut PcapngWriter<W>,
    capture: &mut pcap::Capture<pcap::Active>,
) -> io::Result<()> {
    if let Ok(counted) = capture.stats() {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        writer.statistics(
            i64::try_from(now.as_nanos()).unwrap_or(i64::MAX),
            &Statistics {
                interface: 0,
                received: Some(counted.received.into()),
                dropped: Some(counted.if_dropped.into()),
                accepted: None,
                dropped_by_system: Some(counted.dropped.into()),
            },
        )?;
    }
    writer.flush()
}

/// A time as libpcap gives it; the fields have other widths elsewhere.
fn time_ns(seconds: impl Into<i64>, fraction: impl Into<i64>) -> i64 {
    let unit = if cfg!(target_os = "linux") { 1 } else { 1_000 };
    seconds
        .into()
        .saturating_mul(1_000_000_000)
        .saturating_add(fraction.into().saturating_mul(unit))
}

fn list() -> Result<(), Failure> {
    let devices = pcap::Device::list().map_err(|error| Failure::List { error })?;
    let mut output = io::stdout().lock();
    for device in devices {
        let about = about(&device).join(", ");
        writeln!(output, "{}\t{about}", device.name).map_err(Failure::Output)?;
    }
    output.flush().map_err(Failure::Output)
}

/// What there is to say about an interface: its description, what it is, whether it is in use, its addresses.
fn about(device: &pcap::Device) -> Vec<String> {
    let flags = &device.flags;
    let description = device.desc.iter().cloned();
    let words = [
        (flags.is_loopback(), "loopback"),
        (flags.is_wireless(), "wireless"),
        (!flags.is_up(), "down"),
    ];
    let words = words.into_iter().filter(|(is, _)| *is);
    let addresses = device.addresses.iter().map(|of| of.addr.to_string());
    description
        .chain(words.map(|(_, word)| word.to_owned()))
        .chain(addresses)
        .collect()
}

/// What libpcap says, in our words where we have better ones. It gives text, not codes.
fn failure(error: pcap::Error, interface: &str) -> Failure {
    let interface = interface.to_owned();
    let text = error.to_string().to_lowercase();
    if text.contains("permission") || text.contains("not permitted") {
        Failure::NotPermitted { interface }
    } else if text.contains("no such device") {
        Failure::NoInterface { interface }
    } else if text.contains("not up") || text.contains("is down") {
        Failure::Down { interface }
    } else {
        Failure::Capture { interface, error }
    }
}

/// How to get the right to capture.
fn permit() -> String {
    if cfg!(target_os = "linux") {
        let program = std::env::current_exe()
            .map_or("wireloom-capture".into(), |path| path.display().to_string());
        format!("allow it once with: sudo setcap cap_net_raw+ep {program}")
    } else if cfg!(target_os = "macos") {
        "install the ChmodBPF of Wireshark, or run it with sudo".into()
    } else {
        "run it as administrator".into()
    }
}

/// The interface is open: nothing that follows needs rights.
#[cfg(target_os = "linux")]
fn give_up_rights() {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    // Where the system refuses (some containers do), capturing is no more dangerous than it was.
    let _ = set_capabilities(None, none);
    let _ = set_no_new_privs(true);
}

#[cfg(not(target_os = "linux"))]
fn give_up_rights() {}

/// Standard output without the line buffer that Rust puts before it.
#[cfg(unix)]
fn output() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn output() -> io::Result<std::fs::File> {
    use std::os::windows::io::AsHandle;
    Ok(io::stdout().as_handle().try_clone_to_owned()?.into())
}

/// How waiting for packets ended.
#[derive(PartialEq, Eq)]
enum Waited {
    /// There may be packets, or it is time to look whether to stop.
    Over,
    /// Nobody reads standard output any more. Writing would tell too, but a quiet interface gives nothing to write.
    ReaderGone,
}

/// Waits for packets, but no longer than [`WAIT`].
///
/// libpcap's own timeout does not help: on a quiet interface it need not start before the first packet.
#[cfg(unix)]
fn wait(capture: &pcap::Capture<pcap::Active>) -> Waited {
    use std::os::fd::{AsRawFd, BorrowedFd};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    #[expect(
        unsafe_code,
        reason = "the descriptor is that of `capture`, which is borrowed for as long"
    )]
    let packets = unsafe { BorrowedFd::borrow_raw(capture.as_raw_fd()) };
    let stdout = io::stdout();
    let mut descriptors = [
        PollFd::from_borrowed_fd(packets, PollFlags::IN),
        PollFd::new(&stdout, PollFlags::empty()),
    ];
    let timeout = Timespec {
        tv_sec: 0,
        tv_nsec: WAIT.subsec_nanos().into(),
    };
    // A signal ends the wait early, which is what it is for.
    let ready = poll(&mut descriptors, Some(&timeout));
    let [_, output] = &descriptors;
    if ready.is_ok() && output.revents().intersects(PollFlags::ERR | PollFlags::HUP) {
        Waited::ReaderGone
    } else {
        Waited::Over
    }
}

#[cfg(not(unix))]
fn wait(_: &pcap::Capture<pcap::Active>) -> Waited {
    std::thread::sleep(WAIT / 10);
    Waited::Over
}
