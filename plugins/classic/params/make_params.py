#!/usr/bin/env python3
"""Packs the published parameters of BRISQUE and NIQE into brisque.bin and niqe.bin, next to this script.

    make_params.py ALLMODEL NIQE_PRIS_PARAMS.npz

ALLMODEL is the libsvm model file of LIVE's BRISQUE release, the npz holds the pristine model of LIVE's NIQE release
(`mu_pris_param` 1 x 36, `cov_pris_param` 36 x 36). Everything is little-endian.

brisque.bin: u32 number of support vectors n, u32 number of features (36); f64 gamma; f64 rho; per feature f64 least,
             f64 greatest (they become -1 and 1); n f64 coefficients; n x 36 f32 support vectors.
niqe.bin:    36 f64 means; 36 x 36 f64 covariances, row-major.
"""

import struct
import sys
from pathlib import Path

import numpy as np

FEATURES = 36
# The 18 features of the full size, then those of half the size: least and greatest in training (LIVE's `allrange`).
RANGES = """
0.338 10  0.017204 0.806612
0.236 1.642  -0.123884 0.20293  0.000155 0.712298  0.001122 0.470257
0.244 1.641  -0.123586 0.179083  0.000152 0.710456  0.000975 0.470984
0.249 1.555  -0.135687 0.100858  0.000174 0.684173  0.000913 0.534174
0.258 1.561  -0.143408 0.100486  0.000179 0.685696  0.000888 0.536508
0.471 3.264  0.012809 0.703171
0.218 1.046  -0.094876 0.187459  0.000015 0.442057  0.001272 0.40803
0.222 1.042  -0.115772 0.162604  0.000016 0.444362  0.001374 0.40243
0.227 0.996  -0.117188 0.098323  0.00003 0.531903  0.001122 0.369589
0.228 0.99  -0.12243 0.098658  0.000028 0.530092  0.001118 0.370399
"""


def brisque(model: Path) -> bytes:
    head, _, vectors = model.read_text().partition("SV\n")
    entries = dict(line.split(maxsplit=1) for line in head.strip().splitlines())
    assert (entries["svm_type"], entries["kernel_type"]) == ("epsilon_svr", "rbf"), entries
    lines = [line.split() for line in vectors.strip().splitlines()]
    assert len(lines) == int(entries["total_sv"]), len(lines)
    coefficients = np.array([float(line[0]) for line in lines], "<f8")
    support = np.zeros((len(lines), FEATURES), "<f4")
    for row, line in zip(support, lines):
        for pair in line[1:]:
            index, value = pair.split(":")
            row[int(index) - 1] = float(value)
    ranges = np.array(RANGES.split(), "<f8")
    assert ranges.size == 2 * FEATURES
    numbers = struct.pack("<IIdd", len(lines), FEATURES, float(entries["gamma"]), float(entries["rho"]))
    return numbers + ranges.tobytes() + coefficients.tobytes() + support.tobytes()


def niqe(archive: Path) -> bytes:
    with np.load(archive) as parameters:
        mean, covariance = parameters["mu_pris_param"].ravel(), parameters["cov_pris_param"]
    assert mean.shape == (FEATURES,) and covariance.shape == (FEATURES, FEATURES)
    return mean.astype("<f8").tobytes() + covariance.astype("<f8").tobytes()


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    here = Path(__file__).parent
    (here / "brisque.bin").write_bytes(brisque(Path(sys.argv[1])))
    (here / "niqe.bin").write_bytes(niqe(Path(sys.argv[2])))


main()
