"""`entrepot export`: a file for the ERP, a summary for a program."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.testing.sample_company import ImportedCompany


def test_a_program_is_told_counts_totals_and_the_digest_of_the_file(
    run: Callable[..., Any], one_imported: ImportedCompany, tmp_path: Path
) -> None:
    home = ("--home", one_imported.parts.layout.home)
    out = tmp_path / "journal.xlsx"
    told = run(
        "export", "journal", "--period", "2026-09", "--format", "xlsx", "--per", "order", "--out", out, "--json", *home
    )
    assert told.code == 0
    summary = json.loads(told.out)
    assert summary["path"] == str(out)
    assert (summary["layout"], summary["format"], summary["per"]) == ("plain", "xlsx", "order")
    assert (summary["period"], summary["entity"], summary["is_new"]) == ("2026-09", None, True)
    assert summary["journals"] > 1_000
    assert summary["lines"] > summary["journals"]
    assert all(row["debit_minor"] == row["credit_minor"] > 0 for row in summary["totals"])
    assert summary["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()


def test_the_printed_mapping_is_one_that_can_be_used(
    run: Callable[..., Any], one_imported: ImportedCompany, tmp_path: Path
) -> None:
    mapping = tmp_path / "accounts.csv"
    mapping.write_text(run("export", "mapping", "--layout", "kingdee").out, encoding="utf-8")
    arguments = ("--layout", "kingdee", "--entity", "cn-shanghai", "--mapping", mapping, "--out", tmp_path / "out.csv")
    told = run("export", "journal", "--period", "2026-09", *arguments, "--home", one_imported.parts.layout.home)
    assert told.code == 0
    assert "cn-shanghai: debit " in told.out
    assert (tmp_path / "out.csv").read_bytes().decode("gb18030").startswith("FDATE,")


def test_an_account_that_is_not_mapped_stops_the_export_and_is_named(
    run: Callable[..., Any], one_imported: ImportedCompany, tmp_path: Path
) -> None:
    mapping = tmp_path / "accounts.csv"
    lines = run("export", "mapping", "--layout", "netsuite").out.splitlines(keepends=True)
    mapping.write_text("".join(line for line in lines if not line.startswith("account,cogs,")), encoding="utf-8")
    arguments = ("--layout", "netsuite", "--mapping", mapping, "--out", tmp_path / "out.csv", "--json")
    told = run("export", "journal", "--period", "2026-09", *arguments, "--home", one_imported.parts.layout.home)
    assert (told.code, told.out) == (1, "")
    error = json.loads(told.err)["error"]
    assert error["code"] == "delivery.accounts_unmapped"
    assert "account cogs" in error["message"]
    assert not (tmp_path / "out.csv").exists()


def test_an_account_for_a_channel_that_does_not_exist_stops_the_export(
    run: Callable[..., Any], one_imported: ImportedCompany, tmp_path: Path
) -> None:
    mapping = tmp_path / "accounts.csv"
    example = run("export", "mapping", "--layout", "netsuite").out
    mapping.write_text(f"{example}account,wallet/amazn,1003,,,\n", encoding="utf-8")
    arguments = ("--layout", "netsuite", "--mapping", mapping, "--out", tmp_path / "out.csv", "--json")
    done = run("export", "journal", "--period", "2026-09", *arguments, "--home", one_imported.parts.layout.home)
    assert "there is no channel amazn; there are alipay, amazon" in done.err
    assert not (tmp_path / "out.csv").exists()


def test_unknown_layouts_and_companies_are_wrong_usage_and_unknown_months_are_refused(
    run: Callable[..., Any], one_imported: ImportedCompany
) -> None:
    home = ("--home", one_imported.parts.layout.home)
    for wrong in (("--layout", "quickbooks"), ("--entity", "nobody"), ("--per", "week"), ("--format", "pdf")):
        told = run("export", "journal", "--period", "2026-09", *wrong, *home)
        assert (told.code, told.out) == (2, "")
        assert wrong[1] in told.err
    told = run("export", "journal", "--period", "2031-01", *home, "--json")
    assert (told.code, told.out) == (1, "")
    assert "2026-09" in json.loads(told.err)["error"]["message"]
