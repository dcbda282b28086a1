//! What the doctor finds, for people and for machines.

use base::Time;
use ops::Standing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DoctorArea)]
pub enum Area {
    Folders,
    Disk,
    Clock,
    Ports,
    Data,
    Search,
    Models,
    Channels,
    Secrets,
    Address,
}

/// How one thing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DoctorFinding)]
pub struct Finding {
    pub area: Area,
    pub name: String,
    /// The business or channel it belongs to, where there may be several.
    #[schema(required)]
    pub of: Option<String>,
    pub standing: Standing,
    /// What was found.
    pub sentence: String,
    /// The one thing to do; nothing when nothing is to be done.
    #[schema(required)]
    pub fix: Option<String>,
}

impl Finding {
    pub(super) fn good(area: Area, name: &str, sentence: impl Into<String>) -> Self {
        Self { area, name: name.into(), of: None, standing: Standing::Good, sentence: sentence.into(), fix: None }
    }

    pub(super) fn attention(area: Area, name: &str, sentence: impl Into<String>, fix: impl Into<String>) -> Self {
        let fix = Some(fix.into());
        Self { standing: Standing::Attention, fix, ..Self::good(area, name, sentence) }
    }

    pub(super) fn bad(area: Area, name: &str, sentence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { standing: Standing::Bad, ..Self::attention(area, name, sentence, fix) }
    }

    pub(super) fn of(mut self, of: &str) -> Self {
        self.of = Some(of.to_owned());
        self
    }
}

/// Everything the doctor found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DoctorReport)]
pub struct Report {
    /// The program's.
    pub version: String,
    pub at: Time,
    /// The worst of the findings.
    pub standing: Standing,
    pub findings: Vec<Finding>,
}
