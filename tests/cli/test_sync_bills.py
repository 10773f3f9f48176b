"""`entrepot sync` for who pays a shop out, as a person types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.flows import syncing
from entrepot.sandbox.http import wechatpay
from entrepot.testing.bill_suite import DAY, HOUR, BillTrial
from entrepot.testing.connector_suite import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_key_is_kept_from_a_file_and_a_bill_that_nobody_knows_is_told_behind_the_others(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")
    with BillTrial(tmp_path / "cell", ("wechatpay",), orders=4, days=1) as trial:
        parts = trial.prepare()
        settings = syncing.connection_of(parts, "wechatpay")
        store = syncing.secrets_of(parts, settings)
        kept = store.read(syncing.secret_names(parts, settings))
        store.write({name: kept[name] for name in ("merchant_id", "serial_no")})
        trial.sandbox("wechatpay").clock.advance(DAY + 11 * HOUR)
        here = ("--home", trial.home)

        unset = run("sync", "connect", "wechatpay", *here)
        assert (unset.code, "private_key" in unset.err) == (1, True)
        nowhere = run("sync", "connect", "wechatpay", "--from-file", "private_key=nowhere.pem", *here)
        assert (nowhere.code, "NAME=FILE" in nowhere.err) == (2, True)
        (tmp_path / "key.pem").write_text(f"{kept['private_key']}\n", encoding="utf-8")
        key = ("--from-file", f"private_key={tmp_path / 'key.pem'}")
        told = json.loads(run("sync", "connect", "wechatpay shop:wechatpay", *key, *here, "--json").out)
        assert told["listed"] == {"wechatpay_bills_trades": 1, "wechatpay_bills_funds": 1}

        header = wechatpay._TRADE_HEADER.replace("微信订单号", "流水")
        monkeypatch.setattr(wechatpay, "_TRADE_HEADER", header)
        since = ("--since", "2026-11-01")
        strange = run("sync", "run", "wechatpay", *since, *here)
        assert strange.code == 1
        assert "2026-11-01 of wechatpay_bills_trades was not read" in " ".join(strange.err.split())
        assert "wechatpay_bills_funds: 1 documents" in strange.out
        monkeypatch.undo()
        monkeypatch.setenv(PASSPHRASE, "only for tests")
        mended = run("sync", "run", "wechatpay", *since, *here, "--json")
        assert mended.code == 0
        assert json.loads(mended.out)["feeds"]["wechatpay_bills_trades"]["documents"] == 1
        shown = run("sql", "select count(*) > 0 as n from settlement_lines", *here, "--json")
        assert json.loads(shown.out) == {"rows": [{"n": True}]}
