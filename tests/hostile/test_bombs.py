"""Programs that want too much of everything: memory, output, depth, disk, descriptors, steps."""

import shutil
from pathlib import Path

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import LIMITS, attack, texts


def test_memory_taken_in_one_piece_is_refused(sandbox: Sandbox) -> None:
    assert attack(sandbox, "def f(): return bytes(10 ** 12)").outcome is Outcome.OUT_OF_MEMORY


def test_memory_taken_bit_by_bit_ends_the_run(sandbox: Sandbox) -> None:
    code = """
        def f():
            pieces = []
            while True: pieces.append(bytes(1 << 20))
    """
    assert attack(sandbox, code).outcome is Outcome.OUT_OF_MEMORY


def test_memory_error_that_is_caught_for_ever_ends_the_run(sandbox: Sandbox) -> None:
    code = """
        def f():
            pieces = []
            while True:
                try: pieces.append(bytearray(1 << 16))
                except MemoryError: pass
    """
    allowed = {Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.CRASHED}
    assert attack(sandbox, code).outcome in allowed


def test_memory_of_many_processes_is_taken_back(sandbox: Sandbox) -> None:
    code = """
        import os, time
        def f():
            for _ in range(8):
                if os.fork() == 0:
                    data = bytearray(100 << 20)
                    data[::4096] = b'x' * len(data[::4096])
                    time.sleep(60)
            return 1
    """
    allowed = {Outcome.OK, Outcome.OUT_OF_MEMORY, Outcome.RAISED}
    assert attack(sandbox, code).outcome in allowed


def test_shared_mapping_does_not_escape_the_memory_limit(sandbox: Sandbox) -> None:
    code = """
        import mmap
        def f():
            pieces = []
            while True: pieces.append(mmap.mmap(-1, 64 << 20))
    """
    allowed = {Outcome.OUT_OF_MEMORY, Outcome.RAISED, Outcome.TAMPERED}
    assert attack(sandbox, code).outcome in allowed


def test_flood_of_prints_is_cut_off(sandbox: Sandbox) -> None:
    execution = attack(sandbox, "def f():\n    while True: print('x' * 99)")
    assert execution.outcome is Outcome.OUTPUT_TOO_LONG
    assert len(execution.stdout) <= LIMITS.max_output_bytes


def test_flood_of_errors_is_cut_off(sandbox: Sandbox) -> None:
    code = "import sys\ndef f():\n    while True: sys.stderr.write('x' * 99)"
    assert attack(sandbox, code).outcome is Outcome.OUTPUT_TOO_LONG


def test_flood_past_python_streams_is_cut_off(sandbox: Sandbox) -> None:
    code = "import os\ndef f():\n    while True: os.write(1, b'x' * 9999)"
    execution = attack(sandbox, code)
    assert execution.outcome is Outcome.OUTPUT_TOO_LONG
    assert len(execution.stdout) <= LIMITS.max_output_bytes


def test_flood_that_ignores_the_signal_and_the_error_is_cut_off(sandbox: Sandbox) -> None:
    code = """
        import os, signal
        def f():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            for _ in range(10_000):
                try: os.write(1, b'x' * 9999)
                except OSError: pass
            return 1
    """
    execution = attack(sandbox, code)
    assert (execution.outcome, execution.output) == (Outcome.OUTPUT_TOO_LONG, None)


def test_printed_text_that_is_truncated_away_is_not_the_programs_output(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            os.write(1, b'x' * 15_000)
            os.ftruncate(1, 0)
            os.write(1, b'y')
            return 1
    """
    execution = attack(sandbox, code)
    assert execution.outcome in {Outcome.OK, Outcome.RAISED}
    assert set(execution.stdout) <= {"x", "y"}


def test_result_longer_than_the_limit_is_no_result(sandbox: Sandbox) -> None:
    execution = attack(sandbox, "def f(): return 'x' * 10 ** 6")
    assert (execution.outcome, execution.output) == (Outcome.OUTPUT_TOO_LONG, None)


def test_flood_of_steps_is_cut_off(sandbox: Sandbox) -> None:
    code = """
        def f():
            x = 0
            while True:
                print(f'x: {x!r}')
    """
    execution = attack(sandbox, code)
    assert execution.outcome is Outcome.TOO_MANY_STEPS
    assert texts(execution) == ["0"] * LIMITS.max_steps


def test_steps_that_show_too_much_are_cut_off(sandbox: Sandbox) -> None:
    code = """
        def f():
            x = 'x' * 9_000
            for _ in range(50):
                print(f'x: {x!r}')
            return 1
    """
    execution = attack(sandbox, code)
    assert execution.outcome is Outcome.OUTPUT_TOO_LONG
    assert sum(len(text or "") for text in texts(execution)) <= LIMITS.max_output_bytes


def test_error_with_an_endless_message_is_shortened(sandbox: Sandbox) -> None:
    execution = attack(sandbox, "def f(): raise ValueError('x' * 10 ** 7)")
    assert execution.outcome is Outcome.RAISED
    assert len(execution.error or "") < 1000


def test_exception_class_with_an_endless_name_is_shortened(sandbox: Sandbox) -> None:
    execution = attack(sandbox, "def f(): raise type('x' * 10 ** 7, (Exception,), {})()")
    assert execution.outcome is Outcome.RAISED
    assert len(execution.error or "") < 1100


def test_endless_recursion_is_an_error_of_the_program(sandbox: Sandbox) -> None:
    execution = attack(sandbox, "def f(): return f()")
    assert execution.outcome is Outcome.RAISED
    assert (execution.error or "").startswith("RecursionError")


def test_recursion_without_a_limit_exhausts_nothing_but_itself(sandbox: Sandbox) -> None:
    code = """
        import sys
        def f():
            sys.setrecursionlimit(10 ** 9)
            class A:
                def __repr__(self): return repr(self)
            return A()
    """
    allowed = {Outcome.CRASHED, Outcome.OUT_OF_MEMORY, Outcome.TIMED_OUT, Outcome.RAISED}
    assert attack(sandbox, code).outcome in allowed


def test_recursion_in_the_repr_of_an_anchored_value_is_a_step_without_text(
    sandbox: Sandbox,
) -> None:
    code = """
        class A:
            def __repr__(self): return repr(self)
        def f():
            x = A()
            print(f'x: {x!r}')
            return 1
    """
    execution = attack(sandbox, code)
    assert (execution.outcome, texts(execution)) == (Outcome.OK, [None])


def test_one_big_file_is_refused(sandbox: Sandbox) -> None:
    code = """
        def f():
            with open('big', 'wb') as stream:
                while True: stream.write(bytes(1 << 16))
    """
    execution = attack(sandbox, code)
    assert execution.outcome in {Outcome.OUTPUT_TOO_LONG, Outcome.RAISED}


def test_sparse_file_is_refused(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            with open('sparse', 'wb') as stream: os.ftruncate(stream.fileno(), 1 << 40)
    """
    assert attack(sandbox, code).outcome in {Outcome.OUTPUT_TOO_LONG, Outcome.RAISED}


def test_many_files_stay_inside_a_quota(isolated: Sandbox, tmp_path: Path) -> None:
    code = """
        def f():
            for number in range(10 ** 6):
                with open(str(number), 'wb') as stream: stream.write(bytes(16_384))
    """
    before = shutil.disk_usage(tmp_path).used
    allowed = {Outcome.RAISED, Outcome.TIMED_OUT, Outcome.OUTPUT_TOO_LONG}
    assert attack(isolated, code).outcome in allowed
    assert shutil.disk_usage(tmp_path).used - before < 500 << 20


def test_many_empty_files_are_removed(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            for number in range(500): os.mknod(str(number))
            return 1
    """
    # A disk that other tests keep busy may take longer than the wall clock allows.
    assert attack(sandbox, code).outcome in {Outcome.OK, Outcome.RAISED, Outcome.TIMED_OUT}


def test_descriptors_run_out_for_the_program_alone(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            while True: os.dup(1)
    """
    execution = attack(sandbox, code)
    assert execution.outcome is Outcome.RAISED
    assert (execution.error or "").startswith("OSError")


def test_pipes_full_of_data_are_given_back(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            pipes = []
            for _ in range(100):
                pipes.append(os.pipe())
                os.set_blocking(pipes[-1][1], False)
                try:
                    while True: os.write(pipes[-1][1], bytes(4096))
                except BlockingIOError: pass
            return len(pipes)
    """
    assert attack(sandbox, code).outcome in {Outcome.OK, Outcome.RAISED}


def test_threads_without_number_are_ended(sandbox: Sandbox) -> None:
    code = """
        import threading, time
        def f():
            for _ in range(100_000): threading.Thread(target=time.sleep, args=(60,)).start()
    """
    allowed = {Outcome.RAISED, Outcome.OUT_OF_MEMORY, Outcome.TIMED_OUT, Outcome.CRASHED}
    assert attack(sandbox, code).outcome in allowed


def test_huge_integer_cannot_be_shown_and_says_so(sandbox: Sandbox) -> None:
    execution = attack(sandbox, "def f(): return 10 ** 5000")
    assert (execution.outcome, execution.output) == (Outcome.RAISED, None)
    assert (execution.error or "").startswith("ValueError: Exceeds the limit")


def test_format_that_asks_for_a_huge_width_is_out_of_memory(sandbox: Sandbox) -> None:
    assert attack(sandbox, "def f(): return f'{1:{10 ** 11}}'").outcome is Outcome.OUT_OF_MEMORY


def test_anchored_value_too_large_for_memory_ends_the_run(sandbox: Sandbox) -> None:
    code = """
        def f():
            x = [bytearray(1 << 20)] * 1000
            print(f'x: {x!r}')
            return 1
    """
    execution = attack(sandbox, code)
    allowed = {Outcome.OK, Outcome.OUT_OF_MEMORY, Outcome.OUTPUT_TOO_LONG, Outcome.TIMED_OUT}
    assert execution.outcome in allowed
    assert texts(execution) in ([], [None])
