"""Documents into a simulated NetSuite, signed both ways, with everything that can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    ORDER,
    PARTY,
    PAYMENT,
    Adapter,
    Address,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    TaxLine,
)
from entrepot.delivery.netsuite.signing import assertion, base_string
from entrepot.delivery.registry import erp_named
from entrepot.sandbox.erps.netsuite import NetSuiteSandbox
from entrepot.sandbox.erps.serving import Books
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import FAULTS, Bench, Faults
from entrepot.testing.delivery_documents import SUITE_CODE
from entrepot.testing.delivery_suite import DeliverySuite, ErpUnderTest, EveryKindSuite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMPANY = "Wind Power LLC"
DOCUMENT = Document(
    "3fa9c1d2e4b5a607",
    JOURNAL,
    COMPANY,
    date(2026, 11, 21),
    "EUR",
    "USD",
    "tmall s1",
    (JournalLine("1110", 10_010, 9_050), JournalLine("4110", -10_010, -9_050)),
)
Connect = Callable[..., Adapter]


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def sandbox(private_key: rsa.RSAPrivateKey) -> NetSuiteSandbox:
    """The simulator, with two subsidiaries."""
    books = Books({COMPANY: "USD", "上海": "CNY"}, ("1110", "4110", "5110", "1130"))
    listed = {SUITE_CODE: Decimal(100), "A": Decimal(99)}
    return NetSuiteSandbox(books, private_key.public_key(), receivable=("1130",), listed=listed)


@pytest.fixture
def account(private_key: rsa.RSAPrivateKey) -> Iterator[NetSuiteSandbox]:
    made = sandbox(private_key)
    yield made
    made.close()


@pytest.fixture
def by_certificate(account: NetSuiteSandbox, private_key: rsa.RSAPrivateKey) -> Iterator[Connect]:
    """Adapters that sign for a token."""
    made: list[Adapter] = []

    def adapter(transport: httpx.BaseTransport | None = None, key: str = "") -> Adapter:
        secret = key or _pem(private_key)
        address = Address(account.url, account.certificate_id, account.client_id, secret, transport)
        made.append(erp_named("netsuite").connect(address))
        return made[-1]

    yield adapter
    for each in made:
        each.close()


@pytest.fixture
def by_token(account: NetSuiteSandbox) -> Iterator[Connect]:
    """Adapters that sign each call."""
    made: list[Adapter] = []

    def adapter(key_secrets: str = "") -> Adapter:
        secret = key_secrets or ":".join(account.token_secrets)
        made.append(
            erp_named("netsuite").connect(Address(account.url, account.realm, ":".join(account.token_keys), secret))
        )
        return made[-1]

    yield adapter
    for each in made:
        each.close()


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def under_test(account: NetSuiteSandbox) -> ErpUnderTest:
    """The Chinese subsidiary."""
    keys, key_secrets = ":".join(account.token_keys), ":".join(account.token_secrets)
    return ErpUnderTest(
        lambda transport: erp_named("netsuite").connect(
            Address(account.url, account.realm, keys, key_secrets, transport)
        ),
        company="上海",
        currency="CNY",
        accounts=("1110", "4110"),
        step_of={"create": b'"tranDate"'},
        spoilt=lambda document: replace(document, posted_on=date(2025, 12, 31)),
        receivable="1130",
        revenue="4110",
        customer=SUITE_CODE,
        materials=(SUITE_CODE,),
        more_steps={
            PARTY: {"put": b'"companyName"'},
            ORDER: {"create": b"record/v1/salesOrder/"},
            INVOICE: {"create": b"record/v1/invoice/"},
            CREDIT_NOTE: {"create": b"record/v1/creditMemo/"},
            PAYMENT: {"create": b"record/v1/journalEntry/", "match": b"record/v1/customerPayment"},
        },
        more_spoilt={
            **dict.fromkeys((INVOICE, CREDIT_NOTE), _on_the_account_of_what_was_sold),
            PAYMENT: lambda document: replace(document, posted_on=date(2025, 12, 31)),
        },
    )


class TestNetSuite(EveryKindSuite, DeliverySuite):
    """The suite, by token: reading a certificate's key takes longer than a whole test."""

    steps: ClassVar[int] = 1
    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {
        (PARTY,): 1,
        (ORDER,): 1,
        (INVOICE,): 1,
        (CREDIT_NOTE,): 1,
        (PAYMENT,): 2,
    }

    @pytest.fixture
    def erp(self, account: NetSuiteSandbox) -> ErpUnderTest:
        """The Chinese subsidiary."""
        return under_test(account)


def _on_the_account_of_what_was_sold(document: Document) -> Document:
    assert isinstance(document.body, Invoice)
    return replace(document, body=replace(document.body, receivable="4110"))


BILL = Document(
    "a" * 16,
    CREDIT_NOTE,
    COMPANY,
    date(2026, 11, 21),
    "USD",
    "USD",
    "tmall s1",
    (
        JournalLine("1130", -11_300, -11_300, "tmall"),
        JournalLine("4110", 10_000, 10_000),
        JournalLine("5110", 1_300, 1_300),
    ),
    Invoice(
        "tmall",
        "1130",
        (ItemLine("4110", "a-1", "a-1", -3, 33_330_000, -9_999), ItemLine("4110", "", "rounding", -1, 10_000, -1)),
        (TaxLine("5110", "S13", -10_000, -1_300),),
    ),
)
CUSTOMER = replace(BILL, document_id="p", kind=PARTY, body=Party("tmall", "天猫"))


def test_a_credit_memo_comes_back_as_it_went_and_the_journal_that_pays_names_the_customer(
    account: NetSuiteSandbox, by_token: Connect
) -> None:
    adapter = by_token()
    outcome = adapter.send("create", [BILL], {})[BILL.document_id]
    assert (outcome.word, outcome.code, account.counted("transaction")) == ("rejected", "party", 0)
    adapter.send("put", [CUSTOMER], {})
    refs = {adapter.send("create", [BILL], {})[BILL.document_id].ref for _ in range(3)}
    assert (len(refs), account.counted("transaction"), account.counted("transactionline")) == (1, 1, 4)
    assert account.counted("item") - len(account.listed) == 2, "one for each account"
    assert adapter.find(JOURNAL, COMPANY, [BILL.document_id]) == {}
    ((_, held),) = adapter.held(CREDIT_NOTE, COMPANY, date(2026, 11, 1), date(2026, 11, 30)).items()
    assert (held[0].steps_done, held[0].content) == (1, BILL.content)
    assert {line.account: line.amount_minor for line in held[0].booked}["1130"] == -11_300
    pays = (JournalLine("1110", -11_300, -11_300), JournalLine("1130", 11_300, 11_300, "tmall"))
    journal = replace(DOCUMENT, currency="USD", lines=pays)
    assert adapter.send("create", [journal], {})[journal.document_id].word == "applied"
    assert adapter.find(JOURNAL, COMPANY, [journal.document_id])[journal.document_id][0].content == journal.content


def test_tax_that_netsuite_adds_is_seen_at_once(account: NetSuiteSandbox, by_token: Connect) -> None:
    account.taxed["4110"] = 10
    adapter = by_token()
    adapter.send("put", [CUSTOMER], {})
    outcome = adapter.send("create", [BILL], {})[BILL.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "differs")
    (found,) = adapter.find(CREDIT_NOTE, COMPANY, [BILL.document_id])[BILL.document_id]
    assert found.content != BILL.content, "the look-up after a refusal makes it a conflict"


def test_a_customer_whose_name_changed_is_not_made_twice_and_a_code_that_does_not_fit_is_named(
    account: NetSuiteSandbox, by_token: Connect
) -> None:
    adapter = by_token()
    later = replace(CUSTOMER, body=Party("tmall", "天猫国际"))
    for each in (CUSTOMER, later):
        adapter.send("put", [each], {})
    assert adapter.find(PARTY, COMPANY, ["tmall"])["tmall"][0].content == later.content
    assert account.counted("customer") == 1
    odd = replace(CUSTOMER, body=Party("天猫", "天猫"))
    assert adapter.send("put", [odd], {})["p"].code == "code"


@pytest.mark.parametrize(
    ("record", "body"),
    [
        ("customer", {"companyName": "a", "email": "x"}),
        ("customer", {"companyName": "a"}),
        ("otherChargeSaleItem", {"itemId": "a", "incomeAccount": {"id": "99"}}),
        ("invoice", {"nothing": 1}),
        ("estimate", {}),
    ],
)
def test_the_simulator_takes_no_record_that_it_does_not_know(
    account: NetSuiteSandbox, by_certificate: Connect, record: str, body: dict[str, Any]
) -> None:
    by_certificate().find(JOURNAL, COMPANY, ["a" * 16])
    headers = {"Authorization": f"Bearer {next(iter(account.issued))}"}
    url = f"{account.url}/services/rest/record/v1/{record}/eid:EP-x"
    assert httpx.put(url, json=body, headers=headers, trust_env=False).status_code in (400, 404)


def test_a_journal_in_another_currency_comes_back_as_it_went_signed_either_way(
    by_certificate: Connect, by_token: Connect
) -> None:
    for adapter, key in ((by_certificate(), "a" * 16), (by_token(), "b" * 16)):
        mine = replace(DOCUMENT, document_id=key)
        ref = adapter.send("create", [mine], {})[key].ref
        (found,) = adapter.find(JOURNAL, COMPANY, [key])[key]
        assert (found.ref, found.steps_done, found.content) == (ref, 1, mine.content)


def test_sending_again_makes_no_second_journal_and_no_further_line(
    account: NetSuiteSandbox, by_certificate: Connect
) -> None:
    """The external id does the one, `replace=line` the other."""
    adapter = by_certificate()
    refs = {adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].ref for _ in range(3)}
    assert (len(refs), account.counted("transaction"), account.counted("transactionline")) == (1, 1, 2)


def test_the_key_may_be_a_file(by_certificate: Connect, private_key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    kept = tmp_path / "key.pem"
    kept.write_text(_pem(private_key), encoding="utf-8")
    assert by_certificate(key=str(kept)).find(JOURNAL, COMPANY, ["a" * 16]) == {}


@pytest.mark.parametrize("kind", ["no key", "no file", "another's key", "another curve"])
def test_a_key_that_does_not_serve_is_told_without_it(by_certificate: Connect, kind: str) -> None:
    keys = {
        "no key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
        "no file": "secret.pem",
        "another's key": _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        "another curve": _pem(ec.generate_private_key(ec.SECP384R1())),
    }
    outcome = by_certificate(key=keys[kind]).send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "rights")
    assert not any(part in repr(outcome) for part in ("secret", *keys[kind].split("\n")[1:2]))


def test_a_wrong_secret_of_a_token_is_told_without_it(by_token: Connect) -> None:
    outcome = by_token("not:this").send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code, "not" in outcome.text) == ("rejected", "rights", False)


def test_a_token_that_ran_out_is_got_anew(account: NetSuiteSandbox, by_certificate: Connect) -> None:
    adapter = by_certificate()
    adapter.find(JOURNAL, COMPANY, ["a" * 16])
    account.issued.clear()
    account.issued.add("somebody else's")
    assert adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == "applied"


def test_an_account_that_is_busy_is_tried_again(account: NetSuiteSandbox, by_certificate: Connect) -> None:
    """It says 400 where others say 429."""
    adapter = by_certificate()
    adapter.find(JOURNAL, COMPANY, ["a" * 16])
    account.is_busy = True
    outcome = adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == ("retry_after", "too_many")


def test_the_text_that_is_signed_is_that_of_the_standard() -> None:
    """The example of RFC 5849, section 3.4.1.1."""
    pairs = [
        ("b5", "=%3D"),
        ("a3", "a"),
        ("c@", ""),
        ("a2", "r b"),
        ("c2", ""),
        ("a3", "2 q"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ]
    assert base_string("POST", "http://example.com/request", pairs) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26"
        "c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26"
        "oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def test_a_key_of_a_curve_signs_too() -> None:
    signed = assertion("me", "certificate", _pem(ec.generate_private_key(ec.SECP256R1())), "https://there", 1_000.0)
    assert len(signed.split(".")) == 3


def test_an_audit_reads_everything_of_ours_in_a_span_and_nothing_else(
    account: NetSuiteSandbox, by_certificate: Connect
) -> None:
    adapter = by_certificate()
    later = replace(DOCUMENT, document_id="b" * 16, posted_on=date(2026, 12, 1))
    adapter.send("create", [DOCUMENT, later], {})
    token = next(iter(account.issued))
    body = {
        "tranDate": "2026-11-22",
        "subsidiary": {"id": "1"},
        "currency": {"id": "2"},
        "line": {"items": [{"account": {"id": "1"}, "debit": 1.5}, {"account": {"id": "2"}, "credit": 1.5}]},
    }
    by_hand = f"{account.url}/services/rest/record/v1/journalEntry/eid:by-hand"
    httpx.put(by_hand, json=body, headers={"Authorization": f"Bearer {token}"}, trust_env=False).raise_for_status()
    held = adapter.held(JOURNAL, COMPANY, date(2026, 11, 1), date(2026, 11, 30))
    assert {key: found[0].content for key, found in held.items()} == {DOCUMENT.document_id: DOCUMENT.content}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("record/v1/journalEntry/eid:x", {"tranDate": "2026-11-22", "nothing": 1}),
        ("query/v1/suiteql", {"q": "select nothing from account"}),
        ("record/v1/journalEntry/eid:x|y", {}),
    ],
)
def test_the_simulator_takes_nothing_that_it_does_not_know(
    account: NetSuiteSandbox, by_certificate: Connect, path: str, body: dict[str, Any]
) -> None:
    by_certificate().find(JOURNAL, COMPANY, ["a" * 16])
    headers = {"Authorization": f"Bearer {next(iter(account.issued))}", "Prefer": "transient"}
    method = "POST" if "suiteql" in path else "PUT"
    answer = httpx.request(method, f"{account.url}/services/rest/{path}", json=body, headers=headers, trust_env=False)
    assert answer.status_code in (400, 404)


def test_a_missing_subsidiary_is_named(by_certificate: Connect) -> None:
    missing = replace(DOCUMENT, company="nobody's")
    outcome = by_certificate().send("create", [missing], {})[missing.document_id]
    assert (outcome.code, outcome.text) == ("company", "NetSuite has no single active subsidiary nobody's")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("kind", "word"), [(ORDER, b"SalesOrd"), (INVOICE, b"CustInvc"), (CREDIT_NOTE, b"CustCred")])
def test_what_was_written_and_could_not_be_read_back_is_in_doubt_and_never_dropped(
    account: NetSuiteSandbox, tmp_path: Path, kind: str, word: bytes, fault: str
) -> None:
    """A plan that dropped it would bring its successor in beside it."""
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(account), (kind,), state, {})
    bench.provide()
    bench.more(0, 1)
    faults = Faults(fault, word)
    adapter = bench.erp.connect(faults)
    bench.runner(adapter).run_once()
    adapter.close()
    (one,) = bench.log.documents()
    assert (faults.left, account.counted("transaction")) == (0, 1)
    assert bench.log.add([], {one.document_id: ""}) == [one.document_id]
    bench.run()
    assert (bench.held(), bench.statuses(), account.counted("transaction")) == (bench.once(), {"done": 1}, 1)
    bench.close()
    state.close()
