"""Call the git program on a repository that is somebody else's data.

Nothing of the repository is executed: no hooks run for the commands used here, no pager, no
external diff, no filter; configuration of the user and the system is not read, transports are
refused, and objects that a partial clone lacks are never fetched.
"""

from __future__ import annotations

import os
import subprocess
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from submission_checker.sources.base import BLOCK_BYTES, SourceError

SETTINGS = (
    "safe.directory=*",  # ownership protects against settings that run programs; none is obeyed
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "protocol.allow=never",
    "core.quotePath=false",
)
TEXT_BYTES = 2000
"""Of git's own messages that are shown."""


class GitFailed(Exception):
    """A git command failed; the text is git's own first line."""


@dataclass(frozen=True, slots=True)
class GitProgram:
    """Git for one repository folder; the folder itself is the repository, not one above it."""

    folder: str

    def arguments(self, *words: str) -> list[str]:
        """Return the command line."""
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        return ["git", "--no-pager", "--no-replace-objects", *settings, "-C", self.folder, *words]

    def environment(self) -> dict[str, str]:
        """Return the environment: nothing of the caller's git settings."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        return {
            **kept, "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0", "GIT_CEILING_DIRECTORIES": os.path.dirname(self.folder),
        }

    def run(self, *words: str, data: bytes = b"") -> bytes:
        """Return what a command writes; raises ``GitFailed``."""
        try:
            done = subprocess.run(self.arguments(*words), input=data, capture_output=True,
                                  check=False, env=self.environment())
        except OSError as error:
            raise GitFailed(f"the git program cannot be started: {error.strerror}") from None
        if done.returncode:
            text = done.stderr[:TEXT_BYTES].decode("utf-8", "replace").strip().splitlines()
            raise GitFailed(text[0] if text else f"git ended with code {done.returncode}")
        return done.stdout

    def objects(self) -> Objects:
        """Return a reader of objects."""
        return Objects(self)


class Objects:
    """``git cat-file --batch``: one process that gives one object after the other."""

    def __init__(self, git: GitProgram) -> None:
        self.git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._closing: weakref.finalize[..., Objects] | None = None
        self.busy = False

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            try:
                process = subprocess.Popen(
                    self.git.arguments("cat-file", "--batch"), stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.git.environment())
            except OSError as error:
                raise GitFailed(f"the git program cannot be started: {error.strerror}") from None
            self._process = process
            self._closing = weakref.finalize(self, _end, process)
        return self._process

    def close(self) -> None:
        """End the process; the next call starts another."""
        if self._closing is not None:
            self._closing()
        self._process = None
        self.busy = False

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield an object's content; raises ``GitFailed`` where it is absent or broken."""
        if self.busy:
            yield from Objects(self.git).blocks(name)
            return
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        self.busy = True
        whole = False
        try:
            process.stdin.write(f"{name}\n".encode())
            process.stdin.flush()
            head = process.stdout.readline().split()
            if len(head) != 3:
                whole = bool(head) and head[-1] in (b"missing", b"ambiguous")
                raise GitFailed("is not in this repository (a shallow or partial clone, or damage)")
            left = int(head[2])
            whole = left == 0 and process.stdout.read(1) == b"\n"
            while left:
                block = process.stdout.read(min(left, BLOCK_BYTES))
                if not block:
                    raise GitFailed("ends early in the object store")
                left -= len(block)
                # Before the last block goes out: who has it need not ask for another.
                whole = left == 0 and process.stdout.read(1) == b"\n"
                yield block
        except OSError as error:
            raise GitFailed(f"git stopped: {error.strerror}") from None
        finally:
            self.busy = False
            if not whole:
                self.close()

    def read(self, name: str) -> bytes:
        """Return an object whole."""
        return b"".join(self.blocks(name))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue  # what was still to be written to a process that is gone


def repository_at(folder: str, label: str, revision: str, inner: str) -> GitProgram:
    """Return the git program for a repository, bare or not, or raise ``SourceError``.

    Revision and folder in it are for the proposal where the folder is inside of a repository.
    """
    if not os.path.isdir(folder):
        before, colon, after = folder.rpartition(":")
        near = f"; did you mean git:{before}@{revision}:{after}?" if (
            colon and os.path.isdir(before)) else ""
        raise SourceError(label, f"no such folder{near}")
    git = GitProgram(os.path.realpath(folder))
    try:
        git.run("rev-parse", "--git-dir")
    except GitFailed as error:
        words = str(error)
        if "not a git repository" in words:
            words = "not a git repository"
            root = _repository_around(git.folder)
            if root is not None:
                named = root if os.path.isabs(folder) else os.path.relpath(root)
                below = os.path.normpath(os.path.join(os.path.relpath(git.folder, root), inner))
                words += (f", but a folder of one; did you mean git:{named}@{revision}:"
                          f"{below.replace(os.sep, '/')}?")
        raise SourceError(label, words) from None
    return git


def _repository_around(folder: str) -> str | None:
    """Return the nearest folder above that is a repository with a work tree, None for none."""
    while folder != (above := os.path.dirname(folder)):
        folder = above
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
    return None


def object_sizes(git: GitProgram, names: Sequence[str]) -> dict[str, int]:
    """Return the size of every object that the repository has; absent ones are left out."""
    if not names:
        return {}
    asked = "".join(f"{name}\n" for name in names).encode()
    found: dict[str, int] = {}
    for line in git.run("cat-file", "--batch-check", data=asked).splitlines():
        words = line.split()
        if len(words) == 3:
            found[words[0].decode()] = int(words[2])
    return found


def absent_objects(git: GitProgram, tree: str) -> frozenset[str]:
    """Return the objects below a tree that a partial clone lacks; none in other repositories.

    Older versions of git try to fetch each absent object that is asked for; this asks for none.
    """
    pattern = r"^(remote\..*\.promisor|extensions\.partialclone)$"
    try:
        git.run("config", "--local", "--get-regexp", pattern)
    except GitFailed:
        return frozenset()
    listed = git.run("rev-list", "--objects", "--no-walk", "--missing=print", tree)
    return frozenset(line[1:].decode() for line in listed.splitlines() if line[:1] == b"?")
