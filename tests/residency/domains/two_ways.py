"""Two cells that share domains both ways, and the mail between them, carried by hand: the beginning of these tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.flows.border import accept_permit, clear, door_for, new_permit, receive
from entrepot.flows.domains import domain_rows
from entrepot.flows.importing import import_paths
from entrepot.residency.permits.terms import Circumstances, Recipient
from tests.residency.border.two_cells import EVERY_EXPORT, PERMISSION, two_cells

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from tests.residency.border.two_cells import TwoCells

ARTICLES = "sku_id,name,brand,unit_cost,currency,valid_from\n"
_REGION = {"cn": "CN", "global": "EU"}
_SHAPES = {"catalogue": "H", "prices": "I", "stock": "J", "companies": "K", "orders": "F"}
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

    def list_articles(self, name: str, batch: str, *lines: str) -> None:
        """Import a list of articles: sku_id, name, brand, unit_cost, currency, valid_from."""
        files = self.cells.folder / "files" / f"{name}-{batch}"
        files.mkdir(parents=True)
        (files / "articles.csv").write_text(ARTICLES + "".join(f"{each}\n" for each in lines), encoding="utf-8")
        self.import_folder(name, files)

    def import_folder(self, name: str, files: Path) -> None:
        """Import the one file of a folder."""
        report = import_paths(self.cell(name), [files])
        assert [each.status for each in report.files] == ["imported"], "the files of a test are read"

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
    """Make and pair two cells; nothing is imported, permitted or declared yet."""
    made = Shared(two_cells(folder))
    for name in OTHER:
        made.put_on_file(name)
    return made
