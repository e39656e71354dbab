//! The tiny models and their pictures; copies of them under other names.

#![allow(dead_code, reason = "each file of tests uses its part")]

use giqa_sdk::core::{GroundingModel, ImageView, Request};
use giqa_sdk::{Instance, Plugin, Services};
use giqa_torch::component::Torch;
use giqa_torch::picture::Pixels;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// A fixture's folder.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/models").join(name)
}

/// A picture's file.
pub fn load(path: &Path) -> Pixels {
    let image = image::open(path).unwrap().to_rgb8();
    Pixels { width: image.width() as usize, height: image.height() as usize, data: image.into_raw() }
}

/// Names and bytes of a safetensors file.
pub struct Tensors {
    header: Map<String, Value>,
    data: Vec<u8>,
}

impl Tensors {
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let size = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let mut header: Map<String, Value> = serde_json::from_slice(&bytes[8..8 + size]).unwrap();
        header.remove("__metadata__");
        Self { header, data: bytes[8 + size..].to_vec() }
    }

    /// The names.
    pub fn names(&self) -> Vec<String> {
        self.header.keys().cloned().collect()
    }

    /// Makes a row of a matrix of f32 NaN.
    pub fn spoil(&mut self, name: &str, row: usize) {
        let entry = &self.header[name];
        let start = entry["data_offsets"][0].as_u64().unwrap() as usize;
        let bytes = 4 * entry["shape"][1].as_u64().unwrap() as usize;
        for number in self.data[start + row * bytes..][..bytes].chunks_exact_mut(4) {
            number.copy_from_slice(&f32::NAN.to_le_bytes());
        }
    }

    /// Writes the tensors that `rename` gives a name.
    pub fn write(&self, path: &Path, rename: impl Fn(&str) -> Option<String>) {
        let (mut header, mut data) = (Map::new(), Vec::new());
        for (name, entry) in &self.header {
            let Some(new) = rename(name) else { continue };
            let at = |i: usize| entry["data_offsets"][i].as_u64().unwrap() as usize;
            let start = data.len();
            data.extend_from_slice(&self.data[at(0)..at(1)]);
            let mut entry = entry.clone();
            entry["data_offsets"] = json!([start, data.len()]);
            header.insert(new, entry);
        }
        let header = serde_json::to_vec(&header).unwrap();
        std::fs::write(path, [&(header.len() as u64).to_le_bytes(), header.as_slice(), &data].concat()).unwrap();
    }
}

/// A copy of the small files of a fixture; its weights are left out.
pub fn without_weights(from: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("lora")).unwrap();
    for (folder, to) in [(from.to_owned(), dir.path().to_owned()), (from.join("lora"), dir.path().join("lora"))] {
        for file in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()) {
            if file.file_name().unwrap() != "model.safetensors" {
                std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
            }
        }
    }
    dir
}

/// A JSON file.
pub fn json_file(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A component of the plugin with a fixture's weights, on one thread.
pub fn component(name: &str, settings: Value) -> Box<dyn GroundingModel> {
    component_of(&fixture(name), if name == "llama3" { "llama" } else { "llava" }, settings)
}

/// A component of the plugin with the weights of any folder.
pub fn component_of(weights: &Path, component: &str, settings: Value) -> Box<dyn GroundingModel> {
    let mut config = json!({ "weights": weights, "threads": 1, "device": "cpu" });
    config.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    match Torch::create(&Services::default(), component, &config).unwrap() {
        Instance::Model(model) => model,
        _ => unreachable!("the plugin has models alone"),
    }
}

/// The picture of a fixture.
pub fn picture(name: &str) -> Pixels {
    load(&fixture(name).join("image.png"))
}

/// A picture as the host hands it over.
pub fn view(pixels: &Pixels, id: u64) -> ImageView<'_> {
    ImageView::packed(pixels.width as u32, pixels.height as u32, &pixels.data).unwrap().with_id(id)
}

/// A question without boxes.
pub fn answer(question: &str) -> Request {
    Request::Answer { question: question.to_owned(), boxes: Vec::new() }
}
