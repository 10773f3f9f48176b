"""Run every check of ours: ``python -m tools.run_all``; exits 1 when one has findings."""

import sys
from pathlib import Path

from tools import docs_complete, docs_links, file_sizes, wheel_complete, words

CHECKS = (file_sizes, words, docs_links, docs_complete, wheel_complete)


def main(root: Path) -> int:
    """Print each check's findings.

    Args:
        root: Top of the work tree.

    Returns:
        0 when nothing was found, else 1.
    """
    total = 0
    for check in CHECKS:
        found = check.findings(root)
        total += len(found)
        print(f"{check.__name__}: {f'{len(found)} findings' if found else 'ok'}")
        for line in found:
            print(f"  {line}")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
