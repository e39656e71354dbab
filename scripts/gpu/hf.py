"""What transformers makes of the same model, prompt and device: one JSON line, as torch-bench prints it."""
import argparse
import json
import time

import torch
import transformers

parser = argparse.ArgumentParser()
parser.add_argument("--weights", required=True)
parser.add_argument("--device", default="cuda:0")
parser.add_argument("--dtype", default="bf16")
parser.add_argument("--prompt", type=int, default=640)
parser.add_argument("--new", type=int, default=128)
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--repeat", type=int, default=3)
parser.add_argument("--mode", choices=["eager", "static"], default="eager", help="static: static cache and torch.compile")
args = parser.parse_args()

dtype = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}[args.dtype]
start = time.perf_counter()
model = transformers.LlavaForConditionalGeneration.from_pretrained(args.weights, dtype=dtype).to(args.device).eval()
loaded = time.perf_counter() - start
config = model.config
side = config.vision_config.image_size
patches = (side // config.vision_config.patch_size) ** 2
row = [1] + [config.image_token_id] * patches
row += [300] * (args.prompt - len(row))
inputs = {
    "input_ids": torch.tensor([row] * args.batch, device=args.device),
    "attention_mask": torch.ones(args.batch, len(row), dtype=torch.long, device=args.device),
    "pixel_values": torch.zeros(args.batch, 3, side, side, dtype=dtype, device=args.device),
}
if args.mode == "static":
    model.forward = torch.compile(model.forward, mode="reduce-overhead")


def seconds(new):
    """Of writing so many tokens, whatever they are."""
    options = {"cache_implementation": "static"} if args.mode == "static" else {}
    if args.device != "cpu":
        torch.cuda.synchronize()
    start = time.perf_counter()
    with torch.inference_mode():
        out = model.generate(**inputs, do_sample=False, min_new_tokens=new, max_new_tokens=new, pad_token_id=0, **options)
    if args.device != "cpu":
        torch.cuda.synchronize()
    assert out.shape[1] == len(row) + new, out.shape
    return time.perf_counter() - start


for _ in range(2):
    seconds(2), seconds(args.new)
first = min(seconds(1) for _ in range(args.repeat))
whole = min(seconds(args.new) for _ in range(args.repeat))
peak = torch.cuda.max_memory_allocated() >> 20 if args.device != "cpu" else None
print(json.dumps({
    "runs": f"transformers {transformers.__version__}, {args.mode}", "dtype": args.dtype, "batch": args.batch,
    "prompt": len(row), "new": args.new, "load_s": round(loaded, 2), "first_token_s": round(first, 3),
    "tokens_per_s": round(args.batch * (args.new - 1) / (whole - first), 1), "peak_mb": peak,
}))
