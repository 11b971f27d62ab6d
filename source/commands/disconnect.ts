import { assertDisconnectable, disconnect, type Undoing } from '../clients/disconnect.ts';
import { resolvePaths } from '../config/paths.ts';
import { sanitize } from '../shared/sanitize.ts';
import { alone, openConnection } from './client-connection.ts';
import { openClientKeys } from './client-key.ts';
import type { CommandContext } from './context.ts';
import { printJson, printLines } from './print.ts';
import { recordAudit } from './record-audit.ts';

const wording: Readonly<Record<Undoing, string>> = {
  exact: 'is byte for byte as it was before',
  places: 'was changed by others since; only what ccr-tui had set was put back',
  removed: 'did not exist before and is gone again',
  nothing: 'was as before already; there was nothing to undo',
};

/** `disconnect CLIENT`: undoes `connect`, exactly. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout } = context;
  const paths = resolvePaths(env);
  const { known, connection } = await openConnection(context, paths);
  const { revoke } = openClientKeys(context);
  const wish = { ...connection, force: options['force'] === true, revoke };
  // Before the lock, whose folder is made for it: a command that fails leaves nothing behind.
  assertDisconnectable(wish);
  const { path, undone } = await alone(paths, () => disconnect(wish));
  if (undone !== 'nothing') {
    await recordAudit(context, { event: 'client.disconnected', client: connection.client, path });
  }
  if (options['json'] === true) await printJson(stdout, { client: connection.client, path, undone });
  else
    await printLines(stdout, [`${known.title} is disconnected: ${sanitize(path, 4096)} ${wording[undone]}`]);
  return 0;
};
