import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { parseMessage } from './http-bytes.ts';
import { connectRaw, exchange, requestBytes } from './raw-client.ts';
import { startRawUpstream } from './raw-upstream.ts';

describe('parseMessage', () => {
  const parse = (text: string) => parseMessage(Buffer.from(text, 'latin1'));

  test('knows whether the terminator of a chunked body came, and how it was cut', () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const whole = parse(`${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nnext`);
    expect(whole).toMatchObject({ framing: 'chunked', complete: true });
    expect([String(whole?.body), String(whole?.rest)]).toEqual(['abcde', 'next']);
    expect(whole?.chunks.map(String)).toEqual(['abc', 'de']);
    for (const cut of ['', '3\r\nabc\r\n', '3\r\nabc\r\n0\r\n', '3\r\nab', '5\r\nabcde']) {
      expect(parse(head + cut)?.complete).toBe(false);
    }
    expect(String(parse(`${head}9\r\nabc`)?.body)).toBe('abc');
  });

  test('knows an announced length, a body until the end, and no body', () => {
    expect(parse('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab')).toMatchObject({ complete: false });
    expect(parse('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab')).toMatchObject({ complete: true });
    expect(parse('HTTP/1.1 200 OK\r\n\r\nab')).toMatchObject({ framing: 'close', complete: false });
    expect(parse('HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ framing: 'none', complete: true });
    expect(parse('GET / HTTP/1.1\r\nA: 1\r\nA: 2\r\n\r\n')?.headers).toEqual([
      ['A', '1'],
      ['A', '2'],
    ]);
    expect([parse('HTTP/1.1 200 OK\r\n'), parse('SSH-2.0-x\r\n\r\n')]).toEqual([null, null]);
  });
});

test('the raw upstream gets exactly what a client sends, and the client exactly what the script sends', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    const message = await connection.message();
    await connection.send(
      `HTTP/1.1 299 Odd\r\nX-Case: ${message.header('x-a')}\r\ncontent-length: 2\r\n\r\n`,
    );
    await connection.send('ok');
  });
  const bytes = requestBytes('PUT', '/x?y=1', { Host: 'h', 'X-a': 'B' }, 'body');
  const answer = await exchange(upstream.port, bytes);
  expect(answer.bytes.toString()).toBe('HTTP/1.1 299 Odd\r\nX-Case: B\r\ncontent-length: 2\r\n\r\nok');
  expect([answer.status, answer.response?.complete]).toEqual([299, true]);
  expect((await upstream.connection(0)).received()).toEqual(bytes);
  await upstream.close();
});

test('both sides learn how the other ended: in order or by a reset', async () => {
  const upstream = await startRawUpstream();
  for (const [index, end] of (['end', 'reset'] as const).entries()) {
    const client = await connectRaw(upstream.port);
    const server = await upstream.connection(index);
    await client.send('x');
    await server.until('x');
    client[end]();
    server.end();
    expect(await server.closed).toBe(end);
  }
  const client = await connectRaw(upstream.port);
  const server = await upstream.connection(2);
  server.reset();
  expect(await client.closed).toBe('reset');
  await expect(client.until('never')).rejects.toThrow('ended (reset) after 0 bytes');
  await upstream.close();
});

test('a client that does not read is felt by a real server', async () => {
  const server = createServer((_, response) => {
    let room = true;
    for (let n = 0; n < 1000 && room; n += 1) room = response.write(Buffer.alloc(65_536));
    response.write('end');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await connectRaw((server.address() as AddressInfo).port);
  client.pause();
  await client.send(requestBytes('GET', '/', { host: 'x' }));
  await once(server, 'request');
  expect(client.received()).toHaveLength(0);
  client.resume();
  await client.until('end');
  client.reset();
  server.closeAllConnections();
  server.close();
});

test('two requests on one connection are read one after the other', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    for (let n = 1; n <= 2; n += 1) {
      const { startLine } = await connection.message();
      await connection.send(`HTTP/1.1 200 OK\r\ncontent-length: ${startLine.length}\r\n\r\n${startLine}`);
    }
  });
  const client = await connectRaw(upstream.port);
  await client.send(Buffer.concat([requestBytes('GET', '/1', {}), requestBytes('POST', '/2', {}, 'b')]));
  expect(String((await client.message()).body)).toBe('GET /1 HTTP/1.1');
  expect(String((await client.message()).body)).toBe('POST /2 HTTP/1.1');
  client.reset();
  await upstream.close();
});

test('what does not come is an error that shows what came, and a script that fails is one too', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    await connection.send('HTTP/1.1 200 OK\r\n');
    throw new Error('my script is wrong');
  });
  const client = await connectRaw(upstream.port);
  await client.until('OK');
  await expect(client.until('never', 1)).rejects.toThrow('HTTP/1.1 200 OK');
  await expect(upstream.connection(5, 1)).rejects.toThrow('connection 5 did not come within 1 ms; 1 did');
  await expect(upstream.close()).rejects.toThrow('a script of the raw upstream failed');
});

test('an ordinary client is served by a script', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    await connection.message();
    await connection.send('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello');
  });
  const asked = request(upstream.url, { agent: false }).end();
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  expect(Buffer.concat(parts).toString()).toBe('hello');
  await upstream.close();
});
