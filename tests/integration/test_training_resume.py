"""A training is killed without warning, started again, and must end as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

PROGRAM = '''
import sys
from pathlib import Path

import numpy as np
from safetensors.torch import save_file

from salus.contracts.datasets import Split
from salus.contracts.predictors import FitOptions
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.residual import ResidualNetwork
from salus.training.augmentation import Affine, GaussianNoise
from salus.training.image_estimator import ImageEstimator
from salus.training.recipes import ImageRecipe

folder, hang_after = Path(sys.argv[1]), int(sys.argv[2])


class Hanging:
    """Says when an epoch is done; after the chosen one it waits for ever."""

    done = 0

    def begin(self, label, total):
        pass

    def advance(self, steps=1, **measures):
        self.done += steps
        print(f"epoch {self.done}", flush=True)
        if self.done == hang_after:
            sys.stdin.read()

    def end(self):
        pass


def split(count, seed):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    pictures = rng.integers(0, 160, (count, 12, 12, 1)) + labels[:, None, None, None] * 60
    ids = np.array([f"{seed}-{i}" for i in range(count)])
    return Split({"image": pictures.astype(np.uint8)}, labels.astype(np.int64), ids, ids)


image = TensorSpec(name="image", datatype="UINT8", shape=(-1, -1, -1, 1), content="image",
                   title=LocalizedText("picture", "图像"))
recipe = ImageRecipe(epochs=3, members=2, input_size=12, batch_size=8, threads=1, ema_decay=0.9, mixup=0.3,
                     channels_last=True, augmentations=(Affine(rotate_deg=10), GaussianNoise()),
                     backbone={"widths": [4, 8], "blocks": [1, 1], "dropout": 0.3})
options = FitOptions(device="cpu", checkpoint_dir=folder / "checkpoints", progress=Hanging())
estimator = ImageEstimator(recipe, ResidualNetwork, image=image, classes=2, options=options)
predictor = estimator.fit(split(40, 1), split(20, 2), rng=np.random.default_rng(7))
save_file(predictor.graph_source().model.state_dict(), folder / "weights.safetensors")
'''


def start(folder: Path, hang_after: int) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(folder / "program.py"), str(folder), str(hang_after)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(folder: Path) -> dict[str, torch.Tensor]:
    with start(folder, 0) as process:
        process.communicate()
    assert process.returncode == 0
    return load_file(folder / "weights.safetensors")


def kill_after(folder: Path, epochs: int) -> None:
    """Start, wait until so many more epochs are done, and kill."""
    with start(folder, epochs) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == f"epoch {epochs}":
                break
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_a_training_that_was_killed_twice_ends_with_the_same_bits(tmp_path: Path) -> None:
    kill_after(tmp_path / "killed", 2)  # in the first network
    kill_after(tmp_path / "killed", 5)  # in the second one
    assert not (tmp_path / "killed" / "weights.safetensors").exists()
    resumed, whole = finish(tmp_path / "killed"), finish(tmp_path / "whole")
    assert resumed.keys() == whole.keys()
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)
