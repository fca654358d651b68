"""Numbers, for people."""


def human_size(size: float) -> str:
    """A size with three digits or so: `1.5 MiB`."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} TiB"


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 part`, `2,000 parts`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
