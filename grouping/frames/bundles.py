"""Names of built files (J5): content hashes and chunk numbers out, the name stays."""

import re

_SPLIT = re.compile(r"([.\-_~]+)")
_FILLER = frozenset({"chunk", "bundle", "min"})
_EXTENSION = re.compile(r"\.(?:m|c)?js$|\.jsbundle$|\.bundle$|\.css$|\.hbc$", re.IGNORECASE)
_HEX = re.compile(r"(?=[a-f]*\d)[0-9a-f]{8,64}", re.IGNORECASE)
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]{6,64}")
_BASE32 = re.compile(r"[A-Z2-7]{8}")
_WORDS = re.compile(r"(?:[A-Z]?[a-z]{2,}|[A-Z]{2,})+")
_WORD_NUMBER = re.compile(r"[a-z]+\d{1,3}|\d{1,3}[a-z]+|(?:es|utf|sha|base)\d+\w*", re.IGNORECASE)

CHUNK = "<chunk>"


def bundle_name(base: str) -> tuple[str, bool]:
    """`index-DbQ2xY9p.js` → `index.js`, and whether a hash was in it; nothing left → `<chunk>.js`."""
    extension = _EXTENSION.search(base)
    ending = extension[0] if extension else ""
    stem = base[: len(base) - len(ending)]
    pieces = _SPLIT.split(stem)
    kept: list[str] = []
    hashed = False
    for position in range(0, len(pieces), 2):
        piece = pieces[position]
        if not piece and position:
            continue
        if _is_hash(piece, first=position == 0) or (piece.isdigit() and len(pieces) > 1) or piece.isdigit():
            hashed = True
        elif piece.lower() not in _FILLER:
            kept += [pieces[position - 1] if position else "", piece]
    if not any(kept[1::2]):
        return CHUNK + ending, True
    return "".join(kept[1:] if kept[0] not in {"", "_"} else kept) + ending, hashed


def _is_hash(piece: str, *, first: bool) -> bool:
    if _HEX.fullmatch(piece):
        return True
    if first or _WORDS.fullmatch(piece) or _WORD_NUMBER.fullmatch(piece):
        return False
    if _MIXED.fullmatch(piece) or _BASE32.fullmatch(piece):
        return True
    return len(piece) >= 6 and piece.isalpha() and piece != piece.lower() and piece != piece.upper()
