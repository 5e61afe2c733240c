"""Which tensor gets which type: llama.cpp's mixes as one table.

A recipe has a default type and rules by kind of tensor; the first rule whose condition holds decides. The rules are
llama.cpp's own for its "llama" architecture, and tests compare every tensor with what its quantizer writes. What is not
in the table can't be made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .errors import ConvertError
from .names import Weight
from .settings import ModelSettings
from .tensor_types import FILE_TYPES, TENSOR_TYPES, TensorType

FILE_NUMBERS = {name: number for number, name in FILE_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Situation:
    """What a condition may look at: the tensor's layer, how many there are, the model's head ratio, and the importance
    matrix."""

    layer: int
    layers: int
    ratio: int  # query heads for each key-value head
    importance: bool


Condition = Callable[[Situation], bool]


def always(at: Situation) -> bool:
    return True


def first(count: int) -> Condition:
    return lambda at: at.layer < count


def first_part(parts: int) -> Condition:
    return lambda at: at.layer < at.layers // parts


def more_bits(at: Situation) -> bool:
    """The first and the last eighth of the layers, and every third one between."""
    eighth = at.layers // 8
    return at.layer < eighth or at.layer >= 7 * at.layers // 8 or (at.layer - eighth) % 3 == 2


def middle(at: Situation) -> bool:
    return at.layers // 8 <= at.layer < 7 * at.layers // 8


def shared_keys(at: Situation) -> bool:
    """Four or more query heads read the same keys and values, so that these are few and worth more bits."""
    return at.ratio >= 4


def with_importance(condition: Condition) -> Condition:
    return lambda at: at.importance and condition(at)


def without_importance(condition: Condition) -> Condition:
    return lambda at: not at.importance and condition(at)


Rule = tuple[Condition, str]


@dataclass(frozen=True, slots=True)
class Recipe:
    """``file_type`` is what the GGUF file says of itself; ``output`` is for the output tensor, or the embedding where
    they are one."""

    name: str
    file_type: int
    default: str
    output: str
    rules: dict[str, tuple[Rule, ...]]
    about: str
    needs_importance: bool = False


def _recipe(
    name: str,
    default: str,
    about: str,
    *,
    output: str = "Q6_K",
    needs_importance: bool = False,
    **rules: str | tuple[Rule, ...],
) -> Recipe:
    table = {kind: ((always, rule),) if isinstance(rule, str) else rule for kind, rule in rules.items()}
    return Recipe(name, FILE_NUMBERS[name], default, output, table, about, needs_importance)


_EIGHTH, _SIXTEENTH, _VALUE = first_part(8), first_part(16), "Q4_K"

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        _recipe("F32", "F32", "everything exact; for comparisons", output="F32"),
        _recipe("F16", "F16", "half size; numbers above 65504 can't be stored", output="F16"),
        _recipe("BF16", "BF16", "as most checkpoints are stored", output="BF16"),
        _recipe("Q8_0", "Q8_0", "hardly to be told from the original", output="Q8_0"),
        _recipe("Q6_K", "Q6_K", "very close to the original"),
        _recipe("Q5_K_M", "Q5_K", "close; good where memory allows", attn_v=((more_bits, "Q6_K"),),
            ffn_down=((more_bits, "Q6_K"),)),
        _recipe("Q5_K_S", "Q5_K", "close, a little smaller"),
        _recipe("Q4_K_M", "Q4_K", "the usual choice", attn_v=((more_bits, "Q6_K"),),
            ffn_down=((more_bits, "Q6_K"),)),
        _recipe("Q4_K_S", "Q4_K", "the usual choice, smaller", attn_v=((first(4), "Q5_K"),),
            ffn_down=((_EIGHTH, "Q5_K"),)),
        _recipe("Q3_K_L", "Q3_K", "small; answers suffer a little", attn_v="Q5_K", ffn_down="Q5_K",
            attn_output="Q5_K"),
        _recipe(
            "Q3_K_M", "Q3_K", "small; answers suffer",
            attn_v=((first(2), "Q5_K"), (always, "Q4_K")), ffn_down=((_SIXTEENTH, "Q5_K"), (always, "Q4_K")),
            attn_output="Q4_K",
        ),
        _recipe("Q3_K_S", "Q3_K", "very small; answers suffer"),
        _recipe(
            "Q2_K", "Q2_K", "very small; for trying out",
            attn_v=((shared_keys, _VALUE), (always, "Q3_K")), ffn_down="Q3_K", attn_output="Q3_K",
        ),
        _recipe(
            "Q2_K_S", "Q2_K", "smallest of its kind", needs_importance=True,
            attn_v=((shared_keys, _VALUE),), ffn_down=((_EIGHTH, "Q4_K"),),
        ),
        _recipe("Q5_1", "Q5_1", "an old format"),
        _recipe("Q5_0", "Q5_0", "an old format", ffn_down=((with_importance(_EIGHTH), "Q5_1"),)),
        _recipe("Q4_1", "Q4_1", "an old format"),
        _recipe("Q4_0", "Q4_0", "an old format, fast on some machines",
            ffn_down=((with_importance(_EIGHTH), "Q4_1"),)),
        _recipe(
            "IQ4_NL", "IQ4_NL", "like Q4_K_S, slower",
            attn_v=((shared_keys, "Q5_K"),), ffn_down=((without_importance(_EIGHTH), "Q5_K"),),
        ),
        _recipe(
            "IQ4_XS", "IQ4_XS", "smaller than Q4_K_S and as good, slower",
            attn_v=((shared_keys, "Q5_K"),), ffn_down=((without_importance(_EIGHTH), "Q5_K"),),
        ),
        _recipe(
            "IQ3_M", "IQ3_S", "better than Q3_K_M, slower",
            attn_v=_VALUE, ffn_down=((_EIGHTH, "Q4_K"),), attn_output="Q4_K",
        ),
        _recipe("IQ3_S", "IQ3_S", "better than Q3_K_S, slower", attn_v=((shared_keys, _VALUE),)),
        _recipe(
            "IQ3_XS", "IQ3_S", "smaller than IQ3_S", needs_importance=True,
            attn_v=((shared_keys, _VALUE),), attn_k="IQ3_XXS", attn_q="IQ3_XXS",
            ffn_gate=((middle, "IQ3_XXS"),), ffn_up=((middle, "IQ3_XXS"),),
        ),
        _recipe(
            "IQ3_XXS", "IQ3_XXS", "three bits, as small as they get", output="Q5_K", needs_importance=True,
            token_embd="IQ3_S", attn_v=((shared_keys, _VALUE),), attn_k="IQ2_S", attn_q="IQ2_S", attn_output="IQ3_S",
        ),
        _recipe(
            "IQ2_M", "IQ2_S", "two bits; for machines with no room for more", output="Q5_K", needs_importance=True,
            token_embd="IQ3_S", attn_v=((shared_keys, _VALUE), (always, "IQ3_S")), ffn_down=((_EIGHTH, "IQ3_S"),),
            attn_output="IQ3_S",
        ),
        _recipe(
            "IQ2_S", "IQ2_XS", "two bits, smaller", output="Q5_K", needs_importance=True,
            token_embd="IQ3_S", attn_v=((shared_keys, _VALUE), (always, "IQ3_S")), ffn_down=((_EIGHTH, "IQ3_S"),),
            attn_output="IQ3_S",
        ),
        _recipe(
            "IQ2_XS", "IQ2_XS", "two bits, smaller still", output="Q5_K", needs_importance=True,
            token_embd="Q2_K", attn_v=((shared_keys, _VALUE), (always, "Q2_K")), ffn_down=((_EIGHTH, "Q2_K"),),
        ),
        _recipe(
            "IQ2_XXS", "IQ2_XXS", "two bits, as small as they get", output="Q5_K", needs_importance=True,
            token_embd="Q2_K", attn_v=((shared_keys, _VALUE), (always, "Q2_K")), ffn_down=((_EIGHTH, "Q2_K"),),
        ),
    )
}  # fmt: skip

# where a row is no multiple of the block of 256: the nearest type with a block of 32
NARROW_FALLBACKS = {
    "IQ2_XXS": "IQ4_NL", "IQ2_XS": "IQ4_NL", "IQ2_S": "IQ4_NL", "IQ3_XXS": "IQ4_NL", "IQ3_S": "IQ4_NL",
    "IQ4_XS": "IQ4_NL",
    "Q2_K": "Q4_0", "Q3_K": "Q4_0", "Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0",
}  # fmt: skip


def find_recipe(name: str) -> Recipe:
    """The recipe of this name, in any case. Raises ConvertError with all names."""
    recipe = RECIPES.get(name.upper())
    if recipe is None:
        raise ConvertError(f"{name!r} is not a type that can be made.", f"Choose one of: {', '.join(RECIPES)}.")
    return recipe


def tensor_type(
    recipe: Recipe, weight: Weight, settings: ModelSettings, *, tied: bool, importance: bool = False
) -> TensorType:
    """The type of one tensor. Norms, being vectors, stay F32; ``tied`` when the model has no output tensor of its
    own."""
    if len(weight.shape) == 1:
        return TENSOR_TYPES["F32"]
    default, columns = TENSOR_TYPES[recipe.default], weight.shape[-1]
    if default.block == 1:
        return default
    if weight.kind == "output" or (tied and weight.kind == "token_embd"):
        return _type_for_columns(TENSOR_TYPES["Q8_0" if columns % default.block else recipe.output], columns)
    at = Situation(weight.layer, settings.layers, settings.heads // settings.kv_heads, importance)
    name = next((name for condition, name in recipe.rules.get(weight.kind, ()) if condition(at)), recipe.default)
    if weight.kind == "attn_v" and _counts_as_70b(recipe, settings) and name in ("Q3_K", "Q4_K"):
        name = "Q5_K"
    return _type_for_columns(TENSOR_TYPES[name], columns)


def _counts_as_70b(recipe: Recipe, settings: ModelSettings) -> bool:
    """llama.cpp takes 80 layers with shared keys for the 70B model, whose values are few; its two-bit mixes don't
    ask."""
    return settings.layers == 80 and settings.heads != settings.kv_heads and not recipe.name.startswith("IQ2")


def _type_for_columns(kind: TensorType, columns: int) -> TensorType:
    if columns % kind.block == 0:
        return kind
    narrow = TENSOR_TYPES[NARROW_FALLBACKS.get(kind.name, kind.name)]
    return narrow if columns % narrow.block == 0 else TENSOR_TYPES["F16"]


def requires_importance(recipe: Recipe, weight: Weight, kind: TensorType) -> bool:
    """Whether llama.cpp refuses to make this tensor without an importance matrix, because the result would be
    garbage."""
    if weight.kind in ("token_embd", "output"):
        return False
    return kind.name in ("IQ3_XXS", "IQ2_XXS", "IQ2_XS", "IQ2_S") or (kind.name == "Q2_K" and recipe.name == "Q2_K_S")
