//! Ids: newtypes over UUIDv7, so that they sort by age and one kind can never be passed for another.

pub use uuid::Uuid;

/// A fresh UUIDv7.
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

/// Declares id newtypes: `define_ids! { /// A bot. BotId, ... }`.
#[macro_export]
macro_rules! define_ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid")]
        pub struct $name(pub $crate::id::Uuid);

        impl $name {
            /// A new id, later than all made before it.
            pub fn fresh() -> Self {
                Self($crate::id::fresh())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Error;

            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self).map_err(|_| $crate::Error::invalid(format!("“{s}” is not a valid id.")))
            }
        }

        $crate::sql_id!($name);
    )+};
}

#[cfg(feature = "sql")]
#[doc(hidden)]
pub mod sql {
    pub use rusqlite;
}

/// Stored as the 16 bytes of the UUID.
#[cfg(feature = "sql")]
#[doc(hidden)]
#[macro_export]
macro_rules! sql_id {
    ($name:ident) => {
        impl $crate::id::sql::rusqlite::ToSql for $name {
            fn to_sql(&self) -> $crate::id::sql::rusqlite::Result<$crate::id::sql::rusqlite::types::ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }
        impl $crate::id::sql::rusqlite::types::FromSql for $name {
            fn column_result(
                value: $crate::id::sql::rusqlite::types::ValueRef<'_>,
            ) -> $crate::id::sql::rusqlite::types::FromSqlResult<Self> {
                $crate::id::Uuid::column_result(value).map(Self)
            }
        }
    };
}

#[cfg(not(feature = "sql"))]
#[doc(hidden)]
#[macro_export]
macro_rules! sql_id {
    ($name:ident) => {};
}

define_ids! {
    /// A business on this machine.
    WorkspaceId,
    /// A person who signs in.
    UserId,
    /// A bot of a business.
    BotId,
    /// One published or draft version of a bot's flow.
    FlowVersionId,
    /// A talk that was kept as a test of a flow.
    FlowTestId,
    /// A way customers reach a bot: a WhatsApp number, a web chat.
    ChannelId,
    /// A customer.
    ContactId,
    /// A conversation with one customer on one channel.
    ConversationId,
    /// A message in a conversation.
    MessageId,
    /// One passage of a conversation through a flow.
    RunId,
    /// Something a run asked the world to do.
    EffectId,
    /// A message on its way out.
    OutboxId,
    /// A document, page, or set of typed text that answers come from.
    SourceId,
    /// A stretch of a source that is found and cited as one.
    PassageId,
    /// An answer that the owner approved.
    ApprovedAnswerId,
    /// A group of questions that found no answer.
    GapId,
    /// A unit of durable background work.
    JobId,
    /// A file kept by its content.
    MediaId,
    /// A time that a customer took.
    BookingId,
}
