"""What figures are drawn from, and how they ask for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from thesis_rnn.data import is_available, problem_of
from thesis_rnn.papers.selection import in_order
from thesis_rnn.plans.results import Results
from thesis_rnn.plans.tasks import Task

Model = tuple[str, int]
"""(architecture, number of steps)."""


class MissingError(Exception):
    """A figure's runs or numbers are not there yet."""


class UnexplainedError(MissingError):
    """A figure's runs are there, but were not explained by the methods that it shows."""


@dataclass(frozen=True)
class Material:
    """The results of one profile and paper.

    Attributes:
      results: the result files.
      finished: the tasks whose runs are at hand.
    """

    results: Results
    finished: Sequence[Task]

    def datasets(self, evidence: str | None) -> list[str]:
        """The problems with runs at hand whose evidence is of this kind, in order."""
        names = {task.dataset for task in self.finished}
        return in_order({name for name in names if problem_of(name).evidence == evidence})

    def complete(self, models: Iterable[Model], evidence: str | None) -> list[str]:
        """The problems with this kind of evidence on which all ``models`` were run.

        Raises:
          MissingError: if there are none.
        """
        models = set(models)
        names = [name for name in self.datasets(evidence) if models <= self._models(name)]
        if not names:
            raise MissingError(f"no data set has runs of {sorted(models)}")
        return names

    def _models(self, dataset: str) -> set[Model]:
        return {(task.architecture, task.steps) for task in self.originals(dataset) if not task.variant}

    def originals(self, dataset: str) -> list[Task]:
        """The runs on the problem's own split, by seed."""
        tasks = [task for task in self.finished if task.dataset == dataset and not task.fold]
        return sorted(tasks, key=lambda task: task.seed)

    def task(self, dataset: str, model: Model) -> Task:
        """The run of the original split with the least seed.

        Raises:
          MissingError: if it is not finished.
        """
        found = self.find(dataset, *model)
        if found is None:
            raise MissingError(f"{dataset} has no run of {model}")
        return found

    def find(self, dataset: str, architecture: str, steps: int | None = None, variant: str = "") -> Task | None:
        """The run of the original split with the least seed; None if it is not finished.

        Args:
          dataset, architecture: of the run.
          steps: of its sequences; any by default.
          variant: what differs from the architecture, as in "attend_last_steps=10".
        """
        for task in self.originals(dataset):
            if (task.architecture, task.variant) == (architecture, variant) and steps in (None, task.steps):
                return task
        return None


def has_images(task: Task) -> bool:
    """Whether the images that the task was trained on can still be read."""
    return is_available(task.dataset, task.data_dir or None)
