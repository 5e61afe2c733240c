"""Broader terms: the kinds of treatment that a review may ask for, and exceptions that leave a criterion's answer as it
is."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

from models.demo.training.lists import held_out, listed
from models.demo.training.words import Words

# Name of a class → how criteria call it, the activities that belong to it, and what else in a name speaks for it.
ACTIVITIES = {
    "exercise": (
        (
            "exercise", "exercise training", "exercise of any kind", "an exercise programme", "therapeutic exercise",
            "physical exercise",
            "an exercise intervention", "physical training", "exercise therapy", "exercise as treatment",
            "structured exercise",
            "some form of exercise", "exercise in any form", "exercise-based treatment", "an exercise regimen",
            "exercise of some kind", "treatment by exercise", "exercises of any kind", "exercise or physical training",
            "a course of exercise", "exercise as an intervention", "any exercise programme",
            "an exercise-based intervention",
            "a form of physical exercise",
        ),
        (
            "walking", "cycling", "swimming", "yoga", "tai chi", "pilates", "strength", "aerobic", "resistance",
            "balance", "stretching",
            "circuit", "interval", "dance", "gait", "running", "rowing", "endurance", "eccentric", "isometric",
            "plyometric", "qigong",
            "stair-climbing", "core-stability",
        ),
        (
            "exercise", "exercises", "drills", "physical-activity",
        ),
    ),
    "psychological": (
        (
            "psychological treatment", "psychotherapy", "a talking therapy", "a psychological intervention",
            "psychological support",
            "psychological therapy", "a psychotherapeutic method", "psychotherapy of any school",
            "treatment by psychological means",
            "a mental health therapy", "talk therapy", "a psychological treatment of any kind",
            "psychological or psychotherapeutic treatment", "any form of psychotherapy",
            "a psychological method of treatment",
            "a psychologically based intervention", "psychological help", "any psychological therapy",
            "a form of talking therapy",
            "psychotherapy in any form", "therapy by psychological methods", "a psychological approach to treatment",
        ),
        (
            "mindfulness", "cognitive behavioural", "interpersonal", "problem-solving", "motivational", "hypnosis",
            "relaxation",
            "psychodynamic", "behavioural-activation", "acceptance and commitment", "dialectical behaviour",
            "mentalisation-based",
            "trauma-focused",
        ),
        (
            "psychologist-led", "counselling", "coaching",
        ),
    ),
    "diet": (
        (
            "diet", "a dietary intervention", "dietary change", "nutritional treatment", "a diet of any kind",
            "a special diet",
            "dietary treatment", "a change of diet", "a change in eating habits", "dietary therapy",
            "nutritional intervention",
            "any dietary intervention", "a dietary treatment", "dietary measures", "a dietary programme",
            "a modified diet",
            "treatment by diet", "diet as treatment", "changes in the diet", "a change in what people eat",
            "dietary management",
            "an intervention on diet",
        ),
        (
            "nutrition", "Mediterranean-diet", "low-carbohydrate diet", "fasting", "salt-reduction", "vegan-diet",
            "ketogenic-diet",
            "gluten-free diet", "high-protein diet", "portion-control", "fibre",
        ),
        (
            "diet", "eating", "dietitian-led",
        ),
    ),
    "device": (
        (
            "a physical agent", "a device", "electrotherapy or other physical agents", "treatment with a device",
            "a physical modality",
            "electrotherapy, light, heat or similar agents", "a device or physical agent",
            "physical energy applied to the body",
            "application of a physical agent", "an electrophysical agent", "a physical agent of any kind",
            "a physical agent such as light, heat or electricity", "any device or physical agent",
            "light, heat, cold, sound or electricity as treatment", "an agent of physical medicine",
            "treatment by a physical agent",
            "treatment by means of a device", "device-based treatment", "an electrical, thermal or mechanical agent",
            "physical energy as treatment", "an intervention with a device", "a treatment that applies physical energy",
        ),
        (
            "magnetic stimulation", "electrical stimulation", "ultrasound", "laser", "shock-wave", "vibration", "light",
            "heat", "cold",
            "phototherapy", "pulsed-electromagnetic field", "radiofrequency", "interferential-current", "cryotherapy",
        ),
        (
            "device", "tool", "kit", "system",
        ),
    ),
    "manual": (
        (
            "manual therapy", "hands-on treatment", "manual treatment", "treatment by hand", "a manual technique",
            "massage or manipulation", "manual therapy of any kind", "hands-on therapy", "manual techniques",
            "bodywork",
            "any manual therapy", "treatment with the hands", "a hands-on technique", "a hands-on method",
            "manual treatment of any kind",
            "manual treatment of joints or soft tissue", "therapy applied by the hands", "a form of manual therapy",
            "manual methods",
            "treatment by manual techniques", "manual intervention",
        ),
        (
            "massage", "osteopathic", "chiropractic", "joint-mobilisation", "spinal-manipulation", "myofascial",
            "craniosacral",
            "neural-mobilisation", "reflexology",
        ),
        (),
    ),
    "points": (
        (
            "acupuncture or a related technique", "acupoint stimulation", "stimulation of acupuncture points",
            "acupuncture of any kind",
            "needling or other stimulation of acupoints", "treatment of acupuncture points",
            "acupuncture and related techniques",
            "a treatment from the acupuncture family", "acupuncture-type treatment",
            "any form of acupuncture or related technique",
            "treatment at acupuncture points", "needles, pressure or heat at acupuncture points",
            "an acupuncture-related technique",
            "a technique that stimulates acupoints", "acupoint therapy", "acupoint treatment of any kind",
            "treatment by stimulation of acupoints", "acupuncture or a similar technique",
            "an acupoint-based intervention",
            "point stimulation as in acupuncture",
        ),
        (
            "acupuncture", "acupressure", "moxibustion",
        ),
        (),
    ),
    "speech": (
        (
            "speech and language therapy", "speech therapy", "speech-language therapy",
            "speech, language or swallowing therapy",
            "logopaedic treatment", "speech and language treatment", "treatment of speech or swallowing", "logopaedics",
            "speech-language pathology", "any speech and language therapy",
            "treatment by a speech and language therapist",
            "therapy for speech, language, voice or swallowing", "speech and language intervention",
            "speech or swallowing therapy",
            "exercises for speech, voice or swallowing", "speech-language treatment", "logopaedic therapy of any kind",
            "speech pathology treatment", "training of speech, voice or swallowing", "a speech and language programme",
        ),
        (
            "speech", "swallowing", "stuttering", "voice", "tongue-strengthening", "lip-closure",
        ),
        (
            "language", "lip-reading", "singing",
        ),
    ),
    "money": (
        (
            "financial help", "money or vouchers", "an economic intervention", "economic support",
            "material incentives",
            "financial support or incentives", "payments or vouchers", "money, loans or vouchers",
            "an economic incentive",
            "financial help of any kind", "an economic or financial intervention", "cash or vouchers",
            "financial incentives or support",
            "economic help", "any financial intervention", "monetary support", "payments of any kind", "financial aid",
            "money given to participants", "a financial intervention", "help with money",
        ),
        (
            "cash-transfer", "voucher", "microfinance", "financial-incentive",
        ),
        (),
    ),
    "coordination": (
        (
            "coordination of care", "organisation of care", "a change in the organisation of care",
            "coordination of services",
            "care management", "case or care management", "coordination between services",
            "an organisational intervention",
            "a change in the way care is organised", "care coordination of any kind",
            "an intervention in the organisation of care",
            "better coordination of care", "care coordination or case management", "a new way of organising care",
            "management of care by a coordinator or a team", "organisational change in care", "coordinated care",
            "reorganisation of care", "an intervention to coordinate services", "a coordinated care programme",
        ),
        (
            "case-management", "care-coordination", "discharge-planning", "collaborative-care",
        ),
        (
            "service", "scheme", "multidisciplinary", "interdisciplinary",
        ),
    ),
}  # fmt: skip
OTHERS = {
    "drug": (
        "drug treatment", "a medicine", "any drug", "medication", "pharmacological treatment", "a drug of any class",
        "medicines",
        "pharmacotherapy", "drug therapy", "medical treatment with drugs", "a pharmacological agent",
        "a pharmaceutical product",
        "drugs of any kind", "medicinal treatment", "any medication", "treatment with a drug",
        "a pharmaceutical treatment",
        "drug treatment of any kind", "a medicinal product", "treatment with medicines", "any pharmacological agent",
    ),
    "procedure": (
        "a procedure", "an operation or procedure", "an invasive procedure", "procedures of any kind",
        "surgery or another procedure",
        "an interventional procedure", "a surgical or other invasive procedure", "an operation or other invasive act",
        "invasive treatment", "surgical treatment or an invasive procedure", "any surgical or invasive procedure",
        "an intervention by surgery or another invasive method", "operative or other invasive treatment",
        "a surgical operation or similar procedure", "surgical or interventional treatment",
        "any operation or invasive procedure",
        "treatment by an invasive procedure", "procedural treatment", "an operative procedure or similar intervention",
        "treatment by operation or procedure",
    ),
}  # fmt: skip
LED = ("supervised", "nurse-led", "pharmacist-led", "physiotherapist-led")
ALONE = ("unsupervised", "app-based", "web-based", "video-guided")
SUPERVISED = (
    "{0} supervised by a professional", "supervised {0}", "{0} led by a health professional or instructor",
    "{0} under supervision",
    "{0} that a trained person supervises", "{0} with a professional present", "{0} in the presence of an instructor",
    "{0}, supervised by a professional", "{0} with supervision by a professional", "{0} guided by a professional",
    "{0} under the guidance of a health professional", "{0} that is led by a professional",
    "{0} given under professional supervision",
    "{0} with a supervisor present", "{0} under the eyes of a trained person", "professionally supervised {0}",
    "{0} directed by a trained person", "{0} that a professional leads or supervises",
    "{0}, provided that a professional supervises it",
    "{0} (supervised or professionally led)",
)  # fmt: skip
# Exclusions: a report that does not mention them meets the criterion all the same.
NOT_THESE = (
    "but not {c}", "other than {c}", "without {c}", "excluding {c}", "with no {c}", "not caused by {c}",
    "that is not due to {c}",
    "in the absence of {c}", "except in {c}", "that has not been treated by {p}", "who have not had {p}",
    "before any {p}",
    "that was not followed by {p}", "who were not treated with {d}", "not taking {d}", "(not {c})", "; {c} is excluded",
    "apart from {c}",
    "but no {c}", "with the exception of {c}", "(excluding {c})", "(other than {c})", "except for {c}",
    "but free of {c}",
    "who do not have {c}", "not complicated by {c}", "unrelated to {c}", "; no {c}", "who do not need {p}",
    "who have never received {d}",
    "in whom {c} has been excluded", "who are not waiting for {p}", "and no contraindication to {d}",
    "not scheduled for {p}",
    "and not {c}", "rather than {c}", "as long as it is not {c}", "provided that it is not {c}",
    "provided that they do not have {c}",
    "unless they have {c}", "unless they also have {c}", "if they have no {c}", "; those with {c} are excluded",
    "; people with {c} are not eligible", "; studies in {c} are excluded", "; {c} does not count", "; we exclude {c}",
    "; not {c}",
    "(no {c})", "(without {c})", "(except {c})", "(with the exception of {c})", "(people with {c} are excluded)",
    "(not due to {c})",
    "not related to {c}", "that is not a consequence of {c}", "that is not caused by {c}", "that did not follow {c}",
    "not secondary to {c}", "that is distinct from {c}", "who have never had {c}", "who are free of {c}",
    "in whom there is no {c}",
    "who do not suffer from {c}", "but not people with {c}", "with {c} as an exclusion criterion",
    "unless it is due to {c}",
    "who are not treated with {d}", "who do not take {d}", "who have not taken {d}", "who have no need of {d}",
    "; those who take {d} are excluded", "(not on {d})", "unless they take {d}", "who have not undergone {p}",
    "who have never had {p}",
    "without previous {p}", "; those who had {p} are excluded", "(no previous {p})", "unless they have had {p}",
)  # fmt: skip


def class_of(name: str, kind: str) -> str:
    """The class of a treatment, "" where it has none of ours or may have two. ``kind`` is drug, activity or
    procedure."""
    if kind in OTHERS:
        return kind if name not in listed("supplements") else ""
    spoken = [group for group, (_, members, more) in ACTIVITIES.items() if _holds(name, members) or _holds(name, more)]
    return spoken[0] if len(spoken) == 1 and _holds(name, ACTIVITIES[spoken[0]][1]) else ""


def _holds(name: str, words: Iterable[str]) -> bool:
    """Whether ``name`` holds one of the words, which may end a compound but not begin one."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?![\w-])", name) for word in words)


def another(rng: random.Random, own: str, kind: str) -> str:
    """How a criterion calls a class to which no treatment of class ``own`` belongs. Raises LookupError when none is
    sure."""
    groups = [group for group in (*ACTIVITIES, *OTHERS) if group != own and (own or group in OTHERS) and group != kind]
    if not groups:
        raise LookupError("no class is sure to be another")
    return called(rng, rng.choice(groups))


def called(rng: random.Random, group: str) -> str:
    return rng.choice(OTHERS[group] if group in OTHERS else ACTIVITIES[group][0])


def asked(rng: random.Random, words: Words, group: str) -> str:
    """The class as a criterion asks for it: by its name, or by some members and the rest of it."""
    known = [one for one in ACTIVITIES.get(group, ((), (), ()))[1] if held_out(one) is words.unseen]
    if len(known) < 2 or rng.random() < 0.5:
        return called(rng, group)
    some = rng.sample(known, rng.randint(1, 2))
    name = ACTIVITIES[group][0][0]
    rest = rng.choice((f"or other {name}", f"or any other form of {name}", f"or another kind of {name}"))
    return f"{', '.join(some)} {rest}"


def supervised(rng: random.Random, name: str) -> str:
    """The class called ``name`` under supervision; an article or the like stays before it."""
    form, (first, _, rest) = rng.choice(SUPERVISED), name.partition(" ")
    if form.endswith("supervised {0}") and first in ("a", "an", "any", "some", "the"):
        return f"{'a' if first == 'an' else first} {form.format(rest)}"
    return form.format(name)


def exception(rng: random.Random, words: Words) -> str:
    return rng.choice(NOT_THESE).format(c=words.condition(), d=words.drug(), p=words.procedure())
