//! An encrypted push verified, opened and typed. Goal: at most 1.07 times its floor.
//!
//! The floor has the query's values and the expanded key. It finds the ciphertext in the envelope,
//! hashes the sorted pieces, decodes base64, decrypts with the same crates as ours, and cuts off
//! the padding by its last byte. Then it runs the event loop of `push_xml`.

use std::hint::black_box;

use aes::Aes256Dec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::Decryptor;
use cbc::cipher::{BlockModeDecrypt as _, InnerIvInit as _, KeyInit as _};
use protocol_core::mini_program::{EncodingAesKey, Format, Mode, Received, Receiver};
use protocol_core::{Secret, UnixTime};
use quick_xml::events::Event;
use sha1::{Digest as _, Sha1};

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};
use benches::push_xml::floor::Document;
use benches::push_xml::{self, APPID, ENTRIES};

const TOKEN: &str = "AAAAA";
const AES_KEY: [u8; 32] = *b"an example key, of no one at all";
const NONCE: &str = "1514711492";
const NOW: UnixTime = UnixTime(1_741_936_166);
const NOW_AS_TEXT: &str = "1741936166";

/// Before the message: random bytes and its length. After it: the application's id.
const PREFIX: usize = 16 + 4;

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let encoding_aes_key = STANDARD.encode(AES_KEY);
    let key = EncodingAesKey::read(encoding_aes_key.trim_end_matches('=')).unwrap();
    let receiver = Receiver::new(APPID, Secret::new(TOKEN.into()), Mode::Secure, Some(key)).unwrap();
    let message = push_xml::document(ENTRIES);
    let (query, body) = receiver.secure_push(Format::Xml, &message, &[7; 16], NOW, NONCE).unwrap();
    let ours = || -> Received { receiver.open(black_box(&query), black_box(body.as_bytes()), NOW).unwrap() };

    let signature = query.rsplit_once("msg_signature=").unwrap().1;
    let signature: Vec<u8> =
        (0..40).step_by(2).map(|at| u8::from_str_radix(&signature[at..at + 2], 16).unwrap()).collect();
    let iv: &[u8; 16] = AES_KEY[..16].try_into().unwrap();
    let cipher = Aes256Dec::new((&AES_KEY).into());
    let least = || floor::<true>(black_box(&body), black_box(&signature), &cipher, iv);
    let floor = || floor::<false>(black_box(&body), black_box(&signature), &cipher, iv);

    push_xml::assert_same(&floor(), ours().push());
    push_xml::assert_same(&least(), ours().push());
    vec![
        bench.compare("secure_push", floor, ours).goal(Goal::Ratio(1.07)),
        bench.compare("secure_push_least", least, ours).held(Goal::Ratio(1.3)),
    ]
}

/// With `PIECES`, the least work: `push_xml::floor`.
fn floor<const PIECES: bool>(body: &str, signature: &[u8], cipher: &Aes256Dec, iv: &[u8; 16]) -> push_xml::floor::Push {
    let mut envelope = Document::<PIECES>::new(body);
    let encrypt = loop {
        match envelope.events.read_event() {
            Ok(Event::Start(start)) if start.name().as_ref() == "Encrypt" => break envelope.text(),
            event => drop(event.unwrap()),
        }
    };

    let mut pieces = [TOKEN, NOW_AS_TEXT, NONCE, &encrypt];
    pieces.sort_unstable();
    let mut hasher = Sha1::new();
    pieces.iter().for_each(|piece| hasher.update(piece));
    assert_eq!(hasher.finalize().as_slice(), signature);

    let mut buffer = STANDARD.decode(encrypt.as_bytes()).unwrap();
    Decryptor::inner_iv_init(cipher, iv.into()).decrypt_blocks(aes::Block::slice_as_chunks_mut(&mut buffer).0);
    let end = buffer.len() - usize::from(*buffer.last().unwrap());
    let message = &buffer[PREFIX..end - APPID.len()];
    let message = str::from_utf8(message).unwrap();
    if PIECES { push_xml::floor::least(message) } else { push_xml::floor::push(message) }
}
