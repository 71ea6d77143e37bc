"""Problems of images: single images or majority triples, each cut into steps from left to right."""

import os
from dataclasses import dataclass

import numpy as np

from thesis_rnn.data.images.digits import EmbeddedDigits
from thesis_rnn.data.images.folds import Fold, read_split
from thesis_rnn.data.images.majority import BLOCKS, draw_triples
from thesis_rnn.data.images.published import PublishedImages
from thesis_rnn.data.images.sequences import assemble, assemble_tensor, columns_per_step
from thesis_rnn.data.images.splits import IMAGE_SIZE, Images, ImageSource
from thesis_rnn.data.problem import PROBLEMS, EvidenceKind, Pool, Problem, Split


@dataclass(frozen=True)
class ImagePool(Pool):
    """Images as bytes, of which sequences are assembled while a network trains.

    Attributes:
      x: uint8 [m, rows, width].
      steps: the number of steps a sequence is cut into.
      majority: fresh majority triples each epoch; otherwise single images in a fresh order.
    """

    whole_batches: bool = False
    steps: int = 1
    majority: bool = False

    @property
    def parts(self) -> int:
        """Images per sequence."""
        return BLOCKS if self.majority else 1

    def draw(self, originals, rng):
        """The images of each sequence from left to right, [n, 3] or [n, 1]."""
        return draw_triples(self.y, originals, rng)[0] if self.majority else super().draw(originals, rng)

    def assemble(self, parts):
        """[n, blocks, rows, width] bytes -> [n, steps, rows, columns] in [-1, 1]."""
        return assemble_tensor(parts, self.steps)


@dataclass(frozen=True)
class ImageSequences:
    """Sequences of images (a ``data.problem.Source``).

    Attributes:
      images: where the images come from.
      words: the ten classes in words, in the order of the labels.
      majority: whether a sequence is a majority triple (84 columns) or a single image (28 columns).
    """

    images: ImageSource
    words: tuple[str, ...]
    majority: bool
    masked = False

    @property
    def blocks(self) -> int:
        """Images per sequence."""
        return BLOCKS if self.majority else 1

    @property
    def evidence(self) -> EvidenceKind | None:
        """Which blocks show the majority class; nothing is known of single images."""
        return "blocks" if self.majority else None

    def load(
        self,
        split: str,
        steps: int | None = None,
        data_dir: str | os.PathLike | None = None,
        seed: int = 0,
        limit: int | None = None,
        fold: Fold | None = None,
    ) -> Split:
        """The sequences of a split: x float32 [n, steps, 28, columns] in [-1, 1], y int32 [n], evidence int8 [n, 3].

        Of a majority problem one triple per image of the split, in canonical order, drawn from (seed, split): the same
        whatever ``steps`` and ``limit``, and drawn anew for each split. All three images of a triple are of that split,
        and of that fold. Single images do not depend on the seed.
        """
        steps, _, _ = self.shape(steps)
        pixels, labels = self.load_images(split, data_dir, fold)
        originals = np.arange(len(labels))
        indices, evidence = originals[:, np.newaxis], None
        if self.majority:
            # The split's name as numbers, not its position: never the same stream as a caller's (seed, epoch).
            indices, evidence = draw_triples(labels, originals, (seed, *split.encode()))
            evidence = evidence[:limit]
        return Split(assemble(pixels, indices[:limit], steps), labels[:limit], evidence)

    def load_images(self, split: str, data_dir: str | os.PathLike | None = None, fold: Fold | None = None) -> Images:
        """The single images of a split."""
        return read_split(self.images, split, data_dir, fold)

    def pool(
        self,
        steps: int | None = None,
        data_dir: str | os.PathLike | None = None,
        seed: int = 0,
        fold: Fold | None = None,
    ) -> ImagePool:
        """The training images; they do not depend on the seed."""
        steps, _, _ = self.shape(steps)
        return ImagePool(*self.load_images("train", data_dir, fold), steps=steps, majority=self.majority)

    def shape(self, steps: int | None = None) -> tuple[int, int, int]:
        """(steps, rows, columns); by default the thesis' steps of 7 columns: 12 for a triple, 4 for a single image."""
        steps = 4 * self.blocks if steps is None else steps
        return steps, IMAGE_SIZE, columns_per_step(self.blocks * IMAGE_SIZE, steps)

    def class_names(self) -> tuple[str, ...]:
        """The ten classes in words."""
        return self.words

    def feature_names(self) -> None:
        """Columns of images have no names."""
        return

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """Whether the images are at hand or could be downloaded."""
        return self.images.is_available(data_dir)


DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
MNIST = PublishedImages("mnist", "storage.googleapis.com", 443)
FASHION_MNIST = PublishedImages("fashion_mnist", "fashion-mnist.s3-website.eu-central-1.amazonaws.com", 80)
EMBEDDED = EmbeddedDigits()

_METHODS = "sensitivity; guided_backprop; deep_taylor; lrp(alpha=1.5, beta=0.5)"
_OF_ALL = "foreground_mass_accuracy; step_flipping; patch_flipping; step_share; n_unexplained; absorbed_share"


def _problem(title: str, images: ImageSource, words: tuple[str, ...], text: str, majority: bool) -> Problem:
    measures = f"cosine; evidence_percentage; n_zero_relevance; {_OF_ALL}" if majority else _OF_ALL
    return Problem(
        title,
        ImageSequences(images, words, majority),
        domain="bounded",
        background=-1.0,
        methods=_METHODS,
        measures=measures,
        test_seed=0,  # of the triples: models that differ only in their seed can be compared on them
        text=text,
    )


_MNIST = "70,000 handwritten digits (LeCun and Cortes, 2010)"
_FASHION = "70,000 pictures of clothes (Xiao et al., 2017)"
_EMBEDDED = "scikit-learn's 1,797 handwritten digits (Alpaydin and Kaynak, 1998), which need no file"
_TRIPLE = "three images side by side, two of one class: which? (Chormai, 2018)"
PROBLEMS.add("mnist_maj", _problem("MNIST-MAJ", MNIST, DIGITS, f"{_TRIPLE}; {_MNIST}", True))
PROBLEMS.add("fashion_mnist_maj", _problem("FashionMNIST-MAJ", FASHION_MNIST, CLOTHES, f"{_TRIPLE}; {_FASHION}", True))
PROBLEMS.add("digits_maj", _problem("Digits-MAJ", EMBEDDED, DIGITS, f"{_TRIPLE}; {_EMBEDDED}", True))
PROBLEMS.add("mnist", _problem("MNIST", MNIST, DIGITS, _MNIST, False))
PROBLEMS.add("fashion_mnist", _problem("FashionMNIST", FASHION_MNIST, CLOTHES, _FASHION, False))
PROBLEMS.add("digits", _problem("Digits", EMBEDDED, DIGITS, _EMBEDDED, False))
