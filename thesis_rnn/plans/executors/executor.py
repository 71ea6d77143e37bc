"""What the plan asks of whatever runs its tasks: local processes, or another machine."""

from collections.abc import Sequence
from typing import Protocol

from thesis_rnn.plans.tasks import Task


class Executor(Protocol):
    """Runs tasks side by side; each leaves its result in its run folder.

    Attributes:
      places: how many tasks it runs at once.
    """

    places: int

    def submit(self, task: Task) -> bool:
        """Starts a task; False if another process is at it, which is then left to finish it."""

    def ended(self) -> Sequence[tuple[Task, str]]:
        """The tasks that ended since this was last asked, each with the reason why it failed; empty if it did not."""

    def cancel(self) -> None:
        """Ends what is running; each task goes on from its last epoch when it is submitted again."""
