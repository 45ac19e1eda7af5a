"""Writes a packed tree: beside its place first, then in one step; what is there is never touched.

Until it is whole, the tree lies in ``DEST.partial/``, a folder with a note that pack made it. An
interrupted packing leaves it behind, and the next one goes on from there.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from submission_checker.model.errors import WrongUse
from submission_checker.packing.actions import Action, Plan
from submission_checker.packing.atomic import put
from submission_checker.packing.manifest import read_manifest
from submission_checker.packing.planned import PlannedSource
from submission_checker.sources.base import Source, Unreadable

ARCHIVES = (".tar", ".tar.gz", ".tgz")
OTHER_ARCHIVES = (".zip", ".tar.xz", ".tar.zst", ".tar.bz2", ".7z")
NOTE = "made-by-pack"
NOTE_TEXT = "An unfinished packing; run the same command again, or remove this folder.\n"
SPARE_BYTES = 64 << 20
"""Space that stays free beside the packed tree, for the manifest and the file system itself."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a packed tree, its manifest and the unfinished tree lie."""

    dest: Path
    record: Path

    @property
    def partial(self) -> Path:
        """The folder of the unfinished tree."""
        return self.dest.absolute().parent / f"{self.dest.name}.partial"

    @property
    def is_archive(self) -> bool:
        """Whether the tree becomes an archive, by the ending of its name."""
        return self.dest.name.endswith(ARCHIVES)


def place(dest: Path, record: Path, source_root: Path | None) -> Place:
    """Return where everything goes; raises ``WrongUse`` where DEST cannot be made there."""
    if dest.exists() or dest.is_symlink():
        raise WrongUse(f"{dest} exists already; pack writes only what is not there yet")
    if dest.name.endswith(OTHER_ARCHIVES):
        raise WrongUse(f"{dest}: pack writes a folder, {', '.join(ARCHIVES)}")
    found = Place(dest, record)
    for path in (dest, record):
        parent = path.absolute().parent
        if not parent.is_dir():
            raise WrongUse(f"{parent} is no folder")
        inside = parent.resolve()
        root = source_root.resolve() if source_root is not None else None
        if root is not None and (inside == root or root in inside.parents):
            raise WrongUse(f"{path} lies inside {source_root}; the originals are never touched")
    if record.is_symlink() or (record.exists() and not _is_manifest(record)):
        raise WrongUse(f"{record} exists already and is no manifest of pack; give --manifest")
    partial = found.partial
    if partial.is_symlink() or (partial.exists() and not _is_ours(partial)):
        raise WrongUse(f"{partial} exists already and is not from pack; move it away")
    return found


def _is_manifest(path: Path) -> bool:
    """Return whether a file is a manifest, left by a packing that ended before DEST was there."""
    try:
        read_manifest(path.read_text(encoding="utf-8"), str(path))
    except (WrongUse, OSError, UnicodeDecodeError):
        return False
    return True


def _is_ours(partial: Path) -> bool:
    if not partial.is_dir():
        return False
    return (partial / NOTE).is_file() or not any(partial.iterdir())


def write_tree(
    plan: Plan, source: Source, at: Place, expected: Mapping[str, str], manifest: str,
    progress: Progress,
) -> None:
    """Write a plan as a folder or an archive, with its manifest.

    ``expected`` holds the SHA-256 of every target, taken when the manifest was made.

    Raises:
        Unreadable: a file of the originals changed since then; the unfinished tree stays.
        WrongUse: the disk is full, and the unfinished tree is gone; or DEST appeared meanwhile.
    """
    partial = at.partial
    with _full_disk_is_said(partial):
        _room_for(plan, partial)
        partial.mkdir(exist_ok=True)
        (partial / NOTE).write_text(NOTE_TEXT, encoding="utf-8")
        writer = _write_archive if at.is_archive else _write_folder
        whole = writer(plan, source, at, expected, progress)
        note = at.record.with_name(f"{at.record.name}.part")
        note.write_text(manifest, encoding="utf-8", newline="\n")
        os.replace(note, at.record)
    try:
        if at.is_archive:
            put(whole, at.dest)
        else:
            os.rename(whole, at.dest)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise WrongUse(f"{at.dest} appeared meanwhile; it was not touched") from None
        raise
    remove(partial)


@contextmanager
def _full_disk_is_said(partial: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remove(partial)
            raise WrongUse(f"the disk of {partial.parent} is full; nothing stays there") from None
        raise


def _room_for(plan: Plan, partial: Path) -> None:
    """Refuse what cannot fit; what an earlier packing wrote is there already."""
    have = sum(file.stat().st_size for file in partial.rglob("*") if file.is_file())
    free = shutil.disk_usage(partial.parent).free
    if free + have < plan.size_bytes + SPARE_BYTES:
        raise OSError(errno.ENOSPC, f"{plan.size_bytes} bytes wanted, {free} free")


def remove(path: Path) -> None:
    """Remove a folder that pack made, or a file."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_folder(
    plan: Plan, source: Source, at: Place, expected: Mapping[str, str], progress: Progress
) -> Path:
    tree = at.partial / "tree"
    tree.mkdir(exist_ok=True)
    packed = PlannedSource(source, plan.actions)
    _drop_foreign(plan, tree)
    actions = list(plan.ordered())
    for number, action in enumerate(actions, start=1):
        file = tree / action.target
        if not _is_written(file, action.size_bytes, expected[action.target]):
            file.parent.mkdir(parents=True, exist_ok=True)
            part = at.partial / "file.part"
            with part.open("wb") as out:
                for block in _checked(packed, action, expected[action.target]):
                    out.write(block)
            os.replace(part, file)
        progress(number, len(actions))
    return tree


def _checked(packed: PlannedSource, action: Action, sha256: str) -> Iterator[bytes]:
    """Yield a file's blocks; raises ``Unreadable`` at the end if it is not what was judged."""
    digest = hashlib.sha256()
    for block in packed.blocks(action.target):
        digest.update(block)
        yield block
    if digest.hexdigest() != sha256:
        raise Unreadable(action.source or action.target, "changed while it was packed")


def _drop_foreign(plan: Plan, tree: Path) -> None:
    """Remove what an earlier, interrupted packing wrote and this plan does not have."""
    for folder, folders, names in os.walk(tree, topdown=False):
        for name in names:
            file = Path(folder) / name
            if file.relative_to(tree).as_posix() not in plan.actions:
                file.unlink()
        for name in folders:
            path = Path(folder) / name
            if path.is_symlink():
                path.unlink()
            elif not any(path.iterdir()):
                path.rmdir()


def _is_written(file: Path, size: int, sha256: str) -> bool:
    """Return whether an earlier packing wrote this file whole."""
    if file.is_symlink() or not file.is_file() or file.stat().st_size != size:
        return False
    with file.open("rb") as have:
        return hashlib.file_digest(have, "sha256").hexdigest() == sha256


def _write_archive(
    plan: Plan, source: Source, at: Place, expected: Mapping[str, str], progress: Progress
) -> Path:
    """Write an archive whose bytes depend on the plan alone: sorted, no times, no owners."""
    packed = PlannedSource(source, plan.actions)
    actions = list(plan.ordered())
    archive_file = at.partial / "archive"
    compress = at.dest.name.endswith("gz")
    with archive_file.open("wb") as raw:
        out = gzip.GzipFile("", "wb", 6, raw, mtime=0) if compress else raw
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for number, action in enumerate(actions, start=1):
                info = tarfile.TarInfo(action.target)
                info.size, info.mode, info.mtime = action.size_bytes, 0o644, 0
                stream = _Stream(_checked(packed, action, expected[action.target]))
                try:
                    archive.addfile(info, stream)
                    longer = bool(stream.read(1))
                except OSError as error:
                    if error.errno is not None:
                        raise
                    longer = True  # tarfile's word for a file that is shorter than it was
                if longer:
                    raise Unreadable(action.source, "changed while it was packed")
                progress(number, len(actions))
        if compress:
            out.close()
    return archive_file


class _Stream(BytesIO):
    """Blocks as a file that can be read once."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks = blocks
        self._rest = b""

    def read(self, size: int | None = -1) -> bytes:
        """Return up to ``size`` bytes."""
        wanted = -1 if size is None else size
        while wanted < 0 or len(self._rest) < wanted:
            block = next(self._blocks, None)
            if block is None:
                break
            self._rest += block
        cut = len(self._rest) if wanted < 0 else wanted
        data, self._rest = self._rest[:cut], self._rest[cut:]
        return data
