use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

const PATIENCE: Duration = Duration::from_secs(20);

struct Watched {
    dir: tempfile::TempDir,
    events: Receiver<Event>,
    /// What was reported of each file, in order.
    files: BTreeMap<PathBuf, Vec<Stat>>,
    notes: Vec<Note>,
    gone: Vec<PathBuf>,
    source: Option<Source>,
}

fn watched(change: impl FnOnce(&mut SourceOptions, &Path)) -> Watched {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap().join("in");
    fs::create_dir(&root).unwrap();
    let mut options = SourceOptions::new(vec![root.clone()], Filter::new(&[], &[], Vec::new()).unwrap());
    options.settle = Duration::from_millis(150);
    options.debounce = Duration::from_millis(30);
    options.poll_interval = Duration::from_millis(100);
    change(&mut options, &root);
    let (sink, events) = sync_channel(4);
    let source = Some(Source::start(options, sink).unwrap());
    Watched { dir, events, files: BTreeMap::new(), notes: Vec::new(), gone: Vec::new(), source }
}

impl Watched {
    fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("in")
    }

    fn until(&mut self, done: impl Fn(&Self, &Event) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let event = self.events.recv_timeout(end.saturating_duration_since(Instant::now())).unwrap();
            match &event {
                Event::File { path, stat, .. } => self.files.entry(path.clone()).or_default().push(*stat),
                Event::Note(note) => self.notes.push(note.clone()),
                Event::Gone { path } => self.gone.push(path.clone()),
                Event::Ready | Event::Drained => {}
            }
            if done(self, &event) {
                return;
            }
        }
    }

    fn ready(mut self) -> Self {
        self.until(|_, e| matches!(e, Event::Ready));
        self
    }

    fn files(&mut self, n: usize) {
        if self.files.len() < n {
            self.until(|w, _| w.files.len() >= n);
        }
    }

    /// Each file was reported as it is in the end, and no complete one twice.
    fn all_final(&self) {
        for (path, stats) in &self.files {
            assert_eq!(stats.last(), Some(&Stat::of(&fs::metadata(path).unwrap())), "{path:?}");
            assert!(stats.windows(2).all(|w| w[0] != w[1]), "{path:?} twice: {stats:?}");
        }
    }
}

#[test]
fn what_is_there_and_what_comes_by_every_way() {
    let mut w = watched(|_, root| fs::write(root.join("old.jpg"), "old").unwrap()).ready();
    let root = w.root();
    fs::write(root.join("plain.jpg"), "plain").unwrap();
    fs::write(root.join("x.tmp"), "renamed").unwrap();
    fs::rename(root.join("x.tmp"), root.join("renamed.jpg")).unwrap();
    fs::create_dir_all(root.join("a/b/c")).unwrap();
    fs::write(root.join("a/b/c/deep.jpg"), "deep").unwrap();
    let outside = w.dir.path().join("outside");
    fs::create_dir_all(outside.join("sub")).unwrap();
    (0..20).for_each(|i| fs::write(outside.join(format!("sub/{i}.png")), "moved in").unwrap());
    fs::rename(&outside, root.join("moved")).unwrap();
    for ignored in [".hidden.jpg", "part.jpg.part", "notes.txt"] {
        fs::write(root.join(ignored), "no").unwrap();
    }
    w.files(24);
    assert_eq!(w.files.len(), 24);
    w.all_final();
    fs::rename(root.join("old.jpg"), root.join("new.jpg")).unwrap();
    w.until(|w, _| w.files.contains_key(&root.join("new.jpg")) && w.gone.contains(&root.join("old.jpg")));
}

#[test]
fn a_slow_writer_is_waited_for() {
    let mut w = watched(|_, _| ()).ready();
    let path = w.root().join("slow.jpg");
    let mut file = fs::File::create(&path).unwrap();
    for _ in 0..4 {
        file.write_all(&[7; 1000]).unwrap();
        std::thread::sleep(Duration::from_millis(80));
    }
    drop(file);
    w.files(1);
    assert_eq!(w.files[&path].iter().map(|s| s.bytes).collect::<Vec<_>>(), [4000]);
}

#[test]
fn once_ends_when_all_is_complete() {
    let mut w = watched(|o, root| {
        o.once = true;
        fs::write(root.join("a.jpg"), "a").unwrap();
        fs::write(root.join("empty.jpg"), "").unwrap();
    });
    w.until(|_, e| matches!(e, Event::Drained));
    assert_eq!(w.files.len(), 2);
}

#[test]
fn nothing_is_lost_when_events_are() {
    let mut w = watched(|o, _| o.overflow = true).ready();
    let root = w.root();
    for i in 0..30 {
        fs::create_dir_all(root.join(format!("{}", i % 3))).unwrap();
        fs::write(root.join(format!("{}/{i}.jpg", i % 3)), "x").unwrap();
    }
    w.files(30);
    w.all_final();
    assert!(w.notes.iter().any(|n| matches!(n, Note::Overflow { .. })));
}

#[test]
fn looking_every_now_and_then_finds_the_same() {
    let mut w = watched(|o, _| o.polling = Polling::Always).ready();
    let root = w.root();
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::write(root.join("a/b/c.jpg"), "x").unwrap();
    w.files(1);
    fs::remove_file(root.join("a/b/c.jpg")).unwrap();
    w.until(|w, _| w.gone == [root.join("a/b/c.jpg")]);
}

#[test]
fn links_that_lead_back_are_cut_and_told() {
    let mut w = watched(|_, root| {
        fs::write(root.join("a.jpg"), "x").unwrap();
        std::os::unix::fs::symlink(root, root.join("loop")).unwrap();
    });
    w.until(|w, _| w.files.len() == 1 && w.notes.iter().any(|n| n.to_string().contains("leads back")));
}

#[test]
fn a_watched_folder_that_goes_and_comes_back() {
    let mut w = watched(|_, _| ()).ready();
    let root = w.root();
    let away = root.with_file_name("away");
    fs::rename(&root, &away).unwrap();
    w.source.as_ref().unwrap().rescan();
    w.until(|w, _| w.notes.iter().any(|n| matches!(n, Note::RootGone { .. })));
    fs::write(away.join("meanwhile.jpg"), "x").unwrap();
    fs::rename(&away, &root).unwrap();
    w.files(1);
    assert!(w.notes.iter().any(|n| matches!(n, Note::RootBack { .. })));
    fs::write(root.join("after.jpg"), "x").unwrap();
    w.files(2);
}

#[test]
fn a_file_is_reported_again_when_asked_for() {
    let mut w = watched(|_, _| ()).ready();
    let path = w.root().join("a.jpg");
    fs::write(&path, "x").unwrap();
    w.files(1);
    w.source.as_ref().unwrap().again(path.clone(), Duration::from_millis(50));
    w.until(|w, _| w.files[&path].len() == 2);
}

#[test]
fn folders_that_are_not_there_and_ends() {
    let (sink, _events) = sync_channel(1);
    let options = SourceOptions::new(vec!["/nowhere/at/all".into()], Filter::default());
    let error = Source::start(options, sink).unwrap_err().to_string();
    assert!(error.contains("/nowhere/at/all: ") && error.contains("name a folder"), "{error}");
    // Nobody listens: the thread ends by itself, and dropping it does not wait for ever.
    let mut w = watched(|_, root| (0..50).for_each(|i| fs::write(root.join(format!("{i}.jpg")), "x").unwrap()));
    let (_sink, other) = sync_channel(1);
    w.events = other;
    drop(w.source.take());
}
