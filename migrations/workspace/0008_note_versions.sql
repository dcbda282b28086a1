-- On which version each event of a run happened, so that a run that was moved can be built again from its journal.
-- Nothing for older events: those of a run all happened on its own version.
alter table run_event add column flow_version_id blob references flow_version (id);
