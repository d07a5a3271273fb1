#!/usr/bin/env python3
"""Draws what happened to each measure, generation by generation: one panel per measure, one colour per point.

  plots/trajectories.py out/one-fresh-point
  plots/trajectories.py out/one-fresh-point --measure variance_ratio --replicates 20 --output figure.pdf
  plots/trajectories.py out/scaling --over policy.synthetic.points --log-x --log-y

Median and 5-95 % band of the replicates, the mean dashed, the law (theory) dotted in black. DIR is a run
directory of `ouro run`; every number drawn is read from its CSV files. The path of the picture is printed on
stdout. Exit 0; 1 when the picture cannot be written, 2 when the request cannot be met, 3 without matplotlib.
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import ourocommand
import ouroplot
import ourowords
from ouroplot import Refusal

NUMBERS = ("variance_ratio", "drift_sq", "log_variance", "kl_truth_model", "w2", "kl_model_truth")
CATEGORIES = ("support", "entropy", "heterozygosity")
TEXTS = ("vocabulary_share", "distinct_2", "entropy_rate", "support")
CLASSES = ("test_accuracy", "accepted_1", "variance_ratio", "drift_sq")
REGRESSIONS = ("test_error", "weight_cosine", "norm_ratio", "noise_ratio")
FLAGS = ("flagged_share", "taint", "variance_ratio", "drift_sq")
# the first whose key is among the measures
TELLING = {"taint": FLAGS, "test_accuracy": CLASSES, "distinct_2": TEXTS, "test_error": REGRESSIONS, "support": CATEGORIES}
DEFAULT_PANELS = 4


def arguments(argv):
    parser = ourocommand.Parser(prog="trajectories.py", description=__doc__)
    parser.add_argument("--measure", nargs="+", action="append", metavar="M",
                        help="measures to draw, in this order (default: up to four of the most telling)")
    parser.add_argument("--replicates", type=ourocommand.positive, metavar="K",
                        help="also draw the first K replicates, thin, from trajectories.csv")
    parser.add_argument("--over", metavar="FIELD",
                        help="a swept field as the horizontal axis: one generation instead of all, one line for each setting "
                             "of the other fields")
    parser.add_argument("--generation", type=ourocommand.positive, metavar="T",
                        help="the generation that --over shows (default: the last one observed)")
    ourocommand.common_arguments(parser, "trajectories.png")
    return parser.parse_args(argv)


def tail_alpha(measure, prefix):
    """alpha of <prefix><alpha>, None for any other measure."""
    try:
        return float(measure[len(prefix):]) if measure.startswith(prefix) else None
    except ValueError:
        return None


def rarest_tail(present):
    """The rarest tail observed: what is alive of it where there are categories, else its mass. At most one."""
    for prefix in ("tail_alive_", "tail_ratio_"):
        tails = [m for m in present if tail_alpha(m, prefix) is not None]
        if tails:
            return [min(tails, key=lambda m: tail_alpha(m, prefix))]
    return []


def default_measures(run, points):
    """Up to four measures that have a value. Flagged data, texts, regressions and classes: as listed above. Categories: support, entropy,
    heterozygosity and the rarest tail observed. Numbers: as listed above, the rarest tail last. Neither: whatever comes first."""
    present = [m for m in run.measures
               if any((p, m) in run.series and run.series[p, m].defined() for p in points)]
    if not present:
        raise Refusal("no measure in %s has a defined mean or median" % run.file("summary.csv"))
    telling = next((TELLING[key] for key in TELLING if key in present), NUMBERS)
    chosen = [m for m in telling if m in present] + rarest_tail(present)
    return (chosen or present)[:DEFAULT_PANELS]


def asked_measures(run, groups):
    chosen = []
    for measure in (m for group in groups for m in group):
        ourocommand.require_measure(run, measure)
        if measure not in chosen:
            chosen.append(measure)
    return chosen


class Figure:
    """What is drawn and how: set once, then one panel after the other."""

    def __init__(self, run, measures, points, options):
        self.style = ourocommand.load_style()
        import ouroaxes
        self.axes = ouroaxes
        self.run, self.measures, self.points, self.options = run, measures, points, options
        self.looks = {p: self.style.Look(i, len(points), bars=not run.across) for i, p in enumerate(points)}
        self.paths, self.found = {}, 0
        if options.replicates:
            self.paths, self.found = ouroplot.read_paths(run, points, measures, options.replicates)
        self.seen = set()  # kinds of marks drawn, for the legend
        self.scales = {}  # measure -> its value axis

    def draw(self):
        """The whole figure, laid out; returns the page."""
        count = len(self.measures)
        columns = 1 if count == 1 else 2 if count in (2, 4) else 3
        page = self.page = self.style.Page(count, columns, (5.2, 3.3) if count == 1 else (3.5, 2.35))
        for i, (ax, measure) in enumerate(zip(page.axes, self.measures)):
            shown = self.series(measure)
            self.panel(ax, measure, shown)
            ax.set_ylabel(self.style.plain(page.cut(self.value_label(measure), page.panel[1])))
            if i + columns >= count:
                ax.set_xlabel(self.run.across[0] if self.run.across else "generation (fit number)")
            named = [(ourowords.point_title(self.run, p, short=True), s) for p, s in shown]
            page.caption(i, measure, [(self.run.columns.get(measure, ("", ""))[1], 2),
                                      (ourowords.law_words(named, self.run.across[0].split(".")[-1] if self.run.across else "t"), 3),
                                      (ourowords.cut_words(self.scales[measure].cut), 1)])
        every = [s for measure in self.measures for _, s in self.series(measure)]
        page.finish(self.title(), ourowords.heading(self.run, self.points, every), self.legends())
        return page

    def series(self, measure):
        return [(p, self.run.series[p, measure]) for p in self.points if (p, measure) in self.run.series]

    def panel(self, ax, measure, shown):
        """One measure: all points, the truth, and the axes."""
        axes, log_x = self.axes, self.options.log_x
        truths = {p: self.run.truth[p, measure] for p, _ in shown if (p, measure) in self.run.truth}
        paths = {p: self.paths.get((p, measure), []) for p, _ in shown}
        scale = self.scales[measure] = axes.Scale(
            lines=[v for _, s in shown for v in s.median + s.mean + s.theory],
            bands=[v for _, s in shown for v in s.q05 + s.q95], marks=truths.values(), choice=self.options.y,
            decades=axes.TAIL_DECADES if measure.startswith("tail_") else axes.DECADES,
            paths=[v for p in paths for _, values in paths[p] for v in values])
        for p, series in shown:
            axes.draw_paths(ax, paths[p], scale, self.looks[p])
            axes.draw_series(ax, series, scale, self.looks[p], log_x, self.seen)
        common = len(set(truths.values())) == 1
        for p, value in list(truths.items())[:1] if common else truths.items():
            colour = self.style.INK if common else self.looks[p].colour
            axes.draw_truth(ax, value, scale, colour, log_x, common, self.seen)
        if any(paths.values()):
            self.seen.add("paths")
        if not any(s.defined() for _, s in shown):
            ax.text(0.5, 0.5, "not defined at any generation", transform=ax.transAxes, ha="center",
                    color=self.style.GREY)
        generations = [t for _, s in shown for t in s.generation]
        axes.generation_axis(ax, generations, log_x)
        scale.apply(ax)

    def value_label(self, measure):
        """The unit (without a manifest: the name) and what kind of axis it is."""
        scale = self.scales[measure]
        unit = self.run.columns[measure][0] if measure in self.run.columns else measure
        unit = "dimensionless" if unit in ("", "1") else unit
        return unit + (" (log scale)" if scale.log else " (linear: not all > 0)" if scale.refused_log else "")

    def title(self):
        point = ourowords.point_title(self.run, self.points[0]) if len(self.points) == 1 else ""
        return self.run.name + (": " + point if point else "")

    def legends(self):
        many = len(self.points) > 1
        points = [self.style.entry_of(self.looks[p], ourowords.point_label(self.run, p)) for p in self.points]
        colour = self.style.GREY if many else self.looks[self.points[0]].colour
        marks = self.style.statistics_legend(self.seen, colour, paths=self.found, log_x=self.options.log_x,
                                             bars=any(look.bar for look in self.looks.values()), each=many)
        return [(", ".join(self.run.swept) or "points", points if many else []), (None, marks)]


def read_run(options):
    """The run as it is drawn: over generations, or over a swept field."""
    run = ouroplot.read_run(options.dir)
    if not options.over:
        if options.generation:
            raise Refusal("--generation %d goes with --over FIELD" % options.generation)
        return run
    if options.replicates:
        raise Refusal("--replicates draws over generations: it does not go with --over")
    return ouroplot.across(run, options.over, options.generation)


def main(argv):
    options = arguments(argv)
    output = options.output or os.path.join(options.dir, "trajectories.png")
    kind = ourocommand.output_format(output, given=bool(options.output))
    ourocommand.load_style()
    run = read_run(options)
    points = ourocommand.choose_points(run, options.points)
    measures = asked_measures(run, options.measure) if options.measure else default_measures(run, points)
    Figure(run, measures, points, options).draw().save(output, kind, "%s: trajectories" % run.name)
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(ourocommand.run_script("trajectories.py", main))
