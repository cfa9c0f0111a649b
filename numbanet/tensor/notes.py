"""What is known of a tensor, noted beside it for as long as it lives."""

from __future__ import annotations

import weakref
from typing import Any

from numbanet.tensor.tensor import Tensor


class Notes(dict[int, Any]):
    """From the ids of tensors, which compare element by element, to references and values; false while it is empty."""

    def note(self, tensor: Tensor, value: Any) -> None:
        """Note a value beside a tensor, in place of the one before."""
        key = id(tensor)
        self[key] = weakref.ref(tensor, lambda _: self.pop(key, None)), value

    def of(self, tensor: Any) -> Any:
        """Return what is noted beside a tensor, or None."""
        reference, value = self.get(id(tensor), (None, None))
        return value if reference is not None and reference() is tensor else None
