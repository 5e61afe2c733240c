"""What is trained is what inference asks: the same ids, forced tokens included; trees cost less and change nothing;
runs go on."""

from __future__ import annotations

import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs the dependency group 'train'")
pytest.importorskip("sentencepiece", reason="training needs the dependency group 'train'")

from convert import convert  # noqa: E402
from leads_local.engine import header, template  # noqa: E402
from leads_local.engine.constraint import Compiler  # noqa: E402
from leads_local.engine.encoding import read_template_style  # noqa: E402
from leads_local.engine.llama import Model as LlamaModel  # noqa: E402
from leads_local.engine.llama import route_log  # noqa: E402
from leads_local.records import Eligibility  # noqa: E402
from leads_local.tasks import prompts  # noqa: E402
from models.demo.training import drills, feed, items, tokens, train  # noqa: E402
from models.demo.training.loss import loss_of, packed  # noqa: E402
from models.demo.training.model import Model, Shape, begin, export, load  # noqa: E402
from models.demo.training.together import Together  # noqa: E402
from tests.models.conftest import Made  # noqa: E402

SMALL = Shape(layers=3, ffn=64, heads=4)
PLAN = train.Plan(tokens=40e3, decay=10e3, rate=1e-3)
STAGES = feed.Stages(batch=1024, copying=4e3, short=1e6, short_length=400)


@dataclass
class Product:
    """The product's tokenizer, layout and constraints over the demo's tokenizer files."""

    model: LlamaModel
    layout: template.TemplateStyle
    compiler: Compiler


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    folder = tmp_path_factory.mktemp("begun")
    network = Model(SMALL)
    begin(network, 0)
    export(network.state_dict(), SMALL, folder)
    for name in ("tokenizer.model", "tokenizer_config.json"):
        shutil.copyfile(tokens.MODEL.parent / name, folder / name)
    convert(folder, "Q8_0", folder / "begun.gguf")
    route_log(lambda _text: None)
    model = LlamaModel(folder / "begun.gguf")
    return Product(model, read_template_style(model, header.read(folder / "begun.gguf")), Compiler(model.vocabulary))


def test_prompts_have_the_ids_of_inference(product: Product, trained: Made) -> None:
    for _, item in trained.items[:200]:
        assert tokens.prompt_ids(item) == product.layout.ids(item.request.prompt, product.model.tokenize)


def test_answers_are_what_the_schema_lets_through_and_forces(product: Product, trained: Made) -> None:
    """Walked through as the engine does it: every forced token is the trained one, every other one is allowed, the end
    is the end."""
    for _, item in trained.items[:150]:
        assert item.request.schema is not None
        constraint = product.compiler.constraint(item.request.schema)
        ids, at = tokens.answer_ids(item)[0][:-1], 0
        while not constraint.finished:
            forced = constraint.forced() or ids[at : at + 1]
            assert forced == ids[at : at + len(forced)], (item.task, at)
            constraint.consume(forced)
            at += len(forced)
        assert at == len(ids)


def test_decisions_bear_most_of_the_loss(trained: Made) -> None:
    tokenizer = tokens.tokenizer()
    for _, item in trained.items[:100]:
        ids, weights = tokens.answer_ids(item)
        assert len(ids) == len(weights)
        assert ids[-1] == tokens.EOS
        labels = [
            weight for id, weight in zip(ids, weights, strict=True) if tokenizer.id_to_piece(id) in set(Eligibility)
        ]
        assert labels == [max(weights)] * len(item.about) if item.task == "screening" else max(weights) >= 0.8
        assert sum(weight < 0.1 for weight in weights) >= 3


def test_an_empty_reason_is_not_learned() -> None:
    """Triage forces it; learned, it would be the answer where a reason is asked for."""
    pack, rng = prompts.load(items.PACK), random.Random(5)
    found = [item for _ in range(20) for item in drills.judgements(rng, items.SPLITS["train"], pack)]
    seen = {True: 0, False: 0}
    for item in found:
        pieces = [tokens.tokenizer().id_to_piece(one) for one in tokens.answer_ids(item)[0]]
        weights = tokens.answer_ids(item)[1]
        after = pieces.index("rationale") + 2
        empty = pieces[after].startswith('\u2581""')
        seen[empty] += 1
        assert (weights[after] == 0) is empty
    assert all(seen.values())


def test_a_tree_has_the_loss_of_its_items(trained: Made) -> None:
    network = Model(SMALL)
    begin(network, 0)
    group = [item for item in trained.pairs[0][1] if item.task != "search"][:4]
    whole = tokens.tree(group, 4096)
    alone = [tokens.tree([item], 4096) for item in group]
    assert whole is not None and len(group) > 1
    assert len(whole) < sum(len(tree) for tree in alone if tree is not None)
    together, single = _losses(network, [whole]), _losses(network, [tree for tree in alone if tree is not None])
    assert torch.allclose(together.sort().values, single.sort().values, atol=0.08)


def test_in_a_strange_text_other_words_stand_wherever_one_stood_that_is_copied(trained: Made) -> None:
    asked = ([item for item in items if item.task in ("arms", "characteristics")] for _, items in trained.pairs)
    whole = next(found for group in asked if len(group) > 1 and (found := tokens.tree(group, 4096)) is not None)
    strange = tokens.renamed(random.Random(3), whole)
    changed = whole.ids != strange.ids
    assert changed.any() and not changed.all()
    assert set(whole.ids[changed & (whole.weights > tokens.STRUCTURE)])  # some of them in answers
    pairs = set(zip(whole.ids.tolist(), strange.ids.tolist(), strict=True))
    assert len(pairs) == len(set(whole.ids.tolist())) == len(set(strange.ids.tolist()))  # one for one, everywhere
    piece = tokens.tokenizer().id_to_piece
    for old, new in pairs - {(one, one) for one in whole.ids.tolist()}:
        assert all(piece(one).removeprefix("\u2581").isalpha() for one in (old, new))
        assert piece(old).startswith("\u2581") is piece(new).startswith("\u2581")


def _losses(network: Model, trees: list[tokens.Tree]) -> torch.Tensor:
    """The loss of each weighted token, without the mixed precision of training."""
    found = []
    for tree in trees:
        batch = packed([tree], "cpu")
        wanted = batch.weights > 0
        logits = network.logits(network(batch.ids, batch.positions, batch.parts)[torch.roll(wanted, -1, 0)])
        found.append(torch.nn.functional.cross_entropy(logits, batch.ids[wanted], reduction="none"))
    return torch.cat(found).detach()


def test_the_network_copies_before_it_is_trained() -> None:
    network = Model(Shape())
    begin(network, 0)
    rng = random.Random(0)
    _, right, _ = loss_of(network, packed([feed.repetition(rng, 256) for _ in range(8)], "cpu"))
    assert right > 0.5


def test_no_batch_is_larger_than_asked_for() -> None:
    for batch in islice(feed.batches(0, 30e3, STAGES), 20):
        assert len(batch) == 1 or sum(map(len, batch)) <= STAGES.batch


def test_the_same_seed_and_start_give_the_same_batches() -> None:
    one, other = (list(islice(feed.batches(3, 30e3, STAGES), 4)) for _ in range(2))
    assert [[tree.ids.tolist() for tree in batch] for batch in one] == [
        [tree.ids.tolist() for tree in batch] for batch in other
    ]


def test_workers_give_the_same_batches_every_time() -> None:
    """Twice over two processes each: what comes does not depend on which of them is faster."""
    one, other = (list(islice(feed.batches(3, 30e3, STAGES, workers=2), 4)) for _ in range(2))
    assert [[tree.ids.tolist() for tree in batch] for batch in one] == [
        [tree.ids.tolist() for tree in batch] for batch in other
    ]
    assert one[0][0].ids.tolist() != one[1][0].ids.tolist()


def test_processes_that_train_together_average_their_weights() -> None:
    """Two threads here, for which the shared memory is the same: each ends with the mean, and with the tokens of
    both."""
    weights = [[torch.full((3,), float(number)), torch.full((2, 2), number + 0.5)] for number in range(2)]
    together = Together(weights[0], 2)
    given = [torch.zeros_like(weight) for weight in weights[0]]
    together.begin(1, given)
    assert all(torch.equal(one, other) for one, other in zip(given, weights[0], strict=True))
    with ThreadPoolExecutor(2) as pool:
        read = list(pool.map(lambda number: together.average(number, weights[number], 100.0 + number), range(2)))
    assert read == [201.0, 201.0]
    assert all(
        torch.equal(one, torch.full_like(one, mean))
        for each in weights
        for one, mean in zip(each, (0.5, 1.0), strict=True)
    )


def test_a_run_of_two_processes_reads_for_both(tmp_path: Path) -> None:
    trainer = train.Trainer(tmp_path, train.Plan(30e3, 2e3, 1e-3), SMALL, 0, "cpu")
    before = [weight.detach().clone() for weight in trainer.model.parameters()]
    steps = []
    trainer.step = lambda batch, step=trainer.step: steps.append(sum(map(len, batch))) or step(batch)  # type: ignore[method-assign]
    trainer.run(STAGES, processes=2)
    assert trainer.seen >= 30e3 > sum(steps)
    assert not any(torch.equal(one, other) for one, other in zip(before, trainer.model.parameters(), strict=True))


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    short = train.Trainer(tmp_path, train.Plan(6e3, 2e3, 1e-3), SMALL, 0, "cpu")
    short.run(STAGES, 0)
    again = train.Trainer(tmp_path, PLAN, SMALL, 0, "cpu")
    assert 6e3 <= again.seen < 8e3
    assert all(
        torch.equal(a, b)
        for a, b in zip(short.model.state_dict().values(), again.model.state_dict().values(), strict=True)
    )
    assert (tmp_path / "model.safetensors").is_file()


def test_weights_that_were_written_can_be_begun_from(tmp_path: Path) -> None:
    one, other = Model(SMALL), Model(SMALL)
    begin(one, 1)
    export(one.state_dict(), SMALL, tmp_path)
    load(other, tmp_path)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a.to(torch.bfloat16), b.to(torch.bfloat16))
    with pytest.raises(ValueError, match="has the shape"):
        load(Model(Shape()), tmp_path)


def test_a_run_of_another_shape_is_refused(tmp_path: Path) -> None:
    train.Trainer(tmp_path, PLAN, SMALL, 0, "cpu").save()
    with pytest.raises(ValueError, match="has the shape"):
        train.Trainer(tmp_path, PLAN, Shape(), 0, "cpu")


def test_the_rate_rises_stays_and_falls() -> None:
    plan = train.Plan(tokens=10e6, decay=2e6, rate=1e-3)
    assert plan.rate_at(0) < plan.rate_at(5e4) < plan.rate_at(2e5) == plan.rate_at(7e6) == 1e-3
    assert plan.rate_at(9e6) == pytest.approx(5e-4)
    assert plan.rate_at(10e6) == pytest.approx(2e-5)


def test_the_pack_of_the_demo_is_one_that_comes_with_the_program() -> None:
    assert items.PACK in prompts.SHIPPED
