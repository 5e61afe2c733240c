"""What is to be known of the place where a review lies: a drive over a network, or a folder that a program keeps in
step with other computers.

A review is one file with a rollback journal, which such places can hold (docs/decisions/0001-one-file.md). What they
can't promise is that a lock on one computer holds on another, or that one of two versions isn't put over the other. So
it is said, with what to do. A place is named only by what is certain of it: the system's own list of drives, and marks
that those programs set; it "seems" so, since there are drives and programs that nobody here has seen.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

SYSTEM: str = sys.platform
_DRIVE_REMOTE = 4  # of Windows' GetDriveTypeW

_OVER_NETWORK = re.compile(
    "nfs4?|cifs|smb[23]|smbfs|9p|afs|ceph|glusterfs|lustre|gpfs|ncpfs|coda|davfs|vboxsf|prl_fs"
    r"|fuse\.(sshfs|rclone|gvfsd-fuse|davfs2|glusterfs|vmhgfs-fuse|s3fs|curlftpfs|smbnetfs|kio-fuse)"
)
"""Kinds of file systems whose files lie on another computer, or belong to the system that this one runs in."""

_MARKS: Mapping[str, tuple[str, ...]] = {
    "Dropbox": (".dropbox.cache",),
    "Google Drive": (".tmp.driveupload", ".tmp.drivedownload", ".shortcut-targets-by-id"),
    "Nextcloud or ownCloud": (".nextcloudsync.log", ".owncloudsync.log", ".sync_*.db", "._sync_*.db"),
    "Syncthing": (".stfolder",),
}
"""What each program puts into the topmost folder that it keeps in step."""
_ONEDRIVE_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")


@dataclass(frozen=True, slots=True)
class Mount:
    """A disk, and the folder that it is found at. ``network`` is its kind where it is a network's, else ""."""

    where: str
    network: str


def notices(path: Path) -> list[str]:
    """What the person who opens the review should know of its place, a sentence each. Never raises."""
    told = []
    with contextlib.suppress(OSError, ValueError):
        real = path.resolve()
        if kind := network_drive(real):
            told.append(
                f"{path} seems to lie on a network drive ({kind}), where two people may not notice each other: have it "
                "open on one computer at a time, and keep copies on this one: leads-local backup --to FOLDER. Who may "
                "read it there is for that drive to say, not for this program."
            )
        if client := sync_client(real):
            told.append(
                f"{path} seems to be kept in step with other computers by {client}: close it and let that finish "
                "before it is opened on another one, since of two versions only one stays the review. Keep copies "
                "elsewhere: leads-local backup --to FOLDER."
            )
    return told


# ---------------------------------------------------------------- network drives


def network_drive(path: Path) -> str:
    """Which kind of network drive the absolute ``path`` seems to lie on, "" for none."""
    if SYSTEM == "win32":
        return _windows_drive(path)
    if SYSTEM == "darwin":
        return find_kind(path, parse_mac_mounts(_ask_mac_mounts()))
    with contextlib.suppress(OSError):
        return find_kind(path, parse_linux_mounts(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")))
    return ""


def is_share(path: PurePath) -> bool:
    """Whether Windows' path names another computer: ``\\\\server\\share``, also as ``\\\\?\\UNC\\server\\share``."""
    drive = path.drive.replace("/", "\\")
    as_it_stands = drive.upper().startswith("\\\\?\\UNC\\")
    return as_it_stands or (drive.startswith("\\\\") and drive[2:4] not in ("?\\", ".\\"))


def _windows_drive(path: Path) -> str:
    if is_share(path):
        return "a shared folder"
    import ctypes

    asked = ctypes.WinDLL("kernel32").GetDriveTypeW  # type: ignore[attr-defined, unused-ignore]
    asked.argtypes = [ctypes.c_wchar_p]
    return f"drive {path.drive}" if asked(path.anchor) == _DRIVE_REMOTE else ""


def find_kind(path: PurePath, mounts: Iterable[Mount]) -> str:
    """The kind of network drive that ``path`` lies on: what the innermost of ``mounts`` says that holds it."""
    holding = [mount for mount in mounts if path.is_relative_to(mount.where)]
    innermost = max((len(PurePath(mount.where).parts) for mount in holding), default=0)
    kinds = [mount.network for mount in holding if len(PurePath(mount.where).parts) == innermost]
    return kinds[-1] if kinds else ""  # the last one covers those before it


def parse_linux_mounts(text: str) -> list[Mount]:
    """What /proc/self/mountinfo says."""
    found = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        if len(fields := before.split()) > 4 and after:
            where = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            kind = after.split()[0]
            found.append(Mount(where, kind if _OVER_NETWORK.fullmatch(kind) else ""))
    return found


def parse_mac_mounts(text: str) -> list[Mount]:
    """What ``mount`` says: ``//anna@nas/home on /Volumes/home (smbfs, nodev, mounted by anna)``. What doesn't say that
    it is local is a network's, whatever it is called."""
    found = []
    for line in text.splitlines():
        if match := re.fullmatch(r".+? on (/.*) \((\w+)(.*)\)", line):
            where, kind, said = match.groups()
            found.append(Mount(where, "" if ", local" in said else kind))
    return found


def _ask_mac_mounts() -> str:
    import subprocess

    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(
            ["/sbin/mount"], capture_output=True, text=True, errors="surrogateescape", timeout=5, check=True
        ).stdout
    return ""


# ---------------------------------------------------------------- programs that keep folders in step


def sync_client(path: Path) -> str:
    """Which program seems to keep the folder of the absolute ``path`` in step with other computers, "" for none."""
    for name in _ONEDRIVE_VARIABLES:
        if (folder := os.environ.get(name)) and path.is_relative_to(Path(folder).resolve()):
            return "OneDrive"
    if client := _mac_client(path.parts) or _windows_icloud(path.parts):
        return client
    for above in path.parents:
        for client, marks in _MARKS.items():
            if any(_has(above, mark) for mark in marks):
                return client
    return ""


def _has(folder: Path, mark: str) -> bool:
    with contextlib.suppress(OSError):
        return any(folder.glob(mark)) if "*" in mark else (folder / mark).exists()
    return False


def _mac_client(parts: tuple[str, ...]) -> str:
    """macOS keeps all of them in two folders of the account's Library."""
    for above, folder, inside in zip(parts, parts[1:], parts[2:], strict=False):
        if (above, folder) == ("Library", "Mobile Documents"):
            return "iCloud Drive"
        if (above, folder) == ("Library", "CloudStorage"):
            return inside.partition("-")[0]  # Dropbox, OneDrive-Hospital, GoogleDrive-anna@example.org
    return ""


def _windows_icloud(parts: tuple[str, ...]) -> str:
    return "iCloud Drive" if SYSTEM == "win32" and "iCloudDrive" in parts else ""
