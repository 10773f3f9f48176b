"""`entrepot cell`: make a cell, show its key, and introduce it to another one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home
from entrepot.cli.output import console, print_json
from entrepot.flows.border import verifier_of
from entrepot.flows.cells import BrokerLink, init_cell, pair_cells

if TYPE_CHECKING:
    from typing import Any

app = typer.Typer(
    help="A company folder is a cell: the data of one region.\n\n"
    "Example:  entrepot cell init cn --profile CN --home cells/cn",
    no_args_is_help=True,
)

Send = Annotated[Path | None, typer.Option("--send", help="Folder into which envelopes for it are put.")]
Receive = Annotated[Path | None, typer.Option("--receive", help="Folder in which its envelopes arrive.")]


@app.command("init")
def init(
    name: Annotated[str, typer.Argument(help="What other cells call it: small letters, digits, -.")],
    profile: Annotated[str, typer.Option("--profile", help="The law: CN, EU, RU, IN, VN, ID, SA, KR or your own.")],
    home: Home = DEFAULT_HOME,
    region: Annotated[str | None, typer.Option("--region", help="Its region; else the profile's name.")] = None,
    entity: Annotated[str, typer.Option("--entity", help="Id of its first company.")] = "main",
    currency: Annotated[str, typer.Option("--currency", help="Currency of that company's books.")] = "CNY",
) -> None:
    """Make a company folder that is a cell of a region. An existing cell.toml stays.

    Example:  entrepot cell init global --profile EU --home cells/global --entity de-gmbh --currency EUR
    """
    path = init_cell(home, name, profile=profile, region=region or profile, entity=entity, currency=currency)
    console.print(f"cell      {name}   {path}")
    console.print(f"key       {verifier_of(open_cell(home))}", soft_wrap=True)


@app.command("key")
def key(home: Home = DEFAULT_HOME, *, as_json: AsJson = False) -> None:
    """Print the public key with which this cell signs what leaves it; other cells are given it.

    Example:  entrepot cell key --home cells/cn
    """
    found = verifier_of(open_cell(home))
    if as_json:
        print_json({"verifier": found})
    else:
        typer.echo(found)


@app.command("pair")
def pair(
    cell: Annotated[str, typer.Argument(help="The other cell's name.")],
    region: Annotated[str, typer.Option("--region", help="Its region.")],
    verifier: Annotated[
        str, typer.Option("--verifier", help="Its public key, as `entrepot cell key` prints it there.")
    ],
    home: Home = DEFAULT_HOME,
    send: Send = None,
    receive: Receive = None,
    *,
    broker: Annotated[str, typer.Option("--broker", help="Address of a NATS broker that carries mail, tls://….")] = "",
    broker_region: Annotated[str, typer.Option("--broker-region", help="Where the broker is hosted.")] = "",
    box: Annotated[
        str, typer.Option("--box", help="Its key for sealed mail, as `gateway nats-key` prints it there.")
    ] = "",
    broker_ca: Annotated[
        Path | None, typer.Option("--broker-ca", help="Authority that signed the broker's certificate.")
    ] = None,
) -> None:
    """Let this cell exchange envelopes with another one; says nothing about what may leave, which permits do.

    Example:  entrepot cell pair global --region EU --verifier global+… --send mail/to-global --receive mail/to-cn
    """
    link = BrokerLink(broker, broker_region, box, broker_ca) if broker or box else None
    pair_cells(home, cell, region=region, verifier=verifier, send=send, receive=receive, broker=link)
    console.print(f"paired    {cell}   see [[companions]] in {home / 'cell.toml'}", markup=False)


@app.command("show")
def show(home: Home = DEFAULT_HOME, *, as_json: AsJson = False) -> None:
    """Say which cell this folder is and which others it knows.

    Example:  entrepot cell show --home cells/cn
    """
    settings = open_cell(home).settings
    facts: dict[str, Any] = {
        "cell": settings.cell.id or settings.cell.region.lower(),
        "region": settings.cell.region.upper(),
        "profile": settings.cell.profile or settings.cell.region.upper(),
        "entities": [each.id for each in settings.entities],
        "companions": [{"cell": each.cell, "region": each.region} for each in settings.companions],
    }
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        shown = (
            ", ".join(each["cell"] if isinstance(each, dict) else each for each in value)
            if isinstance(value, list)
            else value
        )
        console.print(f"{name:<12}{shown}", markup=False)
