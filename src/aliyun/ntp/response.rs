//! Reads the platform's answer: a JSON object with three numbers that are wanted, and whatever else.

use crate::aliyun::json::pick;

/// The three points in time, in milliseconds.
pub(super) struct Response {
    pub(super) device_send_time: u64,
    pub(super) server_receive_time: u64,
    pub(super) server_send_time: u64,
}

/// The answer, if it has each of the three once.
pub(super) fn read(payload: &[u8]) -> Option<Response> {
    let mut times = [None; 3];
    pick(payload, &["deviceSendTime", "serverRecvTime", "serverSendTime"], &mut times)?;
    let [device_send_time, server_receive_time, server_send_time] = times;
    Some(Response {
        device_send_time: device_send_time?.unsigned()?,
        server_receive_time: server_receive_time?.unsigned()?,
        server_send_time: server_send_time?.unsigned()?,
    })
}
