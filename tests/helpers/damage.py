"""Ways in which a file is damaged: bits that flip, an end that is lost, bytes that are overwritten."""

from __future__ import annotations

import random


def flip(content: bytes, bit: int) -> bytes:
    """Flip a bit."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flipped(sound: bytes, full: list[int], chance: random.Random) -> bytes:
    """Flip one bit, mostly where the file is not empty."""
    byte = chance.choice(full) if chance.randrange(10) else chance.randrange(len(sound))
    return flip(sound, 8 * byte + chance.randrange(8))


def truncated(sound: bytes, full: list[int], chance: random.Random) -> bytes:
    """Cut the end off: mostly whole pages, as file systems do."""
    size = chance.randrange(len(sound))
    return sound[: size // 4096 * 4096 if chance.randrange(4) else size]


def burst(sound: bytes, full: list[int], chance: random.Random) -> bytes:
    """Overwrite up to a page: with zeros, with ones or at random."""
    at, size = chance.choice(full), chance.choice([2, 16, 512, 4096])
    other = chance.choice([bytes(size), b"\xff" * size, chance.randbytes(size)])
    return (sound[:at] + other + sound[at + size :])[: len(sound)]


KINDS = flipped, flipped, truncated, burst
