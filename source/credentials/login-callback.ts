import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CcrError } from '../shared/errors.ts';
import { replyInQuery, type SignInReply, type SignInVerdict } from './oauth-login.ts';

/** What waits on this machine for the browser to come back from a sign-in. */
export type LoginCallback = {
  /** What the provider leads the browser to. */
  redirectUri: string;
  /** From now on what comes is judged, and answered with a page that says what the verdict was. */
  listen(judge: (reply: SignInReply) => SignInVerdict): void;
  /** Nobody is let in any more, and who is connected is cut, once the page on its way is out. Again = nothing. */
  close(): Promise<void>;
};

const path = '/callback';

type Page = { status: number; title: string; text: string };

const pages: Readonly<Record<SignInVerdict['kind'] | 'not-here' | 'not-yet', Page>> = {
  accepted: {
    status: 200,
    title: 'Almost done',
    text: 'ccr-tui has the code. Close this page and go back to it.',
  },
  denied: { status: 200, title: 'Not signed in', text: 'The sign-in was refused. Go back to ccr-tui.' },
  'wrong-state': {
    status: 400,
    title: 'Refused',
    text: 'This sign-in was not begun by the ccr-tui that runs now.',
  },
  spent: { status: 410, title: 'Refused', text: 'This sign-in has its code already.' },
  expired: { status: 410, title: 'Too late', text: 'This sign-in has taken too long. Begin it again.' },
  'no-code': { status: 400, title: 'Refused', text: 'There is no code in this address.' },
  'not-here': { status: 404, title: 'Nothing here', text: 'This address only takes the end of a sign-in.' },
  'not-yet': { status: 503, title: 'Not yet', text: 'No sign-in has begun.' },
};

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

// Nothing of a request ever stands on the page.
const send = (response: ServerResponse, { status, title, text }: Page): void => {
  response
    .writeHead(status, headers)
    .end(`<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${text}</p>\n`);
};

const misdirected: Page = { status: 421, title: 'Refused', text: 'This is not the address of ccr-tui.' };

/** How long the last page may take to go out before its connection is cut. */
const lastPageMs = 500;

const cannotListen = (cause: unknown): CcrError =>
  new CcrError('sign_in_failed', 'nothing on this machine can wait for the browser', {
    hint: 'a port of 127.0.0.1 could not be opened',
    cause,
  });

/** Listens on a free port of 127.0.0.1. Rejects with `sign_in_failed` when there is none. */
export const openLoginCallback = async (): Promise<LoginCallback> => {
  const { createServer } = await import('node:http');
  let judge: ((reply: SignInReply) => SignInVerdict) | null = null;
  let hosts: readonly string[] = [];

  const pageFor = ({ method, url = '', headers: { host = '' } }: IncomingMessage): Page => {
    // A page of elsewhere whose name leads here (DNS rebinding) has that name in its Host.
    if (!hosts.includes(host.toLowerCase())) return misdirected;
    const found = URL.parse(url, `http://${hosts[0] ?? ''}`);
    if (method !== 'GET' || found === null || found.pathname !== path) return pages['not-here'];
    return judge === null ? pages['not-yet'] : pages[judge(replyInQuery(found.searchParams)).kind];
  };

  const server = createServer({ maxHeaderSize: 16_384, headersTimeout: 5000, requestTimeout: 5000 });
  server.maxConnections = 16;
  server.on('request', (request, response) => send(response, pageFor(request)));
  await new Promise<void>((resolve, reject) => {
    // It stays: an error that nobody listens for, such as of too many open files, would end the process.
    server.on('error', (error) => reject(cannotListen(error)));
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  hosts = [`localhost:${port}`, `127.0.0.1:${port}`];
  let closed: Promise<void> | null = null;

  return {
    redirectUri: `http://localhost:${port}${path}`,
    listen(given) {
      judge = given;
    },
    close: () =>
      (closed ??= new Promise<void>((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), lastPageMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      })),
  };
};
