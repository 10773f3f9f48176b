"""`entrepot gateway nats-…` and `carry`: links between cells that go through a NATS broker."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home
from entrepot.cli.output import console, errors, print_json
from entrepot.flows.carrying import carry, nats_config, nats_key, nats_streams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.residency.links.carrying import Round

EXIT_REFUSED = 1
EXIT_TRY_LATER = 75

KeyFiles = Annotated[list[Path], typer.Argument(help="What `nats-key` printed in each cell.", exists=True)]
Broker = Annotated[str, typer.Option("--broker", help="tls://host:port, or nats:// in a network of your own.")]


def nats_key_(
    companions: Annotated[list[str], typer.Argument(help="Cells to which a link goes.")], home: Home = DEFAULT_HOME
) -> None:
    """Print the public keys of this cell for links through a broker, as JSON; no secret is among them.

    Example:  entrepot gateway nats-key global --home cells/cn > cn.json
    """
    print_json(nats_key(open_cell(home), companions))


def nats_config_(
    cells: KeyFiles,
    out: Annotated[Path, typer.Option("--out", help="Folder for nats.conf and the operators' seeds.")],
    listen: Annotated[str, typer.Option("--listen", help="Address and port of the broker.")] = "127.0.0.1:4222",
    store: Annotated[
        Path | None, typer.Option("--store", help="Where it keeps messages; else beside nats.conf.")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", help="Its certificate.")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="The key of its certificate.")] = None,
) -> None:
    """Write the settings of a NATS broker: an account per cell, an allow-list of subjects per user.

    Example:  entrepot gateway nats-config cn.json global.json --out broker && nats-server -c broker/nats.conf
    """
    if bool(tls_cert) != bool(tls_key):
        raise typer.BadParameter("give both of --tls-cert and --tls-key, or neither")
    tls = (tls_cert.resolve(), tls_key.resolve()) if tls_cert and tls_key else None
    path = nats_config(cells, out, listen=listen, store=(store or out / "messages").resolve(), tls=tls)
    console.print(f"written   {path}", markup=False)


def nats_streams_(
    cells: KeyFiles,
    out: Annotated[Path, typer.Option("--out", help="Folder that `nats-config` wrote.")],
    broker: Broker,
    ca: Annotated[Path | None, typer.Option("--ca", help="Authority that signed the broker's certificate.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make the streams of a running broker, once; again changes nothing.

    Example:  entrepot gateway nats-streams cn.json global.json --out broker --broker nats://127.0.0.1:4222
    """
    made = nats_streams(cells, out, broker, ca)
    if as_json:
        print_json({"streams": made})
        return
    for name in made:
        console.print(f"stream    {name}", markup=False)


def carry_(
    cell: Annotated[str, typer.Option("--cell", help="Only the link to this companion.")] = "",
    every: Annotated[float, typer.Option("--every", help="Again after so many seconds, until stopped; 0: once.")] = 0,
    home: Home = DEFAULT_HOME,
    *,
    as_json: AsJson = False,
) -> None:
    """Hand over to brokers what waits in the outbox, and take what they keep for this cell.

    It needs no table of the cell: it may run as a process of its own, while the gateway has no network at all.

    Example:  entrepot gateway carry --every 5 --home cells/cn
    """
    rounds: list[Round] = []
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            rounds = carry(open_cell(home), cell)
            if not rounds and not as_json:
                console.print("no companion in cell.toml has a broker; `entrepot cell pair --broker` names one")
                break
            if as_json or not every or any(map(_is_worth_telling, rounds)):
                print_rounds(rounds, as_json=as_json)
            if not every:
                break
            time.sleep(every)
    leave_after(rounds)


def leave_after(rounds: Sequence[Round]) -> None:
    """Leave with 75 where a broker was not reached, with 1 where something came that is no mail."""
    if any(each.unreachable for each in rounds):
        raise typer.Exit(EXIT_TRY_LATER)
    if any(each.refused for each in rounds):
        raise typer.Exit(EXIT_REFUSED)


def print_rounds(rounds: Sequence[Round], *, as_json: bool = False) -> None:
    """What was moved, and what was not."""
    if as_json:
        print_json({"links": [plain(each) for each in rounds]})
        return
    for each in rounds:
        console.print(
            f"link      {each.cell}: handed over {each.handed}, taken {each.taken}, delivered {each.delivered}",
            markup=False,
        )
    print_troubles(rounds)


def print_troubles(rounds: Sequence[Round]) -> None:
    """What went wrong on links, to stderr."""
    for each in rounds:
        for refusal in each.refused:
            errors.print(f"refused: {refusal}", markup=False, style="red", soft_wrap=True)
        if each.unreachable is not None:
            errors.print(str(each.unreachable), markup=False, style="red", soft_wrap=True)


def plain(each: Round) -> dict[str, object]:
    """A round as plain data."""
    return {
        "cell": each.cell,
        "handed": each.handed,
        "taken": each.taken,
        "known": each.known,
        "delivered": each.delivered,
        "refused": [str(one) for one in each.refused],
        "unreachable": str(each.unreachable) if each.unreachable else "",
    }


def _is_worth_telling(each: Round) -> bool:
    return bool(each.handed or each.taken or each.delivered or each.refused or each.unreachable)
