-- What the business knows: sources, the passages and smaller units cut from them, their vectors, approved answers, gaps.

create table source (
  key integer primary key,
  id blob not null unique,
  kind text not null check (kind in ('file', 'web', 'text', 'pairs')),
  title text not null,
  -- The file's name or the page's address, as given.
  origin text,
  mime text,
  size_bytes integer not null default 0,
  -- SHA-256 in hex, which is the name of the original in the media folder.
  content_hash text not null,
  state text not null check (state in ('queued', 'reading', 'understanding', 'ready', 'failed', 'cancelled')),
  progress_done integer not null default 0,
  progress_total integer not null default 0,
  error_code text,
  error_message text,
  language text,
  pages integer not null default 0,
  passages integer not null default 0,
  -- Content, rules of cutting and embedder that the passages were last made from; unlike it, the source is read again.
  indexed_as text,
  created_at integer not null,
  updated_at integer not null,
  refreshed_at integer,
  deleted_at integer
) strict;
create index source_by_age on source (created_at desc, key desc) where deleted_at is null;
create index source_deleted on source (deleted_at) where deleted_at is not null;

-- No row for a source means: every bot may use it.
create table source_bot (
  source_key integer not null references source (key) on delete cascade,
  bot_id blob not null,
  primary key (source_key, bot_id)
) strict, without rowid;

create table source_answer (
  source_key integer not null references source (key) on delete cascade,
  -- Days since 1970-01-01 UTC.
  day integer not null,
  answers integer not null,
  primary key (source_key, day)
) strict, without rowid;

create table passage (
  key integer primary key autoincrement,
  id blob not null unique,
  source_key integer not null references source (key) on delete cascade,
  ordinal integer not null,
  page integer,
  headings text not null,
  kind text not null,
  text text not null,
  blocks text not null,
  language text,
  hash text not null,
  -- Rises with every change of any passage, so that the full-text index can catch up.
  revision integer not null,
  -- 384 little-endian f32, length one.
  vector blob,
  embedder text
) strict;
create index passage_of_source on passage (source_key, ordinal);
create index passage_by_revision on passage (revision);
create index passage_by_embedder on passage (embedder, key);

create table passage_removed (
  revision integer primary key,
  passage_key integer not null
) strict;

-- A sentence, list item, table row or pair: what answers are made of.
create table unit (
  key integer primary key autoincrement,
  passage_key integer not null references passage (key) on delete cascade,
  ordinal integer not null,
  kind text not null check (kind in ('sentence', 'item', 'row', 'pair')),
  -- The block within the passage, and the row within a table.
  block integer not null,
  row integer,
  text text not null,
  -- 384 signed bytes; times `scale` they are the unit's vector.
  vector blob,
  scale real
) strict;
create index unit_of_passage on unit (passage_key, ordinal);

-- Coarse passes: signs of the vectors after their mean was taken off.
create virtual table passage_bits using vec0 (passage_key integer primary key, bits bit[384]);
create virtual table unit_bits using vec0 (unit_key integer primary key, bits bit[384]);

create table embedder (
  id text primary key,
  mean blob not null,
  -- Vectors of everyday questions about other things, one after the other, and the version of their list.
  strangers blob,
  strangers_version integer
) strict, without rowid;

create table search_state (
  name text primary key,
  value integer not null
) strict, without rowid;
insert into search_state values ('revision', 0), ('forgotten', 0), ('answers', 0);

create table approved_answer (
  key integer primary key,
  id blob not null unique,
  answer text not null,
  -- Nothing means: every bot.
  bot_id blob,
  used integer not null default 0,
  used_at integer,
  created_at integer not null,
  updated_at integer not null
) strict;

create table approved_question (
  key integer primary key,
  answer_key integer not null references approved_answer (key) on delete cascade,
  text text not null,
  vector blob,
  embedder text
) strict;
create index approved_question_of_answer on approved_question (answer_key);

create table gap (
  key integer primary key,
  id blob not null unique,
  bot_id blob,
  question text not null,
  -- Content words in order, for grouping without an embedder.
  words text not null,
  vector blob,
  embedder text,
  asked integer not null,
  first_at integer not null,
  last_at integer not null,
  state text not null check (state in ('open', 'taught', 'dismissed')),
  answer_id blob
) strict;
create index gap_by_state on gap (state, last_at desc, key desc);
create index gap_by_words on gap (words);

create table gap_example (
  gap_key integer not null references gap (key) on delete cascade,
  asked_at integer not null,
  question text not null,
  primary key (gap_key, asked_at, question)
) strict, without rowid;
