//! The findings of the capture: a few at first, all of them on request.

use crate::trace::{Finding, Severity};
use crate::ui::widgets::row_list::{RowList, RowScroll};
use crate::ui::widgets::{findings, format, mark};
use crate::ui::{Command, ViewContext};
use egui::text::{LayoutJob, TextFormat};
use egui::{Rect, Response, Role, Sense, TextStyle, Ui, WidgetInfo};

/// Rows shown before anybody asks for all.
const FEW: usize = 3;

/// Lines of a finding's sentence that are shown; all of it is there on hover.
const LINES: usize = 3;

/// Whether all findings are shown, and where they are scrolled to.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    open: bool,
    scroll: RowScroll,
}

/// How much of the panel the findings take, in points.
pub(super) fn height(ui: &Ui, context: &ViewContext<'_>, state: &State, available: f32) -> f32 {
    let count = context.trace.findings.len();
    if count == 0 {
        return 0.0;
    }
    // The gap above the title, the title as high as its button, and the gap below.
    let gap = ui.spacing().item_spacing.y;
    let head = 6.0 + ui.spacing().interact_size.y + 2.0 * gap + 2.0;
    let shown = if state.open { count } else { count.min(FEW) };
    let limit = if state.open { 0.6 } else { 0.4 };
    // `min` first: a count of many thousands is no height.
    let rows = shown.min(1000) as f32 * row_height(ui);
    (head + rows).min(available * limit).max(head)
}

fn row_height(ui: &Ui) -> f32 {
    LINES as f32 * ui.text_style_height(&TextStyle::Body) + 8.0
}

/// What the findings say, line by line.
pub(super) fn lines(context: &ViewContext<'_>) -> Vec<String> {
    let findings = &context.trace.findings;
    let mut lines = vec![heading(context)];
    lines.extend(findings.range(0..200).map(row_text));
    lines
}

fn heading(context: &ViewContext<'_>) -> String {
    let total = context.trace.findings.len() as u64 + context.trace.findings_dropped;
    match total {
        0 => "FINDINGS · none".to_owned(),
        total => format!("FINDINGS · {}", format::count(total)),
    }
}

fn row_text(finding: &Finding) -> String {
    format!(
        "{}: {}",
        mark::severity_name(finding.severity),
        finding.text
    )
}

pub(super) fn findings_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let count = context.trace.findings.len();
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        let text = egui::RichText::new(heading(context))
            .small()
            .strong()
            .color(context.theme.text_weak);
        ui.label(text)
            .on_hover_text("What was read and is wrong, odd or missing in this capture");
        if count > FEW {
            let words = if state.open { "show few" } else { "show all" };
            if ui
                .small_button(words)
                .on_hover_text("Show all findings, or a few")
                .clicked()
            {
                state.open = !state.open;
            }
        }
    });
    let list = RowList {
        name: "Findings",
        row_height: row_height(ui),
        count,
        current: None,
    };
    list.show(ui, &mut state.scroll, |ui, row, rect, list| {
        if let Some(finding) = context.trace.findings.get(row) {
            row_ui(ui, context, finding, row, rect, list);
        }
    });
}

fn row_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    finding: &Finding,
    row: usize,
    rect: Rect,
    list: &Response,
) {
    let theme = context.theme;
    let response = ui.interact(rect, list.id.with(row), Sense::CLICK);
    let item = findings::item(finding);
    let selected = item.is_some() && item == context.selection;
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, true, selected, row_text(finding))
    });
    if let Some(item) = item {
        if response.clicked() {
            context.send(Command::Select(item));
        }
        if response.hovered() {
            context.hover(item);
        }
    }
    let back = rect.shrink2(egui::vec2(0.0, 1.0));
    if selected {
        ui.painter().rect_filled(back, 4.0, theme.selection);
    } else if response.hovered() {
        ui.painter().rect_filled(back, 4.0, theme.hover);
    }
    let font = TextStyle::Body.resolve(ui.style());
    let mut job = LayoutJob::single_section(
        finding.text.clone(),
        TextFormat::simple(font.clone(), theme.text),
    );
    job.wrap.max_width = (rect.width() - 32.0).max(20.0);
    job.wrap.max_rows = LINES;
    let galley = ui.painter().layout_job(job);
    let text_top = rect.center().y - galley.size().y / 2.0;
    let icon = egui::pos2(rect.left() + 12.0, rect.center().y);
    mark::severity(ui.painter(), icon, finding.severity, theme);
    ui.painter()
        .galley(egui::pos2(rect.left() + 26.0, text_top), galley, theme.text);
    response.on_hover_text(hover_text(finding));
}

fn hover_text(finding: &Finding) -> String {
    let mut lines = vec![row_text(finding)];
    let place = findings::place(finding);
    if !place.is_empty() {
        lines.push(place);
    }
    lines.push(match finding.section {
        Some(section) => format!("{} · {section}", finding.rule),
        None => finding.rule.to_owned(),
    });
    if finding.severity == Severity::Error {
        lines.push("A rule was broken, or bytes could not be read.".to_owned());
    }
    lines.join("\n")
}
