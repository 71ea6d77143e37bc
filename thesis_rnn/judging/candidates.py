"""Which methods are judged: all that apply, within a limit of cost, each with parameters that fit the data."""

from typing import NamedTuple

import numpy as np

from thesis_rnn.attribution.methods import METHODS, MethodSpec, make_method, method_spec, method_specs
from thesis_rnn.attribution.methods.table import parameter_names
from thesis_rnn.errors import InputError

FAST = 20
"""What a fast method costs at most, in gradients."""
SHORTENED = ("points", "copies")
"""Parameters that say how many gradients a method takes."""


class Candidates(NamedTuple):
    """Methods by what becomes of them.

    Attributes:
      specs: those to try, cheap ones first.
      left_out: method -> the reason.
    """

    specs: list[MethodSpec]
    left_out: dict[str, str]


def candidates(methods, x: np.ndarray) -> Candidates:
    """The methods to try.

    Args:
      methods: "fast", those within ``FAST`` gradients; "all"; a text of methods, or a list of them.
      x: the samples, which say where inputs live.

    Raises:
      InputError: for an unknown method, or a list of none.
    """
    if methods not in ("fast", "all", None):
        specs = method_specs(methods) if isinstance(methods, str) else [method_spec(one) for one in methods]
        if not specs:
            raise InputError("methods are 'fast', 'all', or a list of at least one; received none")
        return Candidates(specs, {})
    specs, left_out, computed = [], {}, {}
    for name in METHODS:
        try:
            spec = _fitting(name, x, fast=methods != "all")
            method = make_method(spec.name, spec.parameters)
        except (InputError, TypeError) as refusal:
            left_out[name] = str(refusal)
            continue
        cost = method.gradients(x.shape[1:])
        if method.computation in computed:
            left_out[name] = f"the same as {computed[method.computation]}"
        elif methods != "all" and cost > FAST:
            left_out[spec.text] = _slow(cost)
        else:
            computed[method.computation] = spec.text
            specs.append((cost, spec))
    return Candidates([spec for _, spec in sorted(specs, key=lambda pair: pair[0])], left_out)


def _slow(cost: float) -> str:
    known = f"costs {cost:.0f} gradients" if np.isfinite(cost) else "says nothing of its cost"
    return f"{known}, methods='fast' takes those of at most {FAST}; use methods='all'"


def _fitting(name: str, x: np.ndarray, fast: bool) -> MethodSpec:
    """The method with the box of the inputs where it asks for one, and no more gradients than ``fast`` allows."""
    known = parameter_names(name)
    given = box_of(x) if {"low", "high", "inputs"} <= set(known) else {}
    if fast:
        method = make_method(name, given)
        given |= {one: 16 for one in SHORTENED if one in known and getattr(method, one) > FAST}
    return method_spec(name, **given)


def box_of(x: np.ndarray) -> dict:
    """Where the inputs live, for the rule of the first layer; tokens are embedded anywhere."""
    if x.dtype.kind in "iu":
        return {"inputs": "real"}
    low, high = float(x.min()), float(x.max())
    if x.ndim == 4 and low >= -1 and high <= 1:
        return {"low": 0.0 if low >= 0 else -1.0, "high": 1.0}
    return {"inputs": "positive" if low >= 0 else "real"}
