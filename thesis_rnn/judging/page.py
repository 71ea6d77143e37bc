"""A judgement as one page of HTML: what to use, how sure that is, every score beside chance, how the best ones look."""

from collections.abc import Mapping

from thesis_rnn.judging.figures import draw_curves, draw_measures, draw_ranking
from thesis_rnn.judging.judgement import Judgement, ranked_by, ranking_cells, score_cells, transfer_cells
from thesis_rnn.reporting.pages import Block, Cells, Code, Heading, Picture, Text, page_of
from thesis_rnn.reporting.pages.explanation import CELLS, sample_blocks, versions
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.style import SCREEN_DPI

TITLE = "Which explanation of this model can be trusted?"


def judgement_page(judgement: Judgement, title: str = "") -> str:
    """One file of HTML that needs nothing else.

    Args:
      judgement: what ``judge`` returned.
      title: the page's; by default the question that it answers.

    Returns:
      The page as text.
    """
    blocks: list[Block] = [Text(judgement.recommendation), *(Text(note, note=True) for note in judgement.notes)]
    blocks += [*_ranking(judgement), *_scores(judgement), *_heatmaps(judgement)]
    if judgement.transfer:
        blocks += [Heading("On planted evidence, the same architecture"), Cells(*transfer_cells(judgement.transfer))]
    if judgement.left_out:
        blocks += [Heading("Left out"), Cells(("method or measure", "why"), list(judgement.left_out.items()))]
    return page_of(title or TITLE, [*blocks, *_repetition(judgement.asked)])


def _ranking(judgement: Judgement) -> list[Block]:
    ranking = judgement.ranking
    png = png_of(draw_ranking(ranking), dpi=SCREEN_DPI)
    said = "Mean ranks, 1 is best, with the range of 95% of the resamples; the same numbers as in the table."
    return [
        Heading("Ranking"),
        Text(ranked_by(ranking)),
        Cells(*ranking_cells(ranking, judgement.seconds)),
        Picture(png, said),
    ]


def _scores(judgement: Judgement) -> list[Block]:
    if not judgement.rows:
        return []
    said = "Mean and 95% interval of each method by each measure; the broken line is what a random map gets."
    blocks = [
        Heading("Scores on the other samples"),
        Text("Mean and half of its 95% interval; an arrow says which way is better. The last row is of a random map."),
        Cells(*score_cells(judgement.rows)),
        Picture(png_of(draw_measures(judgement.rows, judgement.ranking), dpi=SCREEN_DPI), said),
    ]
    if not judgement.curves:
        return blocks
    said = (
        "The mean explained output while units are removed, the most relevant first (drawn through) or the least "
        "(broken): the farther apart, the better the order."
    )
    curves = png_of(draw_curves(judgement.curves, judgement.ranking), dpi=SCREEN_DPI)
    return [*blocks, Heading("While units are removed"), Picture(curves, said)]


def _heatmaps(judgement: Judgement) -> list[Block]:
    if not judgement.shown:
        return []
    blocks: list[Block] = [
        Heading("The best methods on one sample"),
        Text("Red speaks for what is explained, blue against it, white says nothing; each map has a scale of its own."),
    ]
    for name, explanation in judgement.shown.items():
        blocks += [Text(f"{name}:"), *sample_blocks(explanation, CELLS // len(judgement.shown), samples=1)]
    return blocks


def _repetition(asked: Mapping[str, str]) -> list[Block]:
    given = "".join(f", {name}={value}" for name, value in asked.items())
    return [Heading("How to repeat it"), Code(f"thesis_rnn.judge(model, x{given})"), Text(versions(), note=True)]
