"""`entrepot sandbox`: simulated marketplaces on this computer, for trying and for tests."""

from __future__ import annotations

import signal
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from typing import Annotated

import typer

from entrepot.cli.options import AsJson, check_known
from entrepot.cli.output import console, print_json
from entrepot.sandbox.http import BILL_FAULTS, FAULTS, PUSH_FAULTS, Sandbox, SandboxServer
from entrepot.sandbox.http.server import PLATFORMS

app = typer.Typer(help="Simulated marketplaces over HTTP on this computer.", no_args_is_help=True)

_ALL = "all"
_FAULTS = {**FAULTS, **BILL_FAULTS, **PUSH_FAULTS}
_BEIJING = timezone(timedelta(hours=8))


@app.command("up")
def up(
    *,
    platform: Annotated[
        list[str] | None, typer.Option("--platform", help="Only this marketplace; may be given several times.")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="Port on the loopback interface; 0 takes a free one.")] = 0,
    orders: Annotated[int, typer.Option("--orders", min=1, help="Orders of each shop.")] = 200,
    days: Annotated[int, typer.Option("--days", min=1, help="Days on which they are placed.")] = 10,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same orders.")] = 20_261_111,
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", help=f"A fault that happens now and then: {', '.join(_FAULTS)}, or `{_ALL}`."),
    ] = None,
    speed: Annotated[float, typer.Option("--speed", min=0, help="Simulated seconds per second.")] = 1.0,
    begin: Annotated[float, typer.Option("--begin", min=0, help="Days that have passed when it comes up.")] = 10.0,
    first_day: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="First day of the orders, in Beijing. Without it the marketplaces have the time of this computer.",
        ),
    ] = None,
    push_to: Annotated[
        list[str] | None,
        typer.Option("--push-to", help="NAME=ADDRESS: that marketplace posts its messages there, as douyin does."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring simulated marketplaces up and keep them up until stopped.

    Orders are placed, paid, shipped, confirmed and refunded while they are read. `/sandbox/truth/NAME` tells what is
    true at any moment.

    Example:  entrepot sandbox up --platform tmall --fault truncated --fault throttle
    """
    names = tuple(platform or ())
    for name in names:
        check_known("--platform", name, PLATFORMS)
    faults = set(fault or ())
    if _ALL in faults:
        faults = set(_FAULTS) - {"field_renamed", "field_retyped"}
    for name in faults:
        check_known("--fault", name, _FAULTS)
    start_s = int(time.time() - begin * 86_400)
    if first_day is not None:
        start_s = int(first_day.replace(tzinfo=_BEIJING).timestamp())
    sandbox = Sandbox(names, seed, orders, days, frozenset(faults), speed=speed, begin_days=begin, start_s=start_s)
    with SandboxServer(sandbox, port) as server:
        _tell(server, as_json=as_json)
        for each in push_to or ():
            _push(server, each)
        sys.stdout.flush()
        _wait_for_stop()


def _tell(server: SandboxServer, *, as_json: bool) -> None:
    platforms = server.sandbox.connections(server.base_url)
    if as_json:
        print_json({"base_url": server.base_url, "platforms": platforms})
        return
    for name, values in platforms.items():
        console.print(name, style="bold")
        for key, value in values.items():
            console.print(f"  {key}  {value}", markup=False, soft_wrap=True)


def _push(server: SandboxServer, told: str) -> None:
    name, _, address = told.partition("=")
    check_known("--push-to", name, server.sandbox.platforms)
    try:
        server.push_to(name, address)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--push-to") from error


def _wait_for_stop() -> None:
    stopped = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stopped.set())
    stopped.wait()
