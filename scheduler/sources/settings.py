"""config.yaml → Settings, with every problem found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path as FilePath
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from scheduler.domain.account import SECRET_SCHEMES, Account, SecretRef
from scheduler.domain.capabilities import Setting
from scheduler.domain.problem import Problem, Severity, has_errors, suggest
from scheduler.domain.when import WhenError, parse_duration
from scheduler.sources.models import SettingsFields, find_problem, read_problems
from scheduler.sources.yaml_text import Document, Path, read_yaml

SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What reading an account needs to know of its platform."""

    server: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings as read. Paths are absolute, or relative to the current folder; `ledger` is a database address."""

    file: str
    calendars: FilePath
    ledger: str
    state: FilePath
    zone: ZoneInfo
    not_after: timedelta
    workers: int
    reconcile_after: timedelta
    minimum_gap: timedelta
    accounts: Mapping[str, Account]
    alerts: tuple[SecretRef, ...] = ()
    health: tuple[str, int] | None = None


def read_settings(
    content: bytes, file: str, platforms: Mapping[str, PlatformFacts]
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Return what the bytes of a settings file say and every problem; with any error the settings are None.

    Relative paths are relative to the file they stand in. Never raises, whatever the bytes are.
    """
    document = read_yaml(content, file)
    problems = list(document.problems)
    if document.data is None:
        return None, tuple(problems)
    try:
        fields = SettingsFields.model_validate(document.data)
    except ValidationError as failure:
        return None, (*problems, *read_problems(failure, document))
    reader = _Reader(document, fields, platforms)
    settings = reader.read(file)
    problems = sorted(problems + reader.problems, key=lambda problem: problem.place)
    return (None if has_errors(problems) else settings), tuple(problems)


class _Reader:
    """Reads one settings file; `problems` fill while it does."""

    def __init__(self, document: Document, fields: SettingsFields, platforms: Mapping[str, PlatformFacts]) -> None:
        self.document = document
        self.fields = fields
        self.platforms = platforms
        self.problems: list[Problem] = []

    def report(self, path: Path, message: str, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        self.problems.append(find_problem(self.document, path, message, hint, severity))

    def read(self, file: str) -> Settings:
        fields, folder = self.fields, FilePath(file).parent
        return Settings(
            file=file,
            calendars=folder / fields.calendars,
            ledger=self._read_ledger(folder),
            state=folder / fields.state,
            zone=self._read_zone(),
            not_after=self._read_duration("not_after"),
            workers=int(fields.workers),
            reconcile_after=self._read_duration("reconcile_after"),
            minimum_gap=self._read_duration("minimum_gap"),
            accounts={name: self._read_account(name, given, folder) for name, given in fields.accounts.items()},
            alerts=tuple(filter(None, [self._read_alert(*item) for item in enumerate(fields.alerts)])),
            health=self._read_health(),
        )

    def _read_alert(self, number: int, words: str) -> SecretRef | None:
        reference = _read_reference(words)
        if reference is None:
            setting = Setting("alerts", "", "env:CAMPAIGN_ALERTS", secret=True)
            self.problems.append(_secret_in_the_open(self.document, ("alerts", number), setting))
        return reference

    def _read_health(self) -> tuple[str, int] | None:
        """Return where the health page answers, None if it is off."""
        words = self.fields.health
        if words.lower() in {"off", "no"}:
            return None
        host, _, port = words.rpartition(":")
        if host and port.isascii() and port.isdigit() and 0 < int(port) < 65536:
            return host.strip("[]"), int(port)
        self.report(("health",), f"'{words}' is no address.", "Write one such as 127.0.0.1:8478, or off.")
        return None

    def _read_ledger(self, folder: FilePath) -> str:
        address = self.fields.ledger
        if address.startswith(SQLITE):
            return f"{SQLITE}{folder / address.removeprefix(SQLITE)}"
        if address.startswith("postgresql://"):
            return address.replace("postgresql://", "postgresql+psycopg://", 1)
        self.report(("ledger",), f"'{address}' is no ledger.", "Write sqlite:///ledger.db or postgresql://…")
        return address

    def _read_zone(self) -> ZoneInfo:
        name = self.fields.timezone
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self.report(("timezone",), f"No time zone is called '{name}'.", "Write one such as Europe/London.")
            return ZoneInfo("Europe/London")

    def _read_duration(self, name: str) -> timedelta:
        text: Any = getattr(self.fields, name)
        if name == "minimum_gap" and text.split()[0] == "0":
            return timedelta()
        try:
            return parse_duration(text)
        except WhenError as failure:
            self.report((name,), failure.message, failure.hint)
            return timedelta()

    def _read_account(self, name: str, given: Mapping[str, str], folder: FilePath) -> Account:
        path: Path = ("accounts", name)
        place = self.document.key_place(path)
        platform = given.get("platform", "")
        facts = self.platforms.get(platform)
        if facts is None:
            if "platform" not in given:
                self.report(path, f"'{name}' says no platform.", f"Known: {', '.join(sorted(self.platforms))}.")
            else:
                hint = suggest(platform, self.platforms) or f"Known: {', '.join(sorted(self.platforms))}."
                self.report((*path, "platform"), f"no platform is called '{platform}'.", hint)
            return Account(name, platform, place=place)
        self._check_names(path, given, facts)
        plain, secrets = self._sort_settings(path, given, facts)
        if "folder" in plain:
            plain["folder"] = str(folder / plain["folder"])
        server = given.get("server", facts.server) or plain.get("folder", "")
        if not server and not any(setting.name == "folder" for setting in facts.settings):
            message = "'server' is missing: the address of the server that the account lives on."
            self.report(path, message, "Example: https://social.example.org")
        return Account(name, platform, server.rstrip("/"), plain, secrets, place)

    def _check_names(self, path: Path, given: Mapping[str, str], facts: PlatformFacts) -> None:
        known = ["platform", "server", *(setting.name for setting in facts.settings)]
        for name in given:
            if name not in known:
                hint = suggest(name, known) or f"Known: {', '.join(known)}."
                place = self.document.key_place((*path, name))
                message = f"{given['platform']} has no setting '{name}'."
                self.problems.append(Problem(Severity.ERROR, message, place, hint, self.document.line(place.line)))
        server = given.get("server", "")
        if server and not server.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            self.report((*path, "server"), f"'{server}' is no safe address.", "Begin it with https://")

    def _sort_settings(
        self, path: Path, given: Mapping[str, str], facts: PlatformFacts
    ) -> tuple[dict[str, str], dict[str, SecretRef]]:
        plain: dict[str, str] = {}
        secrets: dict[str, SecretRef] = {}
        for setting in facts.settings:
            value = given.get(setting.name, setting.default)
            if setting.name not in given and setting.required:
                self.report(path, f"'{setting.name}' is missing: {setting.help}", f"Example: {setting.example}")
            elif setting.secret and value:
                reference = _read_reference(value)
                if reference is not None:
                    secrets[setting.name] = reference
                else:
                    # The value itself is never repeated: it may be the secret.
                    self.problems.append(_secret_in_the_open(self.document, (*path, setting.name), setting))
            elif value:
                plain[setting.name] = value
        return plain, secrets


def _read_reference(words: str) -> SecretRef | None:
    scheme, colon, name = words.partition(":")
    return SecretRef(scheme, name) if colon and scheme in SECRET_SCHEMES and name else None


def _secret_in_the_open(document: Document, path: Path, setting: Setting) -> Problem:
    message = f"'{setting.name}' must say where the secret is kept, not the secret itself."
    return Problem(Severity.ERROR, message, document.place(path), f"Example: {setting.example}")
