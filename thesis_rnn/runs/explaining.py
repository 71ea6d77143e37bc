"""The second stage: heatmaps of chosen test samples of a run, one file for each method."""

from collections.abc import Sequence

import keras
import numpy as np

from thesis_rnn.attribution import MethodSpec
from thesis_rnn.data import problem_of
from thesis_rnn.runs.methods import explain_on
from thesis_rnn.runs.stored import load_chosen, stored_settings
from thesis_rnn.support.progress import bar
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder


def explain_run(
    folder: RunFolder,
    specs: Sequence[MethodSpec],
    chosen: Sequence[int] = range(100),
    data_dir: str | None = None,
    model: keras.Model | None = None,
    ledger: bool = False,
) -> None:
    """Explains the true class of the test samples ``chosen``, by index, into ``heatmaps/<file_name>.npz``.

    Each file is that of an explanation (``Explanation.load``) with x, y, evidence where it is known, the words of
    tokens, and the method's text and label beside it. ``model`` is the run's, if it is loaded already: what is compiled
    for it can be used again. With ``ledger`` the files of methods that conserve have the account of what was lost.

    Raises:
      InputError: for an index that no test sample has. A range is cut to those that there are.
    """
    samples, problem = load_chosen(folder, chosen, data_dir), problem_of(stored_settings(folder).data.dataset)
    model = model or load_model(folder.path)
    words = problem.words(samples.x, data_dir or stored_settings(folder).data.data_dir or None)
    with folder.locked("explain"):
        for spec in bar(specs, "explaining", "method"):
            explanation = explain_on(problem, model, samples.x, samples.y, spec, ledger)
            beside = samples._asdict() | {"words": words, "method": spec.text, "label": spec.label}
            arrays = explanation.arrays() | {k: v for k, v in beside.items() if v is not None}
            with folder.writing(folder.heatmaps / f"{spec.file_name}.npz") as temporary:
                np.savez_compressed(temporary, **arrays)
