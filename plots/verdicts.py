#!/usr/bin/env python3
"""Draws in which senses a run has collapsed: one row per definition, one column per point.

  plots/verdicts.py out/gaussian-verdicts
  plots/verdicts.py out/replace out/accumulate --points 0 2 --output figure.pdf

Each cell says true, false or undecided, by a word and by a mark, then the number and the half-width of its 99 %
interval with the threshold, and the column that was looked at; where there is no number, why. What is asked of
all points of a run together is one wide cell. Every DIR is a run directory of `ouro run`; everything drawn is
read from its verdicts.csv. The path of the picture is printed on stdout. Exit 0; 1 when it cannot be written, 2
when the request cannot be met, 3 without matplotlib.
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import ourocommand
import ouroplot
import ourowords
from ouroplot import Refusal

REQUIRED = ("point", "definition", "verdict", "measure", "number", "error", "threshold", "test")
MARKS = {  # how a verdict looks, told apart without colour: fill of the mark, and ground of the cell
    "true": ("full", "#c3d2e8"), "false": ("none", "#ffffff"), "undecided": ("left", "#efefef")}
ACROSS, MOST = 8, 24  # columns side by side, and in all
CELL = {1: 3.2, 2: 2.4, 3: 2.0}  # width in inches by number of columns
NARROW, HIGH, HEAD, PRINT, LINE = 1.6, 0.64, 7.5, 6.5, 0.125  # inches, inches, points, points, inches


class Verdict:
    """A row of verdicts.csv."""

    def __init__(self, row, numbers):
        self.word, self.measure, self.test = row["verdict"], row["measure"], ouroplot.one_line(row["test"]).replace("+-", "\u00b1")
        self.number, self.error, self.threshold = numbers

    def number_words(self):
        if self.number is None:
            return ""
        words = "%.3g" % self.number
        if self.error is not None:
            words += " \u00b1 %.2g" % self.error
        if self.threshold is not None:
            words += " against %.3g" % self.threshold
        return words.replace("-", "\u2212")


def read_verdicts(run):
    """{(point, definition): Verdict}, point '' for all of them, and the definitions in order of appearance."""
    path, verdicts, definitions = run.file("verdicts.csv"), {}, []
    table = ouroplot.rows(run, "verdicts.csv", REQUIRED)
    header = next(table)
    for line, fields in table:
        row = dict(zip(header, fields))
        if row["verdict"] not in MARKS:
            raise Refusal("%s:%d: verdict is '%s', expected %s" % (path, line, row["verdict"], ", ".join(MARKS)))
        if row["point"] and row["point"] not in run.points:
            raise Refusal("%s:%d: point %s is not in summary.csv" % (path, line, row["point"]))
        numbers = [ouroplot.number(row[c], path, line, c) for c in ("number", "error", "threshold")]
        verdicts[row["point"], row["definition"]] = Verdict(row, numbers)
        if row["definition"] not in definitions:
            definitions.append(row["definition"])
    if not verdicts:
        raise Refusal("%s has a header but no rows" % path)
    return verdicts, definitions


def arguments(argv):
    parser = ourocommand.Parser(prog="verdicts.py", description=__doc__)
    parser.add_argument("dirs", metavar="DIR", nargs="+", help="run directories written by `ouro run`")
    parser.add_argument("--points", nargs="+", metavar="P", help="show these points of every DIR (numbers of points.csv)")
    parser.add_argument("--output", metavar="FILE", help="FILE.png, .svg or .pdf (default DIR/verdicts.png, the first DIR)")
    return parser.parse_args(argv)


def choose_columns(runs, asked):
    """[(run, point)] in order, no more than one page holds."""
    for run in runs:
        for point in asked or ():
            if point not in run.points:
                raise Refusal("%s has no point %s; its points are %s" % (run.folder, point, ouroplot.listing(run.points)))
    columns = [(run, p) for run in runs for p in run.points if not asked or p in asked]
    if len(columns) > MOST:
        raise Refusal("there are %d points, one page shows at most %d: choose some with --points, such as --points %s"
                      % (len(columns), MOST, " ".join(runs[0].points[:3])))
    return columns


class Figure:
    """The table, in bands of at most ACROSS columns."""

    def __init__(self, runs, tables, columns):
        self.style = ourocommand.load_style()
        self.runs, self.columns = runs, columns
        self.verdicts = {run.folder: verdicts for run, (verdicts, _) in zip(runs, tables)}
        self.definitions = list(dict.fromkeys(d for _, definitions in tables for d in definitions))
        bands = -(-len(columns) // ACROSS)
        self.across = -(-len(columns) // bands)  # bands of equal length, but for the last
        self.bands = [columns[i:i + self.across] for i in range(0, len(columns), self.across)]
        self.cell = CELL.get(self.across, NARROW)

    def draw(self):
        """The whole figure, laid out; returns the page."""
        page = self.page = self.style.Page(len(self.bands), 1, (self.across * self.cell, len(self.definitions) * HIGH))
        first = 1
        for i, (ax, band) in enumerate(zip(page.axes, self.bands)):
            self.band(ax, band)
            last = first + len(band) - 1
            page.caption(i, "columns %d to %d of %d" % (first, last, len(self.columns)) if len(self.bands) > 1 else
                         "has it collapsed?", [])
            first = last + 1
        page.finish("%s: verdicts" % ", ".join(dict.fromkeys(run.name for run in self.runs)), self.heading(),
                    [("is it so in the sense of the row?", [self.entry(word) for word in MARKS])])
        return page

    def heading(self):
        counts = [ourowords.replicate_words(run, [s for (p, _), s in run.series.items() if (run, p) in self.columns])
                  for run in self.runs]
        if len(set(counts)) > 1:
            counts = ["%s: %s" % (self.names[id(run)], words) for run, words in zip(self.runs, counts)]
        few = ""
        if len(self.columns) < sum(len(run.points) for run in self.runs):
            few = "%d of %d points shown (--points)" % (len(self.columns), sum(len(run.points) for run in self.runs))
        return [(self.runs[0].description if len(self.runs) == 1 else "", 2), ("; ".join(dict.fromkeys(counts)), 2),
                ("\u00b1: half-width of the 99 % interval over replicates, which misses the value it is of in 1 of 100 "
                 "runs. true: all of it above the threshold; false: all below, or of a growth no sign beyond the error; "
                 "undecided: the threshold is in it, or nothing was there to be tested.", 4), (few, 1)]

    @property
    def names(self):
        """What tells the runs apart: their names, or their folders where names are shared."""
        shared = len(set(run.name for run in self.runs)) < len(self.runs)
        return {id(run): ouroplot.one_line(os.path.normpath(run.folder)) if shared else run.name for run in self.runs}

    def head(self, run, point):
        """Lines above a column."""
        lines = ([self.names[id(run)]] if len(self.runs) > 1 else []) + [
            "%s = %s" % (path.split(".")[-1], value) for path, value in zip(run.swept, ourowords.point_values(run, point))]
        if not lines or (len(run.points) > 1 and not run.swept):
            lines.append("point %s" % point if len(run.points) > 1 else run.name)
        return "\n".join(self.style.plain(part) for line in lines
                         for part in self.page.wrap(line, self.cell - 0.12, HEAD, 2))

    def band(self, ax, band):
        rows = len(self.definitions)
        ax.set_xlim(0, self.across)
        ax.set_ylim(rows, 0)
        ax.grid(False)
        for side in ax.spines.values():
            side.set_visible(False)
        ax.tick_params(length=0, labelleft=True, labelbottom=False, labeltop=True, pad=5)
        ax.set_xticks([i + 0.5 for i in range(len(band))], [self.head(*column) for column in band], fontsize=HEAD)
        ax.set_yticks([i + 0.5 for i in range(rows)], [self.style.plain(self.page.cut(d, 2.4)) for d in self.definitions])
        for y, definition in enumerate(self.definitions):
            for x, (run, point) in enumerate(band):
                verdicts = self.verdicts[run.folder]
                if (point, definition) in verdicts:
                    self.put(ax, x, y, 1, verdicts[point, definition])
                elif ("", definition) in verdicts and (x == 0 or band[x - 1][0] is not run):
                    self.put(ax, x, y, sum(r is run for r, _ in band), verdicts["", definition])

    def put(self, ax, x, y, wide, verdict):
        """One cell: mark and word, number, and what was looked at or why there is no number."""
        fill, ground = MARKS[verdict.word]
        ax.add_patch(self.style.Rectangle((x, y), wide, 1, facecolor=ground, edgecolor="#8a8a8a", linewidth=0.6, zorder=1, clip_on=False))
        width = wide * self.cell
        left, top = 0.12 / self.cell, 0.15 / HIGH
        ax.plot([x + left], [y + top], zorder=3, **self.mark(fill))
        ax.text(x + left + 0.11 / self.cell, y + top, verdict.word, va="center_baseline", fontsize=8.5,
                fontweight="bold" if verdict.word == "true" else "normal", zorder=3)
        number = verdict.number_words()
        small = self.page.wrap(number, width - 0.14, PRINT, 2)
        words = verdict.measure if number and wide == 1 else verdict.test
        lines = small + self.page.wrap(words, width - 0.14, PRINT, 3 - len(small))
        for i, line in enumerate(lines):
            ax.text(x + 0.07 / self.cell, y + (0.31 + i * LINE) / HIGH, self.style.plain(line), va="center_baseline",
                    fontsize=PRINT, color=self.style.INK if i < len(small) else self.style.GREY, zorder=3)

    def mark(self, fill):
        return {"color": self.style.INK, "marker": "o", "markersize": 6.5, "fillstyle": fill, "markeredgewidth": 1.0,
                "markerfacecoloralt": "white", "linestyle": "none"}

    def entry(self, word):
        return self.style.Line2D([], [], label=word, **self.mark(MARKS[word][0]))


def main(argv):
    options = arguments(argv)
    output = options.output or os.path.join(options.dirs[0], "verdicts.png")
    kind = ourocommand.output_format(output, given=bool(options.output))
    ourocommand.load_style()
    runs = [ouroplot.read_run(folder) for folder in dict.fromkeys(options.dirs)]
    tables = [read_verdicts(run) for run in runs]
    Figure(runs, tables, choose_columns(runs, options.points)).draw().save(output, kind, "%s: verdicts" % runs[0].name)
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(ourocommand.run_script("verdicts.py", main))
