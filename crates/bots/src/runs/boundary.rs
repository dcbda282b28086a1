//! The moments around effects between which the power may fail; a test of the whole program lets it fail at each of them.

/// A moment in the life of an effect.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// In the transaction of an event, before one of its effects is done or queued.
    Within,
    /// An event is on the disk, and nothing that follows from it has begun.
    Committed,
    /// The job of an effect was taken; nothing outside has been asked yet.
    Taken,
    /// The outside did its work; nothing of it is on the disk yet.
    Worked,
}

/// The power may fail now.
pub(crate) fn passed(moment: Moment, effect: &str) {
    base::power::boundary(format_args!("{moment:?} {effect}"));
}
