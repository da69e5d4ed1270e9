//! What is at a point of the loom.

use super::Layout;
use crate::trace::Direction;
use egui::Pos2;

/// What is at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// The axis.
    Axis,
    /// The wire's row of a sender.
    Wire(Direction),
    /// What TCP lost.
    Losses,
    /// Half a lane; `None` is the lane of the connection, else the stream's row.
    Lane(Option<usize>, Direction),
    /// A lane's label.
    Label(Option<usize>),
    /// A heading.
    Heading(usize),
    /// Nothing that answers.
    Elsewhere,
}

impl Layout {
    /// What is at a point.
    pub fn zone(&self, at: Pos2) -> Zone {
        if !self.rect.contains(at) {
            return Zone::Elsewhere;
        }
        if self.controls.is_positive() && self.controls.contains(at) {
            return Zone::Elsewhere;
        }
        let in_plot = self.plot.contains(at.x);
        if self.axis.y_range().contains(at.y) {
            return if in_plot { Zone::Axis } else { Zone::Elsewhere };
        }
        for (row, direction) in self.wire.iter().zip(Direction::BOTH) {
            if in_plot && row.y_range().contains(at.y) {
                return Zone::Wire(direction);
            }
        }
        if in_plot && self.losses.is_positive() && self.losses.y_range().contains(at.y) {
            return Zone::Losses;
        }
        let row = if self.content.connection_lane && self.connection_lane.y_range().contains(at.y) {
            None
        } else if self.pinned.contains(at) || self.lanes.contains(at) {
            let in_lanes = self.lanes.contains(at);
            if in_lanes
                && let Some((heading, _)) = self
                    .visible_headings()
                    .find(|(_, rect)| rect.y_range().contains(at.y))
            {
                return Zone::Heading(heading);
            }
            let pitch = self.lane_pitch;
            let holds = |lane: &usize| {
                let top = self.lane(*lane).top();
                (top..top + pitch).contains(&at.y)
            };
            let lane = if in_lanes {
                self.visible_lanes().find(holds)
            } else {
                (0..self.content.pinned).find(holds)
            };
            match lane {
                Some(lane) => Some(lane),
                None => return Zone::Elsewhere,
            }
        } else {
            return Zone::Elsewhere;
        };
        if at.x < self.plot.min {
            return Zone::Label(row);
        }
        let upper = at.y < self.lane_or_connection(row).center().y;
        let direction = if upper {
            Direction::Client
        } else {
            Direction::Server
        };
        if in_plot {
            Zone::Lane(row, direction)
        } else {
            Zone::Elsewhere
        }
    }
}
