"""All that a comparison says, from which console, files and page are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from resemblance.comparison.findings import Findings
from resemblance.comparison.runs import Run


@dataclass(frozen=True)
class Contestant:
    """One configuration without its seed: what is compared.

    Attributes:
        name: by what it differs from the others: ``triplet (mining=semihard)``.
        loss: option of ``loss=``, for colours and groups.
        runs: one for each seed, in the order of the seeds.
        settings: the settings in which the contestants differ, by dotted key, with this one's values.
    """

    name: str
    loss: str
    runs: tuple[Run, ...]
    settings: Mapping[str, object]

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """Of its runs."""
        return tuple(run.seed for run in self.runs)


@dataclass(frozen=True)
class TestSet:
    """The comparison on one test set.

    Attributes:
        name: ``rendered_faces``.
        contestants: in the order of the standings of the first figure.
        findings: one for each figure that was asked for, the headline first.
        warnings: why these runs may not be comparable, each with what differs; empty where they are.
    """

    __test__ = False  # not a test of pytest's

    name: str
    contestants: tuple[Contestant, ...]
    findings: tuple[Findings, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ranks:
    """Mean ranks of contestants over data sets, with a critical difference (Demšar 2006).

    It is Nemenyi's beside Friedman's test; for two contestants that of the sign test, below which p is 5 % or more.

    Attributes:
        key, label: of the figure that was ranked.
        data_sets: over which.
        mean_ranks: by contestant, best first.
        critical_difference: mean ranks closer than this are not told apart.
        p: of the test.
        groups: contestants that are not told apart, each a maximal run of neighbours.
    """

    key: str
    label: str
    data_sets: tuple[str, ...]
    mean_ranks: Mapping[str, float]
    critical_difference: float
    p: float
    groups: tuple[tuple[str, ...], ...]

    @property
    def test(self) -> str:
        """What ``p`` is of."""
        return "Friedman" if len(self.mean_ranks) > 2 else "sign test"


@dataclass(frozen=True)
class Study:
    """Everything a comparison found.

    Attributes:
        title: of the report.
        test_sets: one comparison for each.
        ranks: over data sets, one for each figure; empty below five sets, and then :attr:`notes` says so where there
            are several.
        refused: run directories that could not be read, with the reason in one sentence.
        notes: what else is to be said.
        command: that repeats it.
        tuning: what was spent on finding settings, by loss, as ``tuning.json`` has it: ``trials``, ``epochs``,
            ``metric``, ``seconds``, ``best`` (setting: value) and ``values`` of the trials; empty where nothing was
            tuned.
    """

    title: str
    test_sets: tuple[TestSet, ...]
    ranks: tuple[Ranks, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    command: str = ""
    tuning: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
