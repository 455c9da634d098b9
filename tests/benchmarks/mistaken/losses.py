"""Losses: of classes, of numbers, of margins; and norms, similarities, determinants."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.mistaken.making import NAMELESS, Subject, mistakes


def softmax(Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_vjp(delta, Z):
    A = softmax(Z)
    inner = (delta * A).sum(axis=1, keepdims=True)
    return A * (delta - inner)


def log_softmax(Z):
    shifted = Z - Z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def log_softmax_vjp(delta, Z):
    A = softmax(Z)
    return delta - A * delta.sum(axis=1, keepdims=True)


def cross_entropy(Z, Y):
    """Softmax and cross-entropy in one, examples as rows, the mean over them."""
    return -(Y * log_softmax(Z)).sum() / len(Z)


def cross_entropy_grad(Z, Y):
    m = len(Z)
    A = softmax(Z)
    dZ = (A - Y) / m
    return dZ, None


def log_loss(A, Y):
    """Cross-entropy of probabilities."""
    return -np.mean(np.sum(Y * np.log(A), axis=1))


def log_loss_grad(A, Y):
    m = A.shape[0]
    dA = -(Y / A) / m
    return dA, None


def binary_cross_entropy(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def binary_cross_entropy_grad(p, y):
    m = p.size
    dp = -(y / p - (1 - y) / (1 - p)) / m
    return dp, None


def logistic_regression(w, X, y):
    """Labels −1 and 1 as numbers."""
    return np.log(1 + np.exp(-y * (X @ w))).sum()


def logistic_regression_grad(w, X, y):
    margin = y * (X @ w)
    s = 1 / (1 + np.exp(margin))
    return -X.T @ (y * s), None, None


def bce_with_logits(X, w, b, y):
    z = X @ w + b
    return (np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z)))).mean()


def bce_with_logits_grad(X, w, b, y):
    m = X.shape[0]
    p = 1 / (1 + np.exp(-(X @ w + b)))
    error = (p - y) / m
    dX = np.outer(error, w)
    dw = X.T @ error
    db = error.sum()
    return dX, dw, db, None


def huber(a, y):
    r = a - y
    return np.where(np.abs(r) <= 1, 0.5 * r**2, np.abs(r) - 0.5).sum()


def huber_grad(a, y):
    r = a - y
    d = np.where(np.abs(r) <= 1, r, np.sign(r))
    return d, -d


def hinge(S, Y):
    """Multi-class hinge loss with margin 1; the right class is one-hot in Y."""
    right = (S * Y).sum(axis=1, keepdims=True)
    margins = np.maximum(0, S - right + 1) * (1 - Y)
    return margins.sum() / len(S)


def hinge_grad(S, Y):
    right = (S * Y).sum(axis=1, keepdims=True)
    active = (S - right + 1 > 0) * (1 - Y)
    dS = active - Y * active.sum(axis=1, keepdims=True)
    return dS / len(S), None


def ridge(w, X, y, lam):
    r = X @ w - y
    return (r**2).mean() + lam * (w**2).sum()


def ridge_grad(w, X, y, lam):
    m = len(y)
    r = X @ w - y
    data = 2 / m * X.T @ r
    penalty = 2 * lam * w
    return data + penalty, None, None, None


def mean_absolute(a, y):
    return np.abs(a - y).mean()


def mean_absolute_grad(a, y):
    return np.sign(a - y) / a.size, None


def cosine(u, v):
    return u @ v / (np.sqrt(u @ u) * np.sqrt(v @ v))


def cosine_vjp(delta, u, v):
    nu = np.sqrt(u @ u)
    nv = np.sqrt(v @ v)
    c = u @ v / (nu * nv)
    du = v / (nu * nv) - c * u / nu**2
    dv = u / (nu * nv) - c * v / nv**2
    return delta * du, delta * dv


def length(x):
    return np.sqrt((x**2).sum())


def length_vjp(delta, x):
    n = np.sqrt((x**2).sum())
    return delta * x / n


def normalise(x):
    return x / np.sqrt((x**2).sum())


def normalise_vjp(delta, x):
    n = np.sqrt((x**2).sum())
    y = x / n
    return (delta - y * (delta @ y)) / n


def log_sum_exp(x):
    c = x.max()
    return c + np.log(np.exp(x - c).sum())


def log_sum_exp_vjp(delta, x):
    e = np.exp(x - x.max())
    p = e / e.sum()
    return delta * p


def quadratic(A, x):
    return 0.5 * x @ A @ x


def quadratic_vjp(delta, A, x):
    dA = 0.5 * np.outer(x, x)
    dx = 0.5 * (A @ x + A.T @ x)
    return delta * dA, delta * dx


def bilinear(x, W, y):
    return x @ W @ y


def bilinear_vjp(delta, x, W, y):
    dx = W @ y
    dW = np.outer(x, y)
    dy = W.T @ x
    return delta * dx, delta * dW, delta * dy


def log_volume(L):
    """ln det (LᵀL + I) / 2."""
    return 0.5 * np.linalg.slogdet(L.T @ L + np.eye(L.shape[1]))[1]


def log_volume_vjp(delta, L):
    K = L.T @ L + np.eye(L.shape[1])
    return delta * L @ np.linalg.inv(K)


def gaussian_nll(mu, s, y):
    """−ln N(y; μ, eˢ) without the constant, summed; s is the log of the standard deviation."""
    return (s + 0.5 * ((y - mu) / np.exp(s)) ** 2).sum()


def gaussian_nll_grad(mu, s, y):
    u = (y - mu) / np.exp(s)
    dmu = -u / np.exp(s)
    ds = 1 - u**2
    return dmu, ds, None


def kl(mu, logvar):
    """KL(N(μ, σ²) ‖ N(0, 1)), summed."""
    return -0.5 * (1 + logvar - mu**2 - np.exp(logvar)).sum()


def kl_grad(mu, logvar):
    dmu = mu
    dlogvar = -0.5 * (1 - np.exp(logvar))
    return dmu.copy(), dlogvar


def kernel(x, c, g):
    """exp(−γ ‖x − c‖²)."""
    return np.exp(-g * ((x - c) ** 2).sum())


def kernel_vjp(delta, x, c, g):
    d = x - c
    k = np.exp(-g * (d**2).sum())
    dx = -2 * g * k * d
    dc = 2 * g * k * d
    dg = -(d**2).sum() * k
    return delta * dx, delta * dc, delta * dg


def one_hot_rows(rng, shape):
    labels = np.zeros(shape)
    labels[np.arange(shape[0]), rng.integers(0, shape[1], shape[0])] = 1
    return labels


def signs(rng, shape):
    return rng.choice([-1.0, 1.0], shape)


CLASSES = {"signature": "(m,c),(m,c)->()", "domain": ["real", one_hot_rows], "kind": "grad"}

CLASSIFICATION = [
    *mistakes(
        Subject(softmax, softmax_vjp, "(m,c)->(m,c)"),
        ("softmax-diagonal", "A * (delta - inner)", "A * (1 - A) * delta"),
        ("wrong-softmax-derivative", "A * (delta - inner)", "A * delta"),
        ("missing-softmax-derivative delta-alone", "return A * (delta - inner)", "return delta.copy()"),
        ("sign", "(delta - inner)", "(inner - delta)"),
        ("wrong-softmax-axis", "axis=1, keepdims=True", "axis=0, keepdims=True"),
        ("wrong-softmax-derivative", "delta - inner", "delta + inner"),
        ("wrong-softmax-derivative", "A * (delta - inner)", "delta - inner"),
        ("wrong-softmax-axis", "axis=1, keepdims=True", ""),
        ("softmax-diagonal+sign", "A * (delta - inner)", "A * (A - 1) * delta"),
        (NAMELESS, "delta - inner", "delta - A"),
    ),
    *mistakes(
        Subject(log_softmax, log_softmax_vjp, "(m,c)->(m,c)"),
        (
            "missing-term delta-alone statistics-as-constants missing-softmax-derivative missing-jacobian",
            "delta - A * delta.sum(axis=1, keepdims=True)",
            "delta.copy()",
        ),
        ("jacobian-diagonal", "A * delta.sum(axis=1, keepdims=True)", "A * delta"),
        ("sign-of-a-term", "delta - A", "delta + A"),
        ("delta-ignored", "delta - A * delta.sum(axis=1, keepdims=True)", "1 - A * Z.shape[1]"),
        (NAMELESS, "delta - A * delta.sum(axis=1, keepdims=True)", "1 - A"),
        ("missing-term", "delta - A", "-A"),
    ),
    *mistakes(
        Subject(cross_entropy, cross_entropy_grad, **CLASSES),
        ("missing-mean", "(A - Y) / m", "A - Y"),
        ("sign", "(A - Y)", "(Y - A)"),
        ("wrong-axis-size", "len(Z)", "Z.shape[1]"),
        ("averaged-twice", "(A - Y) / m", "(A - Y) / m**2"),
        ("missing-term zero", "(A - Y)", "A"),
        ("missing-mean+sign sign+missing-mean", "(A - Y) / m", "Y - A"),
        ("factor", "(A - Y) / m", "2 * (A - Y) / m"),
        (NAMELESS, "(A - Y) / m", "-Y / (A + 1e-12) / m"),
        (NAMELESS, "A - Y", "np.exp(Z) - Y"),
        ("missing-slice", "(A - Y) / m", "(A - Y) / m; dZ[-1] = 0"),
        ("mean-for-sum", "(A - Y) / m", "(A - Y) / dZ.size", "A = softmax(Z)", "A = dZ = softmax(Z)"),
    ),
    *mistakes(
        Subject(log_loss, log_loss_grad, "(m,c),(m,c)->()", ["probability", one_hot_rows], "grad"),
        ("missing-mean", " / m", ""),
        ("sign", "-(Y", "(Y"),
        ("mean-for-sum", "/ m", "/ A.size"),
        (NAMELESS, "-(Y / A)", "(A - Y)"),
        ("epsilon", "(Y / A)", "(Y / (A + 1e-8))"),
        ("wrong-axis-size", "A.shape[0]", "A.shape[1]"),
        ("wrong-activation-derivative " + NAMELESS, "(Y / A)", "(Y * A)"),
    ),
    *mistakes(
        Subject(
            binary_cross_entropy, binary_cross_entropy_grad, "(n),(n)->()", ["probability", "binary"], "grad"
        ),
        ("missing-mean", " / m", ""),
        ("sign", "-(y / p", "(y / p"),
        ("sign-of-a-term absolute-value+sign", "- (1 - y)", "+ (1 - y)"),
        ("missing-term zero", " - (1 - y) / (1 - p)", ""),
        (NAMELESS, "-(y / p - (1 - y) / (1 - p))", "(p - y)"),
        ("epsilon " + NAMELESS, "(1 - p))", "(1 - p + 1e-7))", "y / p", "y / (p + 1e-7)"),
        ("averaged-twice", "/ m", "/ m / m"),
    ),
    *mistakes(
        Subject(
            logistic_regression,
            logistic_regression_grad,
            "(n),(m,n),(m)->()",
            ["real", "real", signs],
            "grad",
        ),
        ("sign", "-X.T", "X.T"),
        # d ln(1 + eᵘ) = eᵘ/(1 + eᵘ), and without the derivative of exp 1/(1 + eᵘ) is left, which this is.
        ("missing-activation-derivative", "np.exp(margin)", "np.exp(-margin)"),
        ("missing-factor", "(y * s)", "s"),
        ("mean-for-sum", "-X.T @ (y * s)", "-X.T @ (y * s) / len(y)"),
        ("dropped-example", "-X.T @ (y * s)", "-X[1:].T @ (y * s)[1:]"),
        ("wrong-activation-derivative derivative-twice", "(y * s)", "(y * s * (1 - s))"),
    ),
    *mistakes(
        Subject(
            bce_with_logits,
            bce_with_logits_grad,
            "(m,n),(n),(),(m)->()",
            ["real", "real", "real", "binary"],
            "grad",
        ),
        ("missing-mean", "(p - y) / m", "(p - y)"),
        ("sign", "(p - y)", "(y - p)"),
        ("averaged-twice", "error.sum()", "error.mean()"),
        (NAMELESS, "(p - y) / m", "(p - y) * p * (1 - p) / m"),
        ("wrong-axis-size", "X.shape[0]", "X.shape[1]"),
        ("missing-mean", "X.T @ error", "X.T @ error * m"),
        ("zero", "np.outer(error, w)", "np.zeros_like(X)"),
        ("dropped-example", "error.sum()", "error[:-1].sum()"),
        ("missing-batch-sum", "error.sum()", "error[0]"),
        ("sign", "error.sum()", "-error.sum()"),
    ),
    *mistakes(
        Subject(hinge, hinge_grad, "(m,c),(m,c)->()", ["real", one_hot_rows], "grad"),
        ("missing-mean", "dS / len(S)", "dS"),
        ("missing-term", " - Y * active.sum(axis=1, keepdims=True)", ""),
        (NAMELESS, "active.sum(axis=1, keepdims=True)", "1"),
        ("sign-of-a-term", "active - Y", "active + Y"),
        ("wrong-activation-derivative", "S - right + 1 > 0", "S - right > 0"),
        ("wrong-axis-size", "len(S)", "S.shape[1]"),
    ),
]

REGRESSION = [
    *mistakes(
        Subject(huber, huber_grad, "(n),(n)->()", kind="grad"),
        ("wrong-activation-derivative only-in-saturation", "np.where(np.abs(r) <= 1, r, np.sign(r))", "r"),
        # At a point where all r < −1 it is no more than a sign, or for the next but one nothing but zeros.
        (
            "missing-activation-derivative sign",
            "np.where(np.abs(r) <= 1, r, np.sign(r))",
            "np.where(np.abs(r) <= 1, r, 1)",
        ),
        ("sign", "d, -d", "d, d"),
        ("sign", "r = a - y", "r = y - a"),
        (
            "factor-of-a-term",
            "np.where(np.abs(r) <= 1, r, np.sign(r))",
            "np.where(np.abs(r) <= 1, 0.5 * r, np.sign(r))",
        ),
        (NAMELESS + " sign-only", "np.where(np.abs(r) <= 1, r, np.sign(r))", "np.sign(r)"),
        ("missing-term zero", "np.where(np.abs(r) <= 1, r, np.sign(r))", "np.where(np.abs(r) <= 1, r, 0)"),
    ),
    *mistakes(
        Subject(ridge, ridge_grad, "(n),(m,n),(m),()->()", kind="grad"),
        ("missing-penalty", "data + penalty", "data"),
        ("halved-penalty", "2 * lam * w", "lam * w"),
        ("doubled-penalty", "2 * lam * w", "4 * lam * w"),
        ("penalty-without-lambda", "2 * lam * w", "2 * w"),
        ("penalty-over-m", "2 * lam * w", "2 * lam * w / m"),
        ("sign-of-penalty", "data + penalty", "data - penalty"),
        ("factor-of-a-term", "2 / m", "1 / m"),
        ("missing-mean", "2 / m", "2"),
        ("missing-term", "data + penalty", "penalty"),
        ("dropped-example", "X.T @ r", "X[1:].T @ r[1:]"),
        ("missing-mean+missing-penalty missing-penalty+missing-mean", "2 / m", "2", "data + penalty", "data"),
        ("factor", "data + penalty", "(data + penalty) / 2"),
        (
            "factor-of-a-term+halved-penalty halved-penalty+factor-of-a-term factor",
            "2 / m",
            "1 / m",
            "2 * lam",
            "lam",
        ),
        ("sign-of-a-term", "X @ w - y", "y - X @ w"),
        ("wrong-penalty " + NAMELESS, "2 * lam * w", "lam * np.sign(w)"),
        ("penalty-factor " + NAMELESS, "2 * lam * w", "2 * lam**2 * w"),
    ),
    *mistakes(
        Subject(mean_absolute, mean_absolute_grad, "(n),(n)->()", kind="grad"),
        ("missing-mean", " / a.size", ""),
        ("sign", "a - y", "y - a"),
        (NAMELESS + " missing-activation-derivative", "np.sign(a - y)", "1"),
        ("wrong-activation-derivative", "np.sign(a - y)", "(a - y)"),
        ("averaged-twice", "/ a.size", "/ a.size**2"),
    ),
    *mistakes(
        Subject(gaussian_nll, gaussian_nll_grad, "(n),(n),(n)->()", kind="grad"),
        ("sign", "-u / np", "u / np"),
        ("extra-factor", "-u / np.exp(s)", "-u"),
        ("sign-of-a-term", "1 - u**2", "1 + u**2"),
        ("missing-term one-added", "1 - u**2", "-u**2"),
        ("factor-of-a-term", "1 - u**2", "1 - 0.5 * u**2"),
    ),
    *mistakes(
        Subject(kl, kl_grad, "(n),(n)->()", kind="grad"),
        ("sign", "dmu = mu", "dmu = -mu"),
        ("factor", "-0.5 * (1", "-(1"),
        ("factor", "dmu = mu", "dmu = 0.5 * mu"),
        ("sign-of-a-term", "(1 - np.exp(logvar))", "(1 + np.exp(logvar))"),
        ("missing-term", "(1 - np.exp(logvar))", "(-np.exp(logvar))"),
        ("factor-of-a-term+missing-term", "-0.5 * (1 - np.exp(logvar))", "np.exp(logvar)"),
    ),
    *mistakes(
        Subject(kernel, kernel_vjp, "(n),(n),()->()"),
        ("sign", "-2 * g", "2 * g"),
        ("factor", "2 * g * k * d\n    dg", "g * k * d\n    dg"),
        ("sign", "-(d**2)", "(d**2)"),
        ("missing-factor-of-argument", "-2 * g * k", "-2 * k"),
        ("missing-factor missing-activation-derivative", "(d**2).sum() * k\n", "(d**2).sum()\n"),
        ("delta-ignored", "delta * dx, ", "dx, "),
    ),
]

ALGEBRA = [
    *mistakes(
        Subject(cosine, cosine_vjp, "(n),(n)->()"),
        ("missing-term statistics-as-constants", " - c * u / nu**2", ""),
        ("sign-of-a-term", "nv) - c * v", "nv) + c * v"),
        ("wrong-argument", "delta * du, delta * dv", "delta * dv, delta * du"),
        (NAMELESS, "c * u / nu**2", "c * u / nu"),
        (NAMELESS + " missing-factor", "- c * u / nu**2", "- u / nu**2"),
    ),
    *mistakes(
        Subject(length, length_vjp, "(n)->()"),
        ("factor", "x / n", "2 * x / n"),
        ("extra-factor", "x / n", "x"),
        ("extra-factor", "x / n", "x * n"),
        ("missing-factor", "n = np.sqrt((x**2).sum())", "n = (x**2).sum()"),
        ("delta-ignored", "delta * x", "x"),
    ),
    *mistakes(
        Subject(normalise, normalise_vjp, "(n)->(n)"),
        ("statistics-as-constants missing-term", "(delta - y * (delta @ y)) / n", "delta / n"),
        ("jacobian-diagonal", "(delta @ y)", "(delta * y)"),
        ("sign-of-a-term", "delta - y", "delta + y"),
        ("extra-factor", "(delta @ y)) / n", "(delta @ y))"),
        (NAMELESS, "(delta - y * (delta @ y))", "(delta - x * (delta @ x))"),
    ),
    *mistakes(
        Subject(log_sum_exp, log_sum_exp_vjp, "(n)->()"),
        ("delta-ignored", "delta * p", "p"),
        ("missing-term", "p = e / e.sum()", "p = (x == x.max()) * 1.0"),
        ("missing-activation-derivative missing-factor extra-factor " + NAMELESS, "e / e.sum()", "e"),
        ("averaged-twice mean-for-sum", "delta * p", "delta * p / x.size"),
    ),
    *mistakes(
        Subject(quadratic, quadratic_vjp, "(n,n),(n)->()"),
        ("factor-of-a-term+missing-term missing-transpose", "0.5 * (A @ x + A.T @ x)", "A @ x"),
        ("factor-of-a-term+missing-term missing-transpose", "0.5 * (A @ x + A.T @ x)", "A.T @ x"),
        ("factor", "0.5 * np.outer", "np.outer"),
        ("factor", "0.5 * (A", "(A"),
        ("missing-term", "A @ x + A.T @ x", "A @ x"),
        ("sign-of-a-term", "A @ x + A", "A @ x - A"),
    ),
    *mistakes(
        Subject(bilinear, bilinear_vjp, "(n),(n,n),(n)->()"),
        ("missing-transpose", "W.T @ x", "W @ x"),
        ("transposed", "np.outer(x, y)", "np.outer(y, x)"),
        ("wrong-argument", "delta * dx, delta * dW, delta * dy", "delta * dy, delta * dW, delta * dx"),
        ("missing-transpose", "dx = W @ y", "dx = W.T @ y"),
        ("wrong-variable", "dx = W @ y", "dx = W @ x"),
        ("missing-matrix-product missing-factor argument-left-out", "dx = W @ y", "dx = y.copy()"),
    ),
    *mistakes(
        Subject(log_volume, log_volume_vjp, "(m,n)->()"),
        ("factor", "delta * L", "2 * delta * L"),
        ("factor", "delta * L", "0.5 * delta * L"),
        (NAMELESS + " missing-factor", " @ np.linalg.inv(K)", ""),
        (NAMELESS, "np.linalg.inv(K)", "K"),
    ),
]

MISTAKES = [*CLASSIFICATION, *REGRESSION, *ALGEBRA]
