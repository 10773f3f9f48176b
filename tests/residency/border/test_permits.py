"""What may leave at all: classes follow from where values come from, never from what a shape's author says."""

from __future__ import annotations

from datetime import date

import pytest

from entrepot.model import TABLES, ResidencyClass
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.permits import compiled as compiling
from entrepot.residency.permits.compiled import CompiledPermit, compiled
from entrepot.residency.permits.forms import FORMS
from entrepot.residency.permits.shape import PermitShape, shape_from_text, shape_names, shipped_shape
from entrepot.residency.permits.terms import Permit, Recipient

RECIPIENT = Recipient("Brand GmbH", "EU", "privacy@brand.example")


def terms(shape: str, purpose: str, **changes: object) -> Permit:
    facts: dict[str, object] = {
        "permit": "test",
        "shape": shape,
        "to": "global",
        "purpose": purpose,
        "recipient": RECIPIENT,
        "processor": "main",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
    }
    return Permit(**(facts | changes))  # type: ignore[arg-type]


def shaped(field: str, source: str, persons: str = "", *, personal: bool = False) -> PermitShape:
    text = f"""
        shape: Z
        version: 1
        title: {{en: test, zh: 测试}}
        meaning: A shape of a test.
        purposes: [planning]
        personal: {str(personal).lower()}
        datasets:
          - name: things
            meaning: Things.
            source: {source}
            persons: {persons or "''"}
            partition: month
            fields:
              - {{name: month, type: text, form: period, meaning: Month.}}
              - {field}
        """
    return shape_from_text(text, "Z")


def judged(field: str, source: str, persons: str = "", *, personal: bool = False) -> CompiledPermit:
    return compiled(terms("Z", "planning"), shaped(field, source, persons, personal=personal))


@pytest.mark.parametrize("letter", shape_names())
def test_every_shipped_shape_compiles_for_every_purpose_and_lets_out_nothing_local_or_secret(letter: str) -> None:
    shape = shipped_shape(letter)
    for purpose in shape.purposes:
        permit = compiled(terms(letter, purpose), shape)
        left = {each.residency for each in permit.decisions}
        assert left.isdisjoint({ResidencyClass.LOCAL.value, ResidencyClass.SECRET.value})
        assert permit.digest.startswith("sha256:")


@pytest.mark.parametrize("letter", ["A", "D", "E"])
def test_shapes_without_persons_let_out_no_value_that_points_at_one(letter: str) -> None:
    shape = shipped_shape(letter)
    permit = compiled(terms(letter, shape.purposes[0]), shape)
    assert not shape.counts_persons
    assert {each.residency for each in permit.decisions} <= {"operational", "business"}


@pytest.mark.parametrize("letter", ["B", "F"])
def test_numbers_of_orders_and_buyers_leave_as_tokens_only(letter: str) -> None:
    shape = shipped_shape(letter)
    permit = compiled(terms(letter, shape.purposes[0]), shape)
    pointing = [each for each in permit.decisions if each.residency == "pseudonymous"]
    assert pointing
    assert {each.transform for each in pointing} == {"token"}
    assert all(dataset.persons is not None for dataset in permit.datasets)


def test_personal_values_leave_in_one_shape_only_and_for_shops_that_sell_across_the_border() -> None:
    personal = [letter for letter in shape_names() if shipped_shape(letter).personal]
    assert personal == ["C"]
    shape = shipped_shape("C")
    assert set(shape.purposes) == {"deliver", "clear_customs", "pay", "refund"}
    assert set(shape.sale_models) == {"cross_border_bonded_1210", "cross_border_direct_9610"}
    assert compiled(terms("C", "deliver"), shape).kinds == {"name", "mobile", "address"}


def test_a_relabelled_order_number_is_still_one() -> None:
    field = "{name: harmless, type: text, form: code, source: order_key, meaning: Harmless.}"
    with pytest.raises(PermitInvalid, match="leave as tokens or not at all") as refusal:
        judged(field, "orders", "persons_of_orders")
    assert refusal.value.where == "things.harmless"


def test_a_token_needs_persons_to_count() -> None:
    field = "{name: order_token, type: text, transform: token, source: order_key, meaning: Token.}"
    assert judged(field, "orders", "persons_of_orders").token_fields == ("order_token",)
    with pytest.raises(PermitInvalid, match="names no persons to count"):
        judged(field, "orders")


def test_a_personal_value_does_not_pass_nor_get_generalised() -> None:
    passing = "{name: who, type: text, form: personal, source: name, meaning: Name.}"
    with pytest.raises(PermitInvalid, match="for shapes that may carry personal values"):
        judged(passing, "consignments", "persons_of_consignments")
    judged(passing, "consignments", "persons_of_consignments", personal=True)
    cut = "{name: who, type: text, transform: generalise, to: year, source: name, meaning: Name.}"
    with pytest.raises(PermitInvalid, match="not generalised"):
        judged(cut, "consignments", "persons_of_consignments", personal=True)


def test_a_local_value_never_leaves_not_even_as_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "select cast(month as varchar) as month, cast(raw_id as varchar) as raw_id from orders"
    monkeypatch.setattr(compiling, "source_text", lambda _name: text)
    for transform in ("transform: token", "form: code"):
        field = f"{{name: raw_id, type: text, {transform}, meaning: Raw id.}}"
        with pytest.raises(PermitInvalid, match="class local, which never leaves"):
            judged(field, "orders", "persons_of_orders", personal=True)


def test_a_count_tells_how_many_and_a_maximum_tells_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = "select cast(month as varchar) as month, cast(count(distinct order_key) as bigint) as n from orders group by month"
    monkeypatch.setattr(compiling, "source_text", lambda _name: counted)
    (_, decision) = judged("{name: n, type: integer, meaning: Orders.}", "orders").decisions
    assert decision.residency == "operational"
    largest = "select cast(month as varchar) as month, cast(max(order_key) as varchar) as n from orders group by month"
    monkeypatch.setattr(compiling, "source_text", lambda _name: largest)
    with pytest.raises(PermitInvalid, match="class pseudonymous"):
        judged("{name: n, type: text, form: code, meaning: The last order.}", "orders")


def test_a_column_that_the_source_does_not_have_is_refused() -> None:
    with pytest.raises(PermitInvalid, match="no column colour"):
        judged("{name: colour, type: text, form: code, meaning: Colour.}", "orders", "persons_of_orders")


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ("{name: a, type: text, meaning: Text without a form.}", "has a form"),
        ("{name: a, type: integer, form: code, meaning: A number with one.}", "has a form"),
        ("{name: a, type: text, transform: generalise, meaning: To what.}", "says to what"),
        ("{name: a, type: integer, transform: generalise, to: band, meaning: How wide.}", "has a width"),
        ("{name: a, type: integer, transform: token, meaning: A number.}", "a token is text"),
        ("{name: month, type: text, form: code, meaning: Twice.}", "named twice"),
        ("{name: a, type: text, form: code, meaning: More., note: free}", "unknown field"),
    ],
)
def test_a_shape_that_leaves_a_question_open_is_refused(field: str, problem: str) -> None:
    with pytest.raises(PermitInvalid, match=problem):
        shaped(field, "orders")


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(PermitInvalid, match="there is no form prose"):
        judged("{name: channel, type: text, form: prose, meaning: Channel.}", "orders", "persons_of_orders")
    assert "prose" not in FORMS


def test_what_is_left_out_is_dropped_and_changes_the_digest() -> None:
    shape = shipped_shape("A")
    whole = compiled(terms("A", "group_accounts"), shape)
    less = compiled(terms("A", "group_accounts", leave_out=("journals.sku_id",)), shape)
    assert "sku_id" in whole.datasets[0].schema.names
    assert "sku_id" not in less.datasets[0].schema.names
    (decision,) = [each for each in less.decisions if (each.dataset, each.field) == ("journals", "sku_id")]
    assert decision.transform == "drop"
    assert whole.digest != less.digest


def test_every_table_a_shape_reads_is_canonical() -> None:
    for letter in shape_names():
        shape = shipped_shape(letter)
        permit = compiled(terms(letter, shape.purposes[0]), shape)
        assert set(permit.tables) <= set(TABLES)


def test_a_permit_names_the_canonical_columns_of_which_anything_leaves() -> None:
    less = compiled(terms("A", "group_accounts", leave_out=("sales.vat_minor",)), shipped_shape("A"))
    assert {"ledger_entries.amount_minor", "settlement_lines.booked_at"} <= less.origins
    assert "order_pieces.vat_minor" not in less.origins
    assert not any(name.endswith(("order_key", "order_id", "buyer_key")) for name in less.origins)
    assert "orders.order_key" in compiled(terms("B", "planning"), shipped_shape("B")).origins
