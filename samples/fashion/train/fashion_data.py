"""Fashion-MNIST as NumPy arrays, from the IDX files of Debian's dataset-fashion-mnist.

Format of an IDX file: two zero bytes, an element type (8 = unsigned byte), the number of
dimensions, each dimension as a big-endian uint32, then the elements in row-major order.
"""

import gzip
import struct
from pathlib import Path

import numpy as np

DATASET_DIR = Path("/usr/share/datasets/fashion-mnist")
CLASSES = 10
SIDE = 28
VALIDATION_IMAGES = 5000

_UNSIGNED_BYTE = 8


def dataset_is_installed() -> bool:
    """True when the Debian package's four IDX files can be read."""
    return (DATASET_DIR / "t10k-images-idx3-ubyte.gz").is_file()


def training_split() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(train images, train labels, validation images, validation labels).

    The last 5,000 of the 60,000 training images are kept for choosing networks and schedules,
    so that the held-out images are looked at only once, at the end.
    """
    images, labels = _read_pair("train", 60000)
    cut = len(images) - VALIDATION_IMAGES
    return images[:cut], labels[:cut], images[cut:], labels[cut:]


def held_out() -> tuple[np.ndarray, np.ndarray]:
    """The 10,000 held-out images, uint8 [10000, 28, 28], and their labels, uint8 [10000]."""
    return _read_pair("t10k", 10000)


def to_int8(images: np.ndarray) -> np.ndarray:
    """Pixels 0..255 as the model's int8 input: scale 1/255 and zero point -128 give q = pixel - 128."""
    return (images.astype(np.int16) - 128).astype(np.int8)


def _read_pair(prefix: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    images = _read_idx(DATASET_DIR / f"{prefix}-images-idx3-ubyte.gz", (count, SIDE, SIDE))
    labels = _read_idx(DATASET_DIR / f"{prefix}-labels-idx1-ubyte.gz", (count,))
    if labels.max() >= CLASSES:
        raise ValueError(f"{prefix}: a label is {labels.max()}, but there are {CLASSES} classes")
    return images, labels


def _read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The array in an IDX file, which must have exactly the given shape."""
    with gzip.open(path, "rb") as stream:
        data = stream.read()
    header = 4 + 4 * len(shape)
    zero, element, rank = struct.unpack_from(">HBB", data)
    if zero != 0 or element != _UNSIGNED_BYTE or rank != len(shape):
        raise ValueError(f"{path}: not an IDX file of unsigned bytes with {len(shape)} dimensions")
    found = struct.unpack_from(f">{rank}I", data, 4)
    if found != shape or len(data) != header + int(np.prod(shape)):
        raise ValueError(f"{path}: shape {found} in {len(data)} bytes, expected {shape}")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape).copy()
