# Notices in group robots. Each has the word "complaint", which a robot may take as its keyword.

notice-one = complaint notice: { $text }
notice-many = complaint notice: { $count } in all
notice-first = complaint notice: { $count } in all, these { $shown } are due first
notice-id = number: { $id }
notice-state = state: { $state }
notice-reply-due = reply by { $time } China time ({ $left })
notice-finish-due = complete by { $time } China time ({ $left })
notice-words = payer: { $words }
notice-act = an act failed: { $act }, { $outcome }
notice-act-unknown = an act may have happened, check the history first: { $act }
notice-letters = { $count ->
    [one] one message cannot be read; a person has to
   *[other] { $count } messages cannot be read; a person has to
}
notice-dead = { $count ->
    [one] one event could not be handed on; a person has to look
   *[other] { $count } events could not be handed on; a person has to look
}
notice-test = this is a test
