"""The page docs/old-names.md: ``python -m thesis_rnn.reporting.name_changes > docs/old-names.md`` writes it."""

from collections.abc import Mapping

from thesis_rnn.reporting.tables import markdown_table
from thesis_rnn.support import old_names

TEXT = """# Names that changed

Everything that had another name before, with its form of now. `--arch`, `--run_dir`, `head`, `output`, `against`,
`step`, `.relevance`, `.explained`, `.absorbed` and `.unaccounted` are what they were, and so is
`python -m thesis_rnn.train --arch=convrlstm`. An old flag or program answers with its line of these tables; finished
runs of before are copied by `python -m thesis_rnn adopt OLD_RUN NEW_RUN`.
Written by `python -m thesis_rnn.reporting.name_changes > docs/old-names.md`."""


def name_changes() -> str:
    """The page, from the tables of ``support.old_names``.

    Returns:
      Markdown.
    """
    flags = {f"--{old}": new for old, new in old_names.FLAGS.items()}
    programs = {f"python -m thesis_rnn.{old}": new for old, new in old_names.ENTRY_POINTS.items() if old != "train"}
    scripts = {f"thesis-rnn-{old}": new for old, new in old_names.ENTRY_POINTS.items()}
    parts = {
        "Programs": programs | scripts,
        "Flags": flags,
        "Python": old_names.NAMES,
        "Problems": old_names.DATASETS,
        "Methods in results": old_names.METHODS,
        "Measures in results": old_names.MEASURES,
    }
    tables = (f"## {title}\n\n{_table(names)}" for title, names in parts.items())
    return "\n\n".join([TEXT, *tables]) + "\n"


def _table(names: Mapping[str, str]) -> str:
    return markdown_table(["before", "now"], [[f"`{old}`", f"`{new}`"] for old, new in names.items()])


if __name__ == "__main__":
    print(name_changes(), end="")
