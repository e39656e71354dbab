//! Support vector regression with a Gaussian kernel.

/// `sum(coefficient * exp(-gamma * |x - vector|^2)) - rho`.
#[derive(Debug)]
pub struct Regression {
    /// Narrowness of the kernel.
    pub gamma: f64,
    /// What is subtracted.
    pub rho: f64,
    /// One a vector.
    pub coefficients: Vec<f64>,
    /// Support vectors, one after the other.
    pub vectors: Vec<f32>,
}

impl Regression {
    /// The value at `x`.
    pub fn predict<const N: usize>(&self, x: &[f64; N]) -> f64 {
        let kernel = |vector: &[f32; N]| {
            let squared: f64 = vector.iter().zip(x).map(|(v, x)| (x - f64::from(*v)).powi(2)).sum();
            (-self.gamma * squared).exp()
        };
        let vectors = self.vectors.as_chunks::<N>().0;
        self.coefficients.iter().zip(vectors).map(|(c, v)| c * kernel(v)).sum::<f64>() - self.rho
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_vectors_by_hand() {
        let svm = Regression { gamma: 0.5, rho: 1.0, coefficients: vec![2.0, -3.0], vectors: vec![0.0, 0.0, 1.0, 2.0] };
        let expected = 2.0 * (-0.5_f64).exp() - 3.0 * (-0.5 * 4.0_f64).exp() - 1.0;
        assert!((svm.predict(&[1.0, 0.0]) - expected).abs() < 1e-12);
    }
}
