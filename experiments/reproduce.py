#!/usr/bin/env python3
"""Runs the experiments of this folder and holds what they measured against what the papers and the laws say.

  experiments/reproduce.py                       all of them; writes their rows of the table in README.md, and picture.png
  experiments/reproduce.py 01-shumailov-gaussian some of them
  experiments/reproduce.py --quick               a fifth of the replicates; README.md stays as it is

An experiment is a folder with a README.md, configs and a targets.json (experiments/README.md says what stands in it).
Nothing is computed here but the comparison, and shares of replicates counted in trajectories.csv: all other numbers and
their errors are fields of summary.csv, theory.csv, events.csv and verdicts.csv. Exit 0; 1 when a target was missed, 2
when an experiment is not what it should be or a file cannot be written, 130 when interrupted.
"""

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
QUICK_PART, QUICK_LEAST = 5, 200  # of the replicates; so many at least, since 30 have to carry a standard error
FEW = 30  # replicates that carry a mean, below which its standard error says nothing (summary.csv: carriers)
SOURCES = ("exact", "authors-code", "authors-figure", "independent simulation", "memory")
QUANTILES = ("q05", "q25", "median", "q75", "q95")
SHARES = {"share_above": lambda x, limit: x > limit, "share_below": lambda x, limit: x < limit}
EVENT_INTERVAL = 2 * 1.959964  # events.csv gives the median's 95 % interval: its width in standard errors
PICTURE = "picture.png"  # of the first figure, beside the README.md of its experiment; in 96 colours, a third of the size
REDUCE = """import sys
from PIL import Image
Image.open(sys.argv[1]).convert("RGB").quantize(96, dither=Image.Dither.NONE).save(sys.argv[2], optimize=True)
"""
BEGIN, END = "<!-- reproduced: begin (made by `make reproduce`) -->", "<!-- reproduced: end -->"
PLACE = {"run", "point", "measure", "generation", "statistic"}
FIELDS = PLACE | {"claim", "is", "value", "error", "tolerance", "source", "reference", "over"}
RELATIONS = ("equal", "below", "above")
REQUIRED = ("claim", "run", "measure", "statistic", "value", "source", "reference")


class Refusal(Exception):
    """One sentence: where, and what was expected there."""


# --------------------------------------------------------------------------------------------- experiments as written


def read_json(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except OSError as e:
        raise Refusal("cannot read %s: %s" % (path, e.strerror))
    except ValueError as e:
        raise Refusal("%s is not JSON: %s" % (path, e))


def require(condition, where, expectation):
    if not condition:
        raise Refusal("%s: %s" % (where, expectation))


def is_number(x):
    return isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x)


def check_target(t, where, runs):
    require(isinstance(t, dict), where, "an object was expected")
    for key in REQUIRED:
        require(key in t, where, "has no %s" % key)
    unknown = sorted(set(t) - FIELDS)
    require(not unknown, where, "%s is not a field of a target; they are %s" % (unknown[:1], ", ".join(sorted(FIELDS))))
    require(t["run"] in runs, where, "run is %r, but the configs here are %s" % (t["run"], ", ".join(sorted(runs))))
    require(t["source"] in SOURCES, where, "source is %r, expected one of %s" % (t["source"], ", ".join(SOURCES)))
    if t["statistic"] == "verdict":
        require(t["value"] in ("true", "false", "undecided") and "tolerance" not in t, where,
                "a verdict is \"true\", \"false\" or \"undecided\", and has no tolerance")
        return
    tolerance, relation = t.get("tolerance"), t.get("is", "equal")
    require(is_number(t["value"]) and is_number(t.get("error", 0)), where, "value and error have to be numbers")
    require(isinstance(tolerance, dict) and set(tolerance) <= {"se", "relative", "absolute", "factor"} and "se" in tolerance
            and all(is_number(x) and x >= 0 for x in tolerance.values()), where,
            "tolerance needs se, the number of standard errors, and may have relative, absolute and factor")
    require(tolerance.get("factor", 1) >= 1 and ("factor" not in tolerance or t["value"] > 0 and len(tolerance) == 2), where,
            "a factor is at least 1, belongs to a positive value and stands beside se alone")
    require(relation in RELATIONS, where, "is is %r, expected one of %s" % (relation, ", ".join(RELATIONS)))
    require(relation == "equal" or set(tolerance) == {"se"}, where, "what is below or above has no tolerance but se")
    share = t["statistic"]
    require(isinstance(share, str) or isinstance(share, dict) and len(share) == 1 and set(share) <= set(SHARES)
            and is_number(*share.values()), where, "a statistic is a name, or one of %s with a number" % ", ".join(SHARES))
    require(isinstance(t.get("over", {}), dict) and set(t.get("over", {})) <= PLACE, where,
            "over names what differs in the denominator: %s" % ", ".join(sorted(PLACE)))


class Experiment:
    def __init__(self, folder):
        self.folder, self.name = folder, os.path.basename(folder)
        path = os.path.join(folder, "targets.json")
        self.written = read_json(path)
        require(isinstance(self.written, dict) and set(self.written) == {"paper", "figures", "targets"}, path,
                "an object with paper, figures and targets was expected")
        self.paper, self.figures, self.targets = (self.written[k] for k in ("paper", "figures", "targets"))
        configs = sorted(f for f in os.listdir(folder) if f.endswith(".json") and f != "targets.json")
        self.runs = {f[:-len(".json")]: os.path.join(folder, f) for f in configs}
        require(os.path.exists(os.path.join(folder, "README.md")), folder, "has no README.md")
        require(self.targets, path, "targets is empty")
        for i, t in enumerate(self.targets):
            check_target(t, "%s: targets[%d]" % (path, i), self.runs)
        for i, f in enumerate(self.figures):
            require(isinstance(f, dict) and set(f) == {"script", "run", "options", "output"} and f["run"] in self.runs,
                    "%s: figures[%d]" % (path, i), "script, run (a config here), options and output were expected")

    def replicates(self, run):
        config = read_json(self.runs[run])
        n = config.get("run", {}).get("replicates")
        require(is_number(n), self.runs[run], "has to say run.replicates itself, since --quick divides it")
        return n


def find_experiments(folder, names):
    there = sorted(d for d in os.listdir(folder) if os.path.exists(os.path.join(folder, d, "targets.json")))
    for name in names:
        require(name in there, folder, "there is no experiment %s; there are %s" % (name, ", ".join(there)))
    return [Experiment(os.path.join(folder, name)) for name in there if not names or name in names]


# ---------------------------------------------------------------------------------------------------- what ouro wrote


def says(text, value):
    """Whether a field holds the value; numbers are compared as such, since tables write 17 digits."""
    if not is_number(value):
        return text == value
    try:
        return float(text) == value
    except ValueError:
        return False


class Run:
    """A run directory; tables are read once."""

    def __init__(self, folder):
        self.folder, self.tables = folder, {}

    def table(self, name):
        if name not in self.tables:
            path = os.path.join(self.folder, name)
            try:
                with open(path, newline="", encoding="utf-8") as stream:
                    self.tables[name] = list(csv.DictReader(stream))
            except OSError as e:
                raise Refusal("cannot read %s: %s" % (path, e.strerror))
        return self.tables[name]

    def row(self, name, **keys):
        """The one row of a table with these fields; a refusal names the first that nowhere stands, and what stands there."""
        rows, path = self.table(name), os.path.join(self.folder, name)
        for key, value in keys.items():
            require(rows and key in rows[0], path, "has no column %s" % key)
            held = list(dict.fromkeys(r[key] for r in rows))
            rows = [r for r in rows if says(r[key], value)]
            require(rows, path, "has no row with %s = %s; it has %s" % (key, value, ", ".join(held[:24])))
        require(len(rows) == 1, path, "has %d rows for %s" % (len(rows), keys))
        return rows[0]

    def number(self, name, row, column):
        path = os.path.join(self.folder, name)
        require(row.get(column) not in (None, ""), path, "%s is empty or absent in row %s" % (column, list(row.values())[:4]))
        return float(row[column])

    def cells(self, point, generation, measure):
        """One column of trajectories.csv at a generation of a point, a number for each replicate; read as it streams by."""
        path, found = os.path.join(self.folder, "trajectories.csv"), []
        try:
            with open(path, newline="", encoding="utf-8") as stream:
                rows = csv.DictReader(stream)
                require(measure in (rows.fieldnames or ()), path, "has no column %s" % measure)
                for r in rows:
                    if says(r["point"], float(point)) and says(r["generation"], generation):
                        require(r[measure] != "", path, "%s is empty in a replicate" % measure)
                        found.append(float(r[measure]))
        except OSError as e:
            raise Refusal("cannot read %s (a share needs observe.rows all): %s" % (path, e.strerror))
        require(found, path, "has no row with point = %s and generation = %s" % (point, generation))
        return found

    def point(self, wanted):
        """The point of a target: its number, or the swept fields that single it out."""
        if not isinstance(wanted, dict):
            return wanted
        return self.row("points.csv", **wanted)["point"]


def measured(run, t):
    """(number, its standard error) of what a target names, as the tables have it."""
    point, measure, statistic = run.point(t.get("point", 0)), t["measure"], t["statistic"]
    if statistic == "verdict":
        return run.row("verdicts.csv", point=point, definition=measure)["verdict"], 0.0
    if statistic == "event median":
        row = run.row("events.csv", point=point, event=measure)
        lower, upper = (run.number("events.csv", row, c) for c in ("median_lower", "median_upper"))
        return run.number("events.csv", row, "median"), (upper - lower) / EVENT_INTERVAL
    require("generation" in t, t["claim"], "the target has no generation")
    place = {"point": point, "generation": t["generation"], "measure": measure}
    if isinstance(statistic, dict):
        (name, limit), = statistic.items()
        cells = run.cells(**place)
        n, k = len(cells), sum(SHARES[name](x, limit) for x in cells)
        near = (k + 1) / (n + 2)  # neither 0 nor 1, so that an error is there even if all agree
        return k / n, math.sqrt(near * (1 - near) / n)
    if statistic == "mean" or statistic in QUANTILES:
        row = run.row("summary.csv", **{k: place[k] for k in ("measure", "point", "generation")})
        if statistic == "mean" and run.number("summary.csv", row, "se") > 0:
            require(run.number("summary.csv", row, "carriers") >= FEW, t["claim"],
                    "fewer than %d replicates decide the mean: choose a statistic that has an error" % FEW)
        return run.number("summary.csv", row, statistic), run.number("summary.csv", row, statistic + "_se" if statistic != "mean" else "se")
    row = run.row("theory.csv", **place, statistic=statistic)
    return run.number("theory.csv", row, "observed"), run.number("theory.csv", row, "se")


class Outcome:
    """A target beside what was measured. Allowed: absolute + relative |value| + se sqrt(our error^2 + the target's error^2);
    with a factor instead of absolute and relative, that and (factor - 1) times the larger of both, so that the ratio counts.
    With fewer replicates our error grows, and with it what is allowed: --quick needs no tolerances of its own. What is to be
    below or above a value has to be so beyond these errors."""

    def __init__(self, target, runs):
        self.target, value = target, target["value"]
        self.found, self.error = measured(runs[target["run"]], target)
        self.allowed = None
        if target["statistic"] == "verdict":
            self.passed = self.found == value
            return
        if "over" in target:
            below = {**target, **target["over"]}
            bottom, error = measured(runs[below["run"]], below)
            require(bottom != 0, target["claim"], "the denominator is 0")
            self.found, top = self.found / bottom, self.found
            self.error = math.hypot(self.error / bottom, top * error / bottom ** 2)  # first order, as if independent
        tolerance, relation = target["tolerance"], target.get("is", "equal")
        self.allowed = (tolerance.get("absolute", 0) + tolerance.get("relative", 0) * abs(value)
                        + tolerance["se"] * math.hypot(self.error, target.get("error", 0)))
        if "factor" in tolerance:
            self.allowed += (1 - 1 / tolerance["factor"]) * max(self.found, value)
        off = self.found - value
        self.passed = {"equal": abs(off) <= self.allowed, "below": off < -self.allowed, "above": off > self.allowed}[relation]

    def cells(self):
        t = self.target
        if self.allowed is None:
            return ["pass" if self.passed else "FAIL", t["claim"], self.found, t["value"], t["source"]]
        relation = t.get("is", "equal")
        wanted = "%.4g +- %.2g" % (t["value"], self.allowed) if relation == "equal" else "%s %.4g" % (relation, t["value"])
        return ["pass" if self.passed else "FAIL", t["claim"], "%.4g +- %.2g" % (self.found, self.error), wanted, t["source"]]


# -------------------------------------------------------------------------------------------------------------- doing


def call(command, what):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    require(done.returncode == 0, what, "%s ended with %d: %s" % (command[0], done.returncode, done.stderr.strip()))
    return done.stdout


def drawing_python():
    done = subprocess.run(["sh", os.path.join(ROOT, ".ci", "python.sh")], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def perform(experiment, options, python):
    """Runs, draws and compares one experiment: (outcomes, seconds)."""
    start, out = time.time(), os.path.join(options.out, experiment.name)
    for run, config in experiment.runs.items():
        command = [options.ouro, "run", config, "-o", os.path.join(out, run), "--force", "--quiet"]
        if options.jobs:
            command += ["-j", str(options.jobs)]
        if options.quick:
            n = experiment.replicates(run)
            command += ["--set", "run.replicates=%d" % min(n, max(QUICK_LEAST, n // QUICK_PART))]
        call(command, config)
    for f in experiment.figures if python else []:
        call([python, os.path.join(ROOT, "plots", f["script"]), os.path.join(out, f["run"])] + f["options"]
             + ["--output", os.path.join(out, f["output"])], f["output"])
    if python and experiment.figures and not options.quick:
        call([python, "-c", REDUCE, os.path.join(out, experiment.figures[0]["output"]),
              os.path.join(experiment.folder, PICTURE)], PICTURE)
    runs = {run: Run(os.path.join(out, run)) for run in experiment.runs}
    return [Outcome(t, runs) for t in experiment.targets], time.time() - start


HEADER = ["", "figure or claim", "ouro measured", "should be", "source"]


def show(experiment, outcomes, seconds):
    rows = [HEADER] + [o.cells() for o in outcomes]
    width = [max(len(r[i]) for r in rows) for i in range(len(HEADER))]
    print("\n%s: %s (%.0f s)" % (experiment.name, experiment.paper, seconds))
    for row in rows:
        print("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, width)).rstrip())
    sys.stdout.flush()


def readme_row(experiment, outcomes, seconds):
    met = sum(o.passed for o in outcomes)
    return "| %s | `make reproduce NAME=%s` | %.0f s | %d of %d |" % (
        experiment.paper, experiment.name, seconds, met, len(outcomes))


def write_table(path, folder, rows):
    """The table of README.md between its marks: new rows in place of the old ones of the same experiments."""
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    require(text.count(BEGIN) == 1 and text.count(END) == 1, path, "needs the lines %s and %s once each" % (BEGIN, END))
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    for name in os.listdir(folder):
        kept = [line for line in old.splitlines() if "NAME=%s`" % name in line]
        if kept and name not in rows:
            rows[name] = kept[0]
    table = ["| paper | command | time (%d processors) | targets met |" % (os.cpu_count() or 1), "|---|---|---|---|"]
    table += [rows[name] for name in sorted(rows)]
    beside = path + ".tmp"  # so that README.md is never half of itself
    with open(beside, "w", encoding="utf-8") as stream:
        stream.write(before + BEGIN + "\n" + "\n".join(table) + "\n" + END + after)
    os.replace(beside, path)


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments to run (default: all)")
    parser.add_argument("--quick", action="store_true", help="a fifth of the replicates; README.md and pictures stay as they are")
    parser.add_argument("--ouro", default=os.path.join(ROOT, "build", "ouro"), help="the program (default build/ouro)")
    parser.add_argument("--experiments", default=HERE, metavar="DIR", help="where they are (default: this folder)")
    parser.add_argument("--out", metavar="DIR", help="where runs and pictures go (default out/experiments, with --quick out/quick)")
    parser.add_argument("--readme", default=os.path.join(ROOT, "README.md"), metavar="FILE", help="file whose table is written")
    parser.add_argument("--jobs", type=int, help="threads of ouro (default: all processors)")
    options = parser.parse_args(argv)
    options.out = options.out or os.path.join(ROOT, "out", "quick" if options.quick else "experiments")
    return options


def main(argv):
    options = arguments(argv)
    experiments = find_experiments(options.experiments, options.names)
    drawn = any(e.figures for e in experiments)
    python = drawing_python() if drawn else None
    if drawn and not python:
        print("no pictures: no Python here imports matplotlib", file=sys.stderr)
    met, every, rows = 0, 0, {}
    for experiment in experiments:
        outcomes, seconds = perform(experiment, options, python)
        show(experiment, outcomes, seconds)
        rows[experiment.name] = readme_row(experiment, outcomes, seconds)
        met, every = met + sum(o.passed for o in outcomes), every + len(outcomes)
    if not options.quick:
        write_table(options.readme, options.experiments, rows)
    print("\n%d passed, %d failed" % (met, every - met))
    return 0 if met == every and every else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refusal as refusal:
        print("reproduce.py: %s" % refusal, file=sys.stderr)
        sys.exit(2)
    except OSError as e:
        print("reproduce.py: %s: %s" % (e.filename, e.strerror), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("reproduce.py: interrupted; README.md is as it was", file=sys.stderr)
        sys.exit(130)
