"""What arrays are put through: running sums, sorting, windows, gathering, padding, pooling, convolution."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from reference_impl.formula import Formula


def running_sum(x):
    """y_i = Σ_{j ≤ i} x_j.   x: (n)."""
    return np.cumsum(x)


def running_sum_vjp(delta, x):
    return np.cumsum(delta[::-1])[::-1]


def running_product(x):
    """y_i = Π_{j ≤ i} x_j.   x: (n), positive."""
    return np.cumprod(x)


def running_product_vjp(delta, x):
    return np.cumsum((delta * np.cumprod(x))[::-1])[::-1] / x


def ascending(x):
    """x sorted.   x: (n)."""
    return np.sort(x)


def ascending_vjp(delta, x):
    by_x = np.zeros_like(x)
    by_x[np.argsort(x, kind="stable")] = delta
    return by_x


def largest(x):
    """max x.   x: (n)."""
    return x.max()


def largest_vjp(delta, x):
    by_x = np.zeros_like(x)
    by_x[np.argmax(x)] = delta
    return by_x


def row_largest(X):
    """The largest entry of every row.   X: (m, n)."""
    return np.max(X, axis=1)


def row_largest_vjp(delta, X):
    by_X = np.zeros_like(X)
    by_X[np.arange(len(X)), X.argmax(axis=1)] = delta
    return by_X


def max_pool(X):
    """The largest of every 2 × 2 window.   X: (4, 6)."""
    return X.reshape(2, 2, 3, 2).max(axis=(1, 3))


def max_pool_vjp(delta, X):
    by_X = np.zeros_like(X)
    for i in range(2):
        for j in range(3):
            window = X[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            row, column = np.unravel_index(np.argmax(window), (2, 2))
            by_X[2 * i + row, 2 * j + column] = delta[i, j]
    return by_X


def mean_pool(x):
    """Means of neighbours two by two.   x: (6)."""
    return x.reshape(3, 2).mean(axis=1)


def mean_pool_vjp(delta, x):
    return np.repeat(delta, 2) / 2


def convolution(x, k):
    """y_i = Σ_j k_j x_{i+j}, where the kernel of three fits.   x: (n + 2), here (7); k: (3)."""
    return np.stack([x[i : i + 3] @ k for i in range(len(x) - 2)])


def convolution_vjp(delta, x, k):
    by_x = np.zeros_like(x)
    by_k = np.zeros_like(k)
    for i in range(len(delta)):
        by_x[i : i + 3] += delta[i] * k
        by_k += delta[i] * x[i : i + 3]
    return by_x, by_k


def convolution_2d(X, K):
    """Cross-correlation of an image with a 2 × 2 kernel.   X: (4, 5); K: (2, 2)."""
    rows, columns = X.shape[0] - 1, X.shape[1] - 1
    Y = np.zeros((rows, columns))
    for k in range(2):
        for n in range(2):
            Y = Y + K[k, n] * X[k : k + rows, n : n + columns]
    return Y


def convolution_2d_vjp(delta, X, K):
    by_X, by_K = np.zeros_like(X), np.zeros_like(K)
    rows, columns = delta.shape
    for k in range(2):
        for n in range(2):
            by_X[k : k + rows, n : n + columns] += K[k, n] * delta
            by_K[k, n] = (delta * X[k : k + rows, n : n + columns]).sum()
    return by_X, by_K


def embedding(E, t):
    """The rows of a table that the numbers t name.   E: (k, d); t: (m) row numbers."""
    return E[t]


def embedding_vjp(delta, E, t):
    by_E = np.zeros_like(E)
    np.add.at(by_E, t, delta)
    return by_E, None


def scatter(x, t):
    """Σ of the entries that carry the same number.   x: (m); t: (m), numbers below 4."""
    y = np.zeros(4)
    np.add.at(y, t, x)
    return y


def scatter_vjp(delta, x, t):
    return delta[t], None


def padded(x):
    """Two zeros before, one after.   x: (n)."""
    return np.pad(x, (2, 1))


def padded_vjp(delta, x):
    return delta[2:-1]


def rolled(x):
    """Shifted by one, end to start.   x: (n)."""
    return np.roll(x, 1)


def rolled_vjp(delta, x):
    return np.roll(delta, -1)


def reversed_order(x):
    """Last to first.   x: (n)."""
    return x[::-1]


def reversed_order_vjp(delta, x):
    return delta[::-1]


def transposed(X):
    """Xᵀ.   X: (m, n)."""
    return X.T


def transposed_vjp(delta, X):
    return delta.T


def differences(x):
    """x_{i+1} − x_i.   x: (5)."""
    return np.diff(x)


def differences_vjp(delta, x):
    by_x = np.zeros_like(x)
    by_x[1:] += delta
    by_x[:-1] -= delta
    return by_x


def interpolated(x, y, t):
    """(1 − t) x + t y.   x, y: (n); t: scalar."""
    return (1 - t) * x + t * y


def interpolated_vjp(delta, x, y, t):
    return (1 - t) * delta, t * delta, delta @ (y - x)


def standard_mean(X):
    """The mean of every column.   X: (m, n)."""
    return X.mean(axis=0)


def standard_mean_vjp(delta, X):
    return np.ones_like(X) * delta / X.shape[0]


def product_of_entries(x):
    """Π x.   x: (n), positive."""
    return np.prod(x)


def product_of_entries_vjp(delta, x):
    return np.array([delta * np.prod(np.delete(x, i)) for i in range(len(x))])


def stacked(x, y):
    """Both, one after the other.   x: (m); y: (n)."""
    return np.concatenate([x, y])


def stacked_vjp(delta, x, y):
    return delta[: len(x)], delta[len(x) :]


def chosen(x, y):
    """The larger of two, entry by entry.   x, y: (n)."""
    return np.maximum(x, y)


def chosen_vjp(delta, x, y):
    return np.where(x > y, delta, 0), np.where(x > y, 0, delta)


def power(x, p):
    """x^p.   x: (n), positive; p: scalar."""
    return x**p


def power_vjp(delta, x, p):
    return delta * p * x ** (p - 1), (delta * x**p * np.log(x)).sum()


def dropped_out(x, mask):
    """x where the mask keeps it, twice as large.   x, mask: (n), mask 0 or 1."""
    return 2 * mask * x


def dropped_out_vjp(delta, x, mask):
    return 2 * mask * delta, None


def small_numbers(count):
    """A domain of row numbers below ``count``."""

    def draw(rng, shape):
        return rng.integers(0, count, shape)

    return draw


_POSITIVE = MappingProxyType({"x": "positive"})

FORMULAS = (
    Formula("running_sum", running_sum, running_sum_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("running_product", running_product, running_product_vjp, "(n)->(n)", (), _POSITIVE),
    Formula("ascending", ascending, ascending_vjp, "(n)->(n)", ()),
    Formula("largest", largest, largest_vjp, "(n)->()", ()),
    Formula("row_largest", row_largest, row_largest_vjp, "(m,n)->(m)", ()),
    Formula("max_pool", max_pool, max_pool_vjp, "(4,6)->(2,3)", ()),
    Formula("mean_pool", mean_pool, mean_pool_vjp, "(6)->(3)", ()),
    Formula("convolution", convolution, convolution_vjp, "(7),(3)->(5)", ()),
    Formula("convolution_2d", convolution_2d, convolution_2d_vjp, "(4,5),(2,2)->(3,4)", ()),
    Formula("embedding", embedding, embedding_vjp, "(k,d),(m)->(m,d)", (), MappingProxyType({"t": "label"})),
    Formula("scatter", scatter, scatter_vjp, "(m),(m)->(4)", (), MappingProxyType({"t": small_numbers(4)})),
    Formula("padded", padded, padded_vjp, "(n)->(p)", ()),
    Formula("rolled", rolled, rolled_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("reversed_order", reversed_order, reversed_order_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("transposed", transposed, transposed_vjp, "(m,n)->(n,m)", (), empty=("m", "n")),
    Formula("differences", differences, differences_vjp, "(5)->(4)", ()),
    Formula("interpolated", interpolated, interpolated_vjp, "(n),(n),()->(n)", (), empty=("n",)),
    Formula("standard_mean", standard_mean, standard_mean_vjp, "(m,n)->(n)", (), empty=("n",)),
    Formula("product_of_entries", product_of_entries, product_of_entries_vjp, "(n)->()", (), _POSITIVE),
    Formula("stacked", stacked, stacked_vjp, "(2),(3)->(5)", ()),
    Formula("chosen", chosen, chosen_vjp, "(n),(n)->(n)", (), empty=("n",)),
    Formula("power", power, power_vjp, "(n),()->(n)", (), _POSITIVE, empty=("n",)),
    Formula(
        "dropped_out",
        dropped_out,
        dropped_out_vjp,
        "(n),(n)->(n)",
        (),
        MappingProxyType({"mask": "binary"}),
        empty=("n",),
    ),
)
