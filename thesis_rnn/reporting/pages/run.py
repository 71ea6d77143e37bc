"""The page of one run: what was trained, what its explanations are worth, and its figures."""

from collections.abc import Mapping

from thesis_rnn.reporting.pages.blocks import Block, Cells, Heading, Picture, Text, page_of
from thesis_rnn.reporting.run_report import run_cells, run_facts

CAPTIONS = {
    "heatmaps": "All methods on the same samples: red speaks for the true class, blue against it.",
    "steps": "The share of relevance on each time step.",
    "scores": "Where relevance lies, by method, beside what knows nothing.",
}


def run_page(metrics: Mapping, pictures: Mapping[str, bytes], settings: Mapping) -> str:
    """One file of HTML with everything that a run's report says.

    Args:
      metrics: the run's facts and scores.
      pictures: name -> PNG; those with a caption above are shown.
      settings: name -> value, what the run was made with.

    Returns:
      The page.
    """
    facts = metrics["facts"]
    header, rows = run_cells(metrics)
    blocks: list[Block] = [Text(run_facts(metrics))]
    if rows:
        blocks += [Heading("What the explanations are worth"), Cells(header, rows)]
        blocks.append(Text("In brackets: what knows nothing of the model, or knows the evidence.", note=True))
    for name, caption in CAPTIONS.items():
        if name in pictures:
            blocks += [Heading(name.capitalize()), Picture(pictures[name], caption)]
    cells = [(str(name), str(value)) for name, value in settings.items()]
    blocks += [Heading("Settings"), Cells(("setting", "value"), cells)]
    return page_of(f"{facts['architecture']} on {facts['dataset']}", blocks)
