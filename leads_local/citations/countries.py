"""The countries that records name: as the place where a journal appears, or at the end of an address.

A name that is a country's and an American state's too (Georgia), or a part of another name, is no country here: a
record that can be read in two ways says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from leads_local.citations import normalise

_PLAIN = """
Afghanistan, Albania, Algeria, Andorra, Angola, Argentina, Armenia, Australia, Austria, Azerbaijan, Bahamas,
Bahrain, Bangladesh, Barbados, Belarus, Belgium, Belize, Benin, Bhutan, Bolivia, Bosnia and Herzegovina, Botswana,
Brazil, Brunei, Bulgaria, Burkina Faso, Burundi, Cambodia, Cameroon, Canada, Cape Verde, Central African Republic,
Chad, Chile, China, Colombia, Comoros, Costa Rica, Croatia, Cuba, Cyprus, Czech Republic, Democratic Republic of the
Congo, Denmark, Djibouti, Dominican Republic, Ecuador, Egypt, El Salvador, Equatorial Guinea, Eritrea, Estonia,
Eswatini, Ethiopia, Fiji, Finland, France, Gabon, Gambia, Germany, Ghana, Greece, Grenada, Guatemala, Guinea,
Guinea-Bissau, Guyana, Haiti, Honduras, Hong Kong, Hungary, Iceland, India, Indonesia, Iran, Iraq, Ireland, Israel,
Italy, Ivory Coast, Jamaica, Japan, Jordan, Kazakhstan, Kenya, Kosovo, Kuwait, Kyrgyzstan, Laos, Latvia, Lebanon,
Lesotho, Liberia, Libya, Liechtenstein, Lithuania, Luxembourg, Macau, Madagascar, Malawi, Malaysia, Maldives, Mali,
Malta, Mauritania, Mauritius, Mexico, Moldova, Monaco, Mongolia, Montenegro, Morocco, Mozambique, Myanmar, Namibia,
Nepal, Netherlands, New Zealand, Nicaragua, Niger, Nigeria, North Korea, North Macedonia, Norway, Oman, Pakistan,
Palestine, Panama, Papua New Guinea, Paraguay, Peru, Philippines, Poland, Portugal, Puerto Rico, Qatar, Republic of
the Congo, Romania, Russia, Rwanda, Samoa, San Marino, Saudi Arabia, Senegal, Serbia, Seychelles, Sierra Leone,
Singapore, Slovakia, Slovenia, Solomon Islands, Somalia, South Africa, South Korea, South Sudan, Spain, Sri Lanka,
Sudan, Suriname, Sweden, Switzerland, Syria, Taiwan, Tajikistan, Tanzania, Thailand, Timor-Leste, Togo, Tonga,
Trinidad and Tobago, Tunisia, Turkey, Turkmenistan, Uganda, Ukraine, United Arab Emirates, United Kingdom, United
States, Uruguay, Uzbekistan, Vanuatu, Venezuela, Vietnam, Yemen, Zambia, Zimbabwe
"""
_ALSO = {
    "Bosnia and Herzegovina": "Bosnia, Bosnia & Herzegovina, Bosnia Herzegovina",
    "Brazil": "Brasil",
    "Brunei": "Brunei Darussalam",
    "Cape Verde": "Cabo Verde",
    "China": "P.R. China, PR China, PRC, P.R.C., People's Republic of China, Peoples R China, Mainland China",
    "Czech Republic": "Czechia",
    "Democratic Republic of the Congo": "DR Congo, Democratic Republic of Congo, DRC, Congo-Kinshasa",
    "Egypt": "Arab Republic of Egypt",
    "Eswatini": "Swaziland",
    "Germany": "Deutschland, Federal Republic of Germany, Germany West, Germany East",
    "Hong Kong": "Hong Kong SAR, Hong Kong SAR China",
    "Iran": "Islamic Republic of Iran, Iran Islamic Republic of, I.R. Iran, IR Iran",
    "Ireland": "Republic of Ireland, Eire",
    "Italy": "Italia",
    "Ivory Coast": "Cote d'Ivoire, Cote Ivoire",
    "Laos": "Lao People's Democratic Republic, Lao PDR",
    "Macau": "Macao",
    "Moldova": "Republic of Moldova",
    "Myanmar": "Burma",
    "Netherlands": "The Netherlands, Holland",
    "North Macedonia": "Macedonia, Republic of Macedonia, Republic of North Macedonia",
    "Palestine": "State of Palestine, Palestinian Territory, Palestinian Territories, Occupied Palestinian Territory",
    "Philippines": "The Philippines",
    "Russia": "Russian Federation, Russia Federation, USSR",
    "Saudi Arabia": "Kingdom of Saudi Arabia, KSA",
    "Serbia": "Republic of Serbia",
    "Slovakia": "Slovak Republic",
    "Slovenia": "Republic of Slovenia",
    "South Africa": "Republic of South Africa, RSA",
    "South Korea": "Korea, Republic of Korea, Korea South, Korea Republic of, ROK",
    "North Korea": "Democratic People's Republic of Korea",
    "Spain": "Espana",
    "Switzerland": "Schweiz, Suisse",
    "Syria": "Syrian Arab Republic",
    "Taiwan": "Taiwan ROC, R.O.C., Republic of China, Taiwan Republic of China, China Republic 1949",
    "Tanzania": "United Republic of Tanzania",
    "Timor-Leste": "East Timor",
    "Turkey": "Turkiye, Türkiye",
    "United Arab Emirates": "UAE, U.A.E.",
    "United Kingdom": "UK, U.K., Great Britain, Britain, England, Scotland, Wales, Northern Ireland, GB",
    "United States": "USA, U.S.A., US, U.S., United States of America, New Mexico",
    "Vietnam": "Viet Nam, Socialist Republic of Vietnam",
}  # fmt: skip


def _read() -> Mapping[str, str]:
    found = {_key(name): " ".join(name.split()) for name in _PLAIN.replace("\n", " ").split(",")}
    found.update({_key(other): name for name, others in _ALSO.items() for other in others.split(",")})
    return MappingProxyType(found)


def _key(text: str) -> str:
    return " ".join(normalise.fold_words(text))


_NAMES = _read()
_LONGEST = max(name.count(" ") + 1 for name in _NAMES)


def find_country(text: str) -> str:
    """The English name of the country that is called so, "" where that is not known."""
    return _NAMES.get(_key(text), "")


def last_country(address: str) -> str:
    """The country at the end of an address, "" where none is known."""
    words = _without_mail(address)
    return next((_NAMES[end] for end in _ends(words) if end in _NAMES), "")


def _ends(words: list[str]) -> Iterator[str]:
    """The last words, the most first: ``papua new guinea`` before ``guinea``."""
    for count in range(min(_LONGEST, len(words)), 0, -1):
        yield " ".join(words[-count:])


def _without_mail(address: str) -> list[str]:
    """The words of an address up to where a mail address begins."""
    kept = []
    for part in address.split():
        if "@" in part:
            break
        kept.append(part)
    text = " ".join(kept).removesuffix("Electronic address:").removesuffix("E-mail:").removesuffix("Email:")
    return normalise.fold_words(text)
