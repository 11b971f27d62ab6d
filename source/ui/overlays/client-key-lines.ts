import type { ClientKeyView } from '../../shared/client-key.ts';
import { keyLimitsText } from '../../shared/key-limits-text.ts';
import { localTime } from '../../shared/local-time.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { EpochMs } from '../../shared/types.ts';
import { cell, cellsWidth, line, type Cell } from '../line.ts';
import type { Theme, Tone } from '../theme.ts';

/** How a key stands, and in which tone. */
export const keyState = ({ revokedAt, limits }: ClientKeyView, now: EpochMs): [text: string, tone: Tone] => {
  if (revokedAt !== null) return ['revoked', 'faint'];
  return limits.expiresAt !== null && limits.expiresAt <= now ? ['expired', 'warning'] : ['valid', 'good'];
};

const columnsOf = (key: ClientKeyView, now: EpochMs): Cell[] => {
  const [state, tone] = keyState(key, now);
  const used = key.lastUsedAt === null ? '—' : localTime(key.lastUsedAt, now);
  return [
    { text: state, width: 7, tone },
    { text: key.kind, width: 7 },
    { text: used, width: 16 },
  ];
};

/** How wide the names stand. */
const nameWidth = (columns: number): number => (columns < 46 ? 14 : 24);

/** Under 8 columns no limit can be read. */
const withLast = (cells: Cell[], text: string, columns: number): Cell[] => {
  const width = Math.max(0, columns - cellsWidth(cells) - 1);
  return width < 8 ? cells : [...cells, { text, width }];
};

/** What stands in each column of the keys. */
export const keyHeading = (theme: Theme, columns: number): string => {
  const cells: Cell[] = [
    cell('  '),
    { text: 'name', width: nameWidth(columns) },
    { text: 'state', width: 7 },
    { text: 'kind', width: 7 },
    { text: 'last used', width: 16 },
  ];
  const all = withLast(cells, 'limits', columns).map((each) => ({ ...each, tone: 'faint' as const }));
  return line(theme, all, columns);
};

/** One line for a key: its name, and as much of the rest as has room. Never the key. */
export const keyLine = (
  theme: Theme,
  key: ClientKeyView,
  { columns, selected, now }: { columns: number; selected: boolean; now: EpochMs },
): string => {
  const name: Cell = { text: sanitize(key.name, 64), width: nameWidth(columns) };
  const mark = cell(` ${selected ? theme.glyphs.select : ' '}`);
  const cells = [mark, name, ...columnsOf(key, now)];
  const text = sanitize(keyLimitsText(key.limits, now), 200) || 'no limit';
  return line(theme, withLast(cells, text, columns), columns, selected);
};
