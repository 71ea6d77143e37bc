"""The plan: flagfiles become tasks, each once, in the order in which they are run."""

import pathlib

import pytest

from tests.helpers.small_networks import THESIS
from thesis_rnn.errors import InputError
from thesis_rnn.papers.chormai_2018.published import MAJORITY, MAJORITY_ACCURACY
from thesis_rnn.plans.plan import parse_selection, read_plan, select
from thesis_rnn.plans.tasks import expanded, read_tasks

ROOT = pathlib.Path(__file__).parents[2]


def plan_of(folder, **files):
    """The plan of a profile with these flagfiles."""
    for name, text in files.items():
        path = folder / "flags" / "mine" / f"{name}.flags"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_plan("mine", folder / "flags", folder / "runs")


def test_a_task_for_each_combination(tmp_path):
    # 2 architectures x 2 numbers of steps; steps=0 is the data set's own number, 12.
    flagfile = tmp_path / "two.flags"
    flagfile.write_text("# what it is for\n\n--dataset=digits_maj\n--arch=deep, rlstm\n--steps=0,3\n--epochs=2\n")
    tasks = read_tasks(flagfile, tmp_path / "runs", data_dir="/images")
    assert [task.name for task in tasks] == [
        "digits_maj/deep-12/original-0",
        "digits_maj/deep-3/original-0",
        "digits_maj/rlstm-12/original-0",
        "digits_maj/rlstm-3/original-0",
    ]
    assert {(task.settings.epochs, task.settings.data_dir, task.experiment) for task in tasks} == {
        (2, "/images", "two")
    }
    assert tasks[0].folder.path == tmp_path / "runs/digits_maj/deep-12/original-0"


def test_lists_and_ranges():
    assert expanded("0,2-4") == ["0", "2", "3", "4"]
    assert expanded("deep , rlstm_sd") == ["deep", "rlstm_sd"]
    assert expanded("conv-2") == ["conv-2"]  # only between whole numbers


def test_original_splits_come_first_then_fold_after_fold(tmp_path):
    plan = plan_of(
        tmp_path,
        b="--dataset=digits_maj\n--arch=rlstm\n--fold=0-2\n--folds=3\n",
        a="--dataset=digits_maj\n--arch=deep\n--fold=0,1\n--folds=3\n",
    )
    assert [(task.settings.arch, task.settings.fold) for task in plan] == [
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
    expected = "only takes key:value pairs with keys arch, dataset, steps, fold, seed, experiment"
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
        InputError, match=r"^profile must be one of constant, full, quick, standard in .*; received 'slow'$"
    ):
        read_plan("slow", ROOT / "flags", ROOT / "runs")


@pytest.mark.parametrize("profile", ["standard", "full"])
def test_the_profiles_cover_the_tables_of_the_thesis(profile):
    plan = [task for task in read_plan(profile, ROOT / "flags", ROOT / "runs") if task.program == "train"]
    have = {(each.settings.dataset, each.settings.arch, each.settings.steps, each.settings.fold) for each in plan}
    majority = {(dataset, arch, 12, fold) for dataset in MAJORITY for arch in MAJORITY_ACCURACY for fold in range(8)}
    images = {(name, arch, steps, 0) for name in MNISTS for arch in ("shallow", "deep") for steps in (1, 4, 7)}
    assert have >= majority | images | {(name, "lenet", 1, 0) for name in MNISTS}
    if profile == "full":
        assert {(each.settings.epochs, each.settings.learning_rate, each.settings.schedule) for each in plan} == {
            (100, 2e-4, "constant")
        }


MNISTS = ("mnist", "fashion_mnist")


def test_the_quick_profile_needs_no_files_and_has_every_architecture():
    plan = [task for task in read_plan("quick", ROOT / "flags", ROOT / "runs") if task.program == "train"]
    assert {task.settings.dataset for task in plan} == {"digits", "digits_maj"}
    assert {task.settings.arch for task in plan} == set(THESIS) - {"convrlstm"}
    assert any(task.settings.fold for task in plan)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "flags").rglob("*.flags")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_a_flagfile_opens_with_what_it_reproduces_and_its_command(path):
    comment = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert any("Command: python -m thesis_rnn." in line for line in comment)
    assert path.stem in comment[-1] or path.stem in " ".join(comment)
