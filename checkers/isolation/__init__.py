"""Running a submission safely: the judge never imports it, a worker process evaluates its functions."""

from __future__ import annotations

from checkers.isolation.limits import Limits
from checkers.isolation.policy import Policy
from checkers.isolation.results import (
    ClassInfo,
    Crash,
    FunctionInfo,
    Handle,
    ImportInfo,
    Loaded,
    ParameterInfo,
    Protection,
    Result,
)
from checkers.isolation.steps import Call, Construct, GetAttribute, Method, Ref, SetAttribute, Step
from checkers.isolation.worker import Worker

__all__ = [
    "Call",
    "ClassInfo",
    "Construct",
    "Crash",
    "FunctionInfo",
    "GetAttribute",
    "Handle",
    "ImportInfo",
    "Limits",
    "Loaded",
    "Method",
    "ParameterInfo",
    "Policy",
    "Protection",
    "Ref",
    "Result",
    "SetAttribute",
    "Step",
    "Worker",
]
