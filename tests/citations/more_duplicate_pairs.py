"""Further pairs of invented records: suffixes, translations, columns and related reports, and words that look alike.

None of the words of ``duplicate_pairs`` is among those here, so that what was learned from the one is tried on the
other. All of it is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leads_local.citations import normalise
from leads_local.records import Citation
from tests.citations.duplicate_pairs import Pair

_PAPERS = [
    ("Telephone coaching after discharge from a coronary care unit: a trial", "Ødegaard, Åse", 2012, "31", "5-14"),
    ("Zinc lozenges for sore throats of school children", "Łukasik, Ewa", 1996, "8", "e204"),
    ("Home visits by nurses for first-time mothers in two counties", "Hærskov, Bo", 2005, "119", "1201-9"),
    ("Weighted blankets in wards for older people: a crossover study", "Van der Meulen, Joost", 2020, "44", "66-71"),
    ("Music before cataract operations and blood pressure", "O'Malley-Reyes, Carla", 2001, "57", "S12-S19"),
    ("A peer support programme for young carers: feasibility and costs", "Đurić, Milan", 2017, "3", "412-20"),
    ("Mass drug administration against scabies on a remote island", "Tuilagi, Sione K", 2010, "26", "99-107"),
    ("Reading aloud with toddlers at the paediatrician's office", "Sánchez Ibáñez, Inés", 2008, "92", "730-8"),
]  # fmt: skip
_SUFFIXES = (
    "[Article in Chinese]", "[Article in Norwegian]", "[Portuguese]", "[Korean; English abstract]", "[Czech]",
    "[Multicenter Study]", "[Clinical Trial]", "[Randomized Controlled Trial] [27 refs]", "[Review] [112 refs]",
    "[Systematic Review]", "[Conference Paper]", "[Short communication]", "[Historical Article]", "[Lecture]",
    "[Erratum appears in Ann Inv Care. 2013;32(1):9]", "[published errata appear in J Inv 1997 May;8(5):300]",
    "[Comment in: Inv J. 2006;3(2):70-1]", "[Republished from Inv Nurs. 2004;12:3-9]", "[Update in Inv Th. 2011;2:4]",
    "[Summary for patients in Inv Lett. 2018;1:1]", "[Expression of concern in J Inv. 2019;9:2]",
    "(in Polish)", "(article in German)", "(Review)", "(Project record)", "(Abstract record)", "(letter)",
    "(author's transl)", "[NCT00112233]", "(ACTRN12605000112233)", "[ChiCTR-TRC-09000112]",
    "[Retracted article. See vol. 9, p. 1]", "(Retracted Article)", "[see comment]", "[comment]", "[French, German]",
    "[Reprint in Inv Care. 2002;3:1]",
)  # fmt: skip
_TRANSLATED = [
    ("Telefonische Begleitung nach Entlassung von der Herzstation", "[Telephone support after discharge to home]"),
    ("Pastilles de zinc pour les maux de gorge des écoliers", "[Zinc pastilles for sore throat in schoolchildren]"),
    ("Visitas domiciliarias de enfermeras a madres primerizas", "[Visits of nurses to the homes of first mothers]"),
    ("Verzwaarde dekens op afdelingen voor ouderen", "[Heavy blankets on geriatric wards]"),
    ("Musica prima dell'intervento di cataratta", "[Music before cataract surgery]"),
    ("Apoio entre pares para jovens cuidadores", "[Peer support of young caregivers]"),
    ("Massebehandling mot skabb på en avsidesliggende øy", "[Mass treatment of scabies on an isolated island]"),
    ("Czytanie na głos małym dzieciom w przychodni", "[Reading aloud to small children in a clinic]"),
]  # fmt: skip
_JOINED = """
    appendectomy appendicostomy|cholecystectomy cholecystostomy|splenectomy splenopexy|thyroidectomy thyroidotomy
    orchidectomy orchidopexy|septoplasty septostomy|ureterectomy ureterostomy|lobectomy lobotomy
    pyelotomy pyeloplasty|gastropexy gastroplasty|valvotomy valvuloplasty|iridectomy iridotomy
    keratotomy keratoplasty|meniscectomy meniscopexy|vulvectomy vulvoplasty|turbinectomy turbinoplasty
    ventriculostomy ventriculotomy|sphincterotomy sphincteroplasty|myomectomy myotomy|fasciectomy fasciotomy
    tenotomy tenodesis|osteotomy osteoplasty|bronchoscopy bronchotomy|cystoscopy cystotomy|colposcopy culdoscopy
    enteroscopy enterostomy|duodenotomy duodenoscopy|rhinotomy rhinoplasty|hyperkalaemia hypokalaemia
    hyperglycaemia hypoglycaemia|hypernatraemia hyponatraemia|hypercalcaemia hypocalcaemia
    hyperthyroidism hypothyroidism|hypervolaemia hypovolaemia|hyperphosphataemia hypophosphataemia
    hyperplasia hypoplasia|hyperbaric hypobaric|hypertonic hypotonic|hyperacusis hypoacusis|hypermetria hypometria
    hyperalgesia hypoalgesia|intermuscular intramuscular|interventricular intraventricular
    interpersonal intrapersonal|interocular intraocular|intercellular intracellular|interhospital intrahospital
    interoperative intraoperative|interspinous intraspinous|prepartum postpartum|presurgical postsurgical
    premenopausal postmenopausal|preprandial postprandial|prehospital posthospital|preterm post-term
    predialysis postdialysis|pretransplant posttransplant|antenatal neonatal|subglottic supraglottic
    subclavicular supraclavicular|submandibular supramandibular|subpubic suprapubic|antegrade retrograde
    anteversion retroversion|endotracheal endobronchial|extradural intradural|macrosomia microsomia
    unilateral bilateral|monovalent bivalent|trivalent quadrivalent|monthly bimonthly|afferent efferent
    adduction abduction|benazepril quinapril|trandolapril cilazapril|moexipril spirapril|imidapril zofenopril
    candesartan irbesartan|telmisartan olmesartan|azilsartan eprosartan|fimasartan candesartan
    sitagliptin saxagliptin|linagliptin alogliptin|canagliflozin empagliflozin|dapagliflozin ertugliflozin
    liraglutide semaglutide|exenatide lixisenatide|dulaglutide albiglutide|rituximab infliximab
    adalimumab golimumab|bevacizumab ranibizumab|trastuzumab pertuzumab|nivolumab pembrolizumab
    durvalumab avelumab|erlotinib gefitinib|sunitinib sorafenib|imatinib nilotinib|dasatinib bosutinib
    lapatinib neratinib|posaconazole isavuconazole|miconazole econazole|clotrimazole tioconazole
    ciprofloxacin norfloxacin|levofloxacin moxifloxacin|ofloxacin gatifloxacin|cefuroxime cefixime
    cefepime cefpirome|oxacillin cloxacillin|ticarcillin mezlocillin|oseltamivir zanamivir|ritonavir saquinavir
    sofosbuvir ledipasvir|tenofovir adefovir|atenolol bisoprolol|carvedilol nebivolol|propranolol nadolol
    felodipine isradipine|sumatriptan zolmitriptan|naratriptan rizatriptan|ondansetron granisetron
    tropisetron palonosetron|pravastatin cerivastatin|montelukast zafirlukast|cimetidine nizatidine
    tetracaine benzocaine|procaine articaine|lorazepam oxazepam|temazepam diazepam|nitrazepam flunitrazepam
    phenobarbital pentobarbital|caspofungin micafungin|enoxaparin dalteparin|tinzaparin nadroparin
    rocuronium vecuronium|sevoflurane desflurane|isoflurane enflurane|risperidone paliperidone
    olanzapine quetiapine|ziprasidone iloperidone|citalopram escitalopram|sertraline paroxetine
    amitriptyline nortriptyline|imipramine desipramine|carbamazepine oxcarbazepine|gabapentin pregabalin
    donepezil rivastigmine|levodopa carbidopa|selegiline rasagiline|prednicarbate prednylidene
    betamethasone dexamethasone|fluticasone mometasone|budesonide ciclesonide|tiotropium ipratropium
    theophylline aminophylline|glibenclamide glipentide|ergotamine ergometrine|oxytocin carbetocin
    misoprostol dinoprost|tolterodine fesoterodine|alfuzosin doxazosin|tamsulosin silodosin
    finasteride dutasteride|allopurinol oxipurinol|alendronate risedronate|zoledronate ibandronate
    teriparatide abaloparatide|ferrous ferric|nitrate nitrite|sulfate sulfite|chlorate chloride
    thiamine thiamazole|retinol retinal|selenite selenate|cobalamin cobalt|folate foliate"""
_OTHERS = """
    week 12|week 24;day 3|day 7;50 mg|100 mg;5 mg daily|5 g daily;interleukin-1|interleukin-6;COX-1|COX-2
    CYP2D6|CYP2C19;stage II|stage III;grade 1|grade 2;factor V|factor X;type A|type B;phase 1|phase 4
    part 3|part 4;one-year|five-year;1-year|10-year;alpha blockers|beta blockers;interferon-α|interferon-β
    TGF-α|TGF-β;first|second;low-dose|high-dose;left|right;men|women;boys|girls;mothers|fathers
    infants|adolescents;inpatients|outpatients;rural|urban;early|late;short-term|long-term;single|double
    systolic|diastolic;upper|lower;anterior|posterior;proximal|distal;medial|lateral;acute|chronic
    benign|malignant;primary|secondary;maternal|paternal;open|closed;morning|evening;summer|winter
    smokers|nonsmokers;responders|nonresponders;symptomatic|asymptomatic;invasive|noninvasive;complete|incomplete
    stable|unstable;active|inactive;with aspirin|without aspirin;oral|nasal;hepatitis D|hepatitis G
    vitamin K|vitamin D;group C|group D;influenza B|influenza C;apolipoprotein A|apolipoprotein E
    cohort A|cohort B;arm 1|arm 2;HHV-6|HHV-7;HPV 16|HPV 18;NYHA II|NYHA III;T2|T3;level 1|level 3
    two doses|three doses;6 months|12 months;aged 18|aged 80;Tuesday|Thursday;north|south;eastern|western
    students|teachers;dogs|cats"""
_TITLES = (
    "Effects of {} on recovery in patients of one hospital",
    "{}: a randomised comparison with placebo in outpatients",
)


def _words(told: str, separator: str) -> list[str]:
    return [part.strip() for line in told.strip().splitlines() for part in line.split(separator)]


def _paper(place: int) -> Citation:
    title, author, year, volume, pages = _PAPERS[place % len(_PAPERS)]
    return Citation(
        title=title, authors=(author, "Brandvold, I."), year=year, journal="Annals of Invented Care", volume=volume,
        issue="2", pages=pages, abstract=f"We tell here of what was done and found in study number {place} of ours.",
    )  # fmt: skip


def _elsewhere(paper: Citation) -> Citation:
    """As another database gives it: plain letters, initials, without issue and abstract."""
    plain = str.maketrans("ØøÅåŁłĐđćáéíóúñ", "OoAaLlDdcaeioun")
    surname, _, given = paper.authors[0].translate(plain).replace("æ", "ae").partition(", ")
    return replace(
        paper, journal="Ann Invent Care", authors=(f"{surname} {given[0]}",), pages=paper.pages.split("-")[0], issue="",
        abstract="",
    )  # fmt: skip


def duplicates() -> Iterator[Pair]:
    """Two records of one report."""
    for number, suffix in enumerate(_SUFFIXES):
        for shift in (0, 2, 5):
            paper = _paper(number + shift)
            yield f"{suffix} {shift}", paper, replace(_elsewhere(paper), title=f"{paper.title}. {suffix}")
    for number, (one, other) in enumerate(_TRANSLATED):
        paper = replace(_paper(number), title=one, language="Other")
        twin = _elsewhere(paper)
        yield f"translation {number}", paper, replace(twin, title=other, language="English")
        yield f"both titles {number}", paper, replace(twin, title=f"{other.strip('[]')} [{one}]")
        yield f"original behind an equals sign {number}", paper, replace(twin, title=f"{one} = {other.strip('[]')}")
    for number in range(len(_PAPERS)):
        yield from _written_otherwise(number, _paper(number))


def _written_otherwise(number: int, paper: Citation) -> Iterator[Pair]:
    twin = _elsewhere(paper)
    surname = twin.authors[0].rsplit(" ", 1)[0]
    for tail in ("Jr", "Jr.", "Sr", "III", "2nd"):
        yield f"{tail} {number}", paper, replace(twin, authors=(f"{surname} A {tail}",))
    for tail in ("/abstract", "/full", ".pdf", "/pdf", "?via=inv", "#ref1", "/epdf", "/full/html"):
        doi = f"10.1000/aic.{number}"
        bare = replace(paper, doi=doi, volume="", pages="", issue="")
        yield f"DOI {tail} {number}", bare, Citation(title=paper.title, doi=normal_doi(doi + tail))
    yield f"capitals {number}", paper, replace(twin, title=paper.title.upper() + ".")
    yield f"a dash for the colon {number}", paper, replace(twin, title=paper.title.replace(":", " –"))
    yield f"one wrong year {number}", paper, replace(paper, year=(paper.year or 0) - 9)
    yield f"one wrong journal {number}", paper, replace(paper, journal="Proceedings of Nowhere")
    yield f"retracted {number}", paper, replace(twin, title=f"RETRACTED ARTICLE: {paper.title}")
    yield f"withdrawn marker {number}", paper, replace(twin, title=f"{paper.title} (Retracted article)")
    column = replace(paper, title="Letters from the wards of invented hospitals to their readers")
    yield f"one issue of a column {number}", column, replace(_elsewhere(column), title=column.title)
    notice = replace(paper, title=f"Correction to: {paper.title}", pages="801", issue="6", abstract="")
    yield f"two of one correction {number}", notice, replace(_elsewhere(notice), title=f"Correction to: {paper.title}")
    protocol = replace(paper, title=f"{paper.title}: protocol", pages="e9", abstract="")
    yield f"two of one protocol {number}", protocol, replace(_elsewhere(protocol), title=f"{paper.title} - Protocol.")
    meeting = replace(paper, kind="Conference Abstract", pages="S77", issue="S1")
    yield f"two of one abstract {number}", meeting, replace(_elsewhere(meeting), kind="Meeting Abstract")


def normal_doi(text: str) -> str:
    return normalise.parse_doi(text)[0]


def different() -> Iterator[Pair]:
    """Records of two reports; where they stand is not known, unless it differs."""
    nowhere = replace(_paper(0), volume="", issue="", pages="", abstract="")
    for pair in [*_words(_JOINED, "|"), *_words(_OTHERS, ";")]:
        words = pair.split("|") if "|" in pair else pair.split()
        for number, title in enumerate(_TITLES):
            one, other = (replace(nowhere, title=title.format(word)) for word in words)
            yield f"{pair} {number}", one, other
        told = [replace(nowhere, title=_TITLES[0].format(word), abstract=_ABSTRACT.format(word)) for word in words]
        yield f"{pair} in abstracts", told[0], told[1]
    for number in range(len(_PAPERS)):
        yield from _related(number, _paper(number))


_ABSTRACT = (
    "We gave {0} to one half of ninety patients, by chance, and nothing to the other half. Those who got {0} went home "
    "two days earlier. No harm was seen. Larger trials should tell whom it helps, and at what cost to whom."
)


def _related(number: int, paper: Citation) -> Iterator[Pair]:
    twin, title = _elsewhere(paper), paper.title
    away = replace(twin, pages="900", volume=str(int(paper.volume) + 1), year=(paper.year or 0) + 1)
    unplaced = replace(twin, volume="", pages="", issue="")
    for where in (away, unplaced):
        for begin in ("Corrigendum", "Author correction", "Retraction", "Retraction note", "Reply to", "Comment on"):
            yield f"{begin} {number} {where.pages}", paper, replace(where, title=f"{begin}: {title}")
        for end in (": study protocol", ": rationale and design", ": a protocol", ": an update", ": interim results"):
            yield f"{end} {number} {where.pages}", paper, replace(where, title=f"{title}{end}")
        yield f"part {number} {where.pages}", paper, replace(where, title=f"{title}, part 2")
    yield f"conference {number}", paper, replace(away, kind="Conference Abstract", journal="Meeting of Nobody")
    preprint = replace(twin, volume="", pages="", journal="medRxiv", doi=f"10.1101/2019.01.01.19000{number}")
    yield f"preprint {number}", replace(paper, doi=f"10.1000/aic.{number}"), preprint
    cochrane = replace(
        twin, journal="Cochrane Database Syst Rev", volume="", pages=f"CD00{number}", title=f"{title} again"
    )
    versions = [
        replace(cochrane, doi=f"10.1002/14651858.cd00{number}{end}", year=2000 + year)
        for end, year in ((".pub2", 6), (".pub3", 9))
    ]
    yield f"Cochrane {number}", versions[0], versions[1]
    column = replace(paper, title="Notes of the editors on what was new this month in wards", pages="", abstract="")
    yield f"two issues {number}", replace(column, issue="3"), replace(column, issue="4")
    yield f"two volumes {number}", column, replace(column, volume=str(int(paper.volume) + 1))
    trials = [replace(twin, volume="", pages="", extra=(("AN", f"NCT0000{number}{n}00"),)) for n in (1, 2)]
    yield f"two trials {number}", trials[0], trials[1]
