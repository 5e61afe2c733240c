"""Broader terms: the kinds of treatment that a review may ask for, and exceptions that leave a criterion's answer as it is."""

from __future__ import annotations

import random

from models.demo.training.words import Words, held_out

# Name of a class → how criteria call it, and the activities that belong to it.
ACTIVITIES = {
    "exercise": (
        ("exercise", "exercise training", "exercise of any kind", "an exercise programme", "therapeutic exercise", "physical exercise"),
        ("walking", "cycling", "swimming", "yoga", "tai chi", "pilates", "strength", "aerobic", "resistance", "balance", "stretching",
         "circuit", "interval", "dance", "gait"),
    ),
    "psychological": (
        ("psychological treatment", "psychotherapy", "a talking therapy", "a psychological intervention", "psychological support"),
        ("mindfulness", "cognitive behavioural", "interpersonal", "problem-solving", "motivational", "hypnosis", "relaxation"),
    ),
    "diet": (
        ("diet", "a dietary intervention", "dietary change", "nutritional treatment", "a diet of any kind"),
        ("nutrition", "Mediterranean-diet", "low-carbohydrate diet", "fasting"),
    ),
    "device": (
        ("a physical agent", "a device", "electrotherapy or other physical agents", "treatment with a device"),
        ("magnetic stimulation", "electrical stimulation", "ultrasound", "laser", "shock-wave", "vibration", "light", "heat", "cold"),
    ),
}  # fmt: skip
OTHERS = {
    "drug": ("drug treatment", "a medicine", "any drug", "medication", "pharmacological treatment", "a drug of any class", "medicines"),
    "procedure": ("a procedure", "an operation or procedure", "an invasive procedure", "procedures of any kind"),
}
LED = ("supervised", "nurse-led", "pharmacist-led", "physiotherapist-led")
ALONE = ("unsupervised", "app-based", "web-based", "video-guided")
SUPERVISED = (
    "{0} supervised by a professional", "supervised {0}", "{0} led by a health professional or instructor", "{0} under supervision",
    "{0} that a trained person supervises", "{0} with a professional present", "{0} in the presence of an instructor",
)  # fmt: skip
# Exclusions: a report that does not mention them meets the criterion all the same.
NOT_THESE = (
    "but not {c}", "other than {c}", "without {c}", "excluding {c}", "with no {c}", "not caused by {c}", "that is not due to {c}",
    "in the absence of {c}", "except in {c}", "that has not been treated by {p}", "who have not had {p}", "before any {p}",
    "that was not followed by {p}", "who were not treated with {d}", "not taking {d}", "(not {c})", "; {c} is excluded",
)  # fmt: skip


def class_of(name: str, kind: str) -> str:
    """The class of a treatment, "" where it has none of ours. ``kind`` is drug, activity or procedure."""
    if kind in OTHERS:
        return kind
    return next((group for group, (_, members) in ACTIVITIES.items() if any(member in name for member in members)), "")


def another(rng: random.Random, own: str, kind: str) -> str:
    """How a criterion calls a class to which no treatment of class ``own`` belongs. Raises LookupError when none is sure."""
    groups = [group for group in (*ACTIVITIES, *OTHERS) if group != own and (own or group in OTHERS) and group != kind]
    if not groups:
        raise LookupError("no class is sure to be another")
    return called(rng, rng.choice(groups))


def called(rng: random.Random, group: str) -> str:
    return rng.choice(OTHERS[group] if group in OTHERS else ACTIVITIES[group][0])


def asked(rng: random.Random, words: Words, group: str) -> str:
    """The class as a criterion asks for it: by its name, or by some members and the rest of it."""
    known = [one for one in ACTIVITIES.get(group, ((), ()))[1] if held_out(one) is words.unseen]
    if len(known) < 2 or rng.random() < 0.5:
        return called(rng, group)
    some = rng.sample(known, rng.randint(1, 2))
    name = ACTIVITIES[group][0][0]
    rest = rng.choice((f"or other {name}", f"or any other form of {name}", f"or another kind of {name}"))
    return f"{', '.join(some)} {rest}"


def exception(rng: random.Random, words: Words) -> str:
    return rng.choice(NOT_THESE).format(c=words.condition(), d=words.drug(), p=words.procedure())
