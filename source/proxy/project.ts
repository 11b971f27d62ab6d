import type { IncomingHttpHeaders } from 'node:http';
import { nameWithoutKey } from '../shared/client-key.ts';
import { maskTokens } from '../shared/mask-tokens.ts';
import { sanitize } from '../shared/sanitize.ts';

/** Consumed here: no header of ours is sent upstream. */
const header = 'x-ccr-project';

const longest = 64;

/** Node reads a header byte by byte; names are written in UTF-8. What is none is taken as it came. */
const textOf = (value: string): string => {
  const utf8 = Buffer.from(value, 'latin1').toString('utf8');
  return utf8.includes('\ufffd') ? value : utf8;
};

/**
 * What a request was for: the label that it carries itself, else the name of its client key; null when it has neither.
 * At most 64 characters, safe on a terminal, and nothing that looks like a credential.
 */
export const projectOf = (headers: IncomingHttpHeaders, client: string): string | null => {
  const given = headers[header];
  const label = typeof given === 'string' ? sanitize(maskTokens(textOf(given).trim()), longest) : '';
  if (label !== '') return label;
  return client === nameWithoutKey ? null : client;
};
