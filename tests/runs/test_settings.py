"""Settings: what they refuse, and the flagfile that repeats a run."""

import pytest
from absl import flags

from thesis_rnn.errors import InputError
from thesis_rnn.runs.options import kind_of
from thesis_rnn.runs.settings import FLAGS, Settings

USUAL = Settings.of(dataset="digits").complete()
UNUSUAL = Settings.of(
    arch="deep",
    dataset="digits",
    steps=7,
    epochs=3,
    learning_rate=1 / 3,
    dropout=1e-20,
    seed=2**30,
    data_dir="/a b/=c",
    methods="lrp(alpha=2, beta=1); composite(epsilon, first=flat)",
).complete()


def test_the_flagfile_is_one_line_for_each_setting():
    lines = Settings.of(arch="rlstm", seed=3).complete().as_flagfile().splitlines()
    assert len(lines) == len(FLAGS)
    assert {"--arch=rlstm", "--seed=3", "--learning_rate=0.002", "--data_dir=", "--steps=12"} < set(lines)
    assert "--methods=sensitivity; guided_backprop; deep_taylor; lrp(alpha=1.5, beta=0.5)" in lines


@pytest.mark.parametrize(
    ("dataset", "decided"),
    [
        ("mnist_maj", {"epochs": 10, "updates": 0, "patience": 0, "learning_rate": 2e-3, "schedule": "cosine"}),
        ("digits", {"epochs": 10, "dropout": 0.2, "steps": 4, "batch_size": 50}),
        ("box_latter", {"epochs": 400, "updates": 8000, "patience": 50, "learning_rate": 1e-3, "dropout": 0.1}),
        ("digits_rows", {"schedule": "constant", "steps": 28, "methods": "saliency(output=log_odds); saliency"}),
    ],
)
def test_what_is_left_open_the_problem_decides(dataset, decided):
    flags = Settings.of(dataset=dataset).complete().flags()
    assert {name: flags[name] for name in decided} == decided
    assert None not in flags.values()
    given = Settings.of(dataset=dataset, epochs=3, schedule="constant").complete().training
    assert (given.epochs, given.schedule) == (3, "constant")


@pytest.mark.parametrize(("flag", "new"), [("alpha", r"--methods='lrp\(alpha=2, beta=1\)'"), ("hidden", "--units=5")])
def test_flags_of_before_are_refused_with_their_new_form(flag, new):
    with pytest.raises(InputError, match=f"^the flag --{flag} is now {new}; received --{flag} in a.flags$"):
        Settings.from_flagfile(f"--arch=deep\n--{flag}=1\n", "a.flags")
    with pytest.raises(InputError, match=f"^the flag --{flag} is now {new}; received --{flag}$"):
        Settings.of(**{flag: 1})


def test_only_what_explains_a_run_and_the_place_of_its_data_may_differ_when_it_is_resumed():
    run = USUAL
    run.check_resumed_with(run.replaced(methods="saliency", measures="step_share", samples=3, data_dir="/elsewhere"))
    with pytest.raises(InputError, match=r"own settings, --arch=convrlstm_sd --seed=0; received --arch=deep --seed=1$"):
        run.check_resumed_with(run.replaced(arch="deep", seed=1, methods="saliency"))


@pytest.mark.parametrize("settings", [USUAL, UNUSUAL])
def test_a_flagfile_gives_the_settings_back_to_the_last_digit(settings):
    assert Settings.from_flagfile(settings.as_flagfile(), "here") == settings


@pytest.mark.parametrize("settings", [USUAL, UNUSUAL])
def test_absl_reads_the_flagfile_as_the_package_does(tmp_path, settings):
    path = tmp_path / "flags.txt"
    path.write_text(settings.as_flagfile())
    values = flags.FlagValues()
    define = {int: flags.DEFINE_integer, float: flags.DEFINE_float, str: flags.DEFINE_string}
    for name, (_, _, item) in FLAGS.items():
        define[kind_of(item)](name, None, "help", flag_values=values)
    flags.DEFINE_string("flagfile", "", "help", flag_values=values)
    values(["program", f"--flagfile={path}"])
    assert {name: values[name].value for name in FLAGS} == settings.flags()


@pytest.mark.parametrize(
    "line", ["--colour=red", "arch", "", "--epochs=many", "--dropout=", "--seed=1.5", f"--epochs={10**31}"]
)
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
        ({"epochs": 1.5}, "epochs must be a whole number; received 1.5"),
        ({"epochs": True}, "epochs must be a whole number; received True"),
        ({"seed": None}, "seed must be a whole number; received None"),
        ({"learning_rate": "fast"}, "learning_rate must be a number; received 'fast'"),
        ({"data_dir": 3}, "data_dir must be a word; received 3"),
        ({"samples": 0}, "samples must be at least 1; received 0"),
        ({"schedule": "linear"}, "schedule must be constant or cosine; received 'linear'"),
        ({"learning_rate": 0.0}, "learning_rate must be positive and finite; received 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate must be finite; received nan"),
        ({"learning_rate": float("inf")}, "learning_rate must be finite; received inf"),
        ({"track_sequences": -1}, "track_sequences must not be negative; received -1"),
        ({"dropout": 1.0}, "dropout rate must lie in [0, 1); received 1.0"),
        ({"units": -1}, "units must not be negative; received -1"),
        ({"sequences_per_epoch": 10**12}, "sequences_per_epoch must be at most 1000000000; received 1000000000000"),
        (
            {"data_dir": "d\n--arch=deep"},
            "data_dir must be text without control characters; received 'd\\n--arch=deep'",
        ),
        (
            {"data_dir": "d\u2028--arch=deep"},
            "data_dir must be text without control characters; received 'd\\u2028--arch=deep'",
        ),
        ({"data_dir": "\udcff"}, "data_dir must be text without control characters; received '\\udcff'"),
        ({"seed": -1}, "seed must not be negative; received -1"),
        ({"fold": 8}, "fold must be 1 to 7, or 0 for the original split; received 8"),
        ({"fold": 1, "folds": 1}, "folds must be at least 2; received 1"),
        ({"indices": "3,x"}, "indices are whole numbers separated by commas, as in 8915,1318; received '3,x'"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, message):
    with pytest.raises(InputError) as refusal:
        Settings.of(**changes)
    assert str(refusal.value) == message


def test_the_chosen_sequences_are_the_first_or_those_named():
    assert Settings.of(samples=3).explanation.heatmap_indices == range(3)
    assert Settings.of(samples=3, indices="8915, 1318").explanation.heatmap_indices == [8915, 1318]


def test_hyperparameters_are_what_the_trained_model_depends_on():
    # Two runs that differ in how they are explained trained the same model.
    one = Settings.of(seed=1, methods="lrp", samples=3, data_dir="/a").hyperparameters()
    assert one == Settings.of(seed=1, methods="saliency").hyperparameters()
    assert one != Settings.of(seed=2).hyperparameters()
    later = {"methods", "measures", "samples", "indices", "scored", "track_sequences", "data_dir"}
    assert set(FLAGS) - set(one) == later
