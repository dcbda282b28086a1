-- Who signs in, and which businesses they belong to.
create table user (
  id blob primary key not null,
  name text not null,
  -- In lower case.
  email text not null unique,
  -- Argon2id, in PHC form.
  password text not null,
  created_at integer not null,
  password_changed_at integer not null
) strict;

create table workspace (
  id blob primary key not null,
  name text not null,
  created_at integer not null
) strict;

create table membership (
  user_id blob not null references user (id) on delete cascade,
  workspace_id blob not null references workspace (id) on delete cascade,
  role text not null,
  created_at integer not null,
  primary key (user_id, workspace_id)
) strict, without rowid;

create index membership_workspace on membership (workspace_id);

create table session (
  id blob primary key not null,
  user_id blob not null references user (id) on delete cascade,
  workspace_id blob references workspace (id) on delete set null,
  -- SHA-256 of the token; the token itself is only in the browser.
  token_hash blob not null unique,
  -- The token before the last rotation. It stays good until the new one has been seen in use, and a minute longer,
  -- so that requests under way and an answer lost on its way sign nobody out.
  previous_hash blob,
  previous_until integer,
  created_at integer not null,
  rotated_at integer not null,
  seen_at integer not null
) strict;

create index session_previous on session (previous_hash) where previous_hash is not null;
create index session_user on session (user_id, seen_at);
create index session_seen on session (seen_at);

-- What was done by whom: only ever added to.
create table audit (
  seq integer primary key,
  at integer not null,
  user_id blob,
  workspace_id blob,
  action text not null,
  detail text not null
) strict;

create index audit_workspace on audit (workspace_id, seq);
