"""Hostile submissions: what each does, and what the judge may make of it.

Each is the text of a file. ``f(x)`` is what the judge calls, with x = (1, 2, 3); where a file keeps to the task in
spite of its attack it returns 2x.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

PROJECT = Path(__file__).parents[3]

LOADS, ANSWERS = "loads", "answers"


@dataclass(frozen=True)
class Attack:
    name: str
    source: str
    call: tuple[str, ...] = (ANSWERS,)
    load: tuple[str, ...] = (LOADS,)
    needs: str = ""
    says: str = ""
    """A part of the sentence or traceback of the crash."""
    value: str = "honest"
    """What an answer holds: "honest" (2x), "zero" (what the attack looked for is not there), or "any"."""


def _attack(name: str, source: str, **expected: object) -> Attack:
    text = dedent(source).strip().replace("PROJECT", str(PROJECT))
    if "def f(" not in text and not expected.get("load"):
        text += "\ndef f(x):\n    return 2 * x"
    given = {k: (v,) if isinstance(v, str) and k in ("call", "load") else v for k, v in expected.items()}
    return Attack(name, text + "\n", **given)  # type: ignore[arg-type]


def _in_f(name: str, body: str, **expected: object) -> Attack:
    indented = "\n".join("    " + line for line in dedent(body).strip().splitlines())
    source = f"import os, sys, time, signal\nimport numpy as np\ndef f(x):\n{indented}\n    return 2 * x"
    return _attack(name, source, **expected)


FILTER, FILES, NETWORK = "system-call filter", "file system", "network namespace"

TIME = [
    _in_f("loops", "while True: pass", call="timed out", says="line 4"),
    _attack("loops as it is imported", "while True: pass", load="timed out"),
    _in_f(
        "loops and catches everything",
        """
        while True:
            try:
                while True: pass
            except BaseException:
                pass
        """,
        call="timed out",
    ),
    _in_f("loops in C", "10 ** 10 ** 8", call="timed out"),
    _in_f("sleeps", "time.sleep(1000)", call="timed out"),
    _in_f("ignores the alarm", "signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass", call="timed out"),
    _in_f(
        "blocks all signals",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\nwhile True: pass",
        call="timed out",
    ),
    _in_f("turns the alarm off", "signal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass", call="timed out"),
    _in_f(
        "sets off alarms for the loop of the worker",
        "signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)",
        call=(ANSWERS, "timed out", "exited"),
    ),
    _in_f("waits for a lock that it holds", "import threading\nl = threading.Lock()\nl.acquire(); l.acquire()", call="timed out"),
    _in_f("asks for input", "input('the answer? ')", call="crashed", says="EOFError"),
    _attack(
        "returns a value that takes for ever to read",
        """
        class Endless(dict):
            def items(self):
                while True: pass
        def f(x):
            return Endless(a=2 * x)
        """,
        value="any",
    ),
    _attack(
        "is destroyed for ever",
        """
        class Sticky:
            def __del__(self):
                while True: pass
        def f(x):
            s = Sticky()
            del s
        """,
        call="timed out",
    ),
]  # fmt: skip

MEMORY = [
    _in_f("asks for a large array", "np.ones((1 << 40,))", call="memory"),
    _in_f("fills its memory", "a = []\nwhile True: a.append(bytearray(1 << 24))", call=("memory", "timed out")),
    _in_f("raises its limits", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 50, 1 << 50))", call="crashed"),
    _attack("recurses", "def f(x):\n    return f(x)", call="crashed", says="more calls"),
    _attack(
        "recurses without a limit",
        "import sys\nsys.setrecursionlimit(10 ** 9)\nclass A:\n    def __getattr__(self, n): return getattr(self, n + 'a')\n"
        "def f(x):\n    return A().b",
        call=("killed", "crashed", "memory", "timed out"),
    ),
    _in_f("returns too much", "return np.zeros(9 << 20)", call="refused"),
    _attack("is nested beyond the parser", "x = " + "(" * 5000 + ")" * 5000, load="crashed"),
    _attack("holds a null byte", "x = 1\0", load="crashed"),
    _attack("minus signs without end", "x = " + "-" * 200_000 + "1", load=("crashed", "killed", "memory")),
]  # fmt: skip

ENDINGS = [
    _attack("exits as it is imported", "import sys\nsys.exit(0)", load="exited"),
    _attack("exits at once as it is imported", "import os\nos._exit(0)", load="exited", says="code 0"),
    _in_f("exits", "sys.exit(0)", call="exited"),
    _in_f("exits at once", "os._exit(0)", call="exited", says="code 0"),
    _in_f("quits", "quit()", call="exited"),
    _in_f("raises SystemExit with a message", "raise SystemExit('all tests passed')", call="exited"),
    _in_f("raises KeyboardInterrupt", "raise KeyboardInterrupt", call="crashed", says="KeyboardInterrupt"),
    _in_f("raises GeneratorExit", "raise GeneratorExit", call="crashed"),
    _in_f("kills itself", "os.kill(os.getpid(), signal.SIGKILL)", call=("killed", ANSWERS)),
    _in_f("stops itself", "os.kill(os.getpid(), signal.SIGSTOP)", call=("timed out", ANSWERS)),
    _in_f("aborts", "os.abort()", call="killed"),
    _in_f("reads address zero", "import ctypes\nctypes.string_at(0)", call="killed", says="SIGSEGV"),
    _attack(
        "leaves a hook for the end",
        "import atexit\ndef hook():\n    while True: pass\natexit.register(hook)\ndef f(x):\n    return 2 * x",
    ),
]

PROCESSES = [
    _in_f("kills its parent", "os.kill(os.getppid(), signal.SIGKILL)", call="crashed", needs=FILTER),
    _in_f("kills everybody", "os.kill(-1, signal.SIGKILL)", call="crashed", needs=FILTER),
    _in_f("kills its group", "os.killpg(0, signal.SIGKILL)", call="crashed", needs=FILTER),
    _in_f("forks without end", "while True: os.fork()", call="crashed", needs=FILTER),
    _in_f(
        "leaves a daemon",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(60)\n    os._exit(0)",
        call="crashed",
        needs=FILTER,
    ),
    _in_f("starts a program", "import subprocess\nsubprocess.run(['sleep', '60'])", call="crashed", needs=FILTER),
    _in_f("becomes a shell", "os.execv('/bin/sh', ['sh', '-c', 'sleep 60'])", call="crashed", needs=FILTER),
    _in_f("calls system in C", "import ctypes\nreturn x * (ctypes.CDLL(None).system(b'true') == 0)", value="zero", needs=FILTER),
    _in_f("traces by ptrace", "import ctypes\nreturn x * (ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0)", value="zero", needs=FILTER),
    _in_f("mounts", "import ctypes\nreturn x * (ctypes.CDLL(None).mount(b'a', b'/', b'tmpfs', 0, None) == 0)", value="zero", needs=FILTER),
    _attack(
        "leaves a thread behind",
        """
        import threading
        def spin():
            while True: print('still here')
        def f(x):
            threading.Thread(target=spin, daemon=True).start()
            return 2 * x
        """,
        call=(ANSWERS, "timed out"),
    ),
    _attack(
        "starts threads without end",
        """
        import threading, time
        def f(x):
            while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        """,
        call=("crashed", "memory", "timed out"),
    ),
    _in_f("makes the judge slow", "import resource\nresource.prlimit(os.getppid() or 2, resource.RLIMIT_CPU, (1, 1))", call="crashed", needs=FILTER),
]  # fmt: skip

CHANNEL = [
    _in_f("prints without end", "while True: print('x' * 1000)", call="timed out"),
    _in_f("prints much and answers", "for k in range(200): os.write(1, b'y' * 65536)"),
    _in_f("prints what is no text", "os.write(1, bytes(range(256)))"),
    _in_f("prints to the terminal of the judge", r"print('\x1b]0;owned\x07\x1b[2J')"),
    _in_f("prints a verdict", 'print(\'{"outcome": "agrees"}\')'),
    _attack(
        "closes its output", "import sys\nsys.stdout.close()\nsys.stderr.close()\ndef f(x):\n    return 2 * x"
    ),
    _in_f("closes every descriptor", "os.closerange(0, 64)", call=("exited", "refused")),
    _in_f(
        "writes to every descriptor",
        """
        for d in range(3, 64):
            try: os.write(d, b'{"v": 1}' * 100)
            except OSError: pass
        """,
        call="refused",
    ),
    _in_f(
        "announces a frame without end",
        r"""
        for d in range(3, 64):
            try: os.write(d, b'gprf' + b'\xff' * 12)
            except OSError: pass
        """,
        call="refused",
    ),
    _in_f(
        "announces a frame and leaves",
        r"""
        for d in range(3, 64):
            try: os.write(d, b'gprf\x10\0\0\0' + bytes(8))
            except OSError: pass
        os._exit(0)
        """,
        call="exited",
    ),
    _attack(
        "answers before it is asked",
        """
        import os
        for d in range(3, 64):
            try: os.write(d, b'gprf' + bytes(12))
            except OSError: pass
        """,
        load="refused",
    ),
    _attack(
        "answers the next question",
        r"""
        import json, os, threading, time
        def forge():
            time.sleep(0.05)
            text = json.dumps({"n": "0" * 16, "k": 0, "v": 2, "arrays": []}).encode()
            for d in range(3, 64):
                try: os.write(d, b'gprf' + len(text).to_bytes(4, 'little') + bytes(8) + text)
                except OSError: pass
        threading.Thread(target=forge).start()
        def f(x):
            time.sleep(0.2)
            return 2 * x
        """,
        call="refused",
    ),
    _in_f(
        "steals the next question",
        "import threading\nthreading.Thread(target=lambda: [os.read(d, 1) for d in (3, 5, 4, 6)], daemon=True).start()",
        call=(ANSWERS, "crashed", "refused", "timed out", "exited"),
    ),
]

LIES = [
    _attack(
        "an array that is equal to everything",
        """
        import numpy as np
        class Liar(np.ndarray):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            def __array__(self, *a, **k): return np.zeros(3)
            def tobytes(self, *a): return b'0' * 24
        def f(x):
            return (2 * x).view(Liar)
        """,
    ),
    _attack(
        "an object that says it is an array",
        "import numpy as np\nclass Liar:\n    __class__ = np.ndarray\n    dtype = np.dtype(float)\n    shape = (3,)\n"
        "    def __array__(self, *a, **k): return np.zeros(3)\ndef f(x):\n    return Liar()",
        value="any",
    ),
    _in_f("an array of objects", "return np.array([1, 'two', None], dtype=object)", value="any"),
    _in_f("an array of text", "return np.array(['agrees'])", value="any"),
    _attack(
        "an object that pickles into a call",
        "import os\nclass P:\n    def __reduce__(self): return os.mkdir, ('PROJECT/pickled',)\ndef f(x):\n    return [P(), 2 * x]",
        value="any",
    ),
    _attack("a list that holds itself", "def f(x):\n    a = [x]\n    a.append(a)\n    return a", value="any"),
    _in_f("lists without bottom", "a = x\nfor _ in range(10 ** 5): a = [a]\nreturn a", value="any"),
    _in_f("a huge text", "return 'a' * (1 << 26)", value="any"),
    _in_f("a huge integer", "return 1 << (1 << 20)", value="any"),
    _in_f("a generator", "return (k for k in x)", value="any"),
    _in_f("a dictionary with keys of its own", "return {frozenset('a'): x, (1, (2, None)): x}", value="any"),
    _attack("an exception that cannot be read", "class E(Exception):\n    def __str__(self): raise E\ndef f(x):\n    raise E", call="crashed", says="E"),
    _attack("an exception that is read for ever", "class E(Exception):\n    def __str__(self):\n        while True: pass\ndef f(x):\n    raise E", call="timed out"),
    _attack("an exception with a huge message", "def f(x):\n    raise ValueError('a' * (1 << 26))", call="crashed"),
    _attack("an exception that causes itself", "def f(x):\n    e = ValueError('round')\n    e.__cause__ = e\n    raise e", call="crashed"),
    _attack(
        "an exception whose class has no name",
        "class M(type):\n    @property\n    def __name__(cls): raise OSError\nclass E(Exception, metaclass=M): pass\ndef f(x):\n    raise E",
        call="crashed",
    ),
    _attack("a warning made an error", "import warnings\nwarnings.simplefilter('error')\nimport numpy as np\nnp.seterr(all='raise')\ndef f(x):\n    return 2 * x"),
]  # fmt: skip

TAMPERING = [
    _attack(
        "replaces what NumPy does",
        """
        import numpy as np
        honest = lambda *a, **k: True
        np.allclose = np.array_equal = np.asarray = np.frombuffer = np.zeros = np.array = honest
        np.testing = np.ma = np.linalg = None
        """,
    ),
    _attack(
        "replaces JSON and struct",
        """
        import json, json.encoder, json.decoder, struct
        json.dumps = json.loads = json.JSONEncoder.encode = json.JSONDecoder.decode = None
        json.encoder.encode_basestring_ascii = json.decoder.scanner = None
        json._default_encoder = json._default_decoder = struct.Struct = struct.pack = None
        """,
    ),
    _attack("replaces system calls", "import os\nos.read = os.write = os._exit = os.kill = lambda *a: b''"),
    _attack(
        "deletes the built-in names",
        "import builtins\nfor n in list(vars(builtins)):\n    if n[0] != '_' and n != 'delattr': delattr(builtins, n)",
    ),
    _attack("replaces isinstance and len", "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda a: 0"),
    _attack("empties the table of modules", "import sys\nsys.modules.clear()"),
    _attack("empties the finders and loads the reference", "import sys\nsys.meta_path.clear()\nsys.path.insert(0, 'PROJECT')\n__import__('reference' + '_impl')", load="crashed"),
    _attack("asks for the reference", "import reference_impl.softmax", load="refused", says="judge"),
    _attack("asks for the judge in a roundabout way", "__import__('check' + 'ers')", load="crashed", says="must not be used"),
    _attack(
        "loads the judge by its path",
        "import sys\ndel sys.meta_path[0]\nsys.path.insert(0, 'PROJECT')\n__import__('check' + 'ers')",
        load="crashed",
        needs=FILES,
    ),
    _attack("traces", "import sys\nsys.settrace(lambda *a: (_ for _ in ()).throw(OSError()))\nsys.setprofile(lambda *a: None)", call=(ANSWERS, "crashed", "exited"), load=(LOADS, "crashed", "exited")),
    _attack("hooks the garbage collector", "import gc\ngc.callbacks.append(lambda *a: 1 / 0)\ngc.set_threshold(1)"),
    _attack("hooks exceptions and displays", "import sys\nsys.excepthook = sys.displayhook = sys.unraisablehook = None"),
    _attack("hooks audits", "import sys\ndef hook(*a): raise OSError\nsys.addaudithook(hook)", load=("crashed", "exited")),
    _attack(
        "walks the stack",
        """
        import sys, gc
        def f(x):
            frame, found = sys._getframe(), 0
            while frame is not None:
                file = frame.f_code.co_filename
                found += 'checkers' in file and 'inside' not in file
                found += any(type(v) is type(x) and v is not x for v in frame.f_locals.values())
                frame = frame.f_back
            ours = ('checkers', 'reference_impl', 'derivations')
            found += sum(name.split('.')[0] in ours for name in sys.modules)
            for thing in gc.get_objects():
                module = thing.get('__name__') if type(thing) is dict else getattr(thing, '__module__', '')
                found += type(module) is str and module.split('.')[0] in ours
            return found * x
        """,
        value="zero",
    ),
    _attack(
        "rewrites the worker",
        """
        import sys
        def f(x):
            frame = sys._getframe()
            while frame is not None:
                for name in ('_write', '_read', '_FAILED'):
                    if name in frame.f_globals: frame.f_globals[name] = None
                frame = frame.f_back
            return 2 * x
        """,
        call=("exited", "crashed", "refused"),
    ),
    _attack("changes its input behind the judge", "def f(x):\n    y = 2 * x\n    x[:] = 7\n    return y"),
]  # fmt: skip

DISK = [
    _in_f("reads the reference", "open('PROJECT/reference_impl/softmax.py').read()", call="crashed", needs=FILES, says="PermissionError"),
    _in_f("lists the reference", "os.listdir('PROJECT/reference_impl')", call="crashed", needs=FILES),
    _in_f("reads the tests", "open('PROJECT/tests/mutants.py').read()", call="crashed", needs=FILES),
    _in_f("reads passwords", "open('/etc/passwd').read()", call="crashed", needs=FILES),
    _in_f("reads memory", "open('/proc/self/mem', 'rb').read()", call="crashed", needs=FILES),
    _in_f("reads its parent's environment", "open(f'/proc/{os.getppid()}/environ').read()", call="crashed"),
    _in_f("looks for secrets in the environment", "return x * ('GRADPROOF_SECRET' in os.environ)", value="zero"),
    _in_f("writes beside the project", "open('PROJECT/owned', 'w').write('x')", call="crashed", needs=FILES),
    _in_f("writes to the folder for temporary files", "open(os.path.join(os.sep, 'tmp', 'gradproof-owned'), 'w').write('x')", call="crashed", needs=FILES, says="PermissionError"),
    _in_f("writes through a link", "os.symlink('PROJECT/README.md', 'link')\nopen('link', 'a').write('x')", call="crashed", needs=FILES),
    _in_f("deletes", "os.unlink('PROJECT/README.md')", call="crashed", needs=FILES),
    _in_f("writes without end", "with open('big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))", call="crashed", says="OSError"),
    _in_f("makes files without end", "for k in range(10 ** 6): open(f'f{k}', 'w').close()", call=("crashed", "timed out")),
    _in_f("makes folders without bottom", "for k in range(300):\n    os.mkdir('d'); os.chdir('d')\nos.chmod('.', 0)"),
]  # fmt: skip

NET = [
    _in_f("opens a socket", "import socket\nsocket.create_connection(('127.0.0.1', 1))", call="crashed", needs=FILTER, says="PermissionError"),
    _in_f("listens", "import socket\nsocket.socket(socket.AF_UNIX).bind('s')", call="crashed", needs=FILTER),
    _in_f("asks for a name", "import urllib.request\nurllib.request.urlopen('http://localhost/', timeout=5)", call="crashed"),
]  # fmt: skip

ATTACKS = [*TIME, *MEMORY, *ENDINGS, *PROCESSES, *CHANNEL, *LIES, *TAMPERING, *DISK, *NET]
