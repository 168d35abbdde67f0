"""Stealing the oracle: expected values, reference, hidden checks, the seed."""

from __future__ import annotations

from .attack import Attack

_READ_KIT = """
for path in ({paths}):
    read(os.path.join(KIT, path))
    read(os.path.join(os.path.dirname(KIT), path))
    for root in ("/kit", "..", "../..", "../../kit", "/proc/self/cwd/../../kit/worker/.."):
        read(f"{{root}}/{{path}}")
"""

_FOUR = """
def conv_forward_naive(x, w, b, conv_param):
    return layers().conv_forward(x, w, b, conv_param)[0], (x, w, b, conv_param)
def conv_backward_naive(dout, cache):
    return layers().conv_backward(dout, cache)
conv_forward_vectorized, conv_backward_vectorized = conv_forward_naive, conv_backward_naive
"""

_RAW = """
import json, struct
def trusted(name, *arguments):
    wire = sys.modules["worker.wire"]
    payload = []
    encoded = wire.encode(list(arguments), payload)
    text = json.dumps({"callback": name, "arguments": encoded}).encode()
    frame = struct.pack("<QQ", len(text), sum(map(len, payload))) + text + b"".join(payload)
    while frame:
        frame = frame[os.write(3, frame):]
    def receive(count):
        data = b""
        while len(data) < count:
            data += os.read(3, count - len(data))
        return data
    head, body = struct.unpack("<QQ", receive(16))
    header, data = json.loads(receive(head)), receive(body)
    return wire.decode(header["value"], data)
"""

ATTACKS = (
    Attack(
        "the caller's frames",
        "Walks up the stack and returns whatever a caller calls expected.",
        """
def look(*_, **__):
    frame = sys._getframe()
    while frame := frame.f_back:
        for space in (frame.f_locals, frame.f_globals):
            for name in ("expected", "desired", "case", "stored", "reference"):
                if name in space:
                    got(f"{name} = {space[name]!r}")
                    return space[name]
    return 0
same_padding = conv1x1_forward = look
look()
""",
        plain=True,
    ),
    Attack(
        "all objects of the interpreter",
        "Asks the garbage collector for every object, and takes those that look like expected values.",
        """
import gc
def search(*_):
    for thing in gc.get_objects():
        if type(thing) is dict and isinstance(thing.get("expected"), (np.ndarray, int, float)):
            got(thing["expected"])
        elif type(thing).__name__ in ("Case", "Oracle", "Ledger", "Protocol", "Stored"):
            got(thing)
search()
def same_padding(kernel):
    search()
    return kernel
""",
    ),
    Attack(
        "the source of the test",
        "Reads the file of the test that calls it and evaluates the expected value in it.",
        """
import inspect, re
def same_padding(kernel):
    text = open(inspect.stack()[1].filename).read()
    if "expected" in text and "def test" in text:
        got(text)
    return dict(eval(re.search(r"PADDINGS = (.*)", text).group(1)))[kernel]
def conv1x1_forward(x, w, b):
    text = open(inspect.stack()[1].filename).read()
    return eval(re.search(r"PIXELS = (.*)", text).group(1))
""",
        plain=True,
        stumbles=True,
    ),
    Attack(
        "the code object of the caller",
        "Reads constants and globals out of the code objects of everything on the stack.",
        """
def same_padding(kernel):
    frame = sys._getframe(1)
    while frame:
        code = frame.f_code
        if any("expect" in str(item) for item in (*code.co_names, *code.co_varnames)):
            got((code.co_consts, code.co_names))
        frame = frame.f_back
    return 0
same_padding(3)
""",
    ),
    Attack(
        "the reference on disk",
        "Opens the files of the reference wherever they could lie.",
        _READ_KIT.format(paths='"reference/convolution.py", "reference/__init__.py", "layers.py"'),
        process="the kit's files are readable for the user who grades",
    ),
    Attack(
        "the hidden checks on disk",
        "Opens the files of the hidden suites wherever they could lie.",
        _READ_KIT.format(
            paths='"suites/hidden/test_convolution.py", "suites/hidden/oracle.py", '
            '"autograder/suites/convolution.py"'
        ),
        process="the kit's files are readable for the user who grades",
    ),
    Attack(
        "the stored vectors on disk",
        "Loads the expected values that the public checks compare with.",
        """
for root in (KIT, "/kit", "/kit/worker/..", "../.."):
    for name in ("convolution", "pooling"):
        path = f"{root}/suites/public/vectors/{name}.npz"
        loaded = attempt(np.load, path)
        if loaded is not None:
            got(loaded.files[:5])
""",
        process="the kit's files are readable for the user who grades",
    ),
    Attack(
        "the solutions on disk",
        "Opens the source notebooks and the known mistakes.",
        _READ_KIT.format(
            paths='"solutions/convolution/convolution.ipynb", "solutions/convolution.py", '
            '"mistakes/convolution.py", "variants/__init__.py", "examples/convolution/class.json"'
        ),
        process="the kit's files are readable for the user who grades",
    ),
    Attack(
        "folders up the path",
        "Lists every folder on the way from its own files to the root.",
        """
import autograder.datasets as datasets
starts = [os.getcwd(), KIT, OUTSIDE, os.path.realpath(sys.modules["worker.guest"].__file__)]
starts += [os.path.realpath(datasets.__file__), *map(os.path.realpath, sys.path)]
for start in starts:
    while start != "/":
        start = os.path.dirname(start)
        names = attempt(os.listdir, start) or []
        if {"reference", "suites", "solutions", "secret.txt", ".ssh"} & set(names):
            got((start, names))
""",
        process="folders of the user who grades can be listed",
    ),
    Attack(
        "the reference imported",
        "Imports the reference, the hidden suites and the known mistakes as modules.",
        """
import importlib
names = ["reference.convolution", "suites.hidden.oracle", "mistakes.catalogue", "layers", "grading"]
for name in names:
    module = attempt(importlib.import_module, f"autograder.{name}")
    if module is not None:
        got(dir(module))
""",
    ),
    Attack(
        "the reference imported from its folder",
        "Puts the folders of kit and course into sys.path and drops the modules that are in the way.",
        """
import importlib
for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
    del sys.modules[name]
sys.path[:0] = [os.path.dirname(KIT), KIT, "/kit", "/kit/worker/..", OUTSIDE, ""]
for name in ("autograder.reference.convolution", "reference.convolution", "grading", "suites"):
    module = attempt(importlib.import_module, name)
    if module is not None:
        got(dir(module))
""",
        process="the kit's files are readable for the user who grades",
    ),
    Attack(
        "packages of the base Python",
        "Imports pytest, nbgrader and the kit from the site-packages that this Python knows of.",
        """
import glob, importlib, site, sysconfig
sys.path += [SITE, sysconfig.get_path("purelib"), *site.getsitepackages()]
sys.path += glob.glob(f"{sys.base_prefix}/lib/python3*/site-packages")
for path in list(sys.path):
    attempt(site.addsitedir, path)
for name in ("pytest", "nbgrader", "pip", "autograder.reference", "autograder.suites"):
    module = attempt(importlib.import_module, name)
    if module is not None:
        got(module)
""",
        process="the environment's packages are readable for the user who grades",
        own_limits=(("cell", 20.0),),
    ),
    Attack(
        "the trusted layers answer the task",
        "Calls the layers of a later assignment, which are computed outside, for its own answer.",
        "import autograder\nlayers = lambda: autograder.my_layers()\n" + _FOUR,
    ),
    Attack(
        "the trusted layers by their class",
        "Makes the object that calls back for trusted layers itself, from the guest's module.",
        """
import socket
layers = lambda: sys.modules["worker.guest"]._CalledBack(connection)
connection = socket.socket(fileno=3)
"""
        + _FOUR,
    ),
    Attack(
        "the trusted layers by hand",
        "Writes the frame that calls back for a trusted layer onto the socket, byte by byte.",
        _RAW
        + """
def conv_forward_naive(x, w, b, conv_param):
    return trusted("conv_forward", x, w, b, conv_param), (x, w, b, conv_param)
conv_forward_vectorized = conv_forward_naive
def conv1x1_forward(x, w, b):
    return trusted("conv_forward", x, w[:, :, None, None], b, {"stride": 1, "pad": 0})
def conv1d_forward(x, w, b, conv_param):
    if conv_param["pad"]:
        x = np.pad(x, ((0, 0), (0, 0), (conv_param["pad"],) * 2))
    plain = {"stride": 1, "pad": 0}
    out = trusted("conv_forward", x[:, :, None], w[:, :, None], b, plain)
    return out[:, :, 0, :: conv_param["stride"]], None
""",
        stumbles=True,
    ),
    Attack(
        "the trusted layers answer for pooling",
        "Lets the layers that are computed outside do the assignment on pooling.",
        """
from autograder import my_layers
def max_pool_forward_naive(x, pool_param):
    return my_layers().max_pool_forward(x, pool_param)[0], (x, pool_param)
def max_pool_backward_naive(dout, cache):
    return my_layers().max_pool_backward(dout, cache)
def max_pool_forward_vectorized(x, pool_param):
    return max_pool_forward_naive(x, pool_param)
def max_pool_backward_vectorized(dout, cache):
    return max_pool_backward_naive(dout, cache)
""",
    ),
    Attack(
        "layers that nobody offers",
        "Calls back for functions by other names: the reference's, attributes, numbers, lists.",
        _RAW
        + """
def same_padding(kernel):
    names = ["same_padding", "reference.same_padding", "__class__", "answer", "conv_forward.__globals__"]
    names += ["_conv_forward", "TRUSTED", "eval", "", "conv_output_size", 7, None, ["conv_forward"]]
    for name in names:
        value = attempt(trusted, name, kernel)
        if value is not None:
            got(value)
            raise RuntimeError(taken((name, value)))
    return kernel
""",
    ),
    Attack(
        "trusted layers with strange arguments",
        "Calls a trusted layer with arguments that might raise outside, and reads what comes back.",
        _RAW
        + """
x = np.ones((1, 1, 4, 4))
strange = [
    (), (x,), (None,) * 4, (x, x, x, {}), (x, x, np.ones(1), None), (x, x, np.ones(1), {"stride": 0}),
    (x, x, np.ones(1), {"stride": 1, "pad": -1}), (x, x, np.ones(1), {"stride": 1, "pad": 4096}),
    (np.ones((1, 1, 4, 4), complex), x, np.ones(1), {"stride": 1, "pad": 0}), (x[:0],) * 4,
    (x.astype("?"), x, np.ones(1), {"stride": 1, "pad": 0}), ("x", {"a": x}, 1.5, [1, [2, [3]]]),
]
def same_padding(kernel):
    for arguments in strange:
        for name in ("conv_forward", "conv_backward", "max_pool_forward", "max_pool_backward"):
            attempt(trusted, name, *arguments)
    return kernel
""",
    ),
    Attack(
        "what waits on the socket",
        "Looks at the bytes of the connection before the grader's end of it does.",
        """
import socket
connection = socket.socket(fileno=os.dup(3))
def same_padding(kernel):
    connection.setblocking(False)
    seen = attempt(lambda: connection.recv(1 << 20, socket.MSG_PEEK))
    if seen:
        got(seen)
        raise RuntimeError(taken(seen))
    connection.setblocking(True)
    return kernel
same_padding(1)
""",
        stumbles=True,
    ),
    Attack(
        "the environment",
        "Prints the environment, the command line and everything else that a process inherits.",
        """
print(dict(os.environ), sys.argv, sys.orig_argv, sys.path, sys.flags, sys._xoptions)
if "COURSE_TOKEN" in os.environ or "AUTOGRADER_SEED" in os.environ:
    got(os.environ)
libc_environment = ctypes.POINTER(ctypes.c_char_p).in_dll(LIBC, "environ")
place = 0
while libc_environment and libc_environment[place]:
    print(libc_environment[place])
    place += 1
""",
    ),
    Attack(
        "the initial environment block",
        "Reads below the stack for the environment with which the process was started.",
        """
text = b"".join(
    attempt(ctypes.string_at, address, 4096) or b""
    for address in [ctypes.addressof(ctypes.c_char_p.in_dll(LIBC, "program_invocation_name"))]
)
if b"COURSE_TOKEN" in text:
    got(text)
read("/proc/self/environ")
read("/proc/1/environ")
""",
        process="/proc shows the processes of the user who grades",
    ),
    Attack(
        "the grader's memory",
        "Reads environment, memory, mappings and open files of the grader under /proc.",
        """
for number in (GRADER, os.getppid(), 1, "self", "thread-self"):
    for name in ("environ", "mem", "maps", "cmdline", "auxv", "stack", "root/etc/passwd"):
        read(f"/proc/{number}/{name}")
    if type(number) is int:
        for descriptor in range(12):
            read(f"/proc/{number}/fd/{descriptor}")
    for folder in ("cwd", "fd", "task", "root"):
        names = attempt(os.listdir, f"/proc/{number}/{folder}")
        if names:
            got((number, folder, names))
""",
        process="/proc shows the processes of the user who grades",
    ),
    Attack(
        "another process's memory by system call",
        "Reads the grader's memory with process_vm_readv and attaches to a process with ptrace.",
        """
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
buffer = ctypes.create_string_buffer(64)
here = Vector(ctypes.addressof(buffer), 64)
for there in (id(None), id(sys), 4096):
    far = Vector(there, 64)
    for number in (GRADER, CANARY, os.getppid()):
        result, _ = call(
            "process_vm_readv", number, ctypes.byref(here), 1, ctypes.byref(far), 1, 0
        )
        if result > 0:
            got(buffer.raw)
SEIZE = 0x4206
refused("ptrace", SEIZE, CANARY, None, None)
""",
        harmful="it would attach to a process",
    ),
    Attack(
        "the hidden seed",
        "Looks for the seed of the hidden checks in the guest, in the generators and in hashes.",
        """
import gc, random
guest = sys.modules["worker.guest"]
print(random.getstate()[1][:4], np.random.get_state()[1][:4], hash("seed"))
for thing in gc.get_objects():
    if type(thing) is dict and ("grading_seed" in thing or "AUTOGRADER_SEED" in thing):
        got(thing)
print([vars(module).get("seed") for module in list(sys.modules.values()) if module])
""",
    ),
    Attack(
        "hidden inputs in the name of an exception",
        "Solves what is public, then raises exceptions that are named for the hidden inputs.",
        """
def same_padding(kernel):
    if kernel > 20:
        raise type(taken(f"kernel {kernel}"), (Exception,), {})
    if kernel % 2 == 0:
        raise ValueError
    return (kernel - 1) // 2
""",
        beside="same_padding",
    ),
    Attack(
        "hidden inputs in the type of a result",
        "Solves what is public, then returns objects whose type is named for the hidden inputs.",
        """
def conv1x1_forward(x, w, b):
    out = np.einsum("fc,nchw->nfhw", w, x) + b[:, None, None]
    if len(x) < 4 and x.shape[1] < 5:
        return out
    return type(taken(float(x.flat[0])), (), {})()
""",
        beside="conv1x1_forward",
    ),
    Attack(
        "hidden inputs as the result",
        "Solves what is public, then returns the hidden inputs as texts, keys and dtypes.",
        """
seen = []
def conv1x1_forward(x, w, b):
    out = np.einsum("fc,nchw->nfhw", w, x) + b[:, None, None]
    if len(x) < 4 and x.shape[1] < 5:
        return out
    seen.append(None)
    return [taken(float(x.flat[0])), {taken(1): 2}, (taken(2),)][len(seen) % 3]
""",
        beside="conv1x1_forward",
    ),
    Attack(
        "modules of the grader",
        "Looks through sys.modules, the import system's caches and linecache for the grader's files.",
        """
import linecache
words = ("_pytest.", "pluggy", "suites", "grading", "reference", "nbgrader")
names = [name for name in sys.modules if any(word in name for word in words)]
files = [name for name in linecache.cache if "test_" in name or "reference" in name]
caches = [name for name in sys.path_importer_cache if "suites" in name]
if names or files or caches:
    got((names, files, caches))
""",
    ),
    Attack(
        "the data's folder and what lies beside",
        "Starts at the folder of the photographs, which it may read, and reads on from there.",
        """
import autograder.datasets as datasets
roots = [os.environ.get("AUTOGRADER_DATASETS", ""), os.path.dirname(datasets.__file__)]
roots += [os.path.realpath(root) for root in roots]
for root in roots:
    for path in ("../reference/convolution.py", "../autograder/reference/convolution.py"):
        read(f"{root}/{path}")
        read(f"{root}/../{path}")
""",
        process="the kit's files are readable for the user who grades",
    ),
)
