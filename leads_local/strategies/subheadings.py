"""The subheadings of MeSH and Emtree: Ovid writes them as two letters, PubMed and records in words."""

from __future__ import annotations

from types import MappingProxyType

_MESH = """
aa analogs & derivatives | ab abnormalities | ad administration & dosage | ae adverse effects | ag agonists
ah anatomy & histology | ai antagonists & inhibitors | an analysis | bi biosynthesis | bl blood | bs blood supply
cf cerebrospinal fluid | ch chemistry | ci chemically induced | cl classification | cn congenital | co complications
cs chemical synthesis | ct contraindications | cy cytology | de drug effects | df deficiency | dg diagnostic imaging
dh diet therapy | di diagnosis | dt drug therapy | ec economics | ed education | eh ethnology | em embryology
en enzymology | ep epidemiology | es ethics | et etiology | gd growth & development | ge genetics | hi history
im immunology | in injuries | ip isolation & purification | ir innervation | is instrumentation
lj legislation & jurisprudence | ma manpower | me metabolism | mi microbiology | mo mortality | mt methods | nu nursing
og organization & administration | pa pathology | pc prevention & control | pd pharmacology | ph physiology
pk pharmacokinetics | po poisoning | pp physiopathology | ps parasitology | px psychology | py pathogenicity
ra radiography | re radiation effects | rh rehabilitation | ri radionuclide imaging | rt radiotherapy | sc secondary
sd supply & distribution | se secretion | sn statistics & numerical data | st standards | su surgery | td trends
th therapy | tm transmission | to toxicity | tr transplantation | tu therapeutic use | ul ultrastructure
ur urine | us ultrasonography | ut utilization | ve veterinary | vi virology
"""
_EMTREE = """
cb drug combination | cm drug comparison | cr drug concentration | dm disease management | do drug dose
dr drug resistance | dv drug development | it drug interaction | pe pharmacoeconomics | pr pharmaceutics
si side effect
"""


def _read(table: str) -> dict[str, str]:
    entries = (entry.split(maxsplit=1) for entry in table.strip().replace("\n", "|").split("|"))
    return {code: _plain(name) for code, name in entries}


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("&", "and").split())


NAMES = MappingProxyType({**_read(_EMTREE), **_read(_MESH)})
"""By Ovid's two letters."""
_CODES = MappingProxyType({name: code for code, name in NAMES.items()})


def name_of(said: str) -> str:
    """A subheading in words, whether it was written so or as two letters; "" where two letters are not known."""
    plain = _plain(said)
    return NAMES.get(plain, "") if len(plain) == 2 else plain


def code_of(name: str) -> str:
    """Ovid's two letters for a subheading in words; "" where there are none."""
    return _CODES.get(_plain(name), "")
