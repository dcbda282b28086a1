//! What each step did and how long it took, said at once and again in a table at the end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process;

/// How a step that did not fail ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    /// Left out, and why.
    Skipped(String),
}

/// The steps so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    done: Vec<(String, Result<Outcome>, Duration)>,
}

impl Report {
    /// Runs one step under its own headline. Returns whether later steps can build on it.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) -> bool {
        println!("\n== {name}");
        let began = Instant::now();
        let outcome = if process::stopped() { Ok(Outcome::Passed) } else { work() };
        // What Ctrl+C ended says nothing about the code.
        let outcome = if process::stopped() { Ok(Outcome::Skipped("stopped".to_owned())) } else { outcome };
        let took = began.elapsed();
        match &outcome {
            Ok(Outcome::Passed) => println!("   {name}: passed in {}", seconds(took)),
            Ok(Outcome::Skipped(why)) => println!("   {name}: skipped. {why}"),
            Err(error) => println!("   {name}: FAILED after {}. {error:#}", seconds(took)),
        }
        let passed = matches!(outcome, Ok(Outcome::Passed));
        self.done.push((name.to_owned(), outcome, took));
        passed
    }

    /// Prints the table and the count that CI reads. Errors: a step failed, or Ctrl+C left some out.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n== summary");
        print!("{}", self.table());
        println!("{}", self.count());
        if process::stopped() {
            bail!("Stopped before the end.");
        }
        if self.done.iter().any(|(_, outcome, _)| outcome.is_err()) {
            bail!("Some steps failed; what each said is above.");
        }
        Ok(())
    }

    fn table(&self) -> String {
        let width = self.done.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
        let lines = self.done.iter().map(|(name, outcome, took)| {
            let word = match outcome {
                Ok(Outcome::Passed) => "passed",
                Ok(Outcome::Skipped(_)) => "skipped",
                Err(_) => "FAILED",
            };
            format!("   {name:<width$}  {word:<7}  {:>8}\n", seconds(*took))
        });
        lines.collect()
    }

    /// `N passed, N failed`, and what was skipped where something was.
    fn count(&self) -> String {
        let passed = self.done.iter().filter(|(_, outcome, _)| matches!(outcome, Ok(Outcome::Passed))).count();
        let failed = self.done.iter().filter(|(_, outcome, _)| outcome.is_err()).count();
        let skipped = self.done.len() - passed - failed;
        let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        format!("{passed} passed, {failed} failed{skipped}")
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_counted_and_the_ones_after_it_still_run() {
        let mut report = Report::default();
        assert!(report.step("first", || Ok(Outcome::Passed)));
        assert!(!report.step("second", || bail!("broken")));
        assert!(report.step("third", || Ok(Outcome::Passed)));
        assert_eq!(report.count(), "2 passed, 1 failed");
        assert!(!report.step("fourth", || Ok(Outcome::Skipped("not here".to_owned()))));
        assert_eq!(report.count(), "2 passed, 1 failed, 1 skipped");
        assert!(report.table().contains("second  FAILED"));
        assert!(report.finish().is_err());
    }
}
