"""What the tests of plots/*.py share: runner, checks, calls of a script in this process, what a page shows.

A test file prints `ok NAME` or `not ok NAME: why` for each test, then `N passed, N failed`. It runs under any
Python: if this one has no matplotlib it hands over to one that has, and says `skip` when there is none. Its
arguments are name prefixes, as in the C test program.
"""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile

import fixtures

PLOTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "plots")
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def check(condition, why):
    if not condition:
        raise AssertionError(why)


def check_equal(got, expected, what):
    check(got == expected, "%s is %r, expected %r" % (what, got, expected))


def call(module, *argv):
    """main(argv) of a script in this process: (exit code, stdout, stderr)."""
    import ourocommand
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, [module.__name__] + [str(a) for a in argv]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = ourocommand.run_script(module.__name__ + ".py", module.main)
    finally:
        sys.argv = before
    return code, out.getvalue(), err.getvalue()


def refused(module, *argv, code=2, says=()):
    """The call must fail with one sentence on stderr, nothing on stdout, and every word of `says` in it."""
    got, out, err = call(module, *argv)
    check_equal(got, code, "exit code (stderr: %s)" % err.strip())
    check_equal(out, "", "stdout")
    check_equal(err.count("\n"), 1, "number of lines in %r" % err)
    for words in says:
        check(words in err, "%r is not in %r" % (words, err))


def draw(module, folder, *argv):
    """The Figure a call would save, without saving it."""
    import ourocommand
    import ouroplot
    options = module.arguments([folder] + list(argv))
    run = module.read_run(options) if hasattr(module, "read_run") else ouroplot.read_run(folder)
    points = ourocommand.choose_points(run, options.points)
    if module.__name__ == "tails":
        kind = module.choose_kind(run, options.of)
        figure = module.Figure(run, module.choose_tails(run, kind), kind, points, options)
        figure.draw()
        return figure
    if options.measure:
        chosen = module.asked_measures(run, options.measure)
    else:
        chosen = module.default_measures(run, points)
    figure = module.Figure(run, chosen, points, options)
    figure.draw()
    return figure


def visible_texts(page):
    """(text, box in pixels, panel it may lie in) of everything written on the page."""
    renderer = page.figure.canvas.get_renderer()
    page.figure.draw(renderer)
    artists, inside = list(page.figure.texts), {}
    for legend in page.figure.legends:
        artists += list(legend.get_texts()) + [legend.get_title()]
    for ax in page.axes:
        artists += [ax.xaxis.label, ax.yaxis.label, ax.xaxis.offsetText, ax.yaxis.offsetText] + list(ax.texts)
        inside.update((id(text), ax) for text in ax.texts)
        for axis in (ax.xaxis, ax.yaxis):
            lo, hi = sorted(axis.get_view_interval())
            shown = [t for t in axis.get_major_ticks() if lo <= t.get_loc() <= hi]
            artists += [t.label1 for t in shown] + [t.label2 for t in shown]
    shown = [a for a in artists if a.get_visible() and a.get_text().strip()]
    return [(a.get_text(), a.get_window_extent(renderer), inside.get(id(a))) for a in shown]


def words_of(page):
    return [text for text, _, _ in visible_texts(page)]


def check_legible(page):
    """No text touches another, leaves the page, or (outside the panels) enters a panel."""
    texts = visible_texts(page)
    width, height = page.figure.bbox.width, page.figure.bbox.height
    for i, (text, box, panel) in enumerate(texts):
        entered = [ax for ax in page.axes if ax is not panel and box.overlaps(ax.bbox)]
        check(not entered, "%r enters a panel" % text)
        check(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height,
              "%r leaves the page: %s in %g x %g" % (text, box, width, height))
        for other, box2, _ in texts[i + 1:]:
            apart = box.x1 <= box2.x0 or box2.x1 <= box.x0 or box.y1 <= box2.y0 + 1 or box2.y1 <= box.y0 + 1
            check(apart, "%r and %r overlap" % (text, other))
    for legend in page.figure.legends:
        box = legend.get_window_extent(page.figure.canvas.get_renderer())
        check(not any(box.overlaps(ax.bbox) for ax in page.axes), "a legend enters a panel")
        check(box.x1 <= width and box.x0 >= 0 and box.y0 >= 0, "a legend leaves the page")


def lines_of(ax):
    """[(xs, ys)] of the lines of a panel, as plain lists."""
    return [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.get_lines()]


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
            os.execv(path, [path, os.path.abspath(sys.argv[0])] + sys.argv[1:])
    return False


def run_tests():
    """Runs what @test has collected, in a temporary folder with a few runs in it. Returns the exit code."""
    if not find_matplotlib():
        print("skip plots: no Python with matplotlib was found")
        return 0
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
