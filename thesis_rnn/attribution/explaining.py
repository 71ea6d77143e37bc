"""The function ``explain``: from a model and its inputs to an ``Explanation``."""

import keras
import numpy as np

from thesis_rnn.attribution import matrix
from thesis_rnn.attribution.composites import Composite
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import Method, make_method, method_parameters
from thesis_rnn.attribution.methods.propagation import Propagate
from thesis_rnn.attribution.network import Network, check_forward, check_weights, is_thesis_model, network_of
from thesis_rnn.attribution.rules import AlphaBeta
from thesis_rnn.attribution.tape_engine import Request, compiled
from thesis_rnn.data.validation import check_pixels
from thesis_rnn.errors import InputError

ENGINES = ("tape", "matrix")
OUTPUTS = ("logit", "probability")


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
      method: one of ``thesis_rnn.method_names()``.
      against: a class, or one for each sample: explains the target's output minus this one's.
      output: "logit", or, for gradient methods, "probability": the softmax of the logits.
      engine: "tape", or "matrix": explicit matrix products, for the thesis' models, deep_taylor and lrp.
      dtype: the floating-point type to compute in, "float32" or "float64".
      head: which of the model's outputs is explained.
      step: which time step, for an output per step.
      ledger: keep the account of lost relevance, for methods that conserve; loops over time are unrolled.
      states: also give the relevance of hidden and cell states; loops over time are unrolled.
      batch_size: samples that are explained at once; bounds the memory.
      xla: compile with XLA: faster for many batches, but seconds longer at the first; batches are padded to powers of two,
        so that few sizes are compiled.
      **parameters: the method's parameters, for instance ``alpha=1.5, beta=0.5`` for "lrp".

    Raises:
      InputError: for an unknown method or parameter, inputs of the wrong shape, NaN or infinite inputs or weights, a
        target that the model does not have, or a request that the method or the engine does not cover.
    """
    chosen = make_method(method, parameters)
    _check_request(chosen, output, engine, dtype, ledger, states, target, against, batch_size)
    network = network_of(model, dtype, head, step, chosen.is_derivative)
    classes = network.head.classes
    if output == "probability" and classes == 1:
        raise InputError("a regression has no probabilities; use output='logit'; received output='probability'")
    x = _check_inputs(network, x)
    if not is_thesis_model(model):
        _check_stock(chosen, parameters, method, engine, x)
        check_forward(network, model, x[:batch_size])
    chosen.check(x)
    if target is None:
        target = network.head.predicted(model.predict(x, batch_size, verbose=0))
    every_class = isinstance(target, str)
    target = np.full(len(x), -1) if every_class else _check_classes("target", target, len(x), classes)
    one_hot = np.eye(classes, dtype=network.dtype)
    selection = one_hot[target]
    if against is not None:
        selection -= one_hot[_check_classes("against", against, len(x), classes)]
    if engine == "matrix":
        record = _run_matrix_engine(model, x, target, chosen, dtype, batch_size)
    else:
        request = Request(chosen, every_class, output == "probability", ledger, states, xla)
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
    return _to_numpy(run(x=x, selection=selection), n)


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


def _to_numpy(record: dict, n: int) -> dict:
    """The first ``n`` samples of every tensor."""
    return {name: _to_numpy(part, n) if isinstance(part, dict) else part.numpy()[:n] for name, part in record.items()}


def _concatenated(records: list[dict]) -> dict:
    return {name: np.concatenate([record[name] for record in records]) for name in records[0]}


def _check_request(method: Method, output, engine, dtype, ledger, states, target, against, batch_size) -> None:
    if output not in OUTPUTS:
        raise InputError(f"output must be one of {', '.join(OUTPUTS)}; received {output!r}")
    if engine not in ENGINES:
        raise InputError(f"engine must be one of {', '.join(ENGINES)}; received {engine!r}")
    if dtype not in ("float32", "float64"):
        raise InputError(f"dtype must be float32 or float64; received {dtype!r}")
    if batch_size < 1:
        raise InputError(f"batch_size must be at least 1; received {batch_size}")
    if isinstance(target, str) and (target != "all" or against is not None or ledger or states):
        raise InputError(
            f"target must be 'all' alone, without against, ledger and states, or class indices; received {target!r}"
        )
    if output == "probability" and method.conserves:
        raise InputError("relevance propagation starts at a logit; use output='logit'; received output='probability'")
    if ledger and not method.conserves:
        raise InputError("the ledger is for methods that conserve relevance; received ledger=True")
    plain = output == "logit" and not ledger and not states and against is None and not isinstance(target, str)
    if engine == "matrix" and not (plain and _is_of_the_thesis(method)):
        raise InputError(
            "the matrix engine computes deep_taylor and lrp of one class, on pixels in one box, without ledger and "
            f"states; use engine='tape'; received {method}"
        )


def _is_of_the_thesis(method: Method) -> bool:
    """Whether the alpha-beta rule acts everywhere, on pixels whose box is the same for all."""
    if not isinstance(method, Propagate) or type(method.composite.rule) is not AlphaBeta:
        return False
    rule = method.composite.rule
    return method.composite == Composite(rule) and isinstance(rule.low, float) and isinstance(rule.high, float)


def _check_stock(method: Method, parameters: dict, name: str, engine: str, x: np.ndarray) -> None:
    """What only the thesis' own models can be asked without saying more."""
    if engine == "matrix":
        raise InputError(
            "the matrix engine covers the thesis' architectures; use engine='tape'; received another model"
        )
    if x.dtype.kind in "iu":
        if not method.tokens:
            raise InputError(f"{name} needs inputs that can be varied; use gradient_x_input or lrp_epsilon for tokens")
    elif isinstance(method, Propagate) and method.box and parameters.get("low") is None and _asks_for_box(name):
        raise InputError(
            f"{name} needs to know where your inputs live: pass low= and high=, the box of their values, or "
            "inputs='positive' or inputs='real'; or use lrp_epsilon; received neither"
        )


def _asks_for_box(name: str) -> bool:
    """Whether the box is a parameter; a composite of the user's own has named it in its rule."""
    return "low" in method_parameters(name, {})


def _check_inputs(network: Network, x) -> np.ndarray:
    spec = network.input_spec
    x = np.asarray(x) if spec.dtype.is_integer else np.asarray(x, spec.dtype.as_numpy_dtype)
    if x.ndim != spec.shape.rank or len(x) == 0 or not spec.shape[1:].is_compatible_with(x.shape[1:]):
        shape = ", ".join(str(length or "any") for length in spec.shape[1:])
        raise InputError(f"x must have the shape [n, {shape}] with n >= 1; received {list(x.shape)}")
    if x.dtype.kind == "f":
        check_pixels(x)
    if spec.dtype.is_integer and (x != np.round(x)).any():
        raise InputError(f"tokens must be whole numbers; received {x[x != np.round(x)][0]}")
    return x.astype(spec.dtype.as_numpy_dtype, copy=False)


def _check_classes(name: str, chosen, n: int, classes: int) -> np.ndarray:
    """``chosen`` as one class for each sample."""
    chosen = np.asarray(chosen)
    if chosen.ndim > 1 or (chosen.ndim == 1 and len(chosen) != n) or chosen.dtype.kind not in "iu":
        raise InputError(
            f"{name} must be a class index, or one for each of the {n} samples; received {chosen.dtype} of shape "
            f"{list(chosen.shape)}"
        )
    if chosen.min() < 0 or chosen.max() >= classes:
        raise InputError(f"{name} must lie in 0..{classes - 1}; received {chosen.min()}..{chosen.max()}")
    return np.broadcast_to(chosen, n)
