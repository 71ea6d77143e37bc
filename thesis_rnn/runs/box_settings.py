"""What a run on series with planted evidence depends on (Ismail et al., 2019)."""

from dataclasses import dataclass

from thesis_rnn.errors import InputError
from thesis_rnn.runs.old_flagfile import FlagFile, option


@dataclass(frozen=True)
class BoxSettings(FlagFile):
    """A model, a data set of boxes, and how the one is trained on the other."""

    arch: str = option("lstm", "Model of series; see --list_models.")
    dataset: str = option("earlier", "Data set of boxes: earlier, middle, latter, mixed, three_earlier, ..., moving_0.")
    seed: int = option(0, "Seeds data, kernels, dropout masks and the order of batches.")
    epochs: int = option(400, "Passes through the training data, at most.")
    updates: int = option(8000, "Updates, at most: training ends with the epoch in which they are reached.")
    patience: int = option(50, "Epochs without a better validation accuracy or loss after which training ends.")
    batch_size: int = option(50, "Series per update.")
    learning_rate: float = option(1e-3, "Adam's learning rate.")
    hidden: int = option(5, "Units of the cell.")
    d_a: int = option(50, "Neurons of the attention.")
    r: int = option(20, "Hops of the attention.")
    window: int = option(0, "With input-cell attention: attend to the last so many inputs; 0 for all.")
    last_steps: int = option(0, "With input-cell attention: attend at the last so many steps only; 0 for all.")
    method: str = option(
        "sensitivity",
        "Attribution methods that are scored beside the saliency, separated by commas. With other rules for gated "
        "products: lrp_epsilon_half, lrp_epsilon_prop and lrp_epsilon_abs. With --resume, another list than the run's.",
    )

    def __post_init__(self):
        for name in ("epochs", "updates", "patience", "batch_size", "hidden", "d_a", "r"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1; received {getattr(self, name)}")
        for name in ("seed", "window", "last_steps"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} must not be negative; received {getattr(self, name)}")
