-- Raw bodies as they came in, kept so that they can be read again when a provider's format moves on.
create table delivery (
  id integer primary key,
  channel_id blob not null references channel (id),
  received_at integer not null,
  body blob not null
) strict;
create index delivery_by_age on delivery (received_at);
create index delivery_by_channel on delivery (channel_id, received_at);

-- Everything accepted from outside, once: the unique key is what makes a redelivery harmless.
create table inbound (
  id integer primary key,
  channel_id blob not null references channel (id),
  dedupe_key text not null,
  delivery_id integer references delivery (id) on delete set null,
  payload text not null,
  received_at integer not null,
  state text not null default 'pending' check (state in ('pending', 'done', 'quarantined')),
  tries integer not null default 0,
  problem text,
  unique (channel_id, dedupe_key)
) strict;
create index inbound_pending on inbound (id) where state = 'pending';
create index inbound_quarantined on inbound (id) where state = 'quarantined';
create index inbound_by_age on inbound (received_at);
create index inbound_by_delivery on inbound (delivery_id);

create table contact (
  id blob primary key,
  name text,
  language text,
  fields text not null default '{}',
  marketing_stopped_at integer,
  created_at integer not null,
  updated_at integer not null
) strict;

-- How providers name a contact. A retired alias belonged to it once; a newer contact may hold it now.
create table contact_alias (
  contact_id blob not null references contact (id),
  kind text not null check (kind in ('phone', 'user', 'parent_user', 'username', 'visitor')),
  value text not null,
  created_at integer not null,
  retired_at integer
) strict;
create unique index contact_alias_current on contact_alias (kind, value) where retired_at is null;
create index contact_alias_by_contact on contact_alias (contact_id);

create table conversation (
  id blob primary key,
  contact_id blob not null references contact (id),
  channel_id blob not null references channel (id),
  mode text not null default 'bot' check (mode in ('bot', 'person')),
  status text not null default 'open' check (status in ('open', 'resolved')),
  waiting integer not null default 0,
  preview text not null default '',
  unread integer not null default 0,
  last_message_at integer not null,
  -- Opens the provider's 24-hour window.
  last_inbound_at integer,
  -- The customer came from an advertisement; opens a 72-hour window.
  free_entry_until integer,
  run_id blob,
  -- When the messages that wait for their turn are given to the flow.
  turn_at integer,
  -- Notes that a refusal was told once: of a kind of message that is not understood.
  told_unsupported_at integer,
  created_at integer not null,
  unique (channel_id, contact_id)
) strict;
create index conversation_by_age on conversation (last_message_at desc, id desc);
create index conversation_waiting on conversation (last_message_at desc, id desc) where waiting = 1;
create index conversation_open on conversation (status, last_message_at desc, id desc);
create index conversation_turn on conversation (turn_at) where turn_at is not null;
create index conversation_by_contact on conversation (contact_id);

create table message (
  -- Grows with time on this machine; what web chats and pages count by.
  seq integer primary key autoincrement,
  id blob not null unique,
  conversation_id blob not null references conversation (id),
  direction text not null check (direction in ('in', 'out')),
  author text not null check (author in ('contact', 'bot', 'person', 'phone')),
  author_name text,
  content text not null,
  words text not null,
  provider_id text,
  -- The id a browser gave it, so that sending twice is harmless.
  client_id text,
  status text not null check (status in ('received', 'queued', 'sending', 'in_doubt', 'sent', 'delivered', 'read', 'failed')),
  error text,
  answer text,
  run_id blob,
  effect_seq integer,
  reactions text not null default '[]',
  replied_to text,
  -- 1 while the message waits to be given to the flow.
  pending integer not null default 0,
  edited_at integer,
  deleted_at integer,
  at integer not null
) strict;
create index message_by_conversation on message (conversation_id, seq);
create index message_pending on message (conversation_id, seq) where pending = 1;
create index message_by_provider on message (provider_id) where provider_id is not null;
create unique index message_by_client on message (conversation_id, client_id) where client_id is not null;
create index message_by_age on message (at);

create table run (
  id blob primary key,
  conversation_id blob not null references conversation (id),
  flow_version_id blob not null references flow_version (id),
  state text not null,
  status text not null,
  wake_at integer,
  created_at integer not null,
  updated_at integer not null
) strict;
create index run_wake on run (wake_at) where wake_at is not null;
create index run_by_conversation on run (conversation_id);

-- One row for each event a run was given, with what the engine noted: the journal that a run can be rebuilt from.
create table run_event (
  run_id blob not null references run (id),
  seq integer not null,
  at integer not null,
  event text not null,
  context text not null,
  entries text not null,
  primary key (run_id, seq)
) strict, without rowid;

-- What a run asked of the world, under a number of its own, so that an answer can come only once.
create table effect (
  run_id blob not null references run (id),
  seq integer not null,
  kind text not null,
  payload text not null,
  state text not null default 'pending' check (state in ('pending', 'done')),
  outcome text,
  ms real,
  primary key (run_id, seq)
) strict, without rowid;

create table outbox (
  id blob primary key,
  message_id blob not null unique references message (id),
  conversation_id blob not null references conversation (id),
  channel_id blob not null references channel (id),
  state text not null check (state in ('queued', 'sending', 'in_doubt', 'sent', 'failed')),
  attempts integer not null default 0,
  next_at integer not null,
  attempted_at integer,
  created_at integer not null
) strict;
create index outbox_due on outbox (channel_id, next_at) where state in ('queued', 'sending', 'in_doubt');
create index outbox_by_conversation on outbox (conversation_id, id) where state in ('queued', 'sending', 'in_doubt');
create index outbox_finished on outbox (created_at) where state in ('sent', 'failed');
