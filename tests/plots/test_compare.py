#!/usr/bin/env python3
"""plots/compare.py: a table of `ouro compare`, drawn as it stands."""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, os.pardir, "plots")]

from support import call, check, check_equal, check_legible, lines_of, refused, run_tests, test, words_of

HEADER = ("generation,measure,a,b,n,difference,se,z,paired,correlation,median,low,high,"
          "a_q05,a_median,a_q95,b_q05,b_median,b_q95,a_setting,b_setting")


def row(t, b, measure="variance_ratio", paired=1, difference="-0.25", low="-0.5", high="-0.125", n=40, correlation="0.5",
        a="0.5,1,2", others="0.25,0.75,1.5", a_setting="policy.preset=replace", b_setting="policy.preset=fresh"):
    return "%s,%s,0,%s,%s,%s,0.1,-2.5,%s,%s,-0.2,%s,%s,%s,%s,%s,%s" % (
        t, measure, b, n, difference, paired, correlation, low, high, a, others, a_setting, b_setting)


def table(name, *rows, header=HEADER):
    with open(name, "w") as stream:
        stream.write("\n".join((header,) + rows) + "\n")
    return name


def page_of(*argv):
    import compare
    pages = []
    before = compare.Figure.draw
    compare.Figure.draw = lambda self: pages.append(before(self)) or pages[-1]
    try:
        code, out, err = call(compare, *argv)
    finally:
        compare.Figure.draw = before
    check_equal(code, 0, "exit code (stderr: %s)" % err.strip())
    check(os.path.getsize(out.strip()) > 5000, "%s is too small for a picture" % out)
    return pages[0]


def marks(ax):
    """{(x, y)} of the marks, rounded, and [(x, low, high)] of the bars."""
    points = {(round(x, 3), round(y, 6)) for xs, ys in lines_of(ax) if len(xs) == 1 for x, y in zip(xs, ys)}
    bars = [(round(s[0][0], 3), round(s[0][1], 6), round(s[1][1], 6))
            for c in ax.collections for s in c.get_segments() if len(s) == 2]
    return points, sorted(bars)


@test
def every_number_is_the_tables():
    page = page_of(table("two.csv", row(1, "1"), row(10, "1", difference="0.5", low="0.375", high="0.625",
                                                     others="0.5,1.25,3", correlation="-0.25")))
    points, bars = marks(page.axes[0])
    check_equal(points, {(-0.175, 1), (0.175, 0.75), (0.825, 1), (1.175, 1.25)}, "medians")
    check_equal(bars, [(-0.175, 0.5, 2), (0.175, 0.25, 1.5), (0.825, 0.5, 2), (1.175, 0.5, 3)], "bands")
    points, bars = marks(page.axes[1])
    check_equal(points, {(0.175, -0.25), (1.175, 0.5)}, "differences")
    check_equal(bars, [(0.175, -0.5, -0.125), (1.175, 0.375, 0.625)], "intervals")
    check([0.0, 0.0] in [ys for _, ys in lines_of(page.axes[1])], "no line at no difference")
    words = words_of(page)
    for said in ("replace (baseline)", "fresh", "policy.preset", "paired over 40 replicates, correlation \u22120.25 to 0.50",
                 "difference to replace", "variance_ratio", "paired difference, 95 % interval"):
        check(said in words, "%r is not in %r" % (said, words))
    check_equal([t.get_text() for t in page.axes[1].get_xticklabels()], ["1", "10"], "generations")
    check_legible(page)


@test
def what_is_not_paired_is_open():
    page = page_of(table("mixed.csv", row(1, "1"), row(1, "2", paired=0, correlation="", n=80, b_setting="policy.preset=augment")))
    open_at = {round(line.get_xdata()[0], 3): line.get_markerfacecolor() == "white"
               for line in page.axes[1].get_lines() if len(line.get_xdata()) == 1}
    check_equal(open_at, {0.0: False, 0.233: True}, "which marks are open")
    check("difference, not paired, 95 % interval" in words_of(page), "the legend does not say it")
    check(any("open: not paired" in text for text in words_of(page)), "the caption does not say it")
    check_legible(page)
    page = page_of(table("apart.csv", row(1, "1", paired=0, correlation="")))
    check(any("not paired: no random numbers in common" in text for text in words_of(page)), "the caption does not say it")


@test
def empty_and_infinite_cells():
    page = page_of(table("holes.csv", row(1, "1", difference="", low="", high="", correlation="", others=",,"),
                         row(2, "1", difference="inf", low="", high="", others="-inf,inf,inf", a_setting="$x_{1}$=<b>,".strip(",")),
                         row(1, "1", measure="never", difference="", low="", high="", a=",,", others=",,")),
                   "--measure", "variance_ratio", "never")
    check("not defined at these generations" in words_of(page), "nothing says that there is nothing")
    check_legible(page)


@test
def panels_and_choices():
    rows = [row(t, str(b), measure=m, b_setting="policy.anchor.points=%d" % b)
            for m in ("kl", "drift_sq", "log_variance", "variance_ratio", "mean") for t in range(1, 21) for b in range(1, 13)]
    page = page_of(table("many.csv", *rows))
    check_equal(len(page.axes), 6, "panels")
    check_equal([page.axes[i].get_ylabel() for i in (0, 2, 4)], ["variance_ratio", "log_variance", "drift_sq"], "measures")
    ticks = [t.get_text() for t in page.axes[0].get_xticklabels()]
    check_equal((ticks[0], ticks[-1], len(ticks)), ("1", "20", 8), "generations")
    check_legible(page)
    page = page_of("many.csv", "--measure", "mean", "--generation", "7", "3", "--points", "12", "--output", "few.svg")
    check_equal([t.get_text() for t in page.axes[0].get_xticklabels()], ["7", "3"], "generations")
    check_equal(len(marks(page.axes[1])[0]), 2, "differences")
    with open("few.svg", "rb") as stream:
        first = stream.read()
    page_of("many.csv", "--measure", "mean", "--generation", "7", "3", "--points", "12", "--output", "again.svg")
    with open("again.svg", "rb") as stream:
        check(stream.read() == first, "a rerun gives other bytes")


@test
def refusals():
    import compare
    table("good.csv", row(1, "1"))
    refused(compare, "six", says=("six is a directory", "ouro compare six -o"))
    refused(compare, "no.csv", says=("no.csv", "has no"))
    refused(compare, says=("TABLE", "--help"))
    refused(compare, "good.csv", "--output", "x.gif", says=(".png, .svg or .pdf",))
    refused(compare, "good.csv", "--measure", "varience_ratio", says=("no measure varience_ratio", "did you mean variance_ratio?"))
    refused(compare, "good.csv", "--generation", "5", says=("no generation 5", "it has 1"))
    refused(compare, "good.csv", "--points", "0", says=("no point 0",))
    table("head.csv")
    refused(compare, "head.csv", says=("no rows",))
    table("column.csv", header=HEADER.replace("b_median", "b_medain"))
    refused(compare, "column.csv", says=("no column b_median", "did you mean b_medain?"))
    table("word.csv", row(1, "1", difference="much"))
    refused(compare, "word.csv", says=("word.csv:2:", "difference is 'much'"))
    table("bases.csv", row(1, "1"), row(1, "2").replace("variance_ratio,0,", "variance_ratio,1,"))
    refused(compare, "bases.csv", says=("bases.csv:3:", "the baseline is 1, before it was 0"))


if __name__ == "__main__":
    sys.exit(run_tests())
