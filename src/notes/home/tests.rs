use super::*;
use crate::notes::place::{ConnectionPlace, Known, PacketPlace};
use crate::notes::{Note, Place};

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("captures")).unwrap();
        fs::write(folder.path().join("captures/a.pcap"), b"x").unwrap();
        Self { folder }
    }

    fn capture(&self) -> PathBuf {
        self.folder.path().join("captures/a.pcap")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data/wireloom")
    }

    fn home(&self) -> Home {
        Home::of_file(&self.capture(), Some(&self.data()))
    }

    fn sidecar(&self) -> PathBuf {
        self.folder.path().join("captures/a.pcap.notes.json")
    }

    fn read_only(&self, read_only: bool) {
        let path = self.sidecar();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(read_only);
        fs::set_permissions(&path, permissions).unwrap();
    }
}

fn note(text: &str) -> Note {
    let at = ConnectionPlace {
        packet: PacketPlace {
            packet: 1,
            time_ns: 2,
        },
        connection: 0,
        rest: serde_json::Map::new(),
    };
    Note::new(Place::Known(Known::Connection(at)), text, 3)
}

fn with(notes: &Notes, text: &str) -> Notes {
    let mut notes = notes.clone();
    notes.put(note(text));
    notes
}

fn texts(notes: &Notes) -> Vec<&str> {
    let mut texts: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
    texts.sort_unstable();
    texts
}

#[test]
fn notes_are_kept_beside_the_capture_and_read_again() {
    let desk = Desk::new();
    let mut home = desk.home();
    let loaded = home.load();
    assert_eq!(loaded.kept, Kept::Beside(desk.sidecar()));
    assert!(loaded.notes.is_empty() && loaded.troubles.is_empty());
    assert!(!desk.sidecar().exists(), "looking writes nothing");
    let saved = home
        .save(&loaded.notes, &with(&loaded.notes, "one"))
        .unwrap();
    assert_eq!(saved.kept, Kept::Beside(desk.sidecar()));
    assert!(saved.told.is_empty());
    assert_eq!(texts(&desk.home().load().notes), ["one"]);
    let left: Vec<_> = fs::read_dir(desk.sidecar().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn two_windows_never_overwrite_each_other() {
    let desk = Desk::new();
    let (mut one, mut two) = (desk.home(), desk.home());
    let (of_one, of_two) = (one.load().notes, two.load().notes);
    let of_one = one.save(&of_one, &with(&of_one, "one")).unwrap().notes;
    let of_two = two.save(&of_two, &with(&of_two, "two")).unwrap().notes;
    assert_eq!(texts(&of_two), ["one", "two"]);
    let fewer = {
        let mut fewer = of_two.clone();
        let id = of_one.iter().next().unwrap().id.clone();
        fewer.remove(&id);
        fewer
    };
    two.save(&of_two, &fewer).unwrap();
    let of_one = one.save(&of_one, &with(&of_one, "three")).unwrap().notes;
    assert_eq!(texts(&of_one), ["three", "two"]);
}

#[test]
fn many_windows_at_once_lose_nothing() {
    let desk = Desk::new();
    std::thread::scope(|scope| {
        for window in 0..8 {
            let mut home = desk.home();
            scope.spawn(move || {
                let mut base = home.load().notes;
                for number in 0..5 {
                    let ours = with(&base, &format!("{window} {number}"));
                    base = home.save(&base, &ours).unwrap().notes;
                }
            });
        }
    });
    assert_eq!(desk.home().load().notes.len(), 40);
}

#[test]
fn a_file_that_may_only_be_read_is_seen_through_and_own_notes_go_to_the_data_folder() {
    let desk = Desk::new();
    let mut teacher = desk.home();
    let base = teacher.load().notes;
    let first = with(&with(&base, "teacher's"), "to be hidden");
    let base = teacher.save(&base, &first).unwrap().notes;
    desk.read_only(true);

    let mut student = desk.home();
    let seen = student.load().notes;
    let mut mine = with(&seen, "student's");
    let hidden = mine.iter().find(|note| note.text == "to be hidden");
    let hidden = hidden.unwrap().id.clone();
    mine.remove(&hidden);
    let saved = student.save(&seen, &mine).unwrap();
    assert!(matches!(saved.kept, Kept::Own(_)));
    assert!(
        saved.told[0].contains("so they are kept in"),
        "{:?}",
        saved.told
    );
    assert_eq!(texts(&desk.home().load().notes), ["student's", "teacher's"]);

    // What the teacher adds later is seen as well.
    desk.read_only(false);
    teacher.save(&base, &with(&base, "later")).unwrap();
    let mut student = desk.home();
    let loaded = student.load();
    // The teacher's window has taken the student's notes along.
    assert!(texts(&loaded.notes).contains(&"later"));
    assert!(texts(&loaded.notes).contains(&"student's"));
    let saved = student.save(&loaded.notes, &loaded.notes).unwrap();
    assert_eq!(saved.kept, Kept::Beside(desk.sidecar()));
}

#[test]
fn notes_on_a_shipped_capture_lie_over_those_that_come_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = r#"{"version":1,"notes":[
        {"id":"a","at":{"kind":"instant","packet":1,"time_ns":0},"text":"look here"},
        {"id":"b","at":{"kind":"instant","packet":2,"time_ns":0},"text":"and here"}]}"#;
    let home = || Home::of_shipped("x.pcap", shipped, Some(folder.path()));
    let mut first = home();
    let loaded = first.load();
    assert_eq!(texts(&loaded.notes), ["and here", "look here"]);
    let mut mine = with(&loaded.notes, "mine");
    mine.remove(&NoteId("a".into()));
    mine.rewrite(&NoteId("b".into()), "and there", 9);
    let saved = first.save(&loaded.notes, &mine).unwrap();
    assert!(saved.told.is_empty());
    assert_eq!(texts(&home().load().notes), ["and there", "mine"]);
    // Undo brings it back as it was.
    let again = merge(&Notes::default(), &saved.notes, &loaded.notes);
    first.save(&saved.notes, &again).unwrap();
    assert!(texts(&home().load().notes).contains(&"look here"));
}

#[test]
fn a_broken_file_is_told_and_kept_aside() {
    let desk = Desk::new();
    for (number, broken) in ["{\"notes\": [{\"id\"", "\0\0\0", ""]
        .into_iter()
        .enumerate()
    {
        fs::write(desk.sidecar(), broken).unwrap();
        let mut home = desk.home();
        let loaded = home.load();
        assert_eq!(loaded.troubles.len(), 1);
        assert!(loaded.troubles[0].contains("a.pcap.notes.json is not JSON"));
        assert_eq!(fs::read_to_string(desk.sidecar()).unwrap(), broken);
        let saved = home
            .save(&loaded.notes, &with(&loaded.notes, "new"))
            .unwrap();
        assert!(saved.told[0].contains("is kept as"), "{:?}", saved.told);
        let aside = broken_name(&desk.sidecar(), number as u32 + 1);
        assert_eq!(fs::read_to_string(aside).unwrap(), broken);
        assert_eq!(texts(&desk.home().load().notes), ["new"]);
    }
}

#[test]
fn a_file_that_is_taken_away_takes_no_notes_along() {
    let desk = Desk::new();
    let mut home = desk.home();
    let base = home.load().notes;
    let base = home.save(&base, &with(&base, "one")).unwrap().notes;
    fs::remove_file(desk.sidecar()).unwrap();
    let saved = home.save(&base, &with(&base, "two")).unwrap();
    assert_eq!(texts(&saved.notes), ["one", "two"]);
    assert_eq!(texts(&desk.home().load().notes), ["one", "two"]);
}

#[test]
fn where_nothing_can_be_written_the_notes_stay_and_it_is_said() {
    let desk = Desk::new();
    fs::create_dir(desk.sidecar()).unwrap();
    // The data folder is a file.
    fs::write(desk.folder.path().join("data"), b"x").unwrap();
    let mut home = desk.home();
    let loaded = home.load();
    assert!(loaded.troubles[0].contains("it is not a file"));
    let error = home.save(&loaded.notes, &with(&loaded.notes, "one"));
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("They are kept until the window closes"),
        "{error}"
    );
    let mut nowhere = Home::nowhere();
    let error = nowhere.save(&Notes::default(), &with(&Notes::default(), "one"));
    assert!(matches!(error, Err(SaveError::Nowhere)));
}

#[cfg(unix)]
#[test]
fn a_link_still_leads_to_the_file_and_rights_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let desk = Desk::new();
    let real = desk.folder.path().join("real.json");
    fs::write(&real, "{\"version\":1,\"notes\":[]}").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, desk.sidecar()).unwrap();
    let mut home = desk.home();
    let base = home.load().notes;
    home.save(&base, &with(&base, "one")).unwrap();
    assert!(fs::symlink_metadata(desk.sidecar()).unwrap().is_symlink());
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(fs::read_to_string(&real).unwrap().contains("one"));
}
