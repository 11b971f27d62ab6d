import { newClientKey } from '../credentials/key-pepper.ts';
import { ageOption } from './age-option.ts';
import type { CommandContext } from './context.ts';
import { newKeyJson } from './key-json.ts';
import { openKeyRing } from './key-ring.ts';
import { print, printJson, printLines } from './print.ts';

/** `key rotate NAME`: another key in the place of one, shown this once; the old one ends at once, or after --grace. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, stdout, stderr } = context;
  const graceMs = ageOption(options, 'grace') ?? 0;
  const key = newClientKey();
  const { key: view, notice } = await openKeyRing(context).rotate(positionals[0] ?? '', key, graceMs);
  if (options['json'] === true) await printJson(stdout, newKeyJson(view, key.reveal()));
  else await print(stdout, `${key.reveal()}\n`);
  if (notice !== null) await printLines(stderr, [`ccr-tui: ${notice}`]);
  return 0;
};
