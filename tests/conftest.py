"""Settings of all tests, their environment, and the order in which two processes share their files out."""

import os
import sys
import zlib

import pytest
from hypothesis import HealthCheck, settings

SLOW = os.environ.get("RESEMBLANCE_TESTS") == "slow"
"""As ``make test-slow`` says: new examples in every run, and all cores for one training after the other."""

# Before anything is imported that reads it, and for every process that tests start: nothing of the user's own.
for _name in list(os.environ):
    if _name.startswith("WANDB_") or _name in ("HYDRA_FULL_ERROR", "HF_HUB_OFFLINE"):
        del os.environ[_name]
os.environ |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
if "RESEMBLANCE_DATA" in os.environ:
    os.environ["RESEMBLANCE_DATA"] = os.path.abspath(os.environ["RESEMBLANCE_DATA"])
if not SLOW:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine is no failure, and nothing fails by chance but where chance is looked for.
_anywhere = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("the same examples", _anywhere, derandomize=True)
settings.register_profile("new examples", _anywhere, print_blob=True)
settings.load_profile("new examples" if SLOW else "the same examples")

LONG = ("end_to_end", "distributed", "notebooks", "benchmarks", "comparison", "studies")
"""Folders whose tests take seconds each; they begin first, so that nobody is left alone with one at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first."""
    items.sort(key=_rank)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What a test draws from torch without a seed of its own is the same in every run, whatever ran before it."""
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(zlib.crc32(item.nodeid.encode()))


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(item.config.rootpath).parts[1]
    return LONG.index(folder) if folder in LONG else len(LONG)
