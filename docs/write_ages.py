"""Write into ``docs/benchmarks.md`` which commit and machine each table is of: ``python docs/write_ages.py``.

The commit of a table is the newest that wrote one of its figures; git knows it. A table is older than the code where a
module of mien that its benchmark imports itself has changed in what it does since: other texts and other names count,
too, for a script cannot tell them apart. Sections without a command name none.
"""

import ast
import re
import subprocess
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
PAGE = HOME / "docs" / "benchmarks.md"
START, END = "<!-- Written by docs/write_ages.py. -->", "<!-- End of what docs/write_ages.py wrote. -->"
# Up to this day the machine of the page's head was the only one.
HEAD_OF = "2026-11-22"
XEON, EPYC = "Intel Xeon with AMX, 2 cores", "AMD EPYC, 2 cores"
OF_MACHINE = (("16 cores of an Intel", "Intel Xeon, 16 cores"), ("16-core", f"{EPYC}; 16 cores for some"),
              ("AMD EPYC", EPYC), ("H100", "NVIDIA H100"), ("H200", "NVIDIA H200"))  # fmt: skip


def git(*words: str) -> str:
    """What git says."""
    return subprocess.run(["git", "-C", str(HOME), *words], capture_output=True, text=True, check=True).stdout


def commits(path: Path) -> list[str]:
    """The commit of each line."""
    found = git("blame", "--line-porcelain", "-w", str(path)).splitlines()
    return [line.split()[0] for line in found if re.match(r"[0-9a-f]{40} \d+ \d+", line)]


def modules(name: str) -> list[str]:
    """Files of mien that a benchmark imports itself."""
    place = HOME / "benchmarks" / Path(*name.split("."))
    file = place / "__main__.py" if place.is_dir() else place.with_suffix(".py")
    if not file.exists():
        return []
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mien."):
            for module in (node.module or "", *(f"{node.module}.{one.name}" for one in node.names)):
                code = HOME / "src" / Path(*module.split(".")).with_suffix(".py")
                found |= {str(code.relative_to(HOME))} if code.exists() else set()
    return sorted(found)


def changed(files: list[str], commit: str) -> tuple[int, int]:
    """How many of these files, and lines of them, are other than at that commit."""
    rows = git("diff", "--numstat", "-w", commit, "HEAD", "--", *files).splitlines() if files else []
    return len(rows), sum(int(row.split()[0]) for row in rows if row.split()[0].isdigit())


def sections(lines: list[str]) -> list[tuple[str, int, int]]:
    """Headings with their first and last line, but those that hold nothing of their own."""
    heads = [number for number, line in enumerate(lines) if re.match(r"#{2,3} ", line)]
    return [(lines[a], a, b) for a, b in zip(heads, [*heads[1:], len(lines)], strict=True)]


def machine(text: str, date: str) -> str:
    """The machine that a section names; that of the page's head where the figures are as old as it."""
    return next((said for words, said in OF_MACHINE if words in text), XEON if date <= HEAD_OF else "not said")


def table() -> list[str]:
    """One row per section with figures."""
    lines, of_line = PAGE.read_text(encoding="utf-8").splitlines(), commits(PAGE)
    rows = ["| section | figures written | machine | code it speaks of |", "| --- | --- | --- | --- |"]
    for head, first, last in sections(lines):
        figures = [n for n in range(first + 1, last) if re.search(r"\d", lines[n]) and lines[n].startswith("|")]
        figures = figures or [n for n in range(first + 1, last) if re.search(r"\d", lines[n])]
        title = re.sub(r"[`†]|: `.*", "", head.lstrip("# ")).strip(" :")
        if not figures or title == "Which commit and machine":
            continue
        known = {of_line[n] for n in figures} - {"0" * 40}
        newest = git("log", "--no-walk=sorted", "--format=%H %h %ad", "--date=short", *known).splitlines()[0].split()
        names = dict.fromkeys(re.findall(r"benchmarks[./]([a-z_.]+[a-z])", "\n".join([head, *lines[first:last]])))
        named = re.findall(r"benchmarks[./]([a-z_.]+[a-z])", head) or list(names)
        files = sorted({file for name in named for file in modules(name.removesuffix(".py"))})
        count, much = changed(files, newest[0])
        since = "as it is" if not count else f"**older**: {much} lines in {count} files"
        if not files:
            since = "all of mien, which it runs as a user does: **older**" if named else "no command"
        where = machine("\n".join(lines[first:last]), newest[2])
        rows.append(f"| {title} | {newest[1]}, {newest[2]} | {where} | {since} |")
    return rows


def main() -> None:
    """Put the table between its marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text("\n".join([before + START, *table(), END + after]), encoding="utf-8")


if __name__ == "__main__":
    main()
