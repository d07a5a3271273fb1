#!/usr/bin/env python3
"""Draws what a loop believes about itself against what is true: its score on its own rows, and on real ones.

  plots/scores.py out/gaussian-scores
  plots/scores.py out/gaussian-scores --own --log-x --output scores.pdf

One panel per point, one colour per score (mean negative log likelihood: lower is better): real points, the rows
that the model was fitted on, and with --own the model's own fresh samples, which stand in where the run has no
score on the rows. Median and 5-95 % band of the replicates, the mean dashed, the law dotted; the axis follows
the medians, since the mean of a score on real points belongs to the few replicates that collapsed most. The
diamond is the truth's entropy, which no model beats on real points. DIR is a run directory of `ouro run`; every
number drawn is read from its CSV files. The path of the picture is printed on stdout. Exit 0; 1 when it cannot be
written, 2 when the request cannot be met, 3 without matplotlib.
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import ourocommand
import ouroplot
import ourowords
from ouroplot import Refusal

REAL, SELF, OWN = "nll_real", "nll_self", "nll_own"
LABELS = {REAL: "real points (nll_real)", SELF: "the rows of its fit (nll_self)", OWN: "its own samples (nll_own)"}
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4}
PANEL = {1: (5.2, 3.3), 2: (3.4, 2.4), 3: (3.3, 2.4), 4: (2.7, 2.1)}  # inches, by number of columns


def arguments(argv):
    parser = ourocommand.Parser(prog="scores.py", description=__doc__)
    ourocommand.common_arguments(parser, "scores.png")
    parser.add_argument("--own", action="store_true", help="also draw the score on the model's own fresh samples")
    return parser.parse_args(argv)


def choose_scores(run, own):
    """The scores to draw, real points first: what is real, and at least one that the loop gives itself."""
    loop = [SELF, OWN] if own else [SELF] if SELF in run.measures else [OWN]
    chosen = [m for m in [REAL] + loop if m in run.measures]
    if REAL not in chosen or len(chosen) < 2:
        raise Refusal("%s has no measures %s and %s or %s (observe.measures needs \"scores\"); it has %s"
                      % (run.file("summary.csv"), REAL, SELF, OWN, ouroplot.listing(run.measures)))
    return chosen


class Figure:
    """What is drawn and how: set once, then one panel after the other."""

    def __init__(self, run, scores, points, options):
        self.style = ourocommand.load_style()
        import ouroaxes
        self.axes = ouroaxes
        self.run, self.scores, self.options = run, scores, options
        self.points = [p for p in points if self.series(p)]
        self.looks = {m: self.style.Look(i, len(scores), bars=False) for i, m in enumerate(scores)}
        self.seen = set()  # kinds of marks drawn, for the legend
        every = self.every()
        self.scale = self.axes.Scale(  # one for all panels, to be compared by eye
            lines=[v for s in every for v in s.median], bands=[v for s in every for v in s.q05 + s.q95 + s.mean],
            marks=[self.run.truth[p, REAL] for p in self.points if (p, REAL) in self.run.truth], choice=options.y)

    def series(self, point):
        return [(m, self.run.series[point, m]) for m in self.scores if (point, m) in self.run.series]

    def every(self):
        return [s for p in self.points for _, s in self.series(p)]

    def draw(self):
        """The whole figure, laid out; returns the page."""
        run, count = self.run, len(self.points)
        columns = COLUMNS[count]
        page = self.page = self.style.Page(count, columns, PANEL[columns])
        words = " (log scale)" if self.scale.log else " (linear: not all > 0)" if self.scale.refused_log else ""
        for i, (ax, point) in enumerate(zip(page.axes, self.points)):
            self.panel(ax, point)
            if i % columns:
                ax.tick_params(labelleft=False)
            else:
                ax.set_ylabel("nats per point" + words)
            if i + columns >= count:
                ax.set_xlabel("generation (fit number)")
            page.caption(i, ourowords.point_title(run, point, short=True) or "negative log likelihood",
                         [(ourowords.law_words(self.series(point)), 3), (ourowords.cut_words(self.scale.cut), 2)])
        page.finish("%s: what the loop believes, and what is true" % run.name,
                    ourowords.heading(run, self.points, self.every()), self.legends())
        return page

    def panel(self, ax, point):
        """Every score of one point, over the entropy of the truth."""
        shown, log_x = self.series(point), self.options.log_x
        for measure, series in shown:
            self.axes.draw_series(ax, series, self.scale, self.looks[measure], log_x, self.seen)
        if (point, REAL) in self.run.truth:
            self.axes.draw_truth(ax, self.run.truth[point, REAL], self.scale, self.style.INK, log_x, True, self.seen)
        self.axes.generation_axis(ax, [t for _, s in shown for t in s.generation], log_x)
        self.scale.apply(ax)

    def legends(self):
        entries = [self.style.entry_of(self.looks[m], LABELS[m]) for m in self.scores]
        return [("the model judged by", entries),
                (None, self.style.statistics_legend(self.seen, self.style.GREY, log_x=self.options.log_x))]


def main(argv):
    options = arguments(argv)
    output = options.output or os.path.join(options.dir, "scores.png")
    kind = ourocommand.output_format(output, given=bool(options.output))
    ourocommand.load_style()
    run = ouroplot.read_run(options.dir)
    points = ourocommand.choose_points(run, options.points)
    Figure(run, choose_scores(run, options.own), points, options).draw().save(output, kind, "%s: scores" % run.name)
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(ourocommand.run_script("scores.py", main))
