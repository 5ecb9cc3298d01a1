"""What every channel must keep, whichever it is: fourteen points, each a test over every platform that is found.

A channel is one source file, `scheduler/platforms/NAME.py`, and one file of canned replies,
`tests/conformance/replies/NAME.yaml`. No test is touched for it: run `pytest tests/conformance -k "[NAME"`.
The end of a run says how many platforms keep how many points.

The points
    1   its name is its module's, and it has a title              `test_declaration.py`
    2   capabilities with source and date, figures that make sense
    3   settings with help and example; the example can be pasted
    4   `prepare` is pure and repeatable                          `test_preparing.py`
    5   content at a limit passes, one unit over is a problem
    6   emoji, flags and every script are measured in the unit that is declared
    7   alt text arrives                                          `test_publishing.py`
    8   one committing call a part, the last
    9   the same key at each attempt, and the same request
    10  each failure has its meaning                              `test_failures.py`
    11  a receipt with id and address                             `test_publishing.py`
    12  no secret anywhere                                        `test_secrets.py`
    13  unknown fields of a reply are passed over                 `test_publishing.py`
    14  the text previewed is the text sent, byte for byte        `test_preview.py`
    And, where the platform has them: threads, `find`, `who_am_i` and `read_limits` (`test_looking.py`).

How to write a file of replies
    Copy the service's documented answers; `bluesky.yaml` is a good one to start from. Only `calls`, `text` and
    `receipt` are always needed; what else a platform must say is asked for by name when it is missing.

    settings: {handle: force.example.org}
        The account's own settings. Secrets are made up by the suite, and so is the server's address.

    calls:
      - call: POST /upload/*        method and path; * stands for any characters, the query does not count
        reply: {id: "31"}           the body, sent as JSON; left out it is {}
        status: 200                 left out it is 200
      - call: POST /post
        commits: yes                the one call that makes a part public
        reply: {id: "7"}
        Every call that publishing, `who_am_i` and `read_limits` make; the first that matches answers. What a reply
        gives away in confidence (a session's token) begins with `canary-`: it must not turn up anywhere.

    refusal: {error: "No."}
        The body with which the service says no; it comes with the statuses 400 to 429.

    text: message.text              where in the committing request the text stands,
    alt_text: pictures.*.alt        where alt texts stand: there, or written {call: POST /upload/*, at: description},
    parent: reply.to                where a thread's part names the id of the one before,
    key: header Idempotency-Key     where what keeps a repetition from posting twice stands.
        A place is a path through the request's JSON or form (or JSON in a form), `*` for each item of a list; or
        `header NAME`; or `path`. `content or payload.content` is the first of the two that is there.

    volatile: {header Authorization: why}
        Places of the committing request that may differ between two attempts, each with its reason.

    receipt: {id: "7", url: "https://example.org/7"}
        What publishing returns: the id, and how its address begins.

    exceptions:
      - {at: "403", is: Unauthorised, because: the service says so of tokens}
        Where a failure of the committing call means something else than the table in `test_failures.py` says. A
        service that answers nothing to a post that is out has `{at: empty 200, is: posted, because: …}`.

    find: [...]      calls (as above) that answer a look when the post is there: they come before those of `calls`
    absent: [...]    the same when it is not there
        The post that is looked for says "Think, spot, speak out." and was made on 2027-03-18T08:00:00Z.

    who_am_i: "@force"              what `who_am_i` answers
    limits: {max_characters: 500}   what `read_limits` answers

    A platform with a `folder` has no server: its calls are the files that it writes (`noticeboard.yaml`).
"""
