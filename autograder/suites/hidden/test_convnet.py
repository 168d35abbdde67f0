"""Hidden checks of the convnet assignment: fresh inputs, expected values from the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.assertions import values
from autograder.language import say, term
from autograder.reference import convnet as reference
from autograder.report import Finding
from autograder.suites.convnet import (
    MOMENTUM,
    NETWORK,
    PROTOCOL,
    expect_initial,
    expect_seed_matters,
    expect_spread,
    expect_trained,
    images,
    initial,
    train,
)
from autograder.suites.hidden.oracle import Oracle
from autograder.worker.host import Submission
from autograder.worker.wire import Trusted

Rng = np.random.Generator
AFFINE = ("affine_forward", "affine_backward")
RELU = ("relu_forward", "relu_backward")
ORACLE = Oracle(PROTOCOL, reference)
compare, compare_all = ORACLE.compare, ORACLE.compare_all


def affine(shapes: Rng, rng: Rng, task: str, dtype: Any = np.float64) -> dict[str, Any]:
    """Arguments of an affine layer of random sizes."""
    count, outputs = (int(v) for v in shapes.integers(1, 6, size=2))
    inner = [int(v) for v in shapes.integers(1, 5, size=shapes.integers(1, 4))]
    x = rng.standard_normal((count, *inner)).astype(dtype)
    w = rng.standard_normal((int(np.prod(inner)), outputs)).astype(dtype)
    b = rng.standard_normal(outputs).astype(dtype)
    if task == "affine_backward":
        return {"dout": rng.standard_normal((count, outputs)).astype(dtype), "x": x, "w": w, "b": b}
    return {"x": x, "w": w, "b": b}


@pytest.mark.check(AFFINE, title="random shapes", weight=3, needs="basic")
def test_affine_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    compare_all(submission, task, (affine(shapes, rng, task) for _ in range(8)))


@pytest.mark.check(AFFINE, title="float32 arrays", needs="basic")
def test_affine_single(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    compare(submission, task, **affine(shapes, rng, task, np.float32))


@pytest.mark.check(RELU, title="random shapes", weight=2, needs="basic")
def test_relu_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls = []
    for axes in (1, 2, 3, 4):
        shape = tuple(int(v) for v in shapes.integers(1, 6, size=axes))
        x = rng.standard_normal(shape)
        arguments = {"dout": rng.standard_normal(shape)} if task == "relu_backward" else {}
        calls.append({**arguments, "x": x})
    compare_all(submission, task, calls)


@pytest.mark.check("softmax_loss", title="other batches", weight=2, needs="basic")
def test_softmax_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls = []
    for scale in (0.1, 1, 30, 1e4):
        count, classes = (int(v) for v in shapes.integers(1, 9, size=2))
        scores = scale * rng.standard_normal((count, classes))
        calls.append({"scores": scores, "y": rng.integers(0, classes, count)})
    compare_all(submission, task, calls)


@pytest.mark.check("softmax_loss", title="a shift of all scores changes nothing", needs="basic")
def test_softmax_shift(submission: Submission, task: str, rng: Rng) -> None:
    scores, y = rng.standard_normal((4, 5)), rng.integers(0, 5, 4)
    first, second = (submission.call(task, scores + shift, y) for shift in (0.0, 7.0))
    if not values.agree(second, first):
        raise Finding(say("Adding the same number to all scores changes the loss or its gradient."))


@pytest.mark.check("lenet_shapes", title="other images", weight=2, needs="basic")
def test_other_images(submission: Submission, task: str, shapes: Rng) -> None:
    pictures = shapes.integers((1, 1, 1), (5, 10, 10), size=(8, 3))
    given = [(int(c), 4 * int(h), 4 * int(w)) for c, h, w in pictures]
    given += [(1, 6, 8), (1, 8, 6), (2, 9, 8)]
    compare_all(submission, task, [*({"input_shape": shape} for shape in given), {}])


def network(shapes: Rng, depth: int, width: int) -> dict[str, Any]:
    """Sizes of a random network with ``depth`` convolutions and ``width`` hidden layers."""
    sizes = [int(v) for v in shapes.integers(1, 3, size=2)]
    return {
        "input_shape": (int(shapes.integers(1, 4)), *(s * 2**depth for s in sizes)),
        "filters": [int(v) for v in shapes.integers(1, 5, size=depth)],
        "kernel": int(shapes.choice([1, 3, 5])),
        "hidden": [int(v) for v in shapes.integers(2, 6, size=width)],
        "classes": int(shapes.integers(2, 6)),
    }


@pytest.mark.check("layer_costs", title="other networks", weight=2, needs="basic")
def test_other_costs(submission: Submission, task: str, shapes: Rng) -> None:
    calls = (network(shapes, depth, depth - 1) for depth in (1, 2, 3))
    compare_all(submission, task, calls)


@pytest.mark.check(
    ("convnet_loss", "convnet_predict"), title="other networks", weight=3, needs="basic"
)
def test_other_networks(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    # Ten affine layers: in the order of the alphabet, fc10 would come before fc2.
    for depth, width in ((1, 0), (1, 2), (2, 1), (3, 1), (1, 9)):
        sizes = network(shapes, depth, width)
        params = reference.init_convnet(**sizes, seed=int(rng.integers(1 << 30)))
        params = {k: v + 0.1 * rng.standard_normal(v.shape) for k, v in params.items()}
        count = int(shapes.integers(1, 5))
        arguments = {"params": params, "x": rng.standard_normal((count, *sizes["input_shape"]))}
        if task == "convnet_loss":
            arguments["y"] = rng.integers(0, sizes["classes"], count)
        compare(submission, task, **arguments)


@pytest.mark.check("sgd_momentum_step", title="several steps", weight=3, needs="basic")
def test_steps(submission: Submission, task: str, rng: Rng) -> None:
    sizes = {"a": (3,), "b": (2, 3), "c": (1, 2, 2)}
    params = {k: rng.standard_normal(s) for k, s in sizes.items()}
    state: dict[str, Any] = {}
    for _ in range(4):
        grads = {k: rng.standard_normal(s) for k, s in sizes.items()}
        compare(submission, task, params=params, grads=grads, state=state, lr=0.3, momentum=0.8)
        params, state = reference.sgd_momentum_step(params, grads, state, 0.3, 0.8)


@pytest.mark.check("init_convnet", title="other networks", weight=2, needs="initial")
def test_other_initial(submission: Submission, task: str, shapes: Rng) -> None:
    for depth in (1, 2, 3):
        expect_initial(submission, depth, **network(shapes, depth, depth - 1))


@pytest.mark.check("init_convnet", title="the seed", weight=2, needs="initial")
def test_seed(submission: Submission, task: str, rng: Rng) -> None:
    seed = int(rng.integers(1 << 20))
    expect_seed_matters(submission, seed)
    expect_spread(submission, seed)
    zero = expect_initial(submission, 0, **NETWORK)
    left_out = submission.call("init_convnet", *NETWORK.values())
    if not values.agree(left_out, zero):
        raise Finding(say("Where seed is left out, it must be 0."))


@pytest.mark.check("train_convnet", title="from another start", weight=3, needs="training")
def test_other_start(submission: Submission, task: str, rng: Rng) -> None:
    expect_trained(submission, int(rng.integers(1 << 20)))


@pytest.mark.check(
    "train_convnet", title="the seed, and no step without a rate", weight=2, needs="training"
)
def test_repeatable(submission: Submission, task: str, rng: Rng) -> None:
    params = initial(3)
    seed = int(rng.integers(1 << 20))
    (one, _), (two, _) = (train(submission, params, seed, epochs=1) for _ in range(2))
    if any(not np.array_equal(one[name], two[name], equal_nan=True) for name in params):
        finding = Finding(
            say("The same seed gives another result when train_convnet is called again.")
        )
        raise PROTOCOL.named(finding, "train_convnet.seed_ignored")
    still, _ = train(submission, params, seed, lr=0.0, epochs=1)
    if any(not np.array_equal(still[name], params[name]) for name in params):
        raise Finding(say("With a learning rate of 0 the parameters should stay as they are."))


@pytest.mark.check("train_convnet", title="three steps with all images", needs="training")
def test_whole_steps(submission: Submission, task: str, rng: Rng) -> None:
    """In a batch of all images their order does not matter, so that the result is known: it is what
    the submission's own loss and step give, so that neither is punished again."""
    count, rate, params = 30, 0.01, initial(7)
    x, y, _, _ = images()
    x, y = x[:count], y[:count]
    seed = int(rng.integers(1 << 20))
    got = submission.call(task, params, x, y, Trusted(), rate, MOMENTUM, count, 3, seed)
    trained = got[0] if type(got) in (tuple, list) and len(got) == 2 else None
    if not values.agree(trained, _stepped(submission, params, x, y, rate, keeps=True)):
        finding = Finding(say("Three steps, each with all images, give other parameters."))
        plain = _stepped(submission, params, x, y, rate, keeps=False)
        lost = values.agree(trained, plain)
        raise PROTOCOL.named(finding, "train_convnet.state_lost" if lost else "")


def _stepped(
    submission: Submission, params: Any, x: Any, y: Any, rate: float, *, keeps: bool
) -> Any:
    """The parameters after three steps; with ``keeps`` the state goes from each to the next."""
    state: Any = {}
    for _ in range(3):
        loss = submission.call("convnet_loss", params, x, y, Trusted())
        grads = loss[1] if type(loss) in (tuple, list) and len(loss) == 2 else None
        step = submission.call(
            "sgd_momentum_step", params, grads, state if keeps else {}, rate, MOMENTUM
        )
        if type(step) not in (tuple, list) or len(step) != 2:
            raise Finding(say("sgd_momentum_step must return two values: params, state."))
        params, state = step
    return params


@pytest.mark.check("train_convnet", title="every image once an epoch", weight=2, needs="training")
def test_each_image(submission: Submission, task: str, rng: Rng) -> None:
    """Without a rate the parameters stay, and a batch of one has the loss of its image. So the
    losses of an epoch are those of all images, in an order that is another one the next time: by
    chance it is the same once in 11! times."""
    count, params = 11, initial(5)
    x, y, _, _ = images()
    x, y = x[:count], y[:count]
    alone = []
    for i in range(count):
        got = submission.call("convnet_loss", params, x[i : i + 1], y[i : i + 1], Trusted())
        alone += _floats(got[:1] if type(got) in (tuple, list) else None, 1, term("the loss"))
    seed = int(rng.integers(1 << 20))
    got = submission.call(task, params, x, y, Trusted(), 0.0, MOMENTUM, 1, 2, seed)
    losses = got[1] if type(got) in (tuple, list) and len(got) == 2 else None
    losses = _floats(losses, 2 * count, term("losses of two epochs in batches of one"))
    first, second = losses[:count], losses[count:]
    if not all(values.agree(sorted(epoch), sorted(alone)) for epoch in (first, second)):
        raise Finding(
            say(
                "With {count} images, batches of one and a learning rate of 0, the losses of an "
                "epoch must be those of the single images, each once.",
                count=count,
            )
        )
    if first == second:
        finding = Finding(
            say("The second epoch goes through the images in the order of the first.")
        )
        in_turn = values.agree(list(first), alone)
        raise PROTOCOL.named(finding, "train_convnet.never_shuffled" if in_turn else "")


def _floats(value: Any, count: int, what: str) -> list[float]:
    """``value`` as a list, if it is one of ``count`` floats; raises a :class:`Finding`."""
    if type(value) not in (list, tuple) or len(value) != count:
        raise Finding(say("There must be {count} numbers: {what}.", count=count, what=say(what)))
    if not all(isinstance(number, float | np.floating) for number in value):
        raise Finding(say("Numbers must be floats: {what}.", what=say(what)))
    return [float(number) for number in value]
