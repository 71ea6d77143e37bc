"""The function ``explain``: from a model and its inputs to an ``Explanation``."""

import keras
import numpy as np

from thesis_rnn.attribution import matrix
from thesis_rnn.attribution.checks import check_classes, check_inputs, check_request, check_stock
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import Method, make_method, method_parameters
from thesis_rnn.attribution.stock import check_tokens
from thesis_rnn.attribution.tape.engine import Request, compiled
from thesis_rnn.attribution.tape.network import Network, check_forward, check_weights, is_thesis_model, network_of
from thesis_rnn.errors import InputError


def explain(
    model: keras.Model,
    x,
    target=None,
    method: str = "lrp",
    *,
    against=None,
    output: str = "logit",
    engine: str = "tape",
    dtype: str = "float32",
    head: int = 0,
    step: int | None = None,
    ledger: bool = False,
    states: bool = False,
    batch_size: int = 500,
    xla: bool = False,
    **parameters,
) -> Explanation:
    """Explains why ``model`` gives ``target`` its output, for every sample of ``x``.

    Args:
      model: a model of ``thesis_rnn.build`` or ``thesis_rnn.load``, or a Functional or Sequential Keras model of
        covered layers, which is only read.
      x: inputs [n, ...] in the shape that the model takes.
      target: the class to explain: an index, an array of one index for each sample, "all" for each class on its own
        from one forward pass, or None for the predicted class.
      method: one of ``thesis_rnn.method_names()``; "composite" is one of your own, with
        ``rules="epsilon(0.01); first=flat; convolution=gamma(0.25)"`` for instance.
      against: a class, or one for each sample: explains the target's output minus this one's.
      output: "logit", or, for gradient methods, "probability": the softmax p of the logits, or "log_odds":
        log(p / (1 - p)), whose gradient is the probability's divided by p (1 - p), next to 0 where the model is sure.
      engine: "tape", or "matrix": explicit matrix products, for the thesis' models, deep_taylor and lrp.
      dtype: the floating-point type to compute in, "float32" or "float64", whatever the model's own; a layer that no
        rule covers is made anew in it from its ``get_config``.
      head: which of the model's outputs is explained.
      step: which time step, for an output per step.
      ledger: keep the account of lost relevance, for methods that conserve; loops over time are unrolled.
      states: also give the relevance of hidden and cell states; loops over time are unrolled.
      batch_size: samples that are explained at once; bounds the memory.
      xla: compile with XLA: faster for many batches, but seconds longer at the first; batches are padded to powers of
        two, so that few sizes are compiled. Not with a ledger, and not for long series: on processors, the time that
        XLA's loops take grows with the square of the steps, 12 times as long as without it at 1,000.
      **parameters: the method's parameters, for instance ``alpha=1.5, beta=0.5`` for "lrp".

    Raises:
      InputError: for an unknown method or parameter, inputs of the wrong shape, NaN or infinite inputs or weights,
        tokens outside the vocabulary, a target that the model does not have, or a request that the method or the engine
        does not cover.
    """
    chosen = make_method(method, parameters)
    check_request(chosen, output, engine, dtype, ledger, states, xla, target, against, batch_size)
    network = network_of(model, dtype, head, step, chosen.is_derivative)
    classes = network.head.classes
    if output != "logit" and classes == 1:
        raise InputError(f"a regression has no probabilities; use output='logit'; received {output=}")
    x = check_inputs(network, x)
    if not is_thesis_model(model):
        check_stock(chosen, parameters, method, engine, x)
        check_tokens(model, x)
        check_forward(network, model, x[:batch_size])
    chosen.check(x)
    if target is None:
        target = network.head.predicted(model.predict(x, batch_size, verbose=0))
    every_class = isinstance(target, str)
    target = np.full(len(x), -1) if every_class else check_classes("target", target, len(x), classes)
    one_hot = np.eye(classes, dtype=network.dtype)
    selection = one_hot[target]
    if against is not None:
        selection -= one_hot[check_classes("against", against, len(x), classes)]
    if engine == "matrix":
        record = _run_matrix_engine(model, x, target, chosen, dtype, batch_size)
    else:
        request = Request(chosen, every_class, output, ledger, states, xla)
        record = _run_tape_engine(network, request, x, selection, batch_size)
    if not np.isfinite(record["relevance"]).all():
        check_weights(model)
        raise InputError(f"{method} overflowed {dtype}; scale the inputs or use dtype='float64'; received {parameters}")
    started = record.pop("started")
    return Explanation(
        target=target.astype(np.int32),
        explained=started if chosen.conserves else record["value"],
        method=method,
        parameters=method_parameters(method, parameters),
        conserves=chosen.conserves,
        **record,
    )


def _run_tape_engine(network: Network, request: Request, x, selection, batch_size: int) -> dict:
    run, account = compiled(network, request)
    batches = [slice(start, start + batch_size) for start in range(0, len(x), batch_size)]
    records = [_run_batch(run, x[batch], selection[batch], padded=request.xla) for batch in batches]
    losses, states = ([record.pop(name, {}) for record in records] for name in ("losses", "states"))
    return _concatenated(records) | {
        "ledger": tuple(account.rows(_concatenated(losses), len(x))),
        "states": _concatenated(states),
    }


def _run_batch(run, x: np.ndarray, selection: np.ndarray, padded: bool) -> dict:
    """One batch; ``padded`` by its first sample to a power of two samples, which are cut off again."""
    n = len(x)
    if padded:
        places = np.pad(np.arange(n), (0, 2 ** (n - 1).bit_length() - n))
        x, selection = x[places], selection[places]
    record = _to_numpy(run(x=x, selection=selection))
    return _first(record, n) if padded else record


def _run_matrix_engine(model, x, target, method: Method, dtype: str, batch_size: int) -> dict:
    rule = method.composite.rule
    batches = [slice(start, start + batch_size) for start in range(0, len(x), batch_size)]
    arrays = zip(
        *(
            matrix.explain_batch(model, x[batch], target[batch], rule.alpha, rule.beta, rule.low, rule.high, dtype)
            for batch in batches
        ),
        strict=True,
    )
    relevance, logits, started = map(np.concatenate, arrays)
    value = np.take_along_axis(logits, target[:, None], axis=1)[:, 0]
    return {"relevance": relevance, "logits": logits, "started": started, "value": value}


def _to_numpy(record: dict) -> dict:
    return {name: _to_numpy(part) if isinstance(part, dict) else part.numpy() for name, part in record.items()}


def _first(record: dict, n: int) -> dict:
    """The first ``n`` samples of every array."""
    return {name: _first(part, n) if isinstance(part, dict) else part[:n] for name, part in record.items()}


def _concatenated(records: list[dict]) -> dict:
    return {name: np.concatenate([record[name] for record in records]) for name in records[0]}
