"""Two small cells that know each other, and permits between them: what the tests of the border begin with."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.flows.border import verifier_of
from entrepot.flows.cells import init_cell, pair_cells
from entrepot.flows.importing import import_paths
from entrepot.flows.permits import accept_permit, new_permit
from entrepot.residency.permits.terms import Circumstances, Recipient
from entrepot.testing.small_files import Move, Sale, alipay_text, tmall_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.flows.parts import CellParts

SHOP = "our shop"
PROCESSOR = "main"
PERMISSION = {"tmall": "agreement-7", "alipay": "agreement-8"}
SALES = (
    Sale("2800000000000000001", 100_00, shipping_minor=8_00, merchant_minor=5_00),
    Sale("2800000000000000002", 50_00),
    Sale("2800000000000000003", 30_00, refunded_minor=10_00),
)
MOVES = (
    Move("F1", "2800000000000000001", "在线支付", 103_00),
    Move("F2", "2800000000000000002", "在线支付", 50_00),
)
EVERY_EXPORT = (
    *("important_data_determination", "impact_assessment", "notice"),
    *("legal_basis", "separate_consent", "recipient_conditions"),
)
_SETTINGS = f"""
[[shops]]
shop = "{SHOP}"
channel = "tmall"
entity = "main"
"""


@dataclass(frozen=True)
class TwoCells:
    """A China cell with orders, and an empty global one.

    Attributes:
        folder: Holds both, and the mail between them.
    """

    folder: Path

    @property
    def cn(self) -> CellParts:
        """The China cell, its settings read anew."""
        return open_cell(self.folder / "cn")

    @property
    def abroad(self) -> CellParts:
        """The global cell, its settings read anew."""
        return open_cell(self.folder / "global")

    @property
    def mail(self) -> Path:
        """Where envelopes for the global cell lie."""
        return self.folder / "mail" / "to-global"

    def copied(self, folder: Path) -> TwoCells:
        """Both cells as they stand, in another place."""
        shutil.copytree(self.folder, folder)
        for name in ("cn", "global"):
            settings = folder / name / "cell.toml"
            text = settings.read_text(encoding="utf-8")
            settings.write_text(text.replace(str(self.folder), str(folder)), encoding="utf-8")
        return TwoCells(folder)

    def sell(self, sales: Sequence[Sale] = SALES, moves: Sequence[Move] = MOVES, name: str = "first") -> None:
        """Import orders and what Alipay paid into the China cell."""
        files = self.folder / "files" / name
        files.mkdir(parents=True)
        (files / "orders.csv").write_text(tmall_text(sales, SHOP), encoding="gb18030")
        (files / "alipay.csv").write_text(alipay_text(moves), encoding="gb18030")
        report = import_paths(self.cn, [files])
        assert [each.status for each in report.files] == ["imported", "imported"], "the files of a test are read"

    def permit(
        self,
        name: str = "journals",
        shape: str = "A",
        purpose: str = "group_accounts",
        *,
        accepted: bool = True,
        important_data: bool | None = False,
        platforms: dict[str, str] | None = None,
        shops: tuple[str, ...] = (),
        persons_max: int | None = None,
        days: int = 365,
    ) -> Path:
        """Write a permit of the China cell, and let the global one accept it."""
        path = new_permit(
            self.cn,
            name,
            shape=shape,
            to="global",
            purpose=purpose,
            recipient=Recipient("Brand GmbH", "EU", "privacy@brand.example"),
            processor=PROCESSOR,
            circumstances=Circumstances(important_data=important_data),
            platforms=PERMISSION if platforms is None else platforms,
            days=days,
            shops=shops,
            persons_max=persons_max,
        )
        if accepted:
            accept_permit(self.abroad, path, "cn")
        return path

    def put_on_file(self, *kinds: str) -> None:
        """Evidence of these kinds, and no other."""
        lines = ["evidence:"] if kinds else ["evidence: []"]
        for kind in kinds:
            basis = ", basis: consent" if kind == "legal_basis" else ""
            lines.append(
                f"  - {{kind: {kind}, number: no-{kind}, processor: {PROCESSOR}, valid_from: 2020-01-01, "
                f"purposes: [group_accounts, planning], recipients: [global]{basis}}}"
            )
        border = self.folder / "cn" / "border"
        border.mkdir(parents=True, exist_ok=True)
        (border / "evidence.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def envelopes(self) -> list[Path]:
        """Envelopes that lie in the mail, in order."""
        return sorted(self.mail.glob("*.envelope"))


def two_cells(folder: Path) -> TwoCells:
    """Make and pair two cells; nothing is imported yet."""
    for name, profile, currency in (("cn", "CN", "CNY"), ("global", "EU", "EUR")):
        init_cell(folder / name, name, profile=profile, region=profile, entity="main", currency=currency)
    settings = folder / "cn" / "cell.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + _SETTINGS, encoding="utf-8")
    keys = {name: verifier_of(open_cell(folder / name)) for name in ("cn", "global")}
    for name, other, region in (("cn", "global", "EU"), ("global", "cn", "CN")):
        mail = folder / "mail"
        pair_cells(
            folder / name,
            other,
            region=region,
            verifier=keys[other],
            send=mail / f"to-{other}",
            receive=mail / f"to-{name}",
        )
    return TwoCells(folder)
