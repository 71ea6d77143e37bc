"""Settings that are written as an absl flagfile and read back."""

from dataclasses import dataclass, field, fields

from thesis_rnn.errors import InputError


def option(default, text: str):
    """A field with the help text of its flag."""
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class FlagFile:
    """A base of dataclasses whose fields are all flags: whole numbers, numbers and words."""

    def as_flagfile(self) -> str:
        """The settings as an absl flagfile that repeats the run."""
        return "".join(f"--{item.name}={getattr(self, item.name)}\n" for item in fields(self))

    @classmethod
    def from_flagfile(cls, text: str, origin: str):
        """The settings that ``as_flagfile`` wrote; ``origin`` names the file in errors.

        Raises:
          InputError: for a line that is no flag of these settings, or whose value is of another kind.
        """
        kinds = {item.name: item.type for item in fields(cls)}
        values = {}
        for line in text.splitlines():
            try:
                name, value = line.removeprefix("--").split("=", 1)
                values[name] = kinds[name](value)
            except (KeyError, ValueError):
                expected = "lines --name=value of a training run"
                raise InputError(f"expected {expected} in {origin}; received {line!r}") from None
        return cls(**values)

    @classmethod
    def of_run(cls, folder, made_by: str):
        """The settings in a run folder; ``made_by`` names the program that would write them."""
        path = folder.required(folder.flags, made_by)
        return cls.from_flagfile(path.read_text(encoding="utf-8"), str(path))

    def differing_flags(self, other) -> tuple[str, str] | None:
        """The flags in which two settings differ, as each has them; None if in none but the place of the data."""
        names = [item.name for item in fields(self) if item.name != "data_dir"]
        names = [name for name in names if getattr(self, name) != getattr(other, name)]
        own, others = (" ".join(f"--{name}={getattr(each, name)}" for name in names) for each in (self, other))
        return (own, others) if names else None

    def check_resumed_with(self, other) -> None:
        """Refuses other settings than the run's own, except for the place of the data, which may have moved."""
        if differing := self.differing_flags(other):
            own, received = differing
            raise InputError(f"--resume continues a run with its own settings, {own}; received {received}")
