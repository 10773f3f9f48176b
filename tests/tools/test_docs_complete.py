"""A command, code, format or setting without its place in the reference is named."""

from dataclasses import dataclass, field

import msgspec
import pytest
import typer
from typer.main import get_command

from tools.docs_complete import SOURCES, command_names, error_codes, setting_names, undocumented


class SampleError(Exception):
    code = "sample.error"


class TooLate(SampleError):
    code = "sample.too_late"


class StillTooLate(TooLate):
    """Inherits its code, so it has no name of its own."""


class Cell(msgspec.Struct):
    region: str


class Shop(msgspec.Struct):
    channel: str
    folder: str = ""


class Settings(msgspec.Struct):
    cell: Cell
    shops: tuple[Shop, ...]
    language: str


@dataclass
class Command:
    hidden: bool = False


@dataclass
class Group(Command):
    commands: dict[str, Command] = field(default_factory=dict)


def test_names_in_inline_code_pass_also_with_arguments_behind_them() -> None:
    pages = "Use `entrepot import PATH…` or `entrepot sql`; it may answer `sample.too_late`."
    assert undocumented("command", ["entrepot import", "entrepot sql"], pages) == []
    assert undocumented("error code", ["sample.too_late"], pages) == []


def test_a_name_outside_code_or_inside_a_longer_name_is_not_documented() -> None:
    pages = "We import files; `entrepot imports` and `sample.too_late_by_far` are something else."
    assert undocumented("command", ["entrepot import"], pages) == [
        "docs/reference: command `entrepot import` is not documented"
    ]
    assert undocumented("error code", ["sample.too_late"], pages) == [
        "docs/reference: error code `sample.too_late` is not documented"
    ]


def test_commands_are_walked_into_their_groups_and_hidden_ones_are_left_out() -> None:
    root = Group(
        commands={"sql": Command(), "secret": Command(hidden=True), "tables": Group(commands={"list": Command()})}
    )
    assert list(command_names(root)) == ["entrepot sql", "entrepot tables list"]


def test_the_walk_fits_what_typer_builds() -> None:
    app, tables = typer.Typer(), typer.Typer()
    app.add_typer(tables, name="tables")
    app.command("import")(lambda: None)
    tables.command("list")(lambda: None)
    assert list(command_names(get_command(app))) == ["entrepot import", "entrepot tables list"]


def test_error_codes_are_those_that_a_class_states_itself() -> None:
    assert list(error_codes(SampleError)) == ["sample.error", "sample.too_late"]


def test_settings_are_named_with_their_section() -> None:
    assert list(setting_names(Settings)) == ["cell.region", "shops.channel", "shops.folder", "language"]


@pytest.mark.parametrize("kind", ["command", "error code", "format", "problem", "program", "setting"])
def test_every_kind_of_name_has_its_source(kind: str) -> None:
    assert [source.kind for source in SOURCES].count(kind) == 1
