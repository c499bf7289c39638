//! A payer's picture: the permission for it, then the picture itself from WeChat Pay's host.

use http_transport::Transport;
use protocol_core::limits::MAX_IMAGE_BODY;
use protocol_core::virtual_payment::{GetUploadFileSign, receive_image};
use protocol_core::{Personal, Unverified};

use super::Error;
use super::client::Client;
use crate::mini_program::TokenSource;
use crate::sending::{self, of_sending};

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Fetches a picture by its address in a complaint or a history. It asks for the permission,
    /// and sends one signed request to WeChat Pay's host.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn image(&self, complaint_id: &str, media_url: &str) -> Result<Unverified<Personal<Vec<u8>>>, Error> {
        let permission = GetUploadFileSign::new(complaint_id, media_url.to_owned());
        let request = self.send(&permission).await?.trust_anyway().request(media_url)?;
        let request = request.into_http(&self.shared.image_origin);
        let sent = sending::send(self.mini_program.transport(), request, MAX_IMAGE_BODY).await;
        let response = sent.map_err(of_sending)?;
        Ok(receive_image(response.status().as_u16(), response.body())?)
    }
}
