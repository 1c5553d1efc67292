"""Trains both networks, writes v1/fashion_v1.tflite, v2/fashion_v2.tflite and train/results.json.

    /usr/bin/python3 train.py [v1] [v2]

One thread, fixed seeds, deterministic kernels: the same machine gives the same bytes again.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import fashion_data
import int8_reference
from nets import V1, V2, Net, Recipe
from quantize import export
from tflite_reader import read_model

SAMPLE_DIR = Path(__file__).resolve().parent.parent
RESULTS = SAMPLE_DIR / "train" / "results.json"
RECIPES = {"v1": V1, "v2": V2}
CALIBRATION_IMAGES = 1000
SHIFT = 2


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names:
        results[name] = _produce(name, RECIPES[name])
        print(json.dumps(results[name], indent=2), flush=True)
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")


def _produce(name: str, recipe: Recipe) -> dict:
    """Trains, exports and measures one network; returns what README.md reports of it."""
    images, labels, validation_images, validation_labels = fashion_data.training_split()
    net = train(recipe, images, labels, validation_images, validation_labels)
    data = export(net, as_floats(images[:CALIBRATION_IMAGES]), f"nf-runtime sample: Fashion-MNIST {name}")
    (SAMPLE_DIR / name).mkdir(exist_ok=True)
    (SAMPLE_DIR / name / f"fashion_{name}.tflite").write_bytes(data)
    model = read_model(data)
    held_images, held_labels = fashion_data.held_out()
    float_classes = classify(net, held_images)
    int8_classes = int8_reference.classify(model, fashion_data.to_int8(held_images))
    return {
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "macs": int8_reference.macs(model),
        "constant_bytes": sum(t.data.nbytes for t in model.tensors if t.data is not None),
        "held_out": len(held_labels),
        "float_right": int((float_classes == held_labels).sum()),
        "int8_right": int((int8_classes == held_labels).sum()),
        "same_class": int((int8_classes == float_classes).sum()),
    }


def train(recipe: Recipe, images, labels, validation_images, validation_labels) -> Net:
    """A trained net in eval mode. Prints loss and validation accuracy of every epoch."""
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    net = Net(recipe.layers).to(memory_format=torch.channels_last)
    inputs, targets = as_floats(images), torch.from_numpy(labels).long()
    steps = len(inputs) // recipe.batch
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.peak_rate, total_steps=recipe.epochs * steps)
    start = time.monotonic()
    for epoch in range(recipe.epochs):
        net.train()
        order, total = torch.randperm(len(inputs), generator=generator), 0.0
        for chosen in order[:steps * recipe.batch].split(recipe.batch):
            batch = augmented(inputs[chosen], generator) if recipe.augment else inputs[chosen]
            loss = F.cross_entropy(net(batch), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        net.eval()
        right = (classify(net, validation_images) == validation_labels).mean()
        print(f"epoch {epoch + 1:2}  loss {total / steps:.4f}  validation {right:.4f}  "
              f"{time.monotonic() - start:4.0f} s", flush=True)
    return net


def augmented(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A batch shifted by up to two pixels, each image mirrored with probability one half."""
    side = fashion_data.SIDE
    padded = F.pad(images, (SHIFT,) * 4)
    y, x = torch.randint(0, 2 * SHIFT + 1, (2,), generator=generator).tolist()
    shifted = padded[:, :, y:y + side, x:x + side]
    mirror = torch.rand(len(images), generator=generator) < 0.5
    return torch.where(mirror[:, None, None, None], shifted.flip(3), shifted)


def as_floats(images: np.ndarray) -> torch.Tensor:
    """uint8 [n, 28, 28] as float [n, 1, 28, 28] in 0..1."""
    return torch.from_numpy(images).float().div(255).unsqueeze(1)


def classify(net: Net, images: np.ndarray) -> np.ndarray:
    """The float net's class of each uint8 image."""
    with torch.no_grad():
        return torch.cat([net(batch).argmax(1) for batch in as_floats(images).split(500)]).numpy()


if __name__ == "__main__":
    chosen_names = sys.argv[1:] or list(RECIPES)
    unknown = sorted(set(chosen_names) - set(RECIPES))
    if unknown:
        sys.exit(f"unknown network {unknown[0]}; there are {', '.join(RECIPES)}")
    main(chosen_names)
