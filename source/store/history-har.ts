import { STATUS_CODES } from 'node:http';
import type { CapturedRequest } from '../shared/capture.ts';
import type { HistoryRow } from './history-row.ts';
import { harRequest, harResponse } from './har-capture.ts';

// HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/). Headers and bodies are there where they were
// captured; the format has -1 for what is not known, and takes keys of one's own that begin with an underscore.

/** Of the host nothing is kept: it is this machine's. */
const host = 'http://localhost';

/** Clients may ask for anything; a path that is none is written as one. */
const urlOf = (path: string): string => {
  const url = new URL(host);
  url.pathname = path;
  return url.href;
};

/** What `har` begins with, up to its first entry. */
export const harHead = (version: string): string =>
  `{"log":{"version":"1.2","creator":${JSON.stringify({ name: 'ccr-tui', version })},"entries":[\n`;

export const harTail = '\n]}}\n';

/** A file that others have written may hold what is no time, and JSON has no word for it. */
const timeOf = (ms: number): number => (Number.isFinite(ms) ? ms : 0);

const timingsOf = (row: HistoryRow) => {
  const blocked = timeOf(row.waitMs);
  const total = timeOf(row.totalMs);
  const first = Math.max(blocked, timeOf(row.firstByteMs ?? total));
  const receive = Math.max(0, total - first);
  return { blocked, dns: -1, connect: -1, ssl: -1, send: 0, wait: first - blocked, receive };
};

/** One request as an entry. `time` is the sum of the timings that are known, as the format wants it. */
export const harEntry = (
  row: HistoryRow,
  captured: CapturedRequest | null = null,
): Record<string, unknown> => {
  const timings = timingsOf(row);
  const { id, method, path, status, tokens, attempts } = row;
  const { agent, client, session, project, model, account, outcome, costUsd, costKind, stopReason, error } =
    row;
  return {
    startedDateTime: row.at,
    time: timings.blocked + timings.send + timings.wait + timings.receive,
    request: {
      method,
      url: urlOf(path),
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [],
      queryString: [],
      headersSize: -1,
      bodySize: -1,
      ...(captured === null ? {} : harRequest(captured)),
    },
    response: {
      // 0: no answer.
      status: status ?? 0,
      statusText: STATUS_CODES[status ?? 0] ?? '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [],
      content: { size: -1, mimeType: row.stream ? 'text/event-stream' : 'application/json' },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
      ...(captured?.answer ? harResponse(captured.answer) : {}),
    },
    cache: {},
    timings,
    _ccr: {
      id,
      agent,
      client,
      session,
      project,
      model,
      account,
      outcome,
      attempts,
      tokens,
      costUsd,
      costKind,
      stopReason,
      error,
    },
  };
};
