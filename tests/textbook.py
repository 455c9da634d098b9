"""A small book made by hand: two chapters, a theorem of every strength, an erratum and a wrong form."""

from __future__ import annotations

from derivations.catalogue import equations
from derivations.reviewed import checked, set_aside, wrong_forms
from reports.coverage import Catalogue, catalogue
from reports.derivation import Book, Chapter, Claim, Derivation, Mutant, Step

EXPONENTIAL = Derivation(
    "exponential",
    "The exponential is its own derivative",
    "activations",
    (Claim(r"\frac{d e^{z}}{dz} = e^{z}"),),
    "definition",
    5,
    "definition",
)

SIGMOID = Derivation(
    "sigmoid-slope",
    "Derivative of the sigmoid",
    "activations",
    (
        Claim(
            r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z))",
            r"\sigma'(z)",
            (
                Step(r"\frac{e^{-z}}{(1 + e^{-z})^{2}}", "chain rule", "the inner function is $1 + e^{-z}$"),
                Step(r"1 - \sigma(z)", "definition", of=r"\frac{e^{-z}}{1 + e^{-z}}"),
                Step(r"\sigma(z)\,(1 - \sigma(z))", "definition", uses="exponential"),
            ),
        ),
    ),
    "identity-tested",
    3,
    "tested",
    evidence=("Two seeds; the probability of an error is below $2^{-50}$.",),
    uses=("exponential",),
    sources=("article-7", "cs182-29"),
    mutants=(Mutant(r"\sigma'(z) = -\sigma(z)\,(1 - \sigma(z))", "the sign is lost", True, "cs182-29"),),
)

SOFTMAX = Derivation(
    "softmax-jacobian",
    "Softmax Jacobian",
    "softmax",
    (
        Claim(
            r"\frac{\partial a_i}{\partial z_j} = a_i\left(\delta_{ij} - a_j\right)",
            r"\frac{\partial}{\partial z_j}\frac{e^{z_i}}{\sum_{k=1}^{n} e^{z_k}}",
            (
                Step(
                    r"\frac{\delta_{ij}\,e^{z_i}}{\sum_{k} e^{z_k}}"
                    r" - \frac{e^{z_i}\,e^{z_j}}{\left(\sum_{k} e^{z_k}\right)^{2}}",
                    "quotient rule",
                    "of the sum only the term $k = j$ depends on $z_j$",
                    uses="exponential",
                ),
                Step(r"a_i\,\delta_{ij} - a_i\,a_j", "definition of softmax"),
                Step(r"a_i\left(\delta_{ij} - a_j\right)", "distributive law"),
            ),
            "one entry",
        ),
        Claim(r"\sum_{j=1}^{n} \frac{\partial a_i}{\partial z_j} = 0", label="a row"),
    ),
    "proved for all dimensions",
    0,
    evidence=("The second path agrees at the shapes n = 2 and n = 3.",),
    introduction="Softmax turns $n$ numbers into probabilities.",
    conclusion="The Jacobian is symmetric.",
    definitions=(r"a = \operatorname{softmax}(z)",),
    letters=(("z", "a column of $n$"),),
    conditions=("$n \\ge 1$", "a is the softmax of z"),
    uses=("exponential",),
    sources=("article-101", "nndl-41"),
    mutants=(
        Mutant(r"a_i\left(\delta_{ij} - a_i\right)", "$a_i$ stands for $a_j$", True),
        Mutant(r"\operatorname{diag}(a_i(1 - a_i))", "only the diagonal is kept", True, "nndl-41"),
    ),
)

FAILED = Derivation(
    "two-steps-at-once",
    "A step that is not right",
    "softmax",
    (Claim(r"a = b"),),
    "failed",
    9,
    "failed",
    evidence=("Step 1 does not follow.",),
    sources=("article-22",),
    mutants=(Mutant("", "a stands for b", False),),
)


def book() -> Book:
    """The book."""
    return Book(
        (
            Chapter("activations", "Activations", "Functions of one number; $z$ is the pre-activation."),
            Chapter("softmax", "Softmax", "The output layer of a classifier."),
        ),
        {one.name: one for one in (EXPONENTIAL, SIGMOID, SOFTMAX, FAILED)},
        equations(),
    )


def coverage() -> Catalogue:
    """What covers the catalogue, if the book and two formulas were all there is."""
    made = book()
    proofs = {name: [one.proof for one in made.covering(name)] for name in equations()}
    formulas = {"article-6": ["sigmoid"], "article-7": ["sigmoid"], "article-13": ["leaky_relu"]}
    refuting = {name: made.refuting(name) for name in equations()}
    return catalogue(equations(), proofs, formulas, set_aside(), checked(), wrong_forms(), refuting)


MEANINGS = {
    "proved for all dimensions": "Both sides have the same normal form, with dimensions that stay symbols."
}
"""What some of the statuses mean."""
