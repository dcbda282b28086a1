//! The computer that the program runs on, and what differs from system to system: child processes that end with their
//! parent, the wish that the program ends, the lock on the data folder, sleep and wake, the network, and the programs
//! that give it a public address. Knows nothing of the product.

mod asked;
mod awake;
pub mod child;
mod guard;
mod inhibit;
mod lines;
mod lock;
pub mod network;
pub mod port;
pub mod tunnel;
pub mod wake;

pub use asked::Asked;
pub use awake::{Awake, Awakeness, plugged_in};
pub use guard::{GUARD, Guard, guard, guard_if_asked};
pub use lines::{Hear, Line, Lines};
pub use lock::{Kind, Lock, Owner, Recovered, other, read_small, take};
