//! The window on live traffic.

use super::Failure;
use crate::capture::listen::{Helper, InterfaceName, Wanted, filter_of};
use crate::ui::listening::{Asked, recording_of_now};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;

/// What to listen to.
#[derive(Debug, Args)]
pub(super) struct LiveWanted {
    /// The network interface; on Linux `lo` is what this machine says to itself
    #[arg(
        short,
        long,
        value_name = "INTERFACE",
        required_unless_present = "list"
    )]
    interface: Option<InterfaceName>,

    /// Record only what passes: ports such as 8080, or a capture filter such as "tcp port 443"
    #[arg(
        short,
        long,
        value_name = "BPF",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,

    /// The recording, a new file [default: one in the user's data folder, named after interface and time]
    #[arg(short, long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// List the interfaces and stop
    #[arg(short = 'D', long)]
    list: bool,

    /// The program that listens [default: wireloom-capture beside this one or on the path, else dumpcap or tcpdump]
    #[arg(long, value_name = "PROGRAM")]
    helper: Option<PathBuf>,

    /// What draws the window: tried first, the other one if it fails
    #[arg(long, value_enum)]
    renderer: Option<crate::ui::Renderer>,
}

pub(super) fn live(wanted: &LiveWanted) -> Result<(), Failure> {
    let helper = Helper::find(wanted.helper.as_deref())?;
    let Some(interface) = wanted.interface.clone().filter(|_| !wanted.list) else {
        return Ok(list(&helper.interfaces()?)?);
    };
    let file = match &wanted.write {
        Some(file) => std::path::absolute(file).unwrap_or_else(|_| file.clone()),
        None => recording_of_now(&interface, &helper)?,
    };
    let wanted_file = Wanted {
        interface,
        filter: filter_of(&wanted.filter),
        file,
    };
    Ok(crate::ui::run(crate::ui::WindowOptions {
        capture: None,
        listen: Some(Asked {
            helper,
            wanted: wanted_file,
        }),
        renderer: wanted.renderer,
    })?)
}

fn list(interfaces: &[crate::capture::listen::Listed]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for of in interfaces {
        writeln!(out, "{}\t{}", of.name, of.about)?;
    }
    out.flush()
}
