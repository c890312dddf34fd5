"""Programs that notice when something is evaluated earlier, later, or twice: none may."""

import random
from collections.abc import Iterator
from textwrap import dedent

import pytest

from stepcode.anchor.fill import write_program
from stepcode.anchor.strip import strip_anchors
from stepcode.execute import Sandbox
from stepcode.types import Execution, Program
from tests.unit.fill_samples import places_of

TRAPS = {
    "order_of_calls": """\
        def f():
            log=[]
            def g(n):
                log.append(n); return n
            a = g(1) + g(2) * g(3)
            acc = {}
            acc[g(4)] = g(5)
            x = [g(7), g(8)][g(0)]
            return log, a, acc
        """,
    "rebound_by_a_call": """\
        def f():
            x = 1
            def g():
                nonlocal x
                x = 10
                return 5
            x += g()
            y = x + g()
            return x, y
        """,
    "texts_and_generators": """\
        def f():
            xs = []
            def push(v):
                xs.append(v); return v
            s = f'{xs} {push(xs[:])}' + str(push(1)) + f'{xs}'
            t = sum(push(v) for v in [1,2]) + len(xs)
            return s, t, xs
        """,
    "comprehension_names": """\
        def f(xs=[3,1,2]):
            x = 5
            ys = [x for x in xs if x > 1]
            zs = sorted(x for x in xs if x)
            ws = tuple(x + y for x in xs for y in zs if y != x)
            d = {k: v for k, v in zip(xs, zs)}
            e = any(x > 2 for x in xs) and all(q for q in xs)
            return x, ys, zs, ws, d, e
        """,
    "clauses_and_loops": """\
        def f(a=0, b=[], c='x'):
            r = []
            if a or b or c: r.append(a or b or c)
            if not a and (c and b): r.append(1)
            elif (c and a) or c: r.append(2)
            else: r.append(3)
            while len(r) < 4 and r: r.append(len(r)); continue
            while len(r) < 6: r.append(0)
            else: r.append('else')
            for i in range(5):
                if i == 3: break
                elif i == 1: continue
                r.append(i)
            return r
        """,
    "one_line_cases": """\
        def f(v=3):
            match v:
                case 1: return 'a'
                case 3: x = str(v) + 'b'; y = x.upper()
                case _: return 'c'
            return[x+y][0]if(x)else y
        """,
    "attribute_lookup": """\
        def f():
            o = []
            class K:
                def __getattr__(self, n):
                    o.append(n)
                    return lambda *a, **k: (o.append((n, a)), len(o))[1]
            k = K()
            r = k.foo(k.bar(1), *k.baz([1])if 0 else [2], **{'z': k.q()}) + k.w(k.e(2))
            return o, r
        """,
    "reads_around_mutation": """\
        def f():
            xs = [1,2,3]
            r = xs.pop() + len(xs) + xs.pop() * len(xs)
            s = len(xs) + xs.pop()
            xs += [len(xs)]
            t = (xs + [1]) + ([xs.append(9)] and xs)
            return r, s, xs, t
        """,
    "iterators_are_used_up": """\
        def f():
            it = iter([1,2,3,4])
            a = list(it) + list(it)
            it = iter([1,2,3,4])
            b = next(it) + next(it) * next(it)
            m = map(str, [1,2])
            c = ''.join(m) + ''.join(m)
            return a, b, c
        """,
    "conditional_parts": """\
        def f():
            out = []
            def p(v, r):
                out.append(v); return r
            a = 1 < p('b', 2) < p('c', 1) < p('d', 5)
            b = p('x', 0) if p('t', 1) else p('y', 1)
            c = p(1, True) and p(2, False) and p(3, True)
            d = p(4, 0) or p(5, '') or p(6, 'z')
            e = {p(7, 'k'): p(8, 'v') for _ in range(2)}
            g = {p(9, 1): p(10, 2), p(11, 3): p(12, 4)}
            return out, a, b, c, d, e, g
        """,
    "walrus_and_yield": """\
        def f():
            (a := 5); x = (b := 2) + b * (c := 3); y = [c, (c := 9), c]
            if (n := len(y)) > 2 and n: z = n
            def gen():
                got = yield 1
                yield ((yield 2) or 1) + 3 if got is None else got
            return x, y, z, list(gen())
        """,
    "unpacking_and_suites": """\
        def f():
            s = 0
            for i, (a, *b) in enumerate([(1, 2, 3), (4,)]): s += a + len(b); t = i
            else: s += 1; u = s * 2
            with open('/dev/null') as h: w = h.read() + 'x'
            try: v = int('q') + 1
            except ValueError as e: v = len(str(e)) ; del e
            finally: z = str(v) + w
            return s, t, u, v, z
        """,
    "classes_of_its_own": """\
        class A:
            def __init__(self, n): self.n = n; self.xs = [i for i in range(n)]
            def total(self): return sum(self.xs) + self.n
            @property
            def p(self): self.n += 1; return self.n
            def __len__(self): return self.n
            def __repr__(self): return f'A({self.n + 0})'
            def __add__(self, o): return A(self.n + o.n)
        def f():
            a = A(2); b = A(3)
            c = a + b
            ds = [A(x + 1) for x in [1, 2]]
            return a.total() + b.total() + c.p + c.p, len(a + b), repr(c), ds
        """,
    "recursion": """\
        def f(n=4):
            if n <= 1: return 1
            return n * f(n - 1) + (f(n - 2) if n > 2 else 0)
        """,
    "late_binding": """\
        def f():
            r = []
            for x in [x for x in [1,2,3] if x % 2]: r.append(x)
            q = [[y * 2 for y in range(x)] for x in r]
            fs = [lambda: x for x in r]
            h = [g() for g in fs]
            w = [(x, y) for x, y in zip(r, q)]
            st = {x % 2 for x in r}
            return r, q, h, w, len(st), (lambda *a: [k for k in a])(1, 2)
        """,
    "formatting_and_spans": """\
        def f(s='aXb'):
            out = ''.join(c.upper() if c.islower() else c for c in s) + "é" + ''.join(
                c  # why
                for c in s
                if c != 'X'
            )
            if (len(out)
                > 3): out += 'é'.join([out, s]); k = out.count('é') + 1
            return out[::len(s) - 1], k; pass
        """,
    "prints_of_its_own": """\
        def f():
          print('a', end=''); x = len('abc') + 1; print(x)
          return
        """,
    "tail_of_and": """\
        def f(a=[1,2]): return [v for v in a if v > 1] and a
        """,
    "carriage_returns": """\
def f(a=2):\r\n\
	if a: b = a + 1; c = b * 2 # hm\r\n\
	else: c = 0\r\n\
	return c - 1""",
    "closures_and_globals": """\
        def f(xs=(1,2,3)):
            def inner(x): return x + k
            k = 2
            ys = [inner(x) for x in xs]
            global G
            G = 1
            def setg():
                global G
                G = 7
                return G
            z = G + setg() + G
            return ys, z
        """,
    "elements_and_continue": """\
        def f():
            d = {'a': 1}
            for k in list(d): d[k + 'b'] = d.get(k, 0) + len(d)
            i = 0
            while i < 3:
                i += 1
                if i == 2:
                    continue
                d[i] = [i] * i
            while True:
                i -= 1
                if not i: break
            return d, not (i or d), -(-i) + (not i)
        """,
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def ending(execution: Execution) -> tuple[object, ...]:
    return execution.outcome, execution.output, execution.error


@pytest.mark.parametrize("name", TRAPS)
def test_program_does_the_same_with_any_choice_of_anchors(sandbox: Sandbox, name: str) -> None:
    program = Program(code=dedent(TRAPS[name]))
    places = places_of(program.code)
    everything = [candidate.index for candidate in places.candidates]
    original = sandbox.run(program, "f()")
    assert original.error is None
    choices = [everything, *([index] for index in everything)]
    drawn = random.Random(name)
    choices += [drawn.sample(everything, len(everything) // 2) for _ in range(5)]
    for number, chosen in enumerate(choices):
        anchored = write_program(program, places, chosen, to_record=number == 0).anchored
        assert strip_anchors(anchored.code, anchored.edits) == program.code
        assert ending(sandbox.run(anchored, "f()")) == ending(original), anchored.code
