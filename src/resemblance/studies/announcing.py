"""What a study says before it costs anything: what its design can show, and by what its finished runs were trained."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from resemblance.errors import DataError
from resemblance.studies.contestants import contestants
from resemblance.studies.jobs import Job
from resemblance.studies.sweeper import Overrides, Sweeper
from resemblance.tracking.code_version import code_version
from resemblance.tracking.run_record import RunRecord, read_record
from resemblance.wording import agreeing, counted


def design_told(sweeper: Sweeper, combinations: Sequence[Overrides]) -> str | None:
    """What the study can show at best; None where it has nothing to compare.

    As in a comparison, whoever is tested on one test set is compared with each other, by the seeds that all of them
    have.
    """
    from resemblance.comparison.resolution import design
    from resemblance.comparison.test_sets import asked_test_set

    seeds: dict[str, dict[str, set[int]]] = {}
    losses: dict[str, set[str]] = {}
    for name, overrides in zip(contestants(sweeper, combinations), combinations, strict=True):
        config, choices = sweeper.configured(overrides)
        test_set = asked_test_set(config)
        seeds.setdefault(test_set, {}).setdefault(name, set()).add(config["seed"])
        losses.setdefault(test_set, set()).add(choices["loss"])
    told: Counter[str] = Counter()
    for test_set, of in seeds.items():
        shared = len(set.intersection(*of.values()))
        if len(of) > 1 and shared > 1:
            told[design(len(of), shared).told("loss" if len(of) == len(losses[test_set]) else "contestant")] += 1
        elif len(of) > 1:
            told[f"no difference, with {counted(shared, 'seed')} that all have; two are the fewest, seed=0,1."] += 1
    if not told:
        return None
    several = len(seeds) > 1
    return " ".join(f"On {counted(sets, 'test set')}: {text}" if several else text for text, sets in told.items())


def trained_otherwise(jobs: Iterable[Job], directory: Path, device: str | None) -> str | None:
    """In one sentence, that finished runs were trained by other code or on another device than the rest will be.

    Args:
        jobs: those that are finished count.
        directory: of the study.
        device: where the rest is going to be trained; None if that is not known.
    """
    records = [record for job in jobs if job.finished and (record := _record(directory / job.folder)) is not None]
    now = code_version()
    codes = Counter(record.code for record in records if record.code != now)
    devices = Counter(record.device for record in records if record.device and device and record.device != device)
    differing = [
        *((number, f"by code {code or 'of unknown version'}", now) for code, number in codes.items()),
        *((number, f"on {where}", device) for where, number in devices.items()),
    ]
    if not differing:
        return None
    told = [
        f"{number} {agreeing(number, 'was', 'were')} trained {how} (this is {this or 'unknown'})"
        for number, how, this in differing
    ]
    return f"of the finished, {', '.join(told)}"


def device_of(sweeper: Sweeper, overrides: Overrides) -> str | None:
    """Where a job is going to be trained; None where that is decided elsewhere."""
    if not sweeper.here:
        return None
    import torch

    from resemblance.devices import accelerator, device_name

    kind = accelerator(sweeper.configured(overrides)[0]["trainer"])
    return device_name(torch.device({"gpu": "cuda"}.get(kind, kind)))


def _record(run: Path) -> RunRecord | None:
    try:
        return read_record(run)
    except DataError:
        return None
