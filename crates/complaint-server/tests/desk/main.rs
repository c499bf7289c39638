//! The API over every store: one suite, run over each of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod acting;
mod entering;
mod feed;
mod listening;
mod looking;
#[cfg(feature = "aws-lc-rs")]
mod phoning;
mod picturing;
#[macro_use]
mod suite;
mod watching;
mod world;

suite! {
    entering:
        a_request_without_a_token_of_the_file_is_refused
        a_token_that_may_read_asks_for_nothing
        a_token_that_was_removed_is_refused
        an_unknown_host_and_a_foreign_origin_are_refused
        an_unknown_address_and_method_are_refused
        responses_stay_out_of_caches_and_frames;
    looking:
        the_list_begins_with_the_earliest_deadline
        the_list_shows_what_its_parameters_say
        the_list_is_read_in_pages
        a_complaint_is_shown_whole_with_every_digit
        a_complaint_that_is_not_there_is_not_found
        letters_are_shown_to_those_who_may_act_and_removed;
    picturing:
        a_picture_is_shown_by_its_first_bytes_and_nothing_else_is_shown
        a_picture_that_is_not_fetched_is_told
        a_picture_that_did_not_change_is_not_sent_again
        a_complaint_lists_its_pictures;
    acting:
        an_act_is_asked_for_and_shown_as_it_stands
        the_same_request_again_gets_its_act
        a_key_with_other_content_is_a_conflict
        another_act_of_the_kind_in_hand_is_a_conflict
        an_act_is_stale_once_the_payer_has_written
        an_act_needs_if_match
        an_act_needs_a_key_of_its_form
        an_act_on_no_complaint_is_not_found
        a_body_that_is_no_act_is_refused_and_not_quoted
        a_body_has_its_bound;
    feed:
        the_feed_goes_on_after_a_number
        a_reader_that_is_ahead_of_the_feed_is_told
        the_stream_has_events_with_their_numbers;
    watching:
        the_server_is_alive_and_ready_without_a_token
        the_metrics_count
        dead_events_are_replayed
        an_endpoint_that_is_no_more_is_forgotten;
}
