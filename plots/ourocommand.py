"""The command line the scripts share: options, refusals in one sentence, exit codes.

Exit 0; 1 the picture cannot be written; 2 the request cannot be met; 3 no matplotlib; 130 interrupted.
"""

import argparse
import os
import subprocess
import sys

from ouroplot import Refusal, listing, nearest, one_line

MAX_POINTS = 8  # colours of different luminance that can still be told apart on one page
EXIT_RUNTIME, EXIT_NO_MATPLOTLIB, EXIT_INTERRUPTED = 1, 3, 130

NO_MATPLOTLIB = (
    "{python} cannot import matplotlib ({why}): install python3-matplotlib (Debian, Ubuntu, Fedora, "
    "openSUSE), python-matplotlib (Arch, Homebrew), py3-matplotlib (Alpine) or matplotlib (pip, conda), or "
    "use another Python that has it"
)


class Parser(argparse.ArgumentParser):
    """argparse that refuses in one sentence, exit 2, and accepts no abbreviations."""

    def __init__(self, **kw):
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **kw)

    def error(self, message):
        order = ", DIR comes before --points and --measure" if message.endswith("required: DIR") else ""
        raise Refusal("%s%s (see --help)" % (message, order))


def positive(text):
    value = int(text) if text.isascii() and text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError("'%s' is not a whole number of at least 1" % text)
    return value


def common_arguments(parser, default_name):
    parser.add_argument("dir", metavar="DIR", help="run directory written by `ouro run`")
    parser.add_argument("--points", nargs="+", metavar="P",
                        help="draw these points of a sweep (numbers of points.csv)")
    parser.add_argument("--log-x", action="store_true",
                        help="logarithmic generations; t = 0 moves to the left edge")
    parser.add_argument("--log-y", dest="y", action="store_const", const="log",
                        help="logarithmic values (default: where the lines span more than a factor of 1000)")
    parser.add_argument("--linear-y", dest="y", action="store_const", const="linear",
                        help="never logarithmic values")
    parser.add_argument("--output", metavar="FILE",
                        help="FILE.png, .svg or .pdf (default DIR/%s)" % default_name)


def output_format(path, given):
    """'png', 'svg' or 'pdf' from the name. What is wrong with a name that was given is refused before
    anything is read or drawn; a default name lies in DIR, which is checked when it is read."""
    if not given:
        return "png"
    extension = os.path.splitext(path)[1].lower()
    if extension not in (".png", ".svg", ".pdf"):
        raise Refusal("--output %s must end in .png, .svg or .pdf" % path)
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise Refusal("--output %s: the directory %s does not exist" % (path, folder))
    if os.path.isdir(path):
        raise Refusal("--output %s is a directory" % path)
    return extension[1:]


SYSTEM_PYTHON = "/usr/bin/python3"


def go_on_with_the_systems_python():
    """The `python3` of the PATH is often not the one that has the distribution's packages (pyenv, conda): where the
    system's own imports matplotlib, it takes over. Does not return then."""
    if "OURO_TOOK_OVER" in os.environ or not os.access(SYSTEM_PYTHON, os.X_OK):
        return
    os.environ["OURO_TOOK_OVER"] = "1"  # once
    probe = [SYSTEM_PYTHON, "-c", "import matplotlib"]
    if subprocess.run(probe, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON] + sys.argv)


def load_style():
    """The drawing module, imported late so that --help and refusals work without matplotlib."""
    try:
        import ourostyle
    except ImportError as e:
        go_on_with_the_systems_python()
        raise Refusal(NO_MATPLOTLIB.format(python=sys.executable or "this Python", why=one_line(e)),
                      EXIT_NO_MATPLOTLIB)
    return ourostyle


def run_script(program, main):
    """Calls main(argv) and turns refusals and system errors into one sentence on stderr and an exit code."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="surrogateescape")  # a path is printed as it was given
    try:
        return main(sys.argv[1:])
    except Refusal as e:
        sentence, code = str(e), e.code
    except OSError as e:
        sentence, code = "%s: %s" % (e.filename or "i/o", e.strerror or e), EXIT_RUNTIME
    except KeyboardInterrupt:
        sentence, code = "interrupted, nothing was written", EXIT_INTERRUPTED
    print("%s: %s" % (program, one_line(sentence)), file=sys.stderr)
    return code


def choose_points(run, asked):
    """The points to draw: those asked for, or all of them, or eight spread evenly over a longer sweep."""
    if asked:
        for point in asked:
            if point not in run.points:
                raise Refusal("%s has no point %s; its points are %s"
                              % (run.folder, point, listing(run.points)))
        chosen = [p for p in run.points if p in asked]
        if len(chosen) > MAX_POINTS:
            raise Refusal("%d points were asked for, one figure shows at most %d" % (len(chosen), MAX_POINTS))
        return chosen
    n = len(run.points)
    if n <= MAX_POINTS:
        return list(run.points)
    return [run.points[round(i * (n - 1) / (MAX_POINTS - 1))] for i in range(MAX_POINTS)]


def require_measure(run, measure):
    if measure not in run.measures:
        near = nearest(measure, run.measures)
        raise Refusal("%s has no measure %s%s it has %s"
                      % (run.file("summary.csv"), measure, near, listing(run.measures)))
