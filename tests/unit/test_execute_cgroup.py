"""A control group is made only where the machine delegates memory and processes."""

from pathlib import Path

import pytest

from stepcode.execute.cgroup import confine, release


def parent_group(folder: Path, controllers: str) -> Path:
    folder.mkdir()
    (folder / "cgroup.subtree_control").write_text(controllers)
    return folder


def test_group_is_made_in_the_first_parent_that_delegates(tmp_path: Path) -> None:
    parents = [parent_group(tmp_path / "a", "cpu"), parent_group(tmp_path / "b", "memory pids cpu")]
    group = confine(7, memory_mb=100, processes=64, parents=[tmp_path / "none", *parents])
    assert group == tmp_path / "b" / "stepcode-7"
    assert (group / "memory.max").read_text() == str(356 << 20)
    assert (group / "pids.max").read_text() == "64"
    assert (group / "cgroup.procs").read_text() == "7"


@pytest.mark.parametrize("controllers", ["", "memory", "pids cpu"])
def test_nothing_is_made_where_a_controller_is_missing(tmp_path: Path, controllers: str) -> None:
    parent = parent_group(tmp_path / "a", controllers)
    assert confine(7, memory_mb=100, processes=64, parents=[parent]) is None
    assert [path.name for path in parent.iterdir()] == ["cgroup.subtree_control"]


def test_release_removes_an_empty_group_and_minds_none(tmp_path: Path) -> None:
    (tmp_path / "group").mkdir()
    release(tmp_path / "group")
    release(tmp_path / "group")
    release(None)
    assert list(tmp_path.iterdir()) == []
