import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectControl } from '../../source/control/client.ts';
import { encodeLine } from '../../source/control/protocol.ts';
import { relay } from '../../source/control/relay.ts';
import { Secret } from '../../source/shared/secret.ts';
import { event, serve, token } from './served.ts';

const open = async (options: Parameters<typeof serve>[0] = {}, readOnly = false) => {
  const served = await serve(options);
  const [input, output] = [new PassThrough(), new PassThrough()];
  const socket = connect(served.socketPath);
  await once(socket, 'connect');
  const done = relay({ input, output, socket, token: new Secret(token), readOnly });
  done.catch(() => undefined);
  onTestFinished(() => void socket.destroy());
  let text = '';
  output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const said = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...served, input, output, socket, done, said, text: () => text };
};
const hello = encodeLine({ hello: { protocol: 1 } });

describe('the relay', () => {
  test('lets a client in that has no token, and never shows it one', async () => {
    const { input, said, text, done } = await open();
    input.write(hello + encodeLine({ id: 1, command: { name: 'status' } }));
    await expect.poll(() => said().length).toBe(2);
    expect(said()).toMatchObject([{ welcome: { protocol: 1, readOnly: false } }, { id: 1, result: {} }]);
    input.end();
    await done;
    expect(text()).not.toContain(token);
  });

  test('passes everything on whatever the pieces it comes in', async () => {
    const { input, said, done } = await open();
    const bytes = Buffer.from(
      hello + [1, 2, 3].map((id) => encodeLine({ id, command: { name: 'status' } })).join(''),
    );
    for (const byte of bytes) input.write(Buffer.of(byte));
    await expect.poll(() => said().length).toBe(4);
    input.end();
    await done;
  });

  test.each([
    [{ readOnly: true }, false],
    [{}, true],
    [{ readOnly: false }, true],
  ])('a client that says %j may only read where the relay says %j', async (wish, forced) => {
    const executed: string[] = [];
    const { input, said } = await open({ execute: async ({ name }) => void executed.push(name) }, forced);
    input.write(encodeLine({ hello: { protocol: 1, ...wish } }));
    input.write(encodeLine({ id: 1, command: { name: 'stop' } }));
    input.write(encodeLine({ id: 2, command: { name: 'status' } }));
    await expect.poll(() => said().length).toBe(3);
    expect(said()).toMatchObject([
      { welcome: { readOnly: true } },
      { error: { code: 'control_refused' } },
      { id: 2 },
    ]);
    expect(executed).toEqual(['status']);
  });

  test('ends with the client, and with the instance, whose last word it passes on', async () => {
    const leaving = await open();
    leaving.input.write(hello);
    leaving.input.end();
    await leaving.done;
    const stopped = await open();
    stopped.input.write(hello);
    await expect.poll(() => stopped.said().length).toBe(1);
    await stopped.server.close();
    await stopped.done;
    expect(stopped.said().at(-1)).toEqual({ goodbye: true });
  });

  test('ends when nothing was said, and when its output has gone', async () => {
    const silent = await open();
    silent.input.end();
    await silent.done;
    expect(silent.text()).toBe('');
    const gone = await open();
    gone.input.write(hello);
    gone.output.destroy();
    await gone.done;
  });

  test('refuses what is no hello, whatever the bytes, and sends none of it on', async () => {
    const { socketPath } = await serve();
    const rubbish = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        '{"hello":1}',
        '{"hello":{"protocol":"1"}}',
        `{"hello":{"token":"${token}"}}`,
        'SSH-2.0-x',
      ),
    );
    await fc.assert(
      fc.asyncProperty(rubbish, async (line) => {
        const socket = connect(socketPath);
        await once(socket, 'connect');
        const input = new PassThrough();
        const done = relay({
          input,
          output: new PassThrough(),
          socket,
          token: new Secret(token),
          readOnly: false,
        });
        input.end(`${line.replaceAll('\n', '')}\n`);
        await expect(done).rejects.toMatchObject({ code: 'usage' });
        expect(socket.bytesWritten).toBe(0);
        expect(socket.destroyed).toBe(true);
      }),
      { numRuns: 40 },
    );
    const long = await open();
    long.input.write('x'.repeat(10_000));
    await expect(long.done).rejects.toMatchObject({ code: 'usage' });
  });

  test('a client that does not read costs the relay little, and the instance only this connection', async () => {
    const { input, output, feed, done, instance, text: read } = await open();
    output.pause();
    input.write(hello + encodeLine({ id: 1, subscribe: { after: null } }));
    await expect.poll(() => output.readableLength).toBeGreaterThan(100);
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 200; n += 1) {
      feed.emit({ type: 'logged', at: event(0).at, level: 'info', text });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(output.readableLength).toBeLessThan(1_000_000);
    const other = await connectControl(instance, { timeoutMs: 15_000 });
    expect(await other.run('status', {})).toEqual({ did: 'status' });
    other.close();
    // What was on its way still comes, then the end: the instance has cut this one long ago.
    output.resume();
    await done;
    expect(read().length).toBeLessThan(200 * text.length);
  });
});
