from importlib import resources
from pathlib import Path

import pytest

from entrepot.engine.dialect.__main__ import main


def test_a_clean_file_is_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "good.sql"
    file.write_text("select a from t", encoding="utf-8")
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == ""
    assert main(["--strict", str(file)]) == 1


def test_each_violation_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.sql"
    file.write_text("select a / 2 as x,\n  sum(b) as y\nfrom t", encoding="utf-8")
    assert main([str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[:2] for line in lines] == [[f"{file}:1", "division"], [f"{file}:2", "sum"]]


def test_macro_definitions_are_linted_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with resources.as_file(resources.files("entrepot.engine.dialect").joinpath("macros.sql")) as shipped:
        assert main([str(shipped)]) == 0
    file = tmp_path / "macros.sql"
    file.write_text("-- Half.\ncreate macro half(a) as a / 2;\n", encoding="utf-8")
    assert main([str(file)]) == 1
    assert capsys.readouterr().out.startswith(f"{file}:2 division ")
