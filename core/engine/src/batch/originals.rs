//! Which original belongs to which picture, for full-reference metrics.

use super::collect::{CollectError, collect};
use crate::decode::{DecodeError, Decoded, Limits, decode};
use crate::safe_text::shown;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The originals of a batch: one for all pictures, or a folder in which each has its own.
#[derive(Debug)]
pub struct Originals(Kind);

#[derive(Debug)]
enum Kind {
    /// Decoded at its first use, once.
    One {
        path: PathBuf,
        decoded: OnceLock<Result<Arc<Decoded>, DecodeError>>,
    },
    Folder(Folder),
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// What the pictures' own paths are relative to.
    roots: Vec<PathBuf>,
    /// Images by their path in the folder without its extension.
    by_place: BTreeMap<PathBuf, Vec<PathBuf>>,
    /// Images by the stem of their name.
    by_stem: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl Originals {
    /// The originals at `path`, a file or a folder, for pictures that were asked for as `inputs` (files or folders).
    ///
    /// In a folder, a picture's original is the file at the same path as the picture has below its input folder, else
    /// the image there with another extension, else the one image with the same stem anywhere in the folder.
    ///
    /// # Errors
    /// [`CollectError`] when there is nothing at `path`.
    pub fn at<P: AsRef<Path>>(path: &Path, inputs: &[P]) -> Result<Self, CollectError> {
        let meta =
            std::fs::metadata(path).map_err(|e| CollectError { path: path.to_owned(), reason: e.to_string() })?;
        if !meta.is_dir() {
            return Ok(Self(Kind::One { path: path.to_owned(), decoded: OnceLock::new() }));
        }
        let mut folder = Folder {
            path: path.to_owned(),
            roots: inputs.iter().map(|p| p.as_ref().to_owned()).filter(|p| p.is_dir()).collect(),
            by_place: BTreeMap::new(),
            by_stem: BTreeMap::new(),
        };
        for image in collect(&[path]).images {
            let place = image.strip_prefix(path).unwrap_or(&image).with_extension("");
            folder.by_place.entry(place).or_default().push(image.clone());
            folder.by_stem.entry(stem(&image)).or_default().push(image);
        }
        Ok(Self(Kind::Folder(folder)))
    }

    /// The original of a picture, or in words why there is none to compare with.
    pub(super) fn of(&self, picture: &Path, decoded: &Decoded, limits: &Limits) -> Result<Arc<Decoded>, String> {
        let original = match &self.0 {
            Kind::One { path, decoded } => {
                let once = decoded.get_or_init(|| decode(path, limits).map(Arc::new));
                once.as_ref().map(Arc::clone).map_err(unusable)?
            }
            Kind::Folder(folder) => Arc::new(decode(&folder.find(picture)?, limits).map_err(|e| unusable(&e))?),
        };
        if (original.width(), original.height()) == (decoded.width(), decoded.height()) {
            return Ok(original);
        }
        Err(format!(
            "the original {} has {} x {} pixels and {} {} x {}; expected the same size, so nothing was compared",
            shown(Path::new(&original.info.path)),
            original.width(),
            original.height(),
            shown(picture),
            decoded.width(),
            decoded.height()
        ))
    }
}

impl Folder {
    fn find(&self, picture: &Path) -> Result<PathBuf, String> {
        let below = self.roots.iter().filter_map(|root| picture.strip_prefix(root).ok());
        let name = picture.file_name().map(Path::new);
        let places: Vec<&Path> = below.chain(name).filter(|p| stays_inside(p)).collect();
        if let Some(same) = places.iter().map(|p| self.path.join(p)).find(|p| p.is_file()) {
            return Ok(same);
        }
        let by_place = places.iter().find_map(|p| self.by_place.get(&p.with_extension("")));
        match by_place.or_else(|| self.by_stem.get(&stem(picture))).map(Vec::as_slice) {
            Some([one]) => Ok(one.clone()),
            Some([first, second, ..]) => Err(format!(
                "more than one file could be the original of {}: {}, {}; nothing was compared",
                shown(picture),
                shown(first),
                shown(second)
            )),
            _ => Err(format!("no original of {} in {}; nothing was compared", shown(picture), shown(&self.path))),
        }
    }
}

fn stays_inside(path: &Path) -> bool {
    path.components().next().is_some() && path.components().all(|c| matches!(c, Component::Normal(_)))
}

fn stem(path: &Path) -> PathBuf {
    path.file_stem().map(PathBuf::from).unwrap_or_default()
}

fn unusable(error: &DecodeError) -> String {
    format!("the original can't be used, so nothing was compared: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_searched_by_path_then_by_stem() {
        let dir = tempfile::tempdir().unwrap();
        let at = |p: &str| dir.path().join(p);
        for folder in ["in/deep", "ref/deep", "ref/a", "ref/b"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        for file in ["x.png", "deep/x.png", "deep/y.jpg", "a/only.tif", "a/twice.png", "b/twice.png", "raw.bin"] {
            std::fs::write(at("ref").join(file), "").unwrap();
        }
        let originals = Originals::at(&at("ref"), &[at("in"), at("elsewhere/x.png")]).unwrap();
        let Originals(Kind::Folder(folder)) = &originals else { panic!("a folder") };
        for (picture, original) in [
            ("in/x.png", "x.png"),
            ("in/deep/x.png", "deep/x.png"),
            ("in/deep/y.webp", "deep/y.jpg"),
            ("elsewhere/x.png", "x.png"),
            ("in/other/only.jpg", "a/only.tif"),
            ("in/raw.bin", "raw.bin"),
        ] {
            assert_eq!(folder.find(&at(picture)).unwrap(), at("ref").join(original), "{picture}");
        }
        let twice = folder.find(&at("in/twice.png")).unwrap_err();
        assert!(twice.contains("a/twice.png") && twice.contains("b/twice.png"), "{twice}");
        let gone = folder.find(&at("in/gone.png")).unwrap_err();
        assert!(gone.starts_with("no original of ") && gone.contains("gone.png"), "{gone}");
        assert!(Originals::at(&at("nowhere"), &[at("in")]).is_err());
    }
}
