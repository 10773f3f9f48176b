"""What may stand against a transfer, in both languages; evidence that is missing brings its own words."""

from __future__ import annotations

from entrepot.residency.gate_errors import Reason
from entrepot.residency.profile import Words

__all__ = ["REASONS", "reason_of"]

REASONS = {
    "role_unknown": Words(
        "nobody said which company is the processor of the shop {shop} in {permit}: write a role into decisions.yaml",
        "未说明店铺 {shop} 在 {permit} 中的个人信息处理者：请在 decisions.yaml 中写明角色",
    ),
    "several_processors": Words(
        "its rows are of several processors ({processors}): write a permit for each, `shops` narrows one",
        "数据涉及多个处理者（{processors}）：请分别设立许可，用 `shops` 限定店铺",
    ),
    "other_processor": Words(
        "by the roles of its shops the processor is {processor}, the permit names {stated}",
        "按店铺角色处理者为 {processor}，许可写的是 {stated}",
    ),
    "collected_here": Words(
        "{processor} collects from persons in this region, so it was not collected abroad: take `collected_abroad` out",
        "{processor} 直接向境内个人收集，不属于境外收集：请删去 `collected_abroad`",
    ),
    "not_local": Words(
        "the law of {profile} keeps the first copy in its region, and this cell is of {region}",
        "{profile} 法律要求首份数据存于境内，而本数据域位于 {region}",
    ),
    "law_not_adopted": Words(
        "the law of {profile} from {since} on is a file of this cell that {roles} of two approved: ask both to run "
        "`entrepot residency adopt`",
        "自 {since} 起的 {profile} 法规画像为自备文件，两人中仅 {roles} 人批准：请分别运行 `entrepot residency adopt`",
    ),
    "expired": Words("the permit is valid from {first} to {last}", "许可有效期为 {first} 至 {last}"),
    "companion_unknown": Words("cell.toml does not know the cell {cell}", "cell.toml 中没有数据域 {cell}"),
    "other_region": Words(
        "the cell {cell} is of {region}, the permit of {stated}", "数据域 {cell} 位于 {region}，许可写的是 {stated}"
    ),
    "no_mail_folder": Words(
        "cell.toml says nowhere where envelopes for {cell} are put: `send`",
        "cell.toml 未指定给 {cell} 的信封放在何处：`send`",
    ),
    "switched_off": Words("{what} is switched off", "{what} 已关闭"),
    "cap": Words(
        "this transfer would bring you to {total} of {most} persons", "本次传输后将达 {total} 人，上限 {most} 人"
    ),
    "platform_permission": Words("no permission of {channels} is named", "未写明平台许可：{channels}"),
    "uncosigned": Words(
        "entries of the log have been without a cosignature for {days} days, {most} allowed",
        "日志条目已 {days} 天无对方会签，最多允许 {most} 天",
    ),
    "key_outside": Words(
        "rows of {channels} name a shop that is in no key set: declare it in cell.toml, or mend the rows",
        "{channels} 的数据含未声明的店铺：请在 cell.toml 中声明，或更正数据",
    ),
    "noise_budget": Words(
        "the year's epsilon budget does not cover {months}: end the permit's months before, or take a larger one",
        "本年度 epsilon 预算不足以覆盖 {months}：请缩短许可的月份范围，或另行决定更大的预算",
    ),
    "aggregates_only": Words(
        "the cell {cell} may have sums only (decisions.yaml), and this permit lets out rows of {tables}",
        "数据域 {cell} 仅可接收汇总数据（decisions.yaml），而本许可将放行 {tables} 的明细",
    ),
    "rows_released": Words(
        "the cell {cell} is said to have sums only (decisions.yaml), and has rows of the same data by {permits}",
        "decisions.yaml 称数据域 {cell} 仅接收汇总数据，但其已通过 {permits} 获得同一数据的明细",
    ),
    "inspection": Words("{values} values show a sign of a person", "{values} 个值疑似含个人信息"),
}
"""Stable words with what is meant."""


def reason_of(word: str, **facts: object) -> Reason:
    """One of `REASONS` with its facts filled in."""
    said = REASONS[word]
    return Reason(word, Words(said.en.format(**facts), said.zh.format(**facts)))
