import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { resolvePaths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { openRefreshJournal } from '../../source/credentials/refresh-journal.ts';
import { createVault } from '../../source/credentials/vault.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { inRun } from '../kit/long-run.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-faults-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const urlOf = (path: string): string =>
  JSON.stringify(pathToFileURL(resolve(import.meta.dirname, path)).href);

let home = '';
let paths = resolvePaths({});
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  paths = resolvePaths({ CCR_TUI_HOME: home });
});

/** How each store saves `old` or `new`, and what it holds, in words for a process of its own. */
const stores = {
  vault: `
    const { createVault } = await import(${urlOf('../../source/credentials/vault.ts')});
    const { Secret } = await import(${urlOf('../../source/shared/secret.ts')});
    const store = createVault(paths);
    const save = (value) => store.set('account/a', new Secret(value));
    const held = async () => (await store.get('account/a'))?.reveal();`,
  config: `
    const { openDocument } = await import(${urlOf('../../source/config/document.ts')});
    const { loadSettings } = await import(${urlOf('../../source/config/settings.ts')});
    const document = openDocument(paths, { onUnsynced: (text) => warnings.push(text) });
    const save = (value) => document.set('strategy', value === 'old' ? 'spread' : 'drain');
    const held = async () => (loadSettings({ paths, env: {} }).config.strategy === 'spread' ? 'old' : 'new');`,
  journal: `
    const { openRefreshJournal } = await import(${urlOf('../../source/credentials/refresh-journal.ts')});
    const store = openRefreshJournal(paths.journal);
    const save = (value) => store.begin('a', value, 1);
    const held = () => store.pending('a');`,
} as const;
type StoreName = keyof typeof stores;

/** What lies on the disk, as a new process would find it. */
const found: Record<StoreName, () => Promise<string | undefined>> = {
  vault: async () => (await createVault(paths).get('account/a'))?.reveal(),
  config: async () => (loadSettings({ paths, env: {} }).config.strategy === 'spread' ? 'old' : 'new'),
  journal: async () => openRefreshJournal(paths.journal).pending('a' as AccountId) ?? undefined,
};
const fileOf: Record<StoreName, string> = {
  vault: 'vault',
  config: 'config.json',
  journal: 'journal/a.json',
};

/** For a process that finds what another one has left. */
const lookAgain = (body: string): string[] => [
  '--input-type=module',
  '-e',
  `const paths = ${JSON.stringify(paths)}; ${body}`,
];
const script = (name: StoreName, body: string): string[] => [
  '--input-type=module',
  '-e',
  `const { arm, disarm } = await import(${urlOf('failing-disk.ts')});
   const paths = ${JSON.stringify(paths)};
   const warnings = [];
   ${body.includes('const furnish') ? '' : `${stores[name]} await save('old');`}
   ${body}`,
];
const run = (name: StoreName, body: string): unknown =>
  JSON.parse(execFileSync(process.execPath, script(name, body), { encoding: 'utf8' }));

type Round = { told: string | null; warned: number; held: string; later: string };

const refusal = /^(?:store_unavailable|failed): cannot (?:read|write) .+ \((?:EIO|ENOSPC)\)$/;
/** Who asks for an entry of the journal gets the words of the system. */
const ofSystem = /^(?:EIO|ENOSPC): /;

/**
 * Old or new content, and who was told of nothing has what was saved. What the settings of an instance say is what the file
 * says: where that has changed before a call failed, the instance goes on with it and warns. Vault and journal have nothing
 * in memory.
 */
const isHonest = (name: StoreName, { told, warned, held, later }: Round): boolean => {
  if (later !== 'new') return false;
  if (told === null) return held === 'new' && warned <= 1;
  const isTold = (name === 'journal' ? ofSystem : refusal).test(told);
  return isTold && (name === 'config' ? held === 'old' : ['old', 'new'].includes(held));
};

describe.each(['vault', 'config', 'journal'] as const)('a save of the %s', (name) => {
  test('writes beside, flushes, renames and flushes the folder, in this order', () => {
    const trace = run(
      name,
      `arm(0, 'EIO'); await save('new'); console.log(JSON.stringify(disarm().trace));`,
    ) as string[];
    const file = basename(fileOf[name]);
    const folder = basename(dirname(join(home, fileOf[name])));
    const wanted = [
      `open ${file}.tmp`,
      `fsync ${file}.tmp`,
      `rename ${file}.tmp`,
      `open ${folder}`,
      `fsync ${folder}`,
    ];
    const steps = trace.filter((step) => wanted.includes(step));
    const from = steps.indexOf(wanted[0] ?? '');
    expect(steps.slice(from, from + wanted.length)).toEqual(wanted);
    expect(trace.indexOf(`rename ${file}.tmp`)).toBeGreaterThan(
      trace.findLastIndex((step) => /^write(?:File)? /.test(step) && step.endsWith(`${file}.tmp`)),
    );
  });

  test('whose every call fails in turn leaves the old or the new content, says so, and can be repeated', () => {
    const rounds = run(
      name,
      `const rounds = [];
       for (const fault of ${JSON.stringify(inRun(['EIO'], ['EIO', 'ENOSPC']))}) {
         for (let at = 1; ; at += ${name === 'vault' ? inRun(2, 1) : 1}) {
           await save('old');
           warnings.length = 0;
           arm(at, fault);
           const told = await save('new').then(() => null, (error) => error.code + ': ' + error.message);
           const { count } = disarm();
           if (count < at) break;
           const before = await held();
           await save('new');
           rounds.push({ told, warned: warnings.length, held: before, later: await held() });
         }
       }
       console.log(JSON.stringify(rounds));`,
    ) as Round[];
    expect(rounds.length).toBeGreaterThan(8);
    expect(rounds.filter((round) => !isHonest(name, round))).toEqual([]);
  });

  test('in which the process dies at any call leaves the old or the new content, and nothing in the way', async () => {
    const { count } = run(
      name,
      `arm(0, 'die'); await save('new'); console.log(JSON.stringify({ count: disarm().count }));`,
    ) as { count: number };
    for (let at = inRun(5, 1); at <= count; at += inRun(11, 1)) {
      const died = spawnSync(process.execPath, script(name, `arm(${at}, 'die'); await save('new');`));
      expect(died.signal).toBe('SIGKILL');
      expect(['old', 'new']).toContain(await found[name]());
      // As a person who knows that nothing runs; that a writer waits and takes it over has tests of its own.
      for (const lock of [`${paths.vault}.lock`, paths.configLock])
        rmSync(lock, { recursive: true, force: true });
      run(name, `await save('new'); console.log('{}');`);
      expect(await found[name]()).toBe('new');
      const left = readdirSync(dirname(join(home, fileOf[name])));
      expect(left.filter((file) => file.includes('.tmp-'))).toEqual([]);
    }
  }, 900_000);
});

const locks = {
  'another passphrase': ['old word', 'new word'],
  'a passphrase instead of a key file': [null, 'new word'],
  'a key file instead of a passphrase': ['old word', null],
  'a new key for the content': ['old word', 'old word'],
} as const;

/** A change of the vault's lock, as a process of its own does it. */
const lockScript = ([before, after]: readonly [string | null, string | null]): string => `
  const { createVault } = await import(${urlOf('../../source/credentials/vault.ts')});
  const { createVaultKeys } = await import(${urlOf('../../source/credentials/vault-keys.ts')});
  const { cheapKey } = await import(${urlOf('../kit/cheap-key.ts')});
  const { Secret } = await import(${urlOf('../../source/shared/secret.ts')});
  const { rmSync, mkdirSync } = await import('node:fs');
  const [before, after] = ${JSON.stringify([before, after])};
  const vaultWith = (word) => createVault(paths, { keys: createVaultKeys({
    derive: cheapKey, passphrase: { atHand: () => (word === null ? null : new Secret(word)) } }) });
  const protection = (word) => word === null ? { kind: 'key-file' } : { kind: 'passphrase', passphrase: new Secret(word), kdf: 'scrypt' };
  const furnish = async () => {
    rmSync(paths.home, { recursive: true });
    mkdirSync(paths.home, { mode: 0o700 });
    await vaultWith(before).init(protection(before));
    await vaultWith(before).set('account/a', new Secret('one'));
  };
  const relock = () => before === after ? vaultWith(before).rotate() : vaultWith(before).protect(protection(after));
  const opens = (word) => vaultWith(word).get('account/a').then((secret) => secret?.reveal() === 'one', () => false);
  const whole = async () => (await opens(before)) || (await opens(after));`;

describe('a vault that gets', () => {
  test.each(Object.entries(locks))(
    '%s opens with the old lock or the new one, whatever call fails',
    (_, words) => {
      const rounds = run(
        'vault',
        `${lockScript(words)}
       const rounds = [];
       for (let at = 1; ; at += ${inRun(3, 1)}) {
         await furnish();
         arm(at, 'EIO');
         const told = await relock().then(() => null, (error) => error.code);
         if (disarm().count < at) break;
         const isWhole = await whole();
         await relock().catch(() => {});
         rounds.push({ told, isWhole, later: await opens(after) });
       }
       console.log(JSON.stringify(rounds));`,
      ) as { told: string | null; isWhole: boolean; later: boolean }[];
      expect(rounds.length).toBeGreaterThan(inRun(5, 16));
      expect(rounds.filter(({ isWhole }) => !isWhole)).toEqual([]);
    },
  );

  test.each(inRun([], Object.entries(locks)))(
    '%s opens with the old lock or the new one, wherever the process dies',
    (_, words) => {
      const { count } = run(
        'vault',
        `${lockScript(words)} await furnish(); arm(0, 'die'); await relock(); console.log(JSON.stringify({ count: disarm().count }));`,
      ) as { count: number };
      for (let at = 1; at <= count; at += 1) {
        const body = `${lockScript(words)} await furnish(); arm(${at}, 'die'); await relock();`;
        expect(spawnSync(process.execPath, script('vault', body)).signal).toBe('SIGKILL');
        const looked = `${lockScript(words)} console.log(JSON.stringify(await whole()));`;
        expect(JSON.parse(execFileSync(process.execPath, lookAgain(looked), { encoding: 'utf8' }))).toBe(
          true,
        );
      }
    },
    900_000,
  );
});
