"""No SQL is put together from text: a gate over the source, and the gate's own test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
RUNNERS = {"execute", "executemany", "executescript", "exec_driver_sql", "text", "scalar", "scalars", "sql"}


def built_from_text(node: ast.expr) -> bool:
    """Whether an expression puts text together: f-string with values, %, +, .format, .join, .replace."""
    for part in ast.walk(node):
        if isinstance(part, ast.FormattedValue):
            return True
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod | ast.Add):
            sides = (part.left, part.right)
            if any(isinstance(side, ast.JoinedStr) or _is_text(side) for side in sides):
                return True
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            method, owner = part.func.attr, part.func.value
            if method == "format" or (method in {"join", "replace"} and _is_text(owner)):
                return True
    return False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def violations(source: str, name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in RUNNERS and built_from_text(node.args[0]):
            yield f"{name}:{node.lineno}"


def test_no_statement_is_put_together_from_text() -> None:
    files = [*(REPOSITORY / "core").rglob("*.py"), *(REPOSITORY / "pages").rglob("*.py"), REPOSITORY / "app.py"]
    sources = {path: path.read_text(encoding="utf-8") for path in files if path.exists()}
    assert sum("execute(" in source for source in sources.values()) >= 5, "the gate looks at the right files"
    assert [found for path, source in sources.items() for found in violations(source, str(path))] == []


@pytest.mark.parametrize(
    "line",
    [
        'c.execute(f"SELECT * FROM t WHERE a = {a}")',
        'c.execute("SELECT * FROM t WHERE a = %s" % a)',
        'c.execute("SELECT * FROM t WHERE a = {}".format(a))',
        'c.execute("SELECT * FROM t WHERE a = " + a)',
        'c.execute(text(f"SELECT {a}"))',
        "c.execute(template.format(a))",
        'c.executescript(", ".join(parts))',
        'c.exec_driver_sql("DROP TABLE " + a)',
    ],
)
def test_the_gate_sees_each_way_to_do_it(line: str) -> None:
    assert list(violations(line, "x")) != []


@pytest.mark.parametrize(
    "line", ['c.execute("SELECT 1")', "c.execute(select(T).where(T.a == a))", 'c.execute(q, {"a": a + 1})']
)
def test_the_gate_lets_parameters_pass(line: str) -> None:
    assert list(violations(line, "x")) == []
