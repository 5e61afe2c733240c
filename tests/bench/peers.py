"""Peers of the engine on the same requests, each in a process of its own: a job as JSON on standard input, figures on
standard output.

``leads-local bench`` starts this with ``peer`` "loop" or "server". Prompts go to both as the token ids that ours gets.
The server listens on a Unix socket in a temporary folder, so that nothing leaves this machine; it gets as many requests
at a time as it has slots.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import llama_cpp
import psutil

from leads_local.engine.types import Request
from tests.bench.workload import Bench

Job = dict[str, Any]


def prompts(job: Job) -> list[list[int]]:
    bench = Bench(Path(job["model"]), 1)
    ids = [bench.ids(Request(**request)) for request in job["requests"]]
    bench.model.close()
    return ids


def loop(job: Job, ids: list[list[int]]) -> dict[str, Any]:
    """One request after the other, as a script would do it; ``Llama`` itself keeps the beginning that a prompt shares
    with the last one."""
    context = max(len(prompt) for prompt in ids) + 2560
    model = llama_cpp.Llama(
        job["model"],
        n_ctx=context,
        n_batch=512,
        n_threads=job["threads"],
        n_threads_batch=job["threads"],
        verbose=False,
    )
    texts = {}
    began, worked = time.perf_counter(), time.process_time()
    for request, prompt in zip(job["requests"], ids, strict=True):
        if not job["shared"]:
            model.reset()
        grammar = llama_cpp.LlamaGrammar.from_json_schema(json.dumps(request["schema"]), verbose=False)
        made = model.create_completion(prompt, max_tokens=request["max_tokens"], temperature=0.0, grammar=grammar)
        texts[request["id"]] = made["choices"][0]["text"]
    return figures(time.perf_counter() - began, time.process_time() - worked, texts)


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=3600)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(3600)
        self.sock.connect(self._path)


def call(path: str, method: str, place: str, body: Any = None) -> tuple[int, Any]:
    connection = Connection(path)
    connection.request(method, place, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"null")


def server(job: Job, ids: list[list[int]]) -> dict[str, Any]:
    """llama.cpp's server with ``slots`` slots, prompt caching on, the same JSON schema."""
    slots, threads = job["slots"], str(job["threads"])
    context = (max(len(prompt) for prompt in ids) + 1024 + 255) // 256 * 256
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/s.sock"
        command = [
            job["server"],
            "-m",
            job["model"],
            "-t",
            threads,
            "-tb",
            threads,
            "-np",
            str(slots),
            "-c",
            str(slots * context),
        ]
        process = subprocess.Popen([*command, "--host", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait(process, path)

            def ask(number: int) -> str:
                request = job["requests"][number]
                body = {"prompt": ids[number], "json_schema": request["schema"], "n_predict": request["max_tokens"]}
                status, found = call(path, "POST", "/completion", {**body, "temperature": 0.0, "cache_prompt": True})
                if status != 200:
                    raise SystemExit(f"the server answered {status}: {found}")
                return str(found["content"])

            began, worked = time.perf_counter(), busy(process.pid)
            with ThreadPoolExecutor(slots) as pool:
                texts = dict(
                    zip((request["id"] for request in job["requests"]), pool.map(ask, range(len(ids))), strict=True)
                )
            return figures(time.perf_counter() - began, busy(process.pid) - worked, texts)
        finally:
            process.kill()
            process.wait()


def wait(process: subprocess.Popen[bytes], path: str) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with code {process.returncode}")
        try:
            if Path(path).exists() and call(path, "GET", "/health")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("the server did not start within two minutes")


def busy(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def figures(wall: float, cpu: float, texts: dict[str, str]) -> dict[str, Any]:
    count = len(texts)
    whole = sum(_is_json(text) for text in texts.values())
    return {
        "requests": count,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "per_hour": round(3600 * count / wall),
        "whole_answers": whole,
        "characters": sum(map(len, texts.values())),
    }


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    job = json.load(sys.stdin)
    ids = prompts(job)
    print(json.dumps({"loop": loop, "server": server}[job["peer"]](job, ids)))
