import pytest
from huggingface_hub.utils._validators import validate_repo_id

from stepcode.dataset.repo_id import check_repo_id
from stepcode.errors import MisuseError


@pytest.mark.parametrize("name", ["alice/traces", "a/b", "my-org/set_1.0", "Alice/" + "x" * 90])
def test_names_of_the_hub_pass(name: str) -> None:
    validate_repo_id(name)
    assert check_repo_id(name) == name


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("https://huggingface.co/datasets/alice/traces", "alice/traces"),
        ("https://huggingface.co/alice/model/", "alice/model"),
        ("datasets/alice/traces", "alice/traces"),
        ("alice/my traces", "alice/my-traces"),
        ("alice/traces.git", "alice/traces"),
        ("alice/a--b..c", "alice/a-b.c"),
        ("/alice/traces", "alice/traces"),
        ("alice/traces/", "alice/traces"),
        ("-alice/traces.", "alice/traces"),
    ],
)
def test_nearest_name_is_told(text: str, near: str) -> None:
    validate_repo_id(near)
    with pytest.raises(MisuseError, match=f"did you mean '{near}'"):
        check_repo_id(text)


@pytest.mark.parametrize(
    "text", ["", "traces", "/", "a/b/c/d"[:1], "ä/ö", "x" * 60 + "/" + "y" * 60]
)
def test_where_no_name_is_near_the_form_is_told(text: str) -> None:
    with pytest.raises(MisuseError, match=r"expected USER/NAME .*'alice/traces'$"):
        check_repo_id(text)
