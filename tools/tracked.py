"""Which files belong to the project: tracked by git, or new and not ignored.

Needs a git work tree; a source archive has nothing to check.
"""

import subprocess
from pathlib import Path

__all__ = ["tracked_files"]


def tracked_files(root: Path, *patterns: str) -> list[Path]:
    """List the project's files.

    Args:
        root: Top of the work tree.
        patterns: Git path patterns such as ``*.py``; none means every file.

    Returns:
        Paths relative to `root`, sorted; files deleted but still tracked are left out.
    """
    # A clone may belong to another user than the one who runs the checks (root in a container): git then wants to
    # be told that this is meant.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run([*command, "--", *patterns], cwd=root, check=True, capture_output=True)
    names = sorted(set(answer.stdout.decode().split("\0")) - {""})
    return [Path(name) for name in names if (root / name).is_file()]
