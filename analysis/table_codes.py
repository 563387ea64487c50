"""Codes in the names of regions and sectors, as tables of statistics write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .codes import section_names, section_of

CODE = re.compile(r"[A-Z]{0,3}[0-9][0-9.]*|[A-Z]{1,2}")
LETTERS = re.compile(r"([A-Z])[-–]([A-Z])")
SUM_OF_LETTERS = re.compile(r"[A-Z](?:\+[A-Z])+")
DIGITS = re.compile(r"([0-9]{2,5})[-–]([0-9]{2,5})")


def codes_of(names: Sequence[str]) -> dict[str, str]:
    """Code of each name that is one, or begins with one of its own as most names do."""
    whole = {name: name.strip().upper() for name in names}
    codes = {name: code for name, code in whole.items() if _is_code(code)}
    first = {name: name.split()[0] for name in names if name not in codes}
    described = {name: code for name, code in first.items() if _is_code(code)}
    # Names like "North 1" and "North 2" share their first word.
    own = len(set(described.values())) == len(described)
    most = 2 * len(described) > len(names)
    return codes | described if own and most else codes


def _is_code(word: str) -> bool:
    patterns = (CODE, LETTERS, SUM_OF_LETTERS, DIGITS)
    return any(pattern.fullmatch(word) for pattern in patterns)


def in_section(code: str) -> str:
    """A division or class with the letter of its section in front."""
    digits = code.replace(".", "")
    return section_of().get(digits[:2], "") + digits if digits.isdigit() else code


def sections_of(names: Sequence[str]) -> dict[str, str] | None:
    """Section of every sector; None where one of them is, or lies in, no section.

    >>> sections_of(["C Industrie", "H Vervoer"])
    {'C Industrie': 'C', 'H Vervoer': 'H'}
    >>> sections_of(["20", "49"])
    {'20': 'C', '49': 'H'}
    """
    codes = {name: in_section(code) for name, code in codes_of(names).items()}
    known = {
        name: code[0]
        for name, code in codes.items()
        if code[0] in section_names("en") and not code[1:2].isalpha()
    }
    return known if len(known) == len(set(names)) and not _several(codes) else None


def _several(codes: dict[str, str]) -> bool:
    """Whether some code stands for several sections."""
    return not all(CODE.fullmatch(code) for code in codes.values())
