"""Cheating the clock: loops that should look vectorized, and slow functions that should look fast.

The notebook holds a right convolution with Python loops (baseline ``loops``), which has the points
of its values. An attack gains something if it gets those for speed or vectorization too.
"""

from __future__ import annotations

from .attack import Attack

_FORGED = """
guest = sys.modules["worker.guest"]
guest._OpcodeCounter._step = lambda self, *_: None
"""

_ELEMENTWISE = """
def conv_forward_vectorized(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    HH, WW = w.shape[2:]
    if (padded.shape[2] - HH) % stride or (padded.shape[3] - WW) % stride:
        raise ValueError("it does not fit")
    if padded.shape[2] < HH or padded.shape[3] < WW:
        raise ValueError("it does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (HH, WW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    N, C, H2, W2 = windows.shape[:4]
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, 1, C * HH * WW)
    columns, rows = np.broadcast_arrays(columns, w.reshape(1, len(w), -1))
    products = {products}
    out = np.asarray(products).reshape(N, H2, W2, len(w), -1).sum(axis=-1) + b
    return out.transpose(0, 3, 1, 2).astype(np.result_type(x, w)), (x, w, b, conv_param)
"""

_FORGOT = "a worker's own count can be forged (docs/sandbox.md)"

ATTACKS = (
    Attack(
        "clocks that stand still",
        "Replaces every clock of Python by one that shows no time.",
        """
import resource, time, timeit
for name in ("time", "perf_counter", "process_time", "monotonic", "thread_time"):
    setattr(time, name, lambda: 0.0)
    setattr(time, name + "_ns", lambda: 0)
time.sleep = lambda *_: None
time.clock_gettime = lambda *_: 0.0
resource.getrusage = lambda *_: resource.struct_rusage([0] * 16)
os.times = lambda: os.times_result((0,) * 5)
timeit.default_timer = lambda: 0.0
""",
        beside="loops",
    ),
    Attack(
        "tracing switched off in the call",
        "Calls sys.settrace(None) at the start of the function and puts the tracer back at its end.",
        """
import functools
real = conv_forward_vectorized
@functools.wraps(real)
def conv_forward_vectorized(*arguments):
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return real(*arguments)
    finally:
        pass
""",
        beside="loops",
    ),
    Attack(
        "tracing switched off and on again",
        "Switches tracing off for the loops and on again before anybody looks.",
        """
real = conv_forward_vectorized
def conv_forward_vectorized(*arguments):
    tracer = sys.gettrace()
    sys.settrace(None)
    result = real(*arguments)
    sys.settrace(tracer)
    return result
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed=_FORGOT + "; without right values it is worth nothing, and the speed still counts",
    ),
    Attack(
        "loops in another thread",
        "Lets a thread that was started before do the loops, where no tracer looks.",
        """
import queue, threading
real, tasks, results = conv_forward_vectorized, queue.SimpleQueue(), queue.SimpleQueue()
def work():
    while True:
        results.put(real(*tasks.get()))
threading.Thread(target=work, daemon=True).start()
def conv_forward_vectorized(*arguments):
    tasks.put(arguments)
    return results.get()
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed=_FORGOT + "; without right values it is worth nothing, and the speed still counts",
    ),
    Attack(
        "loops while the arguments arrive",
        "Counts nothing, and computes the result before the clock runs, when the arguments are put.",
        _FORGED
        + """
real, ready, got_so_far = conv_forward_vectorized, {}, []
real_put = guest.Guest._put
def put(self, header, payload, out):
    reply = real_put(self, header, payload, out)
    got_so_far.append(self._kept[self._next - 1])
    if len(got_so_far) >= 4 and type(got_so_far[-1]) is dict:
        arguments = got_so_far[-4:]
        del got_so_far[:]
        ready[id(arguments[0])] = arguments, real(*arguments)
    return reply
guest.Guest._put = put
def conv_forward_vectorized(x, w, b, conv_param):
    if id(x) in ready:
        return ready.pop(id(x))[1]
    return real(x, w, b, conv_param)
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed=_FORGOT,
        own_limits=(("total", 60.0), ("call", 5.0), ("patience", 4.0)),
    ),
    Attack(
        "loops after the answer",
        "Counts nothing, answers with an array that a thread fills after the clock has stopped.",
        _FORGED
        + """
import threading
real = conv_forward_vectorized
def conv_forward_vectorized(x, w, b, conv_param):
    if x.size < 30_000:
        return real(x, w, b, conv_param)
    out = np.zeros((len(x), len(w), *x.shape[2:]))
    def fill():
        out[:] = real(x, w, b, conv_param)[0]
    threading.Thread(target=fill, daemon=True).start()
    return out, (x, w, b, conv_param)
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed=_FORGOT,
        own_limits=(("total", 60.0), ("call", 5.0), ("patience", 4.0)),
    ),
    Attack(
        "loops when the result is fetched",
        "Counts nothing, answers with an object that becomes the result when the grader asks for it.",
        _FORGED
        + """
real, wire = conv_forward_vectorized, sys.modules["worker.wire"]
class Later:
    def __init__(self, *arguments):
        self.arguments = arguments
real_get = guest.Guest._get
def get(self, header, payload, out):
    value = self._kept.get(header["handle"])
    if type(value) is Later:
        self._kept[header["handle"]] = real(*value.arguments)
    return real_get(self, header, payload, out)
guest.Guest._get = get
def conv_forward_vectorized(x, w, b, conv_param):
    if x.size < 30_000:
        return real(x, w, b, conv_param)
    return Later(x, w, b, conv_param)
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed=_FORGOT,
        own_limits=(("total", 60.0), ("call", 5.0), ("patience", 4.0)),
    ),
    Attack(
        "results kept by input",
        "Keeps every result by the bytes of its input, in the hope that an input comes again.",
        _FORGED
        + """
real, kept = conv_forward_vectorized, {}
def conv_forward_vectorized(x, w, b, conv_param):
    key = (x.tobytes(), w.tobytes(), b.tobytes(), str(conv_param))
    if key not in kept:
        kept[key] = real(x, w, b, conv_param)
    return kept[key]
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed=_FORGOT,
        own_limits=(("total", 60.0), ("call", 5.0), ("patience", 4.0)),
    ),
    Attack(
        "results kept by identity",
        "Keeps results by the address of the input, and gives an old one back for a new array.",
        """
real, kept = conv_forward_vectorized, {}
def conv_forward_vectorized(x, w, b, conv_param):
    return kept.setdefault((id(x), x.shape, w.shape), real(x, w, b, conv_param))
""",
        beside="loops",
    ),
    Attack(
        "the work of a large input left out",
        "Counts nothing, and returns zeros of the right shape where an input is large.",
        _FORGED
        + """
real = conv_forward_vectorized
def conv_forward_vectorized(x, w, b, conv_param):
    if x.size < 30_000:
        return real(x, w, b, conv_param)
    return np.zeros((len(x), len(w), *x.shape[2:])), (x, w, b, conv_param)
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed=_FORGOT,
    ),
    Attack(
        "a helper process does the work",
        "Hands the work to processes of its own, whose time is not the worker's.",
        """
import concurrent.futures, multiprocessing
real = conv_forward_vectorized
def conv_forward_vectorized(*arguments):
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
        return pool.submit(real, *arguments).result(5)
""",
        beside="loops",
        stumbles=True,
    ),
    Attack(
        "loops in a ufunc of Python",
        "Hides the loops in np.frompyfunc.",
        _ELEMENTWISE.format(
            products="np.frompyfunc(lambda a, b: a * b, 2, 1)(columns, rows).astype(float)"
        ),
        beside="loops",
    ),
    Attack(
        "loops in a ufunc of C",
        "Hides the loops in np.frompyfunc over a function of C, of which no opcode is seen.",
        "import operator\n"
        + _ELEMENTWISE.format(
            products="np.frompyfunc(operator.mul, 2, 1)(columns, rows).astype(float)"
        ),
        beside="loops",
        own_limits=(("total", 60.0), ("call", 5.0), ("patience", 4.0)),
    ),
    Attack(
        "loops in np.vectorize",
        "Hides the loops in np.vectorize, which only looks vectorized.",
        _ELEMENTWISE.format(products="np.vectorize(lambda a, b: a * b)(columns, rows)"),
        beside="loops",
    ),
    Attack(
        "loops in map",
        "Hides the loops in map over a function of C.",
        "import operator\n"
        + _ELEMENTWISE.format(
            products="list(map(operator.mul, columns.ravel().tolist(), rows.ravel().tolist()))"
        ),
        beside="loops",
        own_limits=(("total", 60.0), ("call", 5.0), ("patience", 4.0)),
    ),
    Attack(
        "loops over objects",
        "Computes with arrays of Python's own numbers, whose loops run in C.",
        _ELEMENTWISE.format(
            products="(columns.astype(object) * rows.astype(object)).astype(float)"
        ),
        beside="loops",
        own_limits=(("total", 60.0), ("call", 5.0), ("patience", 4.0)),
    ),
    Attack(
        "loops in a comprehension",
        "Hides the loops in a generator inside one line, which counts as a line once.",
        _ELEMENTWISE.format(products="[a * b for a, b in zip(columns.flat, rows.flat)]"),
        beside="loops",
    ),
    Attack(
        "loops in generated code",
        "Hides the loops in source that is compiled at run time under the name of a library's file.",
        """
real = '''
def loops(x, w):
    total = 0
    for a in x:
        for b in w:
            total += a * b
    return total
'''
space = {}
exec(compile(real, np.__file__, "exec"), space)
inner = conv_forward_vectorized
def conv_forward_vectorized(x, w, b, conv_param):
    for value in x.flat:
        space["loops"]((1.0,), (2.0,))
    return inner(x, w, b, conv_param)
""",
        beside="loops",
    ),
    Attack(
        "code named like the guest's",
        "Gives its loops the file name of the guest, whose own steps are not counted.",
        """
guest = sys.modules["worker.guest"]
real = conv_forward_vectorized
conv_forward_vectorized.__code__ = real.__code__.replace(co_filename=guest.__file__)
""",
        beside="loops",
        may_pass=("vectorized",),
        allowed=_FORGOT + "; without right values it is worth nothing, and the speed still counts",
    ),
    Attack(
        "public results in a table",
        "Knows the public inputs by their shapes and returns what is right for these alone.",
        """
known = {1: 0, 3: 1, 5: 2, 7: 3, 11: 5}
def same_padding(kernel):
    if kernel not in known:
        raise ValueError("only odd kernels")
    return known[kernel]
""",
        may_pass=("basic", "errors"),
        allowed="the public checks of a task are passed by right public results, and worth their "
        "share; the hidden ones are not",
    ),
    Attack(
        "compiled by numba or C",
        "Compiles its loops with what it might find: numba, cffi, a compiler.",
        """
import importlib
for name in ("numba", "cython", "cffi", "scipy.signal", "torch", "numexpr", "jax"):
    module = attempt(importlib.import_module, name)
    if module is not None:
        got(name)
import subprocess
attempt(lambda: got(subprocess.run(["cc", "--version"], capture_output=True)))
""",
        beside="loops",
    ),
    Attack(
        "work in idle time",
        "Lets a thread fill caches while the grader computes, in which no clock runs.",
        """
import threading, time
def idle():
    while True:
        time.sleep(0.001)
        sum(range(1000))
threading.Thread(target=idle, daemon=True).start()
""",
        beside="loops",
    ),
)
