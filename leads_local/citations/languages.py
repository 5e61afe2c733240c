"""The languages that records name, whatever their source calls them: ISO 639 codes of two and three letters, English
names, and some names in the languages themselves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leads_local.citations import normalise

_TABLE = """
Afrikaans af afr | Albanian sq sqi alb | Arabic ar ara | Armenian hy hye arm | Azerbaijani az aze
Basque eu eus baq | Belarusian be bel | Bengali bn ben | Bosnian bs bos | Bulgarian bg bul | Catalan ca cat
Chinese zh zho chi mandarin cantonese zhongwen | Croatian hr hrv scr | Czech cs ces cze | Danish da dan dansk
Dutch nl nld dut nederlands flemish | English en eng anglais englisch ingles inglese | Esperanto eo epo
Estonian et est | Faroese fo fao | Finnish fi fin suomi | French fr fra fre francais franzosisch frances
Galician gl glg | Georgian ka kat geo | German de deu ger deutsch allemand aleman
Greek el ell gre modern-greek | Hebrew he heb | Hindi hi hin | Hungarian hu hun magyar | Icelandic is isl ice
Indonesian id ind bahasa-indonesia | Irish ga gle | Italian it ita italiano | Japanese ja jpn nihongo
Kazakh kk kaz | Khmer km khm | Korean ko kor | Kyrgyz ky kir | Lao lo lao | Latin la lat | Latvian lv lav
Lithuanian lt lit | Macedonian mk mkd mac | Malay ms msa may | Malayalam ml mal | Maltese mt mlt
Mongolian mn mon | Nepali ne nep | Norwegian no nor nb nob nn nno norsk | Persian fa fas per farsi
Polish pl pol polski | Portuguese pt por portugues | Romanian ro ron rum mol | Russian ru rus russkii
Serbian sr srp scc | Serbo-Croatian sh hbs | Sinhala si sin | Slovak sk slk slo | Slovenian sl slv slovene
Somali so som | Spanish es spa espanol castellano castilian | Swahili sw swa | Swedish sv swe svenska
Tagalog tl tgl filipino fil | Tamil ta tam | Telugu te tel | Thai th tha | Turkish tr tur turkce
Ukrainian uk ukr | Urdu ur urd | Uzbek uz uzb | Vietnamese vi vie | Welsh cy cym wel | Yiddish yi yid
"""


def _read(table: str) -> Mapping[str, str]:
    found = {}
    for entry in table.replace("\n", "|").split("|"):
        names = entry.split()
        found.update({" ".join(normalise.fold_words(name)): names[0] for name in names})
    return MappingProxyType(found)


_NAMES = _read(_TABLE)


def find_language(text: str) -> str:
    """The English name of the language that is called so, "" where that is not known."""
    words = normalise.fold_words(text)
    known = " ".join(words)
    return _NAMES.get(known) or (_NAMES.get(words[0], "") if _is_locale(words) else "")


def _is_locale(words: list[str]) -> bool:
    """``en-US``, ``zh-Hans``."""
    return len(words) == 2 and len(words[0]) in (2, 3) and len(words[1]) in (2, 4)
