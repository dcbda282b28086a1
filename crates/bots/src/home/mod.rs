//! Home: the day in numbers, what waits, what nobody could answer, and health in words.

pub(crate) mod routes;
