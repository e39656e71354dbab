//! safetensors files: a table of names, types, shapes and places, then the bytes. Tensors are read one by one and piece by
//! piece, so that loading a model takes little memory beside the model itself.

use crate::error::{Result, TorchError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The largest table of contents that is believed: the biggest published models have some MB.
const MAX_HEADER: u64 = 100 << 20;

/// One tensor in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As the file has it: `F32`, `BF16`, ...
    pub dtype: String,
    /// Its shape.
    pub shape: Vec<i64>,
    /// First byte in the file.
    start: u64,
    /// Bytes.
    len: u64,
}

/// An open file.
#[derive(Debug)]
pub struct SafeTensors {
    path: PathBuf,
    file: File,
    entries: BTreeMap<String, Entry>,
}

impl SafeTensors {
    /// Opens a file and checks its table against its length.
    ///
    /// # Errors
    /// A file that can't be read, is cut short, or has a table that contradicts itself.
    pub fn open(path: &Path) -> Result<Self> {
        let read = |source| TorchError::Read { path: path.to_owned(), source };
        let wrong = |problem: String| TorchError::Malformed { path: path.to_owned(), problem };
        let mut file = File::open(path).map_err(read)?;
        let length = file.metadata().map_err(read)?.len();
        let mut size = [0; 8];
        if length < 8 {
            return Err(wrong(format!("{length} bytes are no safetensors file")));
        }
        file.read_exact(&mut size).map_err(read)?;
        let size = u64::from_le_bytes(size);
        if size > MAX_HEADER || size > length - 8 {
            return Err(wrong(format!("its header should be {size} bytes long, but the file has {length}")));
        }
        let mut header = vec![0; size as usize];
        file.read_exact(&mut header).map_err(read)?;
        let entries = table(&header, length - 8 - size, 8 + size).map_err(wrong)?;
        Ok(Self { path: path.to_owned(), file, entries })
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All tensors, by name.
    #[must_use]
    pub fn entries(&self) -> &BTreeMap<String, Entry> {
        &self.entries
    }

    /// All bytes of a tensor, little-endian, row by row.
    ///
    /// # Errors
    /// As [`SafeTensors::pieces`].
    pub fn bytes(&mut self, entry: &Entry) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.pieces(entry, entry.len as usize, &mut |all| {
            bytes.extend_from_slice(all);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// The bytes of a tensor in pieces of at most `most` bytes (the last one is shorter).
    /// They are read, not mapped: a mapped file that another program cuts short would end this process.
    ///
    /// # Errors
    /// A file that can't be read any more; what `hear` reports.
    pub fn pieces(&mut self, entry: &Entry, most: usize, hear: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let read = |source| TorchError::Read { path: self.path.clone(), source };
        self.file.seek(SeekFrom::Start(entry.start)).map_err(read)?;
        let mut piece = vec![0; most.min(entry.len as usize)];
        let mut left = entry.len as usize;
        while left > 0 {
            let piece = &mut piece[..left.min(most)];
            self.file.read_exact(piece).map_err(read)?;
            hear(piece)?;
            left -= piece.len();
        }
        Ok(())
    }
}

/// Bytes of one element.
fn width(dtype: &str) -> Option<u64> {
    match dtype {
        "F64" | "I64" | "U64" => Some(8),
        "F32" | "I32" | "U32" => Some(4),
        "F16" | "BF16" | "I16" | "U16" => Some(2),
        "I8" | "U8" | "BOOL" | "F8_E4M3" | "F8_E5M2" => Some(1),
        _ => None,
    }
}

fn table(header: &[u8], data: u64, base: u64) -> Result<BTreeMap<String, Entry>, String> {
    #[derive(Deserialize)]
    struct Raw {
        dtype: String,
        shape: Vec<i64>,
        data_offsets: [u64; 2],
    }
    let raw: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(header).map_err(|e| format!("its header is not JSON: {e}"))?;
    let mut entries = BTreeMap::new();
    for (name, value) in raw {
        if name == "__metadata__" {
            continue;
        }
        let Raw { dtype, shape, data_offsets: [start, end] } =
            serde_json::from_value(value).map_err(|e| format!("tensor {name}: {e}"))?;
        let elements = shape.iter().try_fold(1u64, |n, &d| n.checked_mul(u64::try_from(d).ok()?));
        // Types that are not known here are left to whoever asks for the tensor.
        let size = elements.zip(width(&dtype)).and_then(|(n, w)| n.checked_mul(w));
        if end > data {
            return Err(format!("tensor {name} ends {} bytes behind the end of the file", end - data));
        }
        if start > end || size.is_some_and(|s| s != end - start) {
            return Err(format!("tensor {name}: {dtype} {shape:?} does not fill bytes {start} to {end}"));
        }
        entries.insert(name, Entry { dtype, shape, start: base + start, len: end - start });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.safetensors");
        let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat();
        std::fs::write(&path, bytes).unwrap();
        (dir, path)
    }

    fn problem(header: &str, data: &[u8]) -> String {
        let (_dir, path) = file(header, data);
        SafeTensors::open(&path).unwrap_err().to_string()
    }

    #[test]
    fn tensors_are_read_by_name() {
        let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[2,10]}}"#;
        let (_dir, path) = file(header, &[9, 9, 1, 2, 3, 4, 5, 6, 7, 8]);
        let mut tensors = SafeTensors::open(&path).unwrap();
        let entry = tensors.entries()["a"].clone();
        assert_eq!((entry.dtype.as_str(), entry.shape.as_slice()), ("F32", [1, 2].as_slice()));
        let mut pieces = Vec::new();
        let mut hear = |piece: &[u8]| {
            pieces.push(piece.to_vec());
            Ok(())
        };
        tensors.pieces(&entry, 5, &mut hear).unwrap();
        assert_eq!(pieces, [vec![1, 2, 3, 4, 5], vec![6, 7, 8]]);
    }

    #[test]
    fn damaged_files_say_what_is_wrong() {
        let a = r#"{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"#;
        assert!(problem(a, &[0; 5]).ends_with("tensor a ends 3 bytes behind the end of the file"));
        let odd = r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#;
        assert!(problem(odd, &[0; 8]).contains("F32 [3] does not fill bytes 0 to 8"));
        let huge = r#"{"a":{"dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[8,0]}}"#;
        assert!(problem(huge, &[0; 8]).contains("does not fill"));
        assert!(problem("{", &[]).contains("not JSON"));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("short");
        std::fs::write(&path, [255; 9]).unwrap();
        assert!(SafeTensors::open(&path).unwrap_err().to_string().contains("header should be"));
        std::fs::write(&path, [1; 3]).unwrap();
        assert!(SafeTensors::open(&path).unwrap_err().to_string().contains("3 bytes are no safetensors file"));
    }
}
