-- Files of ours that a provider holds for a while, so that a picture is handed over once and not with every message.
create table upload (
  -- Meta keeps files for one number only.
  phone_number_id text not null,
  -- SHA-256 in hex, which is its name in the media folder.
  sha256 text not null,
  mime text not null,
  provider_id text not null,
  uploaded_at integer not null,
  expires_at integer not null,
  primary key (phone_number_id, sha256, mime)
) strict, without rowid;
create index upload_by_expiry on upload (expires_at);

-- What kind of address the latest try went to: `phone` or `user`.
alter table outbox add column addressed text;
-- Refusals so far; tries that did not reach the provider do not count.
alter table outbox add column refused integer not null default 0;
-- 1 when the channel's template goes out in place of the message, because the provider takes no free text any more.
alter table outbox add column as_template integer not null default 0;

-- Which file of the media folder a message holds.
alter table message add column stored text generated always as
  (case when json_valid(content) then json_extract(content, '$.media.stored') end) virtual;
create index message_by_stored on message (stored) where stored is not null;
