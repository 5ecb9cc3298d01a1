"""`python -m tests.benchmarks.rows FOLDER`: post everything that a project plans into its ledger, without a network."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scheduler.bootstrap import App, SystemClock, build_app, inspect_media, plan_of
from scheduler.domain.delivery import Delivery, Receipt
from scheduler.domain.rendering import render_delivery
from scheduler.ledger.desk import Desk
from scheduler.ledger.opening import open_engine
from scheduler.ledger.owner import Owner
from scheduler.ledger.writing import PublishingLedger
from scheduler.preview import Shown


def main(folder: Path) -> None:
    """Write the rows: claimed, sent and settled like any other, each account in its own thread."""
    os.chdir(folder)
    app = build_app(None, allow_example=False)
    # Written where a commit costs nothing, if there is such a place, then put where it belongs.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as fast:
        address = f"sqlite:///{fast}/ledger.db"
        _fill(app, address)
        shutil.copy(f"{fast}/ledger.db", app.settings.ledger.removeprefix("sqlite:///"))


def _fill(app: App, address: str) -> None:
    deliveries = plan_of(app.read_calendars())
    engine = open_engine(address)
    owner = Owner(engine, address).acquire()
    ledger, desk = PublishingLedger(owner), Desk(engine, address)
    for file in app.read_calendars():
        keys = [delivery.key for delivery in deliveries if delivery.campaign.file == file.file]
        desk.keep_revision(file.file, "benchmark", file.content, keys, who="benchmark", now=SystemClock().now())
    shown = app.show_accounts({delivery.account for delivery in deliveries})

    def post_all(account: str) -> None:
        for delivery in deliveries:
            if delivery.account == account:
                _post(ledger, delivery, shown[account])

    with ThreadPoolExecutor() as pool:
        list(pool.map(post_all, shown))
    owner.release()
    engine.dispose()  # the last connection that closes brings everything into the one file


def _post(ledger: PublishingLedger, delivery: Delivery, shown: Shown) -> None:
    prepared = render_delivery(delivery, shown.platform, shown.account, shown.limits, inspect_media).prepared
    if prepared is None:
        raise RuntimeError(f"{delivery.key} cannot be sent")
    claim = ledger.claim(delivery, None, prepared, delivery.due)
    if claim is None:
        raise RuntimeError(f"{delivery.key} cannot be claimed")
    ledger.begin_sending(claim, 0, delivery.due)
    receipt = Receipt(f"1{delivery.due:%Y%m%d%H%M%S}", f"https://www.example.org/{delivery.key}")
    ledger.settle_part(claim, 0, receipt, delivery.due)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
