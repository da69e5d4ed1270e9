//! Which of the notes the list is at. What is selected does not tell, where several notes are about it.

use crate::notes::{NoteId, Target};
use crate::ui::notes::board::Placed;

/// The note that was gone to, as long as what is selected agrees; else the first one on what is selected.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    note: Option<NoteId>,
    /// Its row in the last picture: where it is deleted, the next one takes its place.
    row: usize,
    /// What was selected in the last picture.
    selected: Option<Target>,
}

impl Place {
    /// A note is gone to: what is selected follows after this picture.
    pub(super) fn go_to(&mut self, id: &NoteId) {
        self.note = Some(id.clone());
    }

    /// The row that the list is at.
    pub(super) fn row(&mut self, rows: &[Placed], selected: Option<Target>) -> Option<usize> {
        let known = self.note.as_ref();
        let mut row = known.and_then(|id| rows.iter().position(|row| row.id == *id));
        if known.is_some() && row.is_none() {
            row = rows.len().checked_sub(1).map(|last| self.row.min(last));
        }
        let first = || {
            let is_about = |row: &Placed| row.target.is_some() && row.target == selected;
            rows.iter().position(is_about)
        };
        if self.selected != selected {
            self.selected = selected;
            let agrees = |at: &usize| match rows.get(*at).map(|row| row.target) {
                // At an instant nothing is selected, and what is not in the capture leaves all as it was.
                Some(None | Some(Target::Instant(_))) => selected.is_none(),
                Some(target) => target == selected,
                None => false,
            };
            row = row.filter(agrees);
        }
        let row = row.or_else(first);
        self.note = row.and_then(|at| Some(rows.get(at)?.id.clone()));
        self.row = row.unwrap_or(0);
        row
    }
}
