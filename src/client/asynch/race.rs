//! Waiting for one of two things.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

/// What `first` gives, or none if `limit` ends before it. `first` is asked first each time.
///
/// It takes both by reference: by value they would stand twice in the future of the caller.
pub(super) fn race<F: Future>(
    mut first: Pin<&mut F>,
    mut limit: Pin<&mut impl Future<Output = ()>>,
) -> impl Future<Output = Option<F::Output>> {
    poll_fn(move |context| match first.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => limit.as_mut().poll(context).map(|()| None),
    })
}
