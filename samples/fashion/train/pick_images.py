"""Writes the committed test images: the first five of each class in the held-out set.

    /usr/bin/python3 pick_images.py

images/NN_label.raw are 28x28 unsigned bytes, row by row. They go round the classes (00 is class
0, 01 class 1, …), so that any ten in a row have every class once.
"""

import json
from pathlib import Path

import numpy as np

import fashion_data

SAMPLE_DIR = Path(__file__).resolve().parent.parent
PER_CLASS = 5


def main() -> None:
    images, labels = fashion_data.held_out()
    names = (SAMPLE_DIR / "labels.txt").read_text().split("\n")[:fashion_data.CLASSES]
    of_class = [np.flatnonzero(labels == c)[:PER_CLASS] for c in range(fashion_data.CLASSES)]
    chosen = [int(of_class[c][i]) for i in range(PER_CLASS) for c in range(fashion_data.CLASSES)]
    folder, listed = SAMPLE_DIR / "images", {}
    folder.mkdir(exist_ok=True)
    for number, index in enumerate(chosen):
        label = int(labels[index])
        file = f"{number:02}_{_slug(names[label])}.raw"
        (folder / file).write_bytes(images[index].tobytes())
        listed[file] = label
    (SAMPLE_DIR / "labels.json").write_text(json.dumps(listed, indent=2) + "\n")
    print(f"{len(listed)} images in {folder.name}/, held-out indices {min(chosen)}..{max(chosen)}")


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())


if __name__ == "__main__":
    main()
