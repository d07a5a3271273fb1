#!/usr/bin/env python3
"""Draws the tail dying: the model's mass on the truth's rarest alpha, over alpha, for each alpha observed.

  plots/tails.py out/one-fresh-point
  plots/tails.py out/one-fresh-point --points 0 2 --output tails.pdf

One panel per point, one colour per alpha: median and 5-95 % band of the replicates, the mean dashed, the law
dotted. 1 is the truth: all of the tail is kept; 0: it is gone. The mean can rise while the median dies,
because in a few replicates the whole model has moved into the tail. Only two-sided tails are drawn where
there are any. DIR is a run directory of `ouro run`; every number drawn is read from its CSV files. The path
of the picture is printed on stdout. Exit 0; 1 when it cannot be written, 2 when the request cannot be met, 3
without matplotlib.
"""

import os
import re
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import ourocommand
import ouroplot
import ourowords
from ouroplot import Refusal

# what of the tail is drawn -> prefix of its measures, value axis, heading of the legend
KINDS = {
    "mass": ("tail_ratio_", "tail mass: model / truth", "mass of the model on the truth's"),
    "alive": ("tail_alive_", "share of the tail's categories alive", "still alive among the truth's"),
}
MAX_TAILS = 8
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4}
PANEL = {1: (5.2, 3.3), 2: (3.4, 2.4), 3: (3.3, 2.4), 4: (2.7, 2.1)}  # inches, by number of columns


def arguments(argv):
    parser = ourocommand.Parser(prog="tails.py", description=__doc__)
    ourocommand.common_arguments(parser, "tails.png")
    parser.add_argument("--of", choices=sorted(KINDS), help="draw the tail's mass, or how many of its categories "
                        "are alive (default: alive where the run has it, since their mass lives on in fewer of them)")
    return parser.parse_args(argv)


def tail_of(measure, prefix):
    """(alpha, side) of <prefix><alpha>, side ''; of a one-sided tail with words beside alpha, side is those
    words; None for any other measure."""
    if not measure.startswith(prefix):
        return None
    parts = measure[len(prefix):].split("_")
    numbers = [p for p in parts if re.fullmatch(r"[0-9]*\.?[0-9]+(e-?[0-9]+)?", p)]
    if len(numbers) != 1:
        return None
    return float(numbers[0]), " ".join(p for p in parts if p != numbers[0])


def choose_kind(run, asked):
    return asked or ("alive" if any(m.startswith(KINDS["alive"][0]) for m in run.measures) else "mass")


def choose_tails(run, kind):
    """The tails to draw, common ones first: [(measure, alpha, side)]."""
    prefix = KINDS[kind][0]
    tails = [(m,) + tail_of(m, prefix) for m in run.measures if tail_of(m, prefix)]
    if not tails:
        raise Refusal("%s has no measure %s<alpha> (observe.measures needs \"tails\"); it has %s"
                      % (run.file("summary.csv"), prefix, ouroplot.listing(run.measures)))
    two_sided = [tail for tail in tails if tail[2] == ""]
    return sorted(two_sided or tails, key=lambda tail: (-tail[1], tail[2]))[:MAX_TAILS]


class Figure:
    """What is drawn and how: set once, then one panel after the other."""

    def __init__(self, run, tails, kind, points, options):
        self.kind = kind
        self.style = ourocommand.load_style()
        import ouroaxes
        self.axes = ouroaxes
        self.run, self.tails, self.options = run, tails, options
        self.points = [p for p in points if self.series(p)]
        if not self.points:
            raise Refusal("no tail ratio was observed at the points asked for")
        self.looks = {m: self.style.Look(i, len(tails), bars=False) for i, (m, _, _) in enumerate(tails)}
        self.seen = set()  # kinds of marks drawn, for the legend
        every = self.every()
        self.scale = self.axes.Scale(  # one for all panels, to be compared by eye
            lines=[v for s in every for v in s.median + s.mean + s.theory],
            bands=[v for s in every for v in s.q05 + s.q95], marks=(0.0, 1.0), choice=options.y,
            decades=self.axes.TAIL_DECADES)

    def series(self, point):
        return [(m, self.run.series[point, m]) for m, _, _ in self.tails if (point, m) in self.run.series]

    def every(self):
        return [s for p in self.points for _, s in self.series(p)]

    def draw(self):
        """The whole figure, laid out; returns the page."""
        run, count = self.run, len(self.points)
        columns = COLUMNS[count]
        page = self.page = self.style.Page(count, columns, PANEL[columns])
        alphas = {m: "\u03b1 = %g %s" % (alpha, side) for m, alpha, side in self.tails}
        for i, (ax, point) in enumerate(zip(page.axes, self.points)):
            self.panel(ax, point)
            if i % columns:
                ax.tick_params(labelleft=False)
            else:
                ax.set_ylabel(KINDS[self.kind][1] + (" (log scale)" if self.scale.log else ""))
            if i + columns >= count:
                ax.set_xlabel("generation (fit number)")
            named = [(alphas[m].strip(), s) for m, s in self.series(point)]
            page.caption(i, self.point_title(point) or "tail " + self.kind,
                         [(ourowords.law_words(named), 3), (ourowords.cut_words(self.scale.cut), 2)])
        page.finish("%s: what is left of the tail" % run.name,
                    ourowords.heading(run, self.points, self.every()), self.legends())
        return page

    def point_title(self, point):
        """The swept paths in full where there is room for them, else their last words."""
        title = ourowords.point_title(self.run, point)
        if self.page.width_of(title, self.page.TITLE, "bold") <= self.page.panel[0]:
            return title
        return ourowords.point_title(self.run, point, short=True)

    def panel(self, ax, point):
        """Every tail of one point, over the line of the truth."""
        shown, log_x = self.series(point), self.options.log_x
        for measure, series in shown:
            self.axes.draw_series(ax, series, self.scale, self.looks[measure], log_x, self.seen)
        for value in {self.run.truth[point, m]: 0 for m, _ in shown if (point, m) in self.run.truth}:
            self.axes.draw_truth(ax, value, self.scale, self.style.INK, log_x, False, self.seen)
        ax.axhline(1.0, color=self.style.INK, linewidth=0.9, zorder=2.5)
        ax.annotate("truth", (1, 1), xycoords=ax.get_yaxis_transform(), xytext=(3, 0), va="center",
                    textcoords="offset points", fontsize=7.5, annotation_clip=False)
        self.axes.generation_axis(ax, [t for _, s in shown for t in s.generation], log_x)
        self.scale.apply(ax)

    def legends(self):
        entries = [self.style.entry_of(self.looks[m], "rarest %g %%%s (\u03b1 = %g)"
                                       % (100 * alpha, side and " " + side, alpha))
                   for m, alpha, side in self.tails]
        colour = self.style.GREY if len(self.tails) > 1 else self.looks[self.tails[0][0]].colour
        marks = self.style.statistics_legend(self.seen, colour, log_x=self.options.log_x)
        return [(KINDS[self.kind][2], entries), (None, marks)]


def main(argv):
    options = arguments(argv)
    output = options.output or os.path.join(options.dir, "tails.png")
    kind = ourocommand.output_format(output, given=bool(options.output))
    ourocommand.load_style()
    run = ouroplot.read_run(options.dir)
    points = ourocommand.choose_points(run, options.points)
    of = choose_kind(run, options.of)
    Figure(run, choose_tails(run, of), of, points, options).draw().save(output, kind, "%s: tails" % run.name)
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(ourocommand.run_script("tails.py", main))
