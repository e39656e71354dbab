#!/bin/sh
# Where a GPU is: is the torch plugin right there, and how fast, beside transformers in the same run? Needs no Rust, but
# target/gpu (pack.sh makes it) and a Python with torch 2.11; transformers where it is to be compared. A table comes last.
#
#   scripts/gpu/bench.sh [--device cuda:0|cpu] [--tiny] [--work DIR]
#
# --tiny takes a model of 9 million weights instead of one of LLaVA-1.5-7B's shape (14 GB on disk): a trial of the steps.
set -eu
device=cuda:0 size=7b prompt=640 new=128 many=32 work=
while [ $# -gt 0 ]; do
  case $1 in
    --device) device=$2; shift 2 ;;
    --tiny) size=tiny; prompt=64; new=16; many=4; shift ;;
    --work) work=$2; shift 2 ;;
    *) sed -n '2,9p' "$0" >&2; exit 2 ;;
  esac
done
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
bin=$root/target/gpu
python=${PYTHON:-python3}
[ -n "$work" ] || work=$(mktemp -d)
mkdir -p "$work"
results=$work/results.jsonl
: > "$results"
dtype=bf16
[ "$device" = cpu ] && dtype=f32

if [ -z "${GIQA_LIBTORCH:-}" ]; then
  GIQA_LIBTORCH=$("$python" -c 'import importlib.util as u, os; print(os.path.dirname(u.find_spec("torch").origin) + "/lib")')
fi
export GIQA_LIBTORCH
plain=$GIQA_LIBTORCH${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
failed=

step() { printf '\n== %s\n' "$1"; }
# A step that fails is told, and the others go on.
try() { "$@" || failed="$failed
  $*"; }
# A file between, since the exit code of a pipe is that of its end.
giqa_bench() { # libraries, name, further arguments
  libraries=$1 name=$2
  shift 2
  LD_LIBRARY_PATH=$libraries "$bin/torch-bench" --weights "$work/model" --device "$device" --prompt $prompt --new $new "$@" \
    > "$work/one" || return 1
  sed "s/\"runs\": \"giqa\"/\"runs\": \"$name\"/" "$work/one" | tee -a "$results"
}
hf_bench() {
  "$python" "$here/hf.py" --weights "$work/model" --device "$device" --dtype $dtype --prompt $prompt --new $new "$@" \
    > "$work/one" || return 1
  tee -a "$results" < "$work/one"
}

if [ "$device" != cpu ]; then
  step "device"
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
fi

step "is it right? ($device, f32 without TF32)"
try env LD_LIBRARY_PATH="$plain" NVIDIA_TF32_OVERRIDE=0 "$bin/torch-parity" --device "$device" \
  "$root"/tests/fixtures/models/*/ > "$work/parity.txt"
grep -c ' ok$' "$work/parity.txt" | sed 's/$/ comparisons are within tolerance/'
grep -E 'OUTSIDE|can.t|error' "$work/parity.txt" || true

step "a model of random weights ($size)"
[ -e "$work/model/model.safetensors.index.json" ] || "$python" "$root/scripts/make_llava.py" $size "$work/model"

step "giqa"
try giqa_bench "$plain" "giqa" --dtype $dtype
if [ -e "$bin/graphs/libgiqa_torch_graph.so" ] && [ "$device" != cpu ]; then
  graphs=$bin/graphs:$plain
  try giqa_bench "$graphs" "giqa, CUDA graph" --dtype $dtype
  try giqa_bench "$graphs" "giqa, CUDA graph" --dtype $dtype --batch $many
else
  echo "no CUDA graphs: they need a GPU, and target/gpu/graphs/libgiqa_torch_graph.so"
fi
try giqa_bench "$plain" "giqa" --dtype $dtype --batch $many
try giqa_bench "$plain" "giqa" --dtype int8

step "giqa inspect, with the plugin in a worker process"
cat > "$work/plugins.toml" <<TOML
profile = "llava"
[profiles.llava]
metrics = ["classic.sharpness"]
model = "torch.llava"
[plugins.classic]
[plugins.torch]
library = "$bin/libgiqa_torch.so"
deadline_s = 900
memory_limit_mb = 40000
[plugins.torch.components.llava]
weights = "$work/model"
device = "$device"
max_new_tokens = $new
TOML
try "$bin/giqa" --config "$work/plugins.toml" inspect "$root/examples/photos/coffee.jpg" > "$work/inspect.txt"
tail -5 "$work/inspect.txt" | cut -c1-120

step "transformers"
if "$python" -c 'import transformers' 2>/dev/null; then
  try hf_bench --mode eager
  try hf_bench --mode static
  try hf_bench --mode eager --batch $many
else
  echo "this Python has no transformers: nothing to compare with"
fi

step "summary ($size, $device)"
"$python" "$here/table.py" "$results"
if [ -n "$failed" ]; then
  echo "failed:$failed"
  exit 1
fi
