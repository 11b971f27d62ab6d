/**
 * The steps from one version of the tables to the next; `user_version` of the file is the number of steps it has
 * taken. Written out, for a step that was released never changes, whatever becomes of the columns since.
 */
export const migrations: readonly string[] = [
  `create table requests (id TEXT not null primary key, at INTEGER, method TEXT, path TEXT, client TEXT,
     client_address TEXT, agent TEXT, session TEXT, model TEXT, upstream_model TEXT, account TEXT, account_id TEXT,
     status INTEGER, outcome TEXT, stream INTEGER, wait_ms REAL, first_byte_ms REAL, total_ms REAL, attempts TEXT,
     decision TEXT, cost_usd REAL, stop_reason TEXT, upstream_request_id TEXT, may_have_run_twice INTEGER, error TEXT,
     input_tokens REAL, output_tokens REAL, cache_read_tokens REAL, cache_write_5m_tokens REAL,
     cache_write_1h_tokens REAL);
   create index requests_at on requests (at);`,

  // A window is known by its name and the models it is for; '' for all of them.
  `alter table requests add column project TEXT;
   create table limit_snapshots (at INTEGER not null, account_id TEXT not null, "window" TEXT not null,
     scope TEXT not null, utilization REAL, resets_at INTEGER, status TEXT, source TEXT not null);
   create index limit_snapshots_window on limit_snapshots (account_id, "window", scope, at);
   create index limit_snapshots_at on limit_snapshots (at);`,

  // Whether what a request cost is money, or what a plan is worth.
  `alter table requests add column cost_kind TEXT;`,

  // What the rows of one hour come to (rollups.ts). Whatever is done to a row, and by whom, its hour is not summed up any more.
  `create table rollup_hours (hour INTEGER not null primary key, built INTEGER not null);
   create table rollups (hour INTEGER not null, dimension TEXT not null, tally TEXT not null,
     primary key (hour, dimension)) without rowid;
   create trigger requests_added after insert on requests begin
     delete from rollup_hours where hour = cast(new.at / 3600000 as integer); end;
   create trigger requests_removed after delete on requests begin
     delete from rollup_hours where hour = cast(old.at / 3600000 as integer); end;
   create trigger requests_changed after update on requests begin
     delete from rollup_hours
     where hour in (cast(old.at / 3600000 as integer), cast(new.at / 3600000 as integer)); end;`,

  // What caching saved, by the prices of its time, as the cost is. Sums of hours have one figure more, and are made anew.
  `alter table requests add column cache_saved_usd REAL;
   delete from rollups; delete from rollup_hours;`,

  // Heads and bodies, encrypted (capture-rows.ts). `bytes` is the size of what is sealed, so that all sizes can be had from the index.
  `create table captures (id TEXT not null primary key, at INTEGER not null, bytes INTEGER not null,
     key_id TEXT not null, nonce BLOB not null, sealed BLOB not null);
   create index captures_at on captures (at, bytes);`,
];

export const schemaVersion = migrations.length;
