//! Where words about losses stand: in lines below their bars, the longest words that fit, and never over others. Pure.

use egui::Rangef;

/// Between two words.
const GAP_POINTS: f32 = 10.0;
/// Words stand at most this far beside the bar that they are about; further away they would be read of another.
const ASIDE_POINTS: f32 = 24.0;
/// The same of words that count several.
const COUNT_ASIDE_POINTS: f32 = 90.0;
/// Up to so many losses it is tried which of them may say more.
const FEW: usize = 10;
/// Losses this near to each other are counted together.
const TOGETHER_POINTS: f32 = 160.0;

/// A loss: from where to where it lasted, and what may be said, each shorter than the one before, with its width.
pub struct Row {
    /// In points on the screen.
    pub span: Rangef,
    /// Never empty.
    pub ways: Vec<(String, f32)>,
    /// Whether something was lost or late; else it was only sent again.
    pub is_loss: bool,
}

/// Where words may stand.
#[derive(Clone, Copy)]
struct Room {
    plot: Rangef,
    /// How many lines there are.
    lines: usize,
    /// How far beside their bar, in points.
    aside: f32,
    /// Which place is tried first: below the middle of the bar, or towards one of its ends.
    turn: usize,
}

/// Words with their place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// In which line.
    pub line: usize,
    /// Their left edge.
    pub left: f32,
    /// How wide they are.
    pub width: f32,
    /// What they are about stands here.
    pub anchor: f32,
    /// The words.
    pub words: String,
    /// Of how many losses they speak.
    pub count: usize,
}

impl Placed {
    /// From where to where they reach.
    pub fn range(&self) -> Rangef {
        Rangef::new(self.left, self.left + self.width)
    }
}

/// Places words so that each loss has some: as long ones as leave room for all of them. What finds no place even so is
/// counted together with its neighbours.
pub fn place(
    rows: Vec<Row>,
    plot: Rangef,
    lines: usize,
    width_of: impl Fn(&str) -> f32,
) -> Vec<Placed> {
    let longest = rows.iter().map(|row| row.ways.len()).max().unwrap_or(0);
    for aside in [0.0, ASIDE_POINTS] {
        for (from, turn) in (0..longest).flat_map(|from| (0..3).map(move |turn| (from, turn))) {
            let levels = vec![from; rows.len()];
            let room = Room {
                plot,
                lines,
                aside,
                turn,
            };
            let (mut placed, left_out) = attempt(&rows, &levels, room);
            if left_out.is_empty() {
                if rows.len() <= FEW {
                    placed = prefer_first(&rows, levels, placed, room);
                }
                lengthen(&mut placed, &rows, room);
                return placed;
            }
        }
    }
    // What comes first has its choice first.
    let shorter = longest.saturating_sub(2);
    let levels = vec![shorter; rows.len()];
    let room = Room {
        plot,
        lines,
        aside: 0.0,
        turn: 0,
    };
    let (mut placed, mut left_out) = attempt(&rows, &levels, room);
    let room = Room {
        aside: COUNT_ASIDE_POINTS,
        ..room
    };
    left_out.sort_by(|a, b| a.span.min.total_cmp(&b.span.min));
    let mut rest = left_out.as_slice();
    while let Some(first) = rest.first() {
        let reach = first.span.min + TOGETHER_POINTS;
        let together = rest.iter().take_while(|row| row.span.min <= reach).count();
        let (group, others) = rest.split_at(together);
        rest = others;
        count(&mut placed, group, room, &width_of);
    }
    placed
}

/// All of them are placed: now the first ones have longer words, as long as all others still find their place.
///
/// Where words stand centred below their bars they may be in the way of others: then they are tried at its ends.
fn prefer_first(
    rows: &[Row],
    mut levels: Vec<usize>,
    mut placed: Vec<Placed>,
    room: Room,
) -> Vec<Placed> {
    for at in 0..rows.len() {
        let most = levels.get(at).copied().unwrap_or(0);
        for level in 0..most {
            let mut wished = levels.clone();
            if let Some(own) = wished.get_mut(at) {
                *own = level;
            }
            let tries = (0..3).map(|turn| attempt(rows, &wished, Room { turn, ..room }));
            let found = { tries }.find(|(_, left_out)| left_out.is_empty());
            if let Some((better, _)) = found {
                (levels, placed) = (wished, better);
                break;
            }
        }
    }
    placed
}

/// Places those that find room, each with its words from a length on. Returns the others too.
fn attempt<'a>(rows: &'a [Row], levels: &[usize], room: Room) -> (Vec<Placed>, Vec<&'a Row>) {
    let mut placed: Vec<Placed> = Vec::new();
    let mut left_out: Vec<&Row> = Vec::new();
    for (row, from) in rows.iter().zip(levels) {
        let span = within(row.span, room.plot);
        let from = (*from).min(row.ways.len().saturating_sub(1));
        let ways = row.ways.iter().skip(from);
        let mut found = ways.filter_map(|(words, width)| {
            let (line, left) = free(&placed, span, *width, room)?;
            Some(Placed {
                line,
                left,
                width: *width,
                anchor: span.center(),
                words: words.clone(),
                count: 1,
            })
        });
        match found.next() {
            Some(found) => placed.push(found),
            None => left_out.push(row),
        }
    }
    (placed, left_out)
}

/// Where there is room left, the first ones say more. Each row has its words at its own position.
fn lengthen(placed: &mut [Placed], rows: &[Row], room: Room) {
    let room = Room { aside: 0.0, ..room };
    for (at, row) in rows.iter().enumerate() {
        let Some(before) = placed.get(at).cloned() else {
            return;
        };
        let mut others: Vec<Placed> = placed.to_vec();
        others.remove(at);
        let span = within(row.span, room.plot);
        let longer = row.ways.iter().filter(|(_, width)| *width > before.width);
        let mut found = longer.filter_map(|(words, width)| {
            let (line, left) = free(&others, span, *width, room)?;
            Some((line, left, *width, words))
        });
        if let (Some((line, left, width, words)), Some(own)) = (found.next(), placed.get_mut(at)) {
            (own.line, own.left, own.width) = (line, left, width);
            own.words.clone_from(words);
        }
    }
}

fn within(span: Rangef, plot: Rangef) -> Rangef {
    Rangef::new(
        span.min.clamp(plot.min, plot.max),
        span.max.clamp(plot.min, plot.max),
    )
}

/// Says how many more there are, below them or beside them; without room for that the words that stand nearest
/// become a number that has them in it.
fn count(placed: &mut Vec<Placed>, group: &[&Row], room: Room, width_of: &impl Fn(&str) -> f32) {
    let first = group.iter().map(|row| row.span.min);
    let last = group.iter().map(|row| row.span.max);
    let span = Rangef::new(
        first.fold(f32::INFINITY, f32::min),
        last.fold(f32::NEG_INFINITY, f32::max),
    );
    let span = within(span, room.plot);
    let what = match group.iter().all(|row| row.is_loss) {
        true => "lost",
        false => "sent again",
    };
    let more = group.len();
    for words in [format!("+{more} more {what}"), format!("+{more}")] {
        let width = width_of(&words);
        if let Some((line, left)) = free(placed, span, width, room) {
            placed.push(Placed {
                line,
                left,
                width,
                anchor: span.center(),
                words,
                count: more,
            });
            return;
        }
    }
    let away = |of: &Placed| (of.anchor - span.center()).abs();
    let nearest = placed.iter_mut().min_by(|a, b| away(a).total_cmp(&away(b)));
    if let Some(nearest) = nearest {
        nearest.count += more;
        nearest.words = format!("{} {what}", nearest.count);
        nearest.width = width_of(&nearest.words);
    }
}

/// A free place for words of a width about a span: below it, else beside it as far as is allowed.
fn free(placed: &[Placed], span: Rangef, width: f32, room: Room) -> Option<(usize, f32)> {
    let Room {
        plot,
        lines,
        aside,
        turn,
    } = room;
    let (least, most) = (plot.min + 2.0, plot.max - width - 2.0);
    if most < least {
        return None;
    }
    let centre = span.center() - width / 2.0;
    // Words that hang far over to the left would be read of what is above them there.
    let mut below = [
        centre,
        (span.max - width).max(span.min - width / 2.0),
        span.min,
    ];
    below.rotate_left(turn);
    let step = aside / 4.0;
    let beside = (0..=4).flat_map(|steps| {
        let away = GAP_POINTS / 2.0 + step * steps as f32;
        [span.max + away, span.min - width - away]
    });
    let beside = beside.filter(|_| aside > 0.0);
    let wishes = below.into_iter().chain(beside);
    let wishes: Vec<f32> = wishes.map(|left| left.clamp(least, most)).collect();
    (0..lines).find_map(|line| {
        let is_free = |left: &f32| {
            let range = Rangef::new(left - GAP_POINTS, left + width + GAP_POINTS);
            let mut own = placed.iter().filter(|of| of.line == line);
            own.all(|of| of.range().intersection(range).span() <= 0.0)
        };
        let left = wishes.iter().find(|left| is_free(left))?;
        Some((line, *left))
    })
}
