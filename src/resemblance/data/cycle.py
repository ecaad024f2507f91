"""An endless shuffled sequence, cut into blocks of different items."""

import hashlib
import math

import torch


class ShuffledCycle:
    """Items 0 … n−1 in rounds, each round every item once in a new order, cut into blocks of ``size``.

    A block never holds an item twice where n ≥ size, not even where it spans two rounds: a round begins with items
    that the unfinished block does not hold yet. Where n < size, a block holds every item ⌊size/n⌋ times and the rest
    come from such a sequence. Any block can be asked for directly, so that an epoch can be resumed; the blocks
    depend on nothing but the arguments.

    Args:
        num_items: n, at least 1.
        size: items of a block, at least 1.
        key: seed.
    """

    def __init__(self, num_items: int, size: int, key: int) -> None:
        self._n = num_items
        self._whole, self._size = divmod(size, num_items)
        if self._size == 0:  # a block is whole rounds
            self._whole, self._size = self._whole - 1, num_items
        self._key = key
        # A round that starts with a block depends on no other round.
        self._independent = self._size // math.gcd(num_items, self._size)
        self._latest: tuple[int, list[int]] = (-1, [])

    def block(self, index: int) -> list[int]:
        """Block ``index`` ≥ 0: ``size`` items."""
        number, start = divmod(index * self._size, self._n)
        drawn = self._round(number)[start : start + self._size]
        if missing := self._size - len(drawn):
            drawn = drawn + self._round(number + 1)[:missing]
        return list(range(self._n)) * self._whole + drawn

    def _round(self, number: int) -> list[int]:
        latest, order = self._latest
        if latest == number:
            return order
        begin = number - number % self._independent
        if begin <= latest < number:
            begin = latest + 1
        for current in range(begin, number + 1):
            order = self._following(order, current)
        self._latest = (number, order)
        return order

    def _following(self, before: list[int], number: int) -> list[int]:
        seed = int.from_bytes(hashlib.blake2b(f"{self._key} {number}".encode(), digest_size=7).digest())
        order: list[int] = torch.randperm(self._n, generator=torch.Generator().manual_seed(seed)).tolist()
        begun = number * self._n % self._size  # items of the block that the last round left unfinished
        if begun:
            held = set(before[-begun:])
            head = sorted(order[: self._size], key=held.__contains__)  # stable: those not held come first
            order = head + order[self._size :]
        return order
