"""The sample company in a China cell, an empty cell abroad, and a permit between them that lets out safe sums."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.flows.border import verifier_of
from entrepot.flows.cells import init_cell, pair_cells
from entrepot.flows.permits import accept_permit, new_permit
from entrepot.residency.aggregates.rules import Rule
from entrepot.residency.permits.terms import Aggregates, Circumstances, Recipient
from tests.residency.border.two_cells import TwoCells

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.testing.sample_company import ImportedCompany

__all__ = ["UNNAMED", "group_cells", "put_on_file", "sums_permit"]

PROCESSOR = "cn-shanghai"
UNNAMED = ("amazon", "douyin", "own_shop", "pinduoduo")
"""Channels whose files do not say who bought."""
TERMS = Aggregates(
    currency="EUR",
    month_from="2026-01",
    month_to="2026-12",
    sku_groups={"serum": ("YX-SER-30",), "cream": ("YX-CRM-50",)},
    orders_as_persons=UNNAMED,
    rule=Rule(persons_min=5),
)


def group_cells(imported: ImportedCompany, folder: Path) -> TwoCells:
    """Both cells, paired; nothing was let out yet."""
    shutil.copytree(imported.parts.layout.home, folder / "cn")
    path = folder / "cn" / "cell.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('[cell]\nregion = "cn"', '[cell]\nid = "cn"\nregion = "CN"'), encoding="utf-8")
    init_cell(folder / "global", "global", profile="EU", region="EU", entity="main", currency="EUR")
    keys = {name: verifier_of(open_cell(folder / name)) for name in ("cn", "global")}
    for name, other, region in (("cn", "global", "EU"), ("global", "cn", "CN")):
        send, receive = folder / "mail" / f"to-{other}", folder / "mail" / f"to-{name}"
        pair_cells(folder / name, other, region=region, verifier=keys[other], send=send, receive=receive)
    return TwoCells(folder)


def sums_permit(
    cells: TwoCells, terms: Aggregates | None = TERMS, name: str = "sums", shape: str = "G", processor: str = PROCESSOR
) -> None:
    """A permit of the China cell for the one abroad, accepted there."""
    platforms = {shop.channel for shop in cells.cn.settings.shops} | {"alipay"}
    path = new_permit(
        cells.cn,
        name,
        shape=shape,
        to="global",
        purpose="group_accounts",
        recipient=Recipient("Brand GmbH", "EU", "privacy@brand.example"),
        processor=processor,
        circumstances=Circumstances(important_data=False),
        platforms=dict.fromkeys(platforms, "agreement-7"),
        days=365,
        aggregates=terms,
    )
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"valid_from: .*", "valid_from: 2026-01-01", text), encoding="utf-8")
    accept_permit(cells.abroad, path, "cn")


def put_on_file(cells: TwoCells, processor: str = PROCESSOR) -> None:
    """The one piece of evidence that a transfer without persons needs."""
    border = cells.folder / "cn" / "border"
    border.mkdir(parents=True, exist_ok=True)
    (border / "evidence.yaml").write_text(
        "evidence:\n  - {kind: important_data_determination, number: no-1, valid_from: 2020-01-01, "
        f"processor: {processor}, purposes: [group_accounts], recipients: [global]}}\n",
        encoding="utf-8",
    )
