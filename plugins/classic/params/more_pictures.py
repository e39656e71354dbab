#!/usr/bin/env python3
"""Pictures that fit_faults.py learns from beside those of `giqa bench make`:

    more_pictures.py resaved BENCH OUT          the same pictures, saved once more as JPEG (quality 82 to 96)
    more_pictures.py bokeh PHOTOS COCO BENCH OUT    the unaltered photographs of BENCH with one object in focus and the rest
                                                behind a wide aperture: nothing to complain about

Both write OUT/images and OUT/truth.json as a bench has them. Needs numpy, opencv-python-headless.
"""
import json
import pathlib
import random
import sys

import cv2
import numpy as np

QUALITIES = (82, 86, 90, 93, 96)
# Radius of the blur, pixels of a picture of 640; and pictures per photograph.
APERTURES, EACH = (2.4, 4, 6.4, 9.6), 3


def resaved(bench, out):
    records = json.loads((bench / "truth.json").read_text())
    for name in sorted({record["image"] for record in records}):
        draw = random.Random(name)
        sampling = draw.choice((cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420))
        options = [cv2.IMWRITE_JPEG_QUALITY, draw.choice(QUALITIES), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
        _, file = cv2.imencode(".jpg", cv2.imread(str(bench / name)), options)
        cv2.imwrite(str(out / name), cv2.imdecode(file, cv2.IMREAD_COLOR))
    return records


def linear(v):
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encoded(v):
    v = np.clip(v, 0, 1)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def disc(light, radius):
    radius = max(1, round(radius))
    kernel = np.zeros((2 * radius + 1,) * 2, np.float32)
    cv2.circle(kernel, (radius, radius), radius, 1, -1)
    return cv2.filter2D(light, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def focused(photo, outline, draw, ground):
    """In focus where the outline is, and (with `ground`) on the ground at its foot; soft elsewhere."""
    height, width = photo.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for polygon in outline:
        cv2.fillPoly(mask, [np.array(polygon, np.float32).reshape(-1, 2).round().astype(np.int32)], 255)
    light = linear(photo.astype(np.float32) / 255)
    radius = max(height, width) / 640 * draw.choice(APERTURES)
    half, full = disc(light, radius / 2), disc(light, radius)
    far = np.ones((height, width), np.float32)
    if ground and mask.any():
        foot, y = np.where(mask.any(1))[0].max(), np.arange(height)[:, None]
        far *= np.clip(np.abs(y - foot) / (height * draw.uniform(0.15, 0.5)), 0, 1)
        far = np.maximum(far, (y < foot - 0.3 * height) * 1.0)
    far = (far * (1 - cv2.GaussianBlur(mask, (0, 0), max(1, radius / 5)).astype(np.float32) / 255))[..., None]
    mixed = np.where(far < 0.5, light * (1 - 2 * far) + half * 2 * far, half * (2 - 2 * far) + full * (2 * far - 1))
    return (encoded(mixed) * 255).clip(0, 255).round().astype(np.uint8)


def bokeh(photos, coco, bench, out):
    known = json.loads(coco.read_text())
    names = {image["id"]: image["file_name"] for image in known["images"]}
    objects = {}
    for one in known["annotations"]:
        if isinstance(one["segmentation"], list):
            objects.setdefault(names[one["image_id"]], []).append(one)
    clean = [r for r in json.loads((bench / "truth.json").read_text()) if r["giqa"].get("fault") is None]
    records = []
    for record in (r for r in clean if r["giqa"]["task"] == "des"):
        name = record["giqa"]["source"]
        photo = cv2.imread(str(photos / name))
        size = photo.shape[0] * photo.shape[1]
        fit = [o for o in objects.get(name, []) if 0.02 * size < o["area"] < 0.6 * size]
        largest = sorted(fit, key=lambda o: -o["area"])[:3]
        for i in range(EACH if largest else 0):
            draw = random.Random(f"{name} {i}")
            image = f"images/{name.rsplit('.', 1)[0]}-bokeh{i}.png"
            picture = focused(photo, draw.choice(largest)["segmentation"], draw, i != 1)
            cv2.imwrite(str(out / image), picture)
            records.append({**record, "image": image})
    return records


def main():
    what, *paths = sys.argv[1:]
    *paths, out = map(pathlib.Path, paths)
    (out / "images").mkdir(parents=True, exist_ok=True)
    records = {"resaved": resaved, "bokeh": bokeh}[what](*paths, out)
    (out / "truth.json").write_text(json.dumps(records))
    print(f"{out}: {len({record['image'] for record in records})} pictures")


if __name__ == "__main__":
    main()
