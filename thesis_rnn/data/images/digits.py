"""scikit-learn's embedded handwritten digits in the size of MNIST: real images that need no file and no network."""

import os
from dataclasses import dataclass

import numpy as np

from thesis_rnn.data.images.splits import IMAGE_SIZE, Images, checked_images

BRIGHTEST = 16  # scikit-learn's digits have 17 grey levels, 0..16
TEST_SHARE = 0.2
SPLIT_SEED = 0


@dataclass(frozen=True)
class EmbeddedDigits:
    """The 1,797 digits of 8x8 pixels in ``sklearn.datasets.load_digits`` (Alpaydin and Kaynak, 1998).

    Resized to 28x28, scaled from 0..16 to 0..255, and split 80/20 into train and test, stratified by class, always
    the same way. ``data_dir`` is ignored: the images come with scikit-learn.
    """

    name: str = "digits"

    def read(self, part: str, data_dir: str | os.PathLike | None = None) -> Images:
        """Returns the "train" (1,437) or "test" (360) images."""
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        stored = load_digits()
        train, test = train_test_split(
            np.arange(len(stored.target)), test_size=TEST_SHARE, random_state=SPLIT_SEED, stratify=stored.target
        )
        chosen = {"train": train, "test": test}[part]
        pixels = np.rint(resize_bilinear(stored.images[chosen], IMAGE_SIZE) * (255 / BRIGHTEST)).astype(np.uint8)
        return checked_images(pixels, stored.target[chosen], f"scikit-learn's digits ({part})")

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """True."""
        return True


def resize_bilinear(images: np.ndarray, size: int) -> np.ndarray:
    """Enlarges float images [n, k, k] to [n, size, size].

    Output pixel i lies at (i + 0.5) * k / size - 0.5 between input pixels and takes their linear mixture; positions
    beyond the outermost pixels' centres take the border's value. This is ``tf.image.resize``'s bilinear method.
    """
    from scipy import ndimage

    factor = size / images.shape[-1]
    return ndimage.zoom(images, (1, factor, factor), order=1, mode="nearest", grid_mode=True)
