#!/usr/bin/env python3
"""Draws what models of named generations look like: points drawn from each, over the truth's own shape.

  plots/mixture.py out/faithful-gmm
  plots/mixture.py out/faithful-gmm --points 2 --replicate 0 --output modes.pdf

One panel per generation kept in samples.csv (observe.samples of the config), all on the same axes. Two columns
or more: points of the first two, ellipses of one and two standard deviations of the model's components, the
truth's dashed. One column: a histogram, the model's density, the truth's dashed. Families without Gaussian
components show their points alone. One replicate of one point is drawn: a single run, not a mean. The path of
the picture is printed on stdout. Exit 0; 1 when it cannot be written, 2 when the request cannot be met, 3
without matplotlib.
"""

import math
import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import ourocommand
import ouroplot
import ourowords
from ouroplot import Refusal

WHY = ": name generations in observe.samples.generations of the config"
MOST_PANELS = 12
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4, 9: 3, 10: 4, 11: 4, 12: 4}
PANEL = {1: (5.2, 3.6), 2: (3.4, 2.7), 3: (3.0, 2.4), 4: (2.6, 2.1)}  # inches, by number of columns
DENSITY_STEPS, BINS, REACH = 400, 40, 0.06  # reach: of the axes beyond the points, as a share


def arguments(argv):
    parser = ourocommand.Parser(prog="mixture.py", description=__doc__)
    ourocommand.common_arguments(parser, "mixture.png")
    parser.add_argument("--replicate", default="0", metavar="R", help="the replicate to draw (default 0)")
    return parser.parse_args(argv)


class Component:
    """A Gaussian in the first one or two columns."""

    def __init__(self, weight, mean, cov):
        self.weight, self.mean, self.cov = weight, mean, cov

    def density(self, x):
        var = self.cov[0]
        if not var > 0:
            return 0.0
        return self.weight * math.exp(-0.5 * (x - self.mean[0]) ** 2 / var) / math.sqrt(2 * math.pi * var)

    def ellipse(self, sds, steps=90):
        """Closed curve of points at `sds` standard deviations, by the Cholesky factor of the covariance."""
        a, b, c = self.cov  # xx, yx, yy
        if not (a > 0 and c * a > b * b):
            return [self.mean[0]], [self.mean[1]]
        l, m = math.sqrt(a), b / math.sqrt(a)
        n = math.sqrt(max(c - m * m, 0))
        turns = [2 * math.pi * i / steps for i in range(steps + 1)]
        return ([self.mean[0] + sds * l * math.cos(t) for t in turns],
                [self.mean[1] + sds * (m * math.cos(t) + n * math.sin(t)) for t in turns])


def read_samples(run, point, replicate):
    """generation -> list of points, and the names of the columns. The truth, generation 0, has replicate 0 alone."""
    table = ouroplot.rows(run, "samples.csv", ("point", "replicate", "generation"), WHY)
    header = next(table)
    kept, found, path = {}, set(), run.file("samples.csv")
    for line, fields in table:
        cells = dict(zip(header, fields))
        if cells["point"] != point:
            continue
        found.add(cells["replicate"])
        if cells["replicate"] != replicate and cells["generation"] != "0":
            continue
        values = [ouroplot.number(f, path, line, name) for name, f in zip(header[3:], fields[3:])]
        kept.setdefault(int(cells["generation"]), []).append([v for v in values if v is not None])
    if not kept:
        raise Refusal("samples.csv has no point %s" % point)
    if not any(t > 0 for t in kept) and replicate not in found:
        raise Refusal("samples.csv has no replicate %s of point %s; it has %s"
                      % (replicate, point, ouroplot.listing(sorted(found))))
    return kept, header[3:]


def read_components(run, point, replicate):
    """generation -> Components in the first one or two columns; empty without components.csv."""
    if not os.path.exists(run.file("components.csv")):
        return {}
    table = ouroplot.rows(run, "components.csv", ("point", "replicate", "generation", "weight"))
    header = next(table)
    kept, path = {}, run.file("components.csv")
    means = [i for i, name in enumerate(header) if name.startswith("mean_")][:2]
    covs = [i for i, name in enumerate(header) if name.startswith("cov_")][:1 if len(means) == 1 else 3]
    for line, fields in table:
        cells = dict(zip(header, fields))
        if cells["point"] != point or (cells["replicate"] != replicate and cells["generation"] != "0"):
            continue

        def at(i):
            return ouroplot.number(fields[i], path, line, header[i])
        weight = at(header.index("weight"))
        if weight:
            kept.setdefault(int(cells["generation"]), []).append(
                Component(weight, [at(i) for i in means], [at(i) for i in covs]))
    return kept


def reach_of(values):
    low, high = min(values), max(values)
    room = REACH * (high - low) or 1.0
    return low - room, high + room


class Figure:
    def __init__(self, run, samples, names, components, point, replicate):
        self.style = ourocommand.load_style()
        self.run, self.samples, self.names, self.components = run, samples, names, components
        self.point, self.replicate = point, replicate
        self.generations = sorted(samples)
        if len(self.generations) > MOST_PANELS:
            last = len(self.generations) - 1
            self.generations = [self.generations[round(i * last / (MOST_PANELS - 1))] for i in range(MOST_PANELS)]
        self.flat = len(names) == 1
        everything = [x for t in self.generations for x in samples[t]]
        self.reach = [reach_of([x[j] for x in everything]) for j in range(1 if self.flat else 2)]

    def draw(self):
        count = len(self.generations)
        columns = COLUMNS[count]
        page = self.style.Page(count, columns, PANEL[columns])
        top = 0
        for ax, t in zip(page.axes, self.generations):
            top = max(top, self.line(ax, t) if self.flat else self.plane(ax, t))
        for i, (ax, t) in enumerate(zip(page.axes, self.generations)):
            ax.set_xlim(*self.reach[0])
            ax.set_ylim(*((0, 1.05 * top) if self.flat else self.reach[1]))
            if i % columns:
                ax.tick_params(labelleft=False)
            else:
                ax.set_ylabel("density" if self.flat else self.style.plain(self.names[1]))
            if i + columns >= count:
                ax.set_xlabel(self.style.plain(self.names[0]))
            alive = len(self.components.get(t, []))
            words = "%d points" % len(self.samples[t])
            if alive and t:
                words += ", %d component%s alive" % (alive, "" if alive == 1 else "s")
            page.caption(i, "truth" if t == 0 else "generation %d" % t, [(words, 1)])
        heading = [self.run.description] if self.run.description else []
        setting = ourowords.point_title(self.run, self.point)
        shape = ", the truth's shape dashed" if 0 in self.components else ""
        heading.append("one run (replicate %s)%s: what its models draw%s"
                       % (self.replicate, " of " + setting if setting else "", shape))
        page.finish(self.run.name, [(line, 2) for line in heading], [(None, self.legend())])
        return page

    def line(self, ax, t):
        """Histogram and densities of one column; the highest value drawn that is not a spike."""
        x = [row[0] for row in self.samples[t]]
        heights, _, _ = ax.hist(x, bins=BINS, range=self.reach[0], density=True, color=self.style.ALONE, alpha=0.25,
                                linewidth=0)
        low, high = self.reach[0]
        grid = [low + (high - low) * i / DENSITY_STEPS for i in range(DENSITY_STEPS + 1)]
        for generation, colour, dash in ((0, self.style.INK, (0, (4, 2))), (t, self.style.ALONE, "-")):
            if generation in self.components and not (t == 0 and dash == "-"):
                ax.plot(grid, [sum(c.density(g) for c in self.components[generation]) for g in grid], color=colour,
                        linestyle=dash, linewidth=1.1)
        return max(heights)

    def plane(self, ax, t):
        points = self.samples[t]
        ax.plot([p[0] for p in points], [p[1] for p in points], ".", color=self.style.ALONE, markersize=3.4,
                alpha=0.5, markeredgewidth=0, rasterized=True)
        for generation, colour, dash in ((0, self.style.INK, (0, (4, 2))), (t, self.style.COLOURS[4], "-")):
            if generation == 0 and t == 0 and dash == "-":
                continue
            for c in self.components.get(generation, []):
                for sds in (1, 2):
                    ax.plot(*c.ellipse(sds), color=colour, linestyle=dash,
                            linewidth=0.6 + 1.0 * min(1, 2 * c.weight), zorder=3)
                ax.plot(*c.mean, "+", color=colour, markersize=5, zorder=3)
        return 0

    def legend(self):
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch
        if self.flat:
            entries = [Patch(facecolor=self.style.ALONE, alpha=0.25, label="points drawn from the model")]
        else:
            entries = [Line2D([], [], marker=".", linestyle="", color=self.style.ALONE,
                              label="points drawn from the model")]
        if any(t in self.components for t in self.generations if t):
            colour = self.style.ALONE if self.flat else self.style.COLOURS[4]
            entries.append(Line2D([], [], color=colour, label="model: density" if self.flat
                                  else "model: components at 1 and 2 sd"))
        if 0 in self.components:
            entries.append(Line2D([], [], color=self.style.INK, linestyle=(0, (4, 2)),
                                  label="truth: density" if self.flat else "truth: components at 1 and 2 sd"))
        return entries


def main(argv):
    options = arguments(argv)
    output = options.output or os.path.join(options.dir, "mixture.png")
    kind = ourocommand.output_format(output, given=bool(options.output))
    ourocommand.load_style()
    run = ouroplot.read_run(options.dir)
    point = ourocommand.choose_points(run, options.points)[0]
    samples, names = read_samples(run, point, options.replicate)
    components = read_components(run, point, options.replicate)
    Figure(run, samples, names, components, point, options.replicate).draw().save(
        output, kind, "%s: models and truth" % run.name)
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(ourocommand.run_script("mixture.py", main))
