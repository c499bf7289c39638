# The page of one complaint, the unreadable messages and the journal.

complaint-title = Complaint { $id }
complaint-unread = The platform was not asked about this complaint yet. It shows here soon; load the page again.
complaint-lags = The platform reported a change, and the complaint is being read again.
complaint-all = Show all
complaint-unknown-document = The platform's document cannot be read. The history and the forms below may be incomplete.

due-heading = Due
due-reply = Reply
due-finish = Completion
due-nothing = Nothing is due from you.
due-said-over = overdue, says the platform
due-from-filing = counted from the filing, { $start } (China)
due-from-continuation = counted from the payer's latest continuation, { $start } (China); not confirmed
due-from-platform = the platform gives this time itself
due-unknown-continued = not known: the payer continued the complaint, and its history tells when
due-unknown-state = not known: the state is missing or a new one
due-unknown-not-the-merchants = not known: the time that the platform gives is not the merchant's
due-unknown-time = not known: the platform gives no time that can be read
source-wechat-pay-customer-service = WeChat Pay's customer service
source-document = the platform, in the complaint itself
source-taken-as-wechat-pays = taken as WeChat Pay's; not confirmed for this channel
due-source-wechat-pay-customer-service = Source: { source-wechat-pay-customer-service }
due-source-document = Source: { source-document }
due-source-taken-as-wechat-pays = Taken as WeChat Pay's rule; not confirmed for this channel
due-lapse = In this state the platform waits 48 hours. Supply the proof before it closes the case against you.

sheet-heading = The complaint
sheet-state = State
sheet-channel = Channel
sheet-merchant = Merchant
sheet-accused = Accused merchant
sheet-filed = Filed
sheet-amount = Amount
sheet-transaction = WeChat Pay's order number
sheet-trade = Alipay's trade number
sheet-order = Your order number
sheet-wx-order = Virtual order number
sheet-service-order = Service order
sheet-product = Product
sheet-about = Subject
sheet-demand = Demand
sheet-refund-wanted = Refund asked for
sheet-refunded = Refunded
sheet-paid = Paid
sheet-times = Times complained
sheet-tags = Marks
sheet-appeal = Appeal
sheet-return = Return of the goods
sheet-returned-at = Returned
sheet-outcome = Outcome
sheet-remark = Note
sheet-words = In the payer's words
sheet-no-words = The payer wrote nothing.
sheet-notes = To note
sheet-phone = Telephone
sheet-phone-none = none left
sheet-phone-masked = hidden
sheet-phone-show = Show the number
sheet-phone-recorded = Each time is recorded.
sheet-phone-looks = { $times ->
    [one] Shown once, last to { $by } at { $time }
   *[other] Shown { $times } times, last to { $by } at { $time }
}
sheet-pictures = Pictures

note-response-waits = A message of the payer waits for a reply.
note-immediate = The payer waits for immediate service.
note-assisted = The platform is assisting.
note-refunded = Every order is refunded in full.
note-agent = The payer's AI agent filed it.

timeline-heading = What happened
timeline-empty = No history was read yet.
timeline-no-history = Alipay's complaints have no history.
timeline-unreadable = This entry cannot be read.
timeline-news = The history has new entries since you began to write; they are marked. Read them before you send.
timeline-new = new
timeline-link = Link: { $text }
timeline-button = Button: { $text }
timeline-question = Question: { $text }
timeline-picture-shown = A picture that the platform shows only to the payer.

picture-one = Picture { $number }
picture-wanted = Picture { $number } is being fetched; load the page again.
picture-given-up = Picture { $number } could not be fetched: { $reason }
picture-large = Open picture { $number } in its size

asked-heading = What was asked for
asked-none = Nothing was asked for yet.
asked-line = { $by } asked for it at { $time } (China)
asked-ended = ended at { $time } (China)
asked-reason = Reason:
asked-quote = The platform's words:
told-quoted = { $ours } The platform said: “{ $quote }”.
asked-pictures = { $count ->
    [one] 1 picture
   *[other] { $count } pictures
}
asked-unknown-do = It may have happened, and is not sent again. Look at the history, then decide.
asked-day-today = the refund starts today
asked-days = { $days ->
    [one] the refund starts in 1 working day
   *[other] the refund starts in { $days } working days
}

act-heading = Act
act-read-only = You may read only. An administrator can let you act.
act-nothing = The complaint is completed. Nothing is to be done.
act-no-account = The server's configuration has not this complaint's account, so nothing can be sent.
act-unread = Forms appear once the complaint was read.

form-reply = Reply to the payer
form-reply-immediately = Immediate reply
form-complete = Complete the complaint
form-approve-refund = Approve the refund
form-reject-refund = Reject the refund
form-supply-proof = Supply proof
form-supply-refund = Supply proof of the refund
form-appeal = Appeal
form-process = Tell Alipay the outcome

form-reply-send = Send the reply
form-reply-immediately-send = Send the immediate reply
form-complete-send = Complete now
form-approve-refund-send = Approve
form-reject-refund-send = Reject
form-supply-proof-send = Send the proof
form-supply-refund-send = Send the proof
form-appeal-send = Send the appeal
form-process-send = Tell the outcome

form-reply-immediately-about = The payer waits for immediate service and sees this at once.
form-complete-about = This tells the platform that the complaint is dealt with. Reply first: the payer may complain again.
form-approve-refund-about = This tells the payer that you will refund. It moves no money: make the refund where you always do.
form-reject-refund-about = The payer reads the reason. It moves no money.
form-supply-proof-about = The platform asked for proof.
form-supply-refund-about = Show that you refunded or made it good. It moves no money.
form-appeal-about = Say why the platform's decision is not right.
form-process-about = This ends the complaint. It moves no money: make a refund where you always do.

form-text = Text
form-reason = Reason, for the payer
form-remark = Note, for yourself
form-pictures = Pictures
form-pictures-again = Choose the pictures again: the page cannot keep them.
form-pictures-about = Up to { $most }, JPG, PNG or BMP, each at most { $megabytes } MB
form-count = { $limit ->
    [one] At most 1 character
   *[other] At most { $limit } characters
}
form-left = { $left } characters left
form-over = { $over } characters too many
form-days = Working days until the refund starts (0 is today)
form-agrees = Do you settle with the payer?
form-agrees-yes = We agree to settle
form-agrees-no = We refuse
form-outcome = Outcome
form-choose = choose
form-accept-return = The goods came back: the platform's code
form-template = Template
form-template-use = Use it
form-template-none = no template
form-template-reloads = The page is loaded again, without what you have written and chosen: take a template first.

notice-asked = It was asked for, and is sent once.
notice-again = This was asked for before, and is sent once.
notice-in-hand = { $by } asked for the same at { $time } (China), and that has not ended. Yours was not sent. Your text is below.
notice-stale = The payer has done something since you opened the page. Nothing was sent. Read what is marked as new, then send your text below.
notice-other-content = This form was sent before with other content, whose state is below. Nothing else was sent. Send the form below, if you want to send this too.
notice-kept = The log-in had ended, and nothing was sent. Your text is below; look at it, then send it.
notice-failed = The inbox could not be written. Nothing was sent. Your text is below; send it again.

wrong-empty = The text is missing.
wrong-long = The text has { $count } characters; the platform takes { $limit }.
wrong-emoji = The platform takes no emoji and no rare characters: remove { $character }.
wrong-placeholder = The text still has { $placeholder }. Put in what is missing.
wrong-pictures = Too many pictures: at most { $most }.
wrong-picture-large = A picture is larger than { $megabytes } MB. Make it smaller.
wrong-picture-kind = A file is no JPG, PNG or BMP.
wrong-upload = The platform did not take a picture, and nothing was sent. { $reason }
wrong-upload-late = A picture did not reach the platform in time, and nothing was sent.
wrong-choice = Choose one of the possibilities.
wrong-days = The days are a whole number from 0 to { $most }.
wrong-nothing = Write a text or add a picture.
wrong-not-possible = The complaint does not take this now. Look at its state.

letter-heading = Unreadable messages
letter-about = These came from the platforms and could not be read. Look at each in the platform's own desk, then mark it as dealt with.
letter-empty = There is none.
letter-number = Message { $number }
letter-reason = Why it cannot be read
letter-complaint = Complaint
letter-content = Content, { $bytes } bytes
letter-is-binary = No text; shown in base64
letter-show = Show the content
letter-done = Mark as dealt with
letter-is-cut = The beginning; the API has all of it.
letter-next = Further messages

journal-heading = Who did what
journal-empty = Nothing is recorded yet.
journal-when = When (China)
journal-who = Who
journal-what = What
journal-complaint = Complaint
journal-detail = Detail
journal-next = Earlier

deed-log-in = logged in
deed-log-in-failed = failed to log in
deed-log-out = logged out
deed-act-asked = asked for an act
deed-phone-shown = was shown a telephone number
deed-export = exported a table
deed-letter-shown = saw an unreadable message
deed-letter-done = dealt with an unreadable message

problem-no-phone = The complaint has no telephone number.
problem-no-account = The server's configuration has not this complaint's account. Tell the administrator.
problem-no-key = No key decrypts the telephone number. Tell the administrator.
problem-given-up = The picture could not be fetched.
problem-timed-out = The form did not arrive in time, and nothing was sent. Try again with smaller pictures.
