"""``Explainer``: a model and a request, checked and compiled once; from arrays to an ``Explanation``."""

from dataclasses import replace
from typing import cast

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution import matrix
from thesis_rnn.attribution.batches import Batches, joined
from thesis_rnn.attribution.checks import (
    check_classes,
    check_exact,
    check_foreign,
    check_inputs,
    check_outside_of_graphs,
    check_stateless,
    check_target,
    misses_sum,
    warn_unconverged,
)
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.ledger import account_of
from thesis_rnn.attribution.methods import MethodSpec, method_parameters
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.stock import check_tokens
from thesis_rnn.attribution.stock.sizes import one_for_all
from thesis_rnn.attribution.tape.filtering import filtered
from thesis_rnn.attribution.tape.head import check_predicts_class
from thesis_rnn.attribution.tape.host import HostExplained, compiled_logits, explain_on_host
from thesis_rnn.attribution.tape.network import (
    check_forward,
    check_weights,
    fixed_batch_size,
    is_thesis_model,
    network_of,
    outputs_to_compare,
)
from thesis_rnn.attribution.tape.running import Runner
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
        if request.method.host:
            check_stateless(model, request.spec.name)
        if request.output != "logit" and self.network.head.classes == 1:
            raise InputError(f"a regression has no probabilities; use output='logit'; received {request.output!r}")

    def __call__(self, x, target=None, against=None, batch_size: int = 500, verbose: int = 1) -> Explanation:
        """The explanation of the samples ``x``; the arguments are those of ``explain``."""
        request = self.request
        check_outside_of_graphs()
        at_least_one(batch_size=batch_size)
        check_target(target, request.every_class, against)
        x, asked = self._checked(x), (target, against)
        n = len(tree.flatten(x)[0])
        if target is None and not request.every_class:
            check_predicts_class(self.model, self.network.head)
        target, against = self._chosen("target", target, n), self._chosen("against", against, n)
        batch_size = fixed_batch_size(self.model, n) or batch_size
        given = None if self.is_thesis_model else outputs_to_compare(self.network, self.model, x, batch_size)
        with one_for_all():
            record = self._run(x, target, against, Batches(n, batch_size, verbose))
        if given is not None:
            check_forward(self.network, self.model, x, given, record["logits"])
        self._check_finite(record)
        started, spec = record.pop("started"), request.spec
        explanation = Explanation(
            explained=started if request.method.conserves else record["value"],
            method=spec.name,
            parameters=method_parameters(spec.name, spec.parameters, request.background),
            conserves=request.method.conserves,
            **record,
        )
        if request.method.exact and request.dtype == "float32" and misses_sum(explanation, "float32"):
            return self._in_float64(x, *asked, batch_size, verbose)
        if request.method.exact:
            check_exact(explanation, request.dtype)
        warn_unconverged(explanation, request.method.closer)
        return explanation

    def _in_float64(self, *given) -> Explanation:
        """The explanation by sums that float32 is too coarse for; refused if they are missed in float64 too."""
        explanation = Explainer(self.model, replace(self.request, dtype="float64"))(*given)
        return replace(explanation, notes=(*explanation.notes, "computed in float64, as float32 missed the sum"))

    def _chosen(self, name: str, classes, n: int) -> np.ndarray:
        """One class for each sample; -1 for none, which is the predicted one where a target is asked for."""
        if classes is None:
            return np.full(n, -1, np.int32)
        return check_classes(name, classes, n, self.network.head.classes).astype(np.int32)

    def _checked(self, x):
        x = check_inputs(self.network.input_spec, x)
        if not self.is_thesis_model:
            check_foreign(self.request.spec.name, self.request.method, self.request.engine, x)
        self._check_tokens(x)
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

    def _run(self, x, target, against, batches: Batches) -> dict:
        """The record, by the engine that the request names or, for methods that run there, on the host."""
        if self.request.engine == "tape" and not self.request.method.host:
            return self._run_tape_engine(x, target, against, batches)
        if not self.request.every_class:
            predicted = batches.run(compiled_logits(self.network), x)
            target = np.where(target < 0, np.concatenate(predicted).argmax(axis=1), target).astype(np.int32)
        if self.request.engine == "matrix":
            record = self._run_matrix_engine(x, target, against, batches)
        else:
            selection = self._selection(target) - self._selection(against)
            explained = HostExplained(self.network, self.request, x, selection, batches.size, self._check_tokens)
            record = explain_on_host(explained)
        return record | {"target": target}

    def _selection(self, classes: np.ndarray) -> np.ndarray:
        """A one at each sample's class [n, classes]; nothing where it has none."""
        return (classes[:, None] == np.arange(self.network.head.classes)).astype(self.network.dtype)

    def _run_tape_engine(self, x, target, against, batches: Batches) -> dict:
        runner = Runner(self.network, self.request, batches.n, batches.size)
        records = batches.run(runner, x, target, against)
        losses, states = ([record.pop(name, {}) for record in records] for name in ("losses", "states"))
        ledger = tuple(account_of(joined(losses), batches.n))
        return joined(records) | {"ledger": ledger, "states": joined(states), "ran": runner.ran}

    def _run_matrix_engine(self, x, target, against, batches: Batches) -> dict:
        if (against >= 0).any():
            raise InputError("the matrix engine explains one class; use engine='tape'; received against")
        rule = cast(tuple[float, float, float, float], self.request.method.matrix_rule)  # the engine was asked for it
        dtype = self.request.dtype
        parts = batches.run(lambda x, target: matrix.explain_batch(self.model, x, target, *rule, dtype), x, target)
        relevance, logits, started = map(np.concatenate, zip(*parts, strict=True))
        value = np.take_along_axis(logits, target[:, None], axis=1)[:, 0]
        return {"relevance": relevance, "logits": logits, "started": started, "value": value}
