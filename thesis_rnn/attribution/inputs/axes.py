"""Names of what an explanation is of: classes, samples, and the steps and features of each input."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class Axes:
    """The names of the axes of one input; empty where they are numbers.

    Attributes:
      input: the input's own name; "" where there is only one.
      steps: of time steps; one tuple of them for each sample where samples have names of their own, such as words.
      features: of features.
      tokens: whether the input is tokens, whose steps are words.
    """

    input: str = ""
    steps: tuple = ()
    features: tuple[str, ...] = ()
    tokens: bool = False

    def step(self, sample: int, step: int) -> str | int:
        """The name of a step of a sample."""
        names = self.steps
        if names and isinstance(names[0], tuple):
            names = names[sample]
        return names[step] if step < len(names) else step

    def feature(self, feature: int) -> str | int:
        """The name of a feature."""
        return self.features[feature] if self.features else feature


class OfLengths(list):
    """An array for each sample, whose lengths differ."""


def named_axes(axes: Axes, shape: Sequence[int], steps, features) -> Axes:
    """``axes`` with the names that the user gave besides, for an input of ``shape`` [n, ...].

    Raises:
      InputError: for another number of names than there are steps or features.
    """
    if features is not None:
        axes = replace(axes, features=_checked("feature_names", features, shape[-1] if len(shape) > 1 else 1))
    if steps is not None:
        axes = replace(axes, steps=_step_names(steps, shape))
    return axes


def texts(names) -> tuple[str, ...]:
    """Names as text."""
    return tuple(map(str, names))


def _step_names(steps, shape: Sequence[int]) -> tuple:
    length = shape[1] if len(shape) > 1 else 1
    if len(steps) and not isinstance(steps[0], str) and hasattr(steps[0], "__len__"):
        if len(steps) != shape[0]:
            raise InputError(
                f"step_names must be names, or names for each of the {shape[0]} samples; received {len(steps)}"
            )
        return tuple(texts(one) for one in steps)
    return _checked("step_names", steps, length)


def _checked(argument: str, names, count: int | None) -> tuple[str, ...]:
    if isinstance(names, str) or (count is not None and len(names) != count):
        received = repr(names) if isinstance(names, str) else f"{len(names)}"
        raise InputError(f"{argument} must be {count} names; received {received}")
    return texts(names)
