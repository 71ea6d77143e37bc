"""What used to have another name: every old flag, entry point and word, with its new form."""

from thesis_rnn.errors import InputError

FLAGS = {
    "method": "--methods='sensitivity; lrp(alpha=1.5, beta=0.5)'",
    "alpha": "--methods='lrp(alpha=2, beta=1)'",
    "beta": "--methods='lrp(alpha=2, beta=1)'",
    "rules": "--methods='composite(epsilon(0.01), first=flat)'",
    "parameters": "--methods='lrp_epsilon(epsilon=0.01)'",
    "output": "--out_dir=DIR",
    "output_kind": "--methods='saliency(output=log_odds)'",
    "hidden": "--units=5",
    "d_a": "--attention_units=50",
    "r": "--attention_hops=20",
    "window": "--attention_window=10",
    "last_steps": "--attend_last_steps=10",
    "track": "--track_sequences=100",
    "epoch_size": "--sequences_per_epoch=6000",
    "results": "--runs_dir=DIR",
    "figures": "--figures_dir=DIR",
    "list_architectures": "thesis-rnn list architectures",
    "list_models": "thesis-rnn list architectures",
    "list_methods": "thesis-rnn list methods",
}
"""Old flag -> its new form."""

ENTRY_POINTS = {
    "train": "thesis-rnn train --arch=convrlstm_sd",
    "explain": "python -m thesis_rnn explain --run_dir=DIR",
    "evaluate": "python -m thesis_rnn evaluate --run_dir=DIR",
    "report": "python -m thesis_rnn report --run_dir=DIR",
    "reproduce": "python -m thesis_rnn reproduce --profile=quick",
    "boxes": "python -m thesis_rnn train --arch=lstm_ica --dataset=box_earlier",
}
"""Module ``thesis_rnn.<name>`` and console script ``thesis-rnn-<name>`` of before -> the command of now."""

_MOVED = "thesis_rnn.evaluation"
_RENAMED = {
    "right_percentage": "evidence_percentage",
    "ink_share": "foreground_mass_accuracy",
    "zero_relevance": "is_without_relevance",
    "pixel_mass": "intensity_share",
    "step_distribution": "step_share",
}
NAMES = {
    f"{_MOVED}, statistics of folds and seeds": "thesis_rnn.statistics",
    f"{_MOVED}, everything else": "thesis_rnn.measures",
    **{f"{_MOVED}.{old}": f"thesis_rnn.measures.{new}" for old, new in _RENAMED.items()},
    "thesis_rnn.data.Sequences": "thesis_rnn.data.Split",
    "thesis_rnn.data.Series": "thesis_rnn.data.Split",
    "thesis_rnn.data.BOX_DATA_SETS": "thesis_rnn.data.PROBLEMS",
    "thesis_rnn.data.boxes.load('earlier', 'test')": "thesis_rnn.data.load('box_earlier', 'test')",
    "thesis_rnn.data.rows.load('digits_rows', 'test')": "thesis_rnn.data.load('digits_rows', 'test')",
    "thesis_rnn.data.series_files.load('my.npz')": "thesis_rnn.data.load('file:my.npz', 'train')",
    "thesis_rnn.explain(..., target='all')": "thesis_rnn.explain(..., every_class=True)",
    "thesis_rnn.explain(..., method='composite', rules='epsilon(0.01); first=flat')": (
        "thesis_rnn.explain(..., method='composite(epsilon(0.01), first=flat)')"
    ),
}
"""Old name in Python -> its name of now."""
DATASETS = {
    name: f"box_{name}"
    for name in (
        *("earlier", "middle", "latter", "mixed", "three_earlier", "three_middle", "three_latter"),
        *("moving_0", "moving_40"),
    )
}
"""Old name of a problem -> its name of now (moving_0 to moving_40, of which two stand for all)."""
METHODS = {
    "SA": "sensitivity",
    "GB": "guided_backprop",
    "DTD": "deep_taylor",
    "LRP-a1.5b0.5": "lrp(alpha=1.5, beta=0.5)",
    "gradient x input": "gradient_x_input",
    "saliency_probability": "saliency(output=log_odds)",
    "lrp_epsilon_half": "lrp_epsilon(gates=half)",
    "lrp_epsilon_prop": "lrp_epsilon(gates=prop)",
    "lrp_epsilon_abs": "lrp_epsilon(gates=abs)",
}
"""Old name of a method in metrics and result files -> its name of now."""
MEASURES = {
    "right_percentage": "evidence_percentage",
    "ink_share": "foreground_mass_accuracy",
    "unexplained": "n_unexplained",
    "zero_relevance": "n_zero_relevance",
    "largest_absorbed_share": "absorbed_share",
    "step_distribution": "step_share",
    "pixel_mass": "intensity_share",
}
"""Old name of a measure in metrics and result files -> its name of now."""


def check_no_old_flag(name: str, origin: str = "") -> None:
    """Refuses a flag of before with its new form; ``origin`` names the file in which it stands.

    Raises:
      InputError: if ``name`` is one.
    """
    if name in FLAGS:
        place = f" in {origin}" if origin else ""
        raise InputError(f"the flag --{name} is now {FLAGS[name]}; received --{name}{place}")


def refusal_of_entry_point(name: str, received: str) -> str:
    """The line with which an old entry point answers."""
    return f"this program is now {ENTRY_POINTS[name]}; received {received}"
