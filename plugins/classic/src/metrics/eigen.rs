//! Eigenvalues of symmetric matrices, without their vectors.
//!
//! Householder's reduction to three diagonals (Martin, Reinsch and Wilkinson, Numerische Mathematik 11, 1968), then the QL
//! method with implicit shifts (Dubrulle, Martin and Wilkinson, Numerische Mathematik 12, 1968).

/// Steps of QL per eigenvalue; two or three are usual.
const MOST_STEPS: usize = 60;

/// The eigenvalues of a symmetric matrix of `n` rows, in no order. Destroys the matrix; looks at its lower triangle.
pub fn eigenvalues(matrix: &mut [f64], n: usize) -> Vec<f64> {
    let (mut diagonal, mut beside) = tridiagonal(matrix, n);
    implicit_ql(&mut diagonal, &mut beside);
    diagonal
}

/// The diagonal, and what is below it (the last of it 0); signs don't matter.
#[archmage::autoversion]
fn tridiagonal(a: &mut [f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut diagonal, mut beside) = (vec![0.0; n], vec![0.0; n]);
    let mut product = vec![0.0; n];
    let nothing = (f64::EPSILON * a.iter().fold(0.0, |m: f64, v| m.max(v.abs()))).powi(2);
    for i in (1..n).rev() {
        let (above, row) = a.split_at_mut(i * n);
        let row = &mut row[..n];
        let u = &mut row[..i];
        let norm2: f64 = u.iter().map(|v| v * v).sum();
        let rest: f64 = norm2 - u[i - 1] * u[i - 1];
        beside[i - 1] = norm2.sqrt();
        // What is that small is rounding, and its square would be lost.
        if rest > nothing {
            let root = norm2.sqrt().copysign(u[i - 1]);
            let h = norm2 + u[i - 1] * root;
            u[i - 1] += root;
            // p = A u / h over the lower triangle, then A -= u q' + q u'.
            product[..i].fill(0.0);
            for j in 0..i {
                let line = &above[j * n..j * n + j + 1];
                let uj = u[j];
                let mut sum = line[j] * uj;
                for ((p, &v), &uk) in product[..j].iter_mut().zip(&line[..j]).zip(&u[..j]) {
                    sum += v * uk;
                    *p += v * uj;
                }
                product[j] += sum;
            }
            let k = product[..i].iter().zip(&*u).map(|(p, u)| p * u).sum::<f64>() / (2.0 * h * h);
            product[..i].iter_mut().zip(&*u).for_each(|(p, u)| *p = *p / h - k * u);
            for j in 0..i {
                let (uj, qj) = (u[j], product[j]);
                let line = &mut above[j * n..j * n + j + 1];
                for ((v, &uk), &qk) in line.iter_mut().zip(&u[..=j]).zip(&product[..=j]) {
                    *v -= uj * qk + qj * uk;
                }
            }
        }
        diagonal[i] = row[i];
    }
    if n > 0 {
        diagonal[0] = a[0];
    }
    (diagonal, beside)
}

/// Turns a diagonal and what is below it into eigenvalues. What does not converge stays as it is: it is as near as
/// rounding allows.
fn implicit_ql(d: &mut [f64], e: &mut [f64]) {
    let n = d.len();
    let size = d.iter().zip(&*e).map(|(d, e)| d.abs() + e.abs()).fold(0.0, f64::max);
    let nothing = f64::EPSILON * size;
    for l in 0..n {
        for _ in 0..MOST_STEPS {
            let m = (l..n - 1).find(|&m| e[m].abs() <= nothing).unwrap_or(n - 1);
            if m == l {
                break;
            }
            // Wilkinson's shift.
            let g = (d[l + 1] - d[l]) / (2.0 * e[l]);
            let mut g = d[m] - d[l] + e[l] / (g + g.hypot(1.0).copysign(g));
            let (mut sine, mut cosine, mut p) = (1.0, 1.0, 0.0);
            for i in (l..m).rev() {
                let (f, b) = (sine * e[i], cosine * e[i]);
                let r = (f * f + g * g).sqrt();
                e[i + 1] = r;
                (sine, cosine) = if r > 0.0 { (f / r, g / r) } else { (0.0, 1.0) };
                g = d[i + 1] - p;
                let r = (d[i] - g) * sine + 2.0 * cosine * b;
                p = sine * r;
                d[i + 1] = g + p;
                g = cosine * r - b;
            }
            d[l] -= p;
            e[l] = g;
            e[m] = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[test]
    fn agrees_with_a_library_on_matrices_of_all_kinds() {
        let mut random = Random::new(5);
        for n in [1, 2, 3, 7, 25, 60] {
            for rank in [0, 1, n / 2, n] {
                let columns: Vec<f64> = (0..n * rank).map(|_| random.gaussian()).collect();
                let noise = if rank == 1 { 1e-9 } else { 0.1 };
                let matrix = nalgebra::DMatrix::from_fn(n, n, |i, j| {
                    let product: f64 = (0..rank).map(|k| columns[i * rank + k] * columns[j * rank + k]).sum();
                    product + if i == j { noise } else { 0.0 }
                });
                let mut known: Vec<f64> = matrix.clone().symmetric_eigenvalues().iter().copied().collect();
                let mut ours = eigenvalues(&mut matrix.as_slice().to_vec(), n);
                known.sort_by(f64::total_cmp);
                ours.sort_by(f64::total_cmp);
                let largest = known.last().copied().unwrap_or(1.0).max(1.0);
                for (a, b) in ours.iter().zip(&known) {
                    assert!((a - b).abs() < 1e-10 * largest, "{n} {rank}: {ours:?} {known:?}");
                }
            }
        }
        assert_eq!(eigenvalues(&mut [], 0), Vec::<f64>::new());
        assert_eq!(eigenvalues(&mut [0.0; 9], 3), [0.0; 3]);
        // A chessboard: one direction alone.
        let mut board: Vec<f64> =
            (0..64 * 64).map(|i| if (i / 64 + i % 64) % 2 == 0 { 16256.25 } else { -16256.25 }).collect();
        let mut values = eigenvalues(&mut board, 64);
        values.sort_by(f64::total_cmp);
        assert!(
            values[..63].iter().all(|v| v.abs() < 1e-6) && (values[63] - 64.0 * 16256.25).abs() < 1e-6,
            "{values:?}"
        );
    }
}
