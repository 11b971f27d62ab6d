import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openOwnersFile } from '../../source/proxy/owners-file.ts';
import { mostOwners } from '../../source/proxy/owners.ts';
import { temporaryHome } from '../kit/temporary-home.ts';
import { accountId, endAll, ending } from './start-proxy.ts';

afterEach(endAll);

const [a, b] = [accountId('a'), accountId('b')];

describe('the file of owners', () => {
  const inHome = async (): Promise<string> => {
    const home = await temporaryHome();
    ending({ close: home.remove });
    return join(home.path, 'owners.json');
  };

  test('keeps them, the newest last, and its end waits for all of them', async () => {
    const path = await inHome();
    const file = openOwnersFile(path);
    expect(file.known).toEqual([]);
    file.add({ id: 'file_1', account: a });
    file.add({ id: 'file_2', account: b });
    file.add({ id: 'file_1', account: b });
    await file.close();
    expect(openOwnersFile(path).known).toEqual([
      { id: 'file_2', account: b },
      { id: 'file_1', account: b },
    ]);
  });

  test('has at most ten thousand', async () => {
    const path = await inHome();
    const file = openOwnersFile(path);
    for (let n = 0; n <= mostOwners; n += 1) file.add({ id: `file_${n}`, account: a });
    await file.close();
    const { known } = openOwnersFile(path);
    expect([known.length, known[0]?.id]).toEqual([mostOwners, 'file_1']);
  });

  test.each(['', 'no JSON', '{}', '[1,["x"],["x",1],null]'])(
    'that is damaged says nothing (%j)',
    async (text) => {
      const path = await inHome();
      await writeFile(path, text);
      expect(openOwnersFile(path).known).toEqual([]);
    },
  );

  test('that cannot be written harms nobody', async () => {
    const file = openOwnersFile('/nonexistent/owners.json');
    file.add({ id: 'file_1', account: a });
    await expect(file.close()).resolves.toBeUndefined();
    await expect(readFile('/nonexistent/owners.json')).rejects.toThrow('ENOENT');
  });
});
