from __future__ import annotations

import re
from xml.etree import ElementTree

import handmade
import pytest

from reports.record import Subject, comparison_record
from reports.render import plots
from reports.summary import Summary

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("plot", [plots.worst, plots.distribution])
def test_a_plot_is_well_formed_named_and_always_the_same(report, plot):
    svg = plot(report.summary)
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").get("id") == root.get("aria-labelledby")
    assert svg == plot(report.summary)


@pytest.mark.parametrize("plot", [plots.worst, plots.distribution])
def test_a_plot_takes_its_colours_from_the_page_and_nothing_from_the_network(report, plot):
    svg = plot(report.summary)
    assert "currentColor" in svg
    assert "var(--oracle-0)" in svg
    assert not re.search(r"#0[0-9a-f]{5}\b", svg)
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", svg)
    assert "<style" not in svg


def test_ids_of_two_plots_differ(report):
    ids = [
        set(re.findall(r'\bid="([^"]*)"', plot(report.summary))) for plot in (plots.worst, plots.distribution)
    ]
    assert all(ids)
    assert not ids[0] & ids[1]


def test_the_plot_names_what_is_above_one(report):
    assert "above 1: mean_squared_error" in plots.worst(report.summary)
    agreeing = Summary()
    agreeing.add(comparison_record(handmade.comparison("affine"), Subject("affine"), "vjp"))
    assert "none is above 1" in plots.worst(agreeing)


def test_little_room_is_left_above_one_where_everything_agrees(report):
    agreeing = Summary()
    agreeing.add(comparison_record(handmade.comparison("affine", worst=1.0), Subject("affine"), "vjp"))
    assert plots.Scale.of(agreeing).highest == 1e3
    assert plots.Scale.of(report.summary).highest == 1e9
    assert "≥10⁹" in plots.worst(report.summary)
    assert "≥10⁹" not in plots.worst(agreeing)


def test_nothing_compared_gives_no_plot():
    summary = Summary()
    summary.add(comparison_record(handmade.undecided("f", 0, "autodiff", "a kink"), Subject("f"), "vjp"))
    assert plots.worst(summary) == plots.distribution(summary) == ""


def test_a_name_is_text_whatever_is_in_it():
    name = """tests/test_a.py::test_b[$x^2$-<é-中>-id="1"-url(#a)-#010203]"""
    summary = Summary()
    summary.add(comparison_record(handmade.comparison("f"), Subject(name), "vjp"))
    root = ElementTree.fromstring(plots.worst(summary))
    assert name in ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_every_comparison_is_in_the_distribution():
    summary = Summary()
    discrepancies = (0.0, 1e-300, 1e-9, 0.3, 1.0, 1.5, 1e9, 1e200, float("inf"))
    for case, worst in enumerate(discrepancies):
        summary.add(comparison_record(handmade.comparison("f", case, worst=worst), Subject("f"), "vjp"))
    root = ElementTree.fromstring(plots.distribution(summary))
    # 0 and what is below 1e-9 share the first class, 1e9 and more the last: of three comparisons each.
    assert "3" in ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert sum(summary.distribution["autodiff"].values()) == len(discrepancies)
