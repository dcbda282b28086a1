//! Talks that were kept as tests of a flow: what the customer does, what came from outside, and what the bot is to say.

pub(crate) mod routes;
pub(crate) mod store;

use base::id::{BotId, FlowTestId};
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use flow::{Compiled, Coverage, Definition, Difference, Line, Simulation, World};
use store::TestRow;

use crate::runs;

/// Tests of one flow.
const MAX_TESTS: usize = 100;
/// Largest script with what is expected, in bytes of JSON.
const MAX_BYTES: usize = 512 * 1024;
/// The same chance for every run of a test.
const SEED: u64 = 7;

/// What simulations know of the business and the bot.
pub(crate) fn world(connection: &Connection, bot: BotId) -> Result<World> {
    let context = runs::sample_context(connection, bot)?;
    Ok(World {
        business: context.business,
        words: context.words,
        workspace: context.workspace,
        counters: context.counters,
        timezone: context.timezone,
        seed: SEED,
    })
}

/// Keeps a talk as a test; what the flow says now is what it is to say.
pub(crate) fn add(
    tx: &Tx<'_>,
    now: Time,
    bot: BotId,
    flow: &str,
    name: &str,
    script: &Simulation,
) -> Result<FlowTestId> {
    if store::list(tx, bot, Some(flow))?.len() >= MAX_TESTS {
        return Err(Error::conflict(format!(
            "This flow has {MAX_TESTS} tests already. Delete one that is not needed."
        )));
    }
    let script = Simulation { flow: Some(flow.to_owned()), live: false, ..script.clone() };
    let compiled = Compiled::new(crate::flows::definition(tx, bot)?);
    let expected = flow::expected(&flow::simulate(&compiled, &script, &world(tx, bot)?));
    let row = TestRow {
        id: FlowTestId::fresh(),
        flow: flow.to_owned(),
        name: name.trim().to_owned(),
        script: sized(serde_json::to_string(&script)?)?,
        expected: sized(serde_json::to_string(&expected)?)?,
        passed: Some(true),
        difference: None,
        run_at: Some(now),
    };
    store::insert(tx, now, bot, &row)?;
    tx.publish(crate::flows::TAG);
    Ok(row.id)
}

fn sized(json: String) -> Result<String> {
    if json.len() > MAX_BYTES {
        return Err(Error::too_large("This talk is too long for a test. Keep a shorter one."));
    }
    Ok(json)
}

/// How many tests a bot's flows have.
pub(crate) fn count(connection: &Connection, bot: BotId) -> Result<usize> {
    Ok(store::list(connection, bot, None)?.len())
}

/// The names of the tests that fail on a definition; tests of flows that are not in it are left out.
pub(crate) fn failing(connection: &Connection, bot: BotId, definition: &Definition) -> Result<Vec<String>> {
    let tests = store::list(connection, bot, None)?;
    if tests.is_empty() {
        return Ok(Vec::new());
    }
    let compiled = Compiled::new(definition.clone());
    let world = world(connection, bot)?;
    let mut failing = Vec::new();
    for test in tests.iter().filter(|t| definition.flows.iter().any(|f| f.id == t.flow)) {
        if check(&compiled, test, &world)?.is_some() {
            failing.push(test.name.clone());
        }
    }
    Ok(failing)
}

fn check(compiled: &Compiled, test: &TestRow, world: &World) -> Result<Option<Difference>> {
    let script: Simulation = serde_json::from_str(&test.script)?;
    let expected: Vec<Line> = serde_json::from_str(&test.expected)?;
    Ok(flow::check_test(compiled, &script, &expected, world))
}

/// How one test went.
pub(crate) struct Ran {
    pub(crate) test: TestRow,
    pub(crate) difference: Option<Difference>,
}

/// Runs all tests of a flow on the drafts, and tells how much of it they go through.
pub(crate) fn run(connection: &Connection, bot: BotId, flow: &str) -> Result<(Vec<Ran>, Coverage)> {
    let compiled = Compiled::new(crate::flows::definition(connection, bot)?);
    let world = world(connection, bot)?;
    let (mut ran, mut paths) = (Vec::new(), Vec::new());
    for test in store::list(connection, bot, Some(flow))? {
        let difference = check(&compiled, &test, &world)?;
        let script: Simulation = serde_json::from_str(&test.script)?;
        paths.extend(flow::simulate(&compiled, &script, &world).path);
        ran.push(Ran { test, difference });
    }
    Ok((ran, flow::coverage(&compiled, flow, &paths)))
}
