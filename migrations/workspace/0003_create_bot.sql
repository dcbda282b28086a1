-- Settings are small JSON documents by name: business, answers, public_address.
create table setting (
  name text primary key,
  value text not null
) strict;

-- Sealed by the vault; the name is the context it was sealed for.
create table secret (
  name text primary key,
  sealed blob not null
) strict;

create table bot (
  id blob primary key,
  name text not null,
  description text not null default '',
  paused integer not null default 0,
  -- How long a short first message waits for the rest of the thought.
  debounce_ms integer not null default 1200,
  texts text not null default '{}',
  created_at integer not null,
  updated_at integer not null,
  deleted_at integer
) strict;

create table flow_version (
  id blob primary key,
  bot_id blob not null references bot (id),
  number integer not null,
  definition text not null,
  created_at integer not null,
  published_at integer,
  unique (bot_id, number)
) strict;

create table channel (
  id blob primary key,
  bot_id blob not null references bot (id),
  kind text not null check (kind in ('whatsapp', 'webchat')),
  name text not null,
  state text not null check (state in ('draft', 'active', 'paused', 'trouble')),
  trouble text,
  config text not null default '{}',
  checks text not null default '{}',
  created_at integer not null,
  updated_at integer not null,
  deleted_at integer
) strict;
create index channel_by_bot on channel (bot_id);
