//! Single decisions.

use nt35e::supervisor::{Action, Desired, Policy, Problem, Rung, Rungs, Subscription, Supervisor, View};
use nt35e::{Broker, Duration, Instant, QoS};

fn supervisor(policy: Policy, clean_session: bool) -> Supervisor {
    let subscriptions = [Subscription::new("a", QoS::AtLeastOnce), Subscription::new("b", QoS::AtLeastOnce)];
    let subscriptions = subscriptions.map(Result::unwrap);
    let broker = Broker::new("mqtt.example.com", "meter-17").unwrap().clean_session(clean_session);
    let desired = Desired::new(broker).subscriptions(&subscriptions).unwrap();
    Supervisor::new(&desired, policy, Rungs::COMMANDS.with(Rung::Reset))
}

/// Lets everything succeed until it rests, and gives what was done.
fn succeed(supervisor: &mut Supervisor, view: &mut View, now: &mut Instant) -> Vec<Action> {
    let mut done = Vec::new();
    loop {
        match supervisor.next(view, *now) {
            Action::Rest { until: Some(until) } if !view.is_connected => *now = until,
            Action::Rest { .. } => return done,
            action => {
                done.push(action);
                view.is_connected |= action == Action::Connect;
                supervisor.report(Ok(()), view, *now);
            }
        }
    }
}

#[test]
fn everything_is_subscribed_to_again_after_a_sign_in() {
    for (trusts, clean, again) in [(false, true, 2), (false, false, 2), (true, true, 2), (true, false, 0)] {
        let mut supervisor = supervisor(Policy::default().trust_session(trusts), clean);
        let (mut view, mut now) = (View::default(), Instant::from_millis(0));
        let done = succeed(&mut supervisor, &mut view, &mut now);
        assert_eq!(done, [Action::BringUp, Action::Connect, Action::Subscribe(0), Action::Subscribe(1)]);
        view.is_connected = false;
        let done = succeed(&mut supervisor, &mut view, &mut now);
        let subscriptions = done.iter().filter(|action| matches!(action, Action::Subscribe(_))).count();
        assert_eq!(subscriptions, again, "trusts {trusts}, clean {clean}");
        assert!(supervisor.is_online());
    }
}

#[test]
fn only_what_was_refused_is_tried_again() {
    let mut supervisor = supervisor(Policy::default(), true);
    let (mut view, now) = (View::default(), Instant::from_millis(0));
    for expected in [Action::BringUp, Action::Connect] {
        assert_eq!(supervisor.next(&view, now), expected);
        view.is_connected = expected == Action::Connect;
        supervisor.report(Ok(()), &view, now);
    }
    assert_eq!(supervisor.next(&view, now), Action::Subscribe(0));
    supervisor.report(Err(Problem::Refused), &view, now);
    assert!(!supervisor.is_online());
    assert_eq!(supervisor.next(&view, now), Action::Subscribe(1));
    supervisor.report(Ok(()), &view, now);
    assert!(supervisor.is_online());
    assert_eq!(supervisor.refused_subscriptions(), 0b01);
    let later = now + Duration::from_secs(60);
    assert_eq!(supervisor.next(&view, later), Action::Subscribe(0));
}

#[test]
fn a_question_without_answer_leaves_the_session_alone_at_first() {
    let mut supervisor = supervisor(Policy::default(), true);
    let (mut view, mut now) = (View::default(), Instant::from_millis(0));
    succeed(&mut supervisor, &mut view, &mut now);
    now = now + Duration::from_secs(60);
    assert_eq!(supervisor.next(&view, now), Action::Ask);
    supervisor.report(Err(Problem::Silent), &view, now);
    let Action::Rest { until: Some(until) } = supervisor.next(&view, now) else { panic!() };
    assert!(until - now <= Duration::from_secs(2));
    assert_eq!(supervisor.next(&view, until), Action::Recover(Rung::Resync));
    supervisor.report(Ok(()), &view, until);
    assert!(matches!(supervisor.next(&view, until), Action::Rest { .. }));
    assert!(supervisor.is_online());
}

#[test]
fn a_message_that_is_refused_alone_is_no_setback() {
    let mut supervisor = supervisor(Policy::default(), true);
    let (mut view, mut now) = (View::default(), Instant::from_millis(0));
    succeed(&mut supervisor, &mut view, &mut now);
    view.has_message = true;
    assert_eq!(supervisor.next(&view, now), Action::Send);
    supervisor.report(Err(Problem::Invalid), &view, now);
    assert_eq!(supervisor.take_setback(), None);
    assert_eq!(supervisor.next(&view, now), Action::Send);
}

#[test]
fn who_wants_no_session_is_signed_off() {
    let mut supervisor = supervisor(Policy::default(), true);
    let (mut view, mut now) = (View::default(), Instant::from_millis(0));
    succeed(&mut supervisor, &mut view, &mut now);
    supervisor.want_session(false);
    assert_eq!(supervisor.next(&view, now), Action::Disconnect);
    view.is_connected = false;
    supervisor.report(Ok(()), &view, now);
    assert_eq!(supervisor.next(&view, now), Action::Rest { until: None });
    assert_eq!(supervisor.take_setback(), None);
    supervisor.want_session(true);
    let done = succeed(&mut supervisor, &mut view, &mut now);
    assert_eq!(done, [Action::Connect, Action::Subscribe(0), Action::Subscribe(1)]);
}

#[test]
fn the_first_sign_in_of_a_fleet_is_spread() {
    let span = Duration::from_secs(600);
    let first = |seed| {
        let mut supervisor = supervisor(Policy::default().start_within(span).seed(seed), true);
        let (mut view, mut now) = (View::default(), Instant::from_millis(1_000));
        let done = succeed(&mut supervisor, &mut view, &mut now);
        assert_eq!(done[0], Action::BringUp, "which is not held up");
        now
    };
    let times: Vec<Instant> = (0..100).map(first).collect();
    let early = times.iter().filter(|at| **at < Instant::from_millis(301_000)).count();
    assert!((35..=65).contains(&early), "{early}");
    assert!(times.iter().all(|at| *at <= Instant::from_millis(601_000)));
}

#[test]
fn an_action_that_nobody_reports_on_is_asked_for_again_and_a_sign_in_not_at_once() {
    let mut supervisor = supervisor(Policy::default(), true);
    let (view, now) = (View::default(), Instant::from_millis(0));
    assert_eq!(supervisor.next(&view, now), Action::BringUp);
    assert_eq!(supervisor.next(&view, now), Action::BringUp);
    supervisor.report(Ok(()), &view, now);
    assert_eq!(supervisor.next(&view, now), Action::Connect);
    let again = Action::Rest { until: Some(now + Duration::from_secs(15)) };
    assert_eq!(supervisor.next(&view, now), again);
}
