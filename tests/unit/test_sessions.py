"""What is kept of log-ins: readable by its owner only, whole or not at all, and apart from everybody else's."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scheduler.errors import Unavailable
from scheduler.sessions import FileStore, MemoryStore

SESSION = {"accessJwt": "one", "refreshJwt": "zwei ü", "did": "did:plc:abc"}


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore | MemoryStore:
    return FileStore(tmp_path / "state" / "sessions") if request.param == "file" else MemoryStore()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_stored_is_loaded_by_its_name(store: FileStore | MemoryStore) -> None:
    assert store.load("force") == {}
    store.store("force", SESSION)
    store.store("council", {"did": "another"})
    assert store.load("force") == SESSION
    assert store.load("council") == {"did": "another"}


def test_new_values_take_the_place_of_all_the_old_and_none_forget_them(store: FileStore | MemoryStore) -> None:
    store.store("force", SESSION)
    store.store("force", {"did": "new"})
    assert store.load("force") == {"did": "new"}
    store.store("force", {})
    assert store.load("force") == {}


def test_the_caller_may_change_what_it_gave(store: FileStore | MemoryStore) -> None:
    values = dict(SESSION)
    store.store("force", values)
    values.clear()
    assert store.load("force") == SESSION


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "sessions")
    store.store("force", SESSION)
    store.store("force", SESSION)
    assert mode_of(tmp_path / "sessions") == 0o700
    assert mode_of(tmp_path / "sessions" / "force.json") == 0o600


def test_it_outlives_the_store(tmp_path: Path) -> None:
    FileStore(tmp_path).store("force", SESSION)
    assert FileStore(tmp_path).load("force") == SESSION


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'"text"'])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "force.json").write_bytes(content)
    store = FileStore(tmp_path)
    assert store.load("force") == {}
    store.store("force", SESSION)
    assert store.load("force") == SESSION


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(Unavailable, match="taken cannot be written"):
        FileStore(tmp_path / "taken").store("force", SESSION)


def test_a_failed_write_leaves_the_old_values_and_no_rest(tmp_path: Path) -> None:
    (tmp_path / "force.json").mkdir()  # what cannot be replaced by a file
    (tmp_path / "force.json" / "x").touch()
    with pytest.raises(Unavailable):
        FileStore(tmp_path).store("force", SESSION)
    assert [path.name for path in tmp_path.iterdir()] == ["force.json"]


def test_many_writers_at_once_leave_one_whole_session(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    sessions = [{"token": str(number) * 5000} for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda session: store.store("force", session), sessions))
    assert store.load("force") in sessions
    assert [path.name for path in tmp_path.iterdir()] == ["force.json"]
