import type { Connection } from '../clients/connection.ts';
import { knownClients, type KnownClient } from '../clients/known-clients.ts';
import { openReceipts } from '../clients/receipt.ts';
import { createFileLock } from '../config/file-lock.ts';
import { ensureFolder, type Paths } from '../config/paths.ts';
import { CcrError } from '../shared/errors.ts';
import type { CommandContext } from './context.ts';
import { nearestWord } from './nearest-word.ts';

export type Opened = {
  known: KnownClient;
  connection: Connection;
  /** Ours for the usual place of the client's settings; with the place in it for any other. */
  keyName: string;
};

/** What a command line says about a client, ready to work on. Touches nothing. `usage` for a client we do not know. */
export const openConnection = async (
  { positionals, options, env }: CommandContext,
  paths: Paths,
): Promise<Opened> => {
  const [client = ''] = positionals;
  const known = Object.hasOwn(knownClients, client) ? knownClients[client] : undefined;
  if (known === undefined) {
    const names = Object.keys(knownClients);
    const near = nearestWord(client, names);
    throw new CcrError('usage', 'this client is not known', {
      hint: near === null ? `it is one of: ${names.join(', ')}` : `did you mean ${near}?`,
    });
  }
  const dir = typeof options['dir'] === 'string' ? options['dir'] : null;
  if (dir === '') throw new CcrError('usage', '--dir is empty', { hint: 'name a folder' });
  const edit = await known.load();
  const receipts = openReceipts(paths);
  const file = edit.path(env, dir);
  const usual = file === edit.path({}, null);
  return {
    known,
    connection: { client, edit, file, receipts },
    keyName: usual ? client : `${client}-${receipts.idOf(file).slice(0, 6)}`,
  };
};

/** Runs the work while no other process of this home edits a client's settings. */
export const alone = async <T>(paths: Paths, work: () => Promise<T>): Promise<T> => {
  ensureFolder(paths.home);
  ensureFolder(paths.receipts);
  return createFileLock(`${paths.receipts}.lock`).run(work);
};
