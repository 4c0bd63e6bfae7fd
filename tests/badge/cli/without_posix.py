"""Take away what Windows lacks, in this process: modules, functions, Unix sockets, signals, epoll.

Read by the `sitecustomize` that test_main_other_systems.py writes, so that every Python that a
command starts lacks it too.  What is under an open file cannot be renamed or removed then, either:
that, and no missing function, is what a program from Linux meets first there.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import popen_fork

MODULES = ("fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "uvloop", "dbus_fast")
OS = (
    *("fdatasync", "fchmod", "fchown", "openpty", "ttyname", "getuid", "geteuid", "getgid"),
    *("sched_getaffinity", "pwrite", "pread", "preadv", "pwritev", "mkfifo", "mknod", "setsid"),
    *("getpgid", "killpg", "fork", "forkpty", "set_blocking", "sysconf"),
    *("nice", "getloadavg", "sendfile", "posix_fallocate", "wait3", "wait4", "chown", "sync"),
    *("O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_SYNC"),
)
SIGNALS = ("SIGKILL", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGCHLD")
SIGNAL_CALLS = ("alarm", "setitimer", "pause", "sigwait", "pthread_kill", "pthread_sigmask")


def hide() -> None:
    """Do it; libraries with a way of their own on each system choose theirs before."""
    import asyncio.unix_events
    import select
    import selectors
    import shutil
    import signal
    import socketserver

    import portalocker  # noqa: F401  (on Windows it locks by another call)

    platform, sys.platform = sys.platform, "win32"  # note-python asks this once
    if find_spec("notecard") is not None:
        import_module("notecard")
    sys.platform = platform
    for name in ("filelock", "serial", "serial.tools.list_ports"):  # as portalocker
        if find_spec(name.partition(".")[0]) is not None:
            import_module(name)

    number = signal.SIGKILL
    for module in MODULES:
        sys.modules[module] = None
    _delete(os, OS)
    _delete(signal, (*SIGNALS, *SIGNAL_CALLS))
    _delete(select, ("epoll", "poll", "kqueue"))
    _delete(selectors, ("EpollSelector", "PollSelector", "DevpollSelector"))
    selectors.DefaultSelector = selectors.SelectSelector
    _delete(socket, ("AF_UNIX",))
    _delete(socketserver, ("UnixStreamServer", "ThreadingUnixStreamServer", "ForkingMixIn"))
    _delete(asyncio, ("start_unix_server", "open_unix_connection"))
    socket.socketpair = _socketpair
    for owner in (subprocess.Popen, popen_fork.Popen):  # there it is TerminateProcess
        owner.kill = lambda self: os.kill(self.pid, number)
    shutil._use_fd_functions = False
    shutil._USE_CP_SENDFILE = False
    loop = asyncio.unix_events._UnixSelectorEventLoop
    for name in ("add_signal_handler", "remove_signal_handler", "add_reader", "add_writer"):
        setattr(loop, name, _not_there)
    for name in ("rename", "replace", "unlink", "remove", "rmdir"):
        setattr(os, name, _refusing(getattr(os, name)))


def _delete(owner, names):
    for name in names:
        if hasattr(owner, name):
            delattr(owner, name)


def _not_there(*_):
    raise NotImplementedError


def _socketpair(family=socket.AF_INET, kind=socket.SOCK_STREAM, proto=0):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    return near, far


def _refusing(act):
    def acted(path, *others, **words):
        for one in (path, *others):
            if isinstance(one, (str, os.PathLike)) and not words.get("dir_fd"):
                _refuse_open(os.path.realpath(one))
        return act(path, *others, **words)

    return acted


def _refuse_open(path):
    if path.startswith("/dev/"):  # memory that processes share
        return
    for number in os.listdir("/proc/self/fd"):
        try:
            held = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if held == path or held.startswith(path + os.sep):
            raise PermissionError(13, f"{held} is open in this process", path)
