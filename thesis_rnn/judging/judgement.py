"""The record of a judgement: a table, a ranking, a recommendation in words; files of them."""

import os
import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from thesis_rnn.attribution import Explanation
from thesis_rnn.errors import InputError
from thesis_rnn.judging.ranking import Ranking
from thesis_rnn.reporting.tables import Table, markdown_table, plain, short
from thesis_rnn.support import files

TableCells = tuple[Sequence[str], list[list[str]]]
"""The header and the rows of a table."""
COLUMNS = ("method", "measure", "family", "better", "value", "low", "high", "n", "chance", "seconds")


@dataclass(frozen=True)
class Judgement:
    """How good the methods that apply to a model explain it, on samples that did not rank them.

    Attributes:
      rows: dicts of ``COLUMNS``, one for each method and measure: the mean over samples with its 95% interval, what
        heatmaps that know nothing get, and the time that scoring took.
      ranking: by the measures of faithfulness (and of evidence, where it is known), on the other half of the samples.
      recommendation: in words.
      left_out: method or measure -> why it was not judged.
      seconds: method -> seconds per explained sample, without compiling.
      curves: method -> the mean output [k + 1] while the most, and while the least relevant units go first.
      transfer: what became of ``transfer=True``, rows of method, measure, value, low, high, chance; or ().
      notes: what else a reader must know.
      shown: the best methods' explanations of the first of these samples, by method.
      asked: the arguments of ``judge`` that were not its defaults, as they are written.

    Example:
      >>> ranking = Ranking(("a",), np.ones(1), np.ones(1), np.ones(1), np.ones(1), ("selectivity",), 4)
      >>> Judgement([], ranking, "Use a.", {}, {"a": 0.001}).recommendation
      'Use a.'
    """

    rows: list[dict]
    ranking: Ranking
    recommendation: str
    left_out: dict[str, str]
    seconds: dict[str, float]
    curves: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    transfer: Sequence[dict] = ()
    notes: Sequence[str] = ()
    shown: Mapping[str, Explanation] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.page()

    def to_frame(self):
        """The table as a pandas DataFrame.

        Raises:
          InputError: where pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise InputError("a frame needs pandas, pip install pandas; received none") from None
        return pandas.DataFrame(self.rows, columns=list(COLUMNS))

    def page(self, figures: Sequence[str] = ()) -> str:
        """The judgement as Markdown, with the ``figures`` of these file names."""
        parts = ["# Which explanation of this model can be trusted?", self.recommendation, *self.notes]
        parts += [f"![{pathlib.Path(name).stem}]({name})" for name in figures]
        parts += ["## Ranking", markdown_table(*ranking_cells(self.ranking, self.seconds)), ranked_by(self.ranking)]
        parts += ["## Scores on the other samples", markdown_table(*score_cells(self.rows))]
        if self.transfer:
            cells = markdown_table(*transfer_cells(self.transfer))
            parts += ["## On planted evidence, the same architecture", cells]
        if self.left_out:
            parts += ["## Left out", "\n".join(f"- {name}: {reason}" for name, reason in self.left_out.items())]
        return "\n\n".join(parts) + "\n"

    def to_html(self, path: str | os.PathLike | None = None, title: str = "") -> str:
        """The judgement as one file of HTML that needs nothing else, with heatmaps of the best methods.

        Args:
          path: where to write it; None writes nothing.
          title: the page's.

        Returns:
          The page.
        """
        from thesis_rnn.judging.page import judgement_page  # only who writes a page needs jinja2

        page = judgement_page(self, title)
        if path is not None:
            files.write_text(path, page)
        return page

    def save(self, folder: str | os.PathLike) -> pathlib.Path:
        """Writes ``judgement.csv``, ``ranking.png``, ``curves.png``, ``judgement.html`` and ``judgement.md``.

        Returns:
          The page's path.
        """
        from thesis_rnn.judging.figures import draw_curves, draw_ranking

        folder = pathlib.Path(folder)
        drawn = {"ranking.png": lambda: draw_ranking(self.ranking)}
        drawn |= {"curves.png": lambda: draw_curves(self.curves, self.ranking)} if self.curves else {}
        for name, draw in drawn.items():
            with files.replacing(folder / name) as temporary:
                draw().savefig(temporary, dpi=150)
        cells = [[plain(row[column]) for column in COLUMNS] for row in self.rows]
        files.write_text(folder / "judgement.csv", Table("", COLUMNS, cells).as_csv())
        self.to_html(folder / "judgement.html")
        files.write_text(folder / "judgement.md", self.page(tuple(drawn)))
        return folder / "judgement.md"


def ranking_cells(ranking: Ranking, seconds: Mapping[str, float]) -> TableCells:
    """The table of ranks."""
    rows = [
        [name, f"{ranking.rank[k]:.2f}", f"{ranking.low[k]:.2f} to {ranking.high[k]:.2f}", f"{ranking.first[k]:.0%}",
         f"{1000 * seconds[name]:.3g}"]
        for k, name in enumerate(ranking.methods)
    ]  # fmt: skip
    return ("method", "mean rank", "95% of resamples", "first", "ms a sample"), rows


def ranked_by(ranking: Ranking) -> str:
    """What the ranks are by, in words."""
    return f"By {', '.join(ranking.measures)} on {ranking.n} samples; the scores below are of the others."


def score_cells(rows: list[dict]) -> TableCells:
    """A row for each method, a column for each measure; chance in the last row."""
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows))
    found = {(row["method"], row["measure"]): row for row in rows}
    cells = [[name, *(_cell(found.get((name, measure))) for measure in measures)] for name in methods]
    chances = [next((row["chance"] for row in rows if row["measure"] == one), np.nan) for one in measures]
    cells.append(["(chance)", *map(short, chances)])
    arrows = {row["measure"]: {"higher": " ↑", "lower": " ↓"}.get(row["better"], "") for row in rows}
    return ["method", *(f"{one}{arrows[one]}" for one in measures)], cells


def _cell(row: dict | None) -> str:
    if row is None:
        return "-"
    half = (row["high"] - row["low"]) / 2
    return short(row["value"]) + ("" if np.isnan(half) else f" ± {half:.2g}")


def transfer_cells(rows: Sequence[dict]) -> TableCells:
    """The table of what was found on planted evidence."""
    cells = [
        [row["method"], row["measure"], short(row["value"]), f"{short(row['low'])} to {short(row['high'])}",
         short(row["chance"])]
        for row in rows
    ]  # fmt: skip
    return ("method", "measure", "value", "95%", "chance"), cells
