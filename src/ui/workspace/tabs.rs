//! What egui_tiles asks: how a pane is drawn, and its tab.

use super::about::{self, Explained};
use super::{Command, Side};
use crate::ui::export::{self, Packets, PictureFormat, TableFormat};
use crate::ui::views::{ViewId, Views};
use crate::ui::widgets::anchor;
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::{Command as UiCommand, ViewContext};
use egui::containers::menu::MenuButton;
use egui::{
    Align2, Color32, CursorIcon, FontId, Id, Rect, Response, RichText, Role, Sense, Stroke, Style,
    Ui, Visuals, WidgetInfo, WidgetText, vec2,
};
use egui_tiles::{
    Behavior, EditAction, ResizeState, SimplificationOptions, TabState, Tabs, TileId, Tiles,
    UiResponse,
};

/// How high the bar with the tabs is, in points: a finger's width less would be hard to hit.
const BAR_HEIGHT: f32 = 26.0;

/// Between a tab's edge and its title.
const MARGIN: f32 = 10.0;

/// Room for a tab's cross.
const CROSS: f32 = 16.0;

/// A pane smaller than this shows nothing.
const MIN_SIZE: f32 = 90.0;

/// All that drawing the tiles needs.
pub(super) struct Panes<'a, 'c> {
    pub(super) views: &'a mut Views,
    pub(super) context: &'a ViewContext<'c>,
    pub(super) explained: &'a mut Option<Explained>,
    /// The view that a person worked with last.
    pub(super) focused: &'a mut Option<ViewId>,
    /// The view whose tab gets the keyboard.
    pub(super) focus_next: Option<ViewId>,
    /// Whether a person has changed the arrangement.
    pub(super) edited: bool,
    /// Whether a view came into sight in this picture for the first time of the capture.
    pub(super) one_came: bool,
}

impl Panes<'_, '_> {
    fn send(&self, command: Command) {
        self.context.send(UiCommand::Workspace(command));
    }

    fn menu_ui(&self, ui: &mut Ui, view: ViewId, alone: bool) {
        ui.set_min_width(220.0);
        let item = |ui: &mut Ui, words: &str, enabled: bool, command: Command| {
            if ui.add_enabled(enabled, egui::Button::new(words)).clicked() {
                self.send(command);
                ui.close();
            }
        };
        let beside = Command::Split(view, Side::Right);
        item(ui, "Own pane, to the right", !alone, beside);
        item(
            ui,
            "Own pane, below",
            !alone,
            Command::Split(view, Side::Below),
        );
        item(ui, "Move to the next tabs", true, Command::MoveOn(view));
        item(ui, "Explain this view", true, Command::Explain(view));
        ui.separator();
        self.save_menu_ui(ui, view);
        ui.separator();
        item(ui, "Close", true, Command::Close(view));
        ui.separator();
        let weak = RichText::new("Drag a tab to move its pane").small();
        ui.label(weak.color(self.context.theme.text_weak));
    }
}

impl Panes<'_, '_> {
    /// Whether a view is drawn in this picture. The first time it lays out all its texts, which for all views together is
    /// more than a picture has time for: so when another capture is opened they come one by one.
    fn comes(&mut self, view: ViewId) -> bool {
        let is_new = self.views.rect(view).is_none();
        !is_new || !std::mem::replace(&mut self.one_came, true)
    }

    /// What can be saved of a pane.
    fn save_menu_ui(&self, ui: &mut Ui, view: ViewId) {
        let item = |ui: &mut Ui, words: &str, command: export::Command| {
            if ui.button(words).clicked() {
                self.context.send(UiCommand::Export(command));
                ui.close();
            }
        };
        let picture = |format| export::Command::Picture(Some(view), format);
        item(ui, "Save picture as PNG…", picture(PictureFormat::Png));
        item(ui, "Save picture as SVG…", picture(PictureFormat::Svg));
        if self.views.table(view, self.context).is_some() {
            let table = |format| export::Command::Table(view, format);
            item(ui, "Export table as CSV…", table(TableFormat::Csv));
            item(ui, "Export table as JSON…", table(TableFormat::Json));
        }
        if ["loom", "connections", "tcp"].contains(&view.name()) {
            let packets = export::Command::Packets;
            item(
                ui,
                "Save the connection's packets…",
                packets(Packets::Connection),
            );
            if self.context.selected_stream().is_some() {
                item(ui, "Save the stream's packets…", packets(Packets::Stream));
            }
            item(
                ui,
                "Save packets up to the time shown…",
                packets(Packets::Times),
            );
        }
    }
}

fn pane(tiles: &Tiles<ViewId>, tile: TileId) -> Option<ViewId> {
    tiles.get_pane(&tile).copied()
}

impl Behavior<ViewId> for Panes<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, view: &mut ViewId) -> UiResponse {
        let rect = ui.max_rect();
        let pressed = ui.input(|input| match input.pointer.any_pressed() {
            true => input.pointer.interact_pos(),
            false => None,
        });
        if pressed.is_some_and(|at| rect.contains(at)) {
            *self.focused = Some(*view);
        }
        anchor::mark(ui.ctx(), &format!("view {}", view.name()), rect);
        if !self.comes(*view) {
            ui.painter()
                .rect_filled(rect, 0.0, view.ground(self.context.theme));
            ui.ctx().request_repaint();
            return UiResponse::None;
        }
        self.views.framed_ui(*view, ui, self.context);
        about::about_ui(ui, self.context, self.views, self.explained, *view, rect);
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, view: &ViewId) -> WidgetText {
        view.title().into()
    }

    fn is_tab_closable(&self, _tiles: &Tiles<ViewId>, _tile: TileId) -> bool {
        true
    }

    fn tab_ui(
        &mut self,
        tiles: &mut Tiles<ViewId>,
        ui: &mut Ui,
        id: Id,
        tile: TileId,
        state: &TabState,
    ) -> Response {
        let theme = self.context.theme;
        let view = pane(tiles, tile);
        let title = view.map_or("Panes", ViewId::title);
        let font = FontId::proportional(crate::ui::theme::text_size::MONOSPACE);
        let galley = ui
            .painter()
            .layout_no_wrap(title.to_owned(), font, Color32::PLACEHOLDER);
        let width = MARGIN + galley.size().x + 4.0 + CROSS + 4.0;
        let (_, rect) = ui.allocate_space(vec2(width, ui.available_height()));
        let response = ui
            .interact(rect, id, Sense::click_and_drag())
            .on_hover_cursor(CursorIcon::PointingHand);
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, state.active, title));
        if let Some(view) = view {
            anchor::mark(ui.ctx(), &format!("tab {}", view.name()), rect);
        }
        if view.is_some() && view == self.focus_next {
            response.request_focus();
        }
        if response.clicked() || response.gained_focus() {
            *self.focused = view;
        }
        if state.is_being_dragged || !ui.is_rect_visible(rect) {
            return response;
        }
        let colour = if state.active || response.hovered() {
            theme.text
        } else {
            theme.text_weak
        };
        let at = Align2::LEFT_CENTER
            .align_size_within_rect(galley.size(), rect.with_min_x(rect.left() + MARGIN))
            .min;
        ui.painter().galley(at, galley, colour);
        if state.active {
            let line = Stroke::new(2.0, theme.accent);
            let under = rect.x_range().shrink(4.0);
            ui.painter().hline(under, rect.bottom() - 1.0, line);
        }
        if response.has_focus() {
            let focus = Stroke::new(1.5, theme.accent);
            let inside = egui::StrokeKind::Inside;
            ui.painter()
                .rect_stroke(rect.shrink(1.0), 4.0, focus, inside);
        }
        if let Some(view) = view {
            let cross = Rect::from_center_size(
                egui::pos2(rect.right() - 4.0 - CROSS / 2.0, rect.center().y),
                vec2(CROSS, CROSS),
            );
            let close = ui.interact(cross, id.with("close"), Sense::click());
            let label = format!("Close {title}");
            close.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
            let lit = close.hovered() || close.has_focus();
            if state.active || response.hovered() || lit {
                if lit {
                    ui.painter().rect_filled(cross, 3.0, theme.hover);
                }
                let colour = if lit { theme.text } else { theme.text_weak };
                Icon::Close.paint(ui.painter(), cross.center(), 8.0, colour);
            }
            let closed = close.on_hover_text("Close this pane; the View menu opens it again");
            if closed.clicked() || response.middle_clicked() {
                self.send(Command::Close(view));
            }
            let words = format!("{}. Drag to move it.", view.entry().help);
            return response.on_hover_text(words);
        }
        response
    }

    fn top_bar_right_ui(
        &mut self,
        tiles: &Tiles<ViewId>,
        ui: &mut Ui,
        _tile: TileId,
        tabs: &Tabs,
        _scroll_offset: &mut f32,
    ) {
        let Some(view) = tabs.active.and_then(|tile| pane(tiles, tile)) else {
            return;
        };
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding = vec2(5.0, 2.0);
        ui.spacing_mut().interact_size.y = 20.0;
        ui.add_space(4.0);
        let title = view.title();
        let dots = egui::Button::new(RichText::new("⋯").color(self.context.theme.text_weak))
            .frame_when_inactive(false);
        let (menu, _) = MenuButton::from_button(dots).ui(ui, |ui| {
            self.menu_ui(ui, view, tabs.children.len() < 2);
        });
        menu.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Arrange {title}")));
        menu.on_hover_text("Move, split or close this pane");
        let explains = IconButton {
            icon: Icon::Help,
            label: &format!("Explain {title}"),
            hint: "What this view shows, how to read it, and what to try",
            enabled: true,
            prominent: self.explained.as_ref().is_some_and(|of| of.view == view),
        };
        if explains.show_small(ui, self.context.theme).clicked() {
            self.send(Command::Explain(view));
        }
    }

    fn tab_bar_height(&self, _style: &Style) -> f32 {
        BAR_HEIGHT
    }

    fn tab_bar_color(&self, _visuals: &Visuals) -> Color32 {
        self.context.theme.panel
    }

    fn tab_bar_hline_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, self.context.theme.line)
    }

    fn resize_stroke(&self, _style: &Style, state: ResizeState) -> Stroke {
        match state {
            ResizeState::Idle => Stroke::new(1.0, self.context.theme.line),
            ResizeState::Hovering => Stroke::new(2.0, self.context.theme.text_weak),
            ResizeState::Dragging => Stroke::new(2.0, self.context.theme.accent),
        }
    }

    fn drag_preview_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::new(1.5, self.context.theme.accent)
    }

    fn drag_preview_color(&self, _visuals: &Visuals) -> Color32 {
        self.context.theme.accent.gamma_multiply(0.2)
    }

    fn min_size(&self) -> f32 {
        MIN_SIZE
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions {
            all_panes_must_have_tabs: true,
            flatten_tabs_in_tabs: true,
            ..SimplificationOptions::default()
        }
    }

    fn on_edit(&mut self, action: EditAction) {
        self.edited |= action != EditAction::TileDragged;
    }
}

#[cfg(test)]
mod tests {
    use crate::ui::views::ViewId;
    use crate::ui::views::testing::World;
    use crate::ui::workspace::Workspace;

    /// How many views each of the next pictures has drawn.
    fn drawn(world: &World, workspace: &mut Workspace, pictures: usize) -> Vec<usize> {
        let ctx = egui::Context::default();
        let size = egui::vec2(1366.0, 768.0);
        let picture = |_| {
            let input = egui::RawInput {
                screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, size)),
                ..Default::default()
            };
            let mut output = ctx.run_ui(input, |ui| {
                world.read(|context| workspace.ui(ui, context));
            });
            output.textures_delta.clear();
            let is_drawn = |view: &ViewId| workspace.views.rect(*view).is_some();
            ViewId::all().filter(is_drawn).count()
        };
        (0..pictures).map(picture).collect()
    }

    #[test]
    fn views_of_another_capture_come_one_by_one_and_stay_and_while_it_is_read_every_other_picture()
    {
        let mut world = World::of_capture("downloads.pcapng");
        let mut workspace = Workspace::default();
        let open = workspace.layout().in_front().len();
        let one_by_one: Vec<usize> = (1..=open).chain([open]).collect();
        assert_eq!(drawn(&world, &mut workspace, open + 1), one_by_one);
        workspace.forget_capture();
        world.loading = true;
        let in_every_other: Vec<usize> = (0..=open).flat_map(|views| [views; 2]).collect();
        let drawn = drawn(&world, &mut workspace, in_every_other.len() - 1);
        assert_eq!(drawn, in_every_other[1..]);
    }
}
