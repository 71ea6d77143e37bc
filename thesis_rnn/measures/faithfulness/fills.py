"""What takes the place of what is removed. A fill far from the data asks the model about inputs it has never seen.

The tutorial (Montavon et al., 2018, section 7, selectivity) asks for perturbed inputs that stay near the data. No fill
always does, so that scores are best read with several.
"""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from thesis_rnn.errors import InputError
from thesis_rnn.measures.measure import Scored
from thesis_rnn.support.registry import Registry

Fill = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(places of samples [m], what is removed of them, bool [m, ...]) -> values [m, ...], read where something is."""

FILLS: Registry[Callable[[Scored], Fill]] = Registry("fill")
"""Name -> ``fill(scored)``, which looks at the samples once and gives a ``Fill``."""

BLUR = 0.1
"""The width of the blur along time, in parts of the series' length."""


def fill_of(name: str, scored: Scored) -> Fill:
    """The fill ``name`` for the samples of ``scored``.

    Raises:
      InputError: for a fill that is not known, or one of numbers for tokens.
    """
    make = FILLS[name]
    if is_tokens(scored.x) and name in ("mean", "gaussian", "blur"):
        raise InputError(f"tokens have no {name}; use fill=background, sample or nearest; received fill={name!r}")
    return make(scored)


def is_tokens(x: np.ndarray) -> bool:
    """Whether ``x`` are tokens [n, steps], which stand for words and are no amounts."""
    return np.ndim(x) == 2 and np.asarray(x).dtype.kind in "iu"


@FILLS.register("background")
def background(scored: Scored) -> Fill:
    """The value that "removed" means for the problem."""
    value = np.asarray(scored.background).astype(scored.x.dtype)
    if scored.x.dtype.kind in "iu" and value != scored.background:
        raise InputError(f"the background of whole numbers must be one; received {scored.background}")
    return lambda samples, removed: value


@FILLS.register("mean")
def mean(scored: Scored) -> Fill:
    """The mean of the cell over all samples that have it; 0 where none has."""
    own = scored.own_cells
    total, count = np.where(own, scored.x, 0).sum(axis=0), own.sum(axis=0)
    means = (total / np.maximum(count, 1)).astype(scored.x.dtype)
    return lambda samples, removed: means


@FILLS.register("sample")
def sample(scored: Scored) -> Fill:
    """The same cells of another sample, drawn for each; of a shorter one, from its first own step on again.

    Raises:
      InputError: if there is only one sample.
    """
    n, steps = scored.x.shape[:2]
    if n < 2:
        raise InputError("fill=sample takes cells from another sample; give at least 2; received 1")
    rng = np.random.default_rng(scored.seed)
    donor = (np.arange(n) + rng.integers(1, n, n)) % n
    own = scored.own_steps
    first = np.argsort(~own, axis=1, kind="stable")  # own steps first, in their order
    step = np.take_along_axis(first, np.arange(steps) % own.sum(axis=1)[:, None], axis=1)
    values = scored.x[donor[:, None], step[donor]]
    return lambda samples, removed: values[samples]


@FILLS.register("gaussian")
def gaussian(scored: Scored) -> Fill:
    """Noise with the mean and the deviation of each feature over all own steps."""
    own = np.where(scored.own_cells, scored.x, np.nan).reshape(-1, *scored.x.shape[2:])
    noise = np.random.default_rng(scored.seed).standard_normal(scored.x.shape)
    values = (np.nanmean(own, axis=0) + np.nanstd(own, axis=0) * noise).astype(scored.x.dtype)
    return lambda samples, removed: values[samples]


@FILLS.register("blur")
def blur(scored: Scored) -> Fill:
    """The sample itself, blurred along time over its own steps by a Gaussian of a tenth of its length."""
    own, width = scored.own_cells.astype(float), BLUR * scored.x.shape[1]
    smooth = ndimage.gaussian_filter1d(np.where(own, scored.x, 0).astype(float), width, axis=1, mode="constant")
    weight = ndimage.gaussian_filter1d(own, width, axis=1, mode="constant")
    values = (smooth / np.maximum(weight, 1e-12)).astype(scored.x.dtype)
    return lambda samples, removed: values[samples]


@FILLS.register("nearest")
def nearest(scored: Scored) -> Fill:
    """The nearest own cell that is still there: of the same feature in time, or in the row of the joined image.

    Of two equally near ones the earlier. Where none is left, the cell's mean over all samples, or for tokens the
    background.
    """
    otherwise = (background if is_tokens(scored.x) else mean)(scored)(None, None)  # type: ignore[arg-type]  # neither is read
    own, x = scored.own_cells, scored.x
    joined = x.ndim == 4 and not scored.channels_last

    def fill(samples: np.ndarray, removed: np.ndarray) -> np.ndarray:
        kept, values = own[samples] & ~removed, x[samples]
        if joined:
            kept, values = _columns_first(kept), _columns_first(values)
        values, gone = _nearest_kept(values, kept)
        if joined:
            values, gone = (_as_steps(one, x.shape) for one in (values, gone))
        return np.where(gone, otherwise, values).astype(x.dtype)

    return fill


def _nearest_kept(values: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each cell the nearest kept value along axis 1, and whether there is none."""
    last = kept.shape[1] - 1
    before, after = _last_kept(kept), last - _last_kept(kept[:, ::-1])[:, ::-1]
    here = np.arange(last + 1).reshape(1, -1, *[1] * (kept.ndim - 2))
    use_after = (before < 0) | ((after <= last) & (after - here < here - before))
    near = np.clip(np.where(use_after, after, before), 0, last)
    return np.take_along_axis(values, near, axis=1), (before < 0) & (after > last)


def _last_kept(kept: np.ndarray) -> np.ndarray:
    """For each place the last kept one up to it, along axis 1; -1 where there is none."""
    here = np.arange(kept.shape[1]).reshape(1, -1, *[1] * (kept.ndim - 2))
    return np.maximum.accumulate(np.where(kept, here, -1), axis=1)


def _columns_first(images: np.ndarray) -> np.ndarray:
    """[n, steps, rows, columns] as [n, columns of the joined image, rows]."""
    n, steps, rows, columns = images.shape
    return images.transpose(0, 1, 3, 2).reshape(n, steps * columns, rows)


def _as_steps(joined: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The way back."""
    _, steps, rows, columns = shape
    return joined.reshape(-1, steps, columns, rows).transpose(0, 1, 3, 2)
