"""`entrepot sync`: orders, listings and bills from platforms' APIs, in minutes instead of at month-end."""

from __future__ import annotations

import contextlib
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

from entrepot.assembly import open_cell
from entrepot.cli.importing import as_dict
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home
from entrepot.cli.output import console, errors, print_error, print_json
from entrepot.connectors.live.extract import Extracted
from entrepot.connectors.live.hints import REST_S
from entrepot.errors import EntrepotError, Transient
from entrepot.flows import authorising, syncing
from entrepot.flows.hints import Attending, MessageStatus, message_status
from entrepot.store.hints import COUNTS
from entrepot.store.syncing import BACKFILL, LIVE

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.flows.parts import CellParts

app = typer.Typer(help="Orders, refunds, listings, bills and settlements from platforms' APIs.", no_args_is_help=True)

_BEIJING = timedelta(hours=8)
_TAKE_EVERY_S = 0.5
"""So often hints are looked for between two looks."""
_ATTEND_MIN_S = REST_S + 1
"""So long at least, also where a look took longer than the time between two: what came has to have rested."""

Shop = Annotated[
    str,
    typer.Argument(help="The shop, or its platform where only one shop of it is connected, or `shop:platform`."),
]
Since = Annotated[
    str | None,
    typer.Option("--since", help="First day, YYYY-MM-DD in Beijing; later runs go on where the last one ended."),
]

Only = Annotated[
    list[str] | None,
    typer.Option("--only", help="Only this: orders, refunds, listings, settlements …, or a feed; several times."),
]


@app.command("connect")
def connect_(
    shop: Shop,
    *,
    home: Home = DEFAULT_HOME,
    secret: Annotated[
        list[str] | None,
        typer.Option("--ask", help="Ask for this secret and keep it (app_key, secret, access_token, refresh_token)."),
    ] = None,
    from_file: Annotated[
        list[str] | None, typer.Option("--from-file", help="NAME=FILE: keep what a file holds, as a private key.")
    ] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read secrets as lines NAME=VALUE from stdin.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep the secrets of a shop's connection and check it: clock, rights, first page of every feed.

    The connection itself stands in cell.toml under [[connections]], without secrets.

    Example:  entrepot sync connect tmall --ask app_key --ask secret --ask access_token
    """
    parts = open_cell(home)
    _keep_secrets(parts, shop, secret or [], from_file or [], stdin=stdin)
    found = syncing.connect(parts, shop)
    if as_json:
        print_json(found)
        return
    console.print(f"{found['shop']}: clocks differ by {found['clock_skew_s']} s", markup=False)
    listed = found["listed"]
    assert isinstance(listed, dict), "a check lists feeds"
    for feed, rows in listed.items():
        console.print(f"  {feed}: answers, lists {rows} now", markup=False)


@app.command("authorise")
def authorise_(
    shop: Shop,
    *,
    home: Home = DEFAULT_HOME,
    redirect_uri: Annotated[
        str, typer.Option("--redirect-uri", help="Address of the app as it is registered with the platform.")
    ] = "",
    code: Annotated[
        str | None, typer.Option("--code", help="The code, or the address at which the browser ended.")
    ] = None,
    state: Annotated[str, typer.Option("--state", help="The state that was printed with the page.")] = "",
    secret: Annotated[
        list[str] | None, typer.Option("--ask", help="Ask for this secret and keep it (app_key, secret, service_id).")
    ] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read secrets as lines NAME=VALUE from stdin.")] = False,
    as_json: AsJson = False,
) -> None:
    """Get a shop's first tokens: open the page that is printed, say yes, paste the address at which the browser ends.

    With `--json` the page and a state are printed, and the same command with `--code` and `--state` ends it.

    Example:  entrepot sync authorise tmall --ask app_key --ask secret --redirect-uri https://brand.example/back
    """
    parts = open_cell(home)
    _keep_secrets(parts, shop, secret or [], [], stdin=stdin)
    if code is None:
        page = authorising.consent(parts, shop, redirect_uri)
        if "redirect" in page.url and not redirect_uri:
            raise typer.BadParameter("the platform sends the browser there; say which", param_hint="--redirect-uri")
        if as_json and page.url:
            print_json({"consent_url": page.url, "state": page.state})
            return
        code = ""
        if page.url:
            console.print(page.url, markup=False, soft_wrap=True)
            code, state = str(typer.prompt("address or code", err=True)).strip(), page.state
    ends = authorising.authorise(parts, shop, code, state)
    told = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if ends is not None else None
    if as_json:
        print_json({"shop": shop, "token_ends": told})
        return
    console.print(f"{shop}: tokens are kept; the access token ends {told or 'when the platform says so'}", markup=False)


def _keep_secrets(parts: CellParts, shop: str, names: list[str], files: list[str], *, stdin: bool) -> None:
    given = dict(line.rstrip("\n").split("=", 1) for line in sys.stdin if "=" in line) if stdin else {}
    given |= {name: str(typer.prompt(name, hide_input=True, err=True)) for name in names}
    for each in files:
        name, mark, path = each.partition("=")
        if not mark or not Path(path).is_file():
            raise typer.BadParameter(f"{each} is not NAME=FILE with a file that is there", param_hint="--from-file")
        given[name] = Path(path).read_text(encoding="utf-8").strip()
    if given:
        settings = syncing.connection_of(parts, shop)
        store = syncing.secrets_of(parts, settings)
        known = store.read(syncing.secret_names(parts, settings))
        if not store.write({**known, **given}):
            raise typer.BadParameter("this connection reads its secrets from the environment; set them there")


@app.command("run")
def run_(
    shop: Shop,
    *,
    home: Home = DEFAULT_HOME,
    since: Since = None,
    only: Only = None,
    publish: Annotated[bool, typer.Option("--publish/--no-publish", help="Bring what came into the tables.")] = True,
    refresh_now: Annotated[
        bool, typer.Option("--refresh-now", help="Read what is on offer now, also where that is not due yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read what changed since the last run, and bring it into the tables.

    Stop it at any moment; the next run goes on. A limit or an outage of the platform ends it with exit code 75.

    Example:  entrepot sync run tmall --since 2026-09-01
    """
    parts = open_cell(home)
    found = _extract(parts, shop, since, LIVE, only=only, quiet=as_json, refresh_now=refresh_now)
    report = syncing.publish_pending(parts) if publish else None
    _print_run(found, as_dict(report) if report else None, as_json=as_json)
    for error in _troubles(found):
        raise error


@app.command("backfill")
def backfill_(
    shop: Shop,
    *,
    home: Home = DEFAULT_HOME,
    since: Since = None,
    only: Only = None,
    until: Annotated[str | None, typer.Option("--until", help="Day before which it ends, in Beijing.")] = None,
    publish: Annotated[bool, typer.Option("--publish/--no-publish", help="Bring what came into the tables.")] = True,
    as_json: AsJson = False,
) -> None:
    """Read the past, leaving part of every limit to live runs. Stop it at any moment; the next one goes on.

    Example:  entrepot sync backfill tmall --since 2026-07-01 --until 2026-09-01
    """
    parts = open_cell(home)
    found = _extract(parts, shop, since, BACKFILL, until=until, only=only, quiet=as_json)
    report = syncing.publish_pending(parts) if publish else None
    _print_run(found, as_dict(report) if report else None, as_json=as_json)
    for error in _troubles(found):
        raise error


@app.command("watch")
def watch_(
    shop: Annotated[
        str | None, typer.Argument(help="The shop, or `shop:platform`; every connection where none is named.")
    ] = None,
    *,
    home: Home = DEFAULT_HOME,
    since: Since = None,
    only: Only = None,
    every: Annotated[float, typer.Option("--every", min=1, help="Seconds between two looks.")] = 60.0,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Stop after so many looks; 0 goes on for ever.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Look again and again. What passes (a limit, an outage) is told and tried again with the next look.

    Several connections are looked at one after the other; what one of them lacks is told and keeps no other out.
    Listings are asked for every six hours and lists of files every hour, whatever `--every` says. Between two looks the
    push messages of connections with `messages = true` are taken, and what they name is read and published at once.

    Example:  entrepot sync watch --every 30
    """
    parts = open_cell(home)
    names = (shop,) if shop else syncing.connection_names(parts)
    done, hinted = 0, dict[str, Extracted]()
    with contextlib.closing(Attending(parts, names, only=only or ())) as attending:
        while not rounds or done < rounds:
            began = time.monotonic()
            found, hinted = hinted, {}
            for name in names:
                try:
                    read = _extract(parts, name, since, LIVE, only=only, quiet=True)
                    found |= read if shop else {f"{name} {feed}": each for feed, each in read.items()}
                except Transient as error:
                    print_error(error, as_json=as_json)
                except EntrepotError as error:
                    if shop:
                        raise
                    print_error(error, as_json=as_json)
            _publish_look(parts, found, as_json=as_json)
            done += 1
            if not rounds or done < rounds:
                hinted = _attend(parts, attending, began + every, as_json=as_json)


def _attend(parts: CellParts, attending: Attending, until: float, *, as_json: bool) -> dict[str, Extracted]:
    """Wait for the next look, and bring what messages hint at into the tables meanwhile.

    Publishing rests as long as it took: a shop in which something happens all the time is published at half the time.

    Returns:
        What was read and not published yet.
    """
    found: dict[str, Extracted] = {}
    rests_until = 0.0
    if attending.is_needed:
        until = max(until, time.monotonic() + _ATTEND_MIN_S)
    while (left := until - time.monotonic()) > 0:
        if not attending.is_needed:
            time.sleep(left)
            continue
        for name, each in attending.once().items():
            _add(found.setdefault(name, Extracted()), each)
        began = time.monotonic()
        if began >= rests_until and any(each.documents or each.troubles for each in found.values()):
            _publish_look(parts, found, as_json=as_json)
            found, rests_until = {}, 2 * time.monotonic() - began
        time.sleep(min(_TAKE_EVERY_S, max(until - time.monotonic(), 0)))
    return found


def _add(known: Extracted, more: Extracted) -> None:
    """Count one run to another."""
    known.documents += more.documents
    known.pages += more.pages
    known.known += more.known
    known.troubles += more.troubles


def _publish_look(parts: CellParts, found: dict[str, Extracted], *, as_json: bool) -> None:
    """Bring what a look found into the tables, and tell what it could not read."""
    try:
        report = syncing.publish_pending(parts)
        if any(each.documents for each in found.values()) or report is not None:
            _print_run(found, as_dict(report) if report else None, as_json=as_json)
    except Transient as error:
        print_error(error, as_json=as_json)
    for trouble in _troubles(found):
        print_error(trouble, as_json=as_json)


@app.command("status")
def status_(*, home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """Where every feed stands: watermark, lag, open windows, what came and when, what waits, limits, what was doubtful.

    Of push messages: how many came, what became of them, how many posts nobody had signed, how many hints wait.

    Example:  entrepot sync status
    """
    parts = open_cell(home)
    rows = [_status_row(each) for each in syncing.status(parts, time.time())]
    messages = [_message_row(each) for each in message_status(parts)]
    if as_json:
        print_json({"feeds": rows, "messages": messages})
        return
    for row in rows:
        console.print(
            f"{row['shop']}  {row['feed']}  up to {row['watermark'] or '-'}  {row['documents']} documents on "
            f"{row['pages']} pages, {row['windows_open']} windows open, read {row['read_at'] or 'never'}, "
            f"{min(row['calls_left'].values(), default=0)} calls left now",
            markup=False,
            soft_wrap=True,
        )
        for method, wait in row["waiting"].items():
            console.print(f"  {method} waits {wait['seconds']} s: {wait['reason']}", style="yellow", markup=False)
        for finding in row["findings"]:
            console.print(f"  ! {finding}", style="yellow", markup=False)
    for told in messages:
        console.print(
            f"{told['shop']}  {told['channel']}  {told['received']} messages {told['way']}, {told['repeated']} more "
            f"came again, {told['unread']} tell of nothing that is read, {told['foreign']} of other sellers, "
            f"{told['refused']} refused, {told['waiting']} hints wait, last {told['last_at'] or 'never'}",
            markup=False,
            soft_wrap=True,
        )


def _message_row(each: MessageStatus) -> dict[str, Any]:
    counts = {name: getattr(each.counts, name) for name in (*COUNTS, "refused", "waiting")}
    return {
        "shop": each.shop,
        "channel": each.channel,
        "way": each.way,
        **counts,
        "last_at": _shown(each.counts.last_s),
    }


def _status_row(each: syncing.FeedStatus) -> dict[str, Any]:
    return {
        "shop": each.shop,
        "channel": each.channel,
        "feed": each.feed,
        "watermark": _shown(each.watermark_s),
        "lag_s": round(each.lag_s) if each.lag_s is not None else None,
        "windows_open": each.windows_open,
        "windows_done": each.windows_done,
        "pages": each.pages,
        "documents": each.documents,
        "waiting": {name: {"seconds": seconds, "reason": reason} for name, (seconds, reason) in each.closed.items()},
        "findings": each.findings,
        "read_at": _shown(each.read_at_s),
        "calls_left": each.calls_left,
    }


def _shown(at_s: float | None) -> str | None:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at_s is not None else None


def _extract(
    parts: CellParts,
    shop: str,
    since: str | None,
    kind: str,
    *,
    until: str | None = None,
    only: list[str] | None,
    quiet: bool,
    refresh_now: bool = False,
) -> dict[str, Extracted]:
    since_s, until_s = _instant(since) if since else 0, _instant(until) if until else None

    def read(tell: Callable[[str, int, int], None] | None) -> dict[str, Extracted]:
        return syncing.extract(
            parts, shop, since_s, kind=kind, until_s=until_s, tell=tell, only=only or (), refresh_now=refresh_now
        )

    if quiet:
        return read(None)
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        Remaining(),
    )
    with Progress(*columns, console=errors, transient=not errors.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(feed: str, done: int, total: int) -> None:
            if feed not in tasks:
                tasks[feed] = progress.add_task(feed, total=total)
            progress.update(tasks[feed], completed=done, total=total)

        return read(tell)


def _instant(day: str) -> int:
    try:
        local = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise typer.BadParameter(f"{day} is no day like 2026-09-01") from error
    return int((local - _BEIJING).timestamp())


def _troubles(found: dict[str, Extracted]) -> list[EntrepotError]:
    """What kept files from being read; the others were read and published before it is told."""
    return [error for each in found.values() for error in each.troubles]


def _print_run(found: dict[str, Extracted], published: dict[str, object] | None, *, as_json: bool) -> None:
    feeds = {
        name: {
            "windows": each.windows,
            "pages": each.pages,
            "documents": each.documents,
            "known": each.known,
            "read_again": each.again,
            "late": each.late,
        }
        for name, each in found.items()
    }
    snapshot = published["snapshot"] if published else None
    if as_json:
        print_json({"feeds": feeds, "snapshot": snapshot})
        return
    for name, each in feeds.items():
        said = ", ".join(f"{each[what]:,} {what}" for what in ("documents", "known", "pages", "windows"))
        late = f", {each['late']:,} files not there yet" if each["late"] else ""
        console.print(f"{name}: {said}{late}", markup=False)
    if published:
        console.print(f"snapshot {snapshot}; {published['exceptions']:,} exceptions", style="bold")
