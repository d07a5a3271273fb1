#!/usr/bin/env python3
"""plots/verdicts.py: every cell of verdicts.csv by word and mark, its number and error, wide cells, bands of columns."""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, os.pardir, "plots")]

import fixtures
from support import call, check, check_equal, check_legible, refused, run_tests, test, visible_texts, words_of

HEADER = "point,definition,verdict,measure,number,error,threshold,test"
ROWS = ["%d,any-increase-of-risk,true,kl_truth_model,0.9912,0.0407,0.5,share of replicates whose risk has risen",
        "%d,lost-modes,undecided,,,,,the modes of the truth are not counted: ask for modes",
        "%d,lost-tail,false,tail_ratio_0.001,-0.0041,0.00152,0.5,share with less than a tenth of the truth's mass"]
WHOLE = ',changed-scaling-law,true,drift_sq,0.572,0.0588,0.1,"change of the slope, from -1.00 +- 0.04 to -0.43 +- 0.04"'


def write(folder, lines):
    with open(os.path.join(folder, "verdicts.csv"), "w") as stream:
        stream.write("\n".join([HEADER] + lines) + "\n")


def judged(folder, points=1):
    fixtures.plain_run(folder, points=points, generations=(1, 50))
    write(folder, [row % p for p in range(points) for row in ROWS] + [WHOLE])


def page_of(*argv):
    import verdicts
    pages = []
    before = verdicts.Figure.draw
    verdicts.Figure.draw = lambda self: pages.append(before(self)) or pages[-1]
    try:
        code, out, err = call(verdicts, *argv)
    finally:
        verdicts.Figure.draw = before
    check_equal(code, 0, "exit code (stderr: %s)" % err.strip())
    check(os.path.getsize(out.strip()) > 5000, "%s is too small for a picture" % out)
    return pages[0]


def cells(ax):
    """[(column, row, width, ground)] of the cells, in order."""
    return [(p.get_x(), p.get_y(), p.get_width(), p.get_facecolor()) for p in ax.patches]


def inside(page, ax, column, row):
    """What is written in a cell, from the top."""
    texts = [t for t in ax.texts if column <= t.get_position()[0] < column + 1 and row <= t.get_position()[1] < row + 1]
    return [t.get_text() for t in sorted(texts, key=lambda t: t.get_position()[1])]


@test
def draws_each_verdict_in_its_place():
    judged("placed", points=2)
    page = page_of("placed")
    check_equal(len(page.axes), 1, "bands")
    ax = page.axes[0]
    check_equal([t.get_text() for t in ax.get_yticklabels()],
                ["any-increase-of-risk", "lost-modes", "lost-tail", "changed-scaling-law"], "rows")
    check_equal(inside(page, ax, 0, 0), ["true", "0.991 \u00b1 0.041 against 0.5", "kl_truth_model"], "the first cell")
    check_equal(inside(page, ax, 1, 2), ["false", "\u22120.0041 \u00b1 0.0015 against 0.5", "tail_ratio_0.001"], "the last")
    check_equal(" ".join(inside(page, ax, 1, 1)), "undecided the modes of the truth are not counted: ask for modes", "why")
    check_equal([c[:3] for c in cells(ax)], [(0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 1, 1), (0, 2, 1), (1, 2, 1), (0, 3, 2)],
                "cells, the last over both points")
    check("from -1.00 \u00b1 0.04 to -0.43" in " ".join(inside(page, ax, 0, 3)), "no words: %s" % inside(page, ax, 0, 3))


@test
def tells_verdicts_apart_in_grey():
    judged("grey")
    ax = page_of("grey").axes[0]
    fills = [line.get_fillstyle() for line in ax.get_lines()]
    check_equal(fills, ["full", "left", "none", "full"], "marks of true, undecided, false, true")
    grey = [0.299 * r + 0.587 * g + 0.114 * b for _, _, _, (r, g, b, _) in cells(ax)]
    check(grey[0] < grey[1] - 0.1 < grey[2] - 0.1, "grounds in grey: %s" % grey)
    check_equal(grey[0], grey[3], "both that are true")


@test
def says_what_is_drawn_legibly():
    judged("worded", points=3)
    page = page_of("worded")
    check_legible(page)
    texts = " ".join(words_of(page))
    for words in ("plain: verdicts", "replicates", "99 % interval", "1 of 100", "initial = 1", "undecided: the threshold is in it"):
        check(words in texts, "%r is not in %s" % (words, texts))
    judged("alone")
    check_legible(page_of("alone"))
    check_legible(page_of("worded", "alone"))
    fixtures.hostile_run("evil")
    import ouroplot
    points = ouroplot.read_run("evil").points
    write("evil", ["%s,$x_1$ %s,true,m$,inf,,-inf,$\\frac" % (p, "long " * 30) for p in points])
    check_legible(page_of("evil"))


@test
def cells_hold_their_texts():
    judged("held", points=8)
    page = page_of("held")
    renderer = page.figure.canvas.get_renderer()
    check_equal(" ".join(inside(page, page.axes[0], 7, 2)[1:-1]), "\u22120.0041 \u00b1 0.0015 against 0.5", "a long number")
    boxes = [p.get_window_extent(renderer) for p in page.axes[0].patches]
    for text, box, panel in visible_texts(page):
        if panel is not None:
            check(any(b.x0 <= box.x0 and box.x1 <= b.x1 and b.y0 <= box.y0 and box.y1 <= b.y1 for b in boxes),
                  "%r sticks out of its cell" % text)


@test
def long_lists_wrap():
    judged("long", points=11)
    page = page_of("long")
    check_equal(len(page.axes), 2, "bands")
    check_equal([len(ax.get_xticks()) for ax in page.axes], [6, 5], "columns")
    check_equal([cells(ax)[-1][:3] for ax in page.axes], [(0, 3, 6), (0, 3, 5)], "what all points say, in each band")
    check_legible(page)
    page = page_of("long", "--points", "3", "9", "10")
    check_equal(len(page.axes[0].get_xticks()), 3, "columns that were asked for")
    check(any("3 of 11 points" in t for t in words_of(page)), "the choice is not told: %s" % words_of(page))


@test
def runs_stand_side_by_side():
    judged("left", points=2)
    judged("right", points=1)
    write("right", [ROWS[0].replace("true", "false") % 0, WHOLE.replace("true", "false")])
    page = page_of("left", "right", "--output", "both.svg")
    ax = page.axes[0]
    check_equal([t.get_text().split("\n")[0] for t in ax.get_xticklabels()], ["left", "left", "right"], "heads")
    check_equal([inside(page, ax, x, 0)[0] for x in range(3)], ["true", "true", "false"], "the same sense in both runs")
    check_equal([c[:3] for c in cells(ax) if c[1] == 3], [(0, 3, 2), (2, 3, 1)], "each run's word on all its points")
    check_equal(inside(page, ax, 2, 1), [], "what the second run does not say")


@test
def refusals_name_what_is_there():
    import verdicts
    judged("refused", points=25)
    refused(verdicts, "refused", says=("25 points", "at most 24", "--points"))
    refused(verdicts, "refused", "--points", "77", says=("no point 77",))
    refused(verdicts, says=("DIR",))
    refused(verdicts, "one", says=("one has no verdicts.csv",))
    for line, says in (("0,a,maybe,m,1,1,1,t", ("verdicts.csv:2", "'maybe'", "undecided")),
                       ("99,a,true,m,1,1,1,t", ("verdicts.csv:2", "point 99")),
                       ("0,a,true,m,x,1,1,t", ("verdicts.csv:2", "number is 'x'"))):
        write("refused", [line])
        refused(verdicts, "refused", "--points", "0", says=says)
    write("refused", [])
    refused(verdicts, "refused", says=("no rows",))


if __name__ == "__main__":
    sys.exit(run_tests())
