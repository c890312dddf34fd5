"""Programs that ask for chance, the clock or the machine are told by their text."""

import pytest

from stepcode.execute.chance import asks_chance
from tests.unit.execute_samples import program


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("import random\ndef f(): return random.randint(0, 1)", "random.randint"),
        ("import random as r\ndef f(): return r.choice('ab')", "random.choice"),
        ("from random import shuffle\ndef f(x): shuffle(x)", "random.shuffle"),
        ("from random import *\ndef f(x): shuffle(x)", "random.*"),
        ("import random\nrandom.seed()\ndef f(): return random.random()", "random.random"),
        ("import random\nrandom.seed(1)\nx = random.SystemRandom()", "random.SystemRandom"),
        ("import secrets\ndef f(): return secrets.token_hex(1)", "secrets.token_hex"),
        ("import uuid\ndef f(): return uuid.uuid4()", "uuid.uuid4"),
        ("import time\ndef f(): return time.time() > 0", "time.time"),
        ("from time import perf_counter as now\ndef f(): return now()", "time.perf_counter"),
        ("import datetime\ndef f(): return datetime.date.today()", "datetime.today"),
        ("from datetime import datetime as d\ndef f(): return d.now().year", "datetime.now"),
        ("import os\ndef f(): return os.getpid() % 2", "os.getpid"),
        ("import os\ndef f(): return os.environ['PYTHONHASHSEED']", "os.environ"),
        ("import platform\ndef f(): return platform.node()", "platform.node"),
        ("def f(x): return id(x) % 3", "id"),
        ("def f(x): return hash(x) % 2", "hash"),
    ],
)
def test_program_that_asks_is_told(code: str, asked: str) -> None:
    assert asks_chance(program(code).code) == asked


@pytest.mark.parametrize(
    "code",
    [
        "import random\nrandom.seed(7)\ndef f(): return random.randint(0, 9)",
        "from random import Random\ndef f(): return Random(7).random()",
        "import random\ndef f(): return 1",
        "import time\ndef f(): time.sleep(0)",
        "import datetime\ndef f(): return datetime.date(2024, 2, 29) + datetime.timedelta(1)",
        "from datetime import datetime\ndef f(s): return datetime.strptime(s, '%Y').year",
        "import os\ndef f(p): return os.path.join(p, 'x')",
        "import uuid\ndef f(s): return uuid.UUID(s).version",
        "def f(id): return id(1)",
        "def f(x):\n    hash = len\n    return hash(x)",
        "class C:\n    def __hash__(self): return hash((1, 2))\ndef f(): return len({C(), C()})",
        "def f(time, random): return time.time + random.choice",
        "def f(x):\n    'asks for the id and the time'\n    return x",
        "def f(:",
    ],
)
def test_program_that_does_not_is_left_alone(code: str) -> None:
    assert asks_chance(code) == ""
