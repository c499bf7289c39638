//! OpenSSL's figures from `openssl speed` on this machine: a neighbour, not a floor. It runs in
//! another process, with another harness. Without the command there are none.

use std::process::Command;

/// Each figure takes this long, in seconds.
const SECONDS: &str = "1";

/// The time for so many bytes by the first of these algorithms that OpenSSL has, in nanoseconds.
pub(crate) fn bytes(algorithms: &[&str], bytes: usize) -> Option<(String, f64)> {
    let figure = |algorithm: &&str| {
        let line = speed(&["-bytes", &bytes.to_string(), "-decrypt", "-evp", *algorithm], "+F:")?;
        let bytes_a_second: f64 = line.rsplit_once(':')?.1.parse().ok()?;
        Some((name(algorithm), bytes as f64 / bytes_a_second * 1e9))
    };
    algorithms.iter().find_map(figure)
}

/// The times of an SM2 signature and of its verification, in nanoseconds.
pub(crate) fn sm2() -> [Option<(String, f64)>; 2] {
    let line = speed(&["sm2"], "+F7:").unwrap_or_default();
    let mut a_second = line.rsplit(':').map(str::parse::<f64>);
    let [verified, signed] = [(); 2].map(|()| a_second.next().and_then(Result::ok));
    [signed, verified].map(|a_second| a_second.map(|a_second| (name("sm2"), 1e9 / a_second)))
}

fn name(algorithm: &str) -> String {
    format!("openssl_{}", algorithm.replace('-', "_"))
}

/// The line of results that begins so.
fn speed(arguments: &[&str], begins: &str) -> Option<String> {
    let output = Command::new("openssl").args(["speed", "-mr", "-seconds", SECONDS]).args(arguments).output().ok()?;
    // It says the same on both.
    let text = String::from_utf8([output.stdout, output.stderr].concat()).ok()?;
    text.lines().find(|line| line.starts_with(begins)).map(str::to_owned)
}
