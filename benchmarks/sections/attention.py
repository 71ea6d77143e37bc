"""What input-cell attention adds to an update of an LSTM, and how both grow with the number of steps."""

from benchmarks.measuring import Findings, Setup, loads, say, started
from benchmarks.sections.training import KERAS
from benchmarks.tables import median, milliseconds
from benchmarks.timing import interleaved
from thesis_rnn.reporting.tables import markdown_table

TITLE = "Training with input-cell attention, batches of 50 series"
LSTM, ATTENTION = "lstm", "lstm_ica"
STEPS, FEATURES = (100, 800), 100


def measure(setup: Setup) -> Findings:
    findings = Findings()
    updates = setup.sized(5, 1)
    calls, first_calls = {}, {}
    with started((KERAS,), setup, findings) as running:
        for model in (LSTM, ATTENTION):
            for steps in setup.sized(STEPS, (4, 8)):
                say(f"  {model}, {steps} steps")
                job = {"kind": "series", "model": model, "steps": steps, "features": FEATURES, "updates": updates}
                first_calls[model, steps] = loads(KERAS, running[KERAS], f"{model} {steps}", job, findings)
                calls[model, steps] = lambda identity=f"{model} {steps}": running[KERAS].time(identity)
        for (model, steps), seconds in interleaved(calls, setup.repeats).items():
            row = {"model": model, "steps": steps, "first_call": first_calls[model, steps]}
            findings.rows.append(row | {"seconds": (seconds / updates).tolist()})
    return findings


def tables(record: dict) -> str:
    text = f"Milliseconds are of one update on 50 series of {FEATURES} features (Ismail et al., 2019), compiled alike."
    times = {(row["model"], row["steps"]): median(row) for row in record["rows"]}
    shortest = min(steps for _, steps in times)
    body = []
    for row in record["rows"]:
        model, steps = row["model"], row["steps"]
        ratios = times[model, steps] / times[LSTM, steps], times[model, steps] / times[model, shortest]
        cells = [model, str(steps), *milliseconds(row), *(f"{ratio:.2f}" for ratio in ratios)]
        body.append([*cells, f"{row['first_call']:.1f}"])
    header = ["model", "steps", "ms", "quartiles", f"times {LSTM}", f"times {shortest} steps", "first call, s"]
    return f"{text}\n\n{markdown_table(header, body)}"
