//! Plain HTTP/2 on the library h2, which hyper and tonic stand on.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

async fn answer(mut request: Request<h2::RecvStream>, mut reply: h2::server::SendResponse<Bytes>) -> crate::Outcome {
    let path = request.uri().path().to_owned();
    let mut size = 0;
    let mut trailers = None;
    if path != "/refuse" {
        let body = request.body_mut();
        while let Some(piece) = body.data().await {
            let piece = piece?;
            size += piece.len();
            body.flow_control().release_capacity(piece.len())?;
        }
        trailers = body.trailers().await?;
    }
    let status = match path.as_str() {
        "/none" => 204,
        "/refuse" => 403,
        _ => 200,
    };
    let response = Response::builder().status(status).header("server", "loom-h2").header("content-type", "text/plain");
    if status == 204 {
        reply.send_response(response.body(())?, true)?;
        return Ok(());
    }
    let mut body = reply.send_response(response.body(())?, false)?;
    let pieces = if path == "/long" { 30 } else { 1 };
    for number in 0..pieces {
        let line = format!("{path} {number}: {size} bytes, {} trailers. ", trailers.as_ref().map_or(0, HeaderMap::len));
        body.send_data(Bytes::from(line.repeat(if path == "/long" { 40 } else { 1 })), false)?;
        if path == "/long" {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    let mut end = HeaderMap::new();
    end.insert("x-pieces", pieces.into());
    body.send_trailers(end)?;
    Ok(())
}

pub async fn serve(address: &str) -> crate::Outcome {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(async move {
            let mut connection = h2::server::Builder::new().max_concurrent_streams(100).handshake(socket).await?;
            while let Some(next) = connection.accept().await {
                let (request, reply) = next?;
                tokio::spawn(async move {
                    if let Err(problem) = answer(request, reply).await {
                        eprintln!("{problem}");
                    }
                });
            }
            Ok::<_, h2::Error>(())
        });
    }
}

async fn ask(client: h2::client::SendRequest<Bytes>, method: &str, path: &str, body: usize, patience: usize) -> crate::Outcome {
    let mut client = client.ready().await?;
    let request = Request::builder().method(method).uri(format!("http://loom.example{path}")).header("user-agent", "loom-h2").body(())?;
    let (response, mut sender) = client.send_request(request, body == 0)?;
    if body > 0 {
        sender.reserve_capacity(body);
        let mut left = body;
        while left > 0 {
            let Some(room) = std::future::poll_fn(|context| sender.poll_capacity(context)).await else {
                break;
            };
            let now = room?.min(left);
            sender.send_data(vec![b'w'; now].into(), false)?;
            left -= now;
        }
        let mut end = HeaderMap::new();
        end.insert("x-sum", "none".parse()?);
        if let Err(problem) = sender.send_trailers(end) {
            println!("{path}: {problem}");
        }
    }
    let response = response.await?;
    let status = response.status();
    let mut body = response.into_body();
    let mut size = 0;
    while let Some(piece) = body.data().await {
        let piece = piece?;
        size += piece.len();
        body.flow_control().release_capacity(piece.len())?;
        if size > patience {
            println!("{path}: enough"); // dropping the body resets the stream
            return Ok(());
        }
    }
    println!("{path}: {status}, {size} bytes, trailers {:?}", body.trailers().await?);
    Ok(())
}

pub async fn fetch(address: &str) -> crate::Outcome {
    let (client, mut connection) = h2::client::Builder::new()
        .initial_window_size(70_000)
        .enable_push(false)
        .handshake(TcpStream::connect(address).await?)
        .await?;
    let mut pings = connection.ping_pong().ok_or("no pings")?;
    let driver = tokio::spawn(connection);
    ask(client.clone(), "GET", "/one", 0, usize::MAX).await?;
    pings.ping(h2::Ping::opaque()).await?;
    let many = ["/two", "/three", "/none", "/long"].map(|path| ask(client.clone(), "GET", path, 0, usize::MAX));
    let [two, three, none, long] = many;
    tokio::try_join!(two, three, none, long)?;
    ask(client.clone(), "POST", "/upload", 50_000, usize::MAX).await?;
    if let Err(problem) = ask(client.clone(), "POST", "/refuse", 30_000, usize::MAX).await {
        println!("/refuse: {problem}");
    }
    ask(client.clone(), "GET", "/long", 0, 5_000).await?;
    ask(client.clone(), "HEAD", "/none", 0, usize::MAX).await?;
    drop(client);
    tokio::time::timeout(Duration::from_secs(2), driver).await???;
    Ok(())
}
