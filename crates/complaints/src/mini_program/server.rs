//! The Mini Program's server as configured.

use std::path::Path;

use http_transport::HttpsClient;
use protocol_core::Stamp;
use protocol_core::mini_program::{Operation, ServerRequest};
use wechat_adapter::mini_program::{Client, StableToken};

use crate::config::MiniProgram;
use crate::error::Error;
use crate::input;
use crate::interrupt::{Watch, WatchedTransport};
use crate::network::unusable_connection;
use crate::signed::SignedRequest;

/// The server, asked with a token that is fetched when it is needed first.
pub(crate) struct Server {
    pub(crate) client: Client<WatchedTransport>,
    pub(crate) watch: Watch,
    origin: String,
}

/// Runs a command on the network.
pub(super) fn run(config: &Path, command: impl AsyncFnOnce(&Server) -> Result<(), Error>) -> Result<(), Error> {
    let server = Server::open(&MiniProgram::load(config)?)?;
    server.watch.block_on(command(&server))
}

impl Server {
    /// Reads the secret; nothing is sent.
    fn open(config: &MiniProgram) -> Result<Self, Error> {
        let origin = config.origin()?;
        let watch = Watch::default();
        let transport = watch.over(HttpsClient::new(config.connection()?).map_err(unusable_connection)?);
        let tokens = StableToken::builder(config.appid()?, config.app_secret()?)
            .origin(origin.clone())
            .build_over(transport.clone());
        let client = Client::builder(tokens).origin(origin.clone()).build_over(transport);
        Ok(Self { client, watch, origin })
    }

    /// The request of an operation, not sent; a place for the token in it. Values that cannot be right are refused.
    pub(super) fn request<O: Operation>(&self, operation: &O) -> Result<SignedRequest, Error> {
        let nonce = input::nonce()?;
        let request = ServerRequest::prepare(operation, &Stamp { now: input::now(None)?, nonce: &nonce })?;
        Ok(SignedRequest::without_token(&self.origin, &request))
    }
}
