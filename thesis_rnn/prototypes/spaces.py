"""Where a search goes on: among inputs, among codes of inputs, or among embeddings of tokens."""

import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.core.primitives import ForwardSemantics, explained_by
from thesis_rnn.errors import InputError
from thesis_rnn.prototypes.experts import EXPERTS, Expert
from thesis_rnn.prototypes.question import Question
from thesis_rnn.prototypes.record import Prototypes
from thesis_rnn.prototypes.samples import COMPARED, Data, Starts, nearest_of, own_distances

RATE = 0.05
"""A step of Adam, as a share of the deviation of the data."""


class Space:
    """What the spaces share.

    Attributes:
      start: where searches begin, as points of the space [n, ...].
      learning_rate: a step that suits the space.
    """

    def __init__(
        self,
        network: Network,
        question: Question,
        given: Data,
        starts: Starts,
        box,
        expert: str | Expert,
        weight: float | None,
        variation: float,
        around: np.ndarray | None,
        nearness: float,
        seed: int,
    ):
        self.network, self.question, self.given, self.starts = network, question, given, starts
        self.variation, self.nearness = _weight("variation", variation), _weight("nearness", nearness)
        if (around is None) != (nearness == 0):
            raise InputError("around, a sample, and nearness, its weight, go together; received one of them")
        self.around = around
        self.name = expert if isinstance(expert, str) else type(expert).__name__
        self.notes = list(starts.notes)
        self.lengths = None if starts.lengths is None else tf.constant(starts.lengths)
        self.prepare(expert, box, seed)
        self.weight = self.expert.weight if weight is None else _weight("weight", weight)

    def prepare(self, expert, box, seed: int) -> None:
        """Sets ``expert``, ``start`` and ``learning_rate``."""
        raise NotImplementedError

    def fitted(self, expert: str | Expert, seed: int) -> Expert:
        """The expert, fitted to the data unless it is already; one that did not learn is refused."""
        fitted = EXPERTS[expert].fit(self.given.filled(), seed) if isinstance(expert, str) else expert
        if not fitted.learned:
            raise InputError(
                f"the expert {self.name!r} did not learn these data, use another one or give more data; received "
                f"{len(self.given.x)} samples: {fitted.verdict}"
            )
        if self.name != "l2":
            self.notes.append(f"expert {self.name}: {fitted.verdict}")
        return fitted

    def apart(self, x: tf.Tensor) -> tf.Tensor:
        """What is taken off the objective [n]: total variation along time, and the distance from a given sample."""
        lost = tf.zeros([tf.shape(x)[0]], x.dtype)
        if self.variation and x.shape.rank > 2:
            changes = tf.abs(x[:, 1:] - x[:, :-1])
            if self.lengths is not None:
                own = tf.sequence_mask(self.lengths, x.shape[1])[:, 1:]
                changes *= tf.cast(tf.reshape(own, [tf.shape(x)[0], -1, *[1] * (x.shape.rank - 2)]), x.dtype)
            lost += self.variation * _sum(changes)
        if self.around is not None:
            lost += self.nearness * _sum((x - self.around_point()) ** 2)
        return lost

    def around_point(self):
        """The given sample as what ``apart`` compares."""
        return self.around

    def answers(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """What the model says of the prototypes: the value and p of each class or unit."""
        values, log_p = self.question.answers(x, self.starts.lengths)
        target, n = self.question.target, np.arange(len(x))
        value = values[:, 0] if self.question.unit else values[n, target]
        p = np.full(len(x), np.nan) if log_p is None else np.exp(log_p[n, target])
        return {"value": value, "p": p}

    def beside(self, x: np.ndarray, rows: np.ndarray, others: np.ndarray, curve: np.ndarray, **more) -> Prototypes:
        """The record of prototypes ``x``; neighbours are those of ``rows`` among ``others``."""
        nearest, distance = nearest_of(rows, others)
        steps = x.shape[1] if x.ndim > 1 else 1
        lengths = np.full(len(x), steps, np.int32) if self.starts.lengths is None else self.starts.lengths
        found = self.answers(x) | {
            "x": x,
            "start": self.starts.x,
            "target": self.question.target,
            "unit": self.question.unit,
            "expert": self.name,
            "nearest": self.given.places[nearest],
            "neighbour": self.given.x[nearest],
            "distance": distance,
            "neighbour_lengths": np.full(len(x), steps) if self.given.lengths is None else self.given.lengths[nearest],
            "data_distance": own_distances(others),
            "curve": curve,
            "lengths": lengths,
            "notes": tuple(self.notes),
        }
        return Prototypes(**({"p_embedded": found["p"]} | found | more))


class InputSpace(Space):
    """Among inputs, clipped to the box after every step; padding stays as it is."""

    def prepare(self, expert, box, seed: int) -> None:
        """The expert of inputs, and the starts inside the box."""
        self.expert = self.fitted(expert, seed)
        self.fill = tf.constant(self.given.mean()[np.newaxis], tf.float32)
        self.low, self.high = _box(box, self.given)
        own = self.given.own(self.starts.lengths, len(self.starts.x))
        self.own = tf.constant(np.broadcast_to(own, self.starts.x.shape))
        self.start = np.where(own, np.clip(self.starts.x, self.low, self.high), self.starts.x).astype(np.float32)
        self.learning_rate = RATE * _deviation(self.given)

    def objective(self, x: tf.Tensor) -> tf.Tensor:
        """The aim, the expert's term, and what is taken off."""
        return self.question.aim(x, self.lengths) + self.weight * self.density(x) - self.apart(x)

    def density(self, x: tf.Tensor) -> tf.Tensor:
        """The expert's, in which padding counts as the mean."""
        rows = tf.where(self.own, x, tf.broadcast_to(self.fill, tf.shape(x)))
        return self.expert.log_density(tf.reshape(rows, [len(self.start), -1]))

    def project(self, x: tf.Tensor) -> tf.Tensor:
        """Into the box, with padding as it was."""
        return tf.where(self.own, tf.clip_by_value(x, self.low, self.high), self.start)

    def record(self, x: np.ndarray, curve: np.ndarray) -> Prototypes:
        """What was found."""
        density = self.density(tf.constant(x)).numpy()
        return self._record(x, density, curve)

    def _record(self, x: np.ndarray, density: np.ndarray, curve: np.ndarray) -> Prototypes:
        data_density = self.expert.data_density(self.given.filled()[:COMPARED])
        beyond = ((x < self.low) | (x > self.high)) & self.own.numpy()
        axes = tuple(range(1, x.ndim))
        outside = beyond.sum(axis=axes) / self.own.numpy().sum(axis=axes)
        rows = self.given.rows(x, self.own.numpy())
        return self.beside(
            x, rows, self.given.filled(), curve, density=density, data_density=data_density, outside=outside
        )


class CodeSpace(InputSpace):
    """Among codes z, whose inputs g(z) are shown; they are not clipped."""

    def prepare(self, expert, box, seed: int) -> None:
        """Starts are the codes of k-means centres or, where nothing encodes, drawn from the prior."""
        super().prepare(expert, box, seed)
        self.padded = tf.constant(self.starts.x)
        if hasattr(self.expert, "encode"):
            filled = np.where(self.own.numpy(), self.starts.x, self.fill.numpy())
            self.start = self.expert.encode(filled.reshape(len(filled), -1)).astype(np.float32)
        else:
            rng = np.random.default_rng(seed)
            self.start = rng.standard_normal((len(self.starts.x), self.expert.codes), np.float32)
            self.starts = self.starts._replace(x=self.inputs(tf.constant(self.start)).numpy())
        self.learning_rate = RATE

    def inputs(self, codes: tf.Tensor) -> tf.Tensor:
        """The inputs of codes, with padding as it was."""
        x = tf.reshape(self.expert.decode(codes), [-1, *self.padded.shape[1:]])
        return tf.where(self.own, x, self.padded)

    def objective(self, codes: tf.Tensor) -> tf.Tensor:
        """The aim at the inputs, the prior of codes, and what is taken off."""
        x = self.inputs(codes)
        return self.question.aim(x, self.lengths) + self.weight * self.expert.log_density(codes) - self.apart(x)

    def project(self, codes: tf.Tensor) -> tf.Tensor:
        """Every code is allowed."""
        return codes

    def record(self, codes: np.ndarray, curve: np.ndarray) -> Prototypes:
        """What was found, as inputs."""
        density = self.expert.log_density(tf.constant(codes)).numpy()
        return self._record(self.inputs(tf.constant(codes)).numpy(), density, curve)


class TokenSpace(Space):
    """Among embeddings of tokens; each is then taken for the nearest token, and p is that of the tokens."""

    def prepare(self, expert, box, seed: int) -> None:
        """Starts are the embeddings of the samples that are nearest to k-means centres."""
        if box is not None:
            raise InputError(f"tokens have no box; leave it out; received {box!r}")
        embedding = _embedding_of(self.network)
        self.table = np.asarray(embedding.embeddings, np.float32)
        self.first = 1 if embedding.mask_zero else 0
        self.tokens = tf.constant(self.starts.x)
        self.start = self.table[self.starts.x]
        known = self.given.x[np.broadcast_to(self.given.own(), self.given.x.shape)]
        self.mean = self.table[known].mean(axis=0)
        own = self.given.own(self.starts.lengths, len(self.starts.x))
        self.own = tf.constant(np.broadcast_to(own, self.starts.x.shape)[..., np.newaxis])
        self.expert = EXPERTS["l2"](self.mean)
        self.learning_rate = RATE * float(self.table[known].std() or 1.0)

    def around_point(self):
        """The embeddings of the given tokens."""
        return self.table[self.around]

    def objective(self, points: tf.Tensor) -> tf.Tensor:
        """The aim at the embeddings, their distance from the mean one, and what is taken off."""
        with explained_by(InsteadOfEmbedding(points)):
            aim = self.question.aim(self.tokens, self.lengths)
        return aim + self.weight * self.density(points) - self.apart(points)

    def density(self, points: tf.Tensor) -> tf.Tensor:
        """-||e - mean||^2 over own steps [n]."""
        return -_sum(tf.where(self.own, points - self.mean, 0.0) ** 2)

    def project(self, points: tf.Tensor) -> tf.Tensor:
        """Padding stays as it is."""
        return tf.where(self.own, points, self.start)

    def record(self, points: np.ndarray, curve: np.ndarray) -> Prototypes:
        """The nearest tokens, and what the model says of them."""
        nearest, _ = nearest_of(points.reshape(-1, points.shape[-1]), self.table[self.first :])
        own = self.own.numpy()[..., 0]
        tokens = np.where(own, self.first + nearest.reshape(own.shape), self.starts.x).astype(np.int32)
        with explained_by(InsteadOfEmbedding(tf.constant(points))):
            aims = self.question.aim(self.tokens, self.lengths).numpy()
        p_embedded = np.exp(aims) if self.question.has_probability else np.full(len(tokens), np.nan)
        data = self.table[self.given.x[:COMPARED]]
        own_data = np.broadcast_to(self.given.own(), self.given.x.shape)[:COMPARED, :, np.newaxis]
        rows, others = (self.table[x].reshape(len(x), -1) for x in (tokens, self.given.x))
        return self.beside(
            tokens,
            rows,
            others,
            curve,
            p_embedded=p_embedded,
            density=self.density(tf.constant(self.table[tokens])).numpy(),
            data_density=-((own_data * (data - self.mean)) ** 2).sum(axis=(1, 2)),
            outside=np.zeros(len(tokens)),
        )


class InsteadOfEmbedding(ForwardSemantics):
    """The plain forward pass, in which what tokens are embedded as is put in the place of their embedding."""

    def __init__(self, points: tf.Tensor):
        super().__init__()
        self.points = points

    def leaf(self, a, name: str):
        """The points, where the embedding is asked for."""
        return self.points if name == "embedding" else super().leaf(a, name)


def _embedding_of(network: Network):
    import keras

    found = [
        source
        for layer in network.explainable().layers
        if isinstance(source := getattr(layer, "source", layer), keras.layers.Embedding)
    ]
    if len(found) != 1:
        raise InputError(f"prototypes of tokens need a model with one Embedding; received {len(found)}")
    return found[0]


def _box(box, given: Data) -> tuple[np.ndarray, np.ndarray]:
    low, high = given.range() if box is None else _pair(box)
    try:
        for edge in (low, high):
            np.broadcast_to(edge, given.x.shape[1:])
    except ValueError:
        raise InputError(f"box must be two numbers or arrays that broadcast to a sample; received {box!r}") from None
    if not (low <= high).all():
        raise InputError("box must be (low, high) with low <= high; received one that is empty")
    return low, high


def _pair(box) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(box, list | tuple) or len(box) != 2:
        raise InputError(f"box must be (low, high); received {box!r}")
    low, high = (np.asarray(edge, np.float32) for edge in box)
    return low, high


def _deviation(given: Data) -> float:
    own = np.broadcast_to(given.own(), given.x.shape)
    return float(given.x[own].std()) or 1.0


def _weight(name: str, value: float) -> float:
    if not np.isfinite(value) or value < 0:
        raise InputError(f"{name} must be a finite number of at least 0; received {value}")
    return float(value)


def _sum(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.reshape(values, [tf.shape(values)[0], -1]), axis=1)
