import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';
import { answerAll, answerBytes } from '../proxy/start-proxy.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';

const home = useCommandHome({ inPlace: true });
const marker = 'relay-marker-0123456789abcdef';

describe.each(['without an instance', 'with a running instance'])('secrets by name %s', (how) => {
  it('are kept from a pipe, listed, shown masked, and forgotten; no file has them in plain text', async () => {
    if (how.startsWith('with ')) await home.serve();
    const set = await home.run(['secret', 'set', 'RELAY_KEY'], `${marker}\n`);
    expect(set).toMatchObject({
      code: 0,
      stdout: 'stored RELAY_KEY in the encrypted vault; $RELAY_KEY stands for it\n',
    });
    expect(await home.json(['secret', 'list'])).toEqual([{ name: 'RELAY_KEY', store: 'vault' }]);
    const shown = await home.run(['secret', 'get', 'RELAY_KEY']);
    expect(shown.stdout).toBe('RELAY_KEY  rela…cdef  29 characters, in the encrypted vault\n');
    expect((await home.run(['secret', 'get', 'RELAY_KEY', '--reveal'])).stdout).toBe(`${marker}\n`);
    const told = { name: 'RELAY_KEY', masked: 'rela…cdef', length: 29, store: 'vault' };
    expect(await home.json(['secret', 'get', 'RELAY_KEY'])).toEqual(told);
    const whole = await home.json(['secret', 'get', 'RELAY_KEY', '--reveal']);
    expect(whole).toEqual({ ...told, secret: marker });
    const files = readdirSync(home.path, { recursive: true, encoding: 'utf8' })
      .map((name) => join(home.path, name))
      .filter((path) => statSync(path).isFile());
    expect(files.filter((path) => readFileSync(path, 'latin1').includes(marker))).toEqual([]);
    expect(home.read('audit.log')).toContain('"event":"secret.stored","secret":"RELAY_KEY"');
    expect((await home.run(['secret', 'delete', '$RELAY_KEY'])).stdout).toBe('deleted RELAY_KEY\n');
    expect((await home.run(['secret', 'delete', 'RELAY_KEY'])).code).toBe(3);
  });
});

it('accounts that share a secret take the new one as soon as it is stored', async () => {
  const upstream = await startRawUpstream(
    answerAll(answerBytes(200, { 'content-type': 'application/json' }, '{}')),
  );
  const { url } = await home.serve();
  const add = ['account', 'add', 'relay', '--kind', 'compatible', '--base-url', upstream.url];
  const added = await home.run([...add, '--secret-name', 'RELAY_KEY', '--json']);
  expect(added.code).toBe(0);
  const ask = async (): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const body = '{"model":"m","max_tokens":1,"messages":[]}';
    return (await fetch(`${url}/v1/messages`, { method: 'POST', headers, body })).status;
  };
  expect(JSON.parse(added.stdout)).toMatchObject({ name: 'relay' });
  expect(await ask()).toBe(503);
  const [account] = (await home.json(['account', 'list'])) as unknown[];
  expect(account).toMatchObject({
    state: 'error',
    reason: 'there is no secret RELAY_KEY; store it: ccr-tui secret set RELAY_KEY',
  });
  await home.run(['secret', 'set', 'RELAY_KEY'], 'key-one\n');
  expect(await ask()).toBe(200);
  await home.run(['secret', 'set', 'RELAY_KEY'], 'key-two\n');
  expect(await ask()).toBe(200);
  const said = upstream.connections.map((connection) => connection.received().toString()).join('');
  expect(said.match(/key-\w+/g)).toEqual(['key-one', 'key-two']);
  expect(said).not.toContain('RELAY_KEY');
  await upstream.close();
});

const addRelay = ['account', 'add', 'relay', '--kind', 'compatible', '--base-url', 'https://r.example'];

it('a secret where its name belongs is refused and not repeated', async () => {
  for (const line of [
    ['secret', 'set', marker],
    ['secret', 'get', marker],
    [...addRelay, '--secret-name', marker],
  ]) {
    const ran = await home.run(line, 'x\n');
    expect(ran.code).toBe(2);
    expect(ran.stderr).not.toContain(marker);
  }
});

it('an account with a shared secret says by which name, not where', async () => {
  const { stdout } = await home.run([...addRelay, '--secret-name', '$RELAY_KEY']);
  expect(stdout).toBe('added relay; its key is $RELAY_KEY\n');
});
