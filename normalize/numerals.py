"""Numbers in Chinese numerals."""

from __future__ import annotations


def chinese_number(text: str) -> float | None:
    """The number that numerals such as 一百二十三 or 3百 say, an int where it is whole; None where they say none."""
    import cn2an  # noqa: PLC0415 - it takes a tenth of a second to load, and most reports write digits

    try:
        number: float = cn2an.cn2an(text, "smart")
    except ValueError:
        return None
    return number
