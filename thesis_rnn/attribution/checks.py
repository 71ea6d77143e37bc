"""What ``explain`` refuses, each in one line."""

import numpy as np

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.methods import Method, parameter_names
from thesis_rnn.attribution.methods.propagation import RelevancePropagation
from thesis_rnn.attribution.rules import AlphaBeta
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import check_pixels

ENGINES = ("tape", "matrix")
OUTPUTS = ("logit", "probability", "log_odds")


def check_request(method: Method, output, engine, dtype, ledger, states, xla, target, against, batch_size) -> None:
    """Refuses what the method or the engine does not cover."""
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
    if output != "logit" and method.conserves:
        raise InputError(f"relevance propagation starts at a logit; use output='logit'; received {output=}")
    if ledger and xla:
        raise InputError("the ledger is kept without XLA; received ledger=True and xla=True")
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
    if not isinstance(method, RelevancePropagation) or type(method.composite.rule) is not AlphaBeta:
        return False
    rule = method.composite.rule
    return method.composite == Composite(rule) and isinstance(rule.low, float) and isinstance(rule.high, float)


def check_stock(method: Method, parameters: dict, name: str, engine: str, x: np.ndarray) -> None:
    """What only the thesis' own models can be asked without saying more."""
    if engine == "matrix":
        raise InputError(
            "the matrix engine covers the thesis' architectures; use engine='tape'; received another model"
        )
    if x.dtype.kind in "iu":
        if not method.tokens:
            raise InputError(f"{name} needs inputs that can be varied; use gradient_x_input or lrp_epsilon for tokens")
    elif (
        isinstance(method, RelevancePropagation)
        and method.bounds
        and parameters.get("low") is None
        and _asks_for_box(name)
    ):
        raise InputError(
            f"{name} needs to know where your inputs live: pass low= and high=, the box of their values, or "
            "inputs='positive' or inputs='real'; or use lrp_epsilon; received neither"
        )


def _asks_for_box(name: str) -> bool:
    """Whether the box is a parameter; a composite of the user's own has named it in its rule."""
    return "low" in parameter_names(name)


def check_inputs(network: Network, x) -> np.ndarray:
    """``x`` as the network takes it."""
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


def check_classes(name: str, chosen, n: int, classes: int) -> np.ndarray:
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
