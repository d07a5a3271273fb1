#!/usr/bin/env python3
"""How plots/*.py behave as programs: refusals, files, reruns, a missing matplotlib."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir, os.pardir, "plots")]

import fixtures
from support import PLOTS, call, check, check_equal, refused, run_tests, test


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
    broken(head + row.replace("0.1,1,1", "0.1,1,zero"), "no measure b", argv=("--measure", "b"))  # nobody reads q25
    broken(head + row.replace("0.1", "zero"), "summary.csv:2:", "se is 'zero'")
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
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **env})


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
                                     {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "MPLBACKEND": "none-such",
                                      "MATPLOTLIBRC": os.path.abspath("taste"),
                                      "SOURCE_DATE_EPOCH": "12345"})):
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
        for name in ("trajectories.py", "tails.py", "scores.py", "mixture.py", "verdicts.py"):
            done = script(name, "six", PYTHONPATH=os.path.abspath("without-" + missing))
            check_equal(done.returncode, 3, "exit code (%s)" % done.stderr)
            check_equal((done.stdout, done.stderr.count("\n")), ("", 1), "output")
            for words in ("python3-matplotlib (Debian", "py3-matplotlib (Alpine)", missing):
                check(words in done.stderr, "%r is not in %r" % (words, done.stderr))
    helped = script("tails.py", "--help", PYTHONPATH=os.path.abspath("without-matplotlib"))
    check_equal(helped.returncode, 0, "exit code of --help without matplotlib")


if __name__ == "__main__":
    sys.exit(run_tests())
