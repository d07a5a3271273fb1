"""Reading a run directory of `ouro run`: the tables, the manifest, and refusals in one sentence.

Nothing is computed here but the interval of a share. Every other number a figure shows is a field of a CSV of the run:

    summary.csv       point,generation,measure,n,mean,se,q05,...,q95,theory,z,theory_source   (long)
    points.csv        point,<swept paths...>,truth.<measure>...                          (one row per point)
    trajectories.csv  point,replicate,generation,status,<measures...>                    (wide, may be absent)
    manifest.json     names, units and documentation of the measures                     (may be absent)

An empty field is "not defined" and read as None; `inf` and `-inf` are kept as floats.
"""

import csv
import difflib
import json
import math
import os
import sys

STATISTICS = ("n", "mean", "se", "q05", "median", "q95", "theory", "z")
NORMAL_95 = 1.959964  # half a 95 % interval in standard errors
REQUIRED = ("point", "generation", "measure", "n", "mean", "q05", "median", "q95")


class Refusal(Exception):
    """One sentence for the user and the exit code that goes with it."""

    def __init__(self, sentence, code=2):
        super().__init__(sentence)
        self.code = code


class Series:
    """What summary.csv says of one measure at one point, in order of generation: equally long lists."""

    def __init__(self):
        self.generation = []
        self.sources = []  # distinct theory_source texts, in order of appearance
        self.of_median = False  # the law is about the median instead of the mean
        self.share = False  # a yes or no of each replicate: see as_share
        for name in STATISTICS:
            setattr(self, name, [])

    def defined(self):
        """Whether anything at all can be drawn: a mean or a median, finite or not."""
        return any(v is not None for v in self.median) or any(v is not None for v in self.mean)

    def as_share(self):
        """Where every replicate says 0 or 1, and not all the same, quantiles say little: the share of ones takes the place of the median,
        its 95 % interval that of the band. Of zeros and ones, and of nothing else between, m (1 - m) is the variance."""
        cells = [(n, m, se) for n, m, se in zip(self.n, self.mean, self.se)]
        if any(None in cell or cell[0] < 2 or not 0 <= cell[1] <= 1 for cell in cells):
            return
        if all(abs(m * (1 - m) - se * se * (n - 1)) < 1e-9 for n, m, se in cells) and any(0 < m < 1 for m in self.mean):
            self.share, self.median = True, self.mean
            self.q05 = [max(0.0, m - NORMAL_95 * se) for m, se in zip(self.mean, self.se)]
            self.q95 = [min(1.0, m + NORMAL_95 * se) for m, se in zip(self.mean, self.se)]
            self.mean = [None] * len(self.mean)


class Run:
    """A run directory as read: see the attributes set here."""

    def __init__(self, folder):
        self.folder = folder
        self.name = os.path.basename(os.path.abspath(folder))
        self.description = ""
        self.replicates = None  # as asked for in the config; None when there is no manifest
        self.columns = {}  # measure -> (unit, documentation)
        self.measures = []  # in order of summary.csv
        self.points = []  # identifiers as written, in order of summary.csv
        self.swept = []  # dotted config paths
        self.settings = {}  # point -> [value of each swept path, as text]
        self.truth = {}  # (point, measure) -> value at t = 0
        self.series = {}  # (point, measure) -> Series
        self.across = None  # (swept path, generation) where series run over that path instead of generations

    def file(self, name):
        return os.path.join(self.folder, name)


def nearest(word, known):
    """', did you mean X?' for the entry of `known` most like `word`, or nothing."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return ", did you mean %s?" % close[0] if close else ";"


def listing(names, most=24):
    """Names joined by commas; a long list is cut, and says how many are left out."""
    names = list(names)
    more = ", and %d more" % (len(names) - most) if len(names) > most else ""
    return (", ".join(names[:most]) + more) if names else "nothing"


def one_line(text):
    """The text without line ends, runs of blanks, and characters that neither a font nor XML can show."""
    return "".join(c for c in " ".join(str(text).split()) if c.isprintable())


# ---------------------------------------------------------------------------------------------- files


def require_folder(folder):
    if os.path.isdir(folder):
        return
    if os.path.exists(folder):
        raise Refusal("%s is a file: give the run directory that holds summary.csv" % folder)
    path = os.path.abspath(folder)
    parent = os.path.dirname(path)
    shown = os.path.dirname(folder.rstrip("/")) or "the current directory"
    if not os.path.isdir(parent):
        raise Refusal("%s does not exist, and neither does %s" % (folder, shown))
    here = sorted(d for d in os.listdir(parent) if os.path.isdir(os.path.join(parent, d)) and d[0] != ".")
    raise Refusal("%s does not exist%s %s holds the directories %s"
                  % (folder, nearest(os.path.basename(path), here), shown, listing(here)))


def open_table(run, name, why=""):
    try:
        return open(run.file(name), newline="", encoding="utf-8", errors="replace")
    except FileNotFoundError:
        here = sorted(f for f in os.listdir(run.folder) if not f.startswith("."))
        raise Refusal("%s has no %s%s%s it holds %s"
                      % (run.folder, name, why, nearest(name, here), listing(here)))
    except OSError as e:
        raise Refusal("cannot read %s: %s" % (run.file(name), e.strerror))


def rows(run, name, required, why=""):
    """Yields the header (list of names), then (line number, list of fields) for each row."""
    path = run.file(name)
    with open_table(run, name, why) as stream:
        reader = csv.reader(stream)
        try:
            header = next(reader, None)
            if header is None:
                raise Refusal("%s is empty: expected a header with %s" % (path, ", ".join(required)))
            for column in required:
                if column not in header:
                    raise Refusal("%s has no column %s%s its columns are %s"
                                  % (path, column, nearest(column, header), listing(header)))
            yield header
            for fields in reader:
                if not fields:
                    continue
                if len(fields) != len(header):
                    raise Refusal("%s:%d: %d fields where the header has %d (was the run cut short?)"
                                  % (path, reader.line_num, len(fields), len(header)))
                yield reader.line_num, fields
        except csv.Error as e:
            raise Refusal("%s:%d: %s" % (path, reader.line_num, e))
        except OSError as e:
            raise Refusal("cannot read %s: %s" % (path, e.strerror))


def number(text, path, line, column):
    """None for an empty field (and for NaN, which a run never writes), a float otherwise."""
    if text == "":
        return None
    try:
        value = float(text)
    except ValueError:
        raise Refusal("%s:%d: %s is '%s', expected a number, inf, -inf or nothing"
                      % (path, line, column, text))
    return None if math.isnan(value) else value


# ---------------------------------------------------------------------------------------------- tables


def read_run(folder):
    """The whole of DIR but the per-replicate rows. O(size of summary.csv) in time and memory."""
    require_folder(folder)
    run = Run(folder)
    sweep = read_manifest(run)
    read_summary(run)
    read_points(run, sweep)
    return run


def read_manifest(run):
    """Names, units and documentation, where there are any. Returns the sweep of the config, {} if unknown."""
    try:
        with open(run.file("manifest.json"), encoding="utf-8") as stream:
            manifest = json.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as e:
        print("note: manifest.json is not used: %s" % one_line(e), file=sys.stderr)
        return {}

    def section(parent, key):
        value = parent.get(key) if isinstance(parent, dict) else None
        return value if isinstance(value, dict) else {}

    def text(parent, key):
        value = parent.get(key) if isinstance(parent, dict) else None
        return one_line(value) if isinstance(value, str) else ""

    parameters = section(manifest, "parameters")
    run.name = text(manifest, "name") or text(parameters, "name") or run.name
    run.description = text(parameters, "description")
    replicates = section(parameters, "run").get("replicates")
    run.replicates = replicates if isinstance(replicates, int) else None
    columns = manifest.get("columns") if isinstance(manifest, dict) else None
    for column in columns if isinstance(columns, list) else []:
        run.columns[text(column, "name")] = (text(column, "unit"), text(column, "doc"))
    sweep = section(parameters, "sweep")
    return {**sweep, **section(sweep, "zip")}


def read_summary(run):
    path = run.file("summary.csv")
    table = rows(run, "summary.csv", REQUIRED)
    header = next(table)
    at = {name: header.index(name) for name in header}
    source_at = at.get("theory_source")
    used = [name for name in STATISTICS if name in at]
    for line, fields in table:
        key = (fields[at["point"]], fields[at["measure"]])
        series = run.series.get(key)
        if series is None:
            series = run.series[key] = Series()
            if key[0] not in run.settings:
                run.settings[key[0]] = []
                run.points.append(key[0])
            if key[1] not in run.measures:
                run.measures.append(key[1])
        t = number(fields[at["generation"]], path, line, "generation")
        if t is None or math.isinf(t):
            raise Refusal("%s:%d: generation is '%s', expected a number"
                          % (path, line, fields[at["generation"]]))
        series.generation.append(t)
        for name in STATISTICS:
            value = number(fields[at[name]], path, line, name) if name in used else None
            getattr(series, name).append(value)
        source = one_line(fields[source_at]) if source_at is not None else ""
        if source and source not in series.sources:
            series.sources.append(source)
            series.of_median = source.startswith("median")
    if not run.series:
        raise Refusal("%s has a header but no rows: nothing was observed" % path)
    for series in run.series.values():
        series.as_share()


def read_points(run, sweep):
    """Swept settings and t = 0 values. A config path may itself begin with `truth.` (truth.sd): such a column
    is a t = 0 value only when it is not swept and what follows the dot is a measure of this run."""
    if not os.path.exists(run.file("points.csv")):
        return
    path = run.file("points.csv")
    table = rows(run, "points.csv", ("point",))
    header = next(table)
    point_at = header.index("point")
    truths = [i for i, name in enumerate(header)
              if name.startswith("truth.") and name not in sweep and name[len("truth."):] in run.measures]
    swept = [i for i in range(len(header)) if i != point_at and i not in truths]
    run.swept = [header[i] for i in swept]
    for line, fields in table:
        point = fields[point_at]
        if point not in run.settings:
            continue
        run.settings[point] = [one_line(fields[i]) for i in swept]
        for i in truths:
            value = number(fields[i], path, line, header[i])
            if value is not None:
                run.truth[point, header[i][len("truth."):]] = value


def read_paths(run, points, measures, count):
    """The first `count` replicates of the given points: {(point, measure): [(generations, values), ...]},
    plus how many replicates were found. The file is streamed: memory is that of what is kept."""
    path = run.file("trajectories.csv")
    table = rows(run, "trajectories.csv", ("point", "replicate", "generation"),
                 why=" (a run with observe.rows = summary does not write it; draw without --replicates)")
    header = next(table)
    for measure in measures:
        if measure not in header:
            raise Refusal("%s has no column %s%s its columns are %s"
                          % (path, measure, nearest(measure, header), listing(header)))
    where = [(measure, header.index(measure)) for measure in measures]
    point_at, replicate_at, t_at = (header.index(n) for n in ("point", "replicate", "generation"))
    wanted, found = set(points), {}
    for line, fields in table:
        if fields[point_at] not in wanted:
            continue
        kept = found.setdefault(fields[point_at], {})
        if fields[replicate_at] not in kept:
            if len(kept) == count:
                continue
            kept[fields[replicate_at]] = {measure: ([], []) for measure in measures}
        t = number(fields[t_at], path, line, "generation")
        for measure, i in where:
            ts, values = kept[fields[replicate_at]][measure]
            ts.append(t)
            values.append(number(fields[i], path, line, measure))
    paths = {(p, m): [r[m] for r in kept.values()] for p, kept in found.items() for m in measures}
    return paths, max((len(kept) for kept in found.values()), default=0)


def across(run, field, generation):
    """The run seen the other way round: at one generation (None: the last observed), series over a swept field that is a number
    above 0, one for each line of points (see across_lines)."""
    if field not in run.swept:
        raise Refusal("%s is not swept in %s%s the swept fields are %s"
                      % (field, run.folder, nearest(field, run.swept), listing(run.swept)))
    at, path = run.swept.index(field), run.file("points.csv")
    x = {p: number(run.settings[p][at], path, 2 + i, field) for i, p in enumerate(run.points)}
    if any(v is None or not 0 < v < math.inf for v in x.values()):
        raise Refusal("%s is not a number above 0 at every point of %s: it has no place on an axis" % (field, run.folder))
    last = max(t for s in run.series.values() for t in s.generation)
    turned = Run(run.folder)
    turned.__dict__.update(run.__dict__, points=[], settings={}, truth={}, series={},
                           across=(field, last if generation is None else float(generation)))
    turned.swept, lines = across_lines(run, at, x)
    for settings, line in lines:
        name = str(len(turned.points))
        turned.points.append(name)
        turned.settings[name] = settings
        for measure in run.measures:
            turned.series[name, measure] = across_series(run, measure, turned.across[1], sorted((x[p], p) for p in line))
    return turned


def across_lines(run, at, x):
    """(swept fields that name lines, [(their values, points)]). Lines share the settings of the other fields. Where these follow from
    the field (a zip), a new line begins where it rises no more, and is named by all that they are along it."""
    others = [i for i in range(len(run.swept)) if i != at]
    free = [i for i in others if len({(x[p], run.settings[p][i]) for p in run.points}) > len(set(x.values()))]
    if free:
        lines = {}
        for p in run.points:
            lines.setdefault(tuple(run.settings[p][i] for i in free), []).append(p)
        return [run.swept[i] for i in free], [(list(values), line) for values, line in lines.items()]
    lines = []
    for p in run.points:
        if not lines or x[p] <= x[lines[-1][-1]]:
            lines.append([])
        lines[-1].append(p)
    named = others if len(lines) > 1 else []
    return [run.swept[i] for i in named], [([", ".join(run.settings[p][i] for p in line) for i in named], line) for line in lines]


def across_series(run, measure, generation, places):
    """places: (value of the field, point), ascending."""
    out = Series()
    for x, p in places:
        series = run.series.get((p, measure))
        if series is None or generation not in series.generation:
            raise Refusal("%s has no %s at generation %g of point %s" % (run.file("summary.csv"), measure, generation, p))
        i = series.generation.index(generation)
        out.generation.append(x)
        for name in STATISTICS:
            getattr(out, name).append(getattr(series, name)[i])
        out.sources += [s for s in series.sources if s not in out.sources]
        out.of_median = series.of_median
        out.share = out.share or series.share
    if out.share:  # where all agree, mean and median are the same
        out.mean = [None] * len(out.mean)
    return out
