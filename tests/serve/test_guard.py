"""Who may ask the live page: no page of another site, no other machine, and nothing outside the results folder."""

import os
import re
import socket

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.serve.guard import Guard
from tests.helpers import SMALL
from tests.helpers.pages import ran

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from nnsweep.serve import server
from tests.helpers.live_page import FORM, served


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    results = tmp_path_factory.mktemp("all") / "results"
    ran(SMALL, results, "seed=0")
    (results.parent / "secret.csv").write_text("outside")
    (results / "small" / "tables" / "link.csv").symlink_to(results.parent / "secret.csv")
    (results / "small" / "figures" / "drawn.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    os.mkfifo(results / "small" / "tables" / "pipe.csv")
    with served(results) as client:
        yield client


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_is_let_in_under_its_own_names(client, name):
    assert client.ask("/", Host=f"{name}:{client.port}").status == 200


@pytest.mark.parametrize("host", ["example.org:{}", "127.0.0.1", "127.0.0.1:1", "localhost.example.org:{}", ""])
def test_another_name_that_leads_here_is_refused(client, host):
    reply = client.ask("/sweeps/small/", Host=host.format(client.port))
    names = f"127.0.0.1:{client.port} and localhost:{client.port} and [::1]:{client.port}"
    assert (reply.status, reply.text) == (403, f"this page is only at {names}, not at the address that was asked for\n")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("origin", ["http://example.org", "null", "https://127.0.0.1:{}", "http://localhost:{}"])
def test_a_page_of_another_origin_is_refused(client, origin, method):
    path = "/sweeps/small/" if method == "GET" else "/sweeps/small/notes"
    reply = client.ask(path, method, Origin=origin.format(client.port))
    assert (reply.status, reply.text) == (403, "a page of another site asked for this; open it here yourself\n")


def test_what_another_site_embeds_is_refused_and_its_links_are_followed(client):
    embedded = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}
    assert client.ask("/sweeps/small/", **embedded).status == 403
    assert client.ask("/sweeps/small/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200
    assert client.ask("/sweeps/small/events", **embedded).status == 403


def test_two_hosts_in_one_request_are_refused():
    guard = Guard(80)
    assert guard.problem("GET", {"host": "127.0.0.1:80"}) == (200, "")
    assert guard.problem("POST", {"host": "127.0.0.1:80"}) == (
        403,
        "a change needs the header Origin, which browsers send",
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_no_other_method_is_answered(client, method):
    reply = client.ask("/sweeps/small/", method)
    assert (reply.status, reply.text) == (405, "allowed: GET, HEAD and POST\n")


def test_a_change_needs_the_origin_and_the_token(client):
    origin = f"http://127.0.0.1:{client.port}"
    reply = client.ask("/sweeps/small/notes", "POST", "note=x", Content_Type=FORM)
    assert (reply.status, reply.text) == (403, "a change needs the header Origin, which browsers send\n")
    reply = client.ask("/sweeps/small/notes", "POST", "note=x", Origin=origin, Content_Type=FORM)
    assert reply.status == 403
    reply = client.ask("/sweeps/small/notes", "POST", "note=" + "x" * 200_000, Origin=origin, Content_Type=FORM)
    assert (reply.status, reply.line) == (413, "found more than 100,000 bytes; allowed: at most 100,000")
    reply = client.ask("/sweeps/small/notes", "POST", "&".join(f"a{n}=1" for n in range(50)), Origin=origin)
    assert (reply.status, reply.line) == (400, "this is no form of a page of this server")
    assert client.ask("/sweeps/small/", "POST", "", Origin=origin).status == 405


def test_tables_and_figures_are_sent_and_run_nothing(client):
    table = client.ask("/sweeps/small/tables/trials.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text.startswith("id,alpha,epochs,hidden,status,error,success,signature\n")
    figure = client.ask("/sweeps/small/figures/drawn.svg")
    assert figure.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert figure.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.csv", "tables/../../../secret.csv", "tables/..%2f..%2f..%2fsecret.csv", "%2e%2e/secret.csv"),
        *(
            "tables/link.csv",
            "tables/pipe.csv",
            "trials.db",
            "report.html.bak",
            "tables/trials.db",
            "figures/trials.csv",
        ),
        *("tables/%2Fetc%2Fpasswd", "tables/..", "tables/", "notes.json", ".lock", "tables/%00.csv", "x/y/z"),
    ],
)
def test_nothing_else_can_be_read(client, path):
    assert client.ask(f"/sweeps/small/{path}").status == 404
    assert client.ask(f"/sweeps/..%2fall/{path}").status == 404


def test_a_name_is_no_path(client):
    reply = client.ask("/sweeps/%2e%2e/")
    assert reply.status == 404
    reply = client.ask("/sweeps/smal/")
    assert (reply.status, reply.line) == (404, "no sweep `smal` here; allowed: small; did you mean `small`?")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("show=weights", "show=weights: allowed: successes, median error, trained, failed"),
        ("cell=12", "cell=12: allowed: a number from 0 to 11"),
        ("cell=-1", "cell=-1: allowed: a number from 0 to 11"),
        ("cell=٣", "cell=٣: allowed: a number from 0 to 11"),
    ],
)
def test_what_a_page_cannot_show_is_a_line(client, query, said):
    reply = client.ask(f"/sweeps/small/?{query.replace('٣', '%D9%A3')}")
    assert (reply.status, reply.line) == (404, said)


def test_an_unknown_trial_is_a_line(client):
    assert client.ask("/sweeps/small/trials/xyz").line == "no such trial; allowed: an id of 16 hex digits"
    assert "no trial `0000000000000000` is stored in" in client.ask("/sweeps/small/trials/0000000000000000").line


def test_every_answer_has_a_strict_policy(client):
    for path in ("/", "/sweeps/small/", "/web/live.js", "/web/page.css", "/nothing"):
        policy = client.ask(path).headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
        assert "unsafe" not in policy
    for path in ("/", "/sweeps/small/?cell=3"):
        text = client.ask(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert text.count("<script") == text.count('<script src="/web/live.js" defer></script>') == 1
        assert "://" not in text.replace("http://www.w3.org/", "")


def test_it_listens_on_this_machine_alone():
    with server.bind(0) as bound:
        assert bound.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_one_line_that_names_a_free_one():
    with server.bind(0) as bound:
        port = bound.getsockname()[1]
        with pytest.raises(NnsweepError) as error:
            server.bind(port)
    before, _, free = str(error.value).rpartition(" ")
    assert before == f"port {port} cannot be used: address already in use; free: --port"
    with socket.socket() as free_one:
        free_one.bind(("127.0.0.1", int(free)))


def test_missing_libraries_are_one_line_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr(server, "LIBRARIES", ("starlette", "not_installed_here"))
    with pytest.raises(NnsweepError) as error:
        server.check_installed()
    assert str(error.value) == "the live page needs not_installed_here; install: pip install 'nnsweep[serve]'"


SAVED = """
def train(trial, seed=0):
    trial.save("model/page.html", b"<script>alert(1)</script>")
    trial.save("notes.txt", b"whole")
    return {"loss": 1.0}
"""


def test_the_files_of_a_trial_are_kept_by_the_browser_and_never_shown(module, tmp_path):
    module(SAVED, "saving.py")
    done = ran('name = "saved"\ntrainer = "saving:train"\naxes.seed = [0]\n', tmp_path)
    id = done.trials["id"].iloc[0]
    with served(tmp_path) as client:
        page = client.ask(f"/sweeps/saved/trials/{id}").text
        assert re.findall(r'href="(\S+/files/\S+)" download', page) == [
            f"{id}/files/model/page.html",
            f"{id}/files/notes.txt",
        ]
        assert "25 bytes" in page
        reply = client.ask(f"/sweeps/saved/trials/{id}/files/model/page.html")
        assert (reply.status, reply.text) == (200, "<script>alert(1)</script>")
        assert reply.headers["content-type"] == "application/octet-stream"
        assert reply.headers["content-disposition"] == 'attachment; filename="page.html"'
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["content-security-policy"].endswith("sandbox")
        for path in (
            "page.html",
            "model",
            "",
            "../../trials.db",
            "%2e%2e/trials.db",
            "model%2f..%2fnotes.txt",
            "notes.txt/",
        ):
            reply = client.ask(f"/sweeps/saved/trials/{id}/files/{path}")
            said = f"trial {id} of saved saved no such file; its page lists those that it saved"
            assert reply.status == 404
            assert reply.line in (said, "no such page")
        assert client.ask(f"/sweeps/saved/trials/{'0' * 16}/files/notes.txt").status == 404
        path = done.trial(id).artifacts["notes.txt"]
        path.write_bytes(b"other")
        damaged = client.ask(f"/sweeps/saved/trials/{id}/files/notes.txt")
        again = "restore it from a copy, or train the trial again"
        said = f"{path}: `notes.txt` of trial {id} is not as it was saved; {again}"
        assert (damaged.status, damaged.line) == (409, said)
