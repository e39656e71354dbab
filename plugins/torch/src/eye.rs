//! The seeing part of a model: from a picture to vectors that the decoder reads like words.

use crate::config::ModelConfig;
use crate::error::Result;
use crate::nn::Linear;
use crate::picture::{Grid, Pixels, Tiles, unpadded};
use crate::vision::{Clip, VisionTower};
use crate::weights::Weights;
use crate::{config::ImageConfig, picture::AspectRatio};
use tch::{Device, Kind, Tensor};

/// Two matrices with the exact GELU between them (LLaVA's `mlp2x_gelu`).
struct Projector {
    into: Linear,
    out: Linear,
}

impl Projector {
    fn load(weights: &Weights, width: i64, hidden: i64) -> Result<Self> {
        let name = |i: i64| format!("multi_modal_projector.linear_{i}");
        Ok(Self {
            into: Linear::load(weights, &name(1), width, hidden, true)?,
            out: Linear::load(weights, &name(2), hidden, hidden, true)?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.out.forward(&self.into.forward(x)?.f_gelu("none")?)
    }
}

/// Tower, projector and packing.
pub struct Eye {
    config: ImageConfig,
    tower: Box<dyn VisionTower>,
    projector: Projector,
    newline: Option<Tensor>,
    device: Device,
    kind: Kind,
}

impl Eye {
    /// Takes its tensors; `None` for a model that doesn't see.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn load(weights: &Weights, model: &ModelConfig) -> Result<Option<Self>> {
        let Some(config) = &model.image else { return Ok(None) };
        let hidden = model.text.hidden;
        let newline = match config.preprocess.aspect {
            AspectRatio::Anyres => Some(weights.tensor("image_newline", &[hidden])?),
            AspectRatio::Pad | AspectRatio::Crop => {
                weights.leave("image_newline");
                None
            }
        };
        Ok(Some(Self {
            tower: Box::new(Clip::load(weights, config)?),
            projector: Projector::load(weights, config.vision.hidden, hidden)?,
            newline,
            config: config.clone(),
            device: weights.device(),
            kind: weights.kind(),
        }))
    }

    /// How it sees.
    #[must_use]
    pub fn config(&self) -> &ImageConfig {
        &self.config
    }

    /// A picture's features, `[n, hidden]`.
    ///
    /// # Errors
    /// What libtorch reports.
    pub fn see(&self, picture: &Pixels) -> Result<Tensor> {
        self.features(&self.config.preprocess.run(picture), None)
    }

    /// The features of a prepared picture. `states` as in [`VisionTower::forward`].
    ///
    /// # Errors
    /// What libtorch reports.
    pub fn features(&self, tiles: &Tiles, states: Option<&mut Vec<Tensor>>) -> Result<Tensor> {
        let seen = self.look(&self.upload(tiles)?, states)?;
        self.pack(&seen, tiles)
    }

    /// The features of several prepared pictures, whose tiles go through the tower together.
    ///
    /// # Errors
    /// What libtorch reports; memory.
    pub fn features_of_all(&self, pictures: &[Tiles]) -> Result<Vec<Tensor>> {
        let squares = pictures.iter().map(|tiles| self.upload(tiles)).collect::<Result<Vec<_>>>()?;
        let seen = self.look(&Tensor::f_cat(&squares, 0)?, None)?;
        let mut at = 0;
        let each = pictures.iter().map(|tiles| {
            let n = tiles.count as i64;
            at += n;
            self.pack(&seen.f_narrow(0, at - n, n)?, tiles)
        });
        each.collect()
    }

    /// `[tiles, 3, side, side]` on the device. To a GPU they go while it still works on what came before.
    fn upload(&self, tiles: &Tiles) -> Result<Tensor> {
        let (n, side) = (tiles.count as i64, tiles.side as i64);
        let squares = Tensor::f_from_slice(&tiles.values)?.f_reshape([n, 3, side, side])?;
        if let Device::Cuda(_) = self.device {
            // Only from memory that stays in its place; libtorch keeps it until it has been copied.
            let pinned = squares.f_pin_memory(self.device)?;
            return Ok(pinned.f_to_device_(self.device, pinned.kind(), true, false)?.f_to_kind(self.kind)?);
        }
        Ok(squares.f_to(self.device)?.f_to_kind(self.kind)?)
    }

    fn look(&self, squares: &Tensor, states: Option<&mut Vec<Tensor>>) -> Result<Tensor> {
        self.projector.forward(&self.tower.forward(squares, states)?)
    }

    /// `[tiles, patches, hidden]` of one picture in the order in which it is read.
    fn pack(&self, seen: &Tensor, tiles: &Tiles) -> Result<Tensor> {
        match (&tiles.grid, &self.newline) {
            (Some(grid), Some(newline)) => self.packed(seen, grid, newline),
            _ => Ok(seen.f_flatten(0, 1)?),
        }
    }

    /// The whole picture's features, then those of the tiles row by row over all tiles, without the padding, each row
    /// closed by the newline vector.
    fn packed(&self, seen: &Tensor, grid: &Grid, newline: &Tensor) -> Result<Tensor> {
        let (_, patches, hidden) = seen.size3()?;
        let side = self.config.vision.patches();
        let (columns, rows) = (grid.columns as i64, grid.rows as i64);
        // A class token among the features belongs to the whole picture alone.
        let first = patches - side * side;
        let tiles = seen.f_narrow(0, 1, columns * rows)?.f_narrow(1, first, side * side)?;
        let plane = tiles.f_reshape([rows, columns, side, side, hidden])?.f_permute([0, 2, 1, 3, 4])?.f_reshape([
            rows * side,
            columns * side,
            hidden,
        ])?;
        let (x, y, width, height) = unpadded(grid, (columns * side) as usize, (rows * side) as usize);
        let plane = plane.f_narrow(0, y as i64, height as i64)?.f_narrow(1, x as i64, width as i64)?;
        let ends = newline.f_expand([height as i64, 1, hidden], false)?;
        let plane = Tensor::f_cat(&[plane, ends], 1)?.f_flatten(0, 1)?;
        Ok(Tensor::f_cat(&[seen.f_select(0, 0)?, plane], 0)?)
    }
}
