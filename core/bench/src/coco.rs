//! Boxes and outlines of objects from a COCO annotation file.

use crate::error::BenchError;
use giqa_core::NormBox;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::path::Path;

/// Shares of the picture that an object may have to be spoilt.
const SHARES: std::ops::RangeInclusive<f64> = 0.04..=0.5;

/// An object that may be spoilt.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The name of its category.
    pub label: String,
    /// Its box.
    pub bounds: NormBox,
    /// Its outline, `x y x y ...` normalised; empty where there is none.
    pub polygons: Vec<Vec<f64>>,
}

/// The objects of each picture, by its file name.
#[derive(Debug, Default)]
pub struct Coco(HashMap<String, Annotated>);

#[derive(Debug)]
struct Annotated {
    width: f64,
    height: f64,
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Document {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    #[serde(default)]
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: u64,
    file_name: String,
    width: f64,
    height: f64,
}

#[derive(Deserialize)]
struct Category {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: u64,
    category_id: u64,
    bbox: [f64; 4],
    #[serde(default)]
    area: Option<f64>,
    #[serde(default)]
    iscrowd: u8,
    #[serde(default)]
    segmentation: Option<Segmentation>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Segmentation {
    Polygons(Vec<Vec<f64>>),
    /// Run lengths, of crowds.
    Other(IgnoredAny),
}

impl Coco {
    /// Reads a file.
    ///
    /// # Errors
    /// [`BenchError::Coco`] when it can't be read or is no COCO annotation file.
    pub fn load(path: &Path) -> Result<Self, BenchError> {
        let fail = |reason: String| BenchError::Coco { path: path.to_owned(), reason };
        let file = std::fs::File::open(path).map_err(|e| fail(format!("can't be read: {e}")))?;
        let document: Document =
            serde_json::from_reader(std::io::BufReader::new(file)).map_err(|e| fail(e.to_string()))?;
        Ok(Self::of(document))
    }

    fn of(document: Document) -> Self {
        let names: HashMap<u64, String> = document.categories.into_iter().map(|c| (c.id, c.name)).collect();
        let mut files = HashMap::new();
        let mut all = HashMap::new();
        for image in document.images {
            files.insert(image.id, image.file_name.clone());
            all.insert(image.file_name, Annotated { width: image.width, height: image.height, objects: Vec::new() });
        }
        for annotation in document.annotations.into_iter().filter(|a| a.iscrowd == 0) {
            let Some(picture) = files.get(&annotation.image_id).and_then(|f| all.get_mut(f)) else { continue };
            let label = names.get(&annotation.category_id).map_or("object", String::as_str);
            picture.objects.extend(object(annotation, label, picture.width, picture.height));
        }
        Self(all)
    }

    /// The objects of a photograph, by its path below the folder or its file name alone. `None` when the file says
    /// nothing of it, or speaks of a picture of another shape.
    #[must_use]
    pub fn objects(&self, relative: &str, width: u32, height: u32) -> Option<&[Object]> {
        let name = relative.rsplit('/').next().unwrap_or(relative);
        let found = self.0.get(relative).or_else(|| self.0.get(name))?;
        let same_shape = (found.width / found.height / (f64::from(width) / f64::from(height)) - 1.0).abs() < 0.02;
        same_shape.then_some(&found.objects)
    }
}

fn object(annotation: Annotation, label: &str, width: f64, height: f64) -> Option<Object> {
    let [x, y, w, h] = annotation.bbox;
    let bounds = NormBox::clamped(x / width, y / height, (x + w) / width, (y + h) / height)?;
    let share = annotation.area.map_or(bounds.area(), |a| a / (width * height));
    // An outline may fill little of its box; a box over most of the picture is no place in it.
    if !SHARES.contains(&share) || bounds.area() > 0.7 {
        return None;
    }
    let polygons = match annotation.segmentation {
        Some(Segmentation::Polygons(polygons)) => polygons,
        Some(Segmentation::Other(_)) | None => Vec::new(),
    };
    let unit = |p: Vec<f64>| -> Vec<f64> {
        p.iter().enumerate().map(|(i, v)| if i % 2 == 0 { v / width } else { v / height }).collect()
    };
    Some(Object { label: label.to_owned(), bounds, polygons: polygons.into_iter().map(unit).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 50, "x": 0}],
      "categories": [{"id": 3, "name": "cat"}],
      "annotations": [
        {"image_id": 1, "category_id": 3, "bbox": [10, 5, 40, 20], "area": 700, "segmentation": [[10,5,50,5,50,25]]},
        {"image_id": 1, "category_id": 3, "bbox": [0, 0, 50, 50], "iscrowd": 1, "segmentation": {"counts": [1]}},
        {"image_id": 1, "category_id": 9, "bbox": [0, 0, 50, 25], "segmentation": {"counts": "x", "size": [1, 2]}},
        {"image_id": 1, "category_id": 3, "bbox": [0, 0, 2, 2]},
        {"image_id": 8, "category_id": 3, "bbox": [0, 0, 50, 25]}]}"#;

    #[test]
    fn objects_of_a_fair_size_are_taken() {
        let coco = Coco::of(serde_json::from_str(FILE).unwrap());
        let objects = coco.objects("below/a.jpg", 200, 100).unwrap();
        assert_eq!(objects.iter().map(|o| o.label.as_str()).collect::<Vec<_>>(), ["cat", "object"]);
        assert_eq!(<[f64; 4]>::from(objects[0].bounds), [0.1, 0.1, 0.5, 0.5]);
        assert_eq!(objects[0].polygons, [[0.1, 0.1, 0.5, 0.1, 0.5, 0.5]]);
        assert!(objects[1].polygons.is_empty());
        assert!(coco.objects("a.jpg", 100, 200).is_none(), "turned");
        assert!(coco.objects("b.jpg", 100, 50).is_none());
    }

    #[test]
    fn what_is_no_coco_file_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("boxes.json");
        for (text, words) in [("{", "EOF"), ("[]", "expected"), ("{\"images\": []}", "annotations")] {
            std::fs::write(&path, text).unwrap();
            let error = Coco::load(&path).unwrap_err().to_string();
            assert!(error.contains("boxes.json") && error.contains(words), "{error}");
        }
        assert!(Coco::load(&dir.path().join("gone")).unwrap_err().to_string().contains("can't be read"));
    }
}
