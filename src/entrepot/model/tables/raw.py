"""What came in and what became of each row of it."""

from __future__ import annotations

from entrepot.model.fields import Origin, ResidencyClass, Table, instant, integer, local, text

RAW_FILES = Table(
    "raw_files",
    Origin.RAW,
    ("raw_id",),
    (
        local("raw_id", "Digest of the content.", required=True),
        local("file_name", "Name it was first imported under.", required=True),
        text("connector", "Connector that read it.", required=True),
        text("format", "Format that was recognised.", required=True),
        text("channel", "Platform.", required=True),
        text("shop", "Shop it was assigned to, where rows do not name one."),
        text("account", "Account number that the file states.", ResidencyClass.BUSINESS),
        text("encoding", "Encoding it was read in."),
        integer("row_count", "Rows of data.", required=True),
        local("column_set", "Recognised columns, between bars."),
        instant("exported_at", "Export time that the file or its name states."),
        instant("seen_at", "When it first entered the raw log."),
    ),
    "Files in the raw log.",
)

RAW_ROWS = Table(
    "raw_rows",
    Origin.RAW,
    ("raw_id", "row_no"),
    (
        local("raw_id", "The file.", required=True),
        integer("row_no", "The row as a spreadsheet counts.", ResidencyClass.LOCAL, required=True),
        text("format", "Format of the file.", required=True),
        text("row_key", "What the row is about, within its format.", ResidencyClass.LOCAL),
        text("row_hash", "Digest of its cells.", ResidencyClass.LOCAL, required=True),
        text("reject", "Reason word and column, when the row was not accepted.", ResidencyClass.LOCAL),
    ),
    "Every row of every file: accepted, quarantined or a repetition.",
    ("format",),
)

QUARANTINE = Table(
    "quarantine",
    Origin.DERIVED,
    ("raw_id", "row_no"),
    (
        local("raw_id", "The file.", required=True),
        integer("row_no", "The row as a spreadsheet counts.", ResidencyClass.LOCAL, required=True),
        local("file_name", "Name of the file."),
        text("format", "Format of the file.", required=True),
        text("channel", "Platform."),
        text(
            "reason",
            "unknown_code, bad_money, bad_time, bad_id, ruined_id, wrong_columns, undecodable …",
            required=True,
        ),
        text("field", "Column that caused it."),
        local("code_value", "The unknown code itself, when nothing else is wrong with the row."),
        text("mapping_version", "Mapping that refused it."),
    ),
    "Rows that were not understood; nothing of them is in any other table.",
    ("format",),
)

FINDINGS = Table(
    "findings",
    Origin.DERIVED,
    ("finding_id",),
    (
        local("finding_id", "Digest of file and finding.", required=True),
        local("raw_id", "The file.", required=True),
        local("file_name", "Name of the file."),
        text("kind", "control_total, unknown_column, missing_column, shop_assumed, encoding …", required=True),
        text("name", "Column or total."),
        integer("stated", "What the file states, in minor units or rows.", ResidencyClass.BUSINESS),
        integer("found", "What the rows give.", ResidencyClass.BUSINESS),
        text("currency", "ISO 4217 code, for amounts.", ResidencyClass.BUSINESS),
    ),
    "Something doubtful in a file that was nevertheless read.",
)

RAW_TABLES = (RAW_FILES, RAW_ROWS, QUARANTINE, FINDINGS)
