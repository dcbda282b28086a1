//! Runs are lived through by the program's own transactions, then built again from their journal alone, and must be the same.

mod live;
mod made_up;
mod rebuilt;

use live::World;
use made_up::Dice;
use rebuilt::Rebuilt;

/// Bots of one business: as many as stay ready in memory.
const AT_ONCE: usize = 50;
const ROUNDS: usize = 12;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|v| v.parse().ok())
}

/// `BOTFLOW_CASES` bots (200 unless said otherwise) with two customers each; `BOTFLOW_SEED` has them again.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_built_again_from_its_journal_is_the_run_that_was_lived() {
    base::net::install_tls();
    let cases = usize::try_from(setting("BOTFLOW_CASES").unwrap_or(200)).unwrap();
    let seed = setting("BOTFLOW_SEED").unwrap_or_else(|| u64::from_le_bytes(base::random::bytes()));
    println!("BOTFLOW_SEED={seed} BOTFLOW_CASES={cases}");
    let kinds = flow::kinds();
    let mut dice = Dice(seed);
    let mut all = Rebuilt::default();
    for first in (0..cases).step_by(AT_ONCE) {
        let mut world = World::open(&mut dice, &kinds, first, AT_ONCE.min(cases - first)).await;
        for _ in 0..ROUNDS {
            world.round(&mut dice).await;
        }
        all.rebuild(&world).await;
        world.ws.close().await;
    }
    all.tell();
    let missed = all.missed(&kinds);
    // Chance may leave out a few in a short run; a long one has no excuse.
    let excused = if cases < 200 {
        kinds.len()
    } else if cases < 1_000 {
        4
    } else {
        0
    };
    assert!(missed.len() <= excused, "no run ever came by these kinds of steps: {missed:?}");
}
