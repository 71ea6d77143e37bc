"""``Explainer``: a model and a request, checked and compiled once; from arrays to an ``Explanation``."""

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution import matrix
from thesis_rnn.attribution.checks import check_classes, check_foreign, check_inputs, check_target, warn_unconverged
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.ledger import account_of
from thesis_rnn.attribution.methods import MethodSpec, method_parameters
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.stock import check_tokens
from thesis_rnn.attribution.tape.engine import compiled
from thesis_rnn.attribution.tape.filtering import filtered
from thesis_rnn.attribution.tape.head import check_predicts_class
from thesis_rnn.attribution.tape.host import HostExplained, explain_on_host
from thesis_rnn.attribution.tape.network import check_forward, check_weights, is_thesis_model, network_of
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one


class Explainer:
    """A model and a request, checked once and compiled once; called with samples, it only runs.

    Weights that change later are honoured: the compiled explanation reads the model's variables.

    Args:
      model: a model of ``thesis_rnn.build`` or ``thesis_rnn.load``, or a Functional or Sequential Keras model of
        covered layers, which is only read.
      request: what to explain, and how; or the method alone, as text or spec.

    Raises:
      InputError: for a model or a request that is not covered.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
      >>> explainer = Explainer(model, "gradient_x_input")
      >>> explainer(np.ones((5, 3)), target=0).relevance.shape
      (5, 3)
    """

    def __init__(self, model: keras.Model, request: Request | MethodSpec | str = "lrp"):
        self.model = model
        self.request = request if isinstance(request, Request) else Request.of(request)
        request = self.request
        covered_only = "propagation" in request.method.needs
        self.network = network_of(model, request.dtype, request.head, request.step, not covered_only)
        if request.through:
            self.network = filtered(self.network, request.through)
        self.is_thesis_model = is_thesis_model(model)
        if request.output != "logit" and self.network.head.classes == 1:
            raise InputError(f"a regression has no probabilities; use output='logit'; received {request.output!r}")

    def __call__(self, x, target=None, against=None, batch_size: int = 500) -> Explanation:
        """The explanation of the samples ``x``; the arguments are those of ``explain``."""
        request, head = self.request, self.network.head
        at_least_one(batch_size=batch_size)
        check_target(target, request.every_class, against)
        x = self._checked(x, batch_size)
        n = len(tree.flatten(x)[0])
        if request.every_class:
            target = np.full(n, -1)
        else:
            if target is None:
                check_predicts_class(self.model, head)
                target = head.predicted(self.model.predict(x, batch_size, verbose=0))
            target = check_classes("target", target, n, head.classes)
        selection = np.eye(head.classes, dtype=self.network.dtype)[target]
        if against is not None:
            against = check_classes("against", against, n, head.classes)
            selection -= np.eye(head.classes, dtype=self.network.dtype)[against]
        if request.engine == "matrix":
            record = self._run_matrix_engine(x, target, against, batch_size)
        elif request.method.host:
            record = explain_on_host(HostExplained(self.network, request, x, selection, batch_size, self._check_tokens))
        else:
            record = self._run_tape_engine(x, selection, batch_size)
        self._check_finite(record)
        started, spec = record.pop("started"), request.spec
        explanation = Explanation(
            target=target.astype(np.int32),
            explained=started if request.method.conserves else record["value"],
            method=spec.name,
            parameters=method_parameters(spec.name, spec.parameters, request.background),
            conserves=request.method.conserves,
            **record,
        )
        warn_unconverged(explanation, request.method.closer)
        return explanation

    def _checked(self, x, batch_size: int):
        x = check_inputs(self.network.input_spec, x)
        if not self.is_thesis_model:
            check_foreign(self.request.spec.name, self.request.method, self.request.engine, x)
            self._check_tokens(x)
            check_forward(self.network, self.model, tree.map_structure(lambda leaf: leaf[:batch_size], x))
        for leaf in tree.flatten(x):
            self.request.method.check(leaf)
        return x

    def _check_tokens(self, x) -> None:
        if not self.is_thesis_model:
            check_tokens(self.model, x)

    def _check_finite(self, record: dict) -> None:
        """Weights are looked at only where a result is not finite."""
        if all(np.isfinite(array).all() for array in [record["logits"], *tree.flatten(record["relevance"])]):
            return
        check_weights(self.model)
        spec, dtype = self.request.spec, self.request.dtype
        raise InputError(
            f"{spec.name} overflowed {dtype}; scale the inputs or use dtype='float64'; received {spec.parameters}"
        )

    def _run_tape_engine(self, x, selection, batch_size: int) -> dict:
        run = compiled(self.network, self.request)
        n, padded = len(selection), self.request.xla
        records = [
            _run_batch(run, tree.map_structure(lambda leaf, batch=batch: leaf[batch], x), selection[batch], padded)
            for batch in _batches(n, batch_size)
        ]
        losses, states = ([record.pop(name, {}) for record in records] for name in ("losses", "states"))
        return _concatenated(records) | {
            "ledger": tuple(account_of(_concatenated(losses), n)),
            "states": _concatenated(states),
        }

    def _run_matrix_engine(self, x, target, against, batch_size: int) -> dict:
        if against is not None:
            raise InputError("the matrix engine explains one class; use engine='tape'; received against")
        rule, dtype = self.request.method.matrix_rule, self.request.dtype
        parts = [
            matrix.explain_batch(self.model, x[batch], target[batch], *rule, dtype)
            for batch in _batches(len(x), batch_size)
        ]
        relevance, logits, started = map(np.concatenate, zip(*parts, strict=True))
        value = np.take_along_axis(logits, target[:, None], axis=1)[:, 0]
        return {"relevance": relevance, "logits": logits, "started": started, "value": value}


def _batches(n: int, size: int) -> list[slice]:
    return [slice(start, start + size) for start in range(0, n, size)]


def _run_batch(run, x, selection: np.ndarray, padded: bool) -> dict:
    """One batch; ``padded`` by its first sample to a power of two samples, which are cut off again."""
    n = len(selection)
    if padded:
        places = np.pad(np.arange(n), (0, 2 ** (n - 1).bit_length() - n))
        x, selection = tree.map_structure(lambda leaf: leaf[places], x), selection[places]
    record = _mapped(lambda tensor: tensor.numpy(), run(x, selection))
    return _mapped(lambda array: array[:n], record) if padded else record


def _concatenated(records: list[dict]) -> dict:
    """The batches of every array, one after the other."""
    return _mapped(lambda *parts: np.concatenate(parts), *records)


def _mapped(function, *records):
    """``function`` of the arrays of records, which may lie in dicts and lists, whose order is kept."""
    first = records[0]
    if isinstance(first, dict):
        return {name: _mapped(function, *(record[name] for record in records)) for name in first}
    if isinstance(first, list | tuple):
        return type(first)(_mapped(function, *parts) for parts in zip(*records, strict=True))
    return function(*records)
