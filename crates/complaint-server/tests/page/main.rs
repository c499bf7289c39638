//! The page over every store, as a browser without scripts asks for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod browser;
mod counting;
mod entering;
mod listing;
mod live;
#[macro_use]
#[path = "../desk/suite.rs"]
mod suite;
#[path = "../desk/world.rs"]
#[allow(dead_code, reason = "the API's tests use the rest")]
mod world;

suite! {
    entering:
        a_stranger_is_led_to_the_log_in
        a_user_logs_in_and_out
        a_session_of_https_has_a_name_that_only_https_sets
        a_wrong_name_and_a_wrong_password_look_the_same
        a_form_without_an_origin_or_of_another_site_is_refused
        a_refusal_is_a_page_for_a_browser_and_json_for_a_program
        a_form_without_a_session_leads_back_to_its_page
        a_name_is_locked_out_at_one_address_for_a_while
        a_session_ends_unused_and_after_a_week
        a_user_who_was_removed_is_out
        another_password_ends_the_sessions
        a_form_of_another_session_is_refused
        the_link_lets_one_person_in_once
        the_link_ends_with_time_and_with_the_first_user
        a_user_ends_the_link_and_its_session_for_good
        a_link_of_another_site_keeps_the_session
        pages_load_nothing_from_elsewhere
        the_language_is_chinese_or_english_by_choice;
    listing:
        the_earliest_deadline_comes_first_with_the_time_left_in_words
        filters_and_search_stand_in_the_address
        a_long_list_has_pages_that_keep_the_filters
        hostile_words_are_words
        the_list_is_downloaded_as_it_is_filtered;
    counting:
        numbers_are_counted_by_day_and_by_merchant
        a_span_has_its_bounds;
    live:
        a_page_is_told_that_something_changed_and_not_what
        a_stream_ends_with_its_session
        a_page_that_looks_for_news_does_not_prolong_its_session
        so_many_pages_are_live_and_no_more;
}
