-- A bot has several flows, drawn as drafts and published together as a version. Runs may begin without a customer.

create table flow (
  bot_id blob not null references bot (id),
  -- Unique within the bot; what other flows call it by.
  id text not null,
  name text not null,
  folder text not null default '',
  -- The drawing as JSON, as it is being edited.
  draft text not null,
  -- Rises with every change, so that two windows do not overwrite each other.
  revision integer not null default 1,
  created_at integer not null,
  updated_at integer not null,
  deleted_at integer,
  primary key (bot_id, id)
) strict, without rowid;
create index flow_deleted on flow (deleted_at) where deleted_at is not null;

-- Words and limits of the drafts; nothing yet means those of the published version.
alter table bot add column flow_settings text;

alter table flow_version add column name text not null default '';
alter table flow_version add column note text not null default '';
alter table flow_version add column author text not null default '';
-- Published by itself at this time.
alter table flow_version add column publish_at integer;
create index flow_version_due on flow_version (publish_at) where publish_at is not null and published_at is null;

-- Runs without a conversation: the tables are made anew, children first, because SQLite cannot take a rule off a column.
create table run_new (
  id blob primary key,
  conversation_id blob references conversation (id),
  bot_id blob not null references bot (id),
  flow_version_id blob not null references flow_version (id),
  state text not null,
  status text not null,
  wake_at integer,
  -- Where it stands, for the drawing and for lists.
  flow text,
  step text,
  problem text,
  cost_cents real not null default 0,
  created_at integer not null,
  updated_at integer not null
) strict;
insert into run_new (id, conversation_id, bot_id, flow_version_id, state, status, wake_at, created_at, updated_at)
  select r.id, r.conversation_id, v.bot_id, r.flow_version_id, r.state, r.status, r.wake_at, r.created_at, r.updated_at
  from run r join flow_version v on v.id = r.flow_version_id;
create table run_event_new (
  run_id blob not null references run_new (id),
  seq integer not null,
  at integer not null,
  event text not null,
  context text not null,
  entries text not null,
  -- The steps that were entered and left.
  path text not null default '[]',
  primary key (run_id, seq)
) strict, without rowid;
insert into run_event_new (run_id, seq, at, event, context, entries) select run_id, seq, at, event, context, entries from run_event;
create table effect_new (
  run_id blob not null references run_new (id),
  seq integer not null,
  step text not null default '',
  kind text not null,
  payload text not null,
  state text not null default 'pending' check (state in ('pending', 'done')),
  outcome text,
  ms real,
  at integer,
  primary key (run_id, seq)
) strict, without rowid;
insert into effect_new (run_id, seq, kind, payload, state, outcome, ms) select run_id, seq, kind, payload, state, outcome, ms from effect;
drop table effect;
drop table run_event;
drop table run;
alter table run_new rename to run;
alter table run_event_new rename to run_event;
alter table effect_new rename to effect;
create index run_wake on run (wake_at) where wake_at is not null;
create index run_by_conversation on run (conversation_id);
create index run_by_update on run (updated_at);
create index run_by_age on run (bot_id, updated_at desc, id desc);
create index run_by_status on run (bot_id, status, updated_at desc, id desc);
create index run_open on run (bot_id, flow, step) where status in ('active', 'waiting', 'handed');
create index effect_waiting on effect (kind) where state = 'pending';

-- How often each step was entered and each way taken, by day (days since 1970-01-01 UTC). An empty branch means: entered.
create table flow_traffic (
  bot_id blob not null,
  flow text not null,
  day integer not null,
  step text not null,
  branch text not null default '',
  count integer not null,
  primary key (bot_id, flow, day, step, branch)
) strict, without rowid;

create table flow_test (
  id blob primary key,
  bot_id blob not null references bot (id),
  flow text not null,
  name text not null,
  -- What the customer does, with what came from outside; and what the bot is expected to say.
  script text not null,
  expected text not null,
  passed integer,
  difference text,
  run_at integer,
  created_at integer not null
) strict;
create index flow_test_by_flow on flow_test (bot_id, flow, created_at);

-- Addresses that other programs call to begin a flow.
create table flow_hook (
  token text primary key not null,
  bot_id blob not null references bot (id),
  flow text not null,
  step text not null,
  -- The last body that came, for the editor.
  sample text,
  sample_at integer,
  unique (bot_id, flow, step)
) strict, without rowid;

-- Flows that begin later, unless the customer writes before.
create table follow_up (
  id blob primary key,
  conversation_id blob not null references conversation (id),
  flow text not null,
  at integer not null,
  unless_reply integer not null,
  data text not null,
  -- When it was due at first; `at` moves on while something else is under way.
  first_at integer not null
) strict;
create index follow_up_due on follow_up (at);
create index follow_up_by_conversation on follow_up (conversation_id);

alter table conversation add column vars text not null default '{}';
-- When the customer will have been silent long enough for a flow, and how often that was so in a row.
alter table conversation add column idle_at integer;
alter table conversation add column idle_count integer not null default 0;
create index conversation_idle on conversation (idle_at) where idle_at is not null;

create table contact_tag (
  contact_id blob not null references contact (id),
  tag text not null,
  primary key (contact_id, tag)
) strict, without rowid;
create index contact_tag_by_tag on contact_tag (tag, contact_id);

-- Values and counters that all conversations share.
create table flow_value (
  name text primary key not null,
  value text not null
) strict, without rowid;
create table flow_counter (
  name text primary key not null,
  value integer not null
) strict, without rowid;

create table goal (
  id integer primary key,
  bot_id blob not null,
  run_id blob not null,
  effect_seq integer not null,
  name text not null,
  value real not null,
  variants text not null,
  at integer not null,
  unique (run_id, effect_seq)
) strict;
create index goal_by_age on goal (bot_id, name, at);

-- What flows tell the owner.
create table notice (
  id blob primary key,
  title text not null,
  text text not null,
  urgent integer not null,
  conversation_id blob,
  run_id blob not null,
  at integer not null,
  read_at integer
) strict;
create index notice_by_age on notice (at desc, id desc);
