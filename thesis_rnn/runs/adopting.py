"""Runs of versions before the manifest, made usable: read whole, then written as a run of today."""

import csv
import io
import json
import os
import pathlib
import shutil

import numpy as np

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.attribution import Explanation, describe_methods, method_spec
from thesis_rnn.data import PROBLEMS, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.runs import old_metrics
from thesis_rnn.runs.facts import run_facts
from thesis_rnn.runs.settings import Settings
from thesis_rnn.support import files
from thesis_rnn.support.arrays import read_npz
from thesis_rnn.training.manifest import settings_digest
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder

FLAGS = {
    "epoch_size": "sequences_per_epoch",
    "track": "track_sequences",
    "hidden": "units",
    "d_a": "attention_units",
    "r": "attention_hops",
    "window": "attention_window",
    "last_steps": "attend_last_steps",
}
"""Old name of a flag -> its name of today, where its value is the same."""
OF_METHODS = ("method", "alpha", "beta", "rules")
SALIENCIES = ("saliency(output=log_odds)", "saliency")
"""What every run on series with evidence was scored by."""


def adopt_run(old: str | os.PathLike, new: str | os.PathLike) -> RunFolder:
    """Makes a finished run of the old format, of images or of boxes, a run of this version in the folder ``new``.

    Copied are model, versions, TensorBoard logs and, with the keys of today, flags, history, metrics, heatmaps and
    mean maps. The old run stays as it is.

    Raises:
      InputError: if ``old`` is no finished run of the old format, or ``new`` is no new folder.
    """
    old, folder = RunFolder(old), RunFolder(new)
    flags = _old_flags(old)
    settings, metrics = _settings(flags), _read_json(old, old.metrics)
    history = _history(old, metrics)
    model = load_model(old.model)
    if folder.is_run():
        raise InputError(f"expected a new folder to adopt the run into; received {folder.path}, which is a run")
    folder.check_startable()
    with folder.locked("adopt"):
        folder.start(settings.as_flagfile(), settings=settings_digest(settings.hyperparameters()))
        files.write_text(folder.history, history)
        _copy(folder, old.versions, folder.versions)
        _copy(folder, old.model, folder.model)
        if old.tensorboard.is_dir():
            shutil.copytree(old.tensorboard, folder.tensorboard, dirs_exist_ok=True)
        if "maps" in metrics:
            _adopt_arrays(old, folder)
        _adopt_heatmaps(old, folder, settings)
        facts = run_facts(folder, settings, model) | _old_facts(metrics, settings)
        folder.write_json(folder.metrics, {"facts": facts, "scores": old_metrics.rows_of(metrics, settings)})
        folder.add_note(f"adopted from a run of the format before manifests: {old.path.name}")
    return folder


# ---- flags


def _old_flags(old: RunFolder) -> dict[str, str]:
    """The flags of the old run by name.

    Raises:
      InputError: if there is no such run, or it is not finished.
    """
    if old.is_run():
        raise InputError(f"expected a run of an earlier version; use it as it is; received {old.path} of this version")
    for path in (old.flags, old.versions, old.model, old.metrics, old.history):
        if not path.is_file():
            raise InputError(f"expected a finished run of an earlier version, with {path.name}; received {old.path}")
    lines = _text(old.flags).splitlines()
    flags = dict(line.removeprefix("--").partition("=")[::2] for line in lines)
    if "arch" not in flags or "method" not in flags:
        raise InputError(f"expected the flags of a run of an earlier version; received {old.flags}")
    return flags


def _settings(flags: dict[str, str]) -> Settings:
    """The flags in the names of today."""
    of_boxes = "hidden" in flags
    named = {FLAGS.get(name, name): value for name, value in flags.items() if name not in OF_METHODS}
    if of_boxes:
        boxes = f"box_{named['dataset']}"
        named["dataset"] = boxes if boxes in PROBLEMS else named["dataset"]
        sizes = ARCHITECTURES[named["arch"]].series.sizes
        for name in ("units", "attention_units", "attention_hops"):  # 0 is the architecture's own
            value = named.pop(name)
            named |= {name: value} if name in sizes and int(value) != sizes[name] else {}
    named["methods"] = "; ".join(old_metrics.methods_of(flags, of_boxes))
    return Settings.from_flags(named, "flags.txt of the old run").complete()


def _old_facts(metrics: dict, settings: Settings) -> dict:
    """What only the old metrics know."""
    test = metrics.get("test_sequences")
    return {"test_sequences": test, "accuracy": metrics["accuracy"]} if test else _facts_of_boxes(metrics, settings)


def _facts_of_boxes(metrics: dict, settings: Settings) -> dict:
    source = problem_of(settings.data.dataset).source
    return {"test_sequences": getattr(source, "test", None), "accuracy": metrics["accuracy"]}


def _history(old: RunFolder, metrics: dict) -> str:
    """The old history with the number of updates in each row."""
    rows = list(csv.DictReader(io.StringIO(_text(old.history), newline="")))
    if not rows or len(rows) != metrics.get("epochs"):
        raise InputError(f"expected a row for each epoch of the old run; received {old.history}")
    if "updates" not in rows[0]:
        updates = int(load_model(old.model).optimizer.iterations) // metrics["best_epoch"]
        rows = [row | {"updates": str(updates * number)} for number, row in enumerate(rows, start=1)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["epoch", *sorted(set(rows[0]) - {"epoch"})])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


# ---- arrays


def _adopt_arrays(old: RunFolder, folder: RunFolder) -> None:
    """The mean maps, samples and states of a run on boxes."""
    for name in ("maps", "samples", "states"):
        path = old.path / f"{name}.npz"
        if path.is_file():
            arrays = {old_metrics.KEYS.get(key, key): array for key, array in _arrays(path).items()}
            _write_arrays(folder, folder.path / path.name, arrays)


def _adopt_heatmaps(old: RunFolder, folder: RunFolder, settings: Settings) -> None:
    """The heatmaps of a run of images, or, of one on boxes, the samples with their saliency."""
    for path in sorted(old.heatmaps.glob("[!.]*.npz")):
        arrays = _arrays(path)
        given = {name.removeprefix("parameter_"): array for name, array in arrays.items() if name.startswith("param")}
        spec = method_spec(old_metrics.method_text(path.stem, given))
        _write_heatmaps(folder, spec, arrays, {name: _plain(value) for name, value in given.items()})
    samples = old.path / "samples.npz"
    if samples.is_file():
        arrays = {old_metrics.KEYS.get(key, key): array for key, array in _arrays(samples).items()}
        for text in SALIENCIES:
            explained = arrays | {"relevance": arrays[text], "target": arrays["y"]}
            _write_heatmaps(folder, method_spec(text), explained, {})


def _write_heatmaps(folder: RunFolder, spec, arrays: dict, parameters: dict) -> None:
    conserves = {row.name: row.conserves == "yes" for row in describe_methods()}[spec.name]
    value = arrays["logits"][np.arange(len(arrays["y"])), arrays["target"]]
    explanation = Explanation(
        arrays["relevance"],
        arrays["logits"],
        arrays["target"],
        value,
        arrays.get("explained", value),
        spec.name,
        parameters,
        conserves,
    )
    beside = {name: arrays[name] for name in ("x", "y", "evidence") if name in arrays}
    named = {"method": spec.text, "label": spec.label}
    _write_arrays(folder, folder.heatmaps / f"{spec.file_name}.npz", explanation.arrays() | beside | named)


def _plain(value: np.ndarray):
    return value.item() if value.ndim == 0 else value


# ---- files


def _copy(folder: RunFolder, source: pathlib.Path, target: pathlib.Path) -> None:
    with folder.writing(target) as temporary:
        shutil.copyfile(source, temporary)


def _write_arrays(folder: RunFolder, path: pathlib.Path, arrays: dict) -> None:
    with folder.writing(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def _arrays(path: pathlib.Path) -> dict[str, np.ndarray]:
    try:
        return read_npz(path)
    except Exception as error:  # damage shows in every part of a reader, and each has exceptions of its own
        raise InputError(f"expected arrays of a run of an earlier version; received {path}: {error}") from None


def _read_json(old: RunFolder, path: pathlib.Path) -> dict:
    try:
        content = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"expected the metrics of a run of an earlier version; received {path}: {error}") from None
    if not isinstance(content, dict) or not {"methods", "maps"} & set(content):
        raise InputError(f"expected the metrics of a run of an earlier version; received {path}")
    return content


def _text(path: pathlib.Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"expected text in UTF-8; received {path}: {error.reason} at byte {error.start}") from None
