//! The status over a socket in the state folder, and as text for Prometheus on a loopback port.

use super::{Board, Status};
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const SOCKET: &str = "watch.sock";
/// Who asks has this long.
const PATIENCE: Duration = Duration::from_secs(2);
/// Of a question, so much is read.
const MOST: u64 = 4096;

/// Serves as long as it lives.
#[derive(Debug)]
pub struct Served {
    ended: Arc<AtomicBool>,
    wake: Wake,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Wake {
    Socket(PathBuf),
    Port(SocketAddr),
}

impl Served {
    /// Where it is served, for a port.
    #[must_use]
    pub fn port(&self) -> Option<SocketAddr> {
        match self.wake {
            Wake::Port(address) => Some(address),
            Wake::Socket(_) => None,
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The thread waits for someone to ask.
        match &self.wake {
            Wake::Socket(path) => {
                let _ = UnixStream::connect(path);
                let _ = std::fs::remove_file(path);
            }
            Wake::Port(address) => {
                let _ = TcpStream::connect_timeout(address, PATIENCE);
            }
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers everyone who connects to the socket of a state folder with the status as JSON. Only this user can connect.
///
/// # Errors
/// When the socket can't be made.
pub fn serve(state_dir: &Path, board: Arc<Board>) -> io::Result<Served> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(state_dir)?;
    let path = state_dir.join(SOCKET);
    // The lock says that nobody else watches here: a socket that is there was left by a crash.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let ended = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&ended);
    let thread = std::thread::Builder::new().name("status".into()).spawn(move || {
        for stream in listener.incoming() {
            if over.load(Ordering::SeqCst) {
                return;
            }
            if let Ok(mut stream) = stream {
                let _ = stream.set_write_timeout(Some(PATIENCE));
                let _ = serde_json::to_writer(&mut stream, &board.status());
            }
        }
    })?;
    Ok(Served { ended, wake: Wake::Socket(path), thread: Some(thread) })
}

/// Asks the watcher of a state folder; `None` when nobody answers.
#[must_use]
pub fn ask(state_dir: &Path) -> Option<Status> {
    let stream = UnixStream::connect(state_dir.join(SOCKET)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    serde_json::from_reader(stream).ok()
}

/// Answers `GET /metrics` with counters. Loopback addresses only: there is no other protection.
///
/// # Errors
/// When the address is not a loopback one or can't be used.
pub fn prometheus(address: SocketAddr, board: Arc<Board>) -> io::Result<Served> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "expected a loopback address such as 127.0.0.1:9184"));
    }
    let listener = TcpListener::bind(address)?;
    let wake = Wake::Port(listener.local_addr()?);
    let ended = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&ended);
    let thread = std::thread::Builder::new().name("metrics".into()).spawn(move || {
        for stream in listener.incoming() {
            if over.load(Ordering::SeqCst) {
                return;
            }
            if let Ok(stream) = stream {
                let _ = answer(stream, &board);
            }
        }
    })?;
    Ok(Served { ended, wake, thread: Some(thread) })
}

fn answer(mut stream: TcpStream, board: &Board) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut asked = Vec::new();
    let mut piece = [0; 512];
    while !asked.windows(4).any(|w| w == b"\r\n\r\n") && (asked.len() as u64) < MOST {
        match stream.read(&mut piece)? {
            0 => break,
            n => asked.extend(&piece[..n]),
        }
    }
    let (status, body) = match asked.starts_with(b"GET /metrics ") {
        true => ("200 OK", text(&board.status())),
        false => ("404 Not Found", "the metrics are at /metrics\n".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn text(s: &Status) -> String {
    let mut out = String::new();
    let mut one = |name: &str, kind: &str, help: &str, value: f64| {
        let _ = writeln!(out, "# HELP giqa_{name} {help}\n# TYPE giqa_{name} {kind}\ngiqa_{name} {value}");
    };
    one("photos_done_total", "counter", "Photos with a report.", s.done as f64);
    one("photos_failed_total", "counter", "Photos without one.", s.failed as f64);
    one("photos_skipped_total", "counter", "Photos gone before their turn.", s.skipped as f64);
    one("photos_rejected_total", "counter", "Verdicts reject.", s.rejected as f64);
    one("actions_total", "counter", "Actions that were done.", s.actions as f64);
    one("in_work", "gauge", "Photos in work.", s.in_work.len() as f64);
    one("up_seconds", "gauge", "Since the start.", s.seconds);
    let _ = writeln!(out, "# HELP giqa_component_seconds Time by component.\n# TYPE giqa_component_seconds summary");
    for (id, t) in &s.timings {
        let _ = writeln!(
            out,
            "giqa_component_seconds_sum{{component={id:?}}} {}\ngiqa_component_seconds_count{{component={id:?}}} {}",
            t.total_ms / 1e3,
            t.count
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_and_the_port_answer_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let board = Arc::new(Board::default());
        board.begin("run", "classic", &[]);
        board.failed();
        assert_eq!(ask(dir.path()), None);
        let served = serve(dir.path(), Arc::clone(&board)).unwrap();
        assert_eq!(ask(dir.path()).unwrap().failed, 1);
        drop(served);
        assert_eq!(ask(dir.path()), None);
        let loopback = "127.0.0.1:0".parse().unwrap();
        let served = prometheus(loopback, Arc::clone(&board)).unwrap();
        let get = |path: &str| {
            let mut stream = TcpStream::connect(served.port().unwrap()).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\n\r\n").unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        };
        assert!(get("/metrics").contains("\ngiqa_photos_failed_total 1\n"));
        assert!(get("/").starts_with("HTTP/1.1 404"));
        assert!(prometheus("0.0.0.0:0".parse().unwrap(), board).is_err());
    }
}
