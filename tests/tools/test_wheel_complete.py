"""A file that the wheel lacks is named."""

from tools.wheel_complete import left_out


def test_a_wheel_with_every_source_and_its_own_records_passes() -> None:
    assert (
        left_out(["entrepot/a.py", "entrepot/b.sql"], ["entrepot/a.py", "entrepot/b.sql", "x.dist-info/RECORD"]) == []
    )


def test_a_source_that_is_not_in_the_wheel_is_named() -> None:
    assert left_out(["entrepot/a.py", "entrepot/rates.bin"], ["entrepot/a.py"]) == [
        "src/entrepot/rates.bin: not in the wheel; see tool.setuptools.package-data"
    ]
