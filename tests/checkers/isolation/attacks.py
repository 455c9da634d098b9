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


NOT_THERE = ("PermissionError", "FileNotFoundError", "Read-only file system")
"""What is said of a place that is forbidden, or that the worker's own tree does not have."""


@dataclass(frozen=True)
class Attack:
    name: str
    source: str
    call: tuple[str, ...] = (ANSWERS,)
    load: tuple[str, ...] = (LOADS,)
    needs: str = ""
    says: str | tuple[str, ...] = ""
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
    _in_f("reads the reference", "open('PROJECT/reference_impl/softmax.py').read()", call="crashed", needs=FILES, says=NOT_THERE),
    _in_f("lists the reference", "os.listdir('PROJECT/reference_impl')", call="crashed", needs=FILES),
    _in_f("reads the tests", "open('PROJECT/tests/mutants.py').read()", call="crashed", needs=FILES),
    _in_f("reads passwords", "open('/etc/passwd').read()", call="crashed", needs=FILES),
    _in_f("reads memory", "open('/proc/self/mem', 'rb').read()", call="crashed", needs=FILES),
    _in_f("reads its parent's environment", "open(f'/proc/{os.getppid()}/environ').read()", call="crashed"),
    _in_f("looks for secrets in the environment", "return x * ('GRADPROOF_SECRET' in os.environ)", value="zero"),
    _in_f("writes beside the project", "open('PROJECT/owned', 'w').write('x')", call="crashed", needs=FILES),
    _in_f("writes to the folder for temporary files", "open(os.path.join(os.sep, 'tmp', 'gradproof-owned'), 'w').write('x')", call="crashed", needs=FILES, says=NOT_THERE),
    _in_f("writes through a link", "os.symlink('PROJECT/README.md', 'link')\nopen('link', 'a').write('x')", call="crashed", needs=FILES),
    _in_f("deletes", "os.unlink('PROJECT/README.md')", call="crashed", needs=FILES),
    _in_f("writes without end", "with open('big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))", call="crashed", says="OSError"),
    _in_f("makes files without end", "for k in range(10 ** 6): open(f'f{k}', 'w').close()", call=("crashed", "timed out")),
    _in_f("makes folders without bottom", "for k in range(300):\n    os.mkdir('d'); os.chdir('d')\nos.umask(0o777); os.mkdir('shut')"),
]  # fmt: skip

NET = [
    _in_f("opens a socket", "import socket\nsocket.create_connection(('127.0.0.1', 1))", call="crashed", needs=FILTER, says="PermissionError"),
    _in_f("listens", "import socket\nsocket.socket(socket.AF_UNIX).bind('s')", call="crashed", needs=FILTER),
    _in_f("asks for a name", "import urllib.request\nurllib.request.urlopen('http://localhost/', timeout=5)", call="crashed"),
]  # fmt: skip


_FORGER = """
import json, os, sys
def request():
    frame = sys._getframe()
    while 'header' not in frame.f_locals: frame = frame.f_back
    return frame.f_locals['header']
def forge(row, arrays=(), payload=b''):
    text = json.dumps({'n': request()['n'], 'k': 0, 'arrays': arrays, **row}).encode()
    data = b'gprf' + len(text).to_bytes(4, 'little') + len(payload).to_bytes(8, 'little') + text + payload
    for d in range(3, 64):
        view = memoryview(data)
        try:
            while view: view = view[os.write(d, view):]
        except OSError: pass
"""
"""Finds the question in the frames of the worker, and answers it in the worker's place."""


def _forgery(name: str, body: str, **expected: object) -> Attack:
    """An answer that is well addressed, and made up: the judge must not stumble over what it says."""
    if expected.get("load"):
        return _attack(name, _FORGER + dedent(body), **expected)
    indented = "\n".join("    " + line for line in dedent(body).strip().splitlines())
    return _attack(
        name, f"{_FORGER}def f(x):\n{indented}\n    return 2 * x", **{"call": "refused", **expected}
    )


FORGERIES = [
    _forgery("forges a value", "forge({'v': ['a', 0]}, [['<f8', [3]]], (2 * x).tobytes())", call=(ANSWERS, "refused")),
    _forgery("forges failures that are none", "forge({'functions': [], 'classes': [], 'constants': {}, 'noted': [], 'replaced': [], 'failures': [1]})", load="refused"),
    _forgery("forges failures without number", "forge({'functions': [], 'classes': [], 'constants': {}, 'noted': [], 'replaced': [], 'failures': 3})", load="refused"),
    _forgery("forges functions that are none", "forge({'functions': [[]], 'classes': [], 'constants': {}, 'noted': [], 'replaced': [], 'failures': []})", load="refused"),
    _forgery("forges classes with methods that are none", "forge({'functions': [], 'classes': [{'name': 'A', 'methods': {}}], 'constants': {}, 'noted': [], 'failures': []})", load="refused"),
    _forgery("forges keys within keys", "k = 'a'\nfor _ in range(200): k = ['d', [[k, 0]]]\nforge({'v': ['d', [[k, 0]]]})"),
    _forgery("forges keys that collide", "import itertools\nkeys = itertools.islice(itertools.product((-1, -2), repeat=16), 40_000)\nforge({'v': ['d', [[['t', list(k)], 0] for k in keys]]})"),
    _forgery("forges a number without end", "forge({'v': 10 ** 4000})"),
    _forgery("forges a size that is no number", "forge({'v': ['a', 0]}, [['<f8', [float('nan')]]])"),
    _forgery("forges a negative size", "forge({'v': ['a', 0]}, [['<f8', [-1]]])"),
    _forgery("forges sizes whose product is small", "forge({'v': ['a', 0]}, [['<f8', [1 << 40, 1 << 40, 0]]])"),
    _forgery("forges objects", "forge({'v': ['a', 0]}, [['|O', [1]]], bytes(8))"),
    _forgery("forges an array that is not there", "forge({'v': ['a', 7]})"),
    _forgery("forges a step that nobody took", "forge({'v': 1, 'k': 5})"),
    _forgery("forges a crash of its own kind", "forge({'crash': 'agrees'})"),
    _forgery("forges a crash without words", "forge({'crash': 'crashed', 'error': 1, 'message': None, 'traceback': [], 'line': -1})"),
    _forgery("forges a million lists", "forge({'v': ['l', [['l', []] for _ in range(10 ** 6)]]})", call=("refused", "timed out")),
    _forgery("forges a million handles", "forge({'v': ['l', [['h', 0, '', ''] for _ in range(10 ** 6)]]})", call=("refused", "timed out")),
    _in_f(
        "always has one more byte",
        r"""
        for d in range(3, 64):
            try: os.write(d, b'gprf' + (9).to_bytes(4, 'little') + (60 << 20).to_bytes(8, 'little'))
            except OSError: pass
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        while True:
            for d in range(3, 64):
                try: os.write(d, b'x')
                except OSError: pass
        """,
        call="timed out",
    ),
]  # fmt: skip

_C = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"

IN_C = [
    _in_f("forks in C", f"{_C}return x * (libc.fork() >= 0)", value="zero", needs=FILTER),
    _in_f("clones in C", f"{_C}return x * (libc.syscall(ctypes.c_long(56 if os.uname().machine == 'x86_64' else 220), 17, 0, 0, 0, 0) >= 0)", value="zero", needs=FILTER),
    _in_f("kills in C", f"{_C}return x * (libc.kill(-1, 9) == 0)", value="zero", needs=FILTER),
    _in_f("outlives its parent", f"{_C}return x * (libc.prctl(1, 0, 0, 0, 0) == 0)", value="zero", needs=FILTER),
    _in_f("wants the orphans", f"{_C}return x * (libc.prctl(36, 1, 0, 0, 0) == 0)", value="zero", needs=FILTER),
    _in_f("opens an io_uring", f"{_C}return x * (libc.syscall(ctypes.c_long(425), 8, ctypes.create_string_buffer(200)) >= 0)", value="zero", needs=FILTER),
    _in_f("takes page faults", f"{_C}return x * (libc.syscall(ctypes.c_long(323 if os.uname().machine == 'x86_64' else 282), 0) >= 0)", value="zero", needs=FILTER),
    _in_f("makes a namespace", f"{_C}return x * (libc.unshare(0x10000000) == 0)", value="zero", needs=FILTER),
    _in_f("makes a program in memory", "d = os.memfd_create('p')\nos.write(d, b'#!/bin/sh\\nsleep 60')\nos.execve(d, ['p'], {})", call="crashed", needs=FILTER),
    _in_f("starts a program by posix_spawn", "os.posix_spawn('/bin/sleep', ['sleep', '60'], {})", call="crashed", needs=FILTER),
    _in_f("maps memory without end", "import mmap\nkept = []\nwhile True: kept.append(mmap.mmap(-1, 1 << 28))", call=("crashed", "memory")),
    _in_f("overwrites its own memory", "import ctypes\nctypes.memset(id(np), 0, 1 << 16)", call=("killed", "crashed", "exited", "refused", "timed out", ANSWERS), value="any"),
    _in_f("makes one of Python's integers another", "import ctypes\nctypes.memmove(id(257 - 256) + 24, (7).to_bytes(4, 'little'), 4)", call=("killed", "crashed", "exited", "refused", "timed out", "memory", ANSWERS), value="any"),
    _in_f("sends its descriptor's signals to the judge", "import fcntl\nr, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETOWN, os.getppid() or 2)\nfcntl.fcntl(r, 10, signal.SIGKILL)", call="crashed", needs=FILTER),
    _in_f("types in a terminal", "import fcntl\nfcntl.ioctl(1, 0x5412, b'x')", call="crashed", needs=FILTER, says="PermissionError"),
    _in_f("raises its priority", "os.setpriority(os.PRIO_PROCESS, 0, -20)", call="crashed", needs=FILTER),
    _in_f("waits for all descriptors", "import select\nselect.select([], [], [])", call="timed out"),
]  # fmt: skip

RIGHTS = [
    _in_f("shuts a file of the project", "os.chmod('PROJECT/README.md', 0o400)", call="crashed", needs=FILTER, says="PermissionError"),
    _in_f("opens a file of the project to all", "os.chmod(os.open('PROJECT/README.md', os.O_PATH), 0o666)", call="crashed", needs=FILTER),
    _in_f("shuts a library by its descriptor", "os.fchmod(os.open(np.__file__, os.O_RDONLY), 0)", call="crashed", needs=FILTER, says="PermissionError"),
    _in_f("gives a file away", "os.chown('PROJECT/README.md', 65534, 65534)", call="crashed", needs=FILTER),
    _in_f("turns back the clock of a file", "os.utime('PROJECT/README.md', (0, 0))", call="crashed", needs=FILTER, says="PermissionError"),
    _in_f("labels a file", "os.setxattr('PROJECT/README.md', 'user.owned', b'1')", call="crashed", needs=FILTER),
    _in_f("renames a file of the project", "os.rename('PROJECT/README.md', 'mine')", call="crashed", needs=FILES),
    _in_f("links a file into its folder", "os.link('PROJECT/README.md', 'mine')", call="crashed", needs=FILES),
    _in_f("leaves links and pipes behind", "os.symlink('/', 'root'); os.symlink('.', 'loop')\nos.mkfifo('pipe') if hasattr(os, 'mkfifo') else None", call=(ANSWERS, "crashed")),
    _in_f("leaves names that are no text", "for name in (b'\\xff\\xfe', b'\\x1b[2J', b'a\\nb', b'-rf'): open(name, 'w').close()"),
    _in_f("reads its own descriptors", "return x * len(os.listdir('/proc/self/fd'))", call=("crashed",), needs=FILES),
    _in_f("makes a device", "os.mknod('disk', 0o60600, os.makedev(8, 0))", call="crashed"),
]  # fmt: skip

STATE = [
    _attack("is finalised after its call", "import weakref\nclass A: pass\ndef f(x):\n    a = A()\n    weakref.finalize(a, lambda: 1 / 0)\n    del a\n    return 2 * x"),
    _attack("handles the alarm itself", "import signal\ndef f(x):\n    signal.signal(signal.SIGALRM, lambda *a: None)\n    while True: pass", call="timed out"),
    _attack(
        "profiles the worker",
        "import sys\ndef f(x):\n    sys.setprofile(lambda frame, event, arg: frame.f_locals.clear())\n    return 2 * x",
        call=(ANSWERS, "crashed", "exited"),
    ),
    _attack(
        "a thread that replaces NumPy again and again",
        "import threading, numpy as np\ndef spin():\n    while True: np.asarray = np.frombuffer = None\n"
        "def f(x):\n    threading.Thread(target=spin, daemon=True).start()\n    return 2 * x",
    ),
    _attack(
        "an array that overrides NumPy's functions",
        """
        import numpy as np
        class Liar(np.ndarray):
            def __array_ufunc__(self, *a, **k): return np.zeros(3)
            def __array_function__(self, *a, **k): return True
            @property
            def shape(self): return (99,)
            @property
            def dtype(self): return np.dtype(object)
        def f(x):
            return (2 * x).view(Liar)
        """,
    ),
    _attack("a class that is somebody else", "class Liar(list):\n    @property\n    def __class__(self): return dict\n    def __iter__(self): raise OSError\n    def __len__(self): return -1\ndef f(x):\n    return Liar([2 * x])", value="any"),
    _attack("a metaclass that is asked for its name", "class M(type):\n    def __getattribute__(cls, name): raise OSError\nclass A(metaclass=M): pass\ndef f(x):\n    return A()", call=(ANSWERS, "crashed"), value="any"),
    _attack("a metaclass at the top", "class M(type):\n    __name__ = property(lambda cls: 1 / 0)\nclass B(metaclass=M): pass\nclass A(B):\n    def g(self): pass\ndef f(x):\n    return 2 * x"),
    _attack("a list that holds itself many times", "def f(x):\n    a = [x]\n    a.extend([a] * 60)\n    return a", call=(ANSWERS, "refused"), value="any"),
    _in_f("an array without entries and without end", "return np.zeros((1 << 40, 0))", call="refused"),
    _in_f("half a surrogate pair", "raise ValueError(chr(0xD800) + chr(0x202E) + chr(27) + '[2J')", call="crashed", says="ValueError"),
    _in_f("half a surrogate pair as a key", "return {chr(0xD800): x}", value="any"),
    _in_f("tuples as keys", "import itertools\nreturn dict.fromkeys(itertools.product((-1, -2), repeat=10), 0)", value="any"),
    _attack("a name that is no word", "globals()['\\x1b[2J'] = 1\nglobals()['a\\nb'] = lambda x: x"),
    _attack("a group of exceptions without end", "def f(x):\n    e = ValueError('a')\n    for _ in range(10 ** 4): e = ExceptionGroup('g' * 100, [e])\n    raise e", call=("crashed", "killed")),
    _attack("an exception with causes without end", "def f(x):\n    e = None\n    for k in range(10 ** 5):\n        n = ValueError(str(k)); n.__cause__ = e; e = n\n    raise e", call=("crashed", "killed")),
    _in_f("floods the error output", "while True: os.write(2, b'z' * 65536)", call="timed out"),
    _in_f("loads a pickle", "import pickle\npickle.loads(b'cos\\nsystem\\n(S\"sleep 60\"\\ntR.')\nreturn x * 0", value="zero", needs=FILTER),
    _in_f("loads an array that is a pickle", "import io\nb = io.BytesIO()\nclass P:\n    def __reduce__(self): return os.mkdir, ('PROJECT/pickled',)\nnp.save(b, np.array([P()], dtype=object))\nb.seek(0)\nnp.load(b, allow_pickle=True)", call="crashed", needs=FILES),
    _attack("asks for the reference by a path", "import importlib.util\ns = importlib.util.spec_from_file_location('r', 'PROJECT/reference_impl/softmax.py')\ns.loader.exec_module(importlib.util.module_from_spec(s))", load="crashed", needs=FILES),
    _attack("asks for the judge among the loaded", "import sys\ndef f(x):\n    return x * any(n.split('.')[0] in ('checkers', '_gradproof_worker', 'json') for n in sys.modules)", value="zero"),
]  # fmt: skip

ATTACKS = [
    *TIME, *MEMORY, *ENDINGS, *PROCESSES, *CHANNEL, *LIES, *TAMPERING, *DISK, *NET, *FORGERIES, *IN_C, *RIGHTS, *STATE
]  # fmt: skip
