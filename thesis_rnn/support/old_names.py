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
