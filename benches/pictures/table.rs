//! The table that is printed.

use crate::subject::{Case, Subject};
use crate::{AIM, World};
use std::io::Write;
use std::time::Duration;

/// How often each case is drawn.
const RUNS: usize = 3;
/// How often the capture is read.
const READINGS: usize = 5;

/// A table, printed cell by cell. It begins with its first row.
pub struct Table<'a> {
    title: &'static str,
    cases: Vec<&'static str>,
    /// Rows and cases that somebody named; all when there are none.
    wanted: &'a [String],
    /// What was above the aim.
    over: &'a mut Vec<String>,
    row: String,
    cell: usize,
    begun: bool,
}

impl<'a> Table<'a> {
    pub fn new(
        title: &'static str,
        cases: impl Iterator<Item = &'a (&'static str, Case)>,
        wanted: &'a [String],
        over: &'a mut Vec<String>,
    ) -> Self {
        Self {
            title,
            cases: cases.map(|(name, _)| *name).collect(),
            wanted,
            over,
            row: String::new(),
            cell: 0,
            begun: false,
        }
    }

    /// Begins a row, if somebody wants it.
    pub fn begins(&mut self, name: &str) -> bool {
        let rows: Vec<_> = self.wanted.iter().filter(|word| !is_case(word)).collect();
        if !rows.is_empty() && !rows.iter().any(|word| *word == name) {
            return false;
        }
        if !std::mem::replace(&mut self.begun, true) {
            println!("| {} | {} |", self.title, self.cases.join(" | "));
            println!("| --- |{}", " ---: |".repeat(self.cases.len()));
        }
        name.clone_into(&mut self.row);
        self.cell = 0;
        print!("| {name} |");
        true
    }

    /// Draws the next cases of the row.
    pub fn cells<const N: usize>(&mut self, world: &World, cells: [(Subject, Case); N]) {
        for (subject, case) in cells {
            let name = self.cases[self.cell];
            self.cell += 1;
            let cases: Vec<_> = self.wanted.iter().filter(|word| is_case(word)).collect();
            let is_wanted = cases.is_empty() || cases.iter().any(|word| word[1..] == *name);
            let times = match is_wanted {
                true => measured(subject, world, case),
                false => Vec::new(),
            };
            if times.is_empty() {
                print!(" |");
                continue;
            }
            let ms = |share| percentile(&times, share).as_secs_f64() * 1e3;
            let mark = if percentile(&times, 0.99) > AIM {
                self.over.push(format!("{}, {name}", self.row));
                "**"
            } else {
                ""
            };
            print!(" {mark}{:.1} / {:.1}{mark} |", ms(0.5), ms(0.99));
            std::io::stdout().flush().unwrap();
        }
    }

    /// Ends the row.
    pub fn end(&mut self) {
        println!("{}", " |".repeat(self.cases.len() - self.cell));
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        if self.begun {
            println!();
        }
    }
}

/// `+sorting` names a case, `requests` a row.
fn is_case(word: &str) -> bool {
    word.starts_with('+')
}

/// What each picture took: the fastest time of each over all runs. No two readings have the same pictures, so of these the
/// one in the middle counts, by its 99th percentile.
fn measured(subject: Subject, world: &World, case: Case) -> Vec<Duration> {
    if matches!(case, Case::Reading) {
        let mut readings: Vec<_> = (0..READINGS).map(|_| subject.draw(world, case)).collect();
        readings.sort_unstable_by_key(|times| percentile(times, 0.99));
        return readings.swap_remove(READINGS / 2);
    }
    let mut runs = (0..RUNS).map(|_| subject.draw(world, case));
    let mut times = runs.next().unwrap();
    for run in runs {
        for (best, time) in times.iter_mut().zip(run) {
            *best = time.min(*best);
        }
    }
    times
}

fn percentile(times: &[Duration], share: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}
