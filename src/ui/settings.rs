//! What the window remembers from one start to the next: the theme and the files opened lately.
//!
//! A small RON file in the user's configuration directory, readable and editable by people. It is
//! a convenience: when it cannot be read or written, the window goes on without it.

use super::theme::ThemeChoice;
use super::workspace::layout::Layout;
use super::workspace::preset::Preset;
use std::path::{Path, PathBuf};

/// How many files are remembered: what a menu shows without scrolling.
const MAX_RECENT: usize = 10;

/// A file larger than this was not written by us.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// What the window remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Whom the panes were last arranged for.
    pub preset: Preset,
    /// How the panes were left; `None` as the preset has them.
    pub layout: Option<Layout>,
    /// Whether the guide of the first minute was done or skipped.
    pub guide_seen: bool,
    /// Files opened lately, the latest first.
    pub recent: Vec<PathBuf>,
    /// Schema files of protobuf, and folders of them.
    pub schemas: Vec<PathBuf>,
    /// Another version of them, to compare with.
    pub other_schemas: Vec<PathBuf>,
    /// The network interface that was listened on last.
    pub listened_on: Option<String>,
    /// What was typed then: ports, a capture filter, or nothing.
    pub listened_for: String,
}

impl Settings {
    /// Reads what an earlier window has written; the defaults when there is nothing readable.
    pub fn load(path: &Path) -> Self {
        let small = std::fs::metadata(path).is_ok_and(|file| file.len() <= MAX_FILE_BYTES);
        let text = if small {
            std::fs::read_to_string(path).unwrap_or_default()
        } else {
            String::new()
        };
        let mut settings: Self = ron::from_str(&text).unwrap_or_default();
        settings.recent.truncate(MAX_RECENT);
        settings
    }

    /// Writes what is to be remembered: first beside the old file, then in its place, so that a
    /// full disk does not cost what was there.
    ///
    /// # Errors
    ///
    /// Says what the system says. Nobody needs to be told.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let pretty = ron::ser::PrettyConfig::default();
        let text = ron::ser::to_string_pretty(self, pretty).map_err(std::io::Error::other)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension("ron.new");
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, path)
    }

    /// Puts a file at the front of those opened lately.
    pub fn remember(&mut self, file: &Path) {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        self.recent.retain(|other| *other != file);
        self.recent.insert(0, file);
        self.recent.truncate(MAX_RECENT);
    }
}

/// Where the settings are kept on this system; `None` when the system does not say.
pub fn default_path() -> Option<PathBuf> {
    let folder = |variable: &str| {
        let folder = PathBuf::from(std::env::var_os(variable)?);
        folder.is_absolute().then_some(folder)
    };
    let config = if cfg!(target_os = "windows") {
        folder("APPDATA")?
    } else if cfg!(target_os = "macos") {
        folder("HOME")?.join("Library/Application Support")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))?
    };
    Some(config.join("wireloom").join("settings.ron"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/settings.ron");
        let mut settings = Settings {
            theme: ThemeChoice::Light,
            ..Settings::default()
        };
        settings.remember(Path::new("/captures/a.pcap"));
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path), settings);
    }

    #[test]
    fn a_file_opened_again_moves_to_the_front() {
        let mut settings = Settings::default();
        for number in 0..MAX_RECENT + 3 {
            settings.remember(Path::new(&format!("/{number}")));
        }
        settings.remember(Path::new("/5"));
        assert_eq!(settings.recent.len(), MAX_RECENT);
        assert_eq!(settings.recent[0], Path::new("/5"));
        assert_eq!(
            settings
                .recent
                .iter()
                .filter(|f| *f == Path::new("/5"))
                .count(),
            1
        );
    }

    #[test]
    fn a_damaged_or_missing_file_gives_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.ron");
        assert_eq!(Settings::load(&path), Settings::default());
        std::fs::write(&path, "(theme: purple, recent: [").unwrap();
        assert_eq!(Settings::load(&path), Settings::default());
    }
}
