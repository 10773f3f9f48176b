"""Print the page as a PDF through a Chromium that is there; none is shipped.

The browser gets the page as a file in a folder of its own, no address resolves for it, and it is stopped after a time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from entrepot.flows.publishing_errors import ChromiumMissing, PrintFailed

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Programs that are looked for, in order, unless ENTREPOT_CHROMIUM names one."""

PRINT_SECONDS_MAX = 120
"""A browser that has not printed by then is stopped."""


def find_chromium() -> str:
    """The program to print with.

    Raises:
        ChromiumMissing: There is none, or ENTREPOT_CHROMIUM names one that cannot be started.
    """
    named = os.environ.get("ENTREPOT_CHROMIUM", "")
    names = (named,) if named else CHROMIUM_NAMES
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise ChromiumMissing(names)
    return found


def print_page(page: str, chromium: str, scratch: Path) -> bytes:
    """The page as a PDF.

    Args:
        page: HTML that needs no network.
        chromium: Program of `find_chromium`.
        scratch: Folder for files on the way; they are gone afterwards.

    Raises:
        PrintFailed: The program failed, took too long, or wrote no PDF.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="print-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page, encoding="utf-8")
        try:
            done = subprocess.run(  # noqa: S603 a program of the user's own choice, without a shell
                [chromium, *_options(Path(folder, "profile"), target), source.as_uri()],
                capture_output=True,
                timeout=PRINT_SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PrintFailed(chromium, f"it was still at work after {PRINT_SECONDS_MAX} s") from error
        except OSError as error:
            raise PrintFailed(chromium, error.strerror or "it could not be started") from error
        content = target.read_bytes() if target.exists() else b""
        if not content.startswith(b"%PDF"):
            raise PrintFailed(chromium, f"it left with {done.returncode}")
        return content


def _options(profile: Path, target: Path) -> list[str]:
    options = [
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-extensions",
        "--no-first-run",
        # The page needs no network, and a report must tell nobody that it is printed.
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--no-pdf-header-footer",
        f"--user-data-dir={profile}",
        f"--print-to-pdf={target}",
    ]
    # Chromium refuses its sandbox to root, which is whom containers run as.
    return [*options, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else options
