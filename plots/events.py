#!/usr/bin/env python3
"""Draws how long the replicates last: one panel per event, one colour per point, the share still without it.

  plots/events.py out/half-life
  plots/events.py out/half-life --event variance-half-life absorption --log-x --output figure.pdf

Product-limit (Kaplan-Meier) estimate and its 95 % band; the median is marked with its interval where it is
reached. Below each panel stands how many replicates are still at risk. DIR is a run directory of `ouro run`;
every number drawn is read from its events.csv and survival.csv. The path of the picture is printed on stdout.
Exit 0; 1 when the picture cannot be written, 2 when the request cannot be met, 3 without matplotlib.
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import ourocommand
import ouroplot
import ourowords
from ouroplot import Refusal

MOST_PANELS, MOST_COUNTED = 6, 4  # counts at risk of more points would be a table, not a picture
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3}
EVENTS = ("event", "measure", "comparison", "threshold", "relative_to", "resolution")
NUMBERS = ("last", "n", "events", "median", "median_lower", "median_upper")
STEPS = ("generation", "at_risk", "events", "survival", "lower", "upper")
ABSENT = " (a run with observe.events = [] does not write it)"


class Curve:
    """One event at one point: its row of events.csv as attributes, and the jumps as lists."""

    def __init__(self, words, numbers):
        for name, value in list(zip(EVENTS, words)) + list(zip(NUMBERS, numbers)):
            setattr(self, name, value)
        self.steps = {name: [] for name in STEPS}

    def at_risk(self, t):
        """Replicates without the event just before generation t, and not censored before."""
        for when, count in zip(self.steps["generation"], self.steps["at_risk"]):
            if when >= t:
                return count
        left = self.n - self.events
        return left if t <= self.last else 0


def read_curves(run):
    """{(point, event): Curve}, and the events in order of appearance."""
    path, curves, events = run.file("events.csv"), {}, []
    table = ouroplot.rows(run, "events.csv", ("point",) + EVENTS + NUMBERS, ABSENT)
    header = next(table)
    for line, fields in table:
        row = dict(zip(header, fields))
        numbers = [ouroplot.number(row[c], path, line, c) for c in NUMBERS]
        curves[row["point"], row["event"]] = Curve([row[c] for c in EVENTS], numbers)
        if row["event"] not in events:
            events.append(row["event"])
    path = run.file("survival.csv")
    table = ouroplot.rows(run, "survival.csv", ("point", "event") + STEPS, ABSENT)
    header = next(table)
    for line, fields in table:
        row = dict(zip(header, fields))
        curve = curves.get((row["point"], row["event"]))
        if curve is None:
            raise Refusal("%s:%d: event %s of point %s is not in events.csv" % (path, line, row["event"], row["point"]))
        for c in STEPS:
            curve.steps[c].append(ouroplot.number(row[c], path, line, c))
    if not curves:
        raise Refusal("%s has a header but no rows" % run.file("events.csv"))
    return curves, events


def arguments(argv):
    parser = ourocommand.Parser(prog="events.py", description=__doc__)
    parser.add_argument("--event", nargs="+", metavar="E",
                        help="events to draw, in this order (default: up to six that were seen)")
    ourocommand.common_arguments(parser, "events.png")
    return parser.parse_args(argv)


def choose_events(run, curves, events, points, asked):
    for name in asked or ():
        if name not in events:
            raise Refusal("%s has no event %s%s it has %s" % (run.file("events.csv"), name,
                          ouroplot.nearest(name, events), ouroplot.listing(events)))
    here = [e for e in events if any((p, e) in curves for p in points)]
    seen = [e for e in here if any((p, e) in curves and curves[p, e].events for p in points)]
    chosen = list(dict.fromkeys(asked)) if asked else seen or here
    return chosen[:MOST_PANELS]


class Figure:
    """What is drawn and how: set once, then one panel after the other."""

    def __init__(self, run, curves, events, points, options):
        self.style = ourocommand.load_style()
        import ouroaxes
        self.axes = ouroaxes
        self.run, self.curves, self.events, self.points, self.options = run, curves, events, points, options
        self.looks = {p: self.style.Look(i, len(points), bars=False) for i, p in enumerate(points)}
        self.counted = points if len(points) <= MOST_COUNTED else []
        self.medians = 0

    def draw(self):
        """The whole figure, laid out; returns the page."""
        count = len(self.events)
        columns = COLUMNS[count]
        page = self.page = self.style.Page(count, columns, (5.2, 3.3) if count == 1 else (3.4, 2.2))
        for i, (ax, event) in enumerate(zip(page.axes, self.events)):
            shown = [(p, self.curves[p, event]) for p in self.points if (p, event) in self.curves]
            self.panel(ax, shown)
            if i % columns == 0:
                ax.set_ylabel("share without the event")
            if i + columns >= count:
                ax.set_xlabel("generation (fit number)", labelpad=4 + 9 * len(self.counted))
            page.caption(i, event, [(self.condition([c for _, c in shown]), 2)])
        page.finish("%s: first passages" % self.run.name, self.heading(), self.legends())
        return page

    def panel(self, ax, shown):
        """One event: curve, band and median of every point, counts at risk below."""
        steps = [c.steps for _, c in shown]
        scale = self.axes.Scale(lines=[1.0] + [v for s in steps for v in s["survival"]],
                                bands=[v for s in steps for v in s["lower"] + s["upper"]],
                                marks=() if self.options.y == "log" else (0.0,), choice=self.options.y or "linear")
        self.axes.generation_axis(ax, [t for _, c in shown for t in [1.0, c.last] + c.steps["generation"]],
                                  self.options.log_x)
        for p, curve in shown:
            self.curve(ax, curve, scale, self.looks[p])
        ax.axhline(0.5, color="#8a8a8a", linewidth=0.7, linestyle=(0, (2, 2)), zorder=0.8)
        scale.apply(ax)
        self.counts(ax, dict(shown))

    def curve(self, ax, curve, scale, look):
        start = ax.get_xlim()[0] if self.options.log_x else 0.0
        ts = [start] + curve.steps["generation"] + [curve.last]

        def stairs(name, start=1.0):
            values = [start] + curve.steps[name]
            return [scale.place(v) for v in values + values[-1:]]

        ax.fill_between(ts, stairs("lower"), stairs("upper"), step="post", color=look.colour, alpha=look.band,
                        linewidth=0, zorder=1)
        ax.plot(ts, stairs("survival"), drawstyle="steps-post", color=look.colour, linewidth=1.7, zorder=4)
        if curve.median is not None:
            self.medians += 1
            upper = curve.last if curve.median_upper is None else curve.median_upper
            ax.plot([curve.median_lower, upper], [0.5, 0.5], color=look.colour, linewidth=3, alpha=0.5, zorder=5)
            ax.plot([curve.median], [0.5], marker=look.marker or "o", markersize=look.size + 1, color=look.colour,
                    markeredgecolor="white", markeredgewidth=0.6, linestyle="none", zorder=6)

    def counts(self, ax, curves):
        """How many are at risk, a line of numbers per point under ticks that leave room for them."""
        lo, hi = ax.get_xlim()
        ticks = [t for t in ax.get_xticks() if lo <= t <= hi and (t > 0 or not self.options.log_x)]
        ticks = ticks[:: -(-len(ticks) // 6)]
        small = {"fontsize": 7, "annotation_clip": False, "va": "top", "textcoords": "offset points"}
        for row, p in enumerate(self.counted):
            y, colour = -18 - 9 * row, self.looks[p].colour
            if row == 0:
                ax.annotate("at risk", (0, 0), xycoords="axes fraction", xytext=(-18, y), ha="right",
                            color=self.style.GREY, **small)
            for t in ticks if p in curves else []:
                ax.annotate("%d" % curves[p].at_risk(t), (t, 0), xycoords=ax.get_xaxis_transform(), xytext=(0, y),
                            ha="center", color=colour, **small)

    def condition(self, curves):
        """'variance_ratio below 0.5; seen in 187 of 200', with ranges over points."""
        def span(values):
            values = sorted({v for v in values})
            return "%g" % values[0] if len(values) == 1 else "%g to %g" % (values[0], values[-1])

        first = curves[0]
        thresholds = [ouroplot.number(c.threshold, "events.csv", 0, "threshold") for c in curves]
        words = "%s %s %s" % (first.measure, first.comparison, span(thresholds))
        words += {"first": " times that of t = 1", "truth": ", the truth's own"}.get(first.relative_to, "")
        words += "; seen in %s of %s" % (span([c.events for c in curves]), span([c.n for c in curves]))
        if any(c.resolution == "observed" for c in curves):
            words += "; looked for where rows are written"
        return words

    def heading(self):
        curves = [self.curves[p, e] for p in self.points for e in self.events if (p, e) in self.curves]
        counts = sorted({c.n for c in curves})
        facts = "%s replicates%s; band: 95 %% interval of the survival estimate at each generation" % (
            " to ".join("%g" % n for n in dict.fromkeys((counts[0], counts[-1]))),
            " per point" if len(self.run.points) > 1 else "")
        few = ""
        if len(self.points) < len(self.run.points):
            few = ("%d of %d points shown: number %s (choose with --points)"
                   % (len(self.points), len(self.run.points), ", ".join(self.points)))
        return [(self.run.description, 2), (facts, 2), (few, 2)]

    def legends(self):
        many, line = len(self.points) > 1, self.style.Line2D
        points = [self.style.entry_of(self.looks[p], ourowords.point_label(self.run, p)) for p in self.points]
        colour = self.style.GREY if many else self.looks[self.points[0]].colour
        marks = [line([], [], color=colour, linewidth=1.7, label="share without the event (Kaplan\u2013Meier)"),
                 self.style.Patch(facecolor=colour, alpha=0.22, label="95 % interval")]
        if self.medians:
            marks.append(line([], [], color=colour, linewidth=1, marker="o", markersize=6, markeredgecolor="white",
                              label="median and its 95 % interval"))
        return [(", ".join(self.run.swept) or "points", points if many else []), (None, marks)]


def main(argv):
    options = arguments(argv)
    output = options.output or os.path.join(options.dir, "events.png")
    kind = ourocommand.output_format(output, given=bool(options.output))
    ourocommand.load_style()
    run = ouroplot.read_run(options.dir)
    points = ourocommand.choose_points(run, options.points)
    curves, events = read_curves(run)
    events = choose_events(run, curves, events, points, options.event)
    points = [p for p in points if any((p, e) in curves for e in events)]
    Figure(run, curves, events, points, options).draw().save(output, kind, "%s: first passages" % run.name)
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(ourocommand.run_script("events.py", main))
