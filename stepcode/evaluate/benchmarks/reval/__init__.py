"""REval (DREval): what happens while a program runs, asked line by line.

    questions = read_questions(data, tasks)           # 10,146: coverage, state, path and output
    labels = compute_labels(read_subjects(data, tasks))
    answers = {question.id: [ask(question.prompt(Mode.DIRECT))] for question in questions}
    score(questions, answers, mode=Mode.DIRECT, labels=labels).metrics

Scored as the benchmark's own harness does (r-eval/REval, 2f148b9), but for what would be unsafe:
what a model says is evaluated in the sandbox only, and never beside what is expected of it. The
labels are computed by following the programs here, see labels.py.
"""

from stepcode.evaluate.benchmarks.reval.data import Subject, read_subjects
from stepcode.evaluate.benchmarks.reval.labels import Labels, compute_labels
from stepcode.evaluate.benchmarks.reval.questions import Mode, Question, Task, read_questions
from stepcode.evaluate.benchmarks.reval.scoring import Scored, score

__all__ = [
    "Labels",
    "Mode",
    "Question",
    "Scored",
    "Subject",
    "Task",
    "compute_labels",
    "read_questions",
    "read_subjects",
    "score",
]
