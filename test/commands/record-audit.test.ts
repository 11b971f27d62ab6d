import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordAudit } from '../../source/commands/record-audit.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const file = (): string => join(home.path, 'audit.log');
const created = (key: string) => ({ event: 'key.created', key }) as const;

test('what a command changed is in the file when that is answered, under the name of the command line', async () => {
  const { context, stderr } = home.context();
  await recordAudit(context, created('ci'));
  await recordAudit(context, created('laptop'));
  const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { via: 'cli', event: 'key.created', key: 'ci', pid: process.pid },
    { via: 'cli', event: 'key.created', key: 'laptop' },
  ]);
  expect(stderr()).toBe('');
});

test('nothing leaves no trace, not even a file', async () => {
  await recordAudit(home.context().context, null);
  expect(existsSync(file())).toBe(false);
});

test('a file that cannot be written is said once for a command, and fails none', async () => {
  mkdirSync(file());
  const { context, stderr } = home.context();
  for (const key of ['a', 'b', 'c']) await recordAudit(context, created(key));
  expect(stderr()).toMatch(/^ccr-tui: note: [^\n]+\n$/);
  const next = home.context();
  await recordAudit(next.context, created('d'));
  expect(next.stderr()).toMatch(/^ccr-tui: note: [^\n]+\n$/);
});
