"""PubMed and EndNote XML: every element is kept, damage costs one record, and nothing is expanded."""

from __future__ import annotations

import pytest

from leads_local.citations.formats import endnote_xml, pubmed_xml
from leads_local.citations.formats.fields import ParsedFile
from leads_local.errors import InputError
from leads_local.records import Citation

ARTICLE = """<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">31000001</PMID>
<Article PubModel="Print"><Journal><ISSN IssnType="Print">1234-5678</ISSN>
<JournalIssue CitedMedium="Print"><Volume>4</Volume><Issue>2</Issue>
<PubDate><MedlineDate>2019 Mar-Apr</MedlineDate></PubDate></JournalIssue><Title>Journal of trials</Title></Journal>
<ArticleTitle>Role of <i>TERT</i> in H<sub>2</sub>O &amp; more</ArticleTitle><Pagination><MedlinePgn>11-9</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.1000/JT</ELocationID>
<Abstract><AbstractText Label="BACKGROUND">Why.</AbstractText><AbstractText Label="METHODS">How <b>so</b>.</AbstractText></Abstract>
<AuthorList><Author><LastName>Ngata</LastName><ForeName>Mere</ForeName><Initials>M</Initials><Suffix>Jr</Suffix></Author>
<Author><CollectiveName>TRIAL Group</CollectiveName></Author></AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D1">Journal Article</PublicationType>
<PublicationType UI="D2">Trial</PublicationType></PublicationTypeList>
</Article><MeshHeadingList><MeshHeading>
<DescriptorName MajorTopicYN="N">Walking</DescriptorName><QualifierName MajorTopicYN="Y">methods</QualifierName>
</MeshHeading></MeshHeadingList></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/jt</ArticleId>
<ArticleId IdType="pmc">PMC1</ArticleId></ArticleIdList></PubmedData></PubmedArticle>"""
HEAD = (
    '<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" '
    '"https://dtd.example.org/none.dtd">\n<PubmedArticleSet>\n'
)
RECORD = """<record><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Ngata, M.</style></author>
<author>Okoye, U.</author></authors></contributors>
<titles><title><style face="normal">A </style><style face="italic">E. coli</style> trial</title>
<secondary-title>J Trials</secondary-title></titles><pages>11-9</pages><dates><year>2019</year></dates><isbn>1234-5678&#xD;8765-4321</isbn>
<accession-num>31000001</accession-num><remote-database-provider>NLM</remote-database-provider><caption>Duplicate</caption></record>"""


def pubmed(*articles: str) -> ParsedFile:
    return pubmed_xml.read(HEAD + "\n".join(articles) + "\n</PubmedArticleSet>")


def test_the_fields_of_a_pubmed_article() -> None:
    parsed = pubmed(ARTICLE)
    assert parsed.problems == ()
    assert parsed.citations == (
        Citation(
            title="Role of TERT in H2O & more",
            abstract="BACKGROUND: Why.\nMETHODS: How so.",
            authors=("Ngata, Mere, Jr", "TRIAL Group"),
            year=2019,
            journal="Journal of trials",
            volume="4",
            issue="2",
            pages="11-9",
            doi="10.1000/jt",
            pmid="31000001",
            language="eng",
            kind="Journal Article; Trial",
            keywords=("Walking/*methods",),
            extra=(
                ("year", "2019 Mar-Apr"),
                ("Article[PubModel=Print]/Journal/ISSN[IssnType=Print]", "1234-5678"),
                ("Article[PubModel=Print]/AuthorList/Author/Initials", "M"),
                ("PubmedData/ArticleIdList/ArticleId[IdType=pmc]", "PMC1"),
            ),
            number=1,
        ),
    )


def test_the_fields_of_an_endnote_record() -> None:
    (citation,) = endnote_xml.read(f"<xml><records>{RECORD}</records></xml>").citations
    assert citation == Citation(
        title="A E. coli trial",
        authors=("Ngata, M.", "Okoye, U."),
        year=2019,
        journal="J Trials",
        pages="11-9",
        pmid="31000001",
        kind="Journal Article",
        extra=(
            ("isbn", "1234-5678\n8765-4321"),
            ("accession-num", "31000001"),
            ("remote-database-provider", "NLM"),
            ("caption", "Duplicate"),
        ),
        number=1,
    )


def test_damage_costs_one_record_and_says_where() -> None:
    broken = ARTICLE.replace("</Abstract>", "", 1).replace("31000001", "31000002")
    parsed = pubmed(ARTICLE, broken, ARTICLE.replace("31000001", "31000003"))
    assert [citation.pmid for citation in parsed.citations] == ["31000001", "31000003"]
    whole = [problem for problem in parsed.problems if problem.whole]
    assert [problem.line for problem in whole] == [4 + ARTICLE.count("\n") + 1]
    assert "31000002" in whole[0].raw
    assert "31000003" not in whole[0].raw


def test_a_file_cut_short_gives_what_is_whole() -> None:
    text = HEAD + ARTICLE + "\n" + ARTICLE.replace("31000001", "31000002")[:900]
    parsed = pubmed_xml.read(text)
    assert [citation.pmid for citation in parsed.citations] == ["31000001"]
    assert [problem.whole for problem in parsed.problems if problem.whole] == [True]


@pytest.mark.parametrize("odd", ["\x0b", "&#11;", "&#x1;"])
def test_control_characters_are_read_as_spaces(odd: str) -> None:
    parsed = endnote_xml.read(f"<xml><records>{RECORD.replace('J Trials', f'J{odd}Trials')}</records></xml>")
    assert parsed.citations[0].journal == "J Trials"
    assert "control characters" in parsed.problems[0].message


def test_entities_that_a_dtd_would_have_declared_are_read() -> None:
    assert (
        pubmed(ARTICLE.replace("BACKGROUND", "B").replace("Why.", "&eacute;&beta;"))
        .citations[0]
        .abstract.startswith("B: éβ")
    )
    parsed = endnote_xml.read(f"<xml><records>{RECORD.replace('J Trials', 'J&nbsp;Tr&eacute;s')}</records></xml>")
    assert parsed.citations[0].journal == "J Trés"


def test_declared_entities_are_refused() -> None:
    with pytest.raises(InputError, match="Line 1 of the file declares XML entities"):
        endnote_xml.read(
            "<!DOCTYPE xml [<!ENTITY x "
            '"y">]><xml><records><record><titles><title>&x;</title></titles></record></records></xml>'
        )


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(InputError, match="nests XML elements"):
        endnote_xml.read(f"<xml><records><record>{'<a>' * 100_000}")


def test_an_empty_record_is_a_problem() -> None:
    parsed = endnote_xml.read(f"<xml><records><record/>{RECORD}<record>\n</record></records></xml>")
    assert (len(parsed.citations), [problem.whole for problem in parsed.problems]) == (1, [True, True])
    assert [problem.whole for problem in pubmed("<PubmedArticle>words</PubmedArticle>").problems] == [True]


def test_a_book_chapter() -> None:
    text = (
        "<PubmedBookArticle><BookDocument><PMID>20301295</PMID><Book>"
        "<BookTitle>Big Book</BookTitle><PubDate><Year>1993</Year></PubDate></Book>"
        "<ArticleTitle>Chapter</ArticleTitle><Abstract><AbstractText>Text.</AbstractText></Abstract></BookDocument></PubmedBookArticle>"
    )
    (citation,) = pubmed(text).citations
    assert (citation.title, citation.journal, citation.year, citation.pmid, citation.abstract) == (
        "Chapter",
        "Big Book",
        1993,
        "20301295",
        "Text.",
    )
