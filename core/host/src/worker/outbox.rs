//! Pixels on their way to a worker, in memory that both sides have: a pipe would copy them twice in small pieces.
//!
//! The host writes a picture once; the worker maps the whole file, read-only, and hands the plugin the place. A place
//! is written again only after its picture was forgotten, when no call looks at it any more. Where there is no such memory (not
//! Linux, `/proc` not mounted, none left), pictures go through the pipe.

use giqa_core::ImageView;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Size of the file, which takes memory only where it was written. Most bytes of pictures that a worker keeps this way.
const SIZE: u64 = 256 << 20;
/// Pictures begin at multiples of this.
const ALIGN: u64 = 4096;

/// The host's end.
#[derive(Debug)]
pub(crate) struct Outbox {
    file: File,
    path: PathBuf,
    /// Picture id and length by the place where it begins.
    taken: BTreeMap<u64, (u64, u64)>,
}

impl Outbox {
    /// `None` where the system has no such memory.
    pub(crate) fn new() -> Option<Self> {
        let (file, path) = shared_file().inspect_err(|e| tracing::debug!("no shared memory for pictures: {e}")).ok()?;
        Some(Self { file, path, taken: BTreeMap::new() })
    }

    /// Under which name the worker finds it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a picture's packed pixels and says where they begin; `None` where there is no room.
    pub(crate) fn put(&mut self, id: u64, view: ImageView<'_>) -> Option<u64> {
        let length = u64::from(view.width()) * u64::from(view.height()) * 3;
        let start = self.gap(length)?;
        let written = match view.as_packed() {
            Some(pixels) => write_at(&self.file, pixels, start),
            None => {
                let places = (start..).step_by(view.width() as usize * 3);
                view.rows().zip(places).try_for_each(|(row, at)| write_at(&self.file, row, at))
            }
        };
        written.inspect_err(|e| tracing::debug!("pictures go through the pipe: {e}")).ok()?;
        self.taken.insert(start, (id, length));
        Some(start)
    }

    /// Gives a picture's place free.
    pub(crate) fn forget(&mut self, id: u64) {
        self.taken.retain(|_, (taken, _)| *taken != id);
    }

    /// The first place with so much room: low places were used before, and writing there costs no new memory.
    fn gap(&self, length: u64) -> Option<u64> {
        let mut start = 0;
        for (&at, &(_, taken)) in &self.taken {
            if start + length <= at {
                break;
            }
            start = (at + taken).next_multiple_of(ALIGN);
        }
        (start + length <= SIZE).then_some(start)
    }
}

/// The worker's end.
#[derive(Debug)]
pub(crate) struct Inbox(memmap2::Mmap);

impl Inbox {
    /// Opens what the host offers.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        let open = || {
            let file = File::open(path)?;
            // SAFETY: nobody shortens the file; the host writes only where it keeps no picture, so nothing changes
            // under the slices that `pixels` gives out, which the worker holds during a call at most.
            unsafe { memmap2::Mmap::map(&file) }
        };
        open().inspect_err(|e: &io::Error| tracing::debug!("pictures come through the pipe: {e}")).ok().map(Self)
    }

    /// The bytes at a place; `None` for one outside.
    pub(crate) fn pixels(&self, at: u64, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(at).ok()?;
        self.0.get(start..start.checked_add(length)?)
    }
}

#[cfg(target_os = "linux")]
fn shared_file() -> io::Result<(File, PathBuf)> {
    use std::os::fd::AsRawFd;
    let file = File::from(rustix::fs::memfd_create("giqa-pixels", rustix::fs::MemfdFlags::CLOEXEC)?);
    file.set_len(SIZE)?;
    let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
    Ok((file, path))
}

#[cfg(not(target_os = "linux"))]
fn shared_file() -> io::Result<(File, PathBuf)> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(not(unix))]
fn write_at(_: &File, _: &[u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn both() -> (Outbox, Inbox) {
        let outbox = Outbox::new().unwrap();
        let inbox = Inbox::open(outbox.path()).unwrap();
        (outbox, inbox)
    }

    #[test]
    fn pictures_arrive_whole_and_side_by_side() {
        let (mut outbox, inbox) = both();
        let data: Vec<u8> = (0..60).collect();
        let packed = ImageView::packed(4, 5, &data).unwrap();
        let part = ImageView::strided(2, 3, 12, &data[..30]).unwrap();
        assert!(part.as_packed().is_none());
        let (first, second) = (outbox.put(1, packed).unwrap(), outbox.put(2, part).unwrap());
        assert_eq!(inbox.pixels(first, 60).unwrap(), data);
        assert_eq!(inbox.pixels(second, 18).unwrap(), part.rows().flatten().copied().collect::<Vec<_>>());
    }

    #[test]
    fn forgotten_places_are_used_again_and_kept_ones_are_not() {
        let (mut outbox, inbox) = both();
        let (red, blue) = ([200, 0, 0].repeat(4000), [0, 0, 200].repeat(4000));
        let view = |data| ImageView::packed(80, 50, data).unwrap();
        let places = [1, 2, 3].map(|id| outbox.put(id, view(&red)).unwrap());
        outbox.forget(2);
        assert_eq!(outbox.put(4, view(&blue)), Some(places[1]));
        assert_eq!([0, 1, 2].map(|i| inbox.pixels(places[i], 12_000).unwrap().to_vec()), [red.clone(), blue, red]);
    }

    #[test]
    fn more_than_fits_is_left_to_the_pipe() {
        let (mut outbox, _) = both();
        let data = vec![0; 3 * 10_000 * 9_000];
        assert_eq!(outbox.put(1, ImageView::packed(10_000, 9_000, &data).unwrap()), None);
        assert_eq!(outbox.put(2, ImageView::packed(1, 1, &data[..3]).unwrap()), Some(0));
    }

    #[test]
    fn what_is_not_there_is_none() {
        let (_, inbox) = both();
        assert!(inbox.pixels(SIZE - 2, 3).is_none() && inbox.pixels(u64::MAX, usize::MAX).is_none());
        assert!(Inbox::open(Path::new("/nowhere")).is_none());
    }
}
