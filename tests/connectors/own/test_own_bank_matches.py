"""Which movement is which payout, as people say it."""

from __future__ import annotations

from tests.connectors.casework import CaseFile, Translated, lines_of, translated

HEADER = "bank_line_id,payout_id,decision,decided_at,decided_by,reason,match_id,bank_minor"
PLAIN = {"bank_line_id": "6222-01/L1", "payout_id": "alipay:9", "decision": "yes", "decided_by": "Li"}


def read(*rows: dict[str, str]) -> Translated:
    return translated(CaseFile(lines_of(HEADER, PLAIN, *rows), "matches.csv"))


def test_a_pair_is_accepted_or_refused_and_an_empty_cell_decides_nothing() -> None:
    found = read(
        {},
        {"payout_id": "alipay:10", "decision": "拒绝"},
        {"payout_id": "alipay:11", "decision": ""},
        {"payout_id": "alipay:12", "decision": "accepted"},
    )
    assert (found.formats, found.rejects) == ({"matches.csv": "own_bank_matches"}, {})
    found.shows(
        "bank_decisions",
        """
        bank_line_id | payout_id | decision
        6222-01/L1   | alipay:9  | accepted
        6222-01/L1   | alipay:10 | refused
        6222-01/L1   | alipay:12 | accepted
    """,
    )


def test_chinese_headers_are_the_same_list() -> None:
    text = "银行流水编号,打款编号,决定,决定人\n6222-01/L1,alipay:9,是,李娜\n"
    found = translated(CaseFile(text, "对应.csv", "gb18030"))
    assert [row["decision"] for row in found.tables["bank_decisions"]] == ["accepted"]


DOUBTS: tuple[tuple[dict[str, str], str], ...] = (
    ({"decision": "maybe"}, "unknown_code:decision:maybe"),
    ({"bank_line_id": ""}, "missing_value:bank_line_id"),
    ({"payout_id": ""}, "missing_value:payout_id"),
    ({"decided_by": ""}, "missing_value:decided_by"),
    ({"decided_at": "yesterday"}, "bad_time:decided_at"),
)


def test_a_doubtful_decision_is_refused() -> None:
    found = read(*(facts for facts, _ in DOUBTS))
    assert found.rejects == {str(row_no): reason for row_no, (_, reason) in enumerate(DOUBTS, start=2)}
