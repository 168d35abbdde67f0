"""Killing and stopping: the worker, the zygote, the grader."""

from __future__ import annotations

from .attack import Attack


def _in_a_call(code: str) -> str:
    body = "\n".join(f"    {line}" for line in code.strip().splitlines())
    return f"def same_padding(kernel):\n{body}\n"


ATTACKS = (
    Attack(
        "exit in a cell",
        "Ends the process with the exit code 0 before any check has run.",
        "os._exit(0)",
        plain=True,
    ),
    Attack(
        "exit in a call",
        "Ends the process with the exit code 0 in the middle of a check.",
        _in_a_call("os._exit(0)") + "conv1x1_forward = lambda *_: os._exit(0)",
        plain=True,
    ),
    Attack(
        "exit codes of other endings",
        "Ends with the codes of a killed process, of a test run without tests, and of our own faults.",
        "codes = iter([137, 5, 3, 255])\n" + _in_a_call("os._exit(next(codes, 2))"),
    ),
    Attack(
        "exit when the interpreter ends",
        "Registers a function that sets the exit code to 0 after everything has failed.",
        "import atexit\natexit.register(os._exit, 0)",
        plain=True,
    ),
    Attack(
        "SystemExit in a cell and in a call",
        "Raises SystemExit, which many runners take for a regular end.",
        _in_a_call("raise SystemExit(0)") + "sys.exit(0)",
    ),
    Attack(
        "KeyboardInterrupt",
        "Raises what the user's Ctrl-C raises, which stops whole runs.",
        _in_a_call("raise KeyboardInterrupt") + "raise KeyboardInterrupt",
    ),
    Attack(
        "GeneratorExit and StopIteration",
        "Raises exceptions that generators swallow, the guest's own loop among them.",
        """
turn = [0]
def same_padding(kernel):
    turn[0] += 1
    raise (GeneratorExit, StopIteration, StopAsyncIteration)[turn[0] % 3]
conv1x1_forward = lambda *_: same_padding(0)
""",
    ),
    Attack(
        "exceptions below Exception",
        "Raises its own direct subclass of BaseException, named like those of the guest.",
        """
class _BudgetSpent(BaseException): pass
def same_padding(kernel):
    raise _BudgetSpent
raise _BudgetSpent
""",
    ),
    Attack(
        "an exception that cannot be described",
        "Raises exceptions whose text, name and traceback fail or kill when they are looked at.",
        """
class Text(Exception):
    def __str__(self):
        raise SystemExit(0)
class Wrong(Exception):
    __str__ = lambda self: 7
class Meta(type):
    @property
    def __name__(cls):
        raise KeyboardInterrupt
class Odd(Exception, metaclass=Meta):
    pass
turn = [0]
def same_padding(kernel):
    turn[0] += 1
    raise (Text, Wrong, Odd)[turn[0] % 3]()
conv1x1_forward = conv_output_size = conv_cost = lambda *_, **__: same_padding(0)
raise Text
""",
    ),
    Attack(
        "a result that kills whoever shows it",
        "Ends a cell with an object whose repr ends the process, and returns others of its kind.",
        """
class Deadly:
    def __repr__(self):
        os._exit(0)
    __str__ = __len__ = __iter__ = __array__ = __repr__
same_padding = lambda kernel: Deadly()
conv1x1_forward = lambda *_: [Deadly()]
Deadly()
""",
    ),
    Attack(
        "a finalizer that kills",
        "Leaves objects behind whose __del__ ends the process when they are forgotten.",
        """
class Deadly:
    def __del__(self):
        os._exit(0)
def same_padding(kernel):
    return Deadly() and kernel
def conv_forward_naive(x, w, b, conv_param):
    return x, Deadly()
""",
    ),
    Attack(
        "a timer that kills between calls",
        "Starts a thread that ends the process while the grader is busy elsewhere.",
        """
import threading
def same_padding(kernel):
    threading.Timer(0.02, os._exit, [0]).start()
    return kernel
""",
    ),
    Attack(
        "an alarm",
        "Sets timers of the kernel whose signals end or stop the process.",
        """
import signal
def same_padding(kernel):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    while True: pass
def conv1x1_forward(*_):
    signal.alarm(1)
    signal.pause()
""",
    ),
    Attack(
        "SIGKILL to itself",
        "Kills its own process, so that no reply comes.",
        _in_a_call("import signal\nos.kill(os.getpid(), signal.SIGKILL)")
        + "import signal\nos.kill(os.getpid(), signal.SIGKILL)",
    ),
    Attack(
        "SIGSTOP to itself",
        "Stops its own process, so that the grader waits.",
        """
import signal
def same_padding(kernel):
    attempt(os.kill, os.getpid(), signal.SIGSTOP)
    attempt(signal.raise_signal, signal.SIGSTOP)
    attempt(signal.pthread_kill, __import__("threading").get_ident(), signal.SIGSTOP)
    return kernel
""",
    ),
    Attack(
        "a signal to every process",
        "Asks whether it may signal everything that it can see; the harmless signal 0 tells.",
        """
for target in (-1, 0, 1, GRADER, -GRADER, CANARY, os.getppid(), -os.getppid()):
    attempt(lambda: (os.kill(target, 0), got(f"may signal {target}")))
    refused("kill", target, 0)
    refused("tgkill", abs(target), abs(target), 0)
""",
        harmful="it would find processes that it may signal, and the sandbox promises nothing",
    ),
    Attack(
        "a bystander stopped and killed",
        "Sends SIGSTOP and SIGKILL to a process of the same user that has nothing to do with it.",
        """
import signal
for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
    attempt(os.kill, CANARY, number)
    attempt(os.killpg, CANARY, number)
    attempt(lambda: signal.pidfd_send_signal(os.pidfd_open(CANARY), number))
    call("kill", CANARY, number)
    call("tgkill", CANARY, CANARY, number)
    call("sigqueue", CANARY, number, None)
""",
        harmful="it kills a process",
    ),
    Attack(
        "a bystander killed through a pipe",
        "Makes a bystander the owner of a pipe that signals its owner whenever it can be read.",
        """
import fcntl
receiver, sender = os.pipe()
fcntl.fcntl(receiver, fcntl.F_SETOWN, CANARY)
fcntl.fcntl(receiver, 10, 9)  # F_SETSIG: SIGKILL in place of SIGIO
fcntl.fcntl(receiver, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
os.write(sender, b"!")
""",
        harmful="it kills a process",
    ),
    Attack(
        "the zygote killed or stopped",
        "Signals its parent, which every later submission is forked from.",
        """
import signal
parent = os.getppid()
for number in (signal.SIGSTOP, signal.SIGKILL):
    attempt(os.kill, parent, number)
    call("kill", parent, number)
    call("tgkill", parent, parent, number)
for parent in range(1, 6):
    call("kill", parent, 0) == (0, 0) and got(f"may signal process {parent}")
""",
        harmful="it would kill whatever started it",
    ),
    Attack(
        "a segmentation fault",
        "Reads from address zero, in a cell and in every call.",
        _in_a_call("ctypes.string_at(0)") + "ctypes.string_at(0)",
    ),
    Attack(
        "abort",
        "Calls the C library's abort, which leaves a core file where it may.",
        _in_a_call("os.abort()") + "os.abort()",
    ),
    Attack(
        "a fatal error of the interpreter",
        "Makes Python itself give up, with its own report on stderr.",
        """
def same_padding(kernel):
    import faulthandler
    faulthandler._sigsegv()
def conv1x1_forward(*_):
    ctypes.pythonapi.Py_FatalError(b"done")
""",
    ),
    Attack(
        "bytes of the interpreter overwritten",
        "Writes over the type of integers and the state of the running thread.",
        """
def same_padding(kernel):
    ctypes.memset(id(int), 0x41, 400)
    return kernel + 1
""",
    ),
    Attack(
        "endless recursion",
        "Recurses until the stack ends, first by Python's limit and then without one.",
        """
def deeper(n):
    return deeper(n + 1) + 1
def same_padding(kernel):
    return deeper(0)
def conv1x1_forward(*_):
    sys.setrecursionlimit(10 ** 8)
    return deeper(0)
deeper(0)
""",
    ),
    Attack(
        "recursion in C",
        "Nests lists, iterators and attribute look-ups so deeply that C code runs out of stack.",
        """
def same_padding(kernel):
    sys.setrecursionlimit(10 ** 8)
    nested = []
    for _ in range(10 ** 5):
        nested = [nested]
    return repr(nested)
def conv1x1_forward(*_):
    chain = iter(())
    for _ in range(10 ** 5):
        chain = map(lambda x: x, chain)
    list(chain)
    del chain
""",
    ),
    Attack(
        "the connection closed",
        "Closes the descriptor of its only connection and goes on.",
        _in_a_call("os.close(3)\nreturn kernel"),
    ),
    Attack(
        "the connection replaced",
        "Puts other files in the place of the connection: a null device, a pipe, itself.",
        """
def same_padding(kernel):
    os.dup2(os.open(os.devnull, os.O_RDWR), 3)
def conv1x1_forward(*_):
    receiver, sender = os.pipe()
    os.dup2(receiver, 3)
    os.close(sender)
""",
    ),
    Attack(
        "every descriptor closed",
        "Closes all descriptors in the middle of a call.",
        _in_a_call("os.closerange(0, 4096)\nreturn kernel"),
    ),
    Attack(
        "requests swallowed",
        "Starts a thread that reads the grader's requests before the guest can.",
        """
import threading
def swallow():
    while True:
        os.read(3, 1)
def same_padding(kernel):
    threading.Thread(target=swallow, daemon=True).start()
    return kernel
""",
    ),
    Attack(
        "a thread that never ends",
        "Leaves threads behind that wait for ever, so that the interpreter cannot end.",
        """
import threading
for _ in range(3):
    threading.Thread(target=threading.Event().wait).start()
def same_padding(kernel):
    raise SystemExit
""",
    ),
    Attack(
        "a lock that is never given back",
        "Waits for a lock of its own, asleep, so that no CPU time passes.",
        _in_a_call("import threading\nthreading.Event().wait()")
        + "conv1x1_forward = lambda *_: __import__('time').sleep(10 ** 8)",
    ),
    Attack(
        "the interpreter taken apart",
        "Deletes what the guest needs: builtins, modules, streams, its own functions.",
        """
import builtins, gc
def same_padding(kernel):
    gc.disable()
    sys.stdout = sys.stderr = sys.__stdout__ = None
    for name in ("print", "isinstance", "len", "type", "callable"):
        delattr(builtins, name)
    sys.modules.clear()
    return kernel
def conv1x1_forward(*_):
    worker = sys.modules.pop("worker.guest")
    vars(worker).clear()
""",
        stumbles=True,
    ),
    Attack(
        "its own limits",
        "Changes the resource limits, the scheduling and the signal mask of its process.",
        """
import resource, signal
for name in ("RLIMIT_NOFILE", "RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE"):
    limit = getattr(resource, name)
    attempt(lambda: (resource.setrlimit(limit, (1, 1)), got(f"changed {name}")))
    attempt(lambda: (resource.prlimit(GRADER, limit, (1 << 40, 1 << 40)), got("the grader's limits")))
attempt(lambda: (os.sched_setaffinity(0, {0}), got("its processors")))
attempt(lambda: (os.setpriority(os.PRIO_PROCESS, 0, -5), got("its priority")))
attempt(lambda: (os.setpriority(os.PRIO_PROCESS, GRADER, 19), got("the grader's priority")))
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
for number in signal.Signals:
    attempt(signal.signal, number, signal.SIG_IGN)
def same_padding(kernel):
    while True: pass
""",
        harmful="it changes the priority and the limits of the grader",
    ),
    Attack(
        "death with its parent",
        "Asks the kernel for signals at the death of its parent and for a subreaper's work.",
        """
call("prctl", 1, 9)
call("prctl", 36, 1)
call("prctl", 4, 0)
call("prctl", 22, 1)  # strict seccomp: the next call but read and write is death
""",
    ),
)
