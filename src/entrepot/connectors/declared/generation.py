"""Make a connector out of a description: the same kind of facts and SQL as a shipped one has, from templates."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from entrepot.connectors.contract import Connector, ConnectorSpec, FileFormat, WireColumn
from entrepot.connectors.declared.description import FEES, NEEDED, WORDS, Description, read_description, template
from entrepot.connectors.errors import DeclarationInvalid
from entrepot.connectors.registry import CONNECTORS
from entrepot.model import PersonalKind, ResidencyClass

if TYPE_CHECKING:
    from pathlib import Path

_PERSONAL_KINDS = {
    "buyer_name": PersonalKind.NAME,
    "phone": PersonalKind.MOBILE,
    "email": PersonalKind.EMAIL,
    "buyer_account": PersonalKind.ACCOUNT,
}
_TABLES = {
    "orders": ("orders", "order_lines", "discounts", "taxes", "persons"),
    "settlement_lines": ("settlement_lines",),
    "ad_spend": ("ad_spend",),
}


def load_declared(folder: Path) -> tuple[Connector, ...]:
    """One connector per `*.yaml` in a folder, in order of name.

    Raises:
        DeclarationInvalid: A description cannot be used.
    """
    if not folder.is_dir():
        return ()
    taken = {name for connector in CONNECTORS for name in (connector.spec.name, *(f.name for f in connector.formats))}
    found = []
    for path in sorted(folder.glob("*.yaml")):
        description = read_description(path)
        if description.format in taken:
            raise DeclarationInvalid(str(path), f"the format name {description.format} is taken; choose another")
        taken.add(description.format)
        found.append(connector_from(description))
    return tuple(found)


def connector_from(found: Description) -> Connector:
    """The connector that reads a declared format."""
    words = WORDS[found.table]
    columns = tuple(
        WireColumn(
            theirs,
            found.class_of(theirs),
            required=ours in NEEDED[found.table],
            is_id=words[ours] == "id",
            free_text=ours == "title",
        )
        for theirs, ours in found.columns.items()
    ) + tuple(
        WireColumn(theirs, ResidencyClass.PERSONAL, kind=_PERSONAL_KINDS[ours], free_text=True)
        for theirs, ours in found.personal.items()
    )
    title = found.title or found.format
    channel = "own" if found.table == "ad_spend" else found.channel
    wire = FileFormat(
        found.format,
        channel,
        {"zh": title, "en": title},
        "declared by the user",
        columns,
        shop_column=found.column_of("shop"),
        shop=found.shop,
    )
    spec = ConnectorSpec(
        found.format,
        {"zh": title, "en": title},
        "declared by the user",
        sale_model="own_shop",
        recognition=found.recognition,
        business_zone=found.business_zone,
    )
    texts = {f"rows/{found.format}.sql": _filled(f"{found.table}.rows.sql", found)}
    texts |= {f"{table}.sql": _filled(f"{found.table}.{table}.sql", found) for table in _TABLES[found.table]}
    texts["states.csv"] = _csv("state,commercial_state", found.states)
    texts["kinds.csv"] = _csv("word,kind", found.kinds)
    texts["fees.csv"] = _csv("word,fee", dict(zip(FEES, FEES, strict=True)) | found.fees)
    texts["currencies.csv"] = template("currencies.csv")
    return Connector(spec, (wire,), texts=texts)


def _csv(header: str, pairs: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    # A list is never empty, so that the relation always has its columns; no cell is ever this.
    writer.writerows(pairs.items() or [("\u2400", "open")])
    return out.getvalue()


def _filled(name: str, found: Description) -> str:
    """A template with `{word}` replaced: cells by our words, and the facts of the description in capitals."""
    facts = {
        "FORMAT": found.format,
        "CHANNEL": f"'{found.channel}'",
        "ORDERS_IN": found.orders_in or found.format,
        "VAT_RATE_BP": str(found.vat_rate_bp),
        "CURRENCY": "null" if found.currency == "from_column" else f"'{found.currency}'",
        "SHOP": f"'{_quoted(found.shop)}'" if found.shop else "null",
        "SHIFT": _shift(8 - found.zone_hours),
        "HAS_STATES": "true" if found.states else "false",
        "HAS_PAID": "true" if found.column_of("paid") else "false",
        "HAS_PAID_AT": "true" if found.column_of("paid_at") else "false",
    }

    def fill(match: re.Match[str]) -> str:
        word = match[1]
        if word in facts:
            return facts[word]
        theirs = found.column_of(word)
        if theirs is None:
            return "cast(null as varchar)"
        return 'w."' + theirs.replace('"', '""') + '"'

    return re.sub(r"\{([A-Za-z_]+)\}", fill, template(name))


def _shift(hours: int) -> str:
    return f" {'+' if hours > 0 else '-'} interval {abs(hours)} hour" if hours else ""


def _quoted(text: str) -> str:
    return text.replace("'", "''")
