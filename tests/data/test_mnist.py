"""MNIST's four files, made small, good and damaged; messages are compared whole."""

import gzip
import os
import struct

import numpy as np
import pytest

from nnsweep.data import arrays, load, refresh
from nnsweep.data.idx import IMAGES, LABELS
from nnsweep.data.mnist import Mnist
from nnsweep.errors import DataError

TRAIN, TEST = (
    ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
)


def idx(magic, *shape, data=None):
    """Write an IDX file as its specification says."""
    values = bytes(place % 10 for place in range(int(np.prod(shape)))) if data is None else data
    return struct.pack(f">I{len(shape)}I", magic, *shape) + values


FILES = {
    TRAIN[0]: idx(IMAGES, 5, 2, 3, data=bytes(range(0, 240, 8))),
    TRAIN[1]: idx(LABELS, 5, data=bytes([3, 1, 4, 1, 9])),
    TEST[0]: idx(IMAGES, 2, 2, 3, data=bytes([255] * 12)),
    TEST[1]: idx(LABELS, 2, data=bytes([0, 5])),
}


def compressed(files):
    return {f"{name}.gz": gzip.compress(content) for name, content in files.items()}


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Write a folder and read it."""
    monkeypatch.chdir(tmp_path)

    def read(files):
        (tmp_path / "m").mkdir()
        for name, content in files.items():
            (tmp_path / "m" / name).write_bytes(content)
        refresh()
        return load(Mnist(mnist="m"))

    return read


@pytest.mark.parametrize(
    "files",
    [
        FILES,
        compressed(FILES),
        {name.replace("-idx", ".idx"): content for name, content in FILES.items()},
        {name: gzip.compress(content) for name, content in FILES.items()},
        {f"{name}.gz": content for name, content in FILES.items()},
    ],
    ids=["plain", "gzip", "dots", "gzip without its name", "plain named .gz"],
)
def test_training_rows_come_first_then_the_test_rows(read, files):
    found = read(files)
    assert found.inputs.shape == (7, 6)
    np.testing.assert_array_equal(found.inputs[1], np.array([48, 56, 64, 72, 80, 88]) / 255)
    assert (found.inputs[5:] == 1).all()
    assert found.targets.argmax(axis=1).tolist() == [3, 1, 4, 1, 9, 0, 5]
    assert found.targets.sum(axis=1).tolist() == [1] * 7
    assert found.targets.shape == (7, 10)
    assert found.fingerprint == "87fc2cdfee844843ad19130b9aa88831"


def test_the_training_pair_alone_will_do(read):
    assert read({name: FILES[name] for name in TRAIN}).inputs.shape == (5, 6)


IMAGE, LABEL = TRAIN
PROMISED = "the header promises 30 bytes (5 × 2 × 3)"
ZIPPED = gzip.compress(FILES[IMAGE])
PLAIN_FAULTS = {
    "labels for images": (idx(LABELS, 5), "found the magic number 0x00000801, labels; allowed: 0x00000803, images"),
    "a picture": (b"\x89PNG" + bytes(40), "found the magic number 0x89504e47; allowed: 0x00000803, images"),
    "nothing": (b"", "cut off: found 0 bytes; allowed: 0x00000803, images"),
    "half a header": (FILES[IMAGE][:10], "cut off: found 10 bytes; allowed: a header of 16"),
    "a byte too few": (FILES[IMAGE][:-1], f"cut off: {PROMISED}, found 29"),
    "a byte too many": (FILES[IMAGE] + b"\0", f"too long: {PROMISED}, and more follow"),
    "no images": (idx(IMAGES, 0, 2, 3), "the header promises 0 bytes (0 × 2 × 3); allowed: 1 to 134,217,728"),
    "a promise it cannot keep": (
        idx(IMAGES, 1000, 100, 1000, data=b""),
        "cut off: the header promises 100,000,000 bytes (1,000 × 100 × 1,000), more than the file can hold",
    ),
}
LARGE = gzip.compress(idx(IMAGES, 5, 2000, 2000, data=bytes(2 * 10**7)))
ZIPPED_FAULTS = {
    "a stream cut off": (ZIPPED[:-9], "cut off: its gzip stream has no end"),
    "two bytes": (ZIPPED[:2], "cut off: its gzip stream has no end"),
    "another checksum": (ZIPPED[:-8] + b"12345678", None),
    "something after the stream": (ZIPPED + b"more", "damaged gzip: Not a gzipped file (b'mo')"),
    "a byte too few": (gzip.compress(FILES[IMAGE][:-1]), f"cut off: {PROMISED}, found 29"),
    "a bomb": (gzip.compress(FILES[IMAGE] + bytes(10**8)), f"too long: {PROMISED}, and more follow"),
    "far more than its bytes": (
        LARGE,
        f"found {len(LARGE):,} bytes that hold more than 16,777,216; allowed: at most 100 times as many bytes, or "
        "16,777,216; if you trust the file, unpack it",
    ),
    "a promise beyond all bounds": (
        gzip.compress(idx(IMAGES, 2**31, 2**31, 2, data=b"")),
        "the header promises 9,223,372,036,854,775,808 bytes (2,147,483,648 × 2,147,483,648 × 2); "
        "allowed: 1 to 134,217,728",
    ),
}


@pytest.mark.parametrize("fault", PLAIN_FAULTS)
def test_a_plain_file_that_is_not_as_it_says(read, tmp_path, fault):
    content, message = PLAIN_FAULTS[fault]
    with pytest.raises(DataError) as caught:
        read({IMAGE: content, LABEL: FILES[LABEL]})
    assert str(caught.value) == f"{tmp_path / 'm' / IMAGE}: {message}"


@pytest.mark.parametrize("fault", ZIPPED_FAULTS)
def test_a_gzip_file_that_is_not_as_it_says(read, tmp_path, fault):
    content, message = ZIPPED_FAULTS[fault]
    with pytest.raises(DataError) as caught:
        read({f"{IMAGE}.gz": content, LABEL: FILES[LABEL]})
    where = f"{tmp_path / 'm' / IMAGE}.gz: "
    if message is None:
        assert str(caught.value).startswith(f"{where}damaged gzip: CRC check failed")
    else:
        assert str(caught.value) == where + message


def test_no_more_is_read_than_the_header_promises(read, monkeypatch):
    asked = []
    opened = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda self, size=-1: asked.append(size) or opened(self, size))
    read(compressed({name: FILES[name] for name in TRAIN}))
    assert asked == [16, 31, 8, 6]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({IMAGE: None}, "m: there is no train-images-idx3-ubyte in this folder, plain or with .gz"),
        ({TEST[1]: None}, "m: there is no t10k-labels-idx1-ubyte in this folder, plain or with .gz"),
        ({LABEL: idx(LABELS, 4)}, "{m}/train-labels-idx1-ubyte: found 4 labels, and train-images-idx3-ubyte 5 images; "
         "allowed: as many"),
        ({LABEL: idx(LABELS, 5, data=b"\1\2\3\x0b\1")}, "{m}/train-labels-idx1-ubyte: found the label 11 at place 4; "
         "allowed: 0 to 9"),
        ({TEST[0]: idx(IMAGES, 2, 3, 2)}, "m: found images of 2 × 3 and 3 × 2 pixels; allowed: one size"),
    ],
)  # fmt: skip
def test_files_that_do_not_belong_together(read, tmp_path, changed, message):
    files = {name: content for name, content in (FILES | changed).items() if content is not None}
    with pytest.raises(DataError) as caught:
        read(files)
    assert str(caught.value) == message.format(m=tmp_path / "m")


def test_images_and_labels_count_together_before_they_are_numbers(read, monkeypatch):
    monkeypatch.setattr(arrays, "NUMBERS", 7 * 16 - 1)
    with pytest.raises(DataError) as caught:
        read(FILES)
    assert str(caught.value) == ("m: found 7 samples of 16 inputs and outputs; allowed: at most 111 numbers together")


@pytest.mark.parametrize(
    ("make", "what"), [(os.mkfifo, "no regular file"), (os.mkdir, "a folder")], ids=["a FIFO", "a folder"]
)
def test_what_is_no_regular_file_is_not_opened(tmp_path, monkeypatch, make, what):
    monkeypatch.chdir(tmp_path)
    os.mkdir("m")
    make(f"m/{IMAGE}")
    refresh()
    with pytest.raises(DataError) as caught:
        load(Mnist(mnist="m"))
    assert str(caught.value) == f"{tmp_path / 'm' / IMAGE}: {what}; allowed: a file"


def test_a_folder_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refresh()
    (tmp_path / "file").write_text("")
    for name, message in {
        "no": f"no: there is no such folder; looked for {tmp_path / 'no'}",
        "file": "file: a file; allowed: a folder",
    }.items():
        with pytest.raises(DataError) as caught:
            load(Mnist(mnist=name))
        assert str(caught.value) == message
