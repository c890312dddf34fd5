"""A form does not see names and layout, and any stretch of it compares by itself."""

import numpy as np
from hypothesis import given

from stepcode.dataset.grams import form_grams, form_number, function_numbers
from stepcode.dataset.normal_form import form_text, read_form
from stepcode.source.calls import parse_module
from tests.property.programs import programs
from tests.unit.leaks import inside_a_longer_program, laid_out_anew, renamed

_PYTHON = programs().filter(lambda code: parse_module(code) is not None)
"""Python 3.12 may nest quotes in f-strings, 3.11 may not."""


@given(_PYTHON)
def test_form_stays_when_a_program_is_renamed_and_laid_out_anew(code: str) -> None:
    form = read_form(code)
    assert form is not None
    for other in (read_form(renamed(code)), read_form(laid_out_anew(code))):
        assert other is not None
        assert form_text(other) == form_text(form)
        assert form_number(other) == form_number(form)


@given(_PYTHON)
def test_grams_and_functions_stay_when_a_program_is_put_among_others(code: str) -> None:
    form, longer = read_form(code), read_form(inside_a_longer_program(renamed(code)))
    assert form is not None
    assert longer is not None
    assert set(function_numbers(form)) <= set(function_numbers(longer))
    alone, among = (form_grams([some], 10).distinct().numbers for some in (form, longer))
    assert len(np.setdiff1d(alone, among)) <= 9  # those that reach over the program's end


@given(_PYTHON, _PYTHON)
def test_grams_of_many_programs_are_those_of_each(left: str, right: str) -> None:
    forms = [read_form(left), None, read_form(right)]
    together = form_grams(forms, 5).distinct()
    for place, form in enumerate(forms):
        alone = form_grams([form], 5).distinct()
        assert (together.numbers[together.owners == place] == alone.numbers).all()
