"""recompute.py RUN...: every share and age of a run, from its ledger.jsonl alone, against the ledger's own and the columns.

Nothing but what was drawn, what each fit saw and the weights is taken from the ledger; ancestries are followed batch by
batch, also through entries that the ledger folds. Prints what does not agree and exits with 1. Where a budget draws the points of a fit, columns vary, and their means are compared at |z| < 4."""
import csv
import json
import math
import os
import sys

COLUMNS = ["real_share", "synthetic_share", "ancestral_real_share", "mean_ancestry_depth", "mean_age", "anchor_age", "flagged_share", "taint"]


def parts(entry, batches):
    """The batches that an entry stands for: those of its role from id to last_id."""
    found = [b for b in range(entry["id"], entry["last_id"] + 1) if batches[b]["role"] == entry["role"]]
    assert sum(batches[b]["points"] for b in found) == entry["points"], (entry, found)
    return found


def generation(line, batches, models, undone):
    """Shares and ages of one fit; adds what was drawn to batches, the fit to models, and what a
    rollback takes back to undone."""
    t = line["generation"]
    source = line["rollback"]["to"] if line["rollback"] else t - 1
    for drawn in line["drawn"]:
        assert drawn["generator"] == (source if drawn["role"] == "synthetic" else 0), drawn
        batches[drawn["id"]] = dict(drawn, born=t)
    if line["rollback"]:
        undone.update(b for b in batches if batches[b]["generator"] > source and batches[b]["born"] < t)
    total = dict.fromkeys(["weight", "real", "ancestral", "depth", "age", "flagged", "taint"], 0.0)
    anchor = None
    for entry in line["pool"]:
        for name in parts(entry, batches):
            assert name not in undone, (line, name)
            batch = batches[name]
            assert batch["flagged"] == entry["flagged"], (line, name)
            weight = entry["weight"] * batch["points"]
            total["weight"] += weight
            total["age"] += weight * (t - batch["born"])
            if batch["flagged"]:
                total["flagged"] += weight
                total["taint"] += weight
            elif batch["role"] == "synthetic" and batch["flagged"] is not None:
                total["taint"] += weight * models[batch["generator"]]["taint"]
            if batch["role"] == "synthetic":
                model = models[batch["generator"]]
                total["ancestral"] += weight * (model["ancestral_real_share"] if batch["generator"] > 1 else 0)
                total["depth"] += weight * (1 + model["mean_ancestry_depth"])
            else:
                total["real"] += weight
                total["ancestral"] += weight
            if batch["role"] == "anchor":
                anchor = max(anchor or 0, name)
    share = {key: value / total["weight"] for key, value in total.items()}
    flags = line["drawn"][0]["flagged"] is not None if line["drawn"] else line["taint"] is not None
    models[t] = {
        "flagged_share": share["flagged"] if flags else None,
        "taint": share["taint"] if flags else None,
        "real_share": share["real"],
        "synthetic_share": 1 - share["real"],
        "ancestral_real_share": share["ancestral"],
        "mean_ancestry_depth": share["depth"],
        "mean_age": share["age"],
        "anchor_age": None if anchor is None else t - batches[anchor]["born"],
    }
    assert (line["anchor"] or {}).get("id") == anchor, line
    return models[t]


def overlap(line, state, rows, reserve):
    """Expected share of the observations drawn so far; state: what a pass has used, and what earlier passes left unseen."""
    for drawn in line["drawn"]:
        if drawn["role"] == "initial":
            state.update(initial=drawn["points"], used=0, unseen=1.0)
        if drawn["role"] == "anchor":
            if state["used"] + drawn["points"] > reserve:
                assert line["event"] == {"type": "reserve exhausted", "rule": "reuse"}, line
                state["unseen"] *= 1 - state["used"] / reserve
                state["used"] = 0
            state["used"] += drawn["points"]
    seen = reserve - reserve * state["unseen"] * (1 - state["used"] / reserve) if reserve else 0
    return (state["initial"] + seen) / rows


def close(a, b):
    return (a is None and b is None) or (a is not None and b is not None and abs(a - b) <= 1e-9 * max(1, abs(b)))


def compare(folder):
    wrong, lines = [], 0
    rows = {}
    with open(os.path.join(folder, "trajectories.csv")) as file:
        for row in csv.DictReader(file):
            rows.setdefault((int(row["point"]), int(row["generation"])), []).append(row)
    observed = os.environ.get("OBSERVED")  # ROWS,RESERVE of an observed truth
    with open(os.path.join(folder, "ledger.jsonl")) as file:
        for text in file:
            line = json.loads(text)
            lines += 1
            if line["generation"] == 1:
                batches, models, state, undone = {}, {}, {}, set()
            here = generation(line, batches, models, undone)
            at = (line["point"], line["generation"])
            expected = overlap(line, state, *map(int, observed.split(","))) if observed else 0
            if not close(line["evaluation"]["overlap"], expected):
                wrong.append((at, "overlap", line["evaluation"], expected))
            for name in COLUMNS:
                if not close(line[name], here[name]):
                    wrong.append((at, "line", name, line[name], here[name]))
                values = [float(r[name]) for r in rows[at] if r.get(name)]
                if name == "anchor_age" and line["fit_points"] < line["pool_points"]:
                    continue  # of the anchors that the budget happened to draw
                if bool(values) != (here[name] is not None and name in rows[at][0]):
                    if name != "anchor_age":
                        wrong.append((at, "column", name, "is not there"))
                    continue
                if not values:
                    continue
                mean = sum(values) / len(values)
                error = math.sqrt(sum((v - mean) ** 2 for v in values) / max(1, len(values) - 1) / len(values))
                if not close(mean, here[name]) and not abs(mean - here[name]) < 4 * error:
                    wrong.append((at, "column", name, mean, error, here[name]))
    for item in wrong[:10]:
        print(*item)
    return lines, wrong


results = [compare(folder) for folder in sys.argv[1:]]
sys.exit(any(wrong or not lines for lines, wrong in results))
