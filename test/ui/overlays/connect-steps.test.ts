import { describe, expect, it } from 'vitest';
import type { ClientChange } from '../../../source/ui/outside.ts';
import { connectSteps } from '../../../source/ui/overlays/connect-steps.ts';

const change: ClientChange = {
  path: '/home/me/.claude/settings.json',
  url: 'http://127.0.0.1:4180',
  changed: true,
  created: false,
  notes: ['ANTHROPIC_API_KEY is set, too'],
  diff: '--- a\n+++ a\n@@ -1 +1 @@\n-{}\n+{\t"env":1}\n',
};
const textOf = (step: { texts: readonly { text: string }[] } | undefined): string =>
  step?.texts.map(({ text }) => text).join('\n') ?? '';

describe('the pages that connect Claude Code', () => {
  it('show the change line by line and make it only by a yes', async () => {
    let written = 0;
    const first = await connectSteps({
      look: async () => change,
      carryOut: async () => {
        written += 1;
        return { ...change, diff: null, notes: [] };
      },
    });
    expect(first.texts).toContainEqual({ text: '-{}', tone: 'bad', asLine: true });
    expect(first.texts).toContainEqual({ text: '+{  "env":1}', tone: 'good', asLine: true });
    expect(textOf(first)).toMatch(/This would change, and nothing else:[^]*ANTHROPIC_API_KEY is set/);
    expect(written).toBe(0);
    const last = await first.yes?.next();
    expect(written).toBe(1);
    expect(textOf(last)).toMatch(/is connected to http:\/\/127\.0\.0\.1:4180[^]*disconnect claude-code/);
  });

  it('say of a new file that it is one, and of no change that there is none', async () => {
    const carryOut = (): Promise<never> => Promise.reject(new Error('nobody said yes'));
    const fresh = await connectSteps({ look: async () => ({ ...change, created: true }), carryOut });
    expect(textOf(fresh)).toContain('A new file would be written:');
    const same = await connectSteps({
      look: async () => ({ ...change, changed: false, diff: null }),
      carryOut,
    });
    expect(textOf(same)).toContain('already is connected');
    expect(same.yes).toBeUndefined();
  });
});
