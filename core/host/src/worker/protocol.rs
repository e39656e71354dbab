//! Frames: `u32` header length, `u64` blob length (little-endian), a JSON header, a blob of raw bytes.
//!
//! Pixels, results and maps travel as blobs, never as JSON.

use super::calls::NO_CALL;
use crate::services::Directories;
use giqa_core::{ComponentError, PluginManifest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// Version of this language. Both sides are the same program, unless it was replaced while running.
pub(crate) const PROTOCOL: u32 = 3;

const MAX_HEADER: usize = 64 << 20;
const MAX_BLOB: u64 = 4 << 30;

/// Where the worker finds the plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// A vetted library.
    Library(PathBuf),
    /// A plugin that is linked into the program.
    Builtin(String),
}

/// One item of a call; images by the ids under which they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CallItem {
    pub image: Option<u64>,
    pub reference: Option<u64>,
    pub input: String,
}

/// Host to worker. A call has a number, which its answers carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum ToWorker {
    /// Load this plugin; pixels may lie in the file `pixels` (see `outbox`).
    Open { source: Source, directories: Directories, pixels: Option<PathBuf> },
    /// Make a component, to be known by this number.
    Create { call: u64, instance: u32, component: String, config: String },
    /// Keep these packed RGB pixels: at this place of the shared file, or in the blob.
    Image { id: u64, width: u32, height: u32, at: Option<u64> },
    /// Drop these pixels.
    Forget { id: u64 },
    /// Run a batch. Calls overlap only where the manifest's `concurrent_calls` allows it.
    Run { call: u64, instance: u32, items: Vec<CallItem> },
    /// Stop a batch.
    Cancel { call: u64 },
}

/// How one item ended; its result and map follow each other in the blob.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ItemOutcome {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ComponentError>,
    #[serde(default)]
    pub result: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<usize>,
}

/// Worker to host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum FromWorker {
    /// The first frame.
    Hello { protocol: u32, giqa: String, abi: [u16; 2] },
    /// The plugin is loaded; `shared` tells whether the worker can read the shared file.
    Opened { manifest: Box<PluginManifest>, shared: bool },
    /// It could not be loaded.
    OpenFailed { reason: String },
    /// The component is made.
    Created { call: u64 },
    /// It could not be made.
    CreateFailed { call: u64, error: ComponentError },
    /// A line for the log.
    Log { level: u32, target: String, text: String },
    /// The call goes on.
    Progress { call: u64, fraction: f32, message: String },
    /// A piece of a model's text.
    Token { call: u64, item: usize, text: String },
    /// The call is done.
    Done { call: u64, outcomes: Vec<ItemOutcome> },
}

impl FromWorker {
    /// The call that it belongs to; [`NO_CALL`] for none.
    pub(crate) fn call(&self) -> u64 {
        match self {
            Self::Hello { .. } | Self::Opened { .. } | Self::OpenFailed { .. } | Self::Log { .. } => NO_CALL,
            Self::Created { call }
            | Self::CreateFailed { call, .. }
            | Self::Progress { call, .. }
            | Self::Token { call, .. }
            | Self::Done { call, .. } => *call,
        }
    }
}

/// Writes a frame and flushes.
pub(crate) fn write(out: &mut impl Write, header: &impl Serialize, blob: &[&[u8]]) -> io::Result<()> {
    let json = serde_json::to_vec(header)?;
    let blob_len: u64 = blob.iter().map(|part| part.len() as u64).sum();
    let mut head = Vec::with_capacity(12 + json.len());
    head.extend((json.len() as u32).to_le_bytes());
    head.extend(blob_len.to_le_bytes());
    head.extend(&json);
    out.write_all(&head)?;
    for part in blob {
        out.write_all(part)?;
    }
    out.flush()
}

/// Reads a frame; `None` at the end of the stream.
pub(crate) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<(T, Vec<u8>)>> {
    read_into(input, Vec::new)
}

/// Reads a frame, its blob into a buffer that was used before: fresh memory costs more than the copy into it.
pub(crate) fn read_into<T: DeserializeOwned>(
    input: &mut impl Read,
    buffer: impl FnOnce() -> Vec<u8>,
) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut lengths = [0u8; 12];
    let mut got = 0;
    while got < lengths.len() {
        match input.read(&mut lengths[got..]) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let [a, b, c, d, rest @ ..] = lengths;
    let (header_len, blob_len) = (u32::from_le_bytes([a, b, c, d]) as usize, u64::from_le_bytes(rest));
    if header_len > MAX_HEADER || blob_len > MAX_BLOB {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame that is too large"));
    }
    let mut json = vec![0; header_len];
    input.read_exact(&mut json)?;
    let mut blob = if blob_len == 0 { Vec::new() } else { buffer() };
    blob.resize(blob_len as usize, 0);
    input.read_exact(&mut blob)?;
    Ok(Some((serde_json::from_slice(&json)?, blob)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_come_back() {
        let frame = ToWorker::Image { id: 7, width: 2, height: 1, at: None };
        let mut bytes = Vec::new();
        write(&mut bytes, &frame, &[b"abc", b"def"]).unwrap();
        write(&mut bytes, &ToWorker::Cancel { call: 1 }, &[]).unwrap();
        let mut input = bytes.as_slice();
        assert_eq!(read(&mut input).unwrap(), Some((frame, b"abcdef".to_vec())));
        assert_eq!(read(&mut input).unwrap(), Some((ToWorker::Cancel { call: 1 }, vec![])));
        assert_eq!(read::<ToWorker>(&mut input).unwrap(), None);
    }

    #[test]
    fn cut_and_oversized_frames_are_errors() {
        let mut bytes = Vec::new();
        write(&mut bytes, &ToWorker::Cancel { call: 1 }, &[b"x"]).unwrap();
        for cut in 1..bytes.len() {
            assert!(read::<ToWorker>(&mut &bytes[..cut]).is_err(), "{cut}");
        }
        assert!(read::<ToWorker>(&mut [0xFF; 64].as_slice()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_frame_or_an_error(mut bytes in proptest::collection::vec(any::<u8>(), 0..80), small in any::<bool>()) {
            if small && bytes.len() > 12 {
                // Plausible lengths, so that the parser behind them is reached.
                bytes[1..4].fill(0);
                bytes[5..12].fill(0);
            }
            let _ = read::<FromWorker>(&mut bytes.as_slice());
        }
    }
}
