"""Run a command as a person does: arguments in, exit code and both streams out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from entrepot.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run `entrepot` with arguments."""

    def command(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["entrepot", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        streams = capsys.readouterr()
        return Answer(int(left.value.code or 0), streams.out, streams.err)

    return command
