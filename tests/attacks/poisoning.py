"""Poisoning the next submission: what one leaves behind, and another finds."""

from __future__ import annotations

from .attack import Attack

_FOUND = 'if {what}:\n    got("left by the submission before")\n'

ATTACKS = (
    Attack(
        "files in its folder",
        "Leaves files, links and folders in its own folder for whoever works there next.",
        """
open("left.py", "w").write("left = 1")
os.makedirs("numpy")
open("numpy/__init__.py", "w").write("left = 1")
open(os.environ["HOME"] + "/.left", "w").close()
open(os.environ["TMPDIR"] + "/left", "w").close()
""",
        then=_FOUND.format(what='os.listdir(".") or os.path.exists(os.environ["HOME"] + "/.left")'),
    ),
    Attack(
        "files in shared folders",
        "Leaves files in every folder for temporary things that both could see.",
        """
import tempfile
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/tmp/matplotlib", tempfile.gettempdir(), ".."):
    attempt(lambda: open(f"{folder}/intruder-left", "w").write("left"))
""",
        then="""
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/tmp/matplotlib", ".."):
    read(f"{folder}/intruder-left")
""",
        harmful="it leaves files in the machine's folders for temporary things",
    ),
    Attack(
        "modules changed in memory",
        "Changes numpy, builtins and the guest in memory, for every function that is called later.",
        """
import builtins
np.left = builtins.left = sys.left = True
sys.modules["worker.guest"].left = sys.modules["worker.wire"].left = True
np.float64.left = None if False else getattr(np, "left")
""".replace('np.float64.left = None if False else getattr(np, "left")\n', "")
        + "np.einsum = np.pad = np.zeros = lambda *_, **__: None\n",
        then=_FOUND.format(
            what='hasattr(np, "left") or hasattr(sys, "left") or np.zeros(1) is None '
            'or hasattr(sys.modules["worker.guest"], "left")'
        ),
    ),
    Attack(
        "numpy's files changed",
        "Writes into the files of numpy, of Python's library and of their caches.",
        """
import importlib.util, json
files = [np.__file__, json.__file__, sys.modules["worker.guest"].__file__]
files += [importlib.util.cache_from_source(file) for file in files]
for file in files:
    attempt(lambda: (open(file, "r+b"), got(f"may write {file}")))
    attempt(lambda: (open(file + ".intruder", "wb"), got(f"may write beside {file}")))
    dates = os.stat(file).st_mtime_ns
    attempt(os.utime, file)
    os.stat(file).st_mtime_ns == dates or got(f"may touch {file}")
""",
        harmful="it leaves files beside those of numpy",
    ),
    Attack(
        "code run at every start",
        "Leaves sitecustomize, usercustomize and .pth files where an interpreter looks at its start.",
        """
import glob, site, sysconfig
folders = [SITE, KIT, os.path.dirname(KIT), *sys.path, *site.getsitepackages(), site.getusersitepackages()]
folders += [sysconfig.get_path("stdlib"), os.path.dirname(PYTHON), os.path.expanduser("~")]
for folder in folders:
    for name in ("sitecustomize.py", "usercustomize.py", "intruder.pth", "conftest.py"):
        path = f"{folder}/{name}"
        if not os.path.exists(path):
            attempt(lambda: (open(path, "x"), folder.startswith(os.getcwd()) or got(f"left {path}")))
""",
        harmful="it leaves code that every later Python would run",
    ),
    Attack(
        "the environment",
        "Changes environment variables, the working folder and the file mode mask.",
        """
os.environ["PYTHONPATH"] = os.environ["LD_PRELOAD"] = os.environ["LEFT"] = "/tmp/left"
os.environ["AUTOGRADER_SEED"] = "1"
call("setenv", b"LEFT", b"1", 1)
os.umask(0o777)
attempt(os.chdir, "/")
""",
        then=_FOUND.format(what='"LEFT" in os.environ or os.getcwd() == "/"'),
    ),
    Attack(
        "processes left behind",
        "Leaves processes behind that go on working when the submission has ended.",
        """
for _ in range(3):
    child = attempt(os.fork)
    if child == 0:
        attempt(os.setsid)
        import time
        time.sleep(3)
        os._exit(0)
    if child:
        got(f"a process {child}")
attempt(lambda: got(os.posix_spawn(PYTHON, [PYTHON, "-c", "import time; time.sleep(3)"], {})))
""",
        harmful="it leaves processes behind",
    ),
    Attack(
        "threads left behind",
        "Leaves threads behind that write into the socket of whoever has the number next.",
        """
import threading, time
def disturb():
    while True:
        time.sleep(0.01)
        try:
            os.write(4, b"left")
        except OSError:
            pass
for _ in range(5):
    threading.Thread(target=disturb, daemon=True).start()
""",
    ),
    Attack(
        "results written into the next one's answer",
        "Sends replies after its own last one, which might be taken for those of the next worker.",
        """
import json, struct, threading, time
text = json.dumps({"nonce": "", "status": "ok", "value": 0}).encode()
def late():
    time.sleep(0.05)
    while True:
        os.write(3, struct.pack("<QQ", len(text), 0) + text)
def same_padding(kernel):
    threading.Thread(target=late, daemon=True).start()
    return kernel
""",
    ),
    Attack(
        "memory shared by the fork",
        "Writes over memory that all workers have from the zygote, in arrays and in code.",
        """
import gc, matplotlib
matplotlib.rcParams["figure.dpi"] = 1
for thing in gc.get_objects():
    if type(thing) is np.ndarray and thing.flags.writeable and thing.size:
        thing.fill(0)
np.core = None
ctypes.memset(id(np.pi), 0, 24) if False else None
""",
        then=_FOUND.format(
            what='sys.modules["matplotlib"].rcParams["figure.dpi"] == 1 or not hasattr(np, "pi")'
        ),
    ),
    Attack(
        "memory of the submission before",
        "Searches fresh memory and all objects for what another submission has left in them.",
        """
secret = "".join(chr(ord(c)) for c in "left-" + "behind-" * 20)
kept = [secret.encode() * 1000 for _ in range(100)]
np.frombuffer(kept[0], np.uint8).copy()
del kept
""",
        then="""
import gc
for _ in range(20):
    block = np.empty(1 << 20, np.uint8)
    if b"left-behind-" in block.tobytes():
        got("memory of the submission before")
for thing in gc.get_objects():
    if type(thing) is dict and "left-behind-" in str(thing.get("secret", "")):
        got("an object of the submission before")
""",
    ),
    Attack(
        "caches of matplotlib",
        "Writes fonts, styles and settings where the next interpreter's matplotlib looks for them.",
        """
import matplotlib
for folder in (matplotlib.get_configdir(), matplotlib.get_cachedir(), matplotlib.get_data_path()):
    for name in ("matplotlibrc", "fontlist-v999.json", "stylelib/intruder.mplstyle", "intruder"):
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            attempt(lambda: (open(path, "x").write("left"), got(f"left {path}")))
""",
        harmful="it leaves files in matplotlib's folders",
    ),
    Attack(
        "locks on what all read",
        "Takes locks on files that everybody reads and leaves them locked.",
        """
import fcntl
kept = []
for file in (np.__file__, os.__file__, sys.modules["worker.guest"].__file__):
    opened = attempt(open, file)
    if opened:
        attempt(fcntl.flock, opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        kept.append(opened)
""",
    ),
    Attack(
        "a module in the place of the kit's",
        "Leaves a package named like the kit in its folder and in the path, with functions of its own.",
        """
os.makedirs("autograder")
open("autograder/__init__.py", "w").write("check = lambda *_: 100\\nleft = 1\\n")
sys.path.insert(0, os.getcwd())
sys.modules["autograder"].left = 1
""",
        then=_FOUND.format(what='hasattr(sys.modules["autograder"], "left")'),
    ),
    Attack(
        "mapped files",
        "Maps the files of libraries into memory, writable, and writes into them.",
        """
import glob, mmap
libraries = glob.glob(os.path.dirname(np.__file__) + "/_core/*.so")[:2]
for library in [*libraries, np.__file__]:
    for access in (os.O_RDWR, os.O_RDONLY):
        opened = attempt(os.open, library, access)
        if opened is not None:
            attempt(lambda: (mmap.mmap(opened, 4096, mmap.MAP_SHARED), got(f"mapped {library}")))
""",
        harmful="it could write into the files of numpy",
    ),
)
