//! The bar at the bottom: buttons, pace, time, and the strip one drags in.

use super::miniature::Miniature;
use super::stepping::StepUnit;
use super::{BEAT_S, Pace, Transport};
use crate::trace::{Connection, Cursor, Direction, Moment, Read, Trace};
use crate::ui::app::keys::hint;
use crate::ui::theme::text_size;
use crate::ui::widgets::anchor;
use crate::ui::widgets::format;
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::{Command, ViewContext};
use egui::{
    Align, Align2, Color32, FontId, Layout, Rect, Response, RichText, Role, Sense, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

/// How high the strip is, in points: two rows of marks that a mouse can hit.
const STRIP_HEIGHT: f32 = 34.0;

/// How high it is while presenting.
const THIN_STRIP_HEIGHT: f32 = 15.0;

/// Room for the names of the strip's rows.
const GUTTER: f32 = 36.0;

/// What the bar remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    miniature: Miniature,
}

/// Shows the bar. `shown_ns` is the stretch of time that the loom shows, since the first packet;
/// `live` says that the capture may still grow.
pub fn transport_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    transport: &Transport,
    state: &mut State,
    shown_ns: Option<(f64, f64)>,
    live: bool,
) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let roomy = ui.available_width() > 1100.0;
        buttons_ui(ui, context, transport);
        loop_ui(ui, context, transport);
        if roomy {
            unit_ui(ui, context, transport);
        }
        pace_ui(ui, context, transport);
        follow_ui(ui, context, transport, live);
        ui.add_space(6.0);
        labels_ui(ui, context, transport);
        ui.add_space(6.0);
        strip_ui(ui, context, transport, state, shown_ns, false);
    });
}

/// Shows time as one thin line: where the cursor is, and the strip.
pub fn thin_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    transport: &Transport,
    state: &mut State,
    shown_ns: Option<(f64, f64)>,
) {
    let theme = context.theme;
    let icon = match transport.playing() {
        true => Icon::Play,
        false => Icon::Pause,
    };
    let (square, _) = ui.allocate_exact_size(vec2(14.0, 16.0), Sense::hover());
    icon.paint(ui.painter(), square.center(), 11.0, theme.text_weak);
    let mono = FontId::monospace(text_size::MONOSPACE);
    let words = format!(
        "{} · {}",
        time_label(context.trace, transport),
        frame_label(context)
    );
    ui.label(RichText::new(words).font(mono).color(theme.text));
    strip_ui(ui, context, transport, state, shown_ns, true);
}

fn buttons_ui(ui: &mut Ui, context: &ViewContext<'_>, transport: &Transport) {
    let frames = context
        .connection
        .and_then(Connection::http2)
        .map_or(0, |http2| http2.frames.len());
    // Of HTTP/1.1, a step goes from message to message.
    let (seen, all) = messages_seen(context).unwrap_or((context.frame_count(), frames));
    let any = all > 0;
    let more = seen < all;
    let unit = transport.unit();
    let (can_back, can_on) = can_step(context, unit, (seen > 0, more));
    let back = format!("Back by one {}", unit_name(context, unit));
    let on = format!("On by one {}", unit_name(context, unit));
    let play = match transport.playing() {
        true => (Icon::Pause, "Pause", "Stop time"),
        false if more || !any => (Icon::Play, "Play", "Let time run"),
        false => (Icon::Play, "Play", "Let time run, from the start"),
    };
    let buttons = [
        (
            Icon::ToStart,
            "To start",
            "To the start",
            seen > 0,
            Command::ToStart,
        ),
        (
            Icon::StepBack,
            "Step back",
            &back,
            can_back,
            Command::StepBack,
        ),
        (play.0, play.1, play.2, any, Command::TogglePlay),
        (
            Icon::StepForward,
            "Step forward",
            &on,
            can_on,
            Command::StepForward,
        ),
        (
            Icon::ToEnd,
            "To end",
            "To the end of what was read",
            all > 0 && !transport.following(),
            Command::ToEnd,
        ),
    ];
    for (icon, label, text, enabled, command) in buttons {
        let button = IconButton {
            icon,
            label,
            hint: &hint(text, &command),
            enabled,
            prominent: command == Command::TogglePlay,
        };
        let shown = button.show(ui, context.theme);
        match command {
            Command::TogglePlay => anchor::mark(ui.ctx(), "play", shown.rect),
            Command::StepForward => anchor::mark(ui.ctx(), "step forward", shown.rect),
            _ => {}
        }
        if shown.clicked() {
            context.send(command);
        }
    }
}

/// Whether a step back and one onwards lead anywhere, given whether they do frame by frame.
fn can_step(context: &ViewContext<'_>, unit: StepUnit, by_frame: (bool, bool)) -> (bool, bool) {
    let (Some(cursor), Some(connection)) = (context.cursor, context.connection) else {
        return (false, false);
    };
    match unit {
        StepUnit::Frame | StepUnit::StreamFrame => by_frame,
        // Packets come before the first frame and behind the last.
        StepUnit::Packet | StepUnit::RoundTrip => (
            cursor.packet > connection.row.first_packet,
            cursor < Cursor::after_packet(connection.row.last_packet),
        ),
    }
}

/// Whether a stretch of time is played over and over.
fn loop_ui(ui: &mut Ui, context: &ViewContext<'_>, transport: &Transport) {
    let looped = transport.looped_ns();
    let text = match looped {
        Some((start, end)) => format!(
            "Plays {} to {} over and over; click to end that",
            format::duration_ns(start),
            format::duration_ns(end)
        ),
        None => {
            "Play the selected stream over and over, or what the loom shows. Or drag with Shift \
                 in the strip"
                .to_owned()
        }
    };
    let button = IconButton {
        icon: Icon::Loop,
        label: "Loop",
        hint: &hint(&text, &Command::ToggleLoop),
        enabled: context.connection.is_some(),
        prominent: looped.is_some(),
    };
    if button.show(ui, context.theme).clicked() {
        context.send(Command::ToggleLoop);
    }
}

/// Whether views move along with the cursor; while the capture grows, whether the cursor stays at
/// its end.
fn follow_ui(ui: &mut Ui, context: &ViewContext<'_>, transport: &Transport, live: bool) {
    let (on, words, hint, command) = match (live, transport.following()) {
        (true, true) => (
            true,
            "live",
            "The capture grows, and the cursor stays at its end. A step back or a click here holds it.",
            Command::FollowEnd(false),
        ),
        (true, false) => (
            false,
            "live",
            "The capture grows, and the cursor stays where it is. Click to follow the end. (End)",
            Command::FollowEnd(true),
        ),
        (false, _) => (
            transport.views_follow(),
            "follow",
            "While time runs and with every step, the loom, the other time axes and the lists keep what the cursor is at \
             in sight. One that is scrolled away stays where it is until its own button \u{201c}follow\u{201d} brings it back.",
            Command::FollowCursor(!transport.views_follow()),
        ),
    };
    let mut shown = on;
    let check = ui.checkbox(&mut shown, words);
    let name = match live {
        true => "Follow the end of the capture",
        false => "Follow the cursor",
    };
    check.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, name));
    let check = check.on_hover_text(hint);
    if check.changed() {
        context.send(command);
    }
}

/// What the step buttons go to.
fn unit_ui(ui: &mut Ui, context: &ViewContext<'_>, transport: &Transport) {
    let unit = transport.unit();
    let shown = egui::ComboBox::from_id_salt("step unit")
        .selected_text(format!("by {}", unit_name(context, unit)))
        .width(112.0)
        .truncate()
        .show_ui(ui, |ui| {
            let units = StepUnit::ALL.into_iter();
            // Of HTTP/1.1 there are no frames of a stream.
            for choice in units.filter(|of| *of != StepUnit::StreamFrame || !is_http1(context)) {
                let item = ui
                    .selectable_label(choice == unit, format!("by {}", unit_name(context, choice)));
                if item.on_hover_text(unit_help(context, choice)).clicked() {
                    context.send(Command::SetStepUnit(choice));
                }
            }
        });
    let name = format!("Steps by {}", unit_name(context, unit));
    shown
        .response
        .widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
    let about = unit_help(context, unit);
    shown
        .response
        .on_hover_text(format!("What the step buttons go to. {about}"));
}

/// Whether the connection shown has messages of HTTP/1.1 and no frames.
fn is_http1(context: &ViewContext<'_>) -> bool {
    (context.connection).is_some_and(|of| of.http2().is_none() && of.http1().is_some())
}

/// What a step goes to: of HTTP/1.1 a message, where it would be a frame.
fn unit_name(context: &ViewContext<'_>, unit: StepUnit) -> &'static str {
    match unit {
        StepUnit::Frame | StepUnit::StreamFrame if is_http1(context) => "message",
        unit => unit.name(),
    }
}

/// What that means, in a sentence.
fn unit_help(context: &ViewContext<'_>, unit: StepUnit) -> &'static str {
    match unit {
        StepUnit::Frame | StepUnit::StreamFrame if is_http1(context) => {
            "A step goes to the next message of the connection."
        }
        StepUnit::Packet if is_http1(context) => {
            "A step goes to the next packet of the connection, also to one with which no message begins."
        }
        unit => unit.help(),
    }
}

/// How fast time runs, in short: `0.05×`.
fn pace_label(context: &ViewContext<'_>, pace: Pace) -> String {
    match pace {
        Pace::Beat if is_http1(context) => "message by message".to_owned(),
        pace => pace.label(),
    }
}

/// What that means, in a sentence.
fn pace_help(context: &ViewContext<'_>, pace: Pace) -> String {
    match pace {
        Pace::Beat if is_http1(context) => {
            format!("One message per beat of {BEAT_S} s, however far apart they were.")
        }
        pace => pace.help(),
    }
}

fn pace_ui(ui: &mut Ui, context: &ViewContext<'_>, transport: &Transport) {
    let pace = transport.pace();
    let shown = egui::ComboBox::from_id_salt("pace")
        .selected_text(pace_label(context, pace))
        .width(104.0)
        .height(440.0)
        .show_ui(ui, |ui| {
            for choice in Pace::CHOICES {
                let item = ui.selectable_label(choice == pace, pace_label(context, choice));
                if item.on_hover_text(pace_help(context, choice)).clicked() {
                    context.send(Command::SetPace(choice));
                }
            }
            ui.separator();
            let mut folds = transport.folds_waits();
            let words = format!("skip waits over {} s", super::IDLE_LIMIT_S);
            let check = ui.checkbox(&mut folds, words);
            if check
                .on_hover_text("Fold idle time: a wait longer than this is jumped over, and said")
                .changed()
            {
                context.send(Command::ToggleFoldWaits);
            }
        });
    let name = format!("Speed: {}", pace_label(context, pace));
    shown
        .response
        .widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
    shown
        .response
        .on_hover_text(format!("How fast time runs. {}", pace_help(context, pace)));
}

/// The time and the frame, in digits of one width, padded to what the capture's end needs, so
/// that nothing moves while they count.
fn labels_ui(ui: &mut Ui, context: &ViewContext<'_>, transport: &Transport) {
    let theme = context.theme;
    let time = time_label(context.trace, transport);
    let frame = frame_label(context);
    let small = FontId::monospace(text_size::SMALL);
    let letter = ui.fonts_mut(|fonts| fonts.glyph_width(&small, '0'));
    let width = letter * frame_label_len(context) as f32;
    let size = vec2(width, ui.available_height());
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.add_space(((ui.available_height() - 34.0) / 2.0).max(0.0));
        let time = ui.label(RichText::new(&time).monospace().color(theme.text));
        time.on_hover_text(
            "Time of the cursor since the first packet of the capture, in milliseconds.",
        );
        let weak = |text: &str| {
            RichText::new(text)
                .font(small.clone())
                .color(theme.text_weak)
        };
        match transport.skipped_wait() {
            Some(wait) => {
                let skipped = format!("skipped {} of waiting", format::duration_ns(wait.ns as i64));
                ui.label(weak(&skipped).color(theme.warning))
                    .on_hover_text(format!(
                        "Nothing happened on this connection for more than {} s of watching.",
                        super::IDLE_LIMIT_S
                    ));
            }
            None => {
                ui.label(weak(&frame)).on_hover_text(match is_http1(context) {
                    true => {
                        "How many messages of this connection have begun at the cursor, and how \
                         many are still to come."
                    }
                    false => {
                        "The last frame that has happened at the cursor, and how many of this \
                         connection are still to come. Frames are numbered from 0, both \
                         directions together."
                    }
                });
            }
        }
    });
}

/// The time label: ` 184.332 001 ms`.
pub fn time_label(trace: &Trace, transport: &Transport) -> String {
    let Some(time_ns) = transport.time_ns(trace) else {
        return "no time yet".to_owned();
    };
    let (first, last) = trace.time_range_ns.unwrap_or_default();
    let width = format::milliseconds(last.saturating_sub(first))
        .chars()
        .count();
    format!("{:>width$} ms", format::milliseconds(time_ns))
}

/// How many messages of HTTP/1.1 have begun at the cursor, and how many there are; `None` for a connection with frames and
/// for one that speaks neither.
fn messages_seen(context: &ViewContext<'_>) -> Option<(usize, usize)> {
    let connection = context.connection.filter(|of| of.http2().is_none())?;
    let messages = connection.http1()?.messages();
    let read = Read::at(connection, context.cursor);
    let seen = messages.partition_point(|row| read.has(Moment::Packet(row.head_packet)));
    Some((seen, messages.len()))
}

/// The frame label: `after frame 23 · 388 to come`. Frames are numbered from 0, as everywhere in the program, so a count of
/// those that have happened would be one more than the number of the last, and taken for it.
pub fn frame_label(context: &ViewContext<'_>) -> String {
    let left = |seen: usize, all: usize| match all.saturating_sub(seen) {
        0 if context.loading => "the last so far".to_owned(),
        0 => "the last".to_owned(),
        left => format!("{left} to come"),
    };
    if let Some((seen, all)) = messages_seen(context) {
        return match seen {
            0 => format!("before message 1 · {}", left(0, all)),
            _ => format!("after message {seen} · {}", left(seen, all)),
        };
    }
    let Some(http2) = context.connection.and_then(Connection::http2) else {
        return "no frames".to_owned();
    };
    let (seen, all) = (context.frame_count(), http2.frames.len());
    match seen.checked_sub(1) {
        Some(last) => format!("after frame {last} · {}", left(seen, all)),
        None => format!("before frame 0 · {all} to come"),
    }
}

/// How many letters the frame label has at most, so that what stands beside it does not move.
fn frame_label_len(context: &ViewContext<'_>) -> usize {
    let frames = context.connection.and_then(Connection::http2);
    let all = match (frames, messages_seen(context)) {
        (Some(http2), _) => http2.frames.len(),
        (None, Some((_, all))) => all,
        (None, None) => 0,
    };
    let digits = all.to_string().len();
    let longest = "before message  · the last so far".chars().count();
    match frames {
        Some(_) => ("before frame  ·  to come".chars().count() + 2 * digits).max(longest - 4),
        None => longest + digits,
    }
}

/// The whole capture in a strip, the client's row above the server's. Drag in it to move the
/// cursor.
fn strip_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    transport: &Transport,
    state: &mut State,
    shown_ns: Option<(f64, f64)>,
    thin: bool,
) {
    let theme = context.theme;
    let (Some(connection), Some((first_ns, last_ns))) =
        (context.connection, context.trace.time_range_ns)
    else {
        return;
    };
    let length_ns = last_ns.saturating_sub(first_ns).max(1);
    let end_label = format!("{} ms", format::milliseconds(length_ns));
    let font = FontId::monospace(text_size::SMALL);
    let end = ui
        .painter()
        .layout_no_wrap(end_label, font, theme.text_weak);
    let (height, gutter) = match thin {
        true => (THIN_STRIP_HEIGHT, 0.0),
        false => (STRIP_HEIGHT, GUTTER),
    };
    let width = (ui.available_width() - gutter - end.size().x - 12.0).max(60.0);
    let (gutter, _) = ui.allocate_exact_size(vec2(gutter, height), Sense::hover());
    for (direction, row) in [(Direction::Client, 0.25), (Direction::Server, 0.75)] {
        if thin {
            break;
        }
        let at = pos2(gutter.right(), gutter.top() + gutter.height() * row);
        let font = FontId::proportional(text_size::SMALL);
        let name = direction.name();
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, name, font, theme.text_weak);
    }
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click_and_drag());
    let at = pos2(rect.right() + 8.0, rect.center().y - end.size().y / 2.0);
    ui.painter().galley(at, end, theme.text_weak);

    if state
        .miniature
        .take(context.trace, connection, context.loading)
    {
        ui.ctx().request_repaint();
    }
    let now_ns = transport.time_ns(context.trace).unwrap_or(0);
    let now = now_ns as f64 / length_ns as f64;
    let text = format!("Cursor at {} of the capture", format::duration_ns(now_ns));
    response.widget_info(|| WidgetInfo::slider(true, now * 100.0, &text));
    if ui.is_rect_visible(rect) {
        paint_strip(
            ui,
            context,
            connection,
            &state.miniature,
            rect,
            now as f32,
            length_ns,
            shown_ns,
        );
        if let Some((start, end)) = transport.looped_ns() {
            let x = |ns: i64| {
                rect.left() + rect.width() * (ns as f64 / length_ns as f64).clamp(0.0, 1.0) as f32
            };
            let band = Rect::from_x_y_ranges(x(start)..=x(end).max(x(start) + 2.0), rect.y_range());
            ui.painter()
                .rect_filled(band, 2.0, theme.accent.gamma_multiply(0.18));
            let edge = Stroke::new(1.5, theme.accent);
            ui.painter()
                .rect_stroke(band, 2.0, edge, egui::StrokeKind::Inside);
        }
    }
    if ui.input(|input| input.modifiers.shift) && response.dragged() {
        choose_loop(ui, context, &response, rect, length_ns);
    } else {
        drag(context, &response, rect, first_ns, length_ns);
    }
    if !response.dragged() {
        response.on_hover_text_at_pointer(
            "The whole capture: what the client sent above, what the server sent below. Each mark \
             has the colour of the stream or exchange that sent most there. Drag to move the cursor, with Shift \
             to choose what is played over and over.",
        );
    }
}

/// A drag with Shift chooses what is played over and over.
fn choose_loop(
    ui: &Ui,
    context: &ViewContext<'_>,
    response: &Response,
    rect: Rect,
    length_ns: i64,
) {
    let origin = ui.input(|input| input.pointer.press_origin());
    let (Some(from), Some(to)) = (origin, response.interact_pointer_pos()) else {
        return;
    };
    let time_ns = |x: f32| {
        let share = f64::from((x - rect.left()) / rect.width()).clamp(0.0, 1.0);
        (share * length_ns as f64) as i64
    };
    let (one, other) = (time_ns(from.x), time_ns(to.x));
    context.send(Command::SetLoop(Some((one.min(other), one.max(other)))));
}

fn drag(context: &ViewContext<'_>, response: &Response, rect: Rect, first_ns: i64, length_ns: i64) {
    let Some(pointer) = response.interact_pointer_pos() else {
        return;
    };
    if !(response.dragged() || response.clicked()) {
        return;
    }
    let share = f64::from((pointer.x - rect.left()) / rect.width()).clamp(0.0, 1.0);
    let time_ns = first_ns.saturating_add((share * length_ns as f64).round() as i64);
    match context.trace.packet_at(time_ns) {
        Some(packet) if share > 0.0 => {
            context.send(Command::MoveCursor(Cursor::after_packet(packet)));
        }
        _ => context.send(Command::ToStart),
    }
}

#[expect(clippy::too_many_arguments, reason = "one picture, in its parts")]
fn paint_strip(
    ui: &Ui,
    context: &ViewContext<'_>,
    connection: &Connection,
    miniature: &Miniature,
    rect: Rect,
    now: f32,
    length_ns: i64,
    shown_ns: Option<(f64, f64)>,
) {
    let theme = context.theme;
    let painter = ui.painter_at(rect.expand2(vec2(6.0, 4.0)));
    painter.rect(
        rect,
        4.0,
        theme.background,
        Stroke::new(1.0, theme.line),
        egui::StrokeKind::Outside,
    );
    // One column per physical pixel would flicker with the window's width; two points per column
    // are marks one can see.
    let columns = (rect.width() / 2.0).floor().max(1.0) as usize;
    let column_width = rect.width() / columns as f32;
    let row_height = rect.height() / 2.0;
    let cursor_x = rect.left() + rect.width() * now.clamp(0.0, 1.0);
    for direction in Direction::BOTH {
        let bins = miniature.columns(connection.side(direction), length_ns, columns);
        let most = bins.iter().map(|bin| bin.bytes).max().unwrap_or(0);
        let bottom = rect.top() + row_height * (direction.index() as f32 + 1.0) - 1.5;
        for (index, bin) in bins.iter().enumerate() {
            let Some(owner) = bin.owner else {
                continue;
            };
            // The root, so that a column of small frames is still seen beside full ones.
            let share = (bin.bytes as f64 / most.max(1) as f64).sqrt() as f32;
            let height = (row_height - 3.0) * (0.3 + 0.7 * share);
            let left = rect.left() + index as f32 * column_width;
            let colour = context.carrier_colour(owner);
            let colour = if left > cursor_x {
                theme.dimmed(colour)
            } else {
                colour
            };
            let mark = Rect::from_min_max(
                pos2(left, bottom - height),
                pos2(left + column_width.max(1.5), bottom),
            );
            painter.rect_filled(mark, 0.0, colour);
        }
    }
    if let Some((start_ns, end_ns)) = shown_ns {
        let x = |ns: f64| {
            let share = (ns / length_ns as f64).clamp(0.0, 1.0) as f32;
            rect.left() + rect.width() * share
        };
        let shown = Rect::from_x_y_ranges(x(start_ns)..=x(end_ns), rect.y_range());
        if shown.width() < rect.width() * 0.97 {
            let edge = Stroke::new(1.5, theme.text_weak);
            painter.rect_stroke(shown, 2.0, edge, egui::StrokeKind::Inside);
        }
    }
    paint_cursor(&painter, rect, cursor_x, theme.cursor);
}

fn paint_cursor(painter: &egui::Painter, rect: Rect, x: f32, colour: Color32) {
    painter.vline(x, rect.y_range().expand(2.0), Stroke::new(2.0, colour));
    let top = rect.top() - 2.0;
    let flag = vec![
        pos2(x - 4.5, top - 2.0),
        pos2(x + 4.5, top - 2.0),
        pos2(x, top + 4.0),
    ];
    painter.add(egui::Shape::convex_polygon(flag, colour, Stroke::NONE));
}
