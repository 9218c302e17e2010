import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from salus.contracts.classification import Classification, ClassLabel
from salus.contracts.reports import Interval, Measure
from salus.contracts.tasks import Goal
from salus.contracts.text import LANGUAGES, Language, LocalizedText
from salus.modelpackage import card_words
from salus.modelpackage.card import make_card
from salus.modelpackage.card_words import describe_rule
from salus.modelpackage.specimen import SPECIMEN_CALIBRATION, make_specimen_draft
from salus.modelpackage.writing import PackageDraft, write_package


def card(draft: PackageDraft, language: Language, tmp_path: Path) -> str:
    manifest = write_package(draft, tmp_path / f"p-{language}", signer=None).manifest
    return make_card(
        manifest, reports=draft.reports, calibration=draft.calibration, quality=draft.quality, language=language
    )


def rich_draft() -> PackageDraft:
    """A draft with a test part, subgroups, a threshold rule in figures, citations, overrides and an int8 variant."""
    draft = make_specimen_draft()
    test = msgspec.structs.replace(
        draft.reports[0],
        part="test",
        samples=40,
        measures=(
            Measure(name="auroc", value=0.9734, interval=Interval(0.951, 0.988), samples=40),
            Measure(name="sensitivity", value=0.934, interval=Interval(0.88, 0.97), samples=40),
            Measure(name="specificity", value=0.881, interval=Interval(0.81, 0.93), samples=40),
            Measure(name="ppv", value=0.72, interval=Interval(0.6, 0.8), samples=40),
            Measure(name="odd|name", value=0.5, interval=None, samples=40),
            Measure(name="auroc", value=0.91, interval=Interval(0.8, 0.99), samples=11, subgroup="sex=F"),
        ),
        confusion=((26, 4), (1, 9)),
    )
    source = msgspec.structs.replace(
        draft.lineage.dataset, url="https://example.org/set", citation="A.\nAuthor, 2020", synthetic=False
    )
    lineage = msgspec.structs.replace(draft.lineage, dataset=source, allowed_findings=("leak.near_duplicate",))
    calibration = msgspec.structs.replace(SPECIMEN_CALIBRATION, threshold_rule="sensitivity>=0.95")
    task = msgspec.structs.replace(
        draft.task,
        demonstration=False,
        goals=(Goal(measure="auroc", at_least=0.97), Goal(measure="ece", at_most=0.05, subgroup="sex=F")),
    )
    int8 = replace(
        draft.variants[0], name="int8", precision="INT8", measure="auroc", loss=0.0012, within_tolerance=False
    )
    return replace(
        draft,
        reports=(*draft.reports, test),
        lineage=lineage,
        calibration=calibration,
        task=task,
        variants=(*draft.variants, int8),
    )


@pytest.mark.parametrize("draft", [make_specimen_draft(), rich_draft()], ids=["specimen", "rich"])
def test_both_languages_have_the_same_sections_tables_and_figures(draft: PackageDraft, tmp_path: Path) -> None:
    english, chinese = (card(draft, language, tmp_path) for language in LANGUAGES)

    def skeleton(text: str) -> list[str]:
        return [re.match(r"#+|\||-|>|```|$|", line)[0] for line in text.splitlines()]  # type: ignore[index]  # matches all

    def figures(text: str) -> list[str]:
        spoken = text.replace("F1", "").replace("n %", "n%")
        return sorted(re.findall(r"\d+(?:\.\d+)?", spoken))

    assert skeleton(english) == skeleton(chinese)
    assert figures(english) == figures(chinese)


def test_a_demonstration_is_said_at_the_top_and_only_there_where_it_is_one(tmp_path: Path) -> None:
    assert "**Demonstration.**" in card(make_specimen_draft(), "en", tmp_path).splitlines()[4]
    assert "**演示模型。**" in card(make_specimen_draft(), "zh", tmp_path).splitlines()[4]
    assert "Demonstration" not in card(rich_draft(), "en", tmp_path / "rich")


def test_the_test_part_comes_first_and_its_absence_is_said(tmp_path: Path) -> None:
    text = card(rich_draft(), "en", tmp_path)
    assert text.index("### test part") < text.index("### validation part")
    assert "read once" in text
    assert "No test part was at hand" in card(make_specimen_draft(), "en", tmp_path / "specimen")


def test_figures_come_from_the_records(tmp_path: Path) -> None:
    text = card(rich_draft(), "en", tmp_path)
    assert "| AUROC (area under the ROC curve) | 0.973 | 0.951 to 0.988 (95 %) | 40 |" in text
    assert "| sex=F | AUROC (area under the ROC curve) | 0.910 | 0.800 to 0.990 (95 %) | 11 |" in text
    assert "of 100 samples with “the first is larger”, about 93 are called and 7 are missed" in text
    assert "of 100 samples that are called, about 72 have it and 28 do not" in text
    assert "where about 25 of 100 samples have it" in text
    assert "the highest threshold with a sensitivity of at least 0.95" in text
    assert "| odd\\|name | 0.500 | – | 40 |" in text
    assert "| sex=F | upper bound at most 0.05 |" in text
    assert "Overridden by the builder: `leak.near_duplicate`." in text
    assert "| `int8` | INT8 | 0.9 KiB | 0 | 0.0012 | 0.0000 to 0.0000 | no |" in text
    assert "Citation: A. Author, 2020" in text


def test_the_chinese_card_uses_the_field_s_terms(tmp_path: Path) -> None:
    text = card(rich_draft(), "zh", tmp_path)
    for term in ("灵敏度", "特异度", "校准", "弃答", "预测集", "模型包", "阳性预测值", "工作点", "预期用途"):
        assert term in text


def test_a_task_of_many_classes_has_no_threshold_in_its_card(tmp_path: Path) -> None:
    draft = make_specimen_draft()
    third = ClassLabel(name="equal", title=LocalizedText("equal", "相等"))
    task = msgspec.structs.replace(draft.task, question=Classification(classes=(*draft.task.classes, third)), goals=())
    quality = msgspec.structs.replace(draft.quality, findings=())
    calibration = msgspec.structs.replace(SPECIMEN_CALIBRATION, threshold=None, threshold_rule=None)
    text = card(replace(draft, task=task, calibration=calibration, quality=quality), "en", tmp_path)
    assert "The most probable class is called." in text
    assert "The task names none." in text
    assert "The finding is" not in text


def test_reports_without_an_operating_point_are_said_to_have_none(tmp_path: Path) -> None:
    draft = make_specimen_draft()
    report = msgspec.structs.replace(draft.reports[0], measures=draft.reports[0].measures[:1])
    text = card(replace(draft, reports=(report,)), "en", tmp_path)
    assert "No report holds sensitivity and specificity." in text


def test_a_rule_that_is_not_known_is_quoted() -> None:
    assert describe_rule("by hand", "en") == "`by hand`"
    assert describe_rule("youden", "zh").startswith("使灵敏度与特异度之和最大")
    assert "0.95" in describe_rule("specificity>=0.95", "zh")


def tables() -> list[dict[str, Any]]:
    return [value for name, value in vars(card_words).items() if name.isupper()]


def test_every_text_has_the_same_blanks_and_columns_in_both_languages() -> None:
    texts = [text for table in tables() for text in table.values()]
    assert len(texts) > 80
    for text in texts:
        assert sorted(re.findall(r"{\w+}", text.en)) == sorted(re.findall(r"{\w+}", text.zh)), text.en
        assert text.en.count("|") == text.zh.count("|")
        assert "!" not in text.en + text.zh
        assert "！" not in text.zh
