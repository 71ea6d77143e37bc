"""All stages of a run, one after the other."""

import contextlib

from thesis_rnn.attribution import method_specs
from thesis_rnn.runs.evaluating import evaluate_run
from thesis_rnn.runs.explaining import explain_run
from thesis_rnn.runs.reporting import report_run
from thesis_rnn.runs.settings import Settings
from thesis_rnn.runs.training import prepare
from thesis_rnn.support import progress
from thesis_rnn.training.devices import check_parts, devices_note, on_devices
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder


def make_run(
    settings: Settings, folder: RunFolder, overwrite: bool = False, resume: bool = False, devices: str = "one"
) -> str:
    """Trains the model of ``settings``, explains, evaluates and reports it in ``folder``; returns its table.

    The folder is held from the first file to the last: nobody else writes into it. ``devices`` is "one" or "all" of
    this machine, on which it is trained.

    Raises:
      InputError: see ``train``.
    """
    with contextlib.ExitStack() as held:
        with on_devices(devices) as count:
            prepared = prepare(settings, folder, overwrite, resume)
            explanation = prepared.settings.explanation
            specs = method_specs(explanation.methods)
            check_parts(prepared.batches, count)
            held.enter_context(folder.locked("train"))
            with progress.during(""):  # Keras shows its own bars
                prepared.fit(verbose=int(not progress.is_silent()))
            if count > 1:
                folder.add_note(devices_note(prepared.model, count))
        model = load_model(folder.path)
        explain_run(folder, specs, explanation.heatmap_indices, model=model)
        evaluate_run(folder, specs, model=model)
        return report_run(folder)
