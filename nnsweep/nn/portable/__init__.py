"""Functions with the same bits on every processor."""

from nnsweep.nn.portable.draws import PortableLegacyRandom, PortableRandom
from nnsweep.nn.portable.functions import exp, log, log1p, sigmoid, tanh
from nnsweep.nn.portable.sums import matmul, total

__all__ = ["PortableLegacyRandom", "PortableRandom", "exp", "log", "log1p", "matmul", "sigmoid", "tanh", "total"]
