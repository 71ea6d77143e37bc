"""Settings: what they refuse, and the flagfile that repeats a run."""

import dataclasses

import pytest
from absl import flags

from thesis_rnn.errors import InputError
from thesis_rnn.runs.old_settings import Settings

UNUSUAL = Settings(
    arch="deep", dataset="digits", steps=7, epochs=3, learning_rate=1 / 3, dropout=1e-20, seed=2**40, data_dir="/a b/=c"
)


def test_the_flagfile_is_one_line_for_each_setting():
    lines = Settings(arch="rlstm", seed=3).as_flagfile().splitlines()
    assert len(lines) == len(dataclasses.fields(Settings))
    assert {"--arch=rlstm", "--seed=3", "--learning_rate=0.002", "--data_dir="} < set(lines)


@pytest.mark.parametrize("settings", [Settings(), UNUSUAL])
def test_a_flagfile_gives_the_settings_back_to_the_last_digit(settings):
    assert Settings.from_flagfile(settings.as_flagfile(), "here") == settings


@pytest.mark.parametrize("settings", [Settings(), UNUSUAL])
def test_absl_reads_the_flagfile_as_the_package_does(tmp_path, settings):
    path = tmp_path / "flags.txt"
    path.write_text(settings.as_flagfile())
    values = flags.FlagValues()
    define = {int: flags.DEFINE_integer, float: flags.DEFINE_float, str: flags.DEFINE_string}
    for item in dataclasses.fields(Settings):
        define[item.type](item.name, None, "help", flag_values=values)
    flags.DEFINE_string("flagfile", "", "help", flag_values=values)
    values(["program", f"--flagfile={path}"])
    assert {item.name: values[item.name].value for item in dataclasses.fields(Settings)} == dataclasses.asdict(settings)


@pytest.mark.parametrize("line", ["--colour=red", "arch", "", "--epochs=many", "--dropout=", "--seed=1.5"])
def test_a_damaged_flagfile_is_told_with_its_line(line):
    text = f"--arch=deep\n{line}\n"
    with pytest.raises(InputError) as refusal:
        Settings.from_flagfile(text, "runs/a/flags.txt")
    expected = f"expected lines --name=value of a training run in runs/a/flags.txt; received {line!r}"
    assert str(refusal.value) == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1; received 0"),
        ({"batch_size": -5}, "batch_size must be at least 1; received -5"),
        ({"samples": 0}, "samples must be at least 1; received 0"),
        ({"schedule": "linear"}, "schedule must be constant or cosine; received 'linear'"),
        ({"learning_rate": 0.0}, "learning_rate must be positive and finite; received 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate must be positive and finite; received nan"),
        ({"learning_rate": float("inf")}, "learning_rate must be positive and finite; received inf"),
        ({"track": -1}, "track must be 0 or a number of sequences; received -1"),
        ({"seed": -1}, "seed must not be negative; received -1"),
        ({"fold": 8}, "fold must be 1 to 7, or 0 for the original split; received 8"),
        ({"fold": 1, "folds": 1}, "folds must be at least 2; received 1"),
        ({"indices": "3,x"}, "indices are whole numbers separated by commas, as in 8915,1318; received '3,x'"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, message):
    with pytest.raises(InputError) as refusal:
        Settings(**changes)
    assert str(refusal.value) == message


def test_the_chosen_sequences_are_the_first_or_those_named():
    assert Settings(samples=3).chosen == range(3)
    assert Settings(samples=3, indices="8915, 1318").chosen == [8915, 1318]


def test_hyperparameters_are_what_the_trained_model_depends_on():
    # Two runs that differ in how they are explained trained the same model.
    one = Settings(seed=1, alpha=1.5, method="lrp", samples=3, data_dir="/a").hyperparameters()
    assert one == Settings(seed=1, alpha=2.0, beta=1.0).hyperparameters()
    assert one != Settings(seed=2).hyperparameters()
    assert set(one) == {
        *("arch", "dataset", "steps", "epochs", "epoch_size", "batch_size", "learning_rate", "schedule", "dropout"),
        *("fold", "folds", "seed"),
    }
