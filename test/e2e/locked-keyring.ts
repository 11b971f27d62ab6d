// Run by keychain.test.ts through with-keyring.sh: locks the keyring of its own bus while an account's secret is in it,
// starts the program, and prints what it then says of its accounts.
import { execFileSync } from 'node:child_process';
import { startUpstream } from '../../source/demo/upstream.ts';
import { runProgram, startProgram } from '../kit/program.ts';
import { temporaryHome } from '../kit/temporary-home.ts';

const key = (name: string): string => `sk-ant-api03-${name}-0123456789abcdefghij`;
const upstream = await startUpstream({
  accounts: ['locked', 'free'].map((name) => ({ name, key: key(name), limits: { kind: 'none' } })),
});
const home = await temporaryHome();

const add = async (name: string, store: string, priority: number): Promise<void> => {
  const { code, stderr } = await runProgram(
    ['account', 'add', name, '--base-url', upstream.url, '--priority', String(priority)],
    { home: home.path, input: `${key(name)}\n`, env: { CCR_TUI_CREDENTIAL_STORE: store } },
  );
  if (code !== 0) throw new Error(stderr);
};
await add('locked', 'keychain', 1);
await add('free', 'vault', 2);

const service = '/org/freedesktop/secrets';
execFileSync('dbus-send', [
  '--session',
  '--print-reply',
  '--dest=org.freedesktop.secrets',
  service,
  'org.freedesktop.Secret.Service.Lock',
  `array:objpath:${service}/collection/login`,
]);

type Account = { name: string; state: string; reason: string | null };
const program = startProgram(['serve', '--port', '0', '--json'], { home: home.path });
const { url } = JSON.parse(await program.waitForLine('"listening"')) as { url: string };
const response = await fetch(`${url}/v1/messages`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
  body: JSON.stringify({
    model: 'claude-haiku-5-5',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
  }),
});
await response.text();

let accounts: Account[] = [];
for (let tries = 0; tries < 100; tries += 1) {
  const { stdout } = await runProgram(['account', 'list', '--json'], { home: home.path });
  accounts = JSON.parse(stdout) as Account[];
  if (accounts.some(({ state }) => state === 'error')) break;
}
const look = (wanted: string): Account => {
  const { name, state, reason } = accounts.find((account) => account.name === wanted)!;
  return { name, state, reason };
};
program.signal('SIGTERM');
const { code } = await program.exit;
process.stdout.write(
  `${JSON.stringify({
    locked: look('locked'),
    free: look('free'),
    servedBy: response.headers.get('x-ccr-account'),
    stopped: code,
  })}\n`,
);
await upstream.close();
await home.remove();
process.exit(0);
