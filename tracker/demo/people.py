"""Who works at the demo's company, and who its customers are."""

from dataclasses import dataclass
from functools import cache
from random import Random

from tracker.models import Role

DOMAIN = "tidewater.example"


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of the demo's organization."""

    name: str
    local: str
    """Of the e-mail address."""
    role: str

    @property
    def email(self) -> str:
        return f"{self.local}@{DOMAIN}"


OWNER = Colleague("Robin Lindqvist", "demo", Role.OWNER)
"""People who look at the demo sign in as this one."""
MEMBERS = (
    OWNER,
    Colleague("Mira Okafor", "mira.okafor", Role.ADMIN),
    Colleague("Jonas Weidner", "jonas.weidner", Role.MEMBER),
    Colleague("Sanne de Wit", "sanne.dewit", Role.MEMBER),
    Colleague("Tomasz Zieliński", "tomasz.zielinski", Role.MEMBER),
    Colleague("Inês Carvalho", "ines.carvalho", Role.MEMBER),
    Colleague("Haruka Ono", "haruka.ono", Role.MEMBER),
    Colleague("Paul Brandt", "paul.brandt", Role.VIEWER),
)
BY_NAME = {colleague.name: colleague for colleague in MEMBERS}


@dataclass(frozen=True, slots=True)
class Client:
    """A browser or a phone; `agent` is its User-Agent header where it is a browser."""

    name: str
    weight: int
    agent: str


MOZILLA = "Mozilla/5.0"
MACINTOSH = f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
BROWSERS = (
    Client("Chrome Windows", 26, f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/156.0.0.0 Safari/537.36"),
    Client(
        "Chrome Android", 24, f"{MOZILLA} (Linux; Android 16; Pixel 9) {WEBKIT} Chrome/156.0.0.0 Mobile Safari/537.36"
    ),
    Client(
        "Safari iOS",
        22,
        f"{MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/26.4 Mobile/15E148 Safari/604.1",
    ),
    Client(
        "Safari macOS",
        9,
        f"{MACINTOSH} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.4 Safari/605.1.15",
    ),
    Client("Chrome macOS", 8, f"{MACINTOSH} {WEBKIT} Chrome/155.0.0.0 Safari/537.36"),
    Client("Firefox Windows", 7, f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:157.0) Gecko/20100101 Firefox/157.0"),
    Client("Firefox Linux", 2, f"{MOZILLA} (X11; Linux x86_64; rv:157.0) Gecko/20100101 Firefox/157.0"),
    Client(
        "Edge Windows",
        6,
        f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0",
    ),
    Client(
        "Samsung Android",
        4,
        f"{MOZILLA} (Linux; Android 14; SAMSUNG SM-A546B) {WEBKIT} "
        "SamsungBrowser/32.0 Chrome/148.0.0.0 Mobile Safari/537.36",
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses an application."""

    id: str
    name: str
    email: str
    ip_address: str
    locale: str
    client: Client


# Given and family names as they are written, and, where an address needs it, as they are spelt in Latin letters.
_NAMES: tuple[tuple[str, str, str], ...] = (
    (
        "de-DE",
        "Jürgen:juergen Anneliese Björn:bjoern Mareike Özlem:oezlem Lukas",
        "Schäfer:schaefer Krüger:krueger Vogt Yılmaz:yilmaz Groß:gross Lindner",
    ),
    (
        "fr-FR",
        "Élodie:elodie Benoît:benoit Zoé:zoe Maëlle:maelle Théo:theo",
        "Lefèvre:lefevre Garnier Bénard:benard Fontaine N'Diaye:ndiaye",
    ),
    (
        "nl-NL",
        "Femke Daan Saskia Joris",
        "Visser Kuipers Hoekstra Brouwer",
    ),
    (
        "pl-PL",
        "Łukasz:lukasz Agnieszka Małgorzata:malgorzata Paweł:pawel",
        "Wójcik:wojcik Kamińska:kaminska Dąbrowski:dabrowski",
    ),
    (
        "pt-PT",
        "João:joao Conceição:conceicao Tiago Luísa:luisa",
        "Araújo:araujo Magalhães:magalhaes Simões:simoes",
    ),
    (
        "es-ES",
        "Íñigo:inigo Begoña:begona Andrés:andres",
        "Muñoz:munoz Ibáñez:ibanez Peña:pena",
    ),
    (
        "ja-JP",
        "陽子:yoko 健太:kenta 美咲:misaki 翔:sho",
        "佐藤:sato 渡辺:watanabe 小林:kobayashi 山田:yamada",
    ),
    (
        "en-GB",
        "Niamh Callum Priya Alasdair",
        "O'Connor:oconnor Mackenzie Patel Thornton",
    ),
    (
        "uk-UA",
        "Олена:olena Тарас:taras Ірина:iryna",
        "Шевченко:shevchenko Коваль:koval Мельник:melnyk",
    ),
    (
        "el-GR",
        "Ελένη:eleni Γιώργος:giorgos",
        "Παπαδόπουλος:papadopoulos Νικολάου:nikolaou",
    ),
    (
        "ar",
        "ليلى:layla يوسف:youssef",
        "حداد:haddad منصور:mansour",
    ),
    (
        "hi-IN",
        "अनन्या:ananya रोहन:rohan",
        "शर्मा:sharma अय्यर:iyer",
    ),
    (
        "zh-CN",
        "伟:wei 静:jing",
        "王:wang 李:li",
    ),
)
_WEIGHTS = (30, 16, 12, 9, 7, 6, 8, 9, 4, 3, 2, 2, 3)
_FAMILY_FIRST = ("ja-JP", "zh-CN")
_MAIL_HOSTS = ("mail.example", "post.example", "example.com", "example.org", "example.net")
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
CUSTOMERS = 1_400


@cache
def customers(seed: int) -> tuple[Person, ...]:
    """The customers of a seed."""
    random = Random(f"{seed}/customers")
    return tuple(_customer(random, number) for number in range(CUSTOMERS))


def _customer(random: Random, number: int) -> Person:
    locale, given_names, family_names = random.choices(_NAMES, _WEIGHTS)[0]
    given, family = _spelt(random.choice(given_names.split())), _spelt(random.choice(family_names.split()))
    parts = (family[0], given[0]) if locale in _FAMILY_FIRST else (given[0], family[0])
    suffix = random.choice(("", "", str(random.randint(60, 99)), str(random.randint(1, 9))))
    address = f"{given[1]}{random.choice(('.', '', '_'))}{family[1]}{suffix}@{random.choice(_MAIL_HOSTS)}"
    return Person(
        id=str(20_000 + number * 7),
        name=(" " if locale not in _FAMILY_FIRST else "").join(parts),
        email=address,
        ip_address=_address(random),
        locale=locale,
        client=random.choices(BROWSERS, [client.weight for client in BROWSERS])[0],
    )


def _spelt(name: str) -> tuple[str, str]:
    written, _, latin = name.partition(":")
    return written, (latin or written).lower()


def _address(random: Random) -> str:
    """One of the addresses that are reserved for documentation."""
    if random.random() < 0.25:
        return f"2001:db8:{random.getrandbits(16):x}:{random.getrandbits(16):x}::{random.randint(2, 99):x}"
    return f"{random.choice(_NETWORKS)}.{random.randint(1, 254)}"


@cache
def staff() -> tuple[Person, ...]:
    """Those who work with the company's own applications."""
    desk = BROWSERS[0]
    names = (
        *((colleague.name, colleague.local) for colleague in MEMBERS[1:]),
        ("Grit Nowak", "grit.nowak"),
        ("Dario Bianchi", "dario.bianchi"),
        ("Chantal Moreau", "chantal.moreau"),
        ("Lars Ødegård", "lars.odegard"),
    )
    return tuple(
        Person(str(100 + number), name, f"{local}@{DOMAIN}", f"192.0.2.{10 + number}", "en-GB", desk)
        for number, (name, local) in enumerate(names)
    )
