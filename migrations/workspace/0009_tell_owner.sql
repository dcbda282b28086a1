-- Notices may come from the program itself and not from a run; those that ask for a decision name what is decided.
create table notice_next (
  id blob primary key,
  title text not null,
  text text not null,
  urgent integer not null,
  conversation_id blob,
  run_id blob,
  -- The effect of that run that waits for a person's yes or no.
  effect_seq integer,
  -- What a notice of the program itself is about; there is one open notice of a kind at most.
  about text,
  at integer not null,
  read_at integer
) strict;
insert into notice_next (id, title, text, urgent, conversation_id, run_id, at, read_at)
  select id, title, text, urgent, conversation_id, run_id, at, read_at from notice;
drop table notice;
alter table notice_next rename to notice;
create index notice_by_age on notice (at desc, id desc);
create index notice_unread on notice (at desc, id desc) where read_at is null;
create index notice_decision on notice (run_id, effect_seq) where effect_seq is not null;

-- Each look at the public address through the world: whether it led here, and how long it took in milliseconds.
create table address_check (
  at integer primary key,
  ms real
) strict;
