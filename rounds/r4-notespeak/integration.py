"""Round R4: is the built notespeak what brief.md asks for?

Started by the runner once ./notespeak is built; README.md lists the checks. Each check makes the
notes it needs, found by words that no other check uses, so that one failure causes no other.
"""

from __future__ import annotations

import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import httpx
from playwright.sync_api import (
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

from fiverounds.scripting import Process, Script, ScriptError

DATABASE = "notes.db"  # in the workspace: the jail's /tmp ends with the process
START_SECONDS = 10.0
ANSWER_SECONDS = 3.0
STOP_SECONDS = 5.0
PARALLEL = 32

JSON = {"Content-Type": "application/json"}

Json = dict[str, Any]


# --- the subject, as the checks see it ------------------------------------------------------------


@dataclass
class Subject:
    """The running app, its API and, for the checks of the page, a browser tab."""

    script: Script
    app: Process | None = None
    tab: Tab | None = None
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Connect; proxies of the machine are none of the subject's business."""
        self.http = httpx.Client(base_url=self.url, timeout=ANSWER_SECONDS, trust_env=False)

    @property
    def url(self) -> str:
        """Where the app listens."""
        return f"http://127.0.0.1:{self.script.port}"

    def start(self) -> None:
        """Start the app and wait until it answers."""
        environment = {"PORT": str(self.script.port), "NOTESPEAK_DB": DATABASE}
        self.app = self.script.start(["./notespeak"], env=environment)
        self.app.wait_for_http(self.url, timeout_seconds=START_SECONDS)

    def call(self, method: str, path: str, expected: int = 200, **options: Any) -> Json:
        """The JSON answer to a request that must have the expected status."""
        response = self.http.request(method, path, **options)
        what = f"{method} {path} {brief(options) if options else ''}".rstrip()
        status = response.status_code
        assert status == expected, (
            f"{what}: expected {expected}, got {status} {response.text[:300]}"
        )
        kind = response.headers.get("content-type", "none")
        assert kind.startswith("application/json"), f"{what}: content type is {kind}"
        answer = response.json()
        assert isinstance(answer, dict), f"{what}: {brief(answer)} is no object"
        if expected >= 400:
            told = isinstance(answer.get("error"), str) and answer["error"]
            assert told, f"{what}: no error text in {brief(answer)}"
        return answer

    def create(self, title: str, body: str = "") -> int:
        """The id of a new note."""
        note = self.call("POST", "/api/notes", 201, json={"title": title, "body": body})
        assert isinstance(note["id"], int), f"id is {note['id']!r}"
        return note["id"]

    def search(self, words: str, **options: Any) -> Json:
        """The answer to a search."""
        return self.call("GET", "/api/search", params={"q": words} | options)

    def found(self, words: str) -> list[int]:
        """The ids that a search finds, best first; its total must agree."""
        answer = self.search(words, limit=50)
        ids = [result["id"] for result in answer["results"]]
        equal(answer["total"], len(ids), f"total of the search for {words!r}")
        return ids

    def finds(self, words: str, *ids: int) -> None:
        """A search must find exactly these notes, in any order."""
        equal(sorted(self.found(words)), sorted(ids), f"ids found for {words!r}")


def brief(value: object) -> str:
    """A short form for messages."""
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"


def equal(actual: object, expected: object, what: str) -> None:
    """Assert with a message that shows both sides."""
    assert actual == expected, f"{what}: expected {brief(expected)}, got {brief(actual)}"


Check = Callable[[Subject], None]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a check; they run in the order of this file."""

    def register(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return register


# --- notes ----------------------------------------------------------------------------------------


@check("crud: a new database is empty")
def new_database(subject: Subject) -> None:
    equal(subject.call("GET", "/api/notes"), {"notes": [], "total": 0}, "list")
    equal(subject.search("anything"), {"results": [], "total": 0}, "search")


@check("crud: create answers 201 with Location and the note")
def create(subject: Subject) -> None:
    sent = {"title": " \tFirst note\n", "body": " Hello ", "colour": "ignored"}
    response = subject.http.post("/api/notes", json=sent)
    equal(response.status_code, 201, "status")
    note = response.json()
    equal(set(note), {"id", "title", "body", "created_at", "updated_at"}, "fields")
    equal(response.headers.get("location"), f"/api/notes/{note['id']}", "Location")
    equal((note["title"], note["body"]), ("First note", " Hello "), "title and body")
    for name in ("created_at", "updated_at"):
        age = abs((datetime.now(UTC) - moment(note[name])).total_seconds())
        assert age < 10, f"{name} is {note[name]}, {age:.0f} s off"
    equal(subject.call("POST", "/api/notes", 201, json={"title": "x"})["body"], "", "default body")


@check("crud: text is kept exactly")
def exact_text(subject: Subject) -> None:
    body = '\r\n\tTabs, "quotes", \\n & <b>tags</b> ünï 日本語 e\u0301 🎉👩‍👩‍👧 \u200b trailing  \n'
    number = subject.create("Ünï <i>日本</i> 🎉", body)
    note = subject.call("GET", f"/api/notes/{number}")
    equal((note["title"], note["body"]), ("Ünï <i>日本</i> 🎉", body), "title and body")
    equal(subject.call("GET", "/api/notes?limit=1")["notes"], [note], "the note in the list")


@check("crud: update replaces both fields and keeps created_at")
def update(subject: Subject) -> None:
    before = subject.call("POST", "/api/notes", 201, json={"title": "Draft", "body": "old"})
    path = f"/api/notes/{before['id']}"
    after = subject.call("PUT", path, json={"title": " Final ", "body": "new"})
    equal((after["title"], after["body"]), ("Final", "new"), "title and body")
    equal(after["created_at"], before["created_at"], "created_at")
    assert moment(after["updated_at"]) >= moment(before["updated_at"]), "updated_at went back"
    equal(subject.call("GET", path), after, "the note read again")
    equal(subject.call("PUT", path, json={"title": "Final"})["body"], "", "body when left out")


@check("crud: delete answers 204, and the id is never used again")
def delete(subject: Subject) -> None:
    number = subject.create("Short-lived")
    path = f"/api/notes/{number}"
    response = subject.http.delete(path)
    equal((response.status_code, response.content), (204, b""), "status and content")
    for method in ("GET", "PUT", "DELETE"):
        subject.call(method, path, 404, json={"title": "x"} if method == "PUT" else None)
    assert subject.create("Next") > number, "the id of a deleted note came back"


@check("crud: unknown paths answer 404, other methods 405")
def routes(subject: Subject) -> None:
    number = subject.create("Route")
    for path in ("/api/notes/987654321", "/api/notes/abc", "/api/nothing"):
        subject.call("GET", path, 404)
    for method, path in (
        ("PATCH", f"/api/notes/{number}"),
        ("DELETE", "/api/notes"),
        ("POST", "/api/search"),
    ):
        subject.call(method, path, 405)
        allow = subject.http.request(method, path).headers.get("allow", "")
        assert "GET" in allow, f"Allow of {method} {path} is {allow!r}"


def moment(text: str) -> datetime:
    assert text.endswith("Z"), f"{text!r} does not end in Z"
    return datetime.fromisoformat(text)


# --- validation and paging ------------------------------------------------------------------------


@check("validation: a malformed body answers 400")
def malformed(subject: Subject) -> None:
    path = f"/api/notes/{subject.create('Untouched')}"
    bodies = (b"", b"{", b"[]", b'"text"', b'{"title": 5}', b'{"title": "a", "body": ["b"]}')
    for content in (*bodies, b'{"title": "a"} {"title": "b"}', b'{"title": "a"} rest'):
        for method, target in (("POST", "/api/notes"), ("PUT", path)):
            subject.call(method, target, 400, content=content, headers=JSON)
    equal(subject.call("GET", path)["title"], "Untouched", "title after refused updates")


@check("validation: limits count code points; 422 and 413 beyond them")
def limits(subject: Subject) -> None:
    for draft in (
        {"title": "é" * 200},
        {"title": f"  {'🎉' * 200}  "},
        {"title": "long", "body": "ü" * 20_000},
    ):
        subject.call("POST", "/api/notes", 201, json=draft)
    number = subject.create("Untouched")
    total = subject.call("GET", "/api/notes")["total"]
    for draft in (
        {},
        {"body": "no title"},
        {"title": " \t\n"},
        {"title": "x" * 201},
        {"title": "x", "body": "y" * 20_001},
    ):
        subject.call("POST", "/api/notes", 422, json=draft)
        subject.call("PUT", f"/api/notes/{number}", 422, json=draft)
    subject.call("POST", "/api/notes", 413, json={"title": "x", "body": "y" * (2**20 + 1000)})
    equal(subject.call("GET", "/api/notes")["total"], total, "total after refused notes")
    equal(subject.call("GET", f"/api/notes/{number}")["title"], "Untouched", "title")


@check("paging: newest first, without gap or overlap")
def paging(subject: Subject) -> None:
    made = [subject.create(f"Page {number}") for number in range(25)]
    pages = [
        subject.call("GET", "/api/notes", params={"limit": 10, "offset": offset})
        for offset in (0, 10, 20)
    ]
    ids = [note["id"] for page in pages for note in page["notes"]]
    equal(ids[:25], made[::-1], "ids on three pages")
    first = subject.call("GET", "/api/notes")
    equal([note["id"] for note in first["notes"]], made[:4:-1], "ids without parameters")
    beyond = subject.call("GET", "/api/notes", params={"offset": first["total"] + 5})
    equal(beyond, {"notes": [], "total": first["total"]}, "the page after the last")


@check("paging: limits hold, and those out of range answer 400")
def page_limits(subject: Subject) -> None:
    made = [subject.create(f"Kakapo {number}") for number in range(12)]
    for options, expected in (({}, 10), ({"limit": 3}, 3), ({"limit": 50}, 12)):
        answer = subject.search("kakapo", **options)
        equal((len(answer["results"]), answer["total"]), (expected, len(made)), "results, total")
    for query in ("limit=0", "limit=101", "limit=-1", "limit=ten", "limit=1.5", "offset=-1"):
        subject.call("GET", f"/api/notes?{query}", 400)
    for query in ("limit=0", "limit=51", "limit=ten"):
        subject.call("GET", f"/api/search?q=x&{query}", 400)
    for path in ("/api/notes?limit=1", "/api/notes?limit=100", "/api/search?q=x&limit=50"):
        subject.call("GET", path)


# --- search ---------------------------------------------------------------------------------------


@check("search: every word must begin a word of the note, in any case")
def words(subject: Subject) -> None:
    panda = subject.create("Red Pandas", "sleep in tall bamboo")
    forest = subject.create("Bamboo forest", "tall and green")
    subject.finds("panda", panda)
    subject.finds("BAMBOO", panda, forest)
    subject.finds("  bamb \n pand ", panda)
    subject.finds("tall", panda, forest)
    subject.finds("pandas forest")
    subject.finds("amboo")


@check("search: diacritics do not matter, other scripts work")
def diacritics(subject: Subject) -> None:
    brulee = subject.create("Crème brûlée")
    fraiche = subject.create("creme fraiche")
    moscow = subject.create("Прогулка", "Москва вечером")
    for typed in ("creme", "CRÈME", "cre\u0300me", "Crê"):
        subject.finds(typed, brulee, fraiche)
    subject.finds("brulee", brulee)
    subject.finds("Москва".upper(), moscow)
    subject.finds("прогулка веч", moscow)


@check("search: ranked by bm25, title 5 to body 1")
def ranking(subject: Subject) -> None:
    once = subject.create("Forest life", "Some say the okapi hides. " + "Trees stand close. " * 20)
    title = subject.create("Okapi", "a shy animal of the forest, seldom seen")
    often = subject.create("Forest walk", "okapi here, okapi there, an okapi, no more okapi today")
    equal(subject.found("okapi"), [title, often, once], "ids, best first")
    scores = [result["score"] for result in subject.search("okapi")["results"]]
    assert scores == sorted(scores, reverse=True), f"scores do not fall: {scores}"
    assert min(scores) > 0, f"scores are not positive: {scores}"
    twins = [subject.create("Numbat", "the same text") for _ in range(3)]
    equal(subject.found("numbat"), twins[::-1], "equally good ids, newest first")


@check("search: snippets are cut around the match and marked")
def snippets(subject: Subject) -> None:
    far = " ".join(f"before{number}" for number in range(60))
    body = f"{far} a hidden axolotl waits {far.replace('before', 'after')}"
    deep = subject.create("Deep", body)
    titled = subject.create("Axolotl keeper", far)
    short = subject.create("Short", "small axolotl!")
    found = {result["id"]: result for result in subject.search("axol")["results"]}
    equal(set(found), {deep, titled, short}, "ids")

    snippet = found[deep]["snippet"]
    assert "<mark>axolotl</mark>" in snippet, f"no marked match in {snippet!r}"
    equal(snippet[0] + snippet[-1], "……", f"the two cut ends of {snippet!r}")
    text = marked_text(snippet).strip("… ")
    assert text in body, f"not an extract of the body: {snippet!r}"
    assert len(text.split()) <= 24, f"{len(text.split())} words: {snippet!r}"

    snippet = found[titled]["snippet"]
    assert snippet.startswith("before0 before1 "), f"not the beginning of the body: {snippet!r}"
    assert snippet.endswith("…"), f"the cut end lacks …: {snippet!r}"
    assert "<mark>" not in snippet, f"a mark without a match: {snippet!r}"
    equal(found[titled]["title_html"], "<mark>Axolotl</mark> keeper", "title_html")
    equal(found[short]["snippet"], "small <mark>axolotl</mark>!", "snippet of a short body")
    equal(found[short]["title_html"], "Short", "title_html without a match")
    both = {result["id"]: result["snippet"] for result in subject.search("wait hid")["results"]}
    for word in ("hidden", "waits"):
        assert f"<mark>{word}</mark>" in both[deep], f"{word} is not marked: {both[deep]!r}"


@check("search: highlights are escaped, and notes cannot forge marks")
def escaping(subject: Subject) -> None:
    title = "<script>alert(1)</script> quetzal & \"double\" 'single'"
    body = "</mark><mark> <img src=x onerror=alert(1)> &lt;b&gt; quetzal <mark>x</mark>"
    number = subject.create(title, body)
    control = subject.create("Control", "quetzal \x01one\x02 \x02two\x03 \ue000three\ue001 [[4]]")
    found = {result["id"]: result for result in subject.search("quetzal")["results"]}
    equal(found[number]["title"], title, "title")
    for name, text in (("title_html", title), ("snippet", body)):
        markup = found[number][name]
        equal(marked_text(markup), text, f"text of {name} {markup!r}")
        equal(markup.count("<mark>"), 1, f"marks in {name} {markup!r}")
    markup = found[control]["snippet"]
    equal(markup.count("<mark>"), 1, f"marks in the snippet of control characters {markup!r}")


class _Text(HTMLParser):
    """Collects text; refuses every tag but plain, paired <mark>."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.open = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert (tag, attrs, self.open) == ("mark", [], False), f"<{tag}> in highlighted text"
        self.open = True

    def handle_endtag(self, tag: str) -> None:
        assert (tag, self.open) == ("mark", True), f"</{tag}> in highlighted text"
        self.open = False

    def handle_data(self, data: str) -> None:
        self.text += data


def marked_text(markup: str) -> str:
    parser = _Text()
    parser.feed(markup)
    parser.close()
    assert not parser.open, f"<mark> is not closed in {markup!r}"
    return parser.text


# --- what users type is not a query language ------------------------------------------------------


@check("injection: AND, OR, NOT and NEAR are plain words")
def operators(subject: Subject) -> None:
    both = subject.create("wallaby wombat")
    subject.create("wallaby")
    subject.create("wombat")
    subject.finds("wallaby wombat", both)
    for typed in ("OR", "AND", "NOT", "NEAR"):
        subject.finds(f"wallaby {typed} wombat")
    subject.finds("NEAR(wallaby wombat)")
    for typed in ("OR", "AND", "NOT", "NEAR"):
        number = subject.create(f"wombat {typed.lower()} wallaby")
        subject.finds(f"wallaby {typed} wombat", number)
        subject.http.delete(f"/api/notes/{number}")


QUOKKAS = r"""
    "quokka" "quokka quokka" ""quokka"" 'quokka quokka* *quokka ^quokka -quokka +quokka (quokka
    quokka) {quokka} :quokka quokka: quokka;-- quokka\ %quokka_ @quokka #quokka [quokka] <quokka>
"""


@check("injection: quotes and punctuation only separate words")
def punctuation(subject: Subject) -> None:
    plain = subject.create("quokka", "smiles plainly")
    titled = subject.create("The title", "quokka")
    for typed in (*QUOKKAS.split(), "quokka\0", "quokka\u2014", "quokka\n\n"):
        subject.finds(typed, plain, titled)
    subject.finds("title:quokka", titled)
    subject.finds("smiles/quokka", plain)
    subject.finds('"smiles quokka"', plain)
    subject.finds("quo*kka")
    for typed in ("", " ", '"', '""', "*", "()", "%_", "-", "\0", "\u0301", "🎉"):
        equal(subject.search(typed), {"results": [], "total": 0}, f"search for {typed!r}")
    equal(subject.call("GET", "/api/search"), {"results": [], "total": 0}, "search without q")


HOSTILE = """'; DROP TABLE notes; --
' OR 1=1 --
x' UNION SELECT 1, 2, 3 --
a" OR "b
NEAR("a" "b", 5)
NEAR(
AND
OR OR
NOT
a AND
{title}:
no_such_column:a
a:b:c
?1
:name
$1"""


@check("injection: nothing typed breaks the search")
def hostile(subject: Subject) -> None:
    number = subject.create("Tamandua")
    total = subject.call("GET", "/api/notes")["total"]
    long = ("(" * 2000, '"' * 2001, "a " * 4000, "b" * 8000, "*" * 999, "\uffff", "שלום عالم")
    for typed in (*HOSTILE.split("\n"), *long):
        subject.search(typed)
    for raw in ("%ff%fe", "%c3%28", "a%00b", "%22%ff", "+", "%2A%2A"):
        subject.call("GET", f"/api/search?q={raw}")
    subject.finds("tamandua " * 32 + "absentword", number)
    subject.finds("tamandua " * 31 + "absentword")
    equal(subject.call("GET", "/api/notes")["total"], total, "total afterwards")
    subject.finds("tamandua", number)


# --- the index and the database -------------------------------------------------------------------


@check("index: an update moves the note from its old words to its new ones")
def index_update(subject: Subject) -> None:
    number = subject.create("Ocelot", "prowls at dusk")
    other = subject.create("Another ocelot")
    for title, body, gone in (("Serval", "leaps at dawn", "prowls"), ("Caracal", "ears", "leaps")):
        subject.call("PUT", f"/api/notes/{number}", json={"title": title, "body": body})
        subject.finds(title, number)
        subject.finds(f"{title} {body}", number)
        subject.finds(gone)
    subject.finds("ocelot", other)
    equal(subject.search("caracal")["results"][0]["title_html"], "<mark>Caracal</mark>", "mark")


@check("index: a deleted note is no longer found")
def index_delete(subject: Subject) -> None:
    numbers = [subject.create("Pangolin", f"curled{n} up") for n in range(3)]
    equal(subject.http.delete(f"/api/notes/{numbers[1]}").status_code, 204, "status")
    subject.finds("pangolin", numbers[0], numbers[2])
    subject.finds("curled1")
    again = subject.create("Pangolin", "uncurled")
    subject.finds("pangolin", numbers[0], numbers[2], again)


@check("concurrency: parallel creates lose nothing")
def parallel_creates(subject: Subject) -> None:
    count = 5 * PARALLEL
    before = subject.call("GET", "/api/notes")["total"]
    began = time.monotonic()
    with ThreadPoolExecutor(PARALLEL) as pool:
        ids = list(pool.map(subject.create, [f"Lemming {n}" for n in range(count)]))
    subject.script.metric("creates_per_second", round(count / (time.monotonic() - began)))
    equal(len(set(ids)), count, "distinct ids")
    equal(subject.call("GET", "/api/notes")["total"], before + count, "total")
    equal(subject.search("lemming")["total"], count, "total of the search")


@check("concurrency: reads and writes side by side stay right")
def parallel_mix(subject: Subject) -> None:
    ids = [subject.create("Start", "start") for _ in range(8)]

    def work(number: int) -> Counter[int]:
        http, statuses = subject.http, Counter[int]()
        path, word = f"/api/notes/{ids[number % len(ids)]}", f"hare{number}x"
        made = http.post("/api/notes", json={"title": word, "body": "passing"})
        statuses[made.status_code] += 1
        for response in (
            http.put(path, json={"title": word, "body": f"{word} and {word}"}),
            http.get("/api/search", params={"q": "hare"}),
            http.get("/api/notes", params={"limit": 100}),
            http.get(path),
            http.delete(made.headers.get("location", "/api/notes/none")),
        ):
            statuses[response.status_code] += 1
        return statuses

    once = 2 * PARALLEL
    with ThreadPoolExecutor(PARALLEL) as pool:
        statuses = sum(pool.map(work, range(once)), Counter[int]())
    equal(dict(statuses), {201: once, 200: 4 * once, 204: once}, "statuses")
    for number in ids:
        note = subject.call("GET", f"/api/notes/{number}")
        equal(note["body"], f"{note['title']} and {note['title']}", "body of one and the same PUT")
        subject.finds(note["title"], number)
    subject.finds("hare", *ids)


@check("restart: SIGTERM lets a request in flight finish, then exits with 0")
def graceful_stop(subject: Subject) -> None:
    app = subject.app
    assert app is not None
    body = b'{"title": "Last minute", "body": "bilby"}'
    head = (
        f"POST /api/notes HTTP/1.1\r\nHost: 127.0.0.1:{subject.script.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    address = ("127.0.0.1", subject.script.port)
    with socket.create_connection(address, timeout=ANSWER_SECONDS) as connection:
        connection.sendall(head.encode() + body[:10])
        time.sleep(0.2)  # the handler is now reading the body
        app.terminate()
        time.sleep(0.2)
        began = time.monotonic()
        connection.sendall(body[10:])
        answer = connection.makefile("rb").readline().decode("latin-1")
    assert " 201 " in answer, f"the request in flight got {answer!r}"
    code = app.wait(STOP_SECONDS)
    assert code is not None, f"still running {STOP_SECONDS:g} s after SIGTERM"
    subject.script.metric("shutdown_seconds", round(time.monotonic() - began, 3))
    equal(code, 0, "exit status")


@check("restart: notes and index survive")
def persistence(subject: Subject) -> None:
    assert subject.app is not None
    subject.app.stop()
    subject.start()
    number = subject.create("Fossa", "hunts")
    notes = [subject.call("GET", "/api/notes", params={"limit": 100})]
    found = subject.search("lemming")
    subject.app.stop()
    subject.start()
    notes.append(subject.call("GET", "/api/notes", params={"limit": 100}))
    equal(notes[1], notes[0], "the list after a restart")
    equal(subject.search("lemming"), found, "the search after a restart")
    subject.finds("fossa", number)


@check("restart: the index is an FTS5 table in NOTESPEAK_DB")
def storage(subject: Subject) -> None:
    # By its bytes: a database made by the subject is not opened, and its write-ahead log counts.
    content = b""
    for name in (DATABASE, f"{DATABASE}-wal"):
        path = subject.script.workspace / name
        if path.is_file() and not path.is_symlink():
            content += path.read_bytes()
    assert content, f"there is no {DATABASE}"
    table = rb"""(?i)create\s+virtual\s+table\s[^;]{1,200}?\busing\s+["'`\[]?fts5\b"""
    assert re.search(table, content), f"no FTS5 table is declared in {DATABASE}"


# --- the page, in a real browser ------------------------------------------------------------------


@dataclass
class Tab:
    """A browser tab with a record of everything that a clean page does not do."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)
    expected_loads: int = 0
    loads: int = 0

    def open(self) -> Page:
        """Load the page anew and wait for its list."""
        self.expected_loads += 1
        self.page.goto(self.url)
        self.at("note-item").first.wait_for()
        return self.page

    def at(self, testid: str) -> Locator:
        """The elements with this data-testid."""
        return self.page.get_by_test_id(testid)

    def save(self, title: str, body: str = "") -> None:
        """Fill in the form and send it."""
        form = self.at("note-form")
        form.get_by_test_id("title-input").fill(title)
        form.get_by_test_id("body-input").fill(body)
        form.get_by_test_id("save-button").click()

    def watch(self) -> None:
        """Record faults from now on, and let no request leave for another host."""
        page = self.page
        page.context.route(lambda url: not url.startswith(self.url + "/"), self._outside)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("framenavigated", lambda _: self._loaded())
        page.on("dialog", self._dialog)

    def _outside(self, route: Route, request: Request) -> None:
        self.faults.append(f"request to {request.url[:200]}")
        route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        source = message.location.get("url", "")
        refused = message.text.startswith("Failed to load resource") and "/api/" in source
        if message.type == "error" and not refused and not source.endswith("/favicon.ico"):
            self.faults.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message[:200]}")
        dialog.dismiss()

    def _loaded(self) -> None:
        self.loads += 1


@contextmanager
def browser_tab(script: Script, url: str) -> Iterator[Tab]:
    """A tab in a fresh browser. Without a browser the bench is broken, not the subject."""
    expect.set_options(timeout=ANSWER_SECONDS * 1000)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=script.chromium)
        except Error as error:
            raise ScriptError(f"the browser does not start: {error}") from error
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(ANSWER_SECONDS * 1000)
        tab = Tab(page, url)
        tab.watch()
        yield tab
        browser.close()


def tab_of(subject: Subject) -> Tab:
    assert subject.tab is not None
    return subject.tab


@check("page: the form adds a note on top of the 20 newest and empties itself")
def page_form(subject: Subject) -> None:
    tab = tab_of(subject)
    tab.open()
    shows_newest(tab, subject)
    tab.save("From the page", "two\nlines")
    expect(tab.at("note-title").first).to_have_text("From the page")
    notes = shows_newest(tab, subject)
    equal((notes[0]["title"], notes[0]["body"]), ("From the page", "two\nlines"), "stored note")
    expect(tab.at("title-input")).to_have_value("")
    expect(tab.at("body-input")).to_have_value("")


def shows_newest(tab: Tab, subject: Subject) -> list[Json]:
    """The 20 newest notes, which the page must show."""
    notes: list[Json] = subject.call("GET", "/api/notes")["notes"]
    for testid, name in (("note-title", "title"), ("note-body", "body")):
        shown = [text.strip() for text in tab.at(testid).all_text_contents()]
        equal(shown, [note[name].strip() for note in notes], f"{testid} texts")
    return notes


@check("page: a refused note shows the server's error")
def page_error(subject: Subject) -> None:
    tab = tab_of(subject)
    tab.open()
    expect(tab.at("form-error")).to_be_hidden()
    total = subject.call("GET", "/api/notes")["total"]
    error = subject.call("POST", "/api/notes", 422, json={"title": "  ", "body": "b"})["error"]
    tab.save("  ", "b")
    expect(tab.at("form-error")).to_be_visible()
    expect(tab.at("form-error")).to_contain_text(error)
    equal(subject.call("GET", "/api/notes")["total"], total, "total after a refused note")
    tab.save("Allowed", "b")
    expect(tab.at("note-title").first).to_have_text("Allowed")
    expect(tab.at("form-error")).to_be_hidden()


@check("page: markup in a note is shown as text")
def page_markup(subject: Subject) -> None:
    tab = tab_of(subject)
    page = tab.open()
    title = "<script>window.forged = 1</script><b>heron</b>"
    body = '<img src="data:," onerror="window.forged = 2"> heron <mark>forged</mark>'
    tab.save(title, body)
    expect(tab.at("note-title").first).to_have_text(title)
    expect(tab.at("note-body").first).to_have_text(body)
    tab.at("search-input").fill("heron")
    expect(tab.at("search-result")).to_have_count(1)
    expect(tab.at("search-result")).to_contain_text(title)
    expect(tab.at("search-result")).to_contain_text(body)
    equal(tab.at("search-result").locator("mark").all_text_contents(), ["heron"] * 2, "marks")
    for testid in ("note-list", "search-results"):
        made = tab.at(testid).locator("script, img, b").count()
        equal(made, 0, f"elements made from notes in {testid}")
    equal(page.evaluate("window.forged ?? null"), None, "what a note's script did")


@check("page: results appear while typing, with marks")
def page_search(subject: Subject) -> None:
    tab = tab_of(subject)
    subject.create("Capybara facts", "A capybara swims well.")
    tab.open()
    expect(tab.at("search-result")).to_have_count(0)
    tab.at("search-input").press_sequentially("capyb", delay=20)
    expect(tab.at("search-result")).to_have_count(1, timeout=1500)
    expect(tab.at("search-result")).to_contain_text("Capybara facts")
    expect(tab.at("search-results").locator("mark")).to_have_text(["Capybara", "capybara"])
    tab.page.screenshot(path=subject.script.evidence / "notespeak.png")
    tab.at("search-input").press_sequentially(" absent", delay=20)
    expect(tab.at("search-result")).to_have_count(0, timeout=1500)
    tab.at("search-input").fill("capybara")
    expect(tab.at("search-result")).to_have_count(1, timeout=1500)
    tab.at("search-input").fill("")
    expect(tab.at("search-result")).to_have_count(0, timeout=1500)


@check("page: a late answer to an older query changes nothing")
def page_late_answer(subject: Subject) -> None:
    tab = tab_of(subject)
    subject.create("Gharial")
    subject.create("Dugong")
    page = tab.open()
    held: list[Route] = []
    older = re.compile(r"/api/search\?.*gharial", re.IGNORECASE)
    page.route(older, lambda route: held.append(route))
    tab.at("search-input").fill("gharial")
    for _ in range(15):
        if not held:
            page.wait_for_timeout(100)
    assert held, "typing caused no request to /api/search"
    tab.at("search-input").fill("dugong")
    expect(tab.at("search-result")).to_have_text([re.compile("Dugong")], timeout=1500)
    page.unroute(older)
    for route in held:
        with suppress(Error):  # the page gave the request up, which is as good
            route.continue_()
    page.wait_for_timeout(300)
    expect(tab.at("search-result")).to_have_text([re.compile("Dugong")])


@check("page: the delete button removes the note")
def page_delete(subject: Subject) -> None:
    tab = tab_of(subject)
    stays, goes = subject.create("Staying"), subject.create("Going away soon")
    tab.open()
    going = tab.at("note-item").filter(has_text="Going away soon")
    going.get_by_test_id("delete-button").click()
    expect(going).to_have_count(0)
    expect(tab.at("note-title").first).to_have_text("Staying")
    subject.call("GET", f"/api/notes/{goes}", 404)
    subject.call("GET", f"/api/notes/{stays}")


@check("page: self-contained, no reload, no error")
def page_clean(subject: Subject) -> None:
    tab = tab_of(subject)
    kind = subject.http.get("/").headers.get("content-type", "none")
    equal(kind.lower().replace(" ", ""), "text/html;charset=utf-8", "content type of /")
    tab.open()
    tab.save("Clean")
    expect(tab.at("note-title").first).to_have_text("Clean")
    equal(tab.faults, [], "faults of the page")
    equal(tab.loads, tab.expected_loads, "page loads")


# --- all together ---------------------------------------------------------------------------------


def main() -> None:
    """Run every check; a subject that never answers fails them all with the cause."""
    with Script.from_environment() as script:
        script.plan(list(CHECKS))
        subject = Subject(script)
        subject.start()
        run(subject, [name for name in CHECKS if not name.startswith("page:")])
        with browser_tab(script, subject.url) as subject.tab:
            run(subject, [name for name in CHECKS if name.startswith("page:")])


def run(subject: Subject, names: Iterable[str]) -> None:
    """Run these checks in order."""
    for name in names:
        with subject.script.check(name):
            CHECKS[name](subject)


if __name__ == "__main__":
    main()
