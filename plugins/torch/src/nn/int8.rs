//! Matrices in 8 bits: a quarter of f32's memory, half of bf16's. Activations stay as they are.
//!
//! Symmetric, with one scale for each output (row): `code = round(127 w / max|row|)`. An error is at most half a step,
//! `max|row| / 254`. Paper: LLM.int8() (arXiv 2208.07339), without its outlier columns, which matter for activations only.

use crate::error::Result;
use tch::{Kind, Tensor};

/// `[out, in]` as codes and scales.
pub struct Int8 {
    /// `[out, in]`, `-127..=127`.
    codes: Tensor,
    /// `[out]`, in f32: what a code of 1 stands for.
    scales: Tensor,
}

impl Int8 {
    /// With room for the codes of a matrix, `[out, in]` in int8; [`Int8::put`] fills it.
    ///
    /// # Errors
    /// Another type or number of dimensions; memory.
    pub fn of(codes: Tensor) -> Result<Self> {
        let scales = Tensor::f_zeros([codes.size2()?.0], (Kind::Float, codes.device()))?;
        Ok(Self { codes, scales })
    }

    /// Codes the rows `[n, in]` of a matrix, of any type and device, to rows from `at` on.
    ///
    /// # Errors
    /// What libtorch reports.
    pub fn put(&self, at: i64, rows: &Tensor) -> Result<()> {
        let n = rows.size2()?.0;
        let rows = rows.f_to(self.codes.device())?.f_to_kind(Kind::Float)?;
        let scales = rows.f_abs()?.f_amax([1], true)?.f_div_scalar(127.0)?;
        // A row of zeros has codes of zero, whatever its scale.
        let codes = rows.f_div(&scales.f_clamp_min(f64::from(f32::MIN_POSITIVE))?)?.f_round()?;
        self.codes.f_narrow(0, at, n)?.f_copy_(&codes)?;
        self.scales.f_narrow(0, at, n)?.f_copy_(&scales.f_flatten(0, 1)?)?;
        Ok(())
    }

    /// `x W^T` for `x` of `[..., in]`, in `x`'s type. The codes are converted for each product: libtorch's own product
    /// with codes, `_weight_int8pack_mm`, took 2.5 times as long for one row on the CPU, and 27 times for a prompt.
    ///
    /// # Errors
    /// What libtorch reports.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let codes = self.codes.f_to_kind(x.kind())?;
        if x.kind() == Kind::Half {
            // Sums of codes run over in f16.
            let scales = self.scales.f_unsqueeze(1)?.f_to_kind(Kind::Half)?;
            return Ok(x.f_linear(&codes.f_mul(&scales)?, None::<Tensor>)?);
        }
        // Codes are whole numbers below 128, exact in every type; the scales are applied to the outputs.
        let y = x.f_linear(&codes, None::<Tensor>)?;
        Ok(y.f_mul(&self.scales)?.f_to_kind(x.kind())?)
    }
}
