"""What is in a document: its sections, tables, blocks and anchors."""

import re


def text_of(path):
    return path.read_text(encoding="utf-8")


def prose_of(path):
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(path), flags=re.MULTILINE | re.DOTALL)


def blocks_of(path, kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", text_of(path), re.MULTILINE | re.DOTALL)


def section(path, title):
    """What stands under a heading, up to the next one of the same level or above."""
    text = text_of(path)
    # A fenced block is passed over as a whole: a comment in it is no heading.
    found = re.finditer(r"^```.*?^```$|^(?P<level>#+) (?P<title>[^\n]*)$", text,
                        re.MULTILINE | re.DOTALL)
    headings = [each for each in found if each["level"]]
    at = next((at for at, each in enumerate(headings) if each["title"] == title), None)
    assert at is not None, f"{path.name} has no section {title!r}"
    level = len(headings[at]["level"])
    ends = [each.start() for each in headings[at + 1:] if len(each["level"]) <= level]
    return text[headings[at].end():ends[0] if ends else None]


def rows(text):
    """The cells of each line of the tables in a text, without heads and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [at for at, row in enumerate(cells) if set("".join(row)) <= set("-: ")]
    return [row for at, row in enumerate(cells) if at not in rules and at + 1 not in rules]


def anchors(path):
    titles = re.findall(r"^#+ (.*)$", prose_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
