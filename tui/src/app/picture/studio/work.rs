//! What the threads do.

use super::super::Shown;
use super::super::compose::compose;
use super::super::display::Protocol;
use super::super::frame::{Frame, encode};
use super::super::geometry::{Layout, lay_out};
use super::super::scale::{Raster, cut};
use super::super::scene::Scene;
use super::Inside;
use super::desk::{Base, Next, Task};
use super::source::Source;
use giqa_engine::decode::Decoded;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// Longest side of a photo at the size of a screen.
const BASE: u32 = 2048;
/// The same for half blocks, of which a screen has no more.
const BASE_HALFBLOCKS: u32 = 1024;

/// Looks wishes up in the cache, so that what is there need not wait for a maker.
pub(super) fn look(inside: &Inside) {
    let mut desk = inside.desk();
    while !desk.closed() {
        let Some(task) = desk.unseen() else {
            desk = inside.bell.wait(desk).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(desk);
        let source = Source::of(&task.scene);
        let answer = inside.desk().answer(&task, source);
        match answer {
            Some(frame) => tell(inside, task.scene, frame),
            None => inside.bell.notify_all(),
        }
        desk = inside.desk();
    }
}

/// Makes what is wanted most, again and again.
pub(super) fn make(inside: &Inside) {
    let mut desk = inside.desk();
    loop {
        match desk.next(Instant::now()) {
            Next::Leave => return,
            Next::Wait(None) => desk = inside.bell.wait(desk).unwrap_or_else(PoisonError::into_inner),
            Next::Wait(Some(time)) => {
                desk = inside.bell.wait_timeout(desk, time).unwrap_or_else(PoisonError::into_inner).0;
            }
            Next::Make(task, source) => {
                drop(desk);
                let made = catch_unwind(AssertUnwindSafe(|| made(inside, &task, &source)))
                    .unwrap_or_else(|_| Err("it can't be shown: giqa's code failed on it".to_owned()).into());
                desk = inside.desk();
                desk.done(&source);
                // Others may wait for this photo.
                inside.bell.notify_all();
                if let Made::Done(frame) = made
                    && desk.tell(task.id)
                {
                    drop(desk);
                    tell(inside, task.scene, frame);
                    desk = inside.desk();
                }
            }
        }
    }
}

/// A sink that panics is not to end the thread.
fn tell(inside: &Inside, scene: Scene, frame: Result<Arc<Frame>, String>) {
    let told = catch_unwind(AssertUnwindSafe(|| (inside.sink)(Shown { scene, frame })));
    if told.is_err() {
        tracing::error!("a picture was made, and failed to be taken");
    }
}

enum Made {
    Done(Result<Arc<Frame>, String>),
    /// Nobody wants it any more.
    Dropped,
}

impl From<Result<Arc<Frame>, String>> for Made {
    fn from(frame: Result<Arc<Frame>, String>) -> Self {
        Self::Done(frame)
    }
}

fn made(inside: &Inside, task: &Task, source: &Source) -> Made {
    match steps(inside, task, source) {
        Ok(Some(frame)) => Made::Done(Ok(frame)),
        Ok(None) => Made::Dropped,
        Err(reason) => Made::Done(Err(reason)),
    }
}

/// Photo, picture, frame; `None` when nobody wants it any more.
fn steps(inside: &Inside, task: &Task, source: &Source) -> Result<Option<Arc<Frame>>, String> {
    let wanted = || inside.desk().wanted(task.id);
    let Some((photo, layout)) = photo(inside, task, source)? else { return Ok(None) };
    let canvas = compose(photo.raster(), &layout, &task.scene.overlay)?;
    drop(photo);
    if !wanted() {
        return Ok(None);
    }
    let frame = Arc::new(encode(&canvas, &layout, &task.display, inside.tmux)?);
    inside.desk().keep_frame(source, task, &frame);
    Ok(Some(frame))
}

/// The photo, as large as it is needed.
enum Photo {
    Base(Arc<Base>),
    Full(Arc<Decoded>),
}

impl Photo {
    fn raster(&self) -> Raster<'_> {
        match self {
            Self::Base(b) => Raster { pixels: b.canvas.pixels(), width: b.canvas.width(), height: b.canvas.height() },
            Self::Full(d) => Raster { pixels: d.pixels(), width: d.width(), height: d.height() },
        }
    }
}

/// From the caches, or decoded.
fn photo(inside: &Inside, task: &Task, source: &Source) -> Result<Option<(Photo, Layout)>, String> {
    let (base, full) = {
        let mut desk = inside.desk();
        (desk.base(source), desk.full(source))
    };
    if let Some(base) = &base {
        let layout = layout(task, base.photo)?;
        if enough(base, &layout) {
            return Ok(Some((Photo::Base(Arc::clone(base)), layout)));
        }
    }
    let full = match full {
        Some(full) => full,
        None => Arc::new((inside.load)(&source.path)?),
    };
    let layout = layout(task, (full.width(), full.height()))?;
    let base = match base {
        Some(base) => base,
        None => Arc::new(base_of(&full, task.display.protocol)?),
    };
    let enough = enough(&base, &layout);
    let mut desk = inside.desk();
    // Kept also when nobody wants it any more: the work is done, and it may be wanted again.
    desk.keep_base(source, &base);
    if base.canvas.width() != full.width() {
        desk.keep_full(source, &full, !enough);
    }
    let wanted = desk.wanted(task.id);
    drop(desk);
    Ok(wanted.then_some((if enough { Photo::Base(base) } else { Photo::Full(full) }, layout)))
}

fn layout(task: &Task, photo: (u32, u32)) -> Result<Layout, String> {
    lay_out(photo, task.scene.area, task.display.bounds(), &task.scene.view)
        .ok_or_else(|| "there is no room for a picture".to_owned())
}

/// Whether nothing is lost by taking the base.
fn enough(base: &Base, layout: &Layout) -> bool {
    let scale = f64::from(base.photo.0) / f64::from(base.canvas.width().max(1));
    base.canvas.width() == base.photo.0 || layout.placement.scale >= scale * 0.999
}

fn base_of(photo: &Decoded, protocol: Protocol) -> Result<Base, String> {
    let most = if protocol == Protocol::Halfblocks { BASE_HALFBLOCKS } else { BASE };
    let (w, h) = (photo.width(), photo.height());
    let longest = w.max(h);
    let side =
        |n: u32| if longest <= most { n } else { (n as f64 * most as f64 / longest as f64).round().max(1.0) as u32 };
    let raster = Raster { pixels: photo.pixels(), width: w, height: h };
    Ok(Base { canvas: cut(raster, [0.0, 0.0, 1.0, 1.0], (side(w), side(h)))?, photo: (w, h) })
}
