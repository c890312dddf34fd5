"""Small evaluations to be reported, with texts that would like to be HTML."""

from typing import Any

from stepcode.evaluate.evaluation import Evaluation
from stepcode.evaluate.passk import Interval

HOSTILE = "</script><script>document.title = 'taken'</script><img src=x onerror=alert(1)> & \u2028"

Record = dict[str, Any]  # Any: JSON


def step(name: str, text: str | None, predicted: str | None) -> Record:
    right = text == predicted and text is not None
    return {"name": name, "text": text, "predicted": predicted, "right": right, "kind": "assign"}


def completion(answer: str | None, verdict: str, *steps: Record, text: str = "") -> Record:
    return {"answer": answer, "verdict": verdict, "steps": list(steps), "text": text}


RIGHT = completion("3", "passed", step("x", "1", "1"), step("y", "3", "3"), text="all is right")
WRONG_LOGIC = completion("3", "passed", step("x", "1", "1"), step("y", "3", "7"), text="by luck")
WRONG = completion("4", "failed", step("x", "1", None), step("y", "3", "4"), text=HOSTILE)
SILENT = completion(None, "failed", step("x", "1", None), step("y", "3", None), text="hm")
LATE = completion("f(9)", "timed_out", step("x", "1", "1"))
LOST = completion("f(8)", "unscored")


def row(name: str, *completions: Record, code: str = "def f(x):\n    return x + 2\n") -> Record:
    return {
        "id": name, "program": name, "code": code, "call": "f(1)", "expected": "3",
        "completions": list(completions),
    }  # fmt: skip


ROWS = (
    row("r0", RIGHT),
    row("r1", WRONG_LOGIC),
    row("r2", WRONG, code="def g(needle):\n    return needle\n"),
    row("r3", SILENT),
    row("r4", LATE),
    row("r5", LOST),
)


def evaluation(
    *rows: Record, benchmark: str = "steps", model: str = "tiny", data: str = "abc"
) -> Evaluation:
    """An evaluation of these rows, or of one row of each kind."""
    chosen = rows or ROWS
    scored = {
        one["id"]: [c["verdict"] == "passed" for c in one["completions"]]
        for one in chosen
        if all(c["verdict"] != "unscored" for c in one["completions"])
    }
    right = sum(map(any, scored.values()))
    return Evaluation(
        benchmark=benchmark,
        model=model,
        settings={"data": "some/set", "data_sha256": data, "extractor": "lenient", "n": 1},
        metrics={"step_accuracy": 50.0, "final_accuracy": 100 * right / len(scored)},
        intervals={"step_accuracy": Interval(41.5, 58.25)},
        baselines={"constant answers": {"step_accuracy": 12.5}},
        scores=scored,
        counts={"passed": right, "not_extracted": 1},
        groups={
            "position": {
                "1": {"n": 5, "step_accuracy": 80.0},
                "2": {"n": 4, "step_accuracy": 25.0},
            }
        },
        rows=list(chosen),
    )
