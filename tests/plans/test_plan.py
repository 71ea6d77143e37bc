"""The plan: experiments and profiles become tasks, each once, in the order in which they are run."""

import csv
import functools
import pathlib

import pytest

from tests.helpers import front_end_process
from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.attribution import method_specs
from thesis_rnn.errors import InputError
from thesis_rnn.papers.chormai_2018.published import MAJORITY, MAJORITY_ACCURACY
from thesis_rnn.plans.plan import parse_selection, read_plan, select
from thesis_rnn.plans.profiles import flags_folder
from thesis_rnn.plans.tasks import expanded

ROOT = pathlib.Path(__file__).parents[2]
FLAGS = ROOT / "flags"


def plan_of(folder, profile=None, data_dir="", **files):
    """The plan of a profile that names these experiments, or is ``profile``."""
    for name, text in files.items() | {("profile", profile or f"[{' '.join(sorted(files))}]\n")}:
        path = folder / "flags" / ("profiles/mine" if name == "profile" else f"a_paper/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".flags").write_text(text)
    return read_plan("mine", folder / "flags", folder / "runs", data_dir)


def test_a_task_for_each_combination(tmp_path):
    # 2 architectures x 2 numbers of steps; steps=0 is the data set's own number, 12.
    text = "# what it is for\n\n--dataset=digits_maj\n--arch=deep, rlstm\n--steps=0,3\n--epochs=2\n"
    tasks = plan_of(tmp_path, two=text, data_dir="/images")
    assert [task.name for task in tasks] == [
        "digits_maj/deep-12/original-0",
        "digits_maj/deep-3/original-0",
        "digits_maj/rlstm-12/original-0",
        "digits_maj/rlstm-3/original-0",
    ]
    told = {(task.epochs, task.data_dir, task.experiment, task.paper) for task in tasks}
    assert told == {(2, "/images", "two", "a_paper")}
    assert tasks[0].folder.path == tmp_path / "runs/digits_maj/deep-12/original-0"


def test_series_have_folders_of_the_same_form(tmp_path):
    text = "--dataset=box_earlier\n--arch=lstm_ica\n--attend_last_steps=10\n"
    [task] = plan_of(tmp_path, partial=text)
    assert task.name == "box_earlier/lstm_ica-100/original-0-attend_last_steps10"
    assert task.variant == "attend_last_steps=10"
    [task] = plan_of(tmp_path, flat="--dataset=box_earlier\n--arch=lstm_ica\n--attention_variant=flatten\n")
    assert task.name == "box_earlier/lstm_ica-100/original-0-attention_variantflatten"


def test_lists_and_ranges():
    assert expanded("0,2-4") == ["0", "2", "3", "4"]
    assert expanded("deep , rlstm_sd") == ["deep", "rlstm_sd"]
    assert expanded("conv-2") == ["conv-2"]  # only between whole numbers


@pytest.mark.parametrize("text", ["7-3", "0-99999999999", f"0-{'9' * 5000}"])
def test_ranges_of_nothing_and_of_more_than_any_plan_are_refused(text):
    with pytest.raises(InputError, match=r"^a range goes up, by at most 100000 numbers, as in 1-7; received '"):
        expanded(text)


def test_a_flagfile_for_more_runs_than_any_plan_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^a flagfile may ask for at most 100000 runs; received one of 1000000$"):
        plan_of(tmp_path, a="--dataset=digits\n--arch=deep\n--fold=0-999\n--seed=0-999\n")


def test_original_splits_come_first_then_fold_after_fold(tmp_path):
    plan = plan_of(
        tmp_path,
        b="--dataset=digits_maj\n--arch=rlstm\n--fold=0-2\n--folds=3\n",
        a="--dataset=digits_maj\n--arch=deep\n--fold=0,1\n--folds=3\n",
    )
    assert [(task.architecture, task.fold) for task in plan] == [
        ("deep", 0),
        ("rlstm", 0),
        ("deep", 1),
        ("rlstm", 1),
        ("rlstm", 2),
    ]
    assert plan[2].name == "digits_maj/deep-12/fold1of3-0"


def test_the_same_task_in_two_flagfiles_is_run_once(tmp_path):
    flags = "--dataset=digits\n--arch=deep\n"
    assert len(plan_of(tmp_path, a=flags, b=flags + "--seed=0,1\n")) == 2


def test_different_tasks_in_one_place_are_refused(tmp_path):
    flags = "--dataset=digits\n--arch=deep\n"
    with pytest.raises(InputError, match=r"digits/deep-4/original-0 is asked for with different .* from a and b$"):
        plan_of(tmp_path, a=flags, b=flags + "--epochs=3\n")


def test_a_selection_takes_what_fits_every_key(tmp_path):
    plan = plan_of(tmp_path, a="--dataset=digits,digits_maj\n--arch=deep,rlstm\n--seed=0-1\n")
    chosen = select(plan, parse_selection("arch:deep, seed:1"))
    assert [task.name for task in chosen] == ["digits/deep-4/original-1", "digits_maj/deep-12/original-1"]
    assert select(plan, parse_selection("")) == plan
    assert len(select(plan, parse_selection("arch:deep,arch:rlstm,experiment:a"))) == 8


@pytest.mark.parametrize("text", ["deep", "colour:red", "arch:", "arch=deep"])
def test_a_selection_of_another_form_is_refused(text):
    with pytest.raises(InputError) as refusal:
        parse_selection(text)
    expected = "only takes key:value pairs with keys arch, dataset, steps, fold, seed, experiment, paper"
    assert str(refusal.value) == f"{expected}; received {text!r}"


def test_a_selection_of_what_is_not_planned_is_refused(tmp_path):
    plan = plan_of(tmp_path, a="--dataset=digits\n--arch=deep,rlstm\n")
    with pytest.raises(InputError, match=r"^the plan's arch is one of deep, rlstm; received lstm$"):
        select(plan, parse_selection("arch:lstm"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--colour=red", "received '--colour=red'"),
        ("--arch", "received '--arch'"),
        ("--arch=vgg", "received 'vgg'"),
        ("--fold=8", "received 8"),
    ],
)
def test_a_wrong_flagfile_is_refused(tmp_path, line, message):
    with pytest.raises(InputError, match=f"{message}$"):
        plan_of(tmp_path, a=f"--dataset=digits\n{line}\n")


def test_an_unknown_profile_lists_the_known_ones():
    with pytest.raises(
        InputError,
        match=r"^profile must be one of comparison, constant, full, prototypes, quick, standard in .*received 'slow'$",
    ):
        read_plan("slow", FLAGS, ROOT / "runs")


# ---- profiles


def test_a_profile_replaces_and_adds_flags(tmp_path):
    own = "--dataset=digits_maj\n--arch=deep\n--epochs=3\n"
    profile = "[b]\n--arch=rlstm,deep\n[a* b]\n--epochs=7\n--seed=1\n[a]\n--seed=2\n"
    plan = plan_of(tmp_path, profile, a=own, b=own, c=own)
    # In the order in which the profile names them; the last section that names an experiment has the last word.
    assert [(task.experiment, task.architecture, task.epochs, task.seed) for task in plan] == [
        ("b", "rlstm", 7, 1),
        ("b", "deep", 7, 1),
        ("a", "deep", 7, 2),
    ]


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("[b]\n", r"^sections of profile mine name experiments, a; received \[b\]$"),
        ("--epochs=3\n", r"^expected a section such as .* received '--epochs=3'$"),
        ("[a]\nepochs\n", r"^expected lines --name=value in .*mine.flags; received 'epochs'$"),
    ],
)
def test_a_wrong_profile_is_refused(tmp_path, profile, message):
    with pytest.raises(InputError, match=message):
        plan_of(tmp_path, profile, a="--dataset=digits\n")


def test_a_flagfile_that_is_no_text_is_named(tmp_path):
    plan_of(tmp_path, a="--dataset=digits\n")
    (tmp_path / "flags/a_paper/a.flags").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"^expected a flagfile, text in UTF-8; received .*a.flags: "):
        read_plan("mine", tmp_path / "flags", tmp_path)


def test_the_flagfiles_are_found_beside_the_package_and_elsewhere(tmp_path):
    assert flags_folder() == FLAGS
    assert flags_folder(str(FLAGS)) == FLAGS
    with pytest.raises(InputError, match=r"^expected a folder with flagfiles .*; received "):
        flags_folder(str(tmp_path))


# ---- the flagfiles of the package

METHODS = {
    "a": "saliency(output=log_odds); saliency; lrp_epsilon",
    "b": "sensitivity; guided_backprop; deep_taylor; lrp(alpha=1.5, beta=0.5)",
    "c": "saliency(output=log_odds); saliency; gradient_x_input; integrated_gradients(points=16); deep_taylor; "
    "lrp(alpha=1.5, beta=0.5); lrp_epsilon; lrp_epsilon(gates=half); lrp_epsilon(gates=abs)",
    "d": "saliency(output=log_odds); saliency; guided_backprop; gradient_x_input; integrated_gradients(points=16); "
    "deep_taylor; lrp(alpha=1.5, beta=0.5); lrp_epsilon; lrp_epsilon(gates=half); lrp_epsilon(gates=abs)",
    "e": "saliency(output=log_odds); saliency",
}


@functools.cache
def committed_plan(profile):
    return read_plan(profile, FLAGS, ROOT / "runs")


@functools.cache
def keys_of(methods):
    return "; ".join(spec.text for spec in method_specs(methods))


def described(task):
    """What the frozen list says of a task."""
    groups = (task.settings.data, task.settings.model, task.settings.training, task.settings.explanation)
    values = {name: value for group in groups for name, value in vars(group).items()}
    values |= {"experiment": task.experiment, "name": task.name, "arch": task.architecture}
    letters = {text: letter for letter, text in METHODS.items()}
    methods = keys_of(values["methods"])
    return {name: str(value or "") for name, value in values.items()} | {"methods": letters[methods]}


@pytest.mark.parametrize("profile", ["quick", "standard", "constant", "full"])
def test_the_tasks_are_those_of_the_frozen_list(profile):
    """As they were when every profile had flagfiles of its own: the same settings and names, in the same order, with
    what came later among them."""
    with (pathlib.Path(__file__).parent / "frozen" / "tasks.csv").open(newline="") as lines:
        expected = [row for row in csv.DictReader(lines) if row.pop("profile") == profile]
    names = {row["name"] for row in expected}
    plan = [described(task) for task in committed_plan(profile) if task.name in names]
    assert [task["name"] for task in plan] == [row["name"] for row in expected]
    for task, row in zip(plan, expected, strict=True):
        wanted = {name: "" if value in ("0", "0.0") else value for name, value in row.items()}
        assert {name: task[name] for name in wanted} == wanted


@pytest.mark.parametrize("profile", ["standard", "full"])
def test_the_profiles_cover_the_tables_of_the_thesis(profile):
    plan = [task for task in committed_plan(profile) if task.paper == "chormai_2018"]
    have = {(task.dataset, task.architecture, task.steps, task.fold) for task in plan}
    majority = {(dataset, arch, 12, fold) for dataset in MAJORITY for arch in MAJORITY_ACCURACY for fold in range(8)}
    images = {(name, arch, steps, 0) for name in MNISTS for arch in ("shallow", "deep") for steps in (1, 4, 7)}
    assert have >= majority | images | {(name, "lenet", 1, 0) for name in MNISTS}


MNISTS = ("mnist", "fashion_mnist")


def test_the_quick_profile_needs_no_files_and_has_every_architecture_of_the_thesis():
    plan = [task for task in committed_plan("quick") if task.paper == "chormai_2018"]
    assert {task.dataset for task in plan} == {"digits", "digits_maj"}
    wanted = {name for name in ARCHITECTURES if ARCHITECTURES[name].source == ARCHITECTURES["deep"].source}
    assert {task.architecture for task in plan} >= wanted - {"convrlstm"}
    assert any(task.fold for task in plan)


def test_every_flagfile_is_in_a_profile():
    profiles = ("quick", "standard", "constant", "full", "prototypes", "comparison")
    planned = {task.experiment for profile in profiles for task in committed_plan(profile)}
    assert planned == {path.stem for path in FLAGS.glob("*_2*/*.flags")}


@pytest.mark.parametrize("path", sorted(FLAGS.rglob("*.flags")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_flagfile_opens_with_what_it_reproduces_and_its_command(path):
    comment = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    [command] = [line for line in comment if "Command: python -m thesis_rnn" in line]
    assert path.stem in command
    assert path.read_text(encoding="utf-8").startswith(comment[0])


# ---- what a task takes of a cluster


def test_resources_are_flags_that_no_training_sees(tmp_path):
    text = "--dataset=digits_maj\n--arch=deep\n"
    plain = plan_of(tmp_path, one=text)
    [task] = plan_of(tmp_path, one=text, profile="[one]\n--cpus=2\n--gpus=0.5\n--memory_gib=1\n")
    assert task.resources.of_ray() == {"CPU": 2, "GPU": 0.5, "memory": 2**30}
    assert [task.settings] == [each.settings for each in plain]
    assert plain[0].resources.of_ray() == {"CPU": 1}
    with pytest.raises(InputError, match=r"^cpus must be a number, at least 0; received 'many'$"):
        plan_of(tmp_path, one=f"{text}--cpus=many\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--executor=dask"], "executor must be processes or ray; received 'dask'"),
        (["--storage=s3://bucket", "--address=auto"], "a cluster is for --executor=ray; received --address, --storage"),
    ],
)
def test_executors_are_refused_in_a_line(tmp_path, arguments, message):
    done = front_end_process.run("reproduce", "--profile=quick", *arguments, cwd=tmp_path)
    assert (done.status, done.error) == (1, f"error: {message}")
