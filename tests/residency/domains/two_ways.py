"""Two cells that share domains both ways, and the mail between them, carried by hand: the beginning of these tests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.flows.border import clear, door_for, receive
from entrepot.flows.domains import domain_rows
from entrepot.flows.importing import import_paths
from entrepot.flows.permits import accept_permit, new_permit
from entrepot.residency.permits.terms import Circumstances, Recipient
from entrepot.testing.small_files import tmall_text
from tests.residency.border.two_cells import EVERY_EXPORT, PERMISSION, SALES, SHOP, two_cells

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from tests.residency.border.two_cells import TwoCells

ARTICLES = "sku_id,name,brand,unit_cost,currency,valid_from\n"
_REGION = {"cn": "CN", "global": "EU"}
_SHAPES = {"catalogue": "H", "prices": "I", "stock": "J", "companies": "K", "orders": "F"}
OF_THE_BORDER = {"border", "keys", "cell.toml"}
"""What of a company folder is not imported data."""
OTHER = {"cn": "global", "global": "cn"}


@dataclass(frozen=True)
class Shared:
    """Two cells with shared domains.

    Attributes:
        cells: The two cells.
    """

    cells: TwoCells

    def cell(self, name: str) -> CellParts:
        return self.cells.cn if name == "cn" else self.cells.abroad

    def declare(self, name: str, *domains: str) -> None:
        """Write `domains.yaml`; a domain is the words behind `domain:`, with its rule."""
        lines = []
        for each in domains:
            kind, _, rule = each.partition(" ")
            way = f"with: {OTHER[name]}, changed_in: [cn, global], send: {kind}-{name}, receive: {kind}-{OTHER[name]}"
            lines.append(f"  - {{domain: {kind}, {way}{', rule: {' + rule + '}' if rule else ''}}}")
        self.write_domains(name, *lines)

    def write_domains(self, name: str, *lines: str) -> None:
        """Write `domains.yaml` of these lines."""
        border = self.cells.folder / name / "border"
        border.mkdir(parents=True, exist_ok=True)
        (border / "domains.yaml").write_text("\n".join(("domains:", *lines)) + "\n", encoding="utf-8")

    def permit(self, kind: str, name: str, purpose: str = "planning") -> None:
        """Write the permit of one way, and let the other cell accept it."""
        path = new_permit(
            self.cell(name),
            f"{kind}-{name}",
            shape=_SHAPES[kind],
            to=OTHER[name],
            purpose=purpose,
            recipient=Recipient("Brand", _REGION[OTHER[name]], "privacy@brand.example"),
            processor="main",
            circumstances=Circumstances(important_data=False),
            platforms=PERMISSION,
            days=365,
        )
        accept_permit(self.cell(OTHER[name]), path, name)

    def put_on_file(self, name: str, *more: str) -> None:
        """Evidence that an export from China may need, and what else is named."""
        lines = ["evidence:"]
        for kind in (*EVERY_EXPORT, *more):
            basis = ", basis: consent" if kind == "legal_basis" else ""
            lines.append(
                f"  - {{kind: {kind}, number: no-{kind}, processor: main, valid_from: 2020-01-01, "
                f"purposes: [planning, after_sale], recipients: [{OTHER[name]}]{basis}}}"
            )
        border = self.cells.folder / name / "border"
        border.mkdir(parents=True, exist_ok=True)
        (border / "evidence.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def list_articles(self, name: str, batch: str, *lines: str, stock: int | None = None, sells: bool = False) -> None:
        """Import a list of articles: sku_id, name, brand, unit_cost, currency, valid_from.

        With `stock` a list of so many units, and if it `sells` some orders, come with it: an import derives everything
        anew, however many files it has.
        """
        files = self.cells.folder / "files" / f"{name}-{batch}"
        files.mkdir(parents=True)
        (files / "articles.csv").write_text(ARTICLES + "".join(f"{each}\n" for each in lines), encoding="utf-8")
        if stock is not None:
            text = f"stock_day,sku_id,location,quantity\n2026-09-30,YX-3,main,{stock}\n"
            (files / "stock.csv").write_text(text, encoding="utf-8")
        if sells:
            (files / "orders.csv").write_text(tmall_text(SALES, SHOP), encoding="gb18030")
        report = import_paths(self.cell(name), [files])
        assert {each.status for each in report.files} == {"imported"}, "the files of a test are read"

    def copied(self, folder: Path) -> Shared:
        """The same in another place."""
        return Shared(self.cells.copied(folder))

    def go_on_as(self, name: str, later: Shared) -> None:
        """Take what a cell imported elsewhere: an import has no part in what crosses."""
        for path in (later.cells.folder / name).iterdir():
            if path.name in OF_THE_BORDER:
                continue
            here = self.cells.folder / name / path.name
            if path.is_dir():
                shutil.rmtree(here, ignore_errors=True)
                shutil.copytree(path, here)
            else:
                shutil.copyfile(path, here)

    def send(self, name: str, *permits: str) -> None:
        refused = clear(self.cell(name), permits).refused
        assert refused == []

    def take(self, name: str) -> int:
        arrivals = receive(self.cell(name))
        assert arrivals.refused == []
        return len(arrivals.applied)

    def meet(self) -> None:
        """Everything crosses, both ways."""
        for name in OTHER:
            self.send(name)
        for name in OTHER:
            self.take(name)

    def held(self, name: str, kind: str, *fields: str) -> list[tuple[object, ...]]:
        rows = domain_rows(door_for(self.cell(name)), kind).to_pylist()
        return [tuple(each[field] for field in ("item", *fields, "origin", "state")) for each in rows]


def shared(folder: Path) -> Shared:
    """Make and pair two cells with a warehouse each; nothing is imported, permitted or declared yet."""
    made = Shared(two_cells(folder))
    for name in OTHER:
        made.put_on_file(name)
        settings = folder / name / "cell.toml"
        text = settings.read_text(encoding="utf-8").replace("[cell]", '[cell]\nlocations = ["main"]', 1)
        settings.write_text(text, encoding="utf-8")
    return made
