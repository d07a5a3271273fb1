"""What a figure says: labels of points, the heading, and the captions of the panels, all from the run."""


def shortest(text):
    """A number in as few digits as give the same one again, 0.6 for 0.59999999999999998; other texts as they are."""
    try:
        return min(("%.15g" % float(text), text), key=len) if float("%.15g" % float(text)) == float(text) else text
    except ValueError:
        return text


def point_values(run, point):
    """The swept values of a point as they are shown, [] when the run has no points.csv or sweeps nothing."""
    values = [shortest(v) for v in run.settings.get(point, [])]
    return [(v if len(v) <= 28 else v[:27] + "\u2026") or "(default)" for v in values]


def point_label(run, point):
    """The swept values, '20' or '20, 100'; 'point 3' when nothing says more."""
    return ", ".join(point_values(run, point)) or "point %s" % point


def point_title(run, point, short=False):
    """'policy.anchor.every = 20', short 'every = 20'; 'point 3' in a sweep nothing is known of, else ''."""
    pairs = zip(run.swept, point_values(run, point))
    words = ", ".join("%s = %s" % (path.split(".")[-1] if short else path, value) for path, value in pairs)
    return words or ("point %s" % point if len(run.points) > 1 else "")


def replicate_words(run, shown):
    """'200 replicates', with the range where points or generations have fewer; where a value is nowhere
    defined nothing is drawn, and nothing is counted. shown: list of Series."""
    shown = [s for s in shown if s.defined()]
    counts = [n for s in shown for n in s.n if n]
    if not counts:
        return "%s replicates" % run.replicates if run.replicates else "number of replicates unknown"
    most = [max([n for n in s.n if n is not None], default=0) for s in shown]
    words = "%.15g replicate%s" % (max(most), "" if max(most) == 1 else "s")
    if min(most) < max(most):
        words = "%.15g to %s" % (min(most), words)
    if len(run.points) > 1:
        words += " per point"
    if min(counts) < min(most):
        words += " (a value is defined in %.15g or more of them)" % min(counts)
    return words


def heading(run, points, shown):
    """The small lines under the title: what was run, how often, what the band is, which points are shown."""
    where = "generation %g" % run.across[1] if run.across else "each generation"
    bands = ["5\u201395 %% of the replicates at %s" % where] * any(not s.share for s in shown)
    bands += ["95 % interval of a share"] * any(s.share for s in shown)
    facts = replicate_words(run, shown) + "; band: " + ", ".join(bands)
    if any(z is not None for s in shown for z in s.z):
        facts += "; z: simulation minus law in standard errors"
    few = ""
    if len(points) < len(run.points):
        few = ("%d of %d points shown: number %s (choose with --points)"
               % (len(points), len(run.points), ", ".join(points)))
    return [(run.description, 2), (facts, 2), (few, 2)]


def law_words(shown, axis="t"):
    """What the dotted line is, and how far the simulation is from it: z at the last generation with one.
    axis: what the series run over; shown: list of (label, Series); the labels are named when only some of them have a law."""
    sources, last, labels = [], [], []
    for label, series in shown:
        if any(v is not None for v in series.theory):
            labels.append(label)
            named = [s[len("mean: "):] if s.startswith("mean: ") else s for s in series.sources]
            sources += [s for s in named or ["law"] if s not in sources]
        last += [tz for tz in zip(series.generation, series.z) if tz[1] is not None][-1:]
    if not sources:
        return ""
    whose = " (%s)" % "; ".join(labels) if len(labels) < len(shown) else ""
    agreement = ""  # before the sources: those may be long and be cut
    if last:
        zs = sorted(z for _, z in last)
        z = " to ".join(dict.fromkeys("%+.*f" % (abs(v) < 100, v) for v in (zs[0], zs[-1])))
        ts = sorted(t for t, _ in last)
        when = axis + " = " + " to ".join(dict.fromkeys("%g" % t for t in (ts[0], ts[-1])))
        agreement = ", z = %s at %s" % (z.replace("-", "\u2212"), when)
    return "dotted%s%s: %s" % (whose, agreement, "; ".join(sources))


def cut_words(cut):
    """Where the values go that a linear axis leaves out."""
    ends = " and ".join(("%.3g" % v).replace("-", "\u2212") for v in cut)
    return "the axis is cut: what is drawn goes to " + ends if cut else ""
