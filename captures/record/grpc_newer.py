#!/usr/bin/env python3
"""An old client of a service that has moved on: messages with fields that the other side's schema lacks, in both directions.

Needs:  pip install grpcio grpcio-tools.

    grpc_newer.py serve ADDRESS           the server, with captures/proto/v2; until it is told to stop, a minute at most
    grpc_newer.py tour ADDRESS DIARY      the client, with captures/proto/v1
"""
import sys
from concurrent import futures

import grpc

import grpc_stubs

old = sys.argv[1] == "tour"
catalog, catalog_grpc = grpc_stubs.load("catalog", version="v1" if old else "v2")


def articles():
    """What the newer server knows."""
    yarn = catalog.Article(id=1, name="Yarn".encode(), price=catalog.Price(cents=499, currency="EUR", discount=0.25), size=catalog.SMALL, tags=["wool", "blue"],
                           availability=catalog.SOLD_OUT, balance=-3, colour=0x345C8C, related=[2, 3, 5_000_000_000], rating=4.5)
    yarn.stock.add(shelf="A1", count=12)
    yarn.stock.add(shelf="B7", count=300)
    yarn.notes.update({"care": "wash by hand", "origin": "BE"})
    yarn.updated.FromJsonString("2024-02-29T12:30:45Z")
    loom = catalog.Article(id=2, name="Table loom".encode(), price=catalog.Price(cents=5_000_000_000, currency="EUR"), size=catalog.GIANT,
                           availability=catalog.ORDERED, balance=7)
    raw = catalog.Article(id=10_000_000_000, name=b"\xff\xfe\x00loom", size=catalog.LARGE, rating=-0.5)
    return yarn, loom, raw


if not old:
    class Catalog(catalog_grpc.CatalogServicer):
        def Get(self, request, context):
            return next(article for article in articles() if article.id == request.id)

        def Put(self, request, context):
            return request

        def List(self, request, context):
            yield from articles()[:2]


def serve(address):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    catalog_grpc.add_CatalogServicer_to_server(Catalog(), server)
    server.add_insecure_port(address)
    server.start()
    server.wait_for_termination(timeout=60)


def tour(address, path):
    diary = grpc_stubs.Diary(path)
    with grpc.insecure_channel(address, options=[("grpc.default_authority", "catalog.loom.example")]) as channel:
        stub = catalog_grpc.CatalogStub(channel)
        yarn = diary.unary(stub, "Get", catalog.GetRequest(id=1), timeout=5)
        diary.stream(stub, "List", catalog.GetRequest(), timeout=5)
        # Sent back as it came, with one field changed: Python's protobuf keeps what it does not understand.
        yarn.price.cents = 399
        diary.unary(stub, "Put", yarn, timeout=5)
        # Fields of the old version that the newer server knows no more, or reads otherwise.
        diary.unary(stub, "Put", catalog.Article(id=-4, name="Spool", supplier="Loom & Sons", sold_out=True, balance=150, colour=0xC47840, size=catalog.LARGE,
                                                 price=catalog.Price(cents=-1, currency="EUR")), timeout=5)
    diary.save()


if __name__ == "__main__":
    tour(*sys.argv[2:4]) if old else serve(sys.argv[2])
