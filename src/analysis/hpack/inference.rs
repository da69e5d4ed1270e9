//! Names of entries that were never seen, where they follow from something else.
//!
//! A capture that begins in the middle of a connection meets indexes of entries that nobody saw.
//! What such an entry is called can sometimes be concluded, and only that is done here:
//!
//! ```text
//! hint           a person says so
//! pseudo-header  fields with a colon come first, each once, and some must be there: RFC 9113 §8.3
//! grpc-status    trailers with grpc-message have it
//! re-insertion   a later block is the same but for one field, which was sent anew
//! ```
//!
//! Values are never concluded: a field may have been sent anew because its value changed.

use crate::analysis::requests::{self, Request};
use crate::trace::{BlockId, Connection, FrameId, HeaderField, Http2, Side, Trace};
use crate::wire::hpack::{Certainty, Placeholder, Representation};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How many different shapes of blocks are remembered. A connection has a handful.
const MAX_SHAPES: usize = 4096;

/// How often conclusions are drawn from each other. Each time but the last settles at least one of six names.
const MAX_ROUNDS: usize = 8;

/// Why a name is what it is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A person says so.
    Hint,
    /// No other pseudo-header is left. Source: RFC 9113 §8.3.
    PseudoHeader,
    /// The trailers of a gRPC call have it. Source: gRPC over HTTP/2, "Trailers".
    GrpcStatus,
    /// In a block that is the same otherwise, it was sent anew.
    Reinsertion,
}

impl Reason {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::PseudoHeader => "pseudo-header",
            Self::GrpcStatus => "grpc-status",
            Self::Reinsertion => "re-insertion",
        }
    }
}

/// A name that was concluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InferredName {
    /// The name.
    pub name: Bytes,
    /// Why.
    pub reason: Reason,
}

/// What could be concluded of one side's unseen entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inference {
    /// By unseen entry.
    pub names: BTreeMap<Placeholder, InferredName>,
}

/// Names that a person gave to unseen entries of one side.
pub type Hints = BTreeMap<Placeholder, Bytes>;

impl Inference {
    /// Decodes every header block of a side, unless all were certain: call it once per load.
    pub fn of(trace: &Trace, connection: &Connection, side: Side, hints: &Hints) -> Self {
        let mut inference = Self::default();
        let Some(http2) = connection.http2() else {
            return inference;
        };
        if super::uncertain_spans(http2, side).is_empty() {
            return inference;
        }
        let blocks = Blocks::read(trace, connection, http2, side);
        for (&placeholder, name) in hints {
            inference.conclude(placeholder, name.clone(), Reason::Hint);
        }
        for (placeholder, name) in blocks.pseudo_headers(hints) {
            let name = Bytes::from_static(name.as_bytes());
            inference.conclude(placeholder, name, Reason::PseudoHeader);
        }
        for placeholder in blocks.statuses {
            let name = Bytes::from_static(b"grpc-status");
            inference.conclude(placeholder, name, Reason::GrpcStatus);
        }
        for (placeholder, name) in blocks.sent_anew {
            if let Some(name) = name {
                inference.conclude(placeholder, name, Reason::Reinsertion);
            }
        }
        inference
    }

    /// The first conclusion stands: reasons are tried from the strictest on.
    fn conclude(&mut self, placeholder: Placeholder, name: Bytes, reason: Reason) {
        let entry = self.names.entry(placeholder);
        entry.or_insert(InferredName { name, reason });
    }

    /// Gives a field the name that was concluded for it. Returns why; `None` when there is none.
    pub fn apply(&self, field: &mut HeaderField) -> Option<Reason> {
        let placeholder = field.placeholder.filter(|_| field.name.is_none())?;
        let inferred = self.names.get(&placeholder)?;
        field.name = Some(inferred.name.clone());
        field.certainty = Certainty::Inferred;
        Some(inferred.reason)
    }
}

/// A set of names that an unseen entry may have.
type Names = u8;

const METHOD: Names = 1;
const SCHEME: Names = 1 << 1;
const AUTHORITY: Names = 1 << 2;
const PATH: Names = 1 << 3;
const PROTOCOL: Names = 1 << 4;
const STATUS: Names = 1 << 5;
/// Anything without a colon.
const OTHER: Names = 1 << 6;
const ANY: Names = (1 << 7) - 1;

const PSEUDO_HEADERS: [(Names, &str); 6] = [
    (METHOD, ":method"),
    (SCHEME, ":scheme"),
    (AUTHORITY, ":authority"),
    (PATH, ":path"),
    (PROTOCOL, ":protocol"),
    (STATUS, ":status"),
];

fn names_of(name: &[u8]) -> Names {
    let named = PSEUDO_HEADERS
        .iter()
        .find(|(_, text)| text.as_bytes() == name);
    named.map_or(OTHER, |(names, _)| *names)
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    Request,
    Response,
    Trailers,
}

/// What one block says of the unseen entries in it. Equal blocks say it once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Said {
    /// The unseen entries, and what each may be by its place.
    may_be: Vec<(Placeholder, Names)>,
    /// Pseudo-headers of which each is one of them.
    required: Names,
}

#[derive(Default)]
struct Blocks {
    said: BTreeSet<Said>,
    statuses: BTreeSet<Placeholder>,
    /// `None` when blocks contradict each other.
    sent_anew: BTreeMap<Placeholder, Option<Bytes>>,
    /// Blocks with one unseen entry, as the names around it. With the default, keyed hasher.
    shapes: HashMap<Vec<Option<Bytes>>, Placeholder>,
}

impl Blocks {
    fn read(trace: &Trace, connection: &Connection, http2: &Http2, side: Side) -> Self {
        let roles = roles(trace, connection, side);
        let mut blocks = Self::default();
        for (index, row) in http2.blocks[side.index()].iter().enumerate() {
            let id = BlockId::from_index(index);
            if !super::is_block_of(http2, row.first_frame, id) {
                continue;
            }
            let fields = trace.header_fields(connection, row.first_frame);
            let unseen = fields.iter().filter(|field| field.name.is_none());
            let unseen: HashSet<Placeholder> =
                unseen.filter_map(|field| field.placeholder).collect();
            match roles.get(&row.first_frame) {
                _ if unseen.is_empty() => {}
                Some(Role::Request) => blocks.request(&fields),
                Some(Role::Response) => blocks.response(&fields),
                Some(Role::Trailers) => blocks.trailers(&fields, &unseen),
                None => {}
            }
            blocks.shape(&fields, &unseen);
        }
        blocks
    }

    fn request(&mut self, fields: &[HeaderField]) {
        let known = |field: &HeaderField| field.name.as_deref().map(names_of);
        let present = fields
            .iter()
            .filter_map(known)
            .fold(0, |all, names| all | names);
        let connects = fields
            .iter()
            .any(|field| field.is_named(":method") && field.value.as_deref() == Some(b"CONNECT"));
        // A block without any of these may as well be trailers, and CONNECT has its own rules.
        if present & (METHOD | SCHEME) == 0 || connects {
            return;
        }
        let last_pseudo = fields
            .iter()
            .rposition(|field| known(field).is_some_and(|names| names != OTHER));
        let first_other = fields.iter().position(|field| known(field) == Some(OTHER));
        let method_known = present & METHOD != 0;
        let mut allowed = (METHOD | SCHEME | AUTHORITY | PATH) & !present | OTHER;
        if !method_known {
            allowed |= PROTOCOL;
        }
        let mut said = Said::default();
        for (place, field) in fields.iter().enumerate() {
            let Some(placeholder) = field.placeholder.filter(|_| field.name.is_none()) else {
                continue;
            };
            let mut may_be = allowed;
            if Some(place) < last_pseudo {
                may_be &= !OTHER;
            }
            if first_other.is_some_and(|first| place > first) {
                may_be &= OTHER;
            }
            said.may_be.push((placeholder, may_be));
        }
        if method_known {
            said.required = (SCHEME | PATH) & !present;
        }
        self.said.insert(said);
    }

    fn response(&mut self, fields: &[HeaderField]) {
        let status_known = fields.iter().any(|field| field.is_named(":status"));
        let mut said = Said::default();
        for (place, field) in fields.iter().enumerate() {
            if let Some(placeholder) = field.placeholder.filter(|_| field.name.is_none()) {
                let first = place == 0 && !status_known;
                said.may_be
                    .push((placeholder, if first { STATUS } else { OTHER }));
            }
        }
        self.said.insert(said);
    }

    fn trailers(&mut self, fields: &[HeaderField], unseen: &HashSet<Placeholder>) {
        let named = |name: &str| fields.iter().any(|field| field.is_named(name));
        if named("grpc-message") && !named("grpc-status") && unseen.len() == 1 {
            self.statuses.extend(unseen);
        }
        let may_be = unseen
            .iter()
            .map(|&placeholder| (placeholder, OTHER))
            .collect();
        self.said.insert(Said {
            may_be,
            required: 0,
        });
    }

    /// Remembers a block with one unseen entry, and compares blocks with none to those.
    fn shape(&mut self, fields: &[HeaderField], unseen: &HashSet<Placeholder>) {
        let names = || fields.iter().map(|field| field.name.clone());
        let holes = fields.iter().filter(|field| field.name.is_none()).count();
        if let (Some(&placeholder), 1) = (unseen.iter().next(), holes) {
            if self.shapes.len() < MAX_SHAPES {
                self.shapes.entry(names().collect()).or_insert(placeholder);
            }
            return;
        }
        if self.shapes.is_empty() || !unseen.is_empty() {
            return;
        }
        for (place, field) in fields.iter().enumerate() {
            if field.representation != Representation::LiteralIncremental {
                continue;
            }
            let others = || names().enumerate().filter(|(other, _)| *other != place);
            if others().any(|(_, name)| name == field.name) {
                continue; // It would have been one of several with this name.
            }
            let shape: Vec<Option<Bytes>> = names()
                .enumerate()
                .map(|(other, name)| name.filter(|_| other != place))
                .collect();
            if let Some(&placeholder) = self.shapes.get(&shape) {
                let concluded = self.sent_anew.entry(placeholder);
                let concluded = concluded.or_insert_with(|| field.name.clone());
                if *concluded != field.name {
                    *concluded = None;
                }
            }
        }
    }

    /// What follows from all blocks together.
    fn pseudo_headers(&self, hints: &Hints) -> Vec<(Placeholder, &'static str)> {
        let hinted = hints.iter();
        let mut may_be: BTreeMap<Placeholder, Names> = hinted
            .map(|(&placeholder, name)| (placeholder, names_of(name)))
            .collect();
        for _ in 0..MAX_ROUNDS {
            let before = may_be.clone();
            for said in &self.said {
                said.narrow(&mut may_be);
            }
            if may_be == before {
                break;
            }
        }
        let concluded = may_be.into_iter().filter_map(|(placeholder, names)| {
            let (_, name) = PSEUDO_HEADERS.iter().find(|(only, _)| *only == names)?;
            Some((placeholder, *name))
        });
        concluded.collect()
    }
}

impl Said {
    /// Takes away what cannot be, given what is known of these entries from elsewhere.
    fn narrow(&self, all: &mut BTreeMap<Placeholder, Names>) {
        let mut own: Vec<(Placeholder, Names)> = self
            .may_be
            .iter()
            .map(|&(placeholder, names)| {
                let known = all.get(&placeholder).copied().unwrap_or(ANY);
                (placeholder, names & known)
            })
            .collect();
        // Each pseudo-header is there once.
        let settled: Vec<(Placeholder, Names)> = own
            .iter()
            .filter(|(_, names)| *names != OTHER && names.count_ones() == 1)
            .copied()
            .collect();
        let mut required = self.required;
        for (placeholder, name) in settled {
            required &= !name;
            for (other, names) in &mut own {
                if *other != placeholder {
                    *names &= !name;
                }
            }
        }
        // One that must be there is the only entry that it can be.
        for (name, _) in PSEUDO_HEADERS {
            let mut can_be = own.iter_mut().filter(|(_, names)| names & name != 0);
            if required & name != 0
                && let (Some((_, names)), None) = (can_be.next(), can_be.next())
            {
                *names = name;
            }
        }
        for (placeholder, names) in own {
            // A contradiction: the capture is broken, and nothing can be said.
            all.insert(placeholder, names);
        }
    }
}

/// What the blocks of a side are, by their first frames.
fn roles(trace: &Trace, connection: &Connection, side: Side) -> HashMap<FrameId, Role> {
    let mut roles = HashMap::new();
    for request in requests::requests(trace, connection) {
        if request.requester == side {
            roles.extend(request.sent.map(|frame| (frame, Role::Request)));
            let trailers = request.request_trailers;
            roles.extend(trailers.map(|frame| (frame, Role::Trailers)));
        } else {
            of_response(&request, &mut roles);
        }
    }
    roles
}

fn of_response(request: &Request, roles: &mut HashMap<FrameId, Role>) {
    if request.push.is_some() {
        // The promise is a request that the other side sends.
        roles.extend(request.sent.map(|frame| (frame, Role::Request)));
    }
    // Whoever did not see the request may take trailers for the response.
    if request.sent.is_some() {
        let interim = request.interim.iter().map(|interim| interim.frame);
        let heads = interim.chain(request.response);
        roles.extend(heads.map(|frame| (frame, Role::Response)));
    }
    let trailers = request.response_trailers;
    roles.extend(trailers.map(|frame| (frame, Role::Trailers)));
}
