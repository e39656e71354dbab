//! Prompts of different lengths in one batch: padded on the left, behind what all have in common, so that they end at the
//! same place.

use crate::error::Result;
use crate::nn::Mask;
use tch::{Device, Kind, Tensor};

/// Prompts side by side.
pub struct Batch {
    /// `[batch, n, hidden]`, behind the shared columns.
    pub vectors: Tensor,
    /// Columns that all rows begin with, and that were read before.
    shared: i64,
    /// Padding of each row behind them.
    pads: Vec<i64>,
}

impl Batch {
    /// Of what is left of prompts, `[n_i, hidden]`, behind `shared` columns.
    ///
    /// # Errors
    /// Memory.
    pub fn new(prompts: &[Tensor], shared: i64) -> Result<Self> {
        let lengths = prompts.iter().map(|p| Ok(p.size2()?.0)).collect::<Result<Vec<i64>>>()?;
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let pads: Vec<i64> = lengths.iter().map(|n| longest - n).collect();
        let padded = prompts.iter().zip(&pads).map(|(p, &pad)| Ok(p.f_constant_pad_nd([0, 0, pad, 0])?));
        let vectors = Tensor::f_stack(&padded.collect::<Result<Vec<Tensor>>>()?, 0)?;
        Ok(Self { vectors, shared, pads })
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.pads.len() as i64
    }

    /// Columns: the longest prompt, with what is shared.
    #[must_use]
    pub fn columns(&self) -> i64 {
        self.shared + self.vectors.size().get(1).copied().unwrap_or(0)
    }

    /// The positions `[rows, n]` of columns `start .. start + n`: each row counts from its own first word.
    ///
    /// # Errors
    /// Memory.
    pub fn positions(&self, start: i64, n: i64) -> Result<Tensor> {
        let row = |pad: &i64| {
            let at = |column: i64| if column < self.shared { column } else { (column - pad).max(0) };
            (start..start + n).map(at).collect::<Vec<_>>()
        };
        let all: Vec<i64> = self.pads.iter().flat_map(row).collect();
        Ok(Tensor::f_from_slice(&all)?.f_reshape([self.rows(), n])?.f_to(self.device())?)
    }

    /// What columns `start .. start + n` see of columns `0 .. start + n`.
    ///
    /// # Errors
    /// Memory.
    pub fn mask(&self, start: i64, n: i64) -> Result<Mask> {
        // Without padding, a prompt from its start and a single word need no table.
        if self.pads.iter().all(|&pad| pad == 0) && (start == 0 || n == 1) {
            return Ok(Mask::Causal);
        }
        let all = start + n;
        let mut seen = Vec::with_capacity((self.rows() * n * all) as usize);
        for &pad in &self.pads {
            for query in start..all {
                // A padding column sees itself: of nothing at all, the softmax would be NaN, and spread.
                let real = |key: i64| key < self.shared || key >= self.shared + pad;
                seen.extend((0..all).map(|key| (real(key) && key <= query) || key == query));
            }
        }
        let mask = Tensor::f_from_slice(&seen)?.f_to_kind(Kind::Bool)?.f_reshape([self.rows(), 1, n, all])?;
        Ok(Mask::Given(mask.f_to(self.device())?))
    }

    fn device(&self) -> Device {
        self.vectors.device()
    }
}
