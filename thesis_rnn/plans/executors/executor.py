"""What runs tasks side by side, whatever they are: here, in local processes, or on other machines."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from thesis_rnn.plans.tasks import Task

Work = TypeVar("Work")
"""What is run: a training of a plan (``Task``), a shard that is explained (``ShardTask``)."""


class Executor(Protocol[Work]):
    """Runs tasks side by side; each leaves its result in its own place, last and whole.

    Attributes:
      places: how many tasks it runs at once.
    """

    places: int

    def submit(self, task: Work) -> bool:
        """Starts a task; False if another process is at it, which is then left to finish it."""

    def ended(self) -> Sequence[tuple[Work, str]]:
        """The tasks that ended since this was last asked, each with the reason why it failed; empty if it did not.

        May wait for a moment until there is one.
        """

    def cancel(self) -> None:
        """Ends what is running; each task goes on from what it left when it is submitted again."""


class TaskExecutor(Executor[Task], Protocol):
    """Runs the tasks of a plan, whose trainings take so long that one wants to see them go on."""

    def epochs_left(self, task: Task) -> int:
        """The epochs that a running task has still to train, as far as is known here."""
