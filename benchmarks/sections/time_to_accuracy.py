"""The time a training takes to a validation accuracy of 98%: the package's schedule and the thesis'. Long: on request.

Needs MNIST in --data_dir or THESIS_RNN_DATA_DIR. Sequences are the majority problem's, an epoch as many as there are
training images. Accuracy is of the validation images, at the end of each epoch; its time does not count.
"""

import time

from benchmarks.measuring import Findings, Setup, say
from thesis_rnn.reporting.tables import markdown_table

TITLE = "Time to 98% on MNIST-MAJ, R-LSTM-SD"
ACCURACY = 0.98
SCHEDULES = {
    "thesis_rnn: 2e-3, cosine over 10 epochs": ("cosine", 2e-3, 10),
    "thesis: 2e-4, constant, up to 100 epochs": ("constant", 2e-4, 100),
}


def measure(setup: Setup) -> Findings:
    findings = Findings()
    for name, schedule in SCHEDULES.items():
        say(f"  {name}")
        findings.rows.append({"schedule": name} | train(*schedule, setup))
    return findings


def train(schedule: str, learning_rate: float, epochs: int, setup: Setup) -> dict:
    """Seconds of training, epochs, and the validation accuracy of each, until it is high enough."""
    from thesis_rnn import build
    from thesis_rnn.data import load, problem_of
    from thesis_rnn.training.batches import Batches
    from thesis_rnn.training.fitting import learning_rate_schedule

    name = setup.sized("mnist_maj", "digits_maj")
    batches = Batches(problem_of(name).source.pool(), sequences_per_epoch=setup.sized(0, 100))
    validation = load(name, "validation", limit=setup.sized(None, 20))
    updates = epochs * batches.steps_per_epoch
    model = build("rlstm_sd", learning_rate=learning_rate_schedule(learning_rate, schedule, updates))
    model.steps_per_execution = 2 if setup.quick else 50
    seconds, accuracies = 0.0, []
    for epoch in range(setup.sized(epochs, 2)):
        start = time.perf_counter()
        model.fit(batches.dataset(epoch, epoch + 1), steps_per_epoch=batches.steps_per_epoch, shuffle=False, verbose=0)
        seconds += time.perf_counter() - start
        accuracies.append(float(model.evaluate(validation.x, validation.y, 500, verbose=0)[1]))
        say(f"    epoch {epoch + 1}: {accuracies[-1]:.4f} after {seconds:.0f} s")
        if accuracies[-1] >= ACCURACY:
            break
    return {"seconds": seconds, "accuracies": accuracies}


def tables(record: dict) -> str:
    body = [
        [row["schedule"], f"{row['seconds']:.0f}", str(len(row["accuracies"])), f"{100 * row['accuracies'][-1]:.2f}"]
        for row in record["rows"]
    ]
    return markdown_table(["schedule", "seconds", "epochs", "accuracy, %"], body)
