"""Every relative link in the documents leads to a file that is there."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.tracked import tracked_files

__all__ = ["broken_links", "findings", "link_targets"]

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def link_targets(text: str) -> Iterator[str]:
    """Yield the relative targets of a Markdown text, without anchors; fenced blocks hold examples, not links."""
    for target in LINK.findall(FENCE.sub("", text)):
        path = target.split("#")[0]
        if path and "://" not in path and not path.startswith("mailto:"):
            yield path


def broken_links(page: Path, text: str) -> list[str]:
    """Name every link of a page that leads nowhere.

    Args:
        page: Where the page lies; links are relative to its folder.
        text: Its content.

    Returns:
        One sentence per link, in the order of the page.
    """
    return [
        f"{page}: link to {target} leads nowhere"
        for target in link_targets(text)
        if not (page.parent / target).exists()
    ]


def findings(root: Path) -> list[str]:
    """Apply `broken_links` to every Markdown page."""
    return [
        line.removeprefix(f"{root}/")
        for path in tracked_files(root, "*.md")
        for line in broken_links(root / path, (root / path).read_text(encoding="utf-8"))
    ]
