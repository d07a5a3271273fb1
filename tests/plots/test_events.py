#!/usr/bin/env python3
"""plots/events.py: the curves of survival.csv, the medians of events.csv, and who is still at risk."""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, os.pardir, "plots")]

import fixtures
from support import call, check, check_equal, check_legible, lines_of, refused, run_tests, test, words_of

HEADER = ("point,event,measure,comparison,threshold,relative_to,resolution,last,n,events,censored,"
          "q05,q25,median,q75,q95,median_lower,median_upper")
STEPS = "point,event,generation,at_risk,events,survival,se,lower,upper"
HALF = [(3, 40, 10, 0.75, 0.1, 0.58, 0.86), (7, 30, 16, 0.35, 0.1, 0.2, 0.5), (20, 14, 4, 0.25, 0.1, 0.13, 0.39)]
RARE = [(5, 40, 1, 0.975, 0.1, 0.84, 0.996)]


def write(folder, name, lines):
    with open(os.path.join(folder, name), "w") as stream:
        stream.write("\n".join(lines) + "\n")


def kept(folder, points=1):
    """A run with an event that half of the replicates reach, one that few do, and one that none does."""
    if not os.path.isdir(folder):
        fixtures.plain_run(folder, points=points, generations=(1, 50))
    events, steps = [HEADER], [STEPS]
    for p in range(points):
        events += ["%d,half,variance_ratio,below,0.5,nothing,1,50,40,30,10,3,3,7,,,3,20" % p,
                   "%d,rare,support,below,%d,truth,observed,50,40,1,39,,,,,,," % (p, 9 + p),
                   "%d,never,absorbed,above,0,first,1,50,40,0,40,,,,,,," % p]
        steps += ["%d,half,%d,%d,%d,%g,%g,%g,%g" % ((p,) + s) for s in HALF]
        steps += ["%d,rare,%d,%d,%d,%g,%g,%g,%g" % ((p,) + s) for s in RARE]
    write(folder, "events.csv", events)
    write(folder, "survival.csv", steps)


def page_of(folder, *argv):
    import events
    pages = []
    before = events.Figure.draw
    events.Figure.draw = lambda self: pages.append(before(self)) or pages[-1]
    try:
        code, out, err = call(events, folder, *argv)
    finally:
        events.Figure.draw = before
    check_equal(code, 0, "exit code (stderr: %s)" % err.strip())
    check(os.path.getsize(out.strip()) > 5000, "%s is too small for a picture" % out)
    return pages[0]


@test
def draws_the_steps_of_the_csv():
    kept("steps")
    page = page_of("steps")
    check_equal(len(page.axes), 2, "panels: events that were seen")
    lines = lines_of(page.axes[0])
    check(([0, 3, 7, 20, 50], [1, 0.75, 0.35, 0.25, 0.25]) in lines, "the curve is not among %s" % lines)
    curve = next(line for line in page.axes[0].get_lines() if len(line.get_xdata()) == 5)
    check_equal(curve.get_drawstyle(), "steps-post", "how values go on until the next jump")
    check(([7], [0.5]) in lines and ([3, 20], [0.5, 0.5]) in lines, "no median with its interval in %s" % lines)
    band = page.axes[0].collections[0].get_paths()[0].vertices.tolist()
    for t, low, high in ((3, 0.58, 0.86), (7, 0.2, 0.5), (50, 0.13, 0.39)):
        check([t, low] in band and [t, high] in band, "the band misses t = %g" % t)
    lines = lines_of(page.axes[1])
    check(([0, 5, 50], [1, 0.975, 0.975]) in lines, "the rare event is not among %s" % lines)
    check(not any(len(xs) == 1 for xs, _ in lines), "a median that is not reached")


@test
def says_what_is_drawn_legibly():
    kept("words", points=3)
    page = page_of("words")
    check_legible(page)
    texts = words_of(page)
    for words in ("variance_ratio below 0.5; seen in 30 of 40", "at risk", "generation (fit number)",
                  "share without the event", "median and its 95 % interval"):
        check(any(words in t for t in texts), "%r is not in %s" % (words, texts))
    check(any(t.startswith("support below 9 to 11, the truth's own; seen in 1 of 40; looked") for t in texts),
          "thresholds of the rare event: %s" % texts)
    check_legible(page_of("words", "--log-x", "--log-y"))
    check_legible(page_of("words", "--event", "never"))


@test
def counts_who_is_at_risk():
    import events
    import ouroplot
    kept("risk")
    curves, names = events.read_curves(ouroplot.read_run("risk"))
    check_equal(names, ["half", "rare", "never"], "events in order")
    check_equal([curves["0", "half"].at_risk(t) for t in (1, 3, 4, 7, 8, 20, 21, 50, 51)],
                [40, 40, 30, 30, 14, 14, 10, 10, 0], "replicates at risk")
    check_equal([curves["0", "never"].at_risk(t) for t in (1, 50)], [40, 40], "at risk of what never comes")
    texts = words_of(page_of("risk", "--event", "half"))
    check_equal([t for t in texts if t in ("40", "14", "10")].count("10") >= 3, True, "10 after generation 20: %s" % texts)


@test
def refusals_name_what_is_there():
    import events
    kept("refused")
    refused(events, "refused", "--event", "haf", says=("no event haf", "did you mean half?", "rare"))
    refused(events, "refused", "--points", "7", says=("no point 7",))
    refused(events, "one", says=("one has no events.csv", "observe.events = []"))
    write("refused", "survival.csv", [STEPS, "0,other,1,2,1,0.5,0.1,0,1"])
    refused(events, "refused", says=("survival.csv:2", "other"))
    write("refused", "survival.csv", [STEPS, "0,half,1,2,1,x,0.1,0,1"])
    refused(events, "refused", says=("survival.csv:2", "survival is 'x'"))
    write("refused", "events.csv", [HEADER])
    write("refused", "survival.csv", [STEPS])
    refused(events, "refused", says=("no rows",))


if __name__ == "__main__":
    sys.exit(run_tests())
