"""Fetching published weights without a minute of silent retries where there is no network."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 5


@contextmanager
def hub_offline_unless_reachable() -> Iterator[None]:
    """Let the hub client use its cache only, if the hub does not answer at once.

    The client itself retries each file for some 25 s before it gives up, and then tries the next file name.
    """
    from huggingface_hub import constants

    was_offline = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = was_offline or not _answers(constants.ENDPOINT)
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = was_offline


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=PATIENCE_SECONDS):
            return True
    except urllib.error.HTTPError:
        return True  # a refusal is an answer too
    except OSError:
        return False
