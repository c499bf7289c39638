//! Messages arrive at a server under `strace`: a sync of the database precedes each
//! acknowledgement.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::try_join_all;
use http::Request;
use http_transport::{ClientConfig, HttpsClient};
use platform_sandbox::NewComplaint;
use tokio::time::{sleep, timeout};

use crate::traffic::try_to_ask;
use crate::world::{SOON, World};
use crate::{Failure, say};

/// Messages that arrive one after the other, messages that arrive together, and acts.
const MESSAGES: usize = 24;
const TOGETHER: usize = 24;
const ACTS: usize = 4;

/// Sends all of it to a server. Whether each of them was synced before its response.
pub(crate) async fn look(is_early: bool) -> Result<bool, Failure> {
    let world = World::new(true, is_early).await?;
    let trace = world.inbox().with_extension("trace");
    let mut server = world.start_traced(&trace)?;
    let sent = timeout(SOON, async {
        server.listens().await;
        send_all(&world).await
    });
    let sent = sent.await;
    server.kill_traced().await?;
    sent??;
    let Seen { acknowledged, unsynced } = seen(&std::fs::read_to_string(trace)?);
    say(&format!("{acknowledged} acknowledgements, {} of them without a sync before them", unsynced.len()));
    for line in unsynced.iter().take(5) {
        say(&format!("  FAILED: line {line} of the trace"));
    }
    let is_all = acknowledged == MESSAGES + TOGETHER + ACTS;
    if !is_all {
        say(&format!("  FAILED: {} acknowledgements were expected", MESSAGES + TOGETHER + ACTS));
    }
    Ok(is_all && unsynced.is_empty())
}

async fn send_all(world: &World) -> Result<(), Failure> {
    for _ in 0..MESSAGES {
        send(world).await?;
    }
    try_join_all((0..TOGETHER).map(|_| send(world))).await?;
    let ids: Vec<String> = world.filed().iter().take(ACTS).cloned().collect();
    for (number, id) in ids.iter().enumerate() {
        while !try_to_ask(world, id, &format!("act-{number}")).await? {
            sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

/// Sends a notification of a new complaint, as WeChat Pay does behind a proxy that speaks TLS.
async fn send(world: &World) -> Result<(), Failure> {
    let client = HttpsClient::new(ClientConfig::default().with_allow_http(true).with_max_idle_per_host(0))?;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let mchid = &world.sandbox.merchant().mchid;
    let signed = world.sandbox.signed_notification(mchid, &id, "CREATE_COMPLAINT", None)?;
    world.filed().push(id);
    let mut request = Request::post(world.plain_url());
    for (name, value) in &signed.headers {
        request = request.header(name, value);
    }
    let status = client.send(request.body(Bytes::from(signed.body))?).await?.status();
    if status.is_success() { Ok(()) } else { Err(format!("a notification was refused with {status}").into()) }
}

/// What a trace shows.
#[derive(Debug, PartialEq)]
struct Seen {
    /// Responses of 2xx to a POST.
    acknowledged: usize,
    /// The lines of those before which no sync began and ended since the request was read.
    unsynced: Vec<usize>,
}

/// A call, with the lines on which it began and ended.
struct Call<'t> {
    text: String,
    name: &'t str,
    begin: usize,
    end: usize,
}

fn seen(trace: &str) -> Seen {
    let mut seen = Seen { acknowledged: 0, unsynced: Vec::new() };
    let mut syncs: Vec<(usize, usize)> = Vec::new();
    // The line on which the last part of a request was read, by socket.
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    let mut calls = calls(trace);
    // A response counts from its begin on, everything else once it ended.
    calls.sort_by_key(|call| if is_sent(call.name) { call.begin } else { call.end });
    for Call { text, name, begin, end } in calls {
        let socket = text.split_once('(').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(socket, _)| socket);
        if is_sync(name) {
            let is_database = [".db-wal", ".db"].iter().any(|name| socket.ends_with(name));
            if is_database && text.ends_with("= 0") {
                syncs.push((begin, end));
            }
        } else if is_sent(name) {
            let read = requests.remove(socket).filter(|_| text.contains("\"HTTP/1.1 2"));
            seen.acknowledged += usize::from(read.is_some());
            if read.is_some_and(|read| !syncs.iter().any(|sync| sync.0 > read && sync.1 < begin)) {
                seen.unsynced.push(begin);
            }
        } else if text.contains("\"POST ") {
            requests.insert(socket.to_owned(), end);
        } else if let Some(read) = requests.get_mut(socket).filter(|_| has_read(&text)) {
            *read = end;
        }
    }
    seen
}

fn is_sync(name: &str) -> bool {
    matches!(name, "fsync" | "fdatasync")
}

fn is_sent(name: &str) -> bool {
    matches!(name, "write" | "writev" | "sendto" | "sendmsg")
}

fn has_read(text: &str) -> bool {
    text.rsplit_once("= ").and_then(|(_, bytes)| bytes.trim().parse::<u64>().ok()).is_some_and(|bytes| bytes > 0)
}

/// The calls of a trace. One that another thread interrupted stands on two lines.
fn calls(trace: &str) -> Vec<Call<'_>> {
    let mut calls = Vec::new();
    let mut unfinished: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (number, line) in (1..).zip(trace.lines()) {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        let (begin, text) = if let Some(begun) = rest.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, (number, begun.trim_end()));
            continue;
        } else if let Some((_, resumed)) = rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
            let Some((begin, begun)) = unfinished.remove(thread) else { continue };
            (begin, (begun, resumed))
        } else {
            (number, (rest, ""))
        };
        let name = text.0.split('(').next().unwrap_or_default();
        calls.push(Call { text: format!("{}{}", text.0, text.1), name, begin, end: number });
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = r#"7 recvfrom(9<socket:[1]>, "POST /wechat-pay"..., 8192, 0, NULL, NULL) = 900"#;
    const SYNC: &str = "8 fdatasync(4</tmp/inbox.db-wal>) = 0";
    const SENT: &str = r#"7 sendto(9<socket:[1]>, "HTTP/1.1 200 OK\r"..., 90, MSG_NOSIGNAL, NULL, 0) = 90"#;

    fn unsynced(lines: &[&str]) -> Vec<usize> {
        let Seen { acknowledged, unsynced } = seen(&lines.join("\n"));
        assert_eq!(acknowledged, 1, "{lines:?}");
        unsynced
    }

    #[test]
    fn a_sync_between_request_and_response_is_one() {
        assert_eq!(unsynced(&[READ, SYNC, SENT]), [0; 0]);
        let begun = "8 fdatasync(4</tmp/inbox.db-wal> <unfinished ...>";
        let ended = "8 <... fdatasync resumed>) = 0";
        assert_eq!(unsynced(&[READ, begun, ended, SENT]), [0; 0]);
        assert_eq!(unsynced(&[READ, "8 fsync(4</tmp/inbox.db>)     = 0", SENT]), [0; 0]);
    }

    #[test]
    fn none_of_these_is_one() {
        let begun = "8 fdatasync(4</tmp/inbox.db-wal> <unfinished ...>";
        let ended = "8 <... fdatasync resumed>) = 0";
        let body = r#"7 recvfrom(9<socket:[1]>, "{"..., 8192, 0, NULL, NULL) = 100"#;
        for lines in [
            &[READ, SENT][..],
            &[SYNC, READ, SENT],
            &[READ, SENT, SYNC],
            &[READ, SYNC, body, SENT],
            &[begun, READ, ended, SENT],
            &[READ, begun, SENT, ended],
            &[READ, "8 fdatasync(4</tmp/inbox.db-wal>) = -1 EIO (Input/output error)", SENT],
            &[READ, "8 fdatasync(4</tmp/inbox.db-wal>) = 0 (INJECTED)", SENT],
            &[READ, "8 fdatasync(4</tmp/server.log>) = 0", SENT],
        ] {
            assert_eq!(unsynced(lines).len(), 1, "{lines:?}");
        }
    }

    #[test]
    fn other_responses_and_reads_of_nothing_do_not_count() {
        let refused = SENT.replace("200 OK", "503 Se");
        assert_eq!(seen(&[READ, &refused].join("\n")), Seen { acknowledged: 0, unsynced: Vec::new() });
        assert_eq!(seen(SENT), Seen { acknowledged: 0, unsynced: Vec::new() });
        let nothing =
            "7 recvfrom(9<socket:[1]>, 0x7f, 8192, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)";
        assert_eq!(unsynced(&[READ, SYNC, nothing, SENT]), [0; 0]);
    }
}
