"""What is made of finished runs: result files, tables, figures and the numbers of the README."""

import pathlib
from collections.abc import Sequence

from thesis_rnn.papers.chormai_2018 import schedule_table
from thesis_rnn.papers.figures import draw_figures
from thesis_rnn.papers.tables import TABLES, with_tables, write_tables
from thesis_rnn.plans.collecting import collect
from thesis_rnn.plans.outcomes import is_finished
from thesis_rnn.plans.results import COLUMNS, results_of, write_results
from thesis_rnn.plans.tasks import Task
from thesis_rnn.support import files


def draw(plan: Sequence[Task], profile: str, folder: pathlib.Path, readme: pathlib.Path | None = None) -> str:
    """Writes result files, tables and figures of what is finished into ``folder``; returns what was done, in words.

    Tables and plots are made of the result files ``<folder>/results/*.csv``, which also hold what other machines
    finished; heatmaps need the runs themselves, and are left as they are where these are missing. The blocks of
    ``readme`` that are named after tables are written anew. The profile that is there to be compared with the
    others has one table and no figures, and its rows stand beside theirs.
    """
    finished = [task for task in plan if is_finished(task)]
    rows = collect(finished, profile)
    for name in COLUMNS:
        write_results(folder / "results", name, rows[name])
    results = results_of(folder / "results", profile)
    is_comparison = profile == schedule_table.PROFILE
    tables = ["schedules"] if is_comparison else TABLES
    written = write_tables(results, folder, tables)
    if readme:
        files.write_text(readme, with_tables(readme.read_text(encoding="utf-8"), results, tables))
    drawn, missing = ([], []) if is_comparison else draw_figures(results, finished, folder)
    lines = [f"{len(finished)} of {len(plan)} tasks are finished", f"written: {', '.join(written + drawn)}"]
    if missing:
        lines.append(f"not drawn for want of runs: {', '.join(missing)}")
    return "\n".join(lines)
