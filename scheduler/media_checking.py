"""The pictures, films and captions of a calendar, looked at when it is read."""

from __future__ import annotations

from scheduler.domain.campaign import Video
from scheduler.domain.content import Inspect
from scheduler.domain.problem import error, has_errors
from scheduler.errors import UnfitPicture
from scheduler.sources.calendar import CalendarFile


def check_media(file: CalendarFile, inspect: Inspect) -> CalendarFile:
    """Add an error for each picture or film that is missing or unfit; then nothing of the calendar is used.

    Problems of captions are added with their lines in the files of captions.
    """
    unfit, found = [], []
    for media in file.media:
        wanted = media
        if isinstance(media, Video) and media.captions:
            from scheduler.video import check_captions  # takes time to load, and few calendars have films

            noted = check_captions(media)
            found += noted
            wanted = media._replace(captions="") if has_errors(noted) else media
        try:
            inspect(wanted)
        except UnfitPicture as failure:
            unfit.append(error(str(failure), media.place))
    if not unfit and not found:
        return file
    lines = file.lines()
    found += [problem._replace(line_text=lines[problem.place.line - 1]) for problem in unfit]
    campaign = None if has_errors(found) else file.campaign
    return file._replace(campaign=campaign, problems=(*file.problems, *dict.fromkeys(found)))
