"""What a user with a model of their own waits for: the first explanation of a process, its trace included."""

from benchmarks.measuring import Findings, Setup, say, started
from benchmarks.process import Recipe
from benchmarks.tables import milliseconds
from thesis_rnn.reporting.tables import markdown_table

TITLE = "First call"
OWN = Recipe("thesis_rnn", "first_call")
SERIES = ("lrp_epsilon", "gradient_x_input", "integrated_gradients", "lrp_epsilon, ledger")
THESIS = ("deep", "rlstm_sd", "convrlstm_sd")


def measure(setup: Setup) -> Findings:
    findings = Findings()
    sizes = {"samples": setup.sized(100, 4), "units": setup.sized(64, 3), "steps": setup.sized(50, 4)}
    cases = [("two_lstms", method) for method in setup.sized(SERIES, SERIES[-1:])]
    cases += [(name, "lrp") for name in setup.sized(THESIS, THESIS[1:2])]
    for model, method in cases:
        say(f"  {model}, {method}")
        name, _, ledger = method.partition(", ")
        with started((OWN,), setup, findings) as running:  # a process for each
            [contender] = running.values()
            first = contender.load("case", model=model, method=name, ledger=bool(ledger), **sizes)
            later = [contender.time("case") for _ in range(setup.repeats)]
        findings.rows.append({"model": model, "method": method, "first_call": first, "seconds": later} | sizes)
    return findings


def tables(record: dict) -> str:
    row = record["rows"][0]
    body = [[row["model"], row["method"], f"{row['first_call']:.2f}", *milliseconds(row)] for row in record["rows"]]
    text = (
        f"Seconds to build a model and explain {row['samples']} samples by default arguments in a process that has "
        f"imported the package, and by each later call. two_lstms: two LSTM({row['units']}), {row['steps']} steps."
    )
    return f"{text}\n\n{markdown_table(['model', 'method', 'first call, s', 'later, ms', 'quartiles'], body)}"
