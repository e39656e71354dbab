"""The results of bench.sh as a table. Usage: table.py RESULTS.jsonl"""
import json
import sys

COLUMNS = ["runs", "dtype", "batch", "first_token_s", "tokens_per_s", "share_of_roofline", "copy_gb_per_s", "peak_mb"]

lines = [json.loads(line) for line in open(sys.argv[1]) if line.startswith("{")]
eager = {r["batch"]: r["tokens_per_s"] for r in lines if "eager" in r["runs"]}
print("| " + " | ".join(COLUMNS + ["times eager"]) + " |")
print("| " + " | ".join(["---"] * (len(COLUMNS) + 1)) + " |")
for r in lines:
    other = eager.get(r["batch"])
    times = f"{r['tokens_per_s'] / other:.2f}" if other else ""
    print("| " + " | ".join([str(r.get(c) if r.get(c) is not None else "") for c in COLUMNS] + [times]) + " |")
