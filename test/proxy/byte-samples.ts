import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';

export const fixtureBytes = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** The bytes in pieces, cut at these places (each modulo the length); empty pieces included. */
export const cutAt = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...sorted].map((from, n) => bytes.subarray(from, sorted[n] ?? bytes.length));
};

export const anyPlaces = fc.array(fc.nat(), { maxLength: 20 });

export const oneByOne = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, n) => bytes.subarray(n, n + 1));

type Captured = {
  method: string;
  target: string;
  raw: string[];
  headers: Record<string, string>;
  body: Buffer;
};

/** A captured request: `name.http`. Header names in `headers` are in lower case. */
export const captured = (name: string): Captured => {
  const text = fixtureBytes(`${name}.http`).toString();
  const [head = '', ...rest] = text.replace(/^#.*\n/gm, '').split('\n\n');
  const [start = '', ...lines] = head.split('\n');
  const [method = '', target = ''] = start.split(' ');
  const pairs = lines.map(
    (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const,
  );
  return {
    method,
    target,
    raw: pairs.flat(),
    headers: Object.fromEntries(pairs.map(([key, value]) => [key.toLowerCase(), value])),
    body: Buffer.from(rest.join('\n\n')),
  };
};
