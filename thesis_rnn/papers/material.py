"""What figures are drawn from, and how they ask for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from thesis_rnn.data import is_available, problem_of
from thesis_rnn.papers.selection import place
from thesis_rnn.plans.results import Row
from thesis_rnn.plans.tasks import Task

Model = tuple[str, int]
"""(architecture, number of steps)."""


class MissingError(Exception):
    """A figure's runs or numbers are not there yet."""


@dataclass(frozen=True)
class Material:
    """The results of one profile.

    Attributes:
      results: the rows of the result files by name.
      finished: the tasks whose runs are at hand.
    """

    results: Mapping[str, Sequence[Row]]
    finished: Sequence[Task]

    def datasets(self, majority: bool) -> list[str]:
        """The data sets with runs at hand, in the thesis' order."""
        names = {task.settings.dataset for task in self.finished if task.program == "train"}
        return sorted((name for name in names if (problem_of(name).evidence == "blocks") == majority), key=place)

    def complete(self, models: Iterable[Model], majority: bool) -> list[str]:
        """The data sets on which all ``models`` were run.

        Raises:
          MissingError: if there are none.
        """
        models = set(models)
        names = [name for name in self.datasets(majority) if models <= self._models(name)]
        if not names:
            raise MissingError(f"no data set has runs of {sorted(models)}")
        return names

    def _models(self, dataset: str) -> set[Model]:
        return {(task.settings.arch, task.settings.steps) for task in self._original(dataset)}

    def _original(self, dataset: str) -> list[Task]:
        tasks = [task for task in self.finished if task.program == "train" and not task.fold]
        return _by_seed(task for task in tasks if task.settings.dataset == dataset)

    def task(self, dataset: str, model: Model) -> Task:
        """The run of the original split with the least seed.

        Raises:
          MissingError: if it is not finished.
        """
        for task in self._original(dataset):
            if (task.settings.arch, task.settings.steps) == model:
                return task
        raise MissingError(f"{dataset} has no run of {model}")

    def box_task(self, dataset: str, arch: str, last_steps: int = 0) -> Task | None:
        """The run with the least seed on series with planted evidence; None if it is not finished.

        Args:
          dataset, arch: of its settings.
          last_steps: at how many of the last steps it attends; 0 for all.
        """
        wanted = (dataset, arch, last_steps, 0)
        tasks = [task for task in self.finished if task.program == "boxes"]
        return next((task for task in _by_seed(tasks) if _box_key(task) == wanted), None)


def _by_seed(tasks: Iterable[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: task.settings.seed)


def _box_key(task: Task) -> tuple[str, str, int, int]:
    own = task.settings
    return own.dataset, own.arch, own.last_steps, own.window


def has_images(task: Task) -> bool:
    """Whether the images that the task was trained on can still be read."""
    return is_available(task.settings.dataset, task.settings.data_dir or None)
