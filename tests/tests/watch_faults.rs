//! What must not lose a photograph, or act on it twice: kill -9, lost events, a full disk, plugins that crash.
//!
//! `GIQA_LONG=1` makes the first as long as docs/reliability.md says: 500 photographs, 20 kills.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::{SHORT, config, evil};
use giqa_tests::watching::{Folder, picture, red};
use giqa_tests::{built, process, text};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A number from 0 on, another each time: no test depends on chance that can't be had again.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Lets a photograph arrive in one of five ways.
fn arrive(folder: &Folder, number: u32, dark: bool) {
    let (bytes, name) = (picture(number, dark), format!("{number:04}.png"));
    let root = folder.path();
    match number % 5 {
        0 => fs::write(root.join(name), bytes).unwrap(),
        1 => {
            let mut file = fs::File::create(root.join(name)).unwrap();
            for part in bytes.chunks(bytes.len() / 3 + 1) {
                file.write_all(part).unwrap();
                std::thread::sleep(Duration::from_millis(3));
            }
        }
        2 => {
            let hidden = root.join(format!(".{name}.part"));
            fs::write(&hidden, bytes).unwrap();
            fs::rename(hidden, root.join(name)).unwrap();
        }
        3 => {
            let outside = folder.beside(&format!("outside-{number}"));
            fs::create_dir_all(outside.join("sub")).unwrap();
            fs::write(outside.join("sub").join(name), bytes).unwrap();
            fs::rename(outside, root.join(format!("moved-{number}"))).unwrap();
        }
        _ => {
            let deep = root.join(format!("{number}/b/c"));
            fs::create_dir_all(&deep).unwrap();
            fs::write(deep.join(name), bytes).unwrap();
        }
    }
}

/// A watcher that may be killed.
fn start(folder: &Folder, home: &Path) -> Child {
    let giqa = built().join("giqa");
    let mut command = Command::new(giqa);
    command.args(folder.watch_args()).env("HOME", home).env_remove("GIQA_CONFIG").stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_done_twice() {
    let long = std::env::var_os("GIQA_LONG").is_some();
    let (photos, kills) = if long { (500, 20) } else { (60, 6) };
    let folder = Folder::new();
    let home = folder.beside("home");
    fs::create_dir(&home).unwrap();
    let mut draw = Draw(if long { 1 } else { 2 });
    let dark = |n: u32| n.is_multiple_of(3);
    let mut number = 0;
    for kill in 0..kills {
        let mut child = start(&folder, &home);
        for _ in 0..photos / kills {
            arrive(&folder, number, dark(number));
            number += 1;
            std::thread::sleep(Duration::from_millis(draw.below(10)));
        }
        std::thread::sleep(Duration::from_millis(draw.below(if kill % 2 == 0 { 100 } else { 600 })));
        kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
        child.wait().unwrap();
    }
    folder.watch().arg("--once").run().code(0);
    let names =
        |wanted: bool| (0..number).filter(|n| dark(*n) == wanted).map(|n| format!("{n:04}.png")).collect::<Vec<_>>();
    folder.all_done(&names(false), &names(true));
    folder.with_store(&["store", "verify"]).run().code(0);
    process::assert_none_left(&home);
}

#[test]
fn lost_events_lose_no_photograph() {
    let folder = Folder::new();
    let running = folder.watch().arg("--fault-overflow").start();
    running.await_output();
    (0..40).for_each(|n| arrive(&folder, n, false));
    let log = folder.path().join("log.jsonl");
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while fs::read_to_string(&log).map_or(0, |l| l.lines().count()) < 40 {
        assert!(std::time::Instant::now() < end, "some never came");
        std::thread::sleep(Duration::from_millis(50));
    }
    running.signal(Signal::TERM);
    running.wait().code(0);
    folder.all_done(&(0..40).map(|n| format!("{n:04}.png")).collect::<Vec<_>>(), &[]);
}

#[test]
fn a_plugin_that_crashes_costs_its_photographs_and_no_other() {
    let folder = Folder::new();
    folder.rules("");
    let library = evil(&folder.beside(""), &[]);
    let _ = config(&folder.beside(""), &["evil.crash-at-red"], "evil", &library, SHORT);
    for n in 0..14 {
        let bytes = if n % 7 == 6 { red(n) } else { picture(n, false) };
        fs::write(folder.path().join(format!("{n}.png")), bytes).unwrap();
    }
    folder.watch().arg("--once").run().code(3).prints(&["crashed", "twice; the photo is not tried again"]);
    let counts = folder.counts();
    assert_eq!((counts["done"], counts["failed"]), (12, 2), "{counts:?}");
    // They are not tried again with the same plugins.
    let again = folder.watch().arg("--once").run();
    again.code(0);
    assert!(!again.out().contains("\"event\":\"photo\""), "{again}");
}

/// A small file system of its own; `None` with a printed reason where none can be made.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let made =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "giqa-test", text(at)]).output();
        match made {
            Ok(output) if output.status.success() => Some(Self(at)),
            other => {
                eprintln!("skipped: no small file system can be mounted here (needs root): {other:?}");
                None
            }
        }
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_holds_photographs_up_and_loses_none() {
    let folder = Folder::new();
    // Where the state is: the store can't grow.
    let state = folder.beside("state");
    let Some(_small) = Small::mount(&state, "8m") else { return };
    fs::write(state.join("ballast"), vec![7; 7 << 20]).unwrap();
    let running = folder.watch().start();
    running.await_output();
    (0..60).for_each(|n| arrive(&folder, n, n % 3 == 0));
    let end = std::time::Instant::now() + Duration::from_secs(60);
    // It fills up, is told of, and then there is room again.
    while fs::write(state.join("more"), [7; 4096]).is_ok() && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
        let size = fs::metadata(state.join("ballast")).unwrap().len();
        let _ = fs::OpenOptions::new().append(true).open(state.join("ballast")).unwrap().write_all(&[7; 8192]);
        if fs::metadata(state.join("ballast")).unwrap().len() == size {
            break;
        }
    }
    std::thread::sleep(Duration::from_millis(1500));
    for ballast in ["ballast", "more"] {
        let _ = fs::remove_file(state.join(ballast));
    }
    // In the store: what was done while nothing could be written there is noted at the next try.
    while folder.counts()["done"] < 60 {
        assert!(std::time::Instant::now() < end, "some were lost: {:?}", folder.counts());
        std::thread::sleep(Duration::from_millis(50));
    }
    running.signal(Signal::TERM);
    let ran = running.wait();
    ran.code(0);
    assert!(ran.out().contains("the disk is full"), "it was never full\n{ran}");
    let of = |dark: bool| (0..60).filter(|n| (n % 3 == 0) == dark).map(|n| format!("{n:04}.png")).collect::<Vec<_>>();
    folder.all_done(&of(false), &of(true));
}

#[test]
fn a_full_disk_at_the_target_leaves_the_photograph_where_it_is_until_there_is_room() {
    let folder = Folder::new();
    let small = folder.beside("small");
    let Some(_small) = Small::mount(&small, "64k") else { return };
    fs::write(small.join("ballast"), vec![7; 56 << 10]).unwrap();
    folder.rules(&format!("[on]\naccept = ['out']\n[actions.out]\nmove = {:?}\n", text(&small)));
    let mut bytes = picture(1, false);
    bytes.resize(40 << 10, 0);
    fs::write(folder.path().join("a.png"), &bytes).unwrap();
    let running = folder.watch().start();
    running.await_output();
    std::thread::sleep(Duration::from_secs(1));
    assert!(folder.path().join("a.png").is_file() && !small.join("a.png").exists());
    fs::remove_file(small.join("ballast")).unwrap();
    let end = std::time::Instant::now() + Duration::from_secs(30);
    while !small.join("a.png").is_file() {
        assert!(std::time::Instant::now() < end, "it never moved");
        std::thread::sleep(Duration::from_millis(50));
    }
    running.signal(Signal::TERM);
    running.wait().code(0);
    assert_eq!(fs::read(small.join("a.png")).unwrap(), bytes);
    assert!(!folder.path().join("a.png").exists());
    assert_eq!(fs::read_dir(&small).unwrap().count(), 1, "nothing else is left there");
}
