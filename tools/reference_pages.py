"""Write the reference pages that follow from the code: tables, formats, commands, errors, settings, profiles, ERPs.

`python -m tools.reference_pages` writes them; `--check` fails when a committed page is not what the code says.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

import entrepot
from entrepot.cli import app_of
from entrepot.connectors.declared.description import FEES, NEEDED, PERSONAL_WORDS, WORDS
from entrepot.connectors.live.bills import BillFeed, Made
from entrepot.connectors.live.contract import DayReports, Feed
from entrepot.connectors.live.messages import Messages, Way
from entrepot.connectors.registry import CONNECTORS
from entrepot.errors import EntrepotError
from entrepot.ledger import accounts
from entrepot.model import TABLES
from entrepot.reports.reading import readable_columns
from tools.erp_pages import erps_page
from tools.profile_pages import profiles_page
from tools.settings_page import settings_page

FOLDER = Path("docs/reference")


def pages() -> dict[str, str]:
    """File name to text, for every page that follows from the code."""
    return {
        "tables.md": tables_page(),
        "formats.md": formats_page(),
        "live.md": live_page(),
        "commands.md": commands_page(),
        "errors.md": errors_page(),
        "settings.md": settings_page(),
        "accounts.md": accounts_page(),
        "profiles.md": profiles_page(),
        "erps.md": erps_page(),
    }


def _head(title: str, text: str) -> str:
    return f"# {title}\n\n{text}\n\nThis page is written by `python -m tools.reference_pages`; do not edit it.\n"


def tables_page() -> str:
    """Every table with its columns."""
    parts = [
        _head(
            "Tables",
            "What `entrepot sql` and the Delta files hold. Amounts are minor units of the row's currency, times UTC. "
            "`orders`, `order_lines`, `taxes`, `payments` are shown with what follows from settlement joined in.",
        )
    ]
    for table in TABLES.values():
        parts.append(f"\n## {table.name}\n\n{table.meaning} Origin: {table.origin.value}. Key: {_codes(table.key)}.\n")
        parts.append("| column | type | class | meaning |\n| --- | --- | --- | --- |")
        parts += [
            f"| `{field.name}` | {field.type.value} | {field.residency.value} | {field.meaning} |"
            for field in readable_columns(table.name)
        ]
    return "\n".join(parts) + "\n"


def formats_page() -> str:
    """Every file format, and the words of declared formats."""
    parts = [
        _head(
            "File formats", "Files are recognised by their header, wherever it stands and whatever the file is called."
        )
    ]
    for connector in CONNECTORS:
        for wire in connector.formats:
            parts.append(f"\n## `{wire.name}`: {wire.title['en']} {wire.title['zh']}\n")
            parts.append(f"Source: {wire.source}. Needed: {_codes(sorted(wire.required_names))}.\n")
            parts.append(f"Columns known: {_codes([column.name for column in wire.columns])}.\n")
    parts.append(
        "\n## Declared formats\n\nA YAML file in the company folder's `declared/` describes any other CSV or XLSX: "
        "`format`, `title`, `table`, `columns` (their header: our word), `personal`, `classes`, `states`, `kinds`, "
        "`fees`, `channel`, `shop`, `currency`, `zone`, `vat_rate_bp`, `orders_in`, `recognition`. Guide: "
        "[declare a format](../guides/declare-a-format.md).\n"
    )
    for table, words in WORDS.items():
        parts.append(f"Words for `{table}`: {_codes(words)}; needed: {_codes(sorted(NEEDED[table]))}.\n")
    parts.append(f"Words for what a fee is for: {_codes(FEES)}.\n")
    parts.append(f"Personal words: {_codes(sorted(PERSONAL_WORDS))}.")
    return "\n".join(parts) + "\n"


def live_page() -> str:
    """Every API: gateway, terms, feeds with their methods, limits and fields, the error table."""
    parts = [_head("Live connections", "Facts of each API, as `spec` and `wire` declare them. `assumed`: no source.")]
    for connector in CONNECTORS:
        if connector.live is None:
            continue
        api = connector.live.api
        parts.append(f"\n## {connector.spec.title['en']} {connector.spec.title['zh']}\n")
        parts.append(f"Gateway `{api.gateway}`. Source: {api.source}. Terms: {api.terms}. Token: {api.renewal}.\n")
        for feed in api.feeds:
            parts.append(f"### `{feed.name}`: {feed.title['en']} {feed.title['zh']}\n")
            for method in {each.name: each for each in feed.methods}.values():
                limits = ", ".join(f"{each.calls} in {each.per_s:g} s ({each.source})" for each in method.limits)
                parts.append(f"- `{method.name}`: amounts in {method.money}; limits: {limits or 'assumed'}.")
            if feed.refresh is not None:
                named = _codes([part.name for part in feed.refresh.parts])
                parts.append(
                    f"- Tells everything there is, every {feed.refresh.every_s // 3600} h; lists {named}, pages of "
                    f"{feed.listing.page_rows_max}, ordered by {feed.refresh.order}."
                )
            else:
                parts.append(_windows(feed) if feed.days is None else _days(feed, feed.days))
            known = [each.at for each in feed.shape.asked]
            parts += [f"- Known from the question: {_codes(known)}."] if known else []
            parts.append(f"- Fields read: {_codes([path for path, _ in feed.shape.leaves()])}.\n")
        parts += [line for bills in api.bill_feeds for line in _bill_feed(bills)]
        parts += _messages(connector.live.messages) if connector.live.messages else []
        parts.append("| error | finer | what is done | meaning |\n| --- | --- | --- | --- |")
        parts += [f"| {each.code} | {each.sub_code} | {each.retry.value} | {each.meaning} |" for each in api.errors]
    return "\n".join(parts) + "\n"


def _days(feed: Feed, days: DayReports) -> str:
    """How a feed is read that reports of days."""
    again = f"and again {', '.join(map(str, days.again_days))} days later" if days.again_days else "once"
    newest = " The newest answer about a day replaces the older ones." if days.again_days else ""
    return (
        f"- A report for each day, {days.ready_s // 3600} h after its end, {again}; {feed.reach_s // 86_400} days back;"
        f" pages of {feed.listing.page_rows_max}.{newest}"
    )


def _windows(feed: Feed) -> str:
    """How a feed is read that lists what changed."""
    return (
        f"- Windows of {feed.span_s} s, at most {feed.span_s_max} s, {feed.reach_s // 86_400} days back; "
        f"pages of {feed.listing.page_rows_max}, read {feed.listing.direction.value.replace('_', ' ')}."
    )


_WAYS = {
    Way.ASKED: "asked for and confirmed by calls",
    Way.POSTED: "posted to an address of ours (`message_door`), confirmed by the answer",
    Way.STREAMED: "sent on a web socket that we open, each acknowledged",
}


def _messages(told: Messages) -> list[str]:
    """Push messages: how they come and what they name."""
    lines = [f"### Push messages: {_WAYS[told.way]}\n", f"- Sent again: {told.repeated}. Source: {told.source}."]
    for names in sorted(set(told.topics.values()), key=repr):
        topics = [topic for topic, each in told.topics.items() if each == names]
        named = ", ".join(f"`{each.field}` is read as `{each.feed}`" for each in names)
        lines.append(f"- {_codes(topics)}: {named}.")
    lines += [f"- `{feed.name}`: read by `{feed.stored_method.name}`." for feed in told.by_id.values()]
    return [*lines, ""]


def _bill_feed(feed: BillFeed) -> list[str]:
    """One feed of files."""
    lines = [f"### `{feed.name}`: {feed.title['en']} {feed.title['zh']}\n"]
    for method in feed.methods:
        limits = ", ".join(f"{each.calls} in {each.per_s:g} s ({each.source})" for each in method.limits)
        lines.append(f"- `{method.name}`; limits: {limits or 'assumed'}.")
    how = (
        f"A file for each day, {feed.ready_s // 3600} hours after its end; that there is none is believed "
        f"{feed.certain_s // 3600} hours after it (assumed)"
        if feed.made is Made.DAYS
        else f"Files that the platform lists, those of {feed.overlap_s // 86_400} days again each time (assumed)"
    )
    lines.append(f"- {how}; {feed.reach_s // 86_400} days back.")
    lines.append(f"- Files as imported: {_codes(feed.formats)}. Source: {feed.source}.\n")
    return lines


def commands_page() -> str:
    """Every command with its options."""
    parts = [
        _head(
            "Commands",
            "Exit codes: 0 every row is accounted for, quarantine included (`--strict` makes findings 1); 1 refused; 2 "
            'wrong usage; 75 try again later. Errors go to stderr; with `--json` as `{"error": {"code", "message"}}`.',
        )
    ]
    for name, command in _walk(typer.main.get_command(app_of()), ""):
        parts.append(f"\n## `entrepot {name}`\n\n{_help(command)}\n")
        for parameter in command.params:
            if isinstance(parameter, TyperOption) and parameter.name != "help":
                parts.append(f"- `{'`, `'.join(parameter.opts)}`: {parameter.help or ''}")
            elif isinstance(parameter, TyperArgument):
                parts.append(f"- `{parameter.name}`: {parameter.help or ''}")
    return "\n".join(parts) + "\n"


def _walk(group: Any, prefix: str) -> list[tuple[str, Any]]:  # noqa: ANN401 Typer keeps its command types to itself
    found: list[tuple[str, Any]] = []
    for name, command in sorted(group.commands.items()):
        if isinstance(command, TyperGroup):
            found += _walk(command, f"{prefix}{name} ")
        else:
            found.append((prefix + name, command))
    return found


def _help(command: Any) -> str:  # noqa: ANN401 see above
    lines = [line.strip() for line in (command.help or "").strip().splitlines()]
    return "\n".join(
        f"    {line.removeprefix('Example:').strip()}" if line.startswith("Example:") else line for line in lines
    )


def errors_page() -> str:
    """Every error code."""
    for module in pkgutil.walk_packages(entrepot.__path__, "entrepot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    families = {
        "Transient": "try again later",
        "Rejected": "the other side refused",
        "Invalid": "mend the input",
        "Refused": "not allowed",
    }
    kinds: list[type[EntrepotError]] = [EntrepotError, *_subclasses(EntrepotError)]
    rows = sorted(
        (kind.code, (kind.__doc__ or "").strip().splitlines()[0], _family(kind, families))
        for kind in kinds
        if "code" in kind.__dict__
    )
    table = [f"| `{code}` | {meaning} | {family} |" for code, meaning, family in rows]
    head = _head("Error codes", "Stable, never reused. No message holds a personal value.")
    return "\n".join([head, "| code | meaning | what to do |", "| --- | --- | --- |", *table]) + "\n"


def _subclasses(kind: type[EntrepotError]) -> list[type[EntrepotError]]:
    return [found for direct in kind.__subclasses__() for found in (direct, *_subclasses(direct))]


def _family(kind: type[EntrepotError], families: dict[str, str]) -> str:
    return next((families[base.__name__] for base in kind.__mro__ if base.__name__ in families), "")


def accounts_page() -> str:
    """The shipped chart of accounts."""
    rows = [
        f"| `{each.account}` | {each.kind} | {each.pnl_line} | {each.name_en} | {each.name_zh} |" for each in accounts()
    ]
    head = _head("Chart of accounts", "The shipped accounts and the line of the P&L that each belongs to.")
    return (
        "\n".join([head, "| account | kind | P&L line | English | 中文 |", "| --- | --- | --- | --- | --- |", *rows])
        + "\n"
    )


def _codes(names: object) -> str:
    assert not isinstance(names, str), "several names"
    return ", ".join(f"`{name}`" for name in names)  # type: ignore[attr-defined]


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are stale."""
    stale = [
        name
        for name, text in pages().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for name in stale:
            print(f"{FOLDER / name}: not what the code says; run python -m tools.reference_pages")
        return 1 if stale else 0
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
