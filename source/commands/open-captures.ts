import { openCapture, keyIdOf } from '../history/capture-seal.ts';
import { readCapture } from '../history/queries.ts';
import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { CapturedRequest } from '../shared/capture.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';

/** What is kept of a request; none, or why it cannot be read. */
export type FoundCapture =
  | { kind: 'none' }
  | { kind: 'found'; capture: CapturedRequest }
  | { kind: 'unreadable'; reason: string };

export type Captures = {
  /** Throws `history_unavailable` when the file cannot be read. */
  of(id: string): FoundCapture;
};

const changed = 'it was changed since, or is damaged';

const missing = (problems: readonly string[]): string => {
  const why = problems.length === 0 ? 'no secret store has it' : problems.join('; ');
  return `the key that it was encrypted with is not there (${why})`;
};

/** What was captured, with the keys of these names, which are looked for at once; none = no store is opened. */
export const openCaptures = async (
  context: CommandContext,
  file: string,
  keyIds: ReadonlySet<string>,
): Promise<Captures> => {
  const keys = new Map<string, Buffer>();
  const problems: string[] = [];
  if (keyIds.size > 0) {
    const { env } = context;
    const { config } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
    const { createCaptureKeys } = await import('../credentials/capture-key.ts');
    const keeper = await openSecretKeeper(context);
    const stores = createCaptureKeys({ keeper, preference: config.credentialStore });
    for (const id of keyIds) {
      const found = await stores.find((key) => keyIdOf(key) === id);
      if (found.key !== null) keys.set(id, found.key);
      else problems.push(...found.problems);
    }
  }
  return {
    of(id) {
      const sealed = readCapture(file, id);
      if (sealed === null) return { kind: 'none' };
      const key = keys.get(sealed.keyId);
      if (key === undefined) return { kind: 'unreadable', reason: missing([...new Set(problems)]) };
      const capture = openCapture(sealed, key);
      return capture === null ? { kind: 'unreadable', reason: changed } : { kind: 'found', capture };
    },
  };
};
