"""Residual networks with a pooled head and class activation maps.

He et al., "Deep residual learning for image recognition", CVPR 2016. A block answers relu(F(x) + S(x)) where
F = norm(conv3x3(relu(norm(conv3x3(x))))) and S is the identity, or norm(conv1x1(x)) where the shape changes.

Head and evidence. With A (channels, height, width) the last maps and W, b the last layer, centred over the classes
(W'_k = W_k - mean_k W_k, which leaves softmax as it is): cam_k = sum_c W'_kc A_c, and
logit_k = mean_hw cam_k + b'_k (Zhou et al., "Learning deep features for discriminative localization", CVPR 2016).
So a map is the logit, spread over the picture; with two classes the two maps are each other's negative.

Where a cell of a map stands. A 3x3 convolution of stride 2 with one pixel of padding looks at the even pixels, so with
each halving a cell's centre moves half a pixel up and left of where stretching the map puts it: 1.5 px after two of
them, 15.5 px in ResNet-18 at 224 px. With `downsampling="pool"` (2x2 means first, at the same cost)
cells and pixels agree, and small shifts of a picture change less (Zhang, "Making convolutional networks shift-invariant
again", ICML 2019). `stride` is the paper's, and what pretrained weights want.

Parameters are named as torchvision names them (`conv1`, `bn1`, `layer1.0.conv1`, ..., `fc`), so that a file of its
ResNet-18 weights can be loaded with `networks.pretrained`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

Norm = Literal["batch", "group"]
Downsampling = Literal["pool", "stride"]


def _norm_layer(norm: Norm) -> Callable[[int], nn.Module]:
    if norm not in {"batch", "group"}:
        raise ValueError(f"expected the norm batch or group; found {norm!r}")
    if norm == "batch":
        return nn.BatchNorm2d
    return lambda width: nn.GroupNorm(_largest_divisor(width, at_most=16), width)


def _largest_divisor(width: int, *, at_most: int) -> int:
    return next(count for count in range(at_most, 0, -1) if width % count == 0)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a way around them.

    Args:
        in_width: Channels in.
        width: Channels out.
        stride: Of the first convolution, in pixels.
        norm: `batch`, or `group` (Wu and He, ECCV 2018) which does not depend on the batch.
        inner_kernel: Size of the second convolution in pixels: 3, or 1 for a small receptive field.
        downsampling: How a stride of 2 is taken: by means of 2x2 pixels, or by the convolutions.
    """

    def __init__(
        self,
        in_width: int,
        width: int,
        *,
        stride: int,
        norm: Norm,
        inner_kernel: int = 3,
        downsampling: Downsampling = "stride",
    ) -> None:
        super().__init__()
        make = _norm_layer(norm)
        self.pool: nn.Module = nn.Identity()
        wider = stride != 1 or in_width != width
        if downsampling == "pool" and stride != 1:
            self.pool, stride = nn.AvgPool2d(stride), 1
        self.conv1 = nn.Conv2d(in_width, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = make(width)
        self.conv2 = nn.Conv2d(width, width, inner_kernel, padding=inner_kernel // 2, bias=False)
        self.bn2 = make(width)
        self.downsample: nn.Module = nn.Identity()
        if wider:
            self.downsample = nn.Sequential(nn.Conv2d(in_width, width, 1, stride=stride, bias=False), make(width))

    def forward(self, x: Tensor) -> Tensor:
        """(samples, in_width, h, w) to (samples, width, h / stride, w / stride)."""
        x = self.pool(x)
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ResidualNetwork(nn.Module):
    """A residual network for pictures of 28 to 256 px.

    Args:
        classes: Number of classes, at least two.
        in_channels: Channels of the pictures.
        widths: Channels of each stage; each stage after the first halves height and width.
        blocks: Blocks in each stage; as many as `widths`.
        stem_kernel: Size of the first convolution in pixels: odd; with a stride of 2 and `pool` even, so that it is
            aligned too.
        stem_stride: Its stride.
        downsampling: `pool`, with which maps and pictures are aligned, or the paper's `stride`.
        stem_pool: Whether a 3x3 maximum pool of stride 2 follows it.
        dropout: Share of pooled features left out in training.
        norm: `batch` or `group`.
        inner_kernel: Size of each block's second convolution: 3, or 1, with which the head averages the votes of small
            patches (Brendel and Bethge, "Approximating CNNs with bag-of-local-features models", ICLR 2019).

    Raises:
        ValueError: Fewer than two classes, a stem that cannot be aligned, an unknown norm, another inner kernel, or
            widths and blocks that differ in number.

    Example:
        >>> logits, evidence = ResidualNetwork(2, widths=(8, 16), blocks=(1, 1))(torch.zeros(3, 1, 28, 28))
        >>> logits.shape, evidence.shape
        (torch.Size([3, 2]), torch.Size([3, 2, 14, 14]))
    """

    def __init__(
        self,
        classes: int,
        *,
        in_channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128),
        blocks: tuple[int, ...] = (2, 2, 2),
        stem_kernel: int = 3,
        stem_stride: int = 1,
        stem_pool: bool = False,
        dropout: float = 0.0,
        norm: Norm = "batch",
        inner_kernel: int = 3,
        downsampling: Downsampling = "pool",
    ) -> None:
        super().__init__()
        if inner_kernel not in {1, 3} or downsampling not in {"pool", "stride"}:
            raise ValueError(
                "expected an inner kernel of 1 or 3 and downsampling by pool or stride; "
                f"found {inner_kernel} and {downsampling!r}"
            )
        if classes < 2 or len(widths) != len(blocks) or not widths:
            raise ValueError(
                "expected two or more classes and as many blocks as widths; found "
                f"{classes} classes, {len(widths)} widths, {len(blocks)} blocks"
            )
        aligned = downsampling == "pool" and stem_stride > 1
        if (stem_kernel - (stem_stride if aligned else 1)) % 2:
            raise ValueError(
                "expected a stem that is odd, or even with a stride of 2 and downsampling by pool; "
                f"found {stem_kernel} with a stride of {stem_stride}"
            )
        padding = (stem_kernel - stem_stride) // 2 if aligned else stem_kernel // 2
        self.conv1 = nn.Conv2d(in_channels, widths[0], stem_kernel, stride=stem_stride, padding=padding, bias=False)
        self.bn1 = _norm_layer(norm)(widths[0])
        self.maxpool: nn.Module = nn.MaxPool2d(3, stride=2, padding=1) if stem_pool else nn.Identity()
        self.stages = len(widths)
        in_width = widths[0]
        for index, (width, count) in enumerate(zip(widths, blocks, strict=True), start=1):
            stage = []
            for position in range(count):
                stride = 2 if index > 1 and position == 0 else 1
                stage.append(
                    ResidualBlock(
                        in_width,
                        width,
                        stride=stride,
                        norm=norm,
                        inner_kernel=inner_kernel,
                        downsampling=downsampling,
                    )
                )
                in_width = width
            self.add_module(f"layer{index}", nn.Sequential(*stage))
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(in_width, classes)
        self.apply(_initialise)

    @classmethod
    def resnet18(
        cls, classes: int, *, in_channels: int = 3, small: bool = False, dropout: float = 0.0
    ) -> ResidualNetwork:
        """ResNet-18: widths 64, 128, 256, 512 with two blocks each.

        Args:
            classes: Number of classes.
            in_channels: Channels of the pictures.
            small: False has the paper's stem (7x7, stride 2, pool) for pictures of about 224 px; True has a 3x3 stem
                of stride 1 without pool, for about 28 to 64 px.
            dropout: Share of pooled features left out in training.
        """
        return cls(
            classes,
            in_channels=in_channels,
            widths=(64, 128, 256, 512),
            blocks=(2, 2, 2, 2),
            stem_kernel=3 if small else 7,
            stem_stride=1 if small else 2,
            stem_pool=not small,
            dropout=dropout,
            downsampling="stride",
        )

    def feature_maps(self, x: Tensor) -> Tensor:
        """The last maps: (samples, channels, height, width) to (samples, widths[-1], grid height, grid width)."""
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for index in range(1, self.stages + 1):
            x = self.get_submodule(f"layer{index}")(x)
        return x

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Answer pictures.

        Args:
            x: FP32 (samples, channels, height, width).

        Returns:
            Logits (samples, classes), which sum to 0, and class activation maps (samples, classes, grid height,
            grid width). In evaluation mode a map's mean plus the centred bias is its logit.
        """
        maps = self.feature_maps(x)
        weight = self.fc.weight - self.fc.weight.mean(dim=0, keepdim=True)
        bias = self.fc.bias - self.fc.bias.mean()
        pooled = self.dropout(maps.mean(dim=(2, 3)))
        logits = torch.matmul(pooled, weight.T) + bias
        evidence = torch.matmul(weight, maps.flatten(2)).reshape(maps.shape[0], -1, maps.shape[2], maps.shape[3])
        return logits, evidence


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
