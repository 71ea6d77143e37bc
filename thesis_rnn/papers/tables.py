"""All tables of the reproduction, from the rows of the result files."""

import pathlib
from collections.abc import Callable, Collection

from thesis_rnn.architectures.series import TABLE_2
from thesis_rnn.papers.chormai_2018 import accuracy_tables as accuracies
from thesis_rnn.papers.chormai_2018 import explanation_tables as explanations
from thesis_rnn.papers.chormai_2018 import published
from thesis_rnn.papers.chormai_2018.schedule_table import schedules
from thesis_rnn.papers.ismail_2019 import bridge as box_bridge
from thesis_rnn.papers.ismail_2019 import chance_tables as box_chance_tables
from thesis_rnn.papers.ismail_2019 import published as box_published
from thesis_rnn.papers.ismail_2019 import tables as box_tables
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table, block_names, with_blocks
from thesis_rnn.support import files

TABLES: dict[str, Callable[[Results], Table]] = {
    "lenet": accuracies.lenet_accuracy,
    "table_3_3": accuracies.variables_by_steps,
    "table_3_4": accuracies.accuracy_by_steps,
    "table_3_5": lambda results: accuracies.majority_accuracy(results, "Table 3.5", published.EXPERIMENT_2),
    "table_3_6": lambda results: accuracies.majority_accuracy(results, "Table 3.6", published.EXPERIMENT_3),
    "appendix_1": accuracies.fold_accuracy,
    "cosine_similarity": explanations.cosines,
    "claims": explanations.claims,
    "schedules": schedules,
    "last_steps": explanations.last_steps,
    "local_quality": explanations.local_quality,
    "seed_agreement": explanations.seed_agreement,
    "boxes_table_1": lambda results: box_tables.published_table(results, box_tables.TITLE_1, box_published.TABLE_1),
    "boxes_table_2": lambda results: box_tables.published_table(results, box_tables.TITLE_2, TABLE_2),
    "boxes_chance": box_chance_tables.beside_chance,
    "boxes_opposite_orders": box_chance_tables.opposite,
    "boxes_bridge": box_bridge.bridge,
    "boxes_vanishing": box_bridge.half_lives,
}


def with_tables(page: str, results: Results, names: Collection[str] = TABLES) -> str:
    """A page with the tables ``names`` as they are now, each in the block of its name."""
    shown = [name for name in block_names(page) if name in names]
    return with_blocks(page, {name: TABLES[name](results).markdown() for name in shown})


def write_tables(results: Results, folder: pathlib.Path, names: Collection[str] = TABLES) -> list[str]:
    """Writes each table of ``names`` that has rows as ``<folder>/<name>.md`` and ``.csv``; returns the names."""
    written = []
    for name in names:
        table = TABLES[name](results)
        if table.rows:
            files.write_text(folder / f"{name}.md", f"{table.markdown()}\n")
            files.write_text(folder / f"{name}.csv", table.as_csv())
            written.append(name)
    return written
