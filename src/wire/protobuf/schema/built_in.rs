//! Types that are known without any file of the user's: protobuf's own, those that gRPC's errors carry, and the services
//! that gRPC's libraries bring along (reflection, health).

use super::Schema;
use super::builder::SchemaBuilder;
use prost_reflect::prost_types::FileDescriptorProto;
use protox::file::{FileResolver, GoogleFileResolver};
use std::sync::LazyLock;

const RPC_FILES: [(&str, &str); 6] = [
    (
        "google/rpc/status.proto",
        include_str!("../../../../assets/protobuf/google/rpc/status.proto"),
    ),
    (
        "google/rpc/code.proto",
        include_str!("../../../../assets/protobuf/google/rpc/code.proto"),
    ),
    (
        "google/rpc/error_details.proto",
        include_str!("../../../../assets/protobuf/google/rpc/error_details.proto"),
    ),
    (
        "grpc/reflection/v1/reflection.proto",
        include_str!("../../../../assets/protobuf/grpc/reflection/v1/reflection.proto"),
    ),
    (
        "grpc/reflection/v1alpha/reflection.proto",
        include_str!("../../../../assets/protobuf/grpc/reflection/v1alpha/reflection.proto"),
    ),
    (
        "grpc/health/v1/health.proto",
        include_str!("../../../../assets/protobuf/grpc/health/v1/health.proto"),
    ),
];

const OWN_FILES: [&str; 7] = [
    "google/protobuf/any.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto",
];

/// The text of a file that the program brings along, by the name under which it is imported.
pub(super) fn source(name: &str) -> Option<&'static str> {
    let found = RPC_FILES.into_iter().find(|(own, _)| *own == name);
    found.map(|(_, source)| source)
}

/// The descriptor of a file that protobuf brings along.
pub(super) fn well_known(name: &str) -> Option<FileDescriptorProto> {
    let file = GoogleFileResolver::new().open_file(name).ok()?;
    Some(file.into())
}

/// `google.rpc.Status` and the details that it carries, gRPC's own services, and protobuf's well-known types.
pub fn built_in() -> &'static Schema {
    static BUILT_IN: LazyLock<Schema> = LazyLock::new(|| {
        let mut builder = SchemaBuilder::default();
        for (name, source) in RPC_FILES {
            builder.add_source(name, source);
        }
        for name in OWN_FILES {
            if let Some(file) = well_known(name) {
                builder.add_file(file);
            }
        }
        builder.build()
    });
    &BUILT_IN
}
