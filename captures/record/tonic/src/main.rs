//! The user service and the shop's stock in Rust (tonic), a client that makes a fixed list of calls, and plain HTTP/2 on the library h2.
//!
//! Needs: cargo and Debian's protobuf-compiler.
//!
//! ```text
//! loom-tonic serve ADDRESS:PORT      users.UserService and shop.Stock, a minute at most
//! loom-tonic serve-web ADDRESS:PORT  users.UserService as gRPC-Web
//! loom-tonic tour ADDRESS:PORT       every kind of call once
//! loom-tonic keep-alive ADDRESS:PORT two calls and pings between them
//! loom-tonic h2-serve ADDRESS:PORT   plain HTTP/2: echoes bodies, answers with trailers
//! loom-tonic h2-fetch ADDRESS:PORT   asks that server
//! ```

mod client;
mod plain;
mod server;

/// What protoc made.
pub mod users {
    tonic::include_proto!("users");
}
/// What protoc made.
pub mod shop {
    tonic::include_proto!("shop");
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let words: Vec<String> = std::env::args().collect();
    let [_, job, address] = &words[..] else {
        return Err("loom-tonic JOB ADDRESS:PORT".into());
    };
    let work = async {
        match job.as_str() {
            "serve" => server::serve(address).await,
            "serve-web" => server::serve_web(address).await,
            "tour" => client::tour(address).await,
            "keep-alive" => client::keep_alive(address).await,
            "h2-serve" => plain::serve(address).await,
            "h2-fetch" => plain::fetch(address).await,
            other => Err(format!("there is no job {other}").into()),
        }
    };
    match tokio::time::timeout(std::time::Duration::from_secs(60), work).await {
        Ok(outcome) => outcome,
        Err(_) => Ok(()),
    }
}
