#!/usr/bin/env python3
"""The first two of a chain of three: a shop front (A) asks Orders (B), and Orders asks Stock (C, in Rust) while it answers.

Needs:  pip install grpcio grpcio-tools.

    grpc_chain.py serve ADDRESS STOCK LOG     Orders, which asks Stock at STOCK; until it is told to stop, a minute at most. LOG says which calls it made for which
    grpc_chain.py tour ADDRESS DIARY          the shop front
"""
import json
import random
import signal
import sys
import threading
import time
from concurrent import futures

import grpc
from google.protobuf import json_format

import grpc_stubs

shop, shop_grpc = grpc_stubs.load("shop")
dice = random.Random(7)


def span(trace):
    """A `traceparent` of the W3C's Trace Context: version, trace, a new span, flags."""
    return f"00-{trace}-{dice.randbytes(8).hex()}-01"


def trace_of(context):
    """The trace id that came with a call, or None."""
    for name, value in context.invocation_metadata():
        if name == "traceparent":
            return value.split("-")[1]
    return None


def left_of(context):
    """What is left of the caller's time, or None when it set no deadline: gRPC names an age then."""
    left = context.time_remaining()
    return left if left is not None and left < 1e6 else None


class Orders(shop_grpc.OrdersServicer):
    def __init__(self, stock, log):
        self.stock, self.log, self.lock = shop_grpc.StockStub(stock), log, threading.Lock()

    def ask(self, context, served, method, request, timeout, trace):
        """Asks Stock on behalf of the call that is being served, and gives up when its caller does."""
        with self.lock:
            served["made"].append({"path": grpc_stubs.method_name(self.stock, method), "request": json_format.MessageToDict(request),
                                   "timeout_s": timeout, "left_s": left_of(context)})
        metadata = (("traceparent", span(trace)),) if trace else ()
        call = getattr(self.stock, method).future(request, timeout=timeout, metadata=metadata)
        if timeout is not None:
            context.add_callback(call.cancel)
        return call.result()

    def begin(self, path, request):
        served = {"path": path, "request": json_format.MessageToDict(request), "made": []}
        with self.lock:
            self.log.append(served)
        return served

    def Place(self, request, context):
        served, trace, total = self.begin("/shop.Orders/Place", request), trace_of(context), 0
        careless, generous = request.customer == "careless", request.customer == "generous"
        try:
            for line in request.lines:
                left = None if careless else 5.0 if generous else left_of(context)
                total += line.count * self.ask(context, served, "Price", shop.PriceRequest(article=line.article), left, trace).cents
                left = None if careless else 5.0 if generous else left_of(context)
                slow = 400 if request.customer in ("impatient", "careless", "generous", "fickle") else 15
                self.ask(context, served, "Reserve", shop.ReserveRequest(line=line, pretend_ms=slow), left, trace)
        except grpc.RpcError as problem:
            if problem.code() is grpc.StatusCode.NOT_FOUND:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"cannot be ordered: {problem.details()}")
            context.abort(problem.code(), f"stock did not answer: {problem.details()}")
        except grpc.FutureCancelledError:
            return shop.PlaceReply()  # nobody waits any more
        reply = shop.PlaceReply(order_id=f"order for {request.customer}", total_cents=total)
        reply.placed_at.GetCurrentTime()
        return reply

    def Follow(self, request, context):
        served, trace = self.begin("/shop.Orders/Follow", request), trace_of(context)
        for number, what in enumerate(("packed", "sent", "delivered")):
            if number == 1:
                self.ask(context, served, "Price", shop.PriceRequest(article="voucher"), left_of(context), trace)
            event = shop.OrderEvent(what=what)
            event.after.FromMilliseconds(40 * number)
            yield event
            time.sleep(0.04)


def serve(address, stock, path):
    log = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with grpc.insecure_channel(stock, options=[("grpc.default_authority", "stock.loom.example")]) as channel:
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
        orders = Orders(channel, log)
        shop_grpc.add_OrdersServicer_to_server(orders, server)
        server.add_insecure_port(address)
        server.start()

        def look_now_and_then():
            """Asks for itself, for no caller, with traces of its own."""
            for _ in range(8):
                time.sleep(0.45)
                try:
                    orders.stock.Price(shop.PriceRequest(article="bobbin"), timeout=1, metadata=(("traceparent", span(dice.randbytes(16).hex())),))
                except grpc.RpcError:
                    pass
        threading.Thread(target=look_now_and_then, daemon=True).start()
        try:
            server.wait_for_termination(timeout=60)
        finally:
            server.stop(0)
            with open(path, "w") as file:
                file.write("[\n" + ",\n".join(json.dumps(served) for served in log) + "\n]\n")


def tour(address, path):
    diary = grpc_stubs.Diary(path)
    ids = random.Random(11)
    with grpc.insecure_channel(address, options=[("grpc.default_authority", "orders.loom.example")]) as channel:
        stub = shop_grpc.OrdersStub(channel)

        def place(customer, *lines, timeout=2.0, trace=True):
            metadata = (("traceparent", span(ids.randbytes(16).hex())), ("x-customer", customer)) if trace else ()
            request = shop.PlaceRequest(customer=customer, lines=[shop.Line(article=article, count=count) for article, count in lines])
            return diary.unary(stub, "Place", request, timeout=timeout, metadata=metadata)

        place("Alice", ("yarn", 3), ("shuttle", 1))
        with futures.ThreadPoolExecutor(2) as both:  # two at once: time alone cannot tell whose calls are whose
            first = both.submit(place, "Bob", ("yarn", 5))
            time.sleep(0.004)
            second = both.submit(place, "Carol", ("shuttle", 7))
            first.result(), second.result()
        place("Dave", ("yarn", 11), trace=False)  # nothing but time tells
        place("Erin", ("unicorn", 1))  # Stock knows no such thing
        place("impatient", ("yarn", 13), timeout=0.25)  # all three know the deadline
        time.sleep(0.1)
        place("careless", ("yarn", 17), timeout=0.25)  # Orders forgets to pass it on: Stock works for nobody
        time.sleep(0.4)
        place("generous", ("yarn", 19), timeout=0.25)  # Orders gives more time than it has
        time.sleep(0.4)
        diary.stream(stub, "Follow", shop.FollowRequest(order_id="order for Alice"), timeout=1.5, metadata=(("traceparent", span(ids.randbytes(16).hex())),))
        # The caller changes its mind, and Orders passes that on.
        entry = diary.begin("/shop.Orders/Place", 2.0)
        call = stub.Place.future(shop.PlaceRequest(customer="fickle", lines=[shop.Line(article="yarn", count=23)]), timeout=2.0)
        time.sleep(0.15)
        call.cancel()
        diary.end(entry, call, 0)
        time.sleep(0.3)
        place("Frank", ("voucher", 1), timeout=None)  # no deadline at all
    diary.save()


if __name__ == "__main__":
    serve(*sys.argv[2:5]) if sys.argv[1] == "serve" else tour(*sys.argv[2:4])
