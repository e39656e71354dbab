//! The real binary, the openai plugin in worker processes, and a server on loopback.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

#[path = "../../plugins/openai/tests/server/mod.rs"]
mod server;

use giqa_tests::watching::Folder;
use giqa_tests::{Giqa, Running, giqa, library_file, photo, process, reports, temp, text, write};
use rustix::process::Signal;
use serde_json::json;
use server::proxy::Proxy;
use server::{Act, Server, says, status};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SKY: &str = "The [sky](<0, 139>) is noisy.";

/// A configuration whose only component is a model of this server.
fn config(dir: &Path, url: &str, plugin: &str, component: &str) -> PathBuf {
    let library = library_file("giqa_openai");
    let toml = format!(
        "profile = \"test\"\n[profiles.test]\nmodel = \"openai.big\"\n[plugins.openai]\nlibrary = {:?}\n{plugin}\n\
         [plugins.openai.components.big]\nbase_url = {url:?}\nmodel = \"grounding-iqa\"\n{component}\n",
        text(&library)
    );
    write(dir, "plugins.toml", &toml)
}

fn with(config: &Path, command: &str) -> Giqa {
    giqa().arg("--config").arg(config).arg(command)
}

#[test]
fn photographs_are_described_and_asked_about() {
    let server = Server::start(|seen, _| if seen.prompt().starts_with("Is") { says("Yes.") } else { says(SKY) });
    let dir = temp();
    let config = config(dir.path(), &server.url, "isolation = \"process\"", "prices = { input = 1, output = 2 }");
    let photos = ["coffee.jpg", "cat.jpg", "astronaut.jpg"].map(photo);
    let ran = with(&config, "inspect").args(["-f", "json"]).args(&photos).run();
    ran.code(0);
    for (report, photo) in ran.json().as_array().unwrap().iter().zip(&photos) {
        assert_eq!(report["description"]["grounded"], SKY, "{ran}");
        assert_eq!(reports::file_name(report), photo.file_name().unwrap().to_str().unwrap());
        let component = &report["provenance"]["components"][0];
        assert_eq!(
            (&component["id"], &component["usage"]["prompt_tokens"]),
            (&"openai.big".into(), &100.into()),
            "{ran}"
        );
        assert!((component["usage"]["cost"].as_f64().unwrap() - 140e-6).abs() < 1e-9, "{ran}");
    }
    let sizes: BTreeSet<usize> = server.seen().iter().map(|s| s.picture().unwrap().len()).collect();
    assert_eq!(sizes.len(), 3, "each picture was sent");
    let ran = with(&config, "ask").arg(&photos[0]).args(["Is the sky clear?", "-f", "json"]).run();
    assert_eq!(ran.code(0).json()["text"], "Yes.", "{ran}");
}

#[test]
fn the_library_passes_the_conformance_suite() {
    giqa().args(["plugins", "check"]).arg(library_file("giqa_openai")).run().code(0);
}

#[test]
fn a_picture_that_fails_costs_no_other() {
    let bad = std::sync::Mutex::new(None);
    let server = Server::start(move |seen, n| {
        let mut bad = bad.lock().unwrap();
        if n == 0 {
            *bad = seen.picture();
        }
        if *bad == seen.picture() { status(400, &serde_json::json!({ "error": "too dark" })) } else { says(SKY) }
    });
    let dir = temp();
    let config = config(dir.path(), &server.url, "", "");
    let photos = ["coffee.jpg", "cat.jpg", "astronaut.jpg"].map(photo);
    let ran = with(&config, "inspect").args(["-f", "json", "--jobs", "1"]).args(photos).run();
    // Nothing else looks at it in this profile, so that it has no report.
    ran.code(3).says(&["coffee.jpg", "answered 400: too dark"]);
    assert_eq!(ran.json().as_array().unwrap().len(), 2, "{ran}");
}

#[test]
fn mistakes_in_its_table_are_told() {
    let dir = temp();
    let wrong = config(dir.path(), "http://127.0.0.1:1/v1", "", "box_dialect = \"qwen\"\nmax_tokns = 3\n");
    with(&wrong, "inspect").arg(photo("cat.jpg")).run().code(2).says(&[
        "max_tokns",
        "max_tokens",
        "box_dialect",
        "expected one of",
    ]);
    let no_key = config(dir.path(), "http://127.0.0.1:1/v1", "", "api_key_env = \"GIQA_TEST_NO_KEY\"");
    with(&no_key, "inspect").arg(photo("cat.jpg")).run().code(4).says(&["GIQA_TEST_NO_KEY", "not set", "export"]);
}

#[test]
fn keys_reach_the_server_and_nobody_else() {
    let server = Server::start(|seen, _| {
        assert!(seen.head.contains("Bearer sk-very-secret"), "{}", seen.head);
        status(401, &serde_json::json!({ "error": { "message": "Incorrect API key: sk-very-secret" } }))
    });
    let dir = temp();
    let config = config(dir.path(), &server.url, "", "api_key_env = \"GIQA_TEST_KEY\"");
    let ran = with(&config, "inspect")
        .env("GIQA_TEST_KEY", "sk-very-secret")
        .args(["-vvv", "-f", "json"])
        .arg(photo("cat.jpg"))
        .run();
    ran.says(&["401", "[redacted]", "api_key_env"]);
    assert!(!ran.out().contains("sk-very") && !ran.err().contains("sk-very"), "{ran}");
}

/// The usual variables name a proxy; its password is shown to nobody else.
#[test]
fn a_proxy_is_used_but_for_this_machine() {
    let server = Server::always(says(SKY));
    let proxy = Proxy::start(server.address);
    let (dir, other) = (temp(), temp());
    let far = config(dir.path(), "http://models.example/v1", "", "cache = false\nretries = 0");
    let with_password = proxy.url.replace("http://", "http://giqa:very-secret@");
    let inspect = |config: &Path, variable: &str, value: &str, none: &str| {
        let run = with(config, "inspect").env(variable, value).env("NO_PROXY", none);
        run.args(["-vvv", "-f", "json"]).arg(photo("cat.jpg")).run()
    };
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let ran = inspect(&far, variable, &with_password, "");
        assert_eq!(ran.code(0).json()[0]["description"]["grounded"], SKY, "{ran}");
        assert!(!ran.err().contains("very-secret"), "{ran}");
    }
    let heads = proxy.heads();
    assert_eq!((heads.len(), server.count()), (3, 3));
    assert!(heads.iter().all(|h| h.starts_with("CONNECT models.example:80 ")), "{heads:?}");
    assert!(heads.iter().all(|h| h.to_lowercase().contains("proxy-authorization: basic ")), "{heads:?}");
    assert!(server.seen().iter().all(|s| !s.head.to_lowercase().contains("proxy-authorization")));
    // Hosts that are named are asked directly, as far as they exist.
    inspect(&far, "HTTP_PROXY", &proxy.url, "models.example").code(4).says(&["models.example", "can't be reached"]);
    // A proxy can't reach what is on loopback.
    let near = config(other.path(), &server.url, "", "cache = false");
    inspect(&near, "HTTP_PROXY", &server::nobody().replace("/v1", ""), "").code(0);
    assert_eq!((proxy.heads().len(), server.count()), (3, 4));
    // One that is not there is named.
    inspect(&far, "HTTP_PROXY", &server::nobody().replace("/v1", ""), "").code(4).says(&["can't be reached"]);
}

/// So many small pictures, each with another shade.
fn pictures(dir: &Path, n: u32) -> PathBuf {
    let folder = dir.join("pictures");
    std::fs::create_dir(&folder).unwrap();
    for i in 0..n {
        let shade = [(i % 25 * 10) as u8, (i / 25 * 10) as u8, 90];
        image::RgbImage::from_pixel(48, 32, image::Rgb(shade)).save(folder.join(format!("{i:03}.png"))).unwrap();
    }
    folder
}

const LATENCY: Duration = Duration::from_millis(200);
const JOBS: usize = 32;

fn slow_server() -> Server {
    Server::always(Act::Later(LATENCY, Box::new(says(SKY))))
}

/// Resident memory of all processes of a giqa, in MB. 0 where there is no /proc.
fn memory(running: &Running) -> usize {
    let one = |line: &String| {
        let status = std::fs::read_to_string(format!("{}/status", line.split(' ').next()?)).ok()?;
        status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<usize>().ok())
    };
    process::with_home(running.home()).iter().filter_map(one).sum::<usize>() / 1000
}

/// What 500 pictures take at 32 at a time: at the server, from the first request to the last answer, and how much the
/// memory grows between the 100th picture and the 480th, in MB.
fn busy(isolation: &str) -> (Duration, usize) {
    let server = slow_server();
    let dir = temp();
    let folder = pictures(dir.path(), 500);
    let config = config(dir.path(), &server.url, isolation, "max_concurrency = 32");
    let running = with(&config, "inspect").args(["-f", "jsonl", "--jobs", &JOBS.to_string()]).arg(&folder).start();
    let memory_at = |n: usize| {
        let until = Instant::now() + Duration::from_secs(60);
        while server.count() < n {
            assert!(Instant::now() < until, "the server was asked {} times", server.count());
            std::thread::sleep(Duration::from_millis(10));
        }
        memory(&running)
    };
    let (before, after) = (memory_at(100), memory_at(480));
    let ran = running.wait();
    ran.code(0);
    assert_eq!(ran.out().lines().count(), 500, "{}", ran.err());
    let seen = server.seen();
    let (first, last) = (seen.first().unwrap().at, seen.last().unwrap().at);
    let took = last + LATENCY - first;
    eprintln!(
        "500 pictures, {isolation}: {took:.2?} at the server, {:.2?} in all; memory {before} to {after} MB",
        ran.took
    );
    assert_eq!((seen.len(), server.most_at_a_time()), (500, JOBS));
    (took, after.saturating_sub(before))
}

/// Within 15 % of the ideal time, with flat memory. The best of three: other tests use the same cores.
#[test]
fn a_slow_server_is_kept_busy() {
    let ideal = LATENCY * 500usize.div_ceil(JOBS) as u32;
    let most = ideal.mul_f64(1.15);
    for isolation in ["isolation = \"in-process\"", "isolation = \"process\""] {
        let mut best = (Duration::MAX, usize::MAX);
        for _ in 0..3 {
            best = best.min(busy(isolation));
            if best.0 <= most {
                break;
            }
        }
        let (took, grown) = best;
        assert!(took <= most, "{isolation}: {took:?}, ideal {ideal:?}");
        assert!(grown < 40, "{isolation}: {grown} MB more");
    }
}

/// A server sees all processes of a machine: limits hold over them together.
#[test]
fn limits_hold_over_processes() {
    let server = slow_server();
    let dir = temp();
    let folder = pictures(dir.path(), 24);
    let cache = dir.path().join("cache");
    let config = config(dir.path(), &server.url, "isolation = \"process\"", "max_concurrency = 3\ncache = false");
    let inspect = || {
        let run = with(&config, "inspect").env("XDG_CACHE_HOME", &cache).args(["-f", "jsonl", "--jobs", "8"]);
        run.arg(&folder).start()
    };
    let both = [inspect(), inspect()];
    for running in both {
        running.wait().code(0);
    }
    assert_eq!((server.count(), server.most_at_a_time()), (48, 3));
}

/// The last of these waits for five seconds, longer than a call may be silent.
#[test]
fn who_waits_for_a_turn_is_not_taken_for_hung() {
    let server = Server::always(says(SKY));
    let dir = temp();
    let folder = pictures(dir.path(), 12);
    let plugin = "isolation = \"process\"\ndeadline_s = 2.5";
    let config = config(dir.path(), &server.url, plugin, "requests_per_minute = 120");
    let ran = with(&config, "inspect").args(["-f", "jsonl", "--jobs", "12"]).arg(&folder).run();
    ran.code(0);
    assert_eq!((ran.out().lines().count(), server.count()), (12, 12), "{ran}");
    assert!(ran.took > Duration::from_secs(4), "{ran}");
}

/// A watched folder waits for a server that is down, and does with what there is when that takes too long.
#[test]
fn watched_photographs_wait_for_the_server() {
    for (bad, grounded) in [(2, true), (usize::MAX, false)] {
        let server = Server::start(move |_, n| if n < bad { status(503, &json!("loading")) } else { says(SKY) });
        let folder = Folder::new();
        folder.rules("");
        let toml = format!(
            "profile = \"test\"\n[profiles.test]\nmetrics = [\"example.brightness\"]\nmodel = \"openai.big\"\n\
             [plugins.example]\nlibrary = {:?}\n[plugins.openai]\nlibrary = {:?}\n\
             [plugins.openai.components.big]\nbase_url = {:?}\nmodel = \"grounding-iqa\"\nretries = 0\n",
            text(&library_file("giqa_example")),
            text(&library_file("giqa_openai")),
            server.url
        );
        std::fs::write(folder.beside("plugins.toml"), toml).unwrap();
        std::fs::copy(photo("cat.jpg"), folder.path().join("cat.jpg")).unwrap();
        let ran = folder.watch().arg("--once").run();
        ran.code(0).prints(&["\"waiting\"", "answered 503: loading"]);
        assert_eq!((folder.counts()["done"], server.count()), (1, 3), "{ran}");
        let kept = folder.with_store(&["store", "export", "--format", "jsonl"]).run();
        assert_eq!(kept.code(0).out().contains("(<0, 139>)"), grounded, "{kept}");
        assert!(kept.out().contains("example.brightness"), "{kept}");
    }
}

/// Killed in the middle and started again: what was answered is not asked again, and nothing is missing.
#[test]
fn nothing_is_asked_twice_or_lost_over_a_crash() {
    let server = slow_server();
    let dir = temp();
    let folder = pictures(dir.path(), 500);
    let cache = dir.path().join("cache");
    let config = config(dir.path(), &server.url, "isolation = \"process\"", "");
    let inspect = || {
        let run =
            with(&config, "inspect").env("XDG_CACHE_HOME", &cache).args(["-f", "jsonl", "--jobs", &JOBS.to_string()]);
        run.arg(&folder)
    };
    let running = inspect().start();
    let until = Instant::now() + Duration::from_secs(60);
    while server.count() < 250 {
        assert!(Instant::now() < until, "the server was not asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    running.signal(Signal::KILL);
    running.wait_killed();
    let kept = answers(&cache);
    assert!(kept >= 250 - 2 * JOBS, "{kept}");
    let ran = inspect().run();
    ran.code(0);
    let reports: Vec<serde_json::Value> = ran.out().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(reports.iter().filter(|r| r["description"]["grounded"] == SKY).count(), 500, "{ran}");
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for seen in server.seen() {
        *asked.entry(seen.picture().unwrap()).or_default() += 1;
    }
    assert_eq!((asked.len(), answers(&cache)), (500, 500));
    // What was in flight at the kill had no answer yet.
    let twice = asked.values().filter(|n| **n > 1).count();
    assert!(twice <= JOBS && asked.values().all(|n| *n <= 2), "{twice} were asked twice");
    assert_eq!(server.count(), 500 + twice);
    let cached = reports.iter().filter(|r| r["provenance"]["components"][0]["usage"]["cached"] == true).count();
    assert_eq!(cached, kept, "all that was kept was used");
}

/// Answers in a cache folder.
fn answers(cache: &Path) -> usize {
    let folder = cache.join("giqa/openai/answers-v1");
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|d| d.path().is_dir());
    let files = folders.flat_map(|d| std::fs::read_dir(d.path()).unwrap().flatten());
    files.filter(|f| f.path().extension().is_some_and(|e| e == "json")).count()
}

/// The tables of docs/backends.md are what people copy.
#[test]
fn the_documents_tables_are_right() {
    let document = std::fs::read_to_string(giqa_tests::root().join("docs/backends.md")).unwrap();
    let tables: Vec<&str> = document.split("```toml\n").skip(1).map(|t| t.split("```").next().unwrap()).collect();
    assert!(tables.len() >= 6, "{}", tables.len());
    let dir = temp();
    for table in tables {
        let toml = format!("plugin_dirs = [{:?}]\n{table}", text(giqa_tests::built()));
        let config = write(dir.path(), "plugins.toml", &toml);
        // No server is asked: the file is not there. A mistake in the table would be told first, with code 2.
        let ran = with(&config, "inspect").env("OPENAI_API_KEY", "none").arg("/nowhere/gone.jpg").run();
        ran.code(3).says(&["/nowhere/gone.jpg"]);
        assert!(!ran.err().contains("warning"), "{table}\n{ran}");
    }
}
