"""A backbone that looks several times answers the mean of what it sees, and points to where it was seen."""

from __future__ import annotations

import pytest
import torch

from salus.networks.residual import ResidualNetwork
from salus.networks.view_averaging import ViewAveraging


@pytest.fixture
def backbone() -> ResidualNetwork:
    torch.manual_seed(0)
    return ResidualNetwork(2, widths=(8, 16), blocks=(1, 1)).eval()


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(1))


def test_one_whole_view_is_the_backbone_itself(backbone: ResidualNetwork, pictures: torch.Tensor) -> None:
    views = ViewAveraging(backbone)
    for ours, theirs in zip(views(pictures), backbone(pictures), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_mirrored_picture_gets_the_same_logits_and_the_mirrored_evidence(
    backbone: ResidualNetwork, pictures: torch.Tensor
) -> None:
    views = ViewAveraging(backbone, zooms=(1.0, 0.8), mirror=True)
    logits, evidence = views(pictures)
    mirrored_logits, mirrored_evidence = views(pictures.flip(3))
    torch.testing.assert_close(logits, mirrored_logits)
    torch.testing.assert_close(evidence, mirrored_evidence.flip(3))


def test_the_answer_is_the_mean_over_the_views(backbone: ResidualNetwork, pictures: torch.Tensor) -> None:
    logits, _ = ViewAveraging(backbone, zooms=(1.0, 0.75))(pictures)
    inner = torch.nn.functional.interpolate(
        pictures[:, :, 4:24, 4:24], size=(28, 28), mode="bilinear", align_corners=False
    )
    expected = [(backbone(pictures)[0][i] + backbone(inner)[0][i]) / 2 for i in range(3)]
    torch.testing.assert_close(logits, torch.stack(expected))


def test_evidence_of_a_cut_out_stays_inside_it(backbone: ResidualNetwork, pictures: torch.Tensor) -> None:
    _, evidence = ViewAveraging(backbone, zooms=(0.5,))(pictures)
    assert evidence.shape[2:] == (14, 14)
    assert torch.count_nonzero(evidence[:, :, :3]) == 0
    assert torch.count_nonzero(evidence[:, :, 5:9, 5:9]) > 0


@pytest.mark.parametrize("zooms", [(), (0.0,), (1.2,)])
def test_a_zoom_out_of_range_is_refused(backbone: ResidualNetwork, zooms: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="expected zooms"):
        ViewAveraging(backbone, zooms=zooms)
