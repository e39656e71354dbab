"""Prints where this Python's torch lies and its version. Does not import torch: that would load all of CUDA."""
import importlib.metadata
import importlib.util
import os

spec = importlib.util.find_spec("torch")
if spec is None or spec.origin is None:
    raise SystemExit("this Python has no torch")
print(os.path.dirname(spec.origin))
print(importlib.metadata.version("torch"))
