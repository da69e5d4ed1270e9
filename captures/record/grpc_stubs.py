"""Makes Python's classes from captures/proto, and writes down what a gRPC client was told.

Needs:  pip install grpcio grpcio-tools.
"""
import importlib
import json
import os
import subprocess
import sys
import tempfile

import grpc

PROTO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "proto")
_folders = []


def load(*names, version=None):
    """The modules NAME_pb2 and NAME_pb2_grpc of each name, in this order, from captures/proto or a version's folder in it."""
    folder = tempfile.TemporaryDirectory()
    _folders.append(folder)
    roots = [os.path.join(PROTO, version)] if version else []
    # The folder itself goes last, so a version's file is preferred.
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *(f"-I{root}" for root in (*roots, PROTO)), f"--python_out={folder.name}",
                    f"--grpc_python_out={folder.name}", *(f"{name}.proto" for name in names)], check=True)
    sys.path.insert(0, folder.name)
    return [importlib.import_module(name + end) for name in names for end in ("_pb2", "_pb2_grpc")]


class Diary:
    """What the client's gRPC said of each call, in the order in which the calls began."""

    def __init__(self, path):
        self.path, self.calls = path, []

    def begin(self, method, timeout=None, metadata=()):
        entry = {"path": method, "timeout_s": timeout, "metadata": pairs(metadata)}
        self.calls.append(entry)
        return entry

    @staticmethod
    def end(entry, call, responses=None):
        """Takes status and metadata from a call that is over, or from the error it ended with."""
        code = call.code()
        entry["status"] = {"code": code.value[0], "name": code.name}
        entry["status_message"] = call.details() or ""
        entry["initial"] = pairs(call.initial_metadata())
        entry["trailing"] = pairs(call.trailing_metadata())
        if responses is not None:
            entry["responses"] = responses

    def unary(self, stub, method, request, timeout=None, metadata=(), **more):
        """Makes a call with one answer and writes it down. Returns the answer, or None after an error."""
        entry = self.begin(method_name(stub, method), timeout, metadata)
        try:
            answer, call = getattr(stub, method).with_call(request, timeout=timeout, metadata=metadata, **more)
            self.end(entry, call, 1)
            return answer
        except grpc.RpcError as problem:
            self.end(entry, problem, 0)
            return None

    def stream(self, stub, method, request, timeout=None, metadata=(), stop_after=None, **more):
        """Makes a call with many answers; `stop_after` cancels it. Returns the answers."""
        entry = self.begin(method_name(stub, method), timeout, metadata)
        call, answers = getattr(stub, method)(request, timeout=timeout, metadata=metadata, **more), []
        try:
            for answer in call:
                answers.append(answer)
                if stop_after == len(answers):
                    call.cancel()
        except grpc.RpcError:
            pass
        self.end(entry, call, len(answers))
        return answers

    def save(self):
        with open(self.path, "w") as file:
            file.write("[\n" + ",\n".join(json.dumps(call, ensure_ascii=False) for call in self.calls) + "\n]\n")


def method_name(stub, method):
    """The path that a stub's method asks for."""
    path = getattr(stub, method)._method
    return path.decode() if isinstance(path, bytes) else path


def pairs(metadata):
    """Metadata as [name, value], binary values in hex."""
    return [[name, value.hex() if isinstance(value, bytes) else value] for name, value in metadata or ()]
