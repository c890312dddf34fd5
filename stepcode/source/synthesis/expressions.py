"""Templates of expressions, by the kind of value they give.

A template is Python in which a kind stands where a value of it belongs. `NUMS_a` is the same value
each time; `NUMS_v` is a variable, which is changed. The first hole is filled from the variables,
so that no expression is a constant. No expression raises, whatever values of the kinds it gets.
"""

from collections.abc import Mapping

from stepcode.source.synthesis.containers import CONTAINERS
from stepcode.source.synthesis.kinds import Kind
from stepcode.source.synthesis.scalars import SCALARS

EXPRESSIONS: Mapping[Kind, tuple[str, ...]] = {**SCALARS, **CONTAINERS}
