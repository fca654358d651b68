"""What was counted for a vocabulary, for a person to look over."""

from collections.abc import Mapping

_SHOWN = 10


def statistics(counter: Mapping[str, Mapping[str, int]]) -> str:
    """List the most frequent, longest and shortest tokens of each namespace; empty where nothing was counted."""
    return "\n".join(_of_namespace(namespace, counts) for namespace, counts in counter.items())


def _of_namespace(namespace: str, counts: Mapping[str, int]) -> str:
    by_count = sorted(counts, key=lambda token: counts[token], reverse=True)
    by_length = sorted(by_count, key=len, reverse=True)
    rankings = (
        ("most frequent", by_count[:_SHOWN]),
        ("longest", by_length[:_SHOWN]),
        ("shortest", by_length[-_SHOWN:][::-1]),
    )
    lines = [f'{len(counts)} tokens in the namespace "{namespace}"']
    for title, tokens in rankings:
        lines += [f"  {title}:"] + [f"    {counts[token]:>8}  {len(token):>4} characters  {token}" for token in tokens]
    return "\n".join(lines)
