"""The programs of the proof in small: real texts, whose traces an independent reader confirms."""

import re
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("transformers")

from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.read import read_rows, read_shard, split_shards
from stepcode.train.micro.problems import Problem, Problems, read_problems
from stepcode.train.micro.tasks import Task, is_informative, open_twin
from stepcode.train.micro.tokenizer import build_tokenizer
from stepcode_pipelines.micro_data import build_task
from tests.train.micro_samples import tiny_settings

_STATEMENT = re.compile(r"(\w) :?= \((\w) ([-+*]) (\d+)\) % (\d+)")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both tasks' data."""
    out = tmp_path_factory.mktemp("micro")
    for task in Task:
        build_task(task, out, tiny_settings())
    return out / "data"


@pytest.fixture(scope="module")
def problems(built: Path) -> dict[Task, Problems]:
    return {
        task: read_problems(built / task, built / f"{task}.hidden.json", validation=4)
        for task in Task
    }


def everything(problems: Problems) -> list[Problem]:
    return [*problems.training, *problems.validation, *problems.held_out]


def interpret(code: str, call: str) -> dict[str, int]:
    """Work out every variable from the text alone: no Python runs it, and no anchor is read."""
    argument = re.fullmatch(r"f\((\d+)\)", call)
    assert argument
    values = {"x": int(argument[1])}
    for name, operand, sign, number, modulus in _STATEMENT.findall(code):
        left, right = values[operand], int(number)
        result = {"+": left + right, "-": left - right, "*": left * right}[sign]
        values[name] = result % int(modulus)
    [(last, half)] = re.findall(r"_ret = (\w) // (\d+)", code)
    return values | {"_ret": values[last] // int(half)}


@pytest.mark.parametrize("task", Task)
def test_traces_are_what_the_text_says(problems: dict[Task, Problems], task: Task) -> None:
    for problem in everything(problems[task]):
        example = problem.example
        values = interpret(example.anchored_code, example.given)
        assert len(values) == 2 + task.length
        shown = {step.name: step.text for step in example.steps if step.name != "ok"}
        assert shown == {name: str(values[name]) for name in shown}
        assert example.target == shown["_ret"] == str(list(values.values())[-1])


def test_full_shows_every_value(problems: dict[Task, Problems]) -> None:
    for problem in everything(problems[Task.FULL]):
        assert [step.name for step in problem.example.steps] == [*"abcdefg", "_ret"]


def test_sparse_shows_the_third_and_the_sixth_value_and_truisms(
    problems: dict[Task, Problems],
) -> None:
    for problem in everything(problems[Task.SPARSE]):
        shown = [(step.name, step.text) for step in problem.example.steps]
        assert [name for name, _ in shown] == ["ok", "ok", "c", "ok", "ok", "f", "_ret"]
        informative = [step.name for step in problem.example.steps if is_informative(step)]
        assert informative == ["c", "f"]
        assert {text for name, text in shown if name == "ok"} == {"True"}


def test_sparse_completions_reason_with_the_hidden_values(problems: dict[Task, Problems]) -> None:
    for problem in everything(problems[Task.SPARSE]):
        values = interpret(problem.example.anchored_code, problem.example.given)
        told = re.findall(r"<reason>\n(\w): (\d+)\n</reason>", problem.completion)
        assert told == [(name, str(values[name])) for name in "abde"]


def test_open_twin_assigns_what_was_hidden() -> None:
    code = "def f(x):\n    ok = (a := (x * 3) % 20) < 20\n    b = (a + 2) % 20\n    return b\n"
    assert open_twin(code) == (
        "def f(x):\n    a = (x * 3) % 20\n    b = (a + 2) % 20\n    return b\n"
    )


@pytest.mark.parametrize("task", Task)
def test_held_out_programs_share_no_text_and_no_split_with_training(
    built: Path, problems: dict[Task, Problems], task: Task
) -> None:
    found = problems[task]
    shards = split_shards(built / task, read_manifest(built / task), "test")
    in_test = {row.anchored_code for shard in shards for row in read_shard(shard)}
    held_out = {problem.example.anchored_code for problem in found.held_out}
    others = {p.example.anchored_code for p in (*found.training, *found.validation)}
    assert held_out == in_test
    assert not held_out & others
    assert len(held_out) + len(others) == sum(1 for _ in read_rows(built / task))


def test_problems_that_end_a_warm_up_are_not_trained_on(problems: dict[Task, Problems]) -> None:
    for found in problems.values():
        training = {problem.example.id for problem in found.training}
        assert len(found.validation) == 4
        assert not training & {problem.example.id for problem in found.validation}


@pytest.mark.parametrize("task", Task)
def test_a_value_is_one_token_and_nothing_is_lost(
    problems: dict[Task, Problems], task: Task
) -> None:
    found = problems[task].training
    texts = [t for p in found for t in (p.to_prompt()["prompt"][0]["content"], p.completion)]
    tokenizer = build_tokenizer(texts)
    for text in texts:
        ids = tokenizer(text)["input_ids"]
        assert tokenizer.decode(ids) == text
        numbers = Counter(re.findall(r"\d+", text))
        tokens = Counter(t.strip() for t in tokenizer.convert_ids_to_tokens(ids) if t[0].isdigit())
        assert tokens == numbers


def test_an_answer_begins_with_its_own_word(problems: dict[Task, Problems]) -> None:
    """Else the first word of the answer would be another one when it is generated."""
    problem = problems[Task.FULL].training[0]
    prompt = problem.to_prompt()["prompt"]
    tokenizer = build_tokenizer([prompt[0]["content"], problem.completion])
    whole = [*prompt, *problem.to_conversation()["completion"]]
    asked = tokenizer.apply_chat_template(prompt, return_dict=False)
    answered = tokenizer.apply_chat_template(whole, return_dict=False)
    assert answered[: len(asked)] == asked
    assert tokenizer.decode(answered[len(asked) : -1]) == problem.completion
