"""Which system calls a worker may make, and what the others mean.

An allow-list: what Python, NumPy and matplotlib use on files, memory, threads, clocks and the one
pipe they are given. Everything else answers "no such call" (``ENOSYS``), so that the C library
takes its older way where it has one, and so that calls of a future kernel are closed from the
start. Calls that say what a program is up to (a socket, a new process, a signal to someone) are
answered by the grader instead, which refuses them and keeps a note: see :func:`act`.

The filter is made by libseccomp for x86_64, aarch64 and whatever else it knows; numbers and
argument layouts are its business. This module runs on the grader's side only.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from typing import Any

__all__ = ["ALLOWED", "TOLD", "act", "acts", "program"]

_FILES = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat openat2 close
close_range creat lseek stat fstat lstat newfstatat statx access faccessat faccessat2 dup dup2 dup3
fcntl flock fsync fdatasync ftruncate truncate fallocate fadvise64 readahead getdents getdents64
getcwd chdir fchdir mkdir mkdirat rmdir rename renameat renameat2 unlink unlinkat link linkat
symlink symlinkat readlink readlinkat umask statfs fstatfs sendfile copy_file_range pipe pipe2
eventfd eventfd2
"""
_MEMORY = "brk mmap mprotect munmap mremap madvise mincore msync get_mempolicy"
_THREADS = """
futex futex_waitv futex_wait futex_wake futex_requeue set_robust_list get_robust_list
set_tid_address gettid getpid getppid sched_yield sched_getaffinity sched_getparam
sched_getscheduler sched_get_priority_max sched_get_priority_min arch_prctl rseq membarrier getcpu
exit exit_group
"""
_SIGNALS = """
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
pause restart_syscall alarm setitimer getitimer
"""
_CLOCKS = """
clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage poll ppoll
select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
"""
_FACTS = """
uname sysinfo getuid geteuid getgid getegid getgroups getresuid getresgid getpgrp getrlimit
getpriority capget getrandom
"""
_PIPE = "recvfrom sendto sendmsg getsockopt getsockname getpeername shutdown"

ALLOWED: frozenset[str] = frozenset(
    " ".join([_FILES, _MEMORY, _THREADS, _SIGNALS, _CLOCKS, _FACTS, _PIPE]).split()
)
"""Allowed whatever the arguments. Some with some arguments are added in :func:`program`."""

_MODES = "chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat"
PRETENDED = frozenset(_MODES.split())
"""Calls that say they did what they did not. Landlock keeps nobody from changing the mode and the
dates of any file of the grader's user; and copying a file, which asks for both, shall not fail."""

_ATTRIBUTES = "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr"
LACKING = frozenset(_ATTRIBUTES.split())
"""Calls that answer ``EOPNOTSUPP``, as on a file system without extended attributes: copying a file
asks for them, and of the grader's files they would tell something."""

_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020000
# linux/prctl.h: names of threads and of memory, and what only asks.
_PRCTL = (3, 15, 16, 21, 23, 39, 0x53564D41)
# asm-generic/ioctls.h: is it a terminal and how wide, inherited or not, blocking or not, how much.
_IOCTL = (0x5401, 0x5413, 0x5421, 0x5450, 0x5451, 0x541B)

_FAMILIES = {1: "a local socket", 2: "a network connection", 10: "a network connection"}
_OTHER_FAMILY = "a socket of the kernel's"
_OTHER = "make a system call that no notebook needs"

TOLD: dict[str, str] = {
    "socket": "open {family}",
    "socketpair": "open {family}",
    "connect": "connect to something",
    "bind": "wait for connections",
    "fork": "start a process",
    "vfork": "start a process",
    "clone": "start a process",
    "execve": "run a program",
    "execveat": "run a program",
    "kill": "send a signal to another process",
    "tkill": "send a signal to another process",
    "tgkill": "send a signal to another process",
    "rt_sigqueueinfo": "send a signal to another process",
    "rt_tgsigqueueinfo": "send a signal to another process",
    "pidfd_open": "get hold of another process",
    "pidfd_getfd": "get hold of another process",
    "pidfd_send_signal": "send a signal to another process",
    "ptrace": "look into another process",
    "process_vm_readv": "look into another process",
    "process_vm_writev": "look into another process",
    "kcmp": "look into another process",
    "mount": "change the file systems",
    "umount2": "change the file systems",
    "pivot_root": "change the file systems",
    "chroot": "change the file systems",
    "fsopen": "change the file systems",
    "open_tree": "change the file systems",
    "move_mount": "change the file systems",
    "mknod": "make a device file",
    "mknodat": "make a device file",
    "unshare": "make a namespace of its own",
    "setns": "enter another namespace",
    "setuid": "become another user",
    "setgid": "become another user",
    "setreuid": "become another user",
    "setregid": "become another user",
    "setresuid": "become another user",
    "setresgid": "become another user",
    "setgroups": "become another user",
    "capset": "change its capabilities",
    "chown": "give files to another user",
    "fchown": "give files to another user",
    "lchown": "give files to another user",
    "fchownat": "give files to another user",
    "setrlimit": "change its limits",
    "setpriority": "change its priority",
    "sched_setaffinity": "change its priority",
    "sched_setscheduler": "change its priority",
    "shmget": "use memory shared with other processes",
    "shmat": "use memory shared with other processes",
    "semget": "use memory shared with other processes",
    "msgget": "use memory shared with other processes",
    "mq_open": "use memory shared with other processes",
    "memfd_create": "keep data outside of its limits",
    "keyctl": "use the kernel's keys",
    "add_key": "use the kernel's keys",
    "request_key": "use the kernel's keys",
    "bpf": "load a program into the kernel",
    "init_module": "load a program into the kernel",
    "finit_module": "load a program into the kernel",
    "perf_event_open": "watch the machine",
    "syslog": "read the kernel's log",
    "io_uring_setup": "make system calls behind the filter's back",
    "userfaultfd": "make system calls behind the filter's back",
    "clock_settime": "change the machine's clock",
    "settimeofday": "change the machine's clock",
    "adjtimex": "change the machine's clock",
    "clock_adjtime": "change the machine's clock",
    "sethostname": "change the machine's name",
    "setdomainname": "change the machine's name",
    "reboot": "stop the machine",
    "kexec_load": "stop the machine",
    "name_to_handle_at": "open files behind the sandbox's back",
    "open_by_handle_at": "open files behind the sandbox's back",
}
"""Calls worth a note, and what the worker tried by them (``tried to …``)."""


@functools.cache
def program(told: bool, machine: str | None = None) -> bytes:
    """The filter in the kernel's own form; empty where libseccomp is missing.

    With ``told``, the calls in :data:`TOLD` wait for an answer of the process that holds the
    filter's listener; otherwise they fail with ``EPERM``. ``machine`` is ``x86_64`` or ``aarch64``
    in place of the one at hand.
    """
    try:
        import pyseccomp as library
    except (ImportError, OSError, RuntimeError):
        return b""
    rules = library.SyscallFilter(library.ERRNO(38))
    wanted = {"x86_64": library.Arch.X86_64, "aarch64": library.Arch.AARCH64}.get(machine or "")
    if wanted is not None and wanted != library.system_arch():
        rules.add_arch(wanted)
        rules.remove_arch(library.Arch.NATIVE)
    for name in sorted(ALLOWED):
        _rule(rules, library.ALLOW, name)
    for name in sorted(PRETENDED):
        _rule(rules, library.ERRNO(0), name)
    for name in sorted(LACKING):
        _rule(rules, library.ERRNO(95), name)
    for name in ("getpgid", "getsid"):  # its own; others' would tell what else is running
        _rule(rules, library.ALLOW, name, library.Arg(0, library.EQ, 0))
    # Threads may be made, processes may not. clone3 hides its flags behind a pointer, so it does
    # not exist here, and the C library falls back to clone.
    mask = _CLONE_THREAD | _CLONE_NAMESPACES
    threads = library.Arg(0, library.MASKED_EQ, mask, _CLONE_THREAD)
    _rule(rules, library.ALLOW, "clone", threads)
    # Reading its own limits is harmless, and the C library does it; changing them is not.
    _rule(rules, library.ALLOW, "prlimit64", library.Arg(2, library.EQ, 0))
    for option in _PRCTL:
        _rule(rules, library.ALLOW, "prctl", library.Arg(0, library.EQ, option))
    for request in _IOCTL:
        _rule(rules, library.ALLOW, "ioctl", library.Arg(1, library.EQ, request))
    refuse = library.NOTIFY if told else library.ERRNO(1)
    for name in TOLD:
        if name == "clone":
            _rule(rules, refuse, name, library.Arg(0, library.MASKED_EQ, _CLONE_THREAD, 0))
        else:
            _rule(rules, refuse, name)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _rule(rules: Any, action: int, name: str, *arguments: Any) -> None:
    import pyseccomp as library

    number = library.resolve_syscall(library.Arch.NATIVE, name)
    if number == -1:
        return  # newer than this libseccomp: refused by default
    try:
        rules.add_rule(action, number, *arguments)
    except (OSError, ValueError):
        return  # this architecture does not have the call


def act(number: int, arguments: Sequence[int], own: int) -> str:
    """What a worker with the process id ``own`` tried by a call that was refused, in words that
    follow ``tried to``; empty where it is not worth a word."""
    meaning = _meanings().get(number, _OTHER)
    if "signal" in meaning and arguments[0] == own:
        return ""
    return meaning.format(family=_FAMILIES.get(arguments[0], _OTHER_FAMILY))


def acts() -> tuple[str, ...]:
    """Everything that :func:`act` may say."""
    families = (*_FAMILIES.values(), _OTHER_FAMILY)
    every = [meaning.format(family=f) for meaning in TOLD.values() for f in families]
    return tuple(dict.fromkeys([*every, _OTHER]))


@functools.cache
def _meanings() -> dict[int, str]:
    import pyseccomp as library

    found = {library.resolve_syscall(library.Arch.NATIVE, name): name for name in TOLD}
    return {number: TOLD[name] for number, name in found.items() if number >= 0}
