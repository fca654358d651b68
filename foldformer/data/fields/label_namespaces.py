"""A word of warning for labels in a namespace that reserves places for padding and unknown tokens."""

import logging

logger = logging.getLogger(__name__)

_WARNED: set[str] = set()


def warn_if_padded(namespace: str) -> None:
    """Warn, once a namespace, if its name does not end like those that are not padded by default."""
    if namespace not in _WARNED and not namespace.endswith(("labels", "tags")):
        _WARNED.add(namespace)
        logger.warning(
            'the label namespace "%s" does not end in "labels" or "tags", so it gets places for padding and unknown '
            "labels unless non_padded_namespaces of the vocabulary names it",
            namespace,
        )
