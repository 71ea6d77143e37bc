"""What sources of texts share: sentences as tokens, read whole, of two classes."""

import os
from dataclasses import dataclass
from typing import ClassVar

from thesis_rnn.data.problem import DrawnWhole, Split, check_uncut


@dataclass(frozen=True)
class Texts(DrawnWhole):
    """Texts as tokens (a ``data.problem.Source``), from what ``read`` gives: its ``splits`` and ``vocabulary``.

    Attributes:
      steps: words of the longest text that is kept whole.
    """

    steps: ClassVar[int]
    masked: ClassVar[bool] = True

    def read(self, data_dir: str | os.PathLike | None):
        """All texts; see the class."""
        raise NotImplementedError

    def load(
        self,
        split: str,
        steps: int | None = None,
        data_dir: str | os.PathLike | None = None,
        seed: int = 0,
        limit: int | None = None,
        fold=None,
    ) -> Split:
        """The texts of a split, x int32 [n, steps]; they do not depend on the seed.

        Raises:
          InputError: texts that are nowhere to be found, or damaged.
        """
        check_uncut(self.steps, steps, fold)
        return self.read(data_dir).splits[split].take(slice(limit))

    def vocabulary(self, data_dir: str | os.PathLike | None = None) -> tuple[str, ...]:
        """The word of each token."""
        return self.read(data_dir).vocabulary

    def shape(self, steps: int | None = None) -> tuple[int]:
        """(steps,)."""
        check_uncut(self.steps, steps, None)
        return (self.steps,)

    def class_names(self) -> tuple[str, str]:
        """What a text says."""
        return "negative", "positive"

    def feature_names(self) -> None:
        """A token has no features."""
        return
