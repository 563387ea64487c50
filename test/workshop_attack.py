"""What a curious reader of a workshop's folder would try.

Written without a look at `analysis/confidentiality.py`. Two attacks:
*searching*, whether a name, an id or a quantity of one firm stands anywhere in the
files; and *computing back*, whether published figures give a withheld one. Nothing
here writes, and nothing needs QGIS.
"""

from __future__ import annotations

import html
import itertools
import math
import re
import sqlite3
import struct
import subprocess
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import shapely
from scipy.linalg import qr
from scipy.optimize import linprog
from scipy.sparse import csr_array

# Searching.

TOKEN = re.compile(r"[A-Za-z0-9]{6,}")
"""Runs of plain characters: no way of escaping breaks them up."""
NUMBERS = (
    re.compile(r"\d+(?:[.,]\d+)?(?:e[+-]?\d+)?", re.IGNORECASE),
    re.compile(r"\d{1,3}(?:([.,' \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?"),
)
"""Numbers as they stand in a text: plain or scientific, and in groups of three."""
DISTINCTIVE = 6
"""Digits that a number must have before it can hardly stand somewhere by chance."""


def tokens(text: str) -> set[bytes]:
    """The plain runs of a text, in lower case, in every usual coding."""
    runs = [run.lower() for run in TOKEN.findall(text)]
    assert runs, f"{text} can't be found in an escaped form"
    codings = ("utf-8", "utf-16-le", "utf-16-be")
    coded = {run.encode(coding) for run in runs for coding in codings}
    # The strings of a PDF may be written in hexadecimal, where case makes a difference.
    raw = {run.encode(c) for run in TOKEN.findall(text) for c in codings}
    return coded | {each.hex().encode() for each in raw}


def notations(quantity: float) -> set[str]:
    """A quantity as text without separators: whole, rounded and scientific."""
    forms = {repr(quantity), f"{quantity:.15g}"}
    forms |= {f"{quantity:.{places}f}" for places in range(9)}
    # Half up, where Python rounds half to even.
    forms |= {str(math.floor(quantity * 10**n + 0.5) / 10**n) for n in range(3)}
    forms |= {f"{quantity:.{places}e}" for places in range(4, 14)}
    forms |= {_scientific(form) for form in forms if "e" in form}
    forms |= {form.rstrip("0").rstrip(".") for form in forms if "." in form}
    return {form for form in forms if _digits(form) >= DISTINCTIVE}


def _scientific(form: str) -> str:
    """Without the sign and zeros of the exponent: 1.25e+04 and 1.25e4."""
    number, exponent = form.split("e")
    return f"{number}e{int(exponent)}"


def _digits(form: str) -> int:
    return len(re.sub(r"\D", "", form.partition("e")[0]).strip("0"))


def numbers(text: str) -> set[str]:
    """Numbers in a text, as :func:`notations` writes them."""
    plain = {number.replace(",", ".").lower() for number in NUMBERS[0].findall(text)}
    return plain | {_ungrouped(found) for found in NUMBERS[1].finditer(text)}


def _ungrouped(found: re.Match) -> str:
    return found[0].replace(found[1], "").replace(",", ".")


def binary(quantity: float) -> set[bytes]:
    """A quantity as databases and geometries hold it."""
    return {struct.pack(order, quantity) for order in ("<d", ">d")}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder under its name, and all that is packed inside it."""
    for path in sorted(folder.rglob("*")):
        yield f"name of {path.name}", str(path.relative_to(folder)).encode()
        if path.is_file():
            yield from _unpacked(path.name, path.read_bytes())


def _unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for member in archive.infolist():
                inner = f"{name}/{member.filename}"
                yield f"name of {inner}", member.filename.encode() + member.comment
                yield from _unpacked(inner, archive.read(member))
    elif data.startswith(b"%PDF"):
        for place, stream in enumerate(_streams(data)):
            yield f"{name}/stream {place}", stream
    elif data.startswith(b"SQLite format 3"):
        yield f"{name}/tables", "\n".join(_cells_of(data)).encode()


def _streams(data: bytes) -> Iterator[bytes]:
    """Streams of a PDF, inflated where they are deflated."""
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(found[1])
        except zlib.error:
            yield found[1]


def _cells_of(data: bytes) -> Iterator[str]:
    """Every text and number of a database: long texts lie in pieces in the file."""
    with sqlite3.connect(":memory:") as database:
        database.deserialize(data)
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (table,) in database.execute(query).fetchall():
            for row in database.execute(f'SELECT * FROM "{table}"'):
                yield from (str(cell) for cell in row if cell is not None)


def pdf_text(path: Path) -> str:
    """Text of a PDF and what it says of itself."""
    commands = (["pdftotext", "-layout", path, "-"], ["pdfinfo", path])
    told = [subprocess.run(c, capture_output=True, check=True) for c in commands]
    return "\n".join(each.stdout.decode("utf-8", "replace") for each in told)


def haystacks(folder: Path) -> dict[str, bytes]:
    """All that a folder holds, file by file and piece by piece."""
    found = dict(contents(folder))
    for path in folder.rglob("*.pdf"):
        found[f"{path.name}/text"] = pdf_text(path).encode()
    return found


def found_texts(stacks: dict[str, bytes], texts: Iterable[str]) -> set[tuple]:
    """Which texts stand where, escaped in whatever way and in whatever case."""
    wanted = {text: tokens(text) for text in texts}
    return {
        (text, place)
        for place, data in stacks.items()
        for lower in [data.lower()]
        for text, forms in wanted.items()
        if any(form in lower for form in forms)
    }


def found_quantities(stacks: dict[str, bytes], wanted: Iterable[float]) -> set[tuple]:
    """Which quantities stand where: in binary, or in a text in any usual notation.

    The drawing in a PDF is no text: its many coordinates would hit by chance.
    """
    quantities = list(wanted)
    owner = {form: quantity for quantity in quantities for form in notations(quantity)}
    hits = set()
    for place, data in stacks.items():
        hits |= {(q, place) for q in quantities if any(b in data for b in binary(q))}
        if "/stream" not in place:
            found = numbers(_unescaped(data)) & owner.keys()
            hits |= {(owner[form], place) for form in found}
    return hits


def _unescaped(data: bytes) -> str:
    """As text, without the escapes of JSON and HTML."""
    text = data.decode("utf-8", "replace")
    text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    return html.unescape(text)


# Reading what is published.


def table(gpkg: Path, name: str) -> list[dict]:
    """Rows of a table without feature ids; geometries as shapely's."""
    with sqlite3.connect(gpkg) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')]
    for row in rows:
        row.pop("fid", None)
        if row.get("geom") is not None:
            row["geom"] = _shape(row["geom"])
    return rows


def layers(gpkg: Path) -> dict[str, str]:
    """Tables that users see, with their data type."""
    with sqlite3.connect(gpkg) as database:
        query = "SELECT table_name, data_type FROM gpkg_contents"
        return dict(database.execute(query).fetchall())


def _shape(blob: bytes):
    """Geometry behind the header of a GeoPackage blob (OGC 12-128, clause 2.1.3)."""
    envelope = (0, 32, 48, 48, 64)[blob[3] >> 1 & 7]
    return shapely.from_wkb(blob[8 + envelope :])


def sheet(xlsx: Path) -> list[list]:
    """Cells of a workbook's first sheet, None where empty."""
    with zipfile.ZipFile(xlsx) as archive:
        strings = re.findall(
            r"<si>(.*?)</si>",
            archive.read("xl/sharedStrings.xml").decode(),
            re.DOTALL,
        )
        page = archive.read("xl/worksheets/sheet1.xml").decode()
    words = [html.unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in strings]
    rows = []
    for row in re.findall(r"<row.*?</row>", page, re.DOTALL):
        cells = {}
        for column, kind, value in re.findall(
            r'<c r="([A-Z]+)\d+"([^>]*)>\s*<v>(.*?)</v>', row, re.DOTALL
        ):
            cells[column] = words[int(value)] if 't="s"' in kind else float(value)
        rows.append(cells)
    columns = sorted({column for cells in rows for column in cells})
    return [[cells.get(column) for column in columns] for cells in rows]


# Computing back.

Firms = dict[str, float | None]
"""Jobs by firm, None = unknown."""
Cells = dict[str, frozenset[str]]
"""The firms behind each figure."""

LARGEST_SEARCH = 14
"""Blocks up to which every set is tried; of more, every set of up to three."""


def unsafe(jobs: Iterable[float | None], actors: int = 3, dominance: float = 70):
    """Whether the jobs of these firms together may not be told.

    The reading of the contract: fewer than ``actors`` firms bring jobs in, or one of
    them brings more than ``dominance`` percent. Known jobs that add up to nothing tell
    of every single firm that it has none.
    """
    known = [value for value in jobs if value is not None]
    bringing = [value for value in known if value > 0]
    if not known:
        return False
    return len(bringing) < actors or 100 * max(bringing) > dominance * sum(bringing)


def safe_cells(cells: Cells, firms: Firms, **rule) -> Cells:
    """Cells that may be told, each looked at by itself."""
    return {
        name: members
        for name, members in cells.items()
        if not unsafe((firms[firm] for firm in members), **rule)
    }


def parts(cells: Cells) -> list[Cells]:
    """Cells in groups that share no firm."""
    groups: list[Cells] = []
    for name, members in cells.items():
        touching = [g for g in groups if any(members & other for other in g.values())]
        merged = {name: members}
        for group in touching:
            groups.remove(group)
            merged |= group
        groups.append(merged)
    return groups


def blocks(cells: Cells) -> tuple[list[frozenset[str]], np.ndarray]:
    """Firms that always go together, and which cell holds which of them.

    Returns
    -------
    blocks : list of frozenset
    matrix : ndarray of shape (cells, blocks)
        1 where the cell holds the block.
    """
    by_pattern = defaultdict(set)
    for firm in frozenset().union(*cells.values()):
        by_pattern[tuple(firm in members for members in cells.values())].add(firm)
    patterns = sorted(by_pattern)
    found = [frozenset(by_pattern[pattern]) for pattern in patterns]
    return found, np.array(patterns, dtype=float).T.reshape(len(cells), len(found))


def row_space(matrix: np.ndarray) -> np.ndarray:
    """Orthonormal rows that span all sums and differences of the given rows."""
    _, sizes, rows = np.linalg.svd(matrix, full_matrices=False)
    return rows[sizes > 1e-9]


def reachable(space: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Which of the wanted rows are sums and differences of published ones."""
    residue = wanted - wanted @ space.T @ space
    return np.abs(residue).max(axis=1) < 1e-9


def computed_sets(cells: Cells) -> Iterator[frozenset[str]]:
    """Every set of firms whose total follows from the cells by linear algebra."""
    for group in parts(cells):
        found, matrix = blocks(group)
        choices = _choices(len(found))
        hits = reachable(row_space(matrix), choices)
        for choice in choices[hits]:
            yield frozenset().union(*itertools.compress(found, choice))


def _choices(count: int) -> np.ndarray:
    """Sets of blocks, one per row: all of them, or all small ones of many blocks."""
    largest = count if count <= LARGEST_SEARCH else 3
    sets = [
        chosen
        for size in range(1, largest + 1)
        for chosen in itertools.combinations(range(count), size)
    ]
    rows = np.zeros((len(sets), count))
    for row, chosen in zip(rows, sets, strict=True):
        row[list(chosen)] = 1
    return rows


def exposed(cells: Cells, firms: Firms, **rule) -> list[frozenset[str]]:
    """Sets of firms whose jobs follow from the cells, and may not be told."""
    return [
        members
        for members in computed_sets(cells)
        if unsafe((firms[firm] for firm in members), **rule)
    ]


def computed_cells(published: Cells, withheld: Cells) -> list[str]:
    """Withheld cells that are sums and differences of published ones."""
    firms = frozenset().union(*published.values(), *withheld.values())
    order = sorted(firms)
    rows = np.array([[f in members for f in order] for members in published.values()])
    space = row_space(rows.astype(float))
    wanted = np.array([[f in members for f in order] for members in withheld.values()])
    hits = reachable(space, wanted.astype(float))
    return list(itertools.compress(withheld, hits))


def incidence(cells: Cells, order: list[str]) -> csr_array:
    """1 where a cell (row) holds a firm (column); other firms are left out."""
    place = {firm: column for column, firm in enumerate(order)}
    pairs = [
        (row, place[firm])
        for row, members in enumerate(cells.values())
        for firm in members & place.keys()
    ]
    rows, columns = np.array(pairs, int).reshape(-1, 2).T
    return csr_array((np.ones(len(rows)), (rows, columns)), (len(cells), len(order)))


def changes(published: csr_array, count: int = 3) -> np.ndarray:
    """Random changes of every firm that no published sum shows, shape (firms, count).

    What these leave as it is follows from what is published, and nothing else does.
    """
    draw = np.random.default_rng(1).normal(size=(published.shape[1], count))
    basis, left, _ = qr(published.toarray().T, mode="economic", pivoting=True)
    sizes = np.abs(np.diag(left))
    basis = basis[:, sizes > 1e-9 * sizes.max(initial=0)]
    for _ in range(2):  # once more for what was rounded
        draw -= basis @ (basis.T @ draw)
    return draw


def exposed_cells(published: Cells, withheld: Cells, order: list[str]) -> list[str]:
    """Withheld cells that follow from published ones, for thousands of cells."""
    change = changes(incidence(published, order))
    moved = np.abs(incidence(withheld, order) @ change).max(axis=1)
    return list(itertools.compress(withheld, moved < 1e-6))


def exposed_differences(published: Cells, sums: Cells, firms: Firms) -> list[frozenset]:
    """What two sums share, or one has more, that follows and may not be told.

    Parameters
    ----------
    published
        What is told.
    sums
        Whatever a reader may add up: cells, told or not, and totals of several.
    """
    order = sorted(firm for firm, value in firms.items() if value is not None)
    held = incidence(sums, order)
    change = changes(incidence(published, order))
    own = held @ change
    shared = [(held * column) @ held.T for column in change.T]
    both = held @ held.T
    names, found = list(sums.values()), set()
    common = np.max([abs(each).toarray() for each in shared], axis=0) < 1e-6
    for one, other in np.argwhere(common & (both.toarray() > 0)):
        found.add(names[one] & names[other])
    rest = [own[:, [n]] - each.toarray() for n, each in enumerate(shared)]
    left = np.max(np.abs(rest), axis=0) < 1e-6
    for one, other in np.argwhere(left):
        found.add(names[one] - names[other])
    known = set(order)
    found = {members & known for members in found} - {frozenset()}
    return [each for each in found if unsafe(firms[firm] for firm in each)]


def bounds(
    published: Cells, withheld: Cells, amounts: Firms, within: dict | None = None
) -> dict[str, tuple[float, float]]:
    """Least and most that each withheld cell can be, when nothing is below nothing.

    Parameters
    ----------
    amounts
        What every firm has; used for the published sums only.
    within
        Least and most that is known of withheld cells beforehand.
    """
    told = dict.fromkeys(withheld, (0.0, np.inf)) | (within or {})
    _, matrix = blocks(published | withheld)
    shown, hidden = matrix[: len(published)], matrix[len(published) :]
    values = [sum(amounts[f] or 0 for f in members) for members in published.values()]
    least, most = np.array([told[name] for name in withheld], float).T
    some = np.isfinite(most)
    limits = {
        "A_eq": csr_array(shown),
        "b_eq": values,
        "A_ub": csr_array(np.vstack([hidden[some], -hidden])),
        "b_ub": np.concatenate([most[some], -least]),
    }
    found = {}
    for name, row in zip(withheld, hidden, strict=True):
        ends = [linprog(sign * row, **limits, method="highs") for sign in (1, -1)]
        low, high = (end.fun if end.status == 0 else np.nan for end in ends)
        found[name] = (low, np.inf if np.isnan(high) else -high)
    return found


def other_world(published: Cells, withheld: Cells, firms: Firms) -> Firms:
    """Other jobs with the same published and other withheld sums.

    Where the files are the same for both, nothing in them can tell the withheld sums.
    Jobs change by quarters, so that sums stay exact, and no cell becomes safe or
    unsafe by it.
    """
    found, matrix = blocks(published | withheld)
    movable = [
        max((f for f in block if firms[f]), key=lambda f: firms[f], default=None)
        for block in found
    ]
    still = [{place: 1} for place, firm in enumerate(movable) if firm is None]
    shown = [_sparse(row) for row in matrix[: len(published)]]
    ways = null_space([*still, *shown], len(found))
    wanted = matrix[len(published) :]
    change = np.zeros(len(found))

    def changed(change: np.ndarray) -> Firms:
        steps = zip(movable, change / 4, strict=True)
        return firms | {firm: firms[firm] + step for firm, step in steps if step}

    def fits(other: np.ndarray) -> bool:
        world, moved = changed(other), np.flatnonzero(wanted @ change)
        return (wanted[moved] @ other).all() and all(
            unsafe(world[firm] for firm in members)
            == unsafe(firms[firm] for firm in members)
            for members in withheld.values()
        )

    for row in wanted:
        if row @ change == 0:
            steps = itertools.product((1, -1, 2, -2, 3, -3), ways)
            tried = (change + step * way for step, way in steps if row @ way != 0)
            change = next(filter(fits, tried), change)
    return changed(change)


def _sparse(row: np.ndarray) -> dict[int, int]:
    return {int(place): int(row[place]) for place in np.flatnonzero(row)}


def null_space(rows: list[dict[int, int]], width: int) -> list[np.ndarray]:
    """Whole numbers by column for which all these rows add up to nothing, exactly."""
    pivots: dict[int, dict[int, Fraction]] = {}
    for row in rows:
        left = {place: Fraction(value) for place, value in row.items()}
        for place in sorted(left.keys() & pivots.keys()):
            _take(left, left.get(place, Fraction()), pivots[place])
        if left:
            first = min(left)
            left = {place: value / left[first] for place, value in left.items()}
            for other in pivots.values():
                _take(other, other.get(first, Fraction()), left)
            pivots[first] = left
    found = []
    for free in sorted(set(range(width)) - pivots.keys()):
        way = {first: -own[free] for first, own in pivots.items() if free in own}
        factor = math.lcm(*(value.denominator for value in way.values()))
        vector = np.zeros(width)
        vector[free] = factor
        for place, value in way.items():
            vector[place] = int(value * factor)
        found.append(vector)
    return found


def _take(row: dict, times: Fraction, other: dict) -> None:
    """Take a row so many times out of another."""
    for place, value in other.items() if times else ():
        left = row.get(place, 0) - times * value
        if left:
            row[place] = left
        else:
            row.pop(place, None)


def splits(jobs: float, divisions: int, effective: float) -> list[tuple[int, ...]]:
    """Whole jobs by division, small to large, that fit the entropy as it is printed.

    Of two or three divisions every split is tried; more takes longer, not more skill.
    """
    total = round(jobs)
    printed = repr(effective).partition(".")[2]
    precision = max(0.5 * 10.0 ** -len(printed), 1e-12)
    first = np.arange(1, total)
    if divisions == 2:
        tried = np.column_stack([first, total - first])
    elif divisions == 3:
        pairs = np.stack(np.meshgrid(first, first), axis=-1).reshape(-1, 2)
        tried = np.column_stack([pairs, total - pairs.sum(axis=1)])
    else:
        return []
    tried = tried[(np.diff(tried, axis=1) >= 0).all(axis=1) & (tried > 0).all(axis=1)]
    shares = tried / total
    found = np.exp(-(shares * np.log(shares)).sum(axis=1))
    return [tuple(map(int, row)) for row in tried[abs(found - effective) < precision]]


def rooms(printed: dict, told: list[float], count: int) -> float:
    """What is possible for one withheld division, as a share of what all have together.

    Parameters
    ----------
    printed
        Jobs of all divisions, and their diversity and, if told, effective number.
    told, count
        Jobs of the divisions that are told, and how many are not.
    """
    jobs = printed["jobs"]
    rest = jobs - sum(told)
    if rest < 1e-6:
        return 1.0
    tried = np.linspace(0, rest, 1001)
    entropy = _entropy(np.array(told), jobs).sum() + _entropy(tried, jobs)
    others = rest - tried
    least = entropy + _entropy(others, jobs)
    parts = max(count - 1, 1)
    most = entropy + parts * _entropy(others / parts, jobs)
    low, high = ((printed["diversity"] + off) * math.log(88) for off in (-0.005, 0.005))
    effective = printed.get("divisions_effective")
    if effective is not None:
        low = max(low, math.log(effective - 0.05))
        high = min(high, math.log(effective + 0.05))
    return float(((least <= high) & (most >= low)).mean())


def _entropy(part: np.ndarray, whole: float) -> np.ndarray:
    share = part / whole
    return -share * np.log(np.where(share > 0, share, 1))


def centres(footprint, radius: float, steps: int = 16) -> np.ndarray:
    """Places of firms, from the outline of the discs that are drawn round them.

    A disc is a polygon with ``steps`` corners per quarter circle, so a corner of the
    outline has one of 4 × ``steps`` known directions from its firm. Places that several
    corners agree on, and whose whole disc lies inside, are firms.

    Returns
    -------
    ndarray of shape (firms, 2)
    """
    corners = shapely.get_coordinates(footprint)
    turns = np.arange(4 * steps) * (math.pi / 2 / steps)
    disc = radius * np.column_stack([np.cos(turns), np.sin(turns)])
    places = (corners[:, None] - disc[None]).reshape(-1, 2).round(3)
    spots, counts = np.unique(places, axis=0, return_counts=True)
    spots = spots[counts >= 2]
    discs = shapely.polygons(spots[:, None] + disc[None])
    ground = shapely.buffer(footprint, 0.01)
    shapely.prepare(ground)
    return spots[shapely.covers(ground, discs)]
