-- Background work that must survive a crash, and the schedules that create it.
create table job (
  seq integer primary key,
  id blob not null unique,
  kind text not null,
  queue text not null,
  payload text not null,
  -- 0 critical, 1 high, 2 normal, 3 low
  priority integer not null check (priority between 0 and 3),
  state text not null check (state in ('queued', 'running', 'done', 'dead', 'cancelled')),
  -- Starts so far that count against max_attempts.
  attempt integer not null default 0,
  max_attempts integer not null,
  -- Starts that ended with the program, not with an outcome.
  interrupted integer not null default 0,
  run_at integer not null,
  dedupe_key text,
  -- Set when the same key was asked for again while this job ran: it runs once more at this time.
  again_at integer,
  -- The run of the program that works on it, and until when that is believed.
  owner blob,
  lease_until integer,
  created_at integer not null,
  started_at integer,
  finished_at integer,
  error text
) strict;

-- Each index holds only the states that its readers look for, so that finished jobs cost nothing.
create index job_claim on job (queue, priority, run_at) where state = 'queued';
create index job_due on job (run_at) where state = 'queued';
create index job_running on job (lease_until) where state = 'running';
create index job_finished on job (state, finished_at) where state in ('done', 'dead', 'cancelled');
create unique index job_dedupe on job (kind, dedupe_key) where dedupe_key is not null and state in ('queued', 'running');

create table job_schedule (
  name text primary key not null,
  cron text not null,
  -- IANA name, such as Europe/Berlin.
  zone text not null,
  kind text not null,
  queue text not null,
  payload text not null,
  priority integer not null,
  max_attempts integer not null,
  next_run integer not null,
  last_run integer
) strict;

create index job_schedule_due on job_schedule (next_run);

create table job_paused_queue (
  name text primary key not null
) strict;
