"""Writes google-types.json: google.rpc's and protobuf's own types as Python's googleapis-common-protos has them.

pip install googleapis-common-protos, then: python3 google_types.py > google-types.json
"""
import importlib
import importlib.metadata
import json
from google.protobuf.descriptor import FieldDescriptor

NAMES = {getattr(FieldDescriptor, name): name[5:].lower() for name in dir(FieldDescriptor) if name.startswith("TYPE_")}
RPC = ["status", "code", "error_details"]
OWN = ["any", "duration", "timestamp", "wrappers", "struct", "field_mask", "empty"]

version = importlib.metadata.version("googleapis-common-protos")
found = {"source": f"googleapis-common-protos {version} for Python", "messages": {}, "enums": {}}


def message(descriptor):
    fields = []
    for field in sorted(descriptor.fields, key=lambda field: field.number):
        of = field.message_type or field.enum_type
        fields.append(
            {
                "number": field.number,
                "name": field.name,
                "type": NAMES[field.type],
                "repeated": field.is_repeated,
                "of": of.full_name if of else None,
            }
        )
    found["messages"][descriptor.full_name] = fields
    for nested in descriptor.nested_types:
        message(nested)
    for nested in descriptor.enum_types:
        enum(nested)


def enum(descriptor):
    found["enums"][descriptor.full_name] = {value.name: value.number for value in descriptor.values}


for name in [f"google.rpc.{name}_pb2" for name in RPC] + [f"google.protobuf.{name}_pb2" for name in OWN]:
    descriptor = importlib.import_module(name).DESCRIPTOR
    for nested in descriptor.message_types_by_name.values():
        message(nested)
    for nested in descriptor.enum_types_by_name.values():
        enum(nested)
print(json.dumps(found, indent=1, sort_keys=True))
