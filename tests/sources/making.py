"""Archives and repositories made for tests."""

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}
MODES = {"tar": "w", "tar.gz": "w:gz", "tar.xz": "w:xz"}


def git(folder, *words, data=None, **env):
    """Run git and return what it writes."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(["git", *map(str, words)], cwd=folder, check=True, capture_output=True,
                          input=data, env={**kept, **IDENTITY, **env})
    return done.stdout.decode().strip()


def repository(folder, commit="first"):
    """Make a repository of a folder and commit all that is in it."""
    git(folder, "init", "-q", "-b", "main")
    return committed(folder, commit)


def committed(folder, text="next"):
    """Commit everything and return the name of the commit."""
    git(folder, "add", "-Af", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", text)
    return git(folder, "rev-parse", "HEAD")


def archived(folder, target, prefix=""):
    """Pack a folder (without version control) and return the archive's path as text."""
    target = Path(target)
    form = target.name.partition(".")[2]
    if form == "zip":
        _zip(Path(folder), target, prefix)
    elif form == "tar.zst":
        import zstandard

        plain = archived(folder, target.with_name(target.name.removesuffix(".zst")), prefix)
        target.write_bytes(zstandard.ZstdCompressor().compress(Path(plain).read_bytes()))
    else:
        with tarfile.open(target, MODES[form]) as out:
            for path in sorted(Path(folder).iterdir()):
                if path.name != ".git":
                    out.add(path, f"{prefix}{path.name}")
    return str(target)


def _zip(folder, target, prefix):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if name.partition("/")[0] == ".git":
                continue
            if path.is_symlink():
                info = zipfile.ZipInfo(prefix + name)
                info.create_system, info.external_attr = 3, 0o120777 << 16
                out.writestr(info, os.readlink(path))
            elif path.is_dir() or path.is_file():
                out.write(path, prefix + name)


def tar_of(target, *members):
    """Write a tar of (name, content or dict of fields) pairs, hostile ones too."""
    import io

    with tarfile.open(target, "w" if str(target).endswith(".tar") else "w:gz") as out:
        for name, given in members:
            info = tarfile.TarInfo(name)
            fields = given if isinstance(given, dict) else {}
            data = b"" if isinstance(given, dict) else given
            info.size = len(data)
            for key, value in fields.items():
                setattr(info, key, value)
            out.addfile(info, io.BytesIO(data))
    return str(target)
