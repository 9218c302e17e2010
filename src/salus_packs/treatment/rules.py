"""Contraindications that the recorded inputs can decide: a table with reason and source."""

from __future__ import annotations

from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Contraindication

HORMONE_RULES = (
    Contraindication(
        name="oestrogen_receptor_negative",
        option="tamoxifen",
        input="er",
        comparison="<",
        value=10.0,
        reason=LocalizedText(
            "Oestrogen-receptor-poor tumour (below 10 fmol/mg): the trials together show no benefit of tamoxifen, "
            "whatever the progesterone receptor.",
            "雌激素受体低表达肿瘤（低于 10 fmol/mg）：各试验汇总未见他莫昔芬获益，与孕激素受体水平无关。",
        ),
        source="Early Breast Cancer Trialists' Collaborative Group. Lancet 378:771-784 (2011), "
        "doi:10.1016/S0140-6736(11)60993-8",
    ),
)
