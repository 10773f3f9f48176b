"""The checks look at what belongs to the project and at nothing else."""

import subprocess
from pathlib import Path

from tools.tracked import tracked_files


def test_new_files_count_and_ignored_or_deleted_ones_do_not(tmp_path: Path) -> None:
    for name in ("kept.py", "deleted.py", "new.py", "page.md", "build.py"):
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text("build.py\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "kept.py", "deleted.py"], cwd=tmp_path, check=True)
    (tmp_path / "deleted.py").unlink()
    assert tracked_files(tmp_path, "*.py") == [Path("kept.py"), Path("new.py")]
    assert Path("page.md") in tracked_files(tmp_path)
