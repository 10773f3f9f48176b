"""What can go wrong in the terminal itself."""

from __future__ import annotations

from entrepot.errors import Invalid


class WrongUsage(Invalid):
    """An option, argument or command that is not there, is missing, or has a value that is not known."""

    code = "cli.wrong_usage"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.problem.rstrip('.')}; `--help` behind the command names what there is"


class PathUnusable(Invalid):
    """A file or folder that cannot be read or written."""

    code = "cli.path_unusable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}; check the path and its permissions"
