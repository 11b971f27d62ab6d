import { afterEach, expect, test } from 'vitest';
import { connectRaw } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { answerAll, answerBytes, endAll, ending, hungUp, startProxy } from './start-proxy.ts';

afterEach(endAll);

const refused = [
  ['a foreign Host', 'GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n', '421'],
  ['no key', 'GET /v1/models HTTP/1.1\r\nHost: HOST\r\n\r\n', '401'],
  ['no key, on a path where nothing is', 'GET /nothing HTTP/1.1\r\nHost: HOST\r\n\r\n', '401'],
  [
    'an unknown coding',
    'GET / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    '501',
  ],
] as const;

test.each(refused)('behind %s nothing runs: its answer would reach nobody', async (_, bytes, status) => {
  const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
  const proxy = await startProxy([{ name: 'work', url: upstream.url }], {
    config: { requireClientKey: status === '401' },
  });
  const client = await connectRaw(proxy.port);
  const behind = 'GET /v1/models HTTP/1.1\r\nHost: HOST\r\n\r\nGET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n';
  await client.send((bytes + behind).replaceAll('HOST', proxy.host));
  const answer = await client.message();
  expect(answer.startLine).toContain(status);
  expect(answer.header('connection')).toBe('close');
  expect(await hungUp(client)).not.toBe('none');
  expect(
    client
      .received()
      .toString()
      .match(/HTTP\/1\.1/g),
  ).toHaveLength(1);
  expect(upstream.connections).toHaveLength(0);
});
