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

# Columns of tables. A name: `head-`, and the column's.

head-due = DUE (CHINA)
head-channel = CHANNEL
head-merchant = MERCHANT
head-id = ID
head-state = STATE
head-is-open = OPEN
head-filed = FILED (CHINA)
head-reply-due = REPLY (CHINA)
head-finish-due = FINISH (CHINA)
head-deadline = DEADLINE
head-amount = YUAN
head-apply-refund-amount = REFUND (YUAN)
head-transaction-id = TRANSACTION
head-out-trade-no = OUT_TRADE_NO
head-wxa-out-trade-no = WXA_OUT_TRADE_NO
head-wx-order-id = WX_ORDER_ID
head-service-order-id = SERVICE_ORDER_ID
head-out-order-no = OUT_ORDER_NO
head-problem-type = WANTS
head-user-complaint-times = TIMES
head-payer-phone = PHONE
head-problem-description = ABOUT
head-complaint-detail = DETAIL
head-waiting = WAITING
head-complaint = COMPLAINT
head-note = NOTE
head-asked = ASKED (CHINA)
head-act = ACT
head-by = BY
head-ended = ENDED (CHINA)
head-key = KEY
head-words = WORDS
head-time = TIME (CHINA)
head-number = NUMBER
head-event = EVENT
head-of = OF
head-check = CHECK
head-found = FOUND

# Values of tables and sheets.

flag-yes = yes
flag-no = no
waiting-now = now
waiting-yes = yes
coded-word = { $code }, { $words }
explained-code = { $code }: { $words }
china-time = { $time } (China)
amount-yuan = { $yuan } yuan
amount-asked = { $yuan } yuan asked for
phone-decrypt = encrypted; --decrypt shows it
phone-by-form = encrypted, by its form; JSON output has it
phone-encrypted = encrypted
pictures-count = { $count ->
    [one] [1 picture]
   *[other] [{ $count } pictures]
}
outline-none = (none)

due-act-reply = reply
due-act-finish = finish
due-at = { $time } (China), { $status }
due-continued-at = { due-at }; { due-from-continuation }
due-lapsed-at = { china-time }, { due-said-over }
due-says-wechat-pay-customer-service = { source-wechat-pay-customer-service }, { $page }
due-says-document = { source-document }
due-says-taken-as-wechat-pays = { source-taken-as-wechat-pays }

list-count = { $count ->
    [one] 1 complaint
   *[other] { $count } complaints
}
list-none = no complaints
list-none-between = no complaints from { $from } to { $to }
inbox-note-unread = not read yet
inbox-note-again = to be read again
inbox-acts = acts:
inbox-events = events:
inbox-history = history:

# The names of a sheet's lines, and of the texts and lists below them.

line-complaint = complaint
line-filed = filed
line-state = state
line-reply-due = reply due
line-finish-due = finish due
line-source = due, says
line-merchant = merchant
line-against = against
line-wants = wants
line-refund = refund
line-amount = amount
line-order = order
line-service-order = service order
line-phone = phone
line-times = times
line-tags = tags
line-note = note
line-about = about
line-status = status
line-until = until
line-appeal = appeal
line-bought = bought
line-paid = paid
line-yours = yours
line-return = return
line-task = task
line-trade = trade
line-handled = handled
line-handled-at = handled at
line-in-the-inbox = in the inbox
line-read = read
line-notification = notification
line-event = event
line-made = made
line-company = company
line-record = record
line-penalty = penalty
line-penalised = penalised
line-risk = risk
line-pushed = pushed
line-payer = payer
line-retry = retry
line-request = request
line-case = case
line-kind = kind

below-payers-words = in the payer's words:
below-your-words = in your words:
below-platforms-words = in the platform's words:
below-pictures = pictures:
below-pictures-download = pictures (for `image download`):

note-immediate-command = { note-immediate } Use `complaints reply --immediate`.
appeal-open-command = { appeal-state-401 }: `mini-program appeal`
order-empty = the server returned no details
order-refunded = refunded { $time }
timeline-history-empty = the history is empty

violation-punish = a merchant of this service provider is penalised
violation-intercept = an interception at a merchant of this service provider
violation-appeal = an appeal of a merchant of this service provider
risk-transaction-dispute = disputes with payers about transactions

pushed-complaint = a payer filed a complaint about virtual payment
pushed-restriction = WeChat Pay restricts the merchant, or lifts a restriction; no complaint
pushed-number = { $id }: `complaints show { $id } --via virtual-payment`
pushed-no-number = no number in this push: `complaints list --via virtual-payment`, and compare the order

# Notes on standard error.

warn-misfit = note: { $of }{ $misfit }; JSON output prints it unchanged
warn-left-out = note: { $misfit }; the confirmation does not show it
warn-more = note: { $of }{ $more } more members cannot be read
warn-of-complaint = complaint { $id }:{ " " }
warn-of-entry = entry { $id }:{ " " }
warn-due-history = note: the deadlines are not known, since its history cannot be read: { $told }
warn-due-complaint = note: the deadlines are not known, since the complaint cannot be read: { $told }
warn-entries = note: some entries cannot be read; JSON output prints them unchanged
warn-documents = note: the documents of { $count } complaints cannot be read; their columns are empty

progress-complaints = read { $count } complaints
progress-entries = read { $count } entries
progress-backup = copying the inbox

# Questions before a change, and what was done.

confirm-go-ahead = Go ahead? [y/N]
confirm-complaint = Complaint { $id }
confirm-complaint-in = Complaint { $id } ({ $state })
ask-reply = Your reply, which the payer reads:
ask-reply-immediately = Your immediate reply, which the payer reads:
ask-complete = The complaint will be completed: you have dealt with it.
ask-approve = The refund will be approved. It moves no money: make the refund itself too.
ask-approve-of = The refund of { $yuan } yuan will be approved. It moves no money: make the refund itself too.
ask-reject = The refund will be rejected. The payer reads the reason:
ask-reject-of = The refund of { $yuan } yuan will be rejected. The payer reads the reason:
ask-agree = You will agree to settle, and say:
ask-refuse = You will refuse, and say:
ask-supply-proof = You will supply this proof:
ask-supply-refund = You will supply this proof of a refund or of another remedy:
ask-appeal = You will appeal:

callback-complaints = Complaints
callback-penalties = Penalties
callback-create = { $posted } will be posted to { $url }.
callback-update = { $posted } will be posted to { $url }, and no longer to the present URL.
callback-ensure = { $posted } will be posted to { $url }, in place of any other URL.
callback-delete = { $posted } will no longer be posted.
callback-none = no URL is registered

users-none = no users
users-added = added { $name }; a server that runs reads it on SIGHUP: `systemctl reload complaints`, or `kill -HUP` and its process
users-removed = removed { $name }; a server that runs reads it on SIGHUP: `systemctl reload complaints`, or `kill -HUP` and its process
users-changed = changed { $name }; a server that runs reads it on SIGHUP: `systemctl reload complaints`, or `kill -HUP` and its process
secret-password = password
secret-new-password = new password
secret-ask = { $what }:
secret-again = { $what }, again:

warn-handlestate = note: beside its response to { $operation } the platform says handlestate { $state }{ $words }; the response is signed, but may be incomplete

# `init`: a question has the name of its section and its member.

init-relative = File names are relative to { $folder }. Keys and secrets stay in their files: give the names.
init-this-folder = this folder
init-written = { $path } is written, for you alone; try it: `complaints doctor --config { $path }`
init-configure-wechat-pay = Configure WeChat Pay? [y/N]
init-configure-mini-program = Configure a Mini Program? [y/N]
init-configure-virtual-payment = Configure the Mini Program's virtual payment? [y/N]
init-configure-allinpay = Configure Allinpay? [y/N]
init-always = { $question }:
init-optional = { $question } (Enter: none):
init-default = { $question } (Enter: { $value }):
init-wechat-pay-mchid = Merchant's number (mchid)
init-wechat-pay-private-key = File of the merchant's private key, apiclient_key.pem
init-wechat-pay-certificate = File of the merchant's certificate, apiclient_cert.pem
init-wechat-pay-serial-no = Serial number of the merchant's certificate
init-wechat-pay-apiv3-key-file = File of the APIv3 key, 32 characters
init-wechat-pay-platform-keys-id = Id of WeChat Pay's public key, PUB_KEY_ID_…; without one, the platform's certificates are fetched
init-wechat-pay-platform-keys-file = File of that public key
init-mini-program-appid = Application's id, wx…
init-mini-program-app-secret-file = File of the AppSecret, to read complaints and to reply
init-mini-program-token-file = File of the push's Token, to receive complaints
init-mini-program-mode = Mode of the push, as in the console: compatible or secure
init-mini-program-encoding-aes-key-file = File of the EncodingAESKey, 43 characters
init-virtual-payment-environment = Environment of the AppKey: production or sandbox
init-virtual-payment-app-key-file = File of the AppKey
init-allinpay-appid = Application's id (appid)
init-allinpay-cusid = Merchant's number (cusid)
init-allinpay-orgid = Number of the group or agent (orgid)
init-allinpay-private-key = File of the merchant's private key
init-allinpay-platform-key = File of Allinpay's public key

# `doctor`: the states and names of checks, and what was found.

finding-ok = ok
finding-warning = warning
finding-failed = failed
finding-unchecked = unchecked
check-sections = sections
check-merchant = merchant
check-private-key = private key
check-certificate = certificate
check-older-keys = older keys
check-apiv3-key = APIv3 key
check-platform-keys = platform keys
check-platform-key = platform key
check-platform = platform
check-keys-at-the-platform = keys at the platform
check-secrets-at-the-platform = secrets at the platform
check-clock = clock
check-notification-url = notification URL
check-push-url = push URL
check-webhook = webhook
check-app-secret = app secret
check-app-key = AppKey
check-token = token
check-push = push
check-file-modes = file modes
check-addresses = addresses
check-listener = listener
check-webhooks = webhooks
check-api-tokens = API tokens
check-users = users
check-replies = reply templates
check-database = database
check-writable = writable
check-disk = disk
check-endpoint = endpoint
check-recipient = recipient

doctor-ends = { $serial } ends { $end } (China)
doctor-ends-soon = { $serial } ends { $end } (China), in { $days } days; replace it before
doctor-clock-untold = no response of the platform told its time
doctor-clock-same = the same as the platform's
doctor-clock-behind = this machine is { $seconds } s behind the platform
doctor-clock-ahead = this machine is { $seconds } s ahead of the platform
doctor-clock-set = { $clock }; set the clock: from { $window } s on, messages are refused
doctor-keys-first = the keys have to be mended first
doctor-secrets-first = the secrets have to be mended first
doctor-form = of the right form
doctor-key-kind = of the kind of `sign_type`
doctor-another-kind = another kind
doctor-serial = serial { $serial }
doctor-application = application { $appid }
doctor-environment = for { $environment }
doctor-older-keys = { $count } for old fields
doctor-apiv3-length = 32 bytes
doctor-apiv3-none = none: notifications cannot be decrypted; name its file with apiv3_key_file
doctor-platform-keys-none = none: the platform's certificates are fetched, and the APIv3 key decrypts them
doctor-keys-verify = both sides verify, and sensitive fields decrypt
doctor-keys-verify-alone = both sides verify; without a public key of the platform, no sensitive field was tried
doctor-keys-list = both sides verify: today's list was read
doctor-pay-sig = today's list was read, with a `pay_sig` that the platform accepts
doctor-token-issued = a token was issued, and the penalties were read with it
doctor-app-secret-none = none: complaints cannot be read or replied to; name its file with app_secret_file
doctor-token-none = none: no push can be received; name its file with token_file, and set `mode`
doctor-plain = the mode `plain` signs no message: set secure or compatible, here and in the console
doctor-push-form = the token and the EncodingAESKey are of the right form
doctor-url-untold = the platform has no interface that tells it; see the console ({ $menu })
doctor-url-wanted = the platform has no interface that tells it; the console must have { $url }
doctor-posted = complaints are posted to { $url }
doctor-posted-elsewhere = complaints are posted to { $url }, not to { $wanted }; `complaints callback ensure` replaces it
doctor-url-none = none is registered: `complaints callback ensure { $url }` registers one
doctor-echoes = { $url } echoes what the token signs, and nothing else
doctor-refuses = { $url } refuses a false signature, as it has to
doctor-refuses-otherwise = { $url } refuses a false signature with { $status }, in other words than this library's; make sure that your service is there, and responds to genuine messages with 2xx
doctor-onward-form = a URL and secrets of the right form
doctor-notice-usable = usable; `complaints notice test { $name }` sends a message
doctor-addresses = webhooks { $webhooks }, desk { $desk }
doctor-listener = the certificate and the key belong together
doctor-webhooks = every account can be received for
doctor-tokens-none = none yet: `complaints token add NAME --may act` makes one
doctor-users-none = none yet: `complaints users add NAME --may act` adds one; until then the page is entered by the link that `serve` prints
doctor-database-sound = { $path }: sound
doctor-database-none = { $path }: none yet; `complaints serve` makes it
doctor-disk-free = { $free } MiB free
doctor-disk-little = { doctor-disk-free }; a full disk refuses messages: make room
doctor-disk-unix = free space is asked for on Unix alone
doctor-modes-unix = who may read files is asked for on Unix alone
doctor-mode-open = { $file }: its mode { $mode } lets others read or change it; chmod 0600, or 0640 for the server's group
doctor-modes-private = no other users may read or change the files of keys and secrets

# `listen`, `serve`, `sandbox`.

message-notification = notification
message-push = push
message-notice = notice
listen-until = listening until Ctrl-C; messages are acknowledged, and stored nowhere
listen-forward = handed on to { $url }
listen-forwarded = , handed on: { $status }
listen-unsigned = , not signed: anyone may have sent it
listen-unreadable = , unreadable: { $why }
listen-refused = refused a { $message }: { $why }

serve-webhooks = webhooks at { $url }
serve-desk = page     at { $url }
serve-inbox = inbox    in { $path }
serve-until = until Ctrl-C
serve-until-sandbox = until Ctrl-C; simulated platforms at { $url }. From another terminal:
serve-link = the page, without users: this link works once, within an hour
serve-users = to add a user, which ends the link:
sandbox-until = simulated platforms at { $url }, until Ctrl-C; from another terminal:
sandbox-trigger = to have something happen:
sandbox-file = to file another complaint:
exchange-no-response = no response
exchange-acknowledged = acknowledged
exchange-not-acknowledged = not acknowledged
exchange-delivery = { $about } to { $path }, attempt { $attempt }: { $status }, { $outcome }

# `explain`: the checks, and how each ended.

explain-checks = checks:
explain-passed = passed
explain-failed = failed
explain-not-reached = not reached
explain-line = { $result }: { $check }
explain-line-detail = { $result }: { $check }: { $detail }
explain-unsigned = a refusal without a signature, as 401 and gateways send it
explain-check-size = size
explain-check-headers = headers
explain-check-probe = probe
explain-check-clock = clock
explain-check-key = key
explain-check-signature = signature
explain-check-envelope = envelope
explain-check-decryption = decryption
explain-check-status = status
explain-check-body = body
explain-check-list = list
explain-check-certificates = certificates
explain-check-own-public-key = own public key
explain-check-query-and-envelope = query and envelope
explain-check-application = application
explain-check-message = message
explain-check-environment = environment
explain-check-given-pay-sig = given pay_sig
explain-check-members = members
explain-check-retcode = retcode
explain-check-handlestate = handlestate
explain-check-records = records
explain-check-fields = fields
explain-check-signtype = signtype
explain-check-notice = notice

# `demo`.

demo-platforms = platforms at { $url }
demo-posted = complaints are posted to { $url }
demo-stored = complaint { $id } was filed: verified, opened, stored
demo-decrypted = complaint { $id } was filed: verified, decrypted, stored
demo-found = complaint { $id } was filed: verified, decrypted, found
demo-tried = the platform tried { $url }, signed
demo-task = task { $task }: verified, stored
demo-agreed = agreed: { $words }
demo-responded = the payer responded
demo-completed = the complaint is dealt with
demo-no-longer = complaints are no longer posted
demo-entries = { $count ->
    [one] 1 entry
   *[other] { $count } entries
}
demo-listed = { list-count }: signed with SM2, verified
demo-since = { $state } since { $time }: { $words }
demo-until = { $state } until { $time }: { $words }
demo-steps = { $count } steps; the history of WeChat Pay's complaint:

# `explain`: the changes under which a signature verifies, their usual places, and what cannot be tried.

undo-final-newline = the body without its final newline
place-line-end-added = a line end was added: an editor, `echo`, a log
undo-no-final-newline = the body with a final newline added
place-line-end-lost = the line end was taken away: a shell's `$(…)`, a trimmed string
undo-blanks = the body without the blanks around it
place-blanks = blanks were added: copying, a log
undo-nuls = the body without the NULs after it
place-buffer = a whole buffer was written, beyond the end of the body
undo-crlf = the body with LF for CRLF
place-crlf = line ends were changed: Windows, a file moved in text mode
undo-lf = the body with CRLF for LF
place-lf = line ends were changed: a file moved in text mode, git
undo-bom = the body without its byte-order mark
place-bom = a byte-order mark was added: Windows' editors and shells
undo-utf-16 = the body in UTF-8 for UTF-16
place-utf-16 = it was stored in UTF-16: PowerShell's `>`, Windows' editors, a database
undo-chunks = the body without the sizes of HTTP's chunks
place-chunks = it was read below HTTP: a raw socket, a packet capture
undo-literal = the body taken out of a string literal
place-literal = it was copied from source text, a debugger or a log of Java, PHP, JavaScript or Python, with its escapes
undo-hex = the body with bytes for its `\x` escapes
place-hex = it was copied from nginx's access log, which escapes quotation marks and everything beyond ASCII
undo-html = the body without HTML's escapes
place-html = it was escaped for HTML: a web page, `htmlspecialchars`, a filter against scripts
undo-read-as-latin-1 = the body with its characters taken as bytes of Latin-1
place-read-as-latin-1 = its UTF-8 was read as Latin-1 or Windows-1252: a servlet, a driver or an editor without a character encoding
undo-latin-1 = the body in UTF-8 for Latin-1
place-latin-1 = it was written in Latin-1: a program without a character encoding
undo-slashes = the body with `/` for `\/`
place-slashes = a JSON writer escaped slashes: PHP's `json_encode`
undo-no-slashes = the body with `\/` for `/`
undo-unicode = the body with UTF-8 for `\u` escapes
place-unicode = a JSON writer escaped what is beyond ASCII: PHP's `json_encode`, Python's `json.dumps`
undo-no-unicode = the body with `\u` escapes for UTF-8
undo-markup = the body with `<`, `>`, `&`, `=` and `'` for their `\u` escapes
place-markup = a JSON writer escaped for HTML: Go's `encoding/json`, Gson
undo-percent = the body with its percent-escapes decoded
place-percent = it was encoded for a URL or a form
undo-form = the body form-decoded
place-form = it was encoded as a form: blanks as `+`, the rest as percent-escapes
undo-equals = the body without the `=` after it
place-equals = a form parser took the whole body for the name of a parameter
undo-parameter = the body without the parameter's name before it
place-parameter = it was handed on as a parameter of a form
undo-base64 = the body that base64 stands for
place-base64 = a gateway hands bodies on in base64: a cloud function, a message queue
undo-doubled = the body with one `"` for each two, without those around it
place-doubled = it was copied from a CSV export or a verbatim string of C#
undo-member = the text of the member `body`
place-member = a gateway hands the request on as an event, with the body as a text in it
undo-surroundings = the body without what stands before and after it
place-surroundings = a log's words, or the headers, stand around it
undo-blanks-within = the body minified
place-blanks-within = it was written again with blanks between its members: a formatter, a document store, Python's `json.dumps`
variant-sign-plus = the signature with `+` for its blanks
variant-sign-percent = the signature with its percent-escapes decoded
variant-sign-url-safe = the signature with `+` and `/` for its `-` and `_`
variant-sign-slashes = the signature with `/` for its `\/`
variant-sign-html = the signature without HTML's escapes
variant-sign-quotes = the signature without the blanks and quotes around it
variant-sign-blanks = the signature without the line ends and blanks within it
variant-sign-padding = the signature with the padding that is missing after it
variant-sign-hex = the signature read as hexadecimal
variant-sm2-empty = an empty SM2 user id
variant-sm2-allinpay = the SM2 user id `Allinpay`
variant-raw-for-der = a raw r‖s signature where DER is due
variant-sha-1 = SHA-1 for SHA-256
variant-query-html = the query without HTML's escapes
variant-push-unchanged = the message as it is
variant-query-signature = the query alone: `signature` stands where `msg_signature` belongs
variant-query-plain = the query alone: the message came in clear, as in plain mode
variant-query-encrypted = the encrypted message: `msg_signature` stands where `signature` belongs, as in compatible and secure mode
variant-sign-lower = the signature in lower case
variant-token-blanks = the token without blanks around it
variant-token-line = the token with a line feed after it
variant-encrypt-plus = `Encrypt` with `+` for its blanks
variant-pay-sig-unchanged = the path and the body unchanged, in the documented way
variant-pay-sig-capitals = hexadecimal in capitals, where small letters are due
variant-pay-sig-quotes = with blanks or quotes around it
variant-pay-sig-base64 = base64, where hexadecimal is due
variant-pay-sig-body = over the body alone, without the path and `&`
variant-pay-sig-no-mark = over the path and the body without `&` between them
variant-pay-sig-path = over the path alone
variant-pay-sig-no-body = over the path and `&`, without the body
variant-pay-sig-no-slash = over the path without the `/` before it
variant-pay-sig-address = over the whole address in place of the path
variant-pay-sig-query = over the path with `?` after it
variant-pay-sig-order = over the body before the path
variant-pay-sig-env = over a body with the other `env`
variant-app-key-line = with a line feed after the AppKey
variant-app-key-empty = with an empty AppKey
variant-app-key-hex = with the AppKey decoded as hexadecimal
variant-app-key-base64 = with the AppKey decoded as base64
variant-app-secret = with the Mini Program's app secret as the AppKey
variant-hmac-sha-1 = by HMAC-SHA1
variant-hmac-exchanged = with the key and the message exchanged
variant-sha-before = by SHA-256 without HMAC, the AppKey before the message
variant-sha-after = by SHA-256 without HMAC, the AppKey after the message
variant-sm2-default = the SM2 user id `1234567812345678` instead of `Allinpay`
variant-sm2-appid = the appid as the SM2 user id instead of `Allinpay`
variant-sm2-none = an empty SM2 user id instead of `Allinpay`
variant-der-for-raw = a DER signature where raw r‖s is due
variant-sha-256 = SHA-256 for SHA-1
place-rewritten = a framework parsed the body and wrote it anew: store the bytes before anything parses them
variant-both = { $first }, and { $second }
variant-unchanged = the message unchanged, under its key: the key's validity failed, or the algorithm that Wechatpay-Signature-Type names
variant-another-key = the key { $id } instead of the one the message names
variant-response-unchanged = the response unchanged: `sign_type` does not fit
variant-notice-unchanged = the notice unchanged: `sign_type` does not fit
variant-notice-json = the fields as a form: here they are JSON
variant-other-key = { $key } instead of the configured one
published-key-rsa-production-key = the platform's RSA production key
published-key-rsa-test-key = the platform's RSA test key
published-key-sm2-production-key = the platform's SM2 production key
published-key-sm2-test-key = the platform's SM2 test key
published-key-own = the merchant's own key
lost-wechat-pay = these changes cannot be undone: members in another order, numbers and texts parsed and written in another way, text cut or masked in a log, UTF-8 read as GBK; store the body's bytes before anything parses them
lost-push = these changes cannot be undone: a text cut or masked in a log, a body parsed and written anew; store the body's bytes before anything parses them; or compare `token_file` with the console: the token may be another one
lost-plain = in plain mode the signature covers the query alone: store the query unchanged, and compare `token_file` with the console
lost-pay-sig = these causes cannot be tried: the AppKey of the other environment (the console has one each), a session_key in its place (that signs `signature`, of other interfaces), a query after the path, members in another order, numbers and texts written in another way; sign the very bytes that are sent
lost-allinpay = these changes cannot be undone: members left out or added, numbers and objects parsed and written in another way, text cut or masked in a log, UTF-8 read as GBK; store the body's bytes before anything parses them
lost-notice = these changes cannot be undone: fields left out or added (a framework that reads known fields only), text cut or masked in a log, UTF-8 read as GBK; store the body's bytes before anything parses them
lost-empty = the body is empty: a stream can be read once, and it may have been read before
lost-compressed = the body is compressed ({ $format }), and the signature covers the text: decompress it, and try again
lost-gbk = the body is not UTF-8; if it was stored as GBK, `iconv -f GBK -t UTF-8` undoes that: try again with its output
lost-replaced = the body holds U+FFFD: a program replaced bytes that were not UTF-8, and they are lost
lost-forged = it may also be signed with another key, or forged
