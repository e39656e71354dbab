#!/usr/bin/env python3
"""Fits params/faults.json: what the cues of a box say of each fault (proposers/forest.rs).

    giqa bench make PHOTOS --boxes coco.json -o LOCAL --seed N --local 7 --global 1      (four)
    giqa bench make PHOTOS -o GLOBAL --seed M --local 0 --global 9                       (two)
    python3 plugins/classic/params/more_pictures.py ...        (half of them saved again as JPEG; bokeh from one LOCAL)
    cargo run --release -p giqa-classic --example cues -- CUES BENCH... [-- OLDER...]
    python3 plugins/classic/params/fit_faults.py CUES           (needs numpy, lightgbm)

Run the last two again and again, with the same benches and the CUES of before as OLDER: each has the boxes, too, that
the fits before liked best, right or wrong, and the trees learn not to be fooled by them. Six rounds were made; the third
brought the pictures that were saved again, the fourth the cues of smear and tint, the sixth the bokeh.
Targets: the overlap of a box with the planted place (0 elsewhere), and (severity - 0.5) / 5 where the overlap is over
one half; for the whole picture the same severity, 0 where that fault is nowhere or in one place.
`least` is set on photographs that the trees behind the figure have not seen (folds by
photograph), so that FALSE_ALARMS of the unaltered ones have a box of that kind; then everything is fitted once more.
"""
import json
import pathlib
import sys

import lightgbm as lgb
import numpy as np

FAULTS = {"blur": "sharpness", "motion": "motion", "noise": "noise", "jpeg": "compression", "over": "exposure",
          "under": "exposure", "cast": "colour", "banding": "banding", "pixelation": "artefact"}
FOLDS, ROUNDS, SEVERITY_ROUNDS, WHOLE_ROUNDS = 4, 70, 80, 90
# Share of unaltered photographs that may have a box of each kind, where the trees have not seen them. Light and motion are
# the hardest to tell from what a scene may be like, and get the most; what leaves clear traces needs none.
FALSE_ALARMS = dict(blur=0.026, motion=0.039, noise=0.026, jpeg=0.013, over=0.013, under=0.026, cast=0.026, banding=0.005,
                    pixelation=0.005)
# The boxes are moved to please the trees that judge them, which the folds know only from earlier rounds.
PLEASED = 0.95
HEAD = 11
COMMON = dict(objective="regression", learning_rate=0.09, min_child_samples=40, feature_fraction=0.5, lambda_l2=5,
              bagging_fraction=0.7, bagging_freq=1, max_bin=63, verbose=-1, num_threads=2, seed=1, deterministic=True)


def short(value):
    return float(f"{value:.4g}")


def tree(root):
    """Nodes in the order of a walk from the root, so that children come after their parents."""
    flat = dict(cue=[], at_most=[], yes=[], no=[], unknown=[], leaf=[])

    def walk(node):
        if "leaf_value" in node:
            flat["leaf"].append(short(node["leaf_value"]))
            return -len(flat["leaf"])
        at = len(flat["cue"])
        for key in ("cue", "at_most", "yes", "no", "unknown"):
            flat[key].append(0)
        flat["cue"][at], flat["at_most"][at] = node["split_feature"], float(np.clip(node["threshold"], -3e38, 3e38))
        # Without unknown values in training, LightGBM takes them for 0.
        zero = node["missing_type"] != "NaN"
        flat["unknown"][at] = int(0.0 <= node["threshold"] if zero else node["default_left"])
        flat["yes"][at], flat["no"][at] = walk(node["left_child"]), walk(node["right_child"])
        return at

    walk(root)
    flat["at_most"] = [short(v) for v in flat["at_most"]]
    return flat


def exported(model):
    # LightGBM keeps the mean in the first tree.
    return dict(base=0.0, trees=[tree(t["tree_structure"]) for t in model.dump_model()["tree_info"]])


def main():
    names = json.loads(pathlib.Path(f"{sys.argv[1]}.json").read_text())
    first, *others = (np.fromfile(cues, "<f4").reshape(-1, len(names)) for cues in sys.argv[1:])
    rows = np.concatenate([first, *(other[other[:, 5] == 2] for other in others)])
    picture, source, fault, severity, local, kind, overlap = rows[:, :7].T
    x, clean, fold = rows[:, HEAD:], fault < 0, (source.astype(int) * 7919) % FOLDS
    proposed = kind == (2 if (kind == 2).any() else 1)
    chosen = np.random.default_rng(1).random(len(rows))
    boxes, kinds = kind < 3, []
    combs = [i for i, name in enumerate(names[HEAD:]) if "comb" in name]
    for k, (name, attribute) in enumerate(FAULTS.items()):
        own = (fault == k) & (local > 0)
        y = np.where(own, overlap, 0.0)
        # What is hardly visible teaches little; most boxes of other pictures say the same.
        weight = np.where(own & (severity == 1), 0.3, 1.0)
        used = boxes & ((y > 0.05) | clean | (kind == 2) | (chosen < 0.3))
        # Planted light is a gain on finished pixels and leaves a comb among their tones; light that was wrong in the camera
        # leaves none. Each place is learned a second time with the combs of a place where nothing was planted.
        again = np.flatnonzero(own & boxes & (y > 0.05)) if name in ("over", "under", "cast") else np.array([], int)
        plain = x[again].copy()
        plain[:, combs] = x[np.random.default_rng(k).choice(np.flatnonzero(clean & boxes), len(again))][:, combs]

        def fit(m):
            extra = m[again]
            data = lgb.Dataset(np.concatenate([x[m], plain[extra]]), np.concatenate([y[m], y[again][extra]]),
                               weight=np.concatenate([weight[m], 0.35 * weight[again][extra]]))
            return lgb.train(dict(COMMON, num_leaves=13), data, ROUNDS)
        out = np.zeros(len(rows))
        for f in range(FOLDS):
            out[fold == f] = fit(used & (fold != f)).predict(x[fold == f])
        best = {}
        for p, value in zip(picture[clean & proposed], out[clean & proposed]):
            best[p] = max(best.get(p, 0.0), value)
        worst = sorted(list(best.values()) + [0.0] * (len(np.unique(picture[clean])) - len(best)))
        least = max(0.15, PLEASED * worst[round(len(worst) * (1 - FALSE_ALARMS[name])) - 1] + 1e-3)
        hit = own & boxes & (overlap > 0.5)
        found = {p for p, o, v in zip(picture[own & proposed & (severity >= 3)], overlap[own & proposed & (severity >= 3)],
                                      out[own & proposed & (severity >= 3)]) if v >= least and o > 0.5}
        told = len(found) / max(1, len(np.unique(picture[own & (severity >= 3)])))
        full, everywhere = kind == 3, (fault == k) & (local == 0)
        degrees = np.where(everywhere, (severity - 0.5) / 5, 0.0)
        fit_whole = lambda m: lgb.train(dict(COMMON, num_leaves=9, min_child_samples=12, learning_rate=0.08),
                                        lgb.Dataset(x[m], degrees[m]), WHOLE_ROUNDS)
        guess = np.zeros(len(rows))
        for f in range(FOLDS):
            guess[full & (fold == f)] = fit_whole(full & (fold != f)).predict(x[full & (fold == f)])
        ranked = np.corrcoef(*(np.argsort(np.argsort(v[full & everywhere])) for v in (severity, guess)))[0, 1]
        alarms = (guess[full & clean] >= 0.25).mean()
        print(f"{name:11} everywhere: rank correlation {ranked:.2f}, false alarms {alarms:.3f}; in places:", end=" ")
        print(f"least {least:.3f}, recall on unseen photographs {told:.2f}", flush=True)
        degree = lgb.train(dict(COMMON, num_leaves=11, min_child_samples=30), lgb.Dataset(x[hit], (severity[hit] - 0.5) / 5), SEVERITY_ROUNDS)
        kinds.append(dict(fault=name, attribute=attribute, least=short(least), overlap=exported(fit(used)),
                          severity=exported(degree), whole=exported(fit_whole(full))))
    out = pathlib.Path(__file__).with_name("faults.json")
    text = json.dumps(dict(cues=names[HEAD:], kinds=kinds), separators=(",", ":"))
    out.write_text(text.replace('{"cue"', '\n{"cue"') + "\n")


if __name__ == "__main__":
    main()
