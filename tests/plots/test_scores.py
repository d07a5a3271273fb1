#!/usr/bin/env python3
"""What plots/scores.py shows: the score on real points and those that the loop gives itself, on one axis."""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, os.pardir, "plots")]

import fixtures
from support import call, check, check_equal, check_legible, lines_of, refused, run_tests, test, words_of

ENTROPY = 1.4189385332046727


def scores_run(folder, measures=("nll_real", "nll_self", "nll_own"), points=1, mean=None):
    """Twelve generations: the real score doubles, the others fall below zero. mean: of the last real score."""
    tables = {}
    for p in range(points):
        rows = []
        for t in range(1, 13):
            at = {"nll_real": ENTROPY + 0.5 * t, "nll_self": ENTROPY - 0.2 * t, "nll_own": ENTROPY - 0.2 * t - 0.01}
            for m in measures:
                value = at.get(m, 1.0) + p
                row = fixtures.cells(t, m, mean=mean if mean and t == 12 and m == "nll_real" else value + 0.1,
                                     q05=value - 0.3, median=value, q95=value + 0.4)
                rows.append([p] + row[1:])
        tables[p] = rows, [list(measures)]
    fixtures.write_run(folder, "scores", [[10 * p] if points > 1 else [] for p in range(points)], tables,
                       {"nll_real": ENTROPY} if "nll_real" in measures else {}, "A loop.", 50,
                       ("policy.anchor.points",) if points > 1 else (), {m: ("nats", "") for m in measures})


def draw(folder, *argv):
    import ourocommand
    import ouroplot
    import scores
    options = scores.arguments([folder] + list(argv))
    run = ouroplot.read_run(folder)
    figure = scores.Figure(run, scores.choose_scores(run, options.own), ourocommand.choose_points(run, options.points),
                           options)
    figure.draw()
    return figure


@test
def scores_draw_the_numbers_of_the_csv():
    scores_run("own")
    figure = draw("own")
    ax = figure.page.axes[0]
    lines = lines_of(ax)
    for measure in ("nll_real", "nll_self"):
        series = figure.run.series["0", measure]
        for name in ("mean", "median"):
            check((series.generation, getattr(series, name)) in lines, "the %s of %s" % (name, measure))
        bands = [v for band in ax.collections for v in band.get_paths()[0].vertices.tolist()]
        for t, low, high in zip(series.generation, series.q05, series.q95):
            check([t, low] in bands and [t, high] in bands, "the band of %s misses t = %g" % (measure, t))
    check(figure.run.series["0", "nll_own"].median not in [y for _, y in lines], "nll_own was not asked for")
    check(([0.0], [ENTROPY]) in lines and any(y == [ENTROPY, ENTROPY] for _, y in lines), "the truth's entropy")
    own = draw("own", "--own")
    check(own.run.series["0", "nll_own"].median in [y for _, y in lines_of(own.page.axes[0])], "--own is not obeyed")


@test
def scores_say_what_they_are_legibly():
    scores_run("words")
    scores_run("sweep", points=4)
    texts = " ".join(words_of(draw("words", "--own").page))
    for words in ("scores: what the loop believes, and what is true", "real points (nll_real)", "50 replicates",
                  "the rows of its fit (nll_self)", "its own samples (nll_own)", "nats per point", "truth (t = 0)"):
        check(words in texts, "the figure does not say %r" % words)
    for folder in ("words", "sweep"):
        check_legible(draw(folder).page)
    check_equal(len(draw("sweep").page.axes), 4, "panels")


@test
def scores_are_told_apart_in_grey():
    scores_run("grey")
    figure = draw("grey")
    grey = [sum(w * int(figure.looks[m].colour[i:i + 2], 16) for w, i in ((0.299, 1), (0.587, 3), (0.114, 5)))
            for m in figure.scores]
    check(abs(grey[0] - grey[1]) > 60, "luminances too close in grey: %s" % grey)
    check(len({figure.looks[m].marker for m in figure.scores}) == 2, "one marker for both")


@test
def scores_follow_the_medians():
    scores_run("wild", mean=1e6)
    figure = draw("wild")
    check(figure.scale.hi < 50 and not figure.scale.log, "the mean stretches the axis: %g" % figure.scale.hi)
    check("the axis is cut: what is drawn goes to 1e+06" in " ".join(words_of(figure.page)), "the cut is not said")


@test
def scores_refuse_what_has_none():
    import scores
    scores_run("half", measures=("nll_real", "nll_own"))
    check_equal(draw("half").scores, ["nll_real", "nll_own"], "what stands in")
    scores_run("real", measures=("nll_real", "a"))
    refused(scores, "real", says=("nll_self", "observe.measures", "it has nll_real, a"))
    refused(scores, "one", says=("nll_real",))
    refused(scores, "half", "--measure", "nll_real", says=("--measure",))
    refused(scores, "halff", says=("did you mean half?",))
    code, out, _ = call(scores, "half", "--output", "s.svg")
    check_equal((code, out, os.path.exists("s.svg")), (0, "s.svg\n", True), "a picture")


if __name__ == "__main__":
    sys.exit(run_tests())
