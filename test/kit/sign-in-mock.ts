import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Fields = Readonly<Record<string, string>>;
type Asked = { scope: string; challenge: string; redirectUri: string; state: string };

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

const sendJson = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

/**
 * A provider on loopback at which somebody signs in: the page of logins and that of the Console, the exchange of codes (each
 * once, with its verifier, state and redirect address), and the making of API keys. Ends with the test.
 */
export class SignInMock {
  /** Who signs in next. */
  account: unknown = { uuid: 'account-1', email_address: 'me@example.com' };
  organization: unknown = { uuid: 'org-1', name: 'Work Org' };
  /** Fields of the answer that stand in place of its own; undefined leaves one out. */
  fields: Record<string, unknown> = {};
  /** The answer to the wish for a key, when it is another one than the key. */
  keyAnswer: { status: number; body: unknown } | null = null;
  /** Called when a key is wished for. */
  onKey: () => void = () => undefined;
  /** Bodies of the calls of the token endpoint. */
  readonly exchanges: Fields[] = [];
  readonly keys: string[] = [];
  /** What `Authorization` held in requests for anything else. */
  readonly served: (string | undefined)[] = [];
  readonly #codes = new Map<string, Asked>();
  readonly #tokens = new Map<string, string>();
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  url = '';

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** The settings that lead here. */
  settings(): Record<string, string> {
    return {
      'oauth.authorizeUrl': `${this.url}/cai/oauth/authorize`,
      'oauth.consoleAuthorizeUrl': `${this.url}/oauth/authorize`,
      'oauth.tokenUrl': `${this.url}/v1/oauth/token`,
      'oauth.profileUrl': `${this.url}/api/oauth/profile`,
    };
  }

  /** Says yes at that address, as a person with a browser would; where the browser is led then. */
  signIn(address: string): URL {
    const { origin, pathname, searchParams } = new URL(address);
    if (origin !== this.url || !/^(?:\/cai)?\/oauth\/authorize$/.test(pathname)) {
      throw new Error(`not a page to sign in at: ${address}`);
    }
    const asked = (name: string): string => searchParams.get(name) ?? '';
    if (asked('response_type') !== 'code' || asked('code_challenge_method') !== 'S256') {
      throw new Error('no PKCE');
    }
    const code = `code-${randomBytes(12).toString('hex')}`;
    const [redirectUri, state] = [asked('redirect_uri'), asked('state')];
    this.#codes.set(code, { scope: asked('scope'), challenge: asked('code_challenge'), redirectUri, state });
    const target = new URL(redirectUri);
    target.searchParams.set('code', code);
    target.searchParams.set('state', state);
    return target;
  }

  /** The same by the page that shows its code: what one copies from there. */
  codeFrom(address: string): string {
    const { searchParams } = this.signIn(address);
    return `${searchParams.get('code')}#${searchParams.get('state')}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const { pathname, href } = new URL(request.url ?? '/', this.url);
    if (pathname.endsWith('/oauth/authorize')) {
      response.writeHead(302, { location: this.signIn(href).href }).end();
    } else if (pathname === '/v1/oauth/token') {
      this.#exchange(JSON.parse(await bodyOf(request)) as Fields, response);
    } else if (pathname === '/api/oauth/claude_cli/create_api_key' && request.method === 'POST') {
      this.#makeKey(request.headers.authorization ?? '', response);
    } else {
      this.served.push(request.headers.authorization);
      sendJson(response, 404, {});
    }
  }

  #exchange(fields: Fields, response: ServerResponse): void {
    this.exchanges.push(fields);
    const asked = this.#codes.get(fields['code'] ?? '');
    this.#codes.delete(fields['code'] ?? '');
    const challenge = createHash('sha256')
      .update(fields['code_verifier'] ?? '')
      .digest('base64url');
    const isRight =
      fields['grant_type'] === 'authorization_code' &&
      asked?.challenge === challenge &&
      asked.redirectUri === fields['redirect_uri'] &&
      asked.state === fields['state'];
    if (!isRight) return sendJson(response, 400, { error: 'invalid_grant', error_description: 'wrong code' });
    const part = randomBytes(12).toString('hex');
    this.#tokens.set(`sk-ant-oat01-marker-${part}`, asked.scope);
    sendJson(response, 200, {
      token_type: 'Bearer',
      access_token: `sk-ant-oat01-marker-${part}`,
      refresh_token: `sk-ant-ort01-marker-${part}`,
      expires_in: 28_800,
      scope: asked.scope,
      organization: this.organization,
      account: this.account,
      ...this.fields,
    });
  }

  #makeKey(authorization: string, response: ServerResponse): void {
    this.onKey();
    const scope = this.#tokens.get(authorization.replace('Bearer ', '')) ?? '';
    if (this.keyAnswer !== null) return sendJson(response, this.keyAnswer.status, this.keyAnswer.body);
    if (!scope.split(' ').includes('org:create_api_key')) {
      return sendJson(response, 403, { error: { type: 'permission_error', message: 'not allowed' } });
    }
    const key = `sk-ant-api03-marker-${randomBytes(12).toString('hex')}`;
    this.keys.push(key);
    sendJson(response, 200, { raw_key: key });
  }
}

/** Ends with the test. */
export const startSignInMock = async (): Promise<SignInMock> => {
  const mock = await new SignInMock().listen();
  onTestFinished(() => mock.close());
  return mock;
};
