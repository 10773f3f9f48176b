"""A file or function over its limit is named; one at its limit is not."""

from tools.file_sizes import FILE_LINES_MAX, FUNCTION_LINES_MAX, oversized


def function_of(lines: int) -> str:
    return "def long():\n" + "    x = 1\n" * (lines - 1)


def test_a_file_and_a_function_at_their_limits_pass() -> None:
    text = function_of(FUNCTION_LINES_MAX)
    text += "\n" * (FILE_LINES_MAX - FUNCTION_LINES_MAX)
    assert len(text.splitlines()) == FILE_LINES_MAX
    assert oversized("a.py", text) == []


def test_one_line_more_is_named_for_the_file_and_for_the_function() -> None:
    text = "\n" + function_of(FUNCTION_LINES_MAX + 1)
    text += "\n" * (FILE_LINES_MAX - FUNCTION_LINES_MAX - 1)
    assert oversized("a.py", text) == [
        "a.py: 501 lines, at most 500",
        "a.py:2: function long has 61 lines, at most 60",
    ]


def test_a_method_and_an_async_function_count_too() -> None:
    method = "class Shop:\n" + "".join(f"    {line}\n" for line in function_of(61).splitlines())
    assert oversized("a.py", method) == ["a.py:2: function long has 61 lines, at most 60"]
    assert oversized("b.py", "async " + function_of(61)) == ["b.py:1: function long has 61 lines, at most 60"]
