"""Advertising by API: the rows and the profit that files give, days that change late, and nothing that counts twice.

Requests go to the sandbox without a network between. What it does not prove: that the platforms report as their manuals
say, nor when a day is final there.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.live.errors import ConnectionMissing, RightMissing
from entrepot.connectors.live.sending import Reply
from entrepot.errors import Transient
from entrepot.flows import syncing
from entrepot.flows.asking import report_rows, select_rows
from entrepot.flows.importing import import_paths
from entrepot.sandbox.advertising import spend
from entrepot.sandbox.brand import DOUYIN, DOUYIN_GLOBAL, JD, PDD, TMALL
from entrepot.sandbox.clock import DAYS, START
from entrepot.sandbox.http import LiveWorld, Sandbox
from entrepot.sandbox.http.platform import Asked
from entrepot.sandbox.http.qianchuan import Qianchuan
from entrepot.sandbox.lists_files import AD_YAML, ad_spend_csv
from entrepot.testing.connector_suite import PASSPHRASE, QuickClock, Trial, publish_tables

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.connectors.live.contract import Request
    from entrepot.flows.parts import CellParts
    from entrepot.sandbox.facts import AdSpend

DAY = 86_400
SEPTEMBER_S = START + 31 * DAY
FAULTS = frozenset(
    {"duplicates", "out_of_order", "page_shift", "server_error", "no_answer", "truncated", "throttle", "token_expiry"}
)
ROWS = "select spent_on, campaign, currency, amount_minor from ad_spend where shop = 'trial' order by 1, 2"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")


def spent(platform: str, days: int = 30) -> tuple[AdSpend, ...]:
    """The sample company's advertising of some days from 1 September on, as the shop `trial` has it."""
    served = {"tmall": (TMALL,), "jzt": (JD,), "pinduoduo": (PDD,), "qianchuan": (DOUYIN, DOUYIN_GLOBAL)}
    shops = served[platform]
    # Qianchuan tells kinds of plans and no names: one of its two accounts has all-domain plans, the other multiplied ones.
    named = {"千川-直播间": "千川全域", "千川-跨境": "千川乘方"}
    told = (each for each in spend(Random(5)) if each.shop in {shop.shop for shop in shops})
    wanted = {f"2026-09-{number + 1:02d}" for number in range(days)}
    found = tuple(
        replace(each, shop="trial", campaign=named.get(each.campaign, each.campaign))
        for each in told
        if each.day in wanted
    )
    if platform != "pinduoduo":
        return found
    # Promotions of the whole shop, enough for two pages.
    first = [each for each in found if each.day <= "2026-09-03"]
    parts = ((each, number) for each in first for number in range(2, 14))
    whole = (replace(each, campaign=f"全站推广 {number:02d}", minor=each.minor // number) for each, number in parts)
    return (*found, *whole)


@dataclass
class Place:
    """A cell with one shop, of which only the advertising is read.

    Attributes:
        asked: Days that reports were asked for.
        clock: Waits pass at once.
    """

    platform: str
    home: Path
    days: int = 30
    faults: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)
    clock: QuickClock = field(default_factory=QuickClock)

    def __post_init__(self) -> None:
        self.spent = spent(self.platform, self.days)
        world = LiveWorld(5, 1, START, DAYS, ads=self.spent)
        # Where a report is made in the background, time passes while it is looked for.
        worlds, tick_s = {self.platform: world}, 7.0 if self.platform == "jzt" else 0.0
        self.sandbox = Sandbox(
            (self.platform,), 5, faults=self.faults, start_s=SEPTEMBER_S, speed=0.0, worlds=worlds, tick_s=tick_s
        )
        trial = Trial(self.platform, self.home)
        trial.prepare_with(self.sandbox.connections("http://127.0.0.1")[self.platform])
        self.parts = open_cell(self.home)

    def send(self, request: Request) -> Reply:
        """Answer from the sandbox in this process."""
        parts = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        form = dict(parse_qsl(request.body.decode()))
        query = dict(parse_qsl(parts.query))
        if "/report/" in parts.path:
            self.asked.append(query["start_time"][:10])
        elif "report" in form.get("method", form.get("type", "")):
            told = form.get("startDateString") or form["top_campaign_report_query_v_o"].split('"start_time":"')[1][:10]
            self.asked.append(told)
        said = self.sandbox.answer(Asked(request.verb, parts.path, query, headers, request.body))
        if said is None or said.length is not None:
            raise httpx.ReadError("the connection closed")
        return Reply(said.status, said.body, self.sandbox.clock.now_s())

    def save(self, request: Request, target: Path) -> Reply:
        """The same for a file."""
        reply = self.send(request)
        target.write_bytes(reply.body)
        return Reply(reply.status, b"", reply.date_s)

    def extract(self, until_days: float, *, now: bool = False) -> list[str]:
        """Let time pass until so many days of September are over, read what is due; gives the days asked for."""
        self.sandbox.clock.advance(SEPTEMBER_S + until_days * DAY - self.sandbox.clock.now_s())
        self.asked.clear()
        found = syncing.extract(
            self.parts, "trial", SEPTEMBER_S, only=("ads",), transport=self, clock=self.clock, refresh_now=now
        )
        for trouble in (trouble for each in found.values() for trouble in each.troubles):
            raise trouble
        return list(self.asked)

    def keep(self, **values: str) -> None:
        """Change what the connection signs with."""
        store = syncing.secrets_of(self.parts, syncing.connection_of(self.parts, "trial"))
        known = store.read(syncing.secret_names(self.parts, syncing.connection_of(self.parts, "trial")))
        store.write({**known, **values})

    def rows(self) -> list[dict[str, Any]]:
        """What readers see."""
        publish_tables(self.parts)
        return list(select_rows(self.parts, ROWS).to_pylist())

    def wanted(self, days: int = 30) -> list[dict[str, Any]]:
        """What the company spent in the first days of September."""
        told = sorted((each.day, each.campaign, each.currency, each.minor) for each in self.spent)
        names = ("spent_on", "campaign", "currency", "amount_minor")
        return [dict(zip(names, each, strict=True)) for each in told if int(each[0][-2:]) <= days]


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "spent_on": str(row["spent_on"])} for row in rows]


def with_file(home: Path, spends: tuple[AdSpend, ...]) -> Path:
    """The company's own list of advertising, and how it is read."""
    (home / "declared").mkdir(parents=True, exist_ok=True)
    (home / "declared" / "ad_spend.yaml").write_text(AD_YAML, encoding="utf-8")
    file = home.with_name(f"{home.name} list") / "ad_spend.csv"
    file.parent.mkdir()
    file.write_bytes(ad_spend_csv(spends))
    return file


def profit(parts: CellParts) -> list[dict[str, Any]]:
    """The line of the P&L that advertising is."""
    return [row for row in report_rows(parts, "pnl", "CNY").to_pylist() if row["line"] == "ad_spend"]


@pytest.mark.parametrize("platform", ["tmall", "jzt", "pinduoduo", "qianchuan"])
def test_a_month_by_api_gives_the_rows_and_the_profit_of_the_same_months_files(platform: str, tmp_path: Path) -> None:
    here = Place(platform, tmp_path / "api", faults=FAULTS)
    for days in (11.5, 22.5, 34.5):
        while True:
            # At first every fault comes in a row, which is more than one call tries.
            with contextlib.suppress(Transient):
                here.extract(days)
                break
    if platform != "pinduoduo":
        syncing.publish_pending(here.parts)
    truth = here.sandbox.platforms[platform].truth()["ad_spend"]
    assert plain(here.rows()) == here.wanted() == sorted(truth, key=lambda row: (row["spent_on"], row["campaign"]))
    fired = here.sandbox.dial.fired.keys()
    # Tmall's days are one page here, Jingzhuntong's files, and Qianchuan's answers one sum.
    paged = {"duplicates", "out_of_order", "page_shift"}
    never = {"tmall": {"page_shift"}, "jzt": paged, "qianchuan": paged}
    assert fired == FAULTS - never.get(platform, set())
    if platform == "pinduoduo":
        # Books follow from rows whatever platform they are of; who serves another's shops books as that one.
        return
    by_file = tmp_path / "files"
    by_file.mkdir()
    told = (here.home / "cell.toml").read_text(encoding="utf-8")
    (by_file / "cell.toml").write_text(told.split("[[connections]]")[0], encoding="utf-8")
    file = with_file(by_file, here.spent)
    other = open_cell(by_file)
    import_paths(other, [file])
    assert plain(list(select_rows(other, ROWS).to_pylist())) == here.wanted()
    assert profit(other) == profit(here.parts) != []


def test_a_day_is_asked_for_when_it_is_final_and_again_as_it_grows_older(tmp_path: Path) -> None:
    here = Place("tmall", tmp_path, days=3)
    assert here.extract(1.2) == []
    assert here.extract(1.5) == ["2026-09-01"]
    assert here.extract(1.6) == []
    first = here.rows()
    assert len(first) == 2
    assert here.extract(2.5) == ["2026-09-01", "2026-09-02"]
    assert here.extract(4.5) == [f"2026-09-0{day}" for day in (1, 2, 3, 4)]
    # What was given back in between is gone from the first day; nothing stands twice.
    later = plain(here.rows())
    assert later[:2] == here.wanted(1)
    assert sum(row["amount_minor"] for row in first) > sum(row["amount_minor"] for row in later[:2])
    assert [row["spent_on"] for row in later] == [row["spent_on"] for row in here.wanted(3)]
    # A month later nothing is asked for again, unless somebody asks.
    here.extract(40)
    assert [day for day in here.extract(40.1) if day <= "2026-09-03"] == []
    assert [day for day in here.extract(40.2, now=True) if day <= "2026-09-09"] == []


def test_a_campaign_that_a_newer_answer_no_longer_names_is_gone(tmp_path: Path) -> None:
    here = Place("tmall", tmp_path, days=1)
    here.extract(1.5)
    assert len(here.rows()) == 2
    advertising = here.sandbox.platforms["tmall"].ads
    advertising.__dict__["_spent"] = advertising._spent[:1]
    here.extract(2.5)
    assert len(here.rows()) == 1


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_about_the_same_campaign_and_day_gives_way_whichever_came_first(
    tmp_path: Path, *, file_first: bool
) -> None:
    here = Place("tmall", tmp_path / "cell", days=2)
    elsewhere = replace(here.spent[0], campaign="户外广告", minor=700)
    # The list rounds, and knows a campaign that the platform does not.
    listed = tuple(replace(each, minor=each.minor - each.minor % 100) for each in here.spent)
    file = with_file(here.home, (*listed, elsewhere))
    here.parts = open_cell(here.home)
    if file_first:
        import_paths(here.parts, [file])
        assert len(here.rows()) == len(listed) + 1
    here.extract(5.5)
    if not file_first:
        import_paths(here.parts, [file])
    there = {"spent_on": "2026-09-01", "campaign": "户外广告", "currency": "CNY", "amount_minor": 700}
    assert plain(here.rows()) == sorted([*here.wanted(), there], key=lambda row: (row["spent_on"], row["campaign"]))


def test_a_report_of_the_platform_gives_way_day_by_day(tmp_path: Path) -> None:
    here = Place("tmall", tmp_path / "cell", days=1)
    file = tmp_path / "ads.csv"
    head = "日期,场景名字,计划ID,计划名字,展现量,点击量,花费"
    rows = ("2026-09-01,关键词,999,旧名,1,1,12.00", "2026-09-09,关键词,999,旧名,1,1,15.00")
    file.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    import_paths(here.parts, [file])
    assert [row["amount_minor"] for row in here.rows()] == [1200, 1500]
    here.extract(4.5)
    left = {"spent_on": "2026-09-09", "campaign": "旧名", "currency": "CNY", "amount_minor": 1500}
    assert plain(here.rows()) == [*here.wanted(), left]


def test_a_promotion_that_is_deleted_later_leaves_its_spend(tmp_path: Path) -> None:
    here = Place("pinduoduo", tmp_path, days=1)
    here.extract(1.5)
    assert len(here.rows()) == 13
    # Every campaign is gone; of promotions of the whole shop that day is not asked for again, whoever asks.
    here.sandbox.platforms["pinduoduo"].ads.__dict__["_spent"] = []
    here.extract(4.5, now=True)
    assert [row["campaign"] for row in here.rows()] == [f"全站推广 {number:02d}" for number in range(2, 14)]


def test_a_day_of_which_one_account_is_refused_is_not_replaced(tmp_path: Path) -> None:
    here = Place("qianchuan", tmp_path, days=1)
    here.extract(1.5)
    first = here.rows()
    assert len(first) == 2
    simulated = here.sandbox.platforms["qianchuan"]
    assert isinstance(simulated, Qianchuan)
    # The owner takes the second account away from the app; the first one's spend changes meanwhile.
    simulated.authorised = ("1790000000000001",)
    with pytest.raises(RightMissing, match="40000"):
        here.extract(4.5)
    assert here.rows() == first
    # Once the connection names it no more, its spend is gone from days that are told anew.
    here.keep(advertiser_ids="1790000000000001")
    here.extract(4.6)
    assert [row["campaign"] for row in here.rows()] == ["千川全域"]


def test_a_sum_that_is_called_otherwise_is_quarantined_and_told(tmp_path: Path) -> None:
    here = Place("qianchuan", tmp_path, days=1, faults=frozenset({"field_renamed", "new_fields"}))
    here.extract(1.5)
    assert syncing.publish_pending(here.parts) is not None
    assert list(select_rows(here.parts, ROWS).to_pylist()) == []
    (told,) = syncing.status(here.parts, here.sandbox.clock.now_s())
    assert "unknown_field stat_cost" in told.findings
    reasons = select_rows(here.parts, "select distinct reason from quarantine").to_pylist()
    assert reasons == [{"reason": "missing_field"}]


def test_a_connection_of_advertising_stands_beside_the_shops_own_with_secrets_of_its_own(tmp_path: Path) -> None:
    here = Place("qianchuan", tmp_path, days=1)
    here.extract(2.5)
    told = (tmp_path / "cell.toml").read_text(encoding="utf-8")
    own = '[[connections]]\nshop = "trial"\nchannel = "douyin"\nregion = "CN"\ncredentials = "file"\n'
    (tmp_path / "cell.toml").write_text(told + own, encoding="utf-8")
    parts = open_cell(tmp_path)
    with pytest.raises(ConnectionMissing, match="app_key"):
        syncing.connect(parts, "trial", transport=here)
    syncing.secrets_of(parts, syncing.connection_of(parts, "trial")).write({"app_key": "1", "secret": "of the shop"})
    # Both accounts in both kinds of plans are asked, by the name of the platform and by both names.
    for name in ("qianchuan", "trial:qianchuan"):
        assert syncing.connect(parts, name, transport=here)["listed"] == {"qianchuan_live_ads": 4}
    days = next(each for each in syncing.status(parts, here.sandbox.clock.now_s()) if each.channel == "qianchuan")
    assert (days.feed, days.windows_done, days.watermark_s) == ("qianchuan_live_ads", 2, SEPTEMBER_S + 2 * DAY)
    here.keep(advertiser_ids="1790000000000001,1")
    with pytest.raises(RightMissing, match="check advertiser_ids"):
        syncing.connect(parts, "qianchuan", transport=here)


def test_an_app_without_the_right_to_reports_syncs_all_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Place("pinduoduo", tmp_path, days=1)
    simulated = here.sandbox.platforms["pinduoduo"]
    refused = {"error_response": {"error_code": 20031, "error_msg": "no right", "sub_msg": "no right"}}
    methods = simulated._methods  # type: ignore[attr-defined]
    monkeypatch.setitem(methods, "pdd.ad.api.report.daily.report.query", lambda _: refused)
    monkeypatch.setitem(methods, "pdd.ad.api.unit.tr.list.ad.info", lambda _: refused)
    here.sandbox.clock.advance(2 * DAY)
    found = syncing.extract(here.parts, "trial", SEPTEMBER_S, transport=here, clock=QuickClock())
    assert {name for name, each in found.items() if each.troubles} == {
        "pinduoduo_live_ads_search",
        "pinduoduo_live_ads_star",
        "pinduoduo_live_ads_display",
        "pinduoduo_live_ads_whole",
    }
    assert found["pinduoduo_live_orders"].windows > 0
    assert {each.watermark_s for each in syncing.status(here.parts, 0.0) if "_ads_" in each.feed} == {None}
