//! Where named things are on the screen, for whoever points at them: the guide. What is drawn marks
//! itself in each picture; a mark is forgotten two pictures after it was last drawn.

use egui::{Context, Id, Rect};

fn id(name: &str) -> Id {
    Id::unique(("anchor", name))
}

/// Says where something is in this picture.
pub fn mark(ctx: &Context, name: &str, rect: Rect) {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| data.insert_temp(id(name), (rect, pass)));
}

/// Where something is, when it was drawn in this picture or the one before.
pub fn find(ctx: &Context, name: &str) -> Option<Rect> {
    let now = ctx.cumulative_pass_nr();
    let (rect, pass) = ctx.data(|data| data.get_temp::<(Rect, u64)>(id(name)))?;
    (now.saturating_sub(pass) <= 1).then_some(rect)
}
