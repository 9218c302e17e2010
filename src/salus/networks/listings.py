"""The three convolutional networks of the code listings, by name, with Grad-CAM in closed form.

Each is convolutions (3x3, valid, ReLU) and pools (2x2 maximum), y = max(0, W * x + b), then Flatten, one hidden dense
layer and one output layer. As in the listings the weights start Glorot-uniform and the biases at zero.

Evidence. Let A (channels, height, width) be the maps that Flatten reads, h = relu(W1 vec(A) + b1) and
z = W2 h + b2. Then d z_k / d A = W2_k diag(h > 0) W1 reshaped, Grad-CAM's weights are its spatial means
alpha_kc, and the map is relu(sum_c alpha_kc A_c) (Selvaraju et al., "Grad-CAM", ICCV 2017). No automatic
differentiation is needed, so the map can travel inside an ONNX graph.

A sigmoid output: with two classes the output layer is `Dense(1)` as listed, and the logits are [0, z], whose softmax
is exactly [1 - sigmoid(z), sigmoid(z)]. The evidence for class 0 is then that for -z.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FlattenedDenseCnn(nn.Module):
    """The family: convolutions, Flatten, Dense, Dense.

    Args:
        size: Height and width of the pictures in pixels, square.
        in_channels: Channels of the pictures.
        stages: For each convolution its filters, and whether a 2x2 maximum pool follows.
        hidden: Width of the hidden dense layer.
        classes: Number of classes.
        dropout: Share of hidden units left out in training; the listings have none.
    """

    def __init__(
        self,
        *,
        size: int,
        in_channels: int,
        stages: tuple[tuple[int, bool], ...],
        hidden: int,
        classes: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if classes < 2:
            raise ValueError(f"expected at least two classes; found {classes}")
        layers: list[nn.Module] = []
        width = in_channels
        side = size
        for filters, pooled in stages:
            layers += [nn.Conv2d(width, filters, 3), nn.ReLU()]
            side -= 2
            if pooled:
                layers.append(nn.MaxPool2d(2))
                side //= 2
            width = filters
        if side < 1:
            raise ValueError(f"expected pictures large enough for {len(stages)} stages; found {size} px")
        self.classes = classes
        self.features = nn.Sequential(*layers)
        self.hidden = nn.Linear(width * side * side, hidden)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, 1 if classes == 2 else classes)
        self.apply(_initialise)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Answer pictures.

        Args:
            x: FP32 (samples, channels, size, size).

        Returns:
            Logits (samples, classes) and Grad-CAM maps (samples, classes, grid, grid), not below 0.
        """
        maps = self.features(x)
        activation = torch.relu(self.hidden(maps.flatten(1)))
        z = self.output(self.dropout(activation))
        evidence = self._evidence(maps, activation)
        if self.classes == 2:
            z = torch.cat([torch.zeros_like(z), z], dim=1)
        return z, evidence

    def _evidence(self, maps: Tensor, activation: Tensor) -> Tensor:
        mask = (activation > 0).to(maps.dtype)
        mean_weights = self.hidden.weight.reshape(self.hidden.out_features, maps.shape[1], -1).mean(dim=2)
        output_weights = self.output.weight
        if self.classes == 2:
            output_weights = torch.cat([-output_weights, output_weights])
        alpha = torch.matmul(mask[:, None, :] * output_weights[None], mean_weights)
        cam = torch.matmul(alpha, maps.flatten(2))
        return torch.relu(cam).reshape(maps.shape[0], self.classes, maps.shape[2], maps.shape[3])


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class ListingCnn128(FlattenedDenseCnn):
    """128x128x3, binary: Conv32-Pool-Conv64-Pool-Conv128-Pool-Flatten-Dense128-Dense1.

    Args:
        classes: Number of classes; 2 is the listing's sigmoid.
        in_channels: Channels of the pictures.
        dropout: Share of hidden units left out in training.

    Example:
        >>> logits, evidence = ListingCnn128()(torch.zeros(1, 3, 128, 128))
        >>> logits.shape, evidence.shape
        (torch.Size([1, 2]), torch.Size([1, 2, 14, 14]))
    """

    def __init__(self, classes: int = 2, *, in_channels: int = 3, dropout: float = 0.0) -> None:
        stages = ((32, True), (64, True), (128, True))
        super().__init__(size=128, in_channels=in_channels, stages=stages, hidden=128, classes=classes, dropout=dropout)


class ListingCnn28(FlattenedDenseCnn):
    """28x28x1, ten classes: Conv32-Pool-Flatten-Dense64-Dense10.

    Args:
        classes: Number of classes.
        in_channels: Channels of the pictures.
        dropout: Share of hidden units left out in training.
    """

    def __init__(self, classes: int = 10, *, in_channels: int = 1, dropout: float = 0.0) -> None:
        super().__init__(
            size=28, in_channels=in_channels, stages=((32, True),), hidden=64, classes=classes, dropout=dropout
        )


class ListingCnn28Deep(FlattenedDenseCnn):
    """28x28x1, ten classes: Conv32-Pool-Conv64-Pool-Conv64-Flatten-Dense64-Dense10.

    Args:
        classes: Number of classes.
        in_channels: Channels of the pictures.
        dropout: Share of hidden units left out in training.
    """

    def __init__(self, classes: int = 10, *, in_channels: int = 1, dropout: float = 0.0) -> None:
        stages = ((32, True), (64, True), (64, False))
        super().__init__(size=28, in_channels=in_channels, stages=stages, hidden=64, classes=classes, dropout=dropout)
