import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { connectRaw } from '../kit/raw-client.ts';
import { clientAddressOf, mayConnect, mayOpen, plainAddress } from '../../source/proxy/client-address.ts';
import { ask, endAll, headerOf, hungUp, startPair, startProxy } from './start-proxy.ts';
import { numRuns } from '../kit/long-run.ts';

afterEach(endAll);

const trustedProxies = ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'];
const of = (peer: string, forwarded?: string, trusted: string[] = trustedProxies): string =>
  clientAddressOf(peer, forwarded, { trustedProxies: trusted });

describe('the address of a client', () => {
  test.each([
    ['without trusted forwarders is the peer', '127.0.0.1', '6.6.6.6', [], '127.0.0.1'],
    ['is what a trusted forwarder says', '127.0.0.1', '6.6.6.6', trustedProxies, '6.6.6.6'],
    ['is never what somebody else says', '9.9.9.9', '127.0.0.1', trustedProxies, '9.9.9.9'],
    [
      'is the last that was not added by ours',
      '10.1.1.1',
      '1.1.1.1, 6.6.6.6, 10.2.2.2',
      trustedProxies,
      '6.6.6.6',
    ],
    ['is the first of all when all are ours', '10.1.1.1', '10.3.3.3, 10.2.2.2', trustedProxies, '10.3.3.3'],
    ['stops before what is no address', '10.1.1.1', '6.6.6.6, unknown', trustedProxies, '10.1.1.1'],
    ['may have a port', '10.1.1.1', '6.6.6.6:123', trustedProxies, '6.6.6.6'],
    ['may be in brackets', '10.1.1.1', '[2001:db8::1]:123', trustedProxies, '2001:db8::1'],
    ['is IPv4 also on a socket of both kinds', '::ffff:10.1.1.1', '6.6.6.6', trustedProxies, '6.6.6.6'],
    ['of IPv6 forwarders', 'fd00::1', '2001:db8::1', trustedProxies, '2001:db8::1'],
    ['with an empty header', '10.1.1.1', '', trustedProxies, '10.1.1.1'],
  ])('%s', (_, peer, forwarded, trusted, expected) => expect(of(peer, forwarded, trusted)).toBe(expected));

  test('never throws, and is the peer or an address that stood there', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6())), (peer, parts) => {
        const found = of(peer, parts.join(','));
        expect(found === plainAddress(peer) || parts.join(',').includes(found)).toBe(true);
      }),
      { numRuns },
    );
  });
});

describe('who may connect', () => {
  const rules = { allowedAddresses: ['192.168.1.0/24', '2001:db8::7'], trustedProxies: ['10.0.0.1'] };
  test.each([
    ['192.168.1.9', true, true],
    ['192.168.2.9', false, false],
    ['2001:db8::7', true, true],
    ['2001:db8::8', false, false],
    ['10.0.0.1', false, true],
    ['127.0.0.1', true, true],
    ['::1', true, true],
    ['', false, false],
  ])('%s: as a client %s, as a connection %s', (address, client, connection) => {
    expect([mayConnect(address, rules), mayOpen(address, rules)]).toEqual([client, connection]);
    expect(mayConnect(address, { ...rules, allowedAddresses: [] })).toBe(true);
  });

  test('a client behind a forwarder is judged by its own address, on every route', async () => {
    const config = { allowedAddresses: ['192.168.1.0/24'], trustedProxies: ['127.0.0.1'] };
    const pair = await startPair(undefined, { config });
    const status = async (forwarded: string, path = '/v1/messages', method = 'POST') => {
      const answer = await ask(pair, { method, path, headers: { 'x-forwarded-for': forwarded } });
      return `${answer.status} ${headerOf(answer, 'x-ccr-error') ?? ''}`;
    };
    expect(await status('192.168.1.7')).toBe('200 ');
    expect((await pair.row()).clientAddress).toBe('192.168.1.7');
    for (const path of ['/', '/healthz', '/nothing']) {
      expect(await status('192.168.2.7', path, 'GET')).toBe('403 address_refused');
    }
    expect(await status('192.168.1.7, 192.168.2.7')).toBe('403 address_refused');
    expect(pair.upstream.requests).toHaveLength(1);
  });

  test('this machine may, whatever the list says', async () => {
    const proxy = await startProxy([], { config: { allowedAddresses: ['192.0.2.1'] } });
    expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
    const client = await connectRaw(proxy.port);
    client.reset();
    await hungUp(client);
  });
});
