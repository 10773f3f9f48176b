"""What is said, in English and Chinese."""

from __future__ import annotations

from entrepot_verify.report import Check

__all__ = ["CHECKS", "LANGUAGES", "PROBLEMS", "SAYINGS"]

LANGUAGES = ("en", "zh")

CHECKS: dict[Check, dict[str, str]] = {
    Check.FILES: {"en": "files are there and belong to the log", "zh": "文件齐全，无多余文件"},
    Check.TILES: {"en": "tiles follow from the entries", "zh": "树块与条目一致"},
    Check.ROOT: {"en": "root of the checkpoint", "zh": "检查点的树根"},
    Check.SIGNATURE: {"en": "signature of the log", "zh": "日志签名"},
    Check.COSIGNATURES: {"en": "cosignatures of witnesses", "zh": "见证方联署"},
    Check.HELD: {"en": "checkpoints that others held", "zh": "他人留存的检查点"},
    Check.ENTRIES: {"en": "entries are canonical and of a known kind", "zh": "条目为规范 JSON 且类型已知"},
    Check.TRANSFERS: {"en": "each intent has one outcome", "zh": "每个意向有且仅有一个结果"},
    Check.SEQUENCES: {"en": "sequences of permits have no gap", "zh": "许可序号连续"},
    Check.PERSONS: {"en": "persons are counted on and never back", "zh": "人数只增不减且前后衔接"},
    Check.TIME: {"en": "time never runs backwards", "zh": "时间不倒退"},
}

PROBLEMS: dict[str, dict[str, str]] = {
    "missing": {"en": "the file is missing", "zh": "文件缺失"},
    "stranger": {"en": "no log has such a file", "zh": "日志中不应有此文件"},
    "beyond": {
        "en": "it lies beyond the checkpoint: an older checkpoint was put back, or entries were cut off",
        "zh": "超出检查点范围：检查点被换成旧的，或条目被截断",
    },
    "bundle_malformed": {"en": "it does not hold the entries it must", "zh": "条目数量或长度不符"},
    "tile_differs": {"en": "it does not follow from the entries", "zh": "与条目推算结果不符"},
    "root_differs": {"en": "its root is not that of the entries", "zh": "树根与条目不符"},
    "another_log": {"en": "it belongs to another log", "zh": "属于另一日志"},
    "shorter": {"en": "it vouches for more entries than the log has", "zh": "其确认的条目多于日志现有条目"},
    "note_malformed": {"en": "it is no signed note", "zh": "不是有效的签名文本"},
    "checkpoint_malformed": {"en": "it is no checkpoint", "zh": "不是有效的检查点"},
    "key_malformed": {"en": "it is no public key of the form name+id+base64", "zh": "不是 name+id+base64 形式的公钥"},
    "signature_wrong": {"en": "the signature is wrong", "zh": "签名错误"},
    "signature_missing": {"en": "the log's key did not sign it", "zh": "没有该日志密钥的签名"},
    "cosignature_wrong": {"en": "the cosignature is wrong", "zh": "联署错误"},
    "cosignature_doubtful": {
        "en": "a line has the witness's name or id, but not both",
        "zh": "某行签名的见证方名称与编号只符合其一",
    },
    "cosignature_none": {"en": "this witness cosigned nothing", "zh": "该见证方没有任何联署"},
    "not_canonical": {"en": "it is not canonical JSON", "zh": "不是规范 JSON"},
    "not_of_its_kind": {
        "en": "its kind is not known or its facts are not those of its kind",
        "zh": "类型未知或字段不符",
    },
    "no_outcome": {"en": "an intent without an outcome", "zh": "有意向而无结果"},
    "no_intent": {"en": "an outcome without an intent", "zh": "有结果而无意向"},
    "intent_twice": {"en": "a second intent of the same transfer", "zh": "同一传输出现第二个意向"},
    "outcome_twice": {"en": "a second outcome of the same transfer", "zh": "同一传输出现第二个结果"},
    "sequence_gap": {"en": "its sequence does not follow the permit's last one", "zh": "序号与该许可上一序号不连续"},
    "persons_fewer": {"en": "it counts fewer persons after than before", "zh": "传输后人数少于传输前"},
    "persons_break": {
        "en": "its count does not continue the last one of this processor and year",
        "zh": "人数与同一处理者同年上一记录不衔接",
    },
    "time_backwards": {"en": "it is older than the entry before", "zh": "早于前一条目"},
}

SAYINGS: dict[str, dict[str, str]] = {
    "whole": {"en": "ok", "zh": "通过"},
    "findings": {"en": "{count} findings", "zh": "{count} 项发现"},
    "unasked": {"en": "not checked", "zh": "未检查"},
    "log": {"en": "log", "zh": "日志"},
    "entries": {"en": "entries", "zh": "条目"},
    "last": {"en": "last entry", "zh": "最后条目"},
    "cosigned": {"en": "cosigned by {name}", "zh": "{name} 已联署"},
    "upto": {"en": "{count} entries", "zh": "{count} 条"},
    "more": {"en": "and {count} more", "zh": "另有 {count} 项"},
    "is_whole": {"en": "The log is whole.", "zh": "日志完整。"},
    "is_not": {"en": "The log is not as it must be.", "zh": "日志存在问题。"},
    "unsigned": {
        "en": "Without --key anybody can have written it; without --witness its owner can have written it anew.",
        "zh": "未提供 --key 时任何人都可能写成此日志；未提供 --witness 时日志所有者可能整体重写。",
    },
    "no_log": {"en": "there is no transfer log in {path}", "zh": "{path} 中没有传输日志"},
}
