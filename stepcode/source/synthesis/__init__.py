"""A seeded writer of small programs: templates with typed holes, put together into functions.

    levels.py        what each difficulty allows
    kinds.py         the types of values, and what variables of each are called
    literals.py      values to call a program with, and the constants in it
    expressions.py   templates of expressions, by the kind of value they give: scalars, containers
    conditions.py    templates of conditions
    idioms.py        templates of statements
    endless.py       templates of `while` loops, each with its reason to end
    template.py      how a template is read
    scope.py         the variables at hand, and fresh names
    fill.py          how the holes of a template are filled
    write.py         how statements become functions, and functions a program

Nothing here runs what it writes. That a program ends and mostly does not raise follows from the
templates: loops run over finite values that their bodies leave alone or count down, and what could
raise (an index, a missing key, an empty maximum) stands behind a test.
"""
