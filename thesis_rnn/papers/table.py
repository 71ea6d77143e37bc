"""The table of papers: what is drawn of the runs that the folder of flagfiles of each name asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from thesis_rnn.papers.chormai_2018 import figures as chormai_figures
from thesis_rnn.papers.chormai_2018 import tables as chormai_tables
from thesis_rnn.papers.ismail_2019 import figures as ismail_figures
from thesis_rnn.papers.ismail_2019 import tables as ismail_tables
from thesis_rnn.papers.material import Material
from thesis_rnn.papers.montavon_2018 import figures as montavon_figures
from thesis_rnn.papers.shickel_2020 import figures as shickel_figures
from thesis_rnn.papers.shickel_2020 import tables as shickel_tables
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table
from thesis_rnn.support.registry import Registry


@dataclass(frozen=True)
class Paper:
    """A row of the table; its name is that of the folder of its flagfiles and of its page of results.

    Attributes:
      title: what it is called.
      tables, figures: by the names of their files.
      comparisons: profile -> the only tables that it has, as it is there to be compared with the others.
    """

    title: str
    tables: Mapping[str, Callable[[Results], Table]]
    figures: Mapping[str, Callable[[Material], Figure]]
    comparisons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def tables_of(self, profile: str) -> Mapping[str, Callable[[Results], Table]]:
        """The tables that are made of a profile."""
        names = self.comparisons.get(profile, self.tables)
        return {name: self.tables[name] for name in names}

    def figures_of(self, profile: str) -> Mapping[str, Callable[[Material], Figure]]:
        """The figures that are drawn of a profile."""
        return {} if profile in self.comparisons else self.figures


PAPERS: Registry[Paper] = Registry("paper")
PAPERS.add(
    "chormai_2018",
    Paper(
        "Chormai (2018), the thesis",
        chormai_tables.TABLES,
        chormai_figures.FIGURES,
        comparisons={chormai_tables.CONSTANT: ("schedules",)},
    ),
)
PAPERS.add(
    "ismail_2019",
    Paper("Ismail et al. (2019), input-cell attention", ismail_tables.TABLES, ismail_figures.FIGURES),
)
PAPERS.add(
    "montavon_2018",
    Paper("Montavon, Samek and Müller (2018), the tutorial: prototypes", {}, montavon_figures.FIGURES),
)
PAPERS.add(
    "shickel_2020",
    Paper(
        "Shickel and Rashidi (2020), the review: its families compared", shickel_tables.TABLES, shickel_figures.FIGURES
    ),
)
