//! How well words stand out from what is behind them. Source: WCAG 2.2, "contrast ratio" and "relative luminance".

use super::Theme;
use egui::Color32;

/// What words need. Source: WCAG 2.2, success criterion 1.4.3.
pub(super) const LEAST_CONTRAST: f64 = 4.5;

/// By how much a ground is paled at a time until words are read on it.
const STEP: f32 = 0.03;

impl Theme {
    /// A ground with a part of a colour mixed in, as strong as asked for, but never so strong that words in
    /// [`Theme::text`] could not be read on it.
    pub fn tinted_for_text(&self, ground: Color32, colour: Color32, strength: f32) -> Color32 {
        let mut strength = strength;
        loop {
            let fill = ground.lerp_to_gamma(colour, strength);
            if strength <= 0.0 || contrast(self.text, fill) >= LEAST_CONTRAST {
                return fill;
            }
            strength = (strength - STEP).max(0.0);
        }
    }
}

/// From 1, the same, to 21, black on white.
pub(super) fn contrast(one: Color32, other: Color32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Color32) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    let [red, green, blue, _] = colour.to_array();
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

#[cfg(test)]
mod tests {
    use super::super::{STREAM_COLOURS, ThemeChoice};
    use super::*;

    #[test]
    fn contrast_goes_from_1_to_21() {
        assert_eq!(contrast(Color32::WHITE, Color32::WHITE), 1.0);
        assert_eq!(contrast(Color32::BLACK, Color32::WHITE), 21.0);
    }

    #[test]
    fn text_is_read_on_every_stream_colour_and_weak_tints_stay_as_they_are() {
        for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
            let theme = Theme::new(choice);
            let streams = (0..STREAM_COLOURS).map(|index| theme.stream(index));
            for colour in streams.chain([theme.connection_frames, theme.accent, theme.error]) {
                for strength in [0.2, 0.45, 0.62, 1.0] {
                    let fill = theme.tinted_for_text(theme.lane, colour, strength);
                    let ratio = contrast(theme.text, fill);
                    assert!(
                        ratio >= LEAST_CONTRAST,
                        "{choice:?}: {colour:?} at {strength} is {ratio:.2}"
                    );
                }
                let weak = theme.tinted_for_text(theme.lane, colour, 0.2);
                assert_eq!(weak, theme.lane.lerp_to_gamma(colour, 0.2));
            }
        }
    }
}
