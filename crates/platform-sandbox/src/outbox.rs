//! Notifications, pushes and notices that a change of the state caused: each is delivered by its own task.

use std::mem;
use std::sync::Arc;

use protocol_core::UnixTime;

use crate::platform::Platform;
use crate::state::State;
use crate::{allinpay, mini_program, wechat_pay};

impl Platform {
    /// Changes the state as of now, and starts the deliveries that the change caused.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut State, UnixTime) -> T) -> T {
        let now = self.now();
        let outcome = act(&mut self.state(), now);
        self.deliver_outbox();
        outcome
    }

    /// Starts the delivery of what is queued.
    pub(crate) fn deliver_outbox(&self) {
        // What was not kept is not told of; the next change tries again.
        if self.keep().is_err() {
            return;
        }
        let Some((runtime, platform)) = self.sending() else { return };
        let mut state = self.state();
        let notifications = mem::take(&mut state.wechat_pay.outbox);
        let pushes = mem::take(&mut state.mini_program.outbox);
        let notices = mem::take(&mut state.allinpay.outbox);
        drop(state);
        if notifications.is_empty() && pushes.is_empty() && notices.is_empty() {
            return;
        }
        let mut deliveries = self.deliveries();
        while deliveries.try_join_next().is_some() {}
        let went_out = *self.went_out.borrow();
        for notification in notifications {
            self.open.send_modify(|open| *open += 1);
            deliveries.spawn_on(wechat_pay::deliver(Arc::clone(&platform), notification, went_out), runtime);
        }
        for push in pushes {
            self.open.send_modify(|open| *open += 1);
            deliveries.spawn_on(mini_program::deliver(Arc::clone(&platform), push), runtime);
        }
        for notice in notices {
            self.open.send_modify(|open| *open += 1);
            deliveries.spawn_on(allinpay::deliver(Arc::clone(&platform), notice), runtime);
        }
    }
}
