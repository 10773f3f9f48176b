"""Every file under ``src/`` reaches the wheel, so that ``pip install`` gives what the work tree gives.

SQL, code lists and page templates are as much product as Python; a new suffix is easily forgotten in the build.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tools.tracked import tracked_files

__all__ = ["findings", "left_out"]

BUILD_INPUTS = ("pyproject.toml", "README.md", "LICENSE", "NOTICE")


def left_out(sources: Iterable[str], members: Iterable[str]) -> list[str]:
    """Name every source file that the wheel lacks.

    Args:
        sources: Paths below ``src/``, with forward slashes.
        members: Names inside the wheel.

    Returns:
        One sentence per missing file, sorted.
    """
    return [
        f"src/{name}: not in the wheel; see tool.setuptools.package-data"
        for name in sorted(set(sources) - set(members))
    ]


def findings(root: Path) -> list[str]:
    """Build a wheel from a copy of the tree and compare."""
    sources = tracked_files(root, "src/*")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        for path in [*sources, *map(Path, BUILD_INPUTS)]:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, copy / path)
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        subprocess.run([*build, "--wheel-dir", folder, str(copy)], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            members = archive.namelist()
    return left_out((path.relative_to("src").as_posix() for path in sources), members)
