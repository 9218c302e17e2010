from __future__ import annotations

import math

import numpy as np
import pytest

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput
from salus.explanation.evidence_map import EvidenceMapExplainer, show_positive
from salus.explanation.occlusion import OcclusionExplainer
from salus.explanation.overlay import draw_overlay
from salus.explanation.pointing import pointing_game
from salus.explanation.stretching import stretch


class _BrightCorner:
    """Its log-odds are the mean grey of the lower right quarter; its evidence is the picture itself."""

    def predict(self, batch: Batch) -> dict[str, Array]:
        pictures = batch["image"].astype(np.float32)
        height, width = pictures.shape[1] // 2, pictures.shape[2] // 2
        finding = pictures[:, height:, width:].mean(axis=(1, 2, 3)) / 50
        evidence = pictures[..., 0] - 100
        return {
            "logits": np.stack([np.zeros_like(finding), finding], axis=1),
            "evidence": np.stack([-evidence, evidence], axis=1),
        }


def _pictures(count: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 24, 20, 1), dtype=np.uint8)


def test_a_heatmap_is_the_positive_part_of_the_targets_evidence() -> None:
    pictures = _pictures()
    found = EvidenceMapExplainer().explain(_BrightCorner(), {"image": pictures}, targets=np.array([1, 0]))
    for attribution, sign, picture in zip(found, (1, -1), pictures, strict=True):
        expected = np.maximum(sign * (picture[..., 0].astype(float) - 100), 0)
        assert attribution.heatmap is not None
        assert attribution.heatmap == pytest.approx(expected / expected.max(), abs=1e-6)
        assert attribution.heatmap.dtype == np.float32
        assert attribution.contributions == ()


def test_a_map_without_positive_evidence_is_all_zero_and_a_broken_one_is_refused() -> None:
    assert (show_positive(np.array([[-1.0, 0.0]])) == 0).all()
    with pytest.raises(InvalidInput, match="finite"):
        show_positive(np.array([[np.nan, 1.0]]))


def test_a_predictor_without_evidence_or_class_is_refused() -> None:
    class Plain:
        def predict(self, batch: Batch) -> dict[str, Array]:
            return {"logits": np.zeros((len(batch["image"]), 2))}

    with pytest.raises(InvalidInput, match="'evidence'"):
        EvidenceMapExplainer().explain(Plain(), {"image": _pictures(1)}, targets=np.array([1]))
    with pytest.raises(InvalidInput, match="targets below 2"):
        EvidenceMapExplainer().explain(_BrightCorner(), {"image": _pictures(1)}, targets=np.array([5]))


def test_occlusion_finds_where_the_model_looks() -> None:
    picture = np.full((1, 24, 20, 1), 20, dtype=np.uint8)
    picture[0, 18:22, 12:16] = 250
    found = OcclusionExplainer(grid=6, most=5).explain(_BrightCorner(), {"image": picture}, targets=np.array([1]))[0]
    assert found.heatmap is not None
    assert found.heatmap.shape == (6, 6)
    mask = picture[0, ..., 0] == 250
    assert pointing_game([found.heatmap], [mask], tolerance_px=1) == 1.0
    assert found.heatmap[:2].max() == 0.0


def test_occlusion_agrees_with_covering_by_hand_and_leaves_the_picture_alone() -> None:
    pictures = _pictures(1)
    before = pictures.copy()
    batch = {"image": pictures, "age": np.array([3.0])}
    found = OcclusionExplainer(grid=4, patch=1.0).explain(_BrightCorner(), batch, targets=np.array([1]))[0]
    assert np.array_equal(pictures, before)

    def log_odds(picture: np.ndarray) -> float:
        return float(_BrightCorner().predict({"image": picture})["logits"][0, 1])

    falls = np.zeros((4, 4))
    for row in range(4):
        for column in range(4):
            covered = pictures.copy()
            covered[0, row * 6 : row * 6 + 6, column * 5 : column * 5 + 5] = round(float(pictures.mean()))
            falls[row, column] = log_odds(pictures) - log_odds(covered)
    expected = np.maximum(falls, 0) / falls.max()
    assert found.heatmap == pytest.approx(expected, abs=1e-5)
    assert found.output == pytest.approx(log_odds(pictures))


def test_occlusion_works_on_pictures_smaller_than_its_grid() -> None:
    tiny = np.arange(6, dtype=np.uint8).reshape(1, 2, 3, 1)
    found = OcclusionExplainer().explain(_BrightCorner(), {"image": tiny}, targets=np.array([1]))[0]
    assert found.heatmap is not None
    assert found.heatmap.shape == (2, 3)
    with pytest.raises(InvalidInput, match="pictures"):
        OcclusionExplainer().explain(_BrightCorner(), {"x": np.zeros(1)}, targets=np.array([1]))
    with pytest.raises(InvalidInput, match="grid"):
        OcclusionExplainer(grid=0)


def test_stretching_agrees_with_a_plain_bilinear_twin() -> None:
    heatmap = np.random.default_rng(0).random((3, 5))
    found = stretch(heatmap, 11, 7)
    for row in range(11):
        for column in range(7):
            y = min(max((row + 0.5) * 3 / 11 - 0.5, 0), 2)
            x = min(max((column + 0.5) * 5 / 7 - 0.5, 0), 4)
            top, left = math.floor(y), math.floor(x)
            bottom, right = min(top + 1, 2), min(left + 1, 4)
            upper = heatmap[top, left] * (1 - (x - left)) + heatmap[top, right] * (x - left)
            lower = heatmap[bottom, left] * (1 - (x - left)) + heatmap[bottom, right] * (x - left)
            assert found[row, column] == pytest.approx(upper * (1 - (y - top)) + lower * (y - top), abs=1e-6)
    with pytest.raises(InvalidInput):
        stretch(np.zeros((0, 2)), 3, 3)


def test_an_overlay_leaves_what_has_no_evidence_as_it_was() -> None:
    grey = _pictures(1)[0]
    heatmap = np.zeros((6, 5))
    same = draw_overlay(grey, heatmap)
    assert np.array_equal(same, np.repeat(grey, 3, axis=2))
    heatmap[1, 1] = 1.0
    marked = draw_overlay(grey, heatmap, contours=(0.5,))
    changed = np.any(marked != same, axis=2)
    assert changed[:12].any()
    assert not changed[12:].any()
    assert (marked == 255).all(axis=2).any()


def test_full_evidence_at_full_opacity_is_the_map_s_last_colour() -> None:
    colour = np.zeros((4, 4, 3), dtype=np.uint8)
    strongest = draw_overlay(colour, np.ones((2, 2)), opacity=1.0)
    assert (strongest == np.array([252, 255, 164])).all()


def test_the_colours_are_those_of_matplotlib() -> None:
    import matplotlib as mpl

    ramp = np.arange(256)[None] / 255
    drawn = draw_overlay(np.zeros((1, 256, 3), dtype=np.uint8), ramp, opacity=1.0)[0].astype(float)
    expected = mpl.colormaps["inferno"](np.arange(256))[:, :3] * 255 * (np.arange(256) / 255)[:, None]
    assert np.abs(drawn - expected).max() <= 1.0


@pytest.mark.parametrize(
    ("pixels", "heatmap", "opacity"),
    [
        (np.zeros((4, 4), np.uint8), np.zeros((2, 2)), 0.5),
        (np.zeros((4, 4, 2), np.uint8), np.zeros((2, 2)), 0.5),
        (np.zeros((4, 4, 1), np.float32), np.zeros((2, 2)), 0.5),
        (np.zeros((4, 4, 1), np.uint8), np.full((2, 2), 3.0), 0.5),
        (np.zeros((4, 4, 1), np.uint8), np.full((2, 2), np.nan), 0.5),
        (np.zeros((4, 4, 1), np.uint8), np.zeros((2, 2)), 1.5),
    ],
)
def test_an_overlay_of_what_does_not_fit_is_refused(pixels: np.ndarray, heatmap: np.ndarray, opacity: float) -> None:
    with pytest.raises(InvalidInput):
        draw_overlay(pixels, heatmap, opacity=opacity)


def test_the_pointing_game_counts_maxima_inside_the_lesion() -> None:
    mask = np.zeros((8, 8), dtype=bool)
    mask[4:6, 4:6] = True
    inside, outside, nowhere = np.zeros((8, 8)), np.zeros((8, 8)), np.zeros((8, 8))
    inside[5, 5], outside[1, 5] = 1.0, 1.0
    assert pointing_game([inside, outside, nowhere], [mask] * 3) == pytest.approx(1 / 3)
    assert pointing_game([outside], [mask], tolerance_px=2.9) == 0.0
    assert pointing_game([outside], [mask], tolerance_px=3.0) == 1.0
    for heatmaps, masks in (([inside], []), ([], []), ([inside], [np.zeros((8, 8), dtype=bool)])):
        with pytest.raises(InvalidInput):
            pointing_game(heatmaps, masks)
