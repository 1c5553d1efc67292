"""Writes the 10,000 held-out images for `capsule eval MODEL --inputs FILE.bin --labels FILE.json`.

    /usr/bin/python3 heldout.py OUT_DIR

heldout.bin: 10,000 inputs of 784 int8, pixel - 128. heldout.json: their classes, an array of ints.
"""

import json
import sys
from pathlib import Path

import fashion_data


def main(folder: Path) -> None:
    if not fashion_data.dataset_is_installed():
        sys.exit("The data set is not here. Install it: apt-get install dataset-fashion-mnist")
    images, labels = fashion_data.held_out()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "heldout.bin").write_bytes(fashion_data.to_int8(images).tobytes())
    (folder / "heldout.json").write_text(json.dumps(labels.tolist()) + "\n")
    print(f"{len(images)} inputs of {images[0].size} bytes in {folder / 'heldout.bin'}, labels in heldout.json")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: heldout.py OUT_DIR")
    main(Path(sys.argv[1]))
