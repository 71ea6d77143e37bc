"""The page of one run: what was trained, what its explanations are worth, and its figures."""

import shlex
from collections.abc import Mapping

from thesis_rnn.reporting.pages.blocks import Block, Cells, Code, Flow, Heading, Picture, Text, page_of
from thesis_rnn.reporting.pages.explanation import versions
from thesis_rnn.reporting.run_report import chance_note, run_cells, run_facts

CAPTIONS = {
    "heatmaps": "All methods on the same samples: red speaks for the true class, blue against it.",
    "steps": "The share of relevance on each time step.",
    "scores": "Where relevance lies, by method, beside what knows nothing.",
}


def run_page(
    metrics: Mapping,
    pictures: Mapping[str, bytes],
    settings: Mapping,
    accounts: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    """One file of HTML with everything that a run's report says.

    Args:
      metrics: the run's facts and scores.
      pictures: name -> PNG; those with a caption above are shown.
      settings: name -> value, what the run was made with.
      accounts: label of a method -> what was explained, received and absorbed, as ``ledger_totals`` gives it.

    Returns:
      The page.
    """
    facts = metrics["facts"]
    header, rows = run_cells(metrics)
    blocks: list[Block] = [Text(line) for line in (run_facts(metrics), chance_note(metrics)) if line]
    if rows:
        blocks += [Heading("What the explanations are worth"), Cells(header, rows)]
        blocks.append(Text("In brackets: what knows nothing of the model, or knows the evidence.", note=True))
    for name, caption in CAPTIONS.items():
        if name in pictures:
            blocks += [Heading(name.capitalize()), Picture(pictures[name], caption)]
    told = {label: totals for label, totals in (accounts or {}).items() if totals}
    blocks += [Heading("Conservation, mean over the samples of the heatmaps")] if told else []
    for label, totals in told.items():
        blocks += [Text(f"{label}:"), Flow(list(totals.items()))]
    cells = [(str(name), str(value)) for name, value in settings.items()]
    flags = shlex.join(f"--{name}={value}" for name, value in settings.items())
    blocks += [Heading("Settings"), Cells(("setting", "value"), cells), Heading("How to repeat it")]
    blocks += [Code(f"python -m thesis_rnn train {flags}"), Text(f"This page: {versions()}", note=True)]
    return page_of(f"{facts['architecture']} on {facts['dataset']}", blocks)
