"""What goes inside one panel: the value axis, and the lines of one point.

The value axis copes with what collapse produces. On a log axis zero has no place, and a dying tail reaches
values that no eye can use: both are drawn on a shelf at the foot of the axis, labelled `0` or `< 10^-6`.
Infinite values are marked by a triangle at the edge where the line leaves the panel. On a linear axis a band
so wide that the lines would be flat is cut, and the caption says where it goes.
"""

import math

from matplotlib import patheffects, ticker

TAIL_DECADES = 4  # a ten-thousandth of a tail is as good as gone: more decades would only hide the rest
DECADES = 24  # the law of a collapsing variance is straight on a log axis: let it run
WIDE = 1000.0  # values spanning more than this are drawn on a log axis unless told otherwise
HUGE = 1e300  # drawn as infinite, so that margins cannot overflow
BAND_ROOM, BAND_KEPT = 2.2, 1.5  # a band more than ROOM heights of the lines beyond them is cut at KEPT

NAN = float("nan")


def is_finite(v):
    return v is not None and -HUGE <= v <= HUGE


class Scale:
    """One value axis: linear or logarithmic, its limits, and where each value is drawn.

    lines: values of medians, means and laws; bands: values of the band edges; marks: single values (t = 0, a
    reference line); paths: values of single replicates. choice: 'log', 'linear', or None for log when the
    lines span more than WIDE."""

    def __init__(self, lines, bands, marks=(), choice=None, decades=DECADES, paths=()):
        drawn = [v for v in list(lines) + list(marks) if is_finite(v)]
        edges = [v for v in bands if is_finite(v)]
        paths = [v for v in paths if is_finite(v)]
        negative = any(v is not None and v < 0 for part in (lines, bands, marks, paths) for v in part)
        positive = [v for v in drawn if v > 0]
        span = max(positive) / min(positive) if positive else 0
        self.log = bool(positive) and not negative and (choice == "log" or (choice is None and span > WIDE))
        self.refused_log = choice == "log" and not self.log and bool(drawn)  # negative, or nothing above zero
        self.shelf = self.shelf_label = None
        self.cut = []  # where a band that does not fit goes: values
        if self.log:
            self.fit_log(drawn, edges, decades, paths)
        else:
            self.fit_linear(drawn, edges + paths)

    def fit_linear(self, drawn, edges):
        low, high = (min(drawn), max(drawn)) if drawn else (0.0, 0.0)
        if 0 <= low < 0.4 * high:
            low = 0.0  # a ratio is read against zero
        lo, hi = min(edges + [low]), max(edges + [high])
        height = high - low
        if height > 0 and hi > high + BAND_ROOM * height:
            self.cut.append(hi)
            hi = high + BAND_KEPT * height
        if height > 0 and lo < low - BAND_ROOM * height:
            self.cut.append(lo)
            lo = low - BAND_KEPT * height
        if lo == hi:
            lo, hi = (lo - 0.5 * abs(lo), hi + 0.5 * abs(hi)) if lo else (-0.5, 0.5)
        pad = 0.05 * (hi - lo)
        self.lo, self.hi = lo - pad, hi + pad

    def fit_log(self, drawn, edges, decades, paths):
        """The foot of the axis is the least positive line value, or a band edge at most three decades below
        it, but never more than `decades` below the highest line. What is lower stands on the shelf."""
        positive = [v for v in drawn if v > 0]
        top = math.log10(max(positive + edges + paths))
        line = math.log10(min(positive))
        near = [math.log10(v) for v in edges if v > 0 and math.log10(v) >= line - 3]
        foot = max(min([line] + near), math.log10(max(positive)) - decades, -300.0)
        below = [v for v in drawn + edges + paths if v == 0 or math.log10(v) < foot - 1e-9]
        if below:
            foot = float(math.floor(foot + 1e-9))
        top = max(top, foot + 0.3)
        pad = 0.04 * (top - foot)
        self.foot, self.top = foot, top
        low = foot - pad
        if below:
            self.shelf = 10.0 ** max(foot - 3 * pad, -305.0)
            self.shelf_label = "0" if not any(below) else "< " + power(foot, near_one(foot, top))
            low = foot - 4 * pad
        self.lo, self.hi = 10.0 ** max(low, -306.0), 10.0 ** min(top + pad, 305.0)

    def place(self, v):
        """Where a line passes for value v: NaN (a gap) for undefined and infinite values."""
        if not is_finite(v):
            return NAN
        if self.log and v < 10.0 ** self.foot * (1 - 1e-9):
            return self.shelf if self.shelf is not None else NAN
        return v

    def edge(self, v):
        """Where the edge of a band passes: an infinite edge is the edge of the panel."""
        if v is None:
            return NAN
        return self.hi if v > HUGE else self.lo if v < -HUGE else self.place(v)

    def clamp(self, v):
        """As edge, but never outside the panel: for what is drawn without clipping."""
        return min(max(self.edge(v), self.lo), self.hi)

    def apply(self, ax):
        if self.log:
            ax.set_yscale("log")
            major, minor = log_ticks(self.foot, self.top)
            set_ticks(ax.yaxis, major, minor, shelf=(self.shelf, self.shelf_label))
            if self.shelf is not None:
                gap = math.sqrt(self.shelf * 10.0 ** self.foot)
                ax.axhline(gap, color="#aaaaaa", linewidth=0.6, linestyle=(0, (2, 2)), zorder=0.5)
        else:
            ax.yaxis.set_major_locator(ticker.MaxNLocator(6, steps=(1, 2, 2.5, 5, 10)))
            ax.ticklabel_format(axis="y", style="sci", scilimits=(-4, 5), useMathText=True)
        ax.set_ylim(self.lo, self.hi)


# ------------------------------------------------------------------------------------------------ ticks


def power(exponent, plain=False):
    """The label of 10^exponent, as a decimal if `plain` or 1."""
    exponent = int(round(exponent))
    return "%g" % 10.0 ** exponent if plain or exponent == 0 else r"$10^{%d}$" % exponent


def near_one(lo, hi):
    """Whether the decades from 10^lo to 10^hi read better as decimals."""
    return lo >= -4.1 and hi < 5


def log_ticks(lo, hi):
    """Major [(value, label)] and minor [value] ticks of a log axis between 10^lo and 10^hi: decades, every
    few decades when there are many, 1-2-5 steps when there are few, plain steps within a decade."""
    first, last = math.ceil(lo - 1e-9), math.floor(hi + 1e-9)
    decades = range(first, last + 1)
    minor = [m * 10.0 ** e for e in range(first - 1, last + 1) for m in range(2, 10)]
    minor = [v for v in minor if lo - 1e-9 <= math.log10(v) <= hi + 1e-9]
    if len(decades) >= 3:
        step = math.ceil(len(decades) / 7)
        major = [(10.0 ** e, power(e, near_one(lo, hi))) for e in decades if e % step == 0]
        return major, minor if step == 1 else [10.0 ** e for e in decades]
    steps = [m * 10.0 ** e for e in range(first - 1, last + 1) for m in (1, 2, 5)]
    steps = [v for v in steps if lo - 1e-9 <= math.log10(v) <= hi + 1e-9]
    if len(steps) < 3:
        steps = [v for v in ticker.MaxNLocator(5).tick_values(10.0 ** lo, 10.0 ** hi)
                 if v > 0 and lo <= math.log10(v) <= hi]
        return [(v, "%.6g" % v) for v in steps], []
    return [(v, "%g" % v) for v in steps], minor


def set_ticks(axis, major, minor, shelf=(None, None)):
    if shelf[0] is not None:
        major = [(shelf[0], shelf[1])] + major
    axis.set_major_locator(ticker.FixedLocator([v for v, _ in major]))
    axis.set_major_formatter(ticker.FixedFormatter([label for _, label in major]))
    axis.set_minor_locator(ticker.FixedLocator(minor))
    axis.set_minor_formatter(ticker.NullFormatter())


def generation_axis(ax, generations, log):
    """Limits and ticks of the generation axis; t = 0, the truth, is on a linear axis only."""
    last = max(generations)
    if log:
        ax.set_xscale("log")
        first = min([t for t in generations if t > 0], default=1.0)
        lo, hi = math.log10(first), math.log10(max(last, 2.0 * first))
        pad = 0.03 * (hi - lo)
        major, minor = log_ticks(lo, hi)
        set_ticks(ax.xaxis, major, minor)
        ax.set_xlim(10.0 ** (lo - pad), 10.0 ** (hi + pad))
    else:
        ax.xaxis.set_major_locator(ticker.MaxNLocator(6, integer=True, steps=(1, 2, 2.5, 5, 10)))
        ax.set_xlim(-0.03 * max(last, 1.0), 1.03 * max(last, 1.0))


# ------------------------------------------------------------------------------------------------ lines


def marker_places(generations, count, shift, log):
    """Indices of about `count` generations spread evenly along the axis; `shift` in [0, 1) staggers the
    points of a sweep, so that markers of lines that run together do not hide each other."""
    if len(generations) <= count:
        return list(range(len(generations)))
    lo, hi = generations[0], generations[-1]
    log = log and lo > 0
    places = set()
    for i in range(count):
        u = (i + 0.15 + 0.8 * shift) / count
        target = lo * (hi / lo) ** u if log else lo + u * (hi - lo)
        places.add(min(range(len(generations)), key=lambda k: abs(generations[k] - target)))
    return sorted(places)


def infinite_starts(ax, generations, values, colour, filled, seen):
    """A triangle on the edge of the panel wherever a line runs off to infinity."""
    before = None
    for t, v in zip(generations, values):
        side = 0 if v is None or is_finite(v) else (1 if v > 0 else -1)
        if side and side != before:
            ax.plot([t], [1 if side > 0 else 0], transform=ax.get_xaxis_transform(), clip_on=False,
                    linestyle="none", marker="^" if side > 0 else "v", markersize=6, color=colour, zorder=8,
                    markerfacecolor=colour if filled else "white")
            seen.add("infinite")
        before = side


def draw_bar(ax, series, scale, look):
    """Beside the panel: the band and the median at the last generation, where the bands themselves
    overlap."""
    low, median, high = series.q05[-1], series.median[-1], series.q95[-1]
    if low is None or high is None:
        return
    beside = {"transform": ax.get_yaxis_transform(), "clip_on": False, "color": look.colour}
    ax.vlines(look.bar, scale.clamp(low), scale.clamp(high), linewidth=1.8, zorder=4, **beside)
    if is_finite(median):
        ax.plot([look.bar], [scale.clamp(median)], marker=look.marker, markersize=look.size,
                markeredgecolor="white", markeredgewidth=0.5, zorder=5, **beside)


def draw_band(ax, series, scale, look):
    low = [scale.edge(v) for v in series.q05]
    high = [scale.edge(v) for v in series.q95]
    if len(low) == 1:
        ax.vlines(series.generation, low, high, color=look.colour, alpha=0.4, linewidth=5, zorder=1)
        return
    ax.fill_between(series.generation, low, high, color=look.colour, alpha=look.band, linewidth=0, zorder=1)
    if look.bar is not None:
        draw_bar(ax, series, scale, look)
    elif look.outline:
        for edge in (low, high):
            ax.plot(series.generation, edge, color=look.colour, alpha=0.4, linewidth=0.5, zorder=1.2)


def draw_law(ax, series, scale, look, seen):
    if all(v is None for v in series.theory):
        return
    law = [scale.place(v) for v in series.theory]
    halo = patheffects.withStroke(linewidth=look.dots + 1.0, foreground="white", alpha=0.75)
    ax.plot(series.generation, law, color="black", linestyle=(0, (0.05, 2.6)), dash_capstyle="round",
            linewidth=look.dots, marker="." if len(law) == 1 else "none", markersize=5, zorder=6,
            path_effects=[halo])
    infinite_starts(ax, series.generation, series.theory, "black", True, seen)
    seen.add("median law" if series.of_median else "law")


def draw_series(ax, series, scale, look, log_x, seen):
    """Band, mean, median and law of one point, from the back to the front. Adds what was drawn to `seen`, for
    the legend."""
    ts = series.generation
    if any(v is not None for v in series.q05):
        draw_band(ax, series, scale, look)
        seen.add("share band" if series.share else "band")
    if any(v is not None for v in series.mean):
        ax.plot(ts, [scale.place(v) for v in series.mean], color=look.colour, linestyle=(0, (4.5, 1.8)),
                linewidth=look.dash, zorder=3)
        infinite_starts(ax, ts, series.mean, look.colour, False, seen)
        seen.add("mean")
    if any(v is not None for v in series.median):
        marker = look.marker or ("o" if len(ts) <= 12 else "none")  # few generations: show where they are
        ax.plot(ts, [scale.place(v) for v in series.median], color=look.colour, linewidth=1.7, zorder=4,
                marker=marker, markersize=look.size, markeredgecolor="white", markeredgewidth=0.5,
                markevery=marker_places(ts, 6 if look.marker else 12, look.shift, log_x))
        infinite_starts(ax, ts, series.median, look.colour, True, seen)
        seen.add("share" if series.share else "median")
    draw_law(ax, series, scale, look, seen)


def draw_paths(ax, paths, scale, look):
    """Single replicates, thin, under the statistics."""
    for ts, values in paths:
        ax.plot(ts, [scale.place(v) for v in values], color=look.colour, alpha=0.45, linewidth=0.5, zorder=2)


def draw_truth(ax, value, scale, colour, log_x, everywhere, seen):
    """The truth: a diamond at t = 0 (at the left edge of a log axis), and a fine line when all points share
    it."""
    y = scale.place(value)
    if y != y:
        return
    if everywhere:
        ax.axhline(y, color="#8a8a8a", linewidth=0.7, zorder=0.8)
    x, transform = (0.0, ax.get_yaxis_transform()) if log_x else (0.0, ax.transData)
    ax.plot([x], [y], transform=transform, marker="D", markersize=5, color=colour, markeredgecolor="white",
            markeredgewidth=0.6, linestyle="none", clip_on=False, zorder=7)
    seen.add("truth")
