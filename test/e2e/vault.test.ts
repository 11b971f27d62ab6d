import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';
import { inRun } from '../kit/long-run.ts';
import { keys } from '../kit/pty.ts';

const home = useCommandHome();

const fileWith = (name: string, text: string): string => {
  const path = join(home.path, name);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
};
const vaultPrint = (): string =>
  createHash('sha256')
    .update(readFileSync(join(home.path, 'vault')))
    .digest('hex');
const inVault = { CCR_TUI_CREDENTIAL_STORE: 'vault' };
const states = async (): Promise<unknown[]> => {
  const { accounts } = (await home.json(['status'])) as { accounts: { state: string; reason: string }[] };
  return accounts.map(({ state, reason }) => [state, reason]);
};

describe('a vault with a passphrase', () => {
  it('is locked to an instance until somebody unlocks it; the instance changes it then', async () => {
    const file = fileWith('passphrase', 'open sesame');
    const withFile = ['--passphrase-file', file];
    expect((await home.run(['vault', 'init', ...withFile])).stdout).toContain('made the vault');
    expect(existsSync(join(home.path, 'vault.key'))).toBe(false);
    const add = ['account', 'add', 'work', '--kind', 'compatible', '--base-url', 'https://relay.example'];
    const before = vaultPrint();
    expect(await home.run(add, 'marker-key\n', inVault)).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('the vault is locked; give its passphrase'),
    });
    expect(vaultPrint()).toBe(before);
    expect(await home.run([...add, ...withFile], 'marker-key\n', inVault)).toMatchObject({ code: 0 });

    const { program } = await home.serve();
    await expect.poll(states, { timeout: 20_000 }).toEqual([['error', 'vault locked; ccr-tui vault unlock']]);
    expect(await home.run(['vault', 'unlock'], 'open barley\n')).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('the passphrase is wrong'),
    });
    await expect
      .poll(() => home.run(['vault', 'unlock', ...withFile]), { timeout: 20_000 })
      .toMatchObject({
        code: 0,
      });
    await expect.poll(states, { timeout: 20_000 }).toEqual([['ready', null]]);

    expect(await home.run(['vault', 'passwd'], 'new word\n')).toMatchObject({ code: 0, stderr: '' });
    expect(await home.run(['vault', 'rotate'])).toMatchObject({ code: 0, stderr: '' });
    expect(await states()).toEqual([['ready', null]]);
    program.signal('SIGTERM');
    await program.exit;
    const newFile = fileWith('new', 'new word');
    const again = home.start(['serve', '--port', '0', '--json', '--passphrase-file', newFile]);
    await again.waitForLine('"listening"');
    await expect.poll(states, { timeout: 20_000 }).toEqual([['ready', null]]);

    const said = program.stdout() + program.stderr() + home.read('audit.log') + home.read('config.json');
    for (const word of ['marker-key', 'open sesame', 'open barley', 'new word']) {
      expect(said).not.toContain(word);
    }
    expect(home.read('audit.log')).toMatch(
      /vault\.created[^]*vault\.unlocked[^]*vault\.locked[^]*vault\.rotated/,
    );
  }, 60_000);

  it('asks for it at a terminal, twice when it is new, and shows it nowhere', async () => {
    const pty = home.typeInto('ccr_tui vault init --passphrase; ccr_tui vault rotate; echo end $?');
    const answers = [
      ['new passphrase of the vault (not shown):', 'hush-hush'],
      ['once more:', 'hush-hush'],
      ['passphrase of the vault (not shown):', 'wrong-one'],
      ['passphrase of the vault (not shown):', 'hush-hush'],
    ] as const;
    let asked = 0;
    for (const [question, answer] of answers) {
      const count = answers.slice(0, (asked += 1)).filter(([each]) => each.includes(question)).length;
      await pty.waitFor((lines) => lines.join('\n').split(question).length > count);
      pty.send(answer + keys.enter);
    }
    await pty.waitFor((lines) => lines.includes('end 0'));
    expect(pty.raw().toString()).not.toMatch(/hush|wrong-one/);
  }, 60_000);

  it('is not unlocked where nothing runs, and a passphrase on the command line is no option', async () => {
    expect(await home.run(['vault', 'unlock'], 'x\n')).toMatchObject({ code: 4 });
    expect(await home.run(['vault', 'init', '--passphrase=secret'])).toMatchObject({ code: 2 });
    expect(await home.run(['vault', 'move', '--to', 'memory'])).toMatchObject({ code: 2 });
    expect(await home.run(['vault', 'rotate'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no vault yet; make one: ccr-tui vault init'),
    });
  });
});

describe('a move to a keychain that does not answer', () => {
  it.each(inRun([[true]], [[false], [true]]))(
    'says so and changes nothing (with an instance: %j)',
    async (running) => {
      await home.run(['config', 'set', 'credentialStore', 'vault']);
      await home.addAccount('work');
      if (running) await home.serve();
      const [config, vault] = [home.read('config.json'), vaultPrint()];
      expect(await home.run(['vault', 'move', '--to', 'keychain'])).toMatchObject({
        code: 69,
        stderr: expect.stringContaining('the keychain'),
      });
      expect([home.read('config.json'), vaultPrint()]).toEqual([config, vault]);
    },
  );
});
