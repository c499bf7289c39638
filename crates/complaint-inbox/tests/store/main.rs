//! The promises of a [`Store`], kept by every store: one suite, run over each of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod acting;
mod counting;
mod deadlines;
mod handing_on;
mod keeping;
mod looking;
mod people;
mod pictures;
mod reading;
mod receiving;
mod searching;
mod world;

/// The tests of the suite, over each store.
macro_rules! suite {
    ($($area:ident: $($test:ident)*;)*) => {
        mod memory {
            $(mod $area {
                $(#[tokio::test]
                async fn $test() {
                    crate::$area::$test(&crate::world::memory()).await;
                })*
            })*
        }

        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(mod $area {
                $(#[tokio::test]
                async fn $test() {
                    crate::$area::$test(&crate::world::sqlite()).await;
                })*
            })*
        }
    };
}

suite! {
    receiving:
        a_message_is_handled_by_one_copy_and_done_with_its_complaint
        a_message_is_heard_once_however_often_it_is_stored
        a_released_message_is_first_again
        a_reservation_lapses_at_its_end_and_under_a_clock_set_back
        a_handler_that_slept_past_its_lease_stores_nothing_twice
        a_sleeper_cannot_disturb_its_successor
        a_message_of_another_event_spends_its_signature_too
        a_signature_serves_one_message
        a_message_needs_no_reservation
        a_letter_is_kept_once_and_makes_its_complaint_due;
    reading:
        a_complaint_is_read_once_for_each_reason
        a_message_during_a_reading_keeps_the_complaint_due
        a_claim_is_exclusive_until_its_lease_lapses
        a_claim_of_yesterday_holds_under_a_clock_set_back_for_a_lease_at_most
        a_reader_that_was_taken_over_changes_nothing
        claims_go_by_deadline_and_by_source
        the_newest_of_those_that_were_never_read_is_claimed_first
        a_limit_and_a_lease_have_bounds
        a_refused_complaint_is_asked_for_less_and_less_often
        a_message_ends_the_wait_of_a_refused_complaint
        a_sweep_makes_due_what_is_new_or_stands_otherwise
        the_accused_merchant_is_known_before_the_first_reading_and_stays
        an_open_complaint_is_read_again_and_a_closed_one_is_not
        a_history_that_was_not_read_stays;
    deadlines:
        each_deadline_is_near_once_and_over_once
        each_distance_is_near_once
        a_deadline_that_moves_is_near_again
        a_deadline_that_passed_unseen_is_over_alone
        a_clock_that_jumps_repeats_no_event
        a_closed_complaint_has_no_deadlines
        deadlines_are_noted_up_to_the_limit;
    acting:
        an_act_is_asked_for_once_under_its_key
        a_key_with_other_content_is_refused
        one_act_of_a_kind_is_in_hand
        an_act_is_stale_once_the_payer_has_done_more
        an_event_that_does_not_exist_was_not_seen
        an_act_on_an_unknown_complaint_is_refused
        an_act_goes_from_asked_to_done
        a_kept_state_survives_the_process_that_kept_it
        an_act_that_was_taken_over_keeps_and_ends_nothing
        the_state_of_a_claim_is_kept_and_removed_until_it_is_taken_over
        acts_on_one_complaint_go_one_after_the_other
        an_act_that_was_put_back_waits
        every_outcome_is_kept_with_its_reason;
    pictures:
        a_picture_is_wanted_once_for_its_place
        a_picture_is_kept_and_shown
        a_picture_that_failed_waits_until_the_next_reading
        a_failure_is_of_the_reading_whose_link_was_used
        a_picture_that_was_given_up_is_not_claimed
        a_picture_is_claimed_by_one_until_the_lease_ends
        a_complaint_has_so_many_pictures
        a_picture_that_is_too_large_is_given_up
        old_pictures_go_before_their_complaint
        each_look_at_a_phone_number_is_recorded;
    looking:
        a_list_begins_with_the_earliest_deadline
        a_list_is_the_same_in_pages_of_any_size
        a_list_shows_what_its_filter_says
        an_export_shows_each_complaint_once_whatever_is_read_meanwhile
        a_complaint_is_shown_whole
        a_deadline_is_read_as_it_was_kept
        events_follow_a_number
        a_complaint_has_its_events
        an_event_that_happens_once_is_written_once
        events_are_seen_in_the_order_of_their_numbers_while_others_write
        a_reader_misses_nothing_of_two_writers_that_end_in_reverse
        figures_count;
    searching:
        a_state_and_a_product_are_filtered_by
        each_word_of_a_search_is_found_in_number_or_text
        a_whole_number_finds_those_that_have_it_alone
        a_search_is_the_same_in_pages_of_any_size
        a_search_looks_through_so_many_complaints_at_once
        a_product_has_a_bound
        a_filter_has_the_choices_that_there_are;
    counting:
        complaints_are_counted_as_they_were_read_last
        a_deadline_that_passed_is_counted_whatever_comes_after
        numbers_are_of_days_in_china_and_of_merchants;
    handing_on:
        an_endpoint_receives_every_event_once_in_order
        an_event_waits_for_the_one_before_it_of_its_complaint_alone
        an_endpoint_that_is_down_holds_up_no_other
        an_event_is_tried_again_after_its_wait
        a_dead_event_is_left_out_until_it_is_replayed
        those_that_have_waited_longest_are_claimed_in_their_order
        a_dead_event_that_is_replayed_holds_up_those_after_it
        an_attempt_that_was_taken_over_ends_nothing
        a_new_endpoint_begins_where_it_should
        events_are_replayed_from_a_number
        a_closed_endpoint_is_forgotten;
    people:
        a_session_is_open_until_its_end
        a_closed_session_is_none
        sessions_that_are_over_go
        the_journal_has_the_newest_deed_first
        a_deed_about_an_unknown_complaint_is_not_noted
        the_texts_of_a_deed_are_bounded
        a_deed_goes_with_its_complaint_or_by_its_time
        a_deed_under_a_clock_that_was_not_set_is_new_once_it_is;
    keeping:
        an_old_complaint_goes_with_all_that_belongs_to_it
        an_act_in_hand_keeps_its_complaint
        an_act_without_an_end_keeps_its_complaint_for_as_long_again
        the_content_of_a_message_goes_before_its_key
        the_digest_of_a_signature_is_kept_for_a_year
        old_letters_go
        what_was_kept_under_a_clock_that_was_not_set_is_new_once_it_is
        a_removed_letter_is_gone
        a_letter_is_kept_with_its_reason
        a_removed_letter_is_not_kept_again
        a_store_that_is_sound_says_so;
}
