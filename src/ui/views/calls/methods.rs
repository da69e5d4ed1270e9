//! The calls of each method together, and what their messages would be as JSON.

use super::list::{self, Order};
use super::words;
use crate::report::carrier::CarrierReport;
use crate::report::totals::{TotalsReport, Unpacked, totals};
use crate::report::{calls as call_rows, text};
use crate::ui::ViewContext;
use crate::ui::background::Latest;
use crate::ui::theme::text_size;
use crate::ui::widgets::row_list::{BAR_POINTS, RowList, RowScroll};
use crate::ui::widgets::table::{self, Column, Sort};
use crate::ui::widgets::{format, mark};
use crate::wire::protobuf::size::Sizes;
use egui::{Align, FontId, Rect, Response, RichText, Role, Sense, TextStyle, Ui, WidgetInfo};
use std::collections::HashSet;
use std::ops::Range;

/// Of which calls the totals are.
#[derive(Clone, Debug, Default, PartialEq)]
struct Key {
    version: u64,
    filter: Option<String>,
    order: Order,
}

/// What the view remembers of its methods.
#[derive(Clone, Debug, Default)]
pub struct Methods {
    found: Latest<Key, Vec<TotalsReport>>,
    sort: Sort,
    scroll: RowScroll,
}

const COLUMNS: [Column; 9] = [
    Column {
        title: "method",
        hover: "Service and method, from the path",
        least: 150.0,
        share: 1.0,
        number: false,
        rank: 0,
    },
    Column::number("calls", "Calls that are listed", 44.0, 0),
    Column::number(
        "failed",
        "Those that ended with another status than OK",
        50.0,
        2,
    ),
    Column::number("messages", "Messages out → messages back", 76.0, 3),
    Column::number(
        "sent, B",
        "Bytes of the messages as they travelled, compressed or not",
        66.0,
        4,
    ),
    Column::number(
        "protobuf, B",
        "The messages unpacked, with or without a schema",
        78.0,
        0,
    ),
    Column::number(
        "JSON, B",
        "Those whose type a schema tells, as protobuf's canonical JSON without spaces",
        66.0,
        0,
    ),
    Column::number(
        "JSON is",
        "How many times as large the JSON is as the same messages in protobuf",
        56.0,
        1,
    ),
    Column::number(
        "after gzip, B",
        "Both again, each message packed by gzip by itself: protobuf → JSON",
        120.0,
        1,
    ),
];

/// Captures of more calls than this are added up by a thread.
const FEW_CALLS: usize = 200;

/// Draws the totals into the space that is left.
pub(super) fn methods_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    methods: &mut Methods,
    order: Order,
) {
    let theme = context.theme;
    methods.follow(ui.ctx(), context, order);
    let Some((_, found)) = methods.found.get() else {
        ui.spinner();
        ui.label(RichText::new("Adding the calls up.").color(theme.text_weak));
        return;
    };
    let about = about(context, found);
    ui.add(egui::Label::new(RichText::new(about).small().color(theme.text_weak)).wrap());
    let places = table::places(&COLUMNS, ui.available_width() - BAR_POINTS);
    table::titles_ui(ui, theme, &COLUMNS, &places, Some(&mut methods.sort));
    let mut rows: Vec<&TotalsReport> = found.iter().collect();
    let sort = methods.sort;
    rows.sort_by(|a, b| sort.apply(compare(a, b, sort.column)));
    let list = RowList {
        name: "Methods",
        row_height: ui.text_style_height(&TextStyle::Body) + 7.0,
        count: rows.len(),
        current: None,
    };
    list.show(ui, &mut methods.scroll, |ui, position, rect, list| {
        if let Some(row) = rows.get(position) {
            row_ui(ui, context, row, rect, list, &places);
        }
    });
}

impl Methods {
    fn follow(&mut self, ctx: &egui::Context, context: &ViewContext<'_>, order: Order) {
        let filter = context.matches.map(|run| run.filter());
        let key = Key {
            version: context.grpc.version,
            filter: filter.map(|filter| filter.text().to_owned()),
            order: Order {
                sort: Sort::default(),
                ..order
            },
        };
        let quick = context.grpc.calls.rows().len() <= FEW_CALLS;
        self.found.follow(ctx, key, quick, || {
            let (trace, filter) = (context.trace.clone(), filter.cloned());
            let grpc = context.grpc.for_a_thread();
            move || {
                let grpc = grpc();
                let listed = list::passing(&trace, &grpc, filter.as_ref(), order);
                let listed: HashSet<(usize, CarrierReport)> = listed
                    .filter_map(|at| grpc.calls.rows().get(at))
                    .map(|row| {
                        (
                            row.id.connection.index(),
                            CarrierReport::from(row.id.carrier),
                        )
                    })
                    .collect();
                let rows = call_rows::calls(&trace, &grpc.reader);
                let rows = rows.filter(|row| listed.contains(&(row.connection, row.carrier)));
                totals(&trace, &grpc.reader, rows)
            }
        });
    }

    /// The totals in words, a line for each method, however long it takes.
    pub(super) fn text(context: &ViewContext<'_>, order: Order) -> Vec<String> {
        let mut methods = Self::default();
        let ctx = egui::Context::default();
        while methods.found.get().is_none() {
            methods.follow(&ctx, context, order);
            std::thread::yield_now();
        }
        let found = methods.found.get().map_or(&[][..], |(_, found)| found);
        let mut lines = vec![about(context, found)];
        lines.extend(found.iter().map(row_text));
        lines
    }
}

/// What all of it is, and what is missing for it.
fn about(context: &ViewContext<'_>, found: &[TotalsReport]) -> String {
    let mut all = Sizes::default();
    let (mut compared, mut unpacked) = (0, Unpacked::default());
    for row in found {
        all += row.size.unwrap_or_default();
        let of_row = row.protobuf.unwrap_or_default();
        unpacked.messages += of_row.messages;
        unpacked.bytes += of_row.bytes;
        compared += row.compared as u64;
    }
    if compared == 0 {
        let schema = match context.grpc.schemas.files {
            0 => {
                "No schema tells the types of these messages, so they cannot be written as JSON: add .proto files with the Open menu."
            }
            _ => {
                "The schemas tell the type of none of these messages, so they cannot be written as JSON."
            }
        };
        return match unpacked.messages {
            0 => schema.to_owned(),
            messages => format!(
                "{} as protobuf: {}. {schema}",
                format::counted(messages, "message"),
                format::exact_bytes(unpacked.bytes)
            ),
        };
    }
    format!(
        "{} whose type a schema tells: {} as protobuf, {} as JSON, {} times as much; after gzip {} and {}.",
        format::counted(compared, "message"),
        format::exact_bytes(all.protobuf),
        format::exact_bytes(all.json),
        times(&all),
        format::exact_bytes(all.protobuf_gzip),
        format::exact_bytes(all.json_gzip),
    )
}

fn times(sizes: &Sizes) -> String {
    format!("{:.1}", sizes.json as f64 / sizes.protobuf.max(1) as f64)
}

fn cells(row: &TotalsReport) -> [String; 9] {
    let size = |words: fn(&Sizes) -> String| row.size.as_ref().map_or_else(String::new, words);
    [
        text::one_line(&row.method, 120),
        format::count(row.calls as u64),
        format::count(row.failed as u64),
        format!(
            "{} → {}",
            format::count(row.messages.request),
            format::count(row.messages.response)
        ),
        format::count(row.bytes.request.saturating_add(row.bytes.response)),
        row.protobuf
            .map_or_else(String::new, |unpacked| format::count(unpacked.bytes)),
        size(|sizes| format::count(sizes.json)),
        size(|sizes| format!("{}×", times(sizes))),
        size(|sizes| {
            format!(
                "{} → {}",
                format::count(sizes.protobuf_gzip),
                format::count(sizes.json_gzip)
            )
        }),
    ]
}

/// A method in words.
fn row_text(row: &TotalsReport) -> String {
    let mut parts = vec![
        row.method.clone(),
        format::counted(row.calls as u64, "call"),
        format!("{} failed", format::count(row.failed as u64)),
        format!(
            "{} out, {} back",
            format::counted(row.messages.request, "message"),
            format::count(row.messages.response)
        ),
        format!(
            "{} sent",
            format::exact_bytes(row.bytes.request.saturating_add(row.bytes.response))
        ),
    ];
    parts.push(match &row.size {
        Some(sizes) => format!(
            "{} of its messages are {} as protobuf and {} as JSON, {} and {} after gzip",
            format::count(row.compared as u64),
            format::exact_bytes(sizes.protobuf),
            format::count(sizes.json),
            format::count(sizes.protobuf_gzip),
            format::count(sizes.json_gzip)
        ),
        None => match row.protobuf {
            Some(unpacked) => format!(
                "{} as protobuf, and no schema tells its types",
                format::exact_bytes(unpacked.bytes)
            ),
            None => "no messages of protobuf".to_owned(),
        },
    });
    parts.join(", ")
}

fn compare(one: &TotalsReport, other: &TotalsReport, column: usize) -> std::cmp::Ordering {
    let size = |row: &TotalsReport| row.size.unwrap_or_default();
    let ratio = |row: &TotalsReport| {
        let sizes = size(row);
        sizes.json as f64 / sizes.protobuf.max(1) as f64
    };
    match column {
        0 => one.method.cmp(&other.method),
        1 => one.calls.cmp(&other.calls),
        2 => one.failed.cmp(&other.failed),
        3 => {
            let count = |row: &TotalsReport| row.messages.request + row.messages.response;
            count(one).cmp(&count(other))
        }
        4 => {
            let bytes = |row: &TotalsReport| row.bytes.request + row.bytes.response;
            bytes(one).cmp(&bytes(other))
        }
        5 => {
            let bytes = |row: &TotalsReport| row.protobuf.map_or(0, |of| of.bytes);
            bytes(one).cmp(&bytes(other))
        }
        6 => size(one).json.cmp(&size(other).json),
        7 => ratio(one).total_cmp(&ratio(other)),
        _ => size(one).protobuf_gzip.cmp(&size(other).protobuf_gzip),
    }
}

fn row_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    row: &TotalsReport,
    rect: Rect,
    list: &Response,
    places: &[Range<f32>],
) {
    let theme = context.theme;
    let response = ui.interact(rect, list.id.with(&row.method), Sense::hover());
    let said = row_text(row);
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &said));
    if response.hovered() {
        let back = rect.shrink2(egui::vec2(0.0, 1.0));
        ui.painter().rect_filled(back, 4.0, theme.hover);
    }
    let mono = FontId::monospace(text_size::SMALL);
    let body = TextStyle::Body.resolve(ui.style());
    let cells = cells(row);
    for (index, ((column, place), words)) in COLUMNS.iter().zip(places).zip(&cells).enumerate() {
        let cell = table::cell(rect, place);
        let (font, align) = match column.number {
            true => (&mono, Align::Max),
            false => (&body, Align::Min),
        };
        let colour = match index {
            2 if row.failed > 0 => theme.error,
            _ => theme.text,
        };
        mark::line(ui.painter(), cell, align, words, font, colour);
    }
    response.on_hover_text(words::lines(&said));
}
