"""Lists what there is by name: python -m thesis_rnn list problems|architectures|methods|measures|composites|...

Each row has its source; without a name it says what can be listed.
"""

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.errors import InputError

FLAGS = flags.FLAGS


def main(arguments) -> dict:
    if len(arguments) > 2:
        raise InputError(f"expected one name, as in thesis-rnn list methods; received {' '.join(arguments[1:])}")
    from thesis_rnn.cli.listings import listing, rows_of

    what = "".join(arguments[1:])
    print(listing(what))
    return {"list": what or "lists", "rows": rows_of(what)}


def run() -> None:
    front_end.run(main, __name__, words=True)
