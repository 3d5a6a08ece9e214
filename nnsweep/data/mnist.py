"""MNIST, or another set of digits in files of the same names."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnsweep.data.arrays import Data, check_size, digest, one_hot
from nnsweep.data.data_source import DataSource, Name
from nnsweep.data.files import existing, folder, found
from nnsweep.data.idx import IMAGES, LABELS, read_idx
from nnsweep.errors import DataError

Bytes = NDArray[np.uint8]


class Mnist(DataSource):
    """`{ mnist = "folder" }`: the training images and, if they are there, the test images after them.

    >>> str(Mnist(mnist="sets/mnist"))
    'mnist in sets/mnist'
    """

    PLACE: ClassVar[str] = "mnist"

    mnist: Name = Field(
        description="The folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz, "
        "and perhaps the same of t10k.",
    )

    def __str__(self) -> str:
        """Name the folder."""
        return f"mnist in {self.mnist}"

    def make(self) -> Data:
        """Read pixels (N, rows × columns), 0 to 1, and labels as columns (N, 10).

        Raises:
            DataError: a file is missing or damaged, or images and labels do not match.
        """
        where = folder(self.mnist, self._beside)
        pairs = [pair for part in ("train", "t10k") if (pair := _pair(self.mnist, where, part))]
        sizes = {images.shape[1:] for images, _ in pairs}
        if len(sizes) > 1:
            each = " and ".join(f"{rows} × {columns}" for rows, columns in sorted(sizes))
            raise DataError(f"{self.mnist}: found images of {each} pixels; allowed: one size")
        count = sum(len(images) for images, _ in pairs)
        check_size(count, prod(next(iter(sizes))) + 10, self.mnist)
        images = np.concatenate([images.reshape(len(images), -1) for images, _ in pairs])
        labels = np.concatenate([labels for _, labels in pairs])
        return Data(images / 255, one_hot(labels, 10), digest(images, labels))


def _pair(name: str, where: Path, part: str) -> tuple[Bytes, Bytes] | None:
    """Read a part's images (N, rows, columns) and labels (N,); None if it is a test set that is missing."""
    paths = {kind: _path(where, f"{part}-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")}
    missing = [kind for kind, path in paths.items() if path is None]
    if len(missing) == 2 and part == "t10k":
        return None
    if missing:
        raise DataError(f"{name}: there is no {part}-{missing[0]} in this folder, plain or with .gz")
    images_path, labels_path = (path for path in paths.values() if path is not None)
    images, labels = read_idx(images_path, IMAGES), read_idx(labels_path, LABELS)
    if len(images) != len(labels):
        counts = f"{len(labels):,} labels, and {images_path.name} {len(images):,} images"
        raise DataError(f"{labels_path}: found {counts}; allowed: as many")
    if labels.max() > 9:
        place = int(np.argmax(labels > 9))
        raise DataError(f"{labels_path}: found the label {labels[place]} at place {place + 1:,}; allowed: 0 to 9")
    return images, labels


def _path(where: Path, name: str) -> Path | None:
    """Find a file under one of the names in use."""
    names = (name, name.replace("-idx", ".idx"))
    paths = [where / f"{each}{ending}" for each in names for ending in ("", ".gz")]
    for path in paths:
        existing(str(path))  # so that it is watched
    there = next((path for path in paths if path.exists()), None)
    return None if there is None else found(str(there))
