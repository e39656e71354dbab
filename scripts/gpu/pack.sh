#!/bin/sh
# Where Rust is: builds what bench.sh runs and puts it, stripped, into target/gpu (about 50 MB). With CUDA's headers here
# (cargo xtask libtorch --cuda), the library for CUDA graphs as well.
set -eu
cd "$(dirname "$0")/../.."
torch=third_party/libtorch/torch/lib
if [ -e "$torch/libtorch_cuda.so" ]; then cargo xtask torch --release --cuda; else cargo xtask torch --release; fi
cargo build --release --workspace --features giqa-torch/libtorch --bin giqa --example torch-bench --example torch-parity
rm -rf target/gpu
mkdir -p target/gpu/graphs
cp target/release/giqa target/release/libgiqa_torch.so target/gpu/
cp target/release/examples/torch-bench target/release/examples/torch-parity target/gpu/
if [ -e "$torch/libgiqa_torch_graph.so" ]; then cp "$torch/libgiqa_torch_graph.so" target/gpu/graphs/; fi
find target/gpu -type f -exec strip --strip-unneeded {} +
du -sh target/gpu
