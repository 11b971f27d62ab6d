import { standardKeys, withKey, type Keymap } from '../keymap.ts';
import { smallest, type Size } from '../layout.ts';
import { shorten, paragraph } from '../line.ts';
import type { Theme } from '../theme.ts';

/** The only line of a terminal in which nothing fits. */
export const smallLine = (size: Size): string =>
  `${smallest.columns}x${smallest.rows} needed, have ${size.columns}x${size.rows}`.slice(0, size.columns);

type Start = { action: string; short: string; does: string; more: string };

/** What can be done first, each by one key that works here. */
const starts: readonly Start[] = [
  { action: 'account.add', short: 'add a key', does: 'add an API key', more: ': paste it, then Enter' },
  {
    action: 'account.import',
    short: 'import',
    does: 'import accounts',
    more: ' of Claude Code or another tool',
  },
  { action: 'account.login', short: 'sign in', does: 'sign in to a Claude login', more: ' with the browser' },
  { action: 'client.connect', short: 'connect', does: 'connect Claude Code', more: ' or another client' },
  { action: 'demo.show', short: 'demo', does: 'look at a demo', more: '' },
];

/** Below it a line has no room for what is said besides. */
const long = 56;

/** The keys that lead on while there is no account, and nothing else. One that a person has taken away is not named. */
export const onboardingLines = (theme: Theme, columns: number, keys: Keymap = standardKeys): string[] => {
  const text = (words: string, indent: number): string =>
    ' '.repeat(indent) + shorten(theme, words, columns - indent);
  const there = starts.flatMap((each) => {
    const key = keys.keyOf(each.action);
    const back = each.action === 'demo.show' ? withKey(keys, 'quit', (quit) => `, ${quit} comes back`) : '';
    return key === null ? [] : [{ ...each, key, more: each.more + back }];
  });
  if (columns < 46) {
    const pairs = there.map(({ key, short }) => `${key} ${short}`.padEnd(13));
    const lines = pairs.flatMap((pair, at) => (at % 2 === 0 ? [pair + (pairs[at + 1] ?? '')] : []));
    return [text('No account yet.', 1), ...lines.map((each) => text(each.trimEnd(), 2))];
  }
  const width = Math.max(0, ...there.map(({ key }) => key.length));
  const keyLine = ({ key, does, more }: (typeof there)[number]): string => {
    const words = shorten(theme, columns < long ? does : does + more, columns - width - 7);
    return `     ${theme.paint('strong', key.padEnd(width))}  ${words}`;
  };
  return [text('No account yet.', 3), ...there.map(keyLine)];
};

/** What stands in the requests' place before the first one. */
export const idleLines = (theme: Theme, columns: number, keys: Keymap = standardKeys): string[] => {
  const more = withKey(keys, 'client.connect', (key) => `; ${key} shows what else there is`);
  const words = `No request yet. Try ccr-tui run -- claude in another shell${more}.`;
  return paragraph(theme, words, { columns, margin: 2, tone: 'faint' });
};
