"""The system-call filter (seccomp-bpf): no network, no other processes, no new privileges.

What a NumPy program needs is left alone; what is refused answers with EPERM, so that the submission sees an
exception of its own and the judge an ordinary crash.
"""

from __future__ import annotations

import ctypes
import os
import platform

from . import system

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1), "arm64": (0xC00000B7, 1)}

# Numbers of the system calls on x86_64 and on aarch64; None where there is no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # the network; a socketpair reaches nobody and stays allowed
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242),
    # other programs and sessions
    "execve": (59, 221), "execveat": (322, 281), "setsid": (112, 157), "setpgid": (109, 154),
    # other processes: signals, memory, descriptors, priorities
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "process_mrelease": (448, 448), "kcmp": (312, 272), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "sched_setscheduler": (144, 119), "sched_setparam": (142, 118), "sched_setattr": (314, 274),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
    # namespaces and mounts
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "mount_setattr": (442, 442), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    # doors to the kernel
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "modify_ldt": (154, None), "iopl": (172, None),
    "ioperm": (173, None), "personality": (135, 92), "syslog": (103, 116), "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42), "fanotify_init": (300, 262), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "seccomp": (317, 277),
    # rights, times and labels of files: whoever owns a file may change them, whatever Landlock says
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    # the machine
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "sethostname": (170, 161), "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171), "vhangup": (153, 58),
    # what would outlive the worker
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180), "mknod": (133, None),
    "mknodat": (259, 33),
    # other users and rights
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159), "setfsuid": (122, 151),
    "setfsgid": (123, 152), "capset": (126, 91),
}  # fmt: skip
_FORK: tuple[int, int | None] = (57, None)
_VFORK: tuple[int, int | None] = (58, None)
_CLONE, _CLONE3 = (56, 220), (435, 435)
_KILL, _TGKILL = (62, 129), (234, 131)
_PRLIMIT, _SETAFFINITY = (302, 261), (203, 122)
_PRCTL, _FCNTL, _IOCTL = (157, 167), (72, 25), (16, 29)
_PRCTL_REFUSED = (1, 4, 36, 0x59616D61)  # death signal, dumpable, subreaper, ptracer
_FCNTL_REFUSED = (8, 10, 15, 1024, 1026)  # who gets the signals of a descriptor, and which; leases, notices
_IOCTL_REFUSED = (
    0x8901,
    0x8902,
    0x540E,
    0x5412,
    0x541C,
)  # the same of a socket; a terminal, and typing in it
_NEWEST = 462  # calls that came into the kernel after this table was written

_LOAD, _EQUAL, _AT_LEAST, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS = 0x00050000 | 1, 0x00050000 | 38
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_CLONE_THREAD, _CLONE_NEW = 0x00010000, 0x7E020080

_SET_FILTER, _ALL_THREADS = 1, 1


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16), ("true", ctypes.c_uint8), ("false", ctypes.c_uint8), ("k", ctypes.c_uint32)
    )  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def restrict(processes: int) -> None:
    """Installs the filter for this process.

    Args:
        processes: whether it may start processes at all.

    Raises:
        OSError: the kernel refused, or this machine has another architecture than x86_64 and aarch64.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise OSError(38, f"no table of system calls for {machine}")
    rows = _filter(*_ARCHITECTURES[machine], processes, os.getpid())
    program = _Program(len(rows), (_Instruction * len(rows))(*(_Instruction(*row) for row in rows)))
    number = system.long(277 if _ARCHITECTURES[machine][1] else 317)
    try:
        system.call(
            "syscall", number, system.long(_SET_FILTER), system.long(_ALL_THREADS), ctypes.byref(program)
        )
    except OSError:  # a kernel before 3.17
        system.call("prctl", 22, system.long(2), ctypes.byref(program))


def _filter(architecture: int, column: int, processes: int, own: int) -> list[tuple[int, int, int, int]]:
    """The program: every rule ends it, or leaves the number of the call loaded for the next."""
    rows = [
        (_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _NEWEST + 1), (_RETURN, 0, 0, _ENOSYS),  # those of x32, too
    ]  # fmt: skip

    def rule(call: tuple[int | None, int | None], *body: tuple[int, int, int, int]) -> None:
        number = call[column]
        if number is not None:
            rows.append((_EQUAL, 0, len(body), number))
            rows.extend(body)

    refuse, allow = (_RETURN, 0, 0, _EPERM), (_RETURN, 0, 0, _ALLOW)
    argument = (_LOAD, 0, 0, _FIRST_ARGUMENT)
    rule(
        _CLONE3, (_RETURN, 0, 0, _ENOSYS)
    )  # its flags are behind a pointer; the C library falls back to clone
    if processes:
        rule(_CLONE, argument, (_BITS, 0, 1, _CLONE_NEW), refuse, allow)
    else:
        rule(_CLONE, argument, (_BITS, 1, 0, _CLONE_THREAD), refuse, allow)
        rule(_FORK, refuse)
        rule(_VFORK, refuse)
    for call in (_KILL, _TGKILL):
        rule(call, argument, (_EQUAL, 1, 0, own), refuse, allow)
    for call in (_PRLIMIT, _SETAFFINITY):
        rule(call, argument, (_EQUAL, 2, 0, own), (_EQUAL, 1, 0, 0), refuse, allow)
    for call, offset, options in (
        (_PRCTL, _FIRST_ARGUMENT, _PRCTL_REFUSED),
        (_FCNTL, _SECOND_ARGUMENT, _FCNTL_REFUSED),
        (_IOCTL, _SECOND_ARGUMENT, _IOCTL_REFUSED),
    ):
        tests = [(_EQUAL, len(options) - k, 0, option) for k, option in enumerate(options)]
        rule(call, (_LOAD, 0, 0, offset), *tests, allow, refuse)
    for numbers in _REFUSED.values():
        rule(numbers, refuse)
    return [*rows, allow]
