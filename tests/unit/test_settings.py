"""The settings file: every setting, every mistake at its place, and no secret in anything that is said.

‹Marks› stand around what a problem has to point at.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.account import SecretRef
from scheduler.domain.capabilities import Setting
from scheduler.domain.problem import Problem
from scheduler.errors import Unauthorised
from scheduler.platforms import list_platforms, load_platform
from scheduler.sources.calendar import Defaults, read_calendar
from scheduler.sources.secrets import read_secret
from scheduler.sources.settings import PlatformFacts, Settings, read_settings
from tests.reading import spot_of, unmark

ROOT = Path(__file__).parents[2]
CANARY = "hunter2-Canary"
PLATFORMS = {
    "mastodon": PlatformFacts("", (Setting("access_token", "The token.", "env:MASTODON_TOKEN", secret=True),)),
    "bluesky": PlatformFacts(
        "https://bsky.social",
        (
            Setting("handle", "The handle.", "force.example.org"),
            Setting("app_password", "The password.", "env:BLUESKY_APP_PASSWORD", secret=True),
            Setting("language", "The language.", "en", required=False, default="en"),
        ),
    ),
    "noticeboard": PlatformFacts(
        "",
        (
            Setting("folder", "the folder of posts", "noticeboard"),
            Setting(
                "faults",
                "what goes wrong",
                "crash@2",
                required=False,
                pattern="crash@[1-9]",
                shape="crash@ and a figure",
            ),
        ),
    ),
}
BOARD = "accounts:\n  board: {platform: noticeboard, folder: wall}\n"
TWO = """\
accounts:
  force-bluesky:
    platform: bluesky
    handle: force.example.org
    app_password: env:BLUESKY_APP_PASSWORD
  town:
    platform: bluesky
    handle: town.example.org
    app_password: file:town.secret
    server: https://pds.example.org/
"""


def read(text: str, file: str = "here/config.yaml") -> tuple[Settings | None, tuple[Problem, ...]]:
    return read_settings(text.encode(), file, PLATFORMS)


def read_well(text: str, file: str = "here/config.yaml") -> Settings:
    settings, problems = read(text, file)
    assert problems == ()
    assert settings is not None
    return settings


def test_what_is_left_out_has_a_default() -> None:
    settings = read_well(BOARD)
    assert (settings.file, settings.calendars, settings.state) == (
        "here/config.yaml",
        Path("here/campaigns"),
        Path("here/state"),
    )
    assert settings.ledger == "sqlite:///here/ledger.db"
    assert settings.zone == ZoneInfo("Europe/London")
    assert settings.not_after == timedelta(hours=2)
    assert settings.reconcile_after == timedelta(seconds=60)
    assert settings.minimum_gap == timedelta()
    assert settings.workers == 20


def test_every_setting_is_taken() -> None:
    text = (
        "calendars: plans\nledger: postgresql://scheduler@db.example.org/ledger\nstate: kept\ntimezone: Europe/Paris\n"
        "not_after: 90 minutes\nworkers: 64\nreconcile_after: 2 minutes\nminimum_gap: 30 seconds\n"
    )
    settings = read_well(text + BOARD)
    assert (settings.calendars, settings.state) == (Path("here/plans"), Path("here/kept"))
    assert settings.ledger == "postgresql+psycopg://scheduler@db.example.org/ledger"
    assert settings.zone == ZoneInfo("Europe/Paris")
    assert settings.not_after == timedelta(minutes=90)
    assert settings.reconcile_after == timedelta(minutes=2)
    assert settings.minimum_gap == timedelta(seconds=30)
    assert settings.workers == 64


def test_two_accounts_of_a_platform_each_have_their_own() -> None:
    accounts = read_well(TWO).accounts
    force, town = accounts["force-bluesky"], accounts["town"]
    assert (force.platform, force.server) == ("bluesky", "https://bsky.social")
    assert force.settings == {"handle": "force.example.org", "language": "en"}
    assert force.secrets == {"app_password": SecretRef("env", "BLUESKY_APP_PASSWORD")}
    assert town.server == "https://pds.example.org"
    assert town.secrets == {"app_password": SecretRef("file", "here/town.secret")}
    assert (town.place.line, town.place.column) == (6, 3)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("sqlite:///ledger.db", "sqlite:///here/ledger.db"),
        ("sqlite:///../ledger.db", "sqlite:///here/../ledger.db"),
        ("sqlite:////var/lib/campaign/ledger.db", "sqlite:////var/lib/campaign/ledger.db"),
        ("postgresql://db.example.org/ledger", "postgresql+psycopg://db.example.org/ledger"),
        ("postgresql://me@db.example.org:5433/ledger", "postgresql+psycopg://me@db.example.org:5433/ledger"),
        ("postgresql:///ledger?host=/run/postgresql", "postgresql+psycopg:///ledger?host=/run/postgresql"),
    ],
)
def test_a_ledger_is_a_file_or_a_server(written: str, address: str) -> None:
    assert read_well(f"ledger: {written}\n{BOARD}").ledger == address


def test_alerts_are_references_to_addresses() -> None:
    assert read_well(BOARD).alerts == ()
    assert read_well(f"alerts: env:ALERTS\n{BOARD}").alerts == (SecretRef("env", "ALERTS"),)
    assert read_well(f"alerts: [file:alerts, keyring:a/b]\n{BOARD}").alerts == (
        SecretRef("file", "here/alerts"),
        SecretRef("keyring", "a/b"),
    )


@pytest.mark.parametrize(
    ("written", "address"),
    [("off", None), ("no", None), ("127.0.0.1:8478", ("127.0.0.1", 8478)), ("'[::1]:80'", ("::1", 80))],
)
def test_the_health_page_has_an_address_or_is_off(written: str, address: tuple[str, int] | None) -> None:
    assert read_well(f"health: {written}\n{BOARD}").health == address


def test_absolute_paths_stay_and_others_are_beside_the_settings() -> None:
    text = "calendars: /srv/plans\nstate: /var/lib/campaign\n"
    settings = read_well(text + BOARD.replace("wall", "/srv/wall"))
    assert (settings.calendars, settings.state) == (Path("/srv/plans"), Path("/var/lib/campaign"))
    assert settings.accounts["board"].settings["folder"] == "/srv/wall"
    assert read_well(BOARD).accounts["board"].settings["folder"] == "here/wall"
    assert read_well(BOARD, "config.yaml").calendars == Path("campaigns")


# Settings, what is said, what to type.
MISTAKES = {
    "an unknown setting": (f"‹timezon›: Europe/London\n{BOARD}", "No field is called 'timezon'", "'timezone'"),
    "a zone": (f"timezone: ‹Europe/Londn›\n{BOARD}", "No time zone is called 'Europe/Londn'", "Europe/London"),
    "a time": (f"not_after: ‹soon›\n{BOARD}", "'soon' is not a length of time", "3 hours"),
    "a gap": (f"minimum_gap: ‹0 bananas›\n{BOARD}", "is not a length of time", "Type it like"),
    "no workers": (f"workers: ‹0›\n{BOARD}", "'0' is not a whole number from 1 to 999", "such as 20"),
    "many workers": (f"workers: ‹many›\n{BOARD}", "'many' is not a whole number", "such as 20"),
    "an empty setting": (f"state:‹›\n{BOARD}", "'state' is empty", "take the line out"),
    "a ledger": (f"ledger: ‹ledger.db›\n{BOARD}", "no address of a ledger", "sqlite:///ledger.db"),
    "no ledger file": (f"ledger: ‹sqlite:///›\n{BOARD}", "no address of a ledger", "sqlite:///ledger.db"),
    "another server": (f"ledger: ‹mysql://db/ledger›\n{BOARD}", "no address of a ledger", "postgresql://user@host"),
    "a health page": (f"health: ‹8478›\n{BOARD}", "'8478' is no address", "127.0.0.1:8478, or off"),
    "a health page without a port": (f"health: ‹localhost:0›\n{BOARD}", "is no address", "127.0.0.1:8478"),
    "no accounts": ("‹workers›: 20\n", "'accounts' is missing", "`accounts:`, below it a name"),
    "empty accounts": ("accounts:‹›\n", "'accounts' is empty", "Write something"),
    "no platform": ("accounts:\n  ‹board›: {folder: wall}\n", "'board' says no platform", "Known: bluesky, mastodon"),
    "a platform": ("accounts:\n  m:\n    platform: ‹mastadon›\n", "no platform is called 'mastadon'", "'mastodon'"),
    "an unknown platform": ("accounts:\n  m:\n    platform: ‹qq›\n", "no platform is called 'qq'", "Known: bluesky"),
    "a name": ("accounts:\n  ‹my board›: {platform: noticeboard, folder: a}\n", "cannot be an id", "Use letters"),
    "a missing setting": ("accounts:\n  ‹board›: {platform: noticeboard}\n", "missing: the folder of posts.", "Exam"),
    "an unknown one": (
        "accounts:\n  board:\n    platform: noticeboard\n    folder: a\n    ‹foldr›: b\n",
        "noticeboard has no setting 'foldr'",
        "Did you mean 'folder'?",
    ),
    "a handle with its sign": (
        "accounts:\n  force:\n    handle: ‹@›leics.police.uk\n",
        "A value cannot begin with '@' unless it is in quotes.",
        "Leave out the @, or put the whole value in quotes.",
    ),
    "a value with another sign": (
        "accounts:\n  force:\n    handle: ‹%›leics.police.uk\n",
        "A value cannot begin with '%' unless it is in quotes.",
        "Put the whole value in quotes. If it is a secret,",
    ),
    "a value of another kind": (
        "accounts:\n  board:\n    platform: noticeboard\n    folder: a\n    faults: ‹bang›\n",
        "This is no value for 'faults', which must be crash@ and a figure.",
        "It is what goes wrong. Example: crash@2",
    ),
    "an account in one word": ("accounts:\n  board: ‹wall›\n", "'board' must hold the settings", "`platform: …`"),
    "a misspelt name and nothing": ("accounts:\n  m:\n    acess_token:‹›\n", "'acess_token' is empty", "Write"),
    "no server": (
        "accounts:\n  ‹m›:\n    platform: mastodon\n    access_token: env:T\n",
        "'server' is missing",
        "https://",
    ),
    "an open server": (
        "accounts:\n  m:\n    platform: mastodon\n    access_token: env:T\n    server: ‹http://m.example.org›\n",
        "'server' is no safe address",
        "https://",
    ),
    "a server that only looks local": (
        "accounts:\n  m:\n    platform: mastodon\n    access_token: env:T\n    server: ‹http://localhost.example.org›\n",
        "'server' is no safe address",
        "https://",
    ),
    "twins": (f"{BOARD}  ‹BOARD›: {{platform: noticeboard, folder: b}}\n", "only in capital letters", "another name"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says", "instead"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_at_its_place(text: str, says: str, instead: str) -> None:
    plain, (spot,) = unmark(text)
    settings, problems = read(plain)
    assert settings is None
    (problem,) = problems
    assert says in problem.message
    assert instead in problem.hint
    assert spot_of(problem)[:2] == spot[:2]


@pytest.mark.parametrize("server", ["http://127.0.0.1:8080", "http://localhost:80", "http://[::1]:80", "https://a.org"])
def test_a_server_is_encrypted_or_on_this_machine(server: str) -> None:
    text = f"accounts:\n  m:\n    platform: mastodon\n    access_token: env:T\n    server: {server}\n"
    assert read_well(text).accounts["m"].server == server


def test_mistakes_are_reported_all_at_once() -> None:
    text, spots = unmark(
        "‹timezon›: a\nworkers: ‹0›\nnot_after: ‹soon›\naccounts:\n  board:\n    platform: ‹notisboard›\n"
        "  b c: {platform: noticeboard}\n".replace("b c", "‹b c›")
        + "  other:\n    platform: noticeboard\n    folder: a\n    ‹foldr›: b\n"
    )
    assert [spot_of(problem)[:2] for problem in read(text)[1]] == [spot[:2] for spot in spots]


M = "accounts:\n  m:\n    platform: mastodon\n    server: https://a.org\n    "
OPEN_SECRETS = {
    "for a reference": f"{M}access_token: {CANARY}\n",
    "a bad variable": f"{M}access_token: env:{CANARY}!\n",
    "a keyring without a user": f"{M}access_token: keyring:{CANARY}\n",
    "under a misspelt name": f"{M}access_token: env:T\n    acess_token: {CANARY}\n",
    "too far left": f"{BOARD}access_token: {CANARY}\n",
    "as a list": f"accounts:\n  m:\n    platform: mastodon\n    access_token: [{CANARY}]\n",
    "with a sign first": f"accounts:\n  m:\n    access_token: '%{CANARY}'\n    token: %{CANARY}\n",
    "with an at": f"accounts:\n  m:\n    token: @{CANARY}\n",
    "with an ampersand": f"accounts:\n  m:\n    token: &{CANARY} x\n",
    "with a star": f"accounts:\n  m:\n    token: *{CANARY}\n",
    "with an exclamation": f"accounts:\n  m:\n    token: !{CANARY} x\n",
    "with a note": f"accounts:\n  m:\n    token: abc #{CANARY}\n",
    "with a colon": f"accounts:\n  m:\n    token: {CANARY}: x\n",
    "with a quote": f"accounts:\n  m:\n    token: '{CANARY}'s\n",
    "with a backslash": f'accounts:\n  m:\n    token: "{CANARY}\\q"\n',
    "on the next line": f"accounts:\n  m:\n    token:\n    {CANARY}\n",
    "after a bar": f"accounts:\n  m:\n    token: | {CANARY}\n",
    "after an unusual space": f"accounts:\n  m:\n    token:\u00a0{CANARY}\n",
    "after an unusual space and with a colon": f"{M}access_token:\u00a0{CANARY}: x\n",
    "without a space and with a colon": f"{M}access_token:{CANARY}: x\n",
    "without a space and with a list": f"{M}access_token:{CANARY}:\n      - x\n",
    "on the next line with a colon": f"{M}access_token:\n      {CANARY}: x\n",
    "on the next line with a colon first": f"{M}access_token:\n    {CANARY}:x\n",
    "on the next line with a note": f"{M}access_token:\n      {CANARY}: x #y\n",
    "on the next line as a note": f"{M}access_token:\n      #{CANARY}: x\n",
    "after a bar and a #": f"{M}access_token: |#{CANARY}\n",
    "on the next line with a dash": f"{M}access_token:\n    -{CANARY}\n",
    "below a bar": f"accounts:\n  m:\n    token: |\n    {CANARY}\n",
    "in braces": f"accounts:\n  m: {{platform: mastodon, access_token: @{CANARY}}}\n",
    "for the flag of a line": f"accounts:\n  m:\n    platform: x, token: {CANARY}\n",
    "in a ledger": f"ledger: postgresql://me:{CANARY}@db/ledger\n{BOARD}",
    "in another ledger": f"ledger: mysql://me:{CANARY}@db/ledger\n{BOARD}",
    "in the ledger's options": f"ledger: postgresql://db/ledger?user=me&password={CANARY}\n{BOARD}",
    "in a ledger with a note": f"ledger: postgresql://me: {CANARY} #{CANARY}\n{BOARD}",
    "in a server": f"accounts:\n  m:\n    platform: mastodon\n    access_token: env:T\n    server: https://me:{CANARY}@a.org\n",
    "in an alert": f"alerts: ['mailto://me:{CANARY}@a.org']\n{BOARD}",
}  # fmt: skip


@pytest.mark.parametrize("text", OPEN_SECRETS.values(), ids=OPEN_SECRETS)
def test_a_secret_in_the_open_is_refused_and_never_repeated(text: str) -> None:
    settings, problems = read(text)
    assert settings is None
    assert problems
    assert CANARY[:7] not in repr(problems)
    assert all(problem.hint for problem in problems)


def test_where_a_secret_belongs_is_said() -> None:
    text, (spot,) = unmark(OPEN_SECRETS["for a reference"].replace(CANARY, f"‹{CANARY}›"))
    (problem,) = read(text)[1]
    assert spot_of(problem) == spot
    assert "'access_token' must say where the secret is kept" in problem.message
    assert problem.hint == "Example: env:MASTODON_TOKEN"


@pytest.mark.parametrize(
    "content", [b"", b"# only notes\n", b"\0", "a: b".encode("utf-16"), b"a: [", b"- a\n", b"a: &a [*a]"]
)
def test_a_file_that_is_no_settings_gets_one_message(content: bytes) -> None:
    settings, problems = read_settings(content, "config.yaml", PLATFORMS)
    assert settings is None
    assert len(problems) == 1


# Secrets


def test_a_secret_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = SecretRef("env", "SCHEDULER_TEST_SECRET")
    with pytest.raises(Unauthorised, match="no SCHEDULER_TEST_SECRET"):
        read_secret(reference)
    monkeypatch.setenv("SCHEDULER_TEST_SECRET", f" {CANARY}\n")
    assert read_secret(reference) == CANARY
    monkeypatch.setenv("SCHEDULER_TEST_SECRET", " ")
    with pytest.raises(Unauthorised, match="env:SCHEDULER_TEST_SECRET is empty"):
        read_secret(reference)


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(Unauthorised, match="cannot be read"):
        read_secret(SecretRef("file", str(path)))
    path.write_text(f"{CANARY}\n")
    assert read_secret(SecretRef("file", str(path))) == CANARY
    path.write_bytes(CANARY.encode("utf-16"))
    with pytest.raises(Unauthorised, match="it is not text") as refused:
        read_secret(SecretRef("file", str(path)))
    assert CANARY not in repr(refused.value)
    with pytest.raises(Unauthorised, match="cannot be read"):
        read_secret(SecretRef("file", str(tmp_path)))


class Ring(ModuleType):
    """Stands where the keyring of the system would: there is none on a server, and another on each desktop."""

    def get_password(self, service: str, user: str) -> str | None:
        if service == "locked":
            raise RuntimeError(CANARY)
        return CANARY if (service, user) == ("campaign", "x/main") else None


def test_a_secret_is_read_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Ring("keyring"))
    assert read_secret(SecretRef("keyring", "campaign/x/main")) == CANARY
    with pytest.raises(Unauthorised, match="is empty"):
        read_secret(SecretRef("keyring", "campaign/other"))
    with pytest.raises(Unauthorised, match="cannot be read: RuntimeError") as refused:
        read_secret(SecretRef("keyring", "locked/other"))
    assert CANARY not in str(refused.value)
    monkeypatch.setitem(sys.modules, "keyring", None)  # as where it is not installed
    with pytest.raises(Unauthorised, match="is not installed"):
        read_secret(SecretRef("keyring", "campaign/x/main"))


# What is shipped


def test_the_example_and_its_calendars_have_no_problem() -> None:
    facts = {name: load_platform(name) for name in list_platforms()}
    platforms = {name: PlatformFacts(platform.server, platform.settings) for name, platform in facts.items()}
    path = ROOT / "config.example.yaml"
    settings, problems = read_settings(path.read_bytes(), str(path), platforms)
    assert problems == ()
    assert settings is not None
    defaults = Defaults(settings.zone, settings.not_after, tuple(settings.accounts))
    shipped = sorted((ROOT / "campaigns").glob("*.yaml"))
    assert len(shipped) >= 2
    for calendar in (read_calendar(path.read_bytes(), str(path), defaults) for path in shipped):
        assert calendar.problems == ()
        assert calendar.campaign is not None
        assert all(Path(image.path).is_file() for image in calendar.media)
