from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Exportable, Predictor
from salus.networks.ensemble import AveragingEnsemble
from salus.networks.image_classifier import ImageClassifier
from salus.networks.predictor import TorchPredictor
from salus.networks.preprocessing import ImagePreprocessing
from salus.networks.pretrained import load_pretrained
from salus.networks.residual import ResidualNetwork


def small(classes: int = 2, channels: int = 1, seed: int = 0) -> ResidualNetwork:
    torch.manual_seed(seed)
    return ResidualNetwork(classes, in_channels=channels, widths=(4, 6), blocks=(1, 1), dropout=0.5)


def predictor() -> TorchPredictor:
    model = ImageClassifier(ImagePreprocessing((20, 20), in_channels=1, channels=1), small())
    return TorchPredictor(model, input_names=("image",), outputs=("logits", "evidence"))


def test_a_torch_predictor_keeps_the_promises_of_predictor_and_exportable() -> None:
    subject = predictor()
    assert isinstance(subject, Predictor)
    assert isinstance(subject, Exportable)
    source = subject.graph_source()
    assert source.framework == "torch"
    assert source.outputs == ("logits", "evidence")
    assert isinstance(source.model, nn.Module)
    assert not source.model.training


def test_prediction_is_the_same_alone_and_among_others_and_keeps_no_gradients() -> None:
    subject = predictor()
    pictures = np.random.default_rng(0).integers(0, 256, (5, 33, 47, 1), dtype=np.uint8)
    together = subject.predict({"image": pictures})
    alone = subject.predict({"image": pictures[2:3]})
    assert together["logits"].dtype == np.float32
    assert together["evidence"].shape == (5, 2, 10, 10)
    np.testing.assert_allclose(alone["logits"][0], together["logits"][2], atol=1e-6)
    np.testing.assert_array_equal(subject.predict({"image": pictures})["logits"], together["logits"])


def test_a_batch_without_an_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="without image"):
        predictor().predict({"picture": np.zeros((1, 4, 4, 1), np.uint8)})


def test_a_module_of_one_output_needs_no_tuple() -> None:
    subject = TorchPredictor(nn.Linear(2, 3), input_names=("x",))
    assert subject.predict({"x": np.ones((4, 2), np.float32)})["logits"].shape == (4, 3)


def test_an_ensemble_is_the_mean_of_its_members_and_its_maps_still_add_up() -> None:
    members = [small(seed=seed).eval() for seed in range(3)]
    x = torch.randn(2, 1, 20, 20)
    logits, evidence = AveragingEnsemble(members)(x)
    answers: list[tuple[Tensor, Tensor]] = [member(x) for member in members]
    expected = np.mean([answer[0].detach().numpy() for answer in answers], axis=0)
    np.testing.assert_allclose(logits.detach().numpy(), expected, atol=1e-6)
    bias = torch.stack([member.fc.bias - member.fc.bias.mean() for member in members]).mean(dim=0)
    torch.testing.assert_close(evidence.mean(dim=(2, 3)) + bias, logits, atol=1e-5, rtol=1e-5)
    with pytest.raises(ValueError, match="at least one member"):
        AveragingEnsemble([])


def test_pretrained_weights_are_loaded_but_for_the_head(tmp_path: Path) -> None:
    source, target = small(7, seed=1), small(2, seed=2)
    head = target.fc.weight.detach().clone()
    save_file({k: v for k, v in source.state_dict().items() if "num_batches" not in k}, tmp_path / "w.safetensors")
    digest = load_pretrained(target, tmp_path / "w.safetensors")
    assert len(digest) == 64
    torch.testing.assert_close(target.conv1.weight, source.conv1.weight)
    torch.testing.assert_close(target.fc.weight, head)


def test_colour_weights_serve_a_grey_network_by_their_sum(tmp_path: Path) -> None:
    source, target = small(2, channels=3), small(2, channels=1)
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    load_pretrained(target, tmp_path / "w.safetensors")
    grey = torch.randn(1, 1, 20, 20)
    torch.testing.assert_close(target.conv1(grey), source.conv1(grey.expand(-1, 3, -1, -1)), atol=1e-5, rtol=1e-5)


def test_weights_of_another_network_or_no_weights_at_all_are_refused(tmp_path: Path) -> None:
    save_file(ResidualNetwork(2, widths=(4, 8), blocks=(1, 1)).state_dict(), tmp_path / "other.safetensors")
    with pytest.raises(InvalidInput, match="of another shape"):
        load_pretrained(small(), tmp_path / "other.safetensors")
    (tmp_path / "text.safetensors").write_text("no weights")
    with pytest.raises(InvalidInput, match="safetensors"):
        load_pretrained(small(), tmp_path / "text.safetensors")
