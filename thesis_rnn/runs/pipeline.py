"""All stages of a run, one after the other."""

from thesis_rnn.attribution import method_specs
from thesis_rnn.runs.evaluating import evaluate_run
from thesis_rnn.runs.explaining import explain_run
from thesis_rnn.runs.reporting import report_run
from thesis_rnn.runs.settings import Settings
from thesis_rnn.runs.training import prepare
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder


def make_run(settings: Settings, folder: RunFolder, overwrite: bool = False, resume: bool = False) -> str:
    """Trains the model of ``settings``, explains, evaluates and reports it in ``folder``; returns its table.

    The folder is held from the first file to the last: nobody else writes into it.

    Raises:
      InputError: see ``train``.
    """
    prepared = prepare(settings, folder, overwrite, resume)
    explanation = prepared.settings.explanation
    specs = method_specs(explanation.methods)
    with folder.locked("train"):
        prepared.fit()
        model = load_model(folder.path)
        explain_run(folder, specs, explanation.heatmap_indices, model=model)
        evaluate_run(folder, specs, model=model)
        return report_run(folder)
