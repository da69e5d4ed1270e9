//! Colours, sizes and fonts: the one place where they are chosen.

mod contrast;

use egui::style::{Selection, TextCursorStyle, WidgetVisuals};
use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke,
    Style, TextStyle, Visuals, vec2,
};

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// A dark room.
    #[default]
    Dark,
    /// A light room.
    Light,
}

impl ThemeChoice {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }

    /// `dark` or `light`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

/// Sizes of text in points. Nothing that is read is smaller than `SMALL`.
pub mod text_size {
    /// Explanations and labels of axes.
    pub const SMALL: f32 = 11.5;
    /// What is read.
    pub const BODY: f32 = 13.5;
    /// Numbers, bytes and names of the protocol.
    pub const MONOSPACE: f32 = 12.5;
    /// Titles of pages.
    pub const HEADING: f32 = 20.0;
}

/// The colours of one theme.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Which one it is.
    pub choice: ThemeChoice,
    /// Behind everything.
    pub background: Color32,
    /// Side panels and bars.
    pub panel: Color32,
    /// A lane of the loom, a row of a table.
    pub lane: Color32,
    /// Thin lines between areas.
    pub line: Color32,
    /// Text that is read.
    pub text: Color32,
    /// Text that explains.
    pub text_weak: Color32,
    /// Buttons, tabs and fields that are active.
    pub accent: Color32,
    /// Behind what is selected.
    pub selection: Color32,
    /// Behind what the pointer is over.
    pub hover: Color32,
    /// The cursor's line.
    pub cursor: Color32,
    /// Frames on stream 0.
    pub connection_frames: Color32,
    /// Trouble that breaks a rule.
    pub error: Color32,
    /// Trouble that hurts.
    pub warning: Color32,
    /// Behind lit bytes, strongest first: the selected field, its frame.
    pub lit: [Color32; 2],
    /// Whether it is to be read from the last row: larger type, stronger lines, and the selected
    /// stream alone in its full colour.
    pub presenting: bool,
    streams: [Color32; STREAM_COLOURS],
    stream_words: [Color32; STREAM_COLOURS],
}

impl Theme {
    /// The theme for a choice.
    pub fn new(choice: ThemeChoice) -> Self {
        match choice {
            ThemeChoice::Dark => Self {
                choice,
                background: Color32::from_rgb(0x0d, 0x11, 0x17),
                panel: Color32::from_rgb(0x12, 0x17, 0x1f),
                lane: Color32::from_rgb(0x11, 0x17, 0x20),
                line: Color32::from_rgb(0x25, 0x2c, 0x37),
                text: Color32::from_rgb(0xe6, 0xed, 0xf3),
                text_weak: Color32::from_rgb(0x9a, 0xa5, 0xb3),
                accent: Color32::from_rgb(0x58, 0xa6, 0xff),
                selection: Color32::from_rgb(0x16, 0x2f, 0x4a),
                hover: Color32::from_rgb(0x1a, 0x22, 0x2d),
                cursor: Color32::from_rgb(0xff, 0xff, 0xff),
                connection_frames: Color32::from_rgb(0xb0, 0xb8, 0xc4),
                error: Color32::from_rgb(0xff, 0x7b, 0x72),
                warning: Color32::from_rgb(0xf0, 0xc0, 0x50),
                lit: [
                    Color32::from_rgb(0x6b, 0x4b, 0x00),
                    Color32::from_rgb(0x15, 0x2b, 0x45),
                ],
                presenting: false,
                streams: OKABE_ITO_ON_DARK,
                stream_words: WORDS_ON_DARK,
            },
            ThemeChoice::Light => Self {
                choice,
                background: Color32::from_rgb(0xff, 0xff, 0xff),
                panel: Color32::from_rgb(0xf5, 0xf7, 0xfa),
                lane: Color32::from_rgb(0xf3, 0xf5, 0xf8),
                line: Color32::from_rgb(0xd5, 0xdb, 0xe3),
                text: Color32::from_rgb(0x14, 0x1a, 0x22),
                text_weak: Color32::from_rgb(0x55, 0x60, 0x6e),
                accent: Color32::from_rgb(0x09, 0x5f, 0xd0),
                selection: Color32::from_rgb(0xd6, 0xe8, 0xfd),
                hover: Color32::from_rgb(0xe9, 0xee, 0xf4),
                cursor: Color32::from_rgb(0x10, 0x14, 0x1a),
                connection_frames: Color32::from_rgb(0x5b, 0x65, 0x73),
                error: Color32::from_rgb(0xb4, 0x23, 0x18),
                warning: Color32::from_rgb(0x8a, 0x5a, 0x00),
                lit: [
                    Color32::from_rgb(0xff, 0xd8, 0x80),
                    Color32::from_rgb(0xd6, 0xe8, 0xfd),
                ],
                presenting: false,
                streams: OKABE_ITO_ON_LIGHT,
                stream_words: WORDS_ON_LIGHT,
            },
        }
    }

    /// The theme for a projector, which swallows what is faint: lines and explanations are nearer to
    /// the text's own colour.
    pub fn for_presenting(choice: ThemeChoice) -> Self {
        let plain = Self::new(choice);
        Self {
            line: plain.line.lerp_to_gamma(plain.text_weak, 0.25),
            text_weak: plain.text_weak.lerp_to_gamma(plain.text, 0.5),
            presenting: true,
            ..plain
        }
    }

    /// A colour outside the spotlight.
    pub fn in_shade(&self, colour: Color32) -> Color32 {
        let strength = match self.choice {
            ThemeChoice::Dark => 0.45,
            // White swallows more.
            ThemeChoice::Light => 0.6,
        };
        self.background.lerp_to_gamma(colour, strength)
    }

    /// The colour of the stream in this row of its connection's list. Colours repeat after eight:
    /// a stream is always named as well.
    pub fn stream(&self, index: usize) -> Color32 {
        self.streams[index % self.streams.len()]
    }

    /// The same for words and numbers, which are thinner than marks and need more contrast.
    pub fn stream_words(&self, index: usize) -> Color32 {
        self.stream_words[index % self.stream_words.len()]
    }

    /// A stream's colour for what lies behind the cursor: it has not happened yet.
    pub fn dimmed(&self, colour: Color32) -> Color32 {
        self.background.lerp_to_gamma(colour, 0.35)
    }

    /// The colour of words about what has not happened yet: fainter, and still to be read. What is
    /// faint already has little to lose.
    pub fn later(&self, colour: Color32) -> Color32 {
        let strength = match self.choice {
            _ if colour == self.text => 0.72,
            ThemeChoice::Dark => 0.9,
            ThemeChoice::Light => 0.95,
        };
        self.panel.lerp_to_gamma(colour, strength)
    }

    /// Makes this the look of everything egui draws in this context.
    pub fn apply(&self, ctx: &egui::Context) {
        ctx.set_fonts(fonts());
        let theme = match self.choice {
            ThemeChoice::Dark => egui::Theme::Dark,
            ThemeChoice::Light => egui::Theme::Light,
        };
        ctx.set_theme(theme);
        ctx.style_mut_of(theme, |style| self.restyle(style));
    }

    fn restyle(&self, style: &mut Style) {
        style.visuals = self.visuals();
        let proportional = |size| FontId::new(size, FontFamily::Proportional);
        // The zoom makes all of it larger; the smallest type needs more than that.
        let (small, body) = match self.presenting {
            true => (text_size::BODY, text_size::BODY + 1.0),
            false => (text_size::SMALL, text_size::BODY),
        };
        style.text_styles = [
            (TextStyle::Small, proportional(small)),
            (TextStyle::Body, proportional(body)),
            (TextStyle::Button, proportional(body)),
            (TextStyle::Heading, proportional(text_size::HEADING)),
            (
                TextStyle::Monospace,
                FontId::new(text_size::MONOSPACE, FontFamily::Monospace),
            ),
        ]
        .into();
        style.spacing.item_spacing = vec2(8.0, 6.0);
        style.spacing.button_padding = vec2(10.0, 5.0);
        style.spacing.interact_size = vec2(36.0, 26.0);
        style.spacing.menu_margin = Margin::same(6);
        style.spacing.tooltip_width = 360.0;
        // Dragging over text selects it only where a view asks for it: elsewhere a drag moves
        // something.
        style.interaction.selectable_labels = false;
        // A handle under the pointer covers what lies behind it: it is seen, and seen through.
        style.spacing.scroll.interact_handle_opacity = 0.55;
        style.spacing.scroll.active_handle_opacity = 0.45;
        style.animation_time = 0.08;
    }

    fn visuals(&self) -> Visuals {
        let mut visuals = match self.choice {
            ThemeChoice::Dark => Visuals::dark(),
            ThemeChoice::Light => Visuals::light(),
        };
        visuals.override_text_color = None;
        visuals.weak_text_color = Some(self.text_weak);
        visuals.hyperlink_color = self.accent;
        visuals.warn_fg_color = self.warning;
        visuals.error_fg_color = self.error;
        visuals.panel_fill = self.panel;
        visuals.window_fill = self.panel;
        visuals.window_stroke = Stroke::new(1.0, self.line);
        visuals.extreme_bg_color = self.background;
        visuals.faint_bg_color = self.lane;
        visuals.code_bg_color = self.lane;
        visuals.window_corner_radius = CornerRadius::same(8);
        visuals.menu_corner_radius = CornerRadius::same(6);
        let shadow = Shadow {
            offset: [0, 4],
            blur: 16,
            spread: 0,
            color: Color32::from_black_alpha(60),
        };
        visuals.window_shadow = shadow;
        visuals.popup_shadow = shadow;
        visuals.text_cursor = TextCursorStyle {
            stroke: Stroke::new(2.0, self.accent),
            ..visuals.text_cursor
        };
        visuals.selection = Selection {
            bg_fill: self.selection,
            stroke: Stroke::new(1.0, self.text),
        };
        let widget = |fill: Color32, border: Color32, text: Color32| WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: Stroke::new(1.0, border),
            corner_radius: CornerRadius::same(6),
            fg_stroke: Stroke::new(1.0, text),
            expansion: 0.0,
        };
        let widgets = &mut visuals.widgets;
        widgets.noninteractive = widget(self.panel, self.line, self.text);
        widgets.inactive = widget(self.raised(), self.line, self.text);
        widgets.hovered = widget(self.hover, self.accent, self.text);
        widgets.active = widget(self.selection, self.accent, self.text);
        widgets.open = widget(self.hover, self.line, self.text);
        visuals
    }

    /// Behind a button that is not pressed.
    fn raised(&self) -> Color32 {
        self.panel.lerp_to_gamma(self.hover, 0.6)
    }
}

/// Inter for reading and, as egui has it, Hack for bytes and numbers; each family falls back on
/// the other, so that a sign which one of them lacks is still drawn.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let inter = FontData::from_static(include_bytes!("../../assets/fonts/Inter-Regular.otf"));
    fonts.font_data.insert("Inter".to_owned(), inter.into());
    for (family, first) in [
        (FontFamily::Proportional, "Inter"),
        (FontFamily::Monospace, "Hack"),
    ] {
        let names = fonts.families.entry(family).or_default();
        names.retain(|name| name != first && name != "Hack");
        names.insert(0, first.to_owned());
        let fallback = if first == "Hack" { "Inter" } else { "Hack" };
        names.insert(1, fallback.to_owned());
    }
    fonts
}

/// How many colours streams have; then they come again.
pub const STREAM_COLOURS: usize = 8;

/// The palette of Okabe and Ito, told apart by colour-blind eyes; black gives way to a violet.
const OKABE_ITO_ON_DARK: [Color32; STREAM_COLOURS] = [
    Color32::from_rgb(0x56, 0xb4, 0xe9),
    Color32::from_rgb(0xe6, 0x9f, 0x00),
    Color32::from_rgb(0x00, 0x9e, 0x73),
    Color32::from_rgb(0xcc, 0x79, 0xa7),
    Color32::from_rgb(0xf0, 0xe4, 0x42),
    Color32::from_rgb(0xd5, 0x5e, 0x00),
    Color32::from_rgb(0x8c, 0x9e, 0xff),
    Color32::from_rgb(0x9e, 0xd8, 0x6c),
];

/// The same hues, darker where white would swallow them.
const OKABE_ITO_ON_LIGHT: [Color32; STREAM_COLOURS] = [
    Color32::from_rgb(0x1f, 0x86, 0xc4),
    Color32::from_rgb(0xb8, 0x7a, 0x00),
    Color32::from_rgb(0x00, 0x82, 0x5e),
    Color32::from_rgb(0xb0, 0x54, 0x87),
    Color32::from_rgb(0x93, 0x88, 0x00),
    Color32::from_rgb(0xc2, 0x52, 0x00),
    Color32::from_rgb(0x55, 0x66, 0xdd),
    Color32::from_rgb(0x4d, 0x8f, 0x1c),
];

/// The hues for words: each as little lighter as it takes to be read on a selected row.
const WORDS_ON_DARK: [Color32; STREAM_COLOURS] = [
    Color32::from_rgb(0x56, 0xb4, 0xe9),
    Color32::from_rgb(0xe6, 0x9f, 0x00),
    Color32::from_rgb(0x20, 0xa9, 0x85),
    Color32::from_rgb(0xcd, 0x7c, 0xa9),
    Color32::from_rgb(0xf0, 0xe4, 0x42),
    Color32::from_rgb(0xd9, 0x7f, 0x38),
    Color32::from_rgb(0x8c, 0x9e, 0xff),
    Color32::from_rgb(0x9e, 0xd8, 0x6c),
];

/// The same, darker.
const WORDS_ON_LIGHT: [Color32; STREAM_COLOURS] = [
    Color32::from_rgb(0x19, 0x6b, 0x9d),
    Color32::from_rgb(0x8c, 0x5d, 0x00),
    Color32::from_rgb(0x00, 0x75, 0x55),
    Color32::from_rgb(0x9b, 0x4a, 0x77),
    Color32::from_rgb(0x70, 0x67, 0x00),
    Color32::from_rgb(0xab, 0x48, 0x00),
    Color32::from_rgb(0x4c, 0x5c, 0xc7),
    Color32::from_rgb(0x3e, 0x72, 0x16),
];

#[cfg(test)]
mod tests {
    use super::contrast::contrast;
    use super::*;

    #[test]
    fn text_stands_out_from_whatever_is_behind_it() {
        for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
            let themes = [Theme::new(choice), Theme::for_presenting(choice)];
            for theme in themes {
                let behind = [
                    theme.background,
                    theme.panel,
                    theme.lane,
                    theme.hover,
                    theme.selection,
                ];
                let texts = [
                    theme.text,
                    theme.text_weak,
                    theme.accent,
                    theme.error,
                    theme.warning,
                ];
                for (text, behind) in texts
                    .iter()
                    .flat_map(|t| behind.iter().map(move |b| (t, b)))
                {
                    let ratio = contrast(*text, *behind);
                    assert!(
                        ratio >= 4.5,
                        "{choice:?}: {text:?} on {behind:?} is {ratio:.2}"
                    );
                }
                // Words of what comes later stand on what is not selected.
                let streams = (0..STREAM_COLOURS).map(|index| theme.stream_words(index));
                let coloured = [theme.accent, theme.error, theme.warning];
                for colour in streams.chain(coloured) {
                    for behind in [theme.background, theme.panel, theme.lane] {
                        let ratio = contrast(theme.later(colour), behind);
                        assert!(
                            ratio >= 4.5,
                            "{choice:?}: {colour:?} later on {behind:?} is {ratio:.2}"
                        );
                    }
                }
                for behind in behind {
                    for text in [theme.text, theme.text_weak] {
                        let ratio = contrast(theme.later(text), behind);
                        assert!(
                            ratio >= 4.5,
                            "{choice:?}: later on {behind:?} is {ratio:.2}"
                        );
                    }
                    for index in 0..STREAM_COLOURS {
                        let ratio = contrast(theme.stream_words(index), behind);
                        assert!(
                            ratio >= 4.5,
                            "{choice:?}: words of stream {index} on {behind:?} are {ratio:.2}"
                        );
                    }
                }
                // What has not happened yet is told from what has.
                assert!(
                    contrast(theme.later(theme.text), theme.panel) * 1.4
                        < contrast(theme.text, theme.panel)
                );
                for lit in theme.lit {
                    assert!(
                        contrast(theme.text, lit) >= 4.5,
                        "{choice:?}: text on {lit:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn marks_of_every_stream_stand_out_from_a_lane() {
        for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
            let theme = Theme::new(choice);
            for index in 0..8 {
                let ratio = contrast(theme.stream(index), theme.lane);
                assert!(
                    ratio >= 3.0,
                    "{choice:?}: stream colour {index} is {ratio:.2}"
                );
            }
        }
    }
}
