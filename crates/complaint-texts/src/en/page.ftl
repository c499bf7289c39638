# The page.

page-title = Transaction complaints
page-skip = To the content
page-language-other = 中文

nav-label = Navigation
nav-complaints = Complaints
nav-letters = Unreadable messages
nav-numbers = Numbers
nav-journal = Journal
nav-log-out = Log out
nav-user = User: { $name }

list-title = Open complaints
list-empty = No complaint fits.
list-due = Due
list-state = State
list-channel = Channel
list-merchant = Merchant
merchant-named = { $name } (merchant { $number })
list-id = Complaint
list-filed = Filed
list-amount = Amount
list-next = Next page
list-status = Deadline
list-product = Product
list-search = Search (number, order, words)
list-all = all
list-show = Show
list-show-open = open ones
list-show-all = all complaints
list-filter = Filter
list-china = All times are China's.
list-csv = Download the table (CSV)
count-over = { $number } over
count-near = { $number } near

live-changed = The list has changed.
live-ended = Updates have stopped. Log in again.
live-paused = Updates have stopped for now. The page tries again.

numbers-title = Numbers
numbers-from = From
numbers-to = To
chart-filed = Complaints · { $by }
chart-filed-words = A bar is as long as complaints were filed; the hatched part is overdue.
chart-replied = Replied within 24 hours · { $by }
chart-finished = Finished within 72 hours · { $by }
chart-share-words = In percent of the complaints, without those whose time is not known.
chart-repeated = Repeated · { $by }
chart-repeated-words = A bar is as long as complaints were filed; the hatched part was filed again.
numbers-by-day = By day
numbers-by-merchant = By merchant
numbers-day = Day
numbers-filed = Filed
numbers-replied = Replied within 24 h
numbers-replied-late = Replied later
numbers-reply-unknown = Reply unknown
numbers-finished = Finished within 72 h
numbers-finished-late = Finished later
numbers-finish-unknown = End unknown
numbers-repeated = Repeated
numbers-overdue = Overdue
numbers-total = Total
numbers-words = Counted on the day of filing, in China. An unknown time is not counted as late.

left-hours = { $hours ->
    [one] { $hours } hour left
   *[other] { $hours } hours left
}
left-minutes = { $minutes ->
    [one] { $minutes } minute left
   *[other] { $minutes } minutes left
}
late-hours = { $hours ->
    [one] over for { $hours } hour
   *[other] over for { $hours } hours
}
late-minutes = { $minutes ->
    [one] over for { $minutes } minute
   *[other] over for { $minutes } minutes
}

login-title = Log in
login-name = Name
login-password = Password
login-button = Log in
login-wrong = The name or the password is not right.
login-link = No user was added yet: open the one-time link that the terminal showed at the start.
login-wait = { $minutes ->
    [one] Too many failures. Try again in { $minutes } minute.
   *[other] Too many failures. Try again in { $minutes } minutes.
}
login-wait-seconds = { $seconds ->
    [one] Too many failures. Try again in { $seconds } second.
   *[other] Too many failures. Try again in { $seconds } seconds.
}
login-kept = The log-in had ended, and nothing was sent. Your text comes back into the form once you have logged in.

link-words = This link works once. Press the button to enter.
link-button = Enter

arrival-go-on = Go on

problem-title = Not done
problem-back = Back to the complaints
problem-not-found = It was not found. Go back to the list and look again.
problem-malformed = The address or the form is not complete. Go back to the list and try again.
problem-may-not-act = This user may read, and not act.
problem-no-origin = The browser did not name the origin of the form. Send it from this page.
problem-stale-form = The form belongs to another log-in, and nothing was sent. Load the page again and send it from there.
problem-too-large = The form is too large, and nothing was saved.
problem-store = The database cannot be read or written now, and nothing was saved. Try again later, or tell the administrator.
problem-busy = The server is busy, and nothing was saved. Try again later.
problem-no-such-path = There is no such address. Go back to the list and look again.
problem-method = This address cannot be opened by itself. Go back to the list and try again.
problem-foreign-origin = The request came from another site, and nothing was done. Send it from this page, or tell the administrator.
problem-unknown-host = This is not an address of this server. Use the one that the administrator has given you.
problem-other = The request was not completed. Go back to the list and try again; if that does not help, tell the administrator.
problem-used-link = The link was used, is over, or is another one. Start the server again for a new one, or add a user (complaints users add).
