//! Notes on the time axis: a flag where one was written, and a thin pole down through the wire.

use super::paint::Picture;
use super::places::{frame_width, near};
use crate::notes::Target;
use crate::report::text;
use crate::ui::Command;
use crate::ui::notes::Command as NoteCommand;
use crate::ui::notes::board::{Flag, Placed};
use crate::ui::widgets::mark;
use egui::{Align2, FontId, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

/// Flags closer than this would cover each other and become one, with a number.
const APART_POINTS: f32 = 15.0;
/// How large a flag is with what it stands on.
const SIZE_POINTS: f32 = 15.0;
/// How many notes a tooltip tells.
const MAX_TOLD: usize = 5;

/// Which notes have flags in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// All notes of the connection, on the axis.
    All,
    /// Those of one of several connections, on its wire.
    Part,
    /// Those on instants alone, on the axis above several connections.
    Instants,
}

/// Notes that stand together.
struct Group<'a> {
    x: f32,
    first: &'a Placed,
    notes: Vec<&'a Placed>,
}

impl Picture<'_> {
    /// Draws the flags in view. A click leads to what the note is about.
    pub fn flags_ui(&self, ui: &mut Ui, of: Of) {
        for group in self.flag_groups(of) {
            self.flag_ui(ui, &group, of);
        }
    }

    /// Whether a flag is in view, for the legend.
    pub(super) fn has_flags(&self) -> bool {
        !self.flag_groups(Of::All).is_empty()
    }

    fn flag_groups(&self, of: Of) -> Vec<Group<'_>> {
        let (scale, width) = (self.model.places.scale, f64::from(self.layout.width()));
        let times_ns = scale.time_from_x(0.0) as i64..scale.time_from_x(width) as i64;
        let connection = self.reader.connection.id;
        let flags = self.context.notes.flags(connection, times_ns);
        let mut groups: Vec<Group<'_>> = Vec::new();
        for (flag, placed) in flags {
            let instant = matches!(placed.target, Some(Target::Instant(_)));
            if (of == Of::Instants && !instant) || (of == Of::Part && instant) {
                continue;
            }
            let x = self.flag_x(flag, placed);
            match groups.last_mut() {
                Some(group) if x - group.x < APART_POINTS => group.notes.push(placed),
                _ => groups.push(Group {
                    x,
                    first: placed,
                    notes: vec![placed],
                }),
            }
        }
        groups
    }

    /// The middle of the frame, else the time.
    fn flag_x(&self, flag: Flag, placed: &Placed) -> f32 {
        let places = &self.model.places;
        let x = match placed.target {
            Some(Target::Frame(_, frame)) => {
                let (left, room) = places.slot(frame, flag.time_ns);
                left + frame_width(room) / 2.0
            }
            _ => near(places.scale.x_from_time(flag.time_ns as f64)),
        };
        self.x(x)
    }

    fn flag_ui(&self, ui: &mut Ui, group: &Group<'_>, of: Of) {
        let theme = self.context.theme;
        let foot = match of {
            Of::Part => self.layout.wire[0].top() + SIZE_POINTS,
            Of::All | Of::Instants => self.layout.axis.bottom(),
        };
        let place = Rect::from_min_size(
            pos2(group.x - 4.0, foot - SIZE_POINTS),
            vec2(SIZE_POINTS, SIZE_POINTS),
        );
        let pill = self.cursor_words_rect(ui.painter()).map(|(pill, _)| pill);
        let place = match pill {
            Some(pill) => beside(place, pill),
            None => place,
        };
        if !self.layout.rect.intersects(place) {
            return;
        }
        let id = ui.scope_id().with(("note", &*group.first.id.0));
        let response = ui.interact(place, id, Sense::click());
        let said = said(self, group);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
        let painter = ui.painter_at(self.layout.rect);
        let lit = response.hovered() || response.has_focus();
        let strength = if lit { 0.9 } else { 0.45 };
        let pole = Stroke::new(1.0, theme.accent.gamma_multiply(strength));
        painter.vline(group.x, foot..=self.layout.wire[1].bottom(), pole);
        painter.rect_filled(place.expand(1.0), 3.0, theme.background.gamma_multiply(0.8));
        let flag = pos2(place.left() + 7.5, foot - 7.0);
        mark::flag(&painter, flag, theme.accent);
        if group.notes.len() > 1 {
            let at = pos2(place.right() + 1.0, foot - 9.0);
            let font = FontId::proportional(super::surround::SMALL_POINTS);
            let count = group.notes.len().to_string();
            painter.text(at, Align2::LEFT_CENTER, count, font, theme.accent);
        }
        if response.clicked() {
            let go_to = NoteCommand::GoTo(group.first.id.clone());
            self.context.send(Command::Notes(go_to));
        }
        response.on_hover_text(said);
    }
}

/// Where a flag goes that the cursor's time would cover: to the nearer side of that, away from its pole.
fn beside(flag: Rect, pill: Rect) -> Rect {
    if !pill.intersects(flag) {
        return flag;
    }
    let left = match flag.center().x < pill.center().x {
        true => pill.left() - flag.width() - 2.0,
        false => pill.right() + 2.0,
    };
    flag.translate(vec2(left - flag.left(), 0.0))
}

/// What the notes of a flag say.
fn said(picture: &Picture<'_>, group: &Group<'_>) -> String {
    let notes = picture.context.notes.notes();
    let told = group.notes.iter().take(MAX_TOLD).map(|placed| {
        let text = notes.get(&placed.id).map_or("", |note| note.text.as_str());
        format!(
            "Note on {}: {}",
            placed.words,
            text::visible_lines(text, 600)
        )
    });
    let mut lines: Vec<String> = told.collect();
    let more = group.notes.len().saturating_sub(MAX_TOLD);
    if more > 0 {
        lines.push(format!("and {more} more notes here"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_below_the_cursors_time_stands_beside_it() {
        let pill = Rect::from_min_size(pos2(100.0, 2.0), vec2(66.0, 18.0));
        let flag = |x| Rect::from_min_size(pos2(x, 16.0), vec2(SIZE_POINTS, SIZE_POINTS));
        assert_eq!(beside(flag(40.0), pill), flag(40.0));
        for x in [101.0, 130.0, 160.0] {
            let moved = beside(flag(x), pill);
            assert!(!moved.intersects(pill), "{moved:?}");
            assert!((moved.left() - x).abs() <= pill.width() / 2.0 + SIZE_POINTS + 2.0);
        }
    }
}
