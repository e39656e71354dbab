//! Matrices and norms. Shapes: `[..., in] -> [..., out]`.

use super::Int8;
use crate::error::Result;
use crate::weights::Weights;
use tch::Tensor;

/// `x W^T + b`.
pub struct Linear {
    matrix: Matrix,
    bias: Option<Tensor>,
}

enum Matrix {
    Full(Tensor),
    Int8(Int8),
}

impl Linear {
    /// `name.weight` of `[out, into]`, and `name.bias` where `bias`.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn load(weights: &Weights, name: &str, into: i64, out: i64, bias: bool) -> Result<Self> {
        Self::stacked(weights, &[name.to_owned()], into, &[out], bias)
    }

    /// Several matrices on one input as one; their outputs follow each other. In 8 bits where the weights are loaded so.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn stacked(weights: &Weights, names: &[String], into: i64, outs: &[i64], bias: bool) -> Result<Self> {
        let each = |part: &str| names.iter().map(|name| format!("{name}.{part}")).collect::<Vec<_>>();
        let matrix = if weights.int8() {
            Matrix::Int8(weights.coded(&each("weight"), into, outs)?)
        } else {
            let matrices: Vec<[i64; 2]> = outs.iter().map(|&out| [out, into]).collect();
            let shapes: Vec<&[i64]> = matrices.iter().map(<[i64; 2]>::as_slice).collect();
            Matrix::Full(weights.stacked(&each("weight"), &shapes)?)
        };
        let bias = if bias {
            Some(weights.stacked(&each("bias"), &outs.iter().map(std::slice::from_ref).collect::<Vec<_>>())?)
        } else {
            None
        };
        Ok(Self { matrix, bias })
    }

    /// A matrix that is there already, in full: the output over the vocabulary.
    #[must_use]
    pub fn of(weight: Tensor) -> Self {
        Self { matrix: Matrix::Full(weight), bias: None }
    }

    /// Applies it.
    ///
    /// # Errors
    /// What libtorch reports.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match (&self.matrix, &self.bias) {
            (Matrix::Full(weight), bias) => Ok(x.f_linear(weight, bias.as_ref())?),
            (Matrix::Int8(codes), None) => codes.forward(x),
            (Matrix::Int8(codes), Some(bias)) => Ok(codes.forward(x)?.f_add(bias)?),
        }
    }
}

/// Subtracts the mean, divides by the deviation, scales and shifts.
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f64,
}

impl LayerNorm {
    /// `name.weight` and `name.bias`, both `[width]`.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn load(weights: &Weights, name: &str, width: i64, eps: f64) -> Result<Self> {
        let tensor = |part: &str| weights.tensor(&format!("{name}.{part}"), &[width]);
        Ok(Self { weight: tensor("weight")?, bias: tensor("bias")?, eps })
    }

    /// Applies it to the last dimension.
    ///
    /// # Errors
    /// What libtorch reports.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.f_layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), self.eps, false)?)
    }
}

/// Divides by the root of the mean square and scales.
pub struct RmsNorm {
    weight: Tensor,
    eps: f64,
}

impl RmsNorm {
    /// `name.weight`, `[width]`.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn load(weights: &Weights, name: &str, width: i64, eps: f64) -> Result<Self> {
        Ok(Self { weight: weights.tensor(&format!("{name}.weight"), &[width])?, eps })
    }

    /// Applies it to the last dimension; libtorch computes in f32 inside.
    ///
    /// # Errors
    /// What libtorch reports.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.f_rms_norm(self.weight.size(), Some(&self.weight), self.eps)?)
    }
}
