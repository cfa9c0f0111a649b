"""Who may ask the page of `numbanet draw`, and for what: requests without a network, and the command in a process."""

import asyncio
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from types import SimpleNamespace

import numpy as np
import pytest

import numbanet as nn
from numbanet import cli
from numbanet.demo import app as pages
from numbanet.demo import command, serving
from numbanet.demo.app import FILES, HEADERS, SIDE, make_app, read_picture
from numbanet.demo.reader import Reader

NEEDED = "the extra demo, which has the web server, is not installed"
pytest.importorskip("starlette", reason=NEEDED)
pytest.importorskip("uvicorn", reason=NEEDED)
pytest.importorskip("httpx2", reason="httpx2, which the client of starlette's tests needs, is not installed")

pytestmark = pytest.mark.needs_compiled("a network reads ten thousand digits")

TOKEN = "a-token_of-this-test"
PICTURE = bytes(255 * np.kron(np.eye(14), np.ones((8, 8))).astype(np.uint8))


def untrained():
    layers = [nn.layers.Input((784,)), nn.layers.Dense(8, "relu"), nn.layers.Dense(10, "softmax")]
    return nn.Sequential(layers, rng=0)


@pytest.fixture(scope="module")
def reader():
    return Reader(untrained(), "untrained")


@pytest.fixture(scope="module")
def client(reader):
    from starlette.testclient import TestClient

    with TestClient(make_app(reader, TOKEN), base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", FILES)
def test_the_files_of_the_page_are_sent(client, path):
    answer = client.get(f"/{TOKEN}{path}")
    assert answer.status_code == 200
    assert answer.content == FILES[path][0].read_bytes()
    assert answer.headers["content-type"] == f"{FILES[path][1]}; charset=utf-8"


def test_the_page_is_made_of_its_files_alone(client):
    page = client.get(f"/{TOKEN}/").text
    named = re.findall(r'(?:src|href)="(?!data:)([^"]*)"', page)
    assert sorted(named) == sorted(path[1:] for path in FILES if path != "/")
    assert not re.search(r"<style|style=|<script>|\son\w+=", page), "the policy allows nothing inline"


def test_facts(client, reader):
    assert client.get(f"/{TOKEN}/model").json() == reader.facts()


def test_answers(client, reader):
    picture = np.frombuffer(PICTURE, np.uint8).reshape(SIDE, SIDE)
    for _ in range(2):
        assert client.post(f"/{TOKEN}/answer", content=PICTURE).json() == reader.answer(picture)


def test_answers_in_chunks(client, reader):
    found = client.post(f"/{TOKEN}/answer", content=iter([PICTURE[:100], b"", PICTURE[100:]]))
    assert found.json() == client.post(f"/{TOKEN}/answer", content=PICTURE).json()


WRONG_TOKENS = ["", "/", "/answer", "/model", "/page.js", f"/{TOKEN}x/", f"/{TOKEN[:-1]}/", f"/{TOKEN.upper()}/",
                f"//{TOKEN}/", f"/x/{TOKEN}/", "/%00/", "/%C3%A9/", "/favicon.ico", f"/?{TOKEN}"]  # fmt: skip


@pytest.mark.parametrize("path", WRONG_TOKENS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT"])
def test_without_the_token_nothing_is_told(client, path, method):
    answer = client.request(method, f"http://127.0.0.1:8000{path}", content=PICTURE)
    assert answer.status_code == 403
    assert TOKEN not in answer.text
    assert "numbanet draw has printed" in answer.text


def test_tokens_are_compared_in_constant_time(client, monkeypatch):
    compared = []
    real = secrets.compare_digest
    monkeypatch.setattr(secrets, "compare_digest", lambda *pair: compared.append(pair) or real(*pair))
    client.get("/wrong/")
    assert compared == [(b"wrong", TOKEN.encode())]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "0.0.0.0", "[::1]"]
)
def test_other_hosts_are_refused(client, host):
    for answer in (client.get(f"/{TOKEN}/", headers={"host": host}),
                   client.post(f"/{TOKEN}/answer", headers={"host": host}, content=PICTURE)):  # fmt: skip
        assert (answer.status_code, answer.text) == (400, "Invalid host header")


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1"])
def test_this_host_is_accepted(client, host):
    assert client.get(f"/{TOKEN}/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "these are 0"),
        (PICTURE[:-1], 400, f"these are {SIDE * SIDE - 1}"),
        (PICTURE + b"\0", 413, "these are more"),
        (np.full((28, 28), np.nan, np.float32).tobytes(), 400, "these are 3136"),
        (json.dumps({"picture": [float("nan")]}).encode(), 400, "these are 18"),
    ],
)
def test_what_is_no_picture_is_refused(client, body, status, words):
    answer = client.post(f"/{TOKEN}/answer", content=body)
    assert answer.status_code == status
    assert words in answer.text


def test_no_more_is_read_than_a_picture_has():
    from starlette.exceptions import HTTPException

    taken = []

    async def endless():
        while True:
            taken.append(1)
            yield bytes(SIDE * SIDE)

    with pytest.raises(HTTPException, match="413"):
        asyncio.run(read_picture(SimpleNamespace(stream=endless)))
    assert len(taken) == 2


def test_a_page_that_is_left_leaves_no_traceback():
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect

    async def left():
        yield bytes(100)
        raise ClientDisconnect

    with pytest.raises(HTTPException, match="these are 100"):
        asyncio.run(read_picture(SimpleNamespace(stream=left)))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/answer", 405), ("POST", "/", 405), ("DELETE", "/model", 405), ("GET", "/other", 404),
     ("GET", "/page/page.html", 404), ("GET", "/%2e%2e/app.py", 404), ("GET", "/..%2fapp.py", 404),
     ("GET", "/page.css/", 404), ("GET", "", 404)],
)  # fmt: skip
def test_nothing_else_is_served(client, method, path, status):
    assert client.request(method, f"/{TOKEN}{path}").status_code == status


def test_every_answer_has_the_headers_and_none_a_cookie(client):
    answers = [client.get(path) for path in (f"/{TOKEN}/", "/wrong/", f"/{TOKEN}/none")]
    answers += [client.post(f"/{TOKEN}/answer", content=body) for body in (b"", PICTURE)]
    answers.append(client.get(f"/{TOKEN}/", headers={"host": "evil.example"}))
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "set-cookie" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


# The command


@pytest.fixture
def saved(tmp_path):
    untrained().save(tmp_path / "digits.numbanet")
    return tmp_path


def start(folder, *arguments):
    """Start the command in a folder, and return the process and the address that it prints."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "numbanet", "draw", *arguments, "--no-browser"]
    process = subprocess.Popen(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:(\d+)/[\w-]{40,}/", line):
            return process, found[0], int(found[1]), said
    raise AssertionError(process.communicate()[1])


def test_the_command_serves_until_it_is_interrupted(saved):
    process, address, port, said = start(saved)
    try:
        with urllib.request.urlopen(address, timeout=20) as page:
            assert b"Draw a digit" in page.read()
            assert "server" not in page.headers
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20)
        idle = socket.create_connection(("127.0.0.1", port), timeout=20)  # a connection that says nothing stops nobody
        listening = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=False).stdout
        assert not listening or f"127.0.0.1:{port} " in listening
        assert f"0.0.0.0:{port} " not in listening
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=20)
        idle.close()
    finally:
        process.kill()
    assert (process.returncode, error) == (0, "")
    assert re.match(r"digits\.numbanet reads \d+\.\d% of MNIST's test digits\.", said[0])
    assert out == ""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert sorted(path.name for path in saved.iterdir()) == ["digits.numbanet"]


def failing(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(["draw", *map(str, arguments)])
    found = capsys.readouterr()
    assert (stop.value.code, found.out, len(found.err.splitlines())) == (2, "", 1)
    return found.err


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_missing_packages_are_named_before_anything_is_trained(capsys, monkeypatch, tmp_path, package):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, package, None)
    assert "python -m pip install starlette uvicorn" in failing(capsys)


def test_wrong_models_are_named(capsys, tmp_path, monkeypatch):
    assert "none.numbanet" in failing(capsys, tmp_path / "none.numbanet")
    nn.Sequential([nn.layers.Input((3,)), nn.layers.Dense(10)]).save(tmp_path / "digits.numbanet")
    assert "digits.numbanet: needs inputs" in failing(capsys, tmp_path / "digits.numbanet")
    monkeypatch.chdir(tmp_path)
    assert "digits.numbanet: needs inputs" in failing(capsys)


def served(monkeypatch):
    """What `serve` is called with, instead of serving."""
    calls = []
    monkeypatch.setattr(command, "serve", lambda *given: calls.append(given))
    return calls


def test_without_a_file_the_network_of_the_textbook_is_trained(capsys, tmp_path, monkeypatch):
    (x, y), test = nn.datasets.mnist.load_data()
    monkeypatch.setattr(nn.datasets.mnist, "load_data", lambda: ((x[:2048], y[:2048]), test))
    monkeypatch.chdir(tmp_path)
    calls = served(monkeypatch)
    with pytest.raises(SystemExit) as stop:
        cli.main(["draw"])
    said = capsys.readouterr().out.splitlines()
    assert stop.value.code == 0
    assert said[0] == "There is no digits.numbanet here: training the textbook's network on MNIST."
    assert [line.split("  ")[0] for line in said[1:6]] == [f"epoch {n}/5" for n in range(1, 6)]
    ((found, _, browser),) = calls
    assert (found.hidden, found.name, browser) == (512, "the textbook's network", True)
    assert found.accuracy > 0.85
    assert not list(tmp_path.iterdir())


def test_the_browser_is_opened_or_not(reader, monkeypatch):
    import uvicorn

    opened, told, come = [], [], threading.Event()
    monkeypatch.setattr(serving.webbrowser, "open", lambda address: opened.append(address) or come.set())
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: sockets[0].getsockname())
    serving.serve(reader, told.append, browser=False)
    assert not opened
    serving.serve(reader, told.append)
    assert come.wait(20)
    assert opened == told[1:]
    assert len(set(told)) == 2


def test_what_is_missing_is_asked_before_a_model_is_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "starlette", None)
    with pytest.raises(nn.errors.DependencyError, match="starlette"):
        pages.check_installed()
