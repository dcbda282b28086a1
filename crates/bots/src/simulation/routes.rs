//! One request plays a script from its beginning. Effects that are safe are performed when the script is live, and their
//! outcomes are added to the script, so that playing it again gives the same.

use std::time::Duration;

use accounts::Permission;
use base::id::BotId;
use flow::{Action, Compiled, Outcome, Simulated, Simulation};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Path, Plain};

use crate::current::{AppState, Current};
use crate::{flows, runs, saved_tests};

/// Effects that one request performs.
const MAX_EFFECTS: usize = 10;
/// All of them together must be done in this time.
const MAX_TIME: Duration = Duration::from_secs(60);

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(simulate))
}

/// Plays a talk with what is drawn, on a clock of its own; nothing leaves the program.
#[utoipa::path(post, path = "/bots/{id}/simulation", operation_id = "simulateFlow", tag = "flows",
    params(("id" = BotId, Path)), request_body = Simulation, responses((status = 200, body = Simulated)))]
async fn simulate(
    current: Current,
    Path(id): Path<BotId>,
    Plain(mut script): Plain<Simulation>,
) -> ApiResult<Json<Simulated>> {
    current.member.require(Permission::Edit)?;
    let (definition, world) = current
        .db
        .read(move |c| {
            crate::bots::store::expect(c, id)?;
            Ok((flows::definition(c, id)?, saved_tests::world(c, id)?))
        })
        .await?;
    let compiled = std::sync::Arc::new(Compiled::new(definition));
    let cancel = CancellationToken::new();
    let _stop = cancel.clone().drop_guard();
    let until = tokio::time::Instant::now() + MAX_TIME;
    for round in 0.. {
        let (flow, world, played) = (compiled.clone(), world.clone(), script.clone());
        // A long script takes a while; it must not hold up what answers customers.
        let simulated = base::task::blocking(move || flow::simulate(&flow, &played, &world)).await?;
        let Some(effect) = simulated.needs.first().filter(|_| script.live && round < MAX_EFFECTS) else {
            return Ok(Json(simulated));
        };
        let performed =
            tokio::time::timeout_at(until, runs::perform_safely(&current.ws, id, &effect.kind, &cancel)).await;
        let outcome = match performed {
            Ok(Some(outcome)) => outcome,
            // Left to the person who simulates.
            Ok(None) => return Ok(Json(simulated)),
            Err(_) => Outcome::Failed { message: "This took longer than a minute.".into() },
        };
        script.actions.push(Action::Outcome { seq: effect.seq, outcome });
    }
    Err(base::Error::internal("a simulation had no end").into())
}
