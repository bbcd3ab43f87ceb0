"""The best order of a tour, by the routing solver of OR-Tools: the same question has the same answer.

What is searched is limited by the number of branches taken, not by the clock, and nothing in it is random. The
solver travels least; of a day that is too short it leaves out what costs least urgency. That is worth more than any
way: a site is never left out to save petrol.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gridmap.domain.tour import Hours

log = logging.getLogger(__name__)

BRANCHES = 5000
"""So many branches are searched; tests/benchmarks/tours.py measures what that gives. A limit of solutions would not do:
a tour of two sites has too few of them ever to reach it."""

GUARD_S = 20
"""Nobody waits longer than this, whatever the machine is busy with; the limit above ends a search within seconds."""

_URGENCY_S = 86_400
"""Leaving out a site of urgency 1 costs as much as driving for a day."""

_MUST = 10_000_000
"""Times as much costs one that must be visited, or that is fixed in its place."""


@dataclass(frozen=True)
class Task:
    """One place to go to. service_s: time there. hours: when it is open. position: its place in the order, from 1."""

    service_s: int = 0
    hours: Hours = ()
    urgency: float = 1.0
    must: bool = False
    position: int | None = None


@dataclass(frozen=True)
class Problem:
    """What is to be ordered. seconds: ways between start (0), tasks (1 …) and end (last), square.

    begins_s, ends_s: the day. most: at most so many tasks are done.
    """

    seconds: Sequence[Sequence[int]]
    tasks: Sequence[Task]
    begins_s: int
    ends_s: int
    most: int | None = None
    branches: int = BRANCHES


def best_order(problem: Problem) -> list[int]:
    """Return the numbers of the tasks (from 0) in the best order found; those left out are missing.

    A task whose position cannot be had, because too few come before it, comes as late as it can.
    """
    order = _search(problem, is_strict=True)
    fixed = [number for number, task in enumerate(problem.tasks) if task.position is not None]
    if set(fixed) <= set(order):
        return order
    return _search(problem, is_strict=False)


def _search(problem: Problem, *, is_strict: bool) -> list[int]:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    number, tasks = len(problem.seconds), problem.tasks
    if not tasks:
        return []
    manager = pywrapcp.RoutingIndexManager(number, 1, [0], [number - 1])
    model = pywrapcp.RoutingModel(manager)
    travel = model.RegisterTransitMatrix([[int(way) for way in row] for row in problem.seconds])
    model.SetArcCostEvaluatorOfAllVehicles(travel)
    stays = [0, *(task.service_s for task in tasks), 0]
    lasting = model.RegisterTransitMatrix(
        [[int(way) + stays[place] for way in row] for place, row in enumerate(problem.seconds)]
    )
    model.AddDimension(lasting, problem.ends_s, problem.ends_s, False, "time")
    time = model.GetDimensionOrDie("time")
    time.CumulVar(model.Start(0)).SetValue(problem.begins_s)
    time.CumulVar(model.End(0)).SetMax(problem.ends_s)
    if any(task.hours for task in tasks):
        time.SetSpanCostCoefficientForAllVehicles(1)  # waiting before a gate is no better than driving
    step = model.RegisterUnaryTransitVector([1] * number)
    most = len(tasks) if problem.most is None else min(problem.most, len(tasks))
    model.AddDimension(step, 0, most + 1, True, "place")
    place = model.GetDimensionOrDie("place")
    last_fixed = None
    for here, task in sorted(enumerate(tasks), key=lambda pair: (pair[1].position or 0, pair[0])):
        index = manager.NodeToIndex(here + 1)
        _keep_to_hours(time.CumulVar(index), task, problem)
        weight = _MUST if task.must or task.position is not None else max(task.urgency, 0.001)
        model.AddDisjunction([index], int(weight * _URGENCY_S))
        if task.position is not None:
            if is_strict:
                place.CumulVar(index).SetValue(task.position)
            else:
                place.CumulVar(index).SetMax(task.position)
                if last_fixed is not None:
                    model.solver().Add(place.CumulVar(last_fixed) < place.CumulVar(index))
                last_fixed = index
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.seconds = GUARD_S
    model.AddSearchMonitor(model.solver().BranchesLimit(problem.branches))
    found = model.SolveWithParameters(parameters)
    if found is None:
        log.warning("no order found for %d places", len(tasks))
        return []
    order, index = [], found.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(index):
        order.append(manager.IndexToNode(index) - 1)
        index = found.Value(model.NextVar(index))
    return order


def _keep_to_hours(begins: Any, task: Task, problem: Problem) -> None:
    """Have work begin only when the place is open long enough. begins: the solver's variable."""
    if not task.hours:
        return
    ends = [(opens, closes - task.service_s) for opens, closes in task.hours if closes - task.service_s >= opens]
    if not ends:
        begins.SetRange(problem.ends_s, problem.ends_s)  # never open so long
        return
    begins.SetRange(ends[0][0], ends[-1][1])
    for (_opens, shuts), (opens, _shuts) in pairwise(ends):
        begins.RemoveInterval(shuts + 1, opens - 1)
