"""A folder of another machine, as the delivery suite needs it: each call goes over a line that fails as networks do.

What a network file system loses on its way is an answer or a request, as with a server. That is all this does: the
folder behind it is a real one. How a file system itself fails, in the middle of a file, is tested with the adapter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from entrepot.delivery.calls import Trouble, client, outcome_of, parsed, posted, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Adapter, Document, Outcome
    from entrepot.testing.delivery_bench import Faults

__all__ = ["OverALine"]


class OverALine:
    """An adapter whose sending goes over a line.

    Args:
        adapter: What is behind the line.
        line: Its faults; the body of a call is the step and the kind.
    """

    def __init__(self, adapter: Adapter, line: Faults) -> None:
        self._adapter, self._line = adapter, line

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the adapter has
        return getattr(self._adapter, name)

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Send over the line: a lost request does nothing, and a lost answer is lost after the work."""
        outcomes: dict[str, Outcome] = {}

        def carried_out(_request: httpx.Request) -> httpx.Response:
            outcomes.update(self._adapter.send(step, documents, refs))
            return httpx.Response(200, json={"done": True})

        self._line.network = httpx.MockTransport(carried_out)
        at = client("http://folder", self._line)
        try:
            answer = posted(at, at.build_request("PUT", "/", content=f"{step} {documents[0].kind}"))
            if not answer.is_success:
                raise refusal(answer)
            parsed(answer)
        except Trouble as trouble:
            return {each.document_id: outcome_of(trouble) for each in documents}
        return outcomes
