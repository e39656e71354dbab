"""Takes out of the wheels in WHEELS what a build with tch needs, into DEST. Usage: unpack.py cpu|cuda WHEELS DEST"""
import fnmatch
import glob
import sys
import zipfile

CPU = [
    "torch/lib/libc10.so", "torch/lib/libtorch_cpu.so", "torch/lib/libgomp.so.1",
    "nvidia/cu13/lib/libcudart.so.13", "nvidia/cu13/lib/libcupti.so.13", "torch/include/*",
]
# All of CUDA's libraries, and its headers for plugins/torch/shim.
CUDA = ["torch/lib/libc10_cuda.so", "torch/lib/libtorch_cuda.so", "torch/lib/libtorch_nvshmem.so", "nvidia/*"]

wanted, wheels, dest = sys.argv[1:]
patterns = CPU + (CUDA if wanted == "cuda" else [])
missing = set(patterns)
for wheel in sorted(glob.glob(wheels + "/*.whl")):
    with zipfile.ZipFile(wheel) as members:
        for name in members.namelist():
            fits = {pattern for pattern in patterns if fnmatch.fnmatchcase(name, pattern)}
            if fits:
                missing -= fits
                members.extract(name, dest)
if missing:
    sys.exit("the wheels lack " + ", ".join(sorted(missing)))
