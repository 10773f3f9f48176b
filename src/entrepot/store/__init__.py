"""What is kept outlives the engine: raw log, tables, state, in one folder per cell.

Knows no marketplace and no ERP.
"""

from entrepot.store.layout import CellLayout
from entrepot.store.raw import RawLog
from entrepot.store.settings import CellSettings, EntitySettings, ShopSettings, WalletSettings, load_settings
from entrepot.store.state import RawFile, Snapshot, State
from entrepot.store.tables import TableStore, schema_of

__all__ = [
    "CellLayout",
    "CellSettings",
    "EntitySettings",
    "RawFile",
    "RawLog",
    "ShopSettings",
    "Snapshot",
    "State",
    "TableStore",
    "WalletSettings",
    "load_settings",
    "schema_of",
]
