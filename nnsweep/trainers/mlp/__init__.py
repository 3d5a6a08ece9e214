"""The built-in trainer: fully connected networks, many at once."""

from nnsweep.trainers.mlp.trainer import Mlp

__all__ = ["Mlp"]
