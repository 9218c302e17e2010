"""A picture in, logits and evidence out: what is trained, exported and served."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from salus.networks.preprocessing import ImagePreprocessing


class ImageClassifier(nn.Module):
    """Preprocessing and a backbone as one module.

    Args:
        preprocessing: From pictures of any size to the backbone's input.
        backbone: Answers `(logits, evidence)` for what the preprocessing makes.

    Example:
        >>> import torch
        >>> from salus.networks.residual import ResidualNetwork
        >>> preprocessing = ImagePreprocessing((28, 28), in_channels=1, channels=1)
        >>> model = ImageClassifier(preprocessing, ResidualNetwork(2, widths=(8,), blocks=(1,))).eval()
        >>> logits, evidence = model(torch.zeros(1, 200, 300, 1, dtype=torch.uint8))
        >>> logits.shape, evidence.shape
        (torch.Size([1, 2]), torch.Size([1, 2, 28, 28]))
    """

    def __init__(self, preprocessing: ImagePreprocessing, backbone: nn.Module) -> None:
        super().__init__()
        self.preprocessing = preprocessing
        self.backbone = backbone

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Answer pictures.

        Args:
            image: UINT8 (samples, height, width, channels).

        Returns:
            Logits, FP32 (samples, classes), and evidence, FP32 (samples, classes, grid height, grid width).
        """
        return cast("tuple[Tensor, Tensor]", self.backbone(self.preprocessing(image)))
