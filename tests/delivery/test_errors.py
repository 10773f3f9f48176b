"""Errors of this room survive a worker and say what to do."""

from __future__ import annotations

import pickle

import pytest

from entrepot.cli.errors import WrongUsage
from entrepot.delivery import errors
from entrepot.errors import EntrepotError
from entrepot.residency import targets

ERRORS: tuple[EntrepotError, ...] = (
    errors.MappingInvalid("accounts.csv", 3, "`theirs` is empty for wallet"),
    errors.MappingMissing("netsuite", "mappings/netsuite.csv"),
    errors.AccountsUnmapped(("account wallet", "tax 1300")),
    errors.PeriodUnknown("2026-12", ("2026-09",)),
    errors.EntityNeeded("", ("cn", "hk")),
    errors.RateMissing(("XAF",)),
    errors.SheetTooLong(2_000_000, 1_048_575),
    errors.FileInTheWay("journal.csv"),
    errors.ErpUnreachable("tryton", "no connection"),
    errors.ErpRefused("tryton", "rights", "AccessError: no"),
    errors.FolderInvalid("inbox", "pdf", ("csv", "xlsx", "ubl")),
    errors.ErpUnknown("baan", ("tryton",)),
    errors.TargetUnknown("erp", ("books",)),
    errors.TargetUnknown("erp", ()),
    errors.TargetUnmapped("erp", "tryton", "mappings/erp.csv"),
    errors.SecretMissing("erp", "TRYTON_PASSWORD"),
    errors.BooksMixed("erp", ("group", "local")),
    errors.DocumentUnknown("erp", "3fa9c1d2e4b5a607"),
    errors.KindUnknown("erp", "sap", ("invoice", "credit_note")),
    errors.SettingUnread("erp", "sap", ("storage_url",)),
    errors.KindDeclined("erp", "sap", "goods_issue", "it posts what they cost"),
    targets.TargetAbroad("erp", "DE", "CN"),
    targets.FieldNotPermitted("erp", ("buyer_key",)),
    WrongUsage("there is no option --colour"),
)


@pytest.mark.parametrize("error", ERRORS, ids=[each.code for each in ERRORS])
def test_an_error_comes_back_from_a_worker_as_it_was(error: EntrepotError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_every_error_of_the_room_is_tried() -> None:
    own = {kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__}
    assert own <= {type(each) for each in ERRORS}


def test_two_companies_are_told_apart_from_one_that_has_nothing() -> None:
    assert "name one with --entity, of cn, hk" in str(errors.EntityNeeded("", ("cn", "hk")))
    assert str(errors.EntityNeeded("us", ("cn",))) == "us has no entries in this period; those that have: cn"
