"""Takes out of the wheels in WHEELS what a CPU build of tch needs, into DEST. Usage: unpack.py WHEELS DEST"""
import glob
import sys
import zipfile

KEEP = {
    "torch/lib/libc10.so", "torch/lib/libtorch_cpu.so", "torch/lib/libgomp.so.1",
    "nvidia/cu13/lib/libcudart.so.13", "nvidia/cu13/lib/libcupti.so.13",
}

wheels, dest = sys.argv[1:]
for wheel in sorted(glob.glob(wheels + "/*.whl")):
    with zipfile.ZipFile(wheel) as members:
        for name in members.namelist():
            if name in KEEP or name.startswith("torch/include/"):
                KEEP.discard(name)
                members.extract(name, dest)
if KEEP:
    sys.exit("the wheels lack " + ", ".join(sorted(KEEP)))
