//! The workspace: panes with views in them, which a person moves, splits, closes and stacks as tabs.
//!
//! The tiles on the screen are egui_tiles' tree. What is remembered, offered as a preset and changed
//! by the menu is a [`Layout`], a plain value; the tree is made from it and read back.

mod about;
pub mod layout;
pub mod preset;
mod tabs;

pub use about::explanation;

use super::ViewContext;
use super::views::registry::VIEWS;
use super::views::{ViewId, Views};
use egui::{CentralPanel, Frame, Margin, RichText, Ui};
use egui_tiles::{Container, ContainerKind, Linear, LinearDir, Tile, TileId, Tiles, Tree};
use layout::{Layout, Side, share_of};
use preset::Preset;

/// What a person can ask of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open a view, or bring it to the front where it is.
    Show(ViewId),
    /// Close a view.
    Close(ViewId),
    /// Open a view, or close it when it is in front.
    Toggle(ViewId),
    /// Take a view out of its tabs and put it beside them.
    Split(ViewId, Side),
    /// Move a view to the next group of tabs.
    MoveOn(ViewId),
    /// Arrange the panes for this kind of person.
    Arrange(Preset),
    /// Arrange the panes as at first.
    Reset,
    /// Explain a view, or stop explaining it.
    Explain(ViewId),
    /// The keyboard goes to the next pane; while presenting, the next view is shown.
    NextPane,
    /// The same the other way round.
    PreviousPane,
}

/// The panes and what is in them.
pub struct Workspace {
    /// What the views remember.
    pub views: Views,
    tree: Tree<ViewId>,
    preset: Preset,
    explained: Option<about::Explained>,
    /// The view that a person worked with last.
    focused: Option<ViewId>,
    /// The view whose tab is to get the keyboard in the next picture.
    focus_next: Option<ViewId>,
    /// Whether a person has changed the arrangement since it was last read.
    changed: bool,
    /// Whether no view comes into sight in the next picture of a capture that is read.
    rests: bool,
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new(Preset::default(), None)
    }
}

impl Workspace {
    /// The panes as they were left, or as a preset has them.
    pub fn new(preset: Preset, left: Option<Layout>) -> Self {
        let mut layout = left.unwrap_or_else(|| preset.layout());
        layout.tidy(|name| ViewId::from_name(name).is_some());
        Self {
            views: Views::default(),
            tree: tree_of(&layout),
            preset,
            explained: None,
            focused: None,
            focus_next: None,
            changed: false,
            rests: true,
        }
    }

    /// Forgets what was true of the capture before; the panes stay.
    pub fn forget_capture(&mut self) {
        self.views.forget_capture();
        self.rests = true;
    }

    /// The preset that was chosen last.
    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// How the panes are arranged now.
    pub fn layout(&self) -> Layout {
        layout_of(&self.tree)
    }

    /// Whether a view is open, and whether it is in front of its tabs.
    pub fn is_open(&self, view: ViewId) -> (bool, bool) {
        let layout = self.layout();
        (
            layout.views().contains(&view.name()),
            layout.in_front().contains(&view.name()),
        )
    }

    /// Whether the arrangement was changed since this was last asked, by now finished deeds: not
    /// while something is being dragged.
    pub fn take_changed(&mut self, ctx: &egui::Context) -> bool {
        !ctx.input(|input| input.pointer.any_down()) && std::mem::take(&mut self.changed)
    }

    /// The view that is being explained.
    pub fn explained(&self) -> Option<ViewId> {
        self.explained.as_ref().map(|explained| explained.view)
    }

    /// The view that a person worked with last, as long as it is in front; else the loom or what a capture without frames
    /// starts with, else the first that is in front.
    pub fn focused(&self) -> Option<ViewId> {
        let layout = self.layout();
        let in_front = layout.in_front();
        let is_in_front = |view: &ViewId| in_front.contains(&view.name());
        let main = || {
            let mut main = ["loom", "connections"].into_iter();
            main.find_map(|name| ViewId::from_name(name).filter(is_in_front))
        };
        let first = || in_front.first().and_then(|name| ViewId::from_name(name));
        self.focused
            .filter(is_in_front)
            .or_else(main)
            .or_else(first)
    }

    /// Gives the keyboard to the pane after the one that has it, in reading order, or before it.
    fn move_focus(&mut self, onwards: bool) {
        let layout = self.layout();
        let panes: Vec<ViewId> = (layout.in_front().into_iter())
            .filter_map(ViewId::from_name)
            .collect();
        let next = neighbour(&panes, self.focused(), onwards);
        self.focused = next;
        self.focus_next = next;
    }

    /// The open view after a view, or before it, in reading order; from the last to the first.
    pub fn open_view_beside(&self, view: ViewId, onwards: bool) -> Option<ViewId> {
        let layout = self.layout();
        let open: Vec<ViewId> = (layout.views().into_iter())
            .filter_map(ViewId::from_name)
            .collect();
        neighbour(&open, Some(view), onwards)
    }

    /// Carries out a command.
    pub fn command(&mut self, command: Command) {
        match command {
            Command::Show(view) => self.show_view(view),
            Command::Close(view) => {
                self.edit(|layout| layout.close(view.name()));
                if self.explained() == Some(view) {
                    self.explained = None;
                }
            }
            Command::Toggle(view) => match self.is_open(view) {
                (true, true) => self.command(Command::Close(view)),
                _ => self.show_view(view),
            },
            Command::Split(view, side) => self.edit(|layout| layout.split(view.name(), side)),
            Command::MoveOn(view) => self.edit(|layout| layout.move_on(view.name())),
            Command::Arrange(preset) => {
                self.preset = preset;
                self.edit(|layout| *layout = preset.layout());
            }
            Command::Reset => {
                let preset = self.preset;
                self.edit(|layout| *layout = preset.layout());
            }
            Command::NextPane => self.move_focus(true),
            Command::PreviousPane => self.move_focus(false),
            Command::Explain(view) => {
                self.explained = match self.explained() == Some(view) {
                    true => None,
                    false => {
                        self.show_view(view);
                        Some(about::Explained::new(view))
                    }
                };
            }
        }
    }

    /// Brings a view to the front of its tabs when it is open.
    pub fn bring_to_front(&mut self, view: ViewId) {
        self.edit(|layout| {
            layout.bring_to_front(view.name());
        });
    }

    fn show_view(&mut self, view: ViewId) {
        let neighbours: Vec<&str> = (VIEWS.iter())
            .filter(|entry| entry.place == view.entry().place)
            .map(|entry| entry.name)
            .collect();
        self.edit(|layout| layout.open(view.name(), &neighbours));
        self.focused = Some(view);
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Layout)) {
        let mut layout = self.layout();
        edit(&mut layout);
        if layout != self.layout() {
            self.tree = tree_of(&layout);
            self.changed = true;
        }
    }

    /// Draws all panes into the space that is left.
    pub fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        let frame = Frame::new().fill(context.theme.line);
        CentralPanel::no_frame().frame(frame).show(ui, |ui| {
            if self.tree.is_empty() {
                return nothing_ui(ui, context);
            }
            // While a capture is read all else is new as well, and a view that has come may have more to say in the next
            // picture: so the bars come first, and then a view in every other picture.
            let rests = context.loading && self.rests;
            let mut panes = tabs::Panes {
                views: &mut self.views,
                context,
                explained: &mut self.explained,
                focused: &mut self.focused,
                focus_next: self.focus_next.take(),
                edited: false,
                one_came: rests,
            };
            self.tree.ui(&mut panes, ui);
            self.changed |= panes.edited;
            self.rests = panes.one_came && !rests;
        });
    }
}

/// The view after another in a list that goes round, or before it.
fn neighbour(views: &[ViewId], of: Option<ViewId>, onwards: bool) -> Option<ViewId> {
    let count = views.len();
    let at = of.and_then(|of| views.iter().position(|view| *view == of));
    let next = match (at, onwards) {
        (None, _) => 0,
        (Some(at), true) => at + 1,
        (Some(at), false) => at + count - 1,
    };
    views.get(next.checked_rem(count)?).copied()
}

/// What stands where all panes were closed.
fn nothing_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    let frame = Frame::new()
        .fill(context.theme.background)
        .inner_margin(Margin::same(24));
    frame.show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        ui.label("Every pane is closed.");
        let words = "The View menu at the top opens them again.";
        ui.label(RichText::new(words).color(context.theme.text_weak));
        if ui.button("Reset the layout").clicked() {
            context.send(super::Command::Workspace(Command::Reset));
        }
    });
}

/// The tiles of an arrangement.
fn tree_of(layout: &Layout) -> Tree<ViewId> {
    let mut tiles = Tiles::default();
    match insert(layout, &mut tiles) {
        Some(root) => Tree::new(tree_id(), root, tiles),
        None => Tree::empty(tree_id()),
    }
}

fn tree_id() -> egui::Id {
    egui::Id::unique("workspace")
}

fn insert(layout: &Layout, tiles: &mut Tiles<ViewId>) -> Option<TileId> {
    let (dir, parts) = match layout {
        Layout::Tabs(front, views) => {
            let mut children = Vec::new();
            for view in views.iter().filter_map(|name| ViewId::from_name(name)) {
                children.push(tiles.insert_pane(view));
            }
            let mut tabs = egui_tiles::Tabs::new(children);
            tabs.active = tabs.children.get(*front).or(tabs.children.first()).copied();
            tabs.active?;
            return Some(tiles.insert_container(tabs));
        }
        Layout::Row(parts) => (LinearDir::Horizontal, parts),
        Layout::Column(parts) => (LinearDir::Vertical, parts),
    };
    let children: Vec<(TileId, f32)> = parts
        .iter()
        .filter_map(|(share, part)| Some((insert(part, tiles)?, f32::from(*share))))
        .collect();
    let sum: f32 = children.iter().map(|(_, share)| share).sum();
    let count = children.len() as f32;
    let mut linear = Linear::new(dir, children.iter().map(|(tile, _)| *tile).collect());
    for (tile, share) in children {
        // egui_tiles counts a share of one as an even part.
        linear.shares.set_share(tile, share / sum.max(1.0) * count);
    }
    (!linear.children.is_empty()).then(|| tiles.insert_container(linear))
}

/// The arrangement of some tiles.
fn layout_of(tree: &Tree<ViewId>) -> Layout {
    let mut layout = match tree.root() {
        Some(root) => layout_of_tile(&tree.tiles, root, 0),
        None => Layout::empty(),
    };
    layout.tidy(|_| true);
    layout
}

fn layout_of_tile(tiles: &Tiles<ViewId>, tile: TileId, depth: usize) -> Layout {
    // A tree that contains itself would never end.
    if depth > 64 {
        return Layout::empty();
    }
    let below = |tile: TileId| layout_of_tile(tiles, tile, depth + 1);
    match tiles.get(tile) {
        None => Layout::empty(),
        Some(Tile::Pane(view)) => Layout::Tabs(0, vec![view.name().to_owned()]),
        Some(Tile::Container(Container::Linear(linear))) => {
            let whole: f32 = linear.shares.iter().map(|(_, share)| *share).sum();
            let whole = if whole > 0.0 {
                whole
            } else {
                linear.children.len() as f32
            };
            let parts = linear
                .children
                .iter()
                .map(|child| (share_of(linear.shares[*child], whole), below(*child)))
                .collect();
            match linear.dir {
                LinearDir::Horizontal => Layout::Row(parts),
                LinearDir::Vertical => Layout::Column(parts),
            }
        }
        Some(Tile::Container(container)) => {
            let mut views = Vec::new();
            let mut front = 0;
            let active = match container {
                Container::Tabs(tabs) => tabs.active,
                _ => None,
            };
            debug_assert_ne!(container.kind(), ContainerKind::Horizontal);
            for child in container.children() {
                if Some(*child) == active {
                    front = views.len();
                }
                views.extend(below(*child).views().into_iter().map(str::to_owned));
            }
            Layout::Tabs(front, views)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrangement_becomes_tiles_and_is_read_back_the_same() {
        for preset in Preset::ALL {
            let layout = preset.layout();
            assert_eq!(layout_of(&tree_of(&layout)), layout, "{preset:?}");
        }
        assert!(layout_of(&tree_of(&Layout::empty())).is_empty());
    }

    #[test]
    fn views_open_close_and_come_back_with_the_preset() {
        let mut workspace = Workspace::default();
        let bytes = ViewId::from_name("bytes").unwrap();
        assert_eq!(workspace.is_open(bytes), (true, true));
        workspace.command(Command::Toggle(bytes));
        assert_eq!(workspace.is_open(bytes), (false, false));
        // It comes back where most of its neighbours are, in front of them.
        workspace.command(Command::Show(bytes));
        assert_eq!(workspace.is_open(bytes), (true, true));
        let frames = ViewId::from_name("frames").unwrap();
        assert_eq!(workspace.is_open(frames), (true, false));
        workspace.command(Command::Reset);
        assert_eq!(workspace.layout(), Preset::Student.layout());
        workspace.command(Command::Arrange(Preset::Teacher));
        assert_eq!(workspace.layout(), Preset::Teacher.layout());
    }

    #[test]
    fn what_was_asked_for_last_is_what_is_worked_with() {
        let mut workspace = Workspace::default();
        let named = |name| ViewId::from_name(name);
        assert_eq!(workspace.focused(), named("loom"));
        workspace.command(Command::Show(named("priority").unwrap()));
        assert_eq!(workspace.focused(), named("priority"));
        workspace.command(Command::Close(named("priority").unwrap()));
        assert_ne!(workspace.focused(), named("priority"));
    }

    #[test]
    fn what_is_explained_is_opened_and_closing_it_ends_that() {
        let mut workspace = Workspace::default();
        let loom = ViewId::from_name("loom").unwrap();
        workspace.command(Command::Explain(loom));
        assert_eq!(workspace.explained(), Some(loom));
        workspace.command(Command::Close(loom));
        assert_eq!(workspace.explained(), None);
    }

    #[test]
    fn the_keyboard_goes_round_the_panes_in_front_and_a_closed_one_loses_it() {
        let mut workspace = Workspace::default();
        let names = |workspace: &Workspace| workspace.focused().unwrap().name();
        assert_eq!(names(&workspace), "loom");
        let mut seen = Vec::new();
        for _ in 0..5 {
            workspace.command(Command::NextPane);
            seen.push(names(&workspace));
        }
        assert_eq!(seen, ["inspector", "frames", "bytes", "streams", "loom"]);
        workspace.command(Command::PreviousPane);
        assert_eq!(names(&workspace), "streams");
        workspace.command(Command::Close(ViewId::from_name("streams").unwrap()));
        assert_eq!(names(&workspace), "loom");
        let loom = ViewId::from_name("loom").unwrap();
        let next = workspace.open_view_beside(loom, true).unwrap();
        assert_eq!(next.name(), "connections");
        assert_eq!(workspace.open_view_beside(next, false), Some(loom));
        assert_eq!(neighbour(&[], Some(loom), true), None);
    }

    #[test]
    fn a_layout_from_a_file_may_name_what_is_not_there() {
        let left = Layout::Tabs(3, vec!["gone".to_owned(), "loom".to_owned()]);
        let workspace = Workspace::new(Preset::Engineer, Some(left));
        assert_eq!(workspace.layout().views(), ["loom"]);
    }
}
