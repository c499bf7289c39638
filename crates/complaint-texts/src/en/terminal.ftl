# The command line.

checks-passed =
    { $count ->
        [one] the check passed
       *[other] all { $count } checks passed
    }
checks-failed = { $failed } of { $count } checks failed

error-bad-signature = The signature does not verify: the content is forged or was changed on the way. Do not believe it.
error-stale-timestamp = The timestamp is too far from this machine's clock: set the clock; for a stored message, give its time with --now.
error-unknown-key = No certificate or public key of the platform has this serial number: add it to the configuration.
error-probe = This is a probe of the platform's: respond with 4xx or 5xx; it is no message.
error-decrypt-failed = It cannot be decrypted: compare the key of the configuration with the one in the console.
error-malformed = The form of the content is not known; the details follow.
error-missing-header = A header or parameter is missing: give all of them unchanged; a proxy may have dropped them.
error-too-large = The content is too large: the platform sends no such message; refuse it.
error-wrong-appid = Another application or merchant: the message is not for this account.
error-rejected = The platform, or the other side, refused; its words follow.
error-network = No connection, or a timeout: look at the network, the proxy and the clock, then try again.
error-config = The configuration is wrong; the details follow.
error-usage = The command's arguments are wrong, or it was not confirmed; the details follow.
error-may-have-happened = It may have taken effect: look at the complaint's history before you try again.
error-explain = `complaints explain` looks at each step for the reason.
