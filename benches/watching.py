#!/usr/bin/env python3
"""Figures of docs/reliability.md, from the release build (cargo build --release -p giqa); needs Pillow.

    benches/watching.py soak 50000             memory and open files while so many small photographs arrive at full speed
    benches/watching.py latency PHOTOS         from a closed file to its line, at idle moments
    benches/watching.py throughput PHOTOS N    `giqa watch --once` beside `giqa inspect` on N photographs, in turn
"""
import io
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

GIQA = pathlib.Path(__file__).resolve().parents[1] / "target/release/giqa"
CONFIG = 'profile = "t"\n[profiles.t]\nmetrics = ["classic.contrast", "classic.exposure"]\n'
RULES = """[[rules]]
name = "dark"
when = "quality.score < 80"
verdict = "reject"
actions = ["out"]
[actions.out]
move = "rejects"
[actions.log]
append = "log.jsonl"
[on]
accept = ["log"]
reject = ["log"]
"""


def watch(folder, *more):
    return [GIQA, *more, "watch", folder / "in", "--headless", "--format", "jsonl", "--state-dir", folder / "state", "-q"]


def photographs(folder):
    return sorted(p for p in pathlib.Path(folder).iterdir() if p.suffix.lower() in (".jpg", ".jpeg"))


def soak(folder, n):
    from PIL import Image
    (folder / "plugins.toml").write_text(CONFIG)
    (folder / "rules.toml").write_text(RULES)
    command = watch(folder, "--config", folder / "plugins.toml")
    process = subprocess.Popen([*command, "--rules", folder / "rules.toml"], stdout=subprocess.DEVNULL)
    begun, draw = time.time(), random.Random(1)

    def look():
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        memory = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
        told = subprocess.run([GIQA, "store", "stats", "--state-dir", folder / "state", "--format", "json"], capture_output=True)
        counts = json.loads(told.stdout or '{"done": 0, "failed": 0, "photos": 0}')
        files = len(os.listdir(f"/proc/{process.pid}/fd"))
        print(f"{time.time() - begun:5.0f} s: {counts['photos']} known, {counts['done']} done, {counts['failed']} failed, "
              f"{memory:.1f} MB, {files} files", flush=True)
        return counts["done"] + counts["failed"]

    time.sleep(1)
    for i in range(n):
        picture = io.BytesIO()
        Image.new("RGB", (64, 48), (draw.randrange(256), i >> 8 & 255, i & 255)).save(picture, "PNG")
        place = folder / "in" / str(i // 1000)
        place.mkdir(exist_ok=True)
        (place / f"{i}.png").write_bytes(picture.getvalue())
        if i % 5000 == 0:
            look()
    while look() < n:
        time.sleep(15)
    print(f"{n / (time.time() - begun):.0f} photographs a second")
    process.terminate()
    process.wait()


def latency(folder, photos):
    command = watch(folder)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    next(line for line in process.stdout if '"ready"' in line)
    whole, waited = [], []
    for i, photo in enumerate(photographs(photos)[:25]):
        data, begun = photo.read_bytes(), time.time()
        (folder / "in" / f"{i}.jpg").write_bytes(data)
        line = json.loads(process.stdout.readline())
        whole.append((time.time() - begun) * 1e3)
        waited.append(whole[-1] - line["ms"])
        time.sleep(0.2)
    process.terminate()
    process.wait()
    for name, values in (("from a closed file to its line", whole), ("less the turn itself", waited)):
        print(f"{name}: median {statistics.median(values):.0f} ms, at most {max(values):.0f}")


def throughput(folder, photos, n):
    files = photographs(photos)
    for i in range(n):
        # Bytes after the end of a JPEG make it another content.
        (folder / "in" / f"{i:05}.jpg").write_bytes(files[i % len(files)].read_bytes() + i.to_bytes(4, "little"))
    for turn in range(2):
        times = []
        command = watch(folder)
        for run in ([GIQA, "inspect", "-q", folder / "in", "--format", "jsonl"], [*command, "--once"]):
            begun = time.time()
            subprocess.run(run, stdout=subprocess.DEVNULL, check=True)
            times.append(time.time() - begun)
        print(f"inspect {times[0]:.1f} s, watch --once {times[1]:.1f} s: {times[1] / times[0]:.2f}", flush=True)
        for file in (folder / "state").iterdir():
            file.unlink()


def main():
    what, *values = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "in").mkdir()
        {"soak": soak, "latency": latency, "throughput": throughput}[what](
            folder, *(int(v) if v.isdigit() else v for v in values))


if __name__ == "__main__":
    main()
