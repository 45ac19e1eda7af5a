"""Writes a packed tree: beside its place first, then in one step; what is there is never touched.

An interrupted packing leaves ``DEST.partial`` behind; the next run goes on from there.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from submission_checker.model.errors import WrongUse
from submission_checker.packing.actions import Plan
from submission_checker.packing.planned import PlannedSource
from submission_checker.sources.base import Source

ARCHIVES = (".tar", ".tar.gz", ".tgz")
SPARE_BYTES = 64 << 20
"""Space that stays free beside the packed tree, for the manifest and the file system itself."""

Progress = Callable[[int, int], None]


def place(dest: Path, source_root: Path | None) -> Path:
    """Return where the tree is written first; raises ``WrongUse`` where DEST cannot be made."""
    if dest.exists() or dest.is_symlink():
        raise WrongUse(f"{dest} exists already; pack writes only what is not there yet")
    parent = dest.absolute().parent
    if not parent.is_dir():
        raise WrongUse(f"{parent} is no folder")
    if source_root is not None:
        inside = parent.resolve()
        if inside == source_root.resolve() or source_root.resolve() in inside.parents:
            raise WrongUse(f"{dest} lies inside {source_root}; the originals are never touched")
    return parent / f"{dest.name}.partial"


def write_tree(plan: Plan, source: Source, dest: Path, partial: Path, progress: Progress) -> None:
    """Write a plan as a folder, or as an archive by the ending of its name."""
    with _full_disk_is_said(partial):
        _room_for(plan, partial)
        if dest.name.endswith(ARCHIVES):
            _write_archive(plan, source, partial, dest.name.endswith("gz"), progress)
        else:
            _write_folder(plan, source, partial, progress)
    os.rename(partial, dest)


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
    free = shutil.disk_usage(partial.parent).free
    if free < plan.size_bytes + SPARE_BYTES:
        raise OSError(errno.ENOSPC, f"{plan.size_bytes} bytes wanted, {free} free")


def remove(path: Path) -> None:
    """Remove a partial folder or archive."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_folder(plan: Plan, source: Source, partial: Path, progress: Progress) -> None:
    partial.mkdir(exist_ok=True)
    packed = PlannedSource(source, plan.actions)
    _drop_foreign(plan, partial)
    actions = list(plan.ordered())
    for number, action in enumerate(actions, start=1):
        file = partial / action.target
        if not _is_written(file, packed, action.target, action.size_bytes):
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_name(f"{file.name}.part")
            with part.open("wb") as out:
                for block in packed.blocks(action.target):
                    out.write(block)
            os.replace(part, file)
        progress(number, len(actions))


def _drop_foreign(plan: Plan, partial: Path) -> None:
    """Remove files of an earlier, interrupted packing that this plan does not have."""
    for folder, _, names in os.walk(partial):
        for name in names:
            file = Path(folder) / name
            if file.relative_to(partial).as_posix() not in plan.actions:
                file.unlink()


def _is_written(file: Path, packed: PlannedSource, target: str, size: int) -> bool:
    if not file.is_file() or file.stat().st_size != size:
        return False
    wanted = hashlib.sha256()
    for block in packed.blocks(target):
        wanted.update(block)
    with file.open("rb") as have:
        return hashlib.file_digest(have, "sha256").digest() == wanted.digest()


def _write_archive(
    plan: Plan, source: Source, partial: Path, compress: bool, progress: Progress
) -> None:
    """Write an archive whose bytes depend on the plan alone: sorted, no times, no owners."""
    packed = PlannedSource(source, plan.actions)
    actions = list(plan.ordered())
    with partial.open("wb") as raw:
        out = gzip.GzipFile("", "wb", 6, raw, mtime=0) if compress else raw
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for number, action in enumerate(actions, start=1):
                info = tarfile.TarInfo(action.target)
                info.size, info.mode, info.mtime = action.size_bytes, 0o644, 0
                archive.addfile(info, _Stream(packed.blocks(action.target)))
                progress(number, len(actions))
        if compress:
            out.close()


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
