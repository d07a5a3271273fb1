"""The page around the panels: colours, type, geometry, legends, captions, and writing the file.

All geometry is in inches and follows from the measured size of the texts, so that nothing overlaps whatever
the names and units are. Files are byte-identical on a rerun: Agg, DejaVu Sans (it ships with matplotlib), the
user's matplotlibrc ignored, no dates in the metadata, fixed identifiers in SVG.
"""

import os
import warnings

os.environ["MPLBACKEND"] = "Agg"  # an invalid value in the environment would fail the import

import matplotlib

matplotlib.use("Agg")
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

DPI = 160
INK, GREY = "#1a1a1a", "#555555"

# From dark to light (CIE L* 17 to 71), blue to orange: told apart by hue under the common colour blindnesses,
# by luminance in grey.
COLOURS = ("#1b068d", "#5002a2", "#7d03a8", "#a51f99", "#c6417d", "#df6263", "#ee7f45", "#eb9f1c")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
PICKS = {1: (0,), 2: (0, 6), 3: (0, 4, 7), 4: (0, 2, 5, 7), 5: (0, 2, 4, 5, 7), 6: (0, 1, 3, 4, 5, 7),
         7: (0, 1, 2, 3, 4, 5, 7), 8: (0, 1, 2, 3, 4, 5, 6, 7)}
ALONE = "#1f4e96"

STYLE = {
    "font.family": ["DejaVu Sans"], "font.size": 8.5, "text.color": INK, "axes.labelcolor": INK,
    "axes.labelsize": 8.5, "axes.edgecolor": "#444444", "axes.linewidth": 0.7, "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True, "axes.axisbelow": True, "axes.grid": True, "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6, "xtick.labelsize": 8, "ytick.labelsize": 8, "xtick.color": "#444444",
    "ytick.color": "#444444", "xtick.labelcolor": INK, "ytick.labelcolor": INK, "xtick.major.width": 0.7,
    "ytick.major.width": 0.7, "lines.solid_joinstyle": "round", "legend.frameon": False,
    "legend.fontsize": 8.5, "legend.title_fontsize": 8.5, "svg.hashsalt": "ouro",
    "svg.fonttype": "path", "pdf.fonttype": 42,
}


class Look:
    """How one point (or one tail) is drawn."""

    def __init__(self, i, n, bars=True):
        self.colour = COLOURS[PICKS[n][i]] if n > 1 else ALONE
        self.marker = MARKERS[i] if n > 1 else None
        self.size = {"D": 4.4, "P": 6.2, "X": 6.0}.get(self.marker, 5.0)  # of equal weight to the eye
        self.shift = i / n
        crowd = n > 3  # bands on top of each other show nothing: fainter, and a bar beside the panel
        self.band = 0.20 if n == 1 else 0.06 if crowd else 0.16
        self.bar = 1.03 + 0.024 * i if crowd and bars else None  # in widths of the panel
        self.outline = n > 1 and not crowd
        self.dots, self.dash = (1.5, 0.9) if crowd else (2.0, 1.1)


def plain(text):
    """Dollar signs would start a formula; everything from the run is plain text."""
    return text.replace("$", r"\$")


class Page:
    """A grid of equally large panels with captions above them, a heading, and legends at the foot."""

    GAP_X, GAP_Y, MARGIN = 0.30, 0.26, 0.14
    TITLE, SMALL = 9.5, 7.5  # points
    TITLE_LINE, SMALL_LINE = 0.185, 0.145  # inches

    def __init__(self, count, columns, panel):
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # drawn as a box; not worth a warning
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        self.columns = columns
        self.rows = -(-count // columns)
        self.panel = panel
        self.figure = Figure(figsize=(columns * (panel[0] + 1.5), self.rows * (panel[1] + 1.0)), dpi=DPI)
        FigureCanvasAgg(self.figure)
        self.axes = [self.figure.add_axes([0, 0, 1, 1], label=str(i)) for i in range(count)]
        for i in range(count):
            self.put(i, (i % columns) * (panel[0] + 1.5) + 1.0, (i // columns) * (panel[1] + 1.0) + 0.6)
        self.captions = [("", []) for _ in self.axes]

    def put(self, i, x, y):
        """Places panel i with its lower left corner at x, y inches."""
        w, h = self.figure.get_size_inches()
        self.axes[i].set_position([x / w, y / h, self.panel[0] / w, self.panel[1] / h])

    def width_of(self, text, size, weight="normal"):
        """Width in inches of one line of text."""
        font = FontProperties(family=STYLE["font.family"], size=size, weight=weight)
        renderer = self.figure.canvas.get_renderer()
        return renderer.get_text_width_height_descent(text, font, False)[0] / DPI

    def wrap(self, text, width, size, most, weight="normal"):
        """At most `most` lines no wider than `width` inches; what does not fit ends in an ellipsis."""
        def fits(line):
            return self.width_of(line, size, weight) <= width

        lines, words = [], text.split()
        while words and len(lines) < most:
            line = words.pop(0)
            while words and fits(line + " " + words[0]):
                line += " " + words.pop(0)
            if not fits(line) or (words and len(lines) == most - 1):
                cut = line if words or not fits(line) else line + "\u2026"
                while cut and not fits(cut + "\u2026"):
                    cut = cut[:-1]
                line = cut.rstrip() + "\u2026"
            lines.append(line)
        return lines

    def cut(self, text, width, size=STYLE["legend.fontsize"]):
        """One line of it, no wider than `width` inches."""
        return "".join(self.wrap(text, width, size, 1))

    def caption(self, i, title, lines):
        """Title and small lines above panel i; each line is (text, most lines it may take)."""
        wide = self.panel[0]
        wrapped = [part for text, most in lines if text for part in self.wrap(text, wide, self.SMALL, most)]
        self.captions[i] = (self.wrap(title, wide, self.TITLE, 1, "bold")[0], wrapped)

    def overhang(self):
        """How far labels stick out of the panels, in inches: left and right per column, bottom and top per
        row."""
        renderer = self.figure.canvas.get_renderer()
        left, right = [0.0] * self.columns, [0.0] * self.columns
        bottom, top = [0.0] * self.rows, [0.0] * self.rows
        for i, ax in enumerate(self.axes):
            outer, inner = ax.get_tightbbox(renderer), ax.get_window_extent(renderer)
            r, c = divmod(i, self.columns)
            left[c] = max(left[c], (inner.x0 - outer.x0) / DPI)
            right[c] = max(right[c], (outer.x1 - inner.x1) / DPI)
            bottom[r] = max(bottom[r], (inner.y0 - outer.y0) / DPI)
            top[r] = max(top[r], (outer.y1 - inner.y1) / DPI)
        return left, right, bottom, top

    def finish(self, title, lines, legends):
        """Lays the page out. title and lines: the heading; legends: list of (title or None, handles)."""
        left, right, bottom, top = self.overhang()
        width = sum(left) + sum(right) + self.columns * self.panel[0] + (self.columns - 1) * self.GAP_X
        width += 2 * self.MARGIN
        text_width = width - 2 * self.MARGIN
        heading = self.wrap(title, text_width, 12, 2, "bold")
        small = [part for text, most in lines if text for part in self.wrap(text, text_width, 8.5, most)]
        head = 0.235 * len(heading) + 0.17 * len(small) + 0.10
        captions = [max(len(self.captions[i][1]) for i in range(len(self.axes)) if i // self.columns == r)
                    for r in range(self.rows)]
        above = [self.TITLE_LINE + n * self.SMALL_LINE + 0.03 + t for n, t in zip(captions, top)]
        drawn = [self.legend(entry, text_width) for entry in legends if entry[1]]
        foot = sum(h for _, h in drawn) + 0.12
        height = 2 * self.MARGIN + head + foot + (self.rows - 1) * self.GAP_Y + sum(bottom)
        height += sum(above) + self.rows * self.panel[1]
        self.figure.set_size_inches(width, height)
        y = height - self.MARGIN
        for line in heading:
            y = self.write(line, self.MARGIN, y, 0.235, 12, weight="bold")
        for line in small:
            y = self.write(line, self.MARGIN, y, 0.17, 8.5, color=GREY)
        y -= 0.10
        for r in range(self.rows):
            x = self.MARGIN
            for c in range(self.columns):
                i = r * self.columns + c
                x += left[c]
                if i < len(self.axes):
                    self.place_panel(i, x, y, above[r])
                x += self.panel[0] + right[c] + self.GAP_X
            y -= above[r] + self.panel[1] + bottom[r] + self.GAP_Y
        y = self.MARGIN + foot - 0.12
        for legend, h in drawn:
            legend.set_bbox_to_anchor((self.MARGIN / width, y / height), transform=self.figure.transFigure)
            y -= h

    def place_panel(self, i, x, y, above):
        """Caption with its top at x, y inches, and the panel `above` inches under that."""
        title, small = self.captions[i]
        at = self.write(title, x, y, self.TITLE_LINE, self.TITLE, weight="bold")
        for line in small:
            at = self.write(line, x, at, self.SMALL_LINE, self.SMALL, color=GREY)
        self.put(i, x, y - above - self.panel[1])

    def write(self, text, x, y, line, size, **kw):
        """One line of text with its top at y inches; returns the top of the next line."""
        w, h = self.figure.get_size_inches()
        self.figure.text(x / w, (y - 0.72 * line) / h, plain(text), va="baseline", fontsize=size, **kw)
        return y - line

    def legend(self, entry, width):
        """A legend in as few rows as fit into `width` inches: (legend, height in inches)."""
        title, handles = entry
        title = self.cut(title, width - 0.2) if title else None
        for handle in handles:
            handle.set_label(plain(self.cut(handle.get_label(), width - 0.8)))
        renderer = self.figure.canvas.get_renderer()
        for rows in range(1, len(handles) + 1):
            columns = -(-len(handles) // rows)
            legend = self.figure.legend(
                handles=handles, title=title and plain(title), loc="upper left", ncol=columns,
                borderaxespad=0, borderpad=0.15, handlelength=2.6, columnspacing=1.6, labelspacing=0.45)
            legend._legend_box.align = "left"
            box = legend.get_window_extent(renderer)
            if box.width / DPI <= width or columns == 1:
                return legend, box.height / DPI + 0.06
            legend.remove()

    def save(self, path, kind, title):
        """Writes under a temporary name in the same folder and renames: a reader never sees half a
        picture."""
        metadata = {"png": {"Software": None, "Title": title},
                    "svg": {"Date": None, "Title": title},
                    "pdf": {"CreationDate": None, "ModDate": None, "Title": title}}[kind]
        temporary = os.path.join(os.path.dirname(path), ".%s.%d.tmp" % (os.path.basename(path), os.getpid()))
        try:
            self.figure.savefig(temporary, format=kind, dpi=DPI, metadata=metadata)
            os.replace(temporary, path)
        except BaseException:
            if os.path.exists(temporary):
                os.remove(temporary)
            raise


# ------------------------------------------------------------------------------------------------ legends


def entry_of(look, label):
    """Legend entry of one point or tail."""
    return Line2D([], [], color=look.colour, linewidth=1.7, marker=look.marker or "none",
                  markersize=look.size + 0.6, markeredgecolor="white", markeredgewidth=0.5,
                  label=label)


def statistics_legend(seen, colour, paths=0, log_x=False, bars=False, each=False):
    """One entry for each kind of mark that was drawn, and no other."""
    def line(label, **kw):
        return Line2D([], [], **{"color": colour, "linestyle": "-", **kw}, label=label)

    band = "5\u201395 % of the replicates" + (" (bars: at the last generation)" if bars else "")
    truth = "truth (t = 0, at the left edge)" if log_x else "truth (t = 0)"
    dots = {"color": "black", "linestyle": (0, (0.05, 2.6)), "dash_capstyle": "round", "linewidth": 2.0}
    marks = (
        ("median", line("median of the replicates", linewidth=1.7)),
        ("band", Patch(facecolor=colour, alpha=0.22, label=band)),
        ("share", line("share of the replicates", linewidth=1.7)),
        ("share band", Patch(facecolor=colour, alpha=0.22, label="95 % interval of the share")),
        ("mean", line("mean", linestyle=(0, (4.5, 1.8)), linewidth=1.1)),
        ("law", line("law (theory) of the mean", **dots)),
        ("median law", line("law (theory) of the median", **dots)),
        ("paths", line("%d replicate%s%s" % (paths, "s"[:paths > 1], " of each point" * each),
                       linewidth=0.5, alpha=0.6)),
        ("truth", line(truth, color=INK, linestyle="none", marker="D", markersize=5,
                       markeredgecolor="white")),
        ("infinite", line("infinite from here (filled: median, open: mean, black: law)", linestyle="none",
                          marker="^", markersize=6)),
    )
    return [handle for name, handle in marks if name in seen]
