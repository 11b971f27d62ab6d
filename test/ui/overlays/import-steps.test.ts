import { describe, expect, it } from 'vitest';
import type { ImportPlan, ImportRow } from '../../../source/ui/outside.ts';
import { importSteps } from '../../../source/ui/overlays/import-steps.ts';

const row = (name: string, more: Partial<ImportRow> = {}): ImportRow => ({
  name,
  kind: 'api-key',
  action: 'add',
  reason: null,
  notes: [],
  ...more,
});
const planOf = (rows: readonly ImportRow[], more: Partial<ImportPlan> = {}): ImportPlan => ({
  path: '/home/me/.claude',
  rows,
  left: [],
  notes: [],
  consent: null,
  ...more,
});
const source = { from: 'cc-router', title: 'CC-Router' };

const open = async (planned: ImportPlan, done = planned) => {
  const ran: [string, boolean][] = [];
  const first = await importSteps(
    {
      sources: () => Promise.reject(new Error('not asked for')),
      plan: async () => planned,
      carryOut: async (from, accepted) => {
        ran.push([from, accepted]);
        return done;
      },
    },
    source,
  );
  return { first, ran };
};
const textOf = ({ texts }: { texts: readonly { text: string }[] }): string =>
  texts.map(({ text }) => text).join('\n');

describe('the pages of an import', () => {
  it('say what will happen to each account, and what has happened', async () => {
    const planned = planOf(
      [
        row('work', { notes: ['it was called Work!'] }),
        row('old', { action: 'update', kind: 'login', reason: 'its login there is newer' }),
        row('home', { action: 'skip', reason: 'it is here already, as home' }),
      ],
      { left: ['azure: of a provider that is not known'] },
    );
    const after = planOf([row('work'), row('home', { action: 'failed', reason: 'the vault is locked' })]);
    const { first, ran } = await open(planned, after);
    expect(textOf(first)).toBe(`/home/me/.claude

work (api-key) will be added
  it was called Work!
old (login) its login will be renewed: its login there is newer
home (api-key) is skipped: it is here already, as home
not taken azure: of a provider that is not known`);
    expect(first.yes?.word).toBe('take over 2 accounts');
    const last = await first.yes?.next();
    expect(ran).toEqual([['cc-router', false]]);
    expect(textOf(last ?? { texts: [] })).toMatch(/^work .* added\nhome .* failed: the vault is locked$/);
    expect(last).toMatchObject({ said: 'took over 1 account from CC-Router; 1 failed' });
    expect(last?.yes).toBeUndefined();
  });

  it('a login needs a second yes, to the text about the terms, before anything is done', async () => {
    const consent = ['Before the first Claude login is added', '', 'What the terms say'];
    const { first, ran } = await open(planOf([row('me', { kind: 'login' })], { consent }));
    expect(textOf(first)).not.toContain('terms');
    const asked = await first.yes?.next();
    expect([textOf(asked ?? { texts: [] }), ran]).toEqual([consent.join('\n'), []]);
    await asked?.yes?.next();
    expect(ran).toEqual([['cc-router', true]]);
  });

  it('nothing can be said yes to where nothing would be taken over', async () => {
    const { first } = await open(planOf([row('home', { action: 'skip', reason: 'it is here already' })]));
    expect(first.yes).toBeUndefined();
    expect(textOf(first)).toContain('Nothing to take over.');
  });
});
