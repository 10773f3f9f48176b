"""Reference pages that follow from the code are what the code says now."""

from pathlib import Path

import pytest

from tools import reference_pages


def test_committed_pages_are_what_the_code_says() -> None:
    assert reference_pages.main(["--check"]) == 0


def test_a_stale_page_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_pages, "FOLDER", tmp_path)
    assert reference_pages.main([]) == 0
    assert reference_pages.main(["--check"]) == 0
    (tmp_path / "tables.md").write_text("# Tables\n", encoding="utf-8")
    assert reference_pages.main(["--check"]) == 1
