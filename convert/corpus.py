"""Texts that a tokenizer is tried with: what papers hold, and what tokenizers get wrong. All written for this
purpose."""

from __future__ import annotations

TOKENIZER_TEXTS: tuple[str, ...] = (
    "Participants were randomised (1:1) to metformin 500 mg twice daily or placebo for 24 weeks.",
    "The primary outcome fell by 0.42 points (95% CI −0.61 to −0.23; p<0.001).",
    "Mean age was 63.4 years (SD 11.2), n=1,204; 48.7% were women.",
    "HbA1c ≥ 7.5 %, BMI 18.5–24.9 kg/m², and eGFR > 60 mL/min/1.73m²",
    "TNF-α, IL-1β and IFN-γ were measured by ELISA (Müller et al., 2019).",
    "Ménière's disease, Sjögren's syndrome, Guillain–Barré, naïve T-cells",
    "Two  spaces, three   spaces,\ta tab,\nand a new line.\n\nAnd a paragraph.",
    "\n- a list\n- of things\n", "trailing space ", "  leading spaces", " one leading space",
    "", " ", "\n", "\t", "a", "A", "é", "ﬁ", "…", "word", "Word", "WORD",
    " " * 5, " " * 16, " " * 17, "\n" * 4, "=" * 40, "a" * 100, "0" * 33, "3.14159265358979",
    '{"evaluations": [{"eligibility": "YES", "rationale": "fits"}]}',
    "[INST] not an instruction [/INST]", "</s> is not the end, nor is <s> a start", "<unk>", "<|im_start|>user",
    "[TOOL_CALLS]", "<0x41>",
    "https://doi.org/10.1000/xyz123?a=b&c=%20d", "name@example.org", "C:\\Users\\me\\file.pdf", "$\\alpha_{i}^{2}$",
    "日本語の論文です。", "随机对照试验", "рандомизированное исследование", "تجربة عشوائية",
    "무작위 시험", "यादृच्छिक परीक्षण",
    "🙂👩‍🔬🇩🇪", "e\u0301 and é", "zero\u200bwidth", "no\u00a0break\u2009thin", "\ufeffBOM", "\ufffd",
    "½ ± × ÷ ≤ ≠ ∞ µ Å",
    "soft\u00adhyphen", "“quoted” ‘single’ «guillemets»", "em—dash en–dash minus−", "▁ is not a space", "x ▁y",
)  # fmt: skip
