"""A worker process: reads shards from standard input, one JSON line each, and answers each in a line.

    python -m thesis_rnn.shards.worker ORDER.json

It ends with the process that started it: when its standard input closes it is gone at once, whatever it is at.
"""

import json
import os
import pathlib
import queue
import sys
import threading

from thesis_rnn.errors import InputError
from thesis_rnn.support.quiet_start import import_tensorflow_quietly


def main(order: str) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed is no answer
    tasks: queue.Queue = queue.Queue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    import_tensorflow_quietly()
    from thesis_rnn.shards.work import ShardTask, run_task

    try:
        place = _work_of(json.loads(pathlib.Path(order).read_text(encoding="utf-8")))
    except InputError as error:
        tasks.get()
        _answer(answers, {"cannot start": str(error)})
        os._exit(1)  # the other thread holds standard input
    while True:
        task = ShardTask(*tasks.get())
        _answer(answers, {"reason": run_task(place[0], task, *place[1:])})


def _work_of(order: dict):
    """The work that the order describes, and the folders of shards and of explanations."""
    from thesis_rnn.shards.models import model_from
    from thesis_rnn.shards.work import Job, Work
    from thesis_rnn.support.storage import folder_of

    model = model_from(order["model"], order["imports"], order["job"]["model"])
    return Work(model, Job(**order["job"])), folder_of(order["source"]), folder_of(order["target"])


def _answer(stream, answer: dict) -> None:
    stream.write(f"{json.dumps(answer)}\n")
    stream.flush()


def _listen(tasks: queue.Queue) -> None:
    for line in sys.stdin:
        tasks.put(json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
