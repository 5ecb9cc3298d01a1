"""What may stand in the settings file: every value comes as text. Checks across fields are in `settings.py`."""

from __future__ import annotations

from typing import Annotated

from scheduler.sources.fields import Fields
from scheduler.sources.models import Count, Flag, Id, Text, as_list


class HabitsFields(Fields):
    """What the team holds to, and is warned of."""

    posting_hours: Text | None = None
    """When posts go out; others are warned of.

    For example: `08:00 to 20:00`, `weekdays 8am to 8pm, weekends 10:00 to 18:00`
    """
    staffed_hours: Text | None = None
    """When somebody reads the replies, bank holidays excepted; posts at other times are warned of.

    For example: `Monday to Friday 08:00 to 18:00`
    """
    gap: Text | None = None
    """How far apart two posts on one account are at least: 15 minutes if left out.

    For example: `15 minutes`, `off`
    """
    daily_cap: Count | None = None
    """How many posts one account carries in a day at most.

    For example: `6`
    """
    clashes: Flag | None = None
    """Whether two campaigns that share a day and an account are warned of: yes if left out.

    For example: `no`
    """
    nation: Text | None = None
    """Whose bank holidays count, also for working days in `when`: england, wales, scotland or northern-ireland.

    For example: `scotland`, `england-and-wales`
    """


class PublicMediaFields(Fields):
    """Where platforms fetch the pictures and films that they do not take from this program."""

    folder: Text
    """The folder that your own web server shows to everybody; files are put there when they are to be fetched.

    For example: `/var/www/media`
    """
    address: Text
    """The address of that folder on the web. It must be reachable without a log-in.

    For example: `https://media.example.org`
    """


class SettingsFields(Fields):
    """The settings file."""

    calendars: Text = "campaigns"
    """The folder of your campaign calendars.

    For example: `campaigns`
    """
    days: Text = "days.yaml"
    """The file of your own awareness days; it need not be there.

    For example: `days.yaml`
    """
    ledger: Text = "sqlite:///ledger.db"
    """The record of what was posted: a file beside this one, or a PostgreSQL server.

    For example: `sqlite:///ledger.db`, `postgresql://campaign@host/campaign`
    """
    state: Text = "state"
    """The folder for stored log-ins and limits.

    For example: `state`
    """
    timezone: Text = "Europe/London"
    """The time zone of every time in your calendars, unless a calendar names its own.

    For example: `Europe/London`
    """
    not_after: Text = "2 hours"
    """How late a post may still go out, unless its calendar says otherwise.

    For example: `2 hours`
    """
    workers: Count = "20"
    """How many accounts may be posting at the same moment.

    For example: `20`
    """
    reconcile_after: Text = "60 seconds"
    """How long to wait before looking whether a post went out, when the reply to it was lost.

    For example: `60 seconds`
    """
    minimum_gap: Text = "0 seconds"
    """The shortest pause between two posts on the same account.

    For example: `0 seconds`, `1 minute`
    """
    alerts: Annotated[list[Text], as_list] | None = None
    """Who is told of trouble: references to addresses as apprise knows them.

    For example: `[env:CAMPAIGN_ALERTS]`
    """
    health: Text = "off"
    """Where the daemon answers GET /health; off for nowhere.

    For example: `127.0.0.1:8478`, `off`
    """
    public_media: PublicMediaFields | None = None
    """Where Instagram and Threads fetch your pictures and films: they take them from no other place.

    For example: `{folder: /var/www/media, address: "https://media.example.org"}`
    """
    habits: HabitsFields | None = None
    """What the team holds to; check and preview warn of posts that do not.

    For example: `{gap: 15 minutes, daily_cap: 6}`
    """
    accounts: dict[Id, dict[str, Text]]
    """Your accounts, by the names that calendars use.

    For example: `{board: {platform: noticeboard, folder: noticeboard}}`
    """
