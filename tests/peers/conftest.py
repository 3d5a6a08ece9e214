"""What both peers' tests take from those of the trainer."""

from tests.nn.conftest import layout

__all__ = ["layout"]
