//! Rules about schemas and what becomes of them over time. Source: protobuf.dev, *Language Guide*.

super::rules! {
    RESERVED_NUMBER_SENT = "protobuf-reserved-number-sent", Warning, Some("protobuf Language Guide, Reserved Fields"),
        "A reserved number was used by a field that is gone. Whoever still sends it goes by an older schema (or by another one that took the number); readers keep it as an unknown field.";
    RESERVED_NUMBER_REUSED = "protobuf-reserved-number-reused", Error, Some("protobuf Language Guide, Reserved Fields"),
        "A number was reserved so that no field would get it again. Bytes of old programs, on disk or on their way, are then read as something that they never were.";
    RESERVED_NAME_REUSED = "protobuf-reserved-name-reused", Warning, Some("protobuf Language Guide, Reserved Fields"),
        "A name was reserved so that no field would get it again. The wire does not carry names, but JSON and text do, and old ones are misread.";
    NUMBER_NOT_RESERVED = "protobuf-removed-not-reserved", Note, Some("protobuf Language Guide, Deleting Fields"),
        "When a field goes, its number and its name are reserved, so that nobody gives them to another field by mistake. The compiler then refuses to.";
    INCOMPATIBLE_CHANGE = "protobuf-incompatible-change", Error, Some("protobuf Language Guide, Updating A Message Type"),
        "Old and new programs read different values from the same bytes, or none. While both are in use, as they are during every rollout, they misunderstand each other.";
}
