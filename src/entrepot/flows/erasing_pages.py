"""Erasure within raw pages of live sync: values of a document give way to placeholders, its shape stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import zstandard

from entrepot.connectors.live.extract import documents_in
from entrepot.connectors.live.staging import Page, stage_pages
from entrepot.connectors.live.wire import WireField
from entrepot.engine import DuckDBEngine
from entrepot.flows.erasing_same import hold_same
from entrepot.model import ResidencyClass
from entrepot.residency.redaction import UNKNOWN, CellRule, Plan, Redactor, search_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.connectors.live.contract import Feed
    from entrepot.flows.parts import CellParts


def redact_page(feed: Feed, plan: Plan, shop: str, plain: Path, made: Path) -> int:
    """Write a raw page without a plan's values; returns how many values were replaced.

    Every value of a document is a cell of one row: a document of the person's own order loses all that is personal or
    that nobody declared; in somebody else's only what is nobody's but the person's is replaced.
    """
    pattern, count = search_pattern(plan, "utf-8"), 0
    rules = {path: _rule(each) for path, each in feed.shape.leaves()}
    with plain.open("rb") as source, made.open("wb") as out:
        for line in source:
            said = msgspec.json.decode(line)
            # Decoded and written anew, so that a name that was sent as \\u5f20 is found too.
            if pattern is None or not pattern.search(msgspec.json.encode(said)):
                out.write(line)
                continue
            found = 0
            if said["method"] == feed.stored_method.name:
                for document in documents_in(feed, said["answer"]):
                    found += _redact(document, rules, plan, shop)
            count += found
            out.write(msgspec.json.encode(said) + b"\n" if found else line)
    return count


def restage(parts: CellParts, feed: Feed, raw_id: str, content: Path, before: Path, target: Path) -> None:
    """Stage a redacted page again.

    Raises:
        RowsChanged: Its rows would say something else than who they are about.
    """
    blob = content.with_suffix(".zst")
    blob.write_bytes(zstandard.compress(content.read_bytes()))
    with DuckDBEngine(threads=1, temp_directory=parts.layout.temporary) as engine:
        stage_pages(engine, feed, [Page(raw_id, blob, target)])
    hold_same(parts, feed, before, target, raw_id)


def _redact(document: Any, rules: dict[str, CellRule], plan: Plan, shop: str) -> int:  # noqa: ANN401 JSON
    places = list(_values(document, ""))
    cells = [str(holder[key]) for _, holder, key in places]
    redactor = Redactor(plan, [rules.get(path, UNKNOWN) for path, _, _ in places], shop)
    for (_, holder, key), old, new in zip(places, cells, redactor.row(cells), strict=True):
        if new != old:
            holder[key] = new
    return redactor.cells


def _values(value: Any, path: str) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 JSON
    """Path, holder and key of every value that is neither empty nor a truth value."""
    if isinstance(value, dict):
        pairs = [(f"{path}.{name}" if path else str(name), name) for name in value]
    elif isinstance(value, list):
        pairs = [(path, place) for place in range(len(value))]
    else:
        return
    for here, key in pairs:
        inner = value[key]
        if isinstance(inner, (dict, list)):
            yield from _values(inner, here)
        elif inner is not None and not isinstance(inner, bool):
            yield here, value, key


def _rule(each: WireField) -> CellRule:
    return CellRule(
        kind=each.kind.value if each.kind else "",
        whose=each.whose.value,
        is_reference=each.residency is ResidencyClass.PSEUDONYMOUS,
        is_amount=each.residency is ResidencyClass.BUSINESS,
        may_break=True,
    )
