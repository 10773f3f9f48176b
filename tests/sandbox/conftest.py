from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.sandbox import World, WrittenFile, build_world, write_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(7, 2_500)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("company")


@pytest.fixture(scope="session")
def written(world: World, company: Path) -> list[WrittenFile]:
    return write_files(world, company)
