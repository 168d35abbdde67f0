"""Things to play with: moved by their controls, seen as a picture and read as words."""

from __future__ import annotations

import base64
import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder import datasets, play
from autograder.layers import TRUSTED
from autograder.play import cubes, digits, fields, kernels, padding
from autograder.play.controls import MISSING
from autograder.play.thing import CONTROLS, Thing
from autograder.reference import convnet, convolution, normalization, pooling


def batchnorm_forward(x: Any, gamma: Any, beta: Any, bn_param: dict[str, Any]) -> Any:
    out, mean, var = normalization.batchnorm_forward(x, gamma, beta, bn_param)
    bn_param.update(running_mean=mean, running_var=var)
    return out, None


def not_written(*_: Any) -> Any:
    raise NotImplementedError


def network() -> dict[str, Any]:
    return dict(convnet.init_convnet((1, 8, 8), [3], 3, [], 10))


def predict(params: Any, x: Any, layers: Any) -> Any:
    """A network with one convolution, by the layers that it is given."""
    pad = {"stride": 1, "pad": 1}
    maps, _ = layers.conv_forward(x, params["conv1_w"], params["conv1_b"], pad)
    pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
    small, _ = layers.max_pool_forward(np.maximum(maps, 0), pool)
    return (small.reshape(len(x), -1) @ params["fc1_w"] + params["fc1_b"]).argmax(axis=1)


def digit() -> Any:
    return play.draw_digit(predict, network(), TRUSTED, datasets.digits())


MAKERS: dict[str, Callable[[], Any]] = {
    "sliding_filter": play.sliding_filter,
    "activation_map": lambda: play.activation_map(convolution.conv_forward),
    "padding_and_stride": lambda: play.padding_and_stride(convolution.conv_output_size),
    "receptive_fields": lambda: play.receptive_fields(convolution.receptive_field),
    "pooling_and_shifts": lambda: play.pooling_and_shifts(
        pooling.max_pool_forward, pooling.avg_pool_forward
    ),
    "normalizations": play.normalizations,
    "train_and_test": lambda: play.train_and_test(batchnorm_forward),
    "draw_digit": digit,
}


@pytest.fixture(scope="module")
def things() -> dict[str, Any]:
    """One of each, new."""
    return {name: make() for name, make in MAKERS.items()}


def controls_of(thing: Thing) -> list[Any]:
    return [control for row in thing._rows for control in row]


class Seen:
    """What a thing showed; tells whether it shows something else now."""

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        self.before = thing.picture, thing.alt, thing.words

    def all_changed(self) -> bool:
        now = self.thing.picture, self.thing.alt, self.thing.words
        return all(a != b for a, b in zip(self.before, now, strict=True))


def test_every_thing_is_one_of_the_names() -> None:
    assert sorted(MAKERS) == sorted(play.__all__)


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_shown_is_a_picture_with_words(name: str, things: dict[str, Any]) -> None:
    thing = things[name]
    assert thing.picture.startswith(b"\x89PNG")
    assert len(thing.picture) < 70_000
    bundle = thing.picture_bundle()
    assert base64.b64decode(bundle["image/png"]) == thing.picture
    assert bundle["image/png"] in bundle["text/html"]
    assert re.search(r'<img alt="[^"]{60,}"', bundle["text/html"])
    assert bundle["text/plain"].startswith(thing.words)
    assert thing.alt in bundle["text/plain"]


@pytest.mark.parametrize("name", MAKERS)
def test_every_control_says_what_it_is(name: str, things: dict[str, Any]) -> None:
    said = [
        control.tooltip if control.description in ("", "■") else control.description
        for control in controls_of(things[name])
    ]
    assert all(said)
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("name", MAKERS)
def test_controls_come_with_a_sentence_for_where_they_cannot_be(
    name: str, things: dict[str, Any]
) -> None:
    bundle = things[name].controls_bundle()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert CONTROLS in bundle["text/html"]
    assert bundle["text/plain"] == CONTROLS


@pytest.mark.parametrize("name", MAKERS)
def test_without_ipywidgets_there_is_the_picture_and_a_line(
    name: str, things: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    thing = MAKERS[name]()
    assert thing.words == things[name].words
    assert thing.picture == things[name].picture
    assert thing.controls_bundle() == {"text/html": f"<p>{MISSING}</p>", "text/plain": MISSING}
    assert "pip install ipywidgets" in MISSING
    assert "\n" not in MISSING


# The sliding filter


def arithmetic(words: str) -> float:
    """What the written sum comes to, and whether it says so itself."""
    lines = [line for line in words.splitlines() if "·" in line]
    sums, _, result = "".join(lines).replace("−", "-").partition("=")
    products = re.findall(r"(-?[\d.]+)·\(?(-?[\d.]+)\)?", sums)
    total = sum(float(a) * float(b) for a, b in products)
    assert float(result) == pytest.approx(total)
    return total


def test_the_written_arithmetic_is_the_product_of_window_and_filter() -> None:
    thing: Any = play.sliding_filter()
    padded = thing.input
    for row, column in ((2, 3), (5, 5)):
        with thing.together():
            thing.row.value, thing.column.value = row, column
        window = padded[row : row + 3, column : column + 3]
        assert arithmetic(thing.words) == (window[:, 2] - window[:, 0]).sum()
        assert f"row {row}, column {column}" in thing.words
    before = Seen(thing)
    with thing.together():
        thing.padding.value, thing.stride.value = 1, 2
        thing.row.value, thing.column.value = 1, 2
    assert before.all_changed()
    window = np.pad(padded, 1)[2:5, 4:7]
    assert arithmetic(thing.words) == (window[:, 2] - window[:, 0]).sum()
    assert "first row is 2 and first column 4" in thing.alt
    assert "1 of zeros on each side" in thing.alt


def test_the_filter_visits_all_places_in_reading_order_and_writes_the_convolution() -> None:
    picture, kernel = np.arange(12.0).reshape(3, 4) ** 2 / 4, [[1, -2], [0.5, 3]]
    thing: Any = play.sliding_filter(picture, kernel)
    seen = []
    for _ in range(6):
        seen.append((thing.row.value, thing.column.value))
        thing.next.click()
    assert seen == list(itertools.product(range(2), range(3)))
    assert (thing.row.value, thing.column.value) == (0, 0)
    expected = convolution.conv_forward(
        picture[None, None], np.array(kernel)[None, None], np.zeros(1), {"stride": 1, "pad": 0}
    )[0, 0]
    written = np.array([thing._written[place] for place in seen]).reshape(2, 3)
    np.testing.assert_allclose(written, expected)


def test_places_follow_stride_and_padding_and_rests_are_named() -> None:
    thing: Any = play.sliding_filter()
    thing.row.value = 5
    thing.stride.value = 3  # 8 − 3 = 5 is no multiple of 3
    assert (thing.row.max, thing.column.max, thing.row.value) == (1, 1, 1)
    assert "2 of the 8 rows would never be looked at" in thing.words
    assert "ValueError" in thing.words
    assert len(thing._written) == 1


@pytest.mark.parametrize(
    ("picture", "kernel"),
    [(np.zeros((13, 4)), None), (np.zeros(5), None), (np.zeros((2, 5)), None), (None, [[1] * 6])],
)
def test_pictures_that_are_too_large_or_small_are_refused(picture: Any, kernel: Any) -> None:
    with pytest.raises(ValueError, match=r"the picture must|the kernel must|does not fit"):
        play.sliding_filter(picture, kernel)


# The activation map


def test_the_layer_that_is_given_draws_the_map_of_the_filter_in_the_fields() -> None:
    calls: list[Any] = []

    def my_layer(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
        calls.append((x.shape, w[0, 0].copy(), conv_param))
        return convolution.conv_forward(x, w, b, conv_param), None

    thing: Any = play.activation_map(my_layer, "chelsea")
    assert calls[-1][0] == (1, 1, 64, 96)
    assert calls[-1][2] == {"stride": 1, "pad": 1}
    before = Seen(thing)
    thing.preset.value = "sharpen"
    assert before.all_changed()
    assert len(calls) == 2  # nine fields have changed, and one picture was drawn
    np.testing.assert_array_equal(calls[-1][1].ravel(), kernels.PRESETS["sharpen"])
    assert "0, −1, 0; −1, 5, −1; 0, −1, 0" in thing.alt
    before = Seen(thing)
    thing.fields[4].value = 4
    assert before.all_changed()
    assert thing.preset.value == "your own"
    assert calls[-1][1][1, 1] == 4
    assert "add up to 0" in thing.words
    thing.fields[4].value = 5
    assert thing.preset.value == "sharpen"
    thing.photograph.value = "astronaut"
    assert calls[-1][0] == (1, 1, 80, 80)
    assert "photograph astronaut" in thing.alt


def test_the_words_on_a_map_are_what_is_in_it() -> None:
    thing: Any = play.activation_map(convolution.conv_forward, "coffee")
    thing.preset.value = "identity"
    grey = datasets.photograph("coffee").mean(axis=2).reshape(64, 2, 96, 2).mean(axis=(1, 3))
    low, high = (f"{value:.3g}" for value in (grey.min(), grey.max()))
    assert f"from {low} to {high}, and 0% of it is negative" in thing.words
    row, column = np.unravel_index(grey.argmax(), grey.shape)
    assert f"at row {row}, column {column}" in thing.words


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (not_written, "once you have written not_written"),
        (lambda *_: 1 / 0, "raised ZeroDivisionError: division by zero"),
        (lambda *_: None, "returned the shape ()"),
        (lambda *_: "<b>", "did not return an array"),
        (lambda *_: np.zeros((1, 1, 3, 3)), "returned the shape (1, 1, 3, 3)"),
        (lambda x, *_: x * np.nan, "not finite"),
    ],
)
def test_a_function_that_is_not_right_yet_is_waited_for(function: Any, said: str) -> None:
    thing = play.activation_map(function)
    assert said in thing.words
    assert not thing.picture
    bundle = thing.picture_bundle()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "<b>" not in bundle["text/html"]


def test_what_a_function_raises_is_escaped() -> None:
    def mine(*_: Any) -> Any:
        raise RuntimeError("<script>alert(1)</script>")

    assert "<script>" not in play.activation_map(mine).picture_bundle()["text/html"]


# Padding and stride


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "pad"),
    [(7, 3, 2, 1), (7, 3, 1, 0), (16, 5, 1, 2), (7, 4, 2, 0), (3, 7, 1, 0), (3, 7, 2, 3)],
)
def test_sizes_are_those_of_the_formula(size: int, kernel: int, stride: int, pad: int) -> None:
    thing: Any = padding.PaddingAndStride(convolution.conv_output_size)
    with thing.together():
        thing.size.value, thing.kernel.value = size, kernel
        thing.stride.value, thing.padding.value = stride, pad
    try:
        places = convolution.conv_output_size(size, kernel, stride, pad)
    except ValueError:
        assert thing.words.startswith("It does not fit")
        assert f"Your conv_output_size({size}, {kernel}, {stride}, {pad}) raises" in thing.words
        return
    room = size + 2 * pad - kernel
    assert thing.words.startswith(
        f"({size} + 2·{pad} − {kernel}) / {stride} + 1 = {room} / {stride} + 1 = {places} place"
    )
    assert thing.words.endswith(f" is {places}.")
    assert f"{places} bar" in thing.alt


def test_what_no_window_reaches_is_crossed_out() -> None:
    thing: Any = play.padding_and_stride(not_written)
    before = Seen(thing)
    thing.stride.value = 4  # (7 + 2 − 3) / 4
    assert before.all_changed()
    assert "= 6 / 4 is not a whole number. After 2 places 2 of the numbers" in thing.words
    assert "crossed out at the end: 2 cells" in thing.alt
    assert "Once you have written conv_output_size" in thing.words


# Receptive fields


def test_what_is_traced_is_what_the_recurrence_gives() -> None:
    pairs = list(itertools.product((1, 2, 3, 5), (1, 2, 3)))
    for depth in (1, 2, 3):
        for layers in itertools.islice(itertools.product(pairs, repeat=depth), 0, None, 7):
            field, jump = 1, 1
            for kernel, stride in layers:
                field += (kernel - 1) * jump
                jump *= stride
            first, second = (fields._seen(list(layers), number)[0] for number in (0, 1))
            assert max(first) - min(first) + 1 == field
            assert min(second) - min(first) == jump


def test_layers_are_added_changed_and_removed() -> None:
    thing: Any = play.receptive_fields(convolution.receptive_field)
    assert "sees 5 pixels" in thing.words
    assert thing.kernels[2].disabled
    before = Seen(thing)
    thing.add.click()
    assert before.all_changed()
    assert not thing.kernels[2].disabled
    assert "sees 7 pixels" in thing.words
    thing.strides[0].value = 2
    assert "sees 11 pixels along one axis; its neighbour sees as many, 2 further" in thing.words
    assert "Your receptive_field([(3, 2), (3, 1), (3, 1)]) is 11." in thing.words
    assert "to 3, 5, 11 boxes" in thing.alt
    for _ in range(5):
        thing.remove.click()
    assert thing.layers == [(3, 2)]
    assert thing.remove.disabled
    thing.kernels[0].value = 1
    thing.add.click()
    assert "Only 3 of them are really looked at" in thing.words  # of 5: every second one


@pytest.mark.parametrize("layers", [[], [(3, 1)] * 5, [(7, 1)], [(3, 0)], [(3,)]])
def test_stacks_that_cannot_be_drawn_are_refused(layers: Any) -> None:
    with pytest.raises(ValueError, match="one to 4 pairs"):
        play.receptive_fields(layers=layers)


# Pooling and shifts


def test_what_changes_when_a_pattern_moves() -> None:
    thing: Any = MAKERS["pooling_and_shifts"]()
    thing.pattern.value = "a dot"  # at column 2, the first one of its window
    assert thing.words.count("0 of 16 numbers change.") == 3  # row 3 falls through stepping's grid
    before = Seen(thing)
    thing.shift.value = 2
    assert before.all_changed()
    assert "maximum: 2 of 16 numbers change, by 8 at most." in thing.words
    assert "average: 2 of 16 numbers change, by 2 at most." in thing.words
    thing.window.value = 4
    assert "maximum: 2 of 4 numbers change" in thing.words
    thing.pattern.value = "bars"
    assert thing.words.count("0 of 4 numbers change.") == 3
    thing.shift.value = 3
    assert "stepping: 4 of 4 numbers change, by 8 at most." in thing.words
    assert thing.words.count("0 of 4 numbers change.") == 2
    thing.shift.value = 0
    assert "moved by 0 pixels" in thing.alt


# Normalizations


def test_the_marked_numbers_are_those_that_share_a_mean() -> None:
    thing: Any = cubes.Normalizations()
    batch = thing.batch.astype(float)
    for sample, channel in ((0, 5), (3, 0)):
        with thing.together():
            thing.sample.value, thing.channel.value = sample, channel
            groups = batch.reshape(4, 2, 3, 4).mean(axis=(2, 3))
            expected = {
                "batch norm": batch.mean(axis=(0, 2))[channel],
                "layer norm": batch.mean(axis=(1, 2))[sample],
                "instance norm": batch.mean(axis=2)[sample, channel],
                "group norm": groups[sample, channel // 3],
            }
            for kind, mean in expected.items():
                thing.kind.value = kind
                assert batch[thing.shared()].mean() == pytest.approx(mean)


def test_each_normalization_says_who_takes_part() -> None:
    thing: Any = play.normalizations()
    said = {
        "batch norm": "16 numbers share a mean, those of all 4 samples in channel 2",
        "layer norm": "24 numbers share a mean, those of sample 1 in all 6 channels",
        "instance norm": "4 numbers share a mean, those of sample 1 in channel 2",
        "group norm": "12 numbers share a mean, those of sample 1 in channels 0, 1 and 2",
    }
    for kind, words in said.items():
        if kind != thing.kind.value:
            thing.kind.value = kind
        assert words in thing.words
        assert thing.groups.disabled == (kind != "group norm")
        assert ("Other samples take part" in thing.words) == (kind == "batch norm")
    before = Seen(thing)
    thing.groups.value = 3
    assert before.all_changed()
    assert "channels 2 and 3" in thing.alt
    mean = thing.batch[1, 2:4].mean()
    assert f"Their mean is {mean:.3g}" in thing.words


# Train and test mode


def test_the_running_mean_is_the_weighted_sum_of_what_was_seen() -> None:
    seen: list[Any] = []

    def watched(x: Any, gamma: Any, beta: Any, bn_param: Any) -> Any:
        seen.append((bn_param["mode"], x.copy()))
        return batchnorm_forward(x, gamma, beta, bn_param)

    thing: Any = play.train_and_test(watched)
    seen.clear()
    thing.momentum.value = 0.5
    batches = [x for mode, x in seen if mode == "train"]
    assert [mode for mode, _ in seen] == ["train"] * 20 + ["test"]
    assert all(len(x) == 8 for x in batches)
    running = sum(0.5 ** (20 - k) * x[:, 28].mean() for k, x in enumerate(batches))
    true = datasets.digits().x_train.reshape(-1, 64)[:, 28].mean()
    assert f"running mean of one pixel is {running:.3g}, its true mean {true:.3g}" in thing.words
    assert f"ending at {running:.3g}" in thing.alt


def test_large_batches_and_patience_bring_the_modes_together() -> None:
    thing: Any = MAKERS["train_and_test"]()

    def apart() -> float:
        found = re.search(r"modes ([\d.]+) apart", thing.words)
        assert found is not None
        return float(found[1])

    with thing.together():
        thing.momentum.value, thing.size.value, thing.steps.value = 0.99, 2, 5
    far = apart()
    before = Seen(thing)
    with thing.together():
        thing.momentum.value, thing.size.value, thing.steps.value = 0.9, 64, 60
    assert before.all_changed()
    assert 4 * apart() < far


def test_a_layer_that_keeps_no_running_mean_is_waited_for() -> None:
    def forgetful(x: Any, gamma: Any, beta: Any, bn_param: Any) -> Any:
        return x, None

    thing = play.train_and_test(forgetful)
    assert "the running mean of forgetful" in thing.words
    assert not thing.picture


# A digit to draw


def test_a_drawing_goes_to_the_network_by_buttons_or_by_text() -> None:
    shown: list[Any] = []

    def watched(params: Any, x: Any, layers: Any) -> Any:
        shown.append(x[0, 0].copy())
        return predict(params, x, layers)

    thing: Any = play.draw_digit(watched, network(), TRUSTED, datasets.digits())
    data = datasets.digits()
    np.testing.assert_allclose(shown[-1], data.x_test[0, 0])
    assert f"a digit of the data set, a {data.y_test[0]}" in thing.words

    thing.clear.click()
    assert thing.text.value.splitlines() == ["." * 8] * 8
    assert not any(cell.value for line in thing.grid for cell in line)
    before = Seen(thing)
    thing.grid[2][3].value = True
    assert before.all_changed()
    assert thing.text.value.splitlines()[2] == "...#...."
    assert thing.grid[2][3].tooltip == "row 2, column 3: ink"
    assert thing.grid[2][3].description == "■"
    assert shown[-1].argmax() == 2 * 8 + 3
    assert "your drawing, 1 cell of ink" in thing.alt

    calls = len(shown)
    thing.text.value = "\n".join(["....#"] * 8)
    assert len(shown) == calls + 1
    assert [line[4].value for line in thing.grid] == [True] * 8
    assert not thing.grid[2][3].value
    assert "your drawing" in thing.words
    thing.digit.click()
    assert len(shown) == calls + 2
    np.testing.assert_allclose(shown[-1], data.x_test[1, 0])


def test_the_maps_are_those_of_the_network() -> None:
    thing: Any = digit()
    params, x = network(), datasets.digits().x_test[:1].astype(float)
    pad = {"stride": 1, "pad": 1}
    maps, _ = TRUSTED.conv_forward(x, params["conv1_w"], params["conv1_b"], pad)
    most = np.abs(maps[0]).mean(axis=(1, 2)).argmax()
    assert f"convolution 1: 3 maps of 8×8; map {most} answers most strongly" in thing.words
    assert "ReLU, pooling 1: 3 maps of 4×4" in thing.words
    assert f"reads a {predict(params, x, TRUSTED)[0]} in" in thing.words
    assert "convolution 1 8 by 8, ReLU, pooling 1 4 by 4" in thing.alt


def test_a_network_may_have_no_convolution_and_may_be_half_finished() -> None:
    data = datasets.digits()
    flat = play.draw_digit(lambda params, x, layers: np.array([7]), {}, TRUSTED, data)
    assert "reads a 7" in flat.words
    assert flat.picture
    waiting = play.draw_digit(not_written, {}, TRUSTED, data)
    assert "once you have written not_written" in waiting.words
    nothing = play.draw_digit(lambda *_: None, {}, TRUSTED, data)
    assert "returned no class" in nothing.words


def test_the_text_of_a_drawing_may_have_any_form() -> None:
    read = digits._read("#\n" + "." * 20 + "#\n" * 30, 4)
    assert read.shape == (4, 4)
    assert read[:, 0].tolist() == [True, False, True, True]


# Where it is shown


@pytest.fixture(scope="module")
def executed() -> Any:
    """A notebook after it has run: a thing is shown, and moved in a later cell."""
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook()
    sources = (
        "from autograder import play\nthing = play.sliding_filter()\nthing",
        "thing.row.value = 4",
    )
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    return notebook


def test_the_saved_picture_is_the_last_one(executed: Any) -> None:
    controls, picture = executed.cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in controls.data
    thing: Any = play.sliding_filter()
    thing.row.value = 4
    assert picture.data["text/plain"].startswith(thing.words)
    assert "first row is 4" in picture.data["text/html"]
    assert not executed.cells[1].outputs


@pytest.mark.parametrize("state", [True, False], ids=["with the widgets' state", "without"])
def test_an_exported_page_has_the_picture_and_its_words(executed: Any, state: bool) -> None:
    from nbconvert import HTMLExporter

    notebook = nbformat.from_dict(executed)
    if not state:  # as JupyterLab saves it
        notebook.metadata.pop("widgets", None)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert executed.cells[0].outputs[1].data["image/png"].strip() in page
    assert re.search(r'<img alt="A picture of 8 by 8 numbers[^"]*first row is 4', page)
    assert "The filter stands at row 4, column 0" in page
    if not state:
        assert CONTROLS in page


def test_a_worker_draws_nothing() -> None:
    """In a worker students may call whatever they called at home; a process of its own, because
    preparing a worker changes its process."""
    source = (
        "from autograder.worker.guest import prepare\n"
        "prepare(0, None)\n"
        "from autograder import play\n"
        "from autograder.play import sliding_filter\n"
        "assert play.activation_map(len, 'coffee') is None\n"
        "assert sliding_filter() is None\n"
        "assert not hasattr(play, '__file__')\n"  # inspect reads it of every module
    )
    subprocess.run([sys.executable, "-c", source], check=True, timeout=120)
