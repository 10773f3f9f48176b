"""`entrepot gateway`: let out what permits allow, take in what arrived, look at both; a process of its own."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from entrepot.assembly import open_cell
from entrepot.cli.border_records import approver_app, copies_, export_, open_copy_, prove_
from entrepot.cli.gateway_nats import (
    carry_,
    leave_after,
    nats_config_,
    nats_key_,
    nats_streams_,
    plain,
    print_rounds,
    print_troubles,
)
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, errors, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.border import (
    clear,
    exchange,
    gateway_status,
    receive,
    resume,
    serve_mail,
    throw_switch,
)
from entrepot.flows.carrying import carry, link_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.flows.border import Sent
    from entrepot.residency.links.carrying import Round
    from entrepot.residency.receiver import Arrivals

app = typer.Typer(
    help="The one door between this cell and others.\n\nExample:  entrepot gateway send --home cells/cn",
    no_args_is_help=True,
)

app.add_typer(approver_app, name="approver")
app.command("copies")(copies_)
app.command("export")(export_)
app.command("open-copy")(open_copy_)
app.command("prove")(prove_)
app.command("carry")(carry_)
app.command("nats-key")(nats_key_)
app.command("nats-config")(nats_config_)
app.command("nats-streams")(nats_streams_)

EXIT_REFUSED = 1

NoCarry = Annotated[bool, typer.Option("--no-carry", help="Touch no broker; `gateway carry` does it elsewhere.")]

_WORDS = {
    "refused": ("refused: {permit}; nothing of it left", "已拒绝：{permit}，未出境任何内容"),
    "nothing_new": ("{permit}: nothing new", "{permit}：无变化"),
    "left": ("left", "已出境"),
}


def _say(lang: Language, word: str) -> str:
    return _WORDS[word][lang is Language.CHINESE]


@app.command("send")
def send(
    permits: Annotated[list[str] | None, typer.Argument(help="Permits; all of them without one.")] = None,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    *,
    no_carry: NoCarry = False,
    as_json: AsJson = False,
) -> None:
    """Let out what changed under permits. What is refused is recorded, and the exit code is 1.

    Links through a broker are carried once; 75 says that a broker was not reached, and what left waits in the outbox.

    Example:  entrepot gateway send journals --home cells/cn --lang zh
    """
    sent = clear(open_cell(home), tuple(permits or ()))
    rounds = [] if no_carry else carry(open_cell(home))
    print_sent(sent, lang, rounds, as_json=as_json)
    if sent.refused:
        raise typer.Exit(EXIT_REFUSED)
    leave_after(rounds)


@app.command("receive")
def receive_(home: Home = DEFAULT_HOME, *, no_carry: NoCarry = False, as_json: AsJson = False) -> None:
    """Verify and apply what other cells sent, and cosign their logs.

    Links through a broker are carried before and after; 75 says that a broker was not reached.

    Example:  entrepot gateway receive --home cells/global
    """
    rounds = [] if no_carry else carry(open_cell(home))
    arrivals = receive(open_cell(home))
    rounds += [] if no_carry else carry(open_cell(home))  # answers: cosignatures
    print_arrivals(arrivals, rounds, as_json=as_json)
    if arrivals.refused:
        raise typer.Exit(EXIT_REFUSED)
    leave_after(rounds)


@app.command("serve")
def serve(
    socket: Annotated[Path, typer.Option("--socket", help="Path of the Unix socket to listen on.")],
    cell: Annotated[str, typer.Option("--cell", help="The companion that fetches its mail here.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Serve the mail folders of a companion through one Unix socket, until stopped.

    For a cell without any network: bind-mount the socket into its namespace; there `gateway fetch` takes the mail.

    Example:  entrepot gateway serve --socket border.sock --cell global --home cells/cn
    """
    with serve_mail(open_cell(home), cell, socket) as server:
        console.print(f"serving   mail for {cell} at {socket}; Ctrl-C ends it", markup=False)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
    socket.unlink(missing_ok=True)


@app.command("fetch")
def fetch(
    socket: Annotated[Path, typer.Option("--socket", help="Path of the Unix socket that the other side serves.")],
    cell: Annotated[str, typer.Option("--cell", help="The companion whose mail it is.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Take mail from a served socket and hand over ours; `gateway receive` then verifies and applies it.

    Example:  entrepot gateway fetch --socket border.sock --cell cn --home cells/global
    """
    done = exchange(open_cell(home), cell, socket)
    console.print(f"taken {done.taken}, handed over {done.handed}")


@app.command("status")
def status(home: Home = DEFAULT_HOME, *, as_json: AsJson = False) -> None:
    """List what left, what came, which switches are off and how far the log is cosigned.

    Example:  entrepot gateway status --json
    """
    found = gateway_status(open_cell(home)) | {"links": link_status(open_cell(home))}
    if as_json:
        print_json(found)
        return
    print_rows(found["transfers"], ("permit", "sequence", "step", "rows", "persons", "made_at"), "sent")
    print_rows(found["received"], ("sender", "permit", "sequence", "applied_at"), "received")
    if found["links"]:
        print_rows(found["links"], tuple(found["links"][0]), "links through a broker")
    print_rows(found["switched_off"], ("kind", "name", "reason", "decided_by"), "switched off")
    console.print(f"log       {found['log_size']} entries, {found['uncosigned']} of them not cosigned")
    for transfer in found["without_outcome"]:
        errors.print(f"an intent without an outcome: {transfer}; run `entrepot gateway resume`", style="red")


@app.command("resume")
def resume_(home: Home = DEFAULT_HOME) -> None:
    """End transfers that a process left half-way; every send does so first.

    Example:  entrepot gateway resume
    """
    for each in resume(open_cell(home)):
        console.print(f"{each.permit} {each.sequence}: {each.step}", markup=False)


@app.command("stop")
def stop(
    reason: Annotated[str, typer.Option("--reason", help="A word for the log, such as incident-7.")],
    role: Annotated[str, typer.Option("--by", help="Function that decides, such as privacy-officer.")],
    permit: Annotated[str, typer.Option("--permit", help="Only this permit.")] = "",
    recipient: Annotated[str, typer.Option("--recipient", help="Only this recipient.")] = "",
    home: Home = DEFAULT_HOME,
) -> None:
    """Shut the door: for a permit, a recipient, or everything. Read again before each transfer.

    Example:  entrepot gateway stop --reason incident-7 --by privacy-officer
    """
    _throw(home, permit, recipient, reason, role, is_open=False)


@app.command("open")
def open_(
    reason: Annotated[str, typer.Option("--reason", help="A word for the log.")],
    role: Annotated[str, typer.Option("--by", help="Function that decides.")],
    permit: Annotated[str, typer.Option("--permit", help="Only this permit.")] = "",
    recipient: Annotated[str, typer.Option("--recipient", help="Only this recipient.")] = "",
    home: Home = DEFAULT_HOME,
) -> None:
    """Open the door again that `stop` shut, in the same words.

    Example:  entrepot gateway open --reason solved --by privacy-officer
    """
    _throw(home, permit, recipient, reason, role, is_open=True)


def _throw(home: Home, permit: str, recipient: str, reason: str, role: str, *, is_open: bool) -> None:
    if permit and recipient:
        raise typer.BadParameter("give one of --permit and --recipient, or neither for the whole cell")
    kind = "permit" if permit else "recipient" if recipient else "cell"
    throw_switch(open_cell(home), kind, permit or recipient, reason, role, is_open=is_open)
    console.print(f"{'open' if is_open else 'stopped'}: {kind} {permit or recipient}".rstrip(), markup=False)


def print_sent(
    sent: Sent, lang: Language = Language.ENGLISH, rounds: Sequence[Round] = (), *, as_json: bool = False
) -> None:
    """What left, what did not, and why."""
    if as_json:
        print_json(
            {
                "sent": [
                    msgspec.to_builtins(each.manifest) | {"persons": each.transfer.persons} for each in sent.cleared
                ],
                "up_to_date": sent.up_to_date,
                "refused": [
                    {
                        "permit": each.permit,
                        "reasons": [{"word": one.word, "en": one.said.en, "zh": one.said.zh} for one in each.reasons],
                    }
                    for each in sent.refused
                ],
                "links": [plain(each) for each in rounds],
            }
        )
        return
    rows = [
        {
            "permit": each.manifest.permit,
            "to": each.manifest.recipient,
            "sequence": each.manifest.sequence,
            "tables": ", ".join(sorted({one.dataset for one in each.manifest.files})),
            "rows": each.manifest.rows,
            "persons": each.transfer.persons,
            "route": each.manifest.route,
            "enforcement": each.manifest.enforcement,
        }
        for each in sent.cleared
    ]
    if rows:
        print_rows(rows, tuple(rows[0]), _say(lang, "left"))
    for name in sent.up_to_date:
        console.print(_say(lang, "nothing_new").format(permit=name), markup=False)
    for refusal in sent.refused:
        errors.print(_say(lang, "refused").format(permit=refusal.permit), markup=False, style="red")
        for each in refusal.reasons:
            errors.print(f"  {each.word}: {getattr(each.said, lang.value)}", markup=False, style="red", soft_wrap=True)
    print_rounds(rounds)


def print_arrivals(arrivals: Arrivals, rounds: Sequence[Round] = (), *, as_json: bool = False) -> None:
    """What came, and what was refused."""
    if as_json:
        print_json(
            {
                "applied": [msgspec.to_builtins(each) for each in arrivals.applied],
                "known": arrivals.known,
                "waiting": arrivals.waiting,
                "refused": [
                    {"envelope": each.envelope, "reason": each.reason, "detail": each.detail}
                    for each in arrivals.refused
                ],
                "links": [plain(each) for each in rounds],
            }
        )
        return
    for manifest in arrivals.applied:
        tables = ", ".join(sorted({each.dataset for each in manifest.files}))
        console.print(
            f"applied   {manifest.permit} {manifest.sequence} from {manifest.sender}: {tables}, {manifest.rows:,} rows"
        )
    console.print(f"known {arrivals.known}, waiting {arrivals.waiting}, refused {len(arrivals.refused)}")
    for refusal in arrivals.refused:
        errors.print(f"refused: {refusal}", markup=False, style="red", soft_wrap=True)
    print_troubles(rounds)
