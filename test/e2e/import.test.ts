import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome();

const copied = (from: string, folder: string, name: string): void => {
  mkdirSync(join(home.path, folder), { recursive: true, mode: 0o700 });
  copyFileSync(
    fileURLToPath(new URL(`../fixtures/import/${from}`, import.meta.url)),
    join(home.path, folder, name),
  );
};

it('import goes through the instance that runs, and keeps pauses, caps and priorities', async () => {
  copied('teamclaude.json', '.config', 'teamclaude.json');
  // Nobody is to renew or read these logins anywhere.
  const nobody = (path: string): string => `http://127.0.0.1:9/${path}`;
  const oauth = { tokenUrl: nobody('token'), usageUrl: nobody('usage'), profileUrl: nobody('profile') };
  home.write('config.json', JSON.stringify({ oauth }));
  await home.serve();
  const { code } = await home.run(['import', 'teamclaude', '--accept-terms']);
  expect(code).toBe(0);
  expect(await home.json(['account', 'list'])).toMatchObject([
    { name: 'ann@example.com-Acme', kind: 'login', priority: 3, caps: { '7d': 0.6 }, paused: false },
    { name: 'ann@example.com', kind: 'login', paused: true, state: 'paused' },
    { name: 'console', kind: 'api-key', priority: 200 },
    { name: 'deepseek', kind: 'compatible', models: ['deepseek-v4-pro'] },
  ]);
});

it('import asks at a terminal: for the yes first, and whether to empty the plain copies last', async () => {
  copied('cc-router-accounts.json', '.cc-router', 'accounts.json');
  const pty = home.typeInto('ccr_tui import cc-router; echo "rc=$?"');
  const shows = (text: string) => pty.waitFor((lines) => lines.some((line) => line.includes(text)));
  await shows('Type yes, or press Enter to leave');
  pty.send('yes\r');
  await shows('Empty the plain copies');
  expect(home.read('.cc-router/accounts.json')).toContain('marker');
  pty.send('\r');
  await shows('rc=0');
  expect(home.read('.cc-router/accounts.json')).toContain('marker');
  expect(home.read('config.json').match(/"importedFrom"/g)).toHaveLength(3);
  const again = home.typeInto('ccr_tui import cc-router; echo "rc=$?"');
  const showsNow = (text: string) => again.waitFor((lines) => lines.some((line) => line.includes(text)));
  await showsNow('Empty the plain copies');
  again.send('yes\r');
  await showsNow('rc=0');
  expect(home.read('.cc-router/accounts.json')).not.toContain('marker');
});

it('import into a vault with a passphrase asks for it once, however many accounts there are', async () => {
  copied('cc-router-accounts.json', '.cc-router', 'accounts.json');
  home.write('pass.txt', 'correct horse battery\n');
  const env = { CCR_TUI_CREDENTIAL_STORE: 'vault' };
  const made = await home.run(['vault', 'init', '--passphrase-file', join(home.path, 'pass.txt')], '', env);
  expect(made).toMatchObject({ code: 0 });
  await home.run(['config', 'set', 'credentialStore', 'vault']);
  const pty = home.typeInto('ccr_tui import cc-router --accept-terms --json; echo "rc=$?"');
  const shows = (text: string) => pty.waitFor((lines) => lines.some((line) => line.includes(text)));
  await shows('passphrase of the vault');
  pty.send('correct horse battery\r');
  const lines = await shows('rc=0');
  expect(lines.join('\n').match(/passphrase of the vault/g)).toHaveLength(1);
  expect(home.read('config.json').match(/"importedFrom"/g)).toHaveLength(3);
});
