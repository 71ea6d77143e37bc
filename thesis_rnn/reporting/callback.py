"""Watching explanations while a model trains."""

import os
from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from thesis_rnn.attribution import Explanation, MethodSpec, explain_by, method_spec
from thesis_rnn.data import Split
from thesis_rnn.errors import InputError
from thesis_rnn.measures.measure import Scored
from thesis_rnn.measures.scoring import score
from thesis_rnn.measures.specs import MeasureSpec, chosen_measures, given_by_split
from thesis_rnn.reporting.conservation import ledger_totals
from thesis_rnn.reporting.plots.plotting import plot
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.style import SCREEN_DPI
from thesis_rnn.reporting.tensorboard import write_picture


class ExplanationLogger(keras.callbacks.Callback):
    """Explains the same samples after every ``every`` epochs: what the explanations are worth, and how they look.

    The number ``<measure>/<label of the method>``, the mean over the samples, is added to what later callbacks log.
    With a ``log_dir`` TensorBoard also shows it, the first samples as the image ``heatmaps/<method>``, the mean
    relevance of each time step as ``steps/<method>``, and for methods that conserve the means of what was explained,
    received and absorbed as ``ledger/<name>/<label>``; the step is the number of finished epochs.

    Args:
      x: the samples, in the shape that the model takes.
      y: the classes to explain, [n].
      evidence: 0 and 1, [n, blocks] or in the shape of x; None if unknown.
      methods: texts such as "lrp(alpha=2, beta=1)", or name -> the method's parameters.
      log_dir: where the events are written; None for none.
      every: how many epochs lie between two explanations.
      ledger: also log what kept relevance by cause, for methods that conserve; it takes longer.
      measures: a text such as "cosine; roc_auc"; by default the first of the table that the evidence allows.

    Raises:
      InputError: for an unknown method, parameter or measure, or arrays that do not belong to the same samples. What
        ``explain`` refuses, it refuses after the first epoch that is explained.
    """

    def __init__(
        self,
        x,
        y,
        evidence=None,
        methods: Sequence[str | MethodSpec] | Mapping[str, dict] = ("lrp",),
        log_dir: str | os.PathLike | None = "logs",
        every: int = 1,
        measures: str | Sequence[MeasureSpec] | None = None,
        ledger: bool = False,
    ):
        super().__init__()
        self.samples = Split(np.asarray(x), np.asarray(y), None if evidence is None else np.asarray(evidence))
        named = methods.items() if isinstance(methods, Mapping) else ((method, {}) for method in methods)
        self.methods = [method_spec(method, **parameters) for method, parameters in named]
        self.log_dir = log_dir
        self.every = every
        self.ledger = ledger
        self._writer = None
        if not self.methods or every < 1:
            names = [spec.text for spec in self.methods]
            raise InputError(f"expected at least one method, and every >= 1; received {names} and {every}")
        self._check_samples()
        self.measures = self._chosen(measures)

    @classmethod
    def of_split(cls, split: Split, methods: Sequence[MethodSpec], measures: Sequence[MeasureSpec]):
        """Scores explanations of a split by ``measures`` and draws nothing."""
        return cls(split.x, split.y, split.evidence, methods, None, 1, measures)

    def on_train_begin(self, logs=None):
        if self.log_dir is not None:
            self._writer = tf.summary.create_file_writer(os.fspath(self.log_dir))

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        logs = {} if logs is None else logs
        for spec in self.methods:
            ledger = self.ledger and spec.made().conserves
            explanation = explain_by(self.model, self.samples.x, self.samples.y, spec, ledger=ledger)
            scores = self._scores(spec, explanation)
            logs |= scores
            if self._writer:
                self._log(epoch + 1, spec, explanation, scores)

    def on_train_end(self, logs=None):
        if self._writer:
            self._writer.close()

    def _scores(self, spec: MethodSpec, explanation: Explanation) -> dict[str, float]:
        x, y, evidence, _ = self.samples
        scored = Scored(
            explanation.relevance,
            x,
            y,
            evidence,
            predict=self.model.predict_on_batch,
            positive_only=spec.positive_only,
            explanation=explanation,
            model=self.model,
        )
        rows = score(spec.text, [scored], self.measures, spec.label)
        whole = [row for row in rows if row["class"] == row["step"] == ""]
        return {f"{row['measure']}/{spec.label}": float(row["value"]) for row in whole}

    def _log(self, epoch: int, spec: MethodSpec, explanation: Explanation, scores: Mapping[str, float]) -> None:
        with self._writer.as_default(step=epoch):
            write_picture(f"heatmaps/{spec.text}", png_of(plot(explanation, self.samples.x), dpi=SCREEN_DPI))
            write_picture(f"steps/{spec.text}", png_of(plot(explanation, kind="time"), dpi=SCREEN_DPI))
            totals = {f"ledger/{name}/{spec.label}": total for name, total in ledger_totals(explanation).items()}
            for name, value in (scores | totals).items():
                tf.summary.scalar(name, value)
        self._writer.flush()

    def _chosen(self, measures) -> list[MeasureSpec]:
        if measures is not None and not isinstance(measures, str):
            return list(measures)
        given = given_by_split(self.samples)
        if measures:
            return chosen_measures(measures, given)
        return [spec for spec in chosen_measures("", given) if spec.measure.family == "localisation"][
            : int(self.samples.evidence is not None)
        ]

    def _check_samples(self) -> None:
        x, y, evidence, _ = self.samples
        n = len(x) if x.ndim else 0
        if not n or y.shape != (n,):
            raise InputError(f"y must have a class for each of the {n} samples; received shape {list(y.shape)}")
        blocks = evidence is not None and x.ndim == 4 and evidence.ndim == 2 and len(evidence) == n
        if evidence is not None and not blocks and evidence.shape != x.shape:
            raise InputError(
                "evidence must be [n, blocks] for x of shape [n, steps, rows, columns], or in the shape of x; "
                f"received {list(evidence.shape)} for {list(x.shape)}"
            )
