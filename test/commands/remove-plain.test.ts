import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImportedRow } from '../../source/commands/import-account.ts';
import { removePlain } from '../../source/commands/remove-plain.ts';
import { bindSecret } from '../../source/credentials/bound-secret.ts';
import { plainAccount, type ImportedAccount } from '../../source/credentials/importers/imported-account.ts';
import { Secret } from '../../source/shared/secret.ts';
import { useContextHome } from '../kit/command-context.ts';
import { accountRecord } from './account-records.ts';

const home = useContextHome();

const login = (tail: string): Secret =>
  new Secret(
    JSON.stringify({
      accessToken: `sk-ant-oat01-marker-${tail}`,
      refreshToken: `sk-ant-ort01-marker-${tail}`,
      expiresAt: 1_996_000_000_000,
      scopes: [],
    }),
  );
const record = accountRecord('max', { kind: 'login', baseUrl: 'https://api.anthropic.com' });

const rowOf = (secret: Secret, more: Partial<ImportedRow>): ImportedRow => ({
  source: { ...plainAccount, name: 'max', kind: 'login', sourceId: 'max', secret },
  name: 'max',
  baseUrl: null,
  notes: [],
  holder: null,
  action: 'add',
  reason: null,
  id: null,
  store: null,
  notice: null,
  ...more,
});

/** What is emptied of these rows while our store gives `kept`; the file of the tool holds all their secrets. */
const remove = async (rows: readonly ImportedRow[], kept: Secret) => {
  const path = join(home.path, 'store.json');
  writeFileSync(path, rows.map(({ source }) => source.secret.reveal()).join('\n'));
  const blanked: ImportedAccount[] = [];
  const blank = (accounts: readonly ImportedAccount[]): void => {
    blanked.push(...accounts);
    writeFileSync(path, '');
  };
  const { context } = home.context({ options: { 'remove-plain': true } });
  const content = { accounts: [], left: [] };
  const { end } = await removePlain(context, {
    source: { from: 'cc-router', title: 'CC-Router', path, content, blank },
    rows,
    records: [record],
    keeper: { get: () => Promise.resolve(bindSecret(kept, record.baseUrl)) },
  });
  return { end, blanked: blanked.length };
};

describe('removePlain', () => {
  it('empties a login that was taken over, also when ours has been renewed since', async () => {
    const row = rowOf(login('a'), { id: record.id });
    expect(await remove([row], login('a'))).toEqual({ end: 'removed', blanked: 1 });
    expect(await remove([row], login('renewed'))).toEqual({ end: 'removed', blanked: 1 });
  });

  it('leaves the newer login of a tool alone that was to take the place of ours and has not', async () => {
    const row = rowOf(login('newer'), { holder: record, action: 'failed', reason: 'it is locked' });
    expect(await remove([row], login('older'))).toEqual({ end: 'nothing', blanked: 0 });
  });

  it('empties every place in which the same secret stands', async () => {
    const twin = rowOf(login('a'), { action: 'skip', reason: 'it has the same secret as max' });
    expect(await remove([rowOf(login('a'), { id: record.id }), twin], login('a'))).toEqual({
      end: 'removed',
      blanked: 2,
    });
  });
});
