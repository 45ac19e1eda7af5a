"""Files that appear whole and never take the place of another one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

WITHOUT_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What file systems without hard links answer."""


def put(part: Path, target: Path) -> None:
    """Give a finished file its name; raises ``FileExistsError`` where the name is taken.

    A hard link fails where the name is taken, a rename would replace what is there.
    """
    try:
        os.link(part, target)
    except OSError as error:
        if error.errno not in WITHOUT_LINKS:
            raise
        if target.exists() or target.is_symlink():
            raise FileExistsError(errno.EEXIST, "exists already", str(target)) from None
        os.rename(part, target)
        return
    part.unlink()
