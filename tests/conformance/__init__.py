"""What every channel must keep, whichever it is: fourteen points, each a test over every platform that is found.

A channel is one source file, `scheduler/platforms/NAME.py`, one file of canned replies,
`tests/conformance/replies/NAME.yaml`, and a row in the README. No test is touched for it: run
`pytest tests/conformance -k "[NAME"`.
The end of a run says how many platforms keep how many points.

The points
    1   its name is its module's, and it has a title              `test_declaration.py`
    2   capabilities with source and date, figures that make sense
    3   settings with help and example; the example can be pasted
    4   `prepare` is pure and repeatable                          `test_preparing.py`
    5   content at a limit passes, one unit over is a problem: an error if the service itself states the limit, else a
        warning, and the post goes out whole
    6   emoji, flags and every script are measured in the unit that is declared
    7   alt text and captions arrive, or a person is told         `test_publishing.py`, `test_carrying.py`
    8   one committing call a part, the last
    9   the same key at each attempt, and the same request
    10  each failure has its meaning                              `test_failures.py`
    11  a receipt with id and address                             `test_publishing.py`
    12  no secret anywhere, also where it stands in an address    `test_secrets.py`
    13  unknown fields of a reply are passed over                 `test_publishing.py`
    14  the text previewed is the text sent, byte for byte        `test_preview.py`
    And, where the platform has them: threads; films, media that it fetches, first comments and two steps
    (`test_carrying.py`); `find`, `who_am_i` and `read_limits` (`test_looking.py`); `retract`, `is_live`, `refresh` and
    `read_end` (`test_afterwards.py`). What the capabilities say decides, and which ports the class has.

How to write a file of replies
    Copy the service's documented answers. `discord.yaml` is a short one to start from, `matrix.yaml` one of a service
    that remembers a key. Only `calls`, `text` and `receipt` are always needed; what else a platform must say is asked
    for by name when it is missing.

    settings: {handle: force.example.org}
        The account's own settings. The server's address is made up by the suite.
    settings_for: {refresh: {login: instagram}}
        Those that differ where a token is refreshed, if not every account of the platform can be.
    secrets: {webhook: "https://hooks.example.org/7/{canary}"}
        What a secret looks like that is more than a word: {canary} is the word, which is secret also by itself. Others
        are made up by the suite.

    calls:
      - call: POST /upload/*        method and path, as it is sent: with %21 for an escaped `!`. * stands for any
        reply: {id: "31"}           characters. The query counts only where one is written: GET /post?id=*.  `reply` is
                                    the body, sent as JSON; left out it is {}
        status: 200                 left out it is 200
        headers: {x-id: "31"}       those that matter
      - call: GET /old
        raw: ok                     a body that is no JSON; '' is an empty one
      - call: POST /post
        commits: yes                the one call that makes a part public. Several calls may be (a post, a photo, a
        reply: {id: "7"}            comment), but each part makes exactly one of them
        Every call that publishing, `who_am_i` and `read_limits` make; the first that matches answers. {server} in a
        reply or header is the server's address. What a reply gives away in confidence (a session's token) begins with
        `canary-`: it must not turn up anywhere.

    refusal: {error: "No."}
        The body with which the service says no; it comes with the statuses 400, 401, 403, 422 and 429, so let it say
        nothing that is true of one of them only. With 429 there is a header `Retry-After: 60`; leave a pause out of the
        body. What the service's own codes mean beyond that (404 and 413, say) no point tries:
        `tests/integration/test_chat_refusals.py` shows how to.

    text: message.text              where in the committing request the text stands,
    alt_text: pictures.*.alt        where alt texts stand; of a film, if elsewhere, in `film`,
    film_text: description          where the text of a film's post stands, if not in `text`,
    captions: file                  where the captions of a film stand,
    parent: reply.to                where a thread's part names the id of the one before,
    comment: message                where the first comment's text stands, if not where a post's does, and
    comment_parent: path            where it names the post, if not where a thread's part does,
    content_warning: spoiler        where the words shown first stand,
    key: header Idempotency-Key     where what keeps a repetition from posting twice stands, `path` if in the address.
        A place is a path through the request's JSON or form (or JSON in a form), `*` for each item of a list; or
        `header NAME`, `query NAME`, `path` or `body` (all of it). A name that holds a dot, and a field that is called
        `body` or `path`, stands in quotes: '"m.relates_to".event_id'. `content or payload.content` is the first of the
        two that is there. In another call than the committing one it is written {call: POST /upload/*, at:
        description}; where & < and > must be escaped, {at: text, escaped: true}; in LinkedIn's way,
        {at: text, escaped: little}.

    replies: {at: reply_settings, everyone: null, mentioned: mentionedUsers}
        Where who may answer stands (`call` as above), and what it becomes for each setting that the capabilities list:
        null where nothing is sent, a list where there are several.

    container: POST /media
        Of a service with two steps, the call that makes what the committing call publishes. It must be on record
        (`keep`) before that, and a second attempt makes no second one.

    volatile: {header Authorization: why}
        Places of the committing request that may differ between two attempts, each with its reason.

    receipt: {id: "7", url: "https://example.org/7"}
        What publishing a text returns: the id, and how its address begins, '' if there is none. A service that tells
        no id gets one made of the delivery's key, which is `ce/think/2027/force`.

    exceptions:
      - {at: "403", is: Unauthorised, because: the service says so of tokens}
        Where a failure of the committing call means something else than the table in `test_failures.py` says. A
        service that answers nothing to a post that is out has `{at: empty 200, is: posted, because: …}`. `at` is one of
        refused, time-out before, 400, 401, 403, 422, 429, 500, 503, HTML, cut JSON, cut body, empty 200, closed after
        reading, time-out after reading.

    find: [...]      calls (as above) that answer a look when the post is there: they come before those of `calls`
    absent: [...]    the same when it is not there
    proof: why       why that proves that it is not out, or why sending it again makes no second one; needed if `find`
                     then answers ABSENT, but for a platform with a key of its own
        The post that is looked for says "Think, spot, speak out." and was made on 2027-03-18T08:00:00Z. Of a service
        with two steps it was published before: the look knows its container.

    who_am_i: "@force"              what `who_am_i` answers
    limits: {max_characters: 500}   what `read_limits` answers

    retract: [...]   calls that answer when a post is taken back
    live: [...]      the same when somebody looks whether it is still there, and it is
    gone: [...]      the same when it is gone, for either

    refresh: [...]                  calls that answer when a token is exchanged for a new one (`canary-…`)
    refresh_after: 4320000          seconds after which it is time to, if not at once
    refreshed_until: "2027-05-17T08:00:00+00:00"     what `refresh` answers, or `not told`
    end: [...]                      calls that answer when somebody asks until when credentials are good
    ends: "2027-05-17T08:00:00+00:00"                what `read_end` answers, or `never`

    A platform with a `folder` has no server: its calls are the files that it writes (`noticeboard.yaml`).
"""
