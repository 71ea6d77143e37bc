"""The four programs: what they print, what they leave behind, and one clear line for each mistake."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers import tiny_run
from tests.helpers.front_end_process import refusal, run
from tests.helpers.idx_writing import STANDARD_NAMES, write_data_set, write_idx
from thesis_rnn import Explanation
from thesis_rnn.cli.verbs import VERBS
from thesis_rnn.runs.settings import Settings
from thesis_rnn.runs.stored import stored_settings
from thesis_rnn.support.old_names import ENTRY_POINTS
from thesis_rnn.training.run_folder import RunFolder

QUICK = ("--arch=shallow", "--dataset=digits_maj", "--steps=2", "--sequences_per_epoch=100", "--methods=sensitivity")


# ---- mistakes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--arch=nope"], r"unknown architecture; known ones are shallow, .*; received 'nope'"),
        (["--dataset=nope"], r"unknown problem; known ones are mnist_maj, .* and \d+ more .*; received 'nope'"),
        (
            ["--methods=lrp; nope"],
            r"unknown attribution method; known ones are sensitivity, .* and \d+ more .*; received 'nope'",
        ),
        (["--methods=lrp(alpha=2, beta=0.5)"], r"alpha - beta must be 1.*; received alpha=2, beta=0.5"),
        (["--steps=5"], r"columns 84 cannot be cut into 5 steps; use 1, 2, 3, 4, .* or 84"),
        (["--dataset=mnist", "--data_dir=none"], r"data_dir must be an existing folder; received 'none'"),
        (["--dropout=1"], r"dropout rate must lie in \[0, 1\); received 1.0"),
        (["--epochs=0"], r"epochs must be at least 1; received 0"),
        (["--sequences_per_epoch=-1"], r"sequences_per_epoch must not be negative; received -1"),
        (["--measures=cosine; nope"], r"unknown measure; known ones are cosine, .*; received 'nope'"),
        (["--alpha=2"], r"the flag --alpha is now --methods='lrp\(alpha=2, beta=1\)'; received --alpha"),
        (["--learning_rate=nan"], r"learning_rate must be finite; received nan"),
        (["--schedule=linear"], r"schedule must be constant or cosine; received 'linear'"),
        (["--learning_rate=-1"], r"learning_rate must be positive and finite; received -1.0"),
        (["--indices=0,100000"], r"indices must be below 360, the number of test sequences; received 100000"),
        (["--overwrite", "--resume"], r"a run is either replaced or continued; received --overwrite and --resume"),
        (["stray", "words"], r"expected flags of the form --name=value; received stray words"),
        (["--run_dir=/dev/null/run"], r"run_dir must be a folder that can be written; received /dev/null/run: .+"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing_behind(tmp_path, arguments, message):
    assert re.fullmatch(message, refusal("train", *QUICK, *arguments, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_mnist_that_was_named_but_is_absent_is_told_with_the_ways_to_provide_it(tmp_path):
    (tmp_path / "data").mkdir()
    line = refusal("train", "--arch=shallow", "--dataset=mnist_maj", "--data_dir=data", cwd=tmp_path)
    assert re.search(r"--data_dir=DIR .* THESIS_RNN_DATA_DIR=DIR.* tensorflow-datasets .*; rec.* data$", line)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_label_that_is_none_is_told(tmp_path):
    folder = write_data_set(tmp_path / "data" / "mnist", train=4)
    write_idx(folder / STANDARD_NAMES["train", "labels"], np.array([1, 0, 12, 3], np.uint8))
    line = refusal("train", "--arch=shallow", "--dataset=mnist", "--data_dir=data", cwd=tmp_path)
    assert line.endswith("labels must lie in 0..9; received 12 at index 2")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("train", ["--colour=red"], "Unknown command line flag 'colour'"),
        ("train", ["--epochs=many"], "flag --epochs=many: invalid literal for int() with base 10: 'many'"),
        (
            "train",
            ["--flagfile=none.flags"],
            "Unable to open flagfile: [Errno 2] No such file or directory: 'none.flags'",
        ),
        ("evaluate", ["--run_dir=.", "--limit=0"], "flag --limit=0: 0 is not a positive integer"),
        ("evaluate", [], "Flag --run_dir must have a value other than None."),
        ("report", [], "Flag --run_dir must have a value other than None."),
    ],
)
def test_a_flag_that_cannot_be_read_is_one_line_too(tmp_path, name, arguments, message):
    line = refusal(name, *arguments, cwd=tmp_path)
    assert line.startswith("expected flags as --help lists them; received ")
    assert message in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("images", "message"), [(0, "training"), (1, "validation"), (2, "validation")])
def test_too_few_images_are_told_before_anything_is_made(tmp_path, images, message):
    write_data_set(tmp_path / "data" / "mnist", train=images)
    line = refusal("train", "--arch=shallow", "--dataset=mnist", "--data_dir=data", cwd=tmp_path)
    assert re.match(rf"{message} .*data.* at least one sample", line)
    assert line.endswith("received none")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_file_that_may_not_be_read_is_not_called_damaged(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    tmp_path.chmod(0o755)
    for path in (folder.model, folder.metrics, folder.flags):
        path.chmod(0)
        name = "report" if path == folder.metrics else "explain"
        line = refusal(name, "--run_dir=run", cwd=tmp_path, before=as_ordinary_user)
        assert line == f"[Errno 13] Permission denied: 'run/{path.name}'"
        path.chmod(0o644)


def as_ordinary_user() -> None:
    """The super-user may read everything."""
    if os.geteuid() == 0:
        os.seteuid(65534)


@pytest.mark.parametrize("name", ["explain", "evaluate", "report"])
def test_later_stages_need_a_run(tmp_path, name):
    line = refusal(name, "--run_dir=none", cwd=tmp_path)
    assert line == "no run folder; train one with python -m thesis_rnn.train; received none"
    (tmp_path / "empty").mkdir()
    line = refusal(name, "--run_dir=empty", cwd=tmp_path)
    assert line == "no manifest.json; make it with python -m thesis_rnn.train; received empty"
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


@pytest.mark.parametrize("name", ["explain", "evaluate"])
def test_later_stages_need_a_whole_model(tmp_path, name):
    folder = tiny_run.copy(tmp_path / "run")
    before = folder.metrics.read_bytes()
    data = folder.model.read_bytes()
    folder.model.write_bytes(data[: len(data) // 2])
    line = refusal(name, "--run_dir=run", cwd=tmp_path)
    assert line == (
        "a file of the run is damaged, repeat python -m thesis_rnn train --overwrite; received run/model.keras: "
        "not the bytes that the training wrote"
    )
    folder.model.unlink()
    line = refusal(name, "--run_dir=run", cwd=tmp_path)
    assert line == "no model.keras; make it with python -m thesis_rnn train --resume; received run"
    assert folder.metrics.read_bytes() == before


# ---- what is well, from the defaults to a run that is repeated


def test_a_user_who_names_nothing_gets_digits_in_the_default_folder_and_one_loud_line(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "quick.flags").write_text(
        "# A comment.\n--arch=shallow\n--steps=2\n--epochs=3\n--sequences_per_epoch=100\n"
    )
    flags = ("--flagfile=quick.flags", "--epochs=1", "--methods=sensitivity", "--samples=3", "--data_dir=data")
    done = run("train", *flags, cwd=tmp_path)
    assert done.status == 0, done
    assert done.error.startswith("ATTENTION: MNIST was not found in data: using digits_maj, ")
    folder = RunFolder(tmp_path / "runs" / "digits_maj" / "shallow" / "0")
    assert done.out.rstrip().endswith("tensorboard --logdir runs/digits_maj/shallow/0")
    assert (
        stored_settings(folder)
        == Settings.of(
            arch="shallow",
            dataset="digits_maj",
            steps=2,
            epochs=1,  # the command line's, which came after the flagfile's
            sequences_per_epoch=100,
            methods="sensitivity",
            samples=3,
            data_dir="data",
        ).complete()
    )
    assert "shallow on digits_maj, seed 0: accuracy " in done.out

    before = folder.model.read_bytes()
    line = refusal("train", *flags, "--dataset=digits_maj", cwd=tmp_path)
    expected = "the run folder exists; use --overwrite or --resume; received runs/digits_maj/shallow/0"
    assert line == expected
    line = refusal(
        "train", "--arch=shallow", "--dataset=digits_maj", "--resume", "--seed=0", "--epochs=5", cwd=tmp_path
    )
    assert line == "--resume continues a run with its own settings, --epochs=1; received --epochs=5"
    assert folder.model.read_bytes() == before


def test_the_flags_of_a_run_repeat_it_to_the_bit(tmp_path):
    first = tiny_run.copy(tmp_path / "first")
    second = RunFolder(tmp_path / "second")
    second.start("--arch=deep\n")
    done = run("train", f"--flagfile={first.flags}", "--run_dir=second", "--overwrite", cwd=tmp_path)
    assert done.status == 0, done
    assert done.err == ""  # progress bars only where someone looks on
    assert second.flags.read_text() == first.flags.read_text()
    assert tiny_run.learned(second) == tiny_run.learned(first)
    assert second.metrics.read_bytes() == first.metrics.read_bytes()
    assert tiny_run.trained_state(second.model) == tiny_run.trained_state(first.model)


def test_a_finished_run_that_is_resumed_repeats_the_later_stages(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    before = folder.model.read_bytes(), folder.history.read_bytes(), folder.metrics.read_bytes()
    folder.metrics.unlink()
    (folder.path / "steps.png").unlink()
    done = run("train", "--run_dir=run", "--resume", cwd=tmp_path)
    assert done.status == 0, done
    assert (folder.model.read_bytes(), folder.history.read_bytes(), folder.metrics.read_bytes()) == before
    assert (folder.path / "steps.png").exists()
    assert "Epoch" not in done.out


def test_a_run_is_not_resumed_with_flags_that_contradict_it(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    before = folder.flags.read_bytes()
    line = refusal("train", "--run_dir=run", "--resume", "--epochs=5", "--arch=shallow", cwd=tmp_path)
    assert line == "--resume continues a run with its own settings, --epochs=2; received --epochs=5"
    assert folder.flags.read_bytes() == before


# ---- later stages alone


def test_explain_repeats_its_stage_with_the_run_s_own_settings(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    before = {path: path.read_bytes() for path in folder.heatmaps.glob("*.npz")}
    for path in before:
        path.unlink()
    done = run("explain", "--run_dir=run", cwd=tmp_path)
    assert done.status == 0, done
    labels = ["SA", "GB", "DTD", "LRP-a1.5b0.5"]
    names = ["sensitivity", "guided_backprop", "deep_taylor", "lrp_alpha_1_5_beta_0_5"]
    lines = [f"{label}: run/heatmaps/{name}.npz" for label, name in zip(labels, names, strict=True)]
    assert done.out.splitlines() == lines
    for path, data in before.items():
        path.with_suffix(".before").write_bytes(data)
        with np.load(path) as new, np.load(path.with_suffix(".before")) as old:
            assert sorted(new) == sorted(old)
            changed = [name for name in old if not np.array_equal(new[name], old[name], old[name].dtype.kind == "f")]
            assert changed == []  # NaN is what a method without an expected sum expects


def test_explain_takes_a_method_with_its_parameters(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    flags = ("--methods=lrp(alpha=2, beta=1)", "--samples=2")
    done = run("explain", "--run_dir=run", *flags, cwd=tmp_path)
    assert (done.status, done.out) == (0, "LRP-a2b1: run/heatmaps/lrp_alpha_2_beta_1.npz\n")
    stored = Explanation.load(folder.heatmaps / "lrp_alpha_2_beta_1.npz")
    assert stored.relevance.shape == (2, 2, 28, 42)
    assert stored.parameters["alpha"] == 2
    line = refusal("explain", "--run_dir=run", "--methods=lrp(alpha=3, beta=0.5)", cwd=tmp_path)
    assert re.fullmatch(r"alpha - beta must be 1.*; received alpha=3, beta=0.5", line)


def test_a_composite_of_one_s_own_is_explained_and_scored(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    flags = ("--run_dir=run", "--methods=composite(epsilon(0.01), first=flat, signed=true)")
    done = run("explain", *flags, "--samples=2", cwd=tmp_path)
    assert done.status == 0, done
    [path] = folder.heatmaps.glob("composite*.npz")
    assert done.out.endswith(f": run/heatmaps/{path.name}\n")
    with np.load(path) as arrays:
        # Flat gives all pixels of a step the same.
        steps = arrays["relevance"].reshape(2, 2, -1)
        np.testing.assert_allclose(steps, np.repeat(steps[:, :, :1], steps.shape[2], axis=2), rtol=1e-5)
        assert abs(steps).max() > 0
    assert run("evaluate", *flags, "--limit=5", cwd=tmp_path).status == 0
    assert {row["method"].partition("(")[0] for row in folder.read_metrics()["scores"]} == {"composite", ""}

    for name in ("explain", "evaluate"):
        line = refusal(name, "--run_dir=run", "--methods=composite(epsilom)", cwd=tmp_path)
        assert line.startswith("unknown propagation rule; known ones are epsilon, gamma, ")


@pytest.mark.slow  # as the run that is resumed does, and as tests/runs/test_stages.py sees
def test_evaluate_repeats_its_stage_alone(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    before = folder.metrics.read_bytes()
    folder.metrics.unlink()
    done = run("evaluate", "--run_dir=run", cwd=tmp_path)
    assert done.status == 0, done
    assert folder.metrics.read_bytes() == before
    assert done.out in tiny_run.output()


def test_evaluate_takes_a_part_of_the_test_set_and_other_methods(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    done = run(
        "evaluate", "--run_dir=run", "--limit=10", "--methods=gradient_x_input", "--measures=cosine", cwd=tmp_path
    )
    assert done.status == 0, done
    assert "on 10 test sequences" in done.out
    assert folder.read_metrics()["scores"][0]["method"] == "gradient_x_input"


@pytest.mark.slow  # as the run that is resumed does, and as tests/runs/test_stages.py sees
def test_report_repeats_its_stage_alone(tmp_path):
    folder = tiny_run.copy(tmp_path / "run")
    for path in folder.path.rglob("*.png"):
        path.unlink()
    done = run("report", "--run_dir=run", cwd=tmp_path)
    assert done.status == 0, done
    assert len(list(folder.path.rglob("*.png"))) == 7
    table, places = done.out.rstrip().rsplit("\n\n", 1)
    assert table in tiny_run.output()
    assert places == "Figures: run; TensorBoard: tensorboard --logdir run"


# ---- help


def test_tables_are_listed(tmp_path):
    done = run("list", "architectures", cwd=tmp_path)
    assert done.status == 0, done
    assert "ConvR-LSTM-SD" in done.out
    assert refusal("list", "rule", cwd=tmp_path).endswith("did you mean rules?; received 'rule'")
    assert refusal("list", "rules", "methods", cwd=tmp_path).endswith("; received rules methods")


def test_verbs_are_listed_and_an_unknown_one_is_told(tmp_path):
    done = run("--help", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()[2:]] == list(VERBS)
    line = refusal("trian", "--arch=deep", cwd=tmp_path)
    assert line.startswith("unknown verb; known ones are train, explain, ")
    assert line.endswith("; did you mean train?; received 'trian'")


@pytest.mark.parametrize("name", sorted(set(ENTRY_POINTS) - {"train"}))
def test_programs_of_before_answer_with_the_command_of_now(tmp_path, name):
    command = [sys.executable, "-m", f"thesis_rnn.{name}", "--run_dir=run"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 1
    assert done.stderr == f"error: this program is now {ENTRY_POINTS[name]}; received python -m thesis_rnn.{name}\n"


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("train", ["arch", "dataset", "steps", "epochs", "seed", "run_dir", "[no]overwrite", "[no]resume"]),
        ("explain", ["run_dir", "methods", "samples", "data_dir", "out_dir"]),
        ("evaluate", ["run_dir", "methods", "measures", "limit", "data_dir"]),
        ("report", ["run_dir"]),
    ],
)
def test_help_opens_with_the_purpose_and_describes_every_flag(tmp_path, name, flags):
    done = run(name, "--help", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    text = done.out
    assert re.search(rf"python -m thesis_rnn.{name} --", "\n".join(text.splitlines()[:3]))
    for flag in flags:
        assert re.search(rf"^ +--{re.escape(flag)}: \w.*", text, re.MULTILINE), flag


def test_a_program_of_its_own_process_does_the_same(tmp_path):
    # All others above are forked; this one is what a user types.
    command = [sys.executable, "-m", "thesis_rnn.train", "--arch=nope", "--dataset=digits_maj"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()  # nothing of TensorFlow's start
    assert line.startswith("error: unknown architecture; ")


def test_output_that_nobody_reads_any_more_ends_the_program_quietly(tmp_path):
    # As in: python -m thesis_rnn list | head -3
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "thesis_rnn", "list"]
    done = subprocess.run(command, cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert done.returncode == 141  # 128 + SIGPIPE, as of any program of the shell
    assert not re.search("Traceback|Exception|Broken|^error", done.stderr, re.MULTILINE)


# ---- the published images


@pytest.mark.slow
def test_mnist_is_the_default_where_it_is_found(tmp_path, data_dir):
    flags = (
        "--arch=shallow",
        "--steps=2",
        "--epochs=1",
        "--sequences_per_epoch=500",
        "--methods=sensitivity",
        "--samples=3",
    )
    done = run("train", *flags, cwd=tmp_path, environment={"THESIS_RNN_DATA_DIR": str(data_dir)})
    assert (done.status, done.err) == (0, "")
    assert "shallow on mnist_maj, seed 0: accuracy " in done.out
    assert "on 10000 test sequences" in done.out
    assert (tmp_path / "runs" / "mnist_maj" / "shallow" / "0" / "model.keras").exists()
