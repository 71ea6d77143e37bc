"""What is made of finished runs: result files, tables, figures and pages."""

import pathlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from thesis_rnn.errors import InputError
from thesis_rnn.papers.material import Material, MissingError, UnexplainedError
from thesis_rnn.papers.table import PAPERS, Paper
from thesis_rnn.plans.collecting import collect
from thesis_rnn.plans.outcomes import is_finished
from thesis_rnn.plans.results import Results, results_of, write_results
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.saving import save_figure
from thesis_rnn.reporting.tables import block_names, with_blocks
from thesis_rnn.support import files
from thesis_rnn.support.progress import bar

SUFFIXES = (".png", ".pdf")


@dataclass
class Made:
    """The names of what was written and drawn, and of the figures that have to wait for runs.

    ``finished`` is the number of the plan's ``tasks`` that are.
    """

    finished: int
    tasks: int
    written: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.finished} of {self.tasks} tasks are finished"]
        lines.append(f"written: {', '.join(self.written + self.drawn)}")
        if self.missing:
            lines.append(f"not drawn for want of runs: {', '.join(self.missing)}")
        return "\n".join(lines)


def draw(
    plan: Sequence[Task],
    profile: str,
    folder: pathlib.Path,
    pages: pathlib.Path | None = None,
    readme: pathlib.Path | None = None,
) -> Made:
    """Writes result files, tables and figures of what is finished into ``folder``; returns what was done.

    Tables and plots are made of the result files ``<folder>/results/*.csv``, which also hold what other machines
    finished; heatmaps need the runs themselves, and are left as they are where these are missing. Each paper of the
    plan has a page ``<pages>/<paper>.md`` with its tables, and ``readme`` those that it has a block for. A profile that
    is there to be compared with the others has some tables and no figures, and its rows stand beside theirs.
    """
    finished = [task for task in plan if is_finished(task)]
    for name, rows in collect(finished, profile).items():
        write_results(folder / "results", name, rows)
    results, made = results_of(folder / "results", profile), Made(len(finished), len(plan))
    for name in (paper for paper in PAPERS if any(task.paper == paper for task in plan)):
        own = [task for task in finished if task.paper == name]
        _draw_paper(PAPERS[name], Material(results.of_paper(name), own), folder, made)
        for page in (pages and pages / f"{name}.md", readme):
            if page:
                write_page(page, PAPERS[name], results.of_paper(name))
    return made


def _draw_paper(paper: Paper, material: Material, folder: pathlib.Path, made: Made) -> None:
    made.written += write_tables(paper, material.results, folder)
    drawn, missing = draw_figures(paper, material, folder)
    made.drawn += drawn
    made.missing += missing


def write_tables(paper: Paper, results: Results, folder: pathlib.Path) -> list[str]:
    """Writes each table of the paper that has rows as ``<folder>/<name>.md`` and ``.csv``; returns the names."""
    written = []
    for name, make in paper.tables_of(results.profile).items():
        table = make(results)
        if table.rows:
            files.write_text(folder / f"{name}.md", f"{table.markdown()}\n")
            files.write_text(folder / f"{name}.csv", table.as_csv())
            written.append(name)
    return written


def draw_figures(paper: Paper, material: Material, folder: pathlib.Path) -> tuple[list[str], list[str]]:
    """Draws every figure whose runs or numbers are there as ``<folder>/<name>.png`` and ``.pdf``.

    Figures that are not drawn are left as they are.

    Returns:
      The names of the figures drawn, and of those that have to wait for runs.
    """
    drawn, missing = [], []
    for name, make in bar(paper.figures_of(material.results.profile).items(), "drawing", "figure"):
        try:
            figure = make(material)
        except MissingError as error:
            missing.append(f"{name} ({error})" if isinstance(error, UnexplainedError) else name)
            continue
        for suffix in SUFFIXES:
            save_figure(figure, folder / f"{name}{suffix}")
        drawn.append(name)
    return drawn, missing


# ---- pages


def check_pages(plan: Sequence[Task], pages: pathlib.Path, readme: pathlib.Path | None = None) -> None:
    """Refuses pages that no tables can be written into, before anything is run.

    Raises:
      InputError: for a page that cannot be read, is not UTF-8, or has a block without its end.
    """
    for page in [*(pages / f"{name}.md" for name in {task.paper for task in plan}), *([readme] if readme else [])]:
        if page.exists():
            text = _read_page(page)
            with_blocks(text, dict.fromkeys(block_names(text), ""))


def _read_page(path: pathlib.Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"expected a page of text in UTF-8; received {path}: {error}") from None


def write_page(path: pathlib.Path, paper: Paper, results: Results) -> None:
    """Writes the paper's tables as they are now into the page; what stands around them is kept."""
    page = _read_page(path) if path.is_file() else empty_page(paper)
    files.write_text(path, with_tables(page, paper, results))


def empty_page(paper: Paper) -> str:
    """A page with a block for each table."""
    blocks = [f"<!-- begin {name} -->\n<!-- end {name} -->" for name in paper.tables]
    told = "Written by `python -m thesis_rnn reproduce`; what stands outside the marked blocks is kept."
    return "\n\n".join([f"# Results: {paper.title}", told, *blocks]) + "\n"


def with_tables(page: str, paper: Paper, results: Results) -> str:
    """A page with the paper's tables as they are now, each in the block of its name."""
    made = {
        name: make(results).markdown()
        for name, make in paper.tables_of(results.profile).items()
        if name in block_names(page)
    }
    return with_blocks(page, made)
