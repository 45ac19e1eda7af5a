"""Ways to damage the files and folders of a submission, chosen by a generator of random numbers."""

import json
import re
import shutil
from pathlib import Path

VALUES = (None, -1, 0, 0.5, 1e308, 2**64, 10**30, True, "", "x", "NaN", "1,000", [], {}, [None],
          {"a": None}, ["digits"])
PIECES = (b"\x00", b"\xff\xfe", b"NaN", b"-", b"9" * 5000, b"\n", b"{", b'"', b"inf", b"1e999",
          b",", b"%", b"=", b"\r\n")
NUMBERS = (b"0", b"-1", b"1e400", b"nan", b"", b".", b"9" * 20)
NAMES = ("Offline", "Server", "MultiStream", "SingleStream", "TEST01", "resnet50", "bert-99",
         "run_2", "accuracy", "performance", "x y")
VALUE = re.compile(rb'"value": .*?, "time_ms"')


def damage(root: Path, chance) -> list[str]:
    """Damage a few files or folders below a root; return what was done, in words."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    folders = sorted(path for path in root.rglob("*") if path.is_dir())
    done = []
    for _ in range(chance.randint(1, 8)):
        how, file = chance.choice(WAYS), chance.choice(files)
        target = chance.choice(folders) if how in OF_FOLDERS else file
        if target.exists():
            done.append(f"{how.__name__} {target.relative_to(root)}")
            how(target, chance)
    return done


def remove(file, chance):
    file.unlink()


def empty(file, chance):
    file.write_bytes(b"")


def exchange(file, chance):
    """Put another file of the same folder in its place."""
    others = sorted(other for other in file.parent.iterdir() if other.is_file() and other != file)
    if others:
        shutil.copyfile(chance.choice(others), file)


def remove_folder(folder, chance):
    shutil.rmtree(folder)


def rename_folder(folder, chance):
    new = folder.parent / chance.choice(NAMES)
    if not new.exists():
        folder.rename(new)


def edit(file, chance):
    """Edit a value in the form of the file, or any bytes of it."""
    data = file.read_bytes()
    if data.startswith(b":::MLLOG"):
        data = record(data, chance)
    elif file.suffix == ".json" and data[:1] in (b"{", b"[") and chance.random() < 0.9:
        data = member(data, chance)
    elif data:
        data = chance.choice((cut, replace_piece, replace_number))(data, chance)
    file.write_bytes(data)


def record(data, chance):
    """Give a record of a log another value, take it away, or write it twice."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    way = chance.random()
    if way < 0.7:
        value = json.dumps(chance.choice(VALUES)).encode()
        lines[at] = VALUE.sub(lambda _: b'"value": ' + value + b', "time_ms"', lines[at])
    elif way < 0.85:
        del lines[at]
    else:
        lines.insert(chance.randrange(len(lines)), lines[at])
    return b"\n".join(lines)


def member(data, chance):
    """Give a member of a JSON document another value, or take it away."""
    try:
        document = json.loads(data)
    except ValueError:
        return data
    places = list(members(document))
    if places:
        parent, key = chance.choice(places)
        if isinstance(parent, dict) and chance.random() < 0.2:
            del parent[key]
        else:
            parent[key] = chance.choice(VALUES)
    return json.dumps(document).encode()


def members(value):
    """Yield (parent, key) of every member of a document, of long lists the first ones."""
    keys = list(value) if isinstance(value, dict) else range(min(len(value), 50))
    for key in keys:
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from members(value[key])


def cut(data, chance):
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randint(1, 200):]


def replace_piece(data, chance):
    at = chance.randrange(len(data))
    return data[:at] + chance.choice(PIECES) + data[at + 1:]


def replace_number(data, chance):
    spans = [found.span() for found in re.finditer(rb"[0-9.]+", data[:200_000])]
    if not spans:
        return data
    start, end = chance.choice(spans)
    return data[:start] + chance.choice(NUMBERS) + data[end:]


OF_FOLDERS = (remove_folder, rename_folder)
WAYS = (remove, empty, exchange, *OF_FOLDERS, *(edit,) * 15)
"""Edits are most likely; they meet the rules."""
