//! Runs an owner's JavaScript: a value in, a value out, and nothing else of the world.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::{Error, Result, Stopwatch};
use flow::Outcome;
use rquickjs::context::{EvalOptions, intrinsic};
use rquickjs::promise::MaybePromise;
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Runtime};
use serde_json::Value;

const MEMORY_BYTES: usize = 32 << 20;
/// Well below what the threads of the blocking pool have.
const STACK_BYTES: usize = 512 << 10;
const MAX_TIME: Duration = Duration::from_secs(5);
const MAX_SCRIPT_BYTES: usize = 64 << 10;
const MAX_INPUT_BYTES: usize = 512 << 10;
const MAX_RESULT_BYTES: usize = 64 << 10;
/// The name under which the script appears in its own complaints.
const FILE: &str = "script";

/// The value of the script's `return`, else of its last expression. The input is there as `input`.
pub(super) async fn run(script: String, input: &Value, timeout_ms: u64) -> Result<Outcome> {
    let limit = Duration::from_millis(timeout_ms).clamp(Duration::from_millis(50), MAX_TIME);
    let input = serde_json::to_string(input)?;
    if script.len() > MAX_SCRIPT_BYTES || input.len() > MAX_INPUT_BYTES {
        return Err(Error::too_large("The code or its input is too large. Give it less."));
    }
    let work = base::task::blocking(move || evaluate(&script, &input, limit));
    // The interrupt ends the work; this is for the day on which it does not.
    match tokio::time::timeout(limit + Duration::from_secs(2), work).await {
        Ok(done) => done?.map(|value| Outcome::Value { value }),
        Err(_) => Err(too_slow(limit)),
    }
}

fn too_slow(limit: Duration) -> Error {
    Error::timeout(format!("The code took longer than {} and was stopped. Look for an endless loop.", words_of(limit)))
}

fn words_of(limit: Duration) -> String {
    if limit.as_millis().is_multiple_of(1000) {
        format!("{} seconds", limit.as_secs())
    } else {
        format!("{} milliseconds", limit.as_millis())
    }
}

fn evaluate(script: &str, input: &str, limit: Duration) -> Result<Value> {
    let start = |e: rquickjs::Error| Error::internal(format!("the script engine did not start: {e}"));
    let runtime = Runtime::new().map_err(start)?;
    runtime.set_memory_limit(MEMORY_BYTES);
    runtime.set_max_stack_size(STACK_BYTES);
    let (watch, stopped) = (Stopwatch::start(), Arc::new(AtomicBool::new(false)));
    let stop = stopped.clone();
    runtime.set_interrupt_handler(Some(Box::new(move || {
        let over = watch.elapsed() > limit;
        if over {
            stop.store(true, Ordering::Relaxed);
        }
        over
    })));
    let context = Context::builder().with::<intrinsic::All>().build(&runtime).map_err(start)?;
    let result = context.with(|ctx| result_of(&ctx, script, input));
    if stopped.load(Ordering::Relaxed) {
        return Err(too_slow(limit));
    }
    let text = result.map_err(Error::invalid)?;
    if text.len() > MAX_RESULT_BYTES {
        return Err(Error::too_large("The code's result is larger than 64 KB. Return less."));
    }
    serde_json::from_str(&text)
        .map_err(|e| Error::invalid("The code's result is nested too deeply. Return something plainer.").with_cause(e))
}

/// The result as JSON, or a sentence with the line.
fn result_of(ctx: &Ctx<'_>, script: &str, input: &str) -> Result<String, String> {
    let caught = |e: CaughtError<'_>| complaint(&e);
    let given = ctx.json_parse(input).catch(ctx).map_err(caught)?;
    ctx.globals().set("input", given).catch(ctx).map_err(caught)?;
    let value = eval(ctx, script).map_err(caught)?;
    let value = value.finish::<rquickjs::Value<'_>>().catch(ctx).map_err(caught)?;
    let json = ctx.json_stringify(value).catch(ctx).map_err(caught)?;
    match json {
        Some(text) => text.to_string().catch(ctx).map_err(caught),
        // Functions and nothing at all have no JSON.
        None => Ok("null".to_owned()),
    }
}

/// The script's value: as it stands; when it holds a `return`, as the body of a function; and when it looks like an
/// object, as that rather than as a block with labels.
fn eval<'js>(ctx: &Ctx<'js>, script: &str) -> Result<MaybePromise<'js>, CaughtError<'js>> {
    let attempt = |source: String| {
        let mut options = EvalOptions::default();
        options.strict = false;
        options.filename = Some(FILE.to_owned());
        ctx.eval_with_options::<MaybePromise<'js>, _>(source, options).catch(ctx)
    };
    let is_syntax = |e: &CaughtError<'js>| matches!(e, CaughtError::Exception(e) if e.get::<_, String>("name").is_ok_and(|name| name == "SyntaxError"));
    let trimmed = script.trim();
    if trimmed.starts_with('{') && trimmed.ends_with('}') {
        // What cannot be read has not run, so that reading it another way repeats nothing.
        match attempt(format!("({script}\n)")) {
            Err(e) if is_syntax(&e) => {}
            done => return done,
        }
    }
    match attempt(script.to_owned()) {
        Err(CaughtError::Exception(e)) if e.message().is_some_and(|m| m.contains("return not in a function")) => {
            // On the same line, so that complaints name the lines that the owner sees.
            attempt(format!("(function () {{ {script}\n}})()"))
        }
        done => done,
    }
}

/// A sentence with the line, as far as it is known.
fn complaint(e: &CaughtError<'_>) -> String {
    let (message, line) = match e {
        CaughtError::Exception(e) => (e.message().unwrap_or_default(), e.stack().and_then(|stack| line_of(&stack))),
        CaughtError::Value(value) => {
            let thrown = value.as_string().and_then(|s| s.to_string().ok());
            // When there is no room left even for an error, the engine throws nothing.
            let nothing = if value.is_null() { "out of memory" } else { "it threw something that is no error" };
            (thrown.unwrap_or_else(|| nothing.to_owned()), None)
        }
        CaughtError::Error(rquickjs::Error::WouldBlock) => ("it waits for something that never comes".to_owned(), None),
        CaughtError::Error(e) => (e.to_string(), None),
    };
    if message == "out of memory" {
        return "The code needs more than 32 MB of memory and was stopped.".to_owned();
    }
    let message: String = message.chars().filter(|c| !c.is_control()).take(300).collect();
    match line {
        Some(line) => format!("The code stopped in line {line}: {message}."),
        None => format!("The code stopped: {message}."),
    }
}

/// The first line of the script that a stack names: `at f (script:3:5)`.
fn line_of(stack: &str) -> Option<u32> {
    let (_, rest) = stack.split_once(&format!("{FILE}:"))?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn ran(script: &str, input: Value, ms: u64) -> Result<Value, String> {
        match run(script.to_owned(), &input, ms).await {
            Ok(Outcome::Value { value }) => Ok(value),
            Ok(other) => panic!("{other:?}"),
            Err(e) => Err(e.message),
        }
    }

    #[tokio::test]
    async fn code_gives_its_last_expression_or_what_it_returns() {
        let order = json!({ "items": [{ "price": 2.5, "count": 2 }, { "price": 1, "count": 3 }], "name": "Ünal 😀" });
        for (script, expected) in [
            ("input.items.reduce((sum, i) => sum + i.price * i.count, 0)", json!(8)),
            ("let t = 0;\nfor (const i of input.items) t += i.count;\nt", json!(5)),
            ("if (input.name) {\n  return input.name.toUpperCase();\n}\nreturn 1;", json!("ÜNAL 😀")),
            ("{ total: 1, of: [input.name.length] }", json!({ "total": 1, "of": [7] })),
            ("{ let x = 4; x * 2 }", json!(8)),
            ("const f = async () => { return (await Promise.resolve(20)) + 1 }; f()", json!(21)),
            ("", Value::Null),
            ("undefined", Value::Null),
            ("(() => 1)", Value::Null),
            ("NaN", Value::Null),
            ("new Date(0).toISOString()", json!("1970-01-01T00:00:00.000Z")),
            ("/(\\d+)/.exec('a12')[1]", json!("12")),
            ("typeof require + typeof fetch + typeof process + typeof std", json!("undefined".repeat(4))),
            ("return {a: input.missing}", json!({})),
        ] {
            assert_eq!(ran(script, order.clone(), 2000).await, Ok(expected), "{script}");
        }
    }

    #[tokio::test]
    async fn an_owner_reads_in_which_line_the_code_went_wrong() {
        for (script, words) in [
            ("let a = 1;\nlet b = 2;\nnope(a)", "line 3: nope is not defined"),
            ("return 1 +\n\ninput.x.y;", "line 3: cannot read property"),
            ("let a = ;", "line 1"),
            ("const x = 1;\nthrow new Error('no stock')", "line 2: no stock"),
            ("throw 'plain'", "plain"),
            ("const a = {}; a.a = a; a", "circular"),
            ("new Promise(() => {})", "never comes"),
            ("'x'.repeat(70000)", "64 KB"),
            ("let a = []; for (let i = 0; i < 500; i++) a = [a]; a", "nested"),
            ("10n", "BigInt"),
        ] {
            let message = ran(script, Value::Null, 2000).await.unwrap_err();
            assert!(message.contains(words), "{script}: {message}");
        }
    }

    #[tokio::test]
    async fn greedy_or_endless_code_is_stopped_and_nothing_else_suffers() {
        for (script, words) in [
            ("while (true) {}", "took longer"),
            ("for (;;) { try { while (true) {} } catch (e) {} }", "took longer"),
            ("const f = () => Promise.resolve().then(f); f()", "stopped"),
            ("/^(a+)+$/.test('a'.repeat(40) + 'b')", "took longer"),
            ("const a = []; while (true) a.push(new Array(1000).fill(1.5))", "32 MB"),
            ("'x'.repeat(1 << 29)", "stopped"),
            ("const f = () => f() + 1; f()", "stopped"),
            ("let s = '['.repeat(200000); JSON.parse(s)", "stopped"),
        ] {
            let message = ran(script, Value::Null, 300).await.unwrap_err();
            assert!(message.contains(words), "{script}: {message}");
        }
        assert_eq!(ran("input + 1", json!(1), 300).await, Ok(json!(2)));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn no_script_makes_it_panic(script in "[\\PC\\n]{0,60}", near in "[a-z(){}\\[\\];=+.'\"`/\\\\0-9 \n]{0,60}") {
            for script in [script, near] {
                let _ = evaluate(&script, "{\"a\":1}", Duration::from_millis(50));
            }
        }
    }
}
