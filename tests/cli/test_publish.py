"""Reports that people hand on, by command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def home(small_home: Path) -> Path:
    return small_home


def test_a_workbook_is_written_where_the_command_says_and_its_digest_is_printed(
    run: Callable[..., Any], home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "september.xlsx"
    answer = run(
        "report", "workbook", "--home", home, "--out", target, "--month", "2026-09", "--lang", "both", "--json"
    )
    assert answer.code == 0
    told = json.loads(answer.out)
    assert told["path"] == str(target)
    assert told["byte_count"] == target.stat().st_size
    assert len(told["sha256"]) == 64


def test_a_days_figures_are_printed_for_people_and_for_programs(run: Callable[..., Any], home: Path) -> None:
    people = run("report", "daily", "--home", home, "--day", "2026-09-15", "--lang", "zh")
    assert people.out.startswith("2026-09-15 经营日报\n")
    told = json.loads(run("report", "daily", "--home", home, "--day", "2026-09-15", "--json").out)
    assert told["day"] == "2026-09-15"
    assert told["sent"] == []
    assert "key" not in told


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("daily", "--day", "15.9.2026"), 2, "days are written 2026-09-30"),
        (("daily", "--again"), 2, "--again needs --send"),
        (("daily", "--day", "2020-01-01"), 1, "2020-01-01 is outside"),
        (("daily", "--send"), 1, "has no [[notify]]"),
        (("workbook", "--month", "2020-01"), 1, "no revenue or cost in 2020-01"),
    ],
)
def test_what_cannot_be_told_or_sent_is_refused(
    run: Callable[..., Any], home: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    answer = run("report", *arguments, "--home", home)
    assert answer.code == code
    assert says in " ".join(answer.err.replace("│", " ").split())


def test_a_target_that_is_not_there_leaves_with_try_again_later(run: Callable[..., Any], home: Path) -> None:
    settings = home / "cell.toml"
    before = settings.read_text(encoding="utf-8")
    target = '\n[[notify]]\nkind = "slack"\nname = "sales"\nregion = "CN"\nurl = "http://127.0.0.1:9/token"\n'
    settings.write_text(before + target, encoding="utf-8")
    try:
        answer = run("report", "daily", "--home", home, "--day", "2026-09-15", "--send")
    finally:
        settings.write_text(before, encoding="utf-8")
    assert answer.code == 75
    assert "sales: failed" in answer.err
    assert "sales could not be reached: no connection" in " ".join(answer.err.split())
    assert "token" not in answer.out + answer.err
