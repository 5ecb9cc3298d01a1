"""Real servers on loopback, for tests that publish against something that really stores, refuses and forgets.

Fixtures (in `tests/conftest.py`; each pytest-xdist worker has its own servers)::

    bluesky         session   BlueskyServer     the reference PDS, with a PLC directory
    snac2           session   SnacServer        a fediverse server with the Mastodon client API; ignores Idempotency-Key
    mastodon_mock   session   MastodonMock      a stateful Mastodon 4 API; honours Idempotency-Key; faults at run time
    x_server        session   XServer           X's API v2, held to X's own OpenAPI contract; signatures are verified
    postgres_server session   PostgresServer    a real PostgreSQL
    postgres_url    function  str               postgresql+psycopg://… of a fresh, empty database, dropped afterwards
    lossy_proxy     function  ProxyFor          a function: given a server's base address, a LossyProxy in front of it
                                                (the same one for the same address, without other tests' faults)

The same without fixtures, as context managers::

    tests.servers.bluesky.start_bluesky(*, rate_limits=False)      tests.servers.snac.start_snac2()
    tests.servers.mastodon_mock.start_mastodon_mock()              tests.servers.x.start_x()
    tests.servers.postgres.start_postgres()                        tests.servers.lossy_proxy.start_lossy_proxy(upstream)

They raise `tests.servers.cache.ServerMissing` where a piece is not there; within a test write
`with start_or_skip(start_bluesky(rate_limits=True)) as server:` (tests.servers.requirement), which skips with the
reason, or fails when REQUIRE_SERVERS=1. Call them in the main thread: a server ends with the thread that started it.

Meta's services, pages, Instagram and Threads, need nothing installed either; held to the parameters of Meta's own
package (`tests.servers.meta_tables.load_meta_tables()`, which is fetched) they note each that it does not know::

    tests.servers.meta.start_meta(tables=None) -> MetaServer    .posts(…), .fail_next(piece, LOST), .service, .unknown

A server that does what the test tells it, byte for byte (hangs, resets, drips, speaks TLS) needs nothing installed::

    tests.servers.scripted.start_scripted(certificate=None) -> ScriptedServer    .answer(…), .send(…), .acts, .requests

Bluesky's video service, which puts the films that it is given on a data server with the token that it was handed::

    tests.servers.bluesky_video.start_video_service(data_server) -> VideoService    .looks, .failure, .answers, .heard

What the four publishing servers have in common::

    server.base_url                      "http://127.0.0.1:PORT", what an account's `server` setting takes
    server.new_account(name="force")     a fresh account that nobody else has: one for each test, counted from zero
    server.posts(account)                list[SeenPost], oldest first, read from the server itself at that moment
    server.count(account)                len(posts(account))

    SeenPost(id, text, alt_texts, parent, created_at, raw)
        id           at:// address, status id or tweet id, as a string
        text         plain text; Mastodon's HTML is turned back to text
        alt_texts    tuple of the pictures' descriptions, in order ("" where a picture has none)
        parent       id of the post it answers, or None
        created_at   as the server writes it
        raw          the record, status or tweet as the server gave it

Accounts (frozen dataclasses; the credentials are made up for the run)::

    BlueskyAccount(handle, did, password)           handle such as "force1a2b3c.test"; createSession takes the password
    MastodonAccount(id, username, access_token)     of snac2 and mastodon_mock alike
    XAccount(id, username, api_key, api_secret, access_token, access_secret)     id is the numeric user id, as a string

Peculiar to one::

    BlueskyServer.session(account) -> dict               createSession's answer: accessJwt, refreshJwt, did
    BlueskyServer.plc_url                                the PLC directory's base address
    MastodonMock.fail_next(status=503, *, times=1, method="POST", path="/api/v1/statuses", effect="status", delay_ms=0)
    MastodonMock.clear_faults()                          effect: status, ratelimit, latency, malformed, timeout
    XServer.fail_next(fault, *, times=1, method="POST", path="/2/tweets", seconds=3.0)
    XServer.clear_faults()                               fault: see X_FAULTS; seconds: reset time of 429, delay of slow
    XServer.set_limit(account, remaining, *, reset_in=900.0, endpoint="POST /2/tweets")     sets what is left to it
    XServer.service.listing_lag = 0.0                    seconds for which a fresh post is missing from the listing
    XServer.requests -> list[SeenRequest]                method, path, status (None: no reply), account (username)
    PostgresServer.new_database() -> str                 address of a fresh database;  .drop_database(url)
    LossyProxy.base_url, .fail_next(fault, *, times=1, path="", methods=("POST", "PUT"), seconds=3.0), .clear()
    LossyProxy.requests() -> list[ProxiedRequest]        what came by: method, path, fault ("" for none)
    LossyProxy.pending() -> int                          faults not used up yet

Faults of the proxy (tests.servers.lossy_proxy.PROXY_FAULTS), used `times` times by requests whose path holds `path`::

    503          refused before it reaches the server                    nothing posted
    kill-before  connection closed before it reaches the server          nothing posted
    hang         no reply until the client leaves; the server never sees it   nothing posted
    slow         delayed by `seconds`, then passed on                    posted, if the client or the proxy still waits
    kill-after   the server commits, then the connection closes          POSTED
    html-502     the server commits, a proxy's page answers 502          POSTED
    truncate     the server commits, the reply's JSON is cut short        POSTED
    empty-200    the server commits, the reply is 200 and empty          POSTED
    hang-after   the server commits, no reply until the client leaves    POSTED

Faults of X (tests.servers.x.X_FAULTS): all of these, and 401, 402, 403, 429 (with x-rate-limit-reset `seconds` from
now), usage-capped (a 429 that waiting does not mend), all before anything is posted.

What must be fetched is fetched once, under a lock, into a cache folder: CAMPAIGN_TEST_CACHE, else the user's.
`python -m tests.servers.fetch` fetches everything beforehand and says what is missing.
"""
