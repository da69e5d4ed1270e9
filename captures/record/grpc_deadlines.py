#!/usr/bin/env python3
"""A chain whose middle sets deadlines of its own: a shop front (A) asks Orders (B), which asks Stock in Rust (C) and a courier that knows nothing of deadlines (D).

Needs:  pip install grpcio grpcio-tools h2 'httpx[http2]'.

    grpc_deadlines.py serve ADDRESS STOCK COURIER LOG   Orders, until it is told to stop, a minute at most. LOG says which calls it made for which, and how they ended for it
    grpc_deadlines.py deaf ADDRESS                      the courier: takes 400 ms for each answer, whatever `grpc-timeout` says
    grpc_deadlines.py tour ADDRESS DIARY                the shop front
"""
import json
import random
import signal
import socket
import sys
import threading
import time
from concurrent import futures

import grpc
import h2.config
import h2.connection
import h2.events
import httpx
from google.protobuf import json_format

import grpc_stubs
from grpc_chain import dice, left_of, span, trace_of

shop, shop_grpc = grpc_stubs.load("shop")
PATIENCE = 0.15  # what Orders allows Stock, however long its own caller waits
SLOW = 400  # milliseconds


class Orders(shop_grpc.OrdersServicer):
    def __init__(self, stock, courier, log):
        self.stock, self.courier, self.log, self.lock, self.alone = shop_grpc.StockStub(stock), courier, log, threading.Lock(), []

    def note(self, served, method, request, timeout, context):
        made = {"path": f"/shop.Stock/{method}", "request": json_format.MessageToDict(request), "timeout_s": timeout, "left_s": left_of(context)}
        with self.lock:
            served["made"].append(made)
        return made

    def ask(self, context, served, request, timeout, trace, wait=None):
        """Asks Stock to reserve. `wait`: Orders stops waiting after that, without a word to Stock."""
        made = self.note(served, "Reserve", request, timeout, context)
        call = self.stock.Reserve.future(request, timeout=timeout, metadata=(("traceparent", span(trace)),))
        try:
            reply = call.result(timeout=wait)
            made["status"] = {"code": 0, "name": "OK"}
            return reply
        except grpc.FutureTimeoutError:
            made["left_alone"] = True
            self.alone.append(call)  # a call that nobody holds would be given up
            raise
        except grpc.RpcError as problem:
            made["status"] = {"code": problem.code().value[0], "name": problem.code().name}
            raise

    def send(self, context, served, request, timeout, trace):
        """Asks the courier by plain HTTP/2, which tells the deadline and leaves minding it to the other side."""
        made = self.note(served, "Reserve", request, timeout, context)
        payload = request.SerializeToString()
        headers = {"content-type": "application/grpc+proto", "te": "trailers", "grpc-timeout": f"{round(timeout * 1000)}m", "traceparent": span(trace)}
        began = time.monotonic()
        answer = self.courier.post("/shop.Stock/Reserve", content=b"\0" + len(payload).to_bytes(4, "big") + payload, headers=headers)
        made["answer_bytes"] = len(answer.content)
        made["late_s"] = time.monotonic() - began - timeout

    def Place(self, request, context):
        trace, line = trace_of(context), request.lines[0]
        served = {"path": "/shop.Orders/Place", "request": json_format.MessageToDict(request), "made": []}
        with self.lock:
            self.log.append(served)
        reserve = shop.ReserveRequest(line=line, pretend_ms=SLOW)
        try:
            if request.customer == "strict":  # gives Stock less than it has, and says so when that is over
                self.ask(context, served, reserve, PATIENCE, trace)
            elif request.customer == "lenient":  # the same, but it can do without
                try:
                    self.ask(context, served, reserve, PATIENCE, trace)
                except grpc.RpcError:
                    pass
            elif request.customer == "twice":  # tries once more, and has luck
                try:
                    self.ask(context, served, reserve, PATIENCE, trace)
                except grpc.RpcError:
                    reserve.pretend_ms = 20
                    self.ask(context, served, reserve, PATIENCE, trace)
            elif request.customer == "silent":  # hands its caller's time on, stops waiting earlier, and leaves Stock at work
                try:
                    self.ask(context, served, reserve, left_of(context), trace, wait=PATIENCE)
                except grpc.FutureTimeoutError:
                    context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "Orders waits no longer")
            elif request.customer == "courier":  # the courier answers when it is too late
                self.send(context, served, reserve, PATIENCE, trace)
                context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the courier came too late")
            else:  # quick enough
                reserve.pretend_ms = 20
                self.ask(context, served, reserve, PATIENCE, trace)
        except grpc.RpcError as problem:
            context.abort(problem.code(), f"stock did not answer: {problem.details()}")
        return shop.PlaceReply(order_id=f"order for {request.customer}", total_cents=499 * line.count)


def serve(address, stock, courier, path):
    log = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with grpc.insecure_channel(stock, options=[("grpc.default_authority", "stock.loom.example")]) as channel, \
            httpx.Client(http1=False, http2=True, base_url=f"http://{courier}", timeout=5) as plain:
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
        shop_grpc.add_OrdersServicer_to_server(Orders(channel, plain, log), server)
        server.add_insecure_port(address)
        server.start()
        try:
            server.wait_for_termination(timeout=60)
        finally:
            server.stop(0)
            with open(path, "w") as file:
                file.write("[\n" + ",\n".join(json.dumps(served) for served in log) + "\n]\n")


def deaf(address):
    host, port = address.rsplit(":", 1)
    reply = shop.ReserveReply(reserved=True, shelf=7).SerializeToString()
    with socket.create_server((host, int(port))) as listener:
        listener.settimeout(60)
        peer, _ = listener.accept()
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        peer.sendall(connection.data_to_send())
        while data := peer.recv(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.StreamEnded):
                    peer.sendall(connection.data_to_send())
                    time.sleep(SLOW / 1000)
                    stream = event.stream_id
                    connection.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc+proto")])
                    connection.send_data(stream, b"\0" + len(reply).to_bytes(4, "big") + reply)
                    connection.send_headers(stream, [("grpc-status", "0")], end_stream=True)
            peer.sendall(connection.data_to_send())


def tour(address, path):
    diary = grpc_stubs.Diary(path)
    ids = random.Random(13)
    dice.seed(17)  # other spans than those of Orders
    with grpc.insecure_channel(address, options=[("grpc.default_authority", "orders.loom.example")]) as channel:
        stub = shop_grpc.OrdersStub(channel)
        for customer, timeout in (("quick", 2.0), ("strict", 2.0), ("strict", None), ("lenient", 2.0), ("twice", 2.0), ("silent", 2.0), ("courier", 2.0)):
            metadata = (("traceparent", span(ids.randbytes(16).hex())), ("x-customer", customer))
            request = shop.PlaceRequest(customer=customer, lines=[shop.Line(article="yarn", count=3)])
            diary.unary(stub, "Place", request, timeout=timeout, metadata=metadata)
            time.sleep(0.35 if customer == "silent" else 0.05)
    diary.save()


if __name__ == "__main__":
    {"serve": serve, "deaf": deaf, "tour": tour}[sys.argv[1]](*sys.argv[2:])
