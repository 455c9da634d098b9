"""The derivative of a student's own forward to the last digits: it sharpens differences, and nothing more."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.families.complex_steps import NAME
from checkers.families.grading import grade, survey
from checkers.families.in_worker import InWorker
from checkers.families.reading import read
from checkers.families.schema import families
from checkers.isolation import Call, Crash, Worker

SWIRL = """\
import numpy as np

def swirl_forward(x):
    out = np.sin(x) * np.exp(-x ** 2)
    return out, x

def swirl_backward(dout, cache):
    x = cache
    dx = dout * (np.cos(x) - 2 * x * np.sin(x)) * np.exp(-x ** 2)
    return dx
"""


def judged(tmp_path, text, name="swirl_backward"):
    path = tmp_path / "homework.py"
    path.write_text(text)
    (bundle,) = read(path)
    with InWorker(bundle) as session:
        session.load()
        return {a.function: a for a in grade(survey(bundle, list(families().values())), session)}[name]


def said(answer):
    """Outcome and reason of what the student's own derivative says, and of finite differences."""
    return {(r.oracle, r.outcome): r.reason for r in answer.records}


def test_a_right_gradient_without_reference_is_confirmed_to_the_last_digits(tmp_path):
    answer = judged(tmp_path, SWIRL)
    assert answer.outcome == "right"
    assert answer.detectable < 1e-13
    assert (NAME, "agrees") in said(answer)
    assert ("finite_difference", "agrees") in said(answer)


@pytest.mark.parametrize("error", ["1e-10", "2.0 ** -39", "-3e-13"])
def test_one_element_that_is_off_by_very_little_is_found(error, tmp_path):
    off = SWIRL.replace(
        "    return dx", f"    dx.flat[np.argmax(np.abs(dx))] *= 1 + ({error})\n    return dx"
    )
    answer = judged(tmp_path, off)
    assert (NAME, "disagrees") in said(answer)
    assert "off by" in answer.sentence


def test_a_little_error_without_an_epsilon_is_not_put_down_to_one(tmp_path):
    off = SWIRL.replace("    return dx", "    dx.flat[0] *= 1 + 2.0 ** -33\n    return dx")
    answer = judged(tmp_path, off)
    assert answer.sentence.startswith("Right to 9 digits only") or answer.sentence.startswith("Right to 10")
    assert "epsilon" not in answer.sentence


def test_code_that_drops_the_derivative_is_judged_by_differences_alone(tmp_path):
    text = SWIRL.replace(
        "    out = np.sin(x) * np.exp(-x ** 2)",
        "    import math\n    out = np.array([[math.sin(float(v)) * math.exp(-float(v) ** 2) for v in r] for r in x])",
    )
    answer = judged(tmp_path, text)
    assert answer.outcome == "right"
    assert "cannot be followed: swirl_forward raised" in said(answer)[NAME, "undecided"]


def test_code_that_answers_otherwise_when_it_is_followed_is_not_believed(tmp_path):
    lying = SWIRL.replace("    out =", "    if np.asarray(x).dtype.kind == 'c': return x, x\n    out =")
    assert "gives other values" in said(judged(tmp_path, lying))[NAME, "undecided"]
    # The right value, and a derivative that bears out the wrong backward.
    scaled = SWIRL.replace("    return dx", "    return dx * 1.01").replace(
        "    return out, x",
        "    if type(x) is not np.ndarray:\n        e = x.view(np.ndarray).imag\n"
        "        g = 1.01 * (np.cos(x) - 2 * x * np.sin(x)) * np.exp(-x ** 2)\n"
        "        out = out.view(np.ndarray).real + 1j * e * g.view(np.ndarray).real\n    return out, x",
    )
    answer = judged(tmp_path, scaled)
    assert answer.outcome == "wrong"
    assert "contradicts finite differences" in said(answer)[NAME, "undecided"]


CODE = """\
import numpy as np
from numpy import zeros

def loops(x):
    out = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            out[i, j] = np.sum(x[i] * x[:, j]) if x[i, j] > 0 else 0.1 * x[i, j]
    return out

def named(x):
    out = zeros(3)
    out += x.sum(axis=0)
    out[0] -= max(0, x[0, 0])
    return out

def statistics(x):
    return x.var(axis=0) + np.std(x, axis=1, ddof=1) + np.linalg.norm(x, axis=0) + np.median(x, axis=0)

def magnitudes(x):
    return np.abs(x) + abs(x) ** 3 + np.sqrt(np.abs(x)) + np.hypot(x, 2.0) + np.cbrt(x) + np.fabs(x)

def choices(x):
    a = np.where(x > 0, x ** 2, -x)
    return a + np.maximum(0, x) + np.minimum(x, 0.3) + np.clip(x, -0.5, 0.5) + x.clip(-1, 0.2) + x * (x >= 0)

def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(3), np.argmax(x, axis=1)]) + np.logaddexp(0, x).sum(axis=1)

def algebra(x):
    a = x @ x.T + 3 * np.eye(3)
    return np.linalg.inv(a) + np.linalg.solve(a, x) + np.einsum("ij,jk->ik", x, x) + np.outer(x[0], x.dot(x[1]))

def casts(x):
    y = np.array(x, dtype=float).astype(np.float64)
    z = np.asarray([[v for v in row] for row in y], dtype=np.float64)
    z[z < 0] *= 0.5
    z /= z.shape[0]
    return np.concatenate([z, np.vstack([y[0], y[1]])]).reshape(-1)

def prints(x):
    cost = np.squeeze(np.mean(x ** 2))
    print("cost {:.3f}".format(cost), round(cost, 2), int(cost))
    return cost
"""


@pytest.fixture(scope="module")
def worker():
    with Worker("homework.py", source=CODE) as started:
        started.load()
        yield started


@pytest.mark.parametrize(
    "name",
    ["loops", "named", "statistics", "magnitudes", "choices", "softmax", "algebra", "casts", "prints"],
)
def test_ordinary_code_is_followed(name, worker):
    rng = np.random.default_rng(7)
    x, direction = rng.standard_normal((2, 3, 3))
    x += 0.2 * np.sign(x)  # roots are steep at 0
    (followed,) = worker.run([Call((x + 1j * np.longdouble(1e-40) * direction,), target=name)], stepped=True)
    assert not isinstance(followed, Crash), followed.traceback
    h = 1e-5
    ahead, here, back = (worker.call(name, (x + t * direction,)).value for t in (h, 0.0, -h))
    np.testing.assert_allclose(np.real(followed.value), here, rtol=1e-13)
    np.testing.assert_allclose(
        np.imag(followed.value) / 1e-40, (ahead - back) / (2 * h), rtol=1e-6, atol=1e-8
    )


def test_the_names_of_the_code_are_given_back(worker):
    x = np.ones((3, 3))
    before = worker.call("loops", (x,))
    worker.run([Call((x.astype(np.clongdouble),), target="loops")], stepped=True)
    after = worker.call("loops", (x,))
    assert after.value.dtype == before.value.dtype == np.float64
    assert after.replaced == ()
