//! Eigenvalues of a symmetric matrix, without their vectors: Householder's reflections leave three diagonals, which the
//! QL method without square roots (Pal, Walker and Kahan; LAPACK's `dsterf`) turns into one.

/// Steps for one eigenvalue after which it is taken as it is; two are the rule.
const MOST_STEPS: usize = 60;

/// Eigenvalues of the symmetric matrix of `n` rows in `matrix`, in no order, exact to rounding of the largest.
pub fn eigenvalues(mut matrix: Vec<f64>, n: usize) -> Vec<f64> {
    let (mut diagonal, mut beside) = tridiagonal(&mut matrix, n);
    // The method begins at the first and wants it small.
    if diagonal.first().map(|v| v.abs()) > diagonal.last().map(|v| v.abs()) {
        diagonal.reverse();
        beside.reverse();
    }
    ql(&mut diagonal, beside);
    diagonal
}

/// The diagonal and the squares of what is beside it. Rows are worked on whole, though one half would do: that way all
/// is sums of rows, which need no order.
#[archmage::autoversion]
fn tridiagonal(a: &mut [f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut squares = Vec::with_capacity(n);
    let mut product = vec![0.0_f64; n];
    let mut v = vec![0.0_f64; n];
    for k in 0..n.saturating_sub(1) {
        let m = n - k - 1;
        let (v, product) = (&mut v[..m], &mut product[..m]);
        v.copy_from_slice(&a[k * n + k + 1..][..m]);
        let square: f64 = v.iter().map(|x| x * x).sum();
        squares.push(square);
        // The reflection takes the row to its first number alone.
        let first = v[0];
        v[0] += square.sqrt().copysign(first);
        let length = square - first * first + v[0] * v[0];
        if length <= 0.0 {
            continue;
        }
        product.fill(0.0);
        for (row, &x) in a[(k + 1) * n..].chunks_exact(n).zip(v.iter()) {
            product.iter_mut().zip(&row[k + 1..]).for_each(|(p, r)| *p += x * r);
        }
        let along: f64 = product.iter().zip(v.iter()).map(|(p, x)| p * x).sum::<f64>() / length;
        product.iter_mut().zip(v.iter()).for_each(|(p, x)| *p = 2.0 / length * (*p - along * x));
        for (i, row) in a[(k + 1) * n..].chunks_exact_mut(n).enumerate() {
            let (x, p) = (v[i], product[i]);
            row[k + 1..].iter_mut().zip(v.iter().zip(product.iter())).for_each(|(r, (v, w))| *r -= x * w + p * v);
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), squares)
}

/// `squares[i]` is the square of what is beside `d[i]` and `d[i + 1]`.
fn ql(d: &mut [f64], mut squares: Vec<f64>) {
    let n = d.len();
    let largest = d.iter().map(|v| v * v).chain(squares.iter().copied()).fold(0.0, f64::max);
    let nothing = f64::EPSILON * f64::EPSILON * largest;
    let e = &mut squares;
    for l in 0..n {
        for _ in 0..MOST_STEPS {
            let m = (l..n - 1).find(|&m| e[m] <= nothing).unwrap_or(n - 1);
            if m == l {
                break;
            }
            let beside = e[l].sqrt();
            let half = (d[l + 1] - d[l]) / (2.0 * beside);
            let shift = d[l] - beside / (half + half.hypot(1.0).copysign(half));
            let (mut c, mut s, mut gamma) = (1.0_f64, 0.0_f64, d[m] - shift);
            let mut p = gamma * gamma;
            for i in (l..m).rev() {
                let square = e[i];
                let r = p + square;
                if i + 1 < m {
                    e[i + 1] = s * r;
                }
                let (before, last) = (c, gamma);
                // Three quotients at once: a division is what takes long.
                let inverse = r / p;
                (c, s) = (p / r, square / r);
                gamma = c * (d[i] - shift) - s * last;
                d[i + 1] = last + (d[i] - gamma);
                p = if inverse.is_finite() { gamma * gamma * inverse } else { before * square };
            }
            e[l] = s * p;
            d[l] = shift + gamma;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;
    use nalgebra::DMatrix;

    #[test]
    fn as_those_of_nalgebra() {
        let mut random = Random::new(5);
        for (n, rank) in [(1, 1), (2, 2), (3, 1), (25, 25), (40, 7)] {
            let half =
                DMatrix::from_fn(n, rank, |i, j| random.gaussian() * 10.0_f64.powi((i % 4) as i32 - j as i32 % 3));
            let matrix = &half * half.transpose();
            let mut found = eigenvalues(matrix.as_slice().to_vec(), n);
            let mut expected = matrix.symmetric_eigenvalues().as_slice().to_vec();
            found.sort_by(f64::total_cmp);
            expected.sort_by(f64::total_cmp);
            let scale = 1e-13 * expected[n - 1];
            assert!(found.iter().zip(&expected).all(|(f, e)| (f - e).abs() < scale), "{found:?} {expected:?}");
        }
        assert_eq!(eigenvalues(vec![0.0; 9], 3), [0.0; 3]);
        assert_eq!(eigenvalues(vec![2.0, 0.0, 0.0, 1.0], 2).iter().sum::<f64>(), 3.0);
        assert!(eigenvalues(Vec::new(), 0).is_empty());
    }
}
