//! Makes the services' Rust from `captures/proto` with protoc.

fn main() -> std::io::Result<()> {
    let folder = "../../proto";
    let files = ["user_service.proto", "shop.proto"].map(|name| format!("{folder}/{name}"));
    tonic_prost_build::configure().compile_protos(&files, &[folder.to_owned()])
}
