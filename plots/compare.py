#!/usr/bin/env python3
"""Draws a table of `ouro compare`: points side by side, and beside them their differences to the baseline.

  ouro compare out/presets --generation 1,10,100 -o presets.csv
  plots/compare.py presets.csv --measure variance_ratio log_variance

Left, per point and generation: median and 5-95 % band of the replicates. Right: mean difference to the baseline
with its 95 % interval, filled where it is paired over replicates that share random numbers, open where not.
Every number drawn is read from the table. The path of the picture is printed on stdout. Exit 0; 1 when the
picture cannot be written, 2 when the request cannot be met, 3 without matplotlib.
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import ourocommand
import ouroplot
import ourowords
from ouroplot import Refusal

DEFAULT_PANELS, MAX_PANELS, MAX_GENERATIONS = 3, 6, 8
TELLING = ("variance_ratio", "log_variance", "drift_sq", "kl_truth_model", "support", "test_error", "test_accuracy")
NUMBERS = ("n", "difference", "correlation", "low", "high", "a_q05", "a_median", "a_q95", "b_q05", "b_median",
           "b_q95")
REQUIRED = ("generation", "measure", "a", "b", "paired", "a_setting", "b_setting") + NUMBERS


def arguments(argv):
    parser = ourocommand.Parser(prog="compare.py", description=__doc__)
    parser.add_argument("table", metavar="TABLE", help="CSV file written by `ouro compare -o TABLE`")
    parser.add_argument("--measure", nargs="+", metavar="M",
                        help="measures to draw, in this order (default: up to three of the most telling)")
    parser.add_argument("--generation", nargs="+", metavar="T", help="generations to draw (default: up to eight)")
    parser.add_argument("--points", nargs="+", metavar="P", help="points to draw beside the baseline, as column b has them")
    parser.add_argument("--log-y", dest="y", action="store_const", const="log",
                        help="logarithmic values (default: where the medians span more than a factor of 1000)")
    parser.add_argument("--linear-y", dest="y", action="store_const", const="linear",
                        help="never logarithmic values")
    parser.add_argument("--output", metavar="FILE", help="FILE.png, .svg or .pdf (default TABLE with .png)")
    return parser.parse_args(argv)


class Table:
    """What `ouro compare` wrote, in order of appearance."""

    def __init__(self, path):
        self.path = path
        self.baseline = None
        self.settings = {}  # point -> swept fields as text; the baseline's too
        self.points, self.measures, self.generations = [], [], []
        self.row = {}  # (point, generation, measure) -> {column: text or number}
        self.read()

    def read(self):
        if os.path.isdir(self.path):
            raise Refusal("%s is a directory: give the table that `ouro compare %s -o TABLE` writes"
                          % (self.path, self.path))
        folder, name = os.path.split(self.path)
        lines = ouroplot.rows(ouroplot.Run(folder or "."), name, REQUIRED)
        header = next(lines)
        for line, fields in lines:
            row = dict(zip(header, fields))
            for column in NUMBERS:
                row[column] = ouroplot.number(row[column], self.path, line, column)
            self.baseline = row["a"] if self.baseline is None else self.baseline
            if row["a"] != self.baseline:
                raise Refusal("%s:%d: the baseline is %s, before it was %s" % (self.path, line, row["a"], self.baseline))
            self.settings[row["a"]], self.settings[row["b"]] = row["a_setting"], row["b_setting"]
            for known, value in ((self.points, row["b"]), (self.measures, row["measure"]),
                                 (self.generations, row["generation"])):
                if value not in known:
                    known.append(value)
            self.row[row["b"], row["generation"], row["measure"]] = row
        if not self.row:
            raise Refusal("%s has a header but no rows: nothing was compared" % self.path)

    def label(self, point):
        """'replace' or 'out/a: replace, 10'; the point itself when nothing is swept."""
        values = [ourowords.shortest(part.split("=", 1)[-1]) for part in self.settings[point].split(";") if part]
        run = point.rpartition(":")[0]
        return ouroplot.one_line(": ".join(part for part in (run, ", ".join(values)) if part) or "point %s" % point)


def choose(asked, known, what, path, most):
    """Those asked for, or as many as fit: the first and the last, and others spread evenly between them."""
    for name in asked or ():
        if name not in known:
            raise Refusal("%s has no %s %s%s it has %s" % (path, what, name, ouroplot.nearest(name, known),
                                                          ouroplot.listing(known)))
    if asked:
        if len(asked) > most:
            raise Refusal("%d %ss were asked for, one figure shows at most %d" % (len(asked), what, most))
        return list(dict.fromkeys(asked))
    if len(known) <= most:
        return list(known)
    return [known[round(i * (len(known) - 1) / (most - 1))] for i in range(most)]


class Figure:
    """What is drawn and how: set once, then one row of panels after the other."""

    def __init__(self, table, measures, generations, points, options):
        self.style = ourocommand.load_style()
        import ouroaxes
        self.axes = ouroaxes
        self.table, self.measures, self.generations, self.options = table, measures, generations, options
        self.points = [table.baseline] + points
        self.looks = {p: self.style.Look(i, len(self.points), bars=False) for i, p in enumerate(self.points)}
        self.seen = set()  # kinds of marks drawn, for the legend

    def draw(self):
        """The whole figure, laid out; returns the page."""
        page = self.page = self.style.Page(2 * len(self.measures), 2, (3.5, 2.35))
        for i, measure in enumerate(self.measures):
            scale = self.values(page.axes[2 * i], measure)
            beside = self.differences(page.axes[2 * i + 1], measure)
            page.caption(2 * i, measure, [("median and 5\u201395 % of the replicates", 1),
                                          (ourowords.cut_words(scale.cut), 1)])
            page.caption(2 * i + 1, "difference to %s" % self.table.label(self.table.baseline),
                         [(self.pairing(measure), 2), (ourowords.cut_words(beside.cut), 1)])
            for ax in page.axes[2 * i:2 * i + 2]:
                self.generation_axis(ax, last=i + 1 == len(self.measures))
            unit = measure + (" (log scale)" if scale.log else " (linear: not all > 0)" if scale.refused_log else "")
            page.axes[2 * i].set_ylabel(self.style.plain(page.cut(unit, page.panel[1])))
        page.finish("points compared with %s" % self.table.label(self.table.baseline),
                    [("Error bars of differences: 95 % intervals of the mean.", 2)], self.legends())
        return page

    def rows(self, measure, point):
        """[(place on the axis, row)] of one point; the baseline stands in the rows of the others."""
        others = self.points[1:]
        for i, t in enumerate(self.generations):
            place = i + 0.7 * (self.points.index(point) - 0.5 * (len(self.points) - 1)) / len(self.points)
            found = [self.table.row[p, t, measure] for p in (others if point == self.table.baseline else [point])
                     if (p, t, measure) in self.table.row]
            if found:
                yield place, found[0]

    def values(self, ax, measure):
        """Medians and bands of all points side by side. Returns the axis."""
        shown = []
        for point in self.points:
            side = "a_" if point == self.table.baseline else "b_"
            shown += [(point, x, row[side + "q05"], row[side + "median"], row[side + "q95"])
                      for x, row in self.rows(measure, point)]
        scale = self.axes.Scale(lines=[m for _, _, _, m, _ in shown], bands=[v for s in shown for v in (s[2], s[4])],
                                choice=self.options.y, decades=self.axes.DECADES)
        for point, x, low, median, high in shown:
            look = self.looks[point]
            if low is not None and high is not None:
                ax.vlines(x, scale.edge(low), scale.edge(high), color=look.colour, alpha=0.35, linewidth=5, zorder=2)
                self.seen.add("band")
            self.mark(ax, x, median, scale, look, True)
        if not any(self.axes.is_finite(v) for s in shown for v in s[2:]):
            self.nothing(ax)
        scale.apply(ax)
        return scale

    def differences(self, ax, measure):
        """Differences to the baseline, with their intervals. Returns the axis."""
        shown = [(p, x, row) for p in self.points[1:] for x, row in self.rows(measure, p)]
        scale = self.axes.Scale(lines=[row["difference"] for _, _, row in shown], marks=(0.0,), choice="linear",
                                bands=[row[end] for _, _, row in shown for end in ("low", "high")])
        ax.axhline(0.0, color=self.style.INK, linewidth=0.9, zorder=1)
        for point, x, row in shown:
            look, paired = self.looks[point], row["paired"] == "1"
            if row["low"] is not None and row["high"] is not None:
                ax.vlines(x, scale.edge(row["low"]), scale.edge(row["high"]), color=look.colour, linewidth=1.6, zorder=3)
            self.mark(ax, x, row["difference"], scale, look, paired)
            self.seen.add("paired" if paired else "unpaired")
        if not any(self.axes.is_finite(row["difference"]) for _, _, row in shown):
            self.nothing(ax)
        scale.apply(ax)
        return scale

    def mark(self, ax, x, value, scale, look, filled):
        if value is None:
            return
        if not self.axes.is_finite(value):
            self.axes.infinite_starts(ax, [x], [value], look.colour, True, self.seen)
            return
        ax.plot([x], [scale.place(value)], linestyle="none", marker=look.marker or "o", markersize=look.size + 0.8,
                color=look.colour, markerfacecolor=look.colour if filled else "white",
                markeredgecolor="white" if filled else look.colour, markeredgewidth=0.5 if filled else 1.2, zorder=4)

    def nothing(self, ax):
        ax.text(0.5, 0.5, "not defined at these generations", transform=ax.transAxes, ha="center", va="bottom",
                color=self.style.GREY)

    def generation_axis(self, ax, last):
        ax.set_xlim(-0.5, len(self.generations) - 0.5)
        ax.set_xticks(range(len(self.generations)))
        ax.set_xticklabels(self.generations)
        ax.grid(False, axis="x")
        if last:
            ax.set_xlabel("generation (fit number)")

    def pairing(self, measure):
        """'paired over 200 replicates, correlation 0.42 to 0.99', and what is not paired."""
        rows = [row for p in self.points[1:] for _, row in self.rows(measure, p)]
        paired, words = [row for row in rows if row["paired"] == "1"], []
        if paired:
            counts = sorted({row["n"] for row in paired if row["n"] is not None})
            words.append("paired over %s replicates" % " to ".join("%d" % n for n in dict.fromkeys(counts[:1] + counts[-1:])))
            known = sorted(row["correlation"] for row in paired if row["correlation"] is not None)
            if known:
                ends = dict.fromkeys(("%.2f" % v).replace("-", "\u2212") for v in (known[0], known[-1]))
                words.append("correlation " + " to ".join(ends))
        if len(paired) < len(rows):
            words.append("open: not paired" if paired else "not paired: no random numbers in common")
        return ", ".join(words)

    def legends(self):
        from matplotlib.lines import Line2D
        points = [self.style.entry_of(self.looks[p], self.table.label(p) + (" (baseline)" if not i else ""))
                  for i, p in enumerate(self.points)]
        swept = [part.split("=", 1)[0] for part in self.table.settings[self.table.baseline].split(";") if part]
        grey = self.style.GREY
        marks = self.style.statistics_legend(self.seen & {"band", "infinite"}, grey)
        for kind, face, label in (("paired", grey, "paired difference, 95 % interval"),
                                  ("unpaired", "white", "difference, not paired, 95 % interval")):
            if kind in self.seen:
                marks.append(Line2D([], [], color=grey, linewidth=1.6, marker="o", markersize=6, markerfacecolor=face,
                                    markeredgecolor=grey, label=label))
        return [(", ".join(swept) or "points", points), (None, marks)]


def main(argv):
    options = arguments(argv)
    output = options.output or os.path.splitext(options.table)[0] + ".png"
    kind = ourocommand.output_format(output, given=True)
    ourocommand.load_style()
    table = Table(options.table)
    telling = [m for m in TELLING if m in table.measures] or table.measures
    measures = choose(options.measure, table.measures, "measure", table.path, MAX_PANELS) if options.measure \
        else telling[:DEFAULT_PANELS]
    generations = choose(options.generation, table.generations, "generation", table.path, MAX_GENERATIONS)
    points = choose(options.points, table.points, "point", table.path, ourocommand.MAX_POINTS - 1)
    Figure(table, measures, generations, points, options).draw().save(output, kind, "ouro compare: %s" % table.baseline)
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(ourocommand.run_script("compare.py", main))
