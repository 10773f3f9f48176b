"""A link that leads nowhere is named."""

from pathlib import Path

from tools.docs_links import broken_links


def test_links_to_files_anchors_and_sites_pass(tmp_path: Path) -> None:
    (tmp_path / "other.md").touch()
    text = "[a](other.md) [b](other.md#part) [c](#here) [d](https://example.org/x)\n```\n[e](in-an-example.md)\n```\n"
    assert broken_links(tmp_path / "page.md", text) == []


def test_a_link_to_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    assert broken_links(page, "[a](gone.md#part)") == [f"{page}: link to gone.md leads nowhere"]
