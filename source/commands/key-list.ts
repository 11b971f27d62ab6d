import type { ClientKeyView } from '../shared/client-key.ts';
import { keyLimitsText } from '../shared/key-limits-text.ts';
import { localTime } from '../shared/local-time.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import type { EpochMs } from '../shared/types.ts';
import type { CommandContext } from './context.ts';
import { keyJson } from './key-json.ts';
import { openKeyRing } from './key-ring.ts';
import { print, printJson, printLines } from './print.ts';

const columns: readonly TextColumn[] = [
  { title: 'KEY', align: 'left' },
  { title: 'KIND', align: 'left' },
  { title: 'STATE', align: 'left' },
  { title: 'LAST USED', align: 'left' },
  { title: 'LIMITS', align: 'left' },
];

const time = (at: EpochMs | null, now: EpochMs): string => (at === null ? '—' : localTime(at, now));

const stateOf = ({ revokedAt, limits }: ClientKeyView, now: EpochMs): string => {
  if (revokedAt !== null) return 'revoked';
  return limits.expiresAt !== null && limits.expiresAt <= now ? 'expired' : 'valid';
};

/** `key list`: the keys of clients; never the keys themselves. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, stdout, stderr, clock } = context;
  const keys = await openKeyRing(context).list();
  const now = clock.now();
  if (options['json'] === true) await printJson(stdout, keys.map(keyJson));
  else if (keys.length === 0) await print(stderr, 'no key yet; make one: ccr-tui key create NAME\n');
  else {
    const rows = keys.map((key) => [
      key.name,
      key.kind,
      stateOf(key, now),
      time(key.lastUsedAt, now),
      keyLimitsText(key.limits, now),
    ]);
    await printLines(stdout, textTable(columns, rows, stdout.columns));
  }
  return 0;
};
