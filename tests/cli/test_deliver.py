"""`entrepot deliver` as a person and a program see it, with an ERP that nobody answers for; the real one has its own tests."""

from __future__ import annotations

import json
import re
import shutil
import socket
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from entrepot.cli import deliver
from entrepot.delivery.erp import JOURNAL
from entrepot.delivery.registry import erp_named
from entrepot.flows import delivering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.flows.delivering import PlanReport
    from entrepot.testing.sample_company import ImportedCompany


@pytest.fixture
def home(small_imported: ImportedCompany, tmp_path: Path) -> Path:
    """A company with a target at a port where nobody listens."""
    shutil.copytree(small_imported.parts.layout.home, tmp_path / "company")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "company" / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'\n[[targets]]\nname = "erp"\nerp = "tryton"\nregion = "cn"\nurl = "http://127.0.0.1:{port}"\n'
            'database = "books"\nuser = "admin"\n'
        )
    (tmp_path / "company" / "mappings").mkdir(exist_ok=True)
    (tmp_path / "company" / "mappings" / "erp.csv").write_text(erp_named("tryton").accounts, encoding="utf-8")
    return tmp_path / "company"


def test_a_plan_is_shown_kept_and_not_made_twice(run: Callable[..., Any], home: Path) -> None:
    words = ("deliver", "plan", "erp", "--period", "2026-09", "--home", home)
    shown = json.loads(run(*words, "--dry-run", "--json").out)
    assert len(shown["would_add"]) == shown["planned"] == shown["documents"] > 100
    assert all(sum(line["functional_minor"] for line in each["lines"]) == 0 for each in shown["would_add"])
    kept = json.loads(run(*words, "--json").out)
    assert kept["planned"] == shown["planned"], "a dry run keeps nothing"
    assert all(row["debit_minor"] == row["credit_minor"] > 0 for row in kept["totals"])
    again = run(*words)
    assert again.code == 0
    assert f"{shown['documents']:,} documents in the period, 0 to send" in again.out


def test_invoices_are_shown_with_what_was_sold_and_explained(run: Callable[..., Any], home: Path) -> None:
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write('invoices = "order"\ncredit_notes = "day"\nfields = ["text", "product", "product_name"]\n')
    words = ("deliver", "plan", "erp", "--period", "2026-09", "--home", home)
    planned = json.loads(run(*words, "--dry-run", "--json").out)
    invoices = [each for each in planned["would_add"] if each["kind"] == "invoice"]
    assert len(invoices) == planned["kinds"]["invoice"] > 10
    assert {"party", "product", "credit_note", "journal"} < set(planned["kinds"])
    # One with two sorts of goods, so that the sums have something to add.
    one = next(each for each in invoices if len(each["body"]["items"]) > 1)
    sold = sum(each["amount_minor"] for each in (*one["body"]["items"], *one["body"]["taxes"]))
    assert one["lines"][0]["amount_minor"] == sold
    counted = f"{planned['kinds']['invoice']:,} invoices, {planned['kinds']['credit_note']:,} credit notes"
    assert counted in run(*words).out
    explained = run("deliver", "explain", "erp", one["document_id"], "--home", home).out
    assert f"invoice to {one['body']['party']}" in explained
    assert one["body"]["items"][0]["product"] in explained


def test_a_plan_says_which_sales_stay_journals_because_of_their_currency(run: Callable[..., Any], home: Path) -> None:
    settings = (home / "cell.toml").read_text(encoding="utf-8").replace('erp = "tryton"', 'erp = "erpnext"')
    (home / "cell.toml").write_text(f'{settings}invoices = "day"\n', encoding="utf-8")
    words = ("deliver", "plan", "erp", "--period", "2026-09", "--dry-run", "--home", home)
    planned = json.loads(run(*words, "--json").out)
    assert {each["currency"] for each in planned["would_add"] if each["kind"] == "invoice"} >= {"CNY", "USD"}
    (one, *_) = planned["foreign_journals"]
    assert (one["kind"], one["orders"] > 0) == ("invoice", True)
    told = run(*words).out
    assert (
        f"no invoices of {one['orders']:,} orders in {one['currency']}, {one['amount_minor'] / 100:,.2f}: they" in told
    )


def test_a_plan_says_which_orders_stay_journals_because_of_both_sides(
    run: Callable[..., Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = delivering.plan

    def nearly_cancelled(*told: Any, **facts: Any) -> PlanReport:
        return replace(made(*told, **facts), opposed=(("invoice", "USD", 2),))

    monkeypatch.setattr(delivering, "plan", nearly_cancelled)
    words = ("deliver", "plan", "erp", "--period", "2026-09", "--dry-run", "--home", home)
    planned = json.loads(run(*words, "--json").out)
    assert planned["opposed_in_journals"] == [{"kind": "invoice", "currency": "USD", "orders": 2}]
    told = " ".join(run(*words).out.split())
    assert "2 orders in USD stay in journals: invoices of them would have a line that is a debit in one" in told


def test_goods_are_shown_by_product_with_what_is_in_no_document_and_an_audit_counts_pieces(
    run: Callable[..., Any], home: Path, tmp_path: Path
) -> None:
    (tmp_path / "inbox").mkdir()
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'\n[[targets]]\nname = "files"\nerp = "folder"\nregion = "cn"\nurl = "{tmp_path / "inbox"}"\n'
            'movements = "order"\nfields = ["text", "product"]\n'
        )
    shutil.copy(home / "mappings" / "erp.csv", home / "mappings" / "files.csv")
    words = ("deliver", "plan", "files", "--period", "2026-09", "--home", home)
    planned = json.loads(run(*words, "--dry-run", "--json").out)
    unknown = planned["goods_left_out"]["day_unknown"]
    assert unknown["orders"] > 10
    told = run(*words).out
    assert f"{planned['kinds']['goods_issue']:,} goods issues" in told
    assert f"goods of no document: {unknown['orders']:,} orders, {unknown['pieces']:,} pieces: shipped on a day" in told
    one = next(each for each in planned["would_add"] if each["kind"] == "goods_issue")
    explained = run("deliver", "explain", "files", one["document_id"], "--home", home).out
    assert f"goods_issue of {one['body']['party']}" in explained
    assert one["body"]["lines"][0]["product"] in explained
    assert run("deliver", "run", "files", "--home", home).code == 0
    audit = ("deliver", "audit", "files", "--period", "2026-09", "--home", home)
    sums = json.loads(run(*audit, "--json").out)["goods"]["sums"]
    told = run(*audit)
    company, moved, held, costed, booked = sums[0]
    assert f"{company}  goods {moved:,} pieces out, {held:,} in the ERP; {costed:,} with a cost" in told.out
    assert (told.code, moved == held, costed == booked > 0) == (0, True, True)
    file = next(path for path in (tmp_path / "inbox" / "goods_issue").iterdir() if one["document_id"] in path.name)
    quantity = one["body"]["lines"][0]["quantity"]
    text = file.read_text(encoding="utf-8-sig").replace(f",{quantity},", f",{quantity + 1},")
    file.write_text(text, encoding="utf-8-sig")
    told = run(*audit)
    assert (told.code, "beside the stock that moved" in told.out, "pieces" in told.out) == (1, True, True)


def test_every_reason_why_goods_are_left_out_has_words() -> None:
    text = resources.files("entrepot.delivery").joinpath("sql", "goods_moved.sql").read_text(encoding="utf-8")
    reasons = set(re.findall(r"then '([a-z_]+)'", text)) | set(
        re.findall(r"cast\('([a-z_]+)' as varchar\) as left_out", text)
    )
    assert reasons == set(deliver._LEFT_OUT)


def test_an_erp_that_does_not_answer_is_tried_again_later_and_loses_nothing(
    run: Callable[..., Any], home: Path
) -> None:
    at_home = ("--home", home)
    planned = json.loads(run("deliver", "plan", "erp", "--period", "2026-09", "--json", *at_home).out)["planned"]
    told = run("deliver", "run", "erp", "--wait", "0", "--json", *at_home)
    assert told.code == 75
    done = json.loads(told.out)
    assert done["open"] == planned
    assert set(done["words"]) == {"begun", "retry_after"}
    assert json.loads(run("deliver", "status", "erp", "--json", *at_home).out)["counts"] == [
        {"period": "2026-09", "status": "planned", "documents": planned}
    ]


def test_a_person_reads_what_to_do_in_chinese_and_puts_it_back_in_line(run: Callable[..., Any], home: Path) -> None:
    at_home = ("--home", home)
    run("deliver", "plan", "erp", "--period", "2026-09", *at_home)
    engine = sa.create_engine(f"sqlite:///{home / 'state.db'}")
    with engine.begin() as state:
        state.execute(
            sa.text(
                "update delivery_documents set status = 'rejected', code = 'account', words = 'cn has no account 9' "
                "where document_id = (select min(document_id) from delivery_documents)"
            )
        )
        document = state.execute(sa.text("select min(document_id) from delivery_documents")).scalar_one()
    engine.dispose()
    told = run("deliver", "status", "erp", "--lang", "zh", *at_home).out
    assert "被拒绝" in told
    assert f"{document}" in told
    assert "cn has no account 9" in told
    assert "在该公司科目表中建立此科目" in told
    explained = run("deliver", "explain", "erp", document, *at_home).out
    assert "trouble   account: cn has no account 9" in explained
    assert json.loads(run("deliver", "retry", "erp", "--json", *at_home).out) == {"again": [document]}
    assert "被拒绝" not in run("deliver", "status", "erp", "--lang", "zh", *at_home).out
    for code, todo in (("unseen_company", "公司"), ("deleted", "deliver retry 目标 单据")):
        engine = sa.create_engine(f"sqlite:///{home / 'state.db'}")
        with engine.begin() as state:
            state.execute(
                sa.text("update delivery_documents set status = 'conflict', code = :code where document_id = :key"),
                {"code": code, "key": document},
            )
        engine.dispose()
        assert todo in run("deliver", "status", "erp", "--lang", "zh", *at_home).out
    assert json.loads(run("deliver", "retry", "erp", "--json", *at_home).out) == {"again": []}
    assert json.loads(run("deliver", "retry", "erp", document, "--json", *at_home).out) == {"again": [document]}


def test_an_audit_without_documents_asks_nobody_and_a_wrong_target_is_named(
    run: Callable[..., Any], home: Path
) -> None:
    told = run("deliver", "audit", "erp", "--period", "2026-09", "--home", home)
    assert (told.code, "documents       0" in told.out) == (0, True)
    run("deliver", "plan", "erp", "--period", "2026-09", "--home", home)
    unsent = run("deliver", "audit", "erp", "--period", "2026-09", "--home", home)
    assert (unsent.code, "not there yet" in unsent.out) == (1, True), "a month that was not sent is not in order"
    wrong = run("deliver", "status", "sap", "--home", home)
    assert wrong.code == 1
    assert "there is no target sap; cell.toml names erp" in wrong.err


def test_an_adapter_that_knows_journals_only_refuses_invoices_before_anything_is_kept(
    run: Callable[..., Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write('invoices = "day"\nmaster_data = "expect"\n')
    known = erp_named("tryton")
    plain = replace(known, spec=replace(known.spec, steps={JOURNAL: known.spec.steps[JOURNAL]}))
    monkeypatch.setattr("entrepot.flows.delivering.erp_named", lambda _name: plain)
    refused = run("deliver", "plan", "erp", "--period", "2026-09", "--home", home)
    assert (refused.code, "erp asks for invoice" in refused.err) == (1, True)
    assert json.loads(run("deliver", "status", "erp", "--json", "--home", home).out)["counts"] == []


def test_no_mapping_is_taken_for_granted_and_the_printed_one_can_be_used(run: Callable[..., Any], home: Path) -> None:
    mapping = home / "mappings" / "erp.csv"
    mapping.unlink()
    refused = run("deliver", "plan", "erp", "--period", "2026-09", "--home", home)
    assert (refused.code, "entrepot deliver mapping --erp tryton" in refused.err) == (1, True)
    mapping.write_text(run("deliver", "mapping").out, encoding="utf-8")
    assert run("deliver", "plan", "erp", "--period", "2026-09", "--home", home).code == 0
