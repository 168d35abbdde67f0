"""Escaping: files, network, processes and the kernel's rarer doors.

Where success would do harm, the call is made so that it cannot: with the values that are set
already, with arguments that are refused after the permission, on a bystander made for it.
"""

from __future__ import annotations

from .attack import Attack

_HOST = "it would succeed for whoever may do it on this machine"

_SYSCALL = """
import platform
X86 = platform.machine() == "x86_64"
def syscall(name, x86, arm, *arguments):
    number = x86 if X86 else arm
    ctypes.set_errno(0)
    result = LIBC.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    error = ctypes.get_errno()
    if result != -1 or error not in (1, 13, 38):
        got(f"{name} was not refused (it returned {result}, error {error})")
    return result
"""

ATTACKS = (
    Attack(
        "the password file",
        "Reads the files of users, hosts and secrets that every Unix has.",
        """
for path in ("passwd", "shadow", "hosts", "hostname", "machine-id", "resolv.conf"):
    read("/etc/" + path)
    read("/etc/../etc/" + path)
    read("//etc//" + path)
""",
        process="files of the machine can be read",
    ),
    Attack(
        "a secret beside the gradebook",
        "Reads a file of the user who grades, whose path it knows.",
        """
read(SECRET)
read(os.path.relpath(SECRET))
for flags in (os.O_RDONLY, os.O_RDWR, os.O_PATH, os.O_RDONLY | os.O_DIRECTORY):
    opened = attempt(os.open, SECRET, flags)
    if opened is not None:
        text = attempt(os.read, opened, 100)
        if text:
            got(text)
attempt(lambda: got(os.listxattr(SECRET)))
""",
        process="files of the user who grades can be read",
    ),
    Attack(
        "the home folder",
        "Reads keys, histories and configurations in every home there may be.",
        """
import glob, pwd
homes = ["/root", os.path.expanduser("~root"), *glob.glob("/home/*"), os.path.dirname(OUTSIDE)]
homes += [entry.pw_dir for entry in attempt(pwd.getpwall) or ()]
for home in homes:
    for name in (".ssh/id_rsa", ".ssh/id_ed25519", ".bashrc", ".profile", ".gitconfig", ".netrc"):
        read(f"{home}/{name}")
    names = attempt(os.listdir, home)
    if names and home not in ("/", "/nonexistent") and not home.startswith("/tmp"):
        attempt(lambda: os.stat(home).st_uid in (0, os.getuid()) and ".bashrc" in names and got(names))
""",
        process="the home folder of the user who grades can be read",
    ),
    Attack(
        "the notebooks of others",
        "Lists and reads the folder in which submissions lie.",
        """
for root in (BESIDE, os.path.dirname(BESIDE)):
    for folder, _, names in os.walk(root):
        for name in names:
            read(os.path.join(folder, name))
""",
        process="files of the user who grades can be read",
    ),
    Attack(
        "the folders of other workers",
        "Looks into the scratch folders of the submissions that are graded at the same time.",
        """
import glob, itertools
here = os.getcwd()
for root in (os.path.dirname(here), "/tmp", "/var/tmp"):
    for depth in ("*", "*/*", "*/*/*"):
        # However full these folders are.
        for path in itertools.islice(glob.iglob(f"{root}/{depth}"), 500):
            if not path.startswith((here, "/tmp/matplotlib")) and os.path.isfile(path):
                read(path)
for number in range(1, 200):
    read(f"{os.path.dirname(here)}/{number}/neighbour.txt")
""",
        process="folders of the user who grades can be read",
        own_limits=(("cell", 20.0),),
    ),
    Attack(
        "files written outside",
        "Creates files wherever a program of the user who grades could.",
        """
for folder in (OUTSIDE, BESIDE, KIT, os.path.dirname(KIT), SITE, "/tmp", "/var/tmp", "/dev/shm", "/",
               os.path.dirname(os.getcwd()), os.path.dirname(np.__file__), "/dev/mqueue"):
    for flags in (os.O_CREAT | os.O_WRONLY, os.O_TMPFILE | os.O_RDWR):
        path = folder if flags & os.O_TMPFILE == os.O_TMPFILE else f"{folder}/intruder"
        attempt(lambda: (os.open(path, flags, 0o600), got(f"made a file in {folder}")))
    attempt(lambda: (os.mkdir(f"{folder}/intruder.d"), got(f"made a folder in {folder}")))
    attempt(lambda: (os.mkfifo(f"{folder}/intruder.f"), got(f"made a pipe in {folder}")))
    attempt(lambda: (os.symlink("/etc", f"{folder}/intruder.l"), got(f"made a link in {folder}")))
    attempt(lambda: (os.mknod(f"{folder}/intruder.n", 0o600), got(f"made a node in {folder}")))
""",
        harmful="it leaves files in many folders",
    ),
    Attack(
        "files changed outside",
        "Writes to, cuts off, renames and removes a file outside.",
        """
def change(name, act):
    attempt(lambda: (act(), got(f"could {name}")))
change("append", lambda: open(CANARY_FILE, "a").write("!"))
change("overwrite", lambda: open(CANARY_FILE, "r+b").write(b"!"))
change("truncate", lambda: os.truncate(CANARY_FILE, 0))
change("rename", lambda: os.rename(CANARY_FILE, CANARY_FILE + ".intruder"))
change("exchange", lambda: os.replace(CANARY_FILE, "mine"))
change("link", lambda: os.link(CANARY_FILE, "mine"))
change("remove", lambda: os.unlink(CANARY_FILE))
change("remove the folder", lambda: os.rmdir(OUTSIDE))
""",
        process="files of the user who grades can be changed",
    ),
    Attack(
        "rights, owners and dates changed outside",
        "Changes what is known of a file outside, without opening it: mode, owner, dates, attributes.",
        """
def known():
    files = os.stat(CANARY_FILE), os.stat(OUTSIDE)
    return [(entry.st_mode, entry.st_uid, entry.st_mtime) for entry in files]
def change(name, act):
    before = known()
    attempt(act)
    known() == before or got(f"could change the {name}")
change("mode", lambda: os.chmod(CANARY_FILE, 0o777))
change("mode, without following", lambda: os.chmod(CANARY_FILE, 0o755, follow_symlinks=False))
change("mode of the folder", lambda: os.chmod(OUTSIDE, 0o755))
change("owner", lambda: os.chown(CANARY_FILE, os.getuid(), os.getgid()))
change("dates", lambda: os.utime(CANARY_FILE, (1, 1)))
change("attributes", lambda: os.setxattr(CANARY_FILE, "user.intruder", b"1"))
opened = attempt(os.open, CANARY_FILE, os.O_PATH)
if opened is not None:
    change("mode by descriptor", lambda: os.chmod(f"/proc/self/fd/{opened}", 0o700))
    change("mode by descriptor", lambda: call("fchmodat", opened, b"", 0o700, 0x1000))
""",
    ),
    Attack(
        "links out of its own folder",
        "Makes symbolic and hard links in its own folder and reads and writes through them.",
        """
targets = [SECRET, "/etc/passwd", KIT, OUTSIDE, "/proc/self/environ", CANARY_FILE]
for number, target in enumerate(targets):
    attempt(os.symlink, target, f"soft{number}")
    attempt(os.link, target, f"hard{number}")
    read(f"soft{number}")
    read(f"hard{number}")
    read(f"soft{number}/report.py")
    attempt(lambda: (open(f"soft{number}", "a").write("!"), got(f"wrote to {target}")))
    attempt(lambda: (open(f"soft{number}/intruder", "w"), got(f"wrote into {target}")))
    attempt(os.remove, f"soft{number}/intruder")
os.symlink("..", "up")
os.makedirs("a/b", exist_ok=True)
attempt(os.rename, "a", "../intruder.d")
attempt(lambda: (os.rename(os.getcwd(), os.getcwd() + ".intruder"), got("renamed its folder")))
attempt(lambda: (os.rmdir(os.getcwd()), got("removed its folder")))
""",
        process="files of the user who grades can be read and changed",
    ),
    Attack(
        "links left for whoever cleans up",
        "Leaves links to folders outside where its own folders are removed afterwards.",
        """
for number, target in enumerate((OUTSIDE, os.path.dirname(CANARY_FILE), KIT, "/")):
    attempt(os.symlink, target, f"link{number}")
    attempt(os.makedirs, f"deep/{number}")
    attempt(os.symlink, target, f"deep/{number}/link")
""",
    ),
    Attack(
        "file handles",
        "Opens a file by its handle, past every rule about paths.",
        _SYSCALL
        + """
handle = ctypes.create_string_buffer(136)
ctypes.memmove(handle, (128).to_bytes(4, "little"), 4)
mount = ctypes.c_int()
path = ctypes.create_string_buffer(SECRET.encode())
syscall("name_to_handle_at", 303, 264, -100, ctypes.addressof(path), ctypes.addressof(handle),
        ctypes.addressof(mount), 0)
syscall("open_by_handle_at", 304, 265, -100, ctypes.addressof(handle), 0)
""",
        harmful=_HOST,
    ),
    Attack(
        "sockets of every family",
        "Opens sockets of all kinds, for the network, for other programs and for the kernel.",
        """
import socket
for family in (1, 2, 10, 16, 17, 31, 38, 40, 44):
    for kind in (1, 2, 3, 5):
        made = attempt(socket.socket, family, kind, 0)
        if made is not None:
            got(f"a socket of family {family} and kind {kind}")
        result, _ = call("socket", family, kind, 0)
        if result >= 0:
            got(f"a socket of family {family} and kind {kind}")
attempt(lambda: got(socket.socketpair()))
""",
    ),
    Attack(
        "the network by its own connection",
        "Turns the one socket that it has into another: connects, binds, listens, dissolves.",
        """
import socket
own = socket.socket(fileno=os.dup(3))
for address in ("\\0abstract", f"{OUTSIDE}/socket", "intruder.sock"):
    attempt(lambda: (own.connect(address), got(f"connected to {address!r}")))
    attempt(lambda: (own.bind(address), got(f"bound to {address!r}")))
    attempt(lambda: (own.sendto(b"!", address), got(f"sent to {address!r}")))
attempt(lambda: (own.listen(), got("listens")))
attempt(lambda: got(socket.create_connection(("127.0.0.1", 9), 0.1)))
attempt(lambda: got(socket.getaddrinfo("localhost", 80)[0][4]) and None)
""".replace('attempt(lambda: got(socket.getaddrinfo("localhost", 80)[0][4]) and None)\n', ""),
        stumbles=True,
    ),
    Attack(
        "programs started",
        "Starts programs in every way that Python knows.",
        """
import subprocess
programs = [PYTHON, "/bin/sh", "/bin/true", "/usr/bin/env"]
for program in programs:
    done = attempt(lambda: subprocess.run([program, "--version"], capture_output=True, timeout=5))
    if done is not None:
        got(done)
    attempt(lambda: got(os.posix_spawn(program, [program, "--version"], {})))
    attempt(lambda: got(os.spawnv(os.P_NOWAIT, program, [program, "--version"])))
    attempt(lambda: os.execv(program, [program, "--version"]))
if os.system("exit 7") == 7 << 8:
    got("a shell")
attempt(lambda: got(os.popen("echo started").read().strip() or 1 / 0))
""",
        harmful="it starts programs",
    ),
    Attack(
        "a process by every call",
        "Makes processes with fork, vfork, clone and clone3, and by the names of other systems.",
        _SYSCALL
        + """
def child(number):
    if number == 0:
        os._exit(0)
    if number is not None and number > 0:
        got(f"a process {number}")
child(attempt(os.fork))
child(call("fork")[0])
SIGCHLD = 17
child(syscall("clone", 56, 220, SIGCHLD, 0, 0, 0, 0))
child(syscall("clone in a new namespace", 56, 220, SIGCHLD | 0x10000000, 0, 0, 0, 0))
arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, SIGCHLD)
child(syscall("clone3", 435, 435, ctypes.addressof(arguments), 88))
import multiprocessing
attempt(lambda: multiprocessing.get_context("fork").Process(target=print).start() or got("a process"))
""",
        harmful="it makes processes",
    ),
    Attack(
        "system calls of a 32-bit program",
        "Makes a system call by the interrupt of 32-bit programs, whose calls have other numbers.",
        """
import mmap, platform
def same_padding(kernel):
    if platform.machine() != "x86_64":
        return kernel
    code = mmap.mmap(-1, 4096, prot=7)
    # push rbx; mov eax, 20 (getpid); int 0x80; pop rbx; ret
    code.write(bytes.fromhex("53b814000000cd805bc3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    number = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    raise RuntimeError(taken(number))
""",
        only="bubblewrap landlock",
    ),
    Attack(
        "system calls of the other numbering",
        "Makes calls with the numbers of the x32 interface, which a list of names may not know.",
        """
import platform
def same_padding(kernel):
    ctypes.set_errno(0)
    number = 0x40000000 + 39  # getpid
    if platform.machine() == "x86_64" and LIBC.syscall(ctypes.c_long(number)) > 0:
        raise RuntimeError(taken("getpid"))
    return kernel
""",
    ),
    Attack(
        "a program in memory",
        "Writes a program into a file without a name and starts it from there.",
        """
memory = attempt(os.memfd_create, "program")
if memory is not None:
    attempt(os.write, memory, b"#!/bin/sh\\nexit 0\\n")
    for path in (f"/proc/self/fd/{memory}", f"/dev/fd/{memory}"):
        attempt(lambda: os.execv(path, ["program"]))
        attempt(lambda: got(os.posix_spawn(path, ["program"], {})))
    refused("fexecve", memory, (ctypes.c_char_p * 2)(b"program"), (ctypes.c_char_p * 1)())
""",
        harmful="it starts a program",
    ),
    Attack(
        "mounts and roots",
        "Mounts, unmounts and changes the root; the arguments are wrong on purpose.",
        _SYSCALL
        + """
syscall("mount", 165, 40, 0, 0, 0, 0, 0)
syscall("umount2", 166, 39, 0, 0)
syscall("pivot_root", 155, 41, 0, 0)
syscall("chroot", 161, 51, 0)
syscall("fsopen", 430, 430, 0, 0)
syscall("open_tree", 428, 428, -1, 0, 0)
syscall("move_mount", 429, 429, -1, 0, -1, 0, 0)
syscall("mount_setattr", 442, 442, -1, 0, 0, 0, 0)
syscall("swapon", 167, 224, 0, 0)
syscall("swapoff", 168, 225, 0)
syscall("quotactl", 179, 60, 0, 0, 0, 0)
syscall("acct", 163, 89, 1)
""",
        harmful=_HOST,
    ),
    Attack(
        "namespaces",
        "Enters namespaces of others and makes its own, in which it would be root.",
        _SYSCALL
        + """
for flag in (0x10000000, 0x00020000, 0x40000000, 0x04000000, 0x08000000, 0x20000000, 0x02000000):
    syscall(f"unshare({flag:#x})", 272, 97, flag)
syscall("setns", 308, 268, 3, 0)
for name in ("user", "pid", "net", "mnt", "ipc"):
    for number in (1, GRADER):
        attempt(lambda: (os.open(f"/proc/{number}/ns/{name}", os.O_RDONLY), got(f"a namespace: {name}")))
""",
        harmful=_HOST,
    ),
    Attack(
        "other users",
        "Becomes another user and another group, and gives itself capabilities.",
        """
before = open("/proc/self/status").read() if os.path.exists("/proc/self/status") else ""
acts = [(os.setuid, 0), (os.setgid, 0), (os.seteuid, 0), (os.setresuid, 0, 0, 0), (os.setgroups, [0])]
for act, *arguments in acts:
    attempt(act, *arguments)
class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
header = Header(0x20080522, 0)
everything = (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
call("capset", ctypes.byref(header), ctypes.byref(everything))
call("prctl", 47, 2, 21, 0, 0)
read("/etc/shadow")
read(SECRET)
""",
        process="files of the user who grades can be read",
    ),
    Attack(
        "the machine's clock",
        "Sets the clock; by nothing, and by the value that it has.",
        """
class Time(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("parts", ctypes.c_long)]
refused("settimeofday", None, None)
class Adjust(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("rest", ctypes.c_long * 40)]
refused("clock_adjtime", 0, ctypes.byref(Adjust(0x0100)))
refused("adjtimex", ctypes.byref(Adjust(0x0100)))
refused("stime", None) if hasattr(LIBC, "stime") else None
""",
        harmful=_HOST,
    ),
    Attack(
        "the machine's names",
        "Sets host name and domain name, to what they are.",
        """
import socket
name = os.uname().nodename.encode()
refused("sethostname", name, len(name))
domain = ctypes.create_string_buffer(os.uname().nodename.encode())
refused("setdomainname", b"(none)", 6) if open else None
""",
        harmful=_HOST,
    ),
    Attack(
        "the kernel's log",
        "Reads and asks about the kernel's log.",
        """
buffer = ctypes.create_string_buffer(4096)
for action in (3, 9, 10):
    result, _ = call("klogctl", action, buffer, 4096)
    if result >= 0:
        got(f"action {action} of the kernel's log: {buffer.value[:300]!r}")
read("/dev/kmsg")
read("/proc/kmsg")
""",
        harmful=_HOST,
    ),
    Attack(
        "restart, modules and another kernel",
        "Asks the kernel to restart and to load code, with magic numbers and files that do not exist.",
        _SYSCALL
        + """
syscall("reboot", 169, 142, 1, 2, 3, 0)
syscall("init_module", 175, 105, 0, 0, 0)
syscall("finit_module", 313, 273, -1, 0, 0)
syscall("delete_module", 176, 106, 0, 0)
syscall("kexec_load", 246, 104, 0, 0, 0, 1 << 30)
""",
        harmful=_HOST,
    ),
    Attack(
        "ports of the hardware",
        "Asks for access to the processor's ports and never uses it.",
        """
import platform
if platform.machine() == "x86_64":
    refused("iopl", 3)
    refused("ioperm", 0x80, 1, 1)
""",
        harmful=_HOST,
    ),
    Attack(
        "rings, programs and counters in the kernel",
        "Opens io_uring, bpf, performance counters, page faults, watches and keys.",
        _SYSCALL
        + """
space = (ctypes.c_uint64 * 32)()
where = ctypes.addressof(space)
syscall("io_uring_setup", 425, 425, 1, where)
syscall("io_uring_enter", 426, 426, -1, 0, 0, 0, 0)
syscall("bpf", 321, 280, 0, where, 16)
syscall("perf_event_open", 298, 241, where, 0, -1, -1, 0)
syscall("userfaultfd", 323, 282, 1)
syscall("fanotify_init", 300, 262, 0, 0)
syscall("keyctl", 250, 219, 0, -3, 1)
text = ctypes.create_string_buffer(b"user")
syscall("add_key", 248, 217, ctypes.addressof(text), ctypes.addressof(text), 0, 0, -3)
syscall("request_key", 249, 218, ctypes.addressof(text), ctypes.addressof(text), 0, -3)
syscall("lookup_dcookie", 212, 18, 0, 0, 0)
syscall("kcmp", 312, 272, GRADER, CANARY, 0, 0, 0)
syscall("move_pages", 279, 239, CANARY, 0, 0, 0, 0, 0)
syscall("migrate_pages", 256, 238, CANARY, 0, 0, 0)
syscall("process_madvise", 440, 440, -1, 0, 0, 0, 0)
syscall("pidfd_open", 434, 434, CANARY, 0)
""",
        harmful=_HOST,
    ),
    Attack(
        "what happens to files outside",
        "Watches folders outside for what the grader opens, by inotify.",
        """
watch = call("inotify_init1", 0o4000)[0]
if watch >= 0:
    for folder in (OUTSIDE, BESIDE, os.path.dirname(BESIDE), KIT):
        if call("inotify_add_watch", watch, folder.encode(), 0x3FF)[0] >= 0:
            got(f"watches {folder}")
""",
    ),
    Attack(
        "shared memory and semaphores",
        "Makes segments, queues and semaphores that outlive the process.",
        """
KEY = 0x1A77AC
refused("shmget", KEY, 4096, 0o1600)
refused("semget", KEY, 1, 0o1600)
refused("msgget", KEY, 0o1600)
for name in (b"/intruder", b"/intruder2"):
    result, error = call("shm_open", name, os.O_CREAT | os.O_RDWR, 0o600)
    result >= 0 and got("shared memory")
    result, error = call("mq_open", name, os.O_CREAT | os.O_RDWR, 0o600, None)
    result >= 0 and got("a message queue")
from multiprocessing import shared_memory
attempt(lambda: got(shared_memory.SharedMemory("intruder", create=True, size=64)))
import multiprocessing
attempt(lambda: got(multiprocessing.get_context("fork").Semaphore()))
""",
        then="""
for name in (b"/intruder", b"/intruder2"):
    if call("mq_unlink", name)[0] == 0:
        got("a message queue was left behind")
    if call("shm_unlink", name)[0] == 0:
        got("shared memory was left behind")
""",
        harmful="it leaves objects of the kernel behind",
    ),
    Attack(
        "the terminal of the grader",
        "Types into the terminal and takes it over.",
        """
import fcntl, termios
for path in ("/dev/tty", "/dev/console", "/dev/pts/0", "/dev/tty0", "/dev/ptmx"):
    opened = attempt(os.open, path, os.O_RDWR | os.O_NOCTTY)
    if opened is not None:
        got(f"opened {path}")
        attempt(lambda: (fcntl.ioctl(opened, termios.TIOCSTI, b"\\n"), got("typed")))
for descriptor in range(4):
    attempt(lambda: (fcntl.ioctl(descriptor, termios.TIOCSTI, b"\\n"), got("typed")))
    attempt(lambda: (fcntl.ioctl(descriptor, termios.TIOCSCTTY, 1), got("took the terminal")))
""",
        harmful="it types into the terminal of whoever runs the tests",
    ),
    Attack(
        "devices",
        "Opens disks, memory and the machine's other devices.",
        """
for name in ("mem", "kmem", "port", "sda", "vda", "nvme0n1", "fuse", "kvm", "net/tun", "loop0",
             "input/event0", "snd/seq", "dri/card0", "vhost-net", "userfaultfd", "hugepages"):
    attempt(lambda: (os.open(f"/dev/{name}", os.O_RDONLY), got(f"opened /dev/{name}")))
for kind, major, minor in ((0o020600, 1, 1), (0o060600, 254, 0)):
    attempt(lambda: (os.mknod("device", kind, os.makedev(major, minor)), os.open("device", 0), got("made")))
""",
        harmful=_HOST,
    ),
    Attack(
        "what the system tells",
        "Reads what /proc, /sys and the control groups say, and writes to them.",
        """
for path in ("/proc/version", "/proc/cpuinfo", "/proc/self/status", "/proc/net/tcp", "/proc/mounts",
             "/proc/sys/kernel/hostname", "/proc/1/cmdline", "/sys/class/net", "/proc/kallsyms",
             "/sys/fs/cgroup/cgroup.procs", "/run/secrets", "/var/run/docker.sock"):
    read(path)
attempt(lambda: (open("/proc/self/oom_score_adj", "w").write("-1000"), got("oom_score_adj")))
attempt(lambda: (open("/proc/sys/kernel/core_pattern", "r+"), got("core_pattern")))
""",
        process="/proc and /sys can be read",
    ),
    Attack(
        "another sandbox within",
        "Sets up its own filters and rules, in the hope that they replace those that hold it.",
        """
call("prctl", 38, 0, 0, 0, 0)
call("prctl", 22, 0, None)
call("prctl", 24, 0)
ruleset = LIBC.syscall(ctypes.c_long(444), ctypes.c_long(0), ctypes.c_long(0), ctypes.c_long(1))
read(SECRET)
attempt(lambda: (open(f"{OUTSIDE}/intruder", "w"), got("wrote outside")))
attempt(lambda: (os.fork() or os._exit(0), got("forked")))
""",
        process="files of the user who grades can be read",
    ),
    Attack(
        "leftover descriptors",
        "Uses every descriptor that it finds open as a way out.",
        """
for descriptor in range(4096):
    kind = attempt(os.fstat, descriptor)
    if kind is None:
        continue
    if descriptor not in (0, 1, 2, 3):
        got(f"descriptor {descriptor}: {kind}")
    attempt(lambda: got(os.listdir(descriptor)))
    attempt(lambda: got(os.open("etc/passwd", os.O_RDONLY, dir_fd=descriptor)))
    attempt(lambda: got(os.open("../../../etc/passwd", os.O_RDONLY, dir_fd=descriptor)))
""",
    ),
    Attack(
        "signals over its own kind of door",
        "Asks the kernel to tell it about, wait for and control processes that are not its own.",
        """
attempt(lambda: got(os.waitid(os.P_PID, CANARY, os.WEXITED | os.WNOHANG | os.WNOWAIT)))
attempt(lambda: got(os.getsid(GRADER)))
attempt(lambda: got(os.getpgid(GRADER)))
attempt(lambda: (os.setpgid(CANARY, 0), got("moved a process")))
attempt(lambda: (os.sched_setscheduler(CANARY, os.SCHED_BATCH, os.sched_param(0)), got("slowed")))
attempt(lambda: (os.setpriority(os.PRIO_PROCESS, CANARY, 19), got("slowed a process")))
""",
        harmful="it slows other processes down",
    ),
)
