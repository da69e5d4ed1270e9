//! users.UserService with the four kinds of call, and shop.Stock, the last of the chain.

use crate::shop::stock_server::{Stock, StockServer};
use crate::shop::{PriceReply, PriceRequest, ReserveReply, ReserveRequest};
use crate::users::user_service_server::{UserService, UserServiceServer};
use crate::users::*;
use std::pin::Pin;
use std::time::Duration;
use tokio_stream::{Stream, StreamExt};
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt};

pub struct Users;

fn everybody() -> Vec<User> {
    let user = |id, name: &str, status: user::Status| User {
        id,
        name: name.to_owned(),
        email: format!("{}@example.com", name.to_lowercase()),
        roles: vec!["user".to_owned()],
        address: None,
        status: status as i32,
    };
    let mut all = vec![
        user(42, "Alice", user::Status::Active),
        user(43, "Bob", user::Status::Inactive),
        user(44, "Carol", user::Status::Active),
        user(-45, "Dave", user::Status::Unknown),
    ];
    all[0].roles.insert(0, "admin".to_owned());
    all[1].address = Some(Address {
        street: "1 Weaver Lane".to_owned(),
        city: "Ghent".to_owned(),
        country: "BE".to_owned(),
        zip_code: "9000".to_owned(),
    });
    all
}

#[tonic::async_trait]
impl UserService for Users {
    type ListUsersStream = Pin<Box<dyn Stream<Item = Result<User, Status>> + Send>>;
    type ChatStream = Pin<Box<dyn Stream<Item = Result<ChatMessage, Status>> + Send>>;

    async fn get_user(&self, request: Request<GetUserRequest>) -> Result<Response<GetUserResponse>, Status> {
        let id = request.into_inner().user_id;
        let Some(user) = everybody().into_iter().find(|user| user.id == id) else {
            let mut details = ErrorDetails::new();
            details
                .set_error_info("NO_SUCH_USER", "users.loom.example", [("user_id".to_owned(), id.to_string())])
                .add_bad_request_violation("user_id", "nobody has this number")
                .set_retry_info(Some(Duration::from_millis(1500)));
            return Err(Status::with_error_details(Code::NotFound, format!("no user has the id {id}: “niemand” 100%"), details));
        };
        let mut response = Response::new(GetUserResponse { user: Some(user) });
        response.metadata_mut().insert("server-node", MetadataValue::from_static("loom-2"));
        response.metadata_mut().insert_bin("weave-bin", MetadataValue::from_bytes(&[0, 1, 2, 0xfe, 0xff]));
        Ok(response)
    }

    async fn list_users(&self, request: Request<ListUsersRequest>) -> Result<Response<Self::ListUsersStream>, Status> {
        let asked = request.into_inner();
        let pause = Duration::from_millis(if asked.page_token == "slow" { 150 } else { 15 });
        if asked.page_token == "late" {
            tokio::time::sleep(Duration::from_millis(600)).await;
        }
        let limit = usize::try_from(asked.page_size).unwrap_or(0);
        let fails = asked.page_token == "breaks";
        let good = everybody().into_iter().take(limit).map(Ok);
        let bad = fails.then(|| Err(Status::data_loss("the third page of the list is torn")));
        let all = tokio_stream::iter(good.chain(bad).collect::<Vec<_>>()).throttle(pause);
        Ok(Response::new(Box::pin(all)))
    }

    async fn upload_user_photos(&self, request: Request<Streaming<PhotoUpload>>) -> Result<Response<UploadResult>, Status> {
        let mut pieces = request.into_inner();
        let (mut names, mut bytes) = (Vec::new(), 0);
        while let Some(piece) = pieces.message().await? {
            bytes += i64::try_from(piece.chunk.len()).unwrap_or(0);
            if !names.contains(&piece.file_name) {
                names.push(piece.file_name);
            }
        }
        Ok(Response::new(UploadResult { photos: i32::try_from(names.len()).unwrap_or(0), bytes_received: bytes }))
    }

    async fn chat(&self, request: Request<Streaming<ChatMessage>>) -> Result<Response<Self::ChatStream>, Status> {
        let answers = request.into_inner().map(|message| {
            message.map(|message| ChatMessage {
                from: "loom".to_owned(),
                text: format!("You said: {}", message.text),
                sent_at_ms: message.sent_at_ms + 5,
            })
        });
        Ok(Response::new(Box::pin(answers)))
    }
}

pub struct Shelves;

#[tonic::async_trait]
impl Stock for Shelves {
    async fn price(&self, request: Request<PriceRequest>) -> Result<Response<PriceReply>, Status> {
        tokio::time::sleep(Duration::from_millis(8)).await;
        match request.into_inner().article.as_str() {
            "yarn" => Ok(Response::new(PriceReply { cents: 499, discount: None })),
            "bobbin" => Ok(Response::new(PriceReply { cents: 75, discount: None })),
            "voucher" => Ok(Response::new(PriceReply { cents: -1000, discount: Some(0.0) })),
            "shuttle" => Ok(Response::new(PriceReply { cents: 12_950, discount: Some(0.125) })),
            other => Err(Status::not_found(format!("nobody sells {other}"))),
        }
    }

    async fn reserve(&self, request: Request<ReserveRequest>) -> Result<Response<ReserveReply>, Status> {
        let asked = request.into_inner();
        tokio::time::sleep(Duration::from_millis(u64::try_from(asked.pretend_ms).unwrap_or(0))).await;
        Ok(Response::new(ReserveReply { reserved: true, shelf: 0x00c0_ffee }))
    }
}

/// The user service as browsers ask for it: gRPC-Web over HTTP/1.1 and HTTP/2.
pub async fn serve_web(address: &str) -> crate::Outcome {
    tonic::transport::Server::builder()
        .accept_http1(true)
        .layer(tonic_web::GrpcWebLayer::new())
        .add_service(UserServiceServer::new(Users))
        .serve(address.parse()?)
        .await?;
    Ok(())
}

pub async fn serve(address: &str) -> crate::Outcome {
    let users = UserServiceServer::new(Users)
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Zstd)
        .accept_compressed(CompressionEncoding::Deflate)
        .send_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Zstd)
        .send_compressed(CompressionEncoding::Deflate);
    tonic::transport::Server::builder()
        .add_service(users)
        .add_service(StockServer::new(Shelves))
        .serve(address.parse()?)
        .await?;
    Ok(())
}
