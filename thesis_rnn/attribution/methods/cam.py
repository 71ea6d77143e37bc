"""Class activation maps: the maps of a late layer, weighed by what they do for the class."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.host import OnHost
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class MapsOfLayer(Method):
    """A method whose relevance is a map of the places of a layer, laid over the places of the input.

    Each place of the map is shared equally by the steps, or rows and columns, that it covers, and by their features.
    """

    needs: ClassVar[tuple[str, ...]] = ("gradient",)
    host: ClassVar[bool] = True

    def gradients(self, shape: tuple[int, ...]) -> float:
        return 1.0

    def attribute(self, explained: OnHost):
        leaves = tree.flatten(explained.x)
        if len(leaves) > 1:
            raise InputError(f"class activation maps are of one input; received {len(leaves)}")
        signal, maps = explained.layer(self.of(explained))
        if maps.ndim < 3 or maps.ndim - 2 > leaves[0].ndim - 1:
            raise InputError(
                f"layer must give [n, steps, features] or [n, rows, columns, features]; received {list(maps.shape)}"
            )
        laid = laid_over(self.heat(maps, signal), leaves[0].shape[1:])
        return tree.pack_sequence_as(explained.x, [laid.astype(explained.dtype)])

    def of(self, explained: OnHost) -> str:
        """The layer."""
        raise NotImplementedError

    def heat(self, maps: np.ndarray, signal: np.ndarray) -> np.ndarray:
        """The map [n, places] of activations and their gradient [n, places, features]."""
        raise NotImplementedError


@METHODS.register("cam")
@dataclass(frozen=True)
class ClassActivationMap(MapsOfLayer):
    """R_t = (1/T) sum_k w_kc A_k(t), where the head is y_c = sum_k w_kc mean_t A_k(t) + b_c: exact there.

    For models that end in global average pooling and one dense layer; others are refused by name. The relevance sums to
    the logit without its bias. Where A is the output of a recurrent layer, R_t is what is read at step t, and has seen
    the steps before.
    """

    source: ClassVar[str] = "Zhou et al. (2016), equation 2"
    sums_to: ClassVar[str] = "f(x) - bias"

    def of(self, explained):
        return explained.averaged_layer()

    def heat(self, maps, signal):
        return (maps * signal).sum(axis=-1)


@METHODS.register("grad_cam")
@dataclass(frozen=True)
class GradCam(MapsOfLayer):
    """R_t = max(0, sum_k w_k A_k(t)), w_k = mean_t df/dA_k(t): the maps of a convolution by their mean gradient.

    Args:
      layer: whose maps; "" is the last convolution.
      signed: without the max.
    """

    source: ClassVar[str] = "Selvaraju et al. (2017), equations 1 and 2"
    layer: str = ""
    signed: bool = False

    def of(self, explained):
        return explained.mapping_layer(self.layer)

    def heat(self, maps, signal):
        weights = signal.mean(axis=tuple(range(1, signal.ndim - 1)), keepdims=True)
        heat = (weights * maps).sum(axis=-1)
        return heat if self.signed else np.maximum(heat, 0)


@METHODS.register("grad_cam_plus_plus")
@dataclass(frozen=True)
class GradCamPlusPlus(GradCam):
    """R_t = max(0, sum_k w_k A_k(t)), w_k = sum_t a_kt max(0, g_kt), a_kt = g^2/(2 g^2 + g^3 sum_t A_k), g = df/dA_k.

    The a are those of the class score exp(f), as in the paper; 0 where g is 0.

    Args:
      layer: whose maps; "" is the last convolution.
      signed: without the outer max.
    """

    source: ClassVar[str] = "Chattopadhay et al. (2018), equations 10 and 19"

    def heat(self, maps, signal):
        places = tuple(range(1, signal.ndim - 1))
        below = 2 * signal**2 + signal**3 * maps.sum(axis=places, keepdims=True)
        part = np.divide(signal**2, below, out=np.zeros_like(signal), where=below != 0)
        weights = (part * np.maximum(signal, 0)).sum(axis=places, keepdims=True)
        heat = (weights * maps).sum(axis=-1)
        return heat if self.signed else np.maximum(heat, 0)


def laid_over(heat: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A map [n, places] on samples of ``shape``: each place is shared equally by what it covers; sums stay.

    Args:
      heat: [n, steps] or [n, rows, columns] of a layer.
      shape: of a sample, whose first axes are those of the map, of any length.

    Returns:
      [n, *shape].

    Example:
      >>> laid_over(np.array([[2.0, 4.0]]), (4, 2)).tolist()
      [[[0.5, 0.5], [0.5, 0.5], [1.0, 1.0], [1.0, 1.0]]]
    """
    for axis, length in enumerate(shape[: heat.ndim - 1], start=1):
        heat = np.moveaxis(np.moveaxis(heat, axis, -1) @ _cover(heat.shape[axis], length), -1, axis)
    others = shape[heat.ndim - 1 :]
    return np.broadcast_to(heat.reshape(*heat.shape, *[1] * len(others)), (len(heat), *shape)) / np.prod(others)


def _cover(places: int, length: int) -> np.ndarray:
    """Which part of each place lies on which of ``length`` cells [places, length]: rows sum to 1."""
    starts, cells = np.arange(places)[:, np.newaxis] * length / places, np.arange(length)
    overlap = np.minimum(starts + length / places, cells + 1) - np.maximum(starts, cells)
    return np.maximum(overlap, 0) * places / length
