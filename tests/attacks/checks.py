"""Tampering with the checks: nothing solved, and everything that judges it bent."""

from __future__ import annotations

from .attack import Attack

ATTACKS = (
    Attack(
        "numpy's assertions do nothing",
        "Replaces every assertion of numpy.testing by a function that is content with anything.",
        """
for name in dir(np.testing):
    if name.startswith("assert"):
        setattr(np.testing, name, lambda *_, **__: None)
""",
        plain=True,
    ),
    Attack(
        "numpy's assertions hollowed out",
        "Leaves the assertions in place and takes the comparison out of the module behind them.",
        """
import numpy.testing._private.utils as utils
utils.assert_array_compare = utils.assert_equal = lambda *_, **__: None
np.testing.assert_equal = lambda *_, **__: None
""",
        plain=True,
    ),
    Attack(
        "another numpy.testing",
        "Puts a module of its own in the place of numpy.testing.",
        """
import types
class Content(types.ModuleType):
    def __getattr__(self, name):
        return lambda *_, **__: None
np.testing = sys.modules["numpy.testing"] = Content("numpy.testing")
""",
        plain=True,
    ),
    Attack(
        "numpy's comparisons say yes",
        "Makes allclose, isclose and array_equal agree with everything.",
        """
yes = lambda *_, **__: True
for module in (np, sys.modules["numpy._core.numeric"]):
    module.allclose = module.isclose = module.array_equal = module.array_equiv = yes
np.abs = np.max = np.absolute = np.subtract = lambda *_, **__: np.zeros(())
""",
    ),
    Attack(
        "builtins say yes",
        "Replaces all, any, abs, isinstance, type and len, which every comparison ends in.",
        """
import builtins
builtins.all = builtins.isinstance = builtins.issubclass = lambda *_: True
builtins.any = lambda *_: False
builtins.abs = builtins.len = lambda *_: 0
builtins.max = builtins.round = builtins.float = lambda *_, **__: 0.0
""",
        stumbles=True,
    ),
    Attack(
        "pytest calls no test",
        "Patches pytest's runner so that the call of each test does nothing and counts as passed.",
        """
def patch():
    import _pytest.runner as runner
    real = runner.CallInfo.from_call.__func__
    def calm(cls, func, when, reraise=None):
        return real(cls, (lambda: None) if when == "call" else func, when, reraise)
    runner.CallInfo.from_call = classmethod(calm)
    got("pytest's runner")
attempt(patch)
""",
        plain=True,
    ),
    Attack(
        "every test is skipped",
        "Raises pytest's own exception for a skipped test from inside the function.",
        """
def same_padding(kernel):
    import pytest
    pytest.skip("not needed")
conv1x1_forward = lambda *_: same_padding(0)
""",
        plain=True,
    ),
    Attack(
        "pytest is told to stop with success",
        "Ends the whole run with pytest.exit and the exit code 0.",
        """
def same_padding(kernel):
    import pytest
    pytest.exit("done", returncode=0)
conv1x1_forward = lambda *_: same_padding(0)
""",
        plain=True,
    ),
    Attack(
        "functions found by the garbage collector",
        "Walks over all objects and gives every function named like an assertion an empty body.",
        """
import gc, types
def hollow():
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__name__.startswith(("assert", "expect")):
            if not thing.__code__.co_freevars:
                thing.__code__ = (lambda *_, **__: None).__code__
                if (thing.__module__ or "").startswith(("autograder", "_pytest")):
                    got(f"{thing.__module__}.{thing.__name__}")
hollow()
def same_padding(kernel):
    hollow()
    return kernel
""",
        plain=True,
    ),
    Attack(
        "an object that is equal to everything",
        "Returns objects whose comparisons all come out in their favour.",
        """
class Yes:
    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = __add__ = lambda self, *_: self
    __hash__ = __index__ = __int__ = __len__ = lambda self: 0
    __float__ = lambda self: 0.0
    __bool__ = lambda self: True
    shape, ndim, dtype, size, T = (), 0, np.dtype(float), 0, None
    def __array_ufunc__(self, *_, **__):
        return np.True_
    def __array_function__(self, *_, **__):
        return np.True_
same_padding = lambda kernel: Yes()
conv1x1_forward = lambda *_: Yes()
conv_cost = conv_output_size = receptive_field = lambda *_, **__: Yes()
""",
    ),
    Attack(
        "an array that calls itself equal",
        "Returns a subclass of ndarray whose ufuncs and functions say that nothing differs.",
        """
class Agreeable(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **_):
        return np.bool_(ufunc.__name__ not in ("isnan", "isinf", "not_equal"))
    def __array_function__(self, function, types, args, kwargs):
        return np.True_
    __eq__ = lambda self, other: np.True_
    __ne__ = lambda self, other: np.False_
    def all(self, *_, **__):
        return True
    any = all
def conv1x1_forward(x, w, b):
    return np.zeros(()).view(Agreeable)
same_padding = lambda kernel: np.zeros(()).view(Agreeable)
""",
        plain=True,
    ),
    Attack(
        "an object that becomes any array",
        "Returns an object whose __array__ looks in its caller for the array to be.",
        """
class Chameleon:
    def __array__(self, *_, **__):
        frame = sys._getframe()
        while frame := frame.f_back:
            for name in ("expected", "desired", "y"):
                if isinstance(frame.f_locals.get(name), np.ndarray):
                    return frame.f_locals[name]
        return np.zeros(1)
    __float__ = __index__ = __int__ = lambda self: 0
conv1x1_forward = lambda *_: Chameleon()
""",
    ),
    Attack(
        "masked arrays hide every value",
        "Returns masked arrays, in which a comparison skips what is masked.",
        """
def conv1x1_forward(x, w, b):
    return np.ma.masked_all((len(x), len(w), *x.shape[2:]))
same_padding = lambda kernel: np.ma.masked
""",
    ),
    Attack(
        "not a number",
        "Returns NaN everywhere, of which no comparison says that it is wrong.",
        """
def conv1x1_forward(x, w, b):
    return np.full((len(x), len(w), *x.shape[2:]), np.nan)
same_padding = lambda kernel: float("nan")
conv_output_size = receptive_field = lambda *_, **__: np.float64("nan")
""",
    ),
    Attack(
        "infinite tolerance",
        "Returns infinities and huge numbers, from which a relative tolerance might be taken.",
        """
def conv1x1_forward(x, w, b):
    return np.full((len(x), len(w), *x.shape[2:]), np.inf)
def conv1d_forward(x, w, b, conv_param):
    return np.full((2, 3, 3), 1e308), None
same_padding = lambda kernel: float("inf")
""",
    ),
    Attack(
        "complex numbers",
        "Returns complex scalars and arrays where real ones are compared.",
        """
def conv1x1_forward(x, w, b):
    return np.full((len(x), len(w), *x.shape[2:]), 1j)
same_padding = lambda kernel: np.complex128(0)
conv_output_size = lambda *_, **__: 5 + 0j
def softmax_loss(*_):
    return np.complex128(1), np.zeros(1)
""",
    ),
    Attack(
        "arrays of objects",
        "Returns an array of dtype object whose elements are equal to everything.",
        """
class Yes:
    __eq__ = __le__ = lambda *_: True
    __sub__ = __rsub__ = __abs__ = lambda self, *_: self
    __float__ = lambda self: 0.0
def conv1x1_forward(x, w, b):
    return np.full((len(x), len(w), *x.shape[2:]), Yes())
same_padding = lambda kernel: np.array(Yes())
""",
    ),
    Attack(
        "structured and oddly typed arrays",
        "Returns record arrays, strings, dates and bytes in the right shape.",
        """
kinds = ["U8", "S8", "M8[s]", "m8[s]", "V8", [("a", float)], "f2", "?"]
def conv1x1_forward(x, w, b):
    return np.zeros((len(x), len(w), *x.shape[2:]), kinds.pop() if kinds else "U1")
conv3d_forward = conv1d_forward = lambda x, w, b, p: (conv1x1_forward(x, w, b), None)
same_padding = lambda kernel: np.array(["0"])
""",
    ),
    Attack(
        "subclasses of int and float",
        "Returns numbers whose own comparison says yes.",
        """
class Int(int):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = int.__hash__
class Float(float):
    __eq__ = __le__ = lambda self, other: True
    __hash__ = float.__hash__
same_padding = lambda kernel: Int(77)
conv_output_size = receptive_field = lambda *_, **__: Float(77)
def conv_cost(*_, **__):
    return Int(1), Int(2), Int(3)
""",
    ),
    Attack(
        "containers that lie about their content",
        "Returns tuples, lists and dictionaries whose length and items are made up on the spot.",
        """
class Tuple(tuple):
    __eq__ = lambda *_: True
    __len__ = lambda self: 3
    __getitem__ = lambda self, place: 0
    __iter__ = lambda self: iter((0, 0, 0))
class Dict(dict):
    __eq__ = lambda *_: True
    keys = items = values = __iter__ = lambda self: iter(())
    __getitem__ = get = lambda *_: 0
conv_cost = conv_backward_naive = lambda *_, **__: Tuple()
conv_forward_naive = lambda *_: Tuple((Dict(), Dict()))
""",
    ),
    Attack(
        "a class that claims to be another",
        "Returns objects whose __class__ is ndarray, int or tuple.",
        """
class Impostor:
    def __init__(self, kind):
        self.kind = kind
    @property
    def __class__(self):
        return self.kind
    __eq__ = lambda *_: True
    shape, dtype, ndim = (1, 3, 2, 2), np.dtype(float), 4
conv1x1_forward = lambda *_: Impostor(np.ndarray)
same_padding = lambda kernel: Impostor(int)
conv_cost = lambda *_, **__: Impostor(tuple)
""",
    ),
    Attack(
        "exceptions with borrowed names",
        "Raises exceptions of its own that are named like those that checks wait for.",
        """
class ValueError(Exception): pass
class Finding(Exception): pass
class AssertionError(BaseException): pass
turn = [0]
def same_padding(kernel):
    turn[0] += 1
    raise (ValueError, Finding, AssertionError)[turn[0] % 3]("all checks passed")
conv_output_size = conv_cost = lambda *_, **__: same_padding(0)
""",
    ),
    Attack(
        "every call raises ValueError",
        "Raises ValueError always, which is right for sizes that do not fit.",
        """
def refuse(*_, **__):
    raise ValueError("does not fit")
conv_output_size = same_padding = conv_cost = refuse
conv_forward_naive = conv_forward_vectorized = conv1d_forward = conv3d_forward = refuse
""",
    ),
    Attack(
        "a display hook that prints points",
        "Replaces sys.displayhook and ends its cells with numbers, which nbgrader takes for scores.",
        """
sys.displayhook = lambda value: sys.stdout.write("100")
import builtins
builtins._ = 100
print("91 of 91 points")
100
""",
    ),
    Attack(
        "cells rewritten before they run",
        "Registers transformers of source and syntax tree that drop the tests.",
        """
shell = get_ipython() if "get_ipython" in globals() else None
if shell:
    shell.input_transformers_cleanup.append(lambda lines: ["100"])
    shell.ast_transformers.append(None)
    shell.events.register("post_run_cell", lambda *_: None)
    shell.run_cell = lambda *_, **__: None
import ast, builtins
ast.parse = lambda *_, **__: ast.Module([], [])
builtins.compile = lambda *_, **__: (lambda: None).__code__
""",
        stumbles=True,
    ),
    Attack(
        "a tracing function that rewrites results",
        "Watches every return by sys.setprofile and settrace, and swaps what it sees on the way.",
        """
def watch(frame, event, argument):
    if event == "return" and "passed" in frame.f_locals:
        got(frame.f_locals)
    return watch
sys.settrace(watch)
sys.setprofile(watch)
import threading
threading.settrace(watch)
""",
    ),
    Attack(
        "small integers changed by ctypes",
        "Writes into the interpreter's own small integers, so that two numbers become the same.",
        """
for number in (3, 5, 7):
    ctypes.c_uint32.from_address(id(number) + 24).value = 1
""",
        stumbles=True,
    ),
    Attack(
        "the random numbers are known",
        "Patches numpy's generators so that whatever is drawn here is one, and expects no more.",
        """
class Known(np.random.Generator):
    pass
np.random.default_rng = lambda *_: np.random.RandomState(0)
np.random.seed(0)
np.random.seed = lambda *_: None
same_padding = lambda kernel: (kernel - 1) // 2 if kernel in (0, 1) else 0
""",
    ),
    Attack(
        "arguments turned into the result",
        "Writes into its arguments and returns views of them, in the hope that they are compared.",
        """
def conv1x1_forward(x, w, b):
    x *= 0; w *= 0; b *= 0
    return x
def conv_forward_naive(x, w, b, conv_param):
    conv_param.clear()
    x[:] = w[:] = 0
    return x, (x, w, b, conv_param)
def conv_backward_naive(dout, cache):
    dout[:] = 0
    return cache[0], cache[1], cache[2]
""",
        stumbles=True,
    ),
)
