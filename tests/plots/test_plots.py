#!/usr/bin/env python3
"""Tests of plots/*.py: prints `ok NAME` or `not ok NAME: why` for each, then `N passed, N failed`.

Runs under any Python; if this one has no matplotlib it hands over to one that has, and exits 77 (skipped)
when there is none. Arguments are name prefixes, as in the C test program.
"""

import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
PLOTS = os.path.join(HERE, os.pardir, os.pardir, "plots")
sys.path[:0] = [HERE, PLOTS]

import fixtures
from support import call, check, check_equal, check_legible, draw, lines_of, refused, words_of

TESTS = []


def test(function):
    TESTS.append(function)
    return function


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


# --------------------------------------------------------------------------------------------- refusals


@test
def missing_things_are_named():
    import tails
    import trajectories
    for module in (trajectories, tails):
        refused(module, "sixx", says=("sixx does not exist", "did you mean six?", "zipf"))
        refused(module, "no/such", says=("no/such does not exist", "neither"))
        refused(module, "six/summary.csv", says=("is a file", "run directory"))
        refused(module, says=("DIR", "--help"))
        refused(module, "six", "--output", "x.gif", says=(".png, .svg or .pdf",))
        refused(module, "six", "--output", "nowhere/x.png", says=("nowhere does not exist",))
        refused(module, "six", "--outptu", "x.png", says=("--outptu",))
        refused(module, "six", "--log", says=("--log",))
        refused(module, "six", "--linear", says=("--linear",))
    refused(trajectories, "six", "--measure", "varience_ratio",
            says=("no measure varience_ratio", "did you mean variance_ratio?", "drift_sq"))
    refused(trajectories, "--measure", "drift_sq", "six", says=("DIR comes before",))
    for k in ("0", "-1", "x", "1.5"):
        refused(trajectories, "six", "--replicates=" + k, says=("--replicates", k))
    refused(tails, "twenty-two", says=("tail_ratio_", "it has a, b"))


@test
def broken_files_are_named():
    import trajectories
    os.makedirs("broken", exist_ok=True)

    def broken(text, *says, argv=()):
        with open("broken/summary.csv", "w") as stream:
            stream.write(text)
        refused(trajectories, "broken", *argv, says=says)

    refused(trajectories, "broken", says=("broken has no summary.csv", "it holds nothing"))
    head = ",".join(fixtures.HEADER) + "\n"
    row = "0,1,a,5,1,0.1,1,1,1,1,1,,,\n"
    broken("", "is empty")
    broken(head, "no rows")
    broken(head.replace("median", "medain"), "no column median", "did you mean medain?")
    broken(head + row + "0,2,a,5,1\n", "summary.csv:3:", "5 fields")
    broken(head + row.replace("0.1", "zero"), "no measure b", argv=("--measure", "b"))
    broken(head + row.replace(",5,1,", ",5,one,"), "summary.csv:2:", "mean is 'one'")
    broken(head + row.replace("0,1,a", "0,,a"), "summary.csv:2:", "generation")
    broken(head + row.replace("0,1,a", "0,inf,a"), "summary.csv:2:", "generation")
    broken(head + "0,1,a,0,,,,,,,,,,\n", "no measure", "defined")
    broken(head + row, "no trajectories.csv", "observe.rows", argv=("--replicates", "3"))
    with open("broken/trajectories.csv", "w") as stream:
        stream.write("point,replicate,generation,status,b\n0,0,1,ok,1\n")
    broken(head + row, "trajectories.csv has no column a", argv=("--replicates", "3"))
    with open("broken/points.csv", "w") as stream:
        stream.write("pont,x\n0,1\n")
    broken(head + row, "points.csv has no column point", "did you mean pont?")


@test
def a_failed_write_leaves_the_old_picture():
    import matplotlib.figure
    import trajectories
    code, out, _ = call(trajectories, "twenty-two", "--output", "kept.png")
    check_equal((code, out), (0, "kept.png\n"), "first run")
    with open("kept.png", "rb") as stream:
        before = stream.read()
    save = matplotlib.figure.Figure.savefig

    def full(self, name, **kw):
        with open(name, "wb") as stream:
            stream.write(b"half")
        raise OSError(28, "No space left on device", name)

    matplotlib.figure.Figure.savefig = full
    try:
        refused(trajectories, "twenty-two", "--output", "kept.png", code=1, says=("No space left",))
    finally:
        matplotlib.figure.Figure.savefig = save
    with open("kept.png", "rb") as stream:
        check(stream.read() == before, "the old picture was touched")
    check_equal([f for f in os.listdir(".") if f.endswith(".tmp")], [], "files left behind")


# --------------------------------------------------------------------------------------------- as programs


def script(name, *argv, **env):
    return subprocess.run([sys.executable, os.path.join(PLOTS, name)] + list(argv), universal_newlines=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **env})


@test
def a_rerun_gives_the_same_bytes():
    os.makedirs("taste")
    with open("taste/matplotlibrc", "w") as stream:
        stream.write("font.size: 30\nsavefig.dpi: 40\nsavefig.bbox: tight\nsvg.hashsalt: x\n")
    kinds = ("png", "svg", "pdf")
    for name, folder in (("trajectories.py", "one"), ("tails.py", "six")):
        for kind in kinds:
            pictures = []
            for i, env in enumerate(({"PYTHONHASHSEED": "1", "TZ": "UTC"},
                                     {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "12345",
                                      "MATPLOTLIBRC": os.path.abspath("taste"), "MPLBACKEND": "no-such-backend"})):
                file = "rerun%d.%s" % (i, kind)
                done = script(name, folder, "--output", file, **env)
                check_equal((done.returncode, done.stdout, done.stderr), (0, file + "\n", ""), name)
                with open(file, "rb") as stream:
                    pictures.append(stream.read())
            check(pictures[0] == pictures[1], "%s of %s differs on a rerun" % (kind, name))
            magic = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind]
            check(pictures[0].startswith(magic), "%s is not a %s" % (file, kind))
            check(b"Date>" not in pictures[0] and b"CreationDate" not in pictures[0], "a date in %s" % file)


@test
def default_names_and_a_clean_tree():
    before = sorted(os.listdir(PLOTS))
    for name in ("trajectories", "tails"):
        done = script(name + ".py", "zipf")
        check_equal((done.returncode, done.stdout), (0, "zipf/%s.png\n" % name), name)
        check(os.path.getsize("zipf/%s.png" % name) > 10000, "the picture is empty")
        helped = script(name + ".py", "--help")
        check(helped.returncode == 0 and "--output FILE" in helped.stdout, "--help of %s" % name)
    check_equal(sorted(os.listdir(PLOTS)), before, "the folder of the scripts")
    check("__pycache__" not in before, "byte code was left among the sources")


@test
def without_matplotlib_one_sentence_and_exit_3():
    for missing in ("matplotlib", "numpy"):
        os.makedirs("without-" + missing)
        with open("without-%s/%s.py" % (missing, missing), "w") as stream:
            stream.write("raise ImportError(\"No module named '%s'\")\n" % missing)
        for name in ("trajectories.py", "tails.py"):
            done = script(name, "six", PYTHONPATH=os.path.abspath("without-" + missing))
            check_equal(done.returncode, 3, "exit code (%s)" % done.stderr)
            check_equal((done.stdout, done.stderr.count("\n")), ("", 1), "output")
            for words in ("python3-matplotlib (Debian", "py3-matplotlib (Alpine)", missing, "ouro report"):
                check(words in done.stderr, "%r is not in %r" % (words, done.stderr))
    helped = script("tails.py", "--help", PYTHONPATH=os.path.abspath("without-matplotlib"))
    check_equal(helped.returncode, 0, "exit code of --help without matplotlib")


# --------------------------------------------------------------------------------------------- the runner


def find_matplotlib():
    """Hands over to the first Python that has matplotlib, unless this one does."""
    try:
        import matplotlib
        return bool(matplotlib)
    except ImportError:
        pass
    for python in ("python3", "/usr/bin/python3", "/usr/local/bin/python3"):
        path = shutil.which(python)
        if path and not subprocess.call([path, "-c", "import matplotlib"], stderr=subprocess.DEVNULL):
            os.execv(path, [path, os.path.abspath(__file__)] + sys.argv[1:])
    return False


def main():
    if not find_matplotlib():
        print("skip plots: no Python with matplotlib was found")
        return 77
    prefixes, failed, passed = tuple(sys.argv[1:]) or ("",), 0, 0
    home = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        fixtures.gaussian_run("one")
        fixtures.gaussian_run("six", fresh=(0, 1, 2, 5, 10, 50), generations=100, replicates=40)
        fixtures.categorical_run("zipf")
        fixtures.hostile_run("hostile")
        fixtures.plain_run("twenty-two", points=2, generations=(1, 2), measures=("a", "b"))
        for function in TESTS:
            if not function.__name__.startswith(prefixes):
                continue
            try:
                function()
                passed += 1
                print("ok %s" % function.__name__)
            except Exception as e:
                failed += 1
                print("not ok %s: %s%s" % (function.__name__, "" if isinstance(e, AssertionError) else
                                           type(e).__name__ + ": ", " ".join(str(e).split())))
        os.chdir(home)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
