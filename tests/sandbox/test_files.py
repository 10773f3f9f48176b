"""The files are read back here with a few lines of their own, and must tell what happened in the world."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from collections import defaultdict
from typing import TYPE_CHECKING

from entrepot.sandbox.brand import AMAZON_US, DOUYIN, DOUYIN_GLOBAL, JD, PDD, SHOPIFY_EU, SHOPIFY_US, TMALL
from entrepot.sandbox.clock import EARLY, END

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.sandbox import World, WrittenFile


def _fen(cell: str) -> int:
    whole, _, rest = cell.strip().lstrip("-").partition(".")
    size = int(whole) * 100 + int(f"{rest:0<2}")
    return -size if cell.strip().startswith("-") else size


def _text(path: Path, encoding: str) -> str:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(archive.namelist()[0])
    return content.decode(encoding)


def _table(text: str, comma: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=comma))


def _paths(company: Path, written: list[WrittenFile], kind: str, shop: str = "") -> list[Path]:
    return [company / file.path for file in written if file.kind == kind and shop in ("", file.shop)]


def _moved(world: World, shop: str, *kinds: str) -> int:
    return sum(move.amount_minor for move in world.movements_of(shop) if not kinds or move.kind in kinds)


def test_the_alipay_balance_runs_but_for_one_gap_and_footers_hold_but_for_one(
    world: World, company: Path, written: list[WrittenFile]
) -> None:
    breaks, totals, moved, balance = [], [], 0, None
    for path in _paths(company, written, "alipay_ledger"):
        lines = _text(path, "gbk").splitlines()
        assert lines[1] == "#账号：[20880000000000000156]"
        table = _table("\n".join(line for line in lines if not line.startswith("#")))
        sums = {"收入合计": [0, 0], "支出合计": [0, 0]}
        for row in table:
            assert row["账务流水号"].endswith("\t")
            income, expense = _fen(row["收入金额（+元）"]), abs(_fen(row["支出金额（-元）"]))
            now = _fen(row["账户余额（元）"])
            if balance is not None and now - balance != income - expense:
                breaks.append((row["账务流水号"].strip(), now - balance - income + expense))
            balance, moved = now, moved + income - expense
            for name, minor in (("收入合计", income), ("支出合计", expense)):
                sums[name][0] += bool(minor)
                sums[name][1] += minor
        for name, (count, minor) in sums.items():
            printed = re.search(rf"#{name}：(\d+)笔，共([0-9.]+)元", "\n".join(lines))
            assert printed
            assert int(printed[1]) == count
            if _fen(printed[2]) != minor:
                totals.append((path.name, name, _fen(printed[2]) - minor))
    assert breaks == [(gap.line_id, gap.minor) for gap in world.wallet_gaps]
    planted = [wrong for wrong in world.wrong_totals if not wrong.settlement_id]
    assert totals == [(wrong.file, wrong.name, wrong.excess_minor) for wrong in planted]
    assert moved == _moved(world, TMALL.shop)
    assert len(breaks) == len(totals) == 1


def test_tmall_lists_give_back_what_was_paid(world: World, company: Path, written: list[WrittenFile]) -> None:
    orders = {order.order_id: order for order in world.orders_of(TMALL.shop)}
    names = [file.path for file in written if file.kind == "tmall_orders" and file.path.endswith("csv")]
    seen = 0
    for path in (company / name for name in names if "20261101" in name):
        for row in _table(_text(path, "gbk")):
            if not row["主订单编号"] or "E+" in row["订单编号"]:
                continue
            order = orders[row["订单编号"].strip('="')]
            total, cell = _fen(row["总金额"]), _fen(row["买家实际支付金额"])
            refund = 0 if row["退款金额"] == "无退款申请" else _fen(row["退款金额"])
            paid = cell + refund if cell + refund <= total else cell
            assert paid == (order.paid_minor if order.paid_at is not None else 0)
            assert row["店铺名称"] == TMALL.shop
            seen += 1
    assert seen > 500


def test_broken_rows_stand_where_they_are_said_to_stand(
    world: World, company: Path, written: list[WrittenFile]
) -> None:
    encodings = {"tmall": "gbk", "pdd": "utf-8-sig", "douyin": "utf-8-sig"}
    for broken in world.broken:
        path = next(company / file.path for file in written if file.path.endswith(f"/{broken.file}"))
        rows = list(csv.reader(io.StringIO(_text(path, encodings[path.parent.name]), newline="")))
        header, row = rows[0], rows[broken.row_no - 1]
        if broken.reason == "columns":
            assert len(row) < len(header)
        elif broken.reason == "ruined_id":
            assert re.fullmatch(r"\d\.\d\dE\+18", row[0])
            assert not any(broken.order_id in cell for other in rows for cell in other[:1])
        elif broken.reason == "amount":
            assert row[header.index("商品总价(元)")].strip().endswith("O")
        else:
            assert row[header.index("订单状态")] == "风险待核"
    assert sorted(row.reason for row in world.broken) == [
        "amount",
        "columns",
        "columns",
        "ruined_id",
        "unknown_status",
    ]


def test_a_copy_has_the_bytes_of_its_original(company: Path, written: list[WrittenFile]) -> None:
    (copy,) = (file for file in written if file.role == "copy")
    twins = [file for file in written if (company / file.path).read_bytes() == (company / copy.path).read_bytes()]
    assert len(twins) == 2


def test_earlier_exports_show_earlier_states(company: Path, written: list[WrittenFile]) -> None:
    earlier = [file for file in written if file.role == "earlier"]
    assert sorted(file.kind for file in earlier) == ["douyin_orders", "tmall_order_lines", "tmall_orders"]
    (then,) = (company / file.path for file in earlier if file.kind == "douyin_orders")
    (now,) = (path for path in then.parent.glob(f"{END // 10_000}*_orders_202609.csv"))
    assert then.name.startswith(str(EARLY + 600))
    first, last = (_table(_text(path, "utf-8-sig")) for path in (then, now))
    assert {row["子订单编号"] for row in first} == {row["子订单编号"] for row in last}
    assert any(row["订单状态"] == "已发货" for row in first)
    before = {row["子订单编号"]: row["订单状态"] for row in first}
    assert all(row["订单状态"] == "已完成" for row in last if before[row["子订单编号"]] == "已完成")


def test_jd_wallet_rows_add_up(world: World, company: Path, written: list[WrittenFile]) -> None:
    total = 0
    for path in _paths(company, written, "jd_wallet"):
        for row in _table(_text(path, "gbk")):
            assert row["店铺号"] == JD.shop
            total += abs(_fen(row["金额"])) * (1 if row["收支方向"] == "收入" else -1)
    assert total == _moved(world, JD.shop)
    rows = [row for path in _paths(company, written, "jd_orders") for row in _table(_text(path, "gbk"))]
    goods: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        goods[row["订单号"]] += _fen(row["京东价"]) * int(row["订购数量"])
    assert all(goods[row["订单号"]] == _fen(row["订单金额"]) for row in rows)


def test_pinduoduo_bills_add_up_and_cells_end_with_a_tab(
    world: World, company: Path, written: list[WrittenFile]
) -> None:
    total = 0
    for path in _paths(company, written, "pdd_bill"):
        encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "gb18030"
        lines = _text(path, encoding).splitlines()
        first = next(at for at, line in enumerate(lines) if line.startswith("商户订单号"))
        for row in _table("\n".join(line for line in lines[first:] if not line.startswith("#"))):
            total += _fen(row["收入金额（+元）"]) + _fen(row["支出金额（-元）"])
    assert total == _moved(world, PDD.shop)
    for path in _paths(company, written, "pdd_orders"):
        for row in _table(_text(path, "utf-8-sig")):
            assert all(cell.endswith("\t") for cell in row.values())


def test_douyin_settlements_hold_their_identity_with_one_sign_per_file(
    world: World, company: Path, written: list[WrittenFile]
) -> None:
    fees = ("平台服务费", "佣金", "渠道分成", "招商服务费", "站外推广费", "其他分成")
    parts = ("用户实付", "平台补贴", "达人补贴", "抖音支付补贴", "抖音月付营销补贴")
    for shop in (DOUYIN, DOUYIN_GLOBAL):
        total, signs = 0, []
        for path in _paths(company, written, "douyin_settlement", shop.shop):
            rows = _table(_text(path, "utf-8-sig"))
            assert rows[0]["结算金额"] == "收入+支出"
            sign = 1 if "-" in "".join(row["平台服务费"] for row in rows) else -1
            signs.append(sign)
            for row in rows[1:]:
                total += _fen(row["结算金额"])
                income = _fen(row["收入合计"])
                assert income == sum(_fen(row[name]) for name in parts) - _fen(row["结算前退款金额"])
                if row["结算单类型"] == "已结算":
                    assert _fen(row["结算金额"]) == income + sign * sum(_fen(row[name]) for name in fees)
        assert signs == [1, -1, 1]
        assert total == _moved(world, shop.shop)


def test_shopify_payouts_and_amazon_settlements_add_up(world: World, company: Path, written: list[WrittenFile]) -> None:
    for shop in (SHOPIFY_US, SHOPIFY_EU):
        rows = [
            row
            for path in _paths(company, written, "shopify_payouts", shop.shop)
            for row in _table(_text(path, "utf-8"))
        ]
        assert all(_fen(row["Amount"]) - _fen(row["Fee"]) == _fen(row["Net"]) for row in rows)
        assert sum(_fen(row["Net"]) for row in rows) == _moved(world, shop.shop)
    wrong, moved = {}, 0
    for path in _paths(company, written, "amazon_settlement"):
        head, *rows = _table(_text(path, "utf-8"), "\t")
        lines = sum(_fen(row["amount"]) for row in rows)
        moved += lines
        if _fen(head["total-amount"]) != lines:
            wrong[head["settlement-id"]] = _fen(head["total-amount"]) - lines
    assert wrong == {"18800000003": 725}
    assert moved == _moved(world, AMAZON_US.shop)


def test_shopify_totals_say_whether_tax_is_inside(company: Path, written: list[WrittenFile]) -> None:
    for shop, inside in ((SHOPIFY_US, False), (SHOPIFY_EU, True)):
        (path,) = _paths(company, written, "shopify_orders", shop.shop)
        heads = [row for row in _table(_text(path, "utf-8")) if row["Total"]]
        for row in heads:
            taxes = 0 if inside else _fen(row["Taxes"])
            assert _fen(row["Total"]) == _fen(row["Subtotal"]) + _fen(row["Shipping"]) + taxes
        assert any(_fen(row["Taxes"]) for row in heads)


def test_every_personal_value_is_written_and_none_looks_real(
    world: World, company: Path, written: list[WrittenFile]
) -> None:
    texts = []
    for file in written:
        path = company / file.path
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                texts += [book.read(name).decode("utf-8") for name in book.namelist()]
        elif file.kind.startswith(("tmall", "alipay", "jd")):
            texts.append(_text(path, "gbk"))
        elif file.kind != "pdd_bill":
            texts.append(_text(path, "utf-8-sig"))
    everything = "".join(texts)
    values = world.personal_values()
    assert len(values) > 5_000
    assert [value for value in values if value not in everything] == []
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", " ".join(values))


def test_the_company_file_names_every_shop(world: World, company: Path, written: list[WrittenFile]) -> None:
    import tomllib

    cell = tomllib.loads((company / "cell.toml").read_text(encoding="utf-8"))
    assert cell["cell"] == {"region": "cn", "reporting_currency": "CNY"}
    assert [shop["shop"] for shop in cell["shops"]] == [shop.shop for shop in world.shops]
    assert {shop["entity"] for shop in cell["shops"]} == {entity["id"] for entity in cell["entities"]}
    assert cell["wallets"][0]["account"] == "20880000000000000156"
    assert {file.path.split("/")[1] for file in written if file.path.startswith("files/")} == {
        *(shop["folder"] for shop in cell["shops"]),
        "brand",
    }
