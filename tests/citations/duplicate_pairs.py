"""Pairs of invented records, as databases give them, and whether they are one report. All of it is ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leads_local.records import Citation

Pair = tuple[str, Citation, Citation]

_PAPERS = [
    ("Supervised exercise for knee pain in older adults: a randomised trial", "Marlow, A", 2018, "77", "501-10"),
    ("Vitamin D supplements and falls in nursing homes", "Okafor, Chidi", 2009, "14", "33-41"),
    ("Hepatitis B vaccination of newborns in rural districts", "Tanaka, Yuki", 2003, "142", "310-317"),
    ("Cognitive therapy for insomnia in nurses on night shifts", "Lindholm, Per", 2014, "12", "101-109"),
    ("Early removal of urinary catheters after hip surgery", "Garcia-Mendez, Luis", 1998, "5", "e17"),
    ("Inhaled steroids in preschool children with wheeze: two-year follow-up", "Abelsen, Kari", 2011, "66", "880-8"),
]  # fmt: skip
_NOTES = (
    "[Review] [33 refs]", "[Review]", "[71 refs]", "[Dutch]", "[Article in French]",
    "[German; English abstract]", "[Spanish, English]",
    "[Erratum appears in J Inv Trials. 2014 Nov;12(4):300]", "[Comment in: JAMA 2003;1:1-2]",
    "[published erratum appears in Lancet 1999 Jan 2;353(9146):80]", "[see comments]", "[see comment]",
    "[letter; comment]", "[Retraction in J Inv Trials. 2015;13:5; PMID: 1]",
    "[Republished in Ann Inv Med. 2010;3:4-9]",
    "[Summary for patients in Ann Intern Med. 2004 Mar 2;140(5):I26]", "[corrected]", "[In Process Citation]",
    "[Retracted article]", "[author's transl]", "(author's transl)", "(Provisional abstract)",
    "(Structured abstract)", "(Brief record)", "(Review)", "(Cochrane Review)", "(multiple letters) [1]",
    "[ISRCTN12345678]", "[Original Article]", "(Retracted article. See vol. 28, pg. 1, 2010)",
    "[Reprinted from J Inv Med, vol 3, pg 5-9, 2001]", "[Letter]", "[Randomized Controlled Trial]",
    "[Case Reports]", "[Editorial] [12 refs]", "[Meeting Abstract]", "(in Japanese)",
    "[Erratum appears in Br J Inv. 2001 Ma",
)  # fmt: skip
_TREATMENTS = """
    craniotomy craniectomy|chemotherapy chemoradiotherapy|laparotomy laparoscopy|tracheotomy tracheostomy
    colostomy colotomy|thoracotomy thoracoscopy|prednisone prednisolone|hydroxyzine hydralazine
    clonidine clonazepam|cefotaxime ceftriaxone|cefazolin cefaclor|amlodipine amiloride|nifedipine nimodipine
    nifedipine nicardipine|metoprolol metoclopramide|fluoxetine fluvoxamine|fluoxetine duloxetine
    lamotrigine lamivudine|atorvastatin rosuvastatin|simvastatin fluvastatin|lovastatin pitavastatin
    tamoxifen toremifene|docetaxel paclitaxel|cisplatin carboplatin|vincristine vinblastine
    daunorubicin doxorubicin|epirubicin idarubicin|azathioprine azacitidine|cyclosporine cycloserine
    chlorpromazine chlorpropamide|glipizide glyburide|glimepiride gliclazide|rosiglitazone pioglitazone
    losartan valsartan|captopril enalapril|ramipril perindopril|lisinopril fosinopril|omeprazole esomeprazole
    lansoprazole pantoprazole|ranitidine famotidine|morphine hydromorphone|codeine oxycodone
    fentanyl sufentanil|bupivacaine levobupivacaine|lidocaine ropivacaine|mepivacaine prilocaine
    ketamine esketamine|salmeterol formoterol|salbutamol terbutaline|ileostomy jejunostomy
    gastrectomy gastrostomy|nephrectomy nephrostomy|cystectomy cystostomy|mastectomy mastoidectomy
    hysterectomy hysterotomy|hysteroscopy hysterectomy|vasectomy varicocelectomy|tonsillectomy tonsillotomy
    arthroscopy arthroplasty|arthrodesis arthroplasty|vertebroplasty kyphoplasty|angioplasty angiography
    immunotherapy immunochemotherapy|radiotherapy radiochemotherapy|phototherapy photochemotherapy
    hypothermia hyperthermia|hypocapnia hypercapnia|interferon interleukin|thrombolysis thrombectomy
    endarterectomy atherectomy|echocardiography electrocardiography|adrenaline noradrenaline
    epinephrine norepinephrine|cortisone cortisol|methionine methadone|quinine quinidine
    chloroquine hydroxychloroquine|artesunate artemether|ivermectin avermectin|acyclovir valacyclovir
    ganciclovir valganciclovir|erythromycin azithromycin|clarithromycin roxithromycin|ampicillin amoxicillin
    penicillin piperacillin|tetracycline tigecycline|gentamicin tobramycin|rifampicin rifabutin
    fluconazole voriconazole|ketoconazole itraconazole|apixaban rivaroxaban|dabigatran edoxaban
    heparin heparinoid|mono-therapy poly-therapy|intravenous intravesical|intra-articular inter-articular
    subcutaneous percutaneous|overweight underweight|prenatal postnatal|preoperative postoperative
    perioperative preoperative|adductor abductor|ureteral urethral|ileal iliac|oral aural|peroneal perineal
    humeral femoral|malleolus malleus|hypertension hypotension"""
_STAGES = """
    vitamin A|vitamin E;vitamin B|vitamin C;hepatitis A|hepatitis E;hepatitis B|hepatitis C;phase 2|phase 3
    phase II|phase III;phase I|phase II;type 1|type 2;factor VIII|factor IX;group A|group B
    influenza A|influenza B;part one|part two;with oxygen|without oxygen;from insulin|to insulin
    protein C|protein S;complex A|complex E;stage 1|stage 4;400 IU|800 IU"""
_TRANSLATED = [
    ("Bewegungstherapie bei Kniearthrose älterer Menschen", "[Exercise for arthrosis of the knee in older people]"),
    ("Prévention des chutes en maison de retraite", "[Prevention of falls in nursing homes]"),
    ("Vacunación contra la hepatitis en recién nacidos", "[Vaccination of newborns against hepatitis]"),
    ("Terapia cognitiva per l'insonnia negli infermieri", "[Cognitive therapy for insomnia in nurses]"),
]  # fmt: skip


def _parts(told: str, separator: str) -> list[str]:
    return [part.strip() for line in told.strip().splitlines() for part in line.split(separator)]


def _paper(place: int) -> Citation:
    title, author, year, volume, pages = _PAPERS[place % len(_PAPERS)]
    return Citation(
        title=title, authors=(author, "Brandvold, I."), year=year, journal="Journal of Invented Trials", volume=volume,
        issue="4", pages=pages,
    )  # fmt: skip


def _given_elsewhere(paper: Citation) -> Citation:
    """As another database gives it: abbreviated, with initials, shorter pages, without an issue."""
    surname = paper.authors[0].split(",")[0]
    initial = paper.authors[0].split(", ")[1][0]
    return replace(
        paper, journal="J Invent Trials", authors=(f"{surname} {initial}",), pages=paper.pages.split("-")[0], issue=""
    )


def duplicates() -> Iterator[Pair]:
    """Two records of one report."""
    for number, note in enumerate(_NOTES):
        for shift in (0, 1, 3):
            paper = _paper(number + shift)
            yield (
                f"{note} {shift}",
                paper,
                replace(_given_elsewhere(paper), title=f"{paper.title}{'. ' if shift else '.'}{note}"),
            )
    for number, (one, other) in enumerate(_TRANSLATED):
        paper = replace(_paper(number), title=one, language="Other")
        yield f"translation {number}", paper, replace(_given_elsewhere(paper), title=other, language="English")
        yield f"both titles {number}", paper, replace(_given_elsewhere(paper), title=f"{other.strip('[]')} [{one}]")
    for number in range(len(_PAPERS)):
        yield from _dressed_up(number, _paper(number))


def _dressed_up(number: int, paper: Citation) -> Iterator[Pair]:
    twin = _given_elsewhere(paper)
    surname = paper.authors[0].split(",")[0]
    yield f"one damaged year {number}", paper, replace(paper, year=(paper.year or 0) + 7)
    yield f"one damaged author {number}", paper, replace(paper, authors=("Anonymous",))
    yield f"one damaged volume {number}", paper, replace(paper, volume="999")
    yield f"suffix of a name {number}", paper, replace(twin, authors=(f"{surname} A Jr",))
    yield f"retracted {number}", paper, replace(twin, title=f"RETRACTED: {paper.title}")
    yield (
        f"with where it stood {number}",
        paper,
        replace(twin, title=f"{paper.title}. J Invent Trials {paper.year};12(4):1-9."),
    )
    yield (
        f"typing mistake {number}",
        paper,
        replace(twin, title=paper.title.replace("in ", "ni ", 1).replace("er", "re", 1)),
    )
    notice = replace(paper, title=f"Erratum: {paper.title}", pages="900", issue="6")
    told = f"{paper.title} (vol {paper.volume}, pg {paper.pages.split('-')[0]}, {paper.year})"
    yield f"two of one erratum {number}", notice, replace(_given_elsewhere(notice), title=told)
    cited = f"Corrigendum to: {paper.title} (J Inv Trials ({paper.year}) {paper.volume} ({paper.pages}))"
    yield f"erratum and corrigendum {number}", notice, replace(_given_elsewhere(notice), title=cited)
    yield (
        f"DOI with a link's tail {number}",
        replace(paper, doi=f"10.1000/jit.{number}"),
        Citation(title=paper.title, doi=f"10.1000/jit.{number}"),
    )


def different() -> Iterator[Pair]:
    """Records of two reports; where they stand is not known, unless it differs."""
    nowhere = replace(_paper(0), volume="", issue="", pages="")
    for pair in _parts(_TREATMENTS, "|"):
        one, other = pair.split()
        title = "{} compared with usual care in adults after stroke: a randomised trial"
        yield (
            pair,
            replace(nowhere, title=title.format(one.title())),
            replace(nowhere, title=title.format(other.title())),
        )
        title = "Outcomes of patients treated with {} in one centre"
        yield f"{pair} 2", replace(nowhere, title=title.format(one)), replace(nowhere, title=title.format(other))
    for pair in _parts(_STAGES, ";"):
        titles = [f"A trial of treatment {words} in patients of one centre" for words in pair.split("|")]
        yield pair, replace(nowhere, title=titles[0]), replace(nowhere, title=titles[1])
    for number in range(len(_PAPERS)):
        yield from _related(number, _paper(number))
        yield from _serial(number, _paper(number))


def _related(number: int, paper: Citation) -> Iterator[Pair]:
    twin = _given_elsewhere(paper)
    told = f"{paper.title} (vol {paper.volume}, pg {twin.pages}, {paper.year})"
    yield f"erratum {number}", paper, replace(twin, title=f"Erratum: {paper.title}", pages="900")
    yield (
        f"erratum of Web of Science {number}",
        paper,
        replace(twin, title=told, pages="900"),
    )
    yield (
        f"the same, place unknown {number}",
        paper,
        replace(twin, title=told, pages=""),
    )
    yield (
        f"erratum at the paper's place {number}",
        paper,
        replace(twin, title=told),
    )
    yield f"retraction {number}", paper, replace(twin, title=f"Retraction notice to: {paper.title}", pages="900")
    yield f"reply {number}", paper, replace(twin, title=f"Re: {paper.title}", pages="902")
    yield f"protocol {number}", paper, replace(twin, title=f"{paper.title}: study protocol", volume="1", pages="7")
    yield f"kind erratum {number}", paper, replace(twin, kind="Published Erratum", pages="900")
    yield f"comment {number}", paper, replace(twin, title=f"Comment on: {paper.title}", pages="")
    registered = [
        replace(twin, volume="", pages="", journal="ClinicalTrials.gov", extra=(("AN", f"NCT0000000{n}"),))
        for n in (1, 2)
    ]
    yield f"two in a register {number}", registered[0], registered[1]
    abstracts = (
        "We gave aspirin to forty men and counted their strokes over two years of visits to one clinic.",
        "Children drew what they feared of a hospital; a panel of artists judged colours, lines and shapes.",
    )
    alone = replace(twin, volume="", pages="")
    yield f"unlike {number}", replace(alone, abstract=abstracts[0]), replace(alone, abstract=abstracts[1])


def _serial(number: int, paper: Citation) -> Iterator[Pair]:
    column = replace(paper, title="What is new in intensive care this month", pages="", issue="")
    yield f"column of one volume {number}", column, column
    yield (
        f"column of two issues {number}",
        replace(column, title=paper.title, issue="3"),
        replace(column, title=paper.title, issue="5"),
    )
    yearly = replace(column, title="Highlights of the yearly meeting of the invented society of trials")
    yield (
        f"column of two years {number}",
        replace(yearly, volume=""),
        replace(yearly, volume="", year=(paper.year or 0) + 1),
    )
