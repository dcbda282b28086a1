//! Says something.

use base::message::Content;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

pub(super) const ABOUT: About = About {
    name: "message",
    title: "Send a message",
    help: "Sends a text, a picture, a file or anything else that the channel can show, and goes on at once.",
    branches: &["next"],
    needed: &[],
};

/// A message; expressions may stand in any of its texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = MessageStep)]
pub struct Message {
    #[schema(required)]
    pub content: Content,
}

impl Default for Message {
    fn default() -> Self {
        Self { content: Content::text("") }
    }
}

impl Message {
    pub(super) fn example() -> Self {
        Self { content: Content::text("Thank you for your message.") }
    }
}

impl Behaviour for Message {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let content = run.fill(&self.content)?;
        run.note("Sent a message", content.words());
        run.send(content, None)?;
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        check.content("content", &self.content);
    }
}
