"""Which functions may fire more than once a call, by name alone: they get no anchors."""

import builtins
from collections import deque
from collections.abc import Callable, Iterator

from stepcode.anchor.facts import CONSTRUCTORS, Facts, Function, FunctionNode, Reference


def silent_functions(
    facts: Facts, references: list[Reference], hot_calls: set[str]
) -> set[FunctionNode]:
    """Find the functions that may fire more than once a call.

    By name alone, which errs on the silent side: a hot or uncalled reference, a place on or below a
    cycle of calls, a definition inside a loop, or a caller that is silent itself.
    """
    functions = list(facts.functions.values())
    targets = _targets_by_name(facts)
    callees: dict[Function, set[Function]] = {function: set() for function in functions}
    seeds = {function for function in functions if function.in_loop}
    for reference in references:
        caller = reference.caller
        if caller is not None and not reference.attribute and reference.name in caller.locals:
            continue  # a variable that has a function's name
        for function in targets(reference):
            constructs = function.node.name in CONSTRUCTORS
            if reference.hot or not (reference.called or constructs):
                seeds.add(function)
            if caller is not None:
                callees[caller].add(function)
    if _calls_unknown(facts, hot_calls):
        seeds |= {function for function in functions if function.node.name == "__call__"}
    seeds |= _on_or_below_cycles(callees)
    queue = deque(seeds)
    while queue:
        for function in callees[queue.popleft()] - seeds:
            seeds.add(function)
            queue.append(function)
    return {function.node for function in seeds}


def _targets_by_name(facts: Facts) -> Callable[[Reference], Iterator[Function]]:
    """Resolve a reference to the functions it may run: functions, methods, constructors."""
    by_name: dict[tuple[str, bool], list[Function]] = {}
    for function in facts.functions.values():
        by_name.setdefault((function.node.name, function.is_method), []).append(function)
    constructors: dict[str, list[Function]] = {}
    for node in facts.classes:
        constructors[node.name] = [
            facts.functions[item]
            for item in node.body
            if isinstance(item, FunctionNode) and item.name in CONSTRUCTORS
        ]

    def targets(reference: Reference) -> Iterator[Function]:
        yield from by_name.get((reference.name, reference.attribute), ())
        yield from constructors.get(reference.name, ())

    return targets


def _calls_unknown(facts: Facts, hot_calls: set[str]) -> bool:
    """Whether something that is no known function is called in a loop: it may be an instance."""
    known = facts.defined | facts.imports
    return any(
        not name or (name not in known and not hasattr(builtins, name)) for name in hot_calls
    )


def _on_or_below_cycles(callees: dict[Function, set[Function]]) -> set[Function]:
    """Take away, again and again, every function that nothing left calls; cycles never go."""
    callers = dict.fromkeys(callees, 0)
    for called in callees.values():
        for function in called:
            callers[function] += 1
    free = deque(function for function, count in callers.items() if count == 0)
    left = set(callees)
    while free:
        function = free.popleft()
        left.discard(function)
        for called_function in callees[function]:
            callers[called_function] -= 1
            if callers[called_function] == 0:
                free.append(called_function)
    return left
