"""One backbone asked about several views of the same picture, answered by the mean.

logits(x) = mean_v f(v(x)), the views v being the picture, its mirror image, and central cut-outs of it, magnified to
full size (test-time augmentation; Krizhevsky et al., NeurIPS 2012, section 4.1). Each view's evidence is put back to
where it was seen: mirrored back, and shrunk into the central part of the grid. What lies outside a cut-out has no
evidence from it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ViewAveraging(nn.Module):
    """A backbone that looks several times.

    Args:
        backbone: Answers `(logits, evidence)` for pictures of one size.
        zooms: Side of each central cut-out as a share of the picture's side, above 0 and at most 1; 1 is the whole.
        mirror: Whether each view is also seen mirrored left for right.
        upside_down: Whether each view is also seen mirrored top for bottom. With both, a network's habit of looking to
            one side of what it finds cancels out, and the maps point to its middle.

    Raises:
        ValueError: No zoom, or one out of range.

    Example:
        >>> from salus.networks.residual import ResidualNetwork
        >>> views = ViewAveraging(ResidualNetwork(2, widths=(8,), blocks=(1,)).eval(), zooms=(1.0, 0.75), mirror=True)
        >>> logits, evidence = views(torch.zeros(2, 1, 28, 28))
        >>> logits.shape, evidence.shape
        (torch.Size([2, 2]), torch.Size([2, 2, 28, 28]))
    """

    def __init__(
        self, backbone: nn.Module, *, zooms: tuple[float, ...] = (1.0,), mirror: bool = False, upside_down: bool = False
    ) -> None:
        super().__init__()
        if not zooms or min(zooms) <= 0 or max(zooms) > 1:
            raise ValueError(f"expected zooms above 0 and at most 1; found {zooms}")
        self.backbone = backbone
        self.zooms = tuple(zooms)
        across: list[list[int]] = [[], [3]] if mirror else [[]]
        self.flips = [[*down, *flipped] for down in ([[], [2]] if upside_down else [[]]) for flipped in across]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Answer pictures (samples, channels, height, width) as the backbone does."""
        shown = [(zoom, axes) for zoom in self.zooms for axes in self.flips]
        views = torch.cat([_flip(_cut_out(x, zoom), axes) for zoom, axes in shown])
        logits, evidence = self.backbone(views)  # one pass over all views, so that the graph holds one backbone
        per_view = evidence.reshape(len(shown), -1, *evidence.shape[1:])
        maps = [_put_back(_flip(per_view[index], axes), zoom) for index, (zoom, axes) in enumerate(shown)]
        mean = logits.reshape(len(shown), -1, logits.shape[1]).mean(dim=0)
        return mean, torch.stack(maps).mean(dim=0)


def _flip(x: Tensor, axes: list[int]) -> Tensor:
    return x.flip(axes) if axes else x


def _margin(side: int, zoom: float) -> int:
    """Pixels left out at either end of a side, so that about `zoom` of it stays."""
    return round(side * (1 - zoom) / 2)


def _cut_out(x: Tensor, zoom: float) -> Tensor:
    height, width = int(x.shape[2]), int(x.shape[3])
    top, left = _margin(height, zoom), _margin(width, zoom)
    if not (top or left):
        return x
    inner = x[:, :, top : height - top, left : width - left]
    return functional.interpolate(inner, size=(height, width), mode="bilinear", align_corners=False)


def _put_back(evidence: Tensor, zoom: float) -> Tensor:
    height, width = int(evidence.shape[2]), int(evidence.shape[3])
    top, left = _margin(height, zoom), _margin(width, zoom)
    if not (top or left):
        return evidence
    inner = functional.interpolate(
        evidence, size=(height - 2 * top, width - 2 * left), mode="bilinear", align_corners=False
    )
    return functional.pad(inner, (left, left, top, top))
