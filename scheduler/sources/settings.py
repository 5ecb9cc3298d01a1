"""config.yaml → Settings, with every problem found in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path as FilePath
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic_core import ValidationError

from scheduler.domain.account import SECRET_SCHEMES, Account, SecretRef
from scheduler.domain.capabilities import Setting
from scheduler.domain.habits import Habits
from scheduler.domain.problem import Problem, error, has_errors, suggest
from scheduler.domain.when import WhenError, parse_duration
from scheduler.sources.discretion import conceal, hide_value
from scheduler.sources.field_problems import find_name_problem, find_odd_space_problem, find_problem, read_problems
from scheduler.sources.habit_settings import read_habits
from scheduler.sources.settings_models import HabitsFields, SettingsFields
from scheduler.sources.yaml_text import Document, Path, read_yaml

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOP_NAME = re.compile(r"""^(["']?)(\w+)\1[ \t]*:""", re.MULTILINE)
SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql://"
_SECRET_FIELDS = {"ledger", "alerts", "accounts"}
# Names whose values are no secrets and may be shown with a problem.
_PLAIN = frozenset({*SettingsFields.names, *HabitsFields.names, "platform", "folder"} - _SECRET_FIELDS)


class PlatformFacts(NamedTuple):
    """What reading an account needs to know of its platform."""

    server: str
    settings: tuple[Setting, ...]


class Settings(NamedTuple):
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
    days: FilePath = FilePath("days.yaml")
    public_media: tuple[FilePath, str] | None = None  # a folder, and its address on the web
    habits: Habits = Habits()


def read_settings(
    content: bytes, file: str, platforms: Mapping[str, PlatformFacts]
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Return what the bytes of a settings file say and every problem; with any error the settings are None.

    Relative paths are relative to the file they stand in. Never raises, whatever the bytes are.
    """
    document = read_yaml(content, file)
    problems = _conceal(document.problems, document, platforms)
    if document.data is None:
        return None, tuple(problems)
    try:
        fields = SettingsFields.read(document.data)
    except ValidationError as failure:
        found = failure.errors(include_url=False)
        problems += _conceal(read_problems(found, document, SettingsFields), document, platforms)
        # What did validate is still checked, so that one look shows everything.
        fields = _salvage(document.data, [details["loc"] for details in found])
    reader = _Reader(document, fields, platforms)
    settings = reader.read(file)
    problems = sorted(dict.fromkeys(problems + reader.problems), key=lambda problem: problem.place)
    return (None if has_errors(problems) else settings), tuple(problems)


def _conceal(problems: Iterable[Problem], document: Document, platforms: Mapping[str, PlatformFacts]) -> list[Problem]:
    """Return the problems without anything that may be a secret."""
    found = list(problems)
    if not found:
        return found
    names = {setting.name for facts in platforms.values() for setting in facts.settings}
    names |= {*SettingsFields.names, *HabitsFields.names, "platform", "server"}
    return [conceal(problem, document, _PLAIN, names) for problem in found]


def salvage_settings(content: bytes, file: str) -> Settings | None:
    """Return settings of which only the ledger and the accounts' names are true, however broken the rest of a file is.

    The names are those that can be read, perhaps none; everything else is as if it had not been written. None if
    it cannot be told for certain which ledger is meant. Never raises, whatever the bytes are.
    """
    document = whole = read_yaml(content, file)
    text = content.decode("utf-8", "replace")
    names = [found[2] for found in _TOP_NAME.finditer(text)]
    if not isinstance(whole.data, dict):
        lines = [line for line in text.splitlines() if (found := _TOP_NAME.match(line)) and found[2] == "ledger"]
        document = read_yaml("\n".join(lines).encode(), file)
    data = document.data if isinstance(document.data, dict) else {}
    if not _is_ledger_certain(document, data, names):
        return None
    try:
        fields = SettingsFields.read({"accounts": {}, **{name: data[name] for name in ("ledger",) if name in data}})
    except ValidationError:
        return None
    reader = _Reader(whole, fields, {})
    settings = reader.read(file)
    accounts = data.get("accounts")
    readable = [name for name in accounts if isinstance(name, str)] if isinstance(accounts, dict) else []
    return None if reader.problems else settings._replace(accounts={name: Account(name, "") for name in readable})


def _is_ledger_certain(document: Document, data: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Return whether a file says in one place which ledger it means, or is a settings file that leaves it out.

    `names` are those that begin its lines, whether it can be read or not.
    """
    known = SettingsFields.names
    if "ledger" in data:
        line = document.place(("ledger",)).line
        return names.count("ledger") < 2 and not any(problem.place.line == line for problem in document.problems)
    misspelt = [name for name in (*names, *data) if name not in known and suggest(name, ["ledger"])]
    return "ledger" not in names and not misspelt and any(name in known for name in (*names, *data))


def _salvage(data: Any, failed: Iterable[Path]) -> SettingsFields:
    """Return the fields without those that failed, and without each account of which something did."""
    if not isinstance(data, dict):
        return SettingsFields.read({"accounts": {}})
    names = {path[0] for path in failed if len(path) == 1}
    bad_accounts = {path[1] for path in failed if len(path) > 1 and path[0] == "accounts"}
    names |= {path[0] for path in failed if len(path) > 1 and path[0] not in ("accounts", "habits")}
    bad_habits = {path[1] for path in failed if len(path) > 1 and path[0] == "habits"}
    good = {name: value for name, value in data.items() if name not in names}
    if bad_habits and isinstance(good.get("habits"), dict):
        good["habits"] = {name: value for name, value in good["habits"].items() if name not in bad_habits}
    accounts = {name: value for name, value in good.get("accounts", {}).items() if name not in bad_accounts}
    try:
        return SettingsFields.read({**good, "accounts": accounts})
    except ValidationError:
        return SettingsFields.read({"accounts": {}})


class _Reader:
    """Reads one settings file; `problems` fill while it does."""

    def __init__(self, document: Document, fields: SettingsFields, platforms: Mapping[str, PlatformFacts]) -> None:
        self.document = document
        self.fields = fields
        self.platforms = platforms
        self.problems: list[Problem] = []

    def report(self, path: Path, message: str, hint: str) -> None:
        """Note a problem of a value that is no secret."""
        self.problems.append(find_problem(self.document, path, message, hint))

    def report_name(self, path: Path, message: str, hint: str) -> None:
        """Note a problem of what a name stands for: it points at the name and does not show what follows it."""
        self.problems.append(hide_value(find_name_problem(self.document, path, message, hint), self.document))

    def report_discreetly(self, path: Path, message: str, hint: str) -> None:
        """Note a problem of a value that may be a secret or hold one: neither it nor its line is repeated."""
        self.problems.append(error(message, self.document.place(path), hint))

    def read(self, file: str) -> Settings:
        fields, folder = self.fields, FilePath(file).parent
        self._check_twins()
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
            alerts=tuple(filter(None, [self._read_alert(*item, folder) for item in enumerate(fields.alerts or ())])),
            health=self._read_health(),
            days=folder / fields.days,
            public_media=self._read_public_media(folder),
            habits=self._read_habits(),
        )

    def _read_habits(self) -> Habits:
        habits, reporter = read_habits(self.fields.habits, self.document)
        self.problems += reporter.problems
        return habits

    def _check_twins(self) -> None:
        """Names of accounts end in names of files; two that differ only in the case of letters would share them."""
        seen: dict[str, str] = {}
        for name in self.fields.accounts:
            first = seen.setdefault(name.lower(), name)
            if first != name:
                message = f"'{name}' differs from the account '{first}' only in capital letters."
                self.report_name(("accounts", name), message, "Give it another name.")

    def _read_alert(self, number: int, words: str, folder: FilePath) -> SecretRef | None:
        reference = _read_reference(words, folder)
        if reference is None:
            self._refuse_open_secret(("alerts", number), "alerts", "env:CAMPAIGN_ALERTS")
        return reference

    def _refuse_open_secret(self, path: Path, name: str, example: str) -> None:
        message = f"'{name}' must say where the secret is kept, not the secret itself."
        self.report_discreetly(path, message, f"Example: {example}")

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

    def _read_public_media(self, folder: FilePath) -> tuple[FilePath, str] | None:
        given = self.fields.public_media
        if given is None:
            return None
        if not _is_safe(given.address) or {*"?#"} & {*given.address}:
            hint = "Begin it with https:// and leave out names and passwords: https://media.example.org"
            self.report_discreetly(("public_media", "address"), "'address' is no safe address.", hint)
        return folder / given.folder, given.address.rstrip("/")

    def _read_ledger(self, folder: FilePath) -> str:
        address = self.fields.ledger
        if address.startswith(SQLITE) and address.removeprefix(SQLITE).strip():
            return f"{SQLITE}{folder / address.removeprefix(SQLITE)}"
        if not address.startswith(_POSTGRESQL):
            message = "This is no address of a ledger."
            hint = "Write sqlite:///ledger.db, a file, or postgresql://user@host/database, a server."
            self.report_discreetly(("ledger",), message, hint)
        elif _holds_password(address):
            message = "'ledger' must not hold a password."
            hint = "Take it out: PostgreSQL finds it in the file ~/.pgpass, or in the variable PGPASSWORD."
            self.report_discreetly(("ledger",), message, hint)
        return address.replace(_POSTGRESQL, "postgresql+psycopg://", 1)

    def _read_zone(self) -> ZoneInfo:
        name = self.fields.timezone
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self.report(("timezone",), f"No time zone is called '{name}'.", "Write one such as Europe/London.")
            return ZoneInfo("Europe/London")

    def _read_duration(self, name: str) -> timedelta:
        text: Any = getattr(self.fields, name)
        is_zero = name == "minimum_gap" and text.split()[0] == "0"
        try:
            return timedelta() if is_zero and parse_duration(text.replace("0", "1", 1)) else parse_duration(text)
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
                self.report_name(path, f"'{name}' says no platform.", f"Known: {', '.join(sorted(self.platforms))}.")
            else:
                hint = suggest(platform, self.platforms) or f"Known: {', '.join(sorted(self.platforms))}."
                self.report((*path, "platform"), f"no platform is called '{platform}'.", hint)
            return Account(name, platform, place=place)
        self._check_names(path, given, facts)
        plain, secrets = self._sort_settings(path, given, facts, folder)
        if "folder" in plain:
            plain["folder"] = str(folder / plain["folder"])
        server = given.get("server", facts.server) or plain.get("folder", "")
        if not server and not any(setting.name == "folder" for setting in facts.settings):
            message = "'server' is missing: the address of the server that the account lives on."
            self.report_name(path, message, "Example: https://social.example.org")
        has_public_media = self.fields.public_media is not None
        return Account(name, platform, server.rstrip("/"), plain, secrets, place, has_public_media)

    def _check_names(self, path: Path, given: Mapping[str, str], facts: PlatformFacts) -> None:
        known = ["platform", "server", *(setting.name for setting in facts.settings)]
        for name in given:
            if name not in known:
                self._refuse_name((*path, name), name, known, given["platform"])
        if "server" in given and not _is_safe(given["server"]):
            hint = "Begin it with https:// and leave out names and passwords: https://social.example.org"
            self.report_discreetly((*path, "server"), "'server' is no safe address.", hint)

    def _refuse_name(self, path: Path, name: str, known: Sequence[str], platform: str) -> None:
        """Note a problem of a name that is not known; a value that became a part of it may be a secret."""
        odd = find_odd_space_problem(self.document, path)
        if odd is not None:
            self.problems.append(hide_value(odd, self.document))
        elif ":" in name:
            self.report_name(path, "A space is missing after the first colon.", "Type one there.")
        else:
            hint = suggest(name, known) or f"Known: {', '.join(known)}."
            self.report_name(path, f"{platform} has no setting '{name}'.", hint)

    def _sort_settings(
        self, path: Path, given: Mapping[str, str], facts: PlatformFacts, folder: FilePath
    ) -> tuple[dict[str, str], dict[str, SecretRef]]:
        plain: dict[str, str] = {}
        secrets: dict[str, SecretRef] = {}
        for setting in facts.settings:
            value = given.get(setting.name, setting.default)
            if setting.name not in given and setting.required:
                self.report_name(
                    path, f"'{setting.name}' is missing: {setting.help.rstrip('.')}.", f"Example: {setting.example}"
                )
            elif setting.secret and value:
                reference = _read_reference(value, folder)
                if reference is not None:
                    secrets[setting.name] = reference
                else:
                    self._refuse_open_secret((*path, setting.name), setting.name, setting.example)
            elif value:
                plain[setting.name] = value
                self._check_pattern((*path, setting.name), setting, value)
        return plain, secrets

    def _check_pattern(self, path: Path, setting: Setting, value: str) -> None:
        if setting.pattern and not re.fullmatch(setting.pattern, value):
            message = f"This is no value for '{setting.name}', which must be {setting.shape}."
            self.report(path, message, f"It is {setting.help.rstrip('.')}. Example: {setting.example}")


def _read_reference(words: str, folder: FilePath) -> SecretRef | None:
    """Return the reference that stands for a secret, None if it is none; a relative file is looked for in `folder`."""
    scheme, colon, name = words.partition(":")
    name = name.strip()
    if not (colon and scheme in SECRET_SCHEMES and name) or (scheme == "env" and not _ENV_NAME.fullmatch(name)):
        return None
    if scheme == "keyring" and not all(name.partition("/")):
        return None
    return SecretRef(scheme, str(folder / name) if scheme == "file" else name)


def _holds_password(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.password) or "password" in parts.query.lower()
    except ValueError:
        return "@" in address


def _is_safe(server: str) -> bool:
    """Return whether an address is encrypted, or stays on this machine, and holds neither a name nor a password."""
    try:
        parts = urlsplit(server)
        host = parts.hostname
    except ValueError:
        return False
    local = parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"}
    return bool(host) and "@" not in parts.netloc and (parts.scheme == "https" or local)
