#!/usr/bin/env python3
"""What the pictures of plots/*.py show: the numbers of the CSV files, all of them, legibly."""

import os
import shutil
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, os.pardir, "plots")]

import fixtures
from support import (call, check, check_equal, check_legible, draw, lines_of, refused, run_tests, test,
                     words_of)


# ------------------------------------------------------------------------------------------- the drawing


@test
def draws_the_numbers_of_the_csv():
    import trajectories
    figure = draw(trajectories, "one", "--measure", "variance_ratio", "--linear-y", "--replicates", "2")
    series = figure.run.series["0", "variance_ratio"]
    lines = lines_of(figure.page.axes[0])
    for name in ("mean", "median", "theory"):
        check((series.generation, getattr(series, name)) in lines, "the %s is not among the lines" % name)
    check(([0.0], [1.0]) in lines, "the truth at t = 0 is not marked")
    band = figure.page.axes[0].collections[0].get_paths()[0].vertices.tolist()
    for t, low, high in zip(series.generation, series.q05, series.q95):
        check([t, low] in band and [t, high] in band, "the band misses t = %g" % t)
    replicates = [line for line in lines if len(line[0]) == 200 and line[1] not in
                  (series.mean, series.median, series.theory)]
    check_equal(len(replicates), 2, "number of replicates drawn")
    check_equal(replicates[1], tuple(figure.paths["0", "variance_ratio"][1]), "the second replicate")


@test
def a_yes_or_no_is_drawn_as_a_share():
    import trajectories
    rows = [["0", t, m, 101, p, (p * (1 - p) / 100) ** 0.5 * spread, q, None, q, None, 1.0, None, None, ""]
            for m, spread, shares in (("absorbed", 1, ((0.0, 0), (0.02, 0), (0.6, 0.95), (1.0, 1))), ("all", 1, ((1.0, 1),) * 4),
                                      ("between", 0.9, ((0.5, 0.5),) * 4))
            for t, (p, q) in enumerate(shares, 1)]
    fixtures.write_run("shares", "shares", [[]], {0: (rows, [["absorbed", "all", "between"]])}, {}, "", 101)
    figure = draw(trajectories, "shares", "--measure", "absorbed", "all", "--linear-y")
    ax = figure.page.axes[0]
    check(([1, 2, 3, 4], [0.0, 0.02, 0.6, 1.0]) in lines_of(ax), "the share is not drawn: %r" % (lines_of(ax),))
    band = [tuple(round(v, 5) for v in at) for at in ax.collections[0].get_paths()[0].vertices.tolist()]
    for corner in ((2, 0.0), (2, 0.04744), (3, 0.50398), (3, 0.69602)):
        check(corner in band, "%r is no corner of the band: %r" % (corner, band))
    texts = " ".join(words_of(figure.page))
    for words in ("share of the replicates", "95 % interval of a share", "median of the replicates"):
        check(words in texts, "the figure does not say %r" % words)
    for measure in ("all", "between"):
        check(not figure.run.series["0", measure].share, "%s is no share" % measure)


@test
def mean_dashed_law_dotted_black_on_top():
    import trajectories
    figure = draw(trajectories, "one", "--measure", "drift_sq")
    series = figure.run.series["0", "drift_sq"]
    found = {}
    for line in figure.page.axes[0].get_lines():
        for name in ("mean", "median", "theory"):
            if list(line.get_ydata()) == getattr(series, name):
                found[name] = line
    check_equal(sorted(found), ["mean", "median", "theory"], "lines found")
    check_equal(found["median"].get_linestyle(), "-", "style of the median")
    check_equal(found["mean"].get_linestyle(), "--", "style of the mean")
    check_equal(found["theory"].get_color(), "black", "colour of the law")
    check(found["theory"].get_zorder() > max(found["mean"].get_zorder(), found["median"].get_zorder()),
          "the law is not on top")
    texts = " ".join(words_of(figure.page))
    for words in ("gaussian-replace", "100 replicates", "5\u201395 %", "drift D(t) under injection, exact",
                  "generation (fit number)", "truth variances", "law (theory) of the mean"):
        check(words in texts, "the figure does not say %r" % words)


@test
def law_of_the_median_is_named_so():
    import trajectories
    fixtures.plain_run("median-law", generations=(1, 2, 3), source="median of the limit law")
    texts = words_of(draw(trajectories, "median-law").page)
    check("law (theory) of the median" in texts, "the legend does not name the median: %s" % texts)
    check("law (theory) of the mean" not in texts, "the legend names the mean")


@test
def sweep_of_six_is_told_apart():
    import trajectories
    figure = draw(trajectories, "six")
    looks = [figure.looks[p] for p in figure.points]
    check_equal(len(looks), 6, "number of points")
    check_equal(len({look.colour for look in looks}), 6, "number of colours")
    check_equal(len({look.marker for look in looks}), 6, "number of markers")
    grey = [sum(w * int(look.colour[i:i + 2], 16) for w, i in ((0.299, 1), (0.587, 3), (0.114, 5)))
            for look in looks]
    check(all(b - a >= 9 for a, b in zip(grey, grey[1:])), "luminances too close in grey: %s" % grey)
    texts = words_of(figure.page)
    for words in ("policy.anchor.points", "0", "1", "2", "5", "10", "50"):
        check(words in texts, "the legend does not say %r" % words)
    check_legible(figure.page)


@test
def more_than_eight_points_are_chosen_and_said():
    import tails
    import trajectories
    fixtures.plain_run("twenty", points=20, generations=(1, 2), measures=("a", "tail_ratio_0.1"))
    for module in (trajectories, tails):
        figure = draw(module, "twenty")
        check_equal(figure.points, ["0", "3", "5", "8", "11", "14", "16", "19"], "points shown")
        texts = " ".join(words_of(figure.page))
        check("8 of 20 points shown: number 0, 3, 5, 8, 11, 14, 16, 19" in texts, "not said: %s" % texts)
        check_legible(figure.page)
    check_equal(draw(trajectories, "twenty", "--points", "7", "4").points, ["4", "7"], "points asked for")
    refused(trajectories, "twenty", "--points", "20", says=("no point 20", "0, 1, 2"))
    refused(trajectories, "twenty", "--points", *range(9), says=("9 points", "at most 8"))


@test
def a_swept_field_as_the_axis():
    """Points 0 to 3, of which 1 and 2 change places on the axis; what goes along with the field names no line."""
    import trajectories
    fixtures.plain_run("over", points=4, generations=(1, 2), paths=("policy.initial", "policy.preset", "policy.budget"), source="l")
    with open("over/points.csv", "w", encoding="utf-8") as stream:
        stream.write("point,policy.initial,policy.preset,policy.budget\n0,10,b,1\n1,1000,b,3\n2,100,b,2\n3,10,a,1\n")
    figure = draw(trajectories, "over", "--over", "policy.initial", "--generation", "2", "--log-x")
    check_equal((figure.run.swept, figure.run.settings), (["policy.preset"], {"0": ["b"], "1": ["a"]}), "lines")
    series = figure.run.series["0", "a"]
    check_equal((series.generation, series.mean), ([10.0, 100.0, 1000.0], [1.5, 3.5, 2.5]), "the line of b")
    check((series.generation, series.median) in lines_of(figure.page.axes[0]), "the median is not drawn")
    texts = " ".join(words_of(figure.page))
    for words in ("policy.initial", "at generation 2", "initial = 10 to 1000"):
        check(words in texts, "the figure does not say %r: %s" % (words, texts))
    check("fit number" not in texts, "the axis is not of generations")
    check_legible(figure.page)
    with open("over/points.csv", "w", encoding="utf-8") as stream:
        stream.write("point,policy.initial,policy.preset,policy.budget\n0,10,b,1\n1,100,b,3\n2,9,a,2\n3,90,a,4\n")
    run = draw(trajectories, "over", "--over", "policy.initial").run
    check_equal((run.swept, run.settings), (["policy.preset", "policy.budget"], {"0": ["b, b", "1, 3"], "1": ["a, a", "2, 4"]}),
                "lines of a zip")
    check_equal(run.series["1", "a"].generation, [9.0, 90.0], "the second line of a zip")
    refused(trajectories, "over", "--over", "policy.initail", says=("policy.initail", "did you mean policy.initial"))
    refused(trajectories, "over", "--over", "policy.preset", says=("policy.preset", "'b'"))
    refused(trajectories, "over", "--over", "policy.initial", "--generation", "3", says=("generation 3",))
    refused(trajectories, "over", "--generation", "2", says=("--over",))
    refused(trajectories, "over", "--over", "policy.initial", "--replicates", "1", says=("--replicates", "--over"))


@test
def tail_panels_and_truth_line():
    import tails
    figure = draw(tails, "six")
    check_equal(len(figure.page.axes), 6, "number of panels")
    for ax in figure.page.axes:
        check(any(list(line.get_ydata()) == [1.0, 1.0] for line in ax.get_lines()), "no line at 1")
        check("truth" in [t.get_text() for t in ax.texts], "the line at 1 is not named")
    check_equal([alpha for _, alpha, _ in figure.tails], [0.1, 0.01, 0.001], "tails")
    series = figure.run.series["5", "tail_ratio_0.01"]
    check((series.generation, series.median) in lines_of(figure.page.axes[5]), "the median is not drawn")
    check_legible(figure.page)
    check_equal(len(draw(tails, "zipf").page.axes), 1, "panels of a run without a sweep")


@test
def categories_have_their_own_default():
    import trajectories
    check_equal(draw(trajectories, "zipf").measures,
                ["support", "entropy", "heterozygosity", "tail_ratio_0.05"], "measures of categories")
    check_equal(draw(trajectories, "one").measures,
                ["variance_ratio", "drift_sq", "log_variance", "kl_truth_model"], "measures of numbers")
    check_equal(draw(trajectories, "twenty-two").measures, ["a", "b"], "measures of an unknown run")
    fixtures.plain_run("flags", measures=("drift_sq", "taint", "w2", "flagged_share"))
    check_equal(draw(trajectories, "flags").measures, ["flagged_share", "taint", "drift_sq"], "measures of flagged data")


@test
def one_sided_tails_only_when_alone():
    import tails
    fixtures.plain_run("sides", measures=("tail_ratio_lower_0.01", "tail_ratio_0.01_upper", "tail_mass_0.01"))
    check_equal([t[1:] for t in draw(tails, "sides").tails], [(0.01, "lower"), (0.01, "upper")], "tails")
    fixtures.plain_run("sides2", measures=("tail_ratio_lower_0.01", "tail_ratio_0.001", "tail_ratio_1e-05"))
    check_equal([t[1] for t in draw(tails, "sides2").tails], [0.001, 1e-05], "tails")


# --------------------------------------------------------------------------------------------- odd values


@test
def zeros_stand_on_a_shelf_of_a_log_axis():
    import trajectories
    figure = draw(trajectories, "hostile", "--measure", "dies", "--log-y")
    scale, ax = figure.scales["dies"], figure.page.axes[0]
    check(scale.log and scale.shelf_label == "0", "no shelf for zero: %r" % scale.shelf_label)
    median = [scale.place(v) for v in figure.run.series["0", "dies"].median]
    check_equal(median[5:], [scale.shelf] * 5, "the end of the median")
    check_equal(median[:5], [1.0 / t ** 2 for t in range(1, 6)], "the start of the median")
    check(scale.lo < scale.shelf < min(median[:5]), "the shelf is not between the foot and the values")
    labels = [t.label1.get_text() for t in ax.yaxis.get_major_ticks()]
    check_equal(labels[0], "0", "label of the shelf")
    check(scale.place(0.0) == scale.shelf and scale.place(None) != scale.place(None), "place")


@test
def tiny_tails_are_said_to_be_below():
    import tails
    scale = draw(tails, "one").scale
    check(scale.log, "a median that dies over more than three decades is not on a log axis")
    check(scale.shelf_label.startswith("< "), "label of the shelf: %r" % scale.shelf_label)
    check_equal(scale.place(1e-30), scale.shelf, "place of 1e-30")
    check(not draw(tails, "one", "--linear-y").scale.log, "--linear-y is not obeyed")


@test
def infinite_values_are_marked():
    import trajectories
    figure = draw(trajectories, "hostile", "--measure", "explodes", "sinks")
    top, bottom = ([(line.get_xdata()[0], line.get_marker()) for line in ax.get_lines()
                    if line.get_marker() in "^v" and len(line.get_xdata()) == 1] for ax in figure.page.axes)
    check_equal(sorted(top), [(6.0, "^"), (6.0, "^"), (8.0, "^")], "triangles: mean, law, median")
    check_equal(bottom, [(7.0, "v")], "triangles of the median")
    scale = figure.scales["explodes"]
    check_equal(scale.edge(float("inf")), scale.hi, "upper edge of an infinite band")
    check(scale.hi < 1e6, "infinity stretches the axis: %g" % scale.hi)


@test
def a_wide_band_is_cut_and_said():
    import trajectories
    figure = draw(trajectories, "one", "--measure", "drift_sq", "--linear-y")
    scale, series = figure.scales["drift_sq"], figure.run.series["0", "drift_sq"]
    check_equal(scale.cut, [max(series.q95)], "where the band goes")
    lines = max(series.mean + series.median + series.theory)
    check(lines < scale.hi < max(series.q95), "limits")
    texts = " ".join(words_of(figure.page))
    check("the axis is cut: what is drawn goes to %.3g" % max(series.q95) in texts, "the cut is not said")


@test
def negative_values_refuse_a_log_axis():
    import trajectories
    figure = draw(trajectories, "one", "--measure", "log_variance", "--log-y")
    check(not figure.scales["log_variance"].log, "log axis for negative values")
    check("nats (linear: not all > 0)" in words_of(figure.page), "not said")


@test
def odd_runs_are_drawn_legibly():
    import tails
    import trajectories
    measures = ("dies", "explodes", "sinks", "never", "gaps", "huge")
    for argv in ((), ("--log-y", "--replicates", "9"), ("--log-x",), ("--log-x", "--log-y"), ("--linear-y",)):
        figure = draw(trajectories, "hostile", "--measure", *measures, *argv)
        check_legible(figure.page)
        check("not defined at any generation" in words_of(figure.page), "not said")
    for folder in ("one", "six", "zipf"):
        for argv in ((), ("--log-x",), ("--log-y",), ("--linear-y",)):
            check_legible(draw(trajectories, folder, *argv).page)
            check_legible(draw(tails, folder, *argv).page)
    for last in (1, 2, 3, 12, 13, 100, 100000):
        fixtures.plain_run("short", points=2, generations=sorted({1, 2, (last + 1) // 2, last}), unit="nats")
        check_legible(draw(trajectories, "short").page)
        check_legible(draw(trajectories, "short", "--log-x", "--log-y").page)


@test
def dollar_signs_start_no_formula():
    import trajectories
    words = words_of(draw(trajectories, "hostile", "--measure", "dies", "explodes").page)
    for text in ("hostile \\$x_{1}\\$: truth.sd = 100 %", "50 \\$ or 60 \\$", "\\$",
                 "dotted: median: \\$x\\$ and \\$y_{t}\\$"):
        check(text in words, "%r is not among %s" % (text, words))


@test
def long_texts_are_wrapped_or_cut():
    import tails
    import trajectories
    word = "an-unbroken-name-of-more-than-any-panel-is-wide-" * 3
    measures = ("tail_ratio_0.1", word, "c", "d", "e", "f", "g")
    fixtures.plain_run("long", points=8, generations=range(1, 30), paths=("policy." + word, "run." + word),
                       values=["%d %s" % (i, word) for i in range(8)], source="law " * 200,
                       doc="words " * 200, unit="units " * 20, measures=measures)
    for module in (trajectories, tails):
        check_legible(draw(module, "long").page)
    check_legible(draw(trajectories, "long", "--measure", *measures).page)


@test
def many_swept_paths_are_shortened():
    import tails
    paths = ("policy.anchor.every", "policy.anchor.points", "policy.anchor.first")
    fixtures.plain_run("zip", points=4, paths=paths, measures=("tail_ratio_0.1",))
    words = words_of(draw(tails, "zip").page)
    for text in ("every = 3, points = 3, first = 3", ", ".join(paths)):
        check((text in words) == text.startswith("every"), "%r in %s" % (text, words))
    fixtures.plain_run("zip1", points=4, paths=paths[:1], measures=("tail_ratio_0.1",))
    check("policy.anchor.every = 3" in words_of(draw(tails, "zip1").page), "a path that fits is shortened")


@test
def numbers_are_shown_in_as_few_digits_as_say_them():
    import ourowords
    for text, short in (("0.59999999999999998", "0.6"), ("0.6667", "0.6667"), ("1e-300", "1e-300"), ("10000000", "10000000"),
                        ("9007199254740993", "9007199254740993"), ("0.30000000000000004", "0.30000000000000004"),
                        ("replace", "replace"), ("", ""), ("nan", "nan")):
        check_equal(ourowords.shortest(text), short, text)


@test
def the_agreement_with_the_law_is_said():
    import ouroplot
    import ourowords
    series = [ouroplot.Series() for _ in range(3)]
    for i, s in enumerate(series[:2]):
        s.generation, s.theory, s.z = [1.0, 2.0, 3.0], [1.0] * 3, [0.5, -1.26 + 2 * i, None]
        s.sources = ["mean: a law (exact)"]
    series[2].generation, series[2].theory, series[2].z = [1.0], [None], [None]
    named = list(zip(("k = 1", "k = 2", "k = 3"), series))
    check_equal(ourowords.law_words(named[:1]), "dotted, z = \u22121.3 at t = 2: a law (exact)", "one")
    check_equal(ourowords.law_words(named[:2]), "dotted, z = \u22121.3 to +0.7 at t = 2: a law (exact)",
                "two")
    series[1].z[2] = 25000.0
    check_equal(ourowords.law_words(named), "dotted (k = 1; k = 2), z = \u22121.3 to +25000 at t = 2 to 3: "
                "a law (exact)", "three, one of them without a law")
    check_equal(ourowords.law_words(named[2:]), "", "no law")


@test
def works_with_summary_alone():
    import tails
    import trajectories
    os.makedirs("alone")
    shutil.copy("six/summary.csv", "alone")
    for module in (trajectories, tails):
        figure = draw(module, "alone")
        texts = words_of(figure.page)
        check(any(t.startswith("alone") for t in texts), "the folder does not name the figure")
        check("point 3" in texts, "points have no name: %s" % texts)
        check("truth (t = 0)" not in texts, "a truth is drawn that is not there")
        check_legible(figure.page)
    with open("alone/manifest.json", "w") as stream:
        stream.write("{ broken")
    code, _, err = call(trajectories, "alone")
    check(code == 0 and "manifest.json" in err, "a broken manifest: exit %d, %r" % (code, err))


@test
def a_swept_truth_is_not_a_measure():
    import ouroplot
    run = ouroplot.read_run("hostile")
    check_equal(run.swept, ["truth.sd"], "swept paths")
    check_equal(run.truth, {("0", "dies"): 1.0, ("0", "explodes"): float("inf")}, "values at t = 0")
    fixtures.plain_run("namesake", points=2, paths=("truth.a",), measures=("a",))
    run = ouroplot.read_run("namesake")
    check_equal((run.swept, run.truth), (["truth.a"], {}), "a swept path named like a measure")


if __name__ == "__main__":
    sys.exit(run_tests())
