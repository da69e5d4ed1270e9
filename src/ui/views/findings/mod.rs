//! The findings of a capture, grouped by severity and rule. A click goes to the place.

pub mod model;

use crate::trace::{Cursor, Finding};
use crate::ui::export::Table;
use crate::ui::views::View;
use crate::ui::widgets::following::Following;
use crate::ui::widgets::row_list::{RowList, RowScroll};
use crate::ui::widgets::{filtered, findings, format, mark};
use crate::ui::{Command, ViewContext};
use egui::{Align, Rect, Response, RichText, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};
use model::{Group, Groups, Row};

/// Findings that are said in words at most; the command `findings` says all.
const MAX_SAID: usize = 500;

/// In rows narrower than this, in points, only the beginning of a place is said.
const NARROW: f32 = 330.0;

/// What the view remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    groups: Groups,
    only_connection: bool,
    scroll: RowScroll,
    following: Following,
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        findings_ui(ui, context, self);
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        self.following.told(moves);
    }

    fn table(&self, context: &ViewContext<'_>) -> Option<Table> {
        let rows = self.groups.groups().iter();
        let rows = rows.flat_map(|group| group.findings.iter().copied());
        (!context.trace.findings.is_empty()).then(|| Table::Findings(rows.collect()))
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

impl State {
    fn update(&mut self, context: &ViewContext<'_>) {
        let shown = context.connection.map(|connection| connection.id);
        let only = shown.filter(|_| self.only_connection);
        let progress = filtered::progress(context);
        self.groups
            .update(context.trace, only, context.matches, progress);
    }
}

/// Draws the view into the space that is left.
pub fn findings_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    state.update(context);
    ui.horizontal(|ui| {
        let heading = RichText::new(heading(&state.groups)).small().strong();
        ui.label(heading.color(theme.text_weak));
        if context.trace.connections.len() > 1 {
            let words = RichText::new("only the connection shown").small();
            ui.checkbox(&mut state.only_connection, words)
                .on_hover_text("Leave out what was found on other connections");
        }
    });
    let all = context.trace.findings.len();
    filtered::note_ui(ui, context, state.groups.len(), all, "finding");
    if state.groups.groups().is_empty() {
        ui.label(RichText::new(nothing(context)).color(theme.text_weak));
        return;
    }
    let current = (state.groups.rows().iter()).position(|row| match row {
        Row::Finding(at) => {
            (context.trace.findings.get(*at)).is_some_and(|finding| is_selected(context, finding))
        }
        Row::Title(_) => false,
    });
    let at = context
        .cursor
        .and_then(|cursor| state.groups.row_at(cursor));
    state
        .following
        .scroll(&mut state.scroll, context.cursor, at);
    let area = ui.available_rect_before_wrap();
    let list = RowList {
        name: "Findings",
        row_height: ui.text_style_height(&TextStyle::Body) + 10.0,
        count: state.groups.rows().len(),
        current,
    };
    let groups = &state.groups;
    let mut toggled = None;
    let asked = list.show(
        ui,
        &mut state.scroll,
        |ui, position, rect, list| match groups.rows().get(position) {
            Some(Row::Title(index)) => {
                if let Some(group) = groups.groups().get(*index)
                    && title_ui(ui, context, group, groups.is_open(group), rect, list)
                {
                    toggled = Some(*index);
                }
            }
            Some(Row::Finding(at)) => {
                if let Some(finding) = context.trace.findings.get(*at) {
                    finding_ui(ui, context, finding, *at, rect, list);
                }
            }
            None => {}
        },
    );
    if let Some(Row::Finding(at)) = asked.and_then(|position| groups.rows().get(position))
        && let Some(finding) = context.trace.findings.get(*at)
    {
        go_to(context, finding);
    }
    (state.following).rows_ui(ui, theme, area, &mut state.scroll, at);
    if let Some(group) = toggled {
        state.groups.toggle(context.trace, group);
    }
}

/// What the view says, line by line.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let mut state = state.clone();
    state.update(context);
    let mut lines = vec![heading(&state.groups)];
    let all = context.trace.findings.len();
    lines.extend(filtered::words(context, state.groups.len(), all, "finding"));
    if state.groups.groups().is_empty() {
        lines.push(nothing(context).to_owned());
    }
    for row in state.groups.rows().iter().take(MAX_SAID) {
        match row {
            Row::Title(index) => {
                if let Some(group) = state.groups.groups().get(*index) {
                    lines.push(title_text(group));
                }
            }
            Row::Finding(at) => {
                if let Some(finding) = context.trace.findings.get(*at) {
                    lines.push(finding_text(finding));
                }
            }
        }
    }
    let more = state.groups.rows().len().saturating_sub(MAX_SAID);
    if more > 0 {
        lines.push(format!("and {} more rows", format::count(more as u64)));
    }
    if context.trace.findings_dropped > 0 {
        let dropped = format::count(context.trace.findings_dropped);
        lines.push(format!("{dropped} more findings were counted and not kept"));
    }
    lines.join("\n")
}

fn heading(groups: &Groups) -> String {
    let [errors, warnings, notes] = groups.counts().map(|count| count as u64);
    if errors + warnings + notes == 0 {
        return "NO FINDINGS".to_owned();
    }
    let parts = [(errors, "error"), (warnings, "warning"), (notes, "note")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| format::counted(count, noun))
        .collect();
    parts.join(" · ").to_uppercase()
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    if context.matches.is_some() && !context.trace.findings.is_empty() {
        return "No finding passes the filter. Empty the filter bar (Esc in it) to see all.";
    }
    match (context.loading, context.trace.packets.is_empty()) {
        (true, _) => "Reading the capture; nothing stands out so far.",
        (false, true) => "Open a capture: what is wrong, odd or missing in it is listed here.",
        (false, false) => {
            "No rule was broken, and nothing else stands out. \"gRPC calls that fail\" of the tour has some notes: Ctrl+K, fail."
        }
    }
}

fn title_text(group: &Group) -> String {
    let section = group
        .section
        .map_or(String::new(), |section| format!(" ({section})"));
    format!(
        "{} {}{section}: {}",
        mark::severity_name(group.severity),
        group.rule,
        format::counted(group.findings.len() as u64, "finding"),
    )
}

fn finding_text(finding: &Finding) -> String {
    let place = findings::place(finding);
    let text = &finding.text;
    match place.is_empty() {
        true => format!("  {text}"),
        false => format!("  {text} ({place})"),
    }
}

fn is_selected(context: &ViewContext<'_>, finding: &Finding) -> bool {
    let item = findings::item(finding);
    item.is_some() && item == context.selection
}

/// Selects the place of a finding. A frame moves the cursor by itself; so that the other views
/// show the moment, a packet does as well.
pub fn go_to(context: &ViewContext<'_>, finding: &Finding) {
    let Some(item) = findings::item(finding) else {
        return;
    };
    context.send(Command::Select(item));
    if item.frame().is_none()
        && let Some(packet) = finding.packet
    {
        context.send(Command::MoveCursor(Cursor::after_packet(packet)));
    }
}

fn title_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    group: &Group,
    open: bool,
    rect: Rect,
    list: &Response,
) -> bool {
    let theme = context.theme;
    let id = list
        .id
        .with((group.rule, mark::severity_name(group.severity)));
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| {
        let state = if open { "open" } else { "closed" };
        WidgetInfo::labeled(
            Role::Button,
            true,
            format!("{}, {state}", title_text(group)),
        )
    });
    let painter = ui.painter();
    let back = rect.shrink2(vec2(0.0, 1.0));
    let fill = if response.hovered() {
        theme.hover
    } else {
        theme.lane
    };
    painter.rect_filled(back, 4.0, fill);
    let at = pos2(rect.left() + 10.0, rect.center().y);
    let turned = if open {
        std::f32::consts::FRAC_PI_2
    } else {
        0.0
    };
    let rotate = egui::emath::Rot2::from_angle(turned);
    let points = [vec2(-2.5, -4.0), vec2(3.5, 0.0), vec2(-2.5, 4.0)];
    let points = points.map(|point| at + rotate * point).to_vec();
    painter.add(egui::Shape::convex_polygon(
        points,
        theme.text_weak,
        egui::Stroke::NONE,
    ));
    mark::severity(
        painter,
        pos2(rect.left() + 28.0, rect.center().y),
        group.severity,
        theme,
    );
    let body = TextStyle::Body.resolve(ui.style());
    let small = TextStyle::Small.resolve(ui.style());
    let cell = rect
        .with_min_x(rect.left() + 42.0)
        .with_max_x(rect.right() - 8.0);
    let count = format::count(group.findings.len() as u64);
    let counted = mark::line(painter, cell, Align::Max, &count, &body, theme.text);
    let cell = cell.with_max_x(cell.right() - counted - 12.0);
    let words = group.rule.replace('-', " ");
    let width = mark::line(painter, cell, Align::Min, &words, &body, theme.text);
    let rest = cell.with_min_x(cell.left() + width + 10.0);
    let section = group.section.unwrap_or_default();
    mark::line(painter, rest, Align::Min, section, &small, theme.text_weak);
    let clicked = response.clicked();
    let why = crate::trace::rules::by_name(group.rule).map_or("", |rule| rule.why);
    let words = format!(
        "{}\n{why}\n{}",
        title_text(group),
        findings::severity_title(group.severity)
    );
    response.on_hover_text(words.replace("\n\n", "\n"));
    clicked
}

fn finding_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    finding: &Finding,
    position: usize,
    rect: Rect,
    list: &Response,
) {
    let theme = context.theme;
    let response = ui.interact(rect, list.id.with(position), Sense::CLICK);
    let item = findings::item(finding);
    let selected = is_selected(context, finding);
    response.widget_info(|| {
        let words = finding_text(finding).trim().to_owned();
        WidgetInfo::selected(Role::Row, item.is_some(), selected, words)
    });
    if response.clicked() {
        list.request_focus();
        go_to(context, finding);
    }
    if response.hovered()
        && let Some(item) = item
    {
        context.hover(item);
    }
    let painter = ui.painter();
    let back = rect.shrink2(vec2(0.0, 1.0));
    if selected {
        painter.rect_filled(back, 4.0, theme.selection);
    } else if response.hovered() {
        painter.rect_filled(back, 4.0, theme.hover);
    }
    let body = TextStyle::Body.resolve(ui.style());
    let small = TextStyle::Small.resolve(ui.style());
    let cell = rect
        .with_min_x(rect.left() + 42.0)
        .with_max_x(rect.right() - 8.0);
    if let (Some(carrier), Some(connection)) = (finding.carrier(), finding.connection)
        && Some(connection) == context.connection.map(|connection| connection.id)
    {
        let centre = pos2(rect.left() + 28.0, rect.center().y);
        let lap = context.carrier_lap(carrier);
        mark::swatch(painter, centre, context.carrier_colour(carrier), lap);
    }
    let place = place_with_connection(context, finding);
    // In a narrow pane the sentence needs the room more.
    let place = match place.split_once(", ") {
        Some((first, _)) if cell.width() < NARROW => first,
        _ => place.as_str(),
    };
    let room = cell.with_min_x(cell.left() + cell.width() * 0.55);
    let taken = mark::line(painter, room, Align::Max, place, &small, theme.text_weak);
    let words = cell.with_max_x(cell.right() - taken - 10.0);
    mark::line(painter, words, Align::Min, &finding.text, &body, theme.text);
    response.on_hover_text(hover_text(finding));
}

fn place_with_connection(context: &ViewContext<'_>, finding: &Finding) -> String {
    let place = findings::place(finding);
    match finding.connection {
        Some(connection) if Some(connection) != context.connection.map(|of| of.id) => {
            format!("connection {connection}, {place}")
        }
        _ => place,
    }
}

fn hover_text(finding: &Finding) -> String {
    let mut lines = vec![finding.text.clone(), findings::place(finding)];
    lines.push(match finding.section {
        Some(section) => format!("{}, {section}", finding.rule),
        None => finding.rule.to_owned(),
    });
    lines.push(findings::why(finding).to_owned());
    if finding.frame.is_some() || finding.packet.is_some() {
        lines.push("A click moves the cursor there.".to_owned());
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

#[cfg(test)]
mod tests;
