"""All words of the plugin side by side, as a .ts file to read in Qt Linguist.

Words live in ``resources/texts`` and ``resources/help``, a file per language and theme:
the plugin reads them there, and there they are changed. Run by ``make i18n``; ends
with 1 where a word is missing.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE, TARGET = "en", "nl"
COMMANDS = ".example"
"""Command lines in the help; the same in every language."""


def words(language: str) -> dict[tuple[str, str], str]:
    """Every text and help of a language that holds words, by file and key."""
    from kansenkaart.analysis.resources import read_toml, resource_path

    return {
        (f"{kind}/{path.stem}", key): said
        for kind in ("texts", "help")
        for path in sorted(resource_path(kind, language).glob("*.toml"))
        for key, said in flat(read_toml(kind, language, path.name))
        if said.strip() and (kind, key) != ("help", COMMANDS)
    }


def flat(entry: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Texts in tables and lists, by their path."""
    if isinstance(entry, str):
        yield path, entry
    elif isinstance(entry, dict | list):
        items = entry.items() if isinstance(entry, dict) else enumerate(entry)
        for key, value in items:
            yield from flat(value, f"{path}.{key}")


def unfinished(source: dict, target: dict) -> list[tuple[str, str]]:
    """Places where one language has words and the other has not."""
    return sorted(source.keys() ^ target.keys())


def catalogue(source: dict, target: dict) -> ET.ElementTree:
    """The two languages as a document of Qt's .ts, a context per file."""
    document = ET.Element("TS", version="2.1", language=TARGET, sourcelanguage=SOURCE)
    contexts: dict[str, ET.Element] = {}
    for file, key in sorted(source.keys() | target.keys()):
        if file not in contexts:
            contexts[file] = ET.SubElement(document, "context")
            ET.SubElement(contexts[file], "name").text = file
        message = ET.SubElement(contexts[file], "message")
        ET.SubElement(message, "source").text = source.get((file, key))
        ET.SubElement(message, "comment").text = key.removeprefix(".")
        kind = {} if (file, key) in target else {"type": "unfinished"}
        ET.SubElement(message, "translation", kind).text = target.get((file, key))
    ET.indent(document)
    return ET.ElementTree(document)


def main() -> int:
    """Write ``build/i18n/kansenkaart_nl.ts``, and say what is missing."""
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    source, target = words(SOURCE), words(TARGET)
    path = ROOT / "build" / "i18n" / f"kansenkaart_{TARGET}.ts"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue(source, target).write(path, encoding="utf-8", xml_declaration=True)
    missing = unfinished(source, target)
    print(f"{path.relative_to(ROOT)}: {len(source)} texts, {len(missing)} unfinished")
    for file, key in missing:
        print(f"  resources/{file}.toml {key.removeprefix('.')}")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
