"""What varies from event to event: order numbers, products, amounts, and the users who were affected."""

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

COFFEES = (
    ("KAF-0231", "kiambu-estate", "Kiambu Estate"),
    ("KAF-0118", "fazenda-aurora", "Fazenda Aurora"),
    ("KAF-0407", "huehuetenango-el-injerto", "Huehuetenango El Injerto"),
    ("KAF-0312", "yirgacheffe-konga", "Yirgacheffe Konga"),
    ("KAF-0290", "sumatra-gayo", "Sumatra Gayo"),
    ("KAF-0155", "harbour-blend", "Harbour Blend"),
    ("KAF-0162", "night-shift-decaf", "Night Shift Decaf"),
    ("KAF-0420", "monsoon-malabar", "Monsoon Malabar"),
    ("ZUB-0034", "copper-kettle-1l", "Copper Kettle 1 l"),
)
COUNTRIES = ("DE", "DE", "DE", "FR", "NL", "PL", "PT", "ES", "IT", "AT", "CH", "GB", "JP", "SE")
CURRENCIES = {"GB": "GBP", "CH": "CHF", "PL": "PLN", "JP": "JPY", "SE": "SEK"}
WORDS = (
    "ethiopia",
    "kaffee ohne koffein",
    "décaféiné",
    "エチオピア",
    "bezkofeinowa",
    "filter",
    "кофе",
    "torrefação clara",
)
CARRIERS = ("Postnord", "Hermod", "Parcelle", "Kestrel Express")


def _hexadecimal(digits: int) -> Callable[[Random], str]:
    """Never figures alone: what is a number now and then would be read as something else."""
    return lambda random: f"{random.choice('abcdef')}{random.getrandbits(4 * digits - 4):0{digits - 1}x}"


def _number(lowest: int, highest: int, form: str = "{}") -> Callable[[Random], str]:
    return lambda random: form.format(random.randint(lowest, highest))


def _amount(random: Random) -> str:
    return f"{random.choice((8, 9, 11, 14, 18, 23, 36)) * random.randint(1, 4)}.{random.choice(('00', '50', '90'))}"


MAKERS: Mapping[str, Callable[[Random], str]] = {
    "order": _number(184_200, 219_900),
    "invoice": _number(40_100, 58_300, "R-{:06d}"),
    "parcel": _number(10**11, 10**12 - 1, "TW{}NL"),
    "amount": _amount,
    "cents": _number(450, 14_900),
    "country": lambda random: random.choice(COUNTRIES),
    "carrier": lambda random: random.choice(CARRIERS),
    "words": lambda random: random.choice(WORDS),
    "merchant": _number(100, 180, "mrc_{}"),
    "charge": _hexadecimal(16),
    "hex8": _hexadecimal(8),
    "hex12": _hexadecimal(12),
    "hex32": _hexadecimal(32),
    "small": _number(2, 9),
    "percent": _number(51, 98),
    "count": _number(120, 980),
    "hundreds": _number(100, 999),
    "pid": _number(17, 64),
    "milliseconds": _number(180, 4_900),
    "seconds": _number(31, 58),
    "thread": _number(1, 12),
    "port": _number(32_000, 60_000),
    "bytes": _number(2_400_000, 61_000_000),
    "week": _number(41, 52),
    "glyph": lambda random: random.choice(("U+5C71", "U+7530", "U+0436", "U+0623", "U+1F382", "U+4E2D")),
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Values(dict[str, str]):
    """Texts by the name of their placeholder, each drawn when it is first asked for; the same within an event."""

    def __init__(self, random: Random, known: Mapping[str, str]) -> None:
        super().__init__(known)
        self._random = random

    def __missing__(self, name: str) -> str:
        if name in ("sku", "slug", "coffee"):
            self["sku"], self["slug"], self["coffee"] = self._random.choice(COFFEES)
        elif name == "currency":
            self[name] = CURRENCIES.get(self["country"], "EUR")
        elif name in MAKERS:
            self[name] = MAKERS[name](self._random)
        else:
            # Braces of code stay.
            return "{" + name + "}"
        return self[name]

    def fill(self, text: str) -> str:
        """The text with its placeholders filled."""
        return _PLACEHOLDER.sub(lambda found: self[found[1]], text) if "{" in text else text

    def fill_all(self, content: Any) -> Any:
        """The same for every text within lists and mappings."""
        if isinstance(content, str):
            return self.fill(content)
        if isinstance(content, Mapping):
            return {name: self.fill_all(each) for name, each in content.items()}
        if isinstance(content, (list, tuple)):
            return [self.fill_all(each) for each in content]
        return content
