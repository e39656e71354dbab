use super::*;
use crate::testing::{Lines, report, subject};
use std::collections::BTreeMap;
use std::fs;

fn planned(action: Action) -> Planned {
    Planned { id: "run1-7-0".into(), name: "test".into(), action, confirm: false }
}

fn to(folder: &str) -> String {
    folder.to_owned()
}

/// Paths below a folder with what they hold.
fn tree(dir: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
    let name = |p: &Path| p.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
    files.map(|e| (name(e.path()), String::from_utf8_lossy(&fs::read(e.path()).unwrap()).into_owned())).collect()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// Does it, undoes it, does it with a crash before the journal knows, and finds it again.
fn through(dir: &Path, action: Action) -> BTreeMap<String, String> {
    let before = tree(dir);
    let planned = planned(action);
    let mut lines = Lines::default();
    let mut photo = subject(dir, "a.jpg");
    perform(&planned, &mut photo, &mut lines).unwrap();
    let after = tree(dir);
    assert_ne!(before, after);
    let (intent, outcome) = lines.finished.pop().unwrap();
    assert_eq!(recover(&intent).unwrap(), Some(outcome));
    let written = serde_json::to_string(&intent).unwrap();
    assert_eq!(serde_json::from_str::<Intent>(&written).unwrap(), intent);
    undo(&intent).unwrap();
    let undone = tree(dir);
    assert!(before.iter().all(|(k, v)| undone.get(k) == Some(v)), "{before:?} {undone:?}");
    assert_eq!(recover(&intent).unwrap(), None, "undone, it has not happened");
    // A crash after it was done and before that was written.
    let mut broken = Lines { broken: true, ..Lines::default() };
    let mut photo = subject(dir, "a.jpg");
    let error = perform(&planned, &mut photo, &mut broken).unwrap_err();
    assert_eq!(error.trouble, Trouble::Full);
    assert!(recover(broken.begun.last().unwrap()).unwrap().is_some());
    // And a crash before it was begun.
    tree(dir)
}

#[test]
fn move_takes_sidecars_along_and_replaces_nothing() {
    let dir = folder(&[("a.jpg", "photo"), ("a.xmp", "x"), ("a.jpg.xmp", "y"), ("out/a.jpg", "another")]);
    let after = through(dir.path(), Action::Move { to: to("out") });
    let expected = [("out/a-2.jpg", "photo"), ("out/a-2.jpg.xmp", "y"), ("out/a-2.xmp", "x"), ("out/a.jpg", "another")];
    assert_eq!(after, expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
}

#[test]
fn moving_across_file_systems_checks_the_copy_and_goes_on_after_a_crash() {
    let dir = folder(&[("a.jpg", "photo")]);
    let (from, to) = (dir.path().join("a.jpg"), dir.path().join("b.jpg"));
    assert!(files::move_across(&from, &to, "id").is_ok());
    assert_eq!(tree(dir.path()), [("b.jpg".to_owned(), "photo".to_owned())].into());
    // The crash came between the copy and the removal, with a half copy of another try about.
    fs::write(&from, "photo").unwrap();
    fs::write(place::temporary(&to, "id"), "pho").unwrap();
    let step = Step::Move { files: vec![(FilePath(from.clone()), FilePath(to.clone()))] };
    let intent = Intent { id: "id".into(), name: "m".into(), photo: 1, step };
    assert_eq!(recover(&intent).unwrap().unwrap().moved_to, Some(FilePath(to.clone())));
    assert_eq!(tree(dir.path()), [("b.jpg".to_owned(), "photo".to_owned())].into());
    // Somebody else's file under that name: it has not happened, and nothing is touched.
    fs::write(&from, "other").unwrap();
    assert_eq!(recover(&intent).unwrap(), None);
    assert!(matches!(files::move_across(&from, &to, "id"), Err(files::Moving::Taken)));
    assert_eq!(tree(dir.path()).len(), 2);
}

#[test]
fn copy_and_link() {
    let dir = folder(&[("a.jpg", "photo"), ("out/a.jpg", "another")]);
    let after = through(dir.path(), Action::Copy { to: to("out") });
    assert_eq!((after["out/a-2.jpg"].as_str(), after["a.jpg"].as_str()), ("photo", "photo"));
    let after = through(dir.path(), Action::Link { to: to("out") });
    assert_eq!(after["out/a-3.jpg"], "photo");
}

#[test]
fn no_folder_leads_out() {
    let dir = folder(&[("in/a.jpg", "photo")]);
    let mut photo = subject(&dir.path().join("in"), "a.jpg");
    for action in
        [Action::Move { to: to("../x") }, Action::Copy { to: to("a/../../x") }, Action::Append { file: to("../x.csv") }]
    {
        let error = perform(&planned(action), &mut photo, &mut Lines::default()).unwrap_err();
        assert_eq!(error.trouble, Trouble::Refused, "{error}");
    }
    assert_eq!(tree(dir.path()).len(), 1);
}

#[test]
fn json_beside_the_photo_and_elsewhere() {
    let dir = folder(&[("a.jpg", "photo")]);
    let after = through(dir.path(), Action::Json { to: to(".") });
    assert_eq!(serde_json::from_str::<Report>(&after["a.giqa.json"]).unwrap(), report());
    assert!(through(dir.path(), Action::Json { to: to("reports") }).contains_key("reports/a.giqa.json"));
}

#[test]
fn lines_are_whole_and_one_a_photo() {
    let dir = folder(&[("a.jpg", "photo"), ("log.jsonl", "{}\n")]);
    let after = through(dir.path(), Action::Append { file: to("log.jsonl") });
    let lines: Vec<&str> = after["log.jsonl"].lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "{}"), "{lines:?}");
    let after = through(dir.path(), Action::Append { file: to("deep/log.csv") });
    let lines: Vec<&str> = after["deep/log.csv"].lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("path,verdict,") && lines[1].contains(",reject,47.0,fair,soft subject,"), "{lines:?}");
    // A line that a crash tore is cut off.
    fs::write(dir.path().join("torn.jsonl"), "{}\n{\"torn\": ").unwrap();
    perform(
        &planned(Action::Append { file: to("torn.jsonl") }),
        &mut subject(dir.path(), "a.jpg"),
        &mut Lines::default(),
    )
    .unwrap();
    assert!(tree(dir.path())["torn.jsonl"].starts_with("{}\n{\"path\":"));
    // A file name that a spreadsheet would take for a formula.
    let evil = Subject { path: "=cmd|x.jpg".into(), ..subject(dir.path(), "a.jpg") };
    perform(&planned(Action::Append { file: to("e.csv") }), &mut evil.clone(), &mut Lines::default()).unwrap();
    assert!(tree(dir.path())["e.csv"].contains("\n'=cmd|x.jpg,"));
}

#[test]
fn commands_get_the_verdict_and_no_shell() {
    let dir = folder(&[("a.jpg", "photo")]);
    let run = |command: &[&str], limit: u64| {
        let command = command.iter().map(ToString::to_string).collect();
        let action = Action::Command { command, time_limit: Duration::from_millis(limit) };
        perform(&planned(action), &mut subject(dir.path(), "a.jpg"), &mut Lines::default())
    };
    run(
        &[
            "sh",
            "-c",
            "printf '%s|%s|%s|%s' \"$GIQA_VERDICT\" \"$GIQA_SCORE\" \"$GIQA_ACTION_ID\" \"$1\" > out",
            "x",
            "$(id);*",
        ],
        9000,
    )
    .unwrap();
    assert_eq!(tree(dir.path())["out"], "reject|47.0|run1-7-0|$(id);*");
    let error = run(&["sh", "-c", "echo no good >&2; exit 3"], 9000).unwrap_err().to_string();
    assert!(error.contains("exit status: 3: no good"), "{error}");
    let slow = std::time::Instant::now();
    let error = run(&["sh", "-c", "sleep 60 & sleep 60"], 200).unwrap_err().to_string();
    assert!(error.contains("took longer than 0.2 s") && slow.elapsed() < Duration::from_secs(20), "{error}");
    let error = run(&["no-such-program-anywhere"], 200).unwrap_err().to_string();
    assert!(error.contains("can't be started"), "{error}");
}

/// Answers so many requests with these lines, and gives back what was asked.
fn server(answers: &'static [&'static str]) -> (String, std::thread::JoinHandle<Vec<String>>) {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?secret=1", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let one = |answer: &&str| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let from = head.len();
                reader.read_line(&mut head).unwrap();
                if let Some(n) = head[from..].to_ascii_lowercase().strip_prefix("content-length:") {
                    length = n.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            head + &String::from_utf8(body).unwrap()
        };
        answers.iter().map(one).collect()
    });
    (url, thread)
}

#[test]
fn webhooks_are_tried_again_where_that_helps() {
    let dir = folder(&[("a.jpg", "photo")]);
    let send = |url: String, retries| {
        let action = Action::Webhook { url, retries, time_limit: Duration::from_secs(9) };
        perform(&planned(action), &mut subject(dir.path(), "a.jpg"), &mut Lines::default())
    };
    let (url, asked) = server(&["500 No", "503 No", "200 OK"]);
    send(url, 3).unwrap();
    let asked = asked.join().unwrap();
    assert!(
        asked.len() == 3 && asked.iter().all(|a| a.contains("run1-7-0") && a.contains("\"decision\":\"reject\"")),
        "{asked:?}"
    );
    let (url, asked) = server(&["404 Gone"]);
    let error = send(url, 3).unwrap_err().to_string();
    assert!(error.contains("answered 404") && !error.contains("secret"), "{error}");
    asked.join().unwrap();
    let (url, asked) = server(&["500 No"]);
    assert!(send(url, 0).unwrap_err().to_string().contains("1 times"));
    asked.join().unwrap();
}

const LIGHTROOM: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmp:Rating="4"
   crs:Exposure2012="+0.35">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>wedding &amp; party</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurvePV2012>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"#;

#[test]
fn xmp_is_written_merged_and_taken_back() {
    let dir = folder(&[("a.jpg", "photo")]);
    let naming = crate::rules::Naming::Lightroom;
    let fresh = through(dir.path(), Action::Xmp { naming })["a.xmp"].clone();
    for part in [">-1</xmp:Rating>", ">Red</xmp:Label>", "The &lt;subject&gt; is soft.", "<r:li>giqa|sharpness</r:li>"]
    {
        assert!(fresh.contains(part), "{part}: {fresh}");
    }
    let mut better = report();
    better.findings.remove(0);
    better.verdict = None;
    let again = xmp::merged(Some(&fresh), &better).unwrap();
    assert!(again.contains(">3</xmp:Rating>") && !again.contains("-1") && !again.contains("giqa|sharpness"), "{again}");
    assert_eq!(again.matches("xmp:Rating>").count(), 1, "{again}");
    assert_eq!(xmp::merged(Some(&again), &better).unwrap().matches("giqa:Score>").count(), 1);

    let dir = folder(&[("a.jpg", "photo"), ("a.jpg.xmp", LIGHTROOM)]);
    let naming = crate::rules::Naming::Darktable;
    let merged = through(dir.path(), Action::Xmp { naming })["a.jpg.xmp"].clone();
    // What others wrote stays, byte for byte, their rating too.
    for part in [
        "xmp:Rating=\"4\"",
        "crs:Exposure2012=\"+0.35\"",
        "<crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurvePV2012>",
        "wedding &amp; party",
    ] {
        assert!(merged.contains(part), "{part}: {merged}");
    }
    assert!(!merged.contains("xmp:Rating>") && merged.contains(">Red</xmp:Label>"), "{merged}");
    let closed = LIGHTROOM.replace("crs:Exposure2012=\"+0.35\">", "crs:Exposure2012=\"+0.35\"/>");
    let closed = closed[..closed.find("/>").unwrap() + 2].to_owned() + "</rdf:RDF></x:xmpmeta>";
    let merged = xmp::merged(Some(&closed), &report()).unwrap();
    assert!(
        merged.contains("</rdf:Description></rdf:RDF>") && xmp::merged(Some(&merged), &report()).is_ok(),
        "{merged}"
    );
}

#[test]
fn what_is_no_xmp_is_left_alone() {
    for text in ["", "hello", "<a><b></a>", "<a/>", "<x:xmpmeta xmlns:x='adobe:ns:meta/'>", &LIGHTROOM[..400]] {
        let dir = folder(&[("a.jpg", "photo"), ("a.xmp", text)]);
        let action = Action::Xmp { naming: crate::rules::Naming::Lightroom };
        let error = perform(&planned(action), &mut subject(dir.path(), "a.jpg"), &mut Lines::default()).unwrap_err();
        assert!(error.to_string().contains("left as it is"), "{error}");
        assert_eq!(tree(dir.path())["a.xmp"], text);
    }
}

#[test]
fn other_programs_read_it() {
    let dir = folder(&[("a.jpg", "photo")]);
    let action = Action::Xmp { naming: crate::rules::Naming::Lightroom };
    perform(&planned(action), &mut subject(dir.path(), "a.jpg"), &mut Lines::default()).unwrap();
    let exiftool = std::process::Command::new("exiftool").args(["-j", "-G1"]).arg(dir.path().join("a.xmp")).output();
    let Ok(output) = exiftool else {
        eprintln!("skipped: exiftool is not installed (Debian: libimage-exiftool-perl)");
        return;
    };
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read[0]["XMP-xmp:Rating"], -1);
    assert_eq!(read[0]["XMP-xmp:Label"], "Red");
    assert_eq!(read[0]["XMP-dc:Description"], "The <subject> is soft.");
    assert_eq!(read[0]["XMP-dc:Subject"][0], "giqa|fair");
}

proptest::proptest! {
    /// Whatever lies there, it is either left alone or stays XMP.
    #[test]
    fn no_sidecar_is_too_odd(at in 0..LIGHTROOM.len(), cut in 0_usize..40, put in "[<>/a-z=\"'& é]{0,12}") {
        let mut text = LIGHTROOM.to_owned();
        let end = (at + cut).min(text.len());
        text.replace_range(at..end, &put);
        if let Ok(merged) = xmp::merged(Some(&text), &report()) {
            let again = xmp::merged(Some(&merged), &report());
            proptest::prop_assert_eq!(again.map(|t| t.matches("giqa:Score>").count()), Ok(1), "{}", merged);
        }
    }

    #[test]
    fn no_text_is_too_odd_for_a_sidecar(text in ".{0,300}") {
        let _ = xmp::merged(Some(&text), &report());
    }
}
