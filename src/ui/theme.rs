//! Colours, sizes and fonts: the one place where they are chosen.

use egui::Color32;

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
    streams: [Color32; 8],
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
                streams: OKABE_ITO_ON_DARK,
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
                streams: OKABE_ITO_ON_LIGHT,
            },
        }
    }

    /// The colour of the stream in this row of its connection's list. Colours repeat after eight:
    /// a stream is always named as well.
    pub fn stream(&self, index: usize) -> Color32 {
        self.streams[index % self.streams.len()]
    }
}

/// The palette of Okabe and Ito, told apart by colour-blind eyes; black gives way to a violet.
const OKABE_ITO_ON_DARK: [Color32; 8] = [
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
const OKABE_ITO_ON_LIGHT: [Color32; 8] = [
    Color32::from_rgb(0x1f, 0x86, 0xc4),
    Color32::from_rgb(0xb8, 0x7a, 0x00),
    Color32::from_rgb(0x00, 0x82, 0x5e),
    Color32::from_rgb(0xb0, 0x54, 0x87),
    Color32::from_rgb(0x93, 0x88, 0x00),
    Color32::from_rgb(0xc2, 0x52, 0x00),
    Color32::from_rgb(0x55, 0x66, 0xdd),
    Color32::from_rgb(0x4d, 0x8f, 0x1c),
];
