//! Arrangements of panes for three kinds of people. They are data: `assets/presets.ron`.

use super::layout::Layout;
use crate::ui::views::ViewId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Whom the panes are arranged for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Someone who learns alone: everything about what is selected, close together.
    #[default]
    Student,
    /// Someone in front of a class: few things, large.
    Teacher,
    /// Someone with a capture from production: many things at once.
    Engineer,
}

/// What `assets/presets.ron` holds.
#[derive(Deserialize)]
struct Presets {
    student: Layout,
    teacher: Layout,
    engineer: Layout,
}

static PRESETS: LazyLock<Presets> = LazyLock::new(|| {
    let text = include_str!("../../../assets/presets.ron");
    // A test reads it, so this is never in want of an answer.
    ron::from_str(text).unwrap_or_else(|_| Presets {
        student: Layout::empty(),
        teacher: Layout::empty(),
        engineer: Layout::empty(),
    })
});

impl Preset {
    /// All of them.
    pub const ALL: [Preset; 3] = [Preset::Student, Preset::Teacher, Preset::Engineer];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Student => "Student",
            Preset::Teacher => "Teacher",
            Preset::Engineer => "Engineer",
        }
    }

    /// What it is for, in one line.
    pub fn help(self) -> &'static str {
        match self {
            Preset::Student => "To learn alone: the loom, and everything about what is selected",
            Preset::Teacher => "In front of a class: few panes, each of them large",
            Preset::Engineer => "To find out what went wrong: tables, findings and TCP at once",
        }
    }

    /// How it arranges the panes.
    pub fn layout(self) -> Layout {
        let mut layout = match self {
            Preset::Student => PRESETS.student.clone(),
            Preset::Teacher => PRESETS.teacher.clone(),
            Preset::Engineer => PRESETS.engineer.clone(),
        };
        layout.tidy(|name| ViewId::from_name(name).is_some());
        layout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_can_be_read_shows_the_loom_and_names_only_views_that_exist() {
        let written = include_str!("../../../assets/presets.ron");
        let presets: Presets = ron::from_str(written).unwrap();
        for (preset, written) in
            Preset::ALL
                .into_iter()
                .zip([presets.student, presets.teacher, presets.engineer])
        {
            assert!(preset.layout().in_front().contains(&"loom"), "{preset:?}");
            assert_eq!(preset.layout(), written, "{preset:?}");
        }
    }
}
