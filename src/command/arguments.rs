//! The command line.

use crate::filter::Filter;
use crate::report::Format;
use crate::trace::{Carrier, Direction, ExchangeId};
use crate::wire::http2::StreamId;
use clap::{Args, Parser};
use std::path::PathBuf;

/// See how HTTP/2 and gRPC really travel.
///
/// Without a command, the window opens on CAPTURE, or on the built-in tour when no file is given.
#[derive(Debug, Parser)]
#[command(name = "wireloom", version, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    /// A pcap or pcapng file; `-` is standard input
    pub(super) capture: Option<PathBuf>,

    /// What draws the window: tried first, the other one if it fails
    #[cfg(feature = "gui")]
    #[arg(long, value_enum)]
    pub(super) renderer: Option<crate::ui::Renderer>,

    #[command(subcommand)]
    pub(super) command: Option<Subcommand>,
}

/// What to print.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Subcommand {
    /// Every HTTP/2 frame, in the order in which it became readable
    Frames(HintedRows),
    /// Every HTTP/2 stream: what it was for and how it ended
    Streams(Rows),
    /// Every request with its response: when it was sent, how long it waited, what came
    Requests(Rows),
    /// Every header field: how HPACK wrote it and what that cost
    Headers(HintedRows),
    /// What header compression saved, which entries were of use, and since when everything is certain
    Hpack(HintedRows),
    /// The content of a request or a response, to standard output or a file
    Body(BodyWanted),
    /// Both messages of a stream or an exchange as a text: fields, bodies, trailers
    Follow(Following),
    /// Every TCP connection and what it carries
    Connections(Rows),
    /// Every packet: what TCP did with it, and which frames lie in it
    Packets(Rows),
    /// Every hole in a stream of bytes, and what had to wait behind it
    Holes(Rows),
    /// Every pause of a sender: which window it waited for, or whether it had nothing to send
    Stalls(Rows),
    /// Every gRPC call: what was asked, how it ended, and by whom
    Calls(CallsWanted),
    /// Every message of a gRPC call, with its fields
    Messages(ComparedRows),
    /// What is wrong, odd or missing
    Findings(ComparedRows),
    /// What people wrote about the capture; with --add, a new note on a frame
    Notes(super::notes::NotesWanted),
    /// A part of the capture as a pcapng file: a connection, a stream, a stretch of time
    Export(super::export::ExportWanted),
    /// Everything that was true of an HTTP/2 connection right after one frame
    State(super::state::StateWanted),
    /// What each stream should have got of a connection by its priority, and what it got
    Shares(super::shares::SharesWanted),
    /// A draft of the schema of gRPC calls whose .proto files nobody has
    Draft(super::draft::DraftWanted),
    /// Protobuf bytes explained bit by bit; fields with and without a schema; values to bytes
    Protobuf(super::protobuf::Protobuf),
    /// Totals of the capture
    Stats(Listing),
    /// The window on live traffic: what passes a network interface, recorded to a file and shown as it comes
    #[cfg(feature = "gui")]
    Live(super::live::LiveWanted),
    /// A view as a picture, drawn as the window draws it
    #[cfg(feature = "gui")]
    Render(Rendering),
}

/// Where packets come from.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// A pcap or pcapng file; `-` is standard input
    pub(super) capture: PathBuf,
}

/// A list of rows.
#[derive(Debug, Args)]
pub(super) struct Listing {
    #[command(flatten)]
    pub(super) input: Input,

    /// JSON, one object per line, instead of a table
    #[arg(long)]
    json: bool,

    /// CSV for a spreadsheet: the keys of the JSON as columns
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl Listing {
    pub(super) fn format(&self) -> Format {
        if self.csv {
            Format::Csv
        } else if self.json {
            Format::Json
        } else {
            Format::Table
        }
    }
}

/// The body of one message.
#[derive(Debug, Args)]
pub(super) struct BodyWanted {
    #[command(flatten)]
    pub(super) input: Input,

    #[command(flatten)]
    pub(super) carrier: Carried,

    /// Whose body: `client` for that of the request, `server` for that of the response
    #[arg(long, value_enum, default_value = "server")]
    pub(super) direction: Sender,

    /// Without its content codings, and of HTTP/1.1 its transfer codings: gzip, deflate, br and zstd
    #[arg(long)]
    pub(super) decode: bool,

    /// The file to write; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

/// What carried a request with its response.
#[derive(Debug, Args)]
pub(super) struct Carried {
    #[command(flatten)]
    place: Place,

    /// The connection [default: the HTTP/2 connection with most frames, or with --exchange the HTTP/1.1 connection with most
    /// exchanges]
    #[arg(long, value_name = "C")]
    pub(super) connection: Option<usize>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// The stream of HTTP/2
    #[arg(long, value_name = "N")]
    stream: Option<u32>,

    /// The exchange of HTTP/1.1, by its number on the connection as `wireloom requests` has it
    #[arg(long, value_name = "N")]
    exchange: Option<usize>,
}

impl Carried {
    /// The stream or the exchange.
    pub(super) fn carrier(&self) -> Carrier {
        match (self.place.stream, self.place.exchange) {
            (_, Some(exchange)) => ExchangeId::from_index(exchange).into(),
            (stream, None) => StreamId(stream.unwrap_or_default()).into(),
        }
    }
}

/// One stream or exchange as a text.
#[derive(Debug, Args)]
pub(super) struct Following {
    #[command(flatten)]
    pub(super) input: Input,

    #[command(flatten)]
    pub(super) carrier: Carried,

    /// Bodies with their content codings, as they were sent
    #[arg(long)]
    pub(super) as_sent: bool,
}

/// Who sent it.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Sender {
    /// The client
    Client,
    /// The server
    Server,
}

impl Sender {
    /// `client` or `server`.
    pub(super) fn name(self) -> &'static str {
        Direction::from(self).name()
    }
}

impl From<Sender> for Direction {
    fn from(sender: Sender) -> Self {
        match sender {
            Sender::Client => Self::Client,
            Sender::Server => Self::Server,
        }
    }
}

/// A list of rows, or some of them.
#[derive(Debug, Args)]
pub(super) struct Rows {
    #[command(flatten)]
    pub(super) listing: Listing,

    /// Only rows that pass, such as `stream:3,5 type:DATA` or `http2.headers.status == 404`
    #[arg(
        long,
        value_name = "EXPR",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) filter: Filter,
}

/// A list of rows in which names may be missing.
#[derive(Debug, Args)]
pub(super) struct HintedRows {
    #[command(flatten)]
    pub(super) rows: Rows,

    #[command(flatten)]
    pub(super) hints: super::hints::Hints,
}

/// A list of rows that a schema says more about.
#[derive(Debug, Args)]
pub(super) struct SchemaRows {
    #[command(flatten)]
    pub(super) rows: Rows,

    /// A .proto file, a descriptor set, or a folder of them; may be given again
    #[arg(long, value_name = "FILE_OR_DIR")]
    pub(super) proto: Vec<PathBuf>,
}

/// Calls, or what they amount to.
#[derive(Debug, Args)]
pub(super) struct CallsWanted {
    #[command(flatten)]
    pub(super) rows: SchemaRows,

    /// One row per method instead: how many calls and bytes, and how large its messages would be as JSON
    #[arg(long)]
    pub(super) totals: bool,
}

/// Rows that a schema says more about, and another version of it.
#[derive(Debug, Args)]
pub(super) struct ComparedRows {
    #[command(flatten)]
    pub(super) schema: SchemaRows,

    /// Another version of the schema: what its readers make of the messages, and which changes break
    #[arg(long, value_name = "FILE_OR_DIR")]
    pub(super) against: Vec<PathBuf>,
}

/// One moment of one connection.
#[derive(Debug, Args)]
pub(super) struct Instant {
    #[command(flatten)]
    pub(super) listing: Listing,

    /// The connection [default: the HTTP/2 connection with most frames]
    #[arg(long, value_name = "C")]
    pub(super) connection: Option<usize>,

    /// The frame right after which it is [default: its last]
    #[arg(long, value_name = "FRAME")]
    pub(super) at: Option<usize>,
}

/// A picture of a view.
#[cfg(feature = "gui")]
#[derive(Debug, Args)]
pub(super) struct Rendering {
    /// The view, such as `loom`, `connections`, `requests` or `tcp`; `window` for all of it
    pub(super) view: String,

    #[command(flatten)]
    pub(super) input: Input,

    /// The PNG file to write, or FILE.svg for shapes, FILE.txt for words; `-` is standard output
    #[arg(short, long, value_name = "FILE.png")]
    pub(super) output: PathBuf,

    /// The connection to show [default: the HTTP/2 connection with most frames]
    #[arg(long, value_name = "C")]
    pub(super) connection: Option<usize>,

    /// The frame right after which the picture is taken [default: the last]
    #[arg(long, value_name = "FRAME")]
    pub(super) at: Option<usize>,

    /// Width and height in pixels
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = size)]
    pub(super) size: [u32; 2],

    /// Dark or light
    #[arg(long, value_enum, default_value = "dark")]
    pub(super) theme: Theme,

    /// For gRPC messages: a .proto file, a descriptor set, or a folder of them; may be given again
    #[arg(long, value_name = "FILE_OR_DIR")]
    pub(super) proto: Vec<PathBuf>,
}

/// Dark or light.
#[cfg(feature = "gui")]
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Theme {
    /// A dark room
    Dark,
    /// A light room
    Light,
}

/// The largest width and height of a picture: what every graphics driver can draw at once.
#[cfg(feature = "gui")]
const MAX_PICTURE_PIXELS: u32 = 8192;

#[cfg(feature = "gui")]
fn size(text: &str) -> Result<[u32; 2], String> {
    let parts = text.split_once(['x', 'X']);
    let numbers = parts.and_then(|(width, height)| {
        Some([width.parse::<u32>().ok()?, height.parse::<u32>().ok()?])
    });
    let allowed = 64..=MAX_PICTURE_PIXELS;
    match numbers {
        Some(numbers) if numbers.iter().all(|number| allowed.contains(number)) => Ok(numbers),
        _ => Err(format!(
            "a size is WIDTHxHEIGHT in pixels, each from 64 to {MAX_PICTURE_PIXELS}, such as 1280x800"
        )),
    }
}
