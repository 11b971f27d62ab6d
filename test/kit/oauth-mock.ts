import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What the token endpoint does to one call instead of what it should. */
export type OauthFault =
  /** Answers this, and rotates nothing. */
  | { status: number; body: string; headers?: Record<string, string> }
  /** Ends the connection, before or after it has rotated. */
  | { reset: 'before' | 'after' }
  /** Never answers, before or after it has rotated. */
  | { hang: 'before' | 'after' }
  /** Rotates, and answers with these fields in place of its own; undefined leaves one out. */
  | { fields: Record<string, unknown> };

export type OauthCall = { grant: string; token: string; outcome: 'granted' | 'refused' | 'faulty' };

export type Grant = { accessToken: string; refreshToken: string };

type Family = {
  name: string;
  current: string;
  access: string;
  used: Set<string>;
  revoked: boolean;
  count: number;
};

type Code = { name: string; challenge: string; redirectUri: string; state: string };

const readBody = async (request: IncomingMessage): Promise<Record<string, string>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, string>;
  } catch {
    return {};
  }
};

const send = (response: ServerResponse, status: number, body: string, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
};

/** What goes wrong before anything is granted. */
const isEarly = (fault: OauthFault): boolean =>
  'status' in fault ||
  ('reset' in fault && fault.reset === 'before') ||
  ('hang' in fault && fault.hang === 'before');

const refusal = JSON.stringify({
  error: 'invalid_grant',
  error_description: 'Refresh token not found or invalid',
});

/** An authorisation server on loopback whose refresh tokens can be used once; who uses one again loses all of them. */
export class OauthMock {
  readonly #families: Family[] = [];
  readonly #codes = new Map<string, Code>();
  readonly #ended = new Set<string>();
  readonly #faults: OauthFault[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  /** Every call of the token endpoint, oldest first. */
  readonly calls: OauthCall[] = [];
  /** How often a refresh token came that had been used before. */
  reuses = 0;
  /** Calls under way at the same moment, at most so far. */
  mostAtOnce = 0;
  #atOnce = 0;
  /** Waited for before and after a rotation, for each call. */
  beforeRotation: () => Promise<unknown> = async () => undefined;
  afterRotation: () => Promise<unknown> = async () => undefined;
  /** No provider takes any access token. */
  grantsNothing = false;
  /** What a token lives, in seconds. */
  expiresIn = 28_800;
  /** Told when a call has come to where it hangs: from then on it is certain that no answer comes. */
  onHang: () => void = () => undefined;
  url = '';

  async listen(): Promise<this> {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  get tokenUrl(): string {
    return `${this.url}/v1/oauth/token`;
  }

  get authorizeUrl(): string {
    return `${this.url}/oauth/authorize`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A new login, as if somebody had signed in elsewhere. */
  issue(name = 'work'): Grant {
    const family: Family = { name, current: '', access: '', used: new Set(), revoked: false, count: 0 };
    this.#families.push(family);
    return this.#rotate(family);
  }

  /** The next call of the token endpoint goes wrong like that; the ones after it have their own. */
  fail(...faults: OauthFault[]): void {
    this.#faults.push(...faults);
  }

  /** Ends the login behind that refresh token. */
  revoke(refreshToken: string): void {
    const family = this.#familyOf(refreshToken);
    if (family !== undefined) family.revoked = true;
  }

  /** Whether the refresh token would be taken now. */
  isLive(refreshToken: string): boolean {
    return this.#families.some(({ current, revoked }) => current === refreshToken && !revoked);
  }

  /** Whether a provider would take that access token: it is the newest one of its login, and was not ended. */
  isNewest(accessToken: string): boolean {
    return (
      !this.grantsNothing &&
      !this.#ended.has(accessToken) &&
      this.#families.some(({ access }) => access === accessToken)
    );
  }

  /** No provider takes that access token any more. */
  expire(accessToken: string): void {
    this.#ended.add(accessToken);
  }

  /** Resolves when the token endpoint has been called so often. */
  async called(times: number): Promise<void> {
    while (this.calls.length < times) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #familyOf(refreshToken: string): Family | undefined {
    return this.#families.find(({ current, used }) => current === refreshToken || used.has(refreshToken));
  }

  #rotate(family: Family): Grant {
    if (family.current !== '') family.used.add(family.current);
    family.count += 1;
    const part = `${family.name}-${family.count}-${randomBytes(12).toString('hex')}`;
    family.current = `sk-ant-ort01-${part}`;
    family.access = `sk-ant-oat01-${part}`;
    return { accessToken: family.access, refreshToken: family.current };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/oauth/authorize') return this.#authorize(url, response);
    if (url.pathname !== '/v1/oauth/token' || request.method !== 'POST') return send(response, 404, '{}');
    const fields = await readBody(request);
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    try {
      await this.#answer(fields, response);
    } finally {
      this.#atOnce -= 1;
    }
  }

  #note(fields: Record<string, string>, outcome: OauthCall['outcome']): void {
    const { grant_type: grant = '', refresh_token: refresh, code = '' } = fields;
    this.calls.push({ grant, token: refresh ?? code, outcome });
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #answer(fields: Record<string, string>, response: ServerResponse): Promise<void> {
    const fault: OauthFault = this.#faults.shift() ?? { fields: {} };
    if (isEarly(fault)) {
      this.#note(fields, 'faulty');
      if ('status' in fault) send(response, fault.status, fault.body, fault.headers);
      else if ('reset' in fault) response.destroy();
      else this.onHang();
      return;
    }
    await this.beforeRotation();
    const family = this.#grantedTo(fields);
    this.#note(fields, family === null ? 'refused' : 'granted');
    if (family === null) return send(response, 400, refusal);
    const grant = this.#rotate(family);
    await this.afterRotation();
    if ('hang' in fault) return this.onHang();
    if ('reset' in fault) return void response.destroy();
    send(
      response,
      200,
      JSON.stringify({ ...this.#fieldsOf(family, grant), ...('fields' in fault ? fault.fields : {}) }),
    );
  }

  #fieldsOf({ name }: Family, { accessToken, refreshToken }: Grant): Record<string, unknown> {
    return {
      token_type: 'Bearer',
      access_token: accessToken,
      refresh_token: refreshToken,
      expires_in: this.expiresIn,
      scope: 'user:profile user:inference',
      organization: { uuid: `org-${name}`, name: `Organisation of ${name}` },
      account: { uuid: `account-${name}`, email_address: `${name}@example.com` },
    };
  }

  /** Whose login it is; null when what was shown gives a right to none. */
  #grantedTo(fields: Record<string, string>): Family | null {
    return fields['grant_type'] === 'authorization_code' ? this.#ofCode(fields) : this.#ofToken(fields);
  }

  #ofToken({ refresh_token: token = '' }: Record<string, string>): Family | null {
    const family = this.#familyOf(token);
    if (family === undefined) return null;
    if (family.current !== token) {
      // The token of somebody who has been overtaken, or of a thief: nobody can tell, so nobody keeps it.
      this.reuses += 1;
      family.revoked = true;
    }
    return family.revoked ? null : family;
  }

  #ofCode({ code = '', code_verifier: verifier = '', ...fields }: Record<string, string>): Family | null {
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    if (
      known === undefined ||
      known.redirectUri !== fields['redirect_uri'] ||
      known.state !== fields['state']
    ) {
      return null;
    }
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (challenge !== known.challenge) return null;
    const family: Family = {
      name: known.name,
      current: '',
      access: '',
      used: new Set(),
      revoked: false,
      count: 0,
    };
    this.#families.push(family);
    return family;
  }

  /** Says yes at once, as somebody who is signed in already would: the redirect carries code and state. */
  #authorize(url: URL, response: ServerResponse): void {
    const asked = (name: string): string => url.searchParams.get(name) ?? '';
    const code = randomBytes(16).toString('hex');
    const [redirectUri, state] = [asked('redirect_uri'), asked('state')];
    if (
      asked('response_type') !== 'code' ||
      asked('code_challenge_method') !== 'S256' ||
      redirectUri === ''
    ) {
      return send(response, 400, '{}');
    }
    this.#codes.set(code, { name: 'signed-in', challenge: asked('code_challenge'), redirectUri, state });
    const target = new URL(redirectUri);
    target.searchParams.set('code', code);
    target.searchParams.set('state', state);
    response.writeHead(302, { location: target.href }).end();
  }
}

/** Ends with the test that starts it, when that passes it on to a clean-up. */
export const startOauthMock = (): Promise<OauthMock> => new OauthMock().listen();
