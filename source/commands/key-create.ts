import { newClientKey } from '../credentials/key-pepper.ts';
import type { CommandContext } from './context.ts';
import { newKeyJson } from './key-json.ts';
import { limitOptions } from './key-limit-options.ts';
import { openKeyRing } from './key-ring.ts';
import { print, printJson, printLines } from './print.ts';

const nowRequired = [
  'ccr-tui: from now on every client has to show a key (ANTHROPIC_AUTH_TOKEN); without one it is refused',
  'ccr-tui: to let clients in without one: ccr-tui config set requireClientKey false',
];

/** `key create NAME`: a key for clients, shown this once. On stdout stands nothing else. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, stdout, stderr, clock } = context;
  const limits = limitOptions(options, clock.now());
  const key = newClientKey();
  const wanted = { name: positionals[0] ?? '', kind: 'user', limits } as const;
  const { key: view, notice, required } = await openKeyRing(context).create(wanted, key);
  if (options['json'] === true) await printJson(stdout, newKeyJson(view, key.reveal()));
  else await print(stdout, `${key.reveal()}\n`);
  if (notice !== null) await printLines(stderr, [`ccr-tui: ${notice}`]);
  if (required) await printLines(stderr, nowRequired);
  return 0;
};
