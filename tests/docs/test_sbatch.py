"""The script for Slurm on a page, run by bash with stand-ins for Slurm's and Ray's commands."""

import os
import pathlib
import re
import subprocess

import pytest

PAGE = pathlib.Path("docs/how-to/many-workers.md")
# Each stand-in notes how it was called; Ray's head answers at the second question.
STAND_INS = {
    "scontrol": "printf '%s\\n' node7 node8 node9",
    "srun": "sleep 0.1",
    "ray": '[ "$(grep -c health-check "$LOG")" -ge 2 ]',
    "sleep": "/bin/sleep 0.02",
    "thesis-rnn": "/bin/sleep 0.3",
}


@pytest.mark.parametrize("nodes", [1, 3])
def test_the_script_starts_a_head_then_the_others_then_the_plan(tmp_path, nodes):
    script = re.search(r"^```bash\n(#!/usr/bin/env bash\n#SBATCH.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    for name, does in STAND_INS.items():
        note = f'echo "{name} $*" >> "$LOG"; ' if name != "sleep" else ""
        (tmp_path / name).write_text(f"#!/usr/bin/env bash\n{note}{does}\n")
        (tmp_path / name).chmod(0o755)
    allocation = {"SLURM_JOB_NODELIST": "node[7-9]", "SLURM_JOB_ID": "123456", "SLURM_CPUS_PER_TASK": "32"}
    variables = os.environ | allocation | {"SLURM_JOB_NUM_NODES": str(nodes), "SCRATCH": "/scratch"}
    variables |= {"LOG": str(tmp_path / "log"), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", script[1]], env=variables, check=True, timeout=60)
    called = [line for line in (tmp_path / "log").read_text().splitlines() if not line.startswith("ray health-check")]
    head = "srun --nodes=1 --ntasks=1 --nodelist=node7 ray start --head --port=23456 --num-cpus=32 --block"
    others = "srun --nodes=2 --ntasks=2 --exclude=node7 ray start --address=node7:23456 --num-cpus=32 --block"
    plan = "thesis-rnn reproduce --profile=full --executor=ray --address=node7:23456 --storage=/scratch/runs"
    assert called[0] == "scontrol show hostnames node[7-9]"
    assert called[1] == head
    assert sorted(called[2:]) == sorted([others] * (nodes > 1) + [plan])
