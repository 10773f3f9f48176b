"""What the shipped shapes let out, field by field, as somebody reviewed it; no line of a shape can go without a word.

`let_out.csv` is the reviewed list. A change of a shape or of its SQL shows here as a line of that list, which is for a
person to read before it is changed: `python -m tests.residency.border.test_let_out` writes it.
"""

from __future__ import annotations

import copy
import csv
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.shape import shape_from_text, shape_names
from entrepot.residency.permits.terms import Permit, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST = Path(__file__).with_name("let_out.csv")
HEADER = ("shape", "what", "type", "class", "transform", "form", "made_of")


def tree(letter: str) -> dict[str, Any]:
    folder = resources.files("entrepot.residency.permits").joinpath("shipped")
    found: dict[str, Any] = yaml.safe_load(folder.joinpath(f"{letter}.yaml").read_text(encoding="utf-8"))
    return found


def picture(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """A shape as lines of the list.

    Raises:
        PermitInvalid: It is no shape any more.
    """
    letter = str(found.get("shape", "?"))
    shape = shape_from_text(yaml.safe_dump(found, allow_unicode=True), letter)
    recipient = Recipient("Brand GmbH", "EU", "privacy@brand.example")
    permits = [
        compiled(Permit("x", letter, "global", each, recipient, "main", date(2026, 1, 1), date(2026, 12, 31)), shape)
        for each in shape.purposes
    ]
    lines: list[tuple[str, ...]] = [(letter, "purposes", "", "", "", "", " ".join(shape.purposes))]
    lines += [(letter, "personal values", "", "", "", "", str(shape.personal).lower())]
    lines += [(letter, "only shops that sell so", "", "", "", "", " ".join(shape.sale_models) or "any")]
    for each in shape.datasets:
        lines.append((letter, f"{each.name}: source", "", "", "", "", each.source))
        lines.append((letter, f"{each.name}: counts persons of", "", "", "", "", each.persons or "nobody"))
        lines.append((letter, f"{each.name}: parts by", "", "", "", "", each.partition))
        lines.append(
            (letter, f"{each.name}: leaves as", "", "", "", "", f"cells, {each.cells}" if each.cells else "it is")
        )
    bands = {f"{each.name}.{field.name}": field.band for each in shape.datasets for field in each.fields}
    for decision in permits[0].decisions if permits else ():
        where = f"{decision.dataset}.{decision.field}"
        how = " ".join(filter(None, (decision.transform, decision.to, str(bands[where] or ""))))
        made_of = " ".join(decision.origins) or "a count"
        lines.append((letter, where, decision.type, decision.residency, how, decision.form, made_of))
    return lines


def listed() -> list[tuple[str, ...]]:
    with LIST.open(encoding="utf-8", newline="") as lines:
        return [tuple(row) for row in csv.reader(lines)][1:]


def test_the_shapes_let_out_what_the_reviewed_list_says_and_nothing_else() -> None:
    assert [line for letter in shape_names() for line in picture(tree(letter))] == listed()


# What only speaks to readers may go without changing what leaves; its absence is refused all the same.
_WORDS = {"meaning", "title", "version"}


def places(found: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key and every item of a shape, however deep."""
    for key, inner in found.items() if isinstance(found, dict) else enumerate(found):
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def test_every_line_of_a_shape_that_is_taken_out_is_missed() -> None:
    idle = []
    for letter in shape_names():
        whole = tree(letter)
        before = picture(whole)
        for place in places(whole):
            if place[0] == "title" and len(place) > 1:
                continue
            mutant = copy.deepcopy(whole)
            holder: Any = mutant
            for key in place[:-1]:
                holder = holder[key]
            del holder[place[-1]]
            try:
                after = picture(mutant)
            except PermitInvalid:
                continue
            if after == before:
                idle.append((letter, *place))
    assert [place for place in idle if place[-1] not in _WORDS] == []


@pytest.mark.parametrize("letter", shape_names())
def test_a_band_that_is_wider_or_a_form_that_is_looser_is_seen(letter: str) -> None:
    whole = tree(letter)
    before = picture(whole)
    for each in whole["datasets"]:
        for field in each["fields"]:
            if "band" in field:
                field["band"] *= 10
                assert picture(whole) != before
                field["band"] //= 10
            if field.get("form") == "sku":
                field["form"] = "code"
                assert picture(whole) != before
                field["form"] = "sku"
    assert picture(whole) == before


if __name__ == "__main__":
    with LIST.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(line for letter in shape_names() for line in picture(tree(letter)))
