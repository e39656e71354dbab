//! A proxy that connects whoever asks to one server, whatever name was asked for.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A running proxy.
pub struct Proxy {
    /// `http://127.0.0.1:port`.
    pub url: String,
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts one in front of a server.
    pub fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, stop) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (theirs, ends) = (Arc::clone(&heads), Arc::clone(&stop));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten().take_while(|_| !ends.load(Ordering::SeqCst)) {
                let heads = Arc::clone(&theirs);
                std::thread::spawn(move || connect(stream, server, &heads));
            }
        });
        Self { url: format!("http://{address}"), address, heads, stop }
    }

    /// What was asked of it: request lines with their headers.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

fn connect(mut client: TcpStream, server: SocketAddr, heads: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    heads.lock().unwrap().push(head);
    let mut there = TcpStream::connect(server).unwrap();
    let _ = client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
    let mut back = (there.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut back.0, &mut back.1);
        let _ = back.1.shutdown(std::net::Shutdown::Both);
    });
    let _ = std::io::copy(&mut reader, &mut there);
    let _ = there.shutdown(std::net::Shutdown::Both);
}
