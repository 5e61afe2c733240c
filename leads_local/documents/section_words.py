"""What the sections of a paper are called in the major languages beside English: German, French, Spanish, Portuguese,
Italian, Chinese and Japanese."""

from __future__ import annotations

NAMES: dict[str, str] = {
    "abstract": r"zusammenfassung|kurzfassung|résumé|resumen|resumo|riassunto|sommario|摘\s?要|要旨|抄録|要約",
    "introduction": r"einleitung|einführung|hintergrund|contexte|introducción|antecedentes|introdução|introduzione"
    r"|premessa|引\s?言|前\s?言|绪论|背景|緒\s?言|はじめに|序\s?論|目的",
    "methods": r"methoden?|methodik|studiendesign|(?:material(?:ien)?|patienten|probanden) und methoden?|méthodes?"
    r"|méthodologie|(?:matériels?|matériaux|patients|malades|sujets) et méthodes?|métodos?|metodología|metodologia"
    r"|(?:materiales?|pacientes|sujetos) y métodos?|(?:material|materiais|pacientes|casuística) e métodos?|metodi"
    r"|(?:materiali|pazienti|soggetti) e metodi|(?:资料|材料|对象|病例|临床资料)?[与和]?方法|临床资料|研究方法"
    r"|(?:対象|材料|症例)?(?:と|および|及び)?方法",
    "results": r"ergebnisse?|resultate|befunde|résultats?|resultados|risultati|结\s?果|研究结果|結\s?果",
    "discussion": r"diskussion|discusión|discussão|discussione|discussion et conclusions?|讨\s?论|考\s?察",
    "conclusion": r"schlussfolgerung(?:en)?|schluss|fazit|conclusión|conclusiones|conclusão|conclusões|conclusione"
    r"|conclusioni|considerações finais|结\s?论|小结|結\s?論|結\s?語|おわりに|まとめ",
    "references": r"literatur(?:verzeichnis)?|quellen(?:verzeichnis)?|références(?: bibliographiques)?|bibliographie"
    r"|referencias(?: bibliográficas)?|bibliografía|referências(?: bibliográficas)?|bibliografia"
    r"|riferimenti bibliografici|参考文献|引用文献|文\s?献",
    "acknowledgements": r"danksagung(?:en)?|remerciements|agradecimientos|agradecimentos|ringraziamenti"
    r"|致\s?谢|謝\s?辞",
    "funding": r"finanzierung|förderung|financement|financiación|financiamiento|financiamento|finanziament[oi]"
    r"|基金项目|资助|研究助成",
    "declarations": r"interessenkonflikte?|conflits? d['’]intérêts?|liens d['’]intérêts?"
    r"|déclaration de liens d['’]intérêts?"
    r"|conflictos? de inter(?:és|eses)|conflitos? de interesses?|conflitt[oi] di? interess[ei]|利益冲突|利益相反",
    "appendix": r"anhang|annexes?|anexos?|apéndice|apêndice|appendice|附录|付録",
}
LABELS: dict[str, str] = {
    "introduction": r"hintergrund|fragestellung|zielsetzung|ziele?|contexte|objectifs?|antecedentes|objetivos?"
    r"|introducción|introdução|obiettiv[oi]|目的|背景",
    "methods": r"methoden?|methodik|méthodes?|métodos?|metodi|patients et méthodes|方法",
    "results": r"ergebnisse?|résultats?|resultados|risultati|结果|結果",
    "conclusion": r"schlussfolgerung(?:en)?|fazit|conclusión|conclusiones|conclusão|conclusões|conclusioni|结论|結論",
}
