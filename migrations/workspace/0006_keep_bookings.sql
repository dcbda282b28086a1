-- Times that customers took. Together with the events of the business's own calendars they are what is busy.
create table booking (
  id blob primary key,
  -- Name of the business's calendar.
  calendar text not null,
  start_at integer not null,
  end_at integer not null,
  name text not null,
  contact text not null,
  note text not null,
  -- Where it was taken, as it was shown to the customer.
  timezone text not null,
  -- The wish that took it: the same wish again gets the same booking.
  run_id blob not null,
  effect_seq integer not null,
  created_at integer not null,
  cancelled_at integer,
  unique (run_id, effect_seq)
) strict;
create unique index booking_taken on booking (calendar, start_at) where cancelled_at is null;
create index booking_by_start on booking (start_at desc, id desc);
