use std::path::{Path, PathBuf};

/// The rooms from the bottom up.
const ROOMS: [&str; 10] = [
    "wire", "capture", "trace", "dissect", "analysis", "filter", "notes", "report", "command", "ui",
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that a file names in `crate::ROOM`.
fn rooms_used(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            rest.get(..end.unwrap_or(rest.len()))
        })
        .collect()
}

#[test]
fn arrows_between_rooms_go_down_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let level = |room: &str| ROOMS.iter().position(|name| *name == room);
    let mut checked = 0;
    for (own_level, room) in ROOMS.iter().enumerate() {
        let mut files = Vec::new();
        rust_files(&src.join(room), &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            for used in rooms_used(&text) {
                let Some(used_level) = level(used) else {
                    continue;
                };
                // `command` opens the window and draws pictures: it stands beside `ui`.
                let beside = *room == "command" && used == "ui";
                assert!(
                    used_level <= own_level || beside,
                    "{} uses {used}, which stands above it",
                    file.display()
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "the arrows were not found");
}

#[test]
fn the_formats_know_nobody() {
    let wire = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wire");
    let mut files = Vec::new();
    rust_files(&wire, &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for used in rooms_used(&text) {
            assert!(
                used == "wire" || used == "crate",
                "{} uses {used}",
                file.display()
            );
        }
        for word in [
            "std::fs",
            "std::net::Tcp",
            "std::time",
            "std::thread",
            "std::io::Read",
        ] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}
