"""Markdown as the checks beside this file read it: headings with the anchors GitHub gives them, and fenced blocks."""

import html
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def tracked(pattern: str) -> list[Path]:
    """The files of the repository, and those that are about to be; without git, every file that no build has left."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not {".git", "target"} & set(path.relative_to(ROOT).parts)]
    paths = (Path(name) for name in sorted(set(filter(None, listed))))
    return [path for path in paths if path.match(pattern) and (ROOT / path).is_file()]


@dataclass
class Block:
    """A fenced block, with the line of its fence and the comments that stand right before it."""

    line: int
    language: str
    text: str
    comments: list[str]
    follows: "Block | None"  # the block before it, where nothing but comments stands between


@dataclass
class Section:
    """A heading with what stands under it, up to the next heading. Before the first heading, the level is 0."""

    level: int
    title: str
    anchor: str
    lines: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


FENCE = re.compile(r"^(`{3,}|~{3,})\s*([\w+-]*)")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
COMMENT = re.compile(r"^<!--\s*(.*?)\s*-->$")
CODE = re.compile(r"(`+)(.+?)\1(?!`)")


def sections(text: str) -> list[Section]:
    """A document from its top."""
    found = [Section(0, "", "")]
    anchors: dict[str, int] = {}
    comments: list[str] = []
    before: Block | None = None
    block: list[str] = []
    fence = None
    for number, line in enumerate(text.splitlines(), 1):
        section = found[-1]
        if fence is not None:
            section.lines.append(line)
            if line.strip().startswith(fence.text) and not line.strip().strip(fence.text[0]):
                fence.text = "".join(f"{line}\n" for line in block)
                section.blocks.append(fence)
                before, fence, comments = fence, None, []
            else:
                block.append(line)
        elif opening := FENCE.match(line):
            section.lines.append(line)
            fence = Block(number, opening[2], opening[1], comments, before)
            block = []
        elif heading := HEADING.match(line):
            found.append(Section(len(heading[1]), heading[2], anchor(heading[2], anchors)))
            comments, before = [], None
        else:
            section.lines.append(line)
            if comment := COMMENT.match(line.strip()):
                comments = [*comments, comment[1]]
            elif line.strip():
                comments, before = [], None
    if fence is not None:
        raise ValueError(f"the block that opens in line {fence.line} does not end")
    return found


def anchor(title: str, seen: dict[str, int]) -> str:
    """The anchor that GitHub gives a heading: lower case, no punctuation, hyphens for blanks, numbered where it repeats."""
    title = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
    plain = re.sub(r"[^\w\- ]", "", html.unescape(title).lower()).replace(" ", "-")
    seen[plain] = seen.get(plain, -1) + 1
    return plain if seen[plain] == 0 else f"{plain}-{seen[plain]}"


def prose(section: Section) -> list[tuple[int, str]]:
    """The lines of a section outside its blocks, with their place in it."""
    lines, fence = [], None
    for place, line in enumerate(section.lines):
        if fence is not None:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = None
        elif opening := FENCE.match(line):
            fence = opening[1]
        else:
            lines.append((place, line))
    return lines


def code_spans(line: str) -> list[str]:
    """What stands between backticks; a table's escaped pipes as they are meant."""
    return [span[2].strip().replace("\\|", "|") for span in CODE.finditer(line)]


def links(line: str) -> list[str]:
    """Where the links of a line lead."""
    line = CODE.sub("", line)
    inline = re.findall(r"\]\(\s*<?([^)\s>]*)>?(?:\s+\"[^\"]*\")?\s*\)", line)
    defined = re.findall(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+\".*\")?$", line)
    markup = re.findall(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=\"([^\"]*)\"", line)
    bare = re.findall(r"<(https?://[^>]*)>", line)
    return [*inline, *defined, *markup, *bare]
