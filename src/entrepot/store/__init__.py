"""What is kept outlives the engine: raw log, tables, state, in one folder per cell.

Knows no marketplace and no ERP.
"""

from entrepot.store.credentials import CredentialStore
from entrepot.store.erasures import Erasure, ErasureLog, Hold, Redaction
from entrepot.store.hints import Arrival, Hint, HintState, MessageCounts, WaitingHint
from entrepot.store.layout import CellLayout
from entrepot.store.notices import Notice, NoticeLog
from entrepot.store.packing import schema_of
from entrepot.store.raw import RawLog
from entrepot.store.refreshes import Refresh, RefreshState, superseded_pages
from entrepot.store.settings import (
    CalendarSettings,
    CellSettings,
    CompanionSettings,
    ConnectionSettings,
    EntitySettings,
    NotifySettings,
    ShopSettings,
    TargetSettings,
    WalletSettings,
)
from entrepot.store.settings_file import load_settings
from entrepot.store.state import RawFile, Snapshot, State, UndoneFile
from entrepot.store.syncing import SyncState, Window
from entrepot.store.tables import TableStore

__all__ = [
    "Arrival",
    "CalendarSettings",
    "CellLayout",
    "CellSettings",
    "CompanionSettings",
    "ConnectionSettings",
    "CredentialStore",
    "EntitySettings",
    "Erasure",
    "ErasureLog",
    "Hint",
    "HintState",
    "Hold",
    "MessageCounts",
    "Notice",
    "NoticeLog",
    "NotifySettings",
    "RawFile",
    "RawLog",
    "Redaction",
    "Refresh",
    "RefreshState",
    "ShopSettings",
    "Snapshot",
    "State",
    "SyncState",
    "TableStore",
    "TargetSettings",
    "UndoneFile",
    "WaitingHint",
    "WalletSettings",
    "Window",
    "load_settings",
    "schema_of",
    "superseded_pages",
]
