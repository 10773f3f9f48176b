"""A target of `cell.toml`: its settings, checked against what its ERP reads, and its adapter."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from entrepot.delivery.erp import Address
from entrepot.delivery.errors import SecretMissing, SettingUnread, TargetUnknown
from entrepot.delivery.registry import erp_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from entrepot.delivery.erp import Adapter
    from entrepot.flows.parts import CellParts
    from entrepot.store import TargetSettings

_OF_SOME = ("format", "token_url", "storage_url")
"""Settings that not every ERP reads; see `ErpSpec.settings`."""


def target_named(parts: CellParts, name: str) -> TargetSettings:
    """The settings of a target.

    Raises:
        TargetUnknown: There is none of that name.
        ErpUnknown: There is no adapter for its ERP.
        SettingUnread: It sets what its ERP does not read: whoever wrote it expects something that will not happen.
    """
    targets = {each.name: each for each in parts.settings.targets}
    if name not in targets:
        raise TargetUnknown(name, tuple(targets))
    target = targets[name]
    spec = erp_named(target.erp).spec
    if unread := tuple(each for each in _OF_SOME if getattr(target, each) and each not in spec.settings):
        raise SettingUnread(target.name, target.erp, unread)
    return target


@contextlib.contextmanager
def adapter_of(target: TargetSettings, transport: httpx.BaseTransport | None) -> Iterator[Adapter]:
    """The adapter of a target, for as long as it is needed.

    Raises:
        SecretMissing: The variable that holds its secret is empty.
    """
    password = os.environ.get(target.secret_env, "") if target.secret_env else ""
    if target.secret_env and not password:
        raise SecretMissing(target.name, target.secret_env)
    address = Address(
        target.url,
        target.database,
        target.user,
        password,
        transport,
        token_url=target.token_url,
        form=target.format,
        storage_url=target.storage_url,
    )
    with contextlib.closing(erp_named(target.erp).connect(address)) as adapter:
        yield adapter
