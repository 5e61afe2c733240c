"""The CSV of each database, with the column names that it gives: invented records, and what they have to become."""

from __future__ import annotations

import pytest

from leads_local.citations.formats.by_row import is_by_row
from leads_local.citations.formats.tabular import find_header
from leads_local.citations.normalise import split_authors
from leads_local.citations.source import read_text
from leads_local.records import Citation

TITLE, ABSTRACT = "Walking for knees; a trial", "We randomised 84 adults, half of them to walking."
AUTHORS = ("Lee, Anna", "Wu, Bo")
WHOLE = Citation(
    TITLE, ABSTRACT, AUTHORS, 2019, "J Inv Med", "12", "3", "45-51", "10.1000/x.1", "7000001", "English", "Article",
    ("Walking", "Knee"), ("https://example.org/1",), number=1,
)  # fmt: skip

TABLES = {
    "Scopus": (
        '"Authors","Author full names","Author(s) ID","Title","Year","Source title","Volume","Issue","Art. No.",'
        '"Page start","Page end","Cited by","DOI","Link","Abstract","Author Keywords","PubMed ID",'
        '"Language of Original Document","Document Type","Publication Stage","Source","EID"\n'
        '"Lee, Anna; Wu, Bo","","1; 2","{T}","2019","J Inv Med","12","3","","45","51","4","10.1000/X.1",'
        '"https://example.org/1","{A}","Walking; Knee","7000001","English","Article","Final","Scopus","2-s2.0-1"\n',
        {},
    ),
    "Scopus, an article number": (
        '"Authors","Title","Year","Source title","Art. No.","Page start","Page end","Source","EID"\n'
        '"Lee, A.B., Wu, C.","{T}","2019","J Inv Med","e45","","","Scopus","2-s2.0-1"\n',
        {"authors": ("Lee, A.B.", "Wu, C."), "pages": "e45"},
    ),
    "Web of Science": (
        "Publication Type\tAuthors\tAuthor Full Names\tArticle Title\tSource Title\tLanguage\tDocument Type\t"
        "Author Keywords\tAbstract\tPublication Year\tVolume\tIssue\tStart Page\tEnd Page\tArticle Number\tDOI\t"
        "DOI Link\tPubmed Id\tUT (Unique WOS ID)\n"
        "J\tLee, Anna; Wu, Bo\tLee, Anna; Wu, Bo\t{T}\tJ Inv Med\tEnglish\tArticle\tWalking; Knee\t{A}\t2019\t12\t3\t"
        "45\t51\t\t10.1000/x.1\thttp://dx.doi.org/10.1000/x.1\t7000001\tWOS:1\n",
        {"kind": "J; Article"},
    ),
    "Embase": (
        '"Embase.com export of 3 May 2026"\n\n"Title","Author Names","Source title","Publication year","Volume",'
        '"Issue","First page","Last page","Abstract","Author keywords","Article language","Publication type",'
        '"DOI","Medline PMID","Embase Link"\n'
        '"{T}","Lee, Anna; Wu, Bo","J Inv Med",2019,12,3,45,51,"{A}","Walking; Knee",English,Article,10.1000/x.1,'
        "7000001,https://example.org/1\n",
        {},
    ),
    "ProQuest": (
        "Title,Abstract,StoreId,ArticleType,Authors,issue,language,pages,pubdate,pubtitle,year,DocumentURL,"
        "identifierKeywords,volume,digitalObjectIdentifier,Database\n"
        '{T},"{A}",99,Article,"Lee, Anna; Wu, Bo",3,English,45-51,"Mar 1, 2019",J Inv Med,2019,https://example.org/1,'
        "Walking; Knee,12,10.1000/x.1,APA PsycInfo®\n",
        {"pmid": ""},
    ),
    "EBSCO, as it was": (
        "Article Title,Author,Journal Title,ISSN,Publication Date,Volume,Issue,First Page,Page Count,Accession Number,"
        "DOI,Doctype,Keywords,Abstract,PLink\n"
        '{T},"Lee, Anna; Wu, Bo",J Inv Med,12345678,20190301,12,3,45,7,135790,10.1000/x.1,Article,Walking; Knee,"{A}",'
        "https://example.org/1\n",
        {"pages": "45"},
    ),
    "EBSCO, as it is": (
        "title,contributors,abstract,subjects,source,volume,issue,pageStart,pageEnd,publicationDate,doi,language,docTypes,"
        "an,longDBName,plink\n"
        '{T},"Lee, Anna; Wu, Bo","{A}",Walking; Knee,J Inv Med,12,3,45,51,20190301,10.1000/x.1,English,Article,135790,'
        "CINAHL Ultimate,https://example.org/1\n",
        {"pmid": ""},
    ),
    "MEDLINE at EBSCO": (
        "title,contributors,source,publicationDate,an,longDBName\n"
        '{T},"Lee, Anna; Wu, Bo",J Inv Med,20190301,7000001,MEDLINE Ultimate\n',
        {"pmid": "7000001"},
    ),
    "Ovid": (
        "DB,AN,TI,AU,SO,YR,AB,LA,PT,DO\n"
        'Embase,2001,{T},"Lee A; Wu B",J Inv Med,2019,"{A}",English,Article,10.1000/x.1\n',
        {"authors": ("Lee A", "Wu B"), "pmid": ""},
    ),
    "Lens": (
        "Lens ID,Title,Date Published,Publication Year,Publication Type,Source Title,ISSNs,Author/s,Abstract,Volume,"
        "Issue Number,Start Page,End Page,Fields of Study,Keywords,External URL,PMID,DOI\n"
        '001,{T},2019-03-01,2019,Article,J Inv Med,12345678,"Lee, Anna; Wu, Bo","{A}",12,3,45,51,Medicine,Walking; '
        "Knee,https://example.org/1,7000001,10.1000/x.1\n",
        {},
    ),
    "Dimensions": (
        '"About the data: Exported on May 3, 2026. Criteria: ""walking AND knee"" in title, abstract."\n'
        "Rank,Publication ID,DOI,PMID,Title,Abstract,Source title,MeSH terms,Publication date,PubYear,Volume,Issue,"
        "Pagination,Publication Type,Authors,Authors (Raw Affiliation),Dimensions URL\n"
        '1,pub.1,10.1000/x.1,7000001,{T},"{A}",J Inv Med,Walking; Knee,2019-03-01,2019,12,3,45-51,Article,'
        '"Lee, Anna; Wu, Bo","Lee, Anna (A University)",https://example.org/1\n',
        {},
    ),
    "OpenAlex": (
        "id,doi,display_name,authorships.author.display_name,publication_year,publication_date,language,type,ids.pmid,"
        "primary_location.source.display_name,biblio.volume,biblio.issue,biblio.first_page,biblio.last_page,abstract,"
        "keywords.display_name\n"
        "https://openalex.org/W1,https://doi.org/10.1000/X.1,{T},Anna Lee|Bo Wu,2019,2019-03-01,English,Article,"
        'https://pubmed.ncbi.nlm.nih.gov/7000001,J Inv Med,12,3,45,51,"{A}",Walking|Knee\n',
        {"authors": ("Anna Lee", "Bo Wu"), "urls": ()},
    ),
    "OpenAlex, its short form": (
        "Title,Author,Year,DOI,Type,Source,Citation count,Abstract,ID\n"
        '{T},Anna Lee|Bo Wu,2019,https://doi.org/10.1000/x.1,Article,J Inv Med,4,"{A}",https://openalex.org/W1\n',
        {"authors": ("Anna Lee", "Bo Wu")},
    ),
    "Europe PMC": (
        "SOURCE,EXT_ID,PMCID,TITLE,AUTHOR_STRING,JOURNAL_TITLE,PUB_YEAR,JOURNAL_VOLUME,ISSUE,PAGE_INFO,DOI,PUB_TYPE\n"
        'MED,7000001,PMC1,{T},"Lee A, Wu B.",J Inv Med,2019,12,3,45-51,10.1000/x.1,Article\n',
        {"authors": ("Lee A", "Wu B")},
    ),
    "Europe PMC, a preprint": (
        'source,extId,title,authorString,pubYear,doi\nPPR,PPR7000002,{T},"Lee A, Wu B.",2019,10.1000/x.1\n',
        {"authors": ("Lee A", "Wu B"), "pmid": "", "journal": "PPR"},
    ),
    "Semantic Scholar": (
        "paperId,externalIds,url,title,abstract,venue,year,authors\n"
        "a1,\"{'DOI': '10.1000/x.1', 'PubMed': '7000001'}\",https://example.org/1,{T},\"{A}\",J Inv Med,2019,"
        "\"[{'authorId': '1', 'name': 'Anna Lee'}, {'authorId': '2', 'name': 'Bo Wu'}]\"\n",
        {"authors": ("Anna Lee", "Bo Wu")},
    ),
    "a list of one's own with its database": (
        "Title,Year,Journal,Source,Accession Number\n{T},2019,J Inv Med,PubMed,7000001\n",
        {},
    ),
    "Publish or Perish": (
        "Cites,Authors,Title,Year,Source,Publisher,ArticleURL,GSRank,Type,DOI,Volume,Issue,StartPage,EndPage,Abstract\n"
        '4,"Anna Lee, Bo Wu",{T},2019,J Inv Med,Elsewhere,https://example.org/1,1,Article,10.1000/x.1,12,3,45,51,"{A}"\n',
        {"authors": ("Anna Lee, Bo Wu",)},
    ),
    "Cochrane": (
        '"Cochrane Review ID","Author(s)","Title","Source","Year","Abstract","Issue","Keywords","DOI","URL"\n'
        '"CD1","Lee, Anna; Wu, Bo","{T}","J Inv Med","2019","{A}","3","Walking; Knee","10.1000/x.1",'
        '"https://example.org/1"\n',
        {},
    ),
    "CENTRAL": (
        "ID,Author(s),Title,Source,Year,Abstract,Volume,Issue,Pages,Pubmed ID,DOI,URL\n"
        'CN-1,"Lee, Anna; Wu, Bo",{T},J Inv Med,2019,"{A}",12,3,45-51,7000001,10.1000/x.1,https://example.org/1\n',
        {},
    ),
    "ClinicalTrials.gov": (
        "NCT Number,Study Title,Study URL,Acronym,Study Status,Brief Summary,Conditions,First Posted\n"
        'NCT01234567,{T},https://example.org/1,,COMPLETED,"{A}",Knee,2019-03-01\n',
        {},
    ),
    "ICTRP": (
        "TrialID,Last Refreshed on,Public title,Scientific title,Date registration,Source Register,web address\n"
        "ACTRN1,1 May 2026,Knees,{T},01/03/2019,J Inv Med,https://example.org/1\n",
        {},
    ),
    "PubMed": (
        "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI\n"
        '7000001,{T},"Lee A, Wu B","J Inv Med. 2019 Mar;12(3):45-51. doi: 10.1000/x.1.",Lee A,J Inv Med,2019,'
        "2019/03/01,,,10.1000/x.1\n",
        {"authors": ("Lee A", "Wu B")},
    ),
}


@pytest.mark.parametrize("database", TABLES)
def test_every_field_of_a_database_s_table_is_in_its_place(database: str) -> None:
    """What the table has a column for is what it says; what it has none for is empty."""
    text, other = TABLES[database]
    text = text.replace("{T}", TITLE).replace("{A}", ABSTRACT)
    name, parsed = read_text(text, "export.csv")
    assert name == "csv" and not is_by_row(text)
    (found,) = parsed.citations
    fields = ("title", "abstract", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "language",
              "kind", "keywords", "urls")  # fmt: skip
    wanted = {field: other.get(field, getattr(WHOLE, field)) for field in fields}
    told = {field: getattr(found, field) for field in fields}
    there = {field for field in fields if told[field]} | other.keys()
    assert {field: told[field] for field in there} == {field: wanted[field] for field in there}
    assert {"title", "year"} <= there
    missing = [field for field in fields if field not in there]
    shown = (str(getattr(WHOLE, field)[0] if isinstance(wanted[field], tuple) else wanted[field]) for field in missing)
    assert not [value for value in shown if any(value == kept for _, kept in found.extra)]
    assert all("in source" not in tag and tag != "doi in external ids" for tag, _ in found.extra)


@pytest.mark.parametrize(
    ("cell", "authors"),
    [
        ("Lee, A.B., Wu, C.", ["Lee, A.B.", "Wu, C."]),
        ("Lee, A. B., Wu, C.", ["Lee, A. B.", "Wu, C."]),
        ("Lee A, Wu B.", ["Lee A", "Wu B"]),
        ("Lee A., Wu B.", ["Lee A.", "Wu B."]),
        ("Lee, Anna, Wu, Bo", ["Lee, Anna, Wu, Bo"]),
        ("Lee, A.", ["Lee, A."]),
        ("[{'name': 'Anna Lee'}, {'id': 2}]", ["Anna Lee", "{'id': 2}"]),
    ],
)
def test_authors_are_parted_only_where_there_is_one_way(cell: str, authors: list[str]) -> None:
    assert split_authors(cell) == authors


def test_names_alone_are_no_table_of_citations() -> None:
    """OpenAlex gives the same column to authors and places."""
    assert not find_header("id,display_name,works_count\nhttps://openalex.org/A1,Anna Lee,7\n").title
