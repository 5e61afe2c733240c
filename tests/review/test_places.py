"""Where a review lies: network drives and folders that a program keeps in step are named, once; nothing else is."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace

import pytest

from leads_local import paths
from leads_local.app import safekeeping
from leads_local.review import places
from leads_local.review.checking import check_file
from leads_local.review.review import Review
from tests.simulated_windows import kernel

LINUX = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
24 27 0:6 / /dev rw - devtmpfs devtmpfs rw
90 27 0:50 / /home/anna/net rw,nosuid shared:1 - autofs systemd-1 rw
91 90 0:51 / /home/anna/net rw shared:2 - cifs //nas/home rw,vers=3.1
92 27 0:52 / /mnt/my\\040share rw - nfs4 nas:/export rw
93 27 0:53 / /home/anna/ssh rw - fuse.sshfs anna@host:/ rw
94 92 0:54 / /mnt/my\\040share/local rw - ext4 /dev/sdb1 rw
95 27 0:55 / /mnt/usb rw - fuseblk /dev/sdc1 rw
96 27 0:56 / /mnt/c rw - 9p C:\\134 rw
broken line
"""
MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//anna@nas._smb._tcp.local/home on /Volumes/home (smbfs, nodev, nosuid, mounted by anna)
nas:/export on /Volumes/my share (nfs)
/dev/disk4s1 on /Volumes/STICK (msdos, local, nodev, nosuid, noowners)
webdav on /Volumes/cloud (webdav, nodev, noexec, nosuid)
"""


@pytest.mark.parametrize(
    ("system", "path", "kind"),
    [
        ("linux", "/home/anna/knee.leads", ""),
        ("linux", "/home/anna/net/knee.leads", "cifs"),
        ("linux", "/home/anna/network/knee.leads", ""),
        ("linux", "/mnt/my share/a/knee.leads", "nfs4"),
        ("linux", "/mnt/my share/local/knee.leads", ""),
        ("linux", "/home/anna/ssh/knee.leads", "fuse.sshfs"),
        ("linux", "/mnt/usb/knee.leads", ""),
        ("linux", "/mnt/c/Users/anna/knee.leads", "9p"),
        ("mac", "/Users/anna/knee.leads", ""),
        ("mac", "/Volumes/home/knee.leads", "smbfs"),
        ("mac", "/Volumes/my share/knee.leads", "nfs"),
        ("mac", "/Volumes/STICK/knee.leads", ""),
        ("mac", "/Volumes/cloud/knee.leads", "webdav"),
    ],
)
def test_a_network_drive_is_known_by_the_systems_own_list(system: str, path: str, kind: str) -> None:
    mounts = places.parse_linux_mounts(LINUX) if system == "linux" else places.parse_mac_mounts(MAC)
    assert places.find_kind(PurePosixPath(path), mounts) == kind


def test_a_mac_is_asked_for_its_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def run(command: list[str], **options: object) -> SimpleNamespace:
        asked.append(command)
        return SimpleNamespace(stdout=f"//anna@nas/home on {tmp_path.resolve()} (smbfs, nodev)\n")

    monkeypatch.setattr(places, "SYSTEM", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    assert places.network_drive(tmp_path.resolve() / "knee.leads") == "smbfs"
    assert asked == [["/sbin/mount"]]


@pytest.mark.parametrize(
    ("path", "share"),
    [
        (r"\\nas\home\knee.leads", True),
        ("//nas/home/knee.leads", True),
        (r"\\?\UNC\nas\home\knee.leads", True),
        (r"\\?\C:\home\knee.leads", False),
        (r"C:\home\knee.leads", False),
        (r"C:knee.leads", False),
    ],
)
def test_a_share_of_windows_is_known_by_its_name(path: str, share: bool) -> None:
    assert places.is_share(PureWindowsPath(path)) == share


@pytest.mark.parametrize(("kind", "told"), [(4, True), (3, False), (2, False)], ids=["remote", "fixed", "removable"])
def test_windows_is_asked_which_kind_of_drive_it_is(
    windows: None, review: Review, monkeypatch: pytest.MonkeyPatch, kind: int, told: bool
) -> None:
    monkeypatch.setitem(kernel.ANSWERS, "GetDriveTypeW", lambda root: kind if root == "/" else 0)
    assert any("network drive" in notice for notice in places.notices(review.path)) == told


def test_this_computers_own_disks_are_no_network_drives(review: Review) -> None:
    assert places.notices(review.path) == []


# ---------------------------------------------------------------- programs that keep folders in step


@pytest.mark.parametrize(
    ("mark", "client"),
    [
        (".dropbox.cache/", "Dropbox"),
        (".tmp.driveupload/", "Google Drive"),
        (".shortcut-targets-by-id/", "Google Drive"),
        (".sync_0a1b2c3d.db", "Nextcloud or ownCloud"),
        ("._sync_0a1b2c3d.db", "Nextcloud or ownCloud"),
        (".nextcloudsync.log", "Nextcloud or ownCloud"),
        (".stfolder/", "Syncthing"),
        (".dropbox/", ""),  # what Dropbox keeps in everybody's home
        ("notes.db", ""),
    ],
)
def test_a_folder_kept_in_step_is_known_by_what_its_program_puts_there(tmp_path: Path, mark: str, client: str) -> None:
    top = tmp_path / "kept"
    (inside := top / "reviews" / "knee").mkdir(parents=True)
    (top / mark).mkdir() if mark.endswith("/") else (top / mark).touch()
    assert places.sync_client(inside / "knee.leads") == client
    assert places.sync_client(tmp_path / "knee.leads") == ""


@pytest.mark.parametrize(
    ("path", "client"),
    [
        ("/Users/anna/Library/Mobile Documents/com~apple~CloudDocs/knee.leads", "iCloud Drive"),
        ("/Users/anna/Library/CloudStorage/OneDrive-Hospital/knee.leads", "OneDrive"),
        ("/Users/anna/Library/CloudStorage/GoogleDrive-anna@example.org/My Drive/knee.leads", "GoogleDrive"),
        ("/Users/anna/Library/Caches/knee.leads", ""),
    ],
)
def test_a_mac_keeps_them_in_its_library(path: str, client: str) -> None:
    assert places.sync_client(Path(path)) == client


def test_onedrive_says_where_its_folder_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder := tmp_path / "OneDrive - Hospital").mkdir()
    assert places.sync_client(folder / "knee.leads") == ""
    monkeypatch.setenv("OneDriveCommercial", str(folder))
    assert places.sync_client(folder / "knee.leads") == "OneDrive"
    assert places.sync_client(tmp_path / "knee.leads") == ""


# ---------------------------------------------------------------- how it is told


def test_it_is_said_once_of_each_review_and_by_check_always(review: Review) -> None:
    (review.path.parent / ".stfolder").mkdir()
    assert len([one for one in safekeeping.notices(review) if "Syncthing" in one and "backup --to" in one]) == 1
    assert safekeeping.notices(review) == []
    review.close()
    with Review.open(review.path) as again:
        assert safekeeping.notices(again) == []
        again.db.copy_to(other := review.path.with_name("other.leads"))
    with Review.open(other) as another:
        assert "Syncthing" in safekeeping.notices(another)[0]
    outcome = safekeeping.describe_check(review.path, check_file(review.path))
    assert not outcome.failed and "Syncthing" in outcome.notices[0]


def test_where_nothing_can_be_remembered_it_is_said_again(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    (review.path.parent / ".stfolder").mkdir()
    monkeypatch.setattr(paths, "places_told_file", lambda: Path("/proc/nowhere/told"))
    for _ in range(2):
        assert "Syncthing" in safekeeping.notices(review)[0]
