import type { DatabaseSync } from 'node:sqlite';
import { versionOf } from './database.ts';
import { guarded, isThere, openForReading } from './queries.ts';

/**
 * Reads the file in the steps that `read` makes, beside an instance that writes; `nothing` when there is no history yet.
 * Throws `history_unavailable` when the file cannot be read.
 */
export function* readSteps<Step, Result>(
  file: string,
  read: (database: DatabaseSync) => Iterator<Step, Result>,
  nothing: Result,
): Generator<Step, Result> {
  if (!guarded(file, () => isThere(file))) return nothing;
  const database = guarded(file, () => openForReading(file));
  try {
    if (!guarded(file, () => versionOf(database, file) > 0)) return nothing;
    const steps = read(database);
    for (;;) {
      const step = guarded(file, () => steps.next());
      if (step.done === true) return step.value;
      yield step.value;
    }
  } finally {
    database.close();
  }
}
