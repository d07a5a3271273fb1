#!/usr/bin/env python3
"""plots/mixture.py: points and components of named generations, on the same axes."""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, os.pardir, "plots")]

import fixtures
from support import call, check, check_equal, refused, run_tests, test


def write(folder, name, lines):
    with open(os.path.join(folder, name), "w") as stream:
        stream.write("\n".join(lines) + "\n")


def kept(folder, columns, generations=(0, 1, 7), components=True):
    """A run directory with two replicates of samples in so many columns, the second shifted by 100."""
    if not os.path.isdir(folder):
        fixtures.plain_run(folder)
    names = ["waiting", "eruptions", "depth"][:columns]
    rows = ["point,replicate,generation," + ",".join(names)]
    for replicate in (0, 1):
        for t in generations:
            if t == 0 and replicate:
                continue
            for i in range(20):
                values = [str(i % 5 + 10 * j - t + 100 * replicate) for j in range(columns)]
                rows.append("0,%d,%d,%s" % (replicate, t, ",".join(values)))
    write(folder, "samples.csv", rows)
    if not components:
        return
    covs = ["cov_%s_%s" % (names[i], names[j]) for i in range(columns) for j in range(i + 1)]
    rows = ["point,replicate,generation,component,weight," + ",".join("mean_" + n for n in names) + "," + ",".join(covs)]
    for t in generations:
        for c in (0, 1):
            weight = 0 if t == 7 and c == 1 else 0.5
            means = [str(3 * c + 10 * j) for j in range(columns)]
            rows.append("0,0,%d,%d,%g,%s,%s" % (t, c, weight, ",".join(means), ",".join("1" if k in (0, 2, 5) else "0.2"
                                                                                       for k in range(len(covs)))))
    write(folder, "components.csv", rows)


def page_of(folder, *argv):
    import mixture
    pages = []
    before = mixture.Figure.draw
    mixture.Figure.draw = lambda self: pages.append(before(self)) or pages[-1]
    try:
        code, out, err = call(mixture, folder, *argv)
    finally:
        mixture.Figure.draw = before
    check_equal(code, 0, "exit code (stderr: %s)" % err.strip())
    check(os.path.getsize(out.strip()) > 5000, "%s is too small for a picture" % out)
    return pages[0]


@test
def mixture_draws_planes():
    kept("plane", 2)
    page = page_of("plane")
    check_equal(len(page.axes), 3, "number of panels")
    check_equal([title for title, _ in page.captions], ["truth", "generation 1", "generation 7"], "titles")
    limits = {(ax.get_xlim(), ax.get_ylim()) for ax in page.axes}
    check_equal(len(limits), 1, "number of different axes")
    (low, high), _ = limits.pop()
    check(low < -6.9 and 4 < high < 20, "the axes do not hold replicate 0 alone: %g to %g" % (low, high))
    # two ellipses and a cross per component: 2 of the truth's; with a model's 2 and 2, of which one has died at 7
    check_equal([len(ax.lines) for ax in page.axes], [1 + 6, 1 + 12, 1 + 9], "curves per panel")
    curve = page.axes[1].lines[7]
    far = max(abs(x - 0) for x in curve.get_xdata())
    check(abs(far - 1) < 0.01, "an ellipse of one sd reaches %g from its mean" % far)


@test
def mixture_draws_lines():
    kept("line", 1)
    page = page_of("line")
    check_equal([len(ax.lines) for ax in page.axes], [1, 2, 2], "densities per panel")
    model = page.axes[2].lines[1]
    x, y = list(model.get_xdata()), list(model.get_ydata())
    mass = sum((y[i] + y[i - 1]) / 2 * (x[i] - x[i - 1]) for i in range(1, len(x)))
    check(abs(mass - 0.5) < 0.01, "one component of weight .5 has mass %g" % mass)


@test
def mixture_without_components():
    kept("bare", 3, components=False)
    page = page_of("bare", "--replicate", "1")
    check_equal([len(ax.lines) for ax in page.axes], [1, 1, 1], "curves per panel")
    check(page.axes[1].get_xlim()[1] > 100, "replicate 1 is not drawn")


@test
def mixture_refuses():
    import mixture
    fixtures.plain_run("none")
    refused(mixture, "none", says=("no samples.csv", "observe.samples.generations"))
    kept("plane", 2)
    refused(mixture, "plane", "--replicate", "5", says=("no replicate 5", "it has 0, 1"))
    refused(mixture, "plane", "--output", "x.gif", says=(".png, .svg or .pdf",))
    write("plane", "samples.csv", ["point,replicate,generation,x", "0,0,1,one"])
    refused(mixture, "plane", says=("samples.csv:2", "'one'"))


@test
def mixture_keeps_to_twelve_panels():
    kept("many", 1, generations=tuple(range(40)), components=False)
    check_equal(len(page_of("many").axes), 12, "number of panels")


if __name__ == "__main__":
    sys.exit(run_tests())
