"""What a model gives for a batch, by key and by attribute."""

from typing import Any


class NamedOutput(dict[str, Any]):
    """A dictionary whose entries are attributes too: `output["loss"]` is `output.loss`."""

    def __getattr__(self, name: str) -> Any:
        """Return an entry.

        Raises:
            AttributeError: There is none of that name.
        """
        if name in self:
            return self[name]
        known = ", ".join(self) or "nothing"
        raise AttributeError(f"{name}: the model gave no such output; expected one of: {known}")
