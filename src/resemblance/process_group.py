"""How the processes of one training find each other and become the default group of ``torch.distributed``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch.distributed import Store, TCPStore  # type: ignore[attr-defined]  # public, but not marked as such

HOST = "127.0.0.1"
PATIENCE = timedelta(days=1)
"""How long a process waits for another: measuring the untrained network may take hours. Dead ones are noticed apart."""


def meeting_place(world_size: int) -> TCPStore:
    """Where the others come to, on the first process; its ``port`` is what they have to know."""
    # The system chooses a free port here, and nobody can take it between that choice and the use of it.
    return TCPStore(HOST, 0, world_size, is_master=True, wait_for_workers=False, timeout=PATIENCE)


def join(rank: int, port: int) -> Store:
    """Tell the first process that this one is ready; what :func:`group` is made with."""
    store = TCPStore(HOST, port, is_master=False, wait_for_workers=False, timeout=PATIENCE)
    store.set(ready(rank), "")
    return store


def ready(rank: int) -> str:
    """The store's key that a process sets when it has loaded everything."""
    return f"ready/{rank}"


def threads_of_each(world_size: int) -> int:
    """How many threads each process has that trains on CPUs."""
    return max(1, torch.get_num_threads() // world_size)


@contextmanager
def group(store: Store, rank: int, world_size: int, device: torch.device) -> Iterator[None]:
    """One process's place in the group that ``torch.distributed`` then knows as the default.

    Args:
        store: what the processes find each other by.
        rank: of this process.
        world_size: how many there are.
        device: that this process trains on; on CPUs each gets its share of the threads.
    """
    threads = torch.get_num_threads()
    on_cuda = device.type == "cuda"
    if on_cuda:
        torch.cuda.set_device(device)
    else:
        torch.set_num_threads(threads_of_each(world_size))
    excepthook = sys.excepthook  # torch puts "[rank0]:" before every traceback, and leaves it so
    dist.init_process_group(
        "nccl" if on_cuda else "gloo",
        store=store,
        rank=rank,
        world_size=world_size,
        device_id=device if on_cuda else None,
    )
    sys.excepthook = excepthook
    try:
        yield
    finally:
        dist.destroy_process_group()
        torch.set_num_threads(threads)
