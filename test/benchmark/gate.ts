// `npm run bench:gate`: what the gate costs a request, in microseconds, as a pure function over the headers of real
// clients. Exit code 1 when it misses its goal.

import { clientAddressOf, mayConnect } from '../../source/proxy/client-address.ts';
import { gate, type GateInput, type GateRules } from '../../source/proxy/gate.ts';
import { hopsOf, isLoop, newHopMark } from '../../source/proxy/loop.ts';
import { captured } from '../proxy/byte-samples.ts';

const goalUs = 5;
const calls = 200_000;
const rounds = 9;

const clients = ['cc-messages-authtoken', 'cc-models-discovery', 'sdk-messages-stream', 'openai-chat-stream'];

const rules: GateRules = {
  host: '127.0.0.1',
  port: 4180,
  secure: false,
  allowedHosts: ['box.lan', 'dev.local:8443', '[fd00::1]'],
  allowedOrigins: ['https://app.example', 'https://other.example'],
};
const addresses = { allowedAddresses: ['192.168.1.0/24', '2001:db8::/32'], trustedProxies: ['10.0.0.1'] };
const own = newHopMark();

const inputOf = (name: string): GateInput => {
  const { headers, raw, target } = captured(name);
  const host = `127.0.0.1:${rules.port}`;
  const rawHeaders = raw.map((text, n) =>
    raw[n - 1]?.toLowerCase() === 'host' && n % 2 === 1 ? host : text,
  );
  return { method: 'POST', rawHeaders, headers: { ...headers, host }, target };
};

/** All that is asked of a request before its key. */
const pass = (input: GateInput, peer: string): boolean => {
  const address = clientAddressOf(peer, undefined, addresses);
  const { connection } = input.headers;
  return (
    mayConnect(address, addresses) &&
    gate(input, rules) === null &&
    !isLoop(hopsOf(typeof connection === 'string' ? connection : undefined), own)
  );
};

const measure = (inputs: readonly GateInput[], peer: string): number => {
  let passed = 0;
  const started = process.hrtime.bigint();
  for (let n = 0; n < calls; n += 1) {
    const input = inputs[n % inputs.length];
    if (input !== undefined && pass(input, peer)) passed += 1;
  }
  const ns = Number(process.hrtime.bigint() - started);
  if (passed !== calls) throw new Error(`the gate let ${passed} of ${calls} pass`);
  return ns / calls / 1000;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

let missed = false;
for (const peer of ['127.0.0.1', '::ffff:192.168.1.7']) {
  const inputs = clients.map(inputOf);
  measure(inputs, peer);
  const us = median(Array.from({ length: rounds }, () => measure(inputs, peer)));
  missed ||= us > goalUs;
  process.stdout.write(
    `${us <= goalUs ? 'ok    ' : 'MISSED'} gate, from ${peer}: ${us.toFixed(2)} us a request (goal ≤ ${goalUs})\n`,
  );
}
process.exitCode = missed ? 1 : 0;
