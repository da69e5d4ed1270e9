//! Every kind of call once, from a client with tonic. What it was told is printed as one JSON object per call.

use crate::users::user_service_client::UserServiceClient;
use crate::users::*;
use std::time::Duration;
use tokio_stream::StreamExt;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataValue;
use tonic::transport::Endpoint;
use tonic::{Request, Status};

fn with<T>(message: T, milliseconds: u64) -> Request<T> {
    let mut request = Request::new(message);
    if milliseconds > 0 {
        request.set_timeout(Duration::from_millis(milliseconds));
    }
    let id = MetadataValue::from_static("4bf92f3577b34da6a3ce929d0e0e4736");
    request.metadata_mut().insert("x-request-id", id);
    request
}

fn say(path: &str, messages: usize, status: Option<&Status>) {
    let (code, text) = status.map_or((0, ""), |status| (i32::from(status.code()), status.message()));
    println!("{{\"path\": \"/users.UserService/{path}\", \"code\": {code}, \"message\": {text:?}, \"responses\": {messages}}}");
}

async fn list(client: &mut UserServiceClient<tonic::transport::Channel>, request: Request<ListUsersRequest>, stop_after: usize) {
    let mut seen = 0;
    let mut failed = None;
    match client.list_users(request).await {
        Ok(response) => {
            let mut users = response.into_inner();
            while seen < stop_after {
                match users.message().await {
                    Ok(Some(_)) => seen += 1,
                    Ok(None) => break,
                    Err(status) => {
                        failed = Some(status);
                        break;
                    }
                }
            }
        }
        Err(status) => failed = Some(status),
    }
    if seen == stop_after {
        println!("{{\"path\": \"/users.UserService/ListUsers\", \"dropped\": true, \"responses\": {seen}}}");
    } else {
        say("ListUsers", seen, failed.as_ref());
    }
}

pub async fn tour(address: &str) -> crate::Outcome {
    let channel = Endpoint::from_shared(format!("http://{address}"))?.connect().await?;
    let mut client = UserServiceClient::new(channel.clone());
    client.get_user(with(GetUserRequest { user_id: 42 }, 500)).await?;
    say("GetUser", 1, None);
    let nobody = client.get_user(with(GetUserRequest { user_id: 7 }, 500)).await;
    say("GetUser", 0, nobody.err().as_ref());
    let negative = client.get_user(with(GetUserRequest { user_id: -45 }, 0)).await;
    say("GetUser", usize::from(negative.is_ok()), negative.err().as_ref());
    let page = |size, token: &str| ListUsersRequest { page_size: size, page_token: token.to_owned() };
    list(&mut client, with(page(4, ""), 2_000), 99).await;
    list(&mut client, with(page(2, "breaks"), 2_000), 99).await;
    // The deadline passes between the answers, which tonic does not look at, and before the first of them.
    list(&mut client, with(page(4, "slow"), 400), 99).await;
    list(&mut client, with(page(4, "late"), 200), 99).await;
    // Dropped after two answers: the client cancels.
    list(&mut client, with(page(4, "slow"), 0), 2).await;

    let pieces: Vec<PhotoUpload> = (0u8..4)
        .map(|number| PhotoUpload {
            user_id: 42,
            file_name: if number < 3 { "face.png" } else { "badge.png" }.to_owned(),
            chunk: (0u16..1500).map(|at| ((at * 31) ^ (u16::from(number) * 7)).to_le_bytes()[0]).collect(),
        })
        .collect();
    let pieces = tokio_stream::iter(pieces).throttle(Duration::from_millis(5));
    client.upload_user_photos(with(pieces, 5_000)).await?;
    say("UploadUserPhotos", 1, None);

    let lines = ["Is the loom warm?", "Shall we weave?", "Good night."];
    let lines = tokio_stream::iter(lines.into_iter().zip(0i64..)).map(|(text, number)| ChatMessage {
        from: "Alice".to_owned(),
        text: text.to_owned(),
        sent_at_ms: 1_700_000_000_000 + number,
    });
    let mut answers = client.chat(with(lines.throttle(Duration::from_millis(20)), 0)).await?.into_inner();
    // Another call goes past the open chat.
    let mut second = client.clone();
    let first = answers.message().await?;
    second.get_user(with(GetUserRequest { user_id: 43 }, 500)).await?;
    say("GetUser", 1, None);
    let mut heard = usize::from(first.is_some());
    while answers.message().await?.is_some() {
        heard += 1;
    }
    say("Chat", heard, None);

    for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Deflate, CompressionEncoding::Zstd] {
        let mut packed = UserServiceClient::new(channel.clone()).send_compressed(encoding).accept_compressed(encoding);
        list(&mut packed, with(page(3, &"loom ".repeat(40)), 2_000), 99).await;
    }
    // The connection is closed before the runtime ends: GOAWAY.
    drop((client, second, channel));
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}

/// Two calls a second apart on a connection that is kept alive by pings.
pub async fn keep_alive(address: &str) -> crate::Outcome {
    let channel = Endpoint::from_shared(format!("http://{address}"))?
        .http2_keep_alive_interval(Duration::from_millis(250))
        .keep_alive_while_idle(true)
        .connect()
        .await?;
    let mut client = UserServiceClient::new(channel);
    for pause in [1000, 50] {
        let piece = PhotoUpload { user_id: 42, file_name: "face.png".to_owned(), chunk: vec![7; 40] };
        client.upload_user_photos(with(tokio_stream::iter([piece]), 5_000)).await?;
        say("UploadUserPhotos", 1, None);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    Ok(())
}
